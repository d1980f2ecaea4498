"""Intake and reviews as people and programs meet them, through the whole product."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from services.grants.models import Call, Review
from shared import clock
from shared.database import Database
from tests.grants import file_makers
from tests.grants.attaching import attach
from tests.grants.conftest import DONGJAK
from tests.grants.review_room import LATER, NOW, STAGE, appoint, assign, counting, in_review, reviews
from tests.grants.stage import application, group

SCORES = {"score_need": "18", "score_plan": "25", "score_people": "20", "score_budget": "12", "comment": "좋습니다."}


@pytest.fixture
def at(at: Callable[[datetime], None]) -> None:
    """The clock of the views stands after the intake."""
    at(NOW)


@pytest.fixture
def accounts(house: Any) -> dict[str, int]:
    """The accounts behind the demonstration logins."""
    return {login: house.actor(login).account_id for login in ("reviewer", "juror", "chair", "dongjak")}


@pytest.fixture
def call(publish: Any) -> Call:
    made: Call = publish()
    return made


def staged(database: Database, call: Call, accounts: dict[str, int], count: int = 1) -> dict[str, Review]:
    """Applications that all three review; the first one's reviews by login."""
    appoint(database, [accounts[each] for each in ("reviewer", "juror", "chair")])
    in_review(database, call, count)
    by_account = {each.account_id: each for each in reversed(assign(database, call))}
    return {login: by_account[accounts[login]] for login in ("reviewer", "juror", "chair")}


def test_the_staff_list_filters_sorts_and_exports(
    house: Any, database: Database, call: Call, accounts: dict[str, int], at: None
) -> None:
    for number, title in ((1, "=HYPERLINK(1)"), (2, "책 읽기 <b>")):
        group_id = group(database, NOW, (number * 10, number * 10 + 1, number * 10 + 2))
        application(database, call, group_id, NOW, title=title, account_id=number * 10, dong=f"상도{number}동")
    staff = house.client("dongjak")
    page = staff.get(f"/grants/calls/{call.id}/applications?sort=amount&order=down")
    assert page.status_code == 200
    assert "책 읽기 &lt;b&gt;" in page.text
    assert "책 읽기" not in staff.get(f"/grants/calls/{call.id}/applications?dong=상도1동").text
    export = staff.get(f"/grants/calls/{call.id}/applications.csv?q=HYPER")
    rows = list(csv.reader(io.StringIO(export.text.lstrip("\ufeff"))))
    assert [row[1] for row in rows] == ["사업명", "'=HYPERLINK(1)"]
    book = load_workbook(io.BytesIO(staff.get(f"/grants/calls/{call.id}/applications.xlsx").data))
    assert book.active.max_row == 3
    for path in ("applications", "applications.csv", "applications.xlsx", "duplicates", f"review/{STAGE}"):
        assert house.client("seongbuk").get(f"/grants/calls/{call.id}/{path}").status_code == 403
        assert house.client("resident").get(f"/grants/calls/{call.id}/{path}").status_code == 403


def test_eligibility_is_decided_on_its_page_and_a_refused_form_keeps_what_was_typed(
    house: Any, database: Database, call: Call, at: None
) -> None:
    one = application(database, call, group(database, NOW, (10, 11, 12)), NOW, account_id=10)
    staff = house.client("dongjak")
    path = f"/grants/applications/{one}/eligibility"
    page = staff.get(path)
    assert "사업이 정한 조건" in page.text
    kept = staff.post_form(path, {"decision": "refuse", "reason": "", "correct_by": "2026-04-01T10:00"})
    assert kept.status_code == 422
    assert 'value="refuse" checked' in re.sub(r"\s+", " ", kept.text) or "checked" in kept.text
    assert "2026-04-01T10:00" in kept.text
    assert staff.post_form(path, {}).status_code == 422
    wrong = staff.post_form(path, {"decision": "request_correction", "reason": "통장", "correct_by": "어제"})
    assert wrong.status_code == 422
    done = staff.post_form(path, {"decision": "request_correction", "reason": "통장", "correct_by": "2026-04-01T10:00"})
    assert done.status_code == 302
    assert "2026년 4월 1일" in staff.get(path).text
    assert house.client("seongbuk").get(path).status_code == 403
    shown = staff.get(f"/grants/applications/{one}")
    assert shown.status_code == 200


