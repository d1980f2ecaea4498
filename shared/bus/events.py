"""What a handler receives, and what travels between the services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `sequence` counts the events of its aggregate from 1, without gaps.

    In a handler `payload` is loaded by the event's schema (datetimes are aware); on the way it is plain JSON.
    """

    id: str
    source: str
    name: str
    version: int
    aggregate: str
    sequence: int
    occurred_at: datetime
    payload: dict[str, Any]

    def to_wire(self) -> dict[str, Any]:
        """The message body, plain JSON."""
        return {
            "id": self.id,
            "source": self.source,
            "name": self.name,
            "version": self.version,
            "aggregate": self.aggregate,
            "sequence": self.sequence,
            "occurred_at": self.occurred_at.isoformat(),
            "payload": self.payload,
        }

    @classmethod
    def from_wire(cls, body: Mapping[str, Any]) -> Event:
        """Raises ValueError when the message is none of ours."""
        try:
            return cls(**{**body, "occurred_at": datetime.fromisoformat(body["occurred_at"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"not an event: {error}") from error


Handler = Callable[[Session, Event], None]
"""Applies one event inside the given transaction. It must depend on the event and the service's own tables only (no
clock, no network), so that a rebuild gives the same result; it may publish events of its own."""

Handlers = Mapping[str, Handler]
"""Event name -> handler: the names are also the service's subscription."""
