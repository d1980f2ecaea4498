"""What a keeper may set: the bounds of a unit's rules, hours and special days. Each problem is a field and a code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.booking.rules.policy import DAY, MINUTE, PERIODS, Policy

AUDIENCES = ("anyone", "district", "group")
APPROVALS = ("automatic", "manual", "trusted")
GRIDS = (5, 10, 15, 20, 30, 60)
PAYERS = ("person", "group")
HOUR = 60 * MINUTE
BOUNDS: Mapping[str, tuple[timedelta, timedelta]] = {
    "shortest": (5 * MINUTE, 24 * HOUR),
    "longest": (5 * MINUTE, 7 * DAY),
    "window": (DAY, 400 * DAY),
    "notice": (timedelta(0), 60 * DAY),
    "cancel_notice": (timedelta(0), 60 * DAY),
    "buffer_before": (timedelta(0), 12 * HOUR),
    "buffer_after": (timedelta(0), 12 * HOUR),
    "residents_first": (timedelta(0), 400 * DAY),
    "offer": (5 * MINUTE, 7 * DAY),
    "early": (timedelta(0), 4 * HOUR),
    "grace": (5 * MINUTE, 4 * HOUR),
}
MOST_QUOTA = 1000
MOST_SERIES = 200


def problems(policy: Policy) -> Iterator[tuple[str, str]]:
    """(field, code) of what is wrong with a unit's rules."""
    if policy.grid // MINUTE not in GRIDS or policy.grid % MINUTE:
        yield "grid", "grid_unknown"
        return
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(policy, name) <= most:
            yield name, "setting_out_of_range"
    for name in ("shortest", "longest"):
        if getattr(policy, name) % policy.grid:
            yield name, "length_off_grid"
    if policy.shortest > policy.longest:
        yield "longest", "longest_below_shortest"
    if policy.residents_first >= policy.window and policy.residents_first:
        yield "residents_first", "residents_first_too_long"
    if policy.audience not in AUDIENCES:
        yield "audience", "setting_out_of_range"
    if policy.approval not in APPROVALS:
        yield "approval", "setting_out_of_range"
    if not 1 <= policy.series_limit <= MOST_SERIES:
        yield "series_limit", "setting_out_of_range"
    yield from _rules_of_people(policy)


def _rules_of_people(policy: Policy) -> Iterator[tuple[str, str]]:
    seen = set()
    for quota in policy.quotas:
        name = f"quota_{quota.per}_{quota.period}"
        known = quota.per in PAYERS and quota.period in PERIODS
        if not known or (quota.per, quota.period) in seen or not 1 <= quota.limit <= MOST_QUOTA:
            yield name if known else "quotas", "setting_out_of_range"
        seen.add((quota.per, quota.period))
    rule = policy.no_shows
    if rule is not None:
        for name, value, most in (
            ("no_show_count", rule.count, 100),
            ("no_show_within_days", rule.within_days, 730),
            ("no_show_block_days", rule.block_days, 730),
        ):
            if not 1 <= value <= most:
                yield name, "setting_out_of_range"
        if not policy.check_in:
            yield "no_show_count", "no_shows_need_check_in"


def hours_problems(days: Sequence[Sequence[str] | None]) -> Iterator[tuple[str, str]]:
    """(field, code) of what is wrong with the hours of Monday to Sunday; field "days.0" is Monday's."""
    for number, pair in enumerate(days):
        if pair is not None and pair[0] >= pair[1]:
            yield f"days.{number}", "hours_end_before_start"
    if not any(days):
        yield "days", "hours_always_closed"


def hours_of_week(days: Sequence[Sequence[str] | None]) -> dict[str, Any]:
    """A keeper's hours as `Opening.from_facts` and the event `booking.unit.ruled` take them."""
    week = [list(pair) if pair else None for pair in days]
    return {"weekday": week[0], "weekend": week[5], "days": week}
