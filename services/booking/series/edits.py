"""Changing a series: one occurrence, it and all that follow, or all that are to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from services.booking import messages, occupancy, transitions
from services.booking.models import Reservation
from services.booking.occupancy import Locked
from services.booking.rules.hours import clock_of
from services.booking.rules.interval import Interval
from services.booking.rules.policy import needs_approval
from services.booking.rules.recurrence import Recurrence, Span, span_of
from services.booking.series import about, chosen, hold_all, lock, note, touch
from services.booking.series.survey import Occurrence, Plan, survey_spans
from services.booking.waitlist import changing
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

CHANGEABLE = ("requested", "confirmed")


@dataclass(frozen=True)
class Wanted:
    """What becomes of the chosen occurrences; None: as it is. The times are wall times of each one's own date."""

    unit_id: int | None = None
    opens: str | None = None
    closes: str | None = None
    people: int | None = None
    purpose: str | None = None


@dataclass(frozen=True)
class Changed:
    """What was changed, and what stayed because it could not be had, each with its code."""

    changed: Sequence[Reservation]
    stayed: Sequence[Occurrence]


@dataclass(frozen=True)
class _Step:
    """What becomes of one occurrence, found to be possible."""

    reservation: Reservation
    plan: Plan
    occurrence: Occurrence
    asks: bool


def change(
    database: Database,
    actor: Actor,
    now: datetime,
    series_id: int,
    wanted: Wanted,
    scope: str = "all",
    reservation_id: int | None = None,
    free_only: bool = False,
) -> Changed:
    """Bring the chosen occurrences to another time, unit, number or purpose: all of them or, with `free_only`, those
    that can; refused, everything stays as it was.

    Raises Refusal: series_not_found, reservation_not_found, unit_not_found (404), not_allowed (403), series_not_free,
    series_nothing_free, nothing_to_change, slot_taken (409), and 422 for each rule that all of them break.
    """
    with changing(database, now) as session:
        locked, whole = lock(session, actor, series_id, *([wanted.unit_id] if wanted.unit_id else []))
        coming = [
            each for each in chosen(whole, scope, reservation_id) if each.status in CHANGEABLE and each.start_at > now
        ]
        if not coming:
            raise Refusal("nothing_to_change", 409)
        series = whole.series
        steps, stayed = _ask(session, actor, now, locked, Recurrence.from_json(series.rule), coming, wanted)
        if stayed and not free_only:
            raise Refusal("series_not_free", 409, count=len(stayed))
        if not steps:
            raise Refusal("series_nothing_free", 409)
        changed = _take(session, now, locked, steps)
        touch(series, now)
        if scope != "one" and not stayed:
            series.opens, series.closes = wanted.opens or series.opens, wanted.closes or series.closes
            series.purpose = changed[0].purpose
            series.unit_id, series.space_id = changed[0].unit_id, changed[0].space_id
        note(session, actor, now, "changed", series, {"scope": scope, "occurrences": len(changed)})
        messages.tell(session, series.account_id, "series_changed", now, **about(whole, changed))
        return Changed(changed, stayed)


def _ask(
    session: Session,
    actor: Actor,
    now: datetime,
    locked: dict[int, Locked],
    rule: Recurrence,
    coming: Sequence[Reservation],
    wanted: Wanted,
) -> tuple[list[_Step], list[Occurrence]]:
    """Ask the rules about all of them, as if none of them were there yet."""
    steps: list[_Step] = []
    stayed: list[Occurrence] = []
    alike: dict[Plan, list[Reservation]] = {}
    for each in coming:  # those that end up alike are asked about together; single ones may have been changed before
        plan = Plan(
            unit_id=wanted.unit_id or each.unit_id,
            rule=rule,
            opens=wanted.opens or "00:00",
            closes=wanted.closes or "24:00",
            people=each.people if wanted.people is None else wanted.people,
            purpose=(each.purpose if wanted.purpose is None else wanted.purpose).strip(),
            group_name=each.group_name,
            group_id=each.group_id if each.account_id == actor.account_id else None,
        )
        alike.setdefault(plan, []).append(each)
    moving = [each.id for each in coming]
    for plan, members in alike.items():
        place = locked[plan.unit_id]
        spans = [_span(each, wanted, place) for each in members]
        found = survey_spans(session, actor, now, place, plan, spans, but=moving)
        asks = needs_approval(place.unit.policy, found.who)
        for each, occurrence in zip(members, found.occurrences, strict=True):
            if occurrence.code:
                stayed.append(occurrence)
            else:
                steps.append(_Step(each, plan, occurrence, asks))
    return steps, stayed


def _take(session: Session, now: datetime, locked: dict[int, Locked], steps: Sequence[_Step]) -> list[Reservation]:
    """Give back all that is held before anything new is taken: they may well overlap one another."""
    moved: dict[int, list[Reservation]] = {}
    for step in steps:
        reservation, during = step.reservation, step.occurrence.during
        if during is not None and (reservation.unit_id, reservation.during) != (step.plan.unit_id, during):
            occupancy.release(session, reservation)
            moved.setdefault(step.plan.unit_id, []).append(reservation)
            _move(reservation, locked[step.plan.unit_id], step)
        reservation.people, reservation.purpose = step.plan.people, step.plan.purpose
        reservation.changed_at = now
        reservation.sequence += 1
    for unit_id, reservations in moved.items():
        hold_all(session, reservations, locked[unit_id])
    for step in steps:
        unit = locked[step.plan.unit_id].unit
        transitions.announce(session, step.reservation, now, unit.space.district)
    return [step.reservation for step in steps]


def _move(reservation: Reservation, place: Locked, step: _Step) -> None:
    during, price = step.occurrence.during, step.occurrence.price
    if during is None:
        return
    reservation.unit_id, reservation.space_id = place.unit.id, place.unit.space_id
    reservation.start_at, reservation.end_at = during.start.astimezone(UTC), during.end.astimezone(UTC)
    if step.asks:
        reservation.status = "requested"
    if price:
        reservation.price_won, reservation.price = price.won, price.lines
    if price and reservation.payment in ("none", "due"):
        reservation.payment = "due" if price.won else "none"


def _span(reservation: Reservation, wanted: Wanted, place: Locked) -> Span:
    """Its own date with the wanted wall times. Raises Refusal end_before_start (422)."""
    zone = place.unit.zone
    day = reservation.start_at.astimezone(zone).date()
    if wanted.opens is None and wanted.closes is None:
        return Span(day, Interval(reservation.start_at, reservation.end_at))
    opens = wanted.opens or clock_of(reservation.start_at, day, zone)
    closes = wanted.closes or clock_of(reservation.end_at, day, zone)
    if opens >= closes:
        raise Refusal("end_before_start", 422, fields={"end": ["end_before_start"]})
    return Span(day, span_of(day, opens, closes, zone))
