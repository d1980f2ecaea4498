"""Drafts: begun by a group, written by several of its people at once, never lost.

Each save tells which revision it saw. What nobody else changed since is taken; a field that somebody else changed in
the meantime is not, and both texts come back: who saves then decides knowingly. What is typed is kept exactly, whatever
is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import calls, files, groups, notices, policy, programmes, standing
from services.grants.applying import checking
from services.grants.applying.checking import Checked
from services.grants.applying.filing import draft_state, fresh_key
from services.grants.applying.locks import locked_alone
from services.grants.call_phases import Phase, call_phase
from services.grants.models import AUDIT, ApplicantGroup, Application, Call, GroupMember
from services.grants.once import once
from services.grants.rules import forms
from services.grants.rules.definition import Definition, Field
from shared.audit import record
from shared.database import Database
from shared.districts import BY_CODE
from shared.identity.actor import Actor
from shared.refusal import Refusal

NOT_COPIED = ("files",)


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else changed since: what one typed, and what stands there now."""

    field: str
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Saved:
    """A draft after a save, with what could not be taken."""

    application: Application
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True)
class Open:
    """A draft as its writers see it: the questions, how what was typed reads, and whether it can be written still."""

    application: Application
    call: Call
    group: ApplicantGroup
    members: tuple[GroupMember, ...]
    rules: Definition
    questions: tuple[Field, ...]
    checked: Checked
    attachments: tuple[Any, ...]
    correcting: bool
    late: bool


def begin(
    database: Database, actor: Actor, now: datetime, *, call_id: int, group_id: int, copy_from: int | None = None
) -> Application:
    """Begin a group's draft for a call, with its people filled in, and what it wrote in the application `copy_from`.
    A group has one application at a time: a draft that is there already is the answer. The others of the group are
    told that they may write with it.

    Raises Refusal: sign_in_required, not_found, call_closed, already_applied.
    """
    account_id = groups.account_of(actor)

    def begun() -> Application:
        with database.write() as session:
            return _begin(session, actor, account_id, now, call_id, group_id, copy_from)

    return once(begun)  # of two of the group at the same moment, each has the other's draft as well


def save(
    database: Database, actor: Actor, now: datetime, *, application_id: int, revision: int, values: Mapping[str, Any]
) -> Saved:
    """Keep what was typed into some fields, seen at `revision`. Saving after the close is possible, filing is not.

    Raises Refusal: not_found, already_submitted, invalid_input (field_unknown, draft_too_long).
    """
    with database.write() as session:
        application = locked_alone(session, application_id)
        standing.check_applicant(session, actor, application)
        rules = programmes.rules_of_application(session, application)
        if not may_write(rules, application):
            raise Refusal("already_submitted")
        asked = {each.key for each in _questions(session, rules, application) if each.kind != "files"}
        policy.refuse_problems((str(key)[:60], "field_unknown") for key in values if key not in asked)
        conflicts, taken = [], {}
        for key, typed in values.items():
            mine, theirs = storable(typed), application.typed.get(key)
            if mine == theirs or (theirs is None and _nothing(mine)):
                continue
            if application.field_revisions.get(key, 0) > revision:
                conflicts.append(Conflict(key, mine, theirs))
            else:
                taken[key] = mine
        if taken:
            _keep(session, actor, now, application, taken)
        return Saved(application, tuple(conflicts))


