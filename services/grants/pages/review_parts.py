"""The part of an application's page that tells the staff of its reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.grants.models import StageDate
from services.grants.pages.look import Look
from services.grants.reviewing import interests, results


def reviews(look: Look) -> Mapping[str, Any] | None:
    """Each round: how many reviews are in, and the average once it is open; when it is heard or visited."""
    rounds = results.of_application(look.session, look.application.id, look.rules)
    if not rounds and look.application.phase != "review":
        return None
    current = rounds[-1] if rounds else None
    held = look.session.get(StageDate, (look.application.id, current.stage.key)) if current is not None else None
    found = interests.of_application(look.session, look.application.id)
    return {
        "rounds": rounds,
        "held": held,
        "interests": len({each.account_id for each, _name in found}),
    }
