"""Filing in one go, without a draft: what machines do, and who knows what to write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.grants import calls, groups, policy, programmes
from services.grants.applying import checking
from services.grants.applying.filing import draft_state, enter, filing_by_key, take_step, tell_receipt
from services.grants.models import ApplicantGroup, Application, Call, ProgrammeVersion
from services.grants.rules import forms
from shared.bus.outbox import together
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


def file(
    database: Database,
    actor: Actor,
    now: datetime | None = None,
    *,
    call_id: int,
    group_id: int,
    answers: Mapping[str, Any],
    key: str,
) -> Application:
    """File an application in one go, without a draft, and get it back with its receipt. `answers` are as a form types
    them (`rules.forms`); `now` None is the database's clock. The same `key` again gives the same application, even
    after the close.

    Raises Refusal: sign_in_required, key_missing, not_found, call_not_open_yet, call_closed, already_applied,
    draft_exists, invalid_input, key_reused (other content under the same key), and what guards of the step say.
    """
    account_id = groups.account_of(actor)
    calls.check_key(key)
    moment = now or database.clock()
    try:
        with database.write() as session:
            return _file_new(session, actor, moment, call_id, group_id, answers, key)
    except (Refusal, IntegrityError) as error:
        earlier = _filed_earlier(database, account_id, call_id, group_id, answers, key)
        if earlier is not None:
            return earlier
        there = _there_already(database, call_id, group_id) if isinstance(error, IntegrityError) else None
        if there is not None:
            raise there from error
        raise


def _file_new(
    session: Session,
    actor: Actor,
    now: datetime,
    call_id: int,
    group_id: int,
    answers: Mapping[str, Any],
    key: str,
) -> Application:
    found = session.execute(
        select(Call, ApplicantGroup, ProgrammeVersion)
        .outerjoin(ProgrammeVersion, ProgrammeVersion.id == Call.version_id)
        .join(ApplicantGroup, ApplicantGroup.id == group_id)
        .where(Call.id == call_id)
    ).one_or_none()
    if found is None:
        raise Refusal("not_found", 404)
    call, group, version = found
    members = groups.members_of(session, group_id)
    if not any(each.account_id == actor.account_id for each in members):
        raise Refusal("not_found", 404)
    policy.check_period(call, now)
    if version.frozen_at is None:
        calls.locked(session, call_id)
        session.refresh(version, with_for_update=True)
        programmes.freeze(session, version, now)
    rules = programmes.rules_of(version)
    checked = checking.check(session, rules, call, group, members, answers, now)
    checked.refuse()
    application = Application(
        call_id=call_id,
        version_id=version.id,
        group_id=group_id,
        account_id=actor.account_id,
        representative=actor.name[:80],
        typed=dict(answers),
        idempotency_key=key,
        state=draft_state(rules),
        phase="draft",
        created_at=now,
    )
    enter(session, application, checked, group, members, now)
    session.add(application)
    with together(session):
        with session.no_autoflush:  # it is written once, with its number and its first state
            take_step(session, actor, now, application, call, "submit", (), 1, key)
        tell_receipt(session, application, call, members, now)
    return application


def _there_already(database: Database, call_id: int, group_id: int) -> Refusal | None:
    """Whether the database let nothing in because the group is there already, or was at the same moment."""
    with database.look() as session:
        phase = session.scalar(
            select(Application.phase).where(
                Application.call_id == call_id, Application.group_id == group_id, Application.phase != "withdrawn"
            )
        )
    if phase is None:
        return None
    return Refusal("draft_exists" if phase == "draft" else "already_applied")


def _filed_earlier(
    database: Database, account_id: int, call_id: int, group_id: int, answers: Mapping[str, Any], key: str
) -> Application | None:
    """What the same request filed before. Raises Refusal key_reused."""
    with database.read() as session:
        application = session.scalar(
            select(Application).where(
                Application.call_id == call_id,
                Application.account_id == account_id,
                Application.idempotency_key == key,
            )
        )
        if application is None:
            return None
        filing = filing_by_key(session, application.id, key)
        call = session.get_one(Call, call_id)
        rules = programmes.rules_of_application(session, application)
        group = session.get(ApplicantGroup, group_id)
        if filing is None or group is None or application.group_id != group_id:
            raise Refusal("key_reused")
        terms = checking.terms_of(session, rules, call, answers)
        reading = forms.read(rules, terms, answers)
        if checking.content_hash(call_id, group_id, reading.answers, ()) != filing.filed_hash:
            raise Refusal("key_reused")
        return application
