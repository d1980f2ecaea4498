"""The demonstration: many reservations and every feature alive, once, by the rules, on whatever day it is loaded."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from services.booking import (
    blocks,
    closures,
    demo,
    equipment,
    group_standing,
    groups,
    inbox,
    lottery,
    no_shows,
    request_queue,
    reservations,
    seasons,
    special_days,
    unit_rules,
    waitlist,
)
from services.booking.clockwork import TASKS
from services.booking.closures import simulation
from services.booking.demo import crowd
from services.booking.demo.rules import HALL, KITCHEN, MEETING, ROOM
from services.booking.models import LotteryEntry, Message, Reservation, Series, Unit, UnmetSearch
from services.maps import demo as maps_demo
from shared.database import Database
from shared.identity.actor import Actor
from tests.booking.conftest import NOW, SEOUL, Town, resident, space, unit
from tests.booking.invariants import broken
from tests.house import TestHouse

LOGINS = ("resident", "neighbor", "keeper", "dongjak", "city")


def told(town: Town) -> list[tuple[object, ...]]:
    columns = (Reservation.unit_id, Reservation.start_at, Reservation.end_at, Reservation.purpose, Reservation.status)
    with town.database.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(Reservation.id))]


def everything(house: TestHouse) -> dict[str, list[str]]:
    """All rows of booking's tables, but for how the clockwork is."""
    with house.databases["booking"].read() as session:
        names = set(inspect(session.connection()).get_table_names()) - {"clockwork", "alembic_version"}
        return {
            name: sorted(map(repr, session.execute(text(f'SELECT * FROM "{name}"')).all()))  # noqa: S608
            for name in names
        }


def wrong(database: Database) -> list[str]:
    """What breaks booking's invariants, which know nothing of no-shows (they keep what had passed of their time) and of
    what a lottery holds (its making is noted, not each of its times)."""
    with database.read() as session:
        special = (Reservation.status == "no_show") | (Reservation.kind == "lottery")
        others = set(session.scalars(select(Reservation.id).where(special)))
    return [each for each in broken(database) if not others & set(map(int, re.findall(r"\d+", each)))]


@pytest.fixture
def load(house: TestHouse) -> Callable[[datetime], list[str]]:
    """Loads the demonstration of booking after that of maps, at a moment; the stories that broke off."""

    def at(now: datetime) -> list[str]:
        maps_demo.load(house.databases["maps"], now)
        house.pump()
        return demo.load(house.databases["booking"], now, {login: house.actor(login) for login in LOGINS})

    return at


