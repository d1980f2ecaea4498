"""The announcement: everybody is told at one hour, once, and the money is committed in the same unit of work.

Before it nothing of a decision shows to anybody but the staff and the committee (`embargo`). What is decided when the
hour is over, and of a rolling call without an hour, is announced at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from services.grants import calls, ledger, notices, policy, programmes, standing
from services.grants.models import AUDIT, SHORT, Application, Call, ProgrammeVersion, Project
from services.grants.notices import Notice
from services.grants.selection import release
from shared.audit import record, record_all
from shared.bus.outbox import publish_all
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal
from shared.settings import Settings

BATCH = 500
log = structlog.get_logger()


def set_hour(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    call_id: int,
    announce_at: datetime | None,
    leave: bool = False,
    unread: dict[str, list[str]] | None = None,
) -> Call:
    """Set the hour at which a call's results are told, or None to take it back. `leave`: the applications that are not
    decided yet stay behind and are announced by themselves.

    Raises Refusal: not_found, other_district, already_announced, invalid_input (announce_in_past), undecided_left.
    """
    with database.write() as session:
        call = calls.locked(session, call_id)
        policy.check_runs(actor, call.district)
        if call.published_at is None:
            raise Refusal("not_found", 404)
        if call.announced_at is not None and not call.rolling:
            raise Refusal("already_announced")
        if _is_due(call, now):
            raise Refusal("announcement_begun")
        problems = [("announce_at", "announce_in_past")] if announce_at is not None and announce_at <= now else []
        policy.refuse_problems(iter(problems), unread)
        left = 0
        if announce_at is not None and not call.rolling:
            left = undecided(session, call)
            if left and not leave:
                raise Refusal("undecided_left", fields={"leave": ["undecided_left"]}, number=str(left))
        if call.announce_at == announce_at:
            return call
        call.announce_at = announce_at
        details = {"announce_at": announce_at.isoformat() if announce_at else None, "left": left}
        record(session, AUDIT, actor, now, "call.announcement_set", f"call:{call.id}", details)
        return call


def undecided(session: Session, call: Call) -> int:
    """How many of a call's applications wait for a decision still."""
    wanted = (Application.call_id == call.id, Application.phase.in_(("intake", "review", "decision")))
    return int(
        session.scalar(
            select(func.count())
            .select_from(Application)
            .where(*wanted, Application.state.not_in(embargoed_states(session, call)))
        )
        or 0
    )


def unannounced(session: Session, call: Call) -> int:
    """How many decisions of a call are under embargo."""
    wanted = _waiting(call.id, embargoed_states(session, call))
    return int(session.scalar(select(func.count()).select_from(Application).where(*wanted)) or 0)


def at_once(call: Call, now: datetime) -> bool:
    """Whether a decision made now is announced with it: no hour is to come, and the call's own is over (or it decides
    as applications come in)."""
    if call.announce_at is not None and call.announce_at > now:
        return False
    return call.rolling or call.announced_at is not None


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Announce the calls whose hour has come; False: all of them are done."""
    due = select(Call.id).where(_due(now)).order_by(Call.announce_at, Call.id)
    with database.look() as session:
        found = list(session.scalars(due))
    for call_id in found:
        announce(database, now, call_id)
    return False


def announce(database: Database, now: datetime, call_id: int) -> int:
    """Tell the results of a call whose hour has come, batch by batch; how many were told this time.

    Each batch is one unit of work under the call's lock. Killed anywhere and begun again, or run by two at once, each
    application is told once: what is told is marked in the unit of work that tells it.
    """
    total, after = 0, 0
    while True:
        with database.write() as session:
            call = calls.locked(session, call_id)
            if not _is_due(call, now):
                return total
            wanted = _waiting(call_id, embargoed_states(session, call))
            batch = session.scalars(_batch().where(*wanted, Application.id > after)).all()
            if not batch:
                call.announced_at = now
                record(session, AUDIT, SYSTEM, now, "call.announced", f"call:{call.id}")
                return total
            total += announce_within(session, SYSTEM, now, call, batch)
            after = batch[-1].id


def announce_left(database: Database, actor: Actor, now: datetime, *, call_id: int) -> int:
    """Try again what could not be announced for want of budget on the ledger's line; how many were told. Raises
    Refusal: not_found, other_district, not_announced, and budget_exceeded when nothing can be yet."""
    with database.write() as session:
        call = calls.locked(session, call_id)
        policy.check_runs(actor, call.district)
        if not at_once(call, now):
            raise Refusal("not_announced")
        wanted = _waiting(call_id, embargoed_states(session, call))
        batch = session.scalars(_batch().where(*wanted)).all()
        told = announce_within(session, actor, now, call, batch)
        if batch and not told:
            raise Refusal("budget_exceeded")
        return told


def follow(session: Session, actor: Actor, now: datetime, call: Call, decided: Sequence[Application]) -> None:
    """Announce what was decided this moment, in the caller's unit of work, where nothing is left to wait for: the
    call's hour is over, or the step led to a refusal without an embargo, which it marked as told (`process.take`); the
    rules keep one on every selection and place on the reserve list. The caller holds the call's lock, and had emptied
    `announced_at` before the step."""
    over = at_once(call, now)
    free = [each for each in decided if over or each.announced_at is not None]
    for application in free:
        application.announced_at = None  # which the step marks, and telling marks again
    if free:
        announce_within(session, actor, now, call, free)


def announce_within(
    session: Session, actor: Actor, now: datetime, call: Call, applications: Sequence[Application]
) -> int:
    """Tell these decided applications within the caller's unit of work, which holds the call's lock; how many.

    An award that the ledger's line has no budget for is left under embargo, and the others are told.
    """
    told = [each for each in applications if each.announced_at is None]
    kept = _committed(session, actor, now, call, [each for each in told if each.phase == "selected"])
    told = [each for each in told if each.phase != "selected" or each.id in kept]
    for application in told:
        application.announced_at = now
    record_all(session, AUDIT, actor, now, "application.announced", map(_audited, told))
    session.flush()
    projects = _projects(session, [each for each in told if each.phase == "selected"], now)
    facts = [(f"project:{each.id}", _payload(each)) for each in projects]
    publish_all(session, "grants.project.funded", facts, occurred_at=now)
    notices.tell_all(session, _notices(session, call, told), now)
    return len(told)


def embargoed_states(session: Session, call: Call) -> list[str]:
    """The states of a call's applications that nobody outside may know before the announcement."""
    ids = set(session.scalars(select(Application.version_id).where(Application.call_id == call.id).distinct()))
    versions = session.scalars(select(ProgrammeVersion).where(ProgrammeVersion.id.in_(ids - {None}))).all()
    rules = [programmes.rules_of(each) for each in versions] or [programmes.rules_of_call(session, call)]
    return sorted({state.key for each in rules for state in each.states if state.embargo})