def look(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Open:
    """A draft, or an application that is to be corrected, for the people of its group. Raises Refusal: not_found,
    already_submitted."""
    with database.read() as session:
        application = session.get(Application, application_id)
        if application is None or application.group_id is None:
            raise Refusal("not_found", 404)
        standing.check_applicant(session, actor, application)
        call = session.get_one(Call, application.call_id)
        rules = programmes.rules_of_application(session, application)
        if not may_write(rules, application):
            raise Refusal("already_submitted")
        group = session.get_one(ApplicantGroup, application.group_id)
        members = groups.members_of(session, group.id)
        attached = files.of_subject(session, "application", application.id)
        asked = _questions(session, rules, application)
        keys = {each.key for each in asked}
        typed = {key: value for key, value in application.typed.items() if key in keys}
        checked = checking.check(
            session, rules, call, group, members, typed, now, attachments=attached, application_id=application.id
        )
        correcting = application.phase != "draft"
        until = application.correct_by
        late = bool(until and now >= until) if correcting else call_phase(call, now) is Phase.CLOSED
        return Open(application, call, group, tuple(members), rules, asked, checked, tuple(attached), correcting, late)


def may_write(rules: Definition, application: Application) -> bool:
    """Whether the words can be changed: of a draft, and of what is to be corrected."""
    return application.phase == "draft" or rules.transition("correct", application.state) is not None


def earlier(session: Session, group_id: int) -> list[Application]:
    """What a group wrote before, to be copied; the newest first."""
    return list(
        session.scalars(
            select(Application).where(Application.group_id == group_id).order_by(Application.id.desc()).limit(20)
        )
    )


def storable(typed: Any) -> Any:
    """What was typed, but for halves of characters, which no database keeps."""
    if isinstance(typed, str):
        return "".join("\ufffd" if "\ud800" <= each <= "\udfff" or each == "\0" else each for each in typed)
    if isinstance(typed, list):
        return [storable(each) for each in typed]
    if isinstance(typed, dict):
        return {storable(str(key)): storable(value) for key, value in typed.items()}
    if isinstance(typed, float) and typed != typed:  # JSON has no word for it
        return None
    return typed


def _begin(
    session: Session,
    actor: Actor,
    account_id: int,
    now: datetime,
    call_id: int,
    group_id: int,
    copy_from: int | None,
) -> Application:
    group = session.get(ApplicantGroup, group_id)
    if group is None or not standing.in_group(session, account_id, group_id):
        raise Refusal("not_found", 404)
    call = calls.get(session, actor, call_id)
    there = _live(session, call_id, group_id)
    if there is not None:
        if there.phase != "draft":
            raise Refusal("already_applied")
        return there
    phase = call_phase(call, now)
    if phase is Phase.DRAFT:
        raise Refusal("not_found", 404)
    if phase is Phase.CLOSED:
        raise Refusal("call_closed")
    rules = programmes.rules_of_call(session, call)
    typed = _filled_in(session, rules, call, group, copy_from)
    application = Application(
        call_id=call_id,
        version_id=call.version_id,
        group_id=group_id,
        district=call.district or group.district,
        dong=group.dong,
        account_id=account_id,
        representative=actor.name[:80],
        group_name=group.name,
        typed=typed,
        title=_title(typed),
        revision=1,
        field_revisions=dict.fromkeys(typed, 1),
        saved_at=now,
        saved_by=account_id,
        idempotency_key=fresh_key(),
        state=draft_state(rules),
        phase="draft",
        state_since=now,
        created_at=now,
    )
    session.add(application)
    session.flush()
    details = {"call": call_id, "group": group_id, "copied_from": copy_from}
    record(session, AUDIT, actor, now, "application.begun", f"application:{application.id}", details)
    notices.tell(
        session,
        [each for each in standing.accounts_of(session, application) if each != account_id],
        "invited_to_draft",
        now,
        path=f"/applications/{application.id}/draft",
        group=group.name,
        call=call.title,
    )
    return application


def _filled_in(
    session: Session, rules: Definition, call: Call, group: ApplicantGroup, copy_from: int | None
) -> dict[str, Any]:
    """Fill once: the group's people, where it is, and what it wrote before where the form asks the same."""
    asked = {each.key: each for each in forms.questions(rules, forms.Terms(0, tuple(call.strands), call.district))}
    typed: dict[str, Any] = {}
    if copy_from is not None:
        source = session.get(Application, copy_from)
        if source is None or source.group_id != group.id:
            raise Refusal("not_found", 404)
        written = source.typed or source.answers
        typed = {key: value for key, value in written.items() if key in asked and asked[key].kind not in NOT_COPIED}
    for key, question in asked.items():
        if key in typed:
            continue
        if question.kind == "members":
            typed[key] = [
                {
                    "name": each.name,
                    "birth_year": str(each.birth_year or ""),
                    "phone": each.phone,
                    "address": each.address,
                }
                for each in groups.members_of(session, group.id)
            ]
        elif key == "district" and group.district in BY_CODE:
            typed[key] = group.district
        elif key == "dong" and group.dong:
            typed[key] = group.dong
    return typed


def _questions(session: Session, rules: Definition, application: Application) -> tuple[Field, ...]:
    call = session.get_one(Call, application.call_id)
    return forms.questions(rules, forms.Terms(call.ceiling_won, tuple(call.strands), call.district))


def _keep(session: Session, actor: Actor, now: datetime, application: Application, taken: Mapping[str, Any]) -> None:
    typed = {**application.typed, **taken}
    if len(json.dumps(typed, ensure_ascii=False)) > forms.MOST_TYPED:
        raise Refusal("invalid_input", 422, fields={"form": ["draft_too_long"]})
    application.typed = typed
    application.revision += 1
    application.field_revisions = {**application.field_revisions, **dict.fromkeys(taken, application.revision)}
    application.saved_at, application.saved_by = now, actor.account_id
    if application.phase == "draft":
        application.title = _title(typed)
    details = {"fields": sorted(taken), "revision": application.revision}
    record(session, AUDIT, actor, now, "application.saved", f"application:{application.id}", details)
    session.flush()


def _title(typed: Mapping[str, Any]) -> str:
    title = typed.get("title")
    return title.strip()[:120] if isinstance(title, str) else ""


def _nothing(typed: Any) -> bool:
    if isinstance(typed, dict):
        return all(_nothing(each) for each in typed.values())
    return typed is None or typed in ("", [])


def _live(session: Session, call_id: int, group_id: int) -> Application | None:
    return session.scalar(
        select(Application).where(
            Application.call_id == call_id, Application.group_id == group_id, Application.phase != "withdrawn"
        )
    )
