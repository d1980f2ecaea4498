"""Intermediaries: everyone reads the table of 25 districts, city staff keeps it."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants import intermediaries
from services.grants.pages.reading import Reader
from services.grants.policy import city_date
from shared import clock
from shared.districts import BY_CODE, DISTRICTS
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database

MODE_WORDS: dict[str, Any] = {
    "commissioned": lazy_gettext("민간위탁"),
    "direct": lazy_gettext("직영"),
    "subsidised": lazy_gettext("민간보조"),
    "none": lazy_gettext("없음"),
}
MODE_TONES = {"commissioned": "success", "direct": "info", "subsidised": "wood", "none": "neutral"}


def index() -> ResponseReturnValue:
    """How each district's intermediary is run and funded in a year."""
    wanted = request.args.get("year", "")
    with database().read() as session:
        known = intermediaries.years(session)
        year = _year(wanted) or (known[0] if known else city_date(clock.now()).year)
        rows = intermediaries.of_year(session, year)
    return render_template(
        "grants/intermediaries.html",
        districts=DISTRICTS,
        rows=rows,
        year=year,
        years=known,
        number=sum(row.mode != "none" for row in rows.values()),
        funding_won=sum(row.funding_won for row in rows.values()),
        by_mode={mode: sum(row.mode == mode for row in rows.values()) for mode in MODE_WORDS},
        may_edit=current_actor().has(Role.CITY_STAFF),
        mode_words=MODE_WORDS,
        mode_tones=MODE_TONES,
    )


def edit(district: str) -> ResponseReturnValue:
    """One district's form."""
    if district not in BY_CODE:
        raise Refusal("not_found", 404)
    with database().read() as session:
        known = intermediaries.years(session)
        year = _year(request.args.get("year", "")) or (known[0] if known else city_date(clock.now()).year)
        row = intermediaries.of_year(session, year).get(district)
    names = ("mode", "operator", "funding_won")
    return _form(district, {"year": year} | {name: getattr(row, name) for name in names if row})


def save(district: str) -> ResponseReturnValue:
    """Keep it."""
    typed = Reader(request.form)
    year = typed.number("year")
    try:
        intermediaries.put(
            database(),
            current_actor(),
            clock.now(),
            district=district,
            year=year,
            mode=typed.text("mode"),
            operator=typed.text("operator"),
            funding_won=typed.won("funding_won"),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(district, request.form, refusal), refusal.status
    flash(_("저장했습니다."), "success")
    return redirect(url_for("intermediaries.index", year=year))


def _form(district: str, typed: Any, refusal: Refusal | None = None) -> str:
    return render_template(
        "grants/intermediary_form.html",
        district=district,
        typed=typed,
        modes=MODE_WORDS,
        **said(refusal),
    )


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"20\d\d", text, re.ASCII) else None