def _committed(session: Session, actor: Actor, now: datetime, call: Call, selected: Sequence[Application]) -> set[int]:
    """Commit these awards on the call's line; the numbers of those for which there was budget."""
    if not selected:
        return set()
    line_id = ledger.line_of(session, call, now)
    again = release.releases(session, [each.id for each in selected])
    items = [_entry(each, now, again[each.id]) for each in selected]
    try:
        with session.begin_nested():
            ledger.post_many(session, actor, now, line_id=line_id, items=items)
        return {each.id for each in selected}
    except Refusal:
        kept = set()
        for application, item in zip(selected, items, strict=True):
            try:
                with session.begin_nested():
                    ledger.post_many(session, actor, now, line_id=line_id, items=[item])
                kept.add(application.id)
            except Refusal as refusal:
                log.warning("award_not_committed", application=application.id, reason=refusal.code)
        return kept


def _entry(application: Application, now: datetime, released: int) -> tuple[int, ledger.Entry, str]:
    """The commitment of an award under its own key; `released`: how often an earlier one of it was given back."""
    entry = ledger.Entry(
        "commitment", application.awarded_won or 0, policy.city_date(now), f"{application.receipt} {application.title}"
    )
    key = f"award:{application.id}"
    return application.id, entry, f"{key}:{released + 1}" if released else key


def _projects(session: Session, selected: Sequence[Application], now: datetime) -> list[Project]:
    """The public part of these awards, in the order of their numbers: many in one statement."""
    rows = [
        {
            "application_id": application.id,
            "group_id": application.group_id,
            "call_id": application.call_id,
            "district": application.district,
            "title": application.title,
            "group_name": application.group_name,
            "strand": application.strand,
            "awarded_won": application.awarded_won,
            "decided_at": application.decided_at or now,
            "space_id": application.space_id,
            "latitude": application.latitude,
            "longitude": application.longitude,
        }
        for application in selected
    ]
    written = session.scalars(insert(Project).returning(Project), rows) if rows else ()
    return sorted(written, key=lambda each: each.id)


def _payload(project: Project) -> dict[str, Any]:
    return {
        "project_id": project.id,
        "call_id": project.call_id,
        "district": project.district,
        "title": project.title,
        "group_name": project.group_name,
        "strand": project.strand,
        "awarded_won": project.awarded_won,
        "decided_at": project.decided_at,
        "latitude": project.latitude,
        "longitude": project.longitude,
        "space_id": project.space_id,
    }


def _audited(application: Application) -> tuple[str, dict[str, Any]]:
    """What the audit tells of an announced application."""
    details = {"awarded_won": application.awarded_won} if application.awarded_won else {}
    return f"application:{application.id}", details


def _notices(session: Session, call: Call, told: Sequence[Application]) -> list[Notice]:
    """What each application's people are told: their own result."""
    people = standing.accounts_of_all(session, told)
    found = []
    for application in told:
        to, path = people[application.id], f"/applications/{application.id}"
        of = {"title": application.title, "call": call.title}
        if application.phase == "selected":
            won = {"awarded_won": application.awarded_won}
            found.append(Notice(to, "results_announced_selected", path, {**of, **won}))
        elif application.phase == "decision":
            found.append(Notice(to, "results_reserve", path, {**of, "rank": application.reserve_rank}))
        else:
            found.append(Notice(to, "results_announced_rejected", path, of))
    return found


def _batch() -> Select[Application]:
    """So many applications at once, locked, without the long texts that nothing is told of."""
    return select(Application).order_by(Application.id).limit(BATCH).with_for_update().options(*SHORT)


def _waiting(call_id: int, states: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return Application.call_id == call_id, Application.announced_at.is_(None), Application.state.in_(states)


def _is_due(call: Call, now: datetime) -> bool:
    return (
        call.announce_at is not None
        and call.announce_at <= now
        and (call.announced_at is None or call.announced_at < call.announce_at)
    )


def _due(now: datetime) -> ColumnElement[bool]:
    """As `_is_due`, for the database."""
    return and_(
        Call.announce_at.is_not(None),
        Call.announce_at <= now,
        or_(Call.announced_at.is_(None), Call.announced_at < Call.announce_at),
    )
