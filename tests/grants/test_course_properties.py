"""Whatever is tried in whatever order and by whomever over the whole course, from the draft to the archive: the
invariants of money, of the process, of the embargo and of the audit hold after each step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.grants.models import Call, Settlement
from shared.database import Database
from tests.grants import meeting_room, review_room
from tests.grants.course_walk import ANYBODY, NEXT, REVIEWERS, STEPS, Walk

SLOW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
COURSE = [
    "submit",
    "accept",
    "advance",
    "review",
    "advance",
    "review",
    "advance",
    "select",
    "announce",
    "announce",
    "agree",
    "ready",
    "through",
    "spend",
    "decide_expense",
    "report",
    "interim",
    "interim",
    "through",
    "later",
    "file",
    "finalize",
    "give_back",
    "close",
    "archive",
]
STARTS = ((), COURSE[:6], COURSE[:8], COURSE[:11], COURSE[:13], COURSE[:19], COURSE[:22])
"""From where a walk begins, so that many come to the later steps."""
TRY = st.tuples(st.integers(0, 9), st.integers(0, 10_000), st.integers(0, 20))


@pytest.fixture
def people(database: Database) -> None:
    """A committee and reviewers."""
    meeting_room.appoint(database)
    review_room.appoint(database, REVIEWERS)


@settings(SLOW, max_examples=14)
@given(start=st.sampled_from(STARTS), tries=st.lists(TRY, min_size=8, max_size=40))
def test_the_invariants_hold_whatever_is_tried(
    database: Database,
    people: None,
    publish: Callable[..., Call],
    start: tuple[str, ...],
    tries: list[tuple[int, int, int]],
) -> None:
    walk = Walk(database, publish)
    for name in start:
        walk.take(name)
    for led, what, who in tries:
        steps = NEXT.get(walk.application().state, ()) if led < 6 else STEPS
        name = steps[what % len(steps)]
        walk.take(name, ANYBODY[who % len(ANYBODY)] if who > 14 else None)


def test_the_whole_course_is_among_them(database: Database, people: None, publish: Callable[..., Call]) -> None:
    walk = Walk(database, publish)
    for name in COURSE:
        before = walk.done[name]
        walk.take(name)
        assert walk.done[name] == before + 1, (walk.refused, walk.application().state)
    assert walk.application().state == "archived"
    (kept,) = walk.rows(Settlement)
    assert 0 < kept.final_won < kept.paid_won


def test_nothing_changes_in_the_archive(database: Database, people: None, publish: Callable[..., Call]) -> None:
    """But that money is ordered back and comes: audits look years later."""
    walk = Walk(database, publish)
    for name in COURSE:
        walk.take(name)
    for name in STEPS:
        walk.take(name)
    assert walk.application().state == "archived"
