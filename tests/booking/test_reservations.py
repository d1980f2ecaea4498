"""Making, seeing and cancelling: who may, what is recorded, what is told to the others."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.booking import reservations
from services.booking.models import AUDIT, Base
from shared.bus import catalogue
from shared.identity.actor import NOBODY, Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, NOW, SMALL, UNKNOWN, Town, at, resident, space, unit

OUTBOX = Base.metadata.tables["outbox"]
KEEPER = Actor(7, "지기", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
OTHER_KEEPER = Actor(8, "이웃 지기", frozenset({Role.SPACE_KEEPER}), spaces=(2,))
DONGJAK = Actor(9, "동작", frozenset({Role.DISTRICT_STAFF}), district="11590")
SEONGBUK = Actor(10, "성북", frozenset({Role.DISTRICT_STAFF}), district="11290")
CITY = Actor(11, "시", frozenset({Role.CITY_STAFF}))
REVIEWER = Actor(12, "심사", frozenset({Role.REVIEWER}))


def rows(town: Town, table: Any) -> list[Any]:
    with town.database.read() as session:
        return list(session.execute(select(table).order_by(table.c.id)).mappings())


def test_a_reservation_is_told_and_recorded(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2, people=4, purpose="  책모임  ", group_name=" ")
    assert (made.purpose, made.group_name, made.status, made.space_id) == ("책모임", None, "confirmed", 1)
    (event,) = rows(town, OUTBOX)
    assert (event["name"], event["aggregate"], event["sequence"]) == (
        "booking.reservation.made",
        f"reservation:{made.id}",
        1,
    )
    assert catalogue.from_json(event["name"], event["version"], event["payload"]) == {
        "reservation_id": made.id,
        "unit_id": BIG,
        "space_id": 1,
        "district": "11590",
        "start": at(24, 14),
        "end": at(24, 16),
        "people": 4,
    }
    (audit,) = rows(town, AUDIT)
    assert (audit["action"], audit["account_id"], audit["subject"]) == (
        "reservation.made",
        101,
        f"reservation:{made.id}",
    )
    assert "책모임" not in str(audit["details"])


def test_the_same_key_again_is_the_same_reservation(town: Town) -> None:
    first = town.reserve(resident(), BIG, at(24, 14), idempotency_key="k")
    again = town.reserve(resident(), BIG, at(24, 14), idempotency_key="k")
    assert again.id == first.id
    assert len(rows(town, OUTBOX)) == 1


def test_the_same_key_later_too(town: Town) -> None:
    """The answer may have been lost; by now the time has passed, and yet it was made."""
    first = town.reserve(resident(), BIG, at(24, 14), idempotency_key="k")
    town.now = at(24, 15)
    assert town.reserve(resident(), BIG, at(24, 14), idempotency_key="k").id == first.id


def test_the_same_key_for_another_wish_is_refused(town: Town) -> None:
    town.reserve(resident(), BIG, at(24, 14), idempotency_key="k")
    with pytest.raises(Refusal, match="idempotency_key_reused"):
        town.reserve(resident(), BIG, at(24, 16), idempotency_key="k")
    town.reserve(resident(102), BIG, at(24, 16), idempotency_key="k")  # somebody else's key is another one


@pytest.mark.parametrize("key", ["", "k" * 81])
def test_a_key_is_needed(town: Town, key: str) -> None:
    with pytest.raises(Refusal, match="idempotency_key_needed"):
        town.reserve(resident(), BIG, at(24, 14), idempotency_key=key)


@pytest.mark.parametrize(
    ("unit_id", "people", "code", "status"),
    [(99, 2, "unit_not_found", 404), (UNKNOWN, 2, "hours_unknown", 422), (SMALL, 5, "people_too_many", 422)],
)
def test_refusals_of_the_use_case(town: Town, unit_id: int, people: int, code: str, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        town.reserve(resident(), unit_id, at(24, 14), people=people)
    assert (refused.value.code, refused.value.status) == (code, status)


def test_nobody_reserves(town: Town) -> None:
    with pytest.raises(Refusal, match="sign_in_required"):
        town.reserve(NOBODY, BIG, at(24, 14))


@pytest.mark.parametrize("actor", [resident(), KEEPER, DONGJAK, CITY], ids=["owner", "keeper", "district", "city"])
def test_who_may_cancel(town: Town, actor: Actor) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    cancelled = reservations.cancel(town.database, actor, NOW, made.id)
    assert (cancelled.status, cancelled.cancelled_at) == ("cancelled", NOW)
    assert rows(town, OUTBOX)[-1]["name"] == "booking.reservation.cancelled"
    assert rows(town, OUTBOX)[-1]["sequence"] == 2
    audit = rows(town, AUDIT)[-1]
    assert audit["action"] == "reservation.cancelled"
    assert audit["on_behalf_of"] == (None if actor.account_id == 101 else 101)


@pytest.mark.parametrize("actor", [resident(102), OTHER_KEEPER, SEONGBUK, REVIEWER, NOBODY])
def test_who_may_not(town: Town, actor: Actor) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    for use in (reservations.cancel, reservations.read):
        with pytest.raises(Refusal) as refused:
            use(town.database, actor, NOW, made.id)
        assert (refused.value.code, refused.value.status) == ("not_allowed", 403)
    assert len(rows(town, OUTBOX)) == 1


def test_cancelling_twice_changes_nothing(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    reservations.cancel(town.database, resident(), NOW, made.id)
    reservations.cancel(town.database, resident(), at(25, 14), made.id)
    assert len(rows(town, OUTBOX)) == 2


def test_when_it_is_too_late(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    for moment in (at(24, 14), at(24, 15)):
        with pytest.raises(Refusal, match="already_started"):
            reservations.cancel(town.database, resident(), moment, made.id)
    with pytest.raises(Refusal, match="already_over"):
        reservations.cancel(town.database, KEEPER, at(24, 16), made.id)
    reservations.cancel(town.database, KEEPER, at(24, 15), made.id)


def test_what_is_not_there(town: Town) -> None:
    with pytest.raises(Refusal) as refused:
        reservations.cancel(town.database, CITY, NOW, 99)
    assert (refused.value.code, refused.value.status) == ("reservation_not_found", 404)


def test_who_looked_is_recorded(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    reservations.read(town.database, resident(), NOW, made.id)
    reservations.read(town.database, DONGJAK, NOW, made.id)
    assert [(row["action"], row["account_id"]) for row in rows(town, AUDIT)][1:] == [("reservation.viewed", 9)]


def test_mine_are_mine_alone(town: Town) -> None:
    town.now = at(16, 10)
    past = town.reserve(resident(), BIG, at(20, 14))
    town.now = NOW
    later = town.reserve(resident(), BIG, at(26, 14))
    soon = town.reserve(resident(), BIG, at(24, 14))
    gone = town.reserve(resident(), BIG, at(25, 14))
    reservations.cancel(town.database, resident(), NOW, gone.id)
    town.reserve(resident(102), BIG, at(27, 14))
    mine = reservations.mine(town.database, resident(), NOW)
    assert [each.id for each in mine.upcoming] == [soon.id, later.id]
    assert [each.id for each in mine.past] == [gone.id, past.id]


def test_a_zone_with_clock_changes(town: Town) -> None:
    """In Berlin, on the morning of 28 March 2027: two hours at the wall are one in truth, and they adjoin."""
    town.tell(
        space(
            50,
            "베를린",
            [unit(500, "Raum", hours={"weekday": None, "weekend": ["00:00", "24:00"]})],
            zone="Europe/Berlin",
        )
    )
    town.now = at(20, 10, month=3, year=2027)
    start = at(28, 9, month=3, year=2027)  # 01:00 in Berlin; at 02:00 it becomes 03:00
    made = town.reserve(resident(1), 500, start, 1)
    town.reserve(resident(2), 500, made.end_at, 1)
    with pytest.raises(Refusal, match="slot_taken"):
        town.reserve(resident(3), 500, start + timedelta(minutes=30), 1)
