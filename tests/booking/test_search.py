"""The search: what it finds is what can be reserved, whatever is asked; and what it costs."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from services.booking import unit_rules
from services.booking.models import ClosedTime, ExtraHoliday, FindableUnit, SpecialDay, Unit, UnitRules, UnmetSearch
from services.booking.rules.day_bits import closed_bits, day_bits
from services.booking.rules.hours import NAMED, Opening, closed_reason, instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import MINUTE, POLICY, misfits
from services.booking.schedules import place_of
from services.booking.search import _zones, find, findable, nearest, timeline
from services.booking.search.alternatives import find as alternatives
from services.booking.search.terms import Search
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import (
    BIG,
    FAR,
    NOW,
    SEOUL,
    SMALL,
    WHOLE,
    Town,
    at,
    house_of,
    resident,
    space,
    unit,
)
from tests.maps.town import Queries

FRIDAY = date(2026, 11, 27)
CITY = Actor(7, "city", frozenset({Role.CITY_STAFF}))
ANY = {"weekdays": [], "holidays": False}


def window(starts: int, ends: int, **more: Any) -> Search:
    """Friday from one hour to another, wanted whole."""
    return Search(**{"day": FRIDAY, "starts": starts * 60, "ends": ends * 60, "minutes": (ends - starts) * 60, **more})


def names(town: Town, wanted: Search) -> list[str]:
    return [hit.name for hit in find(town.database, NOW, wanted).hits]


def test_a_reservation_takes_its_room_and_the_building_out(town: Town) -> None:
    assert names(town, window(14, 16)) == ["작은 회의실", "큰 회의실", "모임방", "건물 전체"]
    town.reserve(resident(), SMALL, at(27, 15), 2)
    assert names(town, window(14, 16)) == ["큰 회의실", "모임방"]
    assert names(town, window(13, 15)) == ["작은 회의실", "큰 회의실", "모임방", "건물 전체"]
    assert names(town, window(17, 18)) == ["작은 회의실", "큰 회의실", "모임방", "건물 전체"]


def test_what_is_asked_besides_the_time(town: Town) -> None:
    facts = {"equipment": ["피아노", "100% 방음"], "accessibility": ["step_free", "elevator"]}
    town.tell(space(5, "흑석 음악당", [unit(50, "연습실", capacity=None, **facts)], district="11620"))
    assert names(town, window(14, 16, people=11)) == ["건물 전체", "연습실"]
    assert names(town, window(14, 16, district="11620")) == ["연습실"]
    assert names(town, window(14, 16, text="음악당 연습")) == ["연습실"]
    assert names(town, window(14, 16, equipment=("피아노",))) == ["연습실"]
    assert names(town, window(14, 16, equipment=("100%",))) == ["연습실"]
    assert names(town, window(14, 16, equipment=("%",))) == ["연습실"]
    assert names(town, window(14, 16, accessibility=("step_free", "elevator"))) == ["연습실"]
    assert names(town, window(14, 16, accessibility=("elevator", "hearing_loop"))) == []


def test_fees(town: Town) -> None:
    """5,000 won an hour and 2,000 for each further half hour; another is free; one's fee nobody knows."""
    free = {"free": True, "base_minutes": 0, "base_won": 0, "extra_minutes": None, "extra_won": None}
    town.tell(space(5, "무료 쉼터", [unit(50, "사랑방", fee=free)]))
    assert names(town, window(14, 16, most_won=0)) == ["사랑방"]
    assert "큰 회의실" in names(town, window(14, 16, most_won=9000))
    assert names(town, window(14, 16, most_won=8999)) == ["사랑방"]
    (hit,) = [hit for hit in find(town.database, NOW, window(14, 16, most_won=9000)).hits if hit.unit_id == BIG]
    assert hit.won == 9000


def test_any_saturday_afternoon_this_month(town: Town) -> None:
    town.reserve(resident(), BIG, at(28, 13), 4)
    wanted = Search(
        day=NOW.date(), until=date(2026, 12, 12), weekdays=frozenset({6}), starts=720, ends=1080, minutes=180, people=8
    )
    found = {hit.name: hit.starts for hit in find(town.database, NOW, wanted).hits}
    assert {start.astimezone(SEOUL).date().day for start in found["모임방"]} == {28, 5, 12}
    assert found["큰 회의실"][0].astimezone(SEOUL).strftime("%d %H:%M") == "05 12:00"
    assert [start.astimezone(SEOUL).strftime("%H:%M") for start in found["모임방"]][:7] == [
        "12:00", "12:30", "13:00", "13:30", "14:00", "14:30", "15:00"
    ]  # fmt: skip


