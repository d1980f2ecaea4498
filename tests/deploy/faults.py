"""kill -9 of any process at any moment while people reserve, and what is left to say afterwards.

    python -m tests.deploy.faults --reservations 2000 --kills 20 --broker-restarts 3

runs the full dose on the embedded default, or on PostgreSQL and RabbitMQ when MARU_TEST_DATABASE and MARU_TEST_BROKER
are set, and prints the figures. The suite runs a smaller dose (test_faults.py).
"""

import argparse
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import text

from services.maps.spaces import SpaceFacts, UnitFacts, save_space
from shared.clock import now
from shared.database import Database
from shared.identity.actor import SYSTEM
from tests.deploy.product import Product
from tests.house import Templates, TestHouse

UNITS = 6
CLIENTS = 4
GIVE_UP_SECONDS = 120
SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class Figures:
    """What a run left: every number but the first five must be 0."""

    made: int
    cancelled: int
    kills: int
    broker_restarts: int
    retries: int
    lost: int
    twice: int
    out_of_order: int
    unknown_to_the_map: int
    still_live_on_the_map: int

    @property
    def faults(self) -> int:
        return self.lost + self.twice + self.out_of_order + self.unknown_to_the_map + self.still_live_on_the_map


def run(house: TestHouse, reservations: int, kills: int, broker_restarts: int, seed: int = 1) -> Figures:
    """Reserve over HTTP from several clients, cancel every third, kill at random meanwhile; then compare."""
    _open_a_space(house)
    chance = random.Random(seed)  # noqa: S311 - which process dies when is no secret
    with Product(house.settings) as product:
        _await_units(house.databases["booking"])
        sessions = [product.sign_in(login) for login in ("resident", "neighbor")]
        done = threading.Event()
        progress: Counter[str] = Counter()
        slots = list(enumerate(_slots(reservations)))

        def make(numbered: tuple[int, tuple[int, datetime]]) -> tuple[int, bool]:
            number, (unit, start) = numbered
            session = sessions[number % len(sessions)]
            form = {
                "unit_id": unit,
                "start": start.isoformat(),
                "end": (start + timedelta(minutes=30)).isoformat(),
                "people": 1,
                "purpose": "시험",
            }
            key = {"Idempotency-Key": f"fault-{number}"}
            made = _insist(product, session, progress, "POST", "/booking/api/reservations", json=form, headers=key)
            identity = int(made["id"])
            cancel = number % 3 == 0
            if cancel:
                _insist(product, session, progress, "DELETE", f"/booking/api/reservations/{identity}")
            progress["done"] += 1
            return identity, cancel

        def disturb() -> None:
            events = ["kill"] * kills + ["broker"] * broker_restarts
            chance.shuffle(events)
            for position, event in enumerate(events):
                due = reservations * (position + chance.random()) / (len(events) + 1)
                while progress["done"] < due and not done.is_set():
                    time.sleep(0.01)
                if event == "broker":
                    subprocess.run(["rabbitmqctl", "-q", "stop_app"], check=True)
                    time.sleep(chance.random())
                    subprocess.run(["rabbitmqctl", "-q", "start_app"], check=True)
                    continue
                name = chance.choice(product.names)
                product.kill(name)
                time.sleep(chance.random() / 2)
                product.start(name)

        trouble = threading.Thread(target=disturb)
        trouble.start()
        try:
            with ThreadPoolExecutor(CLIENTS) as clients:
                outcomes = dict(clients.map(make, slots))
        finally:
            done.set()
            trouble.join()
        product.wait()
        _await_quiet(house)
    return _compare(house, outcomes, kills, broker_restarts, progress["retries"])


def _open_a_space(house: TestHouse) -> None:
    units = tuple(
        UnitFacts(key=str(n), name=f"회의실 {n}", hours={"weekday": ["00:00", "24:00"], "weekend": ["00:00", "24:00"]})
        for n in range(UNITS)
    )
    facts = SpaceFacts("test", "faults", "시험 공간", "community", "open", "11590", "서울특별시 동작구", units=units)
    with house.databases["maps"].write() as session:
        save_space(session, SYSTEM, now(), facts)