def test_many_are_accepted_from_the_list(house: Any, database: Database, call: Call, at: None) -> None:
    ids = [
        application(database, call, group(database, NOW, (10 * n, 10 * n + 1, 10 * n + 2)), NOW, account_id=10 * n)
        for n in (1, 2)
    ]
    staff = house.client("dongjak")
    staff.post_form(f"/grants/calls/{call.id}/applications/accept", {"application": str(ids[0])})
    staff.post_form(f"/grants/calls/{call.id}/applications/accept", {"which": "all"})
    assert "자격 확인" in staff.get(f"/grants/calls/{call.id}/applications?state=eligible").text
    started = staff.post_form(f"/grants/calls/{call.id}/review/start", {})
    assert started.status_code == 302
    assert "서류심사" in staff.get(f"/grants/calls/{call.id}/applications?state={STAGE}").text


def test_two_applications_stand_side_by_side(house: Any, database: Database, call: Call, at: None) -> None:
    ids = [
        application(
            database,
            call,
            group(database, NOW, (1, 2, 3), bank_account="123-456-789"),
            NOW,
            representative="구성원",  # who filed; the leader is another
            plan=f"봄에 {what} 심고 <script> 이웃과 함께 가꿉니다. 가을에는 씨앗을 거두어 나눕니다.",
        )
        for what in ("꽃을", "나무를")
    ]
    staff = house.client("dongjak")
    pairs = staff.get(f"/grants/calls/{call.id}/duplicates")
    assert "계좌가 같음" in pairs.text
    assert "한 사람이 여러 모임의 이름으로 지원받음" in pairs.text
    page = staff.get(f"/grants/applications/{ids[0]}/beside/{ids[1]}")
    assert "<mark>꽃을 </mark>" in page.text
    assert "&lt;script&gt;" in page.text
    assert "주민 1" in page.text
    assert "구성원</" not in page.text
    assert staff.get(f"/grants/applications/{ids[0]}/beside/{ids[0]}").status_code == 404
    assert house.client("seongbuk").get(f"/grants/applications/{ids[0]}/beside/{ids[1]}").status_code == 403


def test_a_reviewer_says_who_they_are_and_is_appointed(
    house: Any, call: Call, accounts: dict[str, int], at: None
) -> None:
    mine, staff = house.client("reviewer"), house.client("dongjak")
    assert "먼저 심사위원 정보를 적어 주세요" in mine.get("/grants/reviews").text
    kept = mine.post_form("/grants/reviews/profile", {"name": "", "address": "동작구 상도로 1", "birth_year": "천구백"})
    assert kept.status_code == 422
    assert "동작구 상도로 1" in kept.text
    said = {"name": "심사 하나", "address": "동작구 상도로 1", "birth_year": "1970", "expertise": "group_space"}
    assert mine.post_form("/grants/reviews/profile", said).status_code == 302
    assert "1970" in mine.get("/grants/reviews/profile").text
    form = {"account_id": accounts["reviewer"], "kind": "reviewer", "starts_on": "2026-01-01", "ends_on": "2025-01-01"}
    assert staff.post_form("/grants/manage/reviewers", form).status_code == 422
    assert staff.post_form("/grants/manage/reviewers", form | {"ends_on": "2026-12-31"}).status_code == 302
    listed = staff.get("/grants/manage/reviewers")
    assert "심사 하나" in listed.text
    assert "심사 하나" not in house.client("seongbuk").get("/grants/manage/reviewers").text.split("<form")[0]
    assert house.client("city").get("/grants/manage/reviewers?district=11590").status_code == 200
    assert house.client("resident").get("/grants/reviews").status_code == 403
    ended = re.search(r"/manage/reviewers/(\d+)/end", listed.text)
    assert ended
    assert house.client("seongbuk").post_form(f"/grants/manage/reviewers/{ended[1]}/end", {}).status_code == 403
    assert staff.post_form(f"/grants/manage/reviewers/{ended[1]}/end", {}).status_code == 302


