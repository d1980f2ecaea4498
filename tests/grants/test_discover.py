"""Finding calls: by filter, by day, by district; the same on the page, in the API and in the file of deadlines."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import event

from services.grants import calls, discovering
from services.grants.call_phases import Phase
from services.grants.discovering import CITY, Wanted
from services.grants.models import Call
from services.grants.policy import SEOUL
from services.grants.wording.discovering import left
from shared.identity.actor import NOBODY
from tests.grants.conftest import BENEFIT, CLOSES, DONGJAK, DURING, OPENS, terms
from tests.grants.conftest import CITY as CITY_STAFF


@pytest.fixture
def many(database, publish):
    """Fills the house with published calls like a given one, written at once."""

    def make(number: int, **changed) -> None:
        like = publish(**changed)
        with database.write() as session:
            columns = {column.key: getattr(like, column.key) for column in Call.__table__.columns if column.key != "id"}
            columns["line_id"] = None
            for each in range(number - 1):
                session.add(Call(**(columns | {"idempotency_key": f"like-{like.id}-{each}"})))

    return make


def found(database, now=DURING, actor=NOBODY, **wanted):
    with database.read() as session:
        return [call.title for call in discovering.find(session, actor, now, Wanted(**wanted))[0]]


def queries(engine, ask):
    seen: list[str] = []

    def count(*args):
        if args[2].lstrip().upper().startswith("SELECT"):
            seen.append(args[2])

    event.listen(engine, "before_cursor_execute", count)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_a_districts_filter_finds_its_own_and_the_citys(database, publish):
    publish(title="동작")
    publish(title="성북", district="11290")
    publish(title="시", district=None, programme="public_benefit", strands=BENEFIT)
    assert sorted(found(database, district="11590")) == ["동작", "시"]
    assert sorted(found(database, district="11290")) == ["성북", "시"]
    assert found(database, district=CITY) == ["시"]
    assert len(found(database)) == 3


def test_strand_programme_and_words_narrow(database, publish):
    publish(title="이웃만", strands=("neighbourhood_alley",))
    publish(title="둘 다", body="골목 화단을 가꿉니다. 100% 지원")
    publish(title="공익", district=None, programme="public_benefit", strands=BENEFIT)
    assert found(database, strand="group_space") == ["둘 다"]
    assert sorted(found(database, strand="neighbourhood_alley")) == ["둘 다", "이웃만"]
    assert found(database, strand="group") == found(database, strand="%") == []
    assert found(database, programme="public_benefit") == ["공익"]
    assert found(database, text="화단 둘") == ["둘 다"]  # title and text together
    assert found(database, text="100%") == ["둘 다"]
    assert found(database, text="_") == []
    assert found(database, text="공동체 활성화") == ["둘 다"]  # a strand's own words
    assert sorted(found(database, text="INTEGRATED")) == ["둘 다", "이웃만"]  # the programme's, in English


def test_open_ones_come_first_then_what_opens_next_then_the_past(database, publish):
    day = timedelta(days=1)
    publish(title="끝남", opens_at=OPENS - 30 * day, closes_at=OPENS - day)
    publish(title="더 전에 끝남", opens_at=OPENS - 40 * day, closes_at=OPENS - 9 * day)
    publish(title="곧 시작", opens_at=DURING + day, closes_at=DURING + 3 * day)
    publish(title="나중", opens_at=DURING + 2 * day, closes_at=DURING + 2.5 * day)
    publish(title="늦게 마감", closes_at=CLOSES + 5 * day)
    publish(title="곧 마감")
    calls.create(database, DONGJAK, DURING, terms=terms(title="작성 중"), key="draft")
    expected = ["곧 마감", "늦게 마감", "곧 시작", "나중", "끝남", "더 전에 끝남"]
    assert found(database) == expected
    assert found(database, actor=CITY_STAFF) == [*expected[:4], "작성 중", *expected[4:]]
    assert found(database, phase="upcoming") == ["곧 시작", "나중"]


def test_the_days_left_are_those_of_the_citys_calendar(database, publish):
    call = publish()  # closes on the 20th at 18:00
    days = lambda when: discovering.days_to_go(call, when)  # noqa: E731
    assert days(CLOSES - timedelta(minutes=1)) == (Phase.OPEN, 0)
    assert days(datetime(2026, 3, 19, 23, 59, tzinfo=SEOUL)) == (Phase.OPEN, 1)
    assert days(datetime(2026, 3, 18, 15, 0, tzinfo=UTC)) == (Phase.OPEN, 1)  # the 19th has begun in Seoul
    assert days(OPENS - timedelta(days=2)) == (Phase.UPCOMING, 2)
    assert days(CLOSES) == (Phase.CLOSED, 0)
    midnight = publish(closes_at=datetime(2026, 3, 21, 0, 0, tzinfo=SEOUL))
    assert discovering.days_to_go(midnight, datetime(2026, 3, 20, 12, 0, tzinfo=SEOUL)) == (Phase.OPEN, 0)


def test_the_days_left_in_words(house, publish):
    call = publish()
    with house.house.apps["grants"].test_request_context():
        assert left(call, CLOSES - timedelta(hours=1)) == ("오늘 마감", "warning")
        assert left(call, CLOSES - timedelta(days=1)) == ("내일 마감", "warning")
        assert left(call, OPENS) == ("마감까지 18일", "success")
        assert left(call, OPENS - timedelta(days=1)) == ("내일 접수 시작", "info")
        assert left(call, CLOSES)[0] == ""


def test_the_list_says_what_each_call_gives(house, publish, at):
    publish()
    at(DURING)
    page = house.client().get("/grants/").text
    for said in (
        "마감까지 10일",
        "3,000,000원",
        "10,000,000원",
        "이웃·골목 만들기, 공동체 모임·공간 활성화",
        "18:00 마감",
    ):
        assert said in page, said
    for way in ("/grants/calls/calendar", "/grants/calls/map", "/grants/eligible"):
        assert f'href="{way}"' in page


def test_filters_go_along_and_what_cannot_be_read_is_told(house, publish, at):
    publish()
    at(DURING)
    page = house.client().get("/grants/?district=11290&strand=group_space")
    assert page.status_code == 200
    assert "공고 0건" in page.text
    assert "/grants/calls/calendar?district=11290&amp;strand=group_space" in page.text
    wrong = house.client().get("/grants/?district=99999&q=" + "가" * 101)
    assert wrong.status_code == 422
    assert 'id="field-district-error"' in wrong.text
    assert 'id="field-q-error"' in wrong.text
    assert "공고 1건" in wrong.text  # what can't be read is left out
    assert house.client().get("/grants/calls.ics?district=99999").status_code == 422


def test_the_api_filters_alike(house, publish, at):
    publish(title="동작")
    publish(title="시", district=None, programme="public_benefit", strands=BENEFIT)
    at(DURING)
    ask = lambda query: house.client().get(f"/grants/api/calls?{query}")  # noqa: E731
    titles = lambda query: [each["title"] for each in ask(query).json["calls"]]  # noqa: E731
    assert titles("district=city") == titles("programme=public_benefit") == titles("q=공익") == ["시"]
    assert sorted(titles("district=11590&state=open")) == ["동작", "시"]
    assert titles("strand=group_space") == ["동작"]
    assert ask("state=closed").json == {"calls": [], "total": 0}
    refused = ask("district=1&state=ajar")
    assert refused.status_code == 422
    assert {"district", "state"} <= set(refused.json["fields"])


def marks(database, first, last, **wanted):
    with database.read() as session:
        return [
            (mark.day.day, mark.kind, mark.call.title)
            for mark in discovering.marks(session, first, last, Wanted(**wanted), DURING)
        ]


def test_a_month_holds_openings_closes_and_results_of_published_calls(database, publish):
    publish(title="가")
    publish(title="나", closes_at=datetime(2026, 4, 1, 0, 0, tzinfo=SEOUL), results_on=date(2026, 4, 1))
    publish(title="다", opens_at=datetime(2026, 4, 1, 0, 0, tzinfo=SEOUL), closes_at=CLOSES + timedelta(days=40),
            results_on=date(2026, 5, 20))  # fmt: skip
    calls.create(database, DONGJAK, DURING, terms=terms(title="작성 중"), key="draft")
    march = marks(database, date(2026, 3, 1), date(2026, 3, 31))
    assert march == [(2, "opens", "가"), (2, "opens", "나"), (20, "closes", "가"), (31, "closes", "나")]
    april = marks(database, date(2026, 4, 1), date(2026, 4, 30))
    assert april == [(1, "opens", "다"), (1, "results", "나"), (3, "results", "가"), (29, "closes", "다")]
    assert marks(database, date(2026, 3, 1), date(2026, 3, 31), district="11290") == []


def test_the_calendar_is_a_table_of_days_with_ways_to_other_months(house, publish, many, at):
    many(7)
    at(DURING)
    page = house.client().get("/grants/calls/calendar?district=11590").text
    assert "2026년 3월" in page
    assert page.count('role="columnheader"') == 7
    assert page.count('<time datetime="2026-03-') == 31
    assert "/grants/calls/calendar?month=2026-02&amp;district=11590" in page
    assert "/grants/calls/calendar?month=2026-04&amp;district=11590" in page
    assert "3건 더 보기" in page  # seven open on one day, four are shown
    assert "month__day--today" in page
    assert 'href="webcal://' in page
    april = house.client().get("/grants/calls/calendar?month=2026-04").text
    assert "발표" in april
    assert "이번 달" in april
    for odd in ("2026-13", "1999-01", "x", "２０２６-03"):
        assert "2026년 3월" in house.client().get(f"/grants/calls/calendar?month={odd}").text
    assert house.client().get("/grants/calls/calendar?month=2099-12").status_code == 200


def test_the_calendar_in_english(house, publish, at):
    publish()
    at(DURING)
    page = house.client().get("/grants/calls/calendar", headers={"Accept-Language": "en"}).text
    assert "March 2026" in page
    assert "Monday" in page
    assert "Subscribe in your calendar" in page


def test_deadlines_as_a_calendar_to_subscribe_to(house, database, publish, at):
    publish(title="골목; 화단, 가꾸기")
    publish(title="성북", district="11290", closes_at=datetime(2026, 4, 1, 0, 0, tzinfo=SEOUL))
    publish(title="시", district=None, programme="public_benefit", strands=BENEFIT)
    publish(title="오래전", opens_at=OPENS - timedelta(days=100), closes_at=DURING - timedelta(days=61))
    calls.create(database, DONGJAK, DURING, terms=terms(title="작성 중"), key="draft")
    at(DURING)
    answer = house.client().get("/grants/calls.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    entries = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [str(each["summary"]) for each in entries] == ["[마감] 골목; 화단, 가꾸기", "[마감] 시", "[마감] 성북"]
    assert len({str(each["uid"]) for each in entries}) == 3
    first, _city, midnight = entries
    assert first["dtend"].dt == CLOSES
    assert first["dtstart"].dt == CLOSES - timedelta(hours=1)
    assert midnight["dtstart"].dt.astimezone(SEOUL).date() == date(2026, 3, 31)  # the last day to apply
    assert re.search(r"/grants/calls/\d+$", str(first["url"]))
    assert "3,000,000원" in str(first["description"])
    only = Calendar.from_ical(house.client().get("/grants/calls.ics?district=11290").data)
    assert [str(each["summary"]) for each in only.walk("VEVENT")] == ["[마감] 시", "[마감] 성북"]
    assert str(only["x-wr-calname"]) == "성북구 공고 마감"
    again = house.client().get("/grants/calls.ics", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    english = Calendar.from_ical(house.client().get("/grants/calls.ics?lang=en").data)
    assert str(english.walk("VEVENT")[1]["summary"]) == "[Closes] 시"


def drawn(page):
    """What the map's script is told of each district."""
    told = re.search(r'id="data-calls"[^>]*>(.*?)</script>', page, re.S)
    assert told
    return json.loads(told[1])["districts"]


