"""The demonstration's reservations: many, plausible, once, and by the rules."""

from datetime import timedelta
from itertools import pairwise

from sqlalchemy import func, select

from services.booking import demo
from services.booking.models import Occupancy, Reservation
from tests.booking.conftest import NOW, Town, space, unit


def told(town: Town) -> list[tuple[object, ...]]:
    columns = (Reservation.unit_id, Reservation.start_at, Reservation.end_at, Reservation.purpose, Reservation.status)
    with town.database.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(Reservation.id))]


def test_it_loads_once(town: Town) -> None:
    for number in range(20):
        town.tell(space(100 + number, f"쉼터 {number}", [unit(2000 + number, "방")], district="11110"))
    demo.load(town.database, NOW, [3, 4])
    first = told(town)
    demo.load(town.database, NOW + timedelta(days=1), [3, 4])
    assert told(town) == first
    assert 200 < len(first) < demo.WISHES
    starts = [start for _unit, start, *_rest in first]
    assert min(starts) < NOW - timedelta(days=50)
    assert max(starts) > NOW + timedelta(days=20)
    assert 5 < sum(status == "cancelled" for *_rest, status in first) < 120
    with town.database.read() as session:
        made = session.scalars(select(Reservation))
        assert all(each.created_at < min(each.start_at, NOW) for each in made)
        own = select(func.count()).select_from(Reservation).where(Reservation.account_id.in_([3, 4]))
        assert 5 < (session.scalar(own) or 0) < 60
        held = session.scalars(select(Occupancy).order_by(Occupancy.atom_id, Occupancy.start_at)).all()
        assert all(a.end_at <= b.start_at for a, b in pairwise(held) if a.atom_id == b.atom_id)


def test_without_units_or_residents_there_is_nothing(town: Town) -> None:
    demo.load(town.database, NOW, [])
    assert told(town) == []
