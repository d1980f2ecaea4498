"""The few ways of repeating that keepers' forms offer, as rules of recurrence."""

from __future__ import annotations

from datetime import date

from services.booking.rules.recurrence import Recurrence, nth_of
from shared.refusal import Refusal

REPEATS = ("", "day", "week", "two_weeks", "month_day", "month_nth", "month_last")


def rule_of(repeat: str, first: date, until: date | None) -> Recurrence | None:
    """The rule that a choice of REPEATS means from this date on; None: once.

    month_nth is the same nth weekday of each month, month_last the last such weekday.

    Raises Refusal (422): until_needed, repeat_unknown.
    """
    if not repeat:
        return None
    if repeat not in REPEATS:
        raise Refusal("repeat_unknown", 422, fields={"repeat": ["repeat_unknown"]})
    if until is None:
        raise Refusal("until_needed", 422, fields={"until": ["until_needed"]})
    if repeat == "day":
        return Recurrence(first, "day", until=until)
    if repeat in ("week", "two_weeks"):
        return Recurrence(first, "week", interval=2 if repeat == "two_weeks" else 1, until=until)
    if repeat == "month_day":
        return Recurrence(first, "month", month_day=first.day, until=until)
    nth = -1 if repeat == "month_last" else nth_of(first)
    return Recurrence(first, "month", nth=(nth, first.isoweekday()), until=until)