def test_the_map_counts_open_calls_and_the_table_says_the_same(house, database, publish, at):
    publish(title="동작 하나")
    publish(title="동작 둘", closes_at=CLOSES - timedelta(days=2))
    publish(title="성북", district="11290", opens_at=DURING + timedelta(days=1))
    publish(title='시 <b>"전체"</b> ${x}', district=None, programme="public_benefit", strands=BENEFIT)
    with database.read() as session:
        told = discovering.by_district(session, Wanted(), DURING)
    assert told["11590"] == discovering.Standing(2, 0, CLOSES - timedelta(days=2))
    assert told["11290"] == discovering.Standing(0, 1, None)
    assert told[None].open == 1
    at(DURING)
    page = house.client().get("/grants/calls/map").text
    assert "시 &lt;b&gt;&#34;전체&#34;&lt;/b&gt; ${x}" in page
    scripts = page[page.index('id="data-calls"') :]
    assert "${x}" not in scripts  # no text of people in any script
    assert drawn(page)["11590"]["value"] == "2건"
    assert drawn(page)["11590"]["url"] == "/grants/?district=11590"
    assert drawn(page)["11290"]["value"] == "없음"
    rows = re.findall(r'<th role="rowheader".*?</tr>', page, re.S)
    assert len(rows) == 25
    dongjak = next(row for row in rows if "동작구" in row)
    assert "/grants/?district=11590" in dongjak
    assert [int(number) for number in re.findall(r"<span>(\d+)</span>", dongjak)] == [2, 0]
    assert "2026년 3월 18일" in dongjak
    narrowed = house.client().get("/grants/calls/map?programme=public_benefit").text
    assert drawn(narrowed)["11590"]["value"] == "없음"


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/grants/", 8),
        ("/grants/?q=골목&district=11590&state=open&strand=group_space", 10),
        ("/grants/calls/calendar", 5),
        ("/grants/calls/map", 7),
        ("/grants/calls.ics", 5),
        ("/grants/api/calls", 4),
        ("/grants/eligible?district=11590&members=5", 9),
    ],
)
def test_a_page_costs_the_same_with_three_hundred_calls(house, database, publish, many, at, path, most):
    publish()
    at(DURING)
    client = house.client()
    ask = lambda: client.get(path)  # noqa: E731
    assert ask().status_code == 200
    many(150)
    many(150, district=None, programme="public_benefit", strands=BENEFIT)
    lots = queries(database.engine, ask)
    assert lots <= most, lots
