"""A unit's tariff: what a use costs, in integer won (invariant 6), and the lines that explain it.

A use is walked through from its start. The base time is charged first, where the tariff has one; then one billing unit
after the other, each begun unit in full. What a unit costs is said by the first line of the tariff that fits the
moment at which that unit begins (in the space's own zone) and who pays. So a longer use never costs less, a midnight
or a clock change in between is no special case, and the same use always costs the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.rules.hours import SATURDAY, holiday
from services.booking.rules.interval import Interval
from shared.bus.catalogue import DAY_KINDS, GROUP_KINDS

UNIT_MINUTES = (10, 15, 20, 30, 60, 90, 120, 180, 240)
MAX_WON = 10_000_000
MAX_LINES = 20
LABEL_LENGTH = 40
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Payer:
    """Who pays. `resident`: of the space's district (None: not known); `group_kind` as staff confirmed it, or None."""

    resident: bool | None = None
    group_kind: str | None = None


@dataclass(frozen=True)
class Line:
    """What a billing unit costs, for whom and when. Empty `days` or `groups`, `resident` None: whatever they are.

    `start` and `end` are local clock times, half-open; a line with start after end goes over midnight ("22:00" to
    "06:00"). `base_won` is for the base time; `unit_won` None: unknown (only in what maps told).
    """

    unit_won: int | None
    base_won: int | None = None
    days: frozenset[str] = frozenset()
    start: str = "00:00"
    end: str = "24:00"
    resident: bool | None = None
    groups: frozenset[str] = frozenset()
    label: str = ""

    @property
    def anyone(self) -> bool:
        """Whether it fits every payer at every time."""
        return not self.days and not self.groups and self.resident is None and (self.start, self.end) == _ALL_DAY

    def fits(self, kind: str, clock: str, payer: Payer) -> bool:
        """Whether it holds on such a day at this local time ("14:00") for this payer."""
        if self.days and kind not in self.days:
            return False
        if self.resident is not None and self.resident != bool(payer.resident):
            return False
        if self.groups and payer.group_kind not in self.groups:
            return False
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


_ALL_DAY = ("00:00", "24:00")


@dataclass(frozen=True)
class Tariff:
    """The lines of a unit, the first that fits counts. `base_minutes` 0: no base time.

    `supported_free`: groups of a supported project pay nothing for the room (equipment has fees of its own).
    """

    lines: tuple[Line, ...]
    unit_minutes: int = 60
    base_minutes: int = 0
    supported_free: bool = False

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Tariff:
        """As `to_json` wrote it."""
        return cls(
            lines=tuple(
                Line(**{**line, "days": frozenset(line["days"]), "groups": frozenset(line["groups"])})
                for line in told["lines"]
            ),
            unit_minutes=told["unit_minutes"],
            base_minutes=told["base_minutes"],
            supported_free=told["supported_free"],
        )

    def to_json(self) -> dict[str, Any]:
        """As it is kept; sets are sorted, so that equal tariffs are equal text."""
        return {
            "lines": [
                {
                    **vars(line),
                    "days": sorted(line.days, key=DAY_KINDS.index),
                    "groups": sorted(line.groups, key=GROUP_KINDS.index),
                }
                for line in self.lines
            ],
            "unit_minutes": self.unit_minutes,
            "base_minutes": self.base_minutes,
            "supported_free": self.supported_free,
        }


def from_fee(fee: Mapping[str, Any] | None) -> Tariff | None:
    """The tariff that maps told as a fee (base fee, then each further step); None: unknown, ask the space."""
    if fee is None:
        return None
    if fee["free"]:
        return FREE
    if not fee["base_minutes"]:
        return None
    stated = bool(fee["extra_minutes"]) and fee["extra_won"] is not None
    line = Line(unit_won=fee["extra_won"] if stated else None, base_won=fee["base_won"])
    return Tariff((line,), unit_minutes=fee["extra_minutes"] or 60, base_minutes=fee["base_minutes"])


FREE = Tariff((Line(unit_won=0),))


@dataclass(frozen=True)
class Item:
    """A piece of equipment in a quote: `won` for each, for the whole use or for each begun hour."""

    name: str
    count: int
    won: int
    hourly: bool = False


@dataclass(frozen=True)
class Charge:
    """One line of the explanation: `times` × `won` = `amount`.

    `kind`: base (the base time), unit (`times` billing units of `minutes` each), supported (a supported project's
    group pays no room fee), equipment (`count` pieces; `minutes` 60 where it is counted by the hour, else 0). `day` is
    the kind of day, "" where the tariff does not tell days apart; `label` the keeper's word for the line, or the
    equipment's name.
    """

    kind: str
    won: int
    times: int
    minutes: int = 0
    count: int = 1
    day: str = ""
    resident: bool | None = None
    group_kind: str | None = None
    start: str = ""
    end: str = ""
    label: str = ""

    @property
    def amount(self) -> int:
        return self.won * self.times * self.count

    def to_json(self) -> dict[str, Any]:
        """As it is kept with a reservation and told by the API."""
        return {**vars(self), "amount": self.amount}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Charge:
        return cls(**{name: value for name, value in told.items() if name != "amount"})


