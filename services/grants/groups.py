"""Groups (모임·단체): entered once, and offered again for every application.

What a group says of itself and who is in it is read by its members, and by the staff of a district where it applied;
that these read it is recorded. Members' rows are changed under the lock of their group's row.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import calls, policy
from services.grants.models import AUDIT, ApplicantGroup, Application, Call, GroupMember, Project
from services.grants.once import once
from services.grants.rules.dongs import dong_name
from services.grants.rules.people import name_key
from shared.audit import record
from shared.bus.catalogue import GROUP_KINDS
from shared.database import Database
from shared.districts import BY_CODE
from shared.identity.actor import Actor
from shared.refusal import Refusal

LEADER, MEMBER = "leader", "member"
MOST_OF_ONE = 50
MOST_MEMBERS = 300
LONGEST = {
    "name": 80,
    "dong": 40,
    "address": 200,
    "registration_number": 20,
    "about": 2000,
    "bank": 40,
    "bank_account": 40,
    "bank_holder": 80,
}


@dataclass(frozen=True)
class Details:
    """What a group says of itself. The account is where a grant would be paid to."""

    name: str
    district: str
    kind: str = "residents"
    dong: str = ""
    address: str = ""
    registration_number: str = ""
    founded_on: date | None = None
    about: str = ""
    bank: str = ""
    bank_account: str = ""
    bank_holder: str = ""


@dataclass(frozen=True)
class View:
    """A group as its reader sees it: `member` is the reader's own row, None for staff."""

    group: ApplicantGroup
    members: Sequence[GroupMember]
    member: GroupMember | None = None
    projects: Sequence[Project] = ()
    applications: Sequence[Application] = field(default=())

    @property
    def leads(self) -> bool:
        return self.member is not None and self.member.role == LEADER


def make(
    database: Database,
    actor: Actor,
    now: datetime,
    details: Details,
    *,
    key: str,
    unread: dict[str, list[str]] | None = None,
) -> ApplicantGroup:
    """Make a group whose leader the actor is; the same `key` again gives the same group. Raises Refusal:
    sign_in_required, key_missing, invalid_input, too_many_groups."""
    account_id = account_of(actor)
    calls.check_key(key)
    return once(lambda: _make(database, actor, account_id, now, details, key, unread))


def _make(
    database: Database,
    actor: Actor,
    account_id: int,
    now: datetime,
    details: Details,
    key: str,
    unread: dict[str, list[str]] | None,
) -> ApplicantGroup:
    with database.write() as session:
        made = session.scalar(
            select(ApplicantGroup).where(ApplicantGroup.created_by == account_id, ApplicantGroup.idempotency_key == key)
        )
        if made is not None:
            return made
        policy.refuse_problems(problems(details, now), unread)
        led = select(func.count()).where(GroupMember.account_id == account_id, GroupMember.left_at.is_(None))
        if (session.scalar(led) or 0) >= MOST_OF_ONE:
            raise Refusal("too_many_groups", 409)
        group = ApplicantGroup(
            **_columns(details), invite_code=new_code(), created_by=account_id, created_at=now, idempotency_key=key
        )
        session.add(group)
        session.flush()
        session.add(
            GroupMember(group_id=group.id, account_id=account_id, name=actor.name[:80], role=LEADER, joined_at=now)
        )
        facts = {"kind": details.kind, "district": details.district}
        record(session, AUDIT, actor, now, "group.made", f"group:{group.id}", facts)
        return group


def change(
    database: Database,
    actor: Actor,
    now: datetime,
    group_id: int,
    details: Details,
    *,
    unread: dict[str, list[str]] | None = None,
) -> ApplicantGroup:
    """Change what a group says of itself, by a leader. Raises Refusal: not_found, leaders_only, invalid_input."""
    with database.write() as session:
        group = led(session, actor, group_id)
        policy.refuse_problems(problems(details, now), unread)
        wanted = _columns(details)
        changed = sorted(name for name, value in wanted.items() if getattr(group, name) != value)
        if not changed:
            return group
        for name in changed:
            setattr(group, name, wanted[name])
        group.changed_at = now
        record(session, AUDIT, actor, now, "group.changed", f"group:{group_id}", {"fields": changed})
        return group


def renew_code(database: Database, actor: Actor, now: datetime, group_id: int) -> ApplicantGroup:
    """A new invitation; the old one is void. Raises Refusal: not_found, leaders_only."""
    with database.write() as session:
        group = led(session, actor, group_id)
        group.invite_code = new_code()
        record(session, AUDIT, actor, now, "group.code_renewed", f"group:{group_id}")
        return group


