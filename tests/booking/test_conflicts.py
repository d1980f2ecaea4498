"""Rooms divided or joined anew while they are reserved: what meets is noted, shown to the keeper and settled."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from services.booking import conflicts, reservations
from services.booking.models import AUDIT, AtomConflict
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG_ROOM, SMALL, SMALL_ROOM, WHOLE, WHOLE_HOUSE, Town, at, house_of, resident, unit

KEEPER = Actor(7, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
ELSEWHERE = Actor(8, "다른 운영자", frozenset({Role.SPACE_KEEPER}), spaces=(2,))


@pytest.fixture
def met(town: Town) -> tuple[int, int]:
    """The house did not include the small room; since it does, its reservation meets the room's."""
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, unit(WHOLE, "건물 전체", ["unit:12"], capacity=30)))
    whole = town.reserve(resident(1), WHOLE, at(24, 14), 2)
    small = town.reserve(resident(2), SMALL, at(24, 15), 2)
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, WHOLE_HOUSE))
    return whole.id, small.id


def seen(town: Town, actor: Actor = KEEPER) -> list[tuple[int, int]]:
    return [(each.reservation.id, each.other.id) for each in conflicts.of(town.database, actor, town.now)]


def test_the_keeper_sees_both_and_nobody_else_does(town: Town, met: tuple[int, int]) -> None:
    assert seen(town) == [met]
    assert conflicts.count(town.database, KEEPER, town.now) == 1
    assert seen(town, ELSEWHERE) == []
    assert conflicts.count(town.database, ELSEWHERE, town.now) == 0
    with town.database.read() as session:
        looked = session.scalars(select(AUDIT.c.account_id).where(AUDIT.c.action == "conflicts.viewed")).all()
    assert looked == [KEEPER.account_id]


def test_told_again_it_is_one_conflict(town: Town, met: tuple[int, int]) -> None:
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, unit(WHOLE, "건물 전체", ["unit:12"], capacity=30)))
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, WHOLE_HOUSE))
    assert seen(town) == [met]


def test_it_is_over_when_one_of_them_goes(town: Town, met: tuple[int, int]) -> None:
    reservations.cancel(town.database, KEEPER, town.now, met[1], reason="같은 자리를 쓰게 되어 죄송합니다")
    assert seen(town) == []
    assert conflicts.count(town.database, KEEPER, town.now) == 0


def test_it_is_over_when_one_of_them_moves_away(town: Town, met: tuple[int, int]) -> None:
    reservations.change(
        town.database,
        KEEPER,
        town.now,
        met[1],
        unit_id=SMALL,
        start=at(24, 16),
        end=at(24, 18),
        people=2,
        purpose="모임",
    )
    assert seen(town) == []


def test_both_may_stay(town: Town, met: tuple[int, int]) -> None:
    for who in (ELSEWHERE, resident(1)):
        with pytest.raises(Refusal, match="not_allowed"):
            conflicts.settle(town.database, who, town.now, *met)
    with pytest.raises(Refusal, match="conflict_not_found"):
        conflicts.settle(town.database, KEEPER, town.now, met[1], met[0])
    conflicts.settle(town.database, KEEPER, town.now, *met)
    conflicts.settle(town.database, KEEPER, town.now, *met)
    assert seen(town) == []
    with town.database.read() as session:
        assert session.get_one(AtomConflict, met).settled_at == town.now
        told = session.scalars(select(AUDIT.c.subject).where(AUDIT.c.action == "reservation.conflict_settled")).all()
    assert told == [f"reservation:{met[0]}"]


def test_by_page_and_api(house: Any, town: Town, clock: Any, met: tuple[int, int]) -> None:
    clock(town.now)
    keeper = house.client("keeper")
    page = keeper.get("/booking/manage/conflicts")
    assert page.status_code == 200
    assert f"/booking/reservations/{met[0]}/cancel" in page.text
    assert f"/booking/reservations/{met[1]}/change" in page.text
    assert house.client("seongbuk").get("/booking/api/manage/conflicts").json == []
    assert house.client("resident").get("/booking/manage/conflicts").status_code == 403
    (told,) = keeper.get("/booking/api/manage/conflicts").json
    assert (told["reservation"]["id"], told["other"]["id"]) == met
    where = f"/booking/manage/conflicts/{met[0]}/{met[1]}"
    assert house.client("seongbuk").post_form(where, {}).status_code == 403
    assert keeper.post_form(where, {}).status_code == 302
    assert keeper.get("/booking/api/manage/conflicts").json == []
