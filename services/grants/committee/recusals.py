"""Recusal (회피·제척): who is kept from an item. A member of the group, whoever has an interest on record, and whoever
says so; they are not counted as there for it, cannot vote on it and are not shown its papers (invariant 13)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import applications, policy
from services.grants.committee import finding
from services.grants.models import AUDIT, AgendaItem, Interest, Meeting, Seat, Vote
from services.grants.reviewing import interests
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal

REASON = 200
BATCH = 400


def declare(
    database: Database, actor: Actor, now: datetime, *, item_id: int, reason: str, account_id: int | None = None
) -> None:
    """Step aside from an item before it is decided; again changes nothing. A vote that was cast counts no more.
    `account_id`: by the staff, for a member who said so.

    Raises Refusal: not_found, other_district, own_application, meeting_over, already_decided, invalid_input.
    """
    policy.refuse_problems(policy.text_problems("reason", reason, REASON))
    with database.write() as session:
        application_id = session.scalar(select(AgendaItem.application_id).where(AgendaItem.id == item_id))
        if application_id is None:
            raise Refusal("not_found", 404)
        applications.locked(session, application_id)
        item, meeting, seat = finding.item_and_seat(session, actor, item_id, account_id)
        member = seat.account_id
        finding.check_undecided(item, meeting)
        said = session.get(Vote, (item.id, member))
        if said is not None and said.choice == "recused":
            return
        _recuse(session, item, member, "declared", reason.strip(), now)
        known = select(Interest.id).where(
            Interest.account_id == member,
            Interest.application_id == item.application_id,
            Interest.kind == "declared",
        )
        if session.scalar(known) is None:
            session.add(
                Interest(
                    account_id=member,
                    application_id=item.application_id,
                    kind="declared",
                    note=reason.strip(),
                    at=now,
                )
            )
        on_behalf_of = member if member != actor.account_id else None
        record(session, AUDIT, actor, now, "item.recused", f"agenda_item:{item.id}", on_behalf_of=on_behalf_of)


def detect_within(session: Session, meeting: Meeting, now: datetime, item: AgendaItem | None = None) -> int:
    """Recuse, for all items of an open meeting or for one, those of its members who belong to the group or have an
    interest on record; how many."""
    accounts = list(session.scalars(select(Seat.account_id).where(Seat.meeting_id == meeting.id)))
    undecided = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id, AgendaItem.state != "decided")
    items = [item] if item is not None else session.scalars(undecided).all()
    found = 0
    for start in range(0, len(items), BATCH):
        part = items[start : start + BATCH]
        reasons = reasons_of(session, accounts, [each.application_id for each in part], now)
        by_application = {each.application_id: each for each in part}
        for (account_id, application_id), kind in reasons.items():
            each = by_application[application_id]
            vote = session.get(Vote, (each.id, account_id))
            if vote is None or vote.choice != "recused":
                _recuse(session, each, account_id, kind, "", now)
                details = {"account": account_id, "kind": kind}
                record(session, AUDIT, SYSTEM, now, "item.recused", f"agenda_item:{each.id}", details)
                found += 1
    return found


def reasons_of(
    session: Session, accounts: Collection[int], application_ids: Collection[int], now: datetime
) -> Mapping[tuple[int, int], str]:
    """(account, application) -> why that member is kept from it (a kind of `Interest`): what is on record, and what is
    detected as for reviewers (who is or was of the group, or filed it). A bounded number of queries."""
    found: dict[tuple[int, int], str] = {}
    for account_id, application_id, kind in session.execute(
        select(Interest.account_id, Interest.application_id, Interest.kind)
        .where(Interest.account_id.in_(accounts), Interest.application_id.in_(application_ids))
        .order_by(Interest.id)
    ):
        found.setdefault((account_id, application_id), kind)
    for (account_id, application_id), kinds in interests.detect_for(session, accounts, application_ids, now).items():
        found.setdefault((account_id, application_id), kinds[0])
    return found


def recused_of(session: Session, item: AgendaItem, accounts: Collection[int], now: datetime) -> set[int]:
    """Those of the accounts that are kept from an item, as it stands at this moment."""
    said = session.scalars(select(Vote.account_id).where(Vote.item_id == item.id, Vote.choice == "recused"))
    reasons = reasons_of(session, accounts, [item.application_id], now)
    return {each for each in said if each in accounts} | {account_id for account_id, _ in reasons}


def kept_from(session: Session, account_id: int | None, items: Collection[AgendaItem], now: datetime) -> set[int]:
    """Those of the items (their numbers) that somebody is kept from, as `is_recused` asks of each: of them they see the
    title and nothing of proposal, vote and decision. A bounded number of queries."""
    if account_id is None:
        return {each.id for each in items}
    reasons = reasons_of(session, [account_id], [each.application_id for each in items], now)
    near = {application_id for _account, application_id in reasons}
    said = set(
        session.scalars(
            select(Vote.item_id).where(
                Vote.account_id == account_id,
                Vote.choice == "recused",
                Vote.item_id.in_([each.id for each in items]),
            )
        )
    )
    return {each.id for each in items if each.id in said or each.application_id in near}


def is_recused(session: Session, account_id: int | None, item: AgendaItem, now: datetime) -> bool:
    """Whether somebody is kept from an item and its papers."""
    return account_id is None or bool(recused_of(session, item, {account_id}, now))


def _recuse(session: Session, item: AgendaItem, account_id: int, kind: str, words: str, now: datetime) -> None:
    reason = f"{kind}: {words}" if words else kind
    session.merge(Vote(item_id=item.id, account_id=account_id, choice="recused", reason=reason[:REASON], cast_at=now))
    session.flush()


def kind_and_words(vote: Vote) -> tuple[str, str]:
    """Why somebody is recused: the kind of interest, and what they said."""
    kind, _, words = vote.reason.partition(": ")
    return kind, words
