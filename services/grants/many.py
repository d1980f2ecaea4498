"""One step with many applications of a call: each takes it by itself, and one that may not stays and says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import calls, policy
from services.grants.models import Application, Call
from shared.bus.outbox import together
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

AT_ONCE = 500
"""The most applications that one press leads on; the next press takes the next ones."""
CHUNK = 25
"""So many are locked at a time: others wait for no longer than that."""


@dataclass
class Outcome:
    """How many took the step, and the codes of those that did not."""

    moved: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


def each(
    database: Database,
    actor: Actor,
    call_id: int,
    application_ids: Collection[int],
    step: Callable[[Session, Application, Call], None],
    after: Callable[[Session, Call, Sequence[Application]], None] | None = None,
    *,
    before: Callable[[Session, Call, Sequence[Application]], None] | None = None,
) -> Outcome:
    """Take the step with each, in transactions of some at a time; a Refusal of `step` is counted, and `step` has
    changed nothing then. `before` looks up for all of a transaction at once what `step` will ask of each; `after` is
    done with those that took it, in the transaction of their step. Raises Refusal: not_found, other_district,
    too_many."""
    if len(application_ids) > AT_ONCE:
        raise Refusal("too_many", most=AT_ONCE)
    outcome = Outcome()
    ids = sorted(application_ids)
    for at in range(0, len(ids), CHUNK):
        with database.write() as session:
            call = calls.locked(session, call_id)
            policy.check_runs(actor, call.district)
            found = session.scalars(
                select(Application)
                .where(Application.id.in_(ids[at : at + CHUNK]), Application.call_id == call_id)
                .order_by(Application.id)
                .with_for_update()
                .execution_options(populate_existing=True)
            ).all()
            if before is not None and found:
                before(session, call, found)
            moved = []
            with together(session):
                for application in found:
                    try:
                        step(session, application, call)
                    except Refusal as refusal:
                        outcome.refused[refusal.code] += 1
                        continue
                    moved.append(application)
                if after is not None and moved:
                    after(session, call, moved)
            outcome.moved += [application.id for application in moved]
    return outcome
