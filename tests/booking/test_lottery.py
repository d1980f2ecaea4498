"""Lotteries: times are kept, everybody may enter, the draw can be run again, what nobody takes goes on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.booking import lottery, reservations, waitlist
from services.booking.lottery import Entering, drawing
from services.booking.models import (
    AUDIT,
    ClosedTime,
    Lottery,
    LotteryAward,
    LotteryEntry,
    LotterySlot,
    Message,
    Person,
    Reservation,
)
from services.booking.rules import draw
from services.booking.rules.interval import Interval
from services.booking.rules.lottery import Plan, slot_times
from services.booking.rules.policy import Wish
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, FAR, SEOUL, SMALL, WHOLE, Town, at, resident
from tests.booking.racing import race
from tests.refused import code_of

KEEPER = Actor(500, "지킴이", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
OTHER_KEEPER = Actor(501, "다른 지킴이", frozenset({Role.SPACE_KEEPER}), spaces=(2,))
HOUR = timedelta(hours=1)
CLOSING = at(27, 18)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round instead of half a million; `test_draw.py` draws as the product does."""
    monkeypatch.setattr(draw, "STRETCH", 1)


def plan(*slots: tuple[int, int, int], **more: Any) -> Plan:
    """Slots of (unit, day in December, hour), two hours each."""
    wanted = tuple((unit, Interval(at(day, hour, month=12), at(day, hour + 2, month=12))) for unit, day, hour in slots)
    usual: dict[str, Any] = {"name": "12월 토요일", "slots": wanted, "opens_at": at(23, 9), "closes_at": CLOSING}
    return Plan(**usual | more)


def make(town: Town, *slots: tuple[int, int, int], key: str = "one", **more: Any) -> int:
    return lottery.make(town.database, KEEPER, town.now, 1, plan(*slots, **more), key).id


def slots_of(town: Town, lottery_id: int) -> list[int]:
    with town.database.read() as session:
        return [slot.id for slot in lottery.slots_of(session, lottery_id)]


def enter(town: Town, account: int, lottery_id: int, *wishes: int, **more: Any) -> LotteryEntry:
    usual: dict[str, Any] = {"people": 4, "purpose": "송년 모임", "words": f"말 {account}"}
    return lottery.enter(town.database, resident(account), town.now, lottery_id, Entering(wishes, **usual | more))


def tick(town: Town, moment: Any = None) -> None:
    town.now = moment or town.now
    drawing.tick(town.database, None, town.now)


def get(town: Town, lottery_id: int) -> Lottery:
    with town.database.read() as session:
        return session.get_one(Lottery, lottery_id)


def awards(town: Town, lottery_id: int) -> list[tuple[int, int, str]]:
    """(slot, account, status) in order of giving."""
    with town.database.read() as session:
        rows = session.scalars(
            select(LotteryAward).join(LotterySlot, LotterySlot.id == LotteryAward.slot_id)
            .where(LotterySlot.lottery_id == lottery_id).order_by(LotteryAward.id)
        )  # fmt: skip
        return [(row.slot_id, row.entry.account_id, row.status) for row in rows]


def award_of(town: Town, lottery_id: int, account: int) -> int:
    with town.database.read() as session:
        query = select(LotteryAward.id).join(LotteryEntry, LotteryEntry.id == LotteryAward.entry_id)
        query = query.where(LotteryEntry.lottery_id == lottery_id, LotteryEntry.account_id == account)
        return session.scalars(query.order_by(LotteryAward.id.desc())).first()  # type: ignore[return-value]


def told(town: Town, account: int) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(select(Message.kind).where(Message.account_id == account).order_by(Message.id)))


def live(town: Town, unit_id: int, day: int, hour: int) -> list[tuple[int, str, str]]:
    with town.database.read() as session:
        query = select(Reservation).where(
            Reservation.unit_id == unit_id, Reservation.start_at == at(day, hour, month=12)
        )
        return [(each.account_id, each.kind, each.status) for each in session.scalars(query) if each.live]


