"""A town for each test, on files or, with MARU_TEST_DATABASE and MARU_TEST_BROKER set, on the servers."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.database import Database
from tests.bus.town import Town, new_database

collect_ignore = [] if os.environ.get("MARU_TEST_BROKER") else ["test_rabbitmq.py"]
"""What only a broker can do is tried only where there is one."""


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The databases, made once."""
    made = Town.found(tmp_path_factory.mktemp("town"))
    yield made
    made.raze()


@pytest.fixture
def town(ground: Town) -> Iterator[Town]:
    """Booking, maps and grants with empty tables."""
    ground.clear()
    yield ground
    ground.quit()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """One database without any table."""
    with new_database(tmp_path) as made:
        yield made
