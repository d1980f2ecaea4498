"""The form that reserves a unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import alternatives, reservations
from services.booking.models import Unit
from services.booking.rules.fees import price
from services.booking.rules.hours import clock_of, instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import POLICY, last_day
from services.booking.schemas.reservations import ReserveForm
from services.booking.units import get
from services.booking.wording import reservation_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

HOUR = timedelta(hours=1)
OFFER_FOR = {"slot_taken", "outside_hours", "closed_weekday", "closed_monthly", "closed_holiday", "in_the_past"}
"""The refusals after which something else that is free is offered."""


def show(unit_id: int) -> ResponseReturnValue:
    """The form, filled with `?start=2026-11-23T14:00&end=2026-11-23T16:00` (the space's own time)."""
    unit = _unit(unit_id)
    start, end = (_asked(unit, request.args.get(name)) for name in ("start", "end"))
    typed: dict[str, Any] = {"people": request.args.get("people", ""), "date": _today(unit)}
    if start:
        day = start.astimezone(unit.zone).date()
        until = end if end and start < end else start + HOUR
        typed |= {
            "date": day.isoformat(),
            "start": clock_of(start, day, unit.zone),
            "end": clock_of(until, day, unit.zone),
        }
    return _form(unit, typed)


def save(unit_id: int) -> ResponseReturnValue:
    """Reserve; a refusal shows the form again as it was typed, with what is free instead."""
    unit = _unit(unit_id)
    wished: Interval | None = None
    people = 1
    try:
        form = ReserveForm().load(request.form)
        wished = Interval(*(instant(form["date"], form[name], unit.zone) for name in ("start", "end")))
        people = form["people"]
        made = reservations.reserve(
            database(),
            current_actor(),
            now(),
            unit_id=unit_id,
            start=wished.start,
            end=wished.end,
            people=people,
            purpose=form["purpose"],
            group_name=form["group_name"],
            idempotency_key=form["idempotency_key"],
        )
    except ValidationError as error:
        return _form(unit, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _form(unit, request.form, refusal, wished, people)
    flash(_("예약했습니다. %(when)s에 만나요.", when=reservation_text(made)), "success")
    return redirect(service_url("booking", f"/reservations/{made.id}"))


def _form(
    unit: Unit,
    typed: Mapping[str, Any],
    refusal: Refusal | None = None,
    wished: Interval | None = None,
    people: int = 1,
) -> ResponseReturnValue:
    free = []
    if refusal and wished and refusal.code in OFFER_FOR:
        free = alternatives.find(database(), now(), unit.id, wished, people)
    times = _times(unit)
    errors = field_sentences(refusal) if refusal else {}
    if "unit_id" in errors:
        errors["form"] = errors.pop("unit_id")  # the form has no field for it
    page = render_template(
        "booking/reserve.html",
        unit=unit,
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        alternatives=[_offer(each, typed) for each in free],
        starts=_choices(times[:-1], typed.get("start")),
        ends=_choices(times[1:], typed.get("end")),
        first_day=_today(unit),
        last_day=last_day(unit.zone, now()).isoformat(),
        longest=POLICY.longest,
        cost=_cost(unit, typed),
        # A key that was used up for another wish is replaced; else the double click must meet its own.
        key=typed.get("idempotency_key") if refusal and refusal.code != "idempotency_key_reused" else None,
        new_key=str(uuid4()),
    )
    return page, refusal.status if refusal else 200


def _offer(found: alternatives.Alternative, typed: Mapping[str, Any]) -> dict[str, Any]:
    """An alternative with everything that its button sends: the typed words stay, place and time are the offer's."""
    zone = found.unit.zone
    day = found.during.start.astimezone(zone).date()
    fields = {name: typed.get(name, "") for name in ("people", "purpose", "group_name")}
    fields |= {
        "date": day.isoformat(),
        "start": clock_of(found.during.start, day, zone),
        "end": clock_of(found.during.end, day, zone),
        "idempotency_key": str(uuid4()),
    }
    return {"unit": found.unit, "during": found.during, "fields": fields}


def _unit(unit_id: int) -> Unit:
    with database().read() as session:
        return get(session, unit_id)


def _today(unit: Unit) -> str:
    return now().astimezone(unit.zone).date().isoformat()


def _asked(unit: Unit, text: str | None) -> datetime | None:
    """A moment of the address; a local one is the space's. None when it can't be read."""
    day, _separator, clock = (text or "").partition("T")
    try:
        if len(clock) == len("14:00"):
            moment = instant(datetime.fromisoformat(day).date(), clock, unit.zone)
        else:
            moment = datetime.fromisoformat(text or "")
        return moment.astimezone(unit.zone) if moment.tzinfo and 2000 <= moment.year < 2100 else None
    except (ValueError, OverflowError):
        return None


def _times(unit: Unit) -> list[str]:
    """The grid from the first opening to the last closing of any day: what the form offers to choose from."""
    pairs = [pair for pair in (unit.hours or {}).values() if pair]
    if not pairs:
        return []
    first, last = min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    minutes = range(0, 24 * 60 + 1, POLICY.grid // timedelta(minutes=1))
    return [clock for each in minutes if first <= (clock := f"{each // 60:02}:{each % 60:02}") <= last]


def _choices(times: list[str], typed: str | None) -> list[tuple[str, str]]:
    """What to choose from; a time that was typed, or came with the address, is never dropped."""
    return [(each, each) for each in sorted({*times, *([typed] if typed else [])})]


def _cost(unit: Unit, typed: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the chosen time costs, where both are known."""
    try:
        form = ReserveForm(only=("date", "start", "end"), unknown="exclude").load(dict(typed))
    except ValidationError:
        return None
    start, end = (instant(form["date"], form[name], unit.zone) for name in ("start", "end"))
    won = price(unit.fee, end - start) if start < end else None
    return None if won is None else {"length": end - start, "won": won}