def test_nearest_first(town: Town) -> None:
    town.tell(space(5, "먼 곳", [unit(50, "먼 방")], latitude=37.60, longitude=127.05))
    town.tell(space(6, "가까운 곳", [unit(60, "가까운 방")], latitude=37.501, longitude=126.94))
    found = find(town.database, NOW, window(14, 16, point=(37.50, 126.94))).hits
    assert [hit.name for hit in found][:2] == ["가까운 방", "먼 방"]
    assert found[0].meters == pytest.approx(111, abs=2)
    assert found[-1].meters is None


def test_the_keepers_rules_count_at_once(town: Town) -> None:
    assert "큰 회의실" in names(town, window(14, 16))
    unit_rules.set_hours(town.database, CITY, NOW, BIG, [["18:00", "22:00"]] * 7)
    assert "큰 회의실" not in names(town, window(14, 16))
    assert "큰 회의실" in names(town, window(20, 22))


def test_pages(town: Town) -> None:
    town.tell(space(5, "많은 방", [unit(100 + n, f"방 {n:02}", capacity=50) for n in range(25)]))
    first = find(town.database, NOW, window(14, 16, people=40))
    second = find(town.database, NOW, window(14, 16, people=40, page=2))
    assert (len(first.hits), first.more, len(second.hits), second.more) == (20, True, 5, False)
    flexible = Search(day=FRIDAY, starts=540, ends=1260, minutes=120, people=40)
    assert [hit.unit_id for hit in find(town.database, NOW, flexible).hits] == [hit.unit_id for hit in first.hits]
    listed = find(town.database, NOW, Search(people=40))
    assert (listed.total, listed.more) == (25, True)


OPENINGS = st.builds(
    dict,
    weekday=st.sampled_from([["09:00", "21:00"], ["10:00", "24:00"], ["00:00", "24:00"], None]),
    weekend=st.sampled_from([["10:00", "18:00"], None]),
)
CLOSURES = st.builds(
    dict,
    weekdays=st.lists(st.integers(1, 7), max_size=2, unique=True),
    holidays=st.booleans(),
    monthly=st.lists(
        st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(1, 7)).map(list), max_size=2, unique_by=tuple
    ),
    named=st.lists(st.sampled_from(sorted(NAMED)), max_size=2, unique=True),
)


