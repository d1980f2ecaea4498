"""Settlement, returns, exclusions and the record as people meet them, from the report to the archive."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from services.grants.models import Call
from services.grants.policy import city_date
from tests.grants import conftest, file_makers
from tests.grants.spending import OVER, SPENDING, Project, running

LATER = OVER + timedelta(days=10)


@pytest.fixture
def at(at: Callable[[datetime], None]) -> Callable[[datetime], None]:
    at(SPENDING)
    return at


@pytest.fixture
def project(house: Any, database: Any, publish: Callable[..., Call], at: Callable[[datetime], None]) -> Project:
    accounts = [house.actor(login).account_id for login in ("resident", "neighbor")]
    made = running(database, publish(), accounts=accounts, paid_won=1_400_000)
    made.leader = house.actor("resident")
    return made


def path(project: Project, what: str) -> str:
    return f"/grants/applications/{project.id}/{what}"


def test_from_the_report_to_the_archive(project, people, at) -> None:
    group, staff = people("resident"), people("dongjak")
    project.accepted(amount_won=900_000)
    page = group.get(path(project, "settlement")).text
    assert "500,000원" in page  # unspent, at this very moment
    assert "정산 보고서 내기" in page
    at(OVER)
    form = group.get(path(project, "settlement/file")).text
    assert "900,000원" in form
    wrong = group.post_form(path(project, "settlement/file"), {"outcome": "", "interest_won": "1e3", "key": "k"})
    assert wrong.status_code == 422
    assert 'value="1e3"' in wrong.text
    filed = group.post_form(
        path(project, "settlement/file"),
        {
            "outcome": "골목이 <b>환해졌습니다</b>.",
            "interest_won": "1,000",
            "key": "k",
            "statement": (io.BytesIO(file_makers.pdf("interest")), "이자.pdf"),
        },
    )
    assert filed.status_code == 302, filed.text
    assert "골목이 &lt;b&gt;환해졌습니다&lt;/b&gt;." in group.get(filed.location).text
    assert project.application().title in staff.get("/grants/manage/settlements").text
    back = staff.post_form(path(project, "settlement/back"), {"reason": " "})
    assert back.status_code == 422
    assert staff.post_form(path(project, "settlement/back"), {"reason": "사진을 더해 주세요."}).status_code == 302
    assert "사진을 더해 주세요." in group.get(path(project, "settlement")).text
    assert "골목이" in group.get(path(project, "settlement/file")).text  # what was written is still there
    again = {"outcome": "사진을 더했습니다.", "interest_won": "1000", "key": "k2"}
    assert group.post_form(path(project, "settlement/file"), again).status_code == 302
    assert group.post_form(path(project, "settlement/final"), {}).status_code == 403
    done = staff.post_form(path(project, "settlement/final"), {"note": "수고하셨습니다."})
    assert done.status_code == 302
    assert "확정 금액" in group.get(path(project, "settlement")).text
    (order,) = project.orders()
    returns = group.get(path(project, "returns")).text
    assert "501,000원" in returns
    at(LATER)
    pay = f"/grants/returns/{order.id}/pay"
    over = staff.post_form(pay, {"came_won": "501001", "paid_on": city_date(LATER).isoformat(), "key": "p"})
    assert over.status_code == 422
    assert "남은 금액은 501,000원입니다." in over.text
    assert 'value="501001"' in over.text
    blocked = staff.post_form(path(project, "close"), {})
    assert "반납·환수할 금액이 남아 있습니다." in staff.get(blocked.location).text
    for _ in range(2):
        paid = staff.post_form(pay, {"came_won": "501,000", "paid_on": city_date(LATER).isoformat(), "key": "p"})
        assert paid.status_code == 302
    assert "모두 받음" in group.get(path(project, "returns")).text
    assert staff.post_form(path(project, "close"), {}).status_code == 302
    assert staff.post_form(path(project, "archive"), {}).status_code == 302
    kinds = [each["kind"] for each in conftest.told(project.database) if each["kind"].startswith("project_")]
    assert kinds == ["project_closed", "project_closed", "project_archived", "project_archived"]  # two people
    record = staff.get(path(project, "record")).text
    for told in ("보관한 사업입니다.", "초록 꽃집", "원인행위 취소", "사진을 더해 주세요.", "501,000원", "900,000원"):
        assert told in record
    assert group.get(path(project, "record")).status_code == 200
    paper = group.get(path(project, "settlement/paper")).text
    assert "data-print" in paper
    assert "초록 꽃집" in paper
    assert group.get(f"/grants/applications/{project.id}").status_code == 200


def test_the_workbook_says_the_same(project, people) -> None:
    project.accepted(amount_won=900_000, payee="+공격")
    book = load_workbook(io.BytesIO(people("resident").get(path(project, "settlement.xlsx")).data))
    assert book.sheetnames == ["정산", "비목별", "지출"]
    sums = {row[0].value: row[1].value for row in book["정산"].iter_rows(min_row=2)}
    assert sums["인정한 지출"] == 900_000
    assert sums["집행잔액"] == 500_000
    assert book["지출"].cell(2, 5).value == "'+공격"


def test_clawback_and_exclusion_from_the_page(project, people, at) -> None:
    staff, group = people("dongjak"), people("resident")
    claw = path(project, "clawback")
    refused = staff.post_form(claw, {"amount_won": "1,400,001", "reason": "", "exclude": "on", "key": "c"})
    assert refused.status_code == 422
    assert 'value="1,400,001"' in refused.text
    assert "돌려받을 수 있는 금액은 1,400,000원까지입니다." in refused.text
    assert group.post_form(claw, {"amount_won": "1", "reason": "x", "key": "c"}).status_code == 403
    done = staff.post_form(claw, {"amount_won": "100,000", "reason": "거짓 영수증", "exclude": "on", "key": "c"})
    assert done.status_code == 302, done.text
    assert "거짓 영수증" in group.get(path(project, "returns")).text
    page = staff.get("/grants/manage/sanctions").text
    assert project.application().group_name in page
    lift = re.search(r'action="([^"]*/manage/sanctions/\d+/lift)"', page)
    assert lift
    assert staff.post_form(lift[1], {"reason": "잘못 정했습니다."}).status_code == 302
    assert "잘못 정했습니다." in staff.get("/grants/manage/sanctions?past=1").text
    wrong = staff.post_form(
        "/grants/manage/sanctions", {"group_id": "", "starts_on": "2026-13-01", "ends_on": "", "reason": ""}
    )
    assert wrong.status_code == 422
    for name in ("group_id", "starts_on", "ends_on", "reason"):
        assert f'href="#field-{name}"' in wrong.text
    imposed = staff.post_form(
        "/grants/manage/sanctions",
        {"group_id": str(project.group_id), "starts_on": "2026-06-01", "ends_on": "2027-05-31", "reason": "결정"},
    )
    assert imposed.status_code == 302
    (order,) = project.orders()
    assert staff.post_form(f"/grants/returns/{order.id}/cancel", {"reason": "증빙이 나왔습니다."}).status_code == 302
    assert "취소함" in staff.get(path(project, "returns")).text


def test_lists_and_exports_of_returns(project, people, at) -> None:
    staff = people("dongjak")
    staff.post_form(path(project, "clawback"), {"amount_won": "100000", "reason": "까닭", "key": "c"})
    at(LATER)
    assert "동작구 통합공모" not in people("seongbuk").get("/grants/manage/returns").text
    page = staff.get("/grants/manage/returns?which=overdue").text
    assert "일 늦음" in page
    rows = list(csv.reader(io.StringIO(staff.get("/grants/manage/returns.csv?which=overdue").text.lstrip("\ufeff"))))
    assert rows[1][4] == "100000"
    assert load_workbook(io.BytesIO(staff.get("/grants/manage/returns.xlsx").data)).active.max_row == 2
    assert load_workbook(io.BytesIO(staff.get("/grants/manage/settlements.xlsx").data)).active.max_row == 1


def test_whose_pages_they_are(project, people) -> None:
    for page in ("settlement", "settlement/paper", "settlement.xlsx", "returns", "record"):
        assert people("seongbuk").get(path(project, page)).status_code == 403, page
        assert people("resident").get(path(project, page)).status_code == 200, page
        assert people("dongjak").get(path(project, page)).status_code == 200, page
    assert people("dongjak").get(path(project, "settlement/file")).status_code == 404
    for page in ("settlements", "returns", "sanctions"):
        assert people("resident").get(f"/grants/manage/{page}").status_code == 403


def test_in_english(project, people, at) -> None:
    staff, group = people("dongjak"), people("resident")
    project.accepted(amount_won=900_000)
    at(OVER)
    project.file(interest_won=10)
    staff.post_form(path(project, "settlement/final"), {"note": ""})
    staff.post_form(path(project, "clawback"), {"amount_won": "100000", "reason": "x", "exclude": "on", "key": "c"})
    at(LATER + timedelta(days=90))
    english = {"Accept-Language": "en"}
    for browser in (staff, group):
        browser.get(path(project, "returns"))  # takes the answers in Korean away
        for page in ("settlement", "settlement/paper", "returns", "record"):
            no_korean(browser.get(path(project, page), headers=english).text, page)
    no_korean(group.get(f"/grants/applications/{project.id}", headers=english).text, "application", most=40)
    for page in ("expenses", "settlements?state=finalized", "returns", "sanctions"):
        no_korean(staff.get(f"/grants/manage/{page}", headers=english).text, page)


def no_korean(text: str, page: str, most: int = 0) -> None:
    main = text[text.index("<main") : text.index("</main>")]
    for own in (
        "골목 화단 가꾸기",
        "화단에 심을 모종",
        "초록 꽃집",
        "동작구 통합공모",
        "화단을 가꾸었습니다",
        "영수증.pdf",
    ):
        main = main.replace(own, "")
    main = re.sub(r"느티나무 이웃회 \d+|<option[^>]*>[^<]*</option>", "", main)
    korean = re.findall(r"[가-힣][가-힣 ]*", main)
    assert len(korean) <= most, (page, korean[:10])
