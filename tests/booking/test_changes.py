"""Changing, approving and declining: what a reservation may become, who may do it, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from services.booking import approvals, reservations
from services.booking.models import Message, Occupancy, Reservation, UnitRules
from services.booking.rules.policy import POLICY
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, FAR, SMALL, WHOLE, Town, at, resident

KEEPER = Actor(9, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
MINUTE = timedelta(minutes=1)


def rule(town: Town, unit_id: int, **rules: Any) -> None:
    """Set a unit's policy."""
    with town.database.write() as session:
        settings = replace(POLICY, **rules).settings()
        session.merge(UnitRules(unit_id=unit_id, settings=settings, changed_at=town.now))


def change(town: Town, actor: Actor, made: Reservation, **to: Any) -> Reservation:
    wish = {"unit_id": made.unit_id, "start": made.start_at, "end": made.end_at, "people": 2, "purpose": "책 읽기 모임"}
    return reservations.change(town.database, actor, town.now, made.id, **{**wish, **to})


def events(town: Town) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(text("SELECT name FROM outbox ORDER BY id")))


def held(town: Town) -> list[tuple[Any, Any]]:
    with town.database.read() as session:
        rows = session.execute(select(Occupancy.start_at, Occupancy.end_at).order_by(Occupancy.start_at)).all()
        return [(start, end) for start, end in rows]


def told(town: Town, account_id: int) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(select(Message.kind).where(Message.account_id == account_id).order_by(Message.id)))


