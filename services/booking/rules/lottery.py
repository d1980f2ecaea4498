"""What a lottery may be: its times, its window, its terms. Each problem is a field and a code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval

TICKET_RULES = ("first_timer", "resident", "group", "won_lately")
"""What may change the number of tickets: never used this space before; lives in its district; enters for a registered
group; won in a lottery of this space within `LATELY` (the person, or the group)."""
LATELY = timedelta(days=31)
USUAL_TICKETS = {"first_timer": 1, "resident": 1, "group": 0, "won_lately": -1}
USUAL_BASE = 2
MOST_SLOTS = 200
MOST_WISHES = 5
MOST_DAYS = 92
BASE = (1, 20)
TICKETS = (-20, 20)
WINS = (1, 10)
CONFIRM_HOURS = (0, 14 * 24)


@dataclass(frozen=True)
class Plan:
    """What a keeper asks for. `slots` are (unit id, time); `skip`: leave out those that are taken or closed."""

    name: str
    slots: tuple[tuple[int, Interval], ...]
    opens_at: datetime
    closes_at: datetime
    about: str = ""
    base: int = USUAL_BASE
    tickets: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_TICKETS))
    wins: int = 1
    confirm_hours: int = 24
    skip: bool = False


def slot_times(
    first: date, last: date, weekdays: Collection[int], clocks: Sequence[tuple[str, str]], zone: ZoneInfo
) -> list[Interval]:
    """Each pair of local clock times on each local date first..last of these ISO weekdays, in order."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [
        Interval(instant(day, start, zone), instant(day, end, zone))
        for day in days
        if day.isoweekday() in weekdays
        for start, end in clocks
    ]


def span_problems(first: date, last: date) -> Iterator[tuple[str, str]]:
    """(field, code) of what is wrong with the local dates first..last, before slots are made of them."""
    if last < first:
        yield "last", "lottery_last_before_first"
    elif (last - first).days >= MOST_DAYS:
        yield "last", "lottery_too_many_days"


def problems(plan: Plan, now: datetime) -> Iterator[tuple[str, str]]:
    """(field, code) of what speaks against a plan, whatever is taken."""
    if not plan.name.strip():
        yield "name", "lottery_name_needed"
    if plan.closes_at <= plan.opens_at:
        yield "closes_at", "lottery_closes_before_opens"
    if plan.closes_at <= now:
        yield "closes_at", "lottery_closes_in_the_past"
    if not plan.slots:
        yield "times", "lottery_no_slots"
    elif len(plan.slots) > MOST_SLOTS:
        yield "times", "lottery_too_many_slots"
    elif any(during.start >= during.end for _unit, during in plan.slots):
        yield "times", "end_before_start"
    elif min(during.start for _unit, during in plan.slots) < plan.closes_at + plan.confirm_hours * timedelta(hours=1):
        yield "first", "lottery_slots_too_early"
    for name, value, (least, most) in (
        ("base", plan.base, BASE),
        ("wins", plan.wins, WINS),
        ("confirm_hours", plan.confirm_hours, CONFIRM_HOURS),
    ):
        if not least <= value <= most:
            yield name, "setting_out_of_range"
    for code, count in plan.tickets.items():
        if code not in TICKET_RULES or not TICKETS[0] <= count <= TICKETS[1]:
            yield f"tickets.{code}", "setting_out_of_range"


def wish_problems(
    wishes: Sequence[int], slots: Iterable[int], capacities: Mapping[int, int | None], people: int
) -> Iterator[tuple[str, str]]:
    """(field, code) of what is wrong with an entry's wishes: ids of slots in order of preference."""
    if not wishes:
        yield "wishes", "lottery_wish_needed"
    if len(wishes) > MOST_WISHES:
        yield "wishes", "lottery_too_many_wishes"
    if len(set(wishes)) != len(wishes):
        yield "wishes", "lottery_wish_twice"
    if not set(wishes) <= set(slots):
        yield "wishes", "lottery_wish_unknown"
    elif any(people > (capacities.get(wish) or people) for wish in wishes):
        yield "people", "lottery_too_many_people"
