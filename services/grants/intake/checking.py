"""The staff's check of what came in: eligible, not eligible, or to be corrected. Each step goes by the programme's rows
(`process.move`) and the group is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import applications, many, notices, policy, process, programmes, standing
from services.grants.applying import facts
from services.grants.intake import duplicates
from services.grants.models import AUDIT, Application, ApplicationStep, Call
from services.grants.policy import SEOUL, city_date
from services.grants.rules.definition import Definition, Transition
from services.grants.rules.eligibility import Check
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Sheet:
    """All that the staff decides on: each requirement with its answer, the limits and findings that stand against it,
    and until when a correction could be asked for. `others`: the applications that the findings name, as far as the
    reader runs their calls; of the rest a finding tells the call alone."""

    application: Application
    call: Call
    rules: Definition
    checks: list[Check]
    limits: list[str]
    findings: list[duplicates.Finding]
    others: dict[int, Application]
    steps: list[process.Step]
    correct_until: datetime

    def may(self, event: str) -> bool:
        return any(step.transition.event == event and not step.red for step in self.steps)

    @property
    def needs_reason(self) -> bool:
        """Whether accepting it needs a reason."""
        return bool(_open_points(self.checks, self.limits, self.findings))


def sheet(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Sheet:
    """What is known for the check; that it was looked at is recorded. Raises Refusal: not_found, other_district,
    own_application."""
    with database.read() as session:
        application, call = _read(session, actor, application_id)
        rules = programmes.rules_of_application(session, application)
        checks, limits = facts.of_application(session, application, call, now)
        found = duplicates.findings(session, [application], call)[application.id]
        shown = {each.other for each in found if policy.runs_call(actor, each.call.district)}
        others = session.scalars(select(Application).where(Application.id.in_(shown)))
        told = Sheet(
            application,
            call,
            rules,
            checks,
            limits,
            found,
            {each.id: each for each in others},
            process.steps(session, application, call, actor, now),
            correction_due(now, rules.correction_days),
        )
    with database.write() as session:
        record(session, AUDIT, actor, now, "application.viewed", f"application:{application_id}")
    return told


def correction_due(now: datetime, days: int) -> datetime:
    """The end of the last day for a correction, in the city's time."""
    return datetime.combine(city_date(now) + timedelta(days=days + 1), time(), SEOUL)


def accept(database: Database, actor: Actor, now: datetime, *, application_id: int, reason: str = "") -> Application:
    """Confirm that it is eligible. Where a requirement is not met or unsure, a limit is reached or something is
    flagged, it takes a reason, which the staff reads and the group does not. Raises Refusal: not_found,
    other_district, own_application, step_not_possible, invalid_input (reason), and the code of an audit finding that
    blocks (person_behind_groups, ceiling_split, applied_twice)."""
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        transition = process.allowed(session, application, call, "accept", actor, now)
        found = duplicates.findings(session, [application], call)[application.id]
        details = _points(session, application, call, found, now)
        policy.refuse_problems(_reason_problems(reason, needed=bool(details)))
        _accept(session, application, call, transition, actor, now, reason.strip(), details)
        return application


def accept_many(
    database: Database, actor: Actor, now: datetime, *, call_id: int, application_ids: Collection[int]
) -> many.Outcome:
    """Confirm many that are received, meet every requirement and have nothing flagged; the others stay for a closer
    look (needs_look) or say why not. Raises Refusal: not_found, other_district, too_many."""
    found: dict[int, list[duplicates.Finding]] = {}

    def look(session: Session, call: Call, applications: Sequence[Application]) -> None:
        found.update(duplicates.findings(session, applications, call))

    def step(session: Session, application: Application, call: Call) -> None:
        transition = process.allowed(session, application, call, "accept", actor, now)
        if _points(session, application, call, found[application.id], now):
            raise Refusal("needs_look")
        _accept(session, application, call, transition, actor, now)

    return many.each(database, actor, call_id, application_ids, step, before=look)


