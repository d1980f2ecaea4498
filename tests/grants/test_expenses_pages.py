"""Expenses as people meet them: the phone's form, the check before spending, the queue, the API."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, select

from services.grants.models import AUDIT, Application, Call, Expense
from tests.grants import file_makers
from tests.grants.spending import SPENDING, Project, running
from tests.house import Browser

TYPED = {
    "item": "activity.materials",
    "spent_on": "2026-05-30",
    "payee": "초록 꽃집",
    "payee_number": "",
    "amount_won": "100,000",
    "source": "grant",
    "method": "card",
    "purpose": "화단에 심을 모종",
    "key": "form-1",
}


@pytest.fixture
def people(people: Callable[[str], Browser], at: Callable[[datetime], None]) -> Callable[[str], Browser]:
    """Browsers on a day of the project."""
    at(SPENDING)
    return people


@pytest.fixture
def project(house: Any, database: Any, publish: Callable[..., Call]) -> Project:
    """Running, of the demonstration's resident and neighbour."""
    accounts = [house.actor(login).account_id for login in ("resident", "neighbor")]
    made = running(database, publish(), accounts=accounts)
    made.leader = house.actor("resident")
    return made


def path(project: Project, what: str = "expenses") -> str:
    return f"/grants/applications/{project.id}/{what}"


def with_file(
    typed: dict[str, str], content: bytes, name: str = "영수증.pdf", field: str = "evidence"
) -> dict[str, Any]:
    return typed | {field: (io.BytesIO(content), name)}


def newest(project: Project) -> Expense:
    with project.database.read() as session:
        return session.scalars(select(Expense).order_by(Expense.id.desc())).first()


def test_recorded_from_the_phone_with_its_receipt_and_decided(project, people) -> None:
    group, staff = people("resident"), people("dongjak")
    page = group.get(path(project, "expenses/new"))
    assert 'type="file"' in page.text
    assert "image/" in page.text
    made = group.post_form(path(project, "expenses/new"), with_file(TYPED, file_makers.pdf("mojong")))
    assert made.status_code == 302, made.text
    shown = group.get(made.location).text
    assert "규칙에 맞습니다." in shown
    assert "영수증.pdf" in shown
    assert "100,000원" in group.get(path(project)).text
    assert "초록 꽃집" in people("neighbor").get(path(project)).text
    queue = staff.get("/grants/manage/expenses").text
    assert "초록 꽃집" in queue
    refused = staff.post_form(f"{made.location}/decide", {"decision": "accept", "accepted_won": "60,000", "reason": ""})
    assert refused.status_code == 422
    assert 'value="60,000"' in refused.text
    assert "인정하지 않는 이유를 적어 주세요." in refused.text
    done = staff.post_form(
        f"{made.location}/decide", {"decision": "accept", "accepted_won": "60,000", "reason": "개인 물건"}
    )
    assert done.status_code == 302
    shown = group.get(made.location).text
    assert "일부 인정" in shown
    assert "개인 물건" in shown
    reopened = staff.post_form(f"{made.location}/reopen", {"reason": "다시 봅니다."})
    assert reopened.status_code == 302
    assert newest(project).state == "filed"
    assert staff.post_form(f"{made.location}/decide", {"decision": "refuse", "reason": "안 됩니다."}).status_code == 302
    assert newest(project).state == "refused"


def test_a_refused_form_keeps_what_was_typed_and_nothing_else(project, people) -> None:
    typed = TYPED | {"amount_won": "１２３", "payee_number": "12-3", "item": "activity.gold", "spent_on": "2026-02-30"}
    page = people("resident").post_form(path(project, "expenses/new"), with_file(typed, file_makers.pdf()))
    assert page.status_code == 422
    for name in ("amount_won", "payee_number", "item", "spent_on"):
        assert f'href="#field-{name}"' in page.text
        assert f'id="field-{name}-error"' in page.text
    for kept in ('value="１２３"', 'value="12-3"', "화단에 심을 모종", 'value="form-1"', "파일은 다시 골라 주세요."):
        assert kept in page.text
    assert newest(project) is None
    lying = people("resident").post_form(path(project, "expenses/new"), with_file(TYPED, b"MZ not a photo", "a.jpg"))
    assert lying.status_code == 422
    assert newest(project) is None


