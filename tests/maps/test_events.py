"""What the others tell reaches the figures and the live map; a rebuild gives the same again."""

from datetime import UTC, datetime, timedelta

from services.maps.district_figures import district_figures, month_of
from services.maps.events import HANDLERS, PROJECTIONS
from services.maps.layers import project_points
from services.maps.models import Base, Call, FundedProject, Intermediary, Reservation, UnitRule
from services.maps.status import map_status, map_version
from shared.bus.rebuild import rebuild
from shared.districts import BY_CODE
from tests.maps.town import NOW, ROOM, add_space, cancel, fund, intermediary, reserve, rows, tell

PROJECTED = (Reservation, UnitRule, FundedProject, Intermediary, Call)


def figures(house, now=NOW):
    with house.databases["maps"].read() as session:
        districts, total = district_figures(session, now)
    return {row.code: row for row in districts}, total


def status(house, now=NOW):
    with house.databases["maps"].read() as session:
        found = map_status(session, now)
    return {space["space_id"]: space for space in found["spaces"]}, found["version"]


def everything(house):
    return [rows(house.databases["maps"], model) for model in PROJECTED]


def test_every_figure_is_reached_by_events(house):
    maps = house.databases["maps"]
    add_space(maps, "one")
    add_space(maps, "two", stage="design", units=())
    add_space(maps, "three", stage="retired", district="11290")
    reserve(house, 1)
    reserve(house, 2, start=NOW + timedelta(hours=3))
    cancel(house, 2, start=NOW + timedelta(hours=3))
    fund(house, 1)
    fund(house, 2, awarded_won=1_500_000)
    intermediary(house, "11590", "commissioned", 446_000_000)
    intermediary(house, "11140", "none", 0)
    districts, total = figures(house)
    assert len(districts) == 25
    dongjak = districts["11590"]
    assert (dongjak.spaces, dongjak.open_spaces, dongjak.coming_spaces) == (2, 1, 1)
    assert (dongjak.reservations, dongjak.projects, dongjak.awarded_won) == (1, 2, 4_500_000)
    assert (dongjak.mode, dongjak.funding) == ("commissioned", 446_000_000)
    assert (districts["11140"].mode, districts["11110"].mode) == ("none", None)
    assert (total.spaces, total.reservations, total.projects, total.funding) == (2, 1, 2, 446_000_000)
    assert districts["11290"].spaces == 0
    assert total.by_stage["retired"] == 1


