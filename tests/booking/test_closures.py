"""The closure simulator: who is met, where they move, what they are told, and what an undo brings back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.booking import closures
from services.booking.closures import acts as closure_acts
from services.booking.closures import simulation
from services.booking.closures.simulation import Choice
from services.booking.closures.words import fill, when_text
from services.booking.models import AUDIT, ClosedTime, Closure, ClosureChoice, Message, Occupancy, Reservation
from services.booking.reservations import cancel, change
from services.booking.rules.displacement import Place
from services.booking.rules.interval import Interval
from services.booking.rules.recurrence import Recurrence
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import (
    BIG,
    FAR,
    SEOUL,
    SMALL,
    WHOLE,
    Town,
    at,
    house_of,
    resident,
    space,
    unit,
)
from tests.booking.racing import race

THIRD = 15
KEEPER = Actor(300, "지기", frozenset({Role.SPACE_KEEPER}), None, (1,))
ELSEWHERE = Actor(301, "다른 지기", frozenset({Role.SPACE_KEEPER}), None, (2,))
DISTRICT = Actor(302, "동작", frozenset({Role.DISTRICT_STAFF}), "11590")
OTHER_DISTRICT = Actor(303, "성북", frozenset({Role.DISTRICT_STAFF}), "11290")


@pytest.fixture
def town(town: Town) -> Town:
    """With a third room in the house, which is no part of what is closed."""
    rooms = [unit(BIG, "큰 회의실"), unit(SMALL, "작은 회의실", capacity=1)]
    town.tell(house_of(*rooms, unit(WHOLE, "건물 전체", ["unit:12", "unit:13"], capacity=30), unit(THIRD, "셋째 방")))
    return town


def draft(
    town: Town, day: int = 24, start: int = 0, end: int = 24, units: tuple[int, ...] = (BIG,), **more: Any
) -> Closure:
    first = at(day, start)
    last = at(day, 0) + timedelta(hours=end)
    wish = {"space_id": 1, "unit_ids": units, "reason": "바닥 공사", **more}
    return closures.draft(town.database, KEEPER, town.now, start=first, end=last, **wish)


def choose_all(town: Town, closure: Closure, **other: Choice) -> Closure:
    """Take what is proposed, but for `r12=Choice(…)`."""
    found = simulation.simulate(town.database, KEEPER, town.now, closure.id)
    choices = {each.reservation.id: each.choice for each in found.affected}
    choices |= {int(name[1:]): choice for name, choice in other.items()}
    return simulation.choose(town.database, KEEPER, town.now, closure.id, found.closure.version, choices)


def apply(town: Town, closure: Closure, **other: Choice) -> Closure:
    chosen = choose_all(town, closure, **other)
    return closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version)


def stands(town: Town, reservation: Reservation) -> tuple[str, int, datetime, datetime]:
    with town.database.read() as session:
        found = session.get_one(Reservation, reservation.id)
        held = session.execute(
            select(func.min(Occupancy.start_at), func.max(Occupancy.end_at)).where(Occupancy.reservation_id == found.id)
        ).one()
        if found.live:  # what it holds is what it says
            assert tuple(held) == (found.start_at, found.end_at)
        else:
            assert tuple(held) == (None, None)
        return found.status, found.unit_id, found.start_at, found.end_at


def told(town: Town, account_id: int) -> list[tuple[str, dict[str, Any]]]:
    with town.database.read() as session:
        rows = session.scalars(select(Message).where(Message.account_id == account_id).order_by(Message.id))
        return [(row.kind, row.params) for row in rows if row.kind.startswith("closure")]


def audited(town: Town, closure: Closure) -> list[str]:
    with town.database.read() as session:
        rows = select(AUDIT.c.action).where(AUDIT.c.subject == f"closure:{closure.id}").order_by(AUDIT.c.id)
        return list(session.scalars(rows))


def test_who_is_met_and_where_they_could_go(town: Town) -> None:
    a = town.reserve(resident(1), BIG, at(24, 14), 2)
    b = town.reserve(resident(2), BIG, at(24, 17), 1)
    whole = town.reserve(resident(3), WHOLE, at(24, 10), 1, people=20)
    town.reserve(resident(4), SMALL, at(24, 14), 2, people=1)  # another room, not met
    town.reserve(resident(5), BIG, at(25, 14), 2)  # another day
    town.reserve(resident(6), THIRD, at(24, 17), 1)
    closure = draft(town)
    found = simulation.simulate(town.database, KEEPER, town.now, closure.id)
    assert [unit.id for unit in found.units] == [BIG, WHOLE]
    choices = {each.reservation.id: each.choice for each in found.affected}
    assert choices[a.id] == Choice("move", Place(THIRD, a.during))  # same time, same house
    assert choices[b.id].place == Place(FAR, b.during)  # the third room is taken, the small one too small: the district
    assert choices[whole.id].place == Place(WHOLE, Interval(at(25, 10), at(25, 11)))  # the only one large enough
    assert stands(town, a)[0] == "confirmed"
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ClosedTime)) == 0
        assert session.scalar(select(func.count()).select_from(Message).where(Message.kind.like("closure%"))) == 0


def test_apply_moves_cancels_keeps_and_tells_in_the_keepers_words(town: Town) -> None:
    a, b, c = (town.reserve(resident(n), BIG, at(24, 10 + 2 * n), 1) for n in (1, 2, 3))
    closure = draft(town)
    texts = {
        "move": {"ko": "{때} → {새때} {새공간} ({이유}) {모름}", "en": "{when} → {new_when} {new_place}"},
        "cancel": {"ko": "{때} {공간} 취소", "en": "{when} gone"},
        "keep": {"ko": "{때} 그대로", "en": "{when} stays"},
    }
    chosen = choose_all(town, closure, **{f"r{b.id}": Choice("cancel"), f"r{c.id}": Choice("keep")})
    chosen = simulation.choose(town.database, KEEPER, town.now, closure.id, chosen.version, {}, texts)
    done = closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version)
    assert done.status == "applied"
    assert stands(town, a)[:2] == ("confirmed", THIRD)
    assert stands(town, b)[0] == "cancelled"
    assert stands(town, c)[:2] == ("confirmed", BIG)
    kind, params = told(town, 1)[0]
    when = "11월 24일 (화) 12:00–13:00"
    assert (kind, params["text_ko"]) == (
        "closure_move",
        f"{when} → {when} 상도 마을활력소 셋째 방 (바닥 공사) {{모름}}",
    )
    assert params["text_en"].startswith("Tue 24 November, 12:00–13:00 → ")
    assert told(town, 2)[0][1]["text_ko"] == "11월 24일 (화) 14:00–15:00 상도 마을활력소 큰 회의실 취소"
    assert told(town, 3)[0][0] == "closure_keep"
    for unit_id in (BIG, WHOLE):
        with pytest.raises(Refusal) as refused:
            town.reserve(resident(9), unit_id, at(24, 18))
        assert refused.value.code == "closed_closure"
    assert audited(town, closure)[-1] == "closure.applied"
    again = closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version)  # a double click
    assert again.status == "applied"
    assert len(told(town, 1)) == 1


def test_undo_restores_what_is_still_possible(town: Town) -> None:
    moved, gone, taken, kept, left = (town.reserve(resident(n), BIG, at(24, 9 + n), 1) for n in (1, 2, 3, 4, 5))
    others = {f"r{each.id}": Choice("cancel") for each in (gone, taken)} | {f"r{kept.id}": Choice("keep")}
    closure = apply(town, draft(town), **others)
    change(
        town.database,
        resident(5),
        town.now,
        left.id,
        unit_id=FAR,
        start=at(26, 10),
        end=at(26, 11),
        people=2,
        purpose="옮김",
    )
    with town.database.write() as session:  # while it is closed, only a block of the house's own could take it
        session.execute(ClosedTime.__table__.delete())
    town.reserve(resident(8), BIG, taken.start_at, 1)
    undone = closure_acts.undo(town.database, KEEPER, town.now, closure.id)
    assert undone.status == "undone"
    assert stands(town, moved) == ("confirmed", BIG, moved.start_at, moved.end_at)
    assert stands(town, gone) == ("confirmed", BIG, gone.start_at, gone.end_at)
    assert stands(town, taken)[0] == "cancelled"
    assert stands(town, kept)[:2] == ("confirmed", BIG)
    assert stands(town, left)[1] == FAR  # its owner's own change holds
    kinds = [told(town, n)[-1][0] for n in (1, 2, 3, 4, 5)]
    assert kinds == [
        "closure_restored",
        "closure_restored",
        "closure_not_restored",
        "closure_withdrawn",
        "closure_not_restored",
    ]
    town.reserve(resident(9), BIG, at(24, 20))
    assert closure_acts.undo(town.database, KEEPER, town.now, closure.id).status == "undone"
    assert len(told(town, 1)) == 2
    results = {
        each.reservation.id: each.choice.restored
        for each in closure_acts.done(town.database, KEEPER, town.now, closure.id).outcomes
    }
    assert results == {moved.id: True, gone.id: True, taken.id: False, kept.id: None, left.id: False}


def test_who_reserves_meanwhile_is_found(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 14), 1)
    closure = draft(town)
    chosen = choose_all(town, closure)
    late = town.reserve(resident(2), BIG, at(24, 16), 1)
    with pytest.raises(Refusal) as refused:
        closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version)
    assert (refused.value.code, list(refused.value.fields)) == ("closure_new_reservations", [f"choice-{late.id}"])
    found = simulation.simulate(town.database, KEEPER, town.now, closure.id)
    assert [each.new for each in found.affected] == [False, True]
    assert apply(town, closure).status == "applied"
    assert stands(town, late)[1] == THIRD


def test_what_was_changed_or_cancelled_meanwhile(town: Town) -> None:
    gone = town.reserve(resident(1), BIG, at(24, 14), 1)
    shifted = town.reserve(resident(2), BIG, at(24, 16), 1)
    closure = draft(town)
    chosen = choose_all(town, closure)
    cancel(town.database, resident(1), town.now, gone.id)
    change(
        town.database,
        resident(2),
        town.now,
        shifted.id,
        unit_id=BIG,
        start=at(24, 18),
        end=at(24, 19),
        people=2,
        purpose="옮김",
    )
    with pytest.raises(Refusal) as refused:
        closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version)
    assert list(refused.value.fields) == [f"choice-{shifted.id}"]
    assert apply(town, closure).status == "applied"
    assert stands(town, gone)[0] == "cancelled"
    assert [
        each.reservation.id for each in closure_acts.done(town.database, KEEPER, town.now, closure.id).outcomes
    ] == [shifted.id]


def test_a_place_that_was_taken_meanwhile_undoes_nothing_by_halves(town: Town) -> None:
    a = town.reserve(resident(1), BIG, at(24, 14), 1)
    b = town.reserve(resident(2), BIG, at(24, 16), 1)
    closure = draft(town)
    chosen = choose_all(town, closure)
    town.reserve(resident(3), THIRD, at(24, 16), 1)
    with pytest.raises(Refusal) as refused:
        closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version)
    assert (refused.value.code, refused.value.fields) == ("closure_move_refused", {f"choice-{b.id}": ["slot_taken"]})
    assert stands(town, a)[1] == stands(town, b)[1] == BIG
    assert told(town, 1) == []
    town.reserve(resident(4), BIG, at(24, 19))  # still open


def test_nobody_is_moved_where_the_keeper_may_not(town: Town) -> None:
    """Into another keeper's space only as anybody could reserve there; never into another district."""
    far = unit(FAR, "모임방", fee=None)
    town.tell(space(2, "사당 마을활력소", [far]))
    town.tell(space(5, "성북 쉼터", [unit(51, "마루")], district="11290"))
    a = town.reserve(resident(1), BIG, at(24, 14), 1)
    closure = draft(town, units=(BIG, SMALL, THIRD))
    assert simulation.simulate(town.database, KEEPER, town.now, closure.id).affected[0].choice.place == Place(
        FAR, a.during
    )
    from services.booking.models import UnitRules

    with town.database.write() as session:
        session.add(UnitRules(unit_id=FAR, settings={"approval": "manual"}, changed_at=town.now))
    assert simulation.simulate(town.database, KEEPER, town.now, closure.id).affected[0].choice.place.unit_id != FAR  # type: ignore[union-attr]
    with pytest.raises(Refusal) as refused:
        apply(town, closure, **{f"r{a.id}": Choice("move", Place(FAR, a.during))})
    assert refused.value.fields == {f"choice-{a.id}": ["closure_move_elsewhere"]}
    found = simulation.simulate(town.database, DISTRICT, town.now, closure.id)
    assert (
        found.affected[0].choice.place in (Place(FAR, a.during), None) or found.affected[0].choice.place.unit_id == FAR
    )  # type: ignore[union-attr]


