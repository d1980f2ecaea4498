"""The public register: what is found, what it says, and that it costs the same however much there is."""

import csv
import io
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import event

from services.grants import projects
from services.grants.models import Project
from services.grants.policy import SEOUL
from services.grants.project_search import Wanted
from tests.grants import funded_rows
from tests.grants.conftest import AFTER
from tests.grants.funded_rows import DECIDED

NOW = DECIDED + timedelta(days=200)
FORMULA = '=HYPERLINK("x")'


@pytest.fixture
def call(database):
    return funded_rows.call(database)


def titles(database, now=NOW, **wanted):
    with database.read() as session:
        return [each.project.title for each in projects.find(session, Wanted(**wanted), now).entries]


def test_every_word_is_looked_for_in_title_group_strand_and_dong(database, call):
    funded_rows.project(database, call, title="골목 화단", group_name="느티나무", dong="사당1동")
    funded_rows.project(database, call, title="Book club", group_name="책벗", strand="group_space", dong="상도동")
    assert titles(database, text="화단 느티") == ["골목 화단"]
    assert titles(database, text="사당1") == ["골목 화단"]
    assert titles(database, text="BOOK") == ["Book club"]
    assert titles(database, text="공동체 모임") == ["Book club"]  # the strand's own words
    assert titles(database, text="화단 책벗") == []
    assert titles(database, text="%") == titles(database, text="_") == []


def test_filters_narrow_and_orders_order(database, call):
    other = funded_rows.call(database, title="성북", district="11290", programme="dong_plan", idempotency_key="b")
    funded_rows.project(database, call, title="가", awarded_won=1_000_000, decided_at=DECIDED)
    funded_rows.project(database, call, title="나", awarded_won=3_000_000, decided_at=DECIDED + timedelta(days=1))
    funded_rows.project(database, other, title="다", awarded_won=2_000_000, strand="dong_plan", state="closed")
    assert titles(database, district="11290") == ["다"]
    assert titles(database, programme="dong_plan") == ["다"]
    assert titles(database, strand="neighbourhood_alley", sort="oldest") == ["가", "나"]
    assert titles(database, status="closed") == ["다"]
    assert titles(database, status="running", sort="title") == ["가", "나"]
    assert titles(database, least_won=2_000_000, most_won=2_000_000) == ["다"]
    assert titles(database, sort="most") == ["나", "다", "가"]
    assert titles(database, sort="least") == ["가", "다", "나"]


def test_a_year_is_the_citys(database, call):
    funded_rows.project(database, call, title="새해", decided_at=datetime(2027, 1, 1, 0, 0, tzinfo=SEOUL))
    funded_rows.project(database, call, title="섣달", decided_at=datetime(2026, 12, 31, 23, 59, tzinfo=SEOUL))
    assert titles(database, year=2026) == ["섣달"]
    assert titles(database, year=2027) == ["새해"]
    with database.read() as session:
        assert projects.years(session) == [2027, 2026]


def test_sums_are_the_ledgers_and_of_all_that_is_found(database, call):
    for number in range(3):
        funded_rows.project(
            database, call, title=f"사업 {number}", paid=(1_400_000, 600_000), returned=(100_000,), released=100_000
        )
    with database.read() as session:
        found = projects.find(session, Wanted(), NOW, size=2)
        figures = {each.district: each for each in projects.figures(session)}
    assert (found.total, len(found.entries), found.awarded_won) == (3, 2, 6_000_000)
    assert found.money == projects.Money(5_700_000, 6_000_000, 300_000)
    assert found.entries[0].money == projects.Money(1_900_000, 2_000_000, 100_000)
    assert (figures["11590"].awarded_won, figures["11590"].committed_won) == (6_000_000, 5_700_000)
    assert (figures["11290"].awarded_won, figures["11290"].committed_won) == (0, 0)