def test_the_month_is_seoul_s(house):
    last_evening = datetime(2026, 11, 30, 14, 59, tzinfo=UTC)  # 23:59 on the 30th there
    reserve(house, 1, start=last_evening)
    reserve(house, 2, start=last_evening + timedelta(minutes=1))
    assert figures(house, NOW)[1].reservations == 1
    assert figures(house, last_evening + timedelta(minutes=1))[1].reservations == 1
    first, following = month_of(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert (first.date().isoformat(), following.date().isoformat()) == ("2027-01-01", "2027-02-01")


def test_a_rebuild_gives_identical_rows(house):
    add_space(house.databases["maps"])
    reserve(house, 1)
    reserve(house, 2, start=NOW + timedelta(days=1))
    cancel(house, 2, start=NOW + timedelta(days=1))
    fund(house, 7, latitude=37.5, longitude=126.9)
    intermediary(house, "11650", "subsidised", 266_000_000)
    call = {"call_id": 3, "district": "11590", "title": "통합공모", "programme": "이웃·골목 만들기"}
    call |= {"opens_at": NOW, "closes_at": NOW + timedelta(days=20), "budget_won": 50_000_000}
    tell(house, "grants", "grants.call.published", "call:3", call)
    ruled = {"unit_id": 1, "space_id": 1, "district": "11590", "hours": None, "closures": None, "tariff": None}
    tell(house, "booking", "booking.unit.ruled", "unit:1", {**ruled, "closures": {"weekdays": [], "holidays": True}})
    before = everything(house)
    assert [len(table) for table in before] == [2, 1, 1, 1, 1]
    with house.databases["maps"].write() as session:
        session.execute(Base.metadata.tables["reservation"].update().values(cancelled=True))
    assert rebuild(house.databases["maps"], HANDLERS, PROJECTIONS) == 7
    assert everything(house) == before
    assert {table.name for table in PROJECTIONS} == {model.__tablename__ for model in PROJECTED}


def test_the_state_of_a_space_follows_its_reservations(house):
    space_id = add_space(house.databases["maps"])
    closed = add_space(house.databases["maps"], "closed", stage="workshop", units=(ROOM,))
    unknown_hours = add_space(house.databases["maps"], "unknown", units=(ROOM.__class__(key="r", name="방"),))
    spaces, version = status(house)
    assert [spaces[each]["state"] for each in (space_id, closed, unknown_hours)] == ["free", "not_open", "not_open"]

    reserve(house, 1, space_id, NOW - timedelta(hours=1))
    reserve(house, 2, space_id, NOW + timedelta(hours=5))
    reserve(house, 3, space_id, NOW + timedelta(days=8))
    spaces, changed = status(house)
    assert changed != version
    assert spaces[space_id]["state"] == "in_use"
    assert spaces[space_id]["upcoming"] == 2
    assert spaces[space_id]["free_at"] == NOW + timedelta(hours=1)
    assert spaces[space_id]["next_start"] == NOW + timedelta(hours=5)

    cancel(house, 1, space_id, NOW - timedelta(hours=1))
    spaces, again = status(house)
    assert again != changed
    assert (spaces[space_id]["state"], spaces[space_id]["upcoming"]) == ("free", 1)


def test_intervals_are_half_open(house):
    space_id = add_space(house.databases["maps"])
    minute = NOW.replace(second=0)
    reserve(house, 1, space_id, minute)
    assert status(house, minute)[0][space_id]["state"] == "in_use"
    assert status(house, minute - timedelta(seconds=1))[0][space_id]["state"] == "free"
    assert status(house, minute + timedelta(hours=2))[0][space_id]["state"] == "free"


def test_the_version_changes_with_every_news_and_every_minute(house):
    maps = house.databases["maps"]

    def version(now=NOW):
        with maps.read() as session:
            return map_version(session, now)

    seen = [version()]
    assert version(NOW + timedelta(seconds=5)) == seen[0]
    seen.append(version(NOW + timedelta(minutes=1)))
    add_space(maps)
    seen.append(version())
    fund(house, 1)
    seen.append(version())
    intermediary(house, "11590", "direct", 99_000_000)
    seen.append(version())
    assert len(set(seen)) == len(seen)


def test_a_withdrawn_project_leaves_the_map(house):
    fund(house, 1)
    fund(house, 2)
    facts = {"project_id": 1, "call_id": 3, "district": "11590"}
    tell(house, "grants", "grants.project.withdrawn", "project:1", facts)
    with house.databases["maps"].read() as session:
        (point,) = project_points(session)
    assert len(point["projects"]) == 1
    assert rebuild(house.databases["maps"], HANDLERS, PROJECTIONS) == 3
    with house.databases["maps"].read() as session:
        assert len(project_points(session)[0]["projects"]) == 1


def test_projects_stand_where_they_happen(house):
    space_id = add_space(house.databases["maps"])
    fund(house, 1)
    fund(house, 2)
    fund(house, 3, space_id=space_id)
    fund(house, 4, latitude=37.49, longitude=126.95, district="11620")
    with house.databases["maps"].read() as session:
        points = project_points(session)
        assert len(project_points(session, "11620")) == 1
    places = {(point["latitude"], point["longitude"]): point for point in points}
    office = places[BY_CODE["11590"].office]
    assert (office["whole_district"], len(office["projects"])) == (True, 2)
    assert not places[(37.51, 126.94)]["whole_district"]
    assert places[(37.49, 126.95)]["district"] == "11620"
