"""A little town to try the bus on: booking publishes, maps and grants each keep a list and a sum of what they heard."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import Column, Integer, String, Table, Text, create_engine, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from shared.bus.events import Event, Handlers
from shared.bus.outbox import publish
from shared.bus.pump import pump
from shared.bus.rabbitmq import RabbitTransport
from shared.bus.runner import BusThreads, Member, subscriptions
from shared.bus.tables import aggregate_version, dead_event, event_attempt, inbox, outbox
from shared.bus.transport import Transport, open_transport
from shared.database import Database, metadata
from shared.migrations import upgrade

MADE = "booking.reservation.made"
CANCELLED = "booking.reservation.cancelled"
SERVICES = ("booking", "maps", "grants")

METADATA = metadata()
written = Table("written", METADATA, Column("event_id", String(36), primary_key=True), Column("people", Integer))
heard = Table(  # nothing here is unique: an effect that happens twice must show
    "heard",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
)
guests = Table("guests", METADATA, Column("id", Integer, primary_key=True), Column("people", Integer, nullable=False))


def hear(session: Session, event: Event) -> None:
    """Two effects that would show a repetition: a list that grows and a sum that grows."""
    session.execute(insert(heard).values(event_id=event.id, aggregate=event.aggregate, sequence=event.sequence))
    session.execute(update(guests).values(people=guests.c.people + event.payload.get("people", 0)))


HANDLERS: dict[str, Handlers] = {"booking": {}, "maps": {MADE: hear, CANCELLED: hear}, "grants": {MADE: hear}}


class Town:
    """The databases and the transport of one try. `database` is a URL with {service} in it, `broker` a URL."""

    def __init__(self, database: str, broker: str, prefix: str) -> None:
        self.database, self.broker, self.prefix = database, broker, prefix
        self.databases = {service: Database(database.replace("{service}", service)) for service in SERVICES}

    @classmethod
    def found(cls, folder: Path) -> Town:
        """A new town: files in `folder`, or on the servers of MARU_TEST_DATABASE and MARU_TEST_BROKER."""
        run = f"maru_bus_{uuid.uuid4().hex[:10]}"
        server = os.environ.get("MARU_TEST_DATABASE", "")
        database = server.replace("{service}", f"{run}_{{service}}") or f"sqlite:///{folder}/{{service}}.sqlite3"
        for service in SERVICES if server else ():
            _on_server(server, f'CREATE DATABASE "{run}_{service}"')
        town = cls(database, os.environ.get("MARU_TEST_BROKER", "memory://"), "")
        for db in town.databases.values():
            upgrade(db, "shared.bus")
            METADATA.create_all(db.engine)
        town.clear()
        return town

    def clear(self) -> None:
        """As new: no rows, and names at the broker that nobody used before."""
        self.prefix = f"test.{uuid.uuid4().hex[:10]}"
        for db in self.databases.values():
            with db.write() as session:
                for table in (*METADATA.sorted_tables, outbox, inbox, aggregate_version, event_attempt, dead_event):
                    session.execute(delete(table))
                session.execute(insert(guests).values(people=0))

    def quit(self) -> None:
        """Leave nothing at the broker."""
        transport = self.transport()
        if isinstance(transport, RabbitTransport):
            transport.remove()
        transport.close()

    def raze(self) -> None:
        """Leave nothing behind on the servers."""
        self.quit()
        for db in self.databases.values():
            db.dispose()
            if not db.is_sqlite:
                _on_server(self.database, f'DROP DATABASE "{db.url.database}" WITH (FORCE)')

    def members(self, handlers: dict[str, Handlers] | None = None) -> list[Member]:
        """The services; some with other handlers."""
        return [Member(name, db, (handlers or {}).get(name, HANDLERS[name])) for name, db in self.databases.items()]

    def transport(self) -> Transport:
        """A transport of this town's own."""
        return open_transport(self.broker, subscriptions(self.members()), self.prefix)

    def threads(self, handlers: dict[str, Handlers] | None = None, only: str = "") -> BusThreads:
        """Relays and consumers, of all services or of one."""
        return BusThreads([each for each in self.members(handlers) if only in ("", each.service)], self.transport())

    def pump(self, handlers: dict[str, Handlers] | None = None) -> int:
        """Carry all events to their subscribers."""
        transport = self.transport()
        try:
            return pump(self.members(handlers), transport)
        finally:
            transport.close()

    def reserve(self, number: int, people: int = 1, name: str = MADE) -> str:
        """One reservation and its event in one transaction; the event's id."""
        with self.databases["booking"].write() as session:
            return reserve(session, number, people, name)

    def reserve_many(self, events: int, aggregates: int = 7, seed: int = 1, together: int = 1) -> None:
        """`together` of them in a transaction."""
        random = Random(seed)  # noqa: S311
        for start in range(0, events, together):
            with self.databases["booking"].write() as session:
                for _ in range(min(together, events - start)):
                    reserve(session, random.randrange(aggregates), random.randint(1, 9))

    def heard(self, service: str) -> list[tuple[str, int]]:
        """(aggregate, sequence) of every effect, in the order of the effects."""
        with self.databases[service].read() as session:
            rows = session.execute(select(heard.c.aggregate, heard.c.sequence).order_by(heard.c.id))
            return [(aggregate, sequence) for aggregate, sequence in rows]

    def guests(self, service: str) -> int:
        """The sum."""
        with self.databases[service].read() as session:
            return session.scalars(select(guests.c.people)).one()

    def figures(self, service: str) -> dict[str, int]:
        """What went wrong on the way to a subscriber: lost, twice, out_of_order; and the events there were."""
        with self.databases["booking"].read() as session:
            sent = set(session.scalars(select(outbox.c.event_id)))
            meant = set(session.scalars(select(written.c.event_id)))
            people = session.scalar(select(func.coalesce(func.sum(written.c.people), 0)))
        with self.databases[service].read() as session:
            effects = session.execute(
                select(heard.c.event_id, heard.c.aggregate, heard.c.sequence).order_by(heard.c.id)
            )
            ids, last, out_of_order = [], {}, 0
            for event_id, aggregate, sequence in effects:
                ids.append(event_id)
                out_of_order += sequence != last.get(aggregate, 0) + 1
                last[aggregate] = sequence
        return {
            "events": len(meant),
            "lost": len(sent - set(ids)) + len(meant ^ sent),
            "twice": len(ids) - len(set(ids)) + abs(self.guests(service) - (people or 0)) * (sent == set(ids)),
            "out_of_order": out_of_order,
        }


