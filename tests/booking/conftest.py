"""A small town for booking's tests: the facts of maps, put in by booking's own handler, and a clock that stands."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from services.booking import reservations
from services.booking.events import HANDLERS
from services.booking.models import Reservation
from shared.bus import catalogue
from shared.bus.events import Event
from shared.database import Database
from shared.identity.actor import Actor, Role

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SEOUL)  # a Monday
NINE_TO_NINE = {"weekday": ["09:00", "21:00"], "weekend": ["10:00", "18:00"]}
BIG, SMALL, WHOLE, FAR, UNKNOWN = 12, 13, 14, 22, 31


def unit(unit_id: int, name: str, atoms: list[str] | None = None, **facts: Any) -> dict[str, Any]:
    """A unit as maps tells it; ordinary unless `facts` says otherwise."""
    return {
        "unit_id": unit_id,
        "name": name,
        "capacity": 10,
        "area_m2": "32.5",
        "equipment": ["빔프로젝터"],
        "active": True,
        "atoms": [f"unit:{unit_id}"] if atoms is None else atoms,
        "hours": NINE_TO_NINE,
        "closures": {"weekdays": [], "holidays": True},
        "closure_text": None,
        "fee": {"free": False, "base_minutes": 60, "base_won": 5000, "extra_minutes": 30, "extra_won": 2000},
        "fee_text": "1시간 5,000원",
        **facts,
    }


def space(space_id: int, name: str, units: list[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """A space as maps tells it."""
    return {
        "space_id": space_id,
        "name": name,
        "kind": "community",
        "stage": "open",
        "district": "11590",
        "address": "서울특별시 동작구 상도로 1",
        "latitude": None,
        "longitude": None,
        "zone": "Asia/Seoul",
        "phone": "02-123-4567",
        "homepage": None,
        "units": units,
        **facts,
    }


def house_of(*units: dict[str, Any]) -> dict[str, Any]:
    """Space 1 with these units."""
    return space(1, "상도 마을활력소", list(units))


BIG_ROOM = unit(BIG, "큰 회의실")
SMALL_ROOM = unit(SMALL, "작은 회의실", capacity=4)
WHOLE_HOUSE = unit(WHOLE, "건물 전체", ["unit:12", "unit:13"], capacity=30)
TOWN = (
    house_of(BIG_ROOM, SMALL_ROOM, WHOLE_HOUSE),
    space(2, "사당 마을활력소", [unit(FAR, "모임방", fee=None, fee_text="문의")]),
    space(3, "흑석 쉼터", [unit(UNKNOWN, "사랑방", hours=None)]),
)


@dataclass
class Town:
    """Booking's database with the town in it."""

    database: Database
    now: datetime = NOW
    told: dict[int, int] = field(default_factory=dict)

    def tell(self, facts: dict[str, Any], at: datetime | None = None) -> None:
        """maps.space.changed arrives, as it would from the bus."""
        version, plain = catalogue.to_json("maps.space.changed", facts)
        sequence = self.told[facts["space_id"]] = self.told.get(facts["space_id"], 0) + 1
        event = Event(
            id=str(uuid4()),
            source="maps",
            name="maps.space.changed",
            version=version,
            aggregate=f"space:{facts['space_id']}",
            sequence=sequence,
            occurred_at=at or self.now,
            payload=catalogue.from_json("maps.space.changed", version, plain),
        )
        with self.database.write() as session:
            HANDLERS[event.name](session, event)

    def reserve(self, actor: Actor, unit_id: int, start: datetime, hours: float = 1, **more: Any) -> Reservation:
        """Reserve with ordinary words."""
        wish = {"people": 2, "purpose": "책 읽기 모임", "idempotency_key": str(uuid4()), **more}
        end = start + timedelta(hours=hours)
        return reservations.reserve(self.database, actor, self.now, unit_id=unit_id, start=start, end=end, **wish)


@pytest.fixture
def town(house: Any) -> Town:
    made = Town(house.databases["booking"])
    for facts in TOWN:
        made.tell(facts)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the time that pages and API read."""

    def stand(moment: datetime) -> None:
        for name, module in list(sys.modules.items()):
            if name.startswith(("services.booking.pages.", "services.booking.api.")) and hasattr(module, "now"):
                monkeypatch.setattr(module, "now", lambda: moment)

    import_module("services.booking.urls")
    import_module("services.booking.api")
    stand(NOW.astimezone(UTC))
    return stand


def resident(account_id: int = 101) -> Actor:
    return Actor(account_id, "주민", frozenset({Role.RESIDENT}))


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    """A local time in Seoul."""
    return datetime(year, month, day, hour, minute, tzinfo=SEOUL)
