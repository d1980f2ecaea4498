"""What an award may be: the request, the call's budget and the programme's ceilings. Pure.

Each problem is a code with the figures of its sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.grants.rules.definition import Limits

Problem = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Taken:
    """What others have of each ceiling already, in won; `remaining_won` is what the call's budget still holds."""

    remaining_won: int
    group_won: int = 0
    group_awards: int = 0
    dong_won: int = 0
    district_won: int = 0


def needs_reason(event: str, awarded_won: int | None, requested_won: int) -> bool:
    """Whether the group has to be told why: it gets less than it asked for, a place on the reserve list, or nothing."""
    if event == "select":
        return awarded_won is not None and awarded_won < requested_won
    return event in ("reserve", "reject")


def problems(
    awarded_won: int | None, requested_won: int, ceiling_won: int, limits: Limits, taken: Taken
) -> Iterator[Problem]:
    """What is wrong with an award; nothing where it may be made. `ceiling_won` is the call's, of one project."""
    yield from amount_problems(awarded_won, requested_won, ceiling_won, limits)
    if awarded_won is not None and 0 < awarded_won <= requested_won:
        yield from _ceilings(awarded_won, limits, taken)


def amount_problems(awarded_won: int | None, requested_won: int, ceiling_won: int, limits: Limits) -> Iterator[Problem]:
    """What is wrong with an amount whatever others have: all that is asked of a reserve's, for which the money has yet
    to come."""
    project_won = min(ceiling_won, limits.project_won or ceiling_won)
    if awarded_won is None:
        yield "won_missing", {}
    elif awarded_won <= 0:
        yield "won_not_positive", {}
    elif awarded_won > requested_won:
        yield "award_over_request", {"requested_won": f"{requested_won:,}"}
    elif awarded_won > project_won:
        yield "award_over_project", {"limit_won": f"{project_won:,}"}


def _ceilings(awarded_won: int, limits: Limits, taken: Taken) -> Iterator[Problem]:
    if awarded_won > taken.remaining_won:
        yield "award_over_remaining", {"remaining_won": f"{max(taken.remaining_won, 0):,}"}
    if limits.group_awards is not None and taken.group_awards >= limits.group_awards:
        yield "award_over_group_awards", {"limit": str(limits.group_awards), "taken": str(taken.group_awards)}
    for name, limit_won, taken_won in (
        ("group", limits.group_won, taken.group_won),
        ("dong", limits.dong_won, taken.dong_won),
        ("district", limits.district_won, taken.district_won),
    ):
        if limit_won is not None and awarded_won + taken_won > limit_won:
            left_won = max(limit_won - taken_won, 0)
            yield f"award_over_{name}", {"limit_won": f"{limit_won:,}", "left_won": f"{left_won:,}"}
