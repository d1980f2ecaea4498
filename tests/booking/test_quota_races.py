"""Invariant 3: a quota is counted under a lock on the person or the group, so that eight doors at once open it as often
as one door would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.booking import groups, reservations, series, waitlist
from services.booking.models import LIVE, Reservation, UnitRules
from services.booking.rules.recurrence import Recurrence
from services.booking.series import edits
from services.booking.series.edits import Wanted
from services.booking.series.survey import Plan
from tests.booking.conftest import Town, at, house_of, resident, unit
from tests.booking.invariants import broken
from tests.booking.racing import race
from tests.booking.test_waitlist import cancel, wish

ROOMS = tuple(range(101, 109))
DAILY = Recurrence(date(2026, 11, 24), "day", count=4)


@pytest.fixture
def rooms(town: Town) -> Town:
    """Eight rooms of one house, which share no atom: nothing but the quota's own lock is common to them."""
    town.tell(house_of(*(unit(number, f"{number}호") for number in ROOMS)))
    return town


def limit(town: Town, per: str, period: str = "day", most: int = 1) -> None:
    quota = {"per": per, "period": period, "limit": most}
    with town.database.write() as session:
        for number in ROOMS:
            session.merge(UnitRules(unit_id=number, settings={"quotas": [quota]}, changed_at=town.now))


def live(town: Town, *wanted: Any) -> list[Reservation]:
    with town.database.read() as session:
        return list(session.scalars(select(Reservation).where(Reservation.status.in_(LIVE), *wanted)))


def test_one_person_in_eight_rooms_at_once(rooms: Town) -> None:
    limit(rooms, "person")
    for day in (24, 25, 26):
        runners = [lambda n=n, day=day: rooms.reserve(resident(1), n, at(day, 14), 2) for n in ROOMS]  # type: ignore[misc]
        assert race(runners) == {"won": 1, "quota_person_day": 7}
    assert len(live(rooms)) == 3
    assert broken(rooms.database) == []


def test_eight_people_in_one_room_have_a_quota_each(rooms: Town) -> None:
    limit(rooms, "person")
    runners = [lambda n=n: rooms.reserve(resident(n), ROOMS[0], at(24, 9 + n), 1) for n in range(8)]  # type: ignore[misc]
    assert race(runners) == {"won": 8}


def test_a_group_s_members_in_eight_rooms_at_once(rooms: Town) -> None:
    made = groups.make(rooms.database, resident(1), rooms.now, "느린 독서회", "residents", "11590")
    for member in range(2, 9):
        groups.join(rooms.database, resident(member), rooms.now, made.invite_code)
    limit(rooms, "group", "week", 2)
    runners = [
        lambda n=n, room=room: rooms.reserve(resident(n), room, at(24, 14), 2, group_id=made.id)  # type: ignore[misc]
        for n, room in enumerate(ROOMS, 1)
    ]
    assert race(runners) == {"won": 2, "quota_group_week": 6}
    assert len(live(rooms)) == 2
    alone = [lambda n=n, room=room: rooms.reserve(resident(n), room, at(25, 14), 2) for n, room in enumerate(ROOMS, 1)]  # type: ignore[misc]
    assert race(alone) == {"won": 8}  # for themselves, not for the group


def test_series_and_single_ones_share_a_quota(rooms: Town) -> None:
    """Series in different rooms and single ones on the same days: on each day exactly one is made."""
    limit(rooms, "person")

    def repeat(room: int) -> Callable[[], Any]:
        plan = Plan(room, DAILY, "14:00", "16:00", 2, "책 읽기 모임")
        return lambda: series.make(rooms.database, resident(1), rooms.now, plan, f"series {room}", free_only=True)

    singles = [
        lambda n=n, room=room: rooms.reserve(resident(1), room, at(24 + n, 10), 1) for n, room in enumerate(ROOMS[4:])
    ]  # type: ignore[misc]
    ends = race([*(repeat(room) for room in ROOMS[:4]), *singles])
    assert set(ends) <= {"won", "quota_person_day", "series_nothing_free"}
    days = sorted(each.start_at.date() for each in live(rooms))
    assert days == [date(2026, 11, day) for day in (24, 25, 26, 27)]
    assert broken(rooms.database) == []


