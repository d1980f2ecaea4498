"""The sandbox: a past call once more under a changed cut-off, number of awards or ceiling. It only reads.

Two queries whatever the number of applications (a third for a group's ceiling); totals of a stage count only when all
of its reviews are in, so that nothing sealed is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import calls, policy, programmes
from services.grants.call_phases import Phase, call_phase
from services.grants.models import Application, Call, Review
from services.grants.rules.definition import Definition
from services.grants.rules.replay import Case, Changes, Outcome, Sums, replay, sums
from services.grants.selection import budget
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Named:
    """What people know an application by."""

    title: str
    group_name: str
    district: str


@dataclass(frozen=True)
class Replayed:
    """A call's replay: outcomes in rank order, the names of their applications, and the sums."""

    call: Call
    rules: Definition
    outcomes: list[Outcome]
    names: Mapping[int, Named]
    sums: Sums


def run(session: Session, actor: Actor, now: datetime, *, call_id: int, changes: Changes) -> Replayed:
    """Replay a call. Raises Refusal: not_found, other_district, call_not_closed_yet, sandbox_nothing (422), and
    invalid_input for a cut-off of a stage that the call does not have."""
    call, rules = past(session, actor, now, call_id)
    if not changes.any:
        raise Refusal("sandbox_nothing", 422)
    unknown = set(changes.cuts) - {stage.key for stage in rules.stages}
    if unknown:
        raise Refusal("invalid_input", 422, fields={f"cut_{key}": ["stage_unknown"] for key in sorted(unknown)})
    cases, names = _cases(session, call)
    elsewhere = budget.groups_elsewhere(session, call) if changes.group_won is not None else {}
    outcomes = replay(cases, changes, rules, call.budget_won, elsewhere)
    return Replayed(call, rules, outcomes, names, sums(outcomes))


def past(session: Session, actor: Actor, now: datetime, call_id: int) -> tuple[Call, Definition]:
    """A call whose intake is over, with its rules, for those who run it. Raises Refusal: not_found, other_district,
    call_not_closed_yet."""
    call = calls.get(session, actor, call_id)
    policy.check_runs(actor, call.district)
    if call_phase(call, now) is not Phase.CLOSED:
        raise Refusal("call_not_closed_yet", 409)
    return call, programmes.rules_of_call(session, call)


def rows(replayed: Replayed) -> Iterator[tuple[object, ...]]:
    """The rows of the export, one for each application; points with one decimal place, amounts whole won."""
    for each in replayed.outcomes:
        name = replayed.names[each.case.application_id]
        yield (
            each.rank,
            each.case.number,
            name.group_name,
            name.title,
            name.district,
            each.case.dong,
            *(points(each.case.totals.get(stage.key)) for stage in replayed.rules.stages),
            each.case.requested_won,
            each.case.awarded_won,
            each.awarded_won,
            each.change,
            each.why or "",
        )


def points(total_tenths: Fraction | None) -> float | None:
    """An average of tenths of a point as points, half up to one decimal place; for people, not for reckoning."""
    return None if total_tenths is None else int(total_tenths + Fraction(1, 2)) / 10


def _cases(session: Session, call: Call) -> tuple[list[Case], dict[int, Named]]:
    columns = (
        Application.id,
        Application.number,
        Application.group_id,
        Application.district,
        Application.dong,
        Application.requested_won,
        Application.awarded_won,
        Application.phase,
        Application.title,
        Application.group_name,
    )
    filed = session.execute(
        select(*columns)
        .where(
            Application.call_id == call.id,
            Application.phase.not_in(("draft", "withdrawn")),
            Application.number.is_not(None),
        )
        .order_by(Application.number)
    ).all()
    totals = _totals(session, call)
    cases = [
        Case(
            each.id,
            each.number or 0,
            each.district,
            each.dong,
            each.requested_won,
            each.awarded_won if each.phase in calls.FUNDED else None,
            totals.get(each.id, {}),
            each.group_id,
        )
        for each in filed
    ]
    return cases, {each.id: Named(each.title, each.group_name, each.district) for each in filed}


def _totals(session: Session, call: Call) -> dict[int, dict[str, Fraction]]:
    """Each application's average total by stage, of the last round, where all of it is in."""
    grouped = session.execute(
        select(
            Review.application_id,
            Review.stage,
            Review.round,
            func.count().filter(Review.state == "assigned"),
            func.count(Review.total_tenths).filter(Review.state == "submitted"),
            func.sum(Review.total_tenths).filter(Review.state == "submitted"),
        )
        .join(Application, Application.id == Review.application_id)
        .where(Application.call_id == call.id)
        .group_by(Review.application_id, Review.stage, Review.round)
        .order_by(Review.application_id, Review.stage, Review.round)
    )
    found: dict[int, dict[str, Fraction]] = {}
    for application_id, stage, _round, waiting, submitted, total in grouped:
        of_application = found.setdefault(application_id, {})
        of_application.pop(stage, None)
        if submitted and not waiting:
            of_application[stage] = Fraction(int(total or 0), int(submitted))
    return found
