"""The states of calls and applications, which steps lead between them, and their public words. Pure.

An application's steps are rows (event, from, to, who), so that the button on a page, the guard in a use case and the
timeline come from one table.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from flask_babel import lazy_gettext

from services.grants.models import Application, Call


class Phase(StrEnum):
    """Where a call stands, from its times alone."""

    DRAFT = "draft"
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


PHASE_WORDS: dict[str, Any] = {
    Phase.DRAFT: lazy_gettext("작성 중"),
    Phase.UPCOMING: lazy_gettext("접수 예정"),
    Phase.OPEN: lazy_gettext("접수 중"),
    Phase.CLOSED: lazy_gettext("접수 마감"),
}
PHASE_TONES = {Phase.DRAFT: "warning", Phase.UPCOMING: "info", Phase.OPEN: "success", Phase.CLOSED: "neutral"}


def call_phase(call: Call, now: datetime) -> Phase:
    """The call's phase at `now`: open in [opens_at, closes_at) once published."""
    if call.published_at is None:
        return Phase.DRAFT
    if now < call.opens_at:
        return Phase.UPCOMING
    return Phase.OPEN if now < call.closes_at else Phase.CLOSED


class Step(NamedTuple):
    """`event` leads from one of `start` to `end`; `by` is "applicant" or "staff"."""

    event: str
    start: tuple[str, ...]
    end: str
    by: str


STEPS = {
    "withdraw": Step("withdraw", ("submitted",), "withdrawn", "applicant"),
    "select": Step("select", ("submitted",), "selected", "staff"),
    "reject": Step("reject", ("submitted",), "rejected", "staff"),
}
STATES = ("submitted", "selected", "rejected", "withdrawn")
STATE_TONES = {"submitted": "info", "selected": "success", "rejected": "neutral", "withdrawn": "neutral"}
STATE_WORDS: dict[str, Any] = {
    "submitted": lazy_gettext("접수됨"),
    "under_review": lazy_gettext("심사 중"),
    "selected": lazy_gettext("선정"),
    "rejected": lazy_gettext("미선정"),
    "withdrawn": lazy_gettext("철회함"),
}


def can(event: str, state: str) -> bool:
    """Whether the step `event` leads on from `state`."""
    return state in STEPS[event].start


def public_state(application: Application, call: Call, now: datetime) -> str:
    """The state in public words' key: a submitted application is under review once the call is closed or rolling."""
    if application.state == "submitted" and (call.rolling or now >= call.closes_at):
        return "under_review"
    return application.state