@given(CLOSURES, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
@settings(max_examples=300)
def test_bits_say_what_the_rule_says(closures: dict[str, Any], day: date) -> None:
    opening = Opening.from_facts({"weekday": ["09:00", "21:00"], "weekend": ["09:00", "21:00"]}, closures)
    assert opening is not None
    assert bool(closed_bits(opening) & day_bits(day)) == (closed_reason(opening, day) is not None)


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_search_agrees_with_reserving_one_after_the_other(house: Any, data: st.DataObject) -> None:
    """Whatever the hours, rules, special days, closures and reservations: exactly what can be reserved is found."""
    from services.booking.models import Base

    database = house.databases["booking"]
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in ("inbox", "outbox", "aggregate_version", "audit"):
                session.execute(table.delete())
    town = Town(database)
    policy = st.builds(
        lambda **given: {name: value for name, value in given.items() if value is not None},
        grid=st.sampled_from([None, 20, 60]),
        longest=st.sampled_from([None, 120]),
        notice=st.sampled_from([None, 3000]),
        window=st.sampled_from([None, 5]),
        buffer_before=st.sampled_from([None, 30]),
        buffer_after=st.sampled_from([None, 60]),
    )
    atoms = [["unit:12"], ["unit:13"], ["unit:12", "unit:13"]]
    units = []
    for number, own in zip((BIG, SMALL, WHOLE), atoms, strict=True):
        hours, closures = data.draw(OPENINGS), data.draw(CLOSURES)
        units.append(
            unit(number, f"방 {number}", own, hours=hours, closures=closures, capacity=data.draw(st.integers(1, 9)))
        )
    town.tell(house_of(*units))
    with database.write() as session:
        for number in (BIG, SMALL, WHOLE):
            session.add(UnitRules(unit_id=number, settings=data.draw(policy), changed_at=NOW))
            if data.draw(st.booleans()):
                opens, closes = data.draw(st.sampled_from([(None, None), ("08:00", "12:00"), ("12:00", "24:00")]))
                session.add(SpecialDay(unit_id=number, day=FRIDAY, opens=opens, closes=closes))
            if data.draw(st.booleans()):
                start = at(27, data.draw(st.integers(8, 20)))
                session.add(ClosedTime(unit_id=number, closure_id=1, start_at=start, end_at=start + timedelta(hours=2)))
        if data.draw(st.booleans()):
            session.add(ExtraHoliday(day=FRIDAY, name="임시공휴일"))
        findable.refresh(session)
    for _ in range(data.draw(st.integers(0, 5))):
        hour, hours = data.draw(st.integers(9, 20)), data.draw(st.integers(1, 3))
        try:
            town.reserve(resident(), data.draw(st.sampled_from([BIG, SMALL, WHOLE])), at(27, hour), hours, people=1)
        except Refusal:
            continue
    starts = data.draw(st.integers(8, 22))
    length = data.draw(st.integers(1, 3))
    people = data.draw(st.integers(1, 6))
    wanted = window(starts, min(24, starts + length), people=people)
    found = find(database, NOW, wanted)
    assert {hit.unit_id for hit in found.hits} == {
        number for number in (BIG, SMALL, WHOLE) if can_have(town, number, wanted, wanted.starts, people)
    }
    longer = Search(
        day=FRIDAY, until=FRIDAY + timedelta(days=1), starts=480, ends=1440, minutes=60 * length, people=people
    )
    for hit in (each for each in find(database, NOW, longer).hits):
        told = {
            (start.astimezone(SEOUL).date(), start.astimezone(SEOUL).hour * 60 + start.astimezone(SEOUL).minute)
            for start in hit.starts
        }
        expected = {
            (day, minute)
            for day in longer.days
            for minute in range(480, 1440 - 60 * length + 1, 20)
            if can_have(town, hit.unit_id, longer, minute, people, day)
        } | {
            (day, minute)
            for day in longer.days
            for minute in range(480, 1440 - 60 * length + 1, 30)
            if can_have(town, hit.unit_id, longer, minute, people, day)
        }
        assert told == expected


def can_have(town: Town, unit_id: int, wanted: Search, minute: int, people: int, day: date = FRIDAY) -> bool:
    """Whether the rules and the atoms let somebody reserve: the naive model, without the search."""
    from services.booking import occupancy

    start = instant(day, f"{minute // 60:02}:{minute % 60:02}", SEOUL)
    during = Interval(start, start + wanted.minutes * MINUTE)
    with town.database.read() as session:
        own = session.get_one(Unit, unit_id)
        if any(misfits(place_of(session, own, during), during, people, NOW)):
            return False
        policy = own.policy
        wide = Interval(during.start - policy.buffer_before, during.end + policy.buffer_after)
        from services.booking.units import atoms_of

        held = occupancy.taken(session, atoms_of(session, [unit_id])[unit_id], wide)
        return not any(
            occupancy.conflicts(each, during, policy.buffer_before, policy.buffer_after) for each in held.values()
        )


def test_the_number_of_queries_does_not_grow(town: Town) -> None:
    """1,000 units with 30 days of reservations: as many queries as with ten."""
    few = {kind: cost(town, wanted) for kind, wanted in QUESTIONS.items()}
    fill(town, 1000, days=30)
    for kind, wanted in QUESTIONS.items():
        assert cost(town, wanted) <= max(few[kind], 10), kind
    assert cost(town, QUESTIONS["window"]) == 1
    with Queries(town.database) as counted:
        told = timeline.of_day(town.database, FRIDAY)
    assert len(counted.statements) == 1
    assert told.count('"unit_id"') == 1004


QUESTIONS = {
    "window": window(14, 16, people=5),
    "days": Search(day=FRIDAY, until=FRIDAY + timedelta(days=20), starts=720, ends=1080, minutes=120, people=5),
    "list": Search(people=5),
    "near": window(14, 16, point=(37.5, 126.9)),
}


def cost(town: Town, wanted: Search) -> int:
    find(town.database, NOW, wanted)
    with Queries(town.database) as counted:
        find(town.database, NOW, wanted)
    return len(counted.statements)


def fill(town: Town, count: int, days: int) -> None:
    """So many units in spaces of ten, each reserved twice a day; past the use cases, for its sheer number."""
    from services.booking.models import Atom, Occupancy, Reservation, unit_atom

    for number in range(count // 10):
        first = 1000 + 10 * number
        town.tell(
            space(1000 + number, f"공간 {number}", [unit(first + n, f"방 {n}", capacity=5 + n) for n in range(10)])
        )
    with town.database.write() as session:
        atoms = dict(
            session.execute(select(unit_atom.c.unit_id, Atom.id).join(Atom).where(unit_atom.c.unit_id >= 1000)).all()
        )
        rows, held = [], []
        for place, (unit_id, atom_id) in enumerate(atoms.items()):
            for day in range(days):
                for hour in (10, 18):
                    key = 100_000 + len(rows)
                    start = at(24, hour) + timedelta(days=day)
                    end = start + timedelta(hours=2)
                    rows.append(
                        {
                            "id": key, "unit_id": unit_id, "space_id": 1000 + place // 10, "account_id": 1,
                            "purpose": "모임", "people": 2, "start_at": start, "end_at": end,
                            "status": "confirmed", "created_at": NOW,
                            "idempotency_key": f"fill-{key}",
                        }
                    )  # fmt: skip
                    held.append(
                        {
                            "atom_id": atom_id, "start_at": start, "end_at": end,
                            "guard_start": start, "guard_end": end, "reservation_id": key,
                        }
                    )  # fmt: skip
        session.execute(insert(Reservation), rows)
        session.execute(insert(Occupancy), held)


def test_the_timeline_tells_hours_and_what_is_taken(town: Town) -> None:
    import json

    town.reserve(resident(), BIG, at(26, 20), 1)  # the evening before counts for nothing
    town.reserve(resident(), SMALL, at(27, 15), 2)
    town.reserve(resident(), BIG, at(27, 9), 1)
    with town.database.write() as session:
        session.add(SpecialDay(unit_id=FAR, day=FRIDAY, opens=None, closes=None))
    units = {each["name"]: each for each in json.loads(timeline.of_day(town.database, FRIDAY))["units"]}
    taken = {
        name: [[datetime.fromisoformat(moment) for moment in times] for times in each["taken"]]
        for name, each in units.items()
    }
    assert taken["작은 회의실"] == [[at(27, 15), at(27, 17)]]
    assert units["작은 회의실"]["open"] == ["09:00", "21:00"]
    assert taken["건물 전체"] == [[at(27, 9), at(27, 10)], [at(27, 15), at(27, 17)]]
    assert (units["모임방"]["open"], units["모임방"]["taken"]) == (None, [])
    saturday = json.loads(timeline.of_day(town.database, FRIDAY + timedelta(days=1), space_id=1))["units"]
    assert [each["open"] for each in saturday] == [["10:00", "18:00"]] * 3
    assert json.loads(timeline.of_day(town.database, FRIDAY, district="11110")) == {"units": []}


def test_nothing_found_says_what_comes_nearest(town: Town) -> None:
    for unit_id in (WHOLE, FAR):
        town.reserve(resident(unit_id), unit_id, at(27, 14), 2)
    wanted = window(14, 16, district="11590", equipment=("빔",))
    assert names(town, wanted) == []
    wider = {what: hits for what, _search, hits in nearest(town.database, NOW, wanted)}
    assert [start.astimezone(SEOUL).hour for start in wider["hours"][0].starts][:1] == [9]
    assert wider["days"]
    assert "place" not in wider  # there is no other place in this town


def test_alternatives_of_a_taken_time(town: Town) -> None:
    town.reserve(resident(), SMALL, at(27, 14), 2)
    with town.database.read() as session:
        own = session.get_one(Unit, SMALL)
    found = alternatives(town.database, NOW, SMALL, Interval(at(27, 14), at(27, 16)), 2)
    told = [(each.unit.name, each.during.start.astimezone(SEOUL).strftime("%d %H:%M")) for each in found]
    assert told == [
        ("작은 회의실", "27 12:00"),
        ("작은 회의실", "27 16:00"),
        ("작은 회의실", "28 14:00"),
        ("큰 회의실", "27 14:00"),
        ("모임방", "27 14:00"),
    ]
    assert own.policy == POLICY


def test_refreshing_again_changes_nothing_and_a_forgotten_row_is_put_right(town: Town) -> None:
    with town.database.write() as session:
        assert findable.refresh(session) == 0
        session.execute(FindableUnit.__table__.update().where(FindableUnit.unit_id == BIG).values(capacity=99))
        session.execute(FindableUnit.__table__.delete().where(FindableUnit.unit_id == SMALL))
    assert findable.put_right(town.database, None, NOW) is False
    with town.database.write() as session:
        assert findable.refresh(session) == 0


def test_the_page_leads_to_the_filled_form(house: Any, town: Town, clock: Any) -> None:
    browser = house.client("resident")
    page = browser.get("/booking/?day=2026-11-27&start=14:00&end=16:00&people=3")
    assert page.status_code == 200, page.text
    links = re.findall(r'href="(/booking/units/\d+/reserve\?[^"]+)"', page.text)
    assert len(links) == 4
    form = browser.get(links[0].replace("&amp;", "&"))
    assert 'value="2026-11-27"' in form.text
    assert "selected>14:00" in form.text.replace(" selected>14:00", "selected>14:00")
    assert 'value="3"' in form.text
    assert "이번 주말 오후" in page.text
    assert browser.get("/booking/?day=2026-11-27&start=14:00&end=16:00&view=map").status_code == 200
    assert "오늘 빈 시간" in browser.get("/booking/").text


def test_what_cannot_be_read_is_said_beside_its_field(house: Any, town: Town, clock: Any) -> None:
    page = house.client().get("/booking/?day=nonsense&people=4&start=16:00&end=14:00")
    assert page.status_code == 422
    assert "날짜를 2026-11-28처럼 골라 주세요" in page.text
    assert 'value="4"' in page.text
    answer = house.client().get("/booking/api/search?people=none")
    assert (answer.status_code, list(answer.get_json()["fields"])) == (422, ["people"])


def test_an_unmet_search_is_kept_once_a_visit_and_names_nobody(house: Any, town: Town, clock: Any) -> None:
    asked = "/booking/?day=2026-11-27&start=14:00&end=16:00&people=500&text=김주민&access=hearing_loop"
    browser = house.client()
    for _ in range(3):
        assert "찾지 못했어요" in browser.get(asked).text
    house.client().get(asked)
    browser.get(asked + "&page=2")
    with town.database.read() as session:
        kept = session.scalars(select(UnmetSearch)).all()
    assert len(kept) == 2
    assert (kept[0].day, kept[0].starts, kept[0].minutes, kept[0].people) == (FRIDAY, "14:00", 120, 500)
    assert kept[0].needs["accessibility"] == ["hearing_loop"]
    assert "김주민" not in str([vars(row) for row in kept])


def test_the_api_answers_the_same(house: Any, town: Town, clock: Any) -> None:
    answer = house.client().get("/booking/api/search?day=2026-11-27&start=14:00&end=16:00&people=3").get_json()
    assert [hit["name"] for hit in answer["hits"]] == ["작은 회의실", "큰 회의실", "모임방", "건물 전체"]
    assert answer["hits"][0]["starts"] == ["2026-11-27T05:00:00+00:00"]
    assert (answer["more"], answer["minutes"]) == (False, 120)
    empty = house.client().get("/booking/api/search?day=2026-11-27&start=22:00&end=23:00").get_json()
    assert empty["hits"] == []
    assert {each["given_up"] for each in empty["nearest"]} >= {"hours"}
    told = house.client().get("/booking/api/timeline?day=2026-11-27&district=11590").get_json()
    assert len(told["units"]) == 4
    assert urlsplit("/booking/api/timeline").path


def test_what_was_known_of_one_database_is_not_believed_of_another(town: Town) -> None:
    """At the same address, one after the other: a restored backup, say."""
    assert names(town, window(14, 16))
    with town.database.write() as session:
        session.execute(update(FindableUnit).values(zone="America/New_York"))
    other = Database(town.database.url.render_as_string(hide_password=False))
    try:
        with other.read() as session:
            assert _zones(session) == (ZoneInfo("America/New_York"),)
    finally:
        other.dispose()
