"""What the pages of programmes say: problems at their places, differences between versions, and the words of a
programme's own vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from services.grants.guards import GUARDS
from services.grants.pages.words import number, told, won
from services.grants.rules.comparison import Difference
from services.grants.rules.consistency_problem import Problem
from services.grants.rules.definition import Definition, Requirement, TranchePlan, Words
from services.grants.rules.eligibility import REQUIREMENTS
from services.grants.wording import programmes as wording
from services.grants.wording.findings import chosen
from shared.web.errors import sentence

PART_OF = {
    "label": "basics",
    "about": "basics",
    "strands": "basics",
    "objection_days": "basics",
    "correction_days": "basics",
    "form": "form",
    "requirements": "eligibility",
    "states": "states",
    "transitions": "transitions",
    "stages": "reviews",
    "committee": "reviews",
    "limits": "limits",
    "tranches": "tranches",
}
"""The first name of a path in the document -> the part that edits it; the settlement has three."""


def part_of(path: str) -> str:
    """The part of the editor in which a place of the document is."""
    if path.startswith("settlement.categories"):
        return "costs"
    if path.startswith("settlement.findings"):
        return "findings"
    return PART_OF.get(path.partition(".")[0], "settlement")


def field_of(problem: Problem) -> str:
    """The name of the field in the editor at which a problem stands."""
    if problem.path.startswith("requirements.") and problem.path.endswith(".value"):
        kind = "kinds" if problem.code == "requirement_kinds" else "number"
        return f"{problem.path.removesuffix('value')}{kind}"
    return problem.path


def problem_lines(problems: Iterable[Problem], rules: Definition) -> list[dict[str, Any]]:
    """Problems for people: where, what to do, and the way to the place."""
    return [
        {
            "part": part_of(each.path),
            "field": field_of(each),
            "where": where(each.path, rules),
            "sentence": sentence(each.code),
            "blocks": each.blocks,
        }
        for each in problems
    ]


def where(path: str, rules: Definition) -> str:
    """A place by the names of the rows that lead to it: "절차의 줄 › 선정"."""
    found: list[str] = [str(wording.PARTS[part_of(path)])]
    here: Any = rules
    for name in path.split("."):
        if isinstance(here, tuple):
            index = int(name) if name.isdigit() else len(here)
            here = here[index] if index < len(here) else None
            label = getattr(here, "label", None)
            if isinstance(label, Words):
                found.append(told(label))
            elif isinstance(here, TranchePlan):
                found.append(_("%(number)s차", number=index + 1))
        else:
            here = getattr(here, name, None)
    return " › ".join(found)


def compared(lines: Iterable[Difference]) -> list[dict[str, Any]]:
    """Differences for people."""
    kinds = {"added": _("더함"), "removed": _("뺌"), "changed": _("바꿈")}
    tones = {"added": "success", "removed": "danger", "changed": "info"}
    return [
        {
            "part": str(wording.DOCUMENT_PARTS[each.part]),
            "where": " › ".join(each.where) or "–",
            "kind": kinds[each.kind],
            "tone": tones[each.kind],
            "before": _value(each.before),
            "after": _value(each.after),
        }
        for each in lines
    ]


def _value(value: Any) -> str | None:
    """A piece of a document in words: labels in the reader's language, guards by their names."""
    if value is None:
        return None
    if isinstance(value, bool):
        return _("예") if value else _("아니요")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, Mapping):
        if "ko" in value:
            return told(Words(value["ko"], value.get("en", "")))
        return ", ".join(f"{name}: {_value(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(_value(each)) for each in value) or "–"
    guard = GUARDS.get(str(value))
    return str(guard.label) if guard else str(value)


def requirement(each: Requirement) -> str:
    """A requirement as everyone reads it."""
    kind = REQUIREMENTS.get(each.rule)
    if kind is None:
        return each.rule
    label = str(kind.label)
    if kind.value == "kinds":
        kinds = ", ".join(str(wording.GROUP_KINDS.get(key, key)) for key in each.value or ())
        return f"{label}: {kinds}"
    return label % {"value": each.value} if kind.value else label


def guard(key: str) -> str:
    """A guard as everyone reads it."""
    found = GUARDS.get(key)
    return str(found.label) if found else key


def tranche(each: TranchePlan) -> str:
    """A part of the award: its percentage, its amount, or the rest."""
    if each.percent is not None:
        return f"{each.percent}%"
    return won(each.amount_won) if each.amount_won else _("나머지")


def points(tenths: int) -> str:
    """Tenths of a point as points."""
    return f"{tenths // 10}.{tenths % 10}".removesuffix(".0")


def limits(rules: Definition) -> list[tuple[str, str]]:
    """A programme's ceilings, each with its unit."""
    given = [(name, getattr(rules.limits, name)) for name in wording.LIMITS]
    return [
        (str(wording.LIMITS[name]), _("%(number)s건", number=number(value)) if name == "group_awards" else won(value))
        for name, value in given
        if value is not None
    ]


def public_rules(rules: Definition, ceiling_won: int) -> list[tuple[str, str]]:
    """What somebody who thinks of applying asks of the rules, in words: who may, how it is decided, how it is paid. The
    call's own ceiling is told beside it: the programme's is named only where it is the lower one."""
    if rules.limits.project_won is not None and rules.limits.project_won >= ceiling_won:
        rules = replace(rules, limits=replace(rules.limits, project_won=None))
    parts = [_("%(number)s차", number=n) + f" {tranche(each)}" for n, each in enumerate(rules.tranches, 1)]
    stages = " → ".join([*(told(stage.label) for stage in rules.stages), _("위원회 심의")])
    found = [
        (_("신청할 수 있는 곳"), ", ".join(requirement(each) for each in rules.requirements) or _("누구나")),
        (_("심사 순서"), stages),
        *limits(rules),
        (_("교부"), ", ".join(parts)),
    ]
    if rules.settlement.self_percent:
        found.append((_("자부담"), _("신청 금액의 %(percent)s%% 이상", percent=rules.settlement.self_percent)))
    found.append((_("이의신청"), _("발표한 날부터 %(days)s일", days=rules.objection_days)))
    return found


VIEW: dict[str, Any] = {
    "wording": wording,
    "requirement": requirement,
    "guard_words": guard,
    "tranche_words": tranche,
    "points": points,
    "chosen_effects": chosen,
}
