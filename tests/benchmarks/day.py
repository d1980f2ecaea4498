"""Bookings, searches and day timelines a second over 200 rooms with 30 days of reservations, 8 clients, on PostgreSQL
through the real server, with every rule, audit and outbox on.

python -m tests.benchmarks.day [--server URL] [--rounds 3] [--seconds 4]

The goals are multiples of what Indico's room booking reached on this kind of machine and the same PostgreSQL, measured
outside the project: 21 bookings a second (20 times that is 420), 22 searches (50 times: 1,100), 7 timelines (50 times:
350); of 20 races it double-booked 20.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from itertools import cycle

from tests.benchmarks.city import DAYS, SERVER, City, city, served
from tests.benchmarks.load import Connections, percentile, request
from tests.benchmarks.reserve import CLIENTS, ROOMS, wishes
from tests.benchmarks.search import questions

GOALS = {"bookings": 420, "searches": 1100, "timelines": 350}
STATUS = {"bookings": 201, "searches": 200, "timelines": 200}


def timelines(made: City) -> Iterator[bytes]:
    """All rooms, one day after the other."""
    for day in cycle(range(1, DAYS + 1)):
        yield request("GET", f"/booking/api/timeline?day={made.at(day, 0):%Y-%m-%d}")


def searches(made: City) -> Iterator[bytes]:
    """Other hours and numbers of people each time."""
    return (request("GET", question.path) for question in questions(made))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    rates: dict[str, list[float]] = {name: [] for name in GOALS}
    waits: dict[str, list[float]] = {name: [] for name in GOALS}
    with (
        city(options.server, ROOMS) as made,
        served(made) as port,
        Connections(port, CLIENTS) as clients,
    ):
        asked = {
            "bookings": wishes(made, "/booking/api/reservations"),
            "searches": searches(made),
            "timelines": timelines(made),
        }
        for requests in asked.values():
            clients.run(requests, 1.5)
        for _ in range(options.rounds):
            for name, requests in asked.items():
                told = clients.run(requests, options.seconds).expect(STATUS[name])
                rates[name].append(told.rate)
                waits[name] += told.waits
    for name, goal in GOALS.items():
        rate = statistics.median(rates[name])
        sys.stdout.write(
            f"{name}: {rate:.0f}/s (goal {goal}: {'met' if rate >= goal else 'missed'}), "
            f"p50 {percentile(sorted(waits[name]), 0.5) * 1000:.1f} ms, "
            f"p99 {percentile(sorted(waits[name]), 0.99) * 1000:.1f} ms\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
