"""Races through the real server: several processes, real sockets, the whole way from JSON to the database; and what is
left when they are killed in the middle."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.client import HTTPException
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from services.booking import request_queue
from services.booking.models import LIVE, Occupancy, Reservation, Series, UnitRules, Waiting, unit_atom
from services.booking.refusals import SENTENCES
from services.booking.waitlist import offers
from shared.clock import now
from tests.booking.conftest import BIG, SEOUL, SMALL, WHOLE, Town, house_of, unit
from tests.booking.invariants import broken
from tests.booking.server import Server

N = 12
ALWAYS = ["00:00", "24:00"]
OPEN = {"hours": {"weekday": ALWAYS, "weekend": ALWAYS}, "closures": {"weekdays": [], "holidays": False}}
ROOMS = [unit(BIG, "큰 회의실", **OPEN), unit(SMALL, "작은 회의실", **OPEN)]
HALVES = [
    house_of(*ROOMS, unit(WHOLE, "건물 전체", atoms, capacity=30, **OPEN))
    for atoms in (["unit:12", "unit:13"], ["unit:12", "unit:13", "hall"])
]
HOUR = timedelta(hours=1)


@pytest.fixture
def server(house: Any) -> Iterator[Server]:
    made = Server(house)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def cookies(house: Any) -> dict[str, str]:
    return {
        login: f"maru={house.client(login).get_cookie('maru').value}" for login in ("resident", "neighbor", "keeper")
    }


def noon() -> datetime:
    return (now() + timedelta(days=3)).astimezone(SEOUL).replace(hour=12, minute=0, second=0, microsecond=0)


def wish(unit_id: int, start: datetime, hours: int = 1) -> dict[str, Any]:
    end = start + hours * HOUR
    return {
        "unit_id": unit_id, "start": start.isoformat(), "end": end.isoformat(), "people": 2, "purpose": "마을 회의",
    }  # fmt: skip


def at_once(runners: list[Callable[[], Any]]) -> None:
    threads = [threading.Thread(target=runner) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_winner_through_the_server(town: Town, server: Server, cookies: dict[str, str]) -> None:
    town.tell(HALVES[0])
    for turn in range(3):
        start = noon() + timedelta(hours=2 * turn)
        answers: list[tuple[int, Any]] = []

        def ask(n: int, start: datetime = start, answers: Any = answers, turn: int = turn) -> None:
            headers = {"Cookie": cookies["resident"], "Idempotency-Key": f"{turn}-{n}"}
            answers.append(server.ask("POST", "/booking/api/reservations", wish((BIG, WHOLE)[n % 2], start), **headers))

        at_once([lambda n=n: ask(n) for n in range(N)])  # type: ignore[misc]
        assert sorted(status for status, _body in answers) == [201] + [409] * (N - 1)
        for status, body in answers:
            if status == 409:
                assert body["code"] == "slot_taken"
                assert body["alternatives"]


def test_everything_mixed_through_the_server(town: Town, server: Server, cookies: dict[str, str]) -> None:
    """Reserve, move, cancel, approve, repeat, stand in line and claim from six clients, while maps regroups the house
    and the clock's tasks run in yet another process: known refusals only, and one holder of each contested hour."""
    town.tell(HALVES[0])
    with town.database.write() as session:
        session.add(UnitRules(unit_id=BIG, settings={"approval": "manual"}, changed_at=now()))
    base = noon()
    contested = [base + timedelta(days=4, hours=n) for n in (0, 2, 4)]
    ends: Counter[str] = Counter()
    won: Counter[datetime] = Counter()
    done = threading.Event()

    def client(number: int) -> None:
        chance = Random(f"client {number}")  # noqa: S311 - who does what is no secret
        login = ("resident", "neighbor")[number % 2]
        todo: list[datetime | None] = [*([None] * 14), *contested]
        chance.shuffle(todo)
        for turn, start in enumerate(todo):
            key = f"{number}-{turn}"
            if start is not None:
                request: Any = ("POST", "/reservations", wish(chance.choice((BIG, WHOLE)), start), login)
            else:
                request = something(town, chance, base, login)
            method, path, body, who = request
            headers = {"Cookie": cookies[who], "Idempotency-Key": key}
            status, told = server.ask(method, f"/booking/api{path}", body, **headers)
            ends[str(told.get("code")) if status >= 400 else "made"] += 1
            if status >= 500 or (status >= 400 and told["code"] not in SENTENCES):
                ends[f"{method} {path}: {status} {told}"] += 1
            won[start or base] += start is not None and status == 201

    def elsewhere() -> None:
        turn = 0
        while not done.is_set():
            turn += 1
            town.tell(HALVES[turn % 2], at=now())
            for task in (offers.tick, offers.sweep, request_queue.lapse):
                task(town.database, None, now())  # type: ignore[arg-type, operator]
            time.sleep(0.05)

    other = threading.Thread(target=elsewhere)
    other.start()
    try:
        at_once([lambda n=n: client(n) for n in range(6)])  # type: ignore[misc]
    finally:
        done.set()
        other.join()
    late = {
        "slot_taken",
        "slot_free",
        "already_yours",
        "waitlist_too_many",
        "not_your_turn",
        "offer_over",
        "already_claimed",
    }
    late |= {"not_changeable", "series_not_free", "series_nothing_free", "nothing_to_cancel", "nothing_to_change"}
    assert set(ends) <= {"made", *late}, ends
    assert ends["made"] > 20
    assert {start: won[start] for start in contested} == dict.fromkeys(contested, 1)
    assert broken(town.database, torn=True) == []


