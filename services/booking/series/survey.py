"""What would become of each date of a series: the same rules and the same occupancy as for a single reservation, in a
number of queries that does not grow with the dates. Asked before confirming, and again under the locks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking import occupancy, pricing, schedules
from services.booking.askers import COUNTED, asker
from services.booking.models import Reservation, Unit
from services.booking.occupancy import Locked
from services.booking.pricing import Quote
from services.booking.rules import policy
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Asker, Quota, Wish, period_of
from services.booking.rules.recurrence import Recurrence, Span, problems, span_of, spans
from services.booking.schedules import as_place
from shared.identity.actor import Actor
from shared.refusal import Refusal

SHAPE = frozenset({"off_grid", "too_short", "too_long", "end_before_start"})
"""What is wrong with the time of day itself, when it is so on every date."""
NIGHT_LOST = "clock_change"


@dataclass(frozen=True)
class Plan:
    """What somebody wants repeated, from `opens` to `closes` by the clock of the space ("24:00": midnight).

    `on_closed`: "skip" leaves out the days on which the unit is closed, "refuse" makes nothing then.
    """

    unit_id: int
    rule: Recurrence
    opens: str
    closes: str
    people: int
    purpose: str
    group_name: str | None = None
    group_id: int | None = None
    on_closed: str = "skip"

    def wish(self, during: Interval) -> Wish:
        """One date of it."""
        return Wish(during, self.people, self.purpose, self.group_name, self.group_id)


@dataclass(frozen=True)
class Occurrence:
    """One date: `code` says why it cannot be reserved (None: it can), `params` fill its sentence."""

    day: date
    during: Interval | None
    code: str | None
    params: Mapping[str, object] = field(default_factory=dict)
    price: Quote | None = None

    @property
    def state(self) -> str:
        """free, taken, closed or refused (by another rule)."""
        if self.code is None:
            return "free"
        if self.code == "slot_taken":
            return "taken"
        return "closed" if self.code.startswith("closed_") else "refused"


@dataclass(frozen=True)
class Survey:
    """All dates, and who asked as the rules see them."""

    unit: Unit
    occurrences: Sequence[Occurrence]
    who: Asker

    @property
    def free(self) -> list[Occurrence]:
        return [each for each in self.occurrences if each.code is None]

    @property
    def won(self) -> int | None:
        """What the free ones cost together; None where one price is unknown."""
        prices = [each.price.won if each.price else None for each in self.free]
        return None if any(price is None for price in prices) else sum(price or 0 for price in prices)


def check_rule(rule: Recurrence) -> None:
    """Raises Refusal (422) with the first problem's code, and each problem's code at its field."""
    fields: dict[str, list[str]] = {}
    for name, code in problems(rule):
        fields.setdefault(name, []).append(code)
    if fields:
        raise Refusal(next(iter(fields.values()))[0], 422, fields=fields)


def survey(
    session: Session,
    actor: Actor,
    now: datetime,
    locked: Locked,
    plan: Plan,
    days: Collection[date] | None = None,
    lock: bool = True,
    allotted: bool = False,
) -> Survey:
    """Each date of the plan, or those in `days` only. Where quotas count, person and group are locked with `lock`.
    `allotted`: by who runs the space, as if the asker ran it.

    Raises Refusal (422): a problem of the rule, of the words, of the people or of the time of day; series_too_many.
    """
    check_rule(plan.rule)
    found = [each for each in spans(plan.rule, plan.opens, plan.closes, locked.unit.zone) if _in(each.day, days)]
    limit = locked.unit.policy.series_limit
    if len(found) > limit and not allotted:
        raise Refusal("series_too_many", 422, fields={"until": ["series_too_many"]}, limit=limit)
    return survey_spans(session, actor, now, locked, plan, found, lock=lock and not allotted, allotted=allotted)


def survey_spans(
    session: Session,
    actor: Actor,
    now: datetime,
    locked: Locked,
    plan: Plan,
    found: Sequence[Span],
    but: Collection[int] = (),
    lock: bool = True,
    allotted: bool = False,
) -> Survey:
    """The same for dates with their times; reservations of the ids in `but` are as if they were not there."""
    unit = locked.unit
    timed = [each.during for each in found if each.during]
    if not timed:
        if found and span_of(found[0].day, plan.opens, plan.closes, unit.zone) is None and plan.opens >= plan.closes:
            raise Refusal("end_before_start", 422, fields={"end": ["end_before_start"]})
        return Survey(unit, [Occurrence(each.day, None, NIGHT_LOST) for each in found], Asker())
    whole = Interval(min(each.start for each in timed), max(each.end for each in timed))
    first, last = (moment.astimezone(unit.zone).date() for moment in whole)
    place = as_place(unit, schedules.of_units(session, [unit], first, last)[unit.id])
    who = asker(session, actor, unit, timed[0], plan.group_id, but, lock)
    if allotted:
        who = replace(who, keeper=True)
    tallies = _tallies(session, actor, unit, whole, plan.group_id, but) if unit.policy.quotas else {}
    held = _held(session, locked, whole, but)
    before, after = unit.policy.buffer_before, unit.policy.buffer_after
    told: list[Occurrence] = []
    common: list[set[tuple[str, str]]] = []
    planned: list[Interval] = []
    for each in found:
        if each.during is None:
            told.append(Occurrence(each.day, None, NIGHT_LOST))
            continue
        during = each.during
        asks = replace(who, used={quota: tally.count(quota, during, unit) for quota, tally in tallies.items()})
        wrong = list(policy.problems(place, plan.wish(during), now, asks))
        common.append(set(wrong))
        code = wrong[0][1] if wrong else None
        guarded = Interval(during.start - before, during.end + after)
        if code is None and (
            occupancy.conflicts(held, during, before, after) or any(one.overlaps(guarded) for one in planned)
        ):
            code = "slot_taken"
        price = None
        if code is None:
            price = pricing.quote(unit, during, asks, place.schedule)
            planned.append(during)
            for tally in set(tallies.values()):  # several quotas may count the same
                tally.add(during)
        told.append(Occurrence(each.day, during, code, policy.figures(place, asks) if code else {}, price))
    _refuse_as_a_whole(common, policy.figures(place, who))
    return Survey(unit, told, who)


def _refuse_as_a_whole(common: Sequence[set[tuple[str, str]]], figures: Mapping[str, object]) -> None:
    """What is wrong on every date and no matter of dates is wrong with the wish."""
    wrong = set.intersection(*common) if common else set()
    fields: dict[str, list[str]] = {}
    for name, code in sorted(wrong):
        if (name not in ("start", "end") and not code.startswith("quota_")) or code in SHAPE:
            fields.setdefault(name, []).append(code)
    if fields:
        raise Refusal(next(iter(fields.values()))[0], 422, fields=fields, **figures)


class _Tally:
    """When the person, or the group, already has something in the space, so that each date's quota can be counted."""

    def __init__(self, starts: Sequence[datetime]) -> None:
        self.starts = sorted(starts)

    def count(self, quota: Quota, during: Interval, unit: Unit) -> int:
        first, after = (instant(day, "00:00", unit.zone) for day in period_of(quota, during, unit.zone))
        return bisect_left(self.starts, after) - bisect_left(self.starts, first)

    def add(self, during: Interval) -> None:
        self.starts.insert(bisect_left(self.starts, during.start), during.start)


