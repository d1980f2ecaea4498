"""A unit's tariff, with what it makes of ordinary uses before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from marshmallow import ValidationError

from services.booking import unit_rules
from services.booking.models import Unit
from services.booking.pages.rules import lengths, saved_text
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.tariff import UNIT_MINUTES, Payer, Quote, Tariff, from_fee, problems, quote
from services.booking.schemas.tariff import line_numbers, tariff_of_form, typed_tariff
from services.booking.unit_rules import Ruled
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import DAY_KINDS, GROUP_KINDS

MORE_LINES = 2
RESIDENT, ELSEWHERE = Payer(resident=True), Payer(resident=False)
EXAMPLES = (
    (lazy_gettext("평일 14:00–16:00, 자치구 주민"), 0, "14:00", "16:00", RESIDENT),
    (lazy_gettext("평일 14:00–16:00, 다른 자치구 주민"), 0, "14:00", "16:00", ELSEWHERE),
    (lazy_gettext("평일 19:00–21:00, 자치구 주민"), 0, "19:00", "21:00", RESIDENT),
    (lazy_gettext("토요일 10:00–12:30, 자치구 주민"), 5, "10:00", "12:30", RESIDENT),
    (lazy_gettext("토요일 10:00–12:30, 주민자치회"), 5, "10:00", "12:30", Payer(True, "council")),
    (lazy_gettext("평일 14:00–16:00, 지원사업 모임"), 0, "14:00", "16:00", Payer(True, "supported")),
)
"""Uses whose price the page shows: days after a Monday, local times, who pays."""


def show(unit_id: int) -> ResponseReturnValue:
    """The tariff as it is: the keeper's own, else what maps told."""
    ruled = unit_rules.read(database(), current_actor(), unit_id)
    tariff = ruled.tariff or from_fee(ruled.unit.fee)
    typed = typed_tariff(tariff) if tariff else {"unit_minutes": 60}
    return _form(ruled, {**typed, "own": "on" if ruled.tariff else ""}, tariff)


def save(unit_id: int) -> ResponseReturnValue:
    """Set the tariff; the buttons "show prices" and "more lines" show the form again and save nothing."""
    ruled = unit_rules.read(database(), current_actor(), unit_id)
    own = bool(request.form.get("own"))
    tariff: Tariff | None = None
    try:
        if own or "save" not in request.form:
            tariff = tariff_of_form(request.form)
        if "save" not in request.form:
            if tariff is not None:
                unit_rules.refuse(problems(tariff))
            return _form(ruled, request.form, tariff)
        changed = unit_rules.set_tariff(
            database(),
            current_actor(),
            now(),
            unit_id,
            tariff if own else None,
            everywhere=bool(request.form.get("everywhere")),
            seen=request.form.get("seen", ""),
        )
    except ValidationError as error:
        return _form(ruled, request.form, None, refusal_of_validation(error))
    except Refusal as refusal:
        return _form(ruled, request.form, None, refusal)
    flash(saved_text(changed), "success")
    return redirect(service_url("booking", f"/manage/units/{unit_id}/tariff"))


def _form(
    ruled: Ruled, typed: Mapping[str, Any], tariff: Tariff | None, refusal: Refusal | None = None
) -> ResponseReturnValue:
    more = "more" in request.form
    if more:
        refusal = None  # who asks for more lines is not done yet
    errors = field_sentences(refusal) if refusal else {}
    numbers = line_numbers(typed)
    following = (numbers[-1] if numbers else -1) + 1
    numbers += range(following, following + (MORE_LINES if more or not numbers else 1))
    page = render_template(
        "booking/keep_tariff.html",
        unit=ruled.unit,
        seen=ruled.seen,
        typed=typed,
        lines=numbers,
        lists={name: _listed(typed, name) for number in numbers for name in _lists(number)},
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        units=lengths(UNIT_MINUTES, typed.get("unit_minutes")),
        bases=lengths((0, 60, 90, 120, 180, 240), typed.get("base_minutes")),
        clocks=[(f"{hour:02}:00", f"{hour:02}:00") for hour in range(25)],
        days=list(DAY_KINDS.items()),
        groups=list(GROUP_KINDS.items()),
        examples=_examples(ruled.unit, tariff) if tariff else [],
    )
    return page, refusal.status if refusal else 200


def _lists(number: int) -> tuple[str, str]:
    return f"lines.{number}.days", f"lines.{number}.groups"


def _listed(typed: Mapping[str, Any], name: str) -> list[str]:
    found: list[str] = typed.getlist(name) if hasattr(typed, "getlist") else list(typed.get(name) or ())
    return found


def _examples(unit: Unit, tariff: Tariff) -> list[dict[str, Any]]:
    """The prices of ordinary uses, in a week without public holidays."""
    monday = date.fromisocalendar(now().year, 20, 1)
    told = []
    for label, after, start, end, payer in EXAMPLES:
        day = monday + timedelta(days=after)
        times: tuple[datetime, datetime] = (instant(day, start, unit.zone), instant(day, end, unit.zone))
        priced: Quote = quote(tariff, Interval(*times), unit.zone, payer, is_holiday=lambda day: False)
        told.append({"label": label, "quote": priced})
    return told
