"""The guards by their keys. Buttons, use cases, payments and the page "why can't I be paid?" all ask these.

A programme's rows name them; a key that nobody knows is red, so that a mistake in a document blocks rather than pays.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext

from services.grants.guards import course, paying, settling
from services.grants.guards.base import OWNERS, Facts, Finding, Gate, Guard
from shared.refusal import Refusal

GUARDS: dict[str, Guard] = {each.key: each for each in (*course.GUARDS, *paying.GUARDS, *settling.GUARDS)}


def look(keys: Iterable[str], facts: Facts) -> list[Gate]:
    """How each of these guards stands, in their order."""
    return [Gate(guard, guard.check(facts)) for guard in map(_known, keys)]


def check(keys: Iterable[str], facts: Facts) -> None:
    """Raises Refusal (409) with the code of the first red guard."""
    for gate in look(keys, facts):
        if not gate.green:
            raise Refusal(gate.guard.code, 409, **gate.finding.params)


def _known(key: str) -> Guard:
    return GUARDS.get(key) or Guard(key, lazy_gettext("알 수 없는 조건"), "district", "gate_unknown", _never)


def _never(facts: Facts) -> Finding:
    return Finding(False)


__all__ = ["GUARDS", "OWNERS", "Facts", "Finding", "Gate", "Guard", "check", "look"]
