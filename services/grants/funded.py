"""A funded application as its two sides open it: the group that got the award, and the staff that runs the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.grants import applications, policy, programmes, standing
from services.grants.guards import Facts
from services.grants.models import AUDIT, Application, Call
from services.grants.rules.definition import Definition
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal


@dataclass(frozen=True)
class Funded:
    """An application with its call and rules; `own`: the actor is of its group."""

    application: Application
    call: Call
    rules: Definition
    own: bool

    def known(self, now: datetime) -> bool:
        """Whether the decision is announced: until then its group is told nothing of it."""
        at = self.application.announced_at
        return at is not None and at <= now


def opened(session: Session, actor: Actor, application_id: int) -> Funded:
    """For its group and for those who run its call; what was never filed is its group's alone. Raises Refusal:
    not_found, other_district."""
    application = session.get(Application, application_id)
    if application is None:
        raise Refusal("not_found", 404)
    call = session.get_one(Call, application.call_id)
    own = standing.belongs(session, actor.account_id, application)
    if not own and application.number is None:
        raise Refusal("not_found", 404)
    if not own and not policy.runs_call(actor, call.district):
        if not actor.has(Role.DISTRICT_STAFF):
            raise Refusal("not_found", 404)
        raise Refusal("other_district", 403)
    return Funded(application, call, programmes.rules_of_application(session, application), own)


def viewed(database: Database, actor: Actor, now: datetime, funded: Funded, what: str) -> None:
    """Record that somebody of the staff read what names people (invariant 14); the group's own reading is nothing to
    record."""
    if not funded.own:
        with database.write() as session:
            record(session, AUDIT, actor, now, f"{what}.viewed", f"application:{funded.application.id}")


def held(session: Session, application_id: int) -> Funded:
    """Locked, call before application, whoever asks: the caller decides who may. Raises Refusal not_found."""
    application, call = applications.locked(session, application_id)
    return Funded(application, call, programmes.rules_of_application(session, application), own=False)


def held_by_staff(session: Session, actor: Actor, application_id: int) -> Funded:
    """Locked, for the staff that runs the call and has nothing to do with the group. Raises Refusal: not_found,
    other_district, own_application."""
    funded = held(session, application_id)
    standing.check_staff(session, actor, funded.application, funded.call)
    return funded


def held_by_group(session: Session, actor: Actor, application_id: int) -> Funded:
    """Locked, for its group. Raises Refusal not_found."""
    funded = held(session, application_id)
    standing.check_applicant(session, actor, funded.application)
    return Funded(funded.application, funded.call, funded.rules, own=True)


def check_running(funded: Funded, *phases: str) -> None:
    """Raises Refusal not_running (409) unless the project is under way (or in one of these phases)."""
    if funded.application.phase not in (phases or ("running",)):
        raise Refusal("not_running", 409)


def facts(session: Session, it: Funded, now: datetime, tranche: int | None = None) -> Facts:
    """What the guards look at; `tranche` names a payment."""
    return Facts(session, it.application, it.call, it.rules, now, tranche)
