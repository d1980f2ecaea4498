"""Fixtures for the whole suite: a house of empty, migrated databases per test, on the embedded default or, with
MARU_TEST_DATABASE and MARU_TEST_BROKER set, on PostgreSQL and RabbitMQ."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from shared import clock, logs
from tests.house import Templates, TestHouse

settings.register_profile("maru", deadline=None)  # how fast a machine is makes no test fail
settings.load_profile("maru")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Against servers only what reaches them: whatever needs no database and no bus is the same on the embedded
    default, and ran there."""
    if not os.environ.get("MARU_TEST_DATABASE"):
        return
    alike = [item for item in items if not _reaches_servers(item)]
    if alike:
        config.hook.pytest_deselected(items=alike)
        items[:] = [item for item in items if _reaches_servers(item)]


def _reaches_servers(item: pytest.Item) -> bool:
    own = item.nodeid.startswith(("tests/bus/", "tests/deploy/test_faults.py"))
    return own or "templates" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def readable_logs() -> None:
    """What a failing test shows is what an operator would read."""
    logs.configure("warning")


@pytest.fixture(scope="session", autouse=True)
def clocks() -> Iterator[None]:
    """A module that was first imported while a test held the clock would go on showing that hour to the tests after."""
    yield
    kept = {name for name, module in list(sys.modules.items()) if name.startswith(("services.", "shared.", "deploy."))}
    wrong = [name for name in kept if getattr(sys.modules[name], "now", clock.now) is not clock.now]
    assert [name for name in wrong if callable(sys.modules[name].now)] == []


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    """Migrated databases with the demonstration accounts, made once and copied for each test."""
    made = Templates.from_environment(tmp_path_factory.mktemp("house") / "templates")
    yield made
    made.drop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's headless Chromium, one for all browser tests: Playwright runs once in a process.

    Its scripts are not compiled for speed: no page lives long enough to earn that, and it cost a fifth of the time.
    """
    flags = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--js-flags=--no-turbofan --no-maglev",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield browser
        browser.close()


@pytest.fixture
def house(templates: Templates, tmp_path: Path) -> Iterator[TestHouse]:
    """All services on databases of their own for this test."""
    made = TestHouse(templates.settings(tmp_path))
    yield made
    made.house.close()
