"""What Maru refuses: every rule that says no, taken from the registries that the rules are called by.

Audit findings come first; then the guards of the course and of payments, the eligibility rules and the checks of
expenses. A code stands here once, whichever registries know it: where it is checked tells them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.grants.guards import GUARDS
from services.grants.rules import eligibility, expenses, findings
from services.grants.rules.consistency_course import needed_guards
from services.grants.rules.definition import Definition, Words
from services.grants.rules.tranches import gates_of

KINDS = ("findings", "guards", "requirements", "expenses")


@dataclass(frozen=True)
class Place:
    """Where a rule is asked: `kind` is "step" (`label` names it, in a programme's own words), "payment", "submission",
    "expense", or for what only a use case asks "duplicates", "committee", "review", "two_people"."""

    kind: str
    label: Words | None = None


@dataclass
class Rule:
    """A line of the page. `fault` is what goes wrong (of a guard: what has to be true), `effects` what it does under
    each programme, by the programme's key (nothing where a programme does not ask it): block, flag, off or partly."""

    code: str
    kind: str
    fault: Any
    how: Any = None
    owner: str | None = None
    effects: dict[str, str] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)

    @property
    def effect(self) -> str | None:
        """The one effect that all programmes have; None where they differ."""
        different = set(self.effects.values())
        return different.pop() if len(different) == 1 else None


ONLY_HERE: Mapping[str, tuple[Place, ...]] = {
    "person_behind_groups": (Place("duplicates"),),
    "ceiling_split": (Place("duplicates"),),
    "applied_twice": (Place("duplicates"),),
    "no_quorum": (Place("committee"),),
    "member_interested": (Place("review"), Place("committee")),
    "same_person_approves": (Place("two_people"),),
}
"""Findings that no registry names: where the use case that holds them is."""
SAID_AS: Mapping[str, tuple[str, ...]] = {
    "member_interested": ("recused", "reviewer_conflicted"),
    "same_person_approves": ("second_person_needed",),
}
"""Findings that are refused in words of their own place: the refusals' codes."""


def rules(programmes: Mapping[str, Definition]) -> list[Rule]:
    """Every rule under these programmes (their keys -> their rules), in the order of KINDS."""
    found: dict[str, Rule] = {}
    for each in _all(programmes):
        known = found.setdefault(each.code, each)
        if known is not each:
            known.effects = {**each.effects, **known.effects}
            known.places += [place for place in each.places if place not in known.places]
    return list(found.values())


def _all(programmes: Mapping[str, Definition]) -> Iterator[Rule]:
    for finding in findings.FINDINGS:
        effects = {key: _effect(finding.code, one) for key, one in programmes.items()}
        places = list(ONLY_HERE.get(finding.code, ()))
        yield Rule(finding.code, "findings", finding.what, finding.how, effects=effects, places=places)
    for guard in GUARDS.values():
        asked = {key: list(_places(guard.key, one)) for key, one in programmes.items()}
        effects = {key: "block" for key, places in asked.items() if places}
        yield Rule(guard.code, "guards", guard.label, None, guard.owner, effects, _once(asked.values()))
    for kind in eligibility.REQUIREMENTS.values():
        effect = "block" if kind.blocks else "flag"
        asking = [key for key, one in programmes.items() if any(each.rule == kind.key for each in one.requirements)]
        yield Rule(
            kind.code, "requirements", kind.label, None, "group", dict.fromkeys(asking, effect), [Place("submission")]
        )
    for code in expenses.CODES:
        effects = {key: expenses.effect_of(code, one.settlement.findings) for key, one in programmes.items()}
        yield Rule(code, "expenses", None, None, "group", effects, [Place("expense")])


def _effect(code: str, one: Definition) -> str:
    """What a programme does about a finding. One that a guard holds is held where its rows name that guard: everywhere
    ("block"), or some step that should ask for it does not ("partly"), or nowhere ("off")."""
    guard = next((each.key for each in GUARDS.values() if each.code == code), None)
    if guard is None:
        return findings.effect_of(code, one.settlement.findings)
    if not list(_places(guard, one)):
        return "off"
    asked = all(guard in row.guards for row in one.transitions if guard in needed_guards(one, row))
    return "block" if asked else "partly"


def _places(guard: str, one: Definition) -> Iterator[Place]:
    """The steps and payments of a programme that wait for a guard."""
    yield from (Place("step", row.label) for row in one.transitions if guard in row.guards)
    if any(guard in gates_of(number, plan.gates) for number, plan in enumerate(one.tranches, 1)):
        yield Place("payment")


def _once(several: Iterable[list[Place]]) -> list[Place]:
    return list(dict.fromkeys(place for places in several for place in places))
