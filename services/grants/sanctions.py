"""Exclusions (참여 제한): after a clawback by the programme's rule, or by decision; they follow the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from services.grants import desk, notices, policy, standing
from services.grants.funded import Funded
from services.grants.models import AUDIT, ApplicantGroup, Application, Call, GroupMember, Sanction
from services.grants.rules.returns import exclusion
from services.grants.rules.settlement import reason_problems
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

PAGE_SIZE = 50
MOST_YEARS = 10


def impose(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    group_id: int | None,
    starts_on: date | None,
    ends_on: date | None,
    reason: str,
    unread: Mapping[str, list[str]] | None = None,
) -> Sanction:
    """Exclude a group of the actor's district and its people by decision. The same exclusion again is the one that is
    there. Raises Refusal: other_district, own_application, invalid_input (group_unknown, date_missing,
    exclusion_ends_before, exclusion_too_long, reason_missing)."""
    with database.write() as session:
        group = session.get(ApplicantGroup, group_id, with_for_update=True) if group_id is not None else None
        problems = _problems(group, starts_on, ends_on, reason)
        policy.refuse_problems(problems, unread, most_years=MOST_YEARS)
        if group is None or starts_on is None or ends_on is None:
            raise ValueError("told as problems before")
        policy.check_runs(actor, group.district)
        _check_stranger(session, actor, group.id)
        people = select(GroupMember.person_key).where(GroupMember.group_id == group.id, GroupMember.left_at.is_(None))
        return _impose(session, actor, now, group, None, group.district, people, reason.strip(), starts_on, ends_on)


def exclude(session: Session, actor: Actor, now: datetime, it: Funded, *, reason: str, years: int) -> Sanction:
    """Exclude the group of a project for so many years from today, and everybody who was in it since it applied. The
    caller holds the application's lock."""
    application = it.application
    group = session.get_one(ApplicantGroup, application.group_id, with_for_update=True)
    since = application.submitted_at or application.created_at or now
    people = select(GroupMember.person_key).where(
        GroupMember.group_id == group.id, or_(GroupMember.left_at.is_(None), GroupMember.left_at >= since)
    )
    today = policy.city_date(now)
    district = it.call.district or application.district
    return _impose(session, actor, now, group, application.id, district, people, reason, today, exclusion(today, years))


def lift(database: Database, actor: Actor, now: datetime, *, sanction_id: int, reason: str) -> Sanction:
    """Lift an exclusion with a reason. Raises Refusal: not_found, other_district, own_application, sanction_lifted,
    invalid_input."""
    with database.write() as session:
        sanction = session.get(Sanction, sanction_id, with_for_update=True)
        if sanction is None:
            raise Refusal("not_found", 404)
        policy.check_runs(actor, sanction.district)
        _check_stranger(session, actor, sanction.group_id)
        if sanction.lifted_at is not None:
            if sanction.lifted_by == actor.account_id and sanction.lift_reason == reason.strip():
                return sanction
            raise Refusal("sanction_lifted")
        policy.refuse_problems(reason_problems(reason))
        sanction.lifted_by, sanction.lifted_at, sanction.lift_reason = actor.account_id, now, reason.strip()
        record(session, AUDIT, actor, now, "sanction.lifted", f"group:{sanction.group_id}", {"sanction": sanction.id})
        return sanction


def listed(
    session: Session, actor: Actor, now: datetime, *, current: bool = True, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[Sequence[Row[Sanction, ApplicantGroup]], int]:
    """The exclusions of the actor's district (city staff: of all), those in force or the past ones: two queries."""
    today = policy.city_date(now)
    in_force = (Sanction.lifted_at.is_(None)) & (Sanction.ends_on >= today)
    wanted = (
        select(Sanction, ApplicantGroup)
        .join(ApplicantGroup, ApplicantGroup.id == Sanction.group_id)
        .where(in_force if current else ~in_force)
    )
    if not actor.has(Role.CITY_STAFF):
        wanted = wanted.where(Sanction.district == (actor.district or ""))
    total = session.scalar(wanted.with_only_columns(func.count()))
    rows = session.execute(wanted.order_by(Sanction.ends_on, Sanction.id).offset(offset).limit(limit)).all()
    return rows, int(total or 0)


def groups_to_choose(session: Session, actor: Actor) -> Sequence[ApplicantGroup]:
    """The groups with an award in the calls that the actor runs: whom a decision can concern."""
    of_calls = (
        select(Application.group_id)
        .join(Call, Call.id == Application.call_id)
        .where(Application.awarded_won.is_not(None), Application.group_id.is_not(None), desk.run_by(actor))
    )
    wanted = select(ApplicantGroup).where(ApplicantGroup.id.in_(of_calls))
    if not actor.has(Role.CITY_STAFF):
        wanted = wanted.where(ApplicantGroup.district == (actor.district or ""))
    return session.scalars(wanted.order_by(ApplicantGroup.name, ApplicantGroup.id).limit(500)).all()


def _check_stranger(session: Session, actor: Actor, group_id: int) -> None:
    """Nobody decides on an exclusion of a group that they are or were in. Raises Refusal own_application."""
    if standing.was_in_group(session, actor.account_id, group_id):
        raise Refusal("own_application", 403)


def _impose(
    session: Session,
    actor: Actor,
    now: datetime,
    group: ApplicantGroup,
    application_id: int | None,
    district: str,
    people: Select[str],
    reason: str,
    starts_on: date,
    ends_on: date,
) -> Sanction:
    same = session.scalar(
        select(Sanction).where(
            Sanction.group_id == group.id,
            Sanction.lifted_at.is_(None),
            Sanction.starts_on == starts_on,
            Sanction.ends_on == ends_on,
            Sanction.reason == reason,
        )
    )  # under the group's lock
    if same is not None:
        return same
    sanction = Sanction(
        group_id=group.id,
        application_id=application_id,
        district=district,
        person_keys=sorted({key for key in session.scalars(people) if key}),
        reason=reason,
        starts_on=starts_on,
        ends_on=ends_on,
        imposed_by=actor.account_id or 0,
        imposed_at=now,
    )
    session.add(sanction)
    session.flush()
    details = {"sanction": sanction.id, "until": ends_on.isoformat(), "people": len(sanction.person_keys)}
    record(session, AUDIT, actor, now, "sanction.imposed", f"group:{group.id}", details)
    accounts = session.scalars(
        select(GroupMember.account_id).where(
            GroupMember.group_id == group.id, GroupMember.account_id.is_not(None), GroupMember.left_at.is_(None)
        )
    )
    told = [each for each in accounts if each is not None]
    notices.tell(session, told, "sanctioned", now, path="/mine", group=group.name, until=ends_on, reason=reason)
    return sanction


def _problems(
    group: ApplicantGroup | None, starts_on: date | None, ends_on: date | None, reason: str
) -> policy.Problems:
    if group is None:
        yield "group_id", "group_unknown"
    for name, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if day is None:
            yield name, "date_missing"
    if starts_on and ends_on:
        if ends_on < starts_on:
            yield "ends_on", "exclusion_ends_before"
        elif ends_on > exclusion(starts_on, MOST_YEARS):
            yield "ends_on", "exclusion_too_long"
    yield from reason_problems(reason)
