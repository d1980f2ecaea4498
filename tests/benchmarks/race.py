"""50 clients want one slot at the same moment, 100 times: who wins, and how long the others wait for their answer.

python -m tests.benchmarks.race [--server URL] [--rounds 100] [--clients 50]

Goals: exactly one winner in each round, never two and never nobody; the losers' p99 no more than 5 times their p50.
Every second client wants the house that the room belongs to, so that the losers are turned away at the rooms' locks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from uuid import uuid4

from tests.benchmarks.city import DAYS, HOUR, SERVER, City, city, cookies, free_hours, served
from tests.benchmarks.load import Answers, Connections, percentile, request

GOAL = 5.0
ROOMS = 200


def wishes(made: City, clients: int, number: int, signed_in: list[str]) -> list[bytes]:
    """One request of each client, all for one free hour: of a room, and of the whole house that it belongs to."""
    room = 1 + number % made.rooms
    hours = free_hours(room)
    day, hour = divmod(number, len(hours))
    start = made.at(1 + day % (2 * DAYS - 2), hours[hour])
    body = {"start": start.isoformat(), "end": (start + HOUR).isoformat(), "people": 4, "purpose": "마을 회의"}
    return [
        request(
            "POST",
            "/booking/api/reservations",
            {**body, "unit_id": made.house_of(room) if client % 2 else room},
            {"Cookie": signed_in[client % len(signed_in)], "Idempotency-Key": uuid4().hex},
        )
        for client in range(clients)
    ]


def run(made: City, rounds: int, clients: int) -> list[Answers]:
    """The answers of each round."""
    signed_in = cookies()
    with served(made) as port, Connections(port, clients) as connections:
        connections.run(wishes(made, clients, rounds, signed_in)).expect(201, 409)
        return [connections.run(wishes(made, clients, number, signed_in)) for number in range(rounds)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--clients", type=int, default=50)
    options = parser.parse_args()
    with city(options.server, ROOMS, houses=True) as made:
        rounds = run(made, options.rounds, options.clients)
    winners = Counter(each.counts[201] for each in rounds)
    others = Counter(status for each in rounds for status in each.statuses) - Counter({201: 10**6, 409: 10**6})
    waits = sorted(wait for each in rounds for wait in each.waits_of(409))
    p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    sys.stdout.write(
        f"{options.clients} clients, {options.rounds} rounds: winners in a round {dict(winners)} (goal: exactly one: "
        f"{'met' if set(winners) == {1} and not others else 'missed'}), other answers {dict(others)}\n"
        f"losers: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, ratio {p99 / p50:.1f} "
        f"(goal {GOAL:.0f}: {'met' if p99 <= GOAL * p50 else 'missed'})\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
