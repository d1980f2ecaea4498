"""Filing: from a draft; and filing again when a correction was asked for. Without a draft: `direct`.

What counts is the moment at which a submission reaches the database, by the database's own clock, read before it waits
for anything: who stands in line at the close is in, who comes a second after it is late. Nobody's draft is lost by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.grants import calls, files, group_members, groups, notices, policy, process, programmes, standing
from services.grants.applying import checking
from services.grants.applying.checking import Checked
from services.grants.applying.locks import locked
from services.grants.models import (
    ApplicantGroup,
    Application,
    Attachment,
    Call,
    Filing,
    GroupMember,
)
from services.grants.rules.definition import Definition
from shared.bus.outbox import together
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def submit(
    database: Database, actor: Actor, now: datetime | None = None, *, application_id: int, key: str
) -> Application:
    """File a draft and get it back with its receipt; `now` None is the database's clock. The same `key` again gives the
    same receipt, even after the close. A refused draft stays as it is.

    Raises Refusal: key_missing, not_found, already_submitted, call_not_open_yet, call_closed, invalid_input, and what
    guards of the step say.
    """
    calls.check_key(key)
    moment = now or database.clock()
    with database.write() as session:
        application, call = locked(session, application_id)
        standing.check_applicant(session, actor, application)
        if filing_by_key(session, application_id, key) is not None:
            return application
        if application.phase != "draft":
            raise Refusal("already_submitted")
        policy.check_period(call, moment)
        rules = _frozen_rules(session, application, moment)
        read = _read(session, application, call, rules, moment)
        with together(session):
            with session.no_autoflush:  # the number and the step are one change
                enter(session, application, read.checked, read.group, read.members, moment)
                take_step(session, actor, moment, application, call, "submit", read.attached, 1, key)
            tell_receipt(session, application, call, read.members, moment)
        return application


def correct(
    database: Database, actor: Actor, now: datetime | None = None, *, application_id: int, key: str
) -> Application:
    """File a corrected application; the earlier filing stays. The same `key` again changes nothing.

    Raises Refusal: key_missing, not_found, step_not_possible, correction_late, invalid_input.
    """
    calls.check_key(key)
    moment = now or database.clock()
    with database.write() as session:
        application, call = locked(session, application_id)
        standing.check_applicant(session, actor, application)
        if filing_by_key(session, application_id, key) is not None:
            return application
        rules = programmes.rules_of_application(session, application)
        if rules.transition("correct", application.state) is None:
            raise Refusal("step_not_possible")
        read = _read(session, application, call, rules, moment)
        latest = session.scalars(
            select(Filing.number).where(Filing.application_id == application_id).order_by(Filing.number.desc()).limit(1)
        ).one_or_none()
        with together(session):
            with session.no_autoflush:
                enter(session, application, read.checked, read.group, read.members, moment)
                take_step(session, actor, moment, application, call, "correct", read.attached, (latest or 0) + 1, key)
            tell_receipt(session, application, call, read.members, moment)
        return application


def draft_state(rules: Definition) -> str:
    """The state in which the course of a programme begins."""
    return next(state.key for state in rules.states if state.phase == "draft")


def _frozen_rules(session: Session, application: Application, now: datetime) -> Definition:
    """The rules of a draft, which its submission freezes; the call is locked before."""
    version = programmes.version(session, application.version_id or 0)
    if version.frozen_at is None:
        session.refresh(version, with_for_update=True)
        programmes.freeze(session, version, now)
    return programmes.rules_of(version)


@dataclass(frozen=True)
class _Read:
    """A draft as it was read, and whose it is."""

    checked: Checked
    group: ApplicantGroup
    members: Sequence[GroupMember]
    attached: Sequence[Attachment]


def _read(session: Session, application: Application, call: Call, rules: Definition, now: datetime) -> _Read:
    """What was typed, checked as a filing. Raises Refusal: step_not_possible (no group yet), invalid_input."""
    if application.group_id is None:
        raise Refusal("step_not_possible")
    group = session.get_one(ApplicantGroup, application.group_id)
    members = groups.members_of(session, application.group_id)
    attached = files.of_subject(session, "application", application.id)
    checked = checking.check(
        session,
        rules,
        call,
        group,
        members,
        _asked(rules, application.typed),
        now,
        attachments=attached,
        application_id=application.id,
    )
    checked.refuse()
    return _Read(checked, group, members, attached)


def _asked(rules: Definition, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed for what the form asks now: a draft may be older than its form."""
    asked = {each.key for each in rules.form.fields} | {"strand", "district"}
    return {key: value for key, value in typed.items() if key in asked}


def enter(
    session: Session,
    application: Application,
    checked: Checked,
    group: ApplicantGroup,
    members: Sequence[GroupMember],
    now: datetime,
) -> None:
    """Put what was read into the application, and the people it names into the group."""
    named = checked.reading.answers.get("members")
    checking.take_out(
        application, checked.reading.answers, group, len(named) if isinstance(named, list) else len(members)
    )
    group_members.remember(session, group.id, members, named, now)


def _number(session: Session, application: Application, now: datetime) -> None:
    """Give it the call's next number: the call's row is locked from here to the end."""
    counted = update(Call).where(Call.id == application.call_id).values(filed=Call.filed + 1).returning(Call.filed)
    number = session.execute(counted, execution_options={"synchronize_session": False}).scalar_one()
    application.number, application.submitted_at = number, now
    application.receipt = f"{policy.city_date(now).year}-{application.call_id:04d}-{number:04d}"


def take_step(
    session: Session,
    actor: Actor,
    now: datetime,
    application: Application,
    call: Call,
    event: str,
    attached: Sequence[Attachment],
    number: int,
    key: str,
) -> None:
    """The filing with its hash, and the step. The caller has checked that the actor is of the group."""
    assert application.group_id is not None  # noqa: S101 - whoever files has a group
    step = process.allowed(session, application, call, event, actor, now, known_as="applicant")
    if application.number is None:  # last of all: others who file wait for it
        _number(session, application, now)
    hashed = checking.content_hash(call.id, application.group_id, application.answers, attached)
    application.filed_hash = hashed
    application.account_id, application.representative = actor.account_id or 0, actor.name[:80]
    details = {"receipt": application.receipt, "hash": hashed, "filing": number}
    process.take(session, application, step, actor, now, details=details)
    session.add(
        Filing(
            application_id=application.id,
            number=number,
            answers=application.answers,
            files=checking.files_of(attached),
            filed_hash=hashed,
            filed_at=now,
            filed_by=actor.account_id,
            idempotency_key=key,
        )
    )


def tell_receipt(
    session: Session, application: Application, call: Call, members: Sequence[GroupMember], now: datetime
) -> None:
    """Tell the people of the group that it came in."""
    notices.tell(
        session,
        [each.account_id for each in members if each.account_id is not None],
        "application_submitted",
        now,
        path=f"/applications/{application.id}",
        title=application.title,
        call=call.title,
        receipt=application.receipt,
    )


def filing_by_key(session: Session, application_id: int, key: str) -> Filing | None:
    return session.scalar(select(Filing).where(Filing.application_id == application_id, Filing.idempotency_key == key))


def fresh_key() -> str:
    """A key of nobody's choosing, for what is idempotent by itself."""
    return f"draft:{uuid4().hex}"
