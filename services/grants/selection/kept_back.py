"""What a member of staff may not know yet: the outcome of applications that concern them, until it is announced.

In the lists of a call they look as their groups see them (`embargo`): in the state before the decision, with no award
and no place on the reserve list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.grants import programmes, standing
from services.grants.models import SHORT, Application, Call, GroupMember, Interest
from services.grants.rules.definition import State
from services.grants.selection import announcement
from shared.identity.actor import Actor


@dataclass(frozen=True)
class Kept:
    """The state that an application is in, and the one in which it is shown."""

    state: str
    shown: State


def of_call(session: Session, actor: Actor, call: Call) -> Mapping[int, Kept]:
    """The call's applications (their numbers) whose outcome the actor may not know yet. A bounded number of queries."""
    near = or_(
        Application.account_id == actor.account_id,
        Application.group_id.in_(select(GroupMember.group_id).where(GroupMember.account_id == actor.account_id)),
        Application.id.in_(select(Interest.application_id).where(Interest.account_id == actor.account_id)),
    )
    wanted = (Application.call_id == call.id, Application.decided_at.is_not(None), Application.announced_at.is_(None))
    found = session.scalars(select(Application).where(*wanted, near).options(*SHORT)).all()
    if not found:
        return {}
    hidden, own = announcement.embargoed_states(session, call), standing.near(session, actor.account_id, found)
    kept = {}
    for each in found:
        if each.id in own and each.state in hidden:
            rules = programmes.rules_of_application(session, each)
            kept[each.id] = Kept(each.state, rules.state(rules.state(each.state).embargo or each.state))
    return kept
