"""Invariant 5 under a race: the same key at once is the same thing once, whatever is made; and no key of a client's
meets one that booking makes for itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from services.booking import blocks, lottery, reservations, series, waitlist
from services.booking.models import AUDIT, Base, Message, Reservation, Series, Waiting
from services.booking.rules.recurrence import Recurrence
from services.booking.series.survey import Plan
from tests.booking.conftest import BIG, SMALL, WHOLE, Town, at, resident
from tests.booking.invariants import broken
from tests.booking.racing import race
from tests.booking.test_answer_races import KEEPER
from tests.booking.test_lottery import CLOSING, Entering, awards, tick
from tests.booking.test_lottery import plan as slots
from tests.booking.test_waitlist import cancel, join, state

N = 8
TUESDAYS = Recurrence(date(2026, 11, 24), "week", count=3)


def count(town: Town, model: type[Base], *wanted: Any) -> int:
    with town.database.read() as session:
        return session.scalar(select(func.count()).select_from(model).where(*wanted)) or 0


def repeated(town: Town, unit_id: int = BIG, purpose: str = "책 읽기 모임", closes: str = "16:00") -> Callable[[], Any]:
    plan = Plan(unit_id, TUESDAYS, "14:00", closes, 2, purpose)
    return lambda: series.make(town.database, resident(1), town.now, plan, "one")


def blocked(town: Town, unit_id: int = BIG, rule: Recurrence | None = None) -> Callable[[], Any]:
    return lambda: blocks.block(
        town.database, KEEPER, town.now, unit_id=unit_id, day=date(2026, 11, 24), opens="14:00", closes="16:00",
        purpose="마을 잔치", key="one", rule=rule,
    )  # fmt: skip


def test_a_series(town: Town) -> None:
    assert race([repeated(town)] * N) == {"won": N}
    assert (count(town, Series), count(town, Reservation), count(town, Message)) == (1, 3, 1)
    assert broken(town.database) == []


@pytest.mark.parametrize("rule", [None, TUESDAYS], ids=["one time", "a repetition"])
def test_a_block(town: Town, rule: Recurrence | None) -> None:
    assert race([blocked(town, rule=rule)] * N) == {"won": N}
    assert count(town, Reservation) == (3 if rule else 1)
    assert broken(town.database) == []


@pytest.mark.parametrize("make", ["series", "block", "repeated block"])
def test_one_key_for_two_rooms_makes_one(town: Town, make: str) -> None:
    """The rooms share no lock: the database's own guard is what says no, and it is told as a refusal."""
    ways: dict[str, Callable[[int], Callable[[], Any]]] = {
        "series": lambda unit_id: repeated(town, unit_id),
        "block": lambda unit_id: blocked(town, unit_id),
        "repeated block": lambda unit_id: blocked(town, unit_id, TUESDAYS),
    }
    ends = race([ways[make]((BIG, SMALL)[n % 2]) for n in range(N)])
    assert ends == {"won": N // 2, "idempotency_key_reused": N // 2}
    assert count(town, Reservation) == (1 if make == "block" else 3)
    assert count(town, Series) == (0 if make == "block" else 1)
    assert broken(town.database) == []


def test_one_key_for_two_series_is_refused(town: Town) -> None:
    """As with single reservations: nobody is told that the big room is theirs who has asked for the small one."""
    repeated(town)()
    for other in (repeated(town, SMALL), repeated(town, purpose="다른 모임"), repeated(town, closes="15:00")):
        assert race([other]) == {"idempotency_key_reused": 1}


def test_a_place_in_line(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 14), 2)
    assert race([lambda: join(town, 2)] * N) == {"won": N}
    assert (count(town, Waiting), count(town, Message, Message.kind == "waitlist_joined")) == (1, 1)


def test_a_claim(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    waiting = join(town, 2)
    cancel(town, made)
    ends = race([lambda: waitlist.claim(town.database, resident(2), town.now, waiting)] * N)
    assert ends == {"won": N}
    assert count(town, Message, Message.kind == "reservation_confirmed", Message.account_id == 2) == 1
    assert broken(town.database) == []


def test_a_lottery(town: Town) -> None:
    make = lambda: lottery.make(town.database, KEEPER, town.now, 1, slots((WHOLE, 5, 14), (BIG, 12, 14)), "one")  # noqa: E731
    assert race([make] * N) == {"won": N}
    assert count(town, Reservation) == 2


def test_a_change(town: Town) -> None:
    """Changing has no key: doing it again brings it to where it is."""
    made = town.reserve(resident(1), BIG, at(24, 14), 2).id
    start, end = at(24, 16), at(24, 18)
    change = lambda: reservations.change(  # noqa: E731
        town.database, resident(1), town.now, made, unit_id=WHOLE, start=start, end=end, people=2, purpose="옮기기"
    )
    assert race([change] * N) == {"won": N}
    assert broken(town.database) == []
    with town.database.read() as session:
        assert session.scalar(select(func.count()).where(AUDIT.c.action == "reservation.made")) == 1


def test_a_key_that_booking_would_make_stands_in_nobodys_way(town: Town) -> None:
    """Somebody in line, or in a lottery, names a reservation as booking names the next one: the line goes on, and the
    draw is held."""
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    waiting = join(town, 2)
    town.reserve(resident(2), SMALL, at(25, 14), 2, idempotency_key=f"waitlist:{waiting}")
    cancel(town, made)
    assert state(town, waiting) == "offered"

    drawn = lottery.make(town.database, KEEPER, town.now, 1, slots((BIG, 5, 14)), "draw").id
    with town.database.read() as session:
        slot = lottery.slots_of(session, drawn)[0].id
    lottery.enter(town.database, resident(3), town.now, drawn, Entering((slot,), 2, "모임", "말"))
    town.reserve(resident(3), SMALL, at(25, 16), 2, idempotency_key=f"lottery:{drawn}:{slot}")
    tick(town, CLOSING)
    assert [status for *_, status in awards(town, drawn)] in (["confirmed"], ["offered"])
    assert broken(town.database) == []