def test_its_times_are_kept_and_its_seed_is_committed_to(town: Town) -> None:
    made = make(town, (BIG, 5, 14), (BIG, 12, 14))
    assert make(town, (BIG, 5, 14), (BIG, 12, 14)) == made
    assert live(town, BIG, 5, 14) == [(0, "lottery", "confirmed")]
    for unit in (BIG, WHOLE):
        assert code_of(lambda unit=unit: town.reserve(resident(1), unit, at(5, 14, month=12))) == "slot_taken"
    found = get(town, made)
    assert found.commitment == draw.commitment(found.seed)
    assert found.receipt is None
    assert lottery.read(town.database, resident(1), made).slots[0].status == "held"


def test_what_is_reserved_or_closed_is_respected(town: Town) -> None:
    town.reserve(resident(1), SMALL, at(5, 15, month=12), 1)
    for slots in (((WHOLE, 5, 14),), ((BIG, 5, 8),), ((BIG, 5, 14), (BIG, 5, 15)), ((BIG, 5, 14), (WHOLE, 5, 14))):
        with pytest.raises(Refusal) as refused:
            make(town, *slots)
        assert refused.value.code == "lottery_slots_taken"
        assert refused.value.params["count"] == 1
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Lottery)) == 0
    made = make(town, (WHOLE, 5, 14), (BIG, 6, 12), (BIG, 6, 13), skip=True)
    assert [slot.start_at for slot in lottery.read(town.database, KEEPER, made).slots] == [at(6, 12, month=12)]


def test_who_may_make_one_and_of_what(town: Town) -> None:
    def refused(actor: Actor = KEEPER, space: int = 1, *slots: tuple[int, int, int], **more: Any) -> str:
        asked = plan(*(slots or ((BIG, 5, 14),)), **more)
        return code_of(lambda: lottery.make(town.database, actor, town.now, space, asked, "key"))

    assert refused(OTHER_KEEPER) == refused(resident(1)) == "not_allowed"
    assert refused(KEEPER, 99) == "space_not_found"
    assert refused(KEEPER, 1, (FAR, 5, 14)) == "unit_not_found"
    assert refused(name=" ") == "lottery_name_needed"
    assert refused(slots=()) == "lottery_no_slots"
    assert refused(closes_at=at(23, 8)) == "lottery_closes_before_opens"
    assert refused(opens_at=at(20, 9), closes_at=at(23, 9)) == "lottery_closes_in_the_past"
    assert refused(closes_at=at(5, 10, month=12)) == "lottery_slots_too_early"  # no day left to confirm
    assert refused(wins=0) == refused(base=0) == refused(tickets={"luck": 1}) == "setting_out_of_range"


def test_slots_are_made_of_dates_weekdays_and_clocks() -> None:
    found = slot_times(at(1, 0).date(), at(15, 0).date(), {6}, [("10:00", "12:00"), ("14:00", "24:00")], SEOUL)
    assert [each.start.astimezone(SEOUL).strftime("%d %H") for each in found] == ["07 10", "07 14", "14 10", "14 14"]
    assert found[1].length == 10 * HOUR


def test_people_enter_change_and_withdraw_while_it_is_open(town: Town) -> None:
    made = make(town, (BIG, 5, 14), (SMALL, 5, 14), opens_at=at(23, 12))
    big, small = slots_of(town, made)
    assert code_of(lambda: enter(town, 1, made, big)) == "lottery_not_open"
    town.now = at(23, 12)
    first, second = enter(town, 1, made, big), enter(town, 2, made, big, small)
    assert (first.number, second.number) == (1, 2)
    changed = enter(town, 1, made, small, big, words="")
    assert (changed.id, changed.wishes) == (first.id, [small, big])
    assert changed.words
    assert changed.nonce == draw.nonce_of(changed.words)
    lottery.withdraw(town.database, resident(2), town.now, made)
    assert lottery.read(town.database, resident(1), made).wished == {small: 1, big: 1}
    assert enter(town, 2, made, big).number == 2
    for wrong, code in (
        ({"wishes": ()}, "lottery_wish_needed"), ({"wishes": (big, big)}, "lottery_wish_twice"),
        ({"wishes": (999,)}, "lottery_wish_unknown"), ({"people": 11}, "lottery_too_many_people"),
        ({"people": 0}, "people_too_few"), ({"purpose": ""}, "purpose_needed"),
        ({"group_id": 9}, "group_not_yours"), ({"words": "x" * 101}, "lottery_words_too_long"),
    ):  # fmt: skip
        assert code_of(lambda wrong=wrong: enter(town, 3, made, *wrong.pop("wishes", (big,)), **wrong)) == code
    town.now = CLOSING
    assert code_of(lambda: enter(town, 3, made, big)) == "lottery_not_open"
    assert code_of(lambda: lottery.withdraw(town.database, resident(1), town.now, made)) == "lottery_not_open"
    assert told(town, 1) == ["lottery_entered"]


