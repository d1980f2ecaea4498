"""One database per service: a session per unit of work, on SQLite (the default) or PostgreSQL.

    with db.write() as session: ...   # one unit of work: committed at the end, rolled back on an exception
    with db.read() as session: ...    # one consistent snapshot; a statement that writes is refused

Both databases give the same promises: a writer sees and blocks what it must (SQLite: one writer at a time, BEGIN
IMMEDIATE; PostgreSQL: READ COMMITTED, the use case takes its row locks), a reader sees one snapshot and blocks nobody.
"""

from __future__ import annotations

import json
import select
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from psycopg import IsolationLevel
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30
"""How long a writer waits for its turn before it gives up, seconds."""

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

log = structlog.get_logger()

# The files' write locks of this process, by path: waiting here is fair and cheap, SQLite's own busy loop is neither.
_WRITE_LOCKS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class DatabaseUnavailable(Exception):  # noqa: N818 - the name says what is the matter
    """The database cannot be reached, opened or written. The message is one sentence that says what to do."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only (ValueError otherwise), stores UTC, gives back aware UTC datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a datetime without a zone is not an instant: {value.isoformat()}")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def metadata() -> MetaData:
    """An empty MetaData that names every constraint, so that a migration and an error message can refer to it."""
    return MetaData(naming_convention=_NAMES)


def on_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call `callback` after this unit of work is committed; not at all when it is rolled back."""
    session.info.setdefault("on_commit", []).append(callback)


class Database:
    """A service's database: `sqlite:///path/file.sqlite3` or `postgresql+psycopg://user@host/name`."""

    def __init__(self, url: str, engine: Engine | None = None) -> None:
        """`engine`: one that `new_engine(url)` made earlier, to be used again with the statements that it knows."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = engine or new_engine(url)
        self._writer: Engine
        self._reader: Engine
        self._looker: Engine
        if self.is_sqlite:
            self._writer = self.engine.execution_options(maru_begin="BEGIN IMMEDIATE")
            self._looker = self._reader = self.engine.execution_options(maru_query_only=True)
        else:
            self._writer = self.engine
            self._reader = self.engine.execution_options(maru_snapshot=True)
            self._looker = self.engine.execution_options(maru_alone=True)
        self._writing = threading.local()

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)!r})"

    @property
    def path(self) -> str:
        """The file of an SQLite database."""
        if not self.is_sqlite or not self.url.database:
            raise ValueError(f"{self!r} has no file")
        return self.url.database

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One unit of work that may write. DatabaseUnavailable; RuntimeError inside another one of the same thread."""
        with self._turn(), self.told(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session
        for callback in session.info.get("on_commit", ()):
            try:
                callback()
            except Exception:  # what is committed did not fail: the caller must not think so and try again
                log.exception("after_commit_failed")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One unit of work that only reads, on one snapshot. Raises DatabaseUnavailable."""
        with self.told(reading=True), Session(self._reader, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        """For one statement that only reads: it sees one moment by itself, and a transaction around it would cost
        PostgreSQL two more round trips. Raises DatabaseUnavailable."""
        with self.told(reading=True), Session(self._looker, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def alter(self) -> Iterator[Connection]:
        """One transaction that changes tables (migrations). SQLite's foreign keys rest meanwhile and are checked at the
        end: dropping a table that is being rebuilt would otherwise delete the rows that point at it."""
        with self._turn(), self.told(), self._writer.connect() as connection:
            if not self.is_sqlite:
                with connection.begin():
                    yield connection
                return
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.begin():
                    yield connection
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if broken:
                        raise RuntimeError(f"the migration left rows that point nowhere: {broken[:5]}")
            finally:
                raw.execute("PRAGMA foreign_keys = ON")

    def clock(self) -> datetime:
        """The present moment by the database's own clock, the one clock that all who compete for it share."""
        told = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if self.is_sqlite else "clock_timestamp()"
        with self.look() as session:
            moment = session.execute(text(f"SELECT {told}")).scalar_one()  # one of two constants
        return datetime.fromisoformat(f"{moment}+00:00") if self.is_sqlite else moment.astimezone(UTC)

    def ping(self) -> None:
        """Raises DatabaseUnavailable when the database does not answer."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close every connection; the database may be used again afterwards."""
        self.engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if getattr(self._writing, "held", False):
            raise RuntimeError("a unit of work is already being written by this thread; pass its session on instead")
        lock = _WRITE_LOCKS[self.path] if self.is_sqlite else None
        if lock and not lock.acquire(timeout=BUSY_SECONDS):
            raise DatabaseUnavailable(_SENTENCES["SQLITE_BUSY"].format(where=self._where))
        self._writing.held = True
        try:
            yield
        finally:
            self._writing.held = False
            if lock:
                lock.release()

    @contextmanager
    def told(self, reading: bool = False) -> Iterator[None]:
        """Turns what an operator must repair into DatabaseUnavailable; errors of the program stay what they are."""
        try:
            yield
        except PoolTimeout as error:
            raise DatabaseUnavailable(
                f"All connections to {self._where} are in use; try again, or start fewer threads."
            ) from error
        except DBAPIError as error:
            sentence = _sentence(error)
            if sentence is None or (reading and getattr(error.orig, "sqlite_errorname", "") == "SQLITE_READONLY"):
                raise  # the second: a statement that writes inside read()
            reason = str(error.orig).strip().splitlines()[-1]
            raise DatabaseUnavailable(sentence.format(where=self._where, reason=reason)) from error

    @property
    def _where(self) -> str:
        return self.path if self.is_sqlite else self.url.render_as_string(hide_password=True)


def new_engine(url: str) -> Engine:
    """What `Database` works with: connections, and statements as the database is told them."""
    return _sqlite_engine(url) if make_url(url).get_backend_name() == "sqlite" else _postgresql_engine(url)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},  # the driver never begins by itself
        json_serializer=partial(json.dumps, ensure_ascii=False),
        hide_parameters=True,  # of an error: they hold what people typed
        pool_size=10,
        max_overflow=30,
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA query_only = {'ON' if options.get('maru_query_only') else 'OFF'}")
        connection.exec_driver_sql(options.get("maru_begin", "BEGIN"))

    return engine


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"connect_timeout": 10, "application_name": "maru", "options": "-c timezone=UTC"},
        json_serializer=partial(json.dumps, ensure_ascii=False),
        hide_parameters=True,
        pool_size=10,
        max_overflow=30,
    )

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: object, proxy: object) -> None:
        # A restarted server costs a new connection, not a failed request: it has closed this one, which shows in the
        # socket. Asking the server instead (pool_pre_ping) costs a round trip for every unit of work.
        if connection.closed or _speaks(connection.fileno()):
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # The driver begins with the first statement, and keeps what kind of transaction until it is told another one:
        # SQLAlchemy's own options tell it twice for every unit of work.
        options = connection.get_execution_options()
        reading, alone = bool(options.get("maru_snapshot")), bool(options.get("maru_alone"))
        if "isolation_level" in options:
            return  # SQLAlchemy has told the driver itself, and takes it back
        raw: Any = connection.connection.dbapi_connection
        if raw.autocommit is not alone:
            raw.autocommit = alone
        if bool(raw.read_only) is not reading:
            raw.read_only = reading
            raw.isolation_level = IsolationLevel.REPEATABLE_READ if reading else None

    return engine


