"""What may be reserved: one checklist, the same for every caller. No Flask, no database.

Each line says no with a code that `refusals.SENTENCES` explains to a resident.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.booking.rules.hours import Opening, closed_reason, open_intervals
from services.booking.rules.interval import Interval
from shared.refusal import Refusal

PURPOSE_LENGTH = 200
GROUP_LENGTH = 80


@dataclass(frozen=True)
class Policy:
    """The limits of a reservation: `window` in days after today's local date, `notice` before the start."""

    grid: timedelta = timedelta(minutes=30)
    shortest: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=4)
    window: timedelta = timedelta(days=60)
    notice: timedelta = timedelta(0)


POLICY = Policy()


@dataclass(frozen=True)
class Place:
    """What the rules need to know of a unit. `capacity` None: unknown; `opening` None: not reservable online."""

    active: bool
    stage: str
    opening: Opening | None
    capacity: int | None
    zone: ZoneInfo


@dataclass(frozen=True)
class Wish:
    """What somebody asks for."""

    during: Interval
    people: int
    purpose: str
    group_name: str | None = None


def check(place: Place, wish: Wish, now: datetime, policy: Policy = POLICY) -> None:
    """Raises Refusal (422) with the first problem's code, and each problem's code at its field."""
    found = list(problems(place, wish, now, policy))
    if not found:
        return
    fields: dict[str, list[str]] = {}
    for field, code in found:
        fields.setdefault(field, []).append(code)
    raise Refusal(found[0][1], 422, fields=fields, **_figures(place, policy))


def problems(place: Place, wish: Wish, now: datetime, policy: Policy = POLICY) -> Iterator[tuple[str, str]]:
    """(field, code) of everything that speaks against the wish; nothing when it may be reserved."""
    yield from misfits(place, wish.during, wish.people, now, policy)
    if not wish.purpose.strip():
        yield "purpose", "purpose_needed"
    if len(wish.purpose) > PURPOSE_LENGTH:
        yield "purpose", "purpose_too_long"
    if wish.group_name and len(wish.group_name) > GROUP_LENGTH:
        yield "group_name", "group_name_too_long"


def misfits(
    place: Place, during: Interval, people: int, now: datetime, policy: Policy = POLICY
) -> Iterator[tuple[str, str]]:
    """(field, code) of why this place can't take so many people at that time, whoever they are."""
    if not place.active:
        yield "unit_id", "unit_inactive"
    if place.stage != "open":
        yield "unit_id", "space_not_open"
    if place.opening is None:
        yield "unit_id", "hours_unknown"
    yield from _wrong_time(place, during, now, policy)
    if people < 1:
        yield "people", "people_too_few"
    if place.capacity and people > place.capacity:
        yield "people", "people_too_many"


def _wrong_time(place: Place, during: Interval, now: datetime, policy: Policy) -> Iterator[tuple[str, str]]:
    first, last = during.start.astimezone(place.zone), during.end.astimezone(place.zone)
    if during.start >= during.end:
        yield "end", "end_before_start"
        return
    if _off_grid(first, policy.grid):
        yield "start", "off_grid"
    if _off_grid(last, policy.grid):
        yield "end", "off_grid"
    if during.length < policy.shortest:
        yield "end", "too_short"
    if during.length > policy.longest:
        yield "end", "too_long"
        return
    if during.start < now + policy.notice:
        yield "start", "in_the_past"
    if first.date() > last_day(place.zone, now, policy):
        yield "start", "too_far_ahead"
    if place.opening is None:
        return
    if reason := closed_reason(place.opening, first.date()):
        yield "start", reason
    elif not any(
        each.contains(during) for each in open_intervals(place.opening, first.date(), last.date(), place.zone)
    ):
        yield "start", "outside_hours"


def last_day(zone: ZoneInfo, now: datetime, policy: Policy = POLICY) -> date:
    """The last local date that can be reserved today."""
    return now.astimezone(zone).date() + policy.window


def _off_grid(local: datetime, grid: timedelta) -> bool:
    since_midnight = timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return bool(since_midnight % grid)


def _figures(place: Place, policy: Policy) -> dict[str, object]:
    """What the sentences may mention."""
    return {
        "grid": policy.grid // timedelta(minutes=1),
        "shortest": policy.shortest // timedelta(minutes=1),
        "longest": policy.longest // timedelta(hours=1),
        "days": policy.window.days,
        "capacity": place.capacity or 0,
    }
