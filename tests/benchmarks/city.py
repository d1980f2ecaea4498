"""A city to measure booking in: a PostgreSQL database of its own with spaces, rooms and weeks of reservations, and the
real server on it. Everything is gone afterwards.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from deploy.house import PACKAGES
from services.booking.events import HANDLERS
from services.booking.models import Occupancy, Reservation
from services.booking.reservations import reserve
from shared.bus import catalogue
from shared.bus.events import Event
from shared.clock import now
from shared.database import Database, UtcDateTime
from shared.districts import BY_CODE
from shared.identity.actor import Actor, Role
from shared.migrations import upgrade
from tests.benchmarks.load import Connections

SEOUL = ZoneInfo("Asia/Seoul")
SECRET = "a secret for measuring only, long enough to be accepted"
PER_SPACE = 10
FIRST, LAST = 9, 21  # the hours between which rooms are open, on every day
DAYS = 30
TAKEN = (9, 12, 15, 18)  # the hours that are reserved for an hour on each of the DAYS from tomorrow on; see `shift`
RESIDENTS = 400
HOUR = timedelta(hours=1)
WORKERS = 2
SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/{service}"
"""Where PostgreSQL is, unless a benchmark is told."""


def shift(room: int) -> int:
    """By so many hours a room's reservations begin later than TAKEN: at any hour a third of the spaces is taken."""
    return (room - 1) // PER_SPACE % 3


def free_hours(room: int) -> tuple[int, ...]:
    """The hours that nobody has reserved in a room on any day, nor in the others of its space."""
    return tuple(hour for hour in range(FIRST, LAST) if hour - shift(room) not in TAKEN)


@dataclass(frozen=True)
class City:
    """What is measured on: `rooms` rooms, numbered from 1, ten to a space."""

    server: str
    name: str
    rooms: int

    @property
    def url(self) -> str:
        """Where the database is, with {service} in it as the setting wants."""
        return self.server.replace("{service}", f"{self.name}_{{service}}")

    @property
    def plain(self) -> str:
        """The address of booking's database as the driver and pgbench take it."""
        return self.url.replace("{service}", "booking").replace("postgresql+psycopg", "postgresql")

    def house_of(self, room: int) -> int:
        """The unit that is the whole house of a room, where the city was made with houses."""
        return self.rooms + (room - 1) // PER_SPACE + 1

    def at(self, days: int, hour: int) -> datetime:
        """A local hour so many days after today."""
        return datetime.combine(self.today + timedelta(days=days), datetime.min.time(), SEOUL) + hour * HOUR

    @property
    def today(self) -> date:
        return now().astimezone(SEOUL).date()

    def database(self) -> Database:
        """Booking's database."""
        return Database(self.url.replace("{service}", "booking"))