def test_the_draw_becomes_reservations_and_anyone_can_run_it_again(town: Town) -> None:
    made = make(town, (BIG, 5, 14), (BIG, 12, 14), (SMALL, 5, 14), confirm_hours=0)
    big, small, later = slots_of(town, made)
    for account in (1, 2, 3):
        enter(town, account, made, big)
    enter(town, 4, made, big, later)
    lottery.withdraw(town.database, resident(3), town.now, made)
    tick(town, CLOSING - timedelta(seconds=1))
    assert get(town, made).status == "made"
    tick(town, CLOSING)
    tick(town)  # once more does nothing
    found = get(town, made)
    assert (found.status, found.list_hash) == ("drawn", found.receipt["list_hash"])
    assert draw.problems(json.loads(json.dumps(found.receipt))) == []
    assert found.receipt["seed"] == found.seed
    given = awards(town, made)
    winner = next(account for slot, account, _ in given if slot == big)
    assert winner in (1, 2, 4)
    assert live(town, BIG, 5, 14) == [(winner, "visit", "confirmed")]
    assert live(town, SMALL, 5, 14) == []  # nobody wished for it: free for all
    town.reserve(resident(9), SMALL, at(5, 14, month=12))
    assert len(given) == (1 if winner == 4 else 2)
    assert told(town, winner) == ["lottery_entered", "lottery_won"]
    loser = next(account for account in (1, 2) if account != winner)
    assert told(town, loser) == ["lottery_entered", "lottery_lost"]
    assert told(town, 3) == ["lottery_entered"]
    assert small
    with town.database.read() as session:
        done = session.scalars(select(AUDIT.c.action).where(AUDIT.c.subject == f"lottery:{made}").order_by(AUDIT.c.id))
        assert [each for each in done if each in ("lottery.made", "lottery.closed", "lottery.drawn")] == [
            "lottery.made", "lottery.closed", "lottery.drawn"
        ]  # fmt: skip


def test_a_draw_that_was_killed_after_closing_is_drawn_by_the_next_to_the_same_result(town: Town) -> None:
    made = make(town, (BIG, 5, 14))
    (slot,) = slots_of(town, made)
    for account in range(1, 6):
        enter(town, account, made, slot)
    drawing.close(town.database, CLOSING, made)
    closed = get(town, made)
    assert (closed.status, closed.receipt) == ("closed", None)
    assert code_of(lambda: enter(town, 7, made, slot)) == "lottery_not_open"
    race([lambda: drawing.draw_one(town.database, CLOSING, made)] * 4)
    assert get(town, made).receipt["list_hash"] == closed.list_hash
    assert len(awards(town, made)) == 1