def refuse(database: Database, actor: Actor, now: datetime, *, application_id: int, reason: str) -> Application:
    """Say that it is not eligible, and why. Raises Refusal: not_found, other_district, own_application,
    step_not_possible, invalid_input (reason)."""
    policy.refuse_problems(policy.reason_problems(reason, required=True))
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        application.reason = reason.strip()
        process.move(session, application, call, "refuse", actor, now, reason=reason.strip())
        application.decided_at, application.decided_by = now, actor.account_id
        _tell(session, application, call, "application_ineligible", now, reason=reason.strip())
        return application


def request_correction(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    reason: str,
    correct_by: datetime | None = None,
) -> Application:
    """Ask for a correction, saying what, until a moment (the programme's days unless given); again with other words or
    another moment gives more time, with the same ones it changes nothing. Raises Refusal: not_found, other_district,
    own_application, step_not_possible, invalid_input (reason; correct_by: date_past)."""
    problems = list(policy.reason_problems(reason, required=True))
    if correct_by is not None and correct_by <= now:
        problems.append(("correct_by", "date_past"))
    policy.refuse_problems(iter(problems))
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        days = programmes.rules_of_application(session, application).correction_days
        until = correct_by or correction_due(now, days)
        if _asked_already(session, application, reason.strip(), until):
            standing.check_staff(session, actor, application, call)
            return application
        process.move(
            session,
            application,
            call,
            "request_correction",
            actor,
            now,
            reason=reason.strip(),
            details={"until": until.isoformat()},
        )
        application.correct_by = until
        _tell(session, application, call, "correction_requested", now, reason=reason.strip(), until=until)
        return application


def _asked_already(session: Session, application: Application, reason: str, until: datetime) -> bool:
    """Whether the last step was to ask for this very correction."""
    last = session.scalar(
        select(ApplicationStep)
        .where(ApplicationStep.application_id == application.id)
        .order_by(ApplicationStep.id.desc())
        .limit(1)
    )
    asked = last is not None and (last.event, last.reason) == ("request_correction", reason)
    return asked and application.correct_by == until


def _points(
    session: Session, application: Application, call: Call, found: Sequence[duplicates.Finding], now: datetime
) -> dict[str, list[str]]:
    """What speaks against accepting it, for the audit. Raises Refusal: the code of a finding that blocks."""
    for each in found:
        if each.effect == "block":
            raise Refusal(each.code, 409)
    checks, limits = facts.of_application(session, application, call, now)
    return _open_points(checks, limits, found)


def _open_points(
    checks: Iterable[Check], limits: Iterable[str], found: Iterable[duplicates.Finding]
) -> dict[str, list[str]]:
    """The codes of what is not met, unsure, reached or flagged; nothing where nothing is."""
    points = {
        "unmet": [each.kind.code for each in checks if not each.met],
        "limits": list(limits),
        "findings": [each.code for each in found],
    }
    return {name: codes for name, codes in points.items() if codes}


def _reason_problems(reason: str, needed: bool) -> policy.Problems:
    if needed and not reason.strip():
        yield "reason", "accept_reason_missing"
    else:
        yield from policy.reason_problems(reason, required=False)


def _accept(
    session: Session,
    application: Application,
    call: Call,
    transition: Transition,
    actor: Actor,
    now: datetime,
    reason: str = "",
    details: Mapping[str, list[str]] | None = None,
) -> None:
    kept: dict[str, object] = {**(details or {}), **({"reason": reason} if reason else {})}
    process.take(session, application, transition, actor, now, reason=reason, details=kept)
    application.correct_by = None
    _tell(session, application, call, "application_eligible", now)


def _read(session: Session, actor: Actor, application_id: int) -> tuple[Application, Call]:
    application = session.get(Application, application_id)
    if application is None or application.number is None:
        raise Refusal("not_found", 404)
    call = session.get_one(Call, application.call_id)
    standing.check_staff(session, actor, application, call)
    return application, call


def _tell(session: Session, application: Application, call: Call, kind: str, now: datetime, **params: object) -> None:
    notices.tell(
        session,
        standing.accounts_of(session, application),
        kind,
        now,
        path=f"/applications/{application.id}",
        title=application.title,
        call=call.title,
        **params,
    )
