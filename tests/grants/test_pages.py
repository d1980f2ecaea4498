"""The pages and the API as people and programs meet them, through the whole product."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from services.grants import demo
from services.grants.policy import SEOUL
from shared import clock
from shared.bus.tables import outbox
from shared.export import csv_lines, harmless
from tests.grants.conftest import CLOSES, DURING, OPENS

CALL = {
    "programme": "integrated_call",
    "title": "동작구 통합공모",
    "body": "세 사람 이상이면 신청할 수 있습니다.",
    "strands": "group_space",
    "opens_at": "2026-03-02T09:00",
    "closes_at": "2026-03-20T18:00",
    "results_on": "2026-04-03",
    "budget_won": "10,000,000",
    "ceiling_won": "3000000원",
    "key": "form-1",
}
FILED = {
    "group_name": "느티나무 이웃회",
    "members": "7",
    "title": "골목 <b>화단</b>",
    "strand": "neighbourhood_alley",
    "plan": "봄에 심고\n가을에 거둡니다.",
    "requested_won": "2,000,000",
    "self_contribution_won": "0",
    "key": "apply-1",
}


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of the views."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return put


@pytest.fixture
def people(house):
    """Browsers by login, signed in once each."""
    made = {}

    def one(login):
        if login not in made:
            made[login] = house.client(login)
        return made[login]

    return one


def publish(people, at, **changed):
    at(OPENS - timedelta(days=1))
    made = people("dongjak").post_form("/grants/calls/new", CALL | {"district": "11590"} | changed)
    assert made.status_code == 302, made.text
    assert people("dongjak").post_form(f"{made.location}/publish", {}).status_code == 302
    return made.location


def test_from_call_to_project(house, people, at):
    call = publish(people, at)
    at(DURING)
    assert "접수 중" in people("resident").get(call).text
    filed = people("resident").post_form(f"{call}/apply", FILED)
    assert filed.status_code == 302, filed.text
    page = people("resident").get(filed.location).text
    assert re.search(r"2026-\d{4}-0001", page)
    assert "골목 &lt;b&gt;화단&lt;/b&gt;" in page
    assert "봄에 심고<br>가을에 거둡니다." in page
    assert "접수됨" in people("resident").get("/grants/mine").text
    early = people("dongjak").post_form(f"{filed.location}/decide", {"decision": "select", "awarded_won": "2000000"})
    assert early.status_code == 409
    at(CLOSES + timedelta(days=1))
    assert "심사 중" in people("resident").get("/grants/mine").text
    assert filed.location in people("dongjak").get(f"{call}/applications").text
    decided = people("dongjak").post_form(
        f"{filed.location}/decide", {"decision": "select", "awarded_won": "1,500,000", "reason": "재료비 조정"}
    )
    assert decided.status_code == 302, decided.text
    page = people("resident").get(filed.location).text
    assert "1,500,000원" in page
    assert "재료비 조정" in page
    assert "느티나무 이웃회" in house.client().get("/grants/projects?district=11590").text
    with house.databases["grants"].read() as session:
        names = session.scalars(select(outbox.c.name).order_by(outbox.c.id)).all()
    assert names == ["grants.call.published", "grants.project.funded"]


def test_a_refused_call_keeps_what_was_typed(people, at):
    at(OPENS)
    typed = CALL | {"district": "11590", "title": "", "budget_won": "1e9", "closes_at": "2026-02-30T10:00"}
    page = people("dongjak").post_form("/grants/calls/new", typed)
    assert page.status_code == 422
    assert 'value="1e9"' in page.text
    assert "세 사람 이상이면" in page.text
    for field in ("title", "budget_won", "closes_at"):
        assert f'href="#field-{field}"' in page.text
        assert f'id="field-{field}-error"' in page.text


def test_a_refused_application_keeps_what_was_typed(people, at):
    call = publish(people, at)
    at(DURING)
    page = people("resident").post_form(f"{call}/apply", FILED | {"requested_won": "３０００", "members": ""})
    assert page.status_code == 422
    for kept in ('value="３０００"', "느티나무 이웃회", "가을에 거둡니다.", 'value="apply-1"'):
        assert kept in page.text
    assert 'href="#field-requested_won"' in page.text
    late = people("resident")
    at(CLOSES + timedelta(seconds=1))
    page = late.post_form(f"{call}/apply", FILED)
    assert page.status_code == 409
    assert "접수가 마감되어" in page.text
    assert "느티나무 이웃회" in page.text


def test_a_refused_decision_keeps_what_was_typed(people, at):
    call = publish(people, at)
    at(DURING)
    filed = people("resident").post_form(f"{call}/apply", FILED).location
    at(CLOSES)
    for form, field in (
        ({"decision": "reject", "reason": ""}, "reason"),
        ({"decision": "select", "awarded_won": "2,000,001", "reason": "좋은 사업"}, "awarded_won"),
        ({"reason": "좋은 사업"}, "decision"),
    ):
        page = people("dongjak").post_form(f"{filed}/decide", form)
        assert page.status_code == 422
        assert f'href="#field-{field}"' in page.text
        assert form["reason"] in page.text


def test_districts_are_apart(people, at):
    call = publish(people, at)
    at(DURING)
    filed = people("resident").post_form(f"{call}/apply", FILED).location
    at(CLOSES)
    other = people("seongbuk")
    for path in (f"{call}/applications", filed, f"{filed}/decide"):
        assert other.get(path).status_code == 403, path
        assert people("dongjak").get(path).status_code == 200, path
    assert other.post_form(f"{filed}/decide", {"decision": "reject", "reason": "아니요"}).status_code == 403
    assert other.post_form(f"{call}/publish", {}).status_code == 403
    assert other.get(f"{call}/edit").status_code == 403
    assert people("neighbor").get(filed).status_code == 403
    assert people("neighbor").get(f"{filed}/decide").status_code == 403


def test_signing_in_is_asked_where_it_is_needed(house, people, at):
    call = publish(people, at)
    nobody = house.client()
    for path in ("/grants/mine", f"{call}/apply", "/grants/calls/new", "/grants/budget"):
        assert nobody.get(path).status_code == 401, path
    for path in ("/grants/calls/new", "/grants/budget", "/grants/intermediaries/11590/edit"):
        assert people("resident").get(path).status_code == 403, path
    for path in ("/grants/", call, "/grants/projects", "/grants/intermediaries", "/grants/projects.csv"):
        assert nobody.get(path).status_code == 200, path


def test_withdrawing_from_the_page(people, at):
    call = publish(people, at)
    at(DURING)
    filed = people("resident").post_form(f"{call}/apply", FILED).location
    assert people("resident").post_form(f"{filed}/withdraw", {}).status_code == 302
    assert "철회함" in people("resident").get(filed).text


def test_a_draft_is_changed_then_published(people, at):
    at(OPENS)
    staff = people("city")
    made = staff.post_form("/grants/calls/new", CALL | {"district": ""}).location
    page = staff.get(f"{made}/edit").text
    assert 'value="2026-03-20T18:00"' in page
    assert people("dongjak").get(made).status_code == 404
    changed = staff.post_form(f"{made}/edit", CALL | {"district": "11140", "title": "중구 통합공모"})
    assert changed.status_code == 302
    assert "중구 통합공모" in staff.get(made).text
    at(CLOSES)
    assert staff.post_form(f"{made}/publish", {}).location.endswith("/edit")
    assert staff.post_form(f"{made}/edit", CALL | {"closes_at": "2026-03-30T18:00"}).status_code == 302
    assert staff.post_form(f"{made}/publish", {}).status_code == 302
    assert people("resident").get(made).status_code == 200
    assert staff.get(f"{made}/edit").status_code == 409


def test_intermediaries_are_kept_by_the_city(house, people, at):
    at(OPENS)
    city = people("city")
    form = {"year": "2026", "mode": "commissioned", "operator": "이웃마당", "funding_won": "430,000,000"}
    assert city.post_form("/grants/intermediaries/11590/edit", form).status_code == 302
    assert city.post_form("/grants/intermediaries/11590/edit", form).status_code == 302
    assert city.post_form("/grants/intermediaries/11590/edit", form | {"year": "2025"}).status_code == 302
    assert city.post_form("/grants/intermediaries/99999/edit", form).status_code == 404
    wrong = city.post_form("/grants/intermediaries/11140/edit", form | {"mode": "none"})
    assert wrong.status_code == 422
    assert "이웃마당" in wrong.text
    assert "430,000,000원" in house.client().get("/grants/intermediaries?year=2026").text
    with house.databases["grants"].read() as session:
        told = session.execute(select(outbox.c.name, outbox.c.payload)).all()
    assert [(row.name, row.payload["year"]) for row in told] == [("grants.intermediary.changed", 2026)]


def test_nothing_in_an_export_becomes_a_formula():
    texts = ("=1+1", "+82", "-1", "@cmd", "\t=1", "  =1", "＝1", "그냥 글", 5, None)
    lines = "".join(csv_lines(("제목",) * len(texts), [texts]))
    cells = list(csv.reader(io.StringIO(lines.removeprefix("\ufeff"))))[1]
    assert cells == ["'=1+1", "'+82", "'-1", "'@cmd", "'\t=1", "'  =1", "'＝1", "그냥 글", "5", ""]
    assert harmless(-5) == -5


def test_the_register_as_csv(house, people, at):
    call = publish(people, at)
    at(DURING)
    filed = people("resident").post_form(f"{call}/apply", FILED | {"group_name": "=HYPERLINK(1)"}).location
    at(CLOSES)
    people("dongjak").post_form(f"{filed}/decide", {"decision": "select", "awarded_won": "2000000"})
    answer = house.client().get("/grants/projects.csv")
    assert answer.mimetype == "text/csv"
    (row,) = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]
    assert row[1:6] == ["동작구", "골목 <b>화단</b>", "'=HYPERLINK(1)", "이웃·골목 만들기", "2000000"]
    assert house.client().get("/grants/projects.csv?district=11290").text.count("\n") == 1


@pytest.fixture
def demonstration(house):
    """The demonstration of grants, at a fixed moment."""
    now = datetime(2026, 11, 22, 12, 0, tzinfo=SEOUL)
    demo.load(house.databases["grants"], now, [1, 2])
    return now


def test_the_demonstration_shows_the_facts(house, people, at, demonstration):
    at(demonstration)
    demo.load(house.databases["grants"], demonstration, [1, 2])  # again: nothing changes
    page = house.client().get("/grants/intermediaries").text
    assert re.search(r">24<span[^>]*>곳", page)
    assert "9,686,000,000원" in page  # 9,040 + 99 + 547 million
    budget = people("city").get("/grants/api/budget?year=2020&as_of=2020-09-30").json
    assert budget["total"]["adjusted_won"] == 63_871_753_000
    assert (budget["total"]["commitment_rate"], budget["total"]["expenditure_rate"]) == ("91.2", "88.9")
    rates = {each["name"]: each["total"]["commitment_rate"] for each in budget["divisions"]}
    assert list(rates.values()) == ["86.8", "90.2", "94.0", "89.3"]
    assert "63,871,753,000원" in people("city").get("/grants/budget?as_of=2020-09-30").text
    assert people("city").get("/grants/budget?as_of=2020-09-31").status_code == 422
    early = people("city").get("/grants/api/budget?year=2020&as_of=2020-01-01").json
    assert early["total"]["commitment_won"] == 0
    figures = house.client().get("/grants/api/districts/figures").json
    assert len(figures) == 25
    register = house.client().get("/grants/api/projects").json
    assert sum(row["projects"] for row in figures) == register["total"] >= 40
    assert sum(row["awarded_won"] for row in figures) == register["awarded_won"]


QUERIES = {
    "/grants/": 4,
    "/grants/projects": 3,
    "/grants/intermediaries": 3,
    "/grants/budget": 4,
    "/grants/api/calls": 3,
    "/grants/api/projects": 3,
    "/grants/api/districts/figures": 3,
    "/grants/mine": 2,
}


@pytest.mark.parametrize(("path", "most"), QUERIES.items())
def test_a_list_costs_a_bounded_number_of_queries(house, people, at, demonstration, path, most):
    at(demonstration)
    browser = people("city")
    counted = []
    engine = house.databases["grants"].engine

    def count(connection, cursor, statement, *rest):
        if statement.startswith("SELECT"):
            counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(counted) <= most, counted


def test_the_api_files_once(house, people, at):
    call = publish(people, at)
    at(DURING.astimezone(UTC))
    path = f"/grants/api/calls/{call.rpartition('/')[2]}/applications"
    body = {key: value for key, value in FILED.items() if key != "key"}
    body |= {"members": 7, "requested_won": 2_000_000, "self_contribution_won": 0}
    browser = people("resident")
    first = browser.post(path, json=body, headers={"Idempotency-Key": "k"})
    assert first.status_code == 201, first.text
    again = browser.post(path, json=body, headers={"Idempotency-Key": "k"})
    assert again.json == first.json
    assert browser.get("/grants/api/applications").json == [first.json]
    other = browser.post(path, json=body, headers={"Idempotency-Key": "l"})
    assert (other.status_code, other.json["code"]) == (409, "already_applied")
    assert browser.post(path, json=body).status_code == 422
    for wrong in ({"requested_won": "2,000,000"}, {"requested_won": 2.5}, {"members": True}, {"requested_won": 10**30}):
        refused = people("neighbor").post(path, json=body | wrong, headers={"Idempotency-Key": "k"})
        assert refused.status_code == 422, wrong
        assert set(refused.json["fields"]) == set(wrong)
    assert house.client().post(path, json=body, headers={"Idempotency-Key": "k"}).status_code == 401


def test_what_is_not_there_is_not_found(house, people):
    for path in ("/grants/calls/1", "/grants/calls/99999999999999999999", "/grants/api/calls/1"):
        assert house.client().get(path).status_code == 404, path
    assert people("resident").get("/grants/applications/1").status_code == 404
    assert people("city").get("/grants/calls/1/applications").status_code == 404
