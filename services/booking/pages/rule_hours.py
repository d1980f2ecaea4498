"""The opening hours that a keeper sets for a unit, in place of what maps told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from services.booking import unit_rules
from services.booking.models import Unit
from services.booking.pages.rules import saved_text
from services.booking.schemas.rules import HoursForm
from services.booking.unit_rules import Ruled
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import NAMED_DAYS, WEEKDAYS

CLOCKS = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in range(0, 24 * 60 + 1, 30)]
SATURDAY = 6


def show(unit_id: int) -> ResponseReturnValue:
    """The hours as they are: the keeper's own, else those that maps told."""
    ruled = unit_rules.read(database(), current_actor(), unit_id)
    return _form(ruled, _typed(ruled))


def save(unit_id: int) -> ResponseReturnValue:
    """Set the hours, or let those of maps hold again."""
    ruled = unit_rules.read(database(), current_actor(), unit_id)
    try:
        form = HoursForm().load(request.form)
        changed = unit_rules.set_hours(
            database(),
            current_actor(),
            now(),
            unit_id,
            form["days"] if form["own"] else None,
            form["closures"],
            everywhere=form["everywhere"],
            seen=form["seen"],
        )
    except ValidationError as error:
        return _form(ruled, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        refusal.fields = {_name(field): codes for field, codes in refusal.fields.items()}
        return _form(ruled, request.form, refusal)
    flash(saved_text(changed), "success")
    return redirect(service_url("booking", f"/manage/units/{unit_id}/hours"))


def _name(field: str) -> str:
    """The rule's "days.0" as the form's field."""
    head, _dot, number = field.partition(".")
    return f"day{int(number) + 1}_opens" if head == "days" and number else "day1_opens" if head == "days" else field


def _typed(ruled: Ruled) -> dict[str, Any]:
    own = bool(ruled.rules and ruled.rules.hours)
    hours = (ruled.rules.hours if ruled.rules else None) or ruled.unit.hours or {}
    closures = (ruled.rules.closures if own and ruled.rules else None) or ruled.unit.closures
    typed: dict[str, Any] = {"own": "yes" if own else "", "holidays": closures.get("holidays")}
    for number in range(1, 8):
        pair = _pair(hours, number)
        if number in (closures.get("weekdays") or ()):
            pair = None
        typed |= {f"day{number}_opens": pair[0] if pair else "", f"day{number}_closes": pair[1] if pair else ""}
    typed["monthly"] = [f"{nth},{weekday}" for nth, weekday in closures.get("monthly") or ()]
    typed["named"] = list(closures.get("named") or ())
    return typed


def _pair(hours: Mapping[str, Any], number: int) -> Any:
    if hours.get("days"):
        return hours["days"][number - 1]
    return hours.get("weekend" if number >= SATURDAY else "weekday")


def _form(ruled: Ruled, typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    errors = field_sentences(refusal) if refusal else {}
    monthly = typed.getlist("monthly") if hasattr(typed, "getlist") else typed.get("monthly") or []
    page = render_template(
        "booking/keep_hours.html",
        unit=ruled.unit,
        seen=ruled.seen,
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        weekdays=[(number, name) for number, name in enumerate(WEEKDAYS, 1)],
        clocks=_clocks(typed),
        monthly=monthly,
        named=list(NAMED_DAYS.items()),
        told=_told(ruled.unit),
    )
    return page, refusal.status if refusal else 200


def _clocks(typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = [f"day{number}_{end}" for number in range(1, 8) for end in ("opens", "closes")]
    own = {clock for name in names if (clock := typed.get(name))}
    return [(each, each) for each in sorted({*CLOCKS, *own})]


def _told(unit: Unit) -> bool:
    """Whether maps told hours at all."""
    return unit.hours is not None
