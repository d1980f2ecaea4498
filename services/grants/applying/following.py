"""Following applications: one with its call, one's own, a call's; and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, defer, joinedload

from services.grants import notices, policy, process, standing
from services.grants.applying.locks import locked
from services.grants.models import (
    AUDIT,
    Application,
    ApplicationStep,
    Call,
    Filing,
    GroupMember,
    Space,
)
from services.grants.selection import release
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PAGE_SIZE = 50
MOST_OF_ONE = 200


def view(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Application:
    """An application with its call, for the people of its group and for those who run the call: that these read it is
    recorded, for it names people (invariant 14). What was never filed is its group's alone.

    Raises Refusal: not_found, other_district, own_application.
    """
    with database.read() as session:
        application = session.get(Application, application_id, options=[joinedload(Application.call)])
        if application is None:
            raise Refusal("not_found", 404)
        if standing.belongs(session, actor.account_id, application):
            return application
        standing.check_staff(session, actor, application, application.call)
    with database.write() as session:
        record(session, AUDIT, actor, now, "application.viewed", f"application:{application.id}")
    return application


def withdraw(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Application:
    """Take an application back, or give a draft up; again changes nothing. Raises Refusal: not_found,
    step_not_possible."""
    with database.write() as session:
        application, call = locked(session, application_id)
        standing.check_applicant(session, actor, application)
        if application.phase == "withdrawn":
            return application
        was = application.phase
        process.move(session, application, call, "withdraw", actor, now)
        application.withdrawn_at = now
        if was in ("decision", "selected"):
            release.release_within(session, actor, now, application, call)
        if application.number is not None:
            notices.tell(
                session,
                standing.accounts_of(session, application),
                "application_withdrawn",
                now,
                path=f"/applications/{application_id}",
                title=application.title,
                call=call.title,
            )
        return application


def mine(session: Session, actor: Actor) -> Sequence[Application]:
    """The applications of the actor's groups with their calls, the newest first: one query, without what they say."""
    if actor.account_id is None:
        return []
    groups = select(GroupMember.group_id).where(
        GroupMember.account_id == actor.account_id, GroupMember.left_at.is_(None)
    )
    return session.scalars(
        select(Application)
        .where(
            or_(
                Application.group_id.in_(groups),
                and_(Application.group_id.is_(None), Application.account_id == actor.account_id),
            )
        )
        .options(
            joinedload(Application.call).defer(Call.body),
            defer(Application.typed),
            defer(Application.answers),
            defer(Application.plan),
            joinedload(Application.version),
        )
        .order_by(Application.id.desc())
        .limit(MOST_OF_ONE)
    ).all()


def of_call(
    session: Session, actor: Actor, call_id: int, *, phase: str | None = None, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[Call, Sequence[Application], int]:
    """A call, its filed applications in the order of their numbers (of one phase) and how many there are. Raises
    Refusal: not_found, other_district."""
    call = session.get(Call, call_id)
    if call is None:
        raise Refusal("not_found", 404)
    policy.check_runs(actor, call.district)
    wanted = [Application.call_id == call_id, Application.number.is_not(None)]
    if phase:
        wanted.append(Application.phase == phase)
    total = session.scalar(select(func.count()).select_from(Application).where(*wanted)) or 0
    found = session.scalars(
        select(Application)
        .where(*wanted)
        .options(defer(Application.typed), defer(Application.answers), defer(Application.plan))
        .order_by(Application.number)
        .offset(offset)
        .limit(limit)
    ).all()
    return call, found, total


def steps_of(session: Session, application_id: int) -> Sequence[ApplicationStep]:
    """What happened to an application, in order."""
    return session.scalars(
        select(ApplicationStep).where(ApplicationStep.application_id == application_id).order_by(ApplicationStep.id)
    ).all()


def filings_of(session: Session, application_id: int) -> Sequence[Filing]:
    """What was filed, each time."""
    return session.scalars(select(Filing).where(Filing.application_id == application_id).order_by(Filing.number)).all()


def spaces_to_choose(session: Session, district: str | None) -> Sequence[Space]:
    """The spaces that a project can be placed at: of the district, or of the city, the retired ones apart."""
    wanted = [Space.stage != "retired"]
    if district:
        wanted.append(Space.district == district)
    return session.scalars(select(Space).where(*wanted).order_by(Space.district, Space.name, Space.id).limit(500)).all()


def place_of(session: Session, application: Application) -> Space | None:
    """The space where the project would happen, as far as we know it."""
    return session.get(Space, application.space_id) if application.space_id is not None else None
