"""All races mixed: create, approve, move, series, line, lottery, block, clock and import at once."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from services.booking import lottery
from services.booking.lottery import Entering
from services.booking.models import LIVE, LotteryAward, Occupancy, Reservation, UnitRules, Waiting, unit_atom
from services.booking.rules import draw
from tests.booking.conftest import BIG, SMALL, WHOLE, Town, at, resident
from tests.booking.crowd import KEEPER, PEOPLE, Crowd
from tests.booking.invariants import broken
from tests.booking.test_lottery import CLOSING, tick
from tests.booking.test_lottery import plan as slots

THREADS = 6
STEPS = 30
CONTESTED = [at(26, hour) for hour in (16, 18, 20)]
KNOWN = {
    "made", "slot_taken", "slot_free", "already_yours", "waitlist_too_many", "not_your_turn", "offer_over",
    "already_claimed", "award_over", "not_changeable", "not_requested", "series_not_free", "series_nothing_free",
    "nothing_to_cancel", "nothing_to_change", "block_nothing_free",
}  # fmt: skip
"""What somebody may be told who came too late, by its code; nothing else may end an act here."""


@pytest.mark.parametrize("regrouping", [False, True], ids=["rooms that stay", "rooms that are regrouped"])
@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_at_once(town: Town, monkeypatch: pytest.MonkeyPatch, seed: int, regrouping: bool) -> None:
    monkeypatch.setattr(draw, "STRETCH", 1)
    hold_a_draw(town)
    set_rules(town, buffers=not regrouping)
    crowd = Crowd(town, seed, regrouping)
    crowd.run(THREADS, STEPS, CONTESTED)
    assert set(crowd.ends) <= KNOWN, crowd.ends
    assert crowd.ends["made"] > THREADS * STEPS / 4
    crowd.settle()
    assert broken(town.database, torn=regrouping) == []
    assert {start: len(winners) for start, winners in crowd.winners.items()} == dict.fromkeys(CONTESTED, 1)
    assert Counter(holders(town)) == Counter(CONTESTED)
    assert restless(town) == []
    assert doubtful(town) == []


def hold_a_draw(town: Town) -> None:
    """Four times in December are won and wait for an answer, and others stand behind the winners."""
    made = lottery.make(
        town.database, KEEPER, town.now, 1,
        slots((BIG, 5, 14), (WHOLE, 6, 14), (SMALL, 12, 14), (BIG, 13, 14), confirm_hours=24), "draw",
    ).id  # fmt: skip
    with town.database.read() as session:
        wishes = tuple(slot.id for slot in lottery.slots_of(session, made))
    for account in PEOPLE:
        lottery.enter(town.database, resident(account), town.now, made, Entering(wishes, 2, "모임", f"말 {account}"))
    before = town.now
    tick(town, CLOSING)
    town.now = before


def set_rules(town: Town, buffers: bool) -> None:
    """The big room is asked for; the house needs a pause around it, where rooms stay as they are."""
    with town.database.write() as session:
        session.add(UnitRules(unit_id=BIG, settings={"approval": "manual"}, changed_at=town.now))
        if buffers:
            pause = {"buffer_before": 30, "buffer_after": 30}
            session.add(UnitRules(unit_id=WHOLE, settings=pause, changed_at=town.now))


def holders(town: Town) -> list[object]:
    """The contested times at which somebody has the big room's atom, once for each who has."""
    with town.database.read() as session:
        atom = session.scalars(select(unit_atom.c.atom_id).where(unit_atom.c.unit_id == BIG)).one()
        held = select(Reservation.start_at).join(Occupancy, Occupancy.reservation_id == Reservation.id)
        held = held.where(Occupancy.atom_id == atom, Reservation.status.in_(LIVE), Reservation.start_at.in_(CONTESTED))
        return list(session.scalars(held))


def restless(town: Town) -> list[int]:
    """Who waits for what is free: the line forgot them."""
    found = []
    with town.database.read() as session:
        for waiting in session.scalars(select(Waiting).where(Waiting.status == "waiting")):
            policy = waiting.unit.policy
            start, end = waiting.start_at - policy.buffer_before, waiting.end_at + policy.buffer_after
            in_the_way = (
                select(Occupancy.reservation_id)
                .join(unit_atom, unit_atom.c.atom_id == Occupancy.atom_id)
                .where(unit_atom.c.unit_id == waiting.unit_id, Occupancy.guard_start < end, Occupancy.guard_end > start)
            )
            if not session.scalars(in_the_way).first():
                found.append(waiting.id)
    return found


def doubtful(town: Town) -> list[str]:
    """Offers and wins that say something else than their reservation."""
    found = []
    with town.database.read() as session:
        for waiting in session.scalars(select(Waiting)):
            held = session.get(Reservation, waiting.reservation_id) if waiting.reservation_id else None
            status = held.status if held else None
            wanted = {"offered": ("offered",), "claimed": (*LIVE, "cancelled", "declined", "lapsed")}
            if waiting.status in wanted and status not in wanted[waiting.status]:
                found.append(f"waiting {waiting.id} is {waiting.status}, its reservation {status}")
            if waiting.status not in ("offered", "claimed") and status in LIVE:
                found.append(f"waiting {waiting.id} is {waiting.status}, its reservation {status}")
        live: Counter[int] = Counter()
        for award in session.scalars(select(LotteryAward)):
            held = session.get_one(Reservation, award.reservation_id)
            live[award.slot_id] += held.status in LIVE
            if award.status == "offered" and held.status != "offered":
                found.append(f"award {award.id} is offered, its reservation {held.status}")
            if award.status in ("declined", "missed") and held.status in LIVE:
                found.append(f"award {award.id} is {award.status}, its reservation {held.status}")
    return found + [f"slot {slot_id} was given to {count}" for slot_id, count in live.items() if count > 1]
