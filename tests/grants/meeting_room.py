"""A committee for tests: five members of 동작구, their meeting, and the way to a decision."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from services.grants.committee import agenda, attendance, deciding, meetings, voting
from services.grants.committee.agenda import Proposal
from services.grants.committee.meetings import Plan
from services.grants.models import AgendaItem, Appointment, Meeting, Reviewer
from shared.database import Database
from shared.identity.actor import Actor, Role
from tests.grants import stage
from tests.grants.conftest import AFTER, DONGJAK

MEMBERS = (701, 702, 703, 704, 705)
HELD = AFTER + timedelta(days=1)


def member(account_id: int) -> Actor:
    return Actor(account_id=account_id, name=f"위원 {account_id}", roles=frozenset({Role.REVIEWER}))


def appoint(
    database: Database, accounts: Sequence[int] = MEMBERS, district: str | None = "11590", **columns: Any
) -> None:
    """Appoint members of the committee for the year; the first one is its chair."""
    with database.write() as session:
        for account_id in accounts:
            if session.get(Reviewer, account_id) is None:
                session.add(Reviewer(account_id=account_id, name=f"위원 {account_id}", changed_at=AFTER))
        session.flush()
        for account_id in accounts:
            values = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)} | columns
            session.add(
                Appointment(
                    district=district,
                    account_id=account_id,
                    kind="committee",
                    chair=account_id == accounts[0],
                    appointed_by=DONGJAK.account_id,
                    appointed_at=AFTER,
                    **values,
                )
            )


def waiting(database: Database, call: Any, who: int = 1, **columns: Any) -> int:
    """An application of a group of resident `who` that waits for the committee."""
    group_id = stage.group(database, AFTER, (who,))
    return stage.application(database, call, group_id, AFTER, state="deliberation", account_id=who, **columns)


def planned(database: Database, call: Any, key: str = "m1", actor: Actor = DONGJAK, at: Any = AFTER) -> Meeting:
    terms = Plan("제1차 심의위원회", at + timedelta(days=1), "구청 회의실")
    return meetings.plan(database, actor, at, call_id=call.id, terms=terms, key=key)


def opened(
    database: Database,
    call: Any,
    there: Sequence[int] = MEMBERS,
    key: str = "m1",
    actor: Actor = DONGJAK,
    at: Any = AFTER,
) -> Meeting:
    """A meeting that is open, with these members there."""
    meeting = planned(database, call, key, actor, at)
    held = at + timedelta(days=1)
    meetings.open_meeting(database, actor, held, meeting_id=meeting.id)
    for account_id in there:
        attendance.arrive(database, member(account_id), held, meeting_id=meeting.id)
    return meeting


def item_of(database: Database, meeting: Meeting, application_id: int) -> AgendaItem:
    with database.read() as session:
        return session.scalars(
            select(AgendaItem).where(AgendaItem.meeting_id == meeting.id, AgendaItem.application_id == application_id)
        ).one()


def vote(
    database: Database, item: AgendaItem, choice: str = "for", who: Sequence[int] = MEMBERS, at: Any = HELD
) -> None:
    """Put it to the vote and let these members vote."""
    voting.start(database, DONGJAK, at, item_id=item.id)
    for account_id in who:
        voting.cast(database, member(account_id), at, item_id=item.id, choice=choice)


def decide(
    database: Database,
    meeting: Meeting,
    application_id: int,
    event: str = "select",
    *,
    proposed_won: int | None = 2_000_000,
    reason: str = "",
    who: Sequence[int] = MEMBERS,
    at: Any = HELD,
    **changed: Any,
) -> AgendaItem:
    """Propose, vote for and decide."""
    item = item_of(database, meeting, application_id)
    proposal = Proposal(
        event,
        proposed_won if event != "reject" else None,
        reason=reason or "예산이 모자랍니다.",
        **changed,
    )
    agenda.propose(database, DONGJAK, at, item_id=item.id, proposal=proposal)
    vote(database, item, who=who, at=at)
    return deciding.decide(database, DONGJAK, at, item_id=item.id)
