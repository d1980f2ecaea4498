"""Two clicks at the very same moment make one thing, and both are told of it, where there is no row yet to lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from services.grants import calls, groups, intermediaries, programmes
from services.grants.models import ApplicantGroup, Call, GroupMember, Intermediary, Reviewer
from services.grants.reviewing import reviewers
from services.grants.reviewing.reviewers import Profile
from shared.database import Database
from tests.booking.racing import WON, race
from tests.grants.conftest import CITY, DONGJAK, DURING, resident, terms

TURNS = 8
"""On PostgreSQL one turn in two or three meets."""


def make_group(database: Database, turn: int) -> Any:
    details = groups.Details(name="느티나무 이웃회", district="11590")
    return groups.make(database, resident(turn), DURING, details, key="k")


def write_call(database: Database, turn: int) -> Any:
    return calls.create(database, DONGJAK, DURING, terms=terms(), key=f"k{turn}")


def tell_of_oneself(database: Database, turn: int) -> Any:
    profile = Profile("김심사", address="동작구 상도로 1", birth_year=1970)
    return reviewers.save_profile(database, resident(turn), DURING, profile=profile, strands=frozenset())


def set_intermediary(database: Database, turn: int) -> Any:
    year = 2030 + turn
    it = {"district": "11590", "mode": "commissioned", "operator": "마을법인", "funding_won": 1}
    return intermediaries.put(database, CITY, DURING, year=year, **it)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("click", "made"),
    [
        (make_group, (ApplicantGroup, GroupMember)),
        (write_call, (Call,)),
        (tell_of_oneself, (Reviewer,)),
        (set_intermediary, (Intermediary,)),
    ],
)
def test_two_clicks_at_once_make_one(
    database: Database, click: Callable[[Database, int], Any], made: tuple[Any, ...]
) -> None:
    programmes.ensure(database, DURING)
    for turn in range(1, TURNS + 1):
        assert race([lambda at=turn: click(database, at)] * 2) == {WON: 2}  # type: ignore[misc]
    with database.read() as session:
        for table in made:
            assert session.scalar(select(func.count()).select_from(table)) == TURNS
