"""The command line and the standalone: what a newcomer meets when something is wrong, and that nothing gets lost."""

import re
import resource
import signal
import socket
import subprocess
import sys

import pytest

from tests.deploy.product import environment, free_port

MARU = [sys.executable, "-m", "deploy.cli"]


def maru(house, *arguments, limit=None, **more):
    """Run a command to its end."""
    return subprocess.run(
        [*MARU, *arguments],
        env=environment(house.settings, **more),
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limit,
    )


def one_clear_line(result, *hints):
    assert result.returncode != 0
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("maru: ")
    for hint in hints:
        assert hint in lines[0]


def test_a_wrong_setting_is_one_line(house):
    one_clear_line(maru(house, "standalone", MARU_PORT="eighty"), "MARU_PORT", "whole number")


def test_an_occupied_port_is_one_line(house):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        one_clear_line(
            maru(house, "standalone", MARU_PORT=str(port)), f"Port {port} is in use", f"MARU_PORT={port + 1}"
        )


@pytest.mark.parametrize("kind", ["spaces", "districts"])
def test_a_missing_file_is_one_line(house, tmp_path, kind):
    one_clear_line(maru(house, "import", kind, str(tmp_path / "none.csv")), "none.csv", "does not exist")
    one_clear_line(maru(house, "import", kind, str(tmp_path)), "is a folder")


def test_a_file_that_is_something_else_is_told(house, tmp_path):
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 50)
    for kind in ("spaces", "districts"):
        result = maru(house, "import", kind, str(tmp_path / "picture.csv"))
        assert result.returncode != 0
        assert result.stderr.startswith("maru: ")
        assert "Traceback" not in result.stderr


def test_a_house_without_tables_is_one_line(house, tmp_path):
    empty = {"MARU_DATABASE": f"sqlite:///{tmp_path}/{{service}}.sqlite3"}
    for command in (("bus", "status"), ("clock",)):
        one_clear_line(maru(house, *command, **empty), "lacks a table", "maru migrate")


def test_a_full_disk_is_one_line(house, tmp_path):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    one_clear_line(
        maru(
            house,
            "migrate",
            limit=small_files,
            MARU_DATA=str(tmp_path / "full"),
            MARU_DATABASE=f"sqlite:///{tmp_path}/full/{{service}}.sqlite3",
        ),
        "disk",
    )


def test_a_database_that_is_not_there_is_one_line(house):
    away = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/{{service}}"
    one_clear_line(maru(house, "migrate", MARU_DATABASE=away), "cannot be reached", "MARU_DATABASE")


def test_a_broker_that_is_not_there_is_one_line(house):
    one_clear_line(
        maru(house, "demo", MARU_BROKER=f"amqp://nobody@127.0.0.1:{free_port()}//"), "check that it runs", "MARU_BROKER"
    )


def test_a_worker_without_a_broker_says_what_to_do(house):
    result = maru(house, "work", "maps", MARU_BROKER="memory://")
    assert result.returncode != 0
    assert "MARU_BROKER" in result.stderr


def test_an_account_is_made_and_signs_in(house):
    made = maru(
        house, "account", "clerk", "--name", "담당자", "--role", "district_staff", "--district", "11590",
        "--password", "long enough 1",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    browser = house.client()
    answer = browser.post_form("/auth/sign-in", {"login": "clerk", "password": "long enough 1"})
    assert answer.status_code == 302
    again = maru(house, "account", "clerk", "--name", "x", "--role", "resident", "--password", "long enough 1")
    assert again.returncode != 0
    assert "already" in again.stderr


def start(house, *arguments, **more):
    return subprocess.Popen(
        [*MARU, "standalone", *arguments],
        env=environment(house.settings, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def listening(process):
    """Read what it prints until it listens; the text and the address."""
    read = []
    for line in process.stdout:
        read.append(line)
        if found := re.search(r"listens on (http://localhost:\d+)", line):
            return "".join(read), found[1]
    raise AssertionError("".join(read))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_standalone_says_what_it_does_and_stops_cleanly(house, stop):
    process = start(house, "--no-demo", MARU_PORT="0")
    try:
        said, address = listening(process)
        assert re.findall(r"\[(\d)/4\]", said) == ["1", "2", "3", "4"]
        assert address
        process.send_signal(stop)
        rest = process.stdout.read()
        assert process.wait(20) == 0
        assert "Maru has stopped" in rest
        assert "Traceback" not in rest
    finally:
        process.kill()
        process.communicate()


def test_the_demonstration_loads_once_whatever_is_started_next(house):
    first = start(house, MARU_PORT="0")
    try:
        said, _ = listening(first)
        assert "loading the demonstration" in said
        assert "resident" in first.stdout.readline() + first.stdout.readline() + first.stdout.readline()
    finally:
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)
    before = {name: rows(house, name) for name in ("maps", "booking", "grants", "identity")}
    second = start(house, MARU_PORT="0")
    try:
        listening(second)
    finally:
        second.send_signal(signal.SIGINT)
        second.communicate(timeout=30)
    again = maru(house, "demo")
    assert again.returncode == 0, again.stderr
    assert {name: rows(house, name) for name in before} == before
    assert sum(before["booking"].values()) > 100


def rows(house, service):
    """How many rows each table of a service holds."""
    from sqlalchemy import inspect, text

    with house.databases[service].read() as session:
        names = inspect(session.connection()).get_table_names()
        return {name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}  # noqa: S608


def test_the_bus_commands_answer(house):
    status = maru(house, "bus", "status")
    assert status.returncode == 0, status.stderr
    assert [line.split()[0] for line in status.stdout.splitlines()] == ["maps", "booking", "grants"]
    assert "no dead letters" in maru(house, "bus", "dead", "maps").stdout
    unknown = maru(house, "bus", "replay", "maps", "00000000-0000-0000-0000-000000000000")
    assert unknown.returncode != 0
    assert "is waiting" in unknown.stderr
    assert maru(house, "rebuild", "maps").stdout == "maps: 0 events applied again\n"