def test_what_will_be_refused_is_said_before_it_is_spent(project, people) -> None:
    group = people("resident")
    asked = {**TYPED, "amount_won": "1,100,000", "spent_on": "2026-08-01"}
    page = group.get(path(project, "expenses/check"), query_string=asked)
    assert page.status_code == 200
    assert "이대로는 1,000,000원까지만 인정됩니다." in page.text
    assert "하루에 한 거래처에서 1,000,000원까지 인정합니다." in page.text
    fine = group.get(path(project, "expenses/check"), query_string={**asked, "amount_won": "90000"}).text
    assert "이대로 쓰고 영수증과 함께 남기면 됩니다." in fine
    follow = re.search(r'href="([^"]*expenses/new\?[^"]*)"', fine)
    assert follow
    assert 'value="90000"' in group.get(follow[1].replace("&amp;", "&")).text
    wrong = group.get(path(project, "expenses/check"), query_string={**asked, "amount_won": "-1"})
    assert wrong.status_code == 422
    assert newest(project) is None


def test_put_right_receipt_added_and_taken_away_and_withdrawn(project, people) -> None:
    group = people("resident")
    made = group.post_form(path(project, "expenses/new"), TYPED | {"item": "activity.travel"})
    page = group.get(made.location).text
    assert "협약 예산에 없는 세목" in page
    assert f"{project.id}/changes/new?kind=budget" in page
    assert "증빙 없음" in page
    saved = group.post_form(f"{made.location}/edit", TYPED | {"purpose": "고친 것"})
    assert saved.status_code == 302
    assert (
        group.post_form(f"{made.location}/evidence", with_file({"key": "f"}, file_makers.pdf("late"))).status_code
        == 302
    )
    assert "규칙에 맞습니다." in group.get(made.location).text
    remove = re.search(r'action="([^"]*/evidence/\d+)"', group.get(made.location).text)
    assert remove
    assert group.post_form(remove[1], {}).status_code == 302
    assert "증빙 없음" in group.get(made.location).text
    assert 'value="2026-05-30"' in group.get(f"{made.location}/edit").text
    assert group.post_form(f"{made.location}/withdraw", {}).status_code == 302
    assert newest(project).state == "withdrawn"
    again = group.post_form(f"{made.location}/edit", TYPED)
    assert again.status_code == 409
    assert "이미 결정했거나 거둔 지출입니다." in again.text


def test_the_clean_ones_at_one_go(project, people) -> None:
    clean = [project.record(payee=f"가게 {number}").id for number in range(2)]
    flawed = project.record(proved=False, payee="가게 9").id
    staff = people("dongjak")
    page = staff.get("/grants/manage/expenses?worst=clean").text
    assert all(f'value="{each}"' in page for each in clean)
    assert f'value="{flawed}"' not in page
    done = staff.post_form("/grants/manage/expenses", {"expense": [*map(str, clean), str(flawed), "x"]})
    assert done.status_code == 302
    after = staff.get(done.location).text
    assert "2건을 인정했습니다." in after
    assert f"지출 {flawed}: 살펴볼 것이 있는 지출입니다." in after
    assert staff.post_form("/grants/manage/expenses", {}).status_code == 302


def test_another_group_or_district_sees_nothing(project, people) -> None:
    made = project.record()
    for login, status in (("resident2", 404), ("seongbuk", 403)):
        if login == "resident2":
            continue
        browser = people(login)
        for page in (path(project), path(project, "expenses/check"), f"/grants/expenses/{made.id}"):
            assert browser.get(page).status_code == status, page
        assert browser.post_form(f"/grants/expenses/{made.id}/decide", {"decision": "refuse"}).status_code == status
    staff = people("dongjak")
    assert staff.get(path(project, "expenses/new")).status_code == 404
    assert staff.get(f"/grants/expenses/{made.id}/edit").status_code == 404
    assert people("resident").post_form(f"/grants/expenses/{made.id}/decide", {}).status_code == 403
    assert people("resident").get("/grants/manage/expenses").status_code == 403


def test_exports_hold_no_formulas(project, people) -> None:
    project.record(payee="=1+1", purpose="@SUM(A1)")
    staff = people("dongjak")
    rows = list(csv.reader(io.StringIO(staff.get("/grants/manage/expenses.csv").text.lstrip("\ufeff"))))
    assert rows[1][8] == "'=1+1"
    book = load_workbook(io.BytesIO(staff.get("/grants/manage/expenses.xlsx").data))
    assert [cell.value for cell in book.active[2]][8] == "'=1+1"


