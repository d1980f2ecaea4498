"""What may be reserved: one checklist, the same for every caller. No Flask, no database.

Each line says no with a code that `refusals/` explains to a resident. Reserve, change, series, the waitlist's claim and
the lottery's win all ask `check`; searches ask `misfits`, which leaves out who asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.rules.interval import Interval
from services.booking.rules.schedule import Schedule
from shared.refusal import Refusal

PURPOSE_LENGTH = 200
GROUP_LENGTH = 80
PERIODS = ("day", "week", "month")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quota:
    """At most `limit` reservations that start in one local day, week (from Monday) or month, in one space.

    `per` is "person" or "group"; a reservation for a group counts for both.
    """

    per: str
    period: str
    limit: int


@dataclass(frozen=True)
class NoShowRule:
    """Who did not come `count` times within `within_days` cannot reserve for `block_days` from the last time on."""

    count: int = 3
    within_days: int = 90
    block_days: int = 30


@dataclass(frozen=True)
class Policy:
    """A unit's limits, set by its keeper.

    `window` after today's local date, `notice` before the start; in the first days of the window
    (`residents_first` at its far end) only people of the space's district. `audience`: anyone, district (people of
    the district), group (for a group only). `approval`: automatic, manual, trusted (automatic for groups that the
    space trusts). `offer` is how long a freed time is held for the next in line; `waitlist` whether there is a line.
    `check_in`: whether one checks in on the spot, from `early` before the start until `grace` after it.
    """

    grid: timedelta = 30 * MINUTE
    shortest: timedelta = 30 * MINUTE
    longest: timedelta = 240 * MINUTE
    window: timedelta = 60 * DAY
    notice: timedelta = timedelta(0)
    cancel_notice: timedelta = timedelta(0)
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    residents_first: timedelta = timedelta(0)
    audience: str = "anyone"
    approval: str = "automatic"
    quotas: tuple[Quota, ...] = ()
    waitlist: bool = True
    offer: timedelta = 30 * MINUTE
    series_limit: int = 60
    check_in: bool = False
    early: timedelta = 15 * MINUTE
    grace: timedelta = 15 * MINUTE
    no_shows: NoShowRule | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Policy:
        """From the JSON of `unit_rules.settings`: lengths in whole minutes (`grid`, `notice`, …) or days (`window`,
        `residents_first`); what is missing stays ordinary."""
        known: dict[str, Any] = {}
        for name, value in settings.items():
            if name in _IN_DAYS:
                known[name] = timedelta(days=value)
            elif name in _IN_MINUTES:
                known[name] = timedelta(minutes=value)
            elif name == "quotas":
                known[name] = tuple(Quota(**each) for each in value)
            elif name == "no_shows":
                known[name] = NoShowRule(**value) if value else None
            elif name in _PLAIN:
                known[name] = value
        return replace(POLICY, **known) if known else POLICY

    def settings(self) -> dict[str, Any]:
        """The JSON that `from_settings` reads."""
        told: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in _IN_DAYS:
                value = value // DAY
            elif each.name in _IN_MINUTES:
                value = value // MINUTE
            elif each.name == "quotas":
                value = [vars(quota) for quota in value]
            elif each.name == "no_shows":
                value = vars(value) if value else None
            told[each.name] = value
        return told


_IN_DAYS = {"window", "residents_first"}
_IN_MINUTES = {
    "grid",
    "shortest",
    "longest",
    "notice",
    "cancel_notice",
    "buffer_before",
    "buffer_after",
    "offer",
    "early",
    "grace",
}
_PLAIN = {"audience", "approval", "waitlist", "series_limit", "check_in"}
POLICY = Policy()


@dataclass(frozen=True)
class Place:
    """What the rules need to know of a unit. `capacity` None: unknown."""

    active: bool
    stage: str
    schedule: Schedule
    capacity: int | None
    zone: ZoneInfo
    district: str = ""
    policy: Policy = POLICY


@dataclass(frozen=True)
class Asker:
    """What the rules need to know of who asks. `used` counts what each quota already has (of the person, of the group);
    `keeper`: runs the space, so that notice, window, audience, quotas and approval do not bind."""

    district: str | None = None
    group_id: int | None = None
    group_kind: str | None = None
    trusted: bool = False
    keeper: bool = False
    blocked_until: datetime | None = None
    used: Mapping[Quota, int] = field(default_factory=dict)


SOMEBODY = Asker()


@dataclass(frozen=True)
class Wish:
    """What somebody asks for; `equipment` maps ids to how many."""

    during: Interval
    people: int
    purpose: str
    group_name: str | None = None
    group_id: int | None = None
    equipment: Mapping[int, int] = field(default_factory=dict)


def check(place: Place, wish: Wish, now: datetime, asker: Asker = SOMEBODY) -> None:
    """Raises Refusal (422) with the first problem's code, and each problem's code at its field."""
    found = list(problems(place, wish, now, asker))
    if not found:
        return
    told: dict[str, list[str]] = {}
    for name, code in found:
        told.setdefault(name, []).append(code)
    raise Refusal(found[0][1], 422, fields=told, **figures(place, asker))


def problems(place: Place, wish: Wish, now: datetime, asker: Asker = SOMEBODY) -> Iterator[tuple[str, str]]:
    """(field, code) of everything that speaks against the wish; nothing when it may be reserved."""
    yield from misfits(place, wish.during, wish.people, now, keeper=asker.keeper)
    yield from _wrong_asker(place, wish.during, now, asker)
    if not wish.purpose.strip():
        yield "purpose", "purpose_needed"
    if len(wish.purpose) > PURPOSE_LENGTH:
        yield "purpose", "purpose_too_long"
    if wish.group_name and len(wish.group_name) > GROUP_LENGTH:
        yield "group_name", "group_name_too_long"


def misfits(
    place: Place, during: Interval, people: int, now: datetime, keeper: bool = False
) -> Iterator[tuple[str, str]]:
    """(field, code) of why this place can't take so many people at that time, whoever they are."""
    if not place.active:
        yield "unit_id", "unit_inactive"
    if place.stage != "open":
        yield "unit_id", "space_not_open"
    if place.schedule.opening is None:
        yield "unit_id", "hours_unknown"
    yield from _wrong_time(place, during, now, keeper)
    if people < 1:
        yield "people", "people_too_few"
    if place.capacity and people > place.capacity:
        yield "people", "people_too_many"


