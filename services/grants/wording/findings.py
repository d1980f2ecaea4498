"""The findings whose effect a programme may choose, in words: those that audits name, and the other checks of an
expense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.grants.rules.definition import EFFECTS
from services.grants.rules.expenses import DEFAULTS, effect_of
from services.grants.rules.findings import FINDINGS
from services.grants.wording import programmes as wording
from services.grants.wording.refuses import expense_words


@dataclass(frozen=True)
class Choice:
    """A finding that a programme may turn: what it is, what is done about it, the effects to choose from."""

    code: str
    what: Any
    how: Any
    effects: tuple[str, ...]


def choices() -> list[Choice]:
    """All of them, in the language of the moment."""
    audited = [Choice(each.code, each.what, each.how, each.choices) for each in FINDINGS if len(each.choices) > 1]
    return [*audited, *(Choice(code, *expense_words(code), EFFECTS) for code in DEFAULTS)]


def chosen(findings: Mapping[str, str]) -> list[tuple[Any, Any]]:
    """What each is and does under these choices of a programme."""
    return [(each.what, wording.EFFECTS[effect_of(each.code, findings)]) for each in choices()]
