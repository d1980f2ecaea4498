"""A past call once more under changed rules: what would have been decided. Pure; whole won, tenths of a point.

It changes nothing and decides nothing. What is left as it was keeps what was decided: without a changed cut-off or
number of awards the same applications are selected, and only amounts change. A changed cut-off drops those below it; of
those that failed the old one it lets those in that pass the new one, as far as the money goes (stages that they never
came to are unknown and count as passed, which `unknown` tells). A changed number of awards fills the places by rank:
the mean of the recorded stages' totals, each as a part of its best possible total, equal ones in the order of their
filing. Amounts: what was awarded, of the others what they asked for; then each ceiling in the order of rank, the first
ones first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from services.grants.rules.definition import Definition
from services.grants.rules.dongs import dong_name

CHANGES = ("selected", "rejected", "cut", "same")


@dataclass(frozen=True)
class Case:
    """An application as it was recorded: `totals` are the average totals of its reviewed stages in tenths of a point;
    `awarded_won` is None where it was not selected."""

    application_id: int
    number: int
    district: str
    dong: str
    requested_won: int
    awarded_won: int | None
    totals: Mapping[str, Fraction]
    group_id: int | None = None


@dataclass(frozen=True)
class Changes:
    """What is tried out; None (or a stage that is not named) stays as it was."""

    cuts: Mapping[str, int] = field(default_factory=dict)
    quota: int | None = None
    project_won: int | None = None
    group_won: int | None = None
    dong_won: int | None = None
    district_won: int | None = None
    budget_won: int | None = None

    @property
    def any(self) -> bool:
        ceilings = (self.project_won, self.group_won, self.dong_won, self.district_won, self.budget_won)
        amounts = (self.quota, *ceilings)
        return bool(self.cuts) or any(each is not None for each in amounts)


@dataclass(frozen=True)
class Outcome:
    """What would have become of a case. `change`: same, selected, rejected or cut. `why` it changed: cut_off, quota
    or the ceiling (project, group, dong, district, budget) that took from it. `rank` counts from 1, None without a
    review."""

    case: Case
    rank: int | None
    awarded_won: int | None
    change: str
    why: str | None
    unknown: bool


@dataclass(frozen=True)
class Sums:
    """How many were selected, and their won: as it was and as it would have been; and how many of each change."""

    selected_before: int
    selected_after: int
    won_before: int
    won_after: int
    changes: Mapping[str, int]


def replay(
    cases: Iterable[Case],
    changes: Changes,
    rules: Definition,
    budget_won: int,
    elsewhere: Mapping[int, int] | None = None,
) -> list[Outcome]:
    """The outcomes in rank order, those without a review behind. `budget_won` is the call's own; `elsewhere`: group ->
    what it has of its ceiling from other calls of the same year, in won."""
    ranked = _ranked(cases, rules)
    chosen, why = _chosen(ranked, changes, rules)
    left = _Left(changes, budget_won, elsewhere or {})
    outcomes = []
    for rank, case in ranked:
        award, reason = None, why.get(case.application_id)
        if case.application_id in chosen:
            award, limit = left.take(case)
            reason = limit or reason
        change = _change(case, award)
        unknown = award is not None and case.awarded_won is None and set(case.totals) != {s.key for s in rules.stages}
        outcomes.append(Outcome(case, rank, award, change, None if change == "same" else reason, unknown))
    return outcomes


def sums(outcomes: Iterable[Outcome]) -> Sums:
    """The sums of a replay."""
    found = list(outcomes)
    before = [each.case.awarded_won for each in found if each.case.awarded_won is not None]
    after = [each.awarded_won for each in found if each.awarded_won is not None]
    counted = {name: sum(each.change == name for each in found) for name in CHANGES}
    return Sums(len(before), len(after), sum(before), sum(after), counted)


def _ranked(cases: Iterable[Case], rules: Definition) -> list[tuple[int | None, Case]]:
    best = {stage.key: stage.most_tenths for stage in rules.stages}

    def score(case: Case) -> Fraction | None:
        parts = [Fraction(total) / best[stage] for stage, total in case.totals.items() if best.get(stage)]
        return sum(parts, Fraction()) / len(parts) if parts else None

    scored = [(score(case), case) for case in cases]
    scale = lcm(*{points.denominator for points, _case in scored if points is not None})
    with_score = sorted(  # by whole numbers: to compare fractions takes ten times as long
        ((points, case) for points, case in scored if points is not None),
        key=lambda each: (
            -each[0].numerator * (scale // each[0].denominator),
            each[1].number,
            each[1].application_id,
        ),
    )
    without = sorted((case for points, case in scored if points is None), key=lambda case: case.number)
    ranks: list[tuple[int | None, Case]] = [(rank, case) for rank, (_points, case) in enumerate(with_score, 1)]
    return ranks + [(None, case) for case in without]


def _chosen(
    ranked: list[tuple[int | None, Case]], changes: Changes, rules: Definition
) -> tuple[set[int], dict[int, str]]:
    """Who is selected, and why the others that were are not, or were not and are."""
    old = {stage.key: stage.pass_tenths for stage in rules.stages}
    new = old | dict(changes.cuts)
    chosen: set[int] = set()
    why: dict[int, str] = {}
    for rank, case in ranked:
        was, own = case.awarded_won is not None, case.application_id
        passed, passed_before = _passes(case, new), _passes(case, old)
        if not passed and changes.cuts:
            if was:
                why[own] = "cut_off"
        elif changes.quota is not None:
            if rank is not None and (passed or was) and len(chosen) < changes.quota:
                chosen.add(own)
                why[own] = "quota"
            elif was:
                why[own] = "quota"
        elif was:
            chosen.add(own)
        elif rank is not None and passed and not passed_before:
            chosen.add(own)
            why[own] = "cut_off"
    return chosen, why


def _passes(case: Case, cuts: Mapping[str, int | None]) -> bool:
    """No recorded total stands below its stage's cut-off."""
    return all(cuts.get(stage) is None or total >= (cuts[stage] or 0) for stage, total in case.totals.items())


