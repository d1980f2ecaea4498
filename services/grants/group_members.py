"""The people of a group: joining by an invitation, being named without an account, leading, leaving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import policy
from services.grants.groups import LEADER, MEMBER, MOST_MEMBERS, account_of, led, members_of
from services.grants.models import AUDIT, ApplicantGroup, GroupMember
from services.grants.reviewing import recusal
from services.grants.rules.people import EARLIEST_BIRTH, name_key, person_key
from shared.audit import record
from shared.database import Database, on_commit
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Details:
    """What is known of somebody. With a birth year or a telephone number they are known again in other groups."""

    name: str
    birth_year: int | None = None
    phone: str = ""
    address: str = ""


def invited(session: Session, code: str) -> ApplicantGroup:
    """The group that an invitation is for. Raises Refusal invitation_unknown (404)."""
    return _by_code(session, code)


def join(database: Database, actor: Actor, now: datetime, code: str) -> ApplicantGroup:
    """Join by invitation; who belongs already stays, who left is in again, and who was named without an account takes
    that place. Raises Refusal: sign_in_required, invitation_unknown, too_many_members."""
    account_id = account_of(actor)
    with database.write() as session:
        group = _by_code(session, code, lock=True)
        own = session.scalar(
            select(GroupMember).where(GroupMember.group_id == group.id, GroupMember.account_id == account_id)
        )
        if own is not None and own.left_at is None:
            return group
        _check_room(session, group.id)
        if own is not None:
            own.left_at, own.joined_at, own.role = None, now, MEMBER
        else:
            _take_place(session, group.id, account_id, actor.name, now)
        record(session, AUDIT, actor, now, "group.joined", f"group:{group.id}")
        _recheck_interests(session, database, actor, now, group.id)
        return group


def add(
    database: Database,
    actor: Actor,
    now: datetime,
    group_id: int,
    details: Details,
    *,
    unread: dict[str, list[str]] | None = None,
) -> GroupMember:
    """Name somebody of the group, by a leader; the same person again is the same row. Raises Refusal: not_found,
    leaders_only, invalid_input, too_many_members."""
    with database.write() as session:
        led(session, actor, group_id)
        policy.refuse_problems(problems(details, now), unread)
        wanted = _columns(details)
        for each in members_of(session, group_id):
            if _same(each, wanted):
                return each
        _check_room(session, group_id)
        member = GroupMember(group_id=group_id, **wanted, joined_at=now)
        session.add(member)
        session.flush()
        record(session, AUDIT, actor, now, "group.member_added", f"group:{group_id}", {"member": member.id})
        _recheck_interests(session, database, actor, now, group_id)
        return member


def change(
    database: Database,
    actor: Actor,
    now: datetime,
    group_id: int,
    member_id: int,
    details: Details,
    *,
    unread: dict[str, list[str]] | None = None,
) -> GroupMember:
    """Change what is known of somebody: oneself, or anybody by a leader. Raises Refusal: not_found, leaders_only,
    invalid_input."""
    with database.write() as session:
        member = _theirs(session, actor, group_id, member_id)
        policy.refuse_problems(problems(details, now), unread)
        for name, value in _columns(details).items():
            setattr(member, name, value)
        record(session, AUDIT, actor, now, "group.member_changed", f"group:{group_id}", {"member": member_id})
        _recheck_interests(session, database, actor, now, group_id)
        return member


def appoint(database: Database, actor: Actor, now: datetime, group_id: int, member_id: int) -> None:
    """Make somebody with an account a leader too, by a leader. Raises Refusal: not_found, leaders_only,
    member_without_account."""
    with database.write() as session:
        led(session, actor, group_id)
        member = _member(session, group_id, member_id)
        if member.account_id is None:
            raise Refusal("member_without_account")
        if member.role != LEADER:
            member.role = LEADER
            details = {"member": member_id}
            record(session, AUDIT, actor, now, "group.leader_added", f"group:{group_id}", details, member.account_id)


def dismiss(database: Database, actor: Actor, now: datetime, group_id: int, member_id: int) -> None:
    """Take somebody else out, by a leader; again changes nothing. Raises Refusal: not_found, leaders_only."""
    with database.write() as session:
        led(session, actor, group_id)
        member = _member(session, group_id, member_id, gone=True)
        if member.account_id == actor.account_id:
            raise Refusal("not_found", 404)
        if member.left_at is None:
            member.left_at, member.role = now, MEMBER
            record(session, AUDIT, actor, now, "group.member_removed", f"group:{group_id}", {"member": member_id})


def leave(database: Database, actor: Actor, now: datetime, group_id: int) -> None:
    """Leave a group; what it applied for stays. Raises Refusal: not_found, group_needs_leader (409) for the only leader
    of others with accounts."""
    with database.write() as session:
        session.get(ApplicantGroup, group_id, with_for_update={"key_share": True})
        there = members_of(session, group_id)
        own = next((each for each in there if each.account_id == actor.account_id), None)
        if own is None or actor.account_id is None:
            raise Refusal("not_found", 404)
        others = [each for each in there if each.account_id is not None and each.id != own.id]
        if own.role == LEADER and others and not any(each.role == LEADER for each in others):
            raise Refusal("group_needs_leader")
        own.left_at, own.role = now, MEMBER
        record(session, AUDIT, actor, now, "group.left", f"group:{group_id}")


def remember(session: Session, group_id: int, there: Iterable[GroupMember], named: Any, now: datetime) -> None:
    """Keep the people whom an application names and its group did not know yet, and what it tells of those that it
    knew by their name only: they are offered again, and found in other groups. For the caller's transaction."""
    rows = list(there)
    for person in named if isinstance(named, list) else ():
        wanted = _columns(Details(person["name"], person["birth_year"], person["phone"], person["address"]))
        if any(_same(each, wanted) for each in rows):
            continue
        alike = [each for each in rows if name_key(each.name) == name_key(wanted["name"])]
        if not wanted["person_key"] and alike:
            continue
        unknown = [each for each in alike if not each.person_key]
        if unknown:
            for column in ("birth_year", "phone", "address", "person_key"):
                setattr(unknown[0], column, wanted[column] or getattr(unknown[0], column))
            continue
        member = GroupMember(group_id=group_id, **wanted, joined_at=now)
        session.add(member)
        rows.append(member)


