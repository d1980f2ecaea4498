"""Groups (모임·단체): made by anyone, joined by an invitation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.booking.models import AUDIT, Group, Membership, Person
from services.booking.rules.policy import GROUP_LENGTH
from shared.audit import record
from shared.bus.catalogue import GROUP_KINDS
from shared.database import Database
from shared.districts import BY_CODE
from shared.identity.actor import Actor
from shared.refusal import Refusal

LEADER, MEMBER = "leader", "member"
MOST_OF_ONE = 50


@dataclass(frozen=True)
class Member:
    """Somebody of a group; the name is what they told booking, or ""."""

    account_id: int
    name: str
    role: str


@dataclass(frozen=True)
class Mine:
    """A group as one of its members sees it."""

    group: Group
    role: str
    members: tuple[Member, ...] = ()

    @property
    def leads(self) -> bool:
        return self.role == LEADER


def mine(database: Database, actor: Actor) -> list[Mine]:
    """The groups that the actor belongs to, by name; nothing for nobody."""
    if actor.account_id is None:
        return []
    with database.read() as session:
        query = (
            select(Group, Membership.role)
            .join(Membership, Membership.group_id == Group.id)
            .where(Membership.account_id == actor.account_id)
            .order_by(Group.name, Group.id)
        )
        return [Mine(group, role) for group, role in session.execute(query)]


def read(database: Database, actor: Actor, group_id: int) -> Mine:
    """A group with its members, for its members. Raises Refusal: group_not_found (404), not_allowed (403)."""
    with database.read() as session:
        return _own(session, actor, group_id)


def make(
    database: Database, actor: Actor, now: datetime, name: str, kind: str = "residents", district: str | None = None
) -> Group:
    """Make a group, whose leader the actor is. A kind other than residents counts when staff have confirmed it.

    Raises Refusal: sign_in_required (401), too_many_groups (409), name_needed, group_name_too_long, choice_invalid
    (422).
    """
    account_id = _account(actor)
    refuse_wrong(name, kind, district)
    with database.write() as session:
        led = select(func.count()).select_from(Membership).where(Membership.account_id == account_id)
        if (session.scalar(led) or 0) >= MOST_OF_ONE:
            raise Refusal("too_many_groups", 409, most=MOST_OF_ONE)
        group = Group(name=name.strip(), kind=kind, district=district, invite_code=_code(), created_at=now)
        session.add(group)
        session.flush()
        session.add(Membership(group_id=group.id, account_id=account_id, role=LEADER))
        record(session, AUDIT, actor, now, "group.made", f"group:{group.id}", {"kind": kind, "district": district})
        return group


def change(
    database: Database, actor: Actor, now: datetime, group_id: int, name: str, kind: str, district: str | None
) -> Group:
    """Rename a group or ask for another kind, which staff confirm. Raises Refusal as `make`, leaders_only (403)."""
    refuse_wrong(name, kind, district)
    with database.write() as session:
        group = _led(session, actor, group_id)
        before = {"kind": group.kind, "district": group.district, "renamed": False}
        after = {"kind": kind, "district": district, "renamed": name.strip() != group.name}
        if before == after:
            return group
        if (kind, district) != (group.kind, group.district):
            group.kind_confirmed_at = None
        group.name, group.kind, group.district = name.strip(), kind, district
        record(session, AUDIT, actor, now, "group.changed", f"group:{group_id}", {"before": before, "after": after})
        return group


def invited(database: Database, code: str) -> Group:
    """The group that an invitation is for. Raises Refusal invitation_unknown (404)."""
    with database.read() as session:
        return by_code(session, code)


def join(database: Database, actor: Actor, now: datetime, code: str) -> Group:
    """Join by invitation; who belongs already stays. Raises Refusal: sign_in_required, invitation_unknown (404)."""
    account_id = _account(actor)
    with database.write() as session:
        group = by_code(session, code, lock=True)
        if session.get(Membership, (group.id, account_id)) is None:
            session.add(Membership(group_id=group.id, account_id=account_id, role=MEMBER))
            record(session, AUDIT, actor, now, "group.joined", f"group:{group.id}")
        return group


def leave(database: Database, actor: Actor, now: datetime, group_id: int) -> None:
    """Leave a group; its reservations stay. Raises Refusal: as `read`, group_needs_leader (409)."""
    with database.write() as session:
        session.get(Group, group_id, with_for_update=True)
        own = _own(session, actor, group_id)
        others = [member for member in own.members if member.account_id != actor.account_id]
        if own.leads and others and not any(member.role == LEADER for member in others):
            raise Refusal("group_needs_leader")
        session.delete(session.get_one(Membership, (group_id, actor.account_id)))
        record(session, AUDIT, actor, now, "group.left", f"group:{group_id}")


def appoint(database: Database, actor: Actor, now: datetime, group_id: int, account_id: int) -> None:
    """Make a member a leader too. Raises Refusal: as `read`, leaders_only (403), member_not_found (404)."""
    with database.write() as session:
        _led(session, actor, group_id)
        member = session.get(Membership, (group_id, account_id))
        if member is None:
            raise Refusal("member_not_found", 404)
        if member.role != LEADER:
            member.role = LEADER
            record(session, AUDIT, actor, now, "group.leader_added", f"group:{group_id}", on_behalf_of=account_id)


def dismiss(database: Database, actor: Actor, now: datetime, group_id: int, account_id: int) -> None:
    """Take somebody out of a group; oneself by `leave`. Raises Refusal as `appoint`."""
    with database.write() as session:
        _led(session, actor, group_id)
        member = session.get(Membership, (group_id, account_id))
        if member is None or account_id == actor.account_id:
            raise Refusal("member_not_found", 404)
        session.delete(member)
        record(session, AUDIT, actor, now, "group.member_removed", f"group:{group_id}", on_behalf_of=account_id)


def renew_code(database: Database, actor: Actor, now: datetime, group_id: int) -> Group:
    """A new invitation; the old one is void. Raises Refusal as `read`, leaders_only (403)."""
    with database.write() as session:
        group = _led(session, actor, group_id)
        group.invite_code = _code()
        record(session, AUDIT, actor, now, "group.code_renewed", f"group:{group_id}")
        return group


def refuse_wrong(name: str, kind: str, district: str | None) -> None:
    """Raises Refusal (422) when a group can't be called so, or be of that kind."""
    found: dict[str, list[str]] = {}
    if not name.strip():
        found["name"] = ["name_needed"]
    if len(name.strip()) > GROUP_LENGTH:
        found["name"] = ["group_name_too_long"]
    if kind not in GROUP_KINDS:
        found["kind"] = ["choice_invalid"]
    if district is not None and district not in BY_CODE:
        found["district"] = ["choice_invalid"]
    if found:
        raise Refusal(next(iter(found.values()))[0], 422, fields=found)


