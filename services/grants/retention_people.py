"""Forgetting people: groups and members, reviewers, and whom an exclusion concerned. See `retention`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from services.grants.models import (
    AUDIT,
    ApplicantGroup,
    Application,
    Appointment,
    GroupMember,
    Project,
    ReturnOrder,
    Review,
    Reviewer,
    Sanction,
)
from services.grants.policy import city_date
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM

NOBODY = 0
"""The account of whoever is forgotten."""
BATCH = 200
OVER = ("closed", "rejected", "withdrawn", "draft")
"""Phases in which nothing more is awaited of a group."""


def groups(database: Database, now: datetime, before: datetime) -> int:
    """Groups whose applications are all forgotten, with nothing new since then: their account, address and people. The
    name stays where the register has it."""
    mine = Application.group_id == ApplicantGroup.id
    unforgotten = exists().where(mine, Application.account_id != NOBODY)
    barred = exists().where(Sanction.group_id == ApplicantGroup.id, Sanction.ends_on >= city_date(now))
    owing = exists().where(mine, ReturnOrder.application_id == Application.id, ReturnOrder.state == "due")
    joined = exists().where(GroupMember.group_id == ApplicantGroup.id, GroupMember.joined_at >= before)
    known = exists().where(GroupMember.group_id == ApplicantGroup.id, GroupMember.name != "")
    something = or_(known, ApplicantGroup.bank_account != "", ApplicantGroup.address != "")
    last = func.coalesce(ApplicantGroup.changed_at, ApplicantGroup.created_at)
    old = (last < before, something, ~unforgotten, ~barred, ~owing, ~joined)
    query = select(ApplicantGroup.id).where(*old).order_by(ApplicantGroup.id).limit(BATCH)
    with database.read() as session:
        if session.scalar(query) is None:
            return 0
    with database.write() as session:
        ids = list(session.scalars(query.with_for_update(of=ApplicantGroup)))
        people = set(session.scalars(select(GroupMember.account_id).where(GroupMember.group_id.in_(ids))))
        about = AUDIT.c.subject.in_([f"group:{number}" for number in ids])
        session.execute(update(AUDIT).where(about, AUDIT.c.account_id.in_(people - {None})).values(account_id=None))
        funded = exists().where(Project.group_id == ApplicantGroup.id)
        session.execute(
            quietly(
                update(ApplicantGroup)
                .where(ApplicantGroup.id.in_(ids))
                .values(
                    name=case((funded, ApplicantGroup.name), else_=""),
                    name_key=case((funded, ApplicantGroup.name_key), else_=""),
                    address="",
                    about="",
                    registration_number="",
                    bank="",
                    bank_account="",
                    bank_holder="",
                    created_by=NOBODY,
                )
            )
        )
        _blank(session, GroupMember.group_id.in_(ids), now)
        for number in ids:
            record(session, AUDIT, SYSTEM, now, "person.forgotten", f"group:{number}")
        return len(ids)


def members(database: Database, before: datetime) -> int:
    """Who left a group that goes on."""
    old = (GroupMember.left_at < before, or_(GroupMember.name != "", GroupMember.account_id.is_not(None)))
    query = select(GroupMember.id).where(*old).order_by(GroupMember.id).limit(BATCH)
    with database.read() as session:
        if session.scalar(query) is None:
            return 0
    with database.write() as session:
        ids = list(session.scalars(query))
        _blank(session, GroupMember.id.in_(ids), before)
        return len(ids)


def _blank(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    gone = {"account_id": None, "name": "", "phone": "", "address": "", "birth_year": None, "person_key": ""}
    left = func.coalesce(GroupMember.left_at, now)
    session.execute(quietly(update(GroupMember).where(which).values(**gone, left_at=left)))


def reviewers(database: Database, now: datetime, before: datetime) -> int:
    """Reviewers without an appointment or a review since then. The account's number stays with their scores: whose
    they were is told by nothing else."""
    appointed = exists().where(Appointment.account_id == Reviewer.account_id, Appointment.ends_on >= city_date(before))
    reviewing = exists().where(
        Review.account_id == Reviewer.account_id,
        or_(Review.assigned_at >= before, Review.submitted_at >= before, Review.state == "assigned"),
    )
    something = or_(Reviewer.name != "", Reviewer.address != "", Reviewer.phone != "")
    old = (Reviewer.changed_at < before, something, ~appointed, ~reviewing)
    query = select(Reviewer.account_id).where(*old).order_by(Reviewer.account_id).limit(BATCH)
    with database.read() as session:
        if session.scalar(query) is None:
            return 0
    with database.write() as session:
        ids = list(session.scalars(query.with_for_update(of=Reviewer)))
        texts = dict.fromkeys(("name", "affiliation", "address", "phone", "person_key"), "")
        gone: dict[str, Any] = {**texts, "birth_year": None, "expertise": []}
        session.execute(quietly(update(Reviewer).where(Reviewer.account_id.in_(ids)).values(gone)))
        record(session, AUDIT, SYSTEM, now, "person.forgotten", "reviewer:*", {"count": len(ids)})
        return len(ids)


def exclusions(database: Database, before: datetime) -> int:
    """Why and whom an exclusion concerned that is long over; that there was one stays with its group."""
    query = select(Sanction.id).where(Sanction.ends_on < city_date(before), Sanction.reason != "").limit(BATCH)
    with database.read() as session:
        if session.scalar(query) is None:
            return 0
    with database.write() as session:
        ids = list(session.scalars(query))
        gone: dict[str, Any] = {"person_keys": [], "reason": "", "lift_reason": ""}
        session.execute(quietly(update(Sanction).where(Sanction.id.in_(ids)).values(gone)))
        return len(ids)


def quietly(statement: Any) -> Any:
    """An update of rows that this session holds no objects of."""
    return statement.execution_options(synchronize_session=False)
