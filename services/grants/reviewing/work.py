"""What a stage of a call lacks in reviewers, the plan for it, and writing it: a bounded number of queries for all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, insert, select
from sqlalchemy.orm import Session

from services.grants import notices, policy, programmes
from services.grants.models import AUDIT, Application, Call, Review, Reviewer
from services.grants.reviewing import interests, pool
from services.grants.rules.assignment import Candidate, Pick, Plan, Task, assign
from services.grants.rules.definition import Definition, Stage
from shared.audit import record_all
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Work:
    """What a stage of a call needs: its plan, who may be asked, whom a conflict keeps from what, and until when."""

    call: Call
    stage: Stage
    pool: Sequence[Reviewer]
    plan: Plan
    rounds: dict[int, int]
    waiting: int
    conflicts: dict[tuple[int, int], Any]
    due_on: date
    assigned: Counter[int] = field(default_factory=Counter)
    submitted: Counter[int] = field(default_factory=Counter)


def stage_of(rules: Definition, key: str) -> Stage:
    """Raises Refusal not_found for a stage that the programme does not have."""
    stage = rules.stage(key)
    if stage is None:
        raise Refusal("not_found", 404)
    return stage


def states_of(session: Session, call: Call, stage: Stage) -> list[str]:
    return [each.key for each in programmes.rules_of_call(session, call).states if each.stage == stage.key]


def in_stage(call: Call, states: Collection[str]) -> Any:
    return and_(Application.call_id == call.id, Application.state.in_(states))


def plan(
    session: Session,
    call: Call,
    stage: Stage,
    now: datetime,
    only: Collection[int] | None = None,
    new_round: int | None = None,
    spared: frozenset[int] = frozenset(),
) -> Work:
    """The plan for what lacks reviewers; `only` these applications. Detected conflicts count whether noted or not."""
    wanted = in_stage(call, states_of(session, call, stage))
    if only is not None:
        wanted = and_(wanted, Application.id.in_(only))
    found = session.execute(select(Application.id, Application.strand).where(wanted).order_by(Application.id)).all()
    asked = pool.appointed(session, call.district, now)
    barred: defaultdict[int, set[int]] = defaultdict(set)
    conflicts = interests.detect(session, asked, wanted, now) | interests.on_record(
        session, {each.account_id for each in asked}, wanted
    )
    for account, application in conflicts:
        barred[application].add(account)
    rounds, live, taken = _rounds(session, stage, wanted, new_round)
    for application, accounts in taken.items():
        barred[application] |= accounts
    loads = _loads(session, call, stage)
    tasks = [
        Task(one, strand, stage.reviewers - live[one], frozenset(barred[one] | spared))
        for one, strand in found
        if live[one] < stage.reviewers
    ]
    candidates = [
        Candidate(
            each.account_id,
            frozenset(each.expertise),
            loads["assigned"][each.account_id] + loads["submitted"][each.account_id],
        )
        for each in asked
    ]
    found_plan = assign(tasks, candidates, seed=f"{call.id}:{stage.key}")
    due = policy.city_date(now) + timedelta(days=stage.days)
    own_rounds = {each.application_id: rounds.get(each.application_id, 1) for each in tasks}
    return Work(
        call, stage, asked, found_plan, own_rounds, len(tasks), conflicts, due, loads["assigned"], loads["submitted"]
    )


def _rounds(
    session: Session, stage: Stage, wanted: Any, new_round: int | None
) -> tuple[dict[int, int], Counter[int], dict[int, set[int]]]:
    """The last round of each application, how many reviews live in it, and who has or had one of it."""
    rows = session.execute(
        select(Review.application_id, Review.round, Review.account_id, Review.state)
        .join(Application, Application.id == Review.application_id)
        .where(Review.stage == stage.key, wanted)
    ).all()
    rounds: dict[int, int] = {}
    for application, number, _, _ in rows:
        rounds[application] = new_round or max(number, rounds.get(application, 1))
    live: Counter[int] = Counter()
    taken: defaultdict[int, set[int]] = defaultdict(set)
    for application, number, account, state in rows:
        if number == rounds[application]:
            live[application] += state in interests.LIVE
            taken[application].add(account)
    return rounds, live, taken


def _loads(session: Session, call: Call, stage: Stage) -> dict[str, Counter[int]]:
    loads: dict[str, Counter[int]] = {"assigned": Counter(), "submitted": Counter()}
    for account, state, number in session.execute(
        select(Review.account_id, Review.state, func.count())
        .join(Application, Application.id == Review.application_id)
        .where(Application.call_id == call.id, Review.stage == stage.key, Review.state.in_(interests.LIVE))
        .group_by(Review.account_id, Review.state)
    ):
        loads[state][account] = int(number)
    return loads


def write(
    session: Session,
    actor: Actor,
    now: datetime,
    call: Call,
    stage: Stage,
    picks: Sequence[Pick],
    rounds: dict[int, int],
    due_on: date,
    told: bool = True,
) -> None:
    """Bulk inserts: two statements and the notices, however many reviews."""
    if not picks:
        return
    session.execute(
        insert(Review),
        [
            {
                "application_id": each.application_id,
                "stage": stage.key,
                "round": rounds[each.application_id],
                "account_id": each.account_id,
                "state": "assigned",
                "due_on": due_on,
                "typed": {},
                "scores": {},
                "comment": "",
                "salt": "",
                "assigned_at": now,
                "assigned_by": actor.account_id,
            }
            for each in picks
        ],
    )
    by_application: defaultdict[int, list[int]] = defaultdict(list)
    for each in picks:
        by_application[each.application_id].append(each.account_id)
    facts = [
        (f"application:{each}", {"stage": stage.key, "round": rounds[each], "reviewers": accounts})
        for each, accounts in by_application.items()
    ]
    record_all(session, AUDIT, actor, now, "review.assigned", facts)
    if told:
        tell(session, call, now, Counter(each.account_id for each in picks), due_on)


def tell(session: Session, call: Call, now: datetime, counts: dict[int, int], due_on: date | None) -> None:
    notices.tell_all(
        session,
        [
            notices.Notice(
                [account], "review_assigned", "/reviews", {"call": call.title, "count": count, "until": due_on}
            )
            for account, count in sorted(counts.items())
        ],
        now,
    )
