"""Booking as it is served: `maru serve booking` in processes of its own, on the databases of a test."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest

START_SECONDS = 60


class Server:
    """Two worker processes behind one port, which stays the same when they are killed and started again."""

    def __init__(self, house: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MARU_")},
            "MARU_DATA": str(house.settings.data),
            "MARU_DATABASE": house.settings.database,
            "MARU_SECRET_KEY": house.settings.secret_key,
            "MARU_PORT": str(self.port),
            "MARU_WORKERS": "2",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        command = [sys.executable, "-c", "from deploy.cli import main; main()", "serve", "booking"]
        self._process = process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if self.ask("GET", "/booking/ready")[0] == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.1)
        pytest.fail("the server did not come up")

    def kill(self) -> None:
        """kill -9, all its processes at once."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=30)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """The status and the JSON of the answer. OSError or HTTPException when there is none."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            told = answer.read()
            return answer.status, json.loads(told) if told else None
        finally:
            connection.close()
