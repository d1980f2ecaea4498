"""The race through the real server: several processes, real sockets, the whole way from JSON to the database."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest

from shared.clock import now
from tests.booking.conftest import BIG, SEOUL, SMALL, WHOLE, Town, house_of, unit

N = 12
ALWAYS = ["00:00", "24:00"]
OPEN = {"hours": {"weekday": ALWAYS, "weekend": ALWAYS}, "closures": {"weekdays": [], "holidays": False}}


@pytest.fixture
def port(house: Any) -> Iterator[int]:
    """`maru serve booking` with two worker processes on the databases of this test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MARU_")},
        "MARU_DATA": str(house.settings.data),
        "MARU_DATABASE": house.settings.database,
        "MARU_SECRET_KEY": house.settings.secret_key,
        "MARU_PORT": str(free),
        "MARU_WORKERS": "2",
    }
    command = [sys.executable, "-c", "from deploy.cli import main; main()", "serve", "booking"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(free, server)
        yield free
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if _ask(port, "GET", "/booking/ready")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not come up")


def _ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_one_winner_through_the_server(house: Any, town: Town, port: int) -> None:
    whole = unit(WHOLE, "건물 전체", ["unit:12", "unit:13"], capacity=30, **OPEN)
    town.tell(house_of(unit(BIG, "큰 회의실", **OPEN), unit(SMALL, "작은 회의실", **OPEN), whole))
    cookie = house.client("resident").get_cookie("maru")
    noon = (now() + timedelta(days=3)).astimezone(SEOUL).replace(hour=12, minute=0, second=0, microsecond=0)
    for turn in range(3):
        start = noon + timedelta(hours=2 * turn)
        answers: list[tuple[int, Any]] = []

        def ask(n: int, start: Any = start, answers: Any = answers, turn: int = turn) -> None:
            wish = {
                "unit_id": (BIG, WHOLE)[n % 2],
                "start": start.isoformat(),
                "end": (start + timedelta(hours=1)).isoformat(),
                "people": 2,
                "purpose": "마을 회의",
            }
            headers = {"Cookie": f"maru={cookie.value}", "Idempotency-Key": f"{turn}-{n}"}
            answers.append(_ask(port, "POST", "/booking/api/reservations", wish, **headers))

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(N)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(status for status, _body in answers) == [201] + [409] * (N - 1)
        for status, body in answers:
            if status == 409:
                assert body["code"] == "slot_taken"
                assert body["alternatives"]
