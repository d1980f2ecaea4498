"""What the public and the applicant may know of a decision: nothing before it is announced. Pure.

Everything that shows an application to anybody but the staff and the committee asks here: pages, API, lists, exports.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.grants import process
from services.grants.models import Application, ApplicationStep, Call
from services.grants.rules.definition import Definition, State


@dataclass(frozen=True)
class Known:
    """An application as its group may know it. Before the announcement the decision's columns are empty."""

    state: State
    announced_at: datetime | None = None
    decided_at: datetime | None = None
    awarded_won: int | None = None
    reserve_rank: int | None = None
    conditions: str = ""
    reason: str = ""


def announced(application: Application, now: datetime) -> bool:
    """Whether the group was told what was decided."""
    return application.announced_at is not None and application.announced_at <= now


def known(rules: Definition, application: Application, call: Call, now: datetime) -> Known:
    """What the applicant, and of it the public, may know now."""
    state = process.public_state(rules, application, call, now)
    if not announced(application, now):
        return Known(state)
    return Known(
        state,
        application.announced_at,
        application.decided_at,
        application.awarded_won,
        application.reserve_rank,
        application.conditions,
        application.reason,
    )


def known_steps(
    rules: Definition, application: Application, steps: Iterable[ApplicationStep], now: datetime
) -> list[ApplicationStep]:
    """Of an application's steps, in their order, those that the group may know. An earlier decision that was
    reconsidered was known: only against what is announced can one object. Why the staff found it eligible in spite of
    something may tell of other groups, and is not for this one."""
    wanted = list(steps)
    again = max((each.at for each in wanted if each.event == "reconsider"), default=None)
    return [_without_reason(each) for each in wanted if _known_step(rules, application, each, again, now)]


def _without_reason(step: ApplicationStep) -> ApplicationStep:
    if step.event != "accept" or not step.reason:
        return step
    columns = {each.key: getattr(step, each.key) for each in ApplicationStep.__table__.columns}
    return ApplicationStep(**columns | {"reason": ""})


def _known_step(
    rules: Definition, application: Application, step: ApplicationStep, again: datetime | None, now: datetime
) -> bool:
    try:
        if rules.state(step.to_state).embargo is None:
            return True
    except KeyError:  # a state of an earlier version of the rules
        return announced(application, now)
    if again is not None and step.at <= again:
        return True
    told_at = application.announced_at
    return told_at is not None and told_at <= now and step.at <= told_at
