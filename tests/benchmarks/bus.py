"""How fast the bus is, as ratios to raw kombu in the same run: absolute figures say more about the machine.

python -m tests.benchmarks.bus [--database URL --broker URL] [--events 4000] [--rate 100]

URL of the database with {service} in it. Goals: throughput in batches at least half of raw publish + consume; commit
to effect p50 under 20 ms at 100 events a second. Raw `memory://` keeps nothing: against it the ratio is the price of
keeping every event and its effect on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from kombu import Connection, Consumer, Exchange, Producer, Queue
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Session

from shared.bus.events import Event
from shared.bus.runner import BusThreads, Member, subscriptions
from shared.bus.transport import open_transport
from shared.database import on_commit
from tests.bus.town import MADE, METADATA, Town, eventually, heard, payload

THROUGHPUT_GOAL = 0.5
P50_GOAL = 0.020


class Base(DeclarativeBase):
    metadata = METADATA


class Heard(Base):
    """The effect of an event: a row, which the session writes together with those of the batch."""

    __table__ = heard


def raw(broker: str, events: int) -> float:
    """Messages per second that kombu alone publishes and then consumes, each acknowledged, nothing confirmed."""
    name = f"raw.{uuid4().hex[:10]}"
    exchange = Exchange(name, type="topic", durable=True)
    queue = Queue(name, exchange, routing_key=MADE, queue_arguments={"x-queue-type": "quorum"})
    facts = {key: str(value) for key, value in payload(1).items()}
    body = Event("0" * 36, "booking", MADE, 1, "reservation:1", 1, datetime.now(UTC), facts).to_wire()
    consumed = 0

    def count(_body: object, message: object) -> None:
        nonlocal consumed
        consumed += 1
        message.ack()  # type: ignore[attr-defined]

    with Connection(broker) as connection:
        channel = connection.channel()
        queue(channel).declare()
        started = time.perf_counter()
        producer = Producer(channel, exchange, serializer="json", auto_declare=False)
        for _ in range(events):
            producer.publish(body, routing_key=MADE, delivery_mode="persistent")
        channel.basic_qos(0, 200, False)
        with Consumer(channel, [queue], callbacks=[count], auto_declare=False):
            while consumed < events:
                connection.drain_events(timeout=10)
        seconds = time.perf_counter() - started
        queue(channel).delete()
        exchange(channel).delete()
    return events / seconds


def batches(town: Town, events: int) -> float:
    """Events per second from a full outbox to committed effects; the first tenth warms up."""
    town.reserve_many(events, aggregates=50, together=500)
    with running(town):
        times = []
        for part in (events // 10, events):
            if not eventually(lambda part=part: _count(town) >= part, seconds=120):  # type: ignore[misc]
                raise TimeoutError(f"only {_count(town)} of {events} events arrived")
            times.append((time.monotonic(), _count(town)))
    (began, before), (ended, after) = times
    return (after - before) / (ended - began)


def latency(town: Town, events: int, rate: int) -> list[float]:
    """Seconds from each commit to the commit of its effect, one event a transaction, `rate` a second."""
    committed: dict[str, float] = {}
    with running(town) as applied:
        town.reserve(0)
        eventually(lambda: _count(town) == 1)
        start = time.monotonic()
        for n in range(events):
            time.sleep(max(start + n / rate - time.monotonic(), 0))
            event_id = town.reserve(n % 50)
            committed[event_id] = time.monotonic()
        if not eventually(lambda: _count(town) == events + 1, seconds=30):
            raise TimeoutError(f"only {_count(town)} of {events + 1} events arrived")
    return [max(applied[event_id] - committed[event_id], 0.0) for event_id in committed]


@contextmanager
def running(town: Town) -> Iterator[dict[str, float]]:
    """Booking publishes, maps alone listens: in this process when embedded, else in a worker each, as in production.

    Afterwards the dictionary has the time at which each event's effect was committed.
    """
    applied: dict[str, float] = {}
    if town.broker.startswith("memory:"):
        with _threads(town, ("booking", "maps"), applied):
            yield applied
        return
    arguments = (sys.executable, "-m", "tests.benchmarks.bus", "--database", town.database, "--broker", town.broker)
    workers = [
        subprocess.Popen((*arguments, "--work", service, "--prefix", town.prefix), stdout=subprocess.PIPE)
        for service in ("maps", "booking")
    ]
    try:
        yield applied
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            applied |= json.loads(worker.communicate()[0])


def work(town: Town, service: str) -> None:
    """A worker process: one service until SIGTERM; then it prints when it applied what."""
    applied: dict[str, float] = {}
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    with _threads(town, (service,), applied):
        stopping.wait()
    sys.stdout.write(json.dumps(applied))


def _threads(town: Town, services: Collection[str], applied: dict[str, float]) -> BusThreads:
    def hear(session: Session, event: Event) -> None:
        session.add(Heard(event_id=event.id, aggregate=event.aggregate, sequence=event.sequence))
        on_commit(session, lambda: applied.setdefault(event.id, time.monotonic()))

    members = [Member("booking", town.databases["booking"], {}), Member("maps", town.databases["maps"], {MADE: hear})]
    transport = open_transport(town.broker, subscriptions(members), town.prefix)
    return BusThreads([member for member in members if member.service in services], transport)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="")
    parser.add_argument("--broker", default="memory://")
    parser.add_argument("--events", type=int, default=4000)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--work", default="", help=argparse.SUPPRESS)
    parser.add_argument("--prefix", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(Town(options.database, options.broker, options.prefix), options.work)
        return 0
    os.environ |= {"MARU_TEST_DATABASE": options.database, "MARU_TEST_BROKER": options.broker}
    with tempfile.TemporaryDirectory() as folder:
        town = Town.found(Path(folder))
        try:
            kombu = raw(options.broker, options.events)
            bus = batches(town, options.events)
            town.quit()
            town.clear()
            waits = sorted(latency(town, options.rate * 5, options.rate))
        finally:
            town.raze()
    p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
    sys.stdout.write(
        f"throughput: raw kombu {kombu:.0f}/s, the bus in batches {bus:.0f}/s, ratio {bus / kombu:.2f} "
        f"(goal {THROUGHPUT_GOAL}: {'met' if bus / kombu >= THROUGHPUT_GOAL else 'missed'})\n"
        f"commit to effect at {options.rate}/s: p50 {p50 * 1000:.1f} ms (goal {P50_GOAL * 1000:.0f}: "
        f"{'met' if p50 < P50_GOAL else 'missed'}), "
        f"p99 {p99 * 1000:.1f} ms\n"
    )
    return 0


def _count(town: Town) -> int:
    with town.databases["maps"].read() as session:
        return session.scalar(select(func.count()).select_from(heard)) or 0


if __name__ == "__main__":
    sys.exit(main())
