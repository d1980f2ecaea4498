"""What the sections of an application's page are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.grants.models import Application, Call, StageDate
from services.grants.rules.definition import Definition
from services.grants.selection.embargo import Known
from shared.identity.actor import Actor


@dataclass(frozen=True)
class Look:
    """One reader's look at an application. `own`: the reader is of its group and may know of a decision only what
    `known` says; otherwise the reader runs the call. `held`: when it is heard or visited in its present stage."""

    session: Session
    application: Application
    call: Call
    rules: Definition
    actor: Actor
    now: datetime
    own: bool
    known: Known
    held: StageDate | None = None