def something(town: Town, chance: Random, base: datetime, login: str) -> tuple[str, str, Any, str]:
    """A legal request of somebody: method, path, body, whose. Contested hours are left alone."""
    start = base + timedelta(days=chance.randrange(2), hours=chance.randrange(4))
    room = chance.choice((BIG, SMALL, WHOLE))
    with town.database.read() as session:
        ordinary = select(Reservation).where(Reservation.start_at < base + timedelta(days=3))
        made = chance.choice(session.scalars(ordinary.order_by(Reservation.id)).all() or [None])
        waiting = chance.choice(session.scalars(select(Waiting).order_by(Waiting.id)).all() or [None])
        series = chance.choice(session.scalars(select(Series).order_by(Series.id)).all() or [None])
    kind = chance.choice(
        ["reserve", "reserve", "move", "cancel", "approve", "repeat", "stop", "join", "join", "claim", "leave"]
    )
    if kind == "repeat":
        rule = {"first": f"{start:%Y-%m-%d}", "every": "day", "count": 2}
        times = {"start": f"{start:%H:%M}", "end": f"{start + HOUR:%H:%M}"}
        wanted = {"unit_id": room, "rule": rule, **times, "people": 2, "purpose": "매일 모임", "free_only": True}
        return "POST", "/series", wanted, login
    if made is not None and kind in ("move", "cancel", "approve", "join"):
        if kind == "join":
            return "POST", "/waitlist", wish(made.unit_id, made.start_at), login
        if kind == "approve":
            return "POST", "/manage/approvals", {"reservations": [made.id], "decision": "approve"}, "keeper"
        owner = _login(town, made.account_id)
        if kind == "cancel":
            return "DELETE", f"/reservations/{made.id}", None, owner
        return "PUT", f"/reservations/{made.id}", wish(room, start, chance.choice((1, 2))), owner
    if series is not None and kind == "stop":
        return "DELETE", f"/series/{series.id}", None, _login(town, series.account_id)
    if waiting is not None and kind in ("claim", "leave"):
        path, owner = f"/waitlist/{waiting.id}", _login(town, waiting.account_id)
        return ("POST", f"{path}/claim", {}, owner) if kind == "claim" else ("DELETE", path, None, owner)
    return "POST", "/reservations", wish(room, start), login


def _login(town: Town, account_id: int) -> str:
    """Whose account it is: the demonstration's first is the resident, the second the neighbour."""
    return {1: "resident", 2: "neighbor"}[account_id]


def test_killed_in_the_middle_of_a_burst(town: Town, server: Server, cookies: dict[str, str]) -> None:
    """kill -9 while eight clients reserve, repeat and block; each asks again with its key until it is answered: every
    invariant holds, no key has made two things, and each time has the one holder who was told so."""
    town.tell(HALVES[0])
    slots = [noon() + timedelta(hours=2 * n) for n in range(12)]
    told: dict[tuple[int, int], tuple[int, Any]] = {}
    answered = threading.Semaphore(0)

    def ask(number: int, start: datetime) -> tuple[int, Any]:
        login = "keeper" if number == 7 else ("resident", "neighbor")[number % 2]
        path, body = _burst(number, start)
        headers = {"Cookie": cookies[login], "Idempotency-Key": f"burst-{number}-{start:%d%H}"}
        return server.ask("POST", f"/booking/api{path}", body, **headers)

    def client(number: int) -> None:
        for turn in range(len(slots)):
            start = slots[(turn + number % 4) % len(slots)]
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                try:
                    status, answer = ask(number, start)
                except (OSError, HTTPException, ValueError):
                    time.sleep(0.05)
                    continue
                if status < 500:
                    told[number, slots.index(start)] = status, answer
                    break
                time.sleep(0.05)
            answered.release()

    def murder() -> None:
        for _ in range(2):
            for _ in range(20):
                answered.acquire()
            server.kill()
            server.start()

    at_once([murder, *(lambda n=n: client(n) for n in range(8))])  # type: ignore[list-item, misc]
    assert len(told) == 8 * len(slots)
    assert {status for status, _ in told.values()} == {201, 409}
    assert {answer["code"] for status, answer in told.values() if status == 409} <= {
        "slot_taken", "series_not_free", "series_nothing_free",
    }  # fmt: skip
    assert broken(town.database) == []
    winners = Counter(slot for (_, slot), (status, _) in told.items() if status == 201)
    assert winners == Counter(range(len(slots)))  # who was told so is one for each
    for (number, slot), (status, answer) in told.items():  # as a client does whose answer was lost on the way
        if status == 201:
            assert ask(number, slots[slot]) == (201, answer)
    with town.database.read() as session:
        atom = session.scalars(select(unit_atom.c.atom_id).where(unit_atom.c.unit_id == BIG)).one()
        held = select(Reservation.start_at).join(Occupancy, Occupancy.reservation_id == Reservation.id)
        held = held.where(Occupancy.atom_id == atom, Reservation.status.in_(LIVE))
        assert Counter(session.scalars(held)) == Counter(slots)
        assert len(session.scalars(select(Reservation.id)).all()) == len(slots)


def _burst(number: int, start: datetime) -> tuple[str, dict[str, Any]]:
    """What the client of this number wants at that time: a room, the house, a series of one, or a block."""
    room = (BIG, WHOLE)[number % 2]
    times = {"start": f"{start:%H:%M}", "end": f"{start + HOUR:%H:%M}"}
    if number == 7:
        block = {"unit_id": room, "date": f"{start:%Y-%m-%d}", **times, "purpose": "마을 잔치"}
        return "/manage/spaces/1/blocks", block
    if number >= 5:
        rule = {"first": f"{start:%Y-%m-%d}", "every": "day", "count": 1}
        return "/series", {"unit_id": room, "rule": rule, **times, "people": 2, "purpose": "마을 회의"}
    return "/reservations", wish(room, start)