def _speaks(descriptor: int) -> bool:
    """Whether there is something to read: of a connection that nobody uses, that it was closed."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


_SENTENCES = {
    "SQLITE_FULL": "The disk that holds {where} is full; free some space and start again.",
    "SQLITE_CANTOPEN": "The database file {where} cannot be opened; check that its folder exists and may be written.",
    "SQLITE_READONLY": "The database file {where} cannot be written; give this user the right to write its folder.",
    "SQLITE_PERM": "The database file {where} cannot be written; give this user the right to write its folder.",
    "SQLITE_IOERR": "Reading or writing {where} failed; check the disk and its free space.",
    "SQLITE_BUSY": "The database {where} was busy for 30 seconds; stop the program that keeps it locked and try again.",
    "SQLITE_NOTADB": "The file {where} is no database; move it away or choose another folder with MARU_DATA.",
    "SQLITE_CORRUPT": "The database file {where} is damaged; restore it from a backup.",
    "08": "The database {where} cannot be reached ({reason}); check that it runs and that MARU_DATABASE is right.",
    "53": "The database {where} has no disk space, memory or connections left; make room and try again.",
    "42P01": "The database {where} lacks a table; say `maru migrate`, then try again.",
    "57P": "The database {where} is shutting down or starting; try again when it runs.",
}


def _sentence(error: DBAPIError) -> str | None:
    """The operator's sentence for an SQLite error name or a PostgreSQL SQLSTATE, by its longest known beginning."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    if code == "SQLITE_ERROR" and str(error.orig).startswith("no such table"):
        code = "42P01"  # PostgreSQL's
    if code is None and type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout"):
        code = "08"  # psycopg could not even connect, or the connection broke
    return next((_SENTENCES[known] for known in _SENTENCES if code and code.startswith(known)), None)
