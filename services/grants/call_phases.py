"""The phases of calls and their public words. Pure. The steps of an application are its programme's, see `process`."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext

from services.grants.models import Call


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