def _change(case: Case, award: int | None) -> str:
    if case.awarded_won is None:
        return "same" if award is None else "selected"
    if award is None:
        return "rejected"
    return "cut" if award < case.awarded_won else "same"


class _Left:
    """What is left below each ceiling. Ceilings that nobody changed held when it was decided, and are not asked again,
    except the call's budget."""

    def __init__(self, changes: Changes, budget_won: int, elsewhere: Mapping[int, int]) -> None:
        self._changes, self._elsewhere = changes, elsewhere
        self._budget = budget_won if changes.budget_won is None else changes.budget_won
        self._of: dict[tuple[str, str], int] = {}

    def take(self, case: Case) -> tuple[int | None, str | None]:
        """The award of the next case (None: nothing is left), and the ceiling that took from it."""
        wanted = case.requested_won if case.awarded_won is None else case.awarded_won
        places = [("budget", "", self._budget)]
        if self._changes.project_won is not None:
            places.append(("project", str(case.application_id), self._changes.project_won))
        if self._changes.group_won is not None and case.group_id is not None:
            of_group = self._changes.group_won - self._elsewhere.get(case.group_id, 0)
            places.append(("group", str(case.group_id), of_group))
        if self._changes.dong_won is not None and case.dong:
            places.append(("dong", f"{case.district}:{dong_name(case.dong)}", self._changes.dong_won))
        if self._changes.district_won is not None:
            places.append(("district", case.district, self._changes.district_won))
        lefts = [(self._of.get((kind, key), most), kind, key) for kind, key, most in places]
        least, limit, _key = min(lefts, key=lambda each: each[0])
        award = min(wanted, max(0, least))
        for left, kind, key in lefts:
            self._of[kind, key] = left - award
        return award or None, limit if award < wanted else None
