"""What a programme's document may name, and what is wrong with one."""

from __future__ import annotations

from functools import lru_cache

from services.grants.guards import GUARDS
from services.grants.rules import eligibility
from services.grants.rules.consistency import Known, problems
from services.grants.rules.consistency_problem import Problem
from services.grants.rules.definition import EFFECTS, Definition
from services.grants.rules.expenses import DEFAULTS
from services.grants.rules.findings import BY_CODE
from shared.bus.catalogue import GROUP_KINDS


@lru_cache(maxsize=1)
def known() -> Known:
    """The guards, requirements and findings that there are."""
    return Known(
        guards=frozenset(GUARDS),
        requirements={key: kind.value for key, kind in eligibility.REQUIREMENTS.items()},
        kinds=GROUP_KINDS,
        findings={code: finding.choices for code, finding in BY_CODE.items()} | dict.fromkeys(DEFAULTS, EFFECTS),
    )


def problems_of(rules: Definition) -> list[Problem]:
    """As `rules.consistency.problems`, by what there is."""
    return problems(rules, known())
