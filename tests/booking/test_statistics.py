"""The statistics, with figures worked out by hand: a fortnight of the town, from Monday 2 to Sunday 15 November 2026.

Space 1 is open on weekdays 9 to 21 and on weekends 10 to 18, closed on holidays, of which there are none: ten days of
twelve hours and four of eight, 152 hours a room. It has two rooms (BIG, SMALL), together WHOLE. FAR, in space 2, is one
room with the same hours; UNKNOWN, in space 3, has none.
"""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from sqlalchemy import event, select, update

from services.booking import retention, statistics
from services.booking.models import NoShow, Reservation, SpecialDay, Unit
from services.booking.search import unmet
from services.booking.search.terms import Search
from services.booking.statistics import Query
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, FAR, NOW, SMALL, UNKNOWN, WHOLE, Town, at, space, unit

KEEPER = Actor(201, "지기", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
DISTRICT = Actor(202, "동작", frozenset({Role.DISTRICT_STAFF}), district="11590")
ELSEWHERE = Actor(203, "성북", frozenset({Role.DISTRICT_STAFF}), district="11290")
CITY = Actor(204, "시", frozenset({Role.CITY_STAFF}))
FORTNIGHT = Query(date(2026, 11, 2), date(2026, 11, 15))
DAYS = "first_day=2026-11-02&last_day=2026-11-15"
HOUR = 3600


def put(town: Town, unit_id: int, start: datetime, hours: float = 1, **more: Any) -> int:
    """A reservation as the past left it; its number."""
    with town.database.write() as session:
        row = {
            "unit_id": unit_id,
            "space_id": session.get_one(Unit, unit_id).space_id,
            "account_id": 101,
            "kind": "visit",
            "purpose": "=책 읽기",
            "people": 5,
            "start_at": start,
            "end_at": start + timedelta(hours=hours),
            "status": "confirmed",
            "created_at": start - timedelta(days=2),
            "idempotency_key": str(uuid4()),
        }
        reservation = Reservation(**row | more)
        session.add(reservation)
        session.flush()
        return reservation.id


def miss(town: Town, reservation_id: int, start: datetime, decision: str | None = None) -> None:
    with town.database.write() as session:
        fields = {"account_id": 101, "space_id": 1, "missed_at": start, "marked_at": start, "decision": decision}
        session.add(NoShow(reservation_id=reservation_id, **fields))


@pytest.fixture
def fortnight(town: Town) -> Town:
    """What happened in space 1: four visits, two of them missed, a cancelled one, an own event, a longer past."""
    put(town, BIG, at(3, 9), 2, people=8, created_at=at(2, 9))  # Tuesday 9 to 11; a day ahead
    put(town, SMALL, at(3, 20, 30), 1, people=3, created_at=at(1, 20, 30))  # half of it after closing; two days
    put(town, WHOLE, at(7, 10), 3, people=20, created_at=at(3, 10))  # Saturday 10 to 13, both rooms; four days
    missed = put(town, BIG, at(10, 9), 1, status="no_show", created_at=at(9, 21))  # half a day
    miss(town, missed, at(10, 9))
    excused = put(town, BIG, at(11, 9), 1, status="no_show", created_at=at(10, 9))  # a day
    miss(town, excused, at(11, 9), decision="excused")
    put(town, BIG, at(12, 9), 2, status="cancelled")
    put(town, SMALL, at(12, 9), 4, kind="block", people=1)
    put(town, BIG, at(1, 12), 2)  # the Sunday before
    put(town, BIG, at(13, 9), 1, status="requested")
    put(town, BIG, at(14, 10), 1, kind="lottery")
    put(town, FAR, at(5, 18), 2, people=6)
    return town


def read(town: Town, actor: Actor, query: Query = FORTNIGHT) -> statistics.Statistics:
    return statistics.read(town.database, actor, NOW, query)


def test_a_space_by_hand(fortnight: Town) -> None:
    told = read(fortnight, KEEPER)
    figures = told.figures
    assert figures.share.open == 2 * 152 * HOUR
    assert figures.share.used == (2 + 0.5 + 2 * 3 + 1 + 1) * HOUR
    assert figures.share.outside == HOUR // 2
    assert figures.share.own == 4 * HOUR
    assert figures.rate == Decimal("3.5")  # 10.5 of 304: 3.45
    assert figures.own_rate == Decimal("1.3")
    assert (figures.visits, figures.people, figures.cancelled, figures.own_events) == (3, 31, 1, 1)
    assert (figures.no_shows, figures.excused, figures.due) == (1, 1, 5)
    assert figures.no_show_rate == Decimal("20.0")
    assert figures.lead == (24 * HOUR, 24 * HOUR, 48 * HOUR)  # of 12, 24, 24, 48 and 96 hours
    assert told.heat.open[2, 9] == 2 * 2 * HOUR
    assert told.heat.used[2, 9] == 2 * HOUR  # the visit of the 3rd and the no-show of the 10th
    assert told.heat.used[2, 20] == HOUR // 2
    assert told.heat.used[6, 12] == 2 * HOUR
    assert told.heat.open[6, 9] == 0
    assert told.heat.own[4, 12] == HOUR
    assert (told.unknown, told.coming) == (0, False)


def test_units_share_their_rooms(fortnight: Town) -> None:
    lines = {line.unit.id: line for line in read(fortnight, KEEPER).units}
    assert set(lines) == {BIG, SMALL, WHOLE}
    assert lines[BIG].figures.share.used == (2 + 3 + 1 + 1) * HOUR
    assert lines[BIG].figures.rate == Decimal("4.6")  # 7 of 152: 4.605
    assert lines[SMALL].figures.share.used == 3.5 * HOUR
    assert lines[WHOLE].rooms == 2
    assert lines[WHOLE].figures.share.open == 304 * HOUR
    assert lines[WHOLE].figures.share.used == 10.5 * HOUR
    assert lines[WHOLE].figures.visits == 1
    one = read(fortnight, KEEPER, Query(date(2026, 11, 2), date(2026, 11, 15), unit_id=BIG))
    assert one.figures.share == lines[BIG].figures.share
    assert (one.figures.visits, one.unit.id if one.unit else None) == (1, BIG)


def test_closed_hours_are_not_open(fortnight: Town) -> None:
    with fortnight.database.write() as session:
        session.add(SpecialDay(unit_id=BIG, day=date(2026, 11, 3), opens="10:00", closes="12:00"))
        session.add(SpecialDay(unit_id=BIG, day=date(2026, 11, 4)))
    told = read(fortnight, KEEPER, Query(date(2026, 11, 2), date(2026, 11, 15), unit_id=BIG))
    assert told.figures.share.open == (152 - 10 - 12) * HOUR
    assert told.figures.share.used == 6 * HOUR
    assert told.figures.share.outside == HOUR


def test_each_sees_what_is_theirs(fortnight: Town) -> None:
    district, city = read(fortnight, DISTRICT), read(fortnight, CITY)
    assert {line.unit.id for line in district.units} == {BIG, SMALL, WHOLE, FAR, UNKNOWN}
    assert district.figures.share.open == 3 * 152 * HOUR
    assert district.figures.visits == 4
    assert district.unknown == 1
    assert [line.known for line in district.units if line.unit.id == UNKNOWN] == [False]
    assert read(fortnight, ELSEWHERE).units == []
    assert read(fortnight, ELSEWHERE, Query(district="11590")).figures.visits == 0
    assert [(line.district, line.units, line.figures.visits) for line in city.districts] == [("11590", 5, 4)]
    assert city.districts[0].figures.share == city.figures.share
    for query, code in (
        (Query(space_id=2), "not_allowed"),
        (Query(unit_id=FAR), "not_allowed"),
        (Query(space_id=99), "space_not_found"),
        (Query(unit_id=99), "unit_not_found"),
        (Query(date(2026, 11, 3), date(2026, 11, 2)), "period_reversed"),
        (Query(date(2025, 11, 1), date(2026, 11, 2)), "period_too_long"),
    ):
        with pytest.raises(Refusal, match=f"^{code}$"):
            read(fortnight, KEEPER, query)
    assert read(fortnight, CITY, Query(district="11290", space_id=1)).space is None


def test_the_last_four_weeks_unless_another_period_is_asked(town: Town) -> None:
    told = read(town, CITY, Query())
    assert (told.first_day, told.last_day) == (date(2026, 10, 26), date(2026, 11, 22))
    assert told.figures.rate == Decimal("0.0")
    assert (told.figures.no_show_rate, told.figures.lead) == (None, None)
    assert read(town, CITY, Query(first_day=date(2026, 12, 1))).coming


def test_what_is_forgotten_still_counts(fortnight: Town) -> None:
    before = read(fortnight, KEEPER).figures
    while retention.forget(fortnight.database, NOW, NOW):
        pass
    with fortnight.database.read() as session:
        known = select(Reservation.purpose).where(Reservation.kind == "visit", Reservation.status == "confirmed")
        assert set(session.scalars(known)) == {""}
    assert read(fortnight, KEEPER).figures == before


def test_a_unit_that_is_gone_keeps_its_visits(fortnight: Town) -> None:
    with fortnight.database.write() as session:
        session.execute(update(Unit).where(Unit.id == SMALL).values(active=False))
    told = read(fortnight, KEEPER)
    assert told.figures.visits == 3
    lines = {line.unit.id: line for line in told.units}
    assert (lines[SMALL].known, lines[SMALL].figures.rate) == (False, None)


def search_for(town: Town, visit: str, **asked: Any) -> None:
    unmet.note(town.database, at(10, 12), Search(**asked), visit)


@pytest.fixture
def searched(fortnight: Town) -> Town:
    saturday = date(2026, 11, 14)
    search_for(fortnight, "a", district="11590", day=saturday, starts=780, ends=1080, people=30, equipment=("피아노",))
    search_for(
        fortnight, "b", space_id=1, day=saturday, until=date(2026, 11, 15), people=3, accessibility=("step_free",)
    )
    search_for(fortnight, "c", space_id=2, people=12, most_won=0)
    search_for(fortnight, "d", day=saturday, until=date(2026, 12, 5), starts=540, ends=780, equipment=("빔프로젝터",))
    search_for(fortnight, "e", district="11290", day=saturday)
    unmet.note(fortnight.database, at(16, 0), Search(district="11590"), "later")
    return fortnight


def test_unmet_searches_by_hand(searched: Town) -> None:
    found = read(searched, CITY).unmet
    assert (found.total, found.untimed, found.free) == (5, 1, 1)
    assert found.times == {
        (6, "afternoon"): 1,
        (6, "any"): 2,
        (7, "any"): 1,
        (0, "morning"): 1,
        (0, "afternoon"): 1,
    }
    assert found.sizes == {"1-4": 3, "5-10": 0, "11-20": 1, "21-50": 1, "51-": 0}
    assert {(place.district, place.space): count for place, count in found.places} == {
        ("11590", None): 1,
        ("11590", "상도 마을활력소"): 1,
        ("11590", "사당 마을활력소"): 1,
        (None, None): 1,
        ("11290", None): 1,
    }
    assert found.equipment == [("빔프로젝터", 1)]  # what a unit has
    assert found.other == 1  # any word that somebody wrote, once
    assert found.accessibility == [("step_free", 1)]


def test_unmet_searches_of_ones_own(searched: Town) -> None:
    assert read(searched, KEEPER).unmet.total == 2
    assert read(searched, DISTRICT).unmet.total == 3
    assert read(searched, ELSEWHERE).unmet.total == 0
    assert read(searched, CITY, Query(date(2026, 11, 2), date(2026, 11, 15), district="11590")).unmet.total == 3


def test_a_word_that_many_asked_for_is_told(fortnight: Town) -> None:
    for visit in "abc":
        search_for(fortnight, visit, district="11590", equipment=("가마솥",))
    found = read(fortnight, KEEPER).unmet
    assert (found.equipment, found.other) == ([("가마솥", 3)], 0)


def test_the_number_of_queries_stays(town: Town) -> None:
    counts = []
    for number in (3, 300):
        many = [unit(1000 + n, f"방 {n}") for n in range(number)]
        town.tell(space(1, "상도 마을활력소", many))
        with town.database.write() as session:
            session.execute(
                Reservation.__table__.insert(),
                [
                    {
                        "unit_id": 1000 + n,
                        "space_id": 1,
                        "account_id": 101,
                        "purpose": "모임",
                        "people": 2,
                        "start_at": at(3, 9),
                        "end_at": at(3, 10),
                        "status": "confirmed",
                        "created_at": at(2, 9),
                        "idempotency_key": f"{number} {n}",
                    }
                    for n in range(number)
                ],
            )
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(town.database.engine, "before_cursor_execute", note)
        told = read(town, CITY)
        event.remove(town.database.engine, "before_cursor_execute", note)
        assert len([line for line in told.units if line.unit.space_id == 1]) == number
        counts.append(sum("SELECT" in statement for statement in seen))
    assert counts[0] == counts[1] <= 8


@pytest.fixture
def _standing(clock: Callable[[datetime], None]) -> None:
    """The clock of these pages stands at Monday, 23 November 2026, 10:00."""


@pytest.mark.usefixtures("_standing")
def test_the_page(house: Any, searched: Town) -> None:
    browser = house.client("city")
    page = browser.get(f"/booking/manage/statistics?{DAYS}")
    assert page.status_code == 200
    assert '<th scope="row">9<span' in page.text
    assert "서울 전체" in page.text
    assert "책 읽기" not in page.text
    keeper = house.client("keeper").get(f"/booking/manage/statistics?{DAYS}&space_id=1&unit_id={BIG}").text
    assert "4.6%" in keeper
    assert "상도 마을활력소 큰 회의실" in keeper
    wrong = browser.get("/booking/manage/statistics?first_day=2026-11-15&last_day=2026-11-02&district=11590")
    assert wrong.status_code == 422
    assert 'value="2026-11-15"' in wrong.text
    assert "끝나는 날이 시작하는 날보다 빠릅니다" in wrong.text
    assert browser.get("/booking/manage/statistics?first_day=nonsense").status_code == 422
    assert house.client("keeper").get("/booking/manage/statistics?space_id=3").status_code == 403
    assert house.client("resident").get("/booking/manage/statistics").status_code == 403
    english = browser.get(f"/booking/manage/statistics?{DAYS}", headers={"Accept-Language": "en"}).text
    assert "Occupancy by day and hour" in english


@pytest.mark.usefixtures("_standing")
def test_exports_read_back(house: Any, searched: Town) -> None:
    searched.tell(space(2, "=사당()", [unit(FAR, "@모임방", fee=None, fee_text="문의")]))
    browser = house.client("city")
    file = browser.get(f"/booking/manage/statistics.xlsx?{DAYS}")
    assert file.headers["Content-Disposition"].endswith('statistics-2026-11-02-2026-11-15.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(file.data))
    assert book.sheetnames == ["요약", "공간별", "요일과 시간별", "찾지 못한 검색"]
    summary = {row[0]: row[1] for row in book["요약"].iter_rows(min_row=2, values_only=True)}
    assert (summary["연 시간"], summary["쓴 시간"], summary["이용률(%)"]) == (456, 12.5, 2.7)
    assert summary["이용 건수"] == 4
    units = {row[2]: row for row in book["공간별"].iter_rows(min_row=2, values_only=True)}
    assert units["'@모임방"][:7] == ("동작구", "'=사당()", "'@모임방", 1, 152, 2, 1.3)
    week = {row[:2]: row[2:] for row in book["요일과 시간별"].iter_rows(min_row=2, values_only=True)}
    assert week["토요일", 12] == (6, 2, 33.3, 0)
    assert ("모두", "토요일") not in week
    searches = list(book["찾지 못한 검색"].iter_rows(min_row=2, values_only=True))
    assert ("어디서", "동작구 상도 마을활력소", 1) in searches

    text = browser.get(f"/booking/manage/statistics.csv?{DAYS}&space_id=1").text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1][2:7] == ["건물 전체", "2", "304.0", "10.5", "3.5"]
    assert len(rows) == 4
    assert browser.get("/booking/manage/statistics.csv?table=unmet").status_code == 200
    assert browser.get("/booking/manage/statistics.csv?table=people").status_code == 422
    assert house.client("keeper").get("/booking/manage/statistics.xlsx?space_id=3").status_code == 403


@pytest.mark.usefixtures("_standing")
def test_the_api(house: Any, searched: Town) -> None:
    browser = house.client("keeper")
    told = browser.get(f"/booking/api/manage/statistics?{DAYS}&space_id=1").json
    assert told["figures"]["time"] == {"open": 304 * HOUR, "used": 37800, "own": 4 * HOUR, "outside": 1800}
    assert told["figures"]["rate"] == "3.5"
    assert told["figures"]["lead"]["median"] == 24 * HOUR
    assert {"weekday": 2, "hour": 20, "open": 14400, "used": 1800, "own": 0} in told["week"]
    assert told["unmet"]["total"] == 2
    refused = browser.get("/booking/api/manage/statistics?first_day=2026-11-03&last_day=2026-11-02")
    assert (refused.status_code, refused.json["code"]) == (422, "period_reversed")
    assert browser.get("/booking/api/manage/statistics?space_id=3").status_code == 403
    assert house.client("resident").get("/booking/api/manage/statistics").status_code == 403
