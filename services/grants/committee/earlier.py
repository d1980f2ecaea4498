"""Votes of an item that did not carry (부결): what was proposed and how they fell stays on record when another proposal
takes their place, for the minutes and for the item's page. The audit keeps them, where nothing is ever taken away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import programmes
from services.grants.committee import voting
from services.grants.models import AUDIT, AgendaItem, Application, Meeting

BATCH = 400
REPLACED = "replaced"
"""The detail of an audit row `item.proposed` that holds what the new proposal took the place of."""


@dataclass(frozen=True)
class Earlier:
    """A proposal that was voted on and taken back, with its votes; `not_voted` of those there had not voted yet. The
    amount is in won."""

    at: datetime
    proposal: str
    proposed_won: int | None
    rank: int | None
    votes_for: int
    votes_against: int
    abstained: int
    not_voted: int


def put_down(
    session: Session, item: AgendaItem, meeting: Meeting, application: Application, now: datetime
) -> dict[str, Any]:
    """What is proposed and how the votes stand at this moment, for the audit. Certain while meeting and item are
    locked."""
    rules = programmes.rules_of_application(session, application)
    there, tally = voting.count(session, item, meeting, rules, now)
    return {
        "proposal": item.proposal,
        "proposed_won": item.proposed_won,
        "rank": item.rank,
        "seats": there.seats,
        "present": there.present,
        "recused": there.recused,
        "quorum": there.quorum,
        "votes_for": tally.votes_for,
        "votes_against": tally.votes_against,
        "abstained": tally.abstained,
        "not_voted": tally.missing,
    }


def of_items(session: Session, item_ids: Sequence[int]) -> Mapping[int, Sequence[Earlier]]:
    """Item -> its earlier proposals with their votes, the first one first: a query for every BATCH items."""
    found: dict[int, list[Earlier]] = {}
    for start in range(0, len(item_ids), BATCH):
        subjects = {f"agenda_item:{each}": each for each in item_ids[start : start + BATCH]}
        for row in session.execute(
            select(AUDIT.c.subject, AUDIT.c.at, AUDIT.c.details)
            .where(AUDIT.c.action == "item.proposed", AUDIT.c.subject.in_(subjects))
            .order_by(AUDIT.c.id)
        ):
            replaced = row.details.get(REPLACED)
            if replaced:
                found.setdefault(subjects[row.subject], []).append(_read(row.at, replaced))
    return found


def any_of(session: Session, item_ids: Collection[int]) -> bool:
    """Whether there was a vote on any of the items that another proposal took the place of."""
    return bool(of_items(session, list(item_ids)))


def _read(at: datetime, kept: Mapping[str, Any]) -> Earlier:
    return Earlier(
        at=at,
        proposal=kept["proposal"],
        proposed_won=kept["proposed_won"],
        rank=kept["rank"],
        votes_for=kept["votes_for"],
        votes_against=kept["votes_against"],
        abstained=kept["abstained"],
        not_voted=kept["not_voted"],
    )
