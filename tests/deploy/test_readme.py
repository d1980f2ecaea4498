"""The README is true to the letter: its commands run, its settings and events are those there are."""

import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from shapely.geometry import mapping
from sqlalchemy import select

import shared
from deploy import demo
from deploy.house import reactions
from shared.bus.catalogue import EVENTS
from shared.bus.tables import outbox
from shared.clock import now
from shared.identity.demo import ACCOUNTS, PASSWORD
from shared.settings import PREFIXES, SERVICES, Settings
from shared.web.city_map.schematic import schematic_districts
from tests.deploy.product import environment, free_port
from tests.maps.facility_rows import file_of, row

ROOT = Path(shared.__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
MARU = Path(sys.executable).with_name("maru")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands() -> list[str]:
    """The lines of the README's shell blocks, without their comments."""
    lines = "".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).splitlines()
    return [shlex.join(shlex.split(line, comments=True)) for line in lines if line.strip()]


def table(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    rows = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in rows[2:]]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


OF_MARU = [line.removeprefix(".venv/bin/maru ") for line in commands() if line.startswith(".venv/bin/maru ")]
ENDING = [line for line in OF_MARU if line.split()[0] not in ("serve", "work")]


def started(house, folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [MARU, *arguments],
        cwd=folder,
        env=environment(house.settings, MARU_WORKERS="1", **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # no terminal: a password that is asked for comes from standard input
    )


@pytest.mark.parametrize("line", ENDING)
def test_a_command_does_its_work(house, tmp_path, line):
    (tmp_path / "spaces.csv").write_bytes(file_of(row()))
    frame = schematic_districts()
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": mapping(shape)}
        for name, shape in zip(frame["name"], frame.geometry, strict=True)
    ]
    boundaries = {"type": "FeatureCollection", "features": features}
    (tmp_path / "districts.geojson").write_text(json.dumps(boundaries), "utf-8")

    process = started(house, tmp_path, *shlex.split(line))
    said, _ = process.communicate("long enough 1\nlong enough 1\n", timeout=120)

    assert process.returncode == 0, said
    assert said.strip()
    if "--report" in line:
        assert (tmp_path / "report.csv").read_bytes()


def test_the_commands_cover_what_the_readme_promises():
    assert len(ENDING) >= 8
    assert "serve maps" in OF_MARU
    assert "work maps" in OF_MARU


@pytest.mark.parametrize("service", [*SERVICES, "auth"])
def test_serve_answers_until_it_is_stopped(house, tmp_path, service):
    port = free_port()
    process = started(house, tmp_path, "serve", service, MARU_PORT=str(port))
    try:
        address = f"http://127.0.0.1:{port}{PREFIXES[service]}"
        assert _ok(process, f"{address}/health")
        assert requests.get(f"{address}/ready", timeout=10).json() == {"status": "ok", "failing": []}
        second = started(house, tmp_path, "serve", "auth", MARU_PORT=str(port))
        assert f"Port {port} is in use" in second.communicate(timeout=30)[0]
        assert second.returncode == 1
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def _ok(process: subprocess.Popen[str], address: str) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            return requests.get(address, timeout=10).ok
        except requests.ConnectionError:
            time.sleep(0.1)
    return False


@pytest.mark.parametrize("service", SERVICES)
def test_work_runs_where_there_is_a_broker(house, tmp_path, service):
    process = started(house, tmp_path, "work", service)
    try:
        assert process.stdout
        first = process.stdout.readline()
        if house.settings.embedded:
            assert "MARU_BROKER is memory://" in first
            assert process.wait(30) == 1
        else:
            assert first == f"{service}: relay and consumer are running; Ctrl-C stops them.\n"
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=30)
    assert house.settings.embedded or process.returncode == 0, said


def test_every_other_command_is_run_by_ci():
    ci = (ROOT / ".ci/run").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    others = [line for line in commands() if not line.startswith(".venv/bin/maru ") and line != ".ci/run"]
    assert {"make run", "make test"} <= set(others)
    for line in others:
        words = shlex.split(line)
        for setting in words[: words.index("make")]:
            assert setting.partition("=")[0] + "=" in ci, line
        target = words[words.index("make") + 1]
        assert re.search(rf"\bmake {target}$|\bmake {target} ", ci, re.MULTILINE), line
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), line


def test_the_settings_are_those_there_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    told: dict[str, str] = {}
    for names, defaults, _meaning in table("Settings"):
        for number, name in enumerate(quoted(names)):
            told[name] = (quoted(defaults) or [""])[number if len(quoted(defaults)) == len(quoted(names)) else 0]
    there = {f"MARU_{name.upper()}": value for name, value in vars(settings).items()}
    assert told.keys() == there.keys()
    data = str(tmp_path / ".data")
    for name, value in there.items():
        shown = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        if name == "MARU_SECRET_KEY":
            shown = Path(told[name].replace("<data>", data)).read_text()
            assert shown == value
        else:
            assert told[name].replace("<data>", data).replace(".data", data, told[name] == ".data") == shown, name


def test_the_events_are_those_there_are_and_go_where_it_says(house):
    rows = {quoted(name)[0]: (publisher, hearers) for name, publisher, _when, hearers in table("Events")}
    assert rows.keys() == EVENTS.keys()
    for name, (_publisher, hearers) in rows.items():
        heard = set() if hearers == "none" else set(hearers.split(", "))
        assert heard == {each for each in SERVICES if name in reactions(each).handlers}, name
    demo.load(house.house, now(), lambda _step: None)
    for service in SERVICES:
        with house.databases[service].read() as session:
            published = set(session.scalars(select(outbox.c.name).distinct()))
        assert published == {name for name, (publisher, _) in rows.items() if publisher == service}


def test_the_demonstration_is_as_described(house):
    assert f"`{PASSWORD}`" in section("Two minutes")
    for login in ("resident", "dongjak", "city"):
        assert f"(`{login}`)" in section("Two minutes")
        assert login in {account[0] for account in ACCOUNTS}


def test_the_house_is_laid_out_as_drawn(house):
    drawn = re.findall(r"^([\w/.]+/) ", section("How the house is laid out"), re.MULTILINE)
    assert len(drawn) == 6
    assert [folder for folder in drawn if not (ROOT / folder).is_dir()] == []
    browser = house.client("city")
    for path in ("/design", "/api", "/booking/api", "/grants/api", "/imports"):
        assert f"`{path}`" in README
        assert browser.get(path).status_code == 200, path
    for service in SERVICES:
        assert (ROOT / "services" / service / "README.md").is_file()