def problems(details: Details, now: datetime) -> policy.Problems:
    """What is wrong with what is said of somebody."""
    yield from policy.text_problems("name", details.name, 80)
    yield from policy.text_problems("phone", details.phone, 30, required=False)
    yield from policy.text_problems("address", details.address, 200, required=False)
    if details.birth_year is not None and not EARLIEST_BIRTH <= details.birth_year <= policy.city_date(now).year:
        yield "birth_year", "year_unclear"


def _columns(details: Details) -> dict[str, Any]:
    name, phone = details.name.strip(), details.phone.strip()
    return {
        "name": name,
        "birth_year": details.birth_year,
        "phone": phone,
        "address": details.address.strip(),
        "person_key": person_key(name, details.birth_year, phone),
    }


def _same(member: GroupMember, wanted: Mapping[str, Any]) -> bool:
    if wanted["person_key"]:
        return member.person_key == wanted["person_key"]
    return name_key(member.name) == name_key(wanted["name"]) and not member.person_key


def _recheck_interests(session: Session, database: Database, actor: Actor, now: datetime, group_id: int) -> None:
    """Who reviews the group's applications may have an interest in them from now on."""
    on_commit(session, lambda: recusal.recheck_group(database, actor, now, group_id=group_id))


def _take_place(session: Session, group_id: int, account_id: int, name: str, now: datetime) -> None:
    """Who is the only one of that name without an account was meant by it."""
    alike = [
        each
        for each in members_of(session, group_id)
        if each.account_id is None and name_key(each.name) == name_key(name)
    ]
    if len(alike) == 1:
        alike[0].account_id = account_id
    else:
        session.add(GroupMember(group_id=group_id, account_id=account_id, name=name[:80], joined_at=now))


def _check_room(session: Session, group_id: int) -> None:
    count = select(func.count()).where(GroupMember.group_id == group_id, GroupMember.left_at.is_(None))
    if (session.scalar(count) or 0) >= MOST_MEMBERS:
        raise Refusal("too_many_members")


def _by_code(session: Session, code: str, lock: bool = False) -> ApplicantGroup:
    query = select(ApplicantGroup).where(ApplicantGroup.invite_code == code.strip().lower()[:40])
    group = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if group is None:
        raise Refusal("invitation_unknown", 404)
    return group


def _member(session: Session, group_id: int, member_id: int, *, gone: bool = False) -> GroupMember:
    member = session.get(GroupMember, member_id)
    if member is None or member.group_id != group_id or (member.left_at is not None and not gone):
        raise Refusal("not_found", 404)
    return member


def _theirs(session: Session, actor: Actor, group_id: int, member_id: int) -> GroupMember:
    session.get(ApplicantGroup, group_id, with_for_update={"key_share": True})
    member = _member(session, group_id, member_id)
    if actor.account_id is None or member.account_id != actor.account_id:
        led(session, actor, group_id)
    return member
