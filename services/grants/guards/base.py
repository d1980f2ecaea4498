"""What a guard is: one condition that a step or a payment waits for, with who has to see to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import agreement_versions
from services.grants.models import Agreement, Application, Call, GroupMember
from services.grants.rules.definition import Definition

OWNERS = ("group", "district", "committee", "reviewers", "clock")


@dataclass(frozen=True)
class Facts:
    """What a guard looks at; what several ask for is read once. `tranche` is its number where a payment is asked
    about."""

    session: Session
    application: Application
    call: Call
    rules: Definition
    now: datetime
    tranche: int | None = None

    @cached_property
    def agreement(self) -> Agreement | None:
        """The version of the agreement that stands: to be signed, or signed and in force."""
        return agreement_versions.standing(self._agreements)

    @cached_property
    def agreed(self) -> Agreement | None:
        """The newest agreement that both signed; a newer one may wait for its signatures."""
        return agreement_versions.in_force(self._agreements)

    @cached_property
    def person_keys(self) -> frozenset[str]:
        """By whom the people of the group now are known again."""
        wanted = select(GroupMember.person_key).where(
            GroupMember.group_id == self.application.group_id, GroupMember.left_at.is_(None)
        )
        return frozenset(self.session.scalars(wanted)) - {""} if self.application.group_id else frozenset()

    @cached_property
    def _agreements(self) -> list[Agreement]:
        return agreement_versions.read(self.session, self.application.id)


@dataclass(frozen=True)
class Finding:
    """Green or red. `on`: since when it is green; `due`: by when it has to be; `params` fill the sentences; `owner` is
    who has to see to it now, where that is not always the guard's own. `waiting`: somebody says it is done, and the
    owner has to confirm it."""

    green: bool
    on: date | None = None
    due: date | None = None
    params: dict[str, Any] = field(default_factory=dict)
    owner: str | None = None
    waiting: bool = False


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

    @property
    def owner(self) -> str:
        """Who has to see to it as it stands now."""
        return self.finding.owner or self.guard.owner
