"""Scheduled work of a service: what must happen when its time comes, not when somebody asks.

A service lists its tasks in `clockwork.TASKS`; a `Ticker` runs them. Each task has a thread of its own, so that a slow
mail server holds up nothing else, and is tried again after a failure, later each time, while the others go on.

Of several tickers of one service one works and the others stand by (PostgreSQL: an advisory lock; SQLite: a lock on a
file), which saves work but is not what makes it safe: a lock can be lost without its holder knowing at once. So each
task looks again, under its own row locks, whether there is still something to do. A task reads before it writes: it is
asked every second.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from traceback import extract_tb
from typing import Any, cast

import structlog
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, select, text, update

from shared import clock
from shared.database import Database, DatabaseUnavailable, UtcDateTime
from shared.settings import Settings

log = structlog.get_logger()

Work = Callable[[Database, Settings, datetime], bool | None]
"""Does what is due at this moment; True when more is waiting, so that it is called again at once."""

SECOND = timedelta(seconds=1)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""How long a task that failed rests, seconds; twice as long each time."""
NOTE_SECONDS = 60.0
"""How often a task that goes well says so in the database."""
_ROUND = 1.0  # seconds between two looks at the lock, and between two tries to get it
_PATIENCE = 5.0  # seconds in which a task may finish what it is at
_LOCK = 0x7469636B  # one advisory lock per database, and a database per service


@dataclass(frozen=True)
class Task:
    """A piece of scheduled work, asked `every` so often whether something is due. `name` is unique in its service."""

    name: str
    work: Work
    every: timedelta = SECOND


@dataclass(frozen=True)
class TaskHealth:
    """How a task last went: when it last went well, how often it has failed since, and where."""

    name: str
    well_at: datetime | None
    failures: int
    reason: str | None


def clockwork_table(metadata: MetaData) -> Table:
    """The table in which the tasks of a service say how they are, in its own metadata."""
    return Table(
        "clockwork",
        metadata,
        Column("task", String(60), primary_key=True),
        Column("well_at", UtcDateTime, nullable=True),
        Column("failures", Integer, nullable=False),
        Column("reason", String(200), nullable=True),
    )


_table = clockwork_table(MetaData())


def health(database: Database) -> list[TaskHealth]:
    """How each task that ever ran is, by name. Raises DatabaseUnavailable."""
    with database.read() as session:
        return [TaskHealth(*row) for row in session.execute(select(_table).order_by(_table.c.task))]


class Ticker:
    """The tasks of one service, as threads beside a server or in a worker."""

    def __init__(self, service: str, database: Database, settings: Settings, tasks: Sequence[Task]) -> None:
        self._service, self._database, self._settings, self._tasks = service, database, settings, tuple(tasks)
        self._stopping = threading.Event()
        self._failing: dict[str, str] = {}
        self._thread = threading.Thread(target=self._supervise, name=f"ticker-{service}", daemon=True)

    def start(self) -> None:
        """Start; returns at once. A database that is down is tried again until it is there."""
        if self._tasks:
            self._thread.start()

    def stop(self) -> None:
        """Stop; what a task is at may take a few seconds to finish."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def failures(self) -> dict[str, str]:
        """Task -> where it fails at present."""
        return dict(self._failing)

    def __enter__(self) -> Ticker:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            try:
                with _claimed(self._database) as held:
                    if held:
                        self._run_all(held)
            except Exception as error:
                expected = isinstance(error, DatabaseUnavailable)
                log.error("ticker_failed", service=self._service, reason=str(error), exc_info=not expected)
            self._stopping.wait(_ROUND)

    def _run_all(self, held: Callable[[], None]) -> None:
        """All tasks until the ticker is stopped, or `held` raises because the lock is lost."""
        ending = threading.Event()
        threads = [
            threading.Thread(target=self._keep, args=(task, ending), name=f"{self._service}-{task.name}", daemon=True)
            for task in self._tasks
        ]
        try:
            for thread in threads:
                thread.start()
            while not self._stopping.wait(_ROUND):
                held()
        finally:
            ending.set()
            until = time.monotonic() + _PATIENCE
            for thread in threads:
                thread.join(max(until - time.monotonic(), 0))

    def _keep(self, task: Task, ending: threading.Event) -> None:
        pause, failures, noted = FIRST_PAUSE, 0, float("-inf")
        while not ending.is_set():
            moment = clock.now()
            try:
                more = task.work(self._database, self._settings, moment)
            except Exception as error:
                failures += 1
                where = self._failing[task.name] = _where(error)
                expected = isinstance(error, DatabaseUnavailable)
                reason = str(error) if expected else where
                told = {"service": self._service, "task": task.name, "reason": reason, "again_in": pause}
                log.error("task_failed", exc_info=not expected, **told)
                self._note(task, None, failures, where)
                ending.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if failures or time.monotonic() - noted >= NOTE_SECONDS:
                noted = time.monotonic()
                self._note(task, moment, 0, None)
            pause, failures = FIRST_PAUSE, 0
            self._failing.pop(task.name, None)
            if not more:
                ending.wait(task.every.total_seconds())

    def _note(self, task: Task, well_at: datetime | None, failures: int, reason: str | None) -> None:
        """Say how the task is, for `maru clock`. That this fails is no failure of the task."""
        told = {"failures": failures, "reason": reason} | ({"well_at": well_at} if well_at else {})
        try:
            with self._database.write() as session:
                if not session.execute(update(_table).where(_table.c.task == task.name).values(told)).rowcount:  # type: ignore[attr-defined]
                    session.execute(insert(_table).values(task=task.name, **told))
        except Exception:
            log.exception("task_not_noted", service=self._service, task=task.name)


def _where(error: Exception) -> str:
    """Kind and place of an error; never its words, which may quote what people typed."""
    frames = extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"[:200]


@contextmanager
def _claimed(database: Database) -> Iterator[Callable[[], None] | None]:
    """What raises once the lock of the one working ticker is lost; None when another ticker has it."""
    with _claimed_file(database) if database.is_sqlite else _claimed_server(database) as held:
        yield held


@contextmanager
def _claimed_file(database: Database) -> Iterator[Callable[[], None] | None]:
    handle = os.open(f"{database.path}.ticker", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield lambda: None
    finally:
        os.close(handle)  # gives the lock back, as does the death of the process


@contextmanager
def _claimed_server(database: Database) -> Iterator[Callable[[], None] | None]:
    with database.told(), database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closing it, rather than giving it back to the pool, gives the lock back
        with closing(cast(Any, connection.connection.dbapi_connection)):  # which a lost connection is not by itself
            if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
                yield lambda: _still_there(connection)
            else:
                yield None


def _still_there(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
