"""Running relays and consumers as threads, beside a server (embedded) or in a worker process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from sqlalchemy import func, select

from shared.bus.consumer import Consumer
from shared.bus.events import Handlers
from shared.bus.outbox import bell
from shared.bus.relay import Relay
from shared.bus.tables import dead_event, outbox
from shared.bus.transport import BrokerUnavailableError, Subscriptions, Transport
from shared.database import Database, DatabaseUnavailable

log = structlog.get_logger()

_BACKOFF = (0.05, 2.0)  # seconds: first and longest pause after a failure
_STEADY = 5.0  # seconds without failure after which the pauses start from the first again


_Run = Callable[[threading.Event, Callable[[], None]], None]


@dataclass(frozen=True)
class Member:
    """A service on the bus: its database and what it does about the others' events."""

    service: str
    db: Database
    handlers: Handlers


class Health(NamedTuple):
    """How a service's bus stands. `unpublished` events wait, the oldest for `lag` seconds; `dead` wait for replay."""

    unpublished: int
    lag: float
    dead: int


def subscriptions(members: Sequence[Member]) -> Subscriptions:
    """Who wants which events."""
    return {member.service: tuple(member.handlers) for member in members}


def health(db: Database) -> Health:
    """Raises DatabaseUnavailable."""
    with db.read() as session:
        waiting = outbox.c.published_at.is_(None)
        count, oldest = session.execute(
            select(func.count(), func.min(outbox.c.occurred_at)).select_from(outbox).where(waiting)
        ).one()
        dead = session.scalar(select(func.count()).select_from(dead_event).where(dead_event.c.replayed_at.is_(None)))
    return Health(count, max((datetime.now(UTC) - oldest).total_seconds(), 0.0) if oldest else 0.0, dead or 0)


class BusThreads:
    """A relay and a consumer thread for each member; nothing that goes wrong in one ends it."""

    def __init__(self, members: Sequence[Member], transport: Transport) -> None:
        self._transport = transport
        self._databases = {member.service: member.db for member in members}
        self._stop_relays, self._stop_consumers = threading.Event(), threading.Event()
        self._failing: dict[str, str] = {}
        self._threads: list[threading.Thread] = []
        for member in members:
            relay = Relay(member.db, member.service, transport)
            consumer = Consumer(member.db, member.service, member.handlers, transport)
            self._add(f"relay-{member.service}", relay.run, self._stop_relays)
            self._add(f"consumer-{member.service}", consumer.run, self._stop_consumers)

    def start(self) -> None:
        """Start the threads; returns at once, a broker or database that is down is tried again until it is there."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop cleanly, within a second or two: relays first, they may wait for the consumers. Closes the transport."""
        for stop, kind in ((self._stop_relays, "relay-"), (self._stop_consumers, "consumer-")):
            stop.set()
            for db in self._databases.values():
                bell(db.url).set()
            for thread in self._threads:
                if thread.name.startswith(kind) and thread.ident is not None:
                    thread.join()
        self._transport.close()

    def ready(self) -> bool:
        """Whether every thread runs and none of them is failing."""
        return all(thread.is_alive() for thread in self._threads) and not self._failing

    def failures(self) -> dict[str, str]:
        """Thread name -> the sentence of its present failure."""
        return dict(self._failing)

    def __enter__(self) -> BusThreads:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _add(self, name: str, run: _Run, stopping: threading.Event) -> None:
        self._threads.append(threading.Thread(target=self._keep, args=(name, run, stopping), name=name, daemon=True))

    def _keep(self, name: str, run: _Run, stopping: threading.Event) -> None:
        first, longest = _BACKOFF
        pause = first

        def well() -> None:
            self._failing.pop(name, None)

        while not stopping.is_set():
            started = time.monotonic()
            try:
                run(stopping, well)
                well()
            except Exception as error:
                if time.monotonic() - started > _STEADY:
                    pause = first
                expected = isinstance(error, BrokerUnavailableError | DatabaseUnavailable)
                self._failing[name] = str(error) if expected else type(error).__name__
                log.error("bus_thread_failed", thread=name, reason=str(error), exc_info=not expected, again_in=pause)
                stopping.wait(pause)
                pause = min(pause * 2, longest)
