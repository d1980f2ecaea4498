"""The only place where an application's state changes: by a row of its programme's process, when its guards are green.

Buttons on a page, the use cases and the programme's diagram read the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.grants import guards, programmes, standing
from services.grants.guards import Facts, Gate
from services.grants.models import AUDIT, Application, ApplicationStep, Call
from services.grants.rules.definition import Definition, State, Transition
from shared.audit import record
from shared.bus.outbox import publish
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

MOVED = "grants.application.moved"


@dataclass(frozen=True)
class Step:
    """A step that the actor might take now, with the guards that stand in its way (none: it can be taken)."""

    transition: Transition
    red: tuple[Gate, ...]


def facts_of(session: Session, application: Application, call: Call, now: datetime) -> Facts:
    """What the guards look at."""
    return Facts(session, application, call, programmes.rules_of_application(session, application), now)


def move(
    session: Session,
    application: Application,
    call: Call,
    event: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    known_as: str = "",
) -> Transition:
    """Take the step `event`: the state, its row in the timeline and in the audit, its event. The caller holds the
    application's lock (`applications.locked`).

    Raises Refusal as `allowed`.
    """
    transition = allowed(session, application, call, event, actor, now, known_as=known_as)
    take(session, application, transition, actor, now, reason=reason, details=details)
    return transition


def allowed(
    session: Session,
    application: Application,
    call: Call,
    event: str,
    actor: Actor,
    now: datetime,
    *,
    known_as: str = "",
) -> Transition:
    """The step `event` from here, that this actor may take and no guard blocks. `known_as`: the role in which the
    caller has just checked the actor, in the same unit of work; it is not asked again.

    Raises Refusal: step_not_possible (from this state), not_found or other_district or own_application (who asks), and
    the code of the first red guard.
    """
    facts = facts_of(session, application, call, now)
    transition = facts.rules.transition(event, application.state)
    row = transition or next((each for each in facts.rules.transitions if each.event == event), None)
    if row is not None and row.role != known_as:  # who may not take it learns nothing of where it stands
        _check_role(session, actor, application, call, row.role)
    if transition is None:
        raise Refusal("step_not_possible", 409)
    guards.check(transition.guards, facts)
    return transition


def take(
    session: Session,
    application: Application,
    transition: Transition,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Take a step that is `allowed`, in the unit of work that found it so. A new application is written with it."""
    event = transition.event
    state = programmes.rules_of_application(session, application).state(transition.end)
    before = application.state
    application.state, application.phase, application.state_since = state.key, state.phase, now
    if state.phase == "rejected" and state.embargo is None:
        application.announced_at = now  # told at once: no embargo waits for an hour
    if application.id is None:
        session.flush()
    session.add(
        ApplicationStep(
            application_id=application.id,
            event=event,
            from_state=before,
            to_state=state.key,
            at=now,
            account_id=actor.account_id,
            reason=reason,
        )
    )
    record(
        session,
        AUDIT,
        actor,
        now,
        f"application.{event}",
        f"application:{application.id}",
        {"from": before, "to": state.key, **(details or {})},
    )
    session.flush()
    publish(
        session,
        MOVED,
        aggregate=f"application:{application.id}",
        payload={
            "application_id": application.id,
            "call_id": application.call_id,
            "district": application.district or None,
            "from_state": before,
            "to_state": state.key,
            "phase": state.phase,
            "at": now,
        },
        occurred_at=now,
    )


def can(session: Session, application: Application, call: Call, event: str, now: datetime) -> bool:
    """Whether the step leads on from here and all its guards are green, whoever would take it."""
    facts = facts_of(session, application, call, now)
    transition = facts.rules.transition(event, application.state)
    return transition is not None and all(gate.green for gate in guards.look(transition.guards, facts))


def steps(session: Session, application: Application, call: Call, actor: Actor, now: datetime) -> list[Step]:
    """The steps that this actor's role may take from the present state: the buttons, with what blocks them."""
    facts = facts_of(session, application, call, now)
    found = []
    for transition in facts.rules.transitions:
        if application.state not in transition.start:
            continue
        try:
            _check_role(session, actor, application, call, transition.role)
        except Refusal:
            continue
        red = tuple(gate for gate in guards.look(transition.guards, facts) if not gate.green)
        found.append(Step(transition, red))
    return found


def public_state(rules: Definition, application: Application, call: Call, now: datetime) -> State:
    """The state as the public and the applicant may know it: under embargo the one that stood before the decision.
    What is received counts as under review once the intake is over."""
    try:
        state = rules.state(application.state)
    except KeyError:
        return State(application.state, application.phase, rules.label, rules.label)
    if state.embargo and not (application.announced_at and application.announced_at <= now):
        return rules.state(state.embargo)
    return state


def _check_role(session: Session, actor: Actor, application: Application, call: Call, role: str) -> None:
    if role == "applicant":
        standing.check_applicant(session, actor, application)
    elif role == "staff":
        standing.check_staff(session, actor, application, call)
    elif role == "city":
        if not actor.has(Role.CITY_STAFF):
            raise Refusal("not_allowed", 403)
    elif actor.account_id != 0:
        raise Refusal("not_allowed", 403)
