"""The form that reserves a unit, with its price explained before one confirms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import equipment, groups, pricing, reservations
from services.booking.equipment import Lendable
from services.booking.models import Unit
from services.booking.pages.times import choices, clock_times, during_of, today
from services.booking.pricing import Quote
from services.booking.rules.hours import clock_of, instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import last_day
from services.booking.schemas.quotes import loans_of_form
from services.booking.schemas.reservations import ReserveForm
from services.booking.search import alternatives
from services.booking.units import get
from services.booking.waitlist import lines
from services.booking.waitlist.lines import Line
from services.booking.wording import reservation_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

HOUR = timedelta(hours=1)
OFFER_FOR = {
    "slot_taken",
    "outside_hours",
    "closed_weekday",
    "closed_monthly",
    "closed_holiday",
    "closed_special",
    "closed_closure",
    "in_the_past",
    "equipment_lent",
}
"""The refusals after which something else that is free is offered."""


def show(unit_id: int) -> ResponseReturnValue:
    """The form, filled with `?start=2026-11-23T14:00&end=2026-11-23T16:00` (the space's own time)."""
    unit = unit_of(unit_id)
    start, end = (_asked(unit, request.args.get(name)) for name in ("start", "end"))
    typed: dict[str, Any] = {name: request.args.get(name, "") for name in ("people", "group_id")}
    typed["date"] = today(unit)
    if start:
        day = start.astimezone(unit.zone).date()
        until = end if end and start < end else start + HOUR
        typed |= {
            "date": day.isoformat(),
            "start": clock_of(start, day, unit.zone),
            "end": clock_of(until, day, unit.zone),
        }
    return form_page(unit, typed)


def price(unit_id: int) -> ResponseReturnValue:
    """The form as it was typed, with its price: the button for those without scripts. Nothing is reserved."""
    return form_page(unit_of(unit_id), request.form, priced=True)


def save(unit_id: int) -> ResponseReturnValue:
    """Reserve; a refusal shows the form again as it was typed, with what is free instead."""
    unit = unit_of(unit_id)
    wished: Interval | None = None
    people = 1
    try:
        form = ReserveForm().load(request.form)
        wished = during_of(unit, form)
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
            group_name=group_name_of(form["group_id"]) or form["group_name"],
            group_id=form["group_id"],
            equipment=loans_of_form(request.form),
            idempotency_key=form["idempotency_key"],
        )
    except ValidationError as error:
        return form_page(unit, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return form_page(unit, request.form, refusal, wished, people)
    if made.status == "requested":
        flash(
            _("예약을 신청했습니다. 운영자가 승인하면 알려 드려요. (%(when)s)", when=reservation_text(made)), "success"
        )
    else:
        flash(_("예약했습니다. %(when)s에 만나요.", when=reservation_text(made)), "success")
    return redirect(service_url("booking", f"/reservations/{made.id}"))


def form_page(
    unit: Unit,
    typed: Mapping[str, Any],
    refusal: Refusal | None = None,
    wished: Interval | None = None,
    people: int = 1,
    priced: bool = False,
) -> ResponseReturnValue:
    """The form with these words in it; after a refusal with what is wrong, and with what is free instead."""
    free = []
    if refusal and wished and refusal.code in OFFER_FOR:
        free = alternatives.find(database(), now(), unit.id, wished, people)
    times = clock_times(unit)
    errors = field_sentences(refusal) if refusal else {}
    if "unit_id" in errors:
        errors["form"] = errors.pop("unit_id")  # the form has no field for it
    chosen = wished or _chosen(unit, typed)
    page = render_template(
        "booking/reserve.html",
        unit=unit,
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        refused=refusal.code if refusal else None,
        alternatives=[_offer(each, typed) for each in free],
        starts=choices(times[:-1], typed.get("start")),
        ends=choices(times[1:], typed.get("end")),
        first_day=today(unit),
        last_day=last_day(unit.zone, now(), unit.policy).isoformat(),
        groups=[(each.group.id, each.group.name) for each in groups.mine(database(), current_actor())],
        lent=_lent(unit, chosen),
        length=chosen.length if chosen else None,
        cost=_cost(unit, typed, chosen) if chosen else None,
        priced=priced,
        line=_line(unit, chosen) if chosen else None,
        # A key that was used up for another wish is replaced; else the double click must meet its own.
        key=typed.get("idempotency_key") if not refusal or refusal.code != "idempotency_key_reused" else None,
        new_key=str(uuid4()),
    )
    return page, refusal.status if refusal else 200


def _offer(found: alternatives.Alternative, typed: Mapping[str, Any]) -> dict[str, Any]:
    """An alternative with everything that its button sends: the typed words stay, place and time are the offer's."""
    zone = found.unit.zone
    day = found.during.start.astimezone(zone).date()
    fields = {name: typed.get(name, "") for name in ("people", "purpose", "group_name", "group_id")}
    fields |= {name: value for name, value in typed.items() if name.startswith("equipment.") and value}
    fields |= {
        "date": day.isoformat(),
        "start": clock_of(found.during.start, day, zone),
        "end": clock_of(found.during.end, day, zone),
        "idempotency_key": str(uuid4()),
    }
    return {"unit": found.unit, "during": found.during, "fields": fields}


def unit_of(unit_id: int) -> Unit:
    """The unit. Raises Refusal unit_not_found (404)."""
    with database().read() as session:
        return get(session, unit_id)


def group_name_of(group_id: int | None) -> str | None:
    """The name of a group of mine; what else is wrong with it is the use case's to say."""
    mine = groups.mine(database(), current_actor()) if group_id is not None else []
    return next((each.group.name for each in mine if each.group.id == group_id), None)


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


def _chosen(unit: Unit, typed: Mapping[str, Any]) -> Interval | None:
    """The time that stands in the fields; None while it can't be read."""
    try:
        form = ReserveForm(only=("date", "start", "end"), unknown="exclude").load(dict(typed))
    except ValidationError:
        return None
    during = during_of(unit, form)
    return during if during.start < during.end else None


def _cost(unit: Unit, typed: Mapping[str, Any], during: Interval) -> Quote | None:
    """What the chosen time costs me, as far as the fields can be read."""
    group = str(typed.get("group_id") or "")
    try:
        wanted = loans_of_form(typed)
        group_id = int(group) if group.isdecimal() and len(group) < 10 else None
        return pricing.ask(database(), current_actor(), unit.id, during, group_id, wanted)
    except (Refusal, ValidationError):
        return None


def _line(unit: Unit, during: Interval) -> Line | None:
    """The line for the chosen time, where one may wait for it."""
    if not unit.policy.waitlist:
        return None
    line = lines.line(database(), current_actor(), now(), unit.id, during)
    return line if line.open else None


def _lent(unit: Unit, during: Interval | None) -> list[Lendable]:
    """What can be borrowed with the unit, and how much of it is left at that time."""
    with database().read() as session:
        return equipment.lendable(session, unit, during)