def needs_approval(policy: Policy, asker: Asker) -> bool:
    """Whether a keeper decides first."""
    if asker.keeper or policy.approval == "automatic":
        return False
    return not (policy.approval == "trusted" and asker.trusted)


def _wrong_time(place: Place, during: Interval, now: datetime, keeper: bool) -> Iterator[tuple[str, str]]:
    policy = place.policy
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
    if during.start < now:
        yield "start", "in_the_past"
    elif during.start < now + policy.notice and not keeper:
        yield "start", "too_soon"
    if first.date() > last_day(place.zone, now, policy) and not keeper:
        yield "start", "too_far_ahead"
    if place.schedule.opening is None:
        return
    if reason := place.schedule.closed_reason(first.date()):
        yield "start", reason
    elif not any(each.contains(during) for each in place.schedule.open_intervals(first.date(), last.date())):
        yield "start", "outside_hours"


def _wrong_asker(place: Place, during: Interval, now: datetime, asker: Asker) -> Iterator[tuple[str, str]]:
    policy = place.policy
    if asker.keeper:
        return
    if asker.blocked_until and asker.blocked_until > now:
        yield "form", "blocked_for_no_shows"
    at_home = asker.district is not None and asker.district == place.district
    if policy.audience == "district" and not at_home:
        yield "form", "district_only"
    if policy.audience == "group" and asker.group_id is None:
        yield "group_id", "group_only"
    if policy.residents_first and not at_home and policy.audience != "district":
        day = during.start.astimezone(place.zone).date()
        if last_day(place.zone, now, policy) >= day > last_day(place.zone, now, policy) - policy.residents_first:
            yield "start", "district_first"
    for quota in policy.quotas:
        if quota.per == "group" and asker.group_id is None:
            continue
        if asker.used.get(quota, 0) >= quota.limit:
            yield "form", f"quota_{quota.per}_{quota.period}"


def last_day(zone: ZoneInfo, now: datetime, policy: Policy = POLICY) -> date:
    """The last local date that can be reserved today."""
    return now.astimezone(zone).date() + policy.window


def period_of(quota: Quota, during: Interval, zone: ZoneInfo) -> tuple[date, date]:
    """The local dates [first, after) of the quota's period that holds the start."""
    day = during.start.astimezone(zone).date()
    if quota.period == "day":
        return day, day + DAY
    if quota.period == "week":
        monday = day - day.weekday() * DAY
        return monday, monday + 7 * DAY
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1)


def _off_grid(local: datetime, grid: timedelta) -> bool:
    since_midnight = timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return bool(since_midnight % grid)


def figures(place: Place, asker: Asker = SOMEBODY) -> dict[str, object]:
    """What the sentences may mention: minutes, hours, days, people."""
    policy = place.policy
    until = asker.blocked_until
    limits = {f"limit_{quota.per}_{quota.period}": quota.limit for quota in policy.quotas}
    return {
        "grid": policy.grid // MINUTE,
        "shortest": policy.shortest // MINUTE,
        "longest": f"{policy.longest / (60 * MINUTE):g}",
        "days": policy.window.days,
        "notice": f"{policy.notice / (60 * MINUTE):g}",
        "first_days": (policy.window - policy.residents_first).days,
        "capacity": place.capacity or 0,
        "until": until.astimezone(place.zone).date().isoformat() if until else "",
        **limits,
    }