def test_every_feature_is_alive_once(house: TestHouse, load: Callable[[datetime], list[str]]) -> None:
    assert load(NOW) == []
    database = house.databases["booking"]
    mine, other, keeper, centre = (house.actor(login) for login in ("resident", "neighbor", "keeper", "dongjak"))
    with database.read() as session:
        rooms = {(each.space.name, each.name): each.id for each in session.scalars(select(Unit))}
        assert all(each.created_at < each.start_at for each in session.scalars(select(Reservation)))
        assert session.scalar(select(func.count()).select_from(Series)) == 3
        assert (session.scalar(select(func.count()).select_from(UnmetSearch)) or 0) > 60
        written = list(session.scalars(select(Message.created_at).order_by(Message.id)))
    assert written == sorted(written)  # an inbox tells its messages in the order of time
    assert wrong(database) == []

    hall = unit_rules.read(database, keeper, rooms[HALL])
    assert (hall.unit.policy.approval, len(hall.unit.policy.quotas)) == ("trusted", 2)
    tariff = unit_rules.read(database, keeper, rooms[ROOM]).tariff
    assert tariff
    assert len(tariff.lines) > 4
    assert len(equipment.of_space(database, keeper, 1)[2]) == 3
    with database.read() as session:
        assert len(special_days.coming(session, rooms[ROOM], NOW.date())) == 1
    assert len(special_days.holidays_from(database, NOW.date())) == 2

    assert {each.group.name for each in groups.mine(database, mine)} == {"느린 독서회", "골목 합창단"}
    assert [each.name for each in group_standing.trusted(database, keeper, 2).groups] == ["골목 합창단"]
    assert [each.name for each in group_standing.find(database, centre, waiting=True).groups] == ["디지털 이웃"]

    assert request_queue.read(database, keeper, NOW).total >= 3
    assert {each.unit_id for each in blocks.coming(database, keeper, NOW, 1)[2]} == {rooms[KITCHEN]}
    assert [each.purpose for each in blocks.coming(database, keeper, NOW, 2)[2]] == ["우리 마을 잔치"]
    assert [each.status for each in closures.of_space(database, keeper, 1)[2]] == ["applied"]
    (draft,) = closures.of_space(database, keeper, 2)[2]
    assert draft.status == "draft"
    assert simulation.simulate(database, keeper, NOW, draft.id).affected

    assert no_shows.appeals(database, keeper).total == 1
    assert [each.no_show.decision for each in no_shows.mine(database, other)] == ["excused"]
    standing, places, _over = waitlist.mine(database, mine)
    assert [(each.status, places[each.id]) for each in standing] == [("waiting", 2)]
    assert {each.status for each in waitlist.mine(database, other)[0]} == {"waiting", "offered"}

    first, last = lottery.all_of(database, NOW)
    assert (first.stage(NOW), last.status) == ("open", "drawn")
    assert lottery.read(database, other, first.id).mine is not None
    assert lottery.read(database, mine, first.id).mine is None
    assert [each.status for each in lottery.read(database, mine, last.id).awards] == ["offered"]
    with database.read() as session:
        assert (session.scalar(select(func.count()).select_from(LotteryEntry)) or 0) > 10

    stages = {each.name: each.stage(NOW) for each, *_ in seasons.announced(database, mine)}
    assert sorted(stages.values()) == ["closed", "open"]

    for actor in (mine, other):
        seen = inbox.inbox(database, actor)
        assert 0 < seen.unread < seen.total
        assert reservations.mine(database, actor, NOW).upcoming
    meetings = [each for each in reservations.mine(database, mine, NOW).past if each.unit_id == rooms[MEETING]]
    assert any(each.checked_in_at for each in meetings)

    house.pump()
    before = everything(house)
    assert load(NOW + timedelta(days=1)) == []
    for task in TASKS:
        task.work(database, house.settings, NOW)
    after = everything(house)
    assert {name: set(after[name]) ^ set(rows) for name, rows in before.items() if after[name] != rows} == {}


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2027, 2, 4, 23, 50, tzinfo=SEOUL),  # before Seollal
        datetime(2028, 2, 29, 0, 10, tzinfo=SEOUL),
        datetime(2029, 9, 22, 12, 0, tzinfo=SEOUL),  # Chuseok
    ],
    ids=lambda moment: f"{moment:%Y-%m-%d}",
)
def test_the_stories_can_be_told_on_any_day(
    load: Callable[[datetime], list[str]], monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    monkeypatch.setattr(crowd, "WISHES", 40)  # the stories are the same with fewer people about
    assert load(moment) == []


def test_elsewhere_there_are_reservations_only(town: Town) -> None:
    for number in range(20):
        town.tell(space(100 + number, f"쉼터 {number}", [unit(2000 + number, "방")], district="11110"))
    people: dict[str, Actor] = {"resident": resident(3), "neighbor": resident(4), "keeper": resident(5)}
    demo.load(town.database, NOW, people)
    first: list[Any] = told(town)
    demo.load(town.database, NOW + timedelta(days=1), people)
    assert told(town) == first
    assert 200 < len(first) < crowd.WISHES
    starts = [start for _unit, start, *_rest in first]
    assert min(starts) < NOW - timedelta(days=50)
    assert max(starts) > NOW + timedelta(days=20)
    assert 5 < sum(status == "cancelled" for *_rest, status in first) < 120
    with town.database.read() as session:
        made = session.scalars(select(Reservation))
        assert all(each.created_at < min(each.start_at, NOW) for each in made)
        own = select(func.count()).select_from(Reservation).where(Reservation.account_id.in_([3, 4]))
        assert 5 < (session.scalar(own) or 0) < 60
    assert wrong(town.database) == []


def test_without_units_or_residents_there_is_nothing(town: Town) -> None:
    demo.load(town.database, NOW, {})
    assert told(town) == []