@contextmanager
def city(server: str, rooms: int, *, days: int = DAYS, houses: bool = False) -> Iterator[City]:
    """A new city with so many days of reservations; `server` is the URL of a PostgreSQL server with {service} in it.
    With `houses` all rooms of a space together are a unit too."""
    made = City(server, f"maru_bench_{uuid4().hex[:8]}", rooms)
    _administer(server, f'CREATE DATABASE "{made.name}_booking"')
    database = made.database()
    try:
        upgrade(database, PACKAGES["booking"])
        _tell(made, database, houses)
        _fill(made, database, days)
        database.dispose()
        yield made
    finally:
        database.dispose()
        _administer(server, f'DROP DATABASE "{made.name}_booking" WITH (FORCE)')


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server.replace("{service}", "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _tell(made: City, database: Database, houses: bool) -> None:
    """The spaces, put in by booking's own handler of maps' events."""
    spaces = range(1, -(-made.rooms // PER_SPACE) + 1)
    for first in spaces[::20]:
        with database.write() as session:
            for number in spaces[first - 1 : first + 19]:
                _tell_space(session, made, number, houses)


def _tell_space(session: Session, made: City, number: int, houses: bool) -> None:
    districts = tuple(BY_CODE)
    start = (number - 1) * PER_SPACE + 1
    rooms = range(start, min(start + PER_SPACE, made.rooms + 1))
    units = [_unit(room, 6 + room % 40, [room]) for room in rooms]
    if houses:
        units.append(_unit(made.house_of(start), 200, rooms))
    facts = {
        "space_id": number,
        "name": f"{number}번 마을활력소",
        "kind": "community",
        "stage": "open",
        "district": districts[number % len(districts)],
        "address": f"서울특별시 마을로 {number}",
        "latitude": 37.45 + number % 50 / 200,
        "longitude": 126.85 + number % 60 / 200,
        "zone": "Asia/Seoul",
        "phone": None,
        "homepage": None,
        "units": units,
    }
    version, plain = catalogue.to_json("maps.space.changed", facts)
    payload = catalogue.from_json("maps.space.changed", version, plain)
    aggregate = f"space:{number}"
    event = Event(str(uuid4()), "maps", "maps.space.changed", version, aggregate, 1, now(), payload)
    HANDLERS[event.name](session, event)


def _unit(unit_id: int, capacity: int, rooms: Iterable[int]) -> dict[str, Any]:
    hours = [f"{FIRST:02}:00", f"{LAST:02}:00"]
    return {
        "unit_id": unit_id,
        "name": f"{unit_id}호",
        "capacity": capacity,
        "area_m2": "32.5",
        "equipment": ["빔프로젝터"],
        "active": True,
        "atoms": [f"unit:{room}" for room in rooms],
        "hours": {"weekday": hours, "weekend": hours},
        "closures": {"weekdays": [], "holidays": False},
        "closure_text": None,
        "fee": {"free": False, "base_minutes": 60, "base_won": 5000, "extra_minutes": 30, "extra_won": 2000},
        "fee_text": "1시간 5,000원",
    }


def _fill(made: City, database: Database, days: int) -> None:
    """TAKEN, shifted, on every day of every room: one reservation by the use case, the others copied from its rows, so
    that they hold whatever a reservation holds."""
    first = made.at(1, TAKEN[0])
    one = reserve(
        database,
        resident(1),
        now(),
        unit_id=1,
        start=first,
        end=first + HOUR,
        people=4,
        purpose="마을 회의",
        idempotency_key="first",
    )
    others = (
        "FROM generate_series(1, :rooms) AS room, generate_series(0, :days - 1) AS day, unnest(CAST(:hours AS int[])) "
        "AS hour WHERE NOT (room = 1 AND day = 0 AND hour = :done)"
    )
    begins = "hour + (room - 1) / :space % 3"
    start = f"CAST(:midnight AS timestamptz) + make_interval(days => day, hours => {begins})"
    values = {
        "rooms": made.rooms,
        "days": days,
        "hours": list(TAKEN),
        "done": TAKEN[0],
        "midnight": made.at(1, 0),
        "one": one.id,
        "residents": RESIDENTS,
        "space": PER_SPACE,
    }
    number = "row_number() OVER (ORDER BY day, hour, room)"
    of_reservation = {
        "id": f":one + {number}",
        "unit_id": "room",
        "space_id": "(room - 1) / :space + 1",
        "account_id": f"1 + {number} % :residents",
        "start_at": start,
        "end_at": f"{start} + interval '1 hour'",
        "idempotency_key": f"'filled-' || {number}",
    }
    # Every time of the row (with its buffers, say) moves along with the reservation's.
    of_occupancy = {"atom_id": "unit_atom.atom_id", "reservation_id": "made.id"}
    with database.write() as session:
        _copy(session, Reservation.__table__, of_reservation, "reservation.id = :one", others, values)
        moved = "made.start_at - reservation.start_at"
        columns = Occupancy.__table__.columns
        times = {each.name for each in columns if isinstance(each.type, UtcDateTime)}
        selected = ", ".join(
            of_occupancy.get(each.name, f"held.{each.name} + ({moved})" if each.name in times else f"held.{each.name}")
            for each in columns
        )
        names = ", ".join(each.name for each in columns)
        guard = next(each for each in Occupancy.__table__.constraints if type(each).__name__ == "ExcludeConstraint")
        definition = session.scalar(
            text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"), {"name": guard.name}
        )
        session.execute(text(f"ALTER TABLE occupancy DROP CONSTRAINT {guard.name}"))
        session.execute(
            text(
                f"INSERT INTO occupancy ({names}) SELECT {selected} FROM reservation AS made "  # noqa: S608
                "JOIN unit_atom USING (unit_id) JOIN reservation ON reservation.id = :one "
                "JOIN occupancy AS held ON held.reservation_id = :one WHERE made.id <> :one"
            ),
            {"one": one.id},
        )
        session.execute(text(f"ALTER TABLE occupancy ADD CONSTRAINT {guard.name} {definition}"))
        session.execute(text("SELECT setval(pg_get_serial_sequence('reservation', 'id'), max(id)) FROM reservation"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _copy(
    session: Session, table: Any, changed: Mapping[str, str], one: str, source: str, values: Mapping[str, Any]
) -> None:
    names = ", ".join(each.name for each in table.columns)
    selected = ", ".join(changed.get(each.name, f"{table.name}.{each.name}") for each in table.columns)
    copied = source.replace(" WHERE ", f" CROSS JOIN {table.name} WHERE {one} AND ")
    statement = f"INSERT INTO {table.name} ({names}) SELECT {selected} {copied}"
    session.execute(text(statement), dict(values))


def resident(account_id: int) -> Actor:
    """A resident."""
    return Actor(account_id, "주민", frozenset({Role.RESIDENT}))


def cookies(count: int = RESIDENTS) -> list[str]:
    """The headers of signed-in residents, made with the key that the server has."""
    app = Flask("cookies")
    app.secret_key = SECRET
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    actor = {"name": "주민", "roles": ["resident"], "district": None, "spaces": [], "since": int(time.time())}
    return ["maru=" + signer.dumps({"actor": {"id": number, **actor}}) for number in range(1, count + 1)]


@contextmanager
def served(made: City, command: Sequence[str] = ("-m", "deploy.cli", "serve", "booking"), path: str = "/booking/ready",
           **more: str) -> Iterator[int]:  # fmt: skip
    """`maru serve booking` (or another program of Python that reads the same settings) on the city; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MARU_")},
            "MARU_DATA": folder,
            "MARU_DATABASE": made.url,
            "MARU_SECRET_KEY": SECRET,
            "MARU_PORT": str(port),
            "MARU_WORKERS": str(WORKERS),
            "MARU_LOG_LEVEL": "warning",
            **more,
        }
        with (Path(folder) / "log").open("wb") as log:
            server = subprocess.Popen([sys.executable, *command], env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, path, server, Path(folder) / "log")
            yield port
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _listening(port: int) -> int:
    """How many workers listen, each by a socket of its own: connections that are opened before all of them are there
    go to the first one alone."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)


def _wait_for(port: int, path: str, server: subprocess.Popen[bytes], log: Path) -> None:
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with Connections(port, 1) as connections:
                if connections.run([asked]).statuses == [200] and _listening(port) == WORKERS:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server did not come up:\n{log.read_text(errors='replace')[-3000:]}")
