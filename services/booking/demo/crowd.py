"""The demonstration's many: what neighbours all over the city reserve, give up, come to and miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from services.booking import approvals, check_in, payment, reservations
from services.booking.demo.people import NEIGHBOURS
from services.booking.demo.rules import HALL, ROOM
from services.booking.demo.stage import KEY, Stage, Story, neighbour
from services.booking.models import Reservation, Unit
from services.booking.rules.hours import open_intervals
from services.booking.rules.interval import Interval
from services.booking.rules.policy import MINUTE, Wish
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal

SEED = 2020
WISHES = 900  # about three quarters find the unit open and free
DAYS_BACK = 60
DAYS_AHEAD = 30
OF_RESIDENTS = 0.03
LOVED, BELOVED = 8, 8  # the first so many units are wished for so many times as often: a week worth looking at
COME, MISSED_BY_HAND, APPROVED = 0.93, 0.03, 0.9
MEETINGS = (
    ("책 읽기 모임", "느린 독서회"),
    ("동네 합창 연습", "골목 합창단"),
    ("마을 신문 편집 회의", "마을 기자단"),
    ("아이 돌봄 품앗이 회의", "함께 키움"),
    ("주민자치회 분과 회의", "주민자치회 문화분과"),
    ("텃밭 작물 나누기", "초록 텃밭"),
    ("뜨개질 배우기", "실과 바늘"),
    ("어르신 스마트폰 교실", "디지털 이웃"),
    ("제로웨이스트 공방", "다시 쓰는 이웃"),
    ("반찬 나눔 준비", "한 그릇 나눔"),
    ("우쿨렐레 연습", "네 줄 이웃"),
    ("골목 축제 기획 회의", None),
    ("아파트 입주민 모임", None),
    ("영화 함께 보기", "달빛 상영회"),
    ("보드게임 하는 날", "청년 이웃"),
)


@dataclass(frozen=True)
class _Plan:
    made: datetime
    unit_id: int
    wish: Wish
    who: Actor
    key: str
    cancelled: datetime | None
    luck: float


def stories(now: datetime, units: Sequence[Unit], residents: Sequence[Actor]) -> Iterator[Callable[[Stage], Story]]:
    """A story for each wish."""
    for plan in _plans(units, now, residents):
        yield _story_of(plan)


def _story_of(plan: _Plan) -> Callable[[Stage], Story]:
    def a_wish(stage: Stage) -> Story:
        yield plan.made
        made = _reserve(stage, plan)
        if made is None:
            return
        try:
            yield from _go_on(stage, plan, made.id, made.status == "requested", made.payment == "due")
        except Refusal:  # too late to cancel, moved by a closure, …: life is like that
            return

    return a_wish


def _go_on(stage: Stage, plan: _Plan, reservation_id: int, asked: bool, due: bool) -> Story:
    if asked:
        yield from _ask_keeper(stage, plan, reservation_id)
        if plan.luck >= APPROVED:
            return
    if plan.cancelled and plan.cancelled > stage.moment:
        yield plan.cancelled
        reservations.cancel(stage.database, plan.who, stage.moment, reservation_id)
        return
    yield from _come(stage, plan, reservation_id, due)


def _reserve(stage: Stage, plan: _Plan) -> Reservation | None:
    lent = {}
    if plan.unit_id == stage.units.get(ROOM) and plan.luck < 0.4 and stage.equipment:
        lent = {stage.equipment["빔프로젝터"]: 1}
    wish = Wish(plan.wish.during, plan.wish.people, plan.wish.purpose, plan.wish.group_name, None, lent)
    try:
        with stage.session.begin_nested():
            return reservations.reserve_in(stage.session, plan.who, plan.made, plan.unit_id, wish, plan.key)
    except Refusal:  # somebody of the demonstration was quicker, or a rule says no
        return None


def _ask_keeper(stage: Stage, plan: _Plan, reservation_id: int) -> Story:
    """Where a keeper decides: soon, and nearly always yes."""
    yield plan.made + (plan.wish.during.start - plan.made) * 0.3 * (0.2 + plan.luck)
    keeper = stage.people["keeper"]
    if plan.luck < APPROVED:
        approvals.approve(stage.database, keeper, stage.moment, reservation_id)
    else:
        reason = "그날은 마을 행사가 있어요. 다른 날을 골라 주시면 좋겠습니다."
        approvals.decline(stage.database, keeper, stage.moment, reservation_id, reason)


def _come(stage: Stage, plan: _Plan, reservation_id: int, due: bool) -> Story:
    """Those who have a code to check in with do so, most of them; a few of the others are missed by the keeper."""
    during, code = plan.wish.during, stage.codes.get(plan.unit_id)
    if code and plan.luck < COME:
        yield during.start + (plan.luck * 20 - 8) * MINUTE
        check_in.check_in(stage.database, plan.who, stage.moment, code)
    elif code:
        yield during.start + 20 * MINUTE
        check_in.release(stage.database, stage.moment, reservation_id)
    elif plan.luck < MISSED_BY_HAND:
        yield during.start + 25 * MINUTE
        check_in.miss_by_hand(stage.database, SYSTEM, stage.moment, reservation_id)
        return
    if due and plan.unit_id in (stage.units.get(ROOM), stage.units.get(HALL)):
        yield during.start + 30 * MINUTE
        payment.mark(stage.database, SYSTEM, stage.moment, reservation_id, "paid")


def _plans(units: Sequence[Unit], now: datetime, residents: Sequence[Actor]) -> Iterator[_Plan]:
    """What people wished."""
    chance = Random(SEED)  # noqa: S311 - a demonstration, not a secret
    weights = [BELOVED if place < LOVED else 1 for place in range(len(units))]
    for number, unit in enumerate(chance.choices(units, weights, k=WISHES)):
        day = now.astimezone(unit.zone).date() + timedelta(days=chance.randint(-DAYS_BACK, DAYS_AHEAD))
        during = _time_of(chance, unit, day)
        purpose, group = chance.choice(MEETINGS)
        people = chance.randint(2, min(unit.capacity or 12, 12)) if (unit.capacity or 12) >= 2 else 1
        lives = chance.choice(residents) if chance.random() < OF_RESIDENTS else neighbour(chance.randint(1, NEIGHBOURS))
        lead, gives_up, luck = chance.randint(1, 14 * 24), chance.random() < 0.08, chance.random()
        if during is None:
            continue
        if lives in residents:
            luck = 0.5  # they always come: nobody is to find their own account barred
        made = min(during.start - timedelta(hours=lead), now - timedelta(hours=1))
        regret = min(made + timedelta(hours=lead / 2), now - timedelta(minutes=30))
        cancelled = regret if gives_up and made < regret < during.start else None
        yield _Plan(made, unit.id, Wish(during, people, purpose, group), lives, f"{KEY}{number}", cancelled, luck)


def _time_of(chance: Random, unit: Unit, day: date) -> Interval | None:
    """One to three hours on the grid within the unit's hours; None when it is closed or open too shortly."""
    length = timedelta(hours=chance.randint(1, 3))
    spot = chance.random()
    opening, grid = unit.opening, 60 * MINUTE if unit.capacity and unit.capacity >= 60 else 30 * MINUTE
    for each in open_intervals(opening, day, day, unit.zone) if opening else ():
        room = (each.length - length) // grid
        if room >= 0:
            start = each.start + grid * round(spot * room)
            return Interval(start, start + length)
    return None
