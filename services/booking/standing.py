"""How somebody stands with a space: the no-shows that count, and until when they keep from reserving."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking.models import NoShow, Unit
from services.booking.rules import attendance


def blocked_until(session: Session, account_id: int, unit: Unit) -> datetime | None:
    """Until when somebody cannot reserve this unit because of no-shows in its space; None: may. A unit without the rule
    costs no query."""
    rule = unit.policy.no_shows
    if rule is None:
        return None
    counting = missed(session, [account_id], [unit.space_id])
    return attendance.blocked_until(counting.get((account_id, unit.space_id), ()), rule)


def missed(
    session: Session, account_ids: Iterable[int], space_ids: Iterable[int]
) -> dict[tuple[int, int], list[datetime]]:
    """When people were away, by person and space, as far as it still counts; one query."""
    query = select(NoShow.account_id, NoShow.space_id, NoShow.missed_at).where(
        NoShow.account_id.in_(list(account_ids)),
        NoShow.space_id.in_(list(space_ids)),
        NoShow.decision.is_(None) | (NoShow.decision != "excused"),
    )
    times: dict[tuple[int, int], list[datetime]] = {}
    for account_id, space_id, missed_at in session.execute(query):
        times.setdefault((account_id, space_id), []).append(missed_at)
    return times
