"""Objections (이의신청): a group objects once to each announced decision that gives it less than it asked for (not
selected, a place on the reserve list, a reduced award), within the programme's days; the staff answers with reasons.
One that is upheld leads back to where the programme says: before the committee again, or, for who was found not
eligible, to the reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import applications, award, notices, policy, process, programmes, standing
from services.grants.desk import run_by
from services.grants.models import AUDIT, SHORT, Application, ApplicationStep, Call, Objection
from services.grants.rules.definition import Definition
from services.grants.selection import embargo, release
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

WORDS, ANSWER = 4_000, 2_000
PAGE_SIZE = 100


def file(database: Database, actor: Actor, now: datetime, *, application_id: int, words: str) -> Objection:
    """Object to a decision; the same words again give the same objection.

    Raises Refusal: not_found, objection_not_possible (nothing announced to object to), objection_late,
    objection_exists, invalid_input (words_missing).
    """
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        standing.check_applicant(session, actor, application)
        made = of_decision(session, application)
        if made is not None:
            if made.words == words.strip():
                return made
            raise Refusal("objection_exists")
        rules = programmes.rules_of_application(session, application)
        _check_open(rules, application, now)
        policy.refuse_problems(_problems("words", words, WORDS, "words_missing"))
        objection = Objection(
            application_id=application_id, words=words.strip(), filed_at=now, filed_by=actor.account_id
        )
        session.add(objection)
        session.flush()
        record(session, AUDIT, actor, now, "objection.filed", f"objection:{objection.id}")
        _tell(session, application, call, "objection_received", now)
        return objection


def answer(
    database: Database, actor: Actor, now: datetime, *, objection_id: int, upheld: bool, answer: str
) -> Objection:
    """Answer with reasons. Upheld, the application is decided on again, and what was decided is gone from it (its steps
    keep it): the commitment of an award goes back to the line until the new one, and an agreement that was offered is
    offered no more. One about a decision that stands no more can be dismissed only. The same answer again changes
    nothing.

    Raises Refusal: not_found, other_district, own_application, objection_answered, objection_outdated,
    step_not_possible, invalid_input.
    """
    with database.write() as session:
        application_id = session.scalar(select(Objection.application_id).where(Objection.id == objection_id))
        if application_id is None:
            raise Refusal("not_found", 404)
        application, call = applications.locked(session, application_id)
        standing.check_staff(session, actor, application, call)
        objection = session.get_one(Objection, objection_id, with_for_update=True, populate_existing=True)
        state = "upheld" if upheld else "dismissed"
        if objection.state != "open":
            if (objection.state, objection.answer) == (state, answer.strip()):
                return objection
            raise Refusal("objection_answered")
        policy.refuse_problems(_problems("answer", answer, ANSWER, "answer_missing"))
        if upheld and not stands(session, application, objection):
            raise Refusal("objection_outdated")
        objection.state, objection.answer = state, answer.strip()
        objection.answered_at, objection.answered_by = now, actor.account_id
        record(session, AUDIT, actor, now, f"objection.{state}", f"objection:{objection.id}")
        if upheld:
            was = application.phase
            process.move(session, application, call, "reconsider", actor, now, reason=objection.answer)
            if was in ("decision", "selected"):
                award.take_back_offer(session, now, application.id)
                release.release_within(session, actor, now, application, call)
            application.reason, application.conditions, application.awarded_won = "", "", None
            application.decided_at = application.decided_by = application.announced_at = None
        _tell(session, application, call, "objection_answered", now)
        return objection


def all_of(session: Session, application_id: int) -> Sequence[Objection]:
    """The objections to an application's decisions, the first one first."""
    wanted = select(Objection).where(Objection.application_id == application_id)
    return session.scalars(wanted.order_by(Objection.filed_at, Objection.id)).all()


def waiting_of(session: Session, application_id: int) -> Objection | None:
    """The one that waits for its answer, if there is one."""
    return next((each for each in all_of(session, application_id) if each.state == "open"), None)


def of_decision(session: Session, application: Application) -> Objection | None:
    """The objection to the decision that is announced now, if there is one: what was filed before its announcement was
    about an earlier decision."""
    told_at = application.announced_at
    if told_at is None:
        return None
    return next((each for each in reversed(all_of(session, application.id)) if each.filed_at >= told_at), None)


