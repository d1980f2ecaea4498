"""Whether a programme's rules hold together, beyond what their document's schema says. Pure.

What `blocks` keeps a version from being released; the rest is told to its editor. The money guards are required: a
programme that would pay before the agreement, decide without a committee's quorum or finalise without receipts is
refused, because the engine only holds the gates that a programme names (design, invariant 9; the audit findings of
issue 4). Their sentences are in `refusals.programmes`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from services.grants.rules.consistency_course import course_problems
from services.grants.rules.consistency_problem import Problem
from services.grants.rules.definition import KNOWN_FIELDS, Definition, Field, Words

PROGRAM_KINDS = ("budget", "members", "place")
"""Kinds of fields that the program itself reads, by the known key of the same name."""
NEVER_GREEN = ("intake_open", "tranches_settled")
"""What cannot be true while a payment is on its way."""
FIRST_GATES = ("agreement_signed", "no_overdue_return", "account_known")
LATER_GATES = ("agreement_signed", "no_overdue_return", "earlier_tranches_paid", "interim_passed")


@dataclass(frozen=True)
class Known:
    """The keys that a document may name. `requirements`: rule -> what its value is ("number", "kinds" of groups, or
    nothing); `findings`: code -> the effects that it leaves open."""

    guards: Collection[str]
    requirements: Mapping[str, str]
    kinds: Collection[str]
    findings: Mapping[str, Collection[str]]


def problems(rules: Definition, known: Known) -> list[Problem]:
    """All that is wrong, the blocking ones first, each part in the order of the document."""
    found = [
        *_words(rules, ""),
        *_form(rules),
        *_requirements(rules, known),
        *course_problems(rules, known.guards),
        *_reviews(rules),
        *_limits(rules),
        *_tranches(rules, known),
        *_costs(rules),
        *_findings(rules, known),
    ]
    return sorted(found, key=lambda each: not each.blocks)


def _words(part: Any, path: str) -> Iterator[Problem]:
    """Labels without a word."""
    for each in fields(part):
        value, here = getattr(part, each.name), f"{path}.{each.name}" if path else each.name
        if isinstance(value, Words):
            if each.name != "hint" and not value.ko.strip():
                yield Problem(f"{here}.ko", "label_missing")
        elif is_dataclass(value):
            yield from _words(value, here)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if is_dataclass(item):
                    yield from _words(item, f"{here}.{index}")


def repeated(keys: Iterable[str], path: str, name: str = "key") -> Iterator[Problem]:
    """Keys that stand twice, at their second place."""
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield Problem(f"{path}.{index}.{name}", "key_repeated")
        seen.add(key)


def _form(rules: Definition) -> Iterator[Problem]:
    path = "form.fields"
    yield from repeated((each.key for each in rules.strands), "strands")
    if not any(each.required for each in rules.strands):
        yield Problem("strands", "no_strand_required", blocks=False)
    yield from repeated((each.key for each in rules.form.fields), path)
    for key in ("title", "requested_won"):
        each = rules.form.field(key)
        if each is None:
            yield Problem(path, f"field_missing_{key}")
        elif not each.required:
            yield Problem(f"{path}.{rules.form.fields.index(each)}.required", "field_must_be_required")
    for index, each in enumerate(rules.form.fields):
        yield from _field(each, f"{path}.{index}", rules)
    if rules.settlement.self_percent and rules.form.field("self_contribution_won") is None:
        yield Problem(path, "field_missing_self")


def _field(each: Field, path: str, rules: Definition) -> Iterator[Problem]:
    expected = KNOWN_FIELDS.get(each.key)
    if expected is not None and each.kind != expected:
        yield Problem(f"{path}.kind", "field_kind_unfit")
    if each.kind in PROGRAM_KINDS and each.key != each.kind:
        yield Problem(f"{path}.key", "field_key_unfit")
    if each.kind == "choice":
        if not each.choices:
            yield Problem(f"{path}.choices", "choices_missing")
        yield from repeated((choice.key for choice in each.choices), f"{path}.choices")
    elif each.choices:
        yield Problem(f"{path}.choices", "choices_unfit")
    if each.least is not None and each.most is not None and each.least > each.most:
        yield Problem(f"{path}.most", "least_over_most")
    most = rules.limits.project_won
    if each.key == "requested_won" and most and each.least and each.least > most:
        yield Problem(f"{path}.least", "least_over_project")


def _requirements(rules: Definition, known: Known) -> Iterator[Problem]:
    yield from repeated((each.rule for each in rules.requirements), "requirements", "rule")
    for index, each in enumerate(rules.requirements):
        if each.rule not in known.requirements:
            yield Problem(f"requirements.{index}.rule", "requirement_unlisted")
            continue
        kind, value = known.requirements[each.rule], each.value
        if kind == "number" and not (type(value) is int and 1 <= value <= 10_000):
            yield Problem(f"requirements.{index}.value", "requirement_number")
        elif kind == "kinds" and not _kinds(value, known.kinds):
            yield Problem(f"requirements.{index}.value", "requirement_kinds")


def _kinds(value: object, kinds: Collection[str]) -> bool:
    return isinstance(value, list | tuple) and bool(value) and set(map(str, value)) <= set(kinds)


def _reviews(rules: Definition) -> Iterator[Problem]:
    yield from repeated((each.key for each in rules.stages), "stages")
    for index, stage in enumerate(rules.stages):
        path = f"stages.{index}"
        yield from repeated((each.key for each in stage.rubric), f"{path}.rubric")
        if stage.pass_tenths is not None and stage.pass_tenths > stage.most_tenths:
            yield Problem(f"{path}.pass_tenths", "pass_over_most")
    if rules.committee.seats < 3:
        yield Problem("committee.seats", "committee_small", blocks=False)


def _limits(rules: Definition) -> Iterator[Problem]:
    limits = rules.limits
    for narrow, wide in (
        ("project_won", "group_won"),
        ("project_won", "dong_won"),
        ("project_won", "district_won"),
        ("dong_won", "district_won"),
    ):
        small, large = getattr(limits, narrow), getattr(limits, wide)
        if small and large and small > large:
            yield Problem(f"limits.{wide}", "limit_under_project" if narrow == "project_won" else "limit_under_dong")
    if limits.project_won is None:
        yield Problem("limits.project_won", "no_project_limit", blocks=False)


def _tranches(rules: Definition, known: Known) -> Iterator[Problem]:
    plan, most = rules.tranches, rules.limits.project_won
    amounts = any(each.amount_won for each in plan)
    for index, each in enumerate(plan):
        path, last = f"tranches.{index}", index == len(plan) - 1
        if each.percent is not None and each.amount_won is not None:
            yield Problem(f"{path}.amount_won", "tranche_twice")
        elif not last and not each.percent and not each.amount_won:
            yield Problem(f"{path}.percent", "tranche_empty")
        elif last and each.amount_won is not None:
            yield Problem(f"{path}.amount_won", "last_tranche_not_rest")
        elif last and each.percent is not None and amounts:
            yield Problem(f"{path}.percent", "last_tranche_not_rest")
        if each.amount_won and most and each.amount_won > most:
            yield Problem(f"{path}.amount_won", "tranche_over_project")
        for gate in each.gates:
            if gate not in known.guards:
                yield Problem(f"{path}.gates", "guard_unknown")
            elif gate in NEVER_GREEN:
                yield Problem(f"{path}.gates", "gate_never_green")
        for gate in _needed_gates(rules, index):
            if gate not in each.gates:
                yield Problem(f"{path}.gates", f"needs_{gate}")
    if not _adds_up(rules):
        yield Problem("tranches", "tranches_not_hundred")
    if len(plan) == 1:
        yield Problem("tranches", "tranche_alone", blocks=False)


def _adds_up(rules: Definition) -> bool:
    """Percentages make 100 together; where the last part takes the rest, they leave it something."""
    plan = rules.tranches
    percents = sum(each.percent or 0 for each in plan)
    if any(each.amount_won for each in plan):
        return percents < 100
    return percents < 100 if plan[-1].percent is None else percents == 100


def _needed_gates(rules: Definition, index: int) -> tuple[str, ...]:
    if index:
        return LATER_GATES
    return (*FIRST_GATES, "self_contribution_deposited") if rules.settlement.self_percent else FIRST_GATES


def _costs(rules: Definition) -> Iterator[Problem]:
    path, categories = "settlement.categories", rules.settlement.categories
    yield from repeated((each.key for each in categories), path)
    for index, category in enumerate(categories):
        yield from repeated((each.key for each in category.items), f"{path}.{index}.items")
        most = category.ceiling_percent
        for place, item in enumerate(category.items):
            if most is not None and item.ceiling_percent is not None and item.ceiling_percent > most:
                yield Problem(f"{path}.{index}.items.{place}.ceiling_percent", "item_over_category")
    ceilings = [each.ceiling_percent for each in categories]
    if sum(100 if each is None else each for each in ceilings) < 100:
        yield Problem(path, "ceilings_under_hundred")


def _findings(rules: Definition, known: Known) -> Iterator[Problem]:
    for code, effect in rules.settlement.findings.items():
        if code not in known.findings:
            yield Problem(f"settlement.findings.{code}", "finding_unknown")
        elif effect not in known.findings[code]:
            yield Problem(f"settlement.findings.{code}", "finding_fixed")
