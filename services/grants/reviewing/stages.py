"""Leading many applications on at once, stage by stage, and when they are heard or visited.

Each application takes its own step by the programme's rows; one that may not stays where it is and says why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import applications, calls, many, notices, policy, process, programmes, standing
from services.grants.models import AUDIT, Application, Call, Review, StageDate
from services.grants.reviewing import interests, standings, work
from services.grants.rules.definition import Stage
from services.grants.selection import announcement
from services.grants.wording.programmes import told
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PLACE, NOTE = 120, 500


def lead(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    call_id: int,
    application_ids: Collection[int],
    event: str,
    reason: str = "",
    from_state: str | None = None,
    phase: str | None = None,
) -> many.Outcome:
    """Take `event` (advance, reject) with these applications of a call; `from_state` (or `phase`) leaves alone those
    that stand elsewhere by now, so that a second press moves nobody twice. Who is rejected when there is no hour to
    wait for is told at once. Raises Refusal: not_found, other_district, too_many, invalid_input (reason, where they are
    rejected)."""
    if event not in ("advance", "reject"):
        raise Refusal("step_not_possible")
    policy.refuse_problems(policy.reason_problems(reason, required=event == "reject"))

    def step(session: Session, application: Application, call: Call) -> None:
        elsewhere = from_state is not None and application.state != from_state
        if elsewhere or (phase is not None and application.phase != phase):
            raise Refusal("step_not_possible")
        before = application.reason, application.announced_at
        if event == "reject":
            application.reason, application.announced_at = reason, None  # before: nobody is rejected without one
        try:
            process.move(session, application, call, event, actor, now, reason=reason)
        except Refusal:
            application.reason, application.announced_at = before
            raise
        if event == "reject":
            application.decided_at, application.decided_by = now, actor.account_id

    def tell(session: Session, call: Call, led: Sequence[Application]) -> None:
        if event == "reject":
            announcement.follow(session, actor, now, call, led)
        else:
            _tell_reached(session, call, led, now)

    return many.each(database, actor, call_id, application_ids, step, tell)


def advance(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Application:
    """Lead one application on. Raises Refusal: not_found, other_district, own_application, step_not_possible, and the
    code of the guard in its way."""
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        process.move(session, application, call, "advance", actor, now)
        _tell_reached(session, call, [application], now)
        return application


def lead_by_cut(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    call_id: int,
    stage_key: str,
    cut_tenths: int | None,
    event: str,
    reason: str = "",
) -> many.Outcome:
    """Lead on those of a stage that reach the cut-off (advance), or let those go that don't (reject), as many as go at
    once. Raises as `lead`; invalid_input (cut: cut_missing)."""
    with database.read() as session:
        call = calls.get(session, actor, call_id)
        policy.check_runs(actor, call.district)
        rules = programmes.rules_of_call(session, call)
        stage = work.stage_of(rules, stage_key)
        cut = cut_tenths if cut_tenths is not None else stage.pass_tenths
        if cut is None:
            raise Refusal("invalid_input", 422, fields={"cut": ["cut_missing"]})
        ids = standings.beyond(session, call, stage, cut, passing=event == "advance", limit=many.AT_ONCE)
        state = next((each.key for each in rules.states if each.stage == stage.key), None)
    return lead(
        database,
        actor,
        now,
        call_id=call_id,
        application_ids=ids,
        event=event,
        reason=reason,
        from_state=state,
    )


def set_date(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    stage_key: str,
    held_at: datetime | None,
    place: str,
    note: str = "",
    unread: dict[str, list[str]] | None = None,
) -> StageDate:
    """When and where an application is heard or visited; again changes it, the same again changes nothing. In that
    stage its group and its reviewers are told at once, before it when the stage is reached. Raises Refusal: not_found,
    other_district, own_application, invalid_input."""
    problems = [
        *policy.text_problems("place", place, PLACE),
        *policy.text_problems("note", note, NOTE, required=False),
    ]
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        standing.check_staff(session, actor, application, call)
        policy.refuse_problems(iter(problems), unread)
        rules = programmes.rules_of_application(session, application)
        stage = work.stage_of(rules, stage_key)
        if held_at is None:
            raise Refusal("invalid_input", 422, fields={"held_at": ["date_missing"]})
        found = session.get(StageDate, (application.id, stage.key))
        wanted, moved = (held_at, place.strip(), note.strip()), found is not None
        if found is None:
            found = StageDate(application_id=application.id, stage=stage.key)
            session.add(found)
        elif (found.held_at, found.place, found.note) == wanted:
            return found
        found.held_at, found.place, found.note = wanted
        found.set_by, found.set_at = actor.account_id or 0, now
        session.flush()
        details = {"stage": stage.key, "at": held_at.isoformat()}
        record(session, AUDIT, actor, now, "stage.dated", f"application:{application.id}", details)
        if rules.state(application.state).stage == stage.key:
            _tell_date(session, application, call, stage, found, now, "stage_moved" if moved else "stage_dated")
        return found


def _tell_reached(session: Session, call: Call, led: Sequence[Application], now: datetime) -> None:
    """Tell of the dates that were set before these applications reached the stage in which they now stand."""
    rules = {each.id: programmes.rules_of_application(session, each) for each in led}
    dates = present_dates(session, {each.id: rules[each.id].state(each.state).stage for each in led})
    for each in led:
        held = dates.get(each.id)
        if held is not None and held.held_at > now:
            stage = work.stage_of(rules[each.id], held.stage)
            _tell_date(session, each, call, stage, held, now, "stage_dated")


def _tell_date(
    session: Session, application: Application, call: Call, stage: Stage, held: StageDate, now: datetime, kind: str
) -> None:
    """Tell those who have to be there: the group, and whoever reviews it in that stage."""
    reviewers = session.scalars(
        select(Review.account_id)
        .where(Review.application_id == application.id, Review.stage == stage.key, Review.state.in_(interests.LIVE))
        .order_by(Review.id)
    )
    params = {
        "title": application.title,
        "call": call.title,
        "stage": LazyString(told, stage.label),
        "starts": held.held_at,
        "place": held.place,
        "note": held.note,
    }
    group = notices.Notice(standing.accounts_of(session, application), kind, f"/applications/{application.id}", params)
    notices.tell_all(session, [group, notices.Notice(reviewers, kind, "/reviews", params)], now)


def present_dates(session: Session, stages: Mapping[int, str | None]) -> dict[int, StageDate]:
    """When applications are heard or visited in the stage in which each stands (its number -> the stage's key); one
    query, none where nothing stands in a stage."""
    ids = [each for each, stage in stages.items() if stage is not None]
    rows = session.scalars(select(StageDate).where(StageDate.application_id.in_(ids))) if ids else ()
    return {each.application_id: each for each in rows if stages[each.application_id] == each.stage}


def dates_of(session: Session, application_ids: Collection[int], stage_key: str) -> dict[int, StageDate]:
    """When these applications are heard or visited."""
    rows = session.scalars(
        select(StageDate).where(StageDate.application_id.in_(application_ids), StageDate.stage == stage_key)
    )
    return {each.application_id: each for each in rows}


def state_of(database: Database, call_id: int, stage_key: str) -> str | None:
    """The state in which a stage of a call runs. Raises Refusal not_found."""
    with database.read() as session:
        call = session.get(Call, call_id)
        if call is None:
            raise Refusal("not_found", 404)
        rules = programmes.rules_of_call(session, call)
        return next((each.key for each in rules.states if each.stage == stage_key), None)


def start(database: Database, actor: Actor, now: datetime, *, call_id: int) -> many.Outcome:
    """Begin the first stage (or the deliberation, where there is none) with all that are eligible, as many as go at
    once. Raises Refusal: not_found, other_district."""
    with database.read() as session:
        call = calls.get(session, actor, call_id)
        policy.check_runs(actor, call.district)
        rules = programmes.rules_of_call(session, call)
        states = [each.key for each in rules.states if each.phase == "intake" and rules.transition("advance", each.key)]
        ids = session.scalars(
            select(Application.id)
            .where(Application.call_id == call_id, Application.state.in_(states))
            .order_by(Application.number, Application.id)
            .limit(many.AT_ONCE)
        ).all()
    return lead(database, actor, now, call_id=call_id, application_ids=ids, event="advance", phase="intake")
