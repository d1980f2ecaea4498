"""Two hands at one reservation: whoever comes first decides, and the other is told what has become of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.booking import approvals, blocks, request_queue, reservations, series
from services.booking.models import AUDIT, Message, Reservation
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.rules.recurrence import Recurrence
from services.booking.series.survey import Plan
from shared.identity.actor import Actor, Role
from tests.booking.conftest import BIG, SMALL, WHOLE, Town, at, resident
from tests.booking.invariants import broken
from tests.booking.racing import race
from tests.booking.test_waitlist import set_rules

KEEPER = Actor(9, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
COLLEAGUE = Actor(10, "다른 운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
MINUTE = timedelta(minutes=1)
HOURS = (10, 12, 14, 16)


@pytest.fixture
def asked(town: Town) -> Callable[[int], int]:
    """Makes a request for the big room at an hour of the 24th; its id."""
    set_rules(town, approval="manual")
    return lambda hour: town.reserve(resident(1), BIG, at(24, hour), 2).id


def approve(town: Town, made: int, actor: Actor = KEEPER) -> Callable[[], Any]:
    return lambda: approvals.approve(town.database, actor, town.now, made)


def decline(town: Town, made: int, actor: Actor = KEEPER) -> Callable[[], Any]:
    return lambda: approvals.decline(town.database, actor, town.now, made, "공사")


def cancel(town: Town, made: int) -> Callable[[], Any]:
    return lambda: reservations.cancel(town.database, resident(1), town.now, made)


def change(town: Town, made: int, hour: int, unit_id: int = BIG, hours: int = 2) -> Callable[[], Any]:
    start = at(24, hour)
    return lambda: reservations.change(
        town.database, resident(1), town.now, made, unit_id=unit_id, start=start, end=start + timedelta(hours=hours),
        people=2, purpose="옮기기",
    )  # fmt: skip


def state(town: Town, made: int) -> str:
    with town.database.read() as session:
        return session.get_one(Reservation, made).status


def times(town: Town, made: int, what: str) -> int:
    """How often that is on record."""
    query = select(func.count()).where(
        AUDIT.c.subject == f"reservation:{made}", AUDIT.c.action == f"reservation.{what}"
    )
    with town.database.read() as session:
        return session.scalar(query) or 0


def told(town: Town, *kinds: str) -> int:
    with town.database.read() as session:
        return session.scalar(select(func.count()).where(Message.kind.in_(kinds))) or 0


def test_two_keepers_approve_once(town: Town, asked: Callable[[int], int]) -> None:
    for turn, hour in enumerate(HOURS, 1):
        made = asked(hour)
        ends = race([approve(town, made, (KEEPER, COLLEAGUE)[n % 2]) for n in range(8)])
        assert ends == {"won": 8}
        assert (state(town, made), times(town, made, "confirmed")) == ("confirmed", 1)
        assert told(town, "reservation_approved") == turn
    assert broken(town.database) == []


def test_approving_races_against_declining(town: Town, asked: Callable[[int], int]) -> None:
    for turn, hour in enumerate(HOURS, 1):
        made = asked(hour)
        ends = race([*[approve(town, made)] * 3, *[decline(town, made, COLLEAGUE)] * 3])
        assert ends == {"won": 3, "not_requested": 3}
        assert state(town, made) in ("confirmed", "declined")
        assert times(town, made, "confirmed") + times(town, made, "declined") == 1
        assert told(town, "reservation_approved", "reservation_declined") == turn
    assert broken(town.database) == []


def test_approving_races_against_cancelling(town: Town, asked: Callable[[int], int]) -> None:
    """Whoever cancelled has nothing any more, whether a keeper came before or after; and nobody is told otherwise."""
    for hour in HOURS:
        made = asked(hour)
        ends = race([*[approve(town, made)] * 3, *[cancel(town, made)] * 2])
        assert set(ends) <= {"won", "not_requested"}
        assert state(town, made) == "cancelled"
        assert times(town, made, "cancelled") == 1
        assert times(town, made, "confirmed") == (1 if ends["won"] > 2 else 0)
        town.reserve(resident(2), BIG, at(24, hour), 2)  # the time is free
    assert broken(town.database) == []


def test_approving_races_against_the_clock(town: Town, asked: Callable[[int], int]) -> None:
    """A request lapses at its start: approved before, or lapsed; never a lapsed one that is confirmed."""
    for hour in HOURS:
        made, start = asked(hour), at(24, hour)
        late = [lambda start=start: request_queue.lapse(town.database, None, start)] * 3  # type: ignore[list-item, misc]
        ends = race([*[approve(town, made)] * 3, *late])
        assert ends in ({"won": 6}, {"won": 3, "not_requested": 3})
        assert state(town, made) == ("confirmed" if ends["won"] == 6 else "lapsed")
        assert times(town, made, "confirmed") + times(town, made, "lapsed") == 1
    assert broken(town.database) == []


def test_approving_races_against_changing(town: Town, asked: Callable[[int], int]) -> None:
    """An approval is of what was asked: what is moved afterwards is asked for again."""
    for hour in HOURS:
        made = asked(hour)
        ends = race([approve(town, made), approve(town, made, COLLEAGUE), change(town, made, hour, hours=1)])
        assert ends == {"won": 3}
        assert state(town, made) in ("confirmed", "requested")
        assert 1 <= times(town, made, "confirmed") <= 2
        with town.database.read() as session:
            last = session.scalars(
                select(AUDIT.c.action).where(AUDIT.c.subject == f"reservation:{made}").order_by(AUDIT.c.id.desc())
            ).first()
        assert last == ("reservation.confirmed" if state(town, made) == "confirmed" else "reservation.changed")
    assert broken(town.database) == []


def test_cancelling_races_against_changing(town: Town) -> None:
    """A cancelled one holds nothing, wherever it was going; and the freed time has exactly one new holder."""
    for hour in HOURS:
        made = town.reserve(resident(1), BIG, at(24, hour), 2).id
        moves = [change(town, made, hour, unit_id) for unit_id in (SMALL, WHOLE, BIG, SMALL)]
        others = [lambda n=n, hour=hour: town.reserve(resident(20 + n), BIG, at(24, hour), 2) for n in range(3)]  # type: ignore[misc]
        ends = race([*moves, cancel(town, made), *others])
        assert set(ends) <= {"won", "slot_taken", "not_changeable"}
        assert state(town, made) == "cancelled"
        assert broken(town.database) == []
        with town.database.read() as session:
            live = select(Reservation.account_id).where(
                Reservation.start_at == at(24, hour), Reservation.status == "confirmed"
            )
            assert len(session.scalars(live).all()) <= 1


def test_the_freed_time_has_one_new_holder(town: Town) -> None:
    """Two who have a room each want to change into each other's, and others want both: nobody loses what they had
    without another having it."""
    for hour in HOURS:
        big = town.reserve(resident(1), BIG, at(24, hour), 2).id
        small = town.reserve(resident(1), SMALL, at(24, hour), 2).id
        swaps = [change(town, big, hour, SMALL), change(town, small, hour, BIG), change(town, big, hour, WHOLE)]
        others = [lambda n=n, hour=hour: town.reserve(resident(20 + n), WHOLE, at(24, hour), 2) for n in range(3)]  # type: ignore[misc]
        assert race([*swaps, *others]) == {"slot_taken": 6}
        assert (state(town, big), state(town, small)) == ("confirmed", "confirmed")
    assert broken(town.database) == []


def test_a_block_races_against_reservations(town: Town) -> None:
    for hour in HOURS:
        keep: Callable[[], Any] = lambda hour=hour: blocks.block(  # type: ignore[misc]  # noqa: E731
            town.database, KEEPER, town.now, unit_id=WHOLE, day=at(24, 0).date(), opens=f"{hour}:00",
            closes=f"{hour + 2}:00", purpose="마을 잔치", key=f"block {hour}",
        )  # fmt: skip
        others = [lambda n=n, hour=hour: town.reserve(resident(n), BIG, at(24, hour), 2) for n in range(6)]  # type: ignore[misc]
        ends = race([keep, *others])
        assert ends == {"won": 1, "slot_taken": 6}
    assert broken(town.database) == []


@pytest.mark.parametrize("of_series", [False, True], ids=["one", "a series"])
def test_what_moves_while_somebody_waits_for_it_locks_nobody_out(town: Town, of_series: bool) -> None:
    """Who cancels it waits at its old room; it goes to the other one; somebody wants the whole house meanwhile and
    waits there. Who was waiting for the old room must not take it along to the other: each would wait for the other."""
    for turn, hour in enumerate(HOURS):
        own, key, start = resident(1), f"moving {hour}", at(24, hour)
        plan = Plan(SMALL, Recurrence(start.date(), "day", count=1), f"{hour}:00", f"{hour + 2}:00", 2, "모임")
        if of_series:
            whole = series.make(town.database, own, town.now, plan, key).whole
            made, made_series = whole.occurrences[0].id, whole.series.id
            end: Callable[[], Any] = lambda of=made_series: series.cancel(town.database, own, town.now, of)  # type: ignore[misc]  # noqa: B023, E731
        else:
            made = town.reserve(own, SMALL, start, 2).id
            end = cancel(town, made)
        ends: list[Counter[str]] = []
        runners = [end, lambda start=start, turn=turn: town.reserve(resident(20 + turn), WHOLE, start, 2)]  # type: ignore[misc]
        others = threading.Thread(target=lambda runners=runners, ends=ends: ends.append(race(runners)))  # type: ignore[misc]
        with town.database.write() as session:
            wish = Wish(Interval(start, start + timedelta(hours=2)), 2, "옮기기")
            reservations.change_in(session, own, town.now, made, BIG, wish)
            others.start()
            time.sleep(0.3)  # until both of them wait
        others.join()
        assert set(ends[0]) <= {"won", "slot_taken"}
        assert state(town, made) == "cancelled"
        assert broken(town.database) == []