def test_changes_into_one_day_and_a_new_one(rooms: Town) -> None:
    """Moved, changed as a series, or new: the day takes one."""
    limit(rooms, "person")
    own = [rooms.reserve(resident(1), room, at(day, 14), 2) for room, day in zip(ROOMS, (24, 25, 26, 27), strict=False)]
    plan = Plan(ROOMS[5], Recurrence(date(2026, 12, 1), "day", count=1), "14:00", "16:00", 2, "책 읽기 모임")
    whole = series.make(rooms.database, resident(1), rooms.now, plan, "series").whole
    target = at(1, 18, month=12)
    cancel(rooms, whole.occurrences[0])

    def change(made: Reservation) -> Callable[[], Any]:
        return lambda: reservations.change(
            rooms.database, resident(1), rooms.now, made.id, unit_id=made.unit_id, start=target,
            end=target + timedelta(hours=2), people=2, purpose="옮기기",
        )  # fmt: skip

    new = [lambda room=room: rooms.reserve(resident(1), room, target, 1) for room in ROOMS[6:]]  # type: ignore[misc]
    ends = race([*(change(made) for made in own), *new])
    assert ends == {"won": 1, "quota_person_day": 5}
    assert len(live(rooms, Reservation.start_at >= at(1, 0, month=12))) == 1
    assert broken(rooms.database) == []


def test_a_series_moved_to_other_rooms_is_counted_once(rooms: Town) -> None:
    limit(rooms, "person")
    plan = Plan(ROOMS[0], DAILY, "14:00", "16:00", 2, "책 읽기 모임")
    own = series.make(rooms.database, resident(1), rooms.now, plan, "series").whole.series.id
    moves = [
        lambda room=room: edits.change(rooms.database, resident(1), rooms.now, own, Wanted(unit_id=room))  # type: ignore[misc]
        for room in ROOMS[1:5]
    ]
    new = [lambda n=n: rooms.reserve(resident(1), ROOMS[5], at(24 + n, 10), 1) for n in range(4)]  # type: ignore[misc]
    assert race([*moves, *new]) == {"won": 4, "quota_person_day": 4}
    assert len(live(rooms)) == 4
    assert len({each.unit_id for each in live(rooms)}) == 1
    assert broken(rooms.database) == []


def test_claims_count_as_well(rooms: Town) -> None:
    """Somebody is offered a time in each of four rooms: one can be taken, whatever is clicked at once."""
    made = [rooms.reserve(resident(2), room, at(24, 14), 2) for room in ROOMS[:4]]
    waiting = [
        waitlist.join(rooms.database, resident(1), rooms.now, unit_id=each.unit_id, wish=wish()).id for each in made
    ]
    for each in made:
        cancel(rooms, each)
    limit(rooms, "person")
    for each in waiting[2:]:
        waitlist.decline(rooms.database, resident(1), rooms.now, each)
    claims = [lambda each=each: waitlist.claim(rooms.database, resident(1), rooms.now, each) for each in waiting[:2]]  # type: ignore[misc]
    ends = race([*claims, *claims, *(lambda n=n: rooms.reserve(resident(1), n, at(24, 10)) for n in ROOMS[4:])])  # type: ignore[misc]
    assert ends["won"] == 0  # each offer that is still held counts
    waitlist.decline(rooms.database, resident(1), rooms.now, waiting[1])
    ends = race([*claims, *claims, *(lambda n=n: rooms.reserve(resident(1), n, at(24, 10)) for n in ROOMS[4:])])  # type: ignore[misc]
    assert ends == {"won": 2, "quota_person_day": 4, "offer_over": 2}
    assert len(live(rooms)) == 1
    assert broken(rooms.database) == []