def test_tickets_follow_the_stated_rules(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 10))
    with town.database.write() as session:
        session.merge(Person(account_id=2, district="11590"))
    tickets = {"first_timer": 2, "resident": 3, "won_lately": -1}
    first = make(town, (BIG, 5, 14), base=2, tickets=tickets, confirm_hours=0)
    for account in (1, 2, 3):
        enter(town, account, first, *slots_of(town, first))
    tick(town, CLOSING)
    receipt = get(town, first).receipt
    by_entry = {each["entry"]: dict(each["parts"]) for each in receipt["results"]}
    assert by_entry == {
        1: {"base": 2}, 2: {"base": 2, "first_timer": 2, "resident": 3}, 3: {"base": 2, "first_timer": 2},
    }  # fmt: skip
    winner = awards(town, first)[0][1]
    town.now = at(28, 10)
    second = make(town, (BIG, 12, 14), base=2, tickets=tickets, key="two", closes_at=at(30, 10))
    enter(town, winner, second, *slots_of(town, second))
    tick(town, at(30, 10))
    assert dict(get(town, second).receipt["results"][0]["parts"])["won_lately"] == -1


def test_a_win_must_be_confirmed_or_goes_to_the_next_rank(town: Town) -> None:
    made = make(town, (BIG, 5, 14), confirm_hours=24)
    (slot,) = slots_of(town, made)
    for account in (1, 2, 3):
        enter(town, account, made, slot)
    tick(town, CLOSING)
    ranking = [each["entry"] for each in get(town, made).receipt["results"]]
    assert live(town, BIG, 5, 14) == [(ranking[0], "visit", "offered")]
    assert told(town, ranking[0])[-1] == "lottery_to_confirm"
    first = award_of(town, made, ranking[0])
    assert code_of(lambda: drawing.confirm(town.database, resident(ranking[1]), town.now, first)) == "not_allowed"
    assert code_of(lambda: drawing.confirm(town.database, resident(1), town.now, 99)) == "award_not_found"
    tick(town, CLOSING + 24 * HOUR)
    assert told(town, ranking[0])[-1] == "lottery_missed"
    assert code_of(lambda: drawing.confirm(town.database, resident(ranking[0]), town.now, first)) == "award_over"
    assert live(town, BIG, 5, 14) == [(ranking[1], "visit", "offered")]
    second = award_of(town, made, ranking[1])
    drawing.decline(town.database, resident(ranking[1]), town.now, second)
    drawing.decline(town.database, resident(ranking[1]), town.now, second)
    third = award_of(town, made, ranking[2])
    confirmed = drawing.confirm(town.database, resident(ranking[2]), town.now, third)
    assert drawing.confirm(town.database, resident(ranking[2]), town.now, third).id == confirmed.id
    assert live(town, BIG, 5, 14) == [(ranking[2], "visit", "confirmed")]
    assert [status for *_, status in awards(town, made)] == ["missed", "declined", "confirmed"]


def test_what_nobody_takes_goes_to_the_waitlist(town: Town) -> None:
    made = make(town, (BIG, 5, 14))
    (slot,) = slots_of(town, made)
    enter(town, 1, made, slot)
    wish = Wish(Interval(at(5, 14, month=12), at(5, 16, month=12)), 2, "책 읽기 모임")
    waiting = waitlist.join(town.database, resident(7), town.now, unit_id=BIG, wish=wish).id
    tick(town, CLOSING)
    assert live(town, BIG, 5, 14) == [(1, "visit", "offered")]
    drawing.decline(town.database, resident(1), town.now, award_of(town, made, 1))
    assert live(town, BIG, 5, 14) == [(7, "visit", "offered")]
    assert waitlist.claim(town.database, resident(7), town.now, waiting).status == "confirmed"


def test_nobody_wins_more_than_one_may_even_when_others_pass(town: Town) -> None:
    made = make(town, (BIG, 5, 14), (BIG, 12, 14))
    one, two = slots_of(town, made)
    for account in (1, 2):
        enter(town, account, made, one, two)
    tick(town, CLOSING)
    holder = {slot: account for slot, account, _ in awards(town, made)}
    assert set(holder.values()) == {1, 2}
    ends = race([
        lambda: drawing.decline(town.database, resident(holder[one]), town.now, award_of(town, made, holder[one])),
        lambda: drawing.confirm(town.database, resident(holder[two]), town.now, award_of(town, made, holder[two])),
    ])  # fmt: skip
    assert ends == {"won": 2}
    assert live(town, BIG, 5, 14) == []  # the other one has won enough already
    assert live(town, BIG, 12, 14) == [(holder[two], "visit", "confirmed")]


