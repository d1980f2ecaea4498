"""Scheduled work: one ticker of several works, and a failing or a slow task holds up nobody."""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from shared import ticker
from shared.ticker import Task, Ticker, health


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(ticker, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(ticker, "_ROUND", 0.05)
    monkeypatch.setattr(ticker, "_PATIENCE", 0.5)


@pytest.fixture
def database(house):
    made = house.databases["booking"]
    ticker._table.create(made.engine, checkfirst=True)
    return made


@contextmanager
def running(database, settings, *tasks):
    made = Ticker("booking", database, settings, tasks)
    with made:
        yield made


def soon(true, seconds=10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def counting(name, every=0.01):
    """A task that counts its runs in `runs`."""
    runs = []

    def work(_database, _settings, now):
        assert now.tzinfo
        runs.append(threading.current_thread().name)

    return Task(name, work, ticker.timedelta(seconds=every)), runs


def test_a_failing_task_is_tried_again_later_each_time_and_the_others_go_on(house, database):
    good, runs = counting("good")
    tries = []

    def fail_thrice(_database, _settings, _now):
        tries.append(time.monotonic())
        if len(tries) <= 3:
            raise ValueError("the words of somebody")

    with running(database, house.settings, Task("bad", fail_thrice), good) as made:
        assert soon(lambda: len(tries) >= 2)
        assert made.failures()["bad"].startswith("ValueError at test_ticker.py:")
        assert soon(lambda: [each for each in health(database) if each.name == "bad" and each.failures])
        seen = {each.name: each for each in health(database)}["bad"]
        assert "somebody" not in seen.reason
        assert soon(lambda: len(tries) >= 4)
        assert tries[3] - tries[2] > tries[1] - tries[0]
        before = len(runs)
        assert soon(lambda: len(runs) > before + 3)
        assert soon(lambda: not made.failures())
        assert soon(lambda: {each.name: each.failures for each in health(database)} == {"bad": 0, "good": 0})


def test_a_slow_task_holds_up_no_other_and_not_the_end(house, database):
    good, runs = counting("good")
    stuck = threading.Event()

    def hang(_database, _settings, _now):
        stuck.wait(30)

    started = time.monotonic()
    with running(database, house.settings, Task("slow", hang), good):
        assert soon(lambda: len(runs) > 5)
    assert time.monotonic() - started < 10
    stuck.set()
    assert soon(lambda: "booking-slow" not in {thread.name for thread in threading.enumerate()})


def test_what_is_waiting_is_done_at_once(house, database):
    left = list(range(50))

    def work(_database, _settings, _now):
        left.pop()
        return bool(left)

    with running(database, house.settings, Task("batches", work, ticker.timedelta(hours=1))):
        assert soon(lambda: not left)


def test_of_two_tickers_one_works_and_the_other_takes_over(house, database):
    first, first_runs = counting("task")
    second, second_runs = counting("task")
    one, two = (Ticker("booking", database, house.settings, [task]) for task in (first, second))
    one.start()
    try:
        assert soon(lambda: first_runs)
        two.start()
        time.sleep(0.3)
        assert not second_runs
        one.stop()
        assert soon(lambda: second_runs)
        count = len(first_runs)
        time.sleep(0.1)
        assert len(first_runs) == count
    finally:
        one.stop()
        two.stop()


def test_whoever_holds_the_lock_and_is_killed_gives_way(house, database):
    """Another process ticks; killed, it leaves the work to this one."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database.engine.url.render_as_string(hide_password=False))],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        task, runs = counting("task")
        with running(database, house.settings, task):
            time.sleep(0.3)
            assert not runs
            holder.kill()
            assert soon(lambda: runs)
    finally:
        holder.kill()
        holder.communicate(timeout=10)


HOLD = """
import sys, time
from shared import ticker
from shared.database import Database
with ticker._claimed(Database(sys.argv[1])) as held:
    assert held
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lost_lock_is_noticed_and_taken_again(house, database, monkeypatch):
    """On PostgreSQL the server ends the connection that holds it. A file's lock ends with its process only: there the
    look at it fails instead."""
    if database.is_sqlite:
        looks = iter([None, ConnectionError("gone")])
        monkeypatch.setattr(ticker, "_claimed", lambda _database: claimed_until(looks))
    task, runs = counting("task")
    with running(database, house.settings, task):
        assert soon(lambda: runs)
        if not database.is_sqlite:
            with database.engine.connect() as connection:
                connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key"),
                    {"key": ticker._LOCK},
                )
                connection.commit()
        time.sleep(0.3)
        before = len(runs)
        assert soon(lambda: len(runs) > before + 3)


@contextmanager
def claimed_until(looks):
    def look():
        if error := next(looks, None):
            raise error

    yield look
