"""A process that faults.py kills: python -m tests.bus.fault_worker ROLE DATABASE BROKER PREFIX EVENTS

ROLE: `writer` makes reservations until there are EVENTS of them; `house` is the embedded server (writer, relays and
consumers in one process); a service's name is that service's relay and consumer; `deadly` is all of them with a handler
that kills the process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import logs
from shared.bus.events import Event, Handlers
from tests.bus.town import MADE, SERVICES, Town, hear, reserve, written

AGGREGATES = 20
_random = Random()  # noqa: S311


def write(town: Town, events: int, stopping: threading.Event) -> None:
    """Reservations one by one, with a breath between them, so that the kills fall into the work."""
    while not stopping.is_set():
        with town.databases["booking"].write() as session:
            if (session.scalar(select(func.count()).select_from(written)) or 0) >= events:
                return
            reserve(session, _random.randrange(AGGREGATES), _random.randint(1, 9))
        time.sleep(_random.random() * 0.008)


def die(session: Session, event: Event) -> None:
    """A handler as fatal as one that runs out of memory, for one aggregate."""
    hear(session, event)
    if event.aggregate == "reservation:13":
        os.kill(os.getpid(), signal.SIGKILL)


def main(role: str, database: str, broker: str, prefix: str, events: str) -> None:
    logs.configure()
    town = Town(database, broker, prefix)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    if role == "writer":
        write(town, int(events), stopping)
        return
    handlers: dict[str, Handlers] = {"maps": {MADE: die}} if role == "deadly" else {}
    with town.threads(handlers, only=role if role in SERVICES else ""):
        if role == "house":
            write(town, int(events), stopping)
        stopping.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
