"""내 정보: how to reach me, in which language, where I live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import people
from services.booking.schemas.people import MeForm
from shared.clock import now
from shared.districts import DISTRICTS, name_of
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.settings import Settings
from shared.web.errors import field_sentences, refusal_of_validation
from shared.web.navigation import service_url
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """The form, filled with what I told."""
    known = people.about_me(database(), current_actor())
    typed = {name: getattr(known, name) or "" for name in ("email", "phone", "language", "district")}
    return _form({**typed, "channels": known.channels})


def save() -> ResponseReturnValue:
    """Keep it; a refusal shows the form again as it was typed."""
    given = {**request.form.to_dict(), "channels": request.form.getlist("channels")}
    try:
        people.tell_about_me(database(), current_actor(), now(), **MeForm().load(given))
    except ValidationError as error:
        return _form(given, refusal_of_validation(error))
    except Refusal as refusal:
        return _form(given, refusal)
    flash(_("내 정보를 저장했습니다."), "success")
    return redirect(service_url("booking", "/me"))


def _form(typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["maru.settings"]
    page = render_template(
        "booking/me.html",
        typed=typed,
        errors=field_sentences(refusal) if refusal else {},
        districts=[(each.code, name_of(each.code, str(get_locale()))) for each in DISTRICTS],
        ways={"email": bool(settings.smtp), "sms": bool(settings.sms_url)},
    )
    return page, refusal.status if refusal else 200
