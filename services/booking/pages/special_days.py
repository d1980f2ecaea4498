"""A unit's special days: other hours on a date, or closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import special_days, unit_rules
from services.booking.pages.rule_hours import CLOCKS
from services.booking.pages.rules import saved_text
from services.booking.schemas.rules import SpecialDayForm
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(unit_id: int) -> ResponseReturnValue:
    """The coming special days, and a form for one more (`?day=` fills it)."""
    return _page(unit_id, {"day": request.args.get("day", "")})


def save(unit_id: int) -> ResponseReturnValue:
    """Set a special day; the answer says which reservations no longer fit."""
    unit_rules.read(database(), current_actor(), unit_id)
    try:
        form = SpecialDayForm().load(request.form)
        outcome = special_days.put(database(), current_actor(), now(), unit_id, **form)
    except ValidationError as error:
        return _page(unit_id, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _page(unit_id, request.form, refusal)
    flash(saved_text(outcome.units), "success")
    if outcome.misfits:
        text = _(
            "그날 예약 %(n)s건이 바뀐 시간에 맞지 않습니다. 예약은 그대로 남으니 휴관에서 옮기거나 알려 주세요.",
            n=outcome.misfits,
        )
        flash(text, "warning")
    return redirect(service_url("booking", f"/manage/units/{unit_id}/days"))


def remove(unit_id: int) -> ResponseReturnValue:
    """Let the ordinary hours hold again."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise Refusal("date_invalid", 422) from error
    special_days.remove(database(), current_actor(), now(), unit_id, day)
    flash(_("그날은 다시 보통 때의 시간에 엽니다."), "success")
    return redirect(service_url("booking", f"/manage/units/{unit_id}/days"))


def _page(unit_id: int, typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    unit = unit_rules.read(database(), current_actor(), unit_id).unit
    today = now().astimezone(unit.zone).date()
    with database().read() as session:
        days = special_days.coming(session, unit_id, today)
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/keep_days.html",
        unit=unit,
        days=days,
        first_day=today.isoformat(),
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        clocks=[(each, each) for each in sorted({*CLOCKS, *filter(None, (typed.get("opens"), typed.get("closes")))})],
    )
    return page, refusal.status if refusal else 200