def mine(session: Session, actor: Actor) -> list[tuple[ApplicantGroup, str]]:
    """The actor's groups by name, each with the actor's role; nothing for nobody."""
    if actor.account_id is None:
        return []
    rows = session.execute(
        select(ApplicantGroup, GroupMember.role)
        .join(GroupMember, GroupMember.group_id == ApplicantGroup.id)
        .where(GroupMember.account_id == actor.account_id, GroupMember.left_at.is_(None))
        .order_by(ApplicantGroup.name, ApplicantGroup.id)
        .limit(MOST_OF_ONE)
    )
    return [(group, role) for group, role in rows]


def read(database: Database, actor: Actor, now: datetime, group_id: int) -> View:
    """A group with its people, past projects and applications, for its members; for the staff of a district where it
    applied too, which is recorded (invariant 14): they see what was filed there. Raises Refusal: not_found."""
    with database.read() as session:
        group = session.get(ApplicantGroup, group_id)
        if group is None:
            raise Refusal("not_found", 404)
        members = members_of(session, group_id)
        own = next((each for each in members if each.account_id == actor.account_id), None)
        filed = [
            (application, call)
            for application, call in session.execute(
                select(Application, Call)
                .join(Call, Call.id == Application.call_id)
                .where(Application.group_id == group_id)
                .order_by(Application.id.desc())
                .limit(100)
            )
        ]
        shown = [
            each
            for each, call in filed
            if own is not None or (each.number is not None and policy.runs_call(actor, call.district))
        ]
        if own is None and not shown:
            raise Refusal("not_found", 404)
        view = View(group, members, own, past_projects(session, group_id), shown)
    if own is None:
        with database.write() as session:
            record(session, AUDIT, actor, now, "group.viewed", f"group:{group_id}")
    return view


def members_of(session: Session, group_id: int) -> Sequence[GroupMember]:
    """The people who are in a group now, its leaders first."""
    return session.scalars(
        select(GroupMember)
        .where(GroupMember.group_id == group_id, GroupMember.left_at.is_(None))
        .order_by(GroupMember.role, GroupMember.id)
    ).all()


def leader_name(session: Session, application: Application) -> str:
    """Who speaks for the group that applied: its leader now (the first of several). Where no group is known, or nobody
    leads it any more, who filed the application: any member may file, only a leader signs."""
    found = session.scalar(
        select(GroupMember.name)
        .where(GroupMember.group_id == application.group_id, GroupMember.role == LEADER, GroupMember.left_at.is_(None))
        .order_by(GroupMember.id)
        .limit(1)
    )
    return found or application.representative


def past_projects(session: Session, group_id: int) -> Sequence[Project]:
    """What of a group was funded, the newest first."""
    return session.scalars(
        select(Project).where(Project.group_id == group_id).order_by(Project.decided_at.desc(), Project.id).limit(50)
    ).all()


def led(session: Session, actor: Actor, group_id: int) -> ApplicantGroup:
    """A group that the actor leads, its row locked. Raises Refusal: not_found (404), leaders_only (403)."""
    group = session.get(ApplicantGroup, group_id, with_for_update={"key_share": True}, populate_existing=True)
    own = session.scalar(
        select(GroupMember.role).where(
            GroupMember.group_id == group_id,
            GroupMember.account_id == actor.account_id,
            GroupMember.left_at.is_(None),
        )
    )
    if group is None or own is None:
        raise Refusal("not_found", 404)
    if own != LEADER:
        raise Refusal("leaders_only", 403)
    return group


def account_of(actor: Actor) -> int:
    """Raises Refusal sign_in_required (401) for nobody."""
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    return actor.account_id


def new_code() -> str:
    """Ten letters and figures that are easy to tell apart; about 50 bits."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _place in range(10))


def problems(details: Details, now: datetime) -> policy.Problems:
    """What is wrong with what a group says of itself."""
    for name, longest in LONGEST.items():
        yield from policy.text_problems(name, getattr(details, name), longest, required=name == "name")
    if details.district not in BY_CODE:
        yield "district", "district_unknown"
    if details.kind not in GROUP_KINDS:
        yield "kind", "group_kind_unknown"
    if details.registration_number.strip() and not re.fullmatch(r"[\d-]{8,20}", details.registration_number.strip()):
        yield "registration_number", "registration_unclear"
    if details.founded_on is not None and details.founded_on > policy.city_date(now):
        yield "founded_on", "founded_in_future"
    account = (details.bank.strip(), details.bank_account.strip(), details.bank_holder.strip())
    if any(account):
        for name, value in zip(("bank", "bank_account", "bank_holder"), account, strict=True):
            if not value:
                yield name, "account_incomplete"
    if details.bank_account.strip() and not re.fullmatch(r"[\d\- ]{6,40}", details.bank_account.strip(), re.ASCII):
        yield "bank_account", "account_unclear"


def _columns(details: Details) -> dict[str, object]:
    values = {each.name: getattr(details, each.name) for each in fields(details)}
    texts = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return {**texts, "dong": dong_name(details.dong), "name_key": name_key(details.name)}
