"""The demonstration's spaces, the same at every load but for the dates, which are relative to today."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from services.maps.demo_spaces import PLANS, Plan
from services.maps.models import AUDIT, Space
from services.maps.space_editing import give
from services.maps.spaces import SpaceFacts, UnitFacts, save_space, tell
from shared.audit import record
from shared.bus.catalogue import STAGES
from shared.database import Database
from shared.districts import BY_NAME
from shared.identity.actor import SYSTEM

SOURCE = "demo"

# Name, capacity (people), square metres, equipment.
Room = tuple[str, int, str, tuple[str, ...]]
LAYOUTS: Mapping[str, tuple[Room, ...]] = {
    "none": (),
    "house": (
        ("다목적실", 30, "62.0", ("빔프로젝터", "화이트보드", "접이식 책상")),
        ("모임방", 10, "18.5", ("TV", "화이트보드")),
        ("공유부엌", 8, "22.0", ("인덕션", "오븐", "냉장고")),
        ("전체 대관", 48, "102.5", ("빔프로젝터", "음향설비", "부엌")),
    ),
    "hall": (
        ("강당", 80, "140.0", ("무대", "음향설비", "빔프로젝터")),
        ("강의실", 24, "45.0", ("빔프로젝터", "화이트보드")),
        ("전체 대관", 104, "185.0", ("무대", "음향설비", "빔프로젝터")),
    ),
    "rooms": (("큰모임방", 16, "32.0", ("TV", "화이트보드")), ("작은모임방", 6, "12.0", ("화이트보드",))),
    "library": (("책마루", 20, "48.0", ("책장", "빔프로젝터")), ("세미나실", 12, "24.0", ("TV", "화이트보드"))),
    "kitchen": (
        ("공유부엌", 12, "36.0", ("인덕션", "오븐", "식기세척기")),
        ("마당", 30, "80.0", ("차양", "야외 전원")),
    ),
    "studio": (("공방", 14, "52.0", ("작업대", "공구")), ("연습실", 10, "28.0", ("거울", "음향설비"))),
}
WHOLE = "전체 대관"
HOURS = (
    {"weekday": ["09:00", "21:00"], "weekend": ["10:00", "18:00"]},
    {"weekday": ["10:00", "22:00"], "weekend": ["10:00", "22:00"]},
    {"weekday": ["09:00", "18:00"], "weekend": None},
    {"weekday": ["13:00", "21:00"], "weekend": ["09:00", "18:00"]},
)
CLOSURES = (
    ({"weekdays": [1], "holidays": True}, "매주 월요일, 법정공휴일"),
    ({"weekdays": [7], "holidays": True}, "일요일 및 공휴일"),
    ({"weekdays": [], "holidays": True}, "법정공휴일"),
)
# Won by the size of the room: per two hours, then per hour.
FEES = ((10, 5_000, 3_000), (20, 10_000, 5_000), (60, 20_000, 10_000), (math.inf, 40_000, 20_000))
# How many of the open spaces have what; nobody has a hearing loop, which is what people search for in vain.
ACCESSIBLE = (("step_free", 0.6), ("elevator", 0.3), ("accessible_toilet", 0.45), ("accessible_parking", 0.3))
# How long a space stays in each stage before the next: days.
DAYS_IN_STAGE = {"selected": 90, "budgeted": 60, "workshop": 75, "design": 80, "construction": 120}


def load(database: Database, now: datetime) -> None:
    """Load the spaces, unless they are there already. In an empty database the first two get the ids 1 and 2."""
    with database.write() as session:
        if session.scalar(select(Space.id).where(Space.source == SOURCE).limit(1)) is not None:
            return
        for number, plan in enumerate(PLANS):
            space, _outcome = save_space(session, SYSTEM, now, _facts(number, plan, now))
            changes = give(space, {"accessibility": _accessibility(number, plan)})
            if changes:
                record(session, AUDIT, SYSTEM, now, "space.edited", f"space:{space.id}", changes)
                tell(session, now, space)


def _facts(number: int, plan: Plan, now: datetime) -> SpaceFacts:
    random = Random(f"maru {number}")  # noqa: S311 - the same demonstration every time, no secret
    latitude, longitude = _near_the_office(plan, random)
    district = BY_NAME[plan.district]
    return SpaceFacts(
        source=SOURCE,
        key=f"{SOURCE}:{number + 1}",
        name=plan.name,
        kind=plan.kind,
        provision=plan.provision,
        stage=plan.stage,
        district=district.code,
        address=f"서울특별시 {plan.district} {plan.dong} 마을길 {random.randint(2, 98)}",
        latitude=latitude,
        longitude=longitude,
        phone=f"02-0000-{1000 + number}" if LAYOUTS[plan.layout] else None,
        units=_units(number, plan, random),
        history=_history(plan, random, now),
    )


def _accessibility(number: int, plan: Plan) -> list[str]:
    """What its keeper has told of a space that is open; nothing of the others."""
    if plan.stage != "open":
        return []
    random = Random(f"maru access {number}")  # noqa: S311 - the same demonstration every time, no secret
    return [code for code, share in ACCESSIBLE if number < 2 or random.random() < share]


def _near_the_office(plan: Plan, random: Random) -> tuple[float, float]:
    """A point 300 to 900 m from the district's office: inside the schematic district, apart from the others."""
    latitude, longitude = BY_NAME[plan.district].office
    of_district = [other for other in PLANS if other.district == plan.district]
    turn = 2 * math.pi * (of_district.index(plan) / len(of_district) + random.uniform(-0.05, 0.05))
    distance = random.uniform(0.003, 0.0075)
    return round(latitude + distance * math.sin(turn), 5), round(longitude + 1.2 * distance * math.cos(turn), 5)