def test_a_repeated_closure_closes_each_time(town: Town) -> None:
    a = town.reserve(resident(1), BIG, at(23, 14), 1)
    rule = Recurrence(at(23, 0).date(), "week", until=at(15, 0, month=12).date())
    closure = draft(town, day=23, start=12, end=18, rule=rule)
    found = simulation.simulate(town.database, KEEPER, town.now, closure.id)
    assert [time.start.astimezone(SEOUL).day for time in found.times] == [23, 30, 7, 14]
    later = [town.reserve(resident(2 + n), BIG, at(30, 17) + n * timedelta(days=7), 1) for n in range(2)]
    apply(town, closure)
    assert all(stands(town, each)[1] != BIG or stands(town, each)[2] != each.start_at for each in (a, *later))
    with pytest.raises(Refusal):
        town.reserve(resident(9), BIG, at(14, 12, month=12))
    town.reserve(resident(9), BIG, at(14, 18, month=12))
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ClosedTime)) == 4 * 2  # the room, and the house


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"units": ()}, "units", "closure_units_needed"),
        ({"units": (FAR,)}, "units", "closure_units_needed"),
        ({"start": 10, "end": 10}, "last_day", "end_before_start"),
        ({"day": 22}, "last_day", "in_the_past"),
        ({"end": 24 * 500}, "last_day", "closure_too_long"),
        ({"reason": " "}, "reason", "reason_needed"),
        ({"reason": "가" * 201}, "reason", "reason_too_long"),
    ],
)
def test_what_is_wrong_with_a_draft(town: Town, wrong: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        draft(town, **wrong)
    assert refused.value.status == 422
    assert code in refused.value.fields[field]


@pytest.mark.parametrize("actor", [ELSEWHERE, OTHER_DISTRICT, resident(1)], ids=["keeper", "district", "resident"])
def test_only_those_who_run_the_space(town: Town, actor: Actor) -> None:
    closure = draft(town)
    acts = [
        lambda: closures.draft(
            town.database, actor, town.now, space_id=1, unit_ids=[BIG], start=at(24, 0), end=at(25, 0), reason="공사"
        ),
        lambda: simulation.simulate(town.database, actor, town.now, closure.id),
        lambda: simulation.choose(town.database, actor, town.now, closure.id, 1, {}),
        lambda: closures.drop(town.database, actor, town.now, closure.id),
        lambda: closure_acts.apply(town.database, actor, town.now, closure.id, 1),
        lambda: closure_acts.undo(town.database, actor, town.now, closure.id),
    ]
    for act in acts:
        with pytest.raises(Refusal) as refused:
            act()
        assert (refused.value.code, refused.value.status) == ("not_allowed", 403)
    assert simulation.simulate(town.database, DISTRICT, town.now, closure.id).closure.id == closure.id


def test_two_keepers_and_a_stale_page(town: Town) -> None:
    closure = draft(town)
    simulation.choose(town.database, KEEPER, town.now, closure.id, 1, {})
    for act in (
        lambda: simulation.choose(town.database, DISTRICT, town.now, closure.id, 1, {}),
        lambda: closure_acts.apply(town.database, DISTRICT, town.now, closure.id, 1),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "closure_changed"
    closures.drop(town.database, KEEPER, town.now, closure.id)
    with pytest.raises(Refusal) as refused:
        simulation.simulate(town.database, KEEPER, town.now, closure.id)
    assert refused.value.code == "closure_not_found"


def test_applying_races_with_reserving_moving_and_cancelling(town: Town) -> None:
    """Whoever comes first: nobody is left in the closed time whom nobody chose for."""
    standing = [town.reserve(resident(n), BIG, at(24, 9 + n), 1) for n in range(4)]
    closure = draft(town)
    chosen = choose_all(town, closure)
    ends = race(
        [
            lambda: closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version),
            lambda: closure_acts.apply(town.database, KEEPER, town.now, closure.id, chosen.version),
            *(lambda n=n: town.reserve(resident(20 + n), (BIG, WHOLE)[n % 2], at(24, 15 + n), 1) for n in range(4)),  # type: ignore[misc]
            lambda: cancel(town.database, resident(0), town.now, standing[0].id),
            lambda: town.reserve(resident(40), THIRD, at(24, 10), 1),
        ]
    )
    assert set(ends) <= {"won", "closure_new_reservations", "closure_move_refused", "closed_closure", "slot_taken"}
    with town.database.read() as session:
        closed = session.scalar(select(func.count()).select_from(ClosedTime))
        status = session.get_one(Closure, closure.id).status
        live = session.scalars(
            select(Reservation).where(Reservation.status == "confirmed", Reservation.unit_id.in_([BIG, WHOLE]))
        ).all()
        kept = set(session.scalars(select(ClosureChoice.reservation_id).where(ClosureChoice.action == "keep")))
        inside = [each for each in live if each.start_at < at(25, 0) and each.id not in kept]
        assert (status == "applied") == bool(closed)
        assert not (closed and inside)
        held = session.execute(select(Occupancy.atom_id, Occupancy.start_at)).all()
    assert len(held) == len(set(held))


def test_undoing_races_with_reserving(town: Town) -> None:
    gone = town.reserve(resident(1), BIG, at(24, 14), 1)
    closure = apply(town, draft(town), **{f"r{gone.id}": Choice("cancel")})
    ends = race(
        [
            lambda: closure_acts.undo(town.database, KEEPER, town.now, closure.id),
            *(lambda n=n: town.reserve(resident(20 + n), BIG, at(24, 14), 1) for n in range(5)),  # type: ignore[misc]
        ]
    )
    assert set(ends) <= {"won", "closed_closure", "slot_taken"}
    with town.database.read() as session:
        held = session.scalars(select(Occupancy.start_at).where(Occupancy.start_at == at(24, 14))).all()
    assert len(held) == 1  # the old one is back, or one of the new ones came first: never both


def test_words_are_filled_and_nothing_else() -> None:
    facts = {"when": "언제", "reason": "{when}"}
    assert fill("{때} { when } {이유} {모름} {} {0.__class__}", facts) == "언제 언제 {when} {모름} {} {0.__class__}"
    night = Interval(at(24, 22), at(25, 2))
    assert when_text(night, SEOUL, "ko") == "11월 24일 (화) 22:00–11월 25일 (수) 02:00"
    assert when_text(Interval(at(24, 22), at(25, 0)), SEOUL, "en") == "Tue 24 November, 22:00–24:00"