def _slots(count: int) -> list[tuple[int, datetime]]:
    tomorrow = (datetime.now(SEOUL) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    half_hours = -(-count // UNITS)
    slots = [(unit, tomorrow + timedelta(minutes=30 * n)) for n in range(half_hours) for unit in range(1, UNITS + 1)]
    return slots[:count]


def _insist(product: Product, session: requests.Session, progress: Counter[str], method: str, path: str, **kw) -> dict:
    """As a patient client does: the same request, with the same key, until it is answered."""
    end = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < end:
        try:
            answer = session.request(method, product.url(path), timeout=30, **kw)
        except requests.RequestException:
            answer = None
        if answer is not None and answer.status_code < 500:
            assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
            return answer.json() if answer.content else {}
        progress["retries"] += 1
        time.sleep(0.05)
    raise AssertionError(f"{method} {path} was not answered in {GIVE_UP_SECONDS} s:\n{product.log()[-3000:]}")


def _await(condition, what: str) -> None:
    end = time.monotonic() + GIVE_UP_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {GIVE_UP_SECONDS} s for {what}")
        time.sleep(0.05)


def _await_units(booking: Database) -> None:
    _await(lambda: _rows(booking, "SELECT count(*) FROM unit")[0][0] == UNITS, "the units to reach booking")


def _await_quiet(house: TestHouse) -> None:
    published = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    _await(lambda: _rows(house.databases["booking"], published)[0][0] == 0, "the outbox to be published")
    counted = "SELECT count(*) FROM outbox"
    applied = "SELECT count(*) FROM inbox WHERE source = 'booking'"
    wanted = _rows(house.databases["booking"], counted)[0][0]
    _await(lambda: _rows(house.databases["maps"], applied)[0][0] >= wanted, "the map to apply all events")


def _compare(house: TestHouse, outcomes: dict[int, bool], kills: int, broker_restarts: int, retries: int) -> Figures:
    booking, maps = house.databases["booking"], house.databases["maps"]
    kept = {row.id: row.status == "cancelled" for row in _rows(booking, "SELECT id, status FROM reservation")}
    published = Counter(row[0] for row in _rows(booking, "SELECT event_id FROM outbox"))
    applied = Counter(row[0] for row in _rows(maps, "SELECT event_id FROM inbox WHERE source = 'booking' ORDER BY id"))
    shown = {row.id: bool(row.cancelled) for row in _rows(maps, "SELECT id, cancelled FROM reservation")}
    last: dict[str, int] = {}
    out_of_order = 0
    for row in _rows(maps, "SELECT aggregate, sequence FROM inbox WHERE source = 'booking' ORDER BY id"):
        out_of_order += row.sequence != last.get(row.aggregate, 0) + 1
        last[row.aggregate] = row.sequence
    return Figures(
        made=len(outcomes),
        cancelled=sum(outcomes.values()),
        kills=kills,
        broker_restarts=broker_restarts,
        retries=retries,
        lost=len(outcomes.keys() - kept.keys()) + len(published.keys() - applied.keys()),
        twice=len(kept.keys() - outcomes.keys()) + sum(n - 1 for n in (published + applied).values() if n > 2),
        out_of_order=out_of_order,
        unknown_to_the_map=len(kept.keys() ^ shown.keys()),
        still_live_on_the_map=sum(1 for key, cancelled in outcomes.items() if shown.get(key) != cancelled),
    )


def _rows(database: Database, sql: str) -> list:
    with database.read() as session:
        return list(session.execute(text(sql)).all())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reservations", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--broker-restarts", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="maru-faults-"))
    templates = Templates.from_environment(folder / "templates")
    (folder / "house").mkdir()
    house = TestHouse(templates.settings(folder / "house"))
    try:
        started = time.monotonic()
        figures = run(house, given.reservations, given.kills, given.broker_restarts, given.seed)
        print(figures)  # noqa: T201
        print(f"faults: {figures.faults}  ({time.monotonic() - started:.0f} s)")  # noqa: T201
    finally:
        house.house.close()
        templates.drop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