def test_confirming_races_against_the_deadline(town: Town) -> None:
    for number, day in enumerate((5, 6, 7, 8)):
        town.now = at(23, 10)
        made = make(town, (BIG, day, 14), key=f"race {number}", confirm_hours=1)
        (slot,) = slots_of(town, made)
        for account in (1, 2):
            enter(town, account, made, slot)
        tick(town, CLOSING)
        winner = awards(town, made)[0][1]
        mine, over = award_of(town, made, winner), CLOSING + HOUR
        clicks = [lambda: drawing.confirm(town.database, resident(winner), over - HOUR / 60, mine)] * 4  # noqa: B023
        ticks = [lambda: drawing.tick(town.database, None, over)] * 2  # noqa: B023
        ends = race([*clicks, *ticks])
        states = [status for *_, status in awards(town, made)]
        assert set(ends) <= {"won", "award_over"}
        assert states in (["confirmed"], ["missed", "offered"])
        assert ends["won"] == (6 if states == ["confirmed"] else 2)
        assert len(live(town, BIG, day, 14)) == 1


def test_entering_races_against_closing(town: Town) -> None:
    """Whoever was let in is in the draw, and nobody else."""
    made = make(town, (BIG, 5, 14))
    (slot,) = slots_of(town, made)
    before = CLOSING - timedelta(seconds=1)

    def try_to_enter(account: int) -> None:
        entering = Entering((slot,), 2, "송년 모임", "말")
        lottery.enter(town.database, resident(account), before, made, entering)

    ends = race([
        *(lambda n=n: try_to_enter(n) for n in range(1, 9)), lambda: drawing.tick(town.database, None, CLOSING),
    ])  # fmt: skip
    assert set(ends) <= {"won", "lottery_not_open"}
    found = get(town, made)
    assert found.status == "drawn"
    assert len(found.receipt["results"]) == ends["won"] - 1
    assert draw.problems(found.receipt) == []


def test_two_lotteries_for_the_same_times_hold_them_once(town: Town) -> None:
    ends = race([lambda n=n: make(town, (WHOLE, 5, 14), (BIG, 12, 14), key=f"key {n}") for n in range(4)])
    assert ends == {"won": 1, "lottery_slots_taken": 3}


def test_calling_it_off_frees_its_times_and_tells_everybody(town: Town) -> None:
    made = make(town, (BIG, 5, 14))
    enter(town, 1, made, *slots_of(town, made))
    cancel = lambda actor: lottery.cancel(town.database, actor, town.now, made, "공사")  # noqa: E731
    assert code_of(lambda: cancel(OTHER_KEEPER)) == "not_allowed"
    assert cancel(KEEPER).status == cancel(KEEPER).status == "cancelled"
    assert told(town, 1) == ["lottery_entered", "lottery_cancelled"]
    town.reserve(resident(9), BIG, at(5, 14, month=12))
    tick(town, CLOSING)
    assert get(town, made).status == "cancelled"
    drawn = make(town, (BIG, 12, 14), key="two", closes_at=at(28, 10))
    tick(town, at(28, 10))
    assert code_of(lambda: lottery.cancel(town.database, KEEPER, town.now, drawn, "")) == "lottery_drawn"


def test_a_win_that_the_space_takes_back_to_close_does_not_go_on(town: Town) -> None:
    made = make(town, (BIG, 5, 14))
    for account in (1, 2):
        enter(town, account, made, *slots_of(town, made))
    tick(town, CLOSING)
    with town.database.read() as session:
        won = session.scalars(select(Reservation).where(Reservation.status == "offered")).one()
    with town.database.write() as session:
        session.add(ClosedTime(unit_id=BIG, closure_id=1, start_at=at(5, 0, month=12), end_at=at(6, 0, month=12)))
    reservations.cancel(town.database, KEEPER, town.now, won.id, "공사")
    tick(town)
    assert live(town, BIG, 5, 14) == []
    assert [status for *_, status in awards(town, made)] == ["declined"]