def test_one_project_tells_its_payments_and_what_came_of_it(database, house, call):
    number = funded_rows.project(
        database,
        call,
        state="settled",
        paid=(1_400_000, 600_000),
        returned=(50_000,),
        place=(37.5, 126.94),
        period=(date(2026, 4, 10), date(2026, 11, 30)),
        outcome="화단 열두 곳을 <b>함께</b> 가꾸었습니다.",
        dong="사당1동",
    )
    page = house.client().get(f"/grants/projects/{number}").text
    for said in ("골목 화단 가꾸기", "느티나무 이웃회", "사당1동", "1,400,000원", "600,000원", "50,000원"):
        assert said in page
    assert "하는 곳: 동작구 사당1동" in page
    assert 'href="/grants/projects/map?district=11590"' in page
    assert "37.5000" not in page
    paid_on = [DECIDED + timedelta(days=10 * number) for number in (1, 2)]
    for day in paid_on:  # when it was paid, not when that was recorded
        assert f"{day.month}월 {day.day}일" in page
    told = house.client().get(f"/grants/api/projects/{number}").json["tranches"]
    assert [each["paid_on"] for each in told] == [day.date().isoformat() for day in paid_on]
    assert "화단 열두 곳을 &lt;b&gt;함께&lt;/b&gt; 가꾸었습니다." in page
    assert "정산 완료" in page
    for personal in ("주민 1", "마을은행", "100-200-"):
        assert personal not in page
    assert house.client().get("/grants/projects/999").status_code == 404


def test_before_the_amount_is_final_no_outcome_is_told(database, house, call):
    number = funded_rows.project(database, call)
    page = house.client().get(f"/grants/projects/{number}").text
    assert "정산이 끝나면 여기에 싣습니다." in page
    assert "아직 교부하지 않았습니다." in page


def test_the_map_shows_them_and_the_list_says_the_same(database, house, call):
    hostile = "</script><script>alert(1)</script>{{ 7 * 7 }}`${1}`"
    funded_rows.project(database, call, title=hostile, place=(37.5, 126.94))
    funded_rows.project(database, call, title="자리 없는 사업")
    page = house.client().get("/grants/projects/map").text
    head, _, data = page.partition('<script type="application/json"')
    assert hostile not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}`${1}`" in head
    data, _, script = data.partition("</script>")
    assert "alert(1)" in data
    assert '"whole_district": true' in data
    assert "alert(1)" not in script
    assert "자리 없는 사업" in head
    assert "https://" not in script


def test_a_filter_that_cannot_be_read_is_told_beside_its_field_and_refused_for_a_file(database, house, call):
    funded_rows.project(database, call)
    client = house.client()
    page = client.get("/grants/projects?least_won=1e9&year=1&sort=best&q=화단")
    assert page.status_code == 422
    for name in ("least_won", "year", "sort"):
        assert f'id="field-{name}-error"' in page.text
    assert 'value="1e9"' in page.text
    assert "골목 화단 가꾸기" in page.text
    crossed = client.get("/grants/projects?least_won=2,000,000&most_won=1,000,000원")
    assert 'id="field-most_won-error"' in crossed.text
    for path in ("projects.csv", "projects.xlsx", "projects.360giving.json"):
        assert client.get(f"/grants/{path}?least_won=１２３").status_code == 422
    assert client.get("/grants/api/projects?least_won=-1").json["fields"]["least_won"]


def test_exports_hold_everything_and_no_formula(database, house, call, monkeypatch):
    monkeypatch.setattr(projects, "BATCH", 3)
    for number in range(7):
        funded_rows.project(
            database, call, title=f"사업 {number}", paid=(1_400_000,), released=200_000, place=(37.5, 127.0)
        )
    funded_rows.project(database, call, title=FORMULA, group_name="@SUM(A1)")
    answer = house.client().get("/grants/projects.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="maru-projects.csv"'
    assert answer.is_streamed
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row[3] for row in rows[1:]] == [*(f"사업 {number}" for number in range(7)), f"'{FORMULA}"]
    assert rows[0][8:10] == ["선정 금액(원)", "지금 약정한 금액(원)"]
    assert rows[1][8:12] == ["2000000", "1800000", "1400000", "0"]
    assert house.client().get("/grants/api/projects").json["committed_won"] == 7 * 1_800_000 + 2_000_000
    assert "14,600,000원" in house.client().get("/grants/projects").text
    book = openpyxl.load_workbook(io.BytesIO(house.client().get("/grants/projects.xlsx").data))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert len(cells) == 9
    assert cells[-1][3:5] == [f"'{FORMULA}", "'@SUM(A1)"]
    assert cells[1][8:10] == [2_000_000, 1_800_000]
    assert house.client().get("/grants/projects.csv?q=nothing").text.count("\n") == 1


