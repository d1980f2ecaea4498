"""A page costs as many queries in a city of a thousand units with thirty days of reservations as in a village."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text

from services.booking.models import Occupancy, Reservation
from tests.booking.conftest import BIG, NOW, Town, at, resident, space, unit
from tests.booking.test_week import counting, queries

DAY = "day=2026-11-27"
PAGES = {
    None: (
        "/booking/",
        "/booking/?q=방",
        f"/booking/?{DAY}&start=14:00&end=16:00&people=3",
        f"/booking/?{DAY}&until=2026-12-18&weekday=5&start=12:00&end=18:00&minutes=120&people=3",
        f"/booking/?{DAY}&start=03:00&end=04:00&people=3",
        "/booking/spaces/1",
        f"/booking/units/{BIG}",
        f"/booking/units/{BIG}/reserve?{DAY}&start=14:00&end=15:00",
        "/booking/api/units",
        f"/booking/api/search?{DAY}&start=14:00&end=16:00",
        f"/booking/api/timeline?{DAY}",
    ),
    "resident": ("/booking/mine", "/booking/messages", "/booking/calendar"),
    "keeper": (
        "/booking/manage",
        "/booking/manage/spaces/1",
        "/booking/manage/spaces/1/today",
        f"/booking/manage/spaces/1/today?{DAY}",
        "/booking/manage/approvals",
        "/booking/manage/spaces/1/blocks",
        "/booking/manage/spaces/1/audit",
        "/booking/manage/spaces/1/rules",
    ),
    "city": ("/booking/manage", "/booking/manage/approvals"),
}


def test_a_city_costs_as_many_queries_as_a_village(house: Any, town: Town, clock: Any) -> None:
    """All pages that show units or reservations; the first visits fill what is kept, the second ones are counted."""
    browsers = {login: house.client(login) for login in PAGES}
    own = house.actor("resident").account_id

    def costs() -> dict[str, int]:
        found = {}
        for _ in range(2):
            for login, paths in PAGES.items():
                for path in paths:
                    with counting(town) as statements:
                        page = browsers[login].get(path)
                    assert page.status_code == 200, (path, page.status_code)
                    found[f"{login} {path}"] = queries(statements)
        return found

    reserve_a_little(town, own)
    few = costs()
    fill_up(town, own)
    many = costs()
    assert {path: (few[path], cost) for path, cost in many.items() if cost > few[path]} == {}
    assert {path: cost for path, cost in many.items() if cost > 12} == {}


def reserve_a_little(town: Town, own: int) -> None:
    """One of each kind, so that a page of the village asks all it would ask in the city."""
    for hour, status in ((10, "confirmed"), (12, "requested"), (14, "cancelled")):
        made = town.reserve(resident(own), BIG, at(27, hour), 1)
        with town.database.write() as session:
            session.get_one(Reservation, made.id).status = status


def fill_up(town: Town, own: int) -> None:
    """A thousand units with two reservations on each of thirty days, and in the first house as many requests and visits
    as a month brings; past the use cases, for their sheer number."""
    for place in range(100, 200):
        town.tell(space(place, f"공간 {place}", [unit(10 * place + n, f"방 {n}") for n in range(10)]))
    rows = [
        _row(2_000_000 + n, BIG, 1, own, 9 + n % 12, ("confirmed", "requested", "cancelled")[n % 3]) for n in range(180)
    ]
    rows += [
        _row(10 * number + turn, number, number // 10, 1, hour, "confirmed")
        for number in range(1000, 2000)
        for turn, hour in enumerate((10, 18))
    ]
    with town.database.write() as session:
        session.connection().execute(Reservation.__table__.insert(), rows)
        for day in range(1, 30):
            session.execute(_COPY[town.database.is_sqlite], {"day": day, "days": f"+{day} days", "ids": 30_000 * day})
        session.execute(_HOLD)
        assert session.scalar(select(func.count()).select_from(Occupancy)) > 60_000
        if not town.database.is_sqlite:  # as the server does by itself in a while
            session.execute(text("ANALYZE"))


def _row(key: int, unit_id: int, space_id: int, account: int, hour: int, status: str) -> dict[str, Any]:
    return {
        "id": key, "unit_id": unit_id, "space_id": space_id, "account_id": account, "purpose": "모임", "people": 2,
        "start_at": at(24, hour), "end_at": at(24, hour + 2), "status": status, "created_at": NOW,
        "idempotency_key": f"fill-{key}",
    }  # fmt: skip


_LATER = {
    True: "strftime('%Y-%m-%d %H:%M:%S.000000', {}, :days)",
    False: "{} + make_interval(days => :day)",
}
_COPY = {
    sqlite: text(
        "INSERT INTO reservation (id, unit_id, space_id, account_id, purpose, people, start_at, end_at, status,"  # noqa: S608
        " created_at, idempotency_key) SELECT id + :ids, unit_id, space_id, account_id, purpose, people,"
        f" {later.format('start_at')}, {later.format('end_at')}, status, created_at, idempotency_key || '-' || :days"
        " FROM reservation WHERE id BETWEEN 10000 AND 19999"
    )
    for sqlite, later in _LATER.items()
}
"""The first day's reservations once more on a later one, by whether the database is SQLite."""

_HOLD = text(
    "INSERT INTO occupancy (atom_id, start_at, end_at, guard_start, guard_end, reservation_id)"
    " SELECT a.atom_id, r.start_at, r.end_at, r.start_at, r.end_at, r.id"
    " FROM reservation r JOIN unit_atom a ON a.unit_id = r.unit_id WHERE r.unit_id BETWEEN 1000 AND 1999"
)
