"""Blocking: a space keeps a time for an event of its own, once or again and again.

No rule of booking binds it (hours, notice, length, quotas), but nobody's reservation gives way: the same locks and the
same guard as for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking import occupancy, transitions
from services.booking.managing import own_space
from services.booking.models import KEY_LENGTH, Reservation, Series, Space, Unit
from services.booking.reservations import lock_reservation, runs
from services.booking.rules import recurrence
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import PURPOSE_LENGTH, Wish
from services.booking.rules.recurrence import Recurrence
from services.booking.units import atoms_of
from services.booking.waitlist import changing
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

LONGEST = timedelta(days=14)
SUFFIX = 5  # ":199", the number of a repetition in the key of its reservation


@dataclass(frozen=True)
class Time:
    """One time of a block; `clash`: somebody has it."""

    day: date
    during: Interval
    clash: bool


@dataclass(frozen=True)
class Blocked:
    """What was blocked, and the times that were taken and so left out."""

    made: tuple[Reservation, ...]
    left_out: tuple[Time, ...]


def block(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    unit_id: int,
    day: date,
    opens: str,
    closes: str,
    purpose: str,
    key: str,
    rule: Recurrence | None = None,
    free_only: bool = False,
) -> Blocked:
    """Keep a unit from `opens` to `closes` (local clock times; not later than `opens`: of the next day) on a date,
    and by the rule, whose first date it is. All of it or nothing, unless `free_only`. The same key again gives the
    same.

    Raises Refusal: unit_not_found (404), not_allowed (403), slot_taken, block_times_taken (409, with the times in
    `preview`'s answer), and 422: purpose_needed, purpose_too_long, in_the_past, block_too_long, recurrence_….
    """
    purpose = purpose.strip()
    if not 0 < len(key) <= KEY_LENGTH - SUFFIX:
        raise Refusal("idempotency_key_needed", 422)
    with changing(database, now) as session:
        _own_unit(session, actor, unit_id)
        locked = occupancy.lock(session, unit_id)
        if made := _already(session, actor, key):
            _refuse_another(session, made, locked.unit, day, opens, closes, purpose, rule)
            return Blocked(tuple(made), ())
        times = _times(session, locked, _spans(locked.unit, day, opens, closes, rule), purpose, rule, now)
        taken = [time for time in times if time.clash]
        if len(times) == 1 and taken:
            raise Refusal("slot_taken", 409)
        if taken and not free_only:
            raise Refusal("block_times_taken", 409, count=len(taken))
        free = [time for time in times if not time.clash]
        if not free:
            raise Refusal("block_nothing_free", 409)
        series = _series(session, actor, now, locked.unit, rule, opens, closes, purpose, key) if rule else None
        reservations = []
        for number, time in enumerate(free):
            more: dict[str, Any] = {"series_id": series.id, "series_day": time.day} if series else {}
            reservation = transitions.draft(
                locked,
                account_id=actor.account_id or 0,
                wish=Wish(time.during, 1, purpose),
                status="confirmed",
                now=now,
                key=f"{key}:{number}" if rule else key,
                kind="block",
                **more,
            )
            transitions.place(session, actor, now, locked, reservation, tell=None)
            reservations.append(reservation)
        return Blocked(tuple(reservations), tuple(taken))


def preview(
    database: Database, actor: Actor, *, unit_id: int, day: date, opens: str, closes: str, rule: Recurrence | None
) -> tuple[Time, ...]:
    """The times that a block would have, as of now, each with whether somebody has it. Raises Refusal as `block`."""
    with database.read() as session:
        unit = _own_unit(session, actor, unit_id)
        spans = _spans(unit, day, opens, closes, rule)
        return _clashes(session, occupancy.Locked(unit, _atoms(session, unit_id)), spans)


def release(database: Database, actor: Actor, now: datetime, reservation_id: int, following: bool = False) -> int:
    """Give a blocked time back (with `following`: and all later ones of its repetition); how many. Again: none.

    Raises Refusal: reservation_not_found (404), not_allowed (403), not_a_block, already_over (409).
    """
    with changing(database, now) as session:
        _locked, reservation = lock_reservation(session, reservation_id)
        if not runs(reservation, actor):
            raise Refusal("not_allowed", 403)
        if reservation.kind != "block":
            raise Refusal("not_a_block")
        if reservation.live and reservation.end_at <= now:
            raise Refusal("already_over")
        wanted = [reservation] if reservation.live else []
        if following and reservation.series_id:
            later = select(Reservation).where(
                Reservation.series_id == reservation.series_id,
                Reservation.unit_id == reservation.unit_id,  # whose atoms are locked
                Reservation.status == "confirmed",
                Reservation.start_at > reservation.start_at,
            )
            wanted += session.scalars(later.order_by(Reservation.id).with_for_update(of=Reservation))
        for each in wanted:
            transitions.end(session, actor, now, each, "cancelled")
        return len(wanted)


def coming(
    database: Database, actor: Actor, now: datetime, space_id: int
) -> tuple[Space, list[Unit], list[Reservation]]:
    """A space, its units, and what it has blocked from now on.

    Raises Refusal: space_not_found (404), not_allowed (403).
    """
    with database.read() as session:
        space = own_space(session, actor, space_id)
        units = select(Unit).where(Unit.space_id == space_id, Unit.active).order_by(Unit.name, Unit.id)
        blocks = select(Reservation).where(
            Reservation.space_id == space_id,
            Reservation.kind == "block",
            Reservation.status == "confirmed",
            Reservation.end_at > now,
        )
        return (
            space,
            list(session.scalars(units)),
            list(session.scalars(blocks.order_by(Reservation.start_at, Reservation.id).limit(200))),
        )


def _own_unit(session: Session, actor: Actor, unit_id: int) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise Refusal("unit_not_found", 404)
    own_space(session, actor, unit.space_id)
    return unit


def _atoms(session: Session, unit_id: int) -> tuple[int, ...]:
    return tuple(atoms_of(session, [unit_id])[unit_id])


def _spans(unit: Unit, day: date, opens: str, closes: str, rule: Recurrence | None) -> list[tuple[date, Interval]]:
    nights = int(closes <= opens)
    zone: ZoneInfo = unit.zone
    if rule is None:
        return [(day, Interval(instant(day, opens, zone), instant(day + timedelta(days=nights), closes, zone)))]
    wrong = [("until" if name == "count" else name, code) for name, code in recurrence.problems(rule)]
    if wrong:
        raise Refusal(wrong[0][1], 422, fields={name: [code] for name, code in wrong})
    return [(span.day, span.during) for span in recurrence.spans(rule, opens, closes, zone, nights) if span.during]


def _times(
    session: Session,
    locked: occupancy.Locked,
    spans: Sequence[tuple[date, Interval]],
    purpose: str,
    rule: Recurrence | None,
    now: datetime,
) -> tuple[Time, ...]:
    fields: dict[str, list[str]] = {}
    if not purpose:
        fields["purpose"] = ["purpose_needed"]
    if len(purpose) > PURPOSE_LENGTH:
        fields["purpose"] = ["purpose_too_long"]
    if not spans or spans[0][1].end <= now:
        fields["date"] = ["in_the_past"]
    if any(during.length > LONGEST for _day, during in spans):
        fields["end"] = ["block_too_long"]
    if fields:
        raise Refusal(next(iter(fields.values()))[0], 422, fields=fields)
    return _clashes(session, locked, spans)


def _clashes(session: Session, locked: occupancy.Locked, spans: Sequence[tuple[date, Interval]]) -> tuple[Time, ...]:
    """Each time with whether it is taken: one query for all, the repetitions' own overlaps included."""
    if not spans:
        return ()
    policy = locked.unit.policy
    before, after = policy.buffer_before, policy.buffer_after
    window = Interval(spans[0][1].start - before, max(during.end for _day, during in spans) + after)
    held = [each for atom in occupancy.taken(session, locked.atom_ids, window).values() for each in atom]
    times: list[Time] = []
    last: Interval | None = None
    for day, during in spans:
        own = last is not None and during.start < last.end + max(before, after)
        clash = own or bool(occupancy.conflicts(held, during, before, after))
        times.append(Time(day, during, clash))
        last = last if clash else during
    return tuple(times)


def _already(session: Session, actor: Actor, key: str) -> list[Reservation]:
    own = Reservation.account_id == (actor.account_id or 0)
    named = (Reservation.idempotency_key == key) | Reservation.series_id.in_(
        select(Series.id).where(Series.account_id == (actor.account_id or 0), Series.idempotency_key == key)
    )
    return list(session.scalars(select(Reservation).where(own, named).order_by(Reservation.start_at)))


def _refuse_another(
    session: Session,
    made: Sequence[Reservation],
    unit: Unit,
    day: date,
    opens: str,
    closes: str,
    purpose: str,
    rule: Recurrence | None,
) -> None:
    """Raises Refusal idempotency_key_reused (409) when this key has blocked something else."""
    if rule is None:
        of_key = [(each.unit_id, each.during, each.purpose) for each in made]
        same = of_key == [(unit.id, _spans(unit, day, opens, closes, None)[0][1], purpose)]
    else:
        series = session.get(Series, made[0].series_id) if made[0].series_id else None
        wanted = (unit.id, rule.as_json(), opens, closes, purpose)
        same = series is not None and wanted == (
            series.unit_id, series.rule, series.opens, series.closes, series.purpose,
        )  # fmt: skip
    if not same:
        raise Refusal("idempotency_key_reused", 409)


def _series(
    session: Session,
    actor: Actor,
    now: datetime,
    unit: Unit,
    rule: Recurrence,
    opens: str,
    closes: str,
    purpose: str,
    key: str,
) -> Series:
    series = Series(
        unit_id=unit.id,
        space_id=unit.space_id,
        account_id=actor.account_id or 0,
        rule=rule.as_json(),
        opens=opens,
        closes=closes,
        purpose=purpose,
        idempotency_key=key,
        created_at=now,
        changed_at=now,
    )
    transitions.store(session, series)
    return series
