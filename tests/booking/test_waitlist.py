"""The line: fair, visible, and what is freed goes to the next in it before anybody else."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from services.booking import reservations, waitlist
from services.booking.models import AUDIT, Message, Occupancy, Person, Reservation, UnitRules, Waiting
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.waitlist import offers
from tests.booking.conftest import BIG, SMALL, UNKNOWN, WHOLE, Town, at, resident
from tests.booking.racing import race
from tests.refused import code_of

MINUTE = timedelta(minutes=1)
OFFER = 30 * MINUTE


def wish(day: int = 24, hour: int = 14, hours: float = 2, **more: Any) -> Wish:
    start = at(day, hour)
    return Wish(Interval(start, start + timedelta(hours=hours)), **{"people": 2, "purpose": "책 읽기 모임"} | more)


def join(town: Town, account: int, unit_id: int = BIG, **more: Any) -> int:
    return waitlist.join(town.database, resident(account), town.now, unit_id=unit_id, wish=wish(**more)).id


def cancel(town: Town, made: Reservation) -> None:
    reservations.cancel(town.database, resident(made.account_id), town.now, made.id)


def tick(town: Town, later: timedelta = timedelta(0)) -> None:
    town.now += later
    offers.tick(town.database, None, town.now)


def state(town: Town, waiting_id: int) -> str:
    with town.database.read() as session:
        return session.get_one(Waiting, waiting_id).status


def place(town: Town, account: int, waiting_id: int) -> int | None:
    return waitlist.read(town.database, resident(account), waiting_id)[1]


def told(town: Town, account: int) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(select(Message.kind).where(Message.account_id == account).order_by(Message.id)))


def set_rules(town: Town, unit_id: int = BIG, **settings: Any) -> None:
    with town.database.write() as session:
        session.merge(UnitRules(unit_id=unit_id, settings=settings, changed_at=town.now))


def live_here(town: Town, *accounts: int) -> None:
    with town.database.write() as session:
        for account in accounts:
            session.merge(Person(account_id=account, district="11590"))


def no_overlap(town: Town) -> bool:
    with town.database.read() as session:
        rows = session.execute(
            select(Occupancy.atom_id, Occupancy.start_at, Occupancy.end_at).order_by(Occupancy.start_at)
        ).all()
    by_atom: dict[int, list[Interval]] = {}
    for atom_id, start, end in rows:
        by_atom.setdefault(atom_id, []).append(Interval(start, end))
    return not any(a.overlaps(b) for each in by_atom.values() for a, b in pairwise(each))


def test_what_is_cancelled_is_offered_to_the_first_in_line_and_becomes_a_reservation(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    first, second = join(town, 2), join(town, 3)
    assert (place(town, 2, first), place(town, 3, second)) == (1, 2)
    cancel(town, made)
    assert (state(town, first), state(town, second)) == ("offered", "waiting")
    # nobody who passes by gets it
    assert code_of(lambda: town.reserve(resident(4), BIG, at(24, 14), 2)) == "slot_taken"
    assert code_of(lambda: waitlist.claim(town.database, resident(3), town.now, second)) == "not_your_turn"
    claimed = waitlist.claim(town.database, resident(2), town.now, first)
    assert (claimed.status, claimed.account_id, claimed.during) == ("confirmed", 2, made.during)
    assert waitlist.claim(town.database, resident(2), town.now, first).id == claimed.id
    assert (state(town, first), place(town, 3, second)) == ("claimed", 1)
    assert told(town, 2) == ["waitlist_joined", "waitlist_offered", "reservation_confirmed"]
    with town.database.read() as session:
        done = session.scalars(select(AUDIT.c.action).where(AUDIT.c.subject == f"waiting:{first}")).all()
        assert done == ["waitlist.joined", "waitlist.claimed"]


def test_an_offer_nobody_takes_goes_on_to_the_next(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    first, second = join(town, 2), join(town, 3)
    cancel(town, made)
    tick(town, OFFER - MINUTE)
    assert state(town, first) == "offered"
    tick(town, MINUTE)
    assert (state(town, first), state(town, second)) == ("missed", "offered")
    assert code_of(lambda: waitlist.claim(town.database, resident(2), town.now, first)) == "offer_over"
    assert told(town, 2)[-1] == "waitlist_missed"
    tick(town, OFFER)
    assert state(town, second) == "missed"
    town.reserve(resident(4), BIG, at(24, 14), 2)  # free for everybody again


def test_an_offer_that_ran_out_is_not_taken_even_before_the_ticker_saw_it(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    first = join(town, 2)
    cancel(town, made)
    assert code_of(lambda: waitlist.claim(town.database, resident(2), town.now + OFFER, first)) == "offer_over"


def test_an_offer_never_reaches_beyond_the_start(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(23, 14), 2)
    waiting = join(town, 2, day=23)
    town.now = at(23, 13, 50)
    cancel(town, made)
    with town.database.read() as session:
        offer = session.get_one(Waiting, waiting).offer
    assert offer is not None
    assert offer.held_until == at(23, 14)
    tick(town, 10 * MINUTE)
    assert state(town, waiting) == "missed"


def test_declining_passes_it_on_at_once_and_cancelling_the_offer_does_too(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    first, second, third = join(town, 2), join(town, 3), join(town, 4)
    cancel(town, made)
    waitlist.decline(town.database, resident(2), town.now, first)
    assert waitlist.decline(town.database, resident(2), town.now, first).status == "declined"
    assert state(town, second) == "offered"
    with town.database.read() as session:
        offer = session.get_one(Waiting, second).offer
    assert offer is not None
    cancel(town, offer)
    tick(town)
    assert (state(town, second), state(town, third)) == ("declined", "offered")


def test_who_leaves_is_not_asked(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    first, second = join(town, 2), join(town, 3)
    assert waitlist.leave(town.database, resident(2), town.now, first).status == "left"
    assert place(town, 2, first) is None
    assert place(town, 3, second) == 1
    cancel(town, made)
    assert (state(town, first), state(town, second)) == ("left", "offered")


def test_the_first_whose_whole_wish_fits_is_offered_and_longer_time_serves_several(town: Town) -> None:
    early, late = town.reserve(resident(1), BIG, at(24, 14), 1), town.reserve(resident(1), BIG, at(24, 15), 2)
    long, short, last, other_day = (
        join(town, 2, hour=14, hours=3), join(town, 3, hour=15, hours=1), join(town, 4, hour=16, hours=1),
        None,
    )  # fmt: skip
    assert other_day is None
    cancel(town, late)  # 15-17 is free: not enough for the first, enough for the two behind
    assert [state(town, each) for each in (long, short, last)] == ["waiting", "offered", "offered"]
    cancel(town, early)  # what the first needs is held for others now; they come first in what they were offered
    assert state(town, long) == "waiting"
    waitlist.decline(town.database, resident(3), town.now, short)
    assert state(town, long) == "waiting"
    waitlist.decline(town.database, resident(4), town.now, last)
    assert state(town, long) == "offered"


def test_the_house_and_its_rooms_are_one_line(town: Town) -> None:
    big, small = town.reserve(resident(1), BIG, at(24, 14), 2), town.reserve(resident(1), SMALL, at(24, 14), 2)
    house, room, other_room = join(town, 2, WHOLE), join(town, 3, BIG), join(town, 4, SMALL)
    assert [place(town, *each) for each in ((2, house), (3, room), (4, other_room))] == [1, 2, 2]
    cancel(town, small)  # the house needs both rooms
    assert [state(town, each) for each in (house, room, other_room)] == ["waiting", "waiting", "offered"]
    cancel(town, big)
    assert [state(town, each) for each in (house, room)] == ["waiting", "offered"]
    waitlist.decline(town.database, resident(4), town.now, other_room)
    waitlist.decline(town.database, resident(3), town.now, room)
    assert state(town, house) == "offered"


def test_buffers_keep_the_line_waiting_as_they_keep_everybody(town: Town) -> None:
    set_rules(town, buffer_after=60)
    before, after = town.reserve(resident(1), BIG, at(24, 12), 1), town.reserve(resident(1), BIG, at(24, 14), 1)
    waiting = join(town, 2, hour=14, hours=1)
    cancel(town, after)
    assert state(town, waiting) == "offered"
    waitlist.decline(town.database, resident(2), town.now, waiting)
    again = join(town, 3, hour=13, hours=1)  # in the hour that the earlier one keeps for cleaning
    cancel(town, before)
    assert state(town, again) == "offered"


def test_who_could_not_reserve_is_passed_over_and_keeps_the_place(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    used_up, stranger, free = join(town, 2), join(town, 3), join(town, 4)
    town.reserve(resident(2), SMALL, at(24, 10))  # another unit, but the quota is the space's
    set_rules(town, quotas=[{"per": "person", "period": "day", "limit": 1}], audience="district")
    live_here(town, 2, 4)
    cancel(town, made)
    assert [state(town, each) for each in (used_up, stranger, free)] == ["waiting", "waiting", "offered"]
    assert place(town, 2, used_up) == 1


def test_rules_are_asked_again_when_it_is_claimed(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    waiting = join(town, 2)
    cancel(town, made)
    set_rules(town, audience="district")
    claim = lambda: waitlist.claim(town.database, resident(2), town.now, waiting)  # noqa: E731
    assert code_of(claim) == "district_only"
    assert state(town, waiting) == "offered"
    set_rules(town, approval="manual", quotas=[{"per": "person", "period": "day", "limit": 1}])
    assert claim().status == "requested"  # its own offer does not count against the quota
    assert told(town, 2)[-1] == "reservation_requested"


def test_the_line_closes_when_its_time_comes(town: Town) -> None:
    town.reserve(resident(1), BIG, at(23, 14), 2)
    waiting = join(town, 2, day=23)
    town.now = at(23, 14)
    tick(town)
    tick(town)
    assert state(town, waiting) == "expired"
    assert told(town, 2) == ["waitlist_joined", "waitlist_expired"]


def test_who_may_join(town: Town) -> None:
    def refused(account: int, unit_id: int = BIG, **more: Any) -> str:
        return code_of(lambda: join(town, account, unit_id, **more))

    assert refused(2) == "slot_free"
    town.reserve(resident(1), BIG, at(24, 14), 2)
    assert refused(1) == "already_yours"
    assert refused(2, people=99) == "people_too_many"
    assert refused(2, purpose=" ") == "purpose_needed"
    assert refused(2, day=20) == "in_the_past"
    assert refused(2, UNKNOWN) == "hours_unknown"
    assert refused(2, 99) == "unit_not_found"
    waiting = join(town, 2)
    assert join(town, 2) == waiting
    set_rules(town, waitlist=False)
    assert refused(3) == "waitlist_off"
    for call in (waitlist.claim, waitlist.decline):
        assert code_of(lambda call=call: call(town.database, resident(3), town.now, waiting)) == "not_allowed"
        assert code_of(lambda call=call: call(town.database, resident(3), town.now, 99)) == "waiting_not_found"


def test_nobody_stands_in_too_many_lines(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waitlist, "MOST_LINES", 1)
    town.reserve(resident(1), BIG, at(24, 14), 2)
    town.reserve(resident(1), BIG, at(24, 16), 2)
    first = join(town, 2)
    assert code_of(lambda: join(town, 2, hour=16)) == "waitlist_too_many"
    waitlist.leave(town.database, resident(2), town.now, first)
    join(town, 2, hour=16)


def test_the_sweep_finds_what_came_free_in_another_way(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    first, second = join(town, 2), join(town, 3)
    with town.database.write() as session:  # as when the line could not be locked at the moment itself
        session.execute(Occupancy.__table__.delete().where(Occupancy.reservation_id == made.id))
    offers.sweep(town.database, None, town.now)
    offers.sweep(town.database, None, town.now)
    assert (state(town, first), state(town, second)) == ("offered", "waiting")


def test_claims_race_against_the_end_of_the_offer(town: Town) -> None:
    """Either it is claimed or it goes on to the next; never both, never neither."""
    for hour in (10, 12, 14, 16):
        made = town.reserve(resident(1), BIG, at(24, hour), 2)
        first, second = join(town, 2, hour=hour), join(town, 3, hour=hour)
        cancel(town, made)
        over = town.now + OFFER
        claims = [lambda: waitlist.claim(town.database, resident(2), over - MINUTE, first)] * 4  # noqa: B023
        ticks = [lambda: offers.tick(town.database, None, over)] * 2  # noqa: B023
        ends = race([*claims, *ticks])
        assert set(ends) <= {"won", "offer_over"}
        assert (state(town, first), state(town, second)) in (("claimed", "waiting"), ("missed", "offered"))
        assert ends["won"] == (6 if state(town, first) == "claimed" else 2)
        with town.database.read() as session:
            live = select(Reservation).where(
                Reservation.start_at == at(24, hour), Reservation.status.in_(("confirmed", "offered"))
            )
            assert len(session.scalars(live).all()) == 1
    assert no_overlap(town)


def test_joining_races_against_the_cancellation(town: Town) -> None:
    """Who joins as it is freed either is offered it or is told that it is free; nobody waits for what is free."""
    for hour in (10, 12, 14, 16):
        made = town.reserve(resident(1), BIG, at(24, hour), 2)
        joins = [lambda n=n, hour=hour: join(town, n, hour=hour) for n in range(2, 8)]
        ends = race([lambda made=made: cancel(town, made), *joins])
        assert set(ends) <= {"won", "slot_free"}
        with town.database.read() as session:
            states = list(
                session.scalars(select(Waiting.status).where(Waiting.start_at == at(24, hour)).order_by(Waiting.id))
            )
        assert states[:1] in ([], ["offered"])
        assert set(states[1:]) <= {"waiting"}


def test_two_cancellations_at_once_serve_the_line_of_the_house_without_a_deadlock(town: Town) -> None:
    for hour in (10, 12, 14, 16):
        made = [town.reserve(resident(1), unit_id, at(24, hour), 2) for unit_id in (BIG, SMALL)]
        house, room = join(town, 2, WHOLE, hour=hour), join(town, 3, BIG, hour=hour)
        passers_by = [
            lambda n=n, hour=hour: town.reserve(resident(n), (WHOLE, BIG)[n % 2], at(24, hour), 2)
            for n in range(10, 14)
        ]
        ends = race([*(lambda each=each: cancel(town, each) for each in made), *passers_by])
        assert set(ends) <= {"won", "slot_taken"}
        assert ends["won"] == 2 if state(town, room) == "offered" else ends["won"] >= 2
        offers.sweep(town.database, None, town.now)
        with town.database.read() as session:
            taken = session.scalars(
                select(Reservation.status).where(Reservation.start_at == at(24, hour), Reservation.unit_id != SMALL)
            ).all()
        assert {"offered", "confirmed"} & set(taken)
        assert (state(town, house), state(town, room)) != ("offered", "offered")
    assert no_overlap(town)


def test_places_in_many_lines_cost_one_query(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 14), 2)
    town.reserve(resident(1), BIG, at(24, 16), 2)
    join(town, 3)
    mine = [join(town, 2), join(town, 2, hour=16)]
    standing, in_line, over = waitlist.mine(town.database, resident(2))
    assert [each.id for each in standing] == mine
    assert in_line == {mine[0]: 2, mine[1]: 1}
    assert over == []
