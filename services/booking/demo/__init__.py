"""The demonstration's reservations: made by the same rules as anybody's, each at a moment of its own past.

The same seed and the same day give the same reservations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.booking.models import Reservation, Unit
from services.booking.reservations import cancel_in, reserve_in
from services.booking.rules.hours import open_intervals
from services.booking.rules.interval import Interval
from services.booking.rules.policy import POLICY, Wish
from services.booking.units import Filter, reservable
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

SEED = 2020
WISHES = 900  # about three quarters find the unit open and free
DAYS_BACK = 60
DAYS_AHEAD = 30
KEY = "demo-"
OF_RESIDENTS = 0.03
LOVED, BELOVED = 8, 8  # the first so many units are wished for so many times as often: a week worth looking at
NEIGHBOURS = 60  # accounts -1, -2, …: people of the demonstration who never sign in
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
    account_id: int
    key: str
    cancelled: datetime | None


def load(database: Database, now: datetime, residents: Sequence[int]) -> None:
    """Make the reservations for these accounts, once; nothing where there is no unit or no account."""
    with database.read() as session:
        there = session.scalar(
            select(func.count()).select_from(Reservation).where(Reservation.idempotency_key.startswith(KEY))
        )
        units = list(session.scalars(reservable(Filter()).order_by(Unit.id)))
    if there or not units or not residents:
        return
    with database.write() as session:  # one transaction: a start that is interrupted leaves no half of it
        for plan in _plans(units, now, residents):
            _carry_out(session, plan)


def _carry_out(session: Session, plan: _Plan) -> None:
    actor = Actor(plan.account_id, roles=frozenset({Role.RESIDENT}))
    try:
        reservation = reserve_in(session, actor, plan.made, plan.unit_id, plan.wish, plan.key)
    except Refusal:  # somebody of the demonstration was quicker
        return
    if plan.cancelled:
        cancel_in(session, actor, plan.cancelled, reservation.id)


def _plans(units: Sequence[Unit], now: datetime, residents: Sequence[int]) -> list[_Plan]:
    """What people wished, in the order in which they did."""
    chance = Random(SEED)  # noqa: S311 - a demonstration, not a secret
    plans: list[_Plan] = []
    weights = [BELOVED if place < LOVED else 1 for place in range(len(units))]
    for number, unit in enumerate(chance.choices(units, weights, k=WISHES)):
        day = now.astimezone(unit.zone).date() + timedelta(days=chance.randint(-DAYS_BACK, DAYS_AHEAD))
        during = _time_of(chance, unit, day)
        purpose, group = chance.choice(MEETINGS)
        people = chance.randint(2, min(unit.capacity or 12, 12)) if (unit.capacity or 12) >= 2 else 1
        account_id = chance.choice(residents) if chance.random() < OF_RESIDENTS else -chance.randint(1, NEIGHBOURS)
        lead, gives_up = chance.randint(1, 14 * 24), chance.random() < 0.08
        if during is None:
            continue
        made = min(during.start - timedelta(hours=lead), now - timedelta(hours=1))
        regret = min(made + timedelta(hours=lead / 2), now - timedelta(minutes=30))
        cancelled = regret if gives_up and made < regret < during.start else None
        wish = Wish(during, people, purpose, group)
        plans.append(_Plan(made, unit.id, wish, account_id, f"{KEY}{number}", cancelled))
    return sorted(plans, key=lambda plan: plan.made)


def _time_of(chance: Random, unit: Unit, day: date) -> Interval | None:
    """One to three hours on the grid within the unit's hours; None when it is closed or open too shortly."""
    length = timedelta(hours=chance.randint(1, 3))
    spot = chance.random()
    opening = unit.opening
    for each in open_intervals(opening, day, day, unit.zone) if opening else ():
        room = (each.length - length) // POLICY.grid
        if room >= 0:
            start = each.start + POLICY.grid * round(spot * room)
            return Interval(start, start + length)
    return None
