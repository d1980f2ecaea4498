"""What gates wait for and somebody has to do: the training, the own money, the interim report. The group says so with
evidence and the staff confirms it, or the staff records it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import files, funded, notices, policy, standing
from services.grants.funded import Funded
from services.grants.guards import GUARDS
from services.grants.models import AUDIT, Attachment, InterimCheck, Milestone
from services.grants.rules.file_kinds import ANY
from services.grants.rules.files import Examined
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

NOTE = 10_000
FILES = ANY
SUBJECT = "milestone"
"""The kind of subject of evidence; its number is the application's, its field the milestone's key."""


@dataclass(frozen=True)
class Kind:
    """A milestone. `confirmed`: what the group says needs the staff's word; `money`: an amount belongs to it; `text`:
    it is a text of the group's."""

    key: str
    label: Any
    confirmed: bool = True
    money: bool = False
    text: bool = False


KINDS = {
    kind.key: kind
    for kind in (
        Kind("training_done", lazy_gettext("회계 교육")),
        Kind("self_contribution_deposited", lazy_gettext("자부담 입금"), money=True),
        Kind("report_filed", lazy_gettext("중간보고서"), confirmed=False, text=True),
    )
}


@dataclass(frozen=True)
class Said:
    """What is said of a milestone."""

    done_on: date | None
    amount_won: int | None = None
    note: str = ""


def say(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    key: str,
    said: Said,
    evidence: Sequence[Examined] = (),
    upload_key: str,
    unread: dict[str, list[str]] | None = None,
) -> Milestone:
    """Record that a milestone is reached. From the group it waits for the staff's word (the interim report does not);
    from the staff it counts at once. Saying the same again changes nothing; saying it anew replaces what still waits.

    Raises Refusal: not_found, other_district, own_application, not_running, milestone_confirmed, invalid_input.
    """
    kind = _kind(key)
    with database.write() as session:
        it = funded.held(session, application_id)
        own = standing.belongs(session, actor.account_id, it.application)
        if not own:
            standing.check_staff(session, actor, it.application, it.call)
        elif not it.known(now):
            raise Refusal("not_found", 404)
        funded.check_running(it, "selected", "running")
        there = session.get(Milestone, (application_id, key))
        has_files = bool(evidence) or bool(files.of_subject(session, SUBJECT, application_id, key))
        policy.refuse_problems(_problems(kind, said, now, own, has_files), unread)
        if own and there is not None and not _open(session, it, kind, there, said):
            raise Refusal("milestone_confirmed", 409)
        waiting = own and kind.confirmed
        if there is None:
            there = Milestone(application_id=application_id, key=key)
            session.add(there)
        there.done_on = said.done_on or policy.city_date(now)
        there.amount_won = said.amount_won if kind.money else None
        there.note = said.note.strip()
        there.waiting, there.recorded_by, there.recorded_at = waiting, actor.account_id or 0, now
        there.confirmed_by, there.confirmed_at = (None, None) if own else (actor.account_id, now)
        session.flush()
        files.attach(
            session,
            actor,
            now,
            evidence,
            it.application,
            it.call,
            subject_kind=SUBJECT,
            subject_id=application_id,
            field=key,
            key=upload_key,
        )
        details = {"milestone": key, "waiting": waiting, "amount_won": there.amount_won}
        record(session, AUDIT, actor, now, "milestone.recorded", f"application:{application_id}", details)
        return there


def confirm(database: Database, actor: Actor, now: datetime, *, application_id: int, key: str) -> Milestone:
    """Confirm what a group said; again changes nothing. Raises Refusal: not_found, other_district, own_application,
    not_running."""
    _kind(key)
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        there = session.get(Milestone, (application_id, key))
        if there is None:
            raise Refusal("not_found", 404)
        if there.recorded_by == actor.account_id and there.waiting:
            raise Refusal("own_application", 403)
        if there.waiting:
            funded.check_running(it, "selected", "running")
            there.waiting, there.confirmed_by, there.confirmed_at = False, actor.account_id, now
            details = {"milestone": key, "amount_won": there.amount_won}
            record(session, AUDIT, actor, now, "milestone.confirmed", f"application:{it.application.id}", details)
        return there


def send_back(database: Database, actor: Actor, now: datetime, *, application_id: int, key: str, reason: str) -> None:
    """Say that what a group said is not enough, with the reason; the gate is as if nothing had been said, the evidence
    stays. Raises Refusal: not_found, other_district, own_application, not_running, milestone_confirmed,
    invalid_input."""
    kind = _kind(key)
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        there = session.get(Milestone, (application_id, key))
        if there is None:
            raise Refusal("not_found", 404)
        funded.check_running(it, "selected", "running")
        if kind.confirmed and not there.waiting:
            raise Refusal("milestone_confirmed", 409)
        policy.refuse_problems(policy.text_problems("reason", reason, policy.REASON))
        session.delete(there)
        session.flush()
        record(session, AUDIT, actor, now, "milestone.sent_back", f"application:{application_id}", {"milestone": key})
        told = standing.accounts_of(session, it.application)
        notices.tell(
            session,
            told,
            "gate_due",
            now,
            path=f"/applications/{application_id}/milestones",
            title=it.application.title,
            gate=GUARDS[key].label,
            reason=reason.strip(),
        )


def of_application(session: Session, application_id: int) -> dict[str, Milestone]:
    """What is on record, by key."""
    found = session.scalars(select(Milestone).where(Milestone.application_id == application_id))
    return {each.key: each for each in found}


def evidence_of(session: Session, application_id: int) -> dict[str, list[Attachment]]:
    """The evidence, by the milestone's key."""
    found: dict[str, list[Attachment]] = {}
    for each in files.of_subject(session, SUBJECT, application_id):
        found.setdefault(each.field, []).append(each)
    return found


def asked_for(it: Funded) -> list[Kind]:
    """The milestones that the programme's gates wait for, in their order."""
    wanted = dict.fromkeys(gate for plan in it.rules.tranches for gate in plan.gates)
    return [KINDS[key] for key in wanted if key in KINDS]


def _problems(kind: Kind, said: Said, now: datetime, own: bool, has_files: bool) -> policy.Problems:
    if said.done_on is None and not kind.text:
        yield "done_on", "date_missing"
    elif said.done_on is not None and said.done_on > policy.city_date(now):
        yield "done_on", "done_in_future"
    if kind.money and said.amount_won is None:
        yield "amount_won", "won_missing"
    elif kind.money and (said.amount_won or 0) <= 0:
        yield "amount_won", "won_not_positive"
    yield from policy.text_problems("note", said.note, NOTE, required=kind.text)
    if own and kind.confirmed and not has_files:
        yield "files", "file_missing"


def _open(session: Session, it: Funded, kind: Kind, there: Milestone, said: Said) -> bool:
    """Whether the group may still say it anew: what waits, a report until the evaluation is passed, more own money."""
    if kind.text:
        newest = session.scalar(
            select(InterimCheck.result)
            .where(InterimCheck.application_id == it.application.id)
            .order_by(InterimCheck.checked_at.desc(), InterimCheck.id.desc())
            .limit(1)
        )
        return newest != "passed"
    return there.waiting or (kind.money and (said.amount_won or 0) > (there.amount_won or 0))


def _kind(key: str) -> Kind:
    kind = KINDS.get(key)
    if kind is None:
        raise Refusal("not_found", 404)
    return kind