def _account(actor: Actor) -> int:
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    return actor.account_id


def by_code(session: Session, code: str, lock: bool = False) -> Group:
    """The group that an invitation is for. Raises Refusal invitation_unknown (404)."""
    query = select(Group).where(Group.invite_code == code.strip().lower())
    group = session.scalar(query.with_for_update() if lock else query)
    if group is None:
        raise Refusal("invitation_unknown", 404)
    return group


def _own(session: Session, actor: Actor, group_id: int) -> Mine:
    group = session.get(Group, group_id)
    if group is None:
        raise Refusal("group_not_found", 404)
    query = (
        select(Membership.account_id, Person.name, Membership.role)
        .outerjoin(Person, Person.account_id == Membership.account_id)
        .where(Membership.group_id == group_id)
        .order_by(Membership.role, Person.name, Membership.account_id)
    )
    members = tuple(Member(account_id, name or "", role) for account_id, name, role in session.execute(query))
    role = next((member.role for member in members if member.account_id == actor.account_id), None)
    if role is None:
        raise Refusal("not_allowed", 403)
    return Mine(group, role, members)


def _led(session: Session, actor: Actor, group_id: int) -> Group:
    """The locked group of a leader. Raises Refusal: group_not_found (404), not_allowed, leaders_only (403)."""
    session.get(Group, group_id, with_for_update=True)
    own = _own(session, actor, group_id)
    if not own.leads:
        raise Refusal("leaders_only", 403)
    return own.group


def _code() -> str:
    """Ten letters and figures that are easy to tell apart; about 50 bits."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _place in range(10))
