"""Events that were set aside: see them, and replay them once the cause is repaired."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, delete, select, update

from shared.bus.consumer import loaded_event, reason, record
from shared.bus.events import Event, Handlers
from shared.bus.tables import dead_event, inbox
from shared.database import Database, DatabaseUnavailable


class DeadLetter(NamedTuple):
    """An event that was set aside, and why. Times are UTC."""

    event: Event
    attempts: int
    reason: str
    first_failed_at: datetime
    last_failed_at: datetime


class Replay(NamedTuple):
    """How a replay of one event went: `reason` is empty when it was applied, or when a later event had replaced it."""

    event: Event
    reason: str
    replaced: bool = False


def dead_letters(db: Database) -> list[DeadLetter]:
    """All events that wait for a replay, in the order in which they were set aside."""
    with db.read() as session:
        return [_dead_letter(row) for row in session.execute(_waiting())]


def replay(db: Database, handlers: Handlers, event_id: str | None = None) -> list[Replay]:
    """Apply one event that was set aside, or all, each in a transaction of its own; those that fail again stay.

    An event whose aggregate has moved on is not applied: later events replace earlier ones (see the catalogue), and an
    old state must not come back. Raises LookupError when the event is not waiting.
    """
    waiting = [letter for letter in dead_letters(db) if event_id in (None, letter.event.id)]
    if event_id is not None and not waiting:
        raise LookupError(f"no dead event {event_id} is waiting")
    return [_replay(db, handlers, letter.event) for letter in waiting]


def _replay(db: Database, handlers: Handlers, event: Event) -> Replay:
    dead = update(dead_event).where(dead_event.c.event_id == event.id)
    now = datetime.now(UTC)
    try:
        loaded = loaded_event(event)
        with db.write() as session:
            if session.scalar(_later(event)):
                session.execute(dead.values(replayed_at=now))
                return Replay(event, "", replaced=True)
            # It enters the log where it takes effect, so that a rebuild repeats exactly what happened.
            claimed = session.execute(delete(inbox).where(inbox.c.event_id == event.id, inbox.c.applied_at.is_(None)))
            if claimed.rowcount == 0:  # type: ignore[attr-defined]
                return Replay(event, "")  # somebody else replayed it meanwhile
            record(session, [event], now)
            handlers[event.name](session, loaded)
            session.execute(dead.values(replayed_at=now))
    except DatabaseUnavailable:
        raise
    except Exception as error:
        why = f"nothing handles {event.name}" if event.name not in handlers else reason(error)
        with db.write() as session:
            session.execute(dead.values(attempts=dead_event.c.attempts + 1, reason=why, last_failed_at=now))
        return Replay(event, why)
    return Replay(event, "")


def _later(event: Event) -> Select[Any]:
    of_aggregate = (inbox.c.source == event.source, inbox.c.aggregate == event.aggregate)
    return (
        select(inbox.c.id)
        .where(*of_aggregate, inbox.c.sequence > event.sequence, inbox.c.applied_at.is_not(None))
        .limit(1)
    )


def _waiting() -> Select[Any]:
    content = inbox.join(dead_event, inbox.c.event_id == dead_event.c.event_id)
    return (
        select(
            inbox, dead_event.c.attempts, dead_event.c.reason, dead_event.c.first_failed_at, dead_event.c.last_failed_at
        )
        .select_from(content)
        .where(dead_event.c.replayed_at.is_(None))
        .order_by(inbox.c.id)
    )


def _dead_letter(row: Row) -> DeadLetter:
    return DeadLetter(event_of(row), row.attempts, row.reason, row.first_failed_at, row.last_failed_at)


def event_of(row: Row) -> Event:
    """The event of an inbox row, its payload plain JSON."""
    return Event(
        row.event_id, row.source, row.name, row.version, row.aggregate, row.sequence, row.occurred_at, row.payload
    )