def reserve(session: Session, number: int, people: int, name: str = MADE) -> str:
    """A change and its event in the caller's transaction."""
    event_id = publish(session, name, aggregate=f"reservation:{number}", payload=payload(number, people, name))
    session.execute(insert(written).values(event_id=event_id, people=people))
    return event_id


def payload(number: int, people: int = 1, name: str = MADE) -> dict[str, object]:
    """A reservation as the catalogue wants it."""
    facts: dict[str, object] = {
        "reservation_id": number,
        "unit_id": 1,
        "space_id": 1,
        "district": "11110",
        "start": datetime(2026, 5, 1, 5, tzinfo=UTC),
        "end": datetime(2026, 5, 1, 7, tzinfo=UTC),
    }
    return {**facts, "people": people} if name == MADE else facts


def eventually(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it becomes true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def new_database(folder: Path) -> Iterator[Database]:
    """A database without any table."""
    name = f"maru_bus_{uuid.uuid4().hex[:10]}"
    server = os.environ.get("MARU_TEST_DATABASE", "")
    if server:
        _on_server(server, f'CREATE DATABASE "{name}"')
    made = Database(server.replace("{service}", name) or f"sqlite:///{folder}/{name}.sqlite3")
    try:
        yield made
    finally:
        made.dispose()
        if server:
            _on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_server(template: str, statement: str) -> None:
    engine = create_engine(template.rpartition("/")[0] + "/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