def test_from_assignment_to_open_scores(
    house: Any, database: Database, call: Call, accounts: dict[str, int], at: None
) -> None:
    appoint(database, [accounts[each] for each in ("reviewer", "juror", "chair")])
    (one,) = in_review(database, call)
    staff = house.client("dongjak")
    first = staff.get(f"/grants/calls/{call.id}/review/reviewers")
    assert first.status_code == 302
    plan = staff.get(f"/grants/calls/{call.id}/review/{STAGE}/reviewers")
    assert "심사 3건 맡기기" in plan.text
    assert staff.post_form(f"/grants/calls/{call.id}/review/{STAGE}/reviewers", {}).status_code == 302
    by_account = {each.account_id: each.id for each in reviews(database)}
    for login in ("reviewer", "juror", "chair"):
        browser, number = house.client(login), by_account[accounts[login]]
        assert "골목 화단 가꾸기" in browser.get("/grants/reviews").text
        kept = browser.post_form(f"/grants/reviews/{number}", {"score_need": "99", "comment": "쓰는 중"})
        assert kept.status_code == 422
        assert "쓰는 중" in kept.text
        saved = browser.post_form(f"/grants/reviews/{number}/draft", SCORES, headers={"Accept": "application/json"})
        assert saved.json["saved_at"]
        assert 'value="25"' in browser.get(f"/grants/reviews/{number}").text
        sealed = staff.get(f"/grants/applications/{one}/reviews")
        assert "아직 봉인되어 있습니다" in sealed.text
        assert "75" not in re.sub(r"<[^>]*>", "", sealed.text.split("<main")[1])
        assert browser.post_form(f"/grants/reviews/{number}", SCORES).status_code == 302
    opened = staff.get(f"/grants/applications/{one}/reviews").text
    assert "그대로임" in opened
    assert "75점" in opened
    assert "모든 심사위원의 점수" in browser.get(f"/grants/reviews/{number}").text
    standing = staff.get(f"/grants/calls/{call.id}/review/{STAGE}?cut=70")
    assert "넘음" in standing.text
    assert "못 미침" in staff.get(f"/grants/calls/{call.id}/review/{STAGE}?cut=80.5").text
    bad = staff.post_form(f"/grants/calls/{call.id}/review/{STAGE}", {"what": "reject", "application": str(one)})
    assert bad.status_code == 422
    again = staff.post_form(f"/grants/applications/{one}/reviews/again", {"round": "1", "reason": ""})
    assert again.status_code == 422
    dated = {"held_at": "2026-04-02T14:00", "place": "마을센터 2층", "note": ""}
    assert staff.post_form(f"/grants/applications/{one}/reviews/{STAGE}/date", dated).status_code == 302
    assert "마을센터 2층" in staff.get(f"/grants/applications/{one}/reviews").text
    done = staff.post_form(f"/grants/calls/{call.id}/review/{STAGE}", {"what": "advance_all", "cut": "70"})
    assert done.status_code == 302
    assert "심사" in staff.get(f"/grants/applications/{one}").text


def test_a_reviewer_with_an_interest_gets_404_on_page_api_and_file(
    house: Any, database: Database, call: Call, accounts: dict[str, int], at: None
) -> None:
    mine = staged(database, call, accounts)["reviewer"]
    with database.write() as session:
        attached = attach(
            session,
            file_makers.jpeg(),
            DONGJAK,
            subject_kind="application",
            subject_id=mine.application_id,
            field="files",
            group_id=None,
            call_id=call.id,
        )
    browser = house.client("reviewer")
    paths = (
        f"/grants/reviews/{mine.id}",
        f"/grants/api/reviews/{mine.id}",
        f"/grants/files/{attached.id}",
    )
    assert [browser.get(path).status_code for path in paths] == [200, 200, 200]
    kept = browser.post_form(f"/grants/reviews/{mine.id}/interest", {"interest_reason": ""})
    assert kept.status_code == 422
    said = browser.post_form(f"/grants/reviews/{mine.id}/interest", {"interest_reason": "이웃입니다."})
    assert said.status_code == 302
    assert [browser.get(path).status_code for path in paths] == [404, 404, 404]
    assert browser.post_form(f"/grants/reviews/{mine.id}", SCORES).status_code == 404
    assert browser.post_form(f"/grants/reviews/{mine.id}/draft", SCORES).status_code == 404
    handed = browser.post(f"/grants/api/reviews/{mine.id}/submit", json={"scores": {}, "comment": "x"})
    assert handed.status_code == 404
    assert browser.get("/grants/api/reviews").json["reviews"] == []
    assert "골목 화단" not in browser.get("/grants/reviews").text
    assert browser.get(f"/grants/applications/{mine.application_id}").status_code in (403, 404)
    assert "스스로 알림" in house.client("dongjak").get(f"/grants/applications/{mine.application_id}/reviews").text