def test_to_another_time_that_overlaps_its_own(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    changed = change(town, resident(), made, start=at(24, 15), end=at(24, 17))
    assert held(town) == [(at(24, 15), at(24, 17))]
    assert changed.sequence == 1
    assert events(town) == ["booking.reservation.made"] * 2  # the later one replaces the earlier
    assert told(town, 101) == ["reservation_confirmed", "reservation_changed"]
    town.reserve(resident(2), BIG, at(24, 14))  # what it left is free


def test_to_another_room(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    assert change(town, resident(), made, unit_id=SMALL).unit_id == SMALL
    town.reserve(resident(2), BIG, at(24, 14), 2)
    with pytest.raises(Refusal, match="slot_taken"):
        town.reserve(resident(3), WHOLE, at(24, 14), 2)


def test_a_refused_change_leaves_all_as_it_was(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    town.reserve(resident(2), BIG, at(24, 16), 2)
    before = held(town)
    for wish, code in [
        ({"start": at(24, 15), "end": at(24, 17)}, "slot_taken"),
        ({"people": 11}, "people_too_many"),
        ({"start": at(24, 8), "end": at(24, 9)}, "outside_hours"),
        ({"unit_id": 999}, "unit_not_found"),
    ]:
        with pytest.raises(Refusal) as refused:
            change(town, resident(), made, **wish)
        assert refused.value.code == code
    assert held(town) == before
    assert told(town, 101) == ["reservation_confirmed"]


def test_only_its_owner_and_its_keepers_change_it(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14))
    with pytest.raises(Refusal, match="not_allowed"):
        change(town, resident(2), made, people=3)
    elsewhere = Actor(8, "남", frozenset({Role.SPACE_KEEPER}), spaces=(2,))
    with pytest.raises(Refusal, match="not_allowed"):
        change(town, elsewhere, made, people=3)
    assert change(town, KEEPER, made, people=3).people == 3


def test_what_has_begun_or_ended_is_not_changed(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14))
    town.now = at(24, 14)
    with pytest.raises(Refusal, match="already_started"):
        change(town, resident(), made, people=3)
    town.now = at(24, 13)
    reservations.cancel(town.database, resident(), town.now, made.id)
    with pytest.raises(Refusal, match="not_changeable"):
        change(town, resident(), made, people=3)


def test_a_keeper_decides_where_the_rule_says_so(town: Town) -> None:
    rule(town, BIG, approval="manual")
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    assert made.status == "requested"
    with pytest.raises(Refusal, match="slot_taken"):  # it holds its time meanwhile
        town.reserve(resident(2), BIG, at(24, 15))
    with pytest.raises(Refusal, match="not_allowed"):
        approvals.approve(town.database, resident(), town.now, made.id)
    assert approvals.approve(town.database, KEEPER, town.now, made.id).status == "confirmed"
    assert approvals.approve(town.database, KEEPER, town.now, made.id).status == "confirmed"
    assert told(town, 101) == ["reservation_requested", "reservation_approved"]
    with pytest.raises(Refusal, match="not_requested"):
        approvals.decline(town.database, KEEPER, town.now, made.id, "늦었어요")
    # Another time has to be approved again, another number of people not.
    assert change(town, resident(), made, people=3).status == "confirmed"
    assert change(town, resident(), made, start=at(24, 16), end=at(24, 18)).status == "requested"


def test_declining_needs_a_reason_and_frees_the_time(town: Town) -> None:
    rule(town, BIG, approval="manual")
    made = town.reserve(resident(), BIG, at(24, 14), 2)
    with pytest.raises(Refusal, match="reason_needed"):
        approvals.decline(town.database, KEEPER, town.now, made.id, "  ")
    declined = approvals.decline(town.database, KEEPER, town.now, made.id, "그날은 마을 잔치가 있어요")
    assert (declined.status, declined.reason) == ("declined", "그날은 마을 잔치가 있어요")
    assert events(town) == ["booking.reservation.made", "booking.reservation.cancelled"]
    town.reserve(resident(2), BIG, at(24, 14), 2)


def test_buffers_keep_their_distance_to_reservations_but_not_to_one_another(town: Town) -> None:
    rule(town, BIG, buffer_before=30 * MINUTE, buffer_after=30 * MINUTE)
    town.reserve(resident(1), BIG, at(24, 12), 2)
    for start in (at(24, 14), at(24, 11)):
        with pytest.raises(Refusal, match="slot_taken"):
            town.reserve(resident(2), BIG, start, 1)
    town.reserve(resident(2), BIG, at(24, 14, 30), 1)  # half an hour serves both
    with pytest.raises(Refusal, match="slot_taken"):  # the house has no buffer of its own, but the room does
        town.reserve(resident(3), WHOLE, at(24, 15, 30), 1)


def test_a_cancellation_keeps_the_notice_that_the_keeper_set(town: Town) -> None:
    rule(town, BIG, cancel_notice=180 * MINUTE)
    made = town.reserve(resident(), BIG, at(23, 12))
    with pytest.raises(Refusal, match="too_late_to_cancel") as refused:
        reservations.cancel(town.database, resident(), town.now, made.id)
    assert refused.value.params == {"hours": "3"}
    cancelled = reservations.cancel(town.database, KEEPER, town.now, made.id, "수도 공사")
    assert cancelled.reason == "수도 공사"
    assert told(town, 101)[-1] == "reservation_cancelled"


def test_a_room_of_another_place_counts_there(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(24, 14))
    changed = change(town, resident(), made, unit_id=FAR)
    assert (changed.unit_id, changed.space_id, changed.price_won) == (FAR, 2, None)


def test_the_form_changes_and_keeps_what_was_typed(house: Any, town: Town, clock: Any) -> None:
    browser = house.client("resident")
    me = house.actor("resident")
    made = town.reserve(me, BIG, at(24, 14), 2)
    town.reserve(resident(2), BIG, at(24, 16), 2)
    address = f"/booking/reservations/{made.id}/change"
    assert 'value="2026-11-24"' in browser.get(address).text
    typed = {"unit_id": BIG, "date": "2026-11-24", "start": "15:00", "end": "17:00", "people": "3", "purpose": "뜨개질"}
    refused = browser.post_form(address, typed)
    assert refused.status_code == 409
    assert "이 시간은 이미 예약되었습니다" in refused.text
    assert 'value="뜨개질"' in refused.text
    done = browser.post_form(address, {**typed, "unit_id": SMALL})
    assert done.status_code == 302
    with town.database.read() as session:
        kept = session.get_one(Reservation, made.id)
    assert (kept.unit_id, kept.people, kept.purpose) == (SMALL, 3, "뜨개질")
