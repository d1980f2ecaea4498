"""The relay: sends a service's outbox to the transport, in order, and marks as published what is known to be safe.

Exactly one relay per service is active. Several that skip each other's locked rows were measured to send a quarter of
the events out of order. The others stand by and take over when the active one dies.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, Update, select, text, update

from shared.bus.events import Event
from shared.bus.outbox import CHANNEL, bell
from shared.bus.tables import outbox
from shared.bus.transport import BrokerUnavailableError, Publisher, Transport
from shared.database import Database, DatabaseUnavailable

BATCH = 200
POLL_SECONDS = 1.0
"""The fallback when a call got lost, PostgreSQL."""
FILE_POLL_SECONDS = 0.25
"""SQLite: also how soon the events of another process (the command line) are noticed."""
_SLICE = 0.25
_LOCK = 0x6275735F  # one advisory lock per database, and a database per service


class Source(Protocol):
    """The outbox as its active relay sees it."""

    def pending(self) -> Sequence[Row]:
        """The oldest unpublished rows, at most BATCH."""

    def mark(self, ids: Sequence[int]) -> None:
        """They are published."""

    def wait(self, stopping: threading.Event) -> bool:
        """Return when there is something to send (True), or after the poll interval."""


class Relay:
    """The relay of one service."""

    def __init__(self, db: Database, service: str, transport: Transport) -> None:
        self._db = db
        self._service = service
        self._transport = transport
        self._first = True

    def run(self, stopping: threading.Event, well: Callable[[], None]) -> None:
        """Relay until `stopping` is set, saying `well()` as long as it can; return soon when another relay is active.

        Raises DatabaseUnavailable and BrokerUnavailableError; may be run again after either.
        """
        with claimed(self._db) as source:
            if source is None:
                stopping.wait(POLL_SECONDS)
                return
            publisher = self._transport.publisher()
            try:
                while not stopping.is_set():
                    full = self._step(source, publisher, stopping) == BATCH
                    well()
                    if not full and not stopping.is_set() and not source.wait(stopping):
                        publisher.idle()
            finally:
                publisher.close()

    def send(self, source: Source, publisher: Publisher) -> Sequence[Row]:
        """Send the next batch; its outbox rows, for mark() once the publisher confirms."""
        rows = source.pending()
        if rows:
            # A batch waits for the confirmation of the one before: only the first can repeat what a dead process sent.
            publisher.send([self._event(row) for row in rows], again=self._first)
        self._first = False
        return rows

    def _step(self, source: Source, publisher: Publisher, stopping: threading.Event) -> int:
        rows = self.send(source, publisher)
        if not rows:
            return 0
        deadline = monotonic() + self._transport.patience
        while not publisher.confirm(_SLICE):
            if stopping.is_set():
                return 0  # the next start sends them again
            if monotonic() > deadline:
                raise BrokerUnavailableError(
                    f"The broker confirmed nothing for {self._transport.patience:.0f} seconds; check its disk space."
                )
        source.mark([row.id for row in rows])
        return len(rows)

    def _event(self, row: Row) -> Event:
        return Event(
            row.event_id,
            self._service,
            row.name,
            row.version,
            row.aggregate,
            row.sequence,
            row.occurred_at,
            row.payload,
        )


@contextmanager
def claimed(db: Database) -> Iterator[Source | None]:
    """The outbox of `db` for its one active relay; None when another relay has it."""
    with _claimed_file(db) if db.is_sqlite else _claimed_server(db) as source:
        yield source


def _pending() -> Select[Any]:
    return select(outbox).where(outbox.c.published_at.is_(None)).order_by(outbox.c.id).limit(BATCH)


def _marked(ids: Sequence[int]) -> Update:
    return update(outbox).where(outbox.c.id.in_(ids)).values(published_at=datetime.now(UTC))


class _FileSource:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._bell = bell(db.url)

    def pending(self) -> Sequence[Row]:
        with self._db.read() as session:
            return session.execute(_pending()).all()

    def mark(self, ids: Sequence[int]) -> None:
        with self._db.write() as session:
            session.execute(_marked(ids))

    def wait(self, stopping: threading.Event) -> bool:
        rung = self._bell.wait(FILE_POLL_SECONDS)
        self._bell.clear()
        return rung


@contextmanager
def _claimed_file(db: Database) -> Iterator[Source | None]:
    handle = os.open(f"{db.path}.relay", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield _FileSource(db)
    finally:
        os.close(handle)  # gives the lock back, as does the death of the process


class _ServerSource:
    """Everything on the session that holds the advisory lock: without the lock no statement of it can succeed."""

    def __init__(self, connection: Connection, notices: Any) -> None:
        self._connection = connection
        self._notices = notices

    def pending(self) -> Sequence[Row]:
        return self._connection.execute(_pending()).all()

    def mark(self, ids: Sequence[int]) -> None:
        self._connection.execute(_marked(ids))

    def wait(self, stopping: threading.Event) -> bool:
        deadline = monotonic() + POLL_SECONDS
        try:
            while not stopping.is_set() and monotonic() < deadline:
                if list(self._notices.notifies(timeout=_SLICE, stop_after=1)):
                    return True
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise DatabaseUnavailable(
                f"The connection to the database broke ({error}); it will be tried again."
            ) from error
        return False


@contextmanager
def _claimed_server(db: Database) -> Iterator[Source | None]:
    with db.told(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver = connection.connection.driver_connection
        connection.detach()  # closing it, rather than giving it back to the pool, gives the lock back
        if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
            connection.execute(text(f"LISTEN {CHANNEL}"))
            # A mark that a crash of the server forgets only sends an event again: not worth a wait for the disk.
            connection.execute(text("SET synchronous_commit = off"))
            yield _ServerSource(connection, driver)
        else:
            yield None