def test_the_api_finds_the_same_and_tells_one(database, house, call):
    number = funded_rows.project(
        database, call, paid=(1_400_000,), period=(date(2026, 4, 10), date(2026, 11, 30)), place=(37.5, 127.0)
    )
    funded_rows.project(database, call, title="다른 사업", state="closed")
    client = house.client()
    found = client.get("/grants/api/projects?status=running&q=화단").json
    assert (found["total"], found["paid_won"]) == (1, 1_400_000)
    assert found["projects"][0] | {"decided_at": None} == {
        "id": number,
        "call_id": call.id,
        "district": "11590",
        "dong": "",
        "title": "골목 화단 가꾸기",
        "group_name": "느티나무 이웃회",
        "strand": "neighbourhood_alley",
        "programme": "integrated_call",
        "status": "running",
        "awarded_won": 2_000_000,
        "committed_won": 2_000_000,
        "paid_won": 1_400_000,
        "returned_won": 0,
        "decided_at": None,
        "space_id": None,
        "latitude": 37.5,
        "longitude": 127.0,
    }
    one = client.get(f"/grants/api/projects/{number}").json
    assert one["project"]["id"] == number
    assert (one["starts_on"], one["ends_on"], one["final_won"]) == ("2026-04-10", "2026-11-30", None)
    assert [(each["number"], each["amount_won"]) for each in one["tranches"]] == [(1, 1_400_000)]
    assert client.get("/grants/api/projects/999").status_code == 404


def test_what_is_under_embargo_stands_in_no_list_and_no_file(database, house, publish):
    """Selected, but not announced: there is no project yet."""
    from tests.grants import stage

    made = publish()
    group = stage.group(database, AFTER)
    stage.application(
        database, made, group, AFTER, state="selected", awarded_won=1_000_000, announced_at=None, title="비밀 화단"
    )
    client = house.client()
    for path in ("projects", "projects/map", "projects.csv", "api/projects"):
        assert "비밀 화단" not in client.get(f"/grants/{path}").text
    with database.read() as session:
        assert session.query(Project).count() == 0


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/grants/projects", 9),
        ("/grants/projects?q=화단&sort=most", 10),
        ("/grants/projects/map", 10),
        ("/grants/projects.csv", 6),
        ("/grants/projects.360giving.json", 8),
        ("/grants/api/projects", 5),
    ],
)
def test_a_page_costs_the_same_however_many_projects(database, house, call, path, most):
    client = house.client()
    counted = []
    for _ in range(2):
        for number in range(12):
            funded_rows.project(database, call, title=f"화단 {number}", paid=(1_000_000,))
        seen: list[str] = []
        listener = lambda *args, seen=seen: seen.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        assert client.get(path).text
        event.remove(database.engine, "before_cursor_execute", listener)
        counted.append(len([one for one in seen if one.lstrip().upper().startswith("SELECT")]))
    assert counted[0] == counted[1]
    assert counted[0] <= most, counted


def test_an_application_leads_to_its_page_in_the_register_and_the_staff_to_the_trail(database, house, call):
    number = funded_rows.project(database, call)
    with database.read() as session:
        application_id = session.get_one(Project, number).application_id
    page = house.client("dongjak").get(f"/grants/applications/{application_id}").text
    assert f'href="/grants/projects/{number}"' in page
    assert f'href="/grants/applications/{application_id}/audit"' in page
