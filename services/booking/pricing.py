"""What a reservation costs, and why: asked for before it is made, and kept with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.booking import askers, equipment, schedules
from services.booking.models import Group, Person, Reservation, Unit
from services.booking.rules import tariff as tariffs
from services.booking.rules.hours import holiday
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Asker
from services.booking.rules.schedule import Schedule
from services.booking.rules.tariff import Item, Payer
from services.booking.search.findable import tariff_of
from services.booking.units import get
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

LONGEST = timedelta(days=7)


@dataclass(frozen=True)
class Quote:
    """The price in won (None: unknown, ask the space) and the lines that explain it, as `rules.tariff.Charge` writes
    them. `residents_pay_less`: nobody knows where the payer lives, and for a resident of the district it is less."""

    won: int | None
    lines: list[dict[str, Any]] = field(default_factory=list)
    residents_pay_less: bool = False


def quote(unit: Unit, during: Interval, asker: Asker, schedule: Schedule, items: Iterable[Item] = ()) -> Quote:
    """What this unit, with what it lends (`equipment.items`), costs somebody at that time."""
    return _quote(unit, during, _payer(unit, asker.district, asker.group_id, asker.group_kind), schedule, items)


def requote(
    session: Session,
    reservation: Reservation,
    unit: Unit,
    during: Interval,
    schedule: Schedule,
    wanted: Mapping[int, int],
) -> Quote:
    """What a reservation costs whoever made it at another time or place, whoever moves it there."""
    person = session.get(Person, reservation.account_id)
    group = session.get(Group, reservation.group_id) if reservation.group_id else None
    kind = group.kind if group and group.kind_confirmed_at else None
    payer = _payer(unit, person.district if person else None, reservation.group_id, kind)
    return _quote(unit, during, payer, schedule, equipment.items(session, unit, wanted))


def _payer(unit: Unit, district: str | None, group_id: int | None, kind: str | None) -> Payer:
    resident = None if district is None else district == unit.space.district
    return Payer(resident, kind or ("residents" if group_id is not None else None))


def _quote(unit: Unit, during: Interval, payer: Payer, schedule: Schedule, items: Iterable[Item]) -> Quote:
    added = schedule.holidays
    told = tariffs.quote(
        tariff_of(unit),
        during,
        schedule.zone,
        payer,
        items,
        is_holiday=(lambda day: day in added or holiday(day)) if added else holiday,
    )
    return Quote(told.won, [charge.to_json() for charge in told.charges], told.residents_pay_less)


def ask(
    database: Database,
    actor: Actor,
    unit_id: int,
    during: Interval,
    group_id: int | None = None,
    wanted: Mapping[int, int] | None = None,
) -> Quote:
    """The price for this actor, whether or not the time is free.

    Raises Refusal: unit_not_found (404), end_before_start, quote_too_long, group_not_yours (422).
    """
    if during.start >= during.end:
        raise Refusal("end_before_start", 422, fields={"end": ["end_before_start"]})
    if during.length > LONGEST:
        raise Refusal("quote_too_long", 422, fields={"end": ["quote_too_long"]})
    with database.read() as session:
        unit = get(session, unit_id)
        schedule = schedules.place_of(session, unit, during).schedule
        asker = askers.asker(session, actor, unit, during, group_id, lock=False)
        return quote(unit, during, asker, schedule, equipment.items(session, unit, wanted or {}))
