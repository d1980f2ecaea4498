"""The part of an application's page about spending, settlement and what has to come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.grants.expenses import reading
from services.grants.pages import expense_parts as parts
from services.grants.pages.look import Look
from services.grants.pages.settlements import STATE_TONES, STATE_WORDS
from services.grants.settlement.figures import account


def spending(look: Look) -> Mapping[str, Any] | None:
    """Where the money stands, once the project runs."""
    if look.application.phase not in ("running", "settling", "closed"):
        return None
    found = account(look.session, look.application, look.call)
    return {
        "account": found,
        "lines": parts.lines(found),
        "spendable": look.own and reading.spendable(look.session, look.application),
        "due": [each for each in found.orders if each.state == "due"],
        "words": STATE_WORDS,
        "tones": STATE_TONES,
    }