@dataclass(frozen=True)
class Quote:
    """A price. `won` None: unknown, ask the space; `charges` add up to it where it is known.

    `residents_pay_less`: nobody knows whether the payer lives in the district, and a resident's price would be lower.
    """

    won: int | None
    charges: tuple[Charge, ...] = ()
    residents_pay_less: bool = False


def quote(
    tariff: Tariff | None,
    during: Interval,
    zone: ZoneInfo,
    payer: Payer = Payer(),
    items: Iterable[Item] = (),
    is_holiday: Callable[[date], object] = holiday,
) -> Quote:
    """What the use of [start, end) costs this payer, with the equipment it lends; nothing for an empty interval."""
    if tariff is None:
        return Quote(None)
    room = _room(tariff, during, zone, payer, is_holiday)
    if room is None:
        return Quote(None)
    charges = (*room, *_lent(items, during.length))
    less = False
    if payer.resident is None and any(line.resident for line in tariff.lines):
        lives_here = _room(tariff, during, zone, Payer(True, payer.group_kind), is_holiday)
        less = lives_here is not None and _total(lives_here) < _total(room)
    return Quote(_total(charges), charges, less)


def _total(charges: Iterable[Charge]) -> int:
    return sum(charge.amount for charge in charges)


def _room(
    tariff: Tariff, during: Interval, zone: ZoneInfo, payer: Payer, is_holiday: Callable[[date], object]
) -> tuple[Charge, ...] | None:
    """The room's own charges, equal ones together in the order in which they first come; None: unknown."""
    if tariff.supported_free and payer.group_kind == "supported":
        return (Charge("supported", won=0, times=1),)
    counted: dict[Charge, int] = {}
    for moment, base in _steps(tariff, during):
        local = moment.astimezone(zone)
        day = _kind(local.date(), is_holiday)
        clock = local.strftime("%H:%M")
        line = next((each for each in tariff.lines if each.fits(day, clock, payer)), None)
        won = None if line is None else line.base_won if base else line.unit_won
        if line is None or won is None:
            return None
        charge = _charge(tariff, line, day, base, won)
        counted[charge] = counted.get(charge, 0) + 1
    return tuple(Charge(**{**vars(charge), "times": times}) for charge, times in counted.items())


def _steps(tariff: Tariff, during: Interval) -> Iterator[tuple[datetime, bool]]:
    """The moment at which each begun piece begins, and whether it is the base time."""
    moment = during.start
    if tariff.base_minutes and moment < during.end:
        yield moment, True
        moment += tariff.base_minutes * MINUTE
    while moment < during.end:
        yield moment, False
        moment += tariff.unit_minutes * MINUTE


def _charge(tariff: Tariff, line: Line, day: str, base: bool, won: int) -> Charge:
    band = (line.start, line.end) != _ALL_DAY
    return Charge(
        kind="base" if base else "unit",
        won=won,
        times=0,
        minutes=tariff.base_minutes if base else tariff.unit_minutes,
        day=day if line.days else "",
        resident=line.resident,
        group_kind=min(line.groups, key=GROUP_KINDS.index) if len(line.groups) == 1 else None,
        start=line.start if band else "",
        end=line.end if band else "",
        label=line.label,
    )


def _kind(day: date, is_holiday: Callable[[date], object]) -> str:
    if is_holiday(day):
        return "holiday"
    return "weekend" if day.isoweekday() >= SATURDAY else "weekday"


def _lent(items: Iterable[Item], length: timedelta) -> Iterator[Charge]:
    hours = -(-length // HOUR)
    for item in items:
        if item.count > 0:
            yield Charge(
                "equipment",
                won=item.won,
                times=hours if item.hourly else 1,
                minutes=60 if item.hourly else 0,
                count=item.count,
                label=item.name,
            )


def problems(tariff: Tariff) -> Iterator[tuple[str, str]]:
    """(field, code) of what is wrong with a tariff; fields of lines are "lines.0.unit_won"."""
    if tariff.unit_minutes not in UNIT_MINUTES:
        yield "unit_minutes", "tariff_unit_unknown"
    if not 0 <= tariff.base_minutes <= 24 * 60:
        yield "base_minutes", "tariff_base_out_of_range"
    if not tariff.lines or not tariff.lines[-1].anyone:
        yield "lines", "tariff_incomplete"
    if len(tariff.lines) > MAX_LINES:
        yield "lines", "tariff_too_many_lines"
    for number, line in enumerate(tariff.lines):
        for name, code in _line_problems(tariff, line):
            yield f"lines.{number}.{name}", code
        if line.anyone and number < len(tariff.lines) - 1:
            yield f"lines.{number}.days", "tariff_line_hides_others"


def _line_problems(tariff: Tariff, line: Line) -> Iterator[tuple[str, str]]:
    if line.unit_won is None or not 0 <= line.unit_won <= MAX_WON:
        yield "unit_won", "tariff_won_out_of_range"
    if tariff.base_minutes and (line.base_won is None or not 0 <= line.base_won <= MAX_WON):
        yield "base_won", "tariff_won_out_of_range"
    if not line.days <= set(DAY_KINDS):
        yield "days", "tariff_day_unknown"
    if not line.groups <= set(GROUP_KINDS):
        yield "groups", "tariff_group_unknown"
    if line.start == line.end or line.start == "24:00" or line.end == "00:00":
        yield "end", "tariff_band_empty"
    if len(line.label) > LABEL_LENGTH:
        yield "label", "tariff_label_too_long"
