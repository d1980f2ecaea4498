"""What forms offer as days and times, and how they are read: in the unit's own zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.booking import special_days
from services.booking.models import Unit
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import MINUTE
from shared.clock import now
from shared.web.pages import database


def today(unit: Unit) -> str:
    """The unit's local date."""
    return now().astimezone(unit.zone).date().isoformat()


def clock_times(unit: Unit) -> list[str]:
    """The grid from the first opening to the last closing of any day: what a form offers to choose from."""
    opening = unit.opening
    if opening is None:
        return []
    with database().read() as session:
        special = special_days.coming(session, unit.id, now().astimezone(unit.zone).date())
    pairs = [pair for pair in opening.days or (opening.weekday, opening.weekend) if pair]
    pairs += [(day.opens, day.closes) for day in special if day.opens and day.closes]
    if not pairs:
        return []
    first, last = min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    minutes = range(0, 24 * 60 + 1, unit.policy.grid // MINUTE)
    return [clock for each in minutes if first <= (clock := f"{each // 60:02}:{each % 60:02}") <= last]


def choices(times: list[str], typed: str | None) -> list[tuple[str, str]]:
    """What to choose from; a time that was typed, or came with the address, is never dropped."""
    return [(each, each) for each in sorted({*times, *([typed] if typed else [])})]


def during_of(unit: Unit, form: Mapping[str, Any]) -> Interval:
    """The time that a form's `date`, `start` and `end` mean."""
    return Interval(*(instant(form["date"], form[name], unit.zone) for name in ("start", "end")))
