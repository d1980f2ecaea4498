"""The poster with a unit's check-in code, to print and hang up."""

from __future__ import annotations

import segno
from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from services.booking import check_in
from shared.clock import now
from shared.identity.access import current_actor
from shared.settings import Settings
from shared.web.navigation import service_url
from shared.web.pages import database


def show(unit_id: int) -> ResponseReturnValue:
    """The poster; the first look makes the code."""
    unit, code = check_in.code_of(database(), current_actor(), now(), unit_id)
    settings: Settings = current_app.extensions["maru.settings"]
    base = settings.public_url or request.host_url.rstrip("/")
    short = base + service_url("booking", "/check-in")
    drawn = segno.make(f"{short}/{code}", error="m", micro=False)
    picture = drawn.svg_inline(
        omitsize=True, border=2, svgclass="poster__code", lineclass=None, dark="#000", light="#fff"
    )
    # Ours alone: segno draws numbers from an address that we made.
    return render_template(
        "booking/poster.html",
        unit=unit,
        code="-".join(code[start : start + 4] for start in range(0, len(code), 4)),
        address=short.partition("://")[2],
        picture=Markup(picture),  # noqa: S704
    )


def renew(unit_id: int) -> ResponseReturnValue:
    """A new code: posters that hang somewhere become worthless."""
    check_in.code_of(database(), current_actor(), now(), unit_id, renew=True)
    flash(_("새 코드를 만들었습니다. 걸어 둔 안내문을 바꿔 주세요."), "success")
    return redirect(service_url("booking", f"/manage/units/{unit_id}/poster"))
