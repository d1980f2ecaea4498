"""The demonstration's lotteries: one that was drawn last week, one that takes entries now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from services.booking import lottery
from services.booking.demo.rules import HALL, HOUSE
from services.booking.demo.stage import SEOUL, Stage, Story, neighbour
from services.booking.lottery import Entering, drawing
from services.booking.models import LotteryAward, LotteryEntry
from services.booking.rules.lottery import Plan, slot_times
from shared.identity.actor import Actor

_PURPOSES = (
    "송년 작은 음악회",
    "어린이 연극 발표",
    "동네 벼룩시장",
    "가족 사진 찍는 날",
    "이웃 영화제",
    "마을 요리 대회",
)


def a_drawn_lottery(stage: Stage) -> Story:
    """Weekends of the whole house: drawn three days ago. `resident` has won and has still to confirm."""
    keeper, resident, other = stage.people["keeper"], stage.people["resident"], stage.people["neighbor"]
    yield stage.ago(22)
    house = stage.units[HOUSE]
    times = slot_times(stage.day(15), stage.day(36), {6, 7}, (("10:00", "18:00"),), SEOUL)
    plan = Plan(
        name="주말 전체 대관 추첨",
        about="주말 하루 동안 집 전체를 쓰실 모임을 추첨으로 정해요. 처음 오시는 분께 추첨권을 한 장 더 드립니다.",
        slots=tuple((house, during) for during in times),
        opens_at=stage.moment,
        closes_at=stage.ago(3),
        confirm_hours=7 * 24,
        skip=True,
    )
    number = lottery.make(stage.database, keeper, stage.moment, keeper.spaces[0], plan, stage.key()).id
    slots = [slot.id for slot in lottery.slots_of(stage.session, number)]
    yield stage.ago(15)
    _enter(stage, number, resident, (slots[-1],), "온 가족 윷놀이 잔치")  # nobody else wishes for this one
    for place in range(8):
        yield stage.ago(14 - place)
        first = place % (len(slots) - 1)
        wishes = tuple(dict.fromkeys((slots[0], slots[first])))
        _enter(stage, number, neighbour(3 + place * 4), wishes, _PURPOSES[place % len(_PURPOSES)])
    _enter(stage, number, other, (slots[0],), "합창단 작은 발표회")
    yield stage.ago(3)
    drawing.close(stage.database, stage.moment, number)
    drawing.draw_one(stage.database, stage.moment, number)
    yield stage.ago(2)
    won = (
        select(LotteryAward.id, LotteryEntry.account_id)
        .join(LotteryEntry, LotteryEntry.id == LotteryAward.entry_id)
        .where(LotteryEntry.lottery_id == number, LotteryEntry.account_id < 0)
        .order_by(LotteryAward.id)
    )
    for award_id, account_id in stage.session.execute(won).all():
        drawing.confirm(stage.database, neighbour(-account_id), stage.moment, award_id)


def an_open_lottery(stage: Stage) -> Story:
    """Saturdays and Sundays of the hall: entries are taken for ten days more; `neighbor` is in, `resident` not yet."""
    keeper = stage.people["keeper"]
    yield stage.ago(6)
    hall = stage.units[HALL]
    clocks = (("13:00", "16:00"), ("17:00", "20:00"))
    times = slot_times(stage.day(30), stage.day(52), {6}, clocks, SEOUL)
    plan = Plan(
        name="강당 토요일 공연 추첨",
        about="연습한 것을 이웃 앞에 펼쳐 보일 모임을 기다려요. 원하는 시간을 좋아하는 차례로 고르세요.",
        slots=tuple((hall, during) for during in times),
        opens_at=stage.moment,
        closes_at=_evening(stage, 10),
        tickets={"first_timer": 1, "resident": 1, "group": 1, "won_lately": -1},
        confirm_hours=72,
        skip=True,
    )
    number = lottery.make(stage.database, keeper, stage.moment, keeper.spaces[1], plan, stage.key()).id
    slots = [slot.id for slot in lottery.slots_of(stage.session, number)]
    for place in range(6):
        yield stage.ago(5.5 - place * 0.8)
        wishes = tuple(dict.fromkeys(slots[(place * step) % len(slots)] for step in (1, 2, 3)))
        _enter(stage, number, neighbour(2 + place * 5), wishes, _PURPOSES[place])
    yield stage.ago(1, hours=4)
    _enter(stage, number, stage.people["neighbor"], (slots[1], slots[0]), "합창단 정기 연주회")


def _enter(stage: Stage, lottery_id: int, actor: Actor, wishes: tuple[int, ...], purpose: str) -> None:
    words = f"{actor.name} {purpose}"
    lottery.enter(stage.database, actor, stage.moment, lottery_id, Entering(wishes, 12, purpose, words))


def _evening(stage: Stage, days: int) -> datetime:
    return slot_times(stage.day(days), stage.day(days), range(1, 8), (("18:00", "19:00"),), SEOUL)[0].start
