"""A small town for the tests of maps: spaces of ours, and what the other services tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, select

from services.maps.models import Base
from services.maps.spaces import SpaceFacts, UnitFacts, save_space
from shared.bus import outbox
from shared.database import Database
from shared.identity.actor import SYSTEM
from tests.house import TestHouse

NOW = datetime(2026, 11, 23, 5, 30, 20, tzinfo=UTC)  # Monday 14:30 in Seoul
HOURS = {"weekday": ["09:00", "21:00"], "weekend": ["10:00", "18:00"]}
ROOM = UnitFacts(key="room", name="모임방", capacity=10, hours=HOURS)


def facts(key: str = "one", **changes: Any) -> SpaceFacts:
    """A space in 동작구 with one room, but for `changes`."""
    ordinary: dict[str, Any] = {
        "name": "상도 마을활력소",
        "kind": "community",
        "stage": "open",
        "district": "11590",
        "address": "서울특별시 동작구 상도로 1",
        "latitude": 37.51,
        "longitude": 126.94,
        "units": (ROOM,),
    }
    return SpaceFacts(source="test", key=f"test:{key}", **(ordinary | changes))


def add_space(database: Database, key: str = "one", **changes: Any) -> int:
    """Save such a space; its id."""
    with database.write() as session:
        space, outcome = save_space(session, SYSTEM, NOW, facts(key, **changes))
        assert outcome == "added"
        return space.id


def tell(house: TestHouse, service: str, name: str, aggregate: str, payload: dict[str, Any]) -> None:
    """Publish an event as that service does, and let the bus carry it."""
    with house.databases[service].write() as session:
        outbox.publish(session, name, aggregate=aggregate, payload=payload)
    house.pump()


def reserve(house: TestHouse, number: int, space_id: int = 1, start: datetime = NOW, **changes: Any) -> None:
    """Booking tells of a reservation of two hours by nobody in particular."""
    payload = {**_slot(number, space_id, start), "people": 5, **changes}
    tell(house, "booking", "booking.reservation.made", f"reservation:{number}", payload)


def cancel(house: TestHouse, number: int, space_id: int = 1, start: datetime = NOW) -> None:
    tell(house, "booking", "booking.reservation.cancelled", f"reservation:{number}", _slot(number, space_id, start))


def fund(house: TestHouse, number: int, **changes: Any) -> None:
    """Grants tells of a funded project in 동작구 without a place of its own."""
    payload = {
        "project_id": number,
        "call_id": 1,
        "district": "11590",
        "title": "골목 화단 가꾸기",
        "group_name": "초록손",
        "strand": "이웃·골목 만들기",
        "awarded_won": 3_000_000,
        "decided_at": NOW,
        "latitude": None,
        "longitude": None,
        "space_id": None,
    }
    tell(house, "grants", "grants.project.funded", f"project:{number}", payload | changes)


def intermediary(house: TestHouse, district: str, mode: str, funding_won: int) -> None:
    payload = {"district": district, "mode": mode, "operator": None, "funding_won": funding_won, "year": 2026}
    tell(house, "grants", "grants.intermediary.changed", f"intermediary:{district}", payload)


def rows(database: Database, model: type[Base]) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its key."""
    table = model.__table__
    with database.read() as session:
        return [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]


def told(database: Database) -> list[dict[str, Any]]:
    """What maps published so far."""
    with database.read() as session:
        return [dict(row) for row in session.execute(select(outbox.outbox).order_by(outbox.outbox.c.id)).mappings()]


class Queries:
    """Counts the statements that a database runs while it is open."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.statements: list[str] = []

    def __enter__(self) -> "Queries":
        event.listen(self.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._count)

    def _count(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            self.statements.append(statement)


def _slot(number: int, space_id: int, start: datetime) -> dict[str, Any]:
    return {
        "reservation_id": number,
        "unit_id": space_id * 10,
        "space_id": space_id,
        "district": "11590",
        "start": start,
        "end": start + timedelta(hours=2),
    }
