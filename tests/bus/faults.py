"""Killing and interrupting everything while reservations are made, and counting what that did to the events."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from shared.bus.runner import health
from tests.bus.town import Town, eventually, written

ROOT = Path(__file__).parents[2]
SUBSCRIBERS = ("maps", "grants")


class Faults:
    """One run over a town. `interrupt` is called `interruptions` times between the kills."""

    def __init__(self, town: Town, events: int, seed: int) -> None:
        self._town = town
        self._events = events
        self._random = Random(seed)  # noqa: S311
        roles = ("house", "writer") if town.broker.startswith("memory:") else ("writer", "booking", "maps", "grants")
        self._processes = {role: self._start(role) for role in roles}
        self.killed = dict.fromkeys(roles, 0)

    def run(self, kills: int, interrupt: Callable[[], None] | None = None, interruptions: int = 0) -> dict[str, object]:
        """Kill, interrupt, let everything settle; the figures per subscriber."""
        try:
            after = {round(kills * (n + 1) / (interruptions + 1)) for n in range(interruptions)}
            for n in range(1, kills + 1):
                self._kill(self._random.choice(list(self._processes)))
                if interrupt and n in after:
                    interrupt()
            settled = self._settle()
        finally:
            self._stop()
        return {"settled": settled, "killed": self.killed} | {each: self._town.figures(each) for each in SUBSCRIBERS}

    def _start(self, role: str) -> subprocess.Popen[bytes]:
        town = self._town
        arguments = (role, town.database, town.broker, town.prefix, str(self._events))
        return subprocess.Popen([sys.executable, "-m", "tests.bus.fault_worker", *arguments], cwd=ROOT)

    def _kill(self, role: str) -> None:
        """At any moment: while it starts, works or idles."""
        time.sleep(self._random.uniform(0.2, 1.8))
        process = self._processes[role]
        process.kill()
        process.wait()
        self.killed[role] += 1
        self._processes[role] = self._start(role)

    def _settle(self, seconds: float = 120.0) -> bool:
        town = self._town

        def done() -> bool:
            with town.databases["booking"].read() as session:
                count = session.scalar(select(func.count()).select_from(written)) or 0
            if count < self._events or health(town.databases["booking"]).unpublished:
                return False
            return all(len(town.heard(service)) >= count for service in SUBSCRIBERS)

        return eventually(done, seconds)

    def _stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def restart_broker() -> None:
    """Stop and start the RabbitMQ application; returns when it takes connections again."""
    for command in ("stop_app", "start_app", "await_startup"):
        _rabbitmqctl(command)


def drop_connections(prefix: str) -> None:
    """Break the broker connections of one town's processes."""
    for line in _rabbitmqctl("list_connections", "pid", "client_properties").splitlines():
        pid, _, properties = line.partition("\t")
        if prefix in properties:
            _rabbitmqctl("close_connection", pid, "fault test")


def _rabbitmqctl(*command: str) -> str:
    done = subprocess.run(["rabbitmqctl", "-q", *command], timeout=60, capture_output=True, text=True)
    if done.returncode and command[0] != "close_connection":  # that one may be gone already
        raise RuntimeError(f"rabbitmqctl {command[0]}: {done.stderr}")
    return done.stdout
