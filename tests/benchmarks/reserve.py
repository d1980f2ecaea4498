"""Reservations a second at concurrency 8, with every rule, audit and outbox on, as ratios in one run: against the floor
(the same INSERT with the EXCLUDE constraint under pgbench) and against a bare Flask endpoint that does that INSERT.

python -m tests.benchmarks.reserve [--server URL] [--rounds 5] [--seconds 4]

Rounds alternate, and the median of their ratios counts. Goal: at least half of the bare endpoint.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.benchmarks.bare import TABLE
from tests.benchmarks.city import DAYS, HOUR, SERVER, City, city, cookies, free_hours, served
from tests.benchmarks.load import Answers, Connections, percentile, request

GOAL = 0.5
CLIENTS = 8
ROOMS = 200
FLOOR = """\\set room random(1, 1000000000)
\\set hour random(1, 1000000)
INSERT INTO bare (room_id, start_at, end_at, people, purpose) VALUES (:room,
 timestamptz '2026-01-01 00:00Z' + make_interval(hours => :hour),
 timestamptz '2026-01-01 01:00Z' + make_interval(hours => :hour), 4, 'a meeting of neighbours');
"""


def wishes(made: City, path: str, seed: int = 1, days: int = 2 * DAYS - 1) -> Iterator[bytes]:
    """Requests for an hour each that nobody has yet, in random order, each by another resident."""
    rooms = range(1, made.rooms + 1)
    free = [(room, day, hour) for room in rooms for day in range(1, days) for hour in free_hours(room)]
    random.Random(seed).shuffle(free)  # noqa: S311
    signed_in = cookies()
    for number, (room, day, hour) in enumerate(free):
        start = made.at(day, hour)
        wish = {
            "unit_id": room,
            "start": start.isoformat(),
            "end": (start + HOUR).isoformat(),
            "people": 4,
            "purpose": "마을 회의",
        }
        headers = {"Cookie": signed_in[number % len(signed_in)], "Idempotency-Key": uuid4().hex}
        yield request("POST", path, wish, headers)


def floor(made: City, seconds: int) -> float:
    """Transactions a second of pgbench with that INSERT alone."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "floor.sql"
        script.write_text(FLOOR)
        command = ["pgbench", "-n", "-f", str(script), "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), made.plain]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([\d.]+)", told)
    assert found, told
    return float(found[1])


def run(made: City, rounds: int, seconds: int) -> tuple[list[float], list[Answers], list[Answers]]:
    """pgbench's transactions, the bare endpoint's answers and booking's, of each round."""
    with psycopg.connect(made.plain, autocommit=True) as connection:
        connection.execute(TABLE)
    ours, bares = wishes(made, "/booking/api/reservations"), wishes(made, "/reserve")
    told: tuple[list[float], list[Answers], list[Answers]] = ([], [], [])
    with (
        served(made) as booking,
        served(made, ("-m", "tests.benchmarks.bare"), "/ready") as bare,
        Connections(booking, CLIENTS) as to_booking,
        Connections(bare, CLIENTS) as to_bare,
    ):
        to_bare.run(bares, 1)
        to_booking.run(ours, 2)
        for _ in range(rounds):
            told[0].append(floor(made, max(1, seconds // 2)))
            told[1].append(to_bare.run(bares, seconds).expect(201))
            told[2].append(to_booking.run(ours, seconds).expect(201))
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    with city(options.server, ROOMS) as made:
        floors, bares, ours = run(made, options.rounds, options.seconds)
    ratio = statistics.median(our.rate / bare.rate for our, bare in zip(ours, bares, strict=True))
    to_floor = statistics.median(our.rate / each for our, each in zip(ours, floors, strict=True))
    waits = sorted(wait for each in ours for wait in each.waits)
    sys.stdout.write(
        f"pgbench {statistics.median(floors):.0f}/s, "
        f"bare Flask {statistics.median(each.rate for each in bares):.0f}/s, "
        f"booking {statistics.median(each.rate for each in ours):.0f}/s "
        f"(p50 {percentile(waits, 0.5) * 1000:.0f} ms, p99 {percentile(waits, 0.99) * 1000:.0f} ms)\n"
        f"booking to bare Flask {ratio:.2f} (goal {GOAL}: {'met' if ratio >= GOAL else 'missed'}), to pgbench "
        f"{to_floor:.2f}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