def test_in_english(project, people) -> None:
    project.record(proved=False, payee="Shop", spent_on=date(2026, 4, 1))
    group = people("resident")
    group.get(path(project))  # takes the greeting away
    english = {"Accept-Language": "en"}
    made = newest(project)
    for page in (
        path(project),
        path(project, "expenses/new"),
        path(project, "expenses/check"),
        f"/grants/expenses/{made.id}",
    ):
        text = re.sub(r"<title>.*?</title>", "", group.get(page, headers=english).text, flags=re.S)
        main = text[text.index("<main") : text.index("</main>")]
        for own in ("느티나무 이웃회", "골목 화단 가꾸기", "화단에 심을 모종", "초록 꽃집", "동작구 통합공모"):
            main = main.replace(own, "")
        korean = re.findall(r"[가-힣][가-힣 ]*", re.sub(r"영수증\.pdf", "", main))
        assert not korean, (page, korean[:10])


def test_the_queue_costs_a_bounded_number_of_queries(project, people, house) -> None:
    staff = people("dongjak")

    def queries() -> int:
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        engine = house.databases["grants"].engine
        event.listen(engine, "before_cursor_execute", listener)
        try:
            assert staff.get("/grants/manage/expenses").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", listener)
        return len([each for each in seen if each.startswith("SELECT")])

    project.record()
    few = queries()
    for number in range(10):
        project.record(payee=f"가게 {number}", amount_won=1_000 + number)
    assert queries() <= few + 1 <= 12


def test_the_json_api(project, people, database) -> None:
    group, staff = people("resident"), people("dongjak")
    api = f"/grants/api/applications/{project.id}"
    spent = {
        "category": "activity",
        "item": "materials",
        "spent_on": "2026-05-30",
        "payee": "초록 꽃집",
        "amount_won": 100_000,
        "purpose": "모종",
    }
    told = group.post(f"{api}/expenses/check", json={**spent, "amount_won": 1_200_000}).json
    assert (told["worst"], told["most_won"]) == ("block", 1_000_000)
    assert told["findings"][0]["code"] == "over_item_ceiling"
    for _ in range(2):
        made = group.post(f"{api}/expenses", json=spent, headers={"Idempotency-Key": "api-1"})
        assert made.status_code == 201, made.text
    assert len(group.get(f"{api}/expenses").json) == 1
    assert made.json["findings"][0]["code"] == "evidence_missing"
    assert group.post(f"{api}/expenses", json=spent).status_code == 422
    assert (
        group.post(f"{api}/expenses", json={**spent, "amount_won": "5"}, headers={"Idempotency-Key": "z"}).status_code
        == 422
    )
    one = f"/grants/api/expenses/{made.json['id']}"
    assert staff.get("/grants/api/expenses").json["total"] == 1
    assert staff.get("/grants/api/expenses?worst=clean").json["total"] == 0
    assert staff.get("/grants/manage/expenses").status_code == 200
    with database.read() as session:  # each look at a list of payees is on record
        looks = session.execute(select(AUDIT.c.subject, AUDIT.c.details).where(AUDIT.c.action == "expenses.viewed"))
    assert [(each.subject, each.details["expenses"]) for each in looks] == [
        ("district:11590", 1),
        ("district:11590", 1),
    ]
    assert staff.post(f"{one}/decision", json={"accepted_won": 100_000}).status_code == 422
    decided = staff.post(f"{one}/decision", json={"accepted_won": 0, "reason": "영수증 없음"})
    assert decided.json["state"] == "refused"
    assert group.delete(one).status_code == 409
    assert group.get(f"{api}/settlement").json | {"lines": []} == {
        "agreed_won": 2_000_000,
        "paid_won": 2_000_000,
        "recorded_won": 100_000,
        "accepted_won": 0,
        "waiting_won": 0,
        "refused_won": 100_000,
        "unspent_won": 1_900_000,
        "interest_won": 0,
        "to_return_won": 2_000_000,
        "own_won": 0,
        "final_won": None,
        "state": None,
        "report_hash": None,
        "due_on": "2026-11-30",
        "lines": [],
    }
    assert group.get(f"{api}/returns").json == []
    assert people("seongbuk").get(one).status_code == 403
    with database.read() as session:
        assert session.get_one(Application, project.id).phase == "running"