def test_the_api_of_reviews_and_intake(
    house: Any, database: Database, call: Call, accounts: dict[str, int], at: None
) -> None:
    mine = staged(database, call, accounts)["juror"]
    browser = house.client("juror")
    (told,) = browser.get("/grants/api/reviews").json["reviews"]
    assert (told["id"], told["open"], told["total_tenths"]) == (mine.id, True, None)
    written = {"scores": {"need": 18, "plan": 25, "people": 20, "budget": 12}, "comment": "좋습니다."}
    drafted = browser.put(f"/grants/api/reviews/{mine.id}", json=written)
    assert drafted.json["typed"]["plan"] == "25"
    wrong = browser.post(f"/grants/api/reviews/{mine.id}/submit", json=written | {"scores": {"need": -1}})
    assert wrong.status_code == 422
    assert set(wrong.json["fields"]) == {"score_need", "score_plan", "score_people", "score_budget"}
    for _ in range(2):
        done = browser.post(f"/grants/api/reviews/{mine.id}/submit", json=written)
        assert (done.status_code, done.json["total_tenths"]) == (200, 750)
    assert browser.get(f"/grants/api/reviews/{mine.id + 1}").status_code == 404
    staff = house.client("dongjak")
    listed = staff.get(f"/grants/api/intake/calls/{call.id}/applications?phase=review").json
    (row,) = listed["applications"]
    assert (row["reviews_submitted"], row["reviews_waiting"], row["average_tenths"]) == (1, 2, None)
    assert house.client("seongbuk").get(f"/grants/api/intake/calls/{call.id}/applications").status_code == 403
    one = application(database, call, group(database, NOW, (10, 11, 12)), NOW, account_id=10)
    refused = staff.post(f"/grants/api/intake/applications/{one}/decision", json={"decision": "refuse"})
    assert refused.status_code == 422
    accepted = staff.post(f"/grants/api/intake/applications/{one}/decision", json={"decision": "accept"})
    assert accepted.json["state"] == "eligible"


def test_pages_cost_as_many_queries_for_many(
    house: Any, database: Database, call: Call, accounts: dict[str, int], at: None
) -> None:
    staged(database, call, accounts, 2)
    paths = {
        "dongjak": (
            f"/grants/calls/{call.id}/applications",
            f"/grants/calls/{call.id}/review/{STAGE}",
            f"/grants/calls/{call.id}/review/{STAGE}/reviewers",
            f"/grants/calls/{call.id}/duplicates",
        ),
        "reviewer": ("/grants/reviews",),
    }

    def costs() -> dict[str, int]:
        found = {}
        for login, some in paths.items():
            browser = house.client(login)
            for path in some:
                with counting(database) as statements:
                    assert browser.get(path).status_code == 200
                found[path] = sum("SELECT" in each.upper() for each in statements)
        return found

    costs()
    few = costs()
    in_review(database, call, 20)
    assign(database, call)
    assert costs() == few


def test_english(house: Any, database: Database, call: Call, accounts: dict[str, int], at: None) -> None:
    mine = staged(database, call, accounts)["chair"]
    browser = house.client("chair")
    page = browser.get(f"/grants/reviews/{mine.id}", headers={"Accept-Language": "en"})
    text = re.sub(r"<[^>]*>", "", page.text.split("<main")[1])
    assert "Hand it in" in text
    assert "심사표" not in text


def test_a_late_review_is_marked(
    house: Any,
    database: Database,
    call: Call,
    accounts: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    staged(database, call, accounts)
    late: datetime = LATER + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert "기한 지남" in house.client("reviewer").get("/grants/reviews").text
