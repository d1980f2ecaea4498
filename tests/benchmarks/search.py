"""What a search costs ("free in this window, for n people") as rooms grow from 200 to 10,000, each with 30 days of
reservations; and against the bare SQL that answers the same question on the same database.

python -m tests.benchmarks.search [--server URL] [--searches 200]

One client, one search after the other through the real server; each round asks both, in turns. Goals: from 200 to
10,000 rooms less than tenfold, and within 3 times the bare SQL.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import psycopg

from tests.benchmarks.city import DAYS, FIRST, HOUR, LAST, SERVER, City, city, served
from tests.benchmarks.load import Connections, request

GROWTH_GOAL, BARE_GOAL = 10.0, 3.0
SIZES = (200, 10_000)
HITS = 20
BARE = """SELECT unit.id, unit.name, space.name, unit.capacity FROM unit JOIN space ON space.id = unit.space_id
    WHERE unit.active AND space.stage = 'open' AND unit.capacity >= %s AND NOT EXISTS (
        SELECT FROM unit_atom JOIN occupancy ON occupancy.atom_id = unit_atom.atom_id WHERE unit_atom.unit_id = unit.id
        AND tstzrange(occupancy.start_at, occupancy.end_at, '[)') && tstzrange(%s, %s, '[)'))
    ORDER BY unit.capacity, unit.id LIMIT %s"""


class Question(NamedTuple):
    """Free for so many people during these hours of a day."""

    people: int
    start: datetime
    end: datetime

    @property
    def path(self) -> str:
        """The same as an address."""
        times = f"day={self.start:%Y-%m-%d}&start={self.start:%H:%M}&end={self.end:%H:%M}"
        return f"/booking/api/search?{times}&people={self.people}&sort=fit"


def questions(made: City, seed: int = 1) -> Iterator[Question]:
    """One and two hours, on the days that have reservations."""
    chance = random.Random(seed)  # noqa: S311
    while True:
        length = chance.choice((1, 2))
        start = made.at(chance.randint(1, DAYS), chance.randint(FIRST, LAST - length))
        yield Question(chance.randint(1, 30), start, start + length * HOUR)


def measure(made: City, searches: int) -> tuple[float, float]:
    """Seconds that our search takes through the server, and that the bare SQL takes: medians."""
    ours, bare = [], []
    asked = questions(made)
    with (
        served(made) as port,
        Connections(port, 1) as client,
        psycopg.connect(made.plain, autocommit=True) as database,
    ):
        for number in range(searches + 20):
            question = next(asked)
            answer = client.run([request("GET", question.path)]).expect(200)
            started = time.perf_counter()
            found = database.execute(BARE, (question.people, question.start, question.end, HITS)).fetchall()
            took = time.perf_counter() - started
            if bool(found) != (b'"hits": []' not in answer.bodies[0]):
                raise RuntimeError(f"we and the bare SQL disagree about {question}")
            if number >= 20:
                ours.append(answer.waits[0])
                bare.append(took)
    return statistics.median(ours), statistics.median(bare)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--searches", type=int, default=200)
    options = parser.parse_args()
    times = []
    for rooms in SIZES:
        with city(options.server, rooms) as made:
            ours, bare = measure(made, options.searches)
        times.append((ours, bare))
        sys.stdout.write(
            f"{rooms} rooms: search {ours * 1000:.1f} ms, bare SQL {bare * 1000:.1f} ms, ratio {ours / bare:.2f}\n"
        )
    growth, ratio = times[1][0] / times[0][0], times[1][0] / times[1][1]
    sys.stdout.write(
        f"{SIZES[0]} to {SIZES[1]} rooms: {growth:.1f} times (goal {GROWTH_GOAL:.0f}: "
        f"{'met' if growth < GROWTH_GOAL else 'missed'}); to the bare SQL {ratio:.2f} (goal {BARE_GOAL:.0f}: "
        f"{'met' if ratio <= BARE_GOAL else 'missed'})\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
