"""What a guard is: one condition that a step or a payment waits for, with who has to see to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from services.grants.models import Application, Call
from services.grants.rules.definition import Definition

OWNERS = ("group", "district", "committee", "reviewers", "clock")


@dataclass(frozen=True)
class Facts:
    """What a guard looks at. `within` names the tranche's number where a payment is asked about."""

    session: Session
    application: Application
    call: Call
    rules: Definition
    now: datetime
    tranche: int | None = None


@dataclass(frozen=True)
class Finding:
    """Green or red. `on`: since when it is green; `due`: by when it has to be; `params` fill the sentences."""

    green: bool
    on: date | None = None
    due: date | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Guard:
    """A condition by its key. `label` says what has to be true; `code` is the refusal of a red one, `owner` is who has
    to see to it."""

    key: str
    label: Any
    owner: str
    code: str
    check: Callable[[Facts], Finding]


@dataclass(frozen=True)
class Gate:
    """How a guard stands for one application at one moment."""

    guard: Guard
    finding: Finding

    @property
    def green(self) -> bool:
        return self.finding.green
