"""The product as real processes: the standalone on the embedded default, or a server and a worker per service on
PostgreSQL and RabbitMQ, as MARU_TEST_DATABASE and MARU_TEST_BROKER say."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import requests

from shared.identity.demo import PASSWORD
from shared.settings import PREFIXES, SERVICES, Settings

SERVED = (*SERVICES, "auth")
START_SECONDS = 60


class Product:
    """Starts, kills and restarts the processes of one house; every one of them is ended with it.

    `settings` name the databases (already migrated) and the broker. Ports stay the same over restarts.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        if settings.embedded:
            self._ports = dict.fromkeys(SERVED, free_port())
            self._commands = {"standalone": ["standalone", "--no-demo"]}
        else:
            self._ports = {name: free_port() for name in SERVED}
            self._commands = {f"serve {name}": ["serve", name] for name in SERVED}
            self._commands |= {f"work {name}": ["work", name] for name in SERVICES}
        self._log = (settings.data / "product.log").open("ab")

    def __enter__(self) -> "Product":
        try:
            for name in self._commands:
                self.start(name)
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._log.close()

    @property
    def names(self) -> list[str]:
        """The processes there are."""
        return list(self._commands)

    def start(self, name: str) -> None:
        """Start one process and return at once."""
        service = name.rpartition(" ")[2]
        port = self._ports.get(service, self._ports["maps"]) if not name.startswith("work") else 0
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", *self._commands[name]],
            env=environment(self.settings, MARU_PORT=str(port), MARU_WORKERS="1"),
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """kill -9, with every process that it started."""
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait(self) -> None:
        """Until every server answers; fails with the log when one does not."""
        end = time.monotonic() + START_SECONDS
        for service in SERVED:
            while True:
                try:
                    if requests.get(self.url(PREFIXES[service] + "/health"), timeout=5).ok:
                        break
                except requests.RequestException:
                    pass
                if time.monotonic() > end:
                    raise AssertionError(f"{service} does not answer:\n{self.log()[-3000:]}")
                time.sleep(0.05)

    def url(self, path: str) -> str:
        """Where a path of the product is served."""
        service = next((name for name in ("booking", "grants", "auth") if path.startswith(f"/{name}")), "maps")
        return f"http://127.0.0.1:{self._ports[service]}{path}"

    def sign_in(self, login: str) -> requests.Session:
        """A session of a demonstration account; its cookie counts for every service."""
        session = requests.Session()
        page = session.get(self.url("/auth/sign-in"), timeout=10).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        form = {"csrf_token": token[1], "login": login, "password": PASSWORD}
        answer = session.post(self.url("/auth/sign-in"), data=form, timeout=10, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return session

    def log(self) -> str:
        """What the processes wrote."""
        return Path(self._log.name).read_text(errors="replace")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a process of this house, without what belongs to the test's own process."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MARU_")}
    return inherited | {
        "MARU_DATA": str(settings.data),
        "MARU_DATABASE": settings.database,
        "MARU_BROKER": settings.broker,
        "MARU_BUS_PREFIX": settings.bus_prefix,
        "MARU_SECRET_KEY": settings.secret_key,
        "MARU_LOG_LEVEL": "warning",
        **more,
    }
