"""Everything about one application's reviews, for those who run its call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.grants import programmes, standing
from services.grants.models import Application, Call, Interest, Reviewer, StageDate
from services.grants.reviewing import interests, pool, results
from services.grants.rules.definition import Definition, Stage
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Overview:
    """`stage` is the one that the application stands in (None: none), `held` when it is heard or visited in it;
    `others` may be asked in place of a reviewer: appointed, without an interest on record."""

    application: Application
    call: Call
    rules: Definition
    stage: Stage | None
    rounds: Sequence[results.Round]
    interests: Sequence[tuple[Interest, str]]
    others: Sequence[Reviewer]
    held: StageDate | None

    @property
    def current(self) -> results.Round | None:
        """The last round of the present stage."""
        of_stage = [each for each in self.rounds if self.stage and each.stage.key == self.stage.key]
        return of_stage[-1] if of_stage else None

    @property
    def may_reopen(self) -> bool:
        current = self.current
        return current is not None and all(each.state != "assigned" for each in current.lines)


def of_application(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Overview:
    """Raises Refusal: not_found, other_district, own_application."""
    with database.read() as session:
        application = session.get(Application, application_id)
        if application is None or application.number is None:
            raise Refusal("not_found", 404)
        call = session.get_one(Call, application.call_id)
        standing.check_staff(session, actor, application, call)
        return read(session, application, call, now)


def read(session: Session, application: Application, call: Call, now: datetime) -> Overview:
    """As `of_application`, for whoever has checked who asks."""
    rules = programmes.rules_of_application(session, application)
    state = next((each for each in rules.states if each.key == application.state), None)
    stage = rules.stage(state.stage) if state and state.stage else None
    found = interests.of_application(session, application.id)
    barred = {interest.account_id for interest, _ in found}
    others = [each for each in pool.appointed(session, call.district, now) if each.account_id not in barred]
    held = session.get(StageDate, (application.id, stage.key)) if stage else None
    return Overview(
        application, call, rules, stage, results.of_application(session, application.id, rules), found, others, held
    )