def _units(number: int, plan: Plan, random: Random) -> tuple[UnitFacts, ...]:
    # The two of the journey are open long every day but Monday, so that there is a free hour whenever one tries.
    hours = HOURS[0] if number < 2 else random.choice(HOURS)
    closures, closure_text = CLOSURES[0] if number < 2 else random.choice(CLOSURES)
    free = number == 0 or random.random() < 0.35
    return tuple(
        UnitFacts(
            key=f"{SOURCE}:{number + 1}:{name}",
            name=name,
            capacity=capacity,
            area_m2=area,
            equipment=equipment,
            active=plan.stage != "retired",
            hours=hours,
            closures=closures,
            closure_text=closure_text,
            fee=_fee(capacity, free and name != WHOLE),
            fee_text=_fee_text(capacity, free and name != WHOLE),
            whole=name == WHOLE,
        )
        for name, capacity, area, equipment in LAYOUTS[plan.layout]
    )


def _fee(capacity: int, free: bool) -> dict[str, Any]:
    if free:
        return {"free": True, "base_minutes": 0, "base_won": 0, "extra_minutes": None, "extra_won": None}
    _, base, extra = next(row for row in FEES if capacity <= row[0])
    return {"free": False, "base_minutes": 120, "base_won": base, "extra_minutes": 60, "extra_won": extra}


def _fee_text(capacity: int, free: bool) -> str:
    if free:
        return "무료 (주민 모임 우선)"
    _, base, extra = next(row for row in FEES if capacity <= row[0])
    return f"기본 2시간 {base:,}원, 초과 1시간당 {extra:,}원 (냉난방비 포함)"


def _history(plan: Plan, random: Random, now: datetime) -> tuple[tuple[str, datetime], ...]:
    """When it entered each stage up to its own, backwards from a recent day on which it entered that one."""
    since = random.randint(40, 250) if plan.this_year else random.randint(500, 1400)
    at = now - timedelta(days=since if plan.stage in ("open", "retired") else random.randint(15, 70))
    history = [(plan.stage, at)]
    for stage in reversed(STAGES[: STAGES.index(plan.stage)]):
        at -= timedelta(days=DAYS_IN_STAGE.get(stage, 900) + random.randint(-10, 30))
        history.append((stage, at))
    return tuple(reversed(history))