def stands(session: Session, application: Application, objection: Objection) -> bool:
    """Whether the decision that it is about is the one that is announced now."""
    about = of_decision(session, application)
    return about is not None and about.id == objection.id


def check_none_waits(session: Session, application_id: int) -> None:
    """Before a step that would change the decision or build on it. Raises Refusal: objection_waits."""
    if waiting_of(session, application_id) is not None:
        raise Refusal("objection_waits")


def award_again(session: Session, call: Call) -> Application | None:
    """An application of the call that lost its award to an objection that was upheld, and waits for its new decision;
    None: there is none. One query, and one for each that waits."""
    rows = session.execute(
        select(Application, ApplicationStep.from_state)
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(
            Application.call_id == call.id,
            Application.phase.in_(("intake", "review", "decision")),
            Application.decided_at.is_(None),
            ApplicationStep.event == "reconsider",
        )
        .order_by(ApplicationStep.id)
        .options(*SHORT)
    )
    last = {application.id: (application, state) for application, state in rows}  # of each the newest is the last one
    for application, state in last.values():
        rules = programmes.rules_of_application(session, application)
        if any(each.key == state and each.phase == "selected" for each in rules.states):
            return application
    return None


def last_day(rules: Definition, application: Application) -> date | None:
    """The last day on which the group may object: the programme's days after the day of the announcement."""
    if application.announced_at is None:
        return None
    return policy.city_date(application.announced_at) + timedelta(days=rules.objection_days)


def may_object(session: Session, application: Application, now: datetime) -> bool:
    """Whether the group could object now."""
    rules = programmes.rules_of_application(session, application)
    try:
        _check_open(rules, application, now)
    except Refusal:
        return False
    return of_decision(session, application) is None


def listed(
    session: Session, actor: Actor, *, state: str | None = None, offset: int = 0
) -> Sequence[tuple[Objection, Application, Call]]:
    """The objections to results of calls that the actor runs, those without an answer first."""
    query = (
        select(Objection, Application, Call)
        .join(Application, Application.id == Objection.application_id)
        .join(Call, Call.id == Application.call_id)
        .where(run_by(actor))
    )
    if state:
        query = query.where(Objection.state == state)
    order = (Objection.state != "open", Objection.filed_at.desc(), Objection.id)
    rows = session.execute(query.order_by(*order).offset(offset).limit(PAGE_SIZE))
    return [(objection, application, call) for objection, application, call in rows]


def read(session: Session, actor: Actor, objection_id: int) -> tuple[Objection, Application, Call]:
    """An objection, for those who answer it. Raises Refusal: not_found, other_district, own_application."""
    objection = session.get(Objection, objection_id)
    if objection is None:
        raise Refusal("not_found", 404)
    application = session.get_one(Application, objection.application_id)
    call = session.get_one(Call, application.call_id)
    standing.check_staff(session, actor, application, call)
    return objection, application, call


def _check_open(rules: Definition, application: Application, now: datetime) -> None:
    if not embargo.announced(application, now) or not _gives_less(application):
        raise Refusal("objection_not_possible")
    if rules.transition("reconsider", application.state) is None:
        raise Refusal("objection_not_possible")
    until = last_day(rules, application)
    if until is None or now >= datetime.combine(until + timedelta(days=1), time(), policy.SEOUL):
        raise Refusal("objection_late", until=str(until))


def _gives_less(application: Application) -> bool:
    """Whether the group did not get what it asked for."""
    if application.phase == "selected":
        return (application.awarded_won or 0) < application.requested_won
    return application.phase == "rejected" or application.reserve_rank is not None


def _problems(field: str, text: str, longest: int, missing: str) -> policy.Problems:
    if not text.strip():
        yield field, missing
    else:
        yield from policy.text_problems(field, text, longest)


def _tell(session: Session, application: Application, call: Call, kind: str, now: datetime) -> None:
    accounts = standing.accounts_of(session, application)
    path = f"/applications/{application.id}"
    notices.tell(session, accounts, kind, now, path=path, title=application.title, call=call.title)
