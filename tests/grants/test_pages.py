"""The pages and the API as people and programs meet them, through the whole product."""

import csv
import io
import re
from datetime import timedelta

from sqlalchemy import select

from shared.bus.tables import outbox
from shared.export import csv_lines, harmless
from tests.grants.conftest import CLOSES, DURING, OPENS, answers

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


def publish(people, at, **changed):
    at(OPENS - timedelta(days=1))
    made = people("dongjak").post_form("/grants/calls/new", CALL | {"district": "11590"} | changed)
    assert made.status_code == 302, made.text
    assert people("dongjak").post_form(f"{made.location}/publish", {}).status_code == 302
    return made.location


def file(people, call, group="느티나무 이웃회", login="resident"):
    """The page of an application that a new group filed in one go."""
    browser = people(login)
    details, key = {"name": group, "district": "11590"}, {"Idempotency-Key": "k"}
    group_id = browser.post("/grants/api/groups", json=details, headers=key).json["id"]
    wanted = answers(title="골목 <b>화단</b>", plan="봄에 심고\n가을에 거둡니다.")
    body = {"group_id": group_id, "answers": wanted}
    made = browser.post(f"/grants/api{call.removeprefix('/grants')}/applications", json=body, headers=key)
    assert made.status_code == 201, made.text
    return f"/grants/applications/{made.json['id']}"


def test_from_call_to_application(people, at):
    call = publish(people, at)
    at(DURING)
    assert "접수 중" in people("resident").get(call).text
    filed = file(people, call)
    page = people("resident").get(filed).text
    assert re.search(r"2026-\d{4}-0001", page)
    assert "골목 &lt;b&gt;화단&lt;/b&gt;" in page
    assert "봄에 심고<br>가을에 거둡니다." in page
    assert "접수됨" in people("resident").get("/grants/mine").text
    at(CLOSES + timedelta(days=1))
    assert filed in people("dongjak").get(f"{call}/applications").text


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


def test_districts_are_apart(people, at):
    call = publish(people, at)
    at(DURING)
    filed = file(people, call)
    at(CLOSES)
    other = people("seongbuk")
    for path in (f"{call}/applications", filed):
        assert other.get(path).status_code == 403, path
        assert people("dongjak").get(path).status_code == 200, path
    assert other.post_form(f"{call}/publish", {}).status_code == 403
    assert other.get(f"{call}/edit").status_code == 403
    assert people("neighbor").get(filed).status_code == 403


def test_signing_in_is_asked_where_it_is_needed(house, people, at):
    call = publish(people, at)
    nobody = house.client()
    for path in ("/grants/mine", f"{call}/apply", "/grants/calls/new", "/grants/budget"):
        assert nobody.get(path).status_code == 401, path
    for path in ("/grants/calls/new", "/grants/budget", "/grants/intermediaries/11590/edit"):
        assert people("resident").get(path).status_code == 403, path
    for path in ("/grants/", call, "/grants/projects", "/grants/intermediaries", "/grants/projects.csv"):
        assert nobody.get(path).status_code == 200, path


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


def test_what_is_not_there_is_not_found(house, people):
    for path in ("/grants/calls/1", "/grants/calls/99999999999999999999", "/grants/api/calls/1"):
        assert house.client().get(path).status_code == 404, path
    assert people("resident").get("/grants/applications/1").status_code == 404
    assert people("city").get("/grants/calls/1/applications").status_code == 404
