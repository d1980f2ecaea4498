"""The consumer: applies events with a service's handlers, each exactly once.

An inbox row is written in the transaction of the effect, so a repeated event changes nothing. A batch is one
transaction. When it fails, its events are applied one by one; an event that fails five times is set aside in dead_event
with its reason, and its aggregate's later events go on without it: a handler of whole states loses nothing by that, and
one that adds up gets the event by a replay. An event that kills the process is known by the attempts that were counted
before it was handled; only deliveries that come a second time pay for that counting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.bus.catalogue import InvalidEventError, UnknownVersionError, from_json
from shared.bus.events import Event, Handlers
from shared.bus.tables import dead_event, event_attempt, inbox
from shared.bus.transport import Receiver, Transport
from shared.database import Database, DatabaseUnavailable

BATCH = 50
ATTEMPTS = 5
_WAIT = 0.25
_BACKOFF = (0.05, 0.1, 0.2, 0.4)  # seconds before the second to fifth attempt

log = structlog.get_logger()


class Consumer:
    """The consumer of one service."""

    def __init__(self, db: Database, service: str, handlers: Handlers, transport: Transport) -> None:
        self._db = db
        self._service = service
        self._handlers = handlers
        self._transport = transport

    def run(self, stopping: threading.Event, well: Callable[[], None]) -> None:
        """Consume until `stopping` is set, saying `well()` as long as it can.

        Raises DatabaseUnavailable and BrokerUnavailableError; may be run again after either.
        """
        receiver = self._transport.receiver(self._service)
        try:
            while not stopping.is_set():
                self.step(receiver, _WAIT)
                well()
        finally:
            receiver.close()

    def step(self, receiver: Receiver, timeout: float) -> int:
        """Apply and acknowledge what is there, at most BATCH; how many deliveries that was."""
        deliveries = receiver.receive(BATCH, timeout)
        if not deliveries:
            return 0
        events, again, rejected = [], set(), []
        for delivery in deliveries:
            try:
                event = Event.from_wire(delivery.body)
            except ValueError:
                log.warning("bus_foreign_message", service=self._service)
                rejected.append(delivery)
                continue
            if event.name in self._handlers:  # a binding may outlive its handler
                events.append(event)
                if delivery.redelivered:
                    again.add(event.id)
        if events:
            self._apply(events, again)
        for delivery in rejected:
            receiver.reject(delivery)
        receiver.acknowledge([delivery for delivery in deliveries if delivery not in rejected])
        return len(deliveries)

    def _apply(self, events: Sequence[Event], again: set[str]) -> None:
        suspects = self._count([event.id for event in events if event.id in again])
        if not suspects:
            try:
                self._together(events, again)
                return
            except DatabaseUnavailable:
                raise
            except Exception as error:
                log.warning("bus_batch_failed", service=self._service, events=len(events), reason=reason(error))
        for event in events:
            self._alone(event)

    def _together(self, events: Sequence[Event], counted: set[str]) -> None:
        loaded = [loaded_event(event) for event in events]
        with self._db.write() as session:
            fresh = record(session, events, datetime.now(UTC))
            for event in loaded:
                if event.id in fresh:
                    fresh.remove(event.id)  # the same event twice in one batch
                    self._handlers[event.name](session, event)
            if counted:
                session.execute(delete(event_attempt).where(event_attempt.c.event_id.in_(counted)))

    def _alone(self, event: Event) -> None:
        for pause in (*_BACKOFF, 0.0):
            with self._db.write() as session:
                attempts = attempt(session, event.id)
                if session.execute(select(inbox.c.id).where(inbox.c.event_id == event.id)).first():
                    forget(session, event.id)
                    return
            why = "the process died each time it was handled"
            if attempts <= ATTEMPTS:
                try:
                    self._together([event], {event.id})
                    return
                except DatabaseUnavailable:
                    raise
                except (InvalidEventError, UnknownVersionError) as error:
                    why, attempts = str(error), ATTEMPTS  # it will not fit better the next time
                except Exception as error:
                    why = reason(error)
            if attempts >= ATTEMPTS:
                set_aside(self._db, event, attempts, why)
                log.error("bus_event_set_aside", service=self._service, event_id=event.id, kind=event.name, reason=why)
                return
            time.sleep(pause)

    def _count(self, ids: Sequence[str]) -> bool:
        """Count an attempt of each event that came before. True when one of them was under way at a death already."""
        if not ids:
            return False
        with self._db.write() as session:
            known = event_attempt.c.event_id.in_(ids)
            if session.execute(select(event_attempt.c.event_id).where(known).limit(1)).first():
                return True
            now = datetime.now(UTC)
            session.execute(
                upsert(session, event_attempt).on_conflict_do_nothing(),
                [{"event_id": event_id, "attempts": 1, "first_at": now} for event_id in ids],
            )
        return False


def loaded_event(event: Event) -> Event:
    """The event with its payload as handlers take it. Raises UnknownVersionError and InvalidEventError."""
    payload = from_json(event.name, event.version, event.payload)
    return Event(
        event.id, event.source, event.name, event.version, event.aggregate, event.sequence, event.occurred_at, payload
    )


def record(session: Session, events: Sequence[Event], applied_at: datetime | None) -> set[str]:
    """Write the events into the inbox, in order; the ids of those that were not there yet."""
    rows = [
        {
            "event_id": event.id,
            "source": event.source,
            "name": event.name,
            "version": event.version,
            "aggregate": event.aggregate,
            "sequence": event.sequence,
            "payload": event.payload,
            "occurred_at": event.occurred_at,
            "applied_at": applied_at,
        }
        for event in events
    ]
    fresh = upsert(session, inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
    return set(session.execute(fresh, rows).scalars())


def attempt(session: Session, event_id: str) -> int:
    """Count one more attempt; how many that makes."""
    first = upsert(session, event_attempt).values(event_id=event_id, attempts=1, first_at=datetime.now(UTC))
    again = first.on_conflict_do_update(index_elements=["event_id"], set_={"attempts": event_attempt.c.attempts + 1})
    return session.execute(again.returning(event_attempt.c.attempts)).scalar_one()


def forget(session: Session, event_id: str) -> None:
    """The attempts of an event that is settled."""
    session.execute(delete(event_attempt).where(event_attempt.c.event_id == event_id))


def set_aside(db: Database, event: Event, attempts: int, why: str) -> None:
    """Keep the event with its reason, and never apply it by itself again."""
    now = datetime.now(UTC)
    with db.write() as session:
        first = session.scalar(select(event_attempt.c.first_at).where(event_attempt.c.event_id == event.id))
        if record(session, [event], None):
            session.execute(
                upsert(session, dead_event)
                .values(
                    event_id=event.id, attempts=attempts, reason=why, first_failed_at=first or now, last_failed_at=now
                )
                .on_conflict_do_nothing()
            )
        forget(session, event.id)


def reason(error: Exception) -> str:
    """One line about an error, without the values of the statement that failed."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return f"{type(cause).__name__}: {' '.join(str(cause).split())}"[:500]


def upsert(session: Session, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, of the session's dialect."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