def _tallies(
    session: Session, actor: Actor, unit: Unit, whole: Interval, group_id: int | None, but: Collection[int]
) -> dict[Quota, _Tally]:
    quotas = unit.policy.quotas
    periods = [
        period_of(quota, each, unit.zone) for quota in quotas for each in (whole, Interval(whole.end, whole.end))
    ]
    start = instant(min(first for first, _after in periods), "00:00", unit.zone)
    end = instant(max(after for _first, after in periods), "00:00", unit.zone)
    whose: dict[str, Any] = {"person": Reservation.account_id == actor.account_id}
    if group_id is not None:
        whose["group"] = Reservation.group_id == group_id
    tallies: dict[str, _Tally] = {}
    for per in {quota.per for quota in quotas} & whose.keys():
        counted = select(Reservation.start_at).where(
            whose[per],
            Reservation.space_id == unit.space_id,
            Reservation.kind == "visit",
            Reservation.status.in_(COUNTED),
            Reservation.start_at >= start,
            Reservation.start_at < end,
            Reservation.id.not_in(list(but)),
        )
        tallies[per] = _Tally(list(session.scalars(counted)))
    return {quota: tallies[quota.per] for quota in quotas if quota.per in tallies}


def _held(session: Session, locked: Locked, whole: Interval, but: Collection[int]) -> list[occupancy.Taken]:
    before, after = locked.unit.policy.buffer_before, locked.unit.policy.buffer_after
    found = occupancy.taken(session, locked.atom_ids, Interval(whole.start - before, whole.end + after))
    held = {(each.reservation_id, each.during): each for atom in found.values() for each in atom}
    return [each for each in held.values() if each.reservation_id not in but]


def _in(day: date, days: Collection[date] | None) -> bool:
    return days is None or day in days
