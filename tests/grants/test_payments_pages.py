"""Agreement, changes and payments as people meet them, through the whole product."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, select, update

from services.grants.models import AUDIT, ApplicantGroup, Call, Milestone, Tranche
from services.grants.policy import SEOUL
from tests.grants import file_makers
from tests.grants.paying import LATER, SIGNED, Project, selected

DAY = SIGNED.date().isoformat()


@pytest.fixture
def at(at: Callable[[datetime], None]) -> Callable[[datetime], None]:
    at(SIGNED)
    return at


@pytest.fixture
def project(house: Any, database: Any, publish: Callable[..., Call], at: Callable[[datetime], None]) -> Project:
    """Selected, of the demonstration's resident and neighbour."""
    accounts = [house.actor(login).account_id for login in ("resident", "neighbor")]
    made = selected(database, publish(), accounts=accounts)
    made.leader = house.actor("resident")
    return made


def page_of(project: Project, what: str) -> str:
    return f"/grants/applications/{project.id}/{what}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def form_of(page: str) -> dict[str, str]:
    """What the form of the agreement sends unchanged."""
    fields = dict(re.findall(r'<input type="(?:text|date|hidden)" [^>]*?name="([^"]+)"[^>]*? value="([^"]*)"', page))
    fields |= dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields.pop("csrf_token", None)
    body = re.search(r"<textarea[^>]*name=\"body\"[^>]*>\n(.*?)</textarea>", page, re.S)
    assert body
    return fields | {"body": body[1]}


def agree(people: Callable[[str], Any], project: Project) -> None:
    page = people("dongjak").get(page_of(project, "agreement/edit"))
    assert page.status_code == 200, page.text
    saved = people("dongjak").post_form(page_of(project, "agreement/edit"), form_of(page.text) | {"action": "save"})
    assert saved.status_code == 302, saved.text
    for login in ("resident", "dongjak"):
        page = people(login).get(page_of(project, "agreement")).text
        assert "읽었고, 서명합니다" in page
        wanted = {name: hidden(page, name) for name in ("party", "version", "body_hash")}
        signed = people(login).post_form(page_of(project, "agreement/sign"), wanted)
        assert signed.status_code == 302, signed.text


def test_from_the_agreement_to_the_last_tranche(people: Any, project: Project, database: Any, at: Any) -> None:
    empty = people("resident").get(page_of(project, "agreement")).text
    assert "아직 협약서가 없습니다." in empty
    assert "협약을 맺으면 교부가 정해집니다." in people("resident").get(page_of(project, "payment")).text
    agree(people, project)
    assert "효력 있음" in people("resident").get(page_of(project, "agreement")).text
    paper = people("neighbor").get(page_of(project, "agreement/1")).text
    assert "제1조(목적)" in paper
    assert "주민 가온" in paper
    page = people("resident").get(page_of(project, "payment")).text
    assert "왜 아직 못 받나요?" in page
    assert "막힌 조건 1개" in page
    assert "회계 교육을 마쳐야 합니다." in page
    assert "2026년 12월 31일 (목)까지" in page
    assert f'href="/grants/applications/{project.id}/milestones#training_done"' in page
    certificate = (io.BytesIO(file_makers.jpeg()), "수료증.jpg")
    said = people("neighbor").post_form(
        page_of(project, "milestones/training_done"),
        {"done_on": DAY, "note": "", "key": "m-1", "files": certificate},
        content_type="multipart/form-data",
    )
    assert said.status_code == 302, said.text
    assert "담당자의 확인을 기다리고 있습니다." in people("resident").get(page_of(project, "payment")).text
    assert "수료증.jpg" in people("dongjak").get(page_of(project, "milestones")).text
    waiting = f'href="/grants/applications/{project.id}/milestones#training_done"'
    assert waiting in people("dongjak").get("/grants/manage/payments").text
    assert waiting not in people("seongbuk").get("/grants/manage/payments").text
    confirmed = people("dongjak").post_form(page_of(project, "milestones/training_done/confirm"), {})
    assert confirmed.status_code == 302
    pay(people, project, 1)
    assert "1,400,000원" in people("resident").get(page_of(project, "payment")).text
    at(LATER)
    report = people("neighbor").post_form(
        page_of(project, "milestones/report_filed"), {"note": "화단을 만들었습니다.", "key": "m-2"}
    )
    assert report.status_code == 302, report.text
    check = {"checked_on": LATER.date().isoformat(), "result": "passed", "findings": "잘하고 있습니다.", "key": "i-1"}
    assert people("dongjak").post_form(page_of(project, "interim"), check).status_code == 302
    assert "잘하고 있습니다." in people("resident").get(page_of(project, "interim")).text
    pay(people, project, 2, LATER.date().isoformat())
    assert [each.state for each in project.tranches()] == ["paid", "paid"]
    main = people("resident").get(f"/grants/applications/{project.id}")
    assert main.status_code == 200
    assert "지급함" in main.text
    with database.read() as session:
        viewed = set(session.scalars(select(AUDIT.c.action).where(AUDIT.c.action.like("%.viewed"))))
    assert {"agreement.viewed", "milestones.viewed"} <= viewed


def pay(people: Any, project: Project, number: int, day: str = DAY) -> None:
    tranche = project.tranche(number)
    for login, step, wanted, shown in (
        ("resident", "request", {}, "교부 신청하기"),
        ("dongjak", "prepare", {}, "지급 준비하기"),
        ("accounts", "approve", {}, "승인하기"),
        ("dongjak", "pay", {"reference": f"이체 {number}", "paid_on": day}, "지급 기록하기"),
    ):
        assert shown in people(login).get(page_of(project, "payment")).text
        for _ in range(2):  # a double click
            answer = people(login).post_form(f"/grants/tranches/{tranche}/{step}", wanted)
            assert answer.status_code == 302, answer.text


def test_a_refused_transfer_keeps_what_was_typed(people: Any, project: Project) -> None:
    project.agree()
    project.ready()
    tranche = project.approved()
    page = people("dongjak").post_form(
        f"/grants/tranches/{tranche}/pay", {"reference": "이체 7", "paid_on": "2026-02-30"}
    )
    assert page.status_code == 422
    assert 'value="이체 7"' in page.text
    assert 'href="#field-paid_on"' in page.text
    early = people("dongjak").post_form(f"/grants/tranches/{tranche}/pay", {"reference": "가", "paid_on": "2026-03-01"})
    assert "승인한 날보다 앞서 지급할 수 없습니다." in early.text
    alone = people("resident").post_form(f"/grants/tranches/{tranche}/pay", {"reference": "가", "paid_on": DAY})
    assert alone.status_code == 403


def test_one_person_alone_is_told_so(people: Any, project: Project, house: Any) -> None:
    project.agree()
    project.ready()
    tranche = project.tranche()
    people("resident").post_form(f"/grants/tranches/{tranche}/request", {})
    people("dongjak").post_form(f"/grants/tranches/{tranche}/prepare", {})
    assert (
        "준비한 사람이 아닌 다른 담당자가 승인해야 합니다." in people("dongjak").get(page_of(project, "payment")).text
    )
    page = people("dongjak").post_form(f"/grants/tranches/{tranche}/approve", {})
    assert page.status_code == 403
    assert "한 사람이 혼자 할 수 없습니다." in page.text


def test_an_agreement_that_does_not_add_up_comes_back_as_typed(people: Any, project: Project) -> None:
    fields = form_of(people("dongjak").get(page_of(project, "agreement/edit")).text)
    wrong = fields | {"grant.running.venue": "500,001", "amount_won": "2,000,000", "action": "save"}
    page = people("dongjak").post_form(page_of(project, "agreement/edit"), wrong)
    assert page.status_code == 422
    assert "비목별 보조금의 합이 보조금과 같지 않습니다." in page.text
    assert 'value="500,001"' in page.text
    smaller = fields | {"grant.running.venue": "400000", "amount_won": "1900000", "action": "draft"}
    page = people("dongjak").post_form(page_of(project, "agreement/edit"), smaller)
    assert page.status_code == 200
    assert "1차: 1,330,000원" in page.text
    stale = fields | {"grant.running.venue": "400000", "amount_won": "1900000", "action": "save"}
    page = people("dongjak").post_form(page_of(project, "agreement/edit"), stale)
    assert "협약서의 글에 위의 금액이나 기간이 없습니다." in page.text
    assert people("seongbuk").get(page_of(project, "agreement/edit")).status_code == 403
    assert people("reviewer").get(page_of(project, "agreement")).status_code == 404


def test_words_that_changed_meanwhile_are_not_signed(people: Any, project: Project) -> None:
    first = project.prepare()
    page = people("resident").get(page_of(project, "agreement")).text
    wanted = {name: hidden(page, name) for name in ("party", "version", "body_hash")}
    project.prepare(body=first.body + "\n특약.")
    refused = people("resident").post_form(page_of(project, "agreement/sign"), wanted)
    assert refused.status_code == 409
    assert "협약서가 그사이 바뀌었습니다." in refused.text
    assert "특약." in refused.text


def test_changes_are_asked_for_and_answered(people: Any, project: Project) -> None:
    project.agree()
    form = people("resident").get(page_of(project, "changes/new?kind=budget")).text
    small = {
        "key": hidden(form, "key"),
        "kind": "budget",
        "reason": "장소를 바꿉니다.",
        "grant.running.venue": "600000",
        "grant.activity.materials": "1400000",
    }
    assert people("resident").post_form(page_of(project, "changes/new"), small).status_code == 302
    assert "규칙 안의 변경" in people("resident").get(page_of(project, "changes")).text
    wrong = small | {"key": "k2", "reason": "", "grant.running.venue": "1e9"}
    page = people("resident").post_form(page_of(project, "changes/new"), wrong)
    assert page.status_code == 422
    assert 'value="1e9"' in page.text
    large = small | {"key": "k3", "grant.running.venue": "1,000,000", "grant.activity.materials": "1,000,000"}
    assert people("resident").post_form(page_of(project, "changes/new"), large).status_code == 302
    assert "골목 화단 가꾸기" in people("dongjak").get("/grants/manage/changes").text
    assert "골목 화단 가꾸기" not in people("seongbuk").get("/grants/manage/changes").text
    page = people("dongjak").get(page_of(project, "changes")).text
    change = re.search(r"/grants/changes/(\d+)/decide", page)
    assert change
    assert "1,000,000원" in page
    silent = people("dongjak").post_form(change[0], {"decision": "approve", "answer": ""})
    assert silent.status_code == 422
    assert people("dongjak").post_form(change[0], {"answer": "네"}).status_code == 422
    assert people("dongjak").post_form(change[0], {"decision": "approve", "answer": "맞습니다."}).status_code == 302
    assert "협약서 제3판" in people("resident").get(page_of(project, "changes")).text
    period = {"key": "k4", "kind": "period", "reason": "비", "starts_on": "2026-04-01", "ends_on": "2026-11-30"}
    assert people("neighbor").post_form(page_of(project, "changes/new"), period).status_code == 302
    page = people("neighbor").get(page_of(project, "changes")).text
    withdraw = re.search(r"/grants/changes/\d+/withdraw", page)
    assert withdraw
    assert people("neighbor").post_form(withdraw[0], {}).status_code == 302


def test_the_end_of_an_agreement(people: Any, project: Project) -> None:
    project.agree()
    page = people("dongjak").get(page_of(project, "terminate"))
    assert "2,000,000원" in page.text
    assert people("dongjak").post_form(page_of(project, "terminate"), {"reason": " "}).status_code == 422
    assert people("dongjak").post_form(page_of(project, "terminate"), {"reason": "연락 두절"}).status_code == 302
    assert "지금 상태에서는 해지할 수 없습니다." in people("dongjak").get(page_of(project, "terminate")).text
    assert "취소됨" in people("resident").get(page_of(project, "payment")).text
    assert people("seongbuk").get(page_of(project, "terminate")).status_code == 403


def test_nothing_is_told_before_the_announcement(
    house: Any, people: Any, database: Any, publish: Callable[..., Call], at: Any
) -> None:
    account = house.actor("resident").account_id
    project = selected(database, publish(), accounts=(account,), announced_at=LATER)
    for what in ("agreement", "payment", "changes"):
        page = people("resident").get(page_of(project, what))
        assert page.status_code == 200
        assert "2,000,000" not in page.text
    for what in ("milestones", "interim"):
        assert people("resident").get(page_of(project, what)).status_code == 404
    api = people("resident").get(f"/grants/api/applications/{project.id}/payment").json
    assert (api["awarded_won"], api["tranches"]) == (None, [])
    at(LATER)
    assert "2,000,000원" in people("resident").get(page_of(project, "payment")).text


def test_the_list_says_why_and_exports_orders(people: Any, project: Project, database: Any) -> None:
    project.agree()
    page = people("dongjak").get("/grants/manage/payments").text
    assert "회계 교육을 마침" in page
    assert "골목 화단 가꾸기" not in people("seongbuk").get("/grants/manage/payments").text
    project.ready()
    project.approved()
    with database.write() as session:
        session.execute(update(ApplicantGroup).values(bank_holder="=HYPERLINK(1)"))
    page = people("city").get("/grants/manage/payments?state=approved").text
    assert "조건을 모두 갖춤" in page
    text = people("accounts").get("/grants/manage/payments.csv").data.decode("utf-8-sig")
    (order,) = csv.DictReader(io.StringIO(text))
    assert order["금액(원)"] == "1400000"
    assert order["예금주"] == "'=HYPERLINK(1)"
    assert order["은행"] == "마을은행"
    assert order["승인한 때"] == SIGNED.astimezone(SEOUL).isoformat(timespec="minutes")
    book = people("accounts").get("/grants/manage/payments.xlsx")
    assert book.data[:2] == b"PK"
    assert len(list(csv.reader(io.StringIO(people("seongbuk").get("/grants/manage/payments.csv").text)))) == 1
    assert people("resident").get("/grants/manage/payments").status_code == 403
    with database.read() as session:
        exports = session.scalars(select(AUDIT.c.subject).where(AUDIT.c.action == "payment_orders.exported")).all()
    assert sorted(exports) == ["district:11290", "district:11590", "district:11590"]


def test_a_list_of_hundreds_costs_what_a_page_costs(
    people: Any, database: Any, publish: Callable[..., Call], at: Any
) -> None:
    call = publish(budget_won=2_000_000_000)
    for number in range(26):
        selected(database, call, accounts=(1000 + number,)).agree()

    def queries() -> int:
        found: list[str] = []

        def seen(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            found.append(statement)

        event.listen(database.engine, "before_cursor_execute", seen)
        try:
            assert people("dongjak").get("/grants/manage/payments").status_code == 200
        finally:
            event.remove(database.engine, "before_cursor_execute", seen)
        return len(found)

    few = queries()
    with database.write() as session:
        rows = session.scalars(select(Tranche)).all()
        for number in range(3, 13):
            for row in rows:
                session.add(
                    Tranche(
                        application_id=row.application_id,
                        number=number * 100 + row.number,
                        amount_won=1,
                        gates=list(row.gates),
                        state="planned",
                    )
                )
    assert queries() <= few + 5
    assert few <= 12 + 25 * 8


def test_the_api_says_the_same(people: Any, project: Project) -> None:
    project.agree()
    address = f"/grants/api/applications/{project.id}/payment"
    told = people("resident").get(address).json
    assert told["awarded_won"] == told["committed_won"] == 2_000_000
    red = [gate for gate in told["tranches"][0]["gates"] if not gate["green"]]
    assert [(gate["key"], gate["owner"], gate["code"], gate["due"], gate["waiting"]) for gate in red] == [
        ("training_done", "group", "training_missing", "2026-12-31", False)
    ]
    with project.database.write() as session:
        said = {"application_id": project.id, "key": "training_done", "done_on": SIGNED.date()}
        session.add(Milestone(**said, waiting=True, recorded_by=1, recorded_at=SIGNED))
    (waiting,) = [gate for gate in people("resident").get(address).json["tranches"][0]["gates"] if not gate["green"]]
    assert (waiting["owner"], waiting["waiting"]) == ("district", True)
    assert told["tranches"][0]["payable"] is False
    project.ready()
    assert people("resident").get(address).json["tranches"][0]["payable"] is True
    for login, wanted in (
        ("resident", {"step": "request"}),
        ("dongjak", {"step": "prepare"}),
        ("accounts", {"step": "approve"}),
        ("dongjak", {"step": "pay", "reference": "이체 1", "paid_on": DAY}),
        ("dongjak", {"step": "pay", "reference": "이체 1", "paid_on": DAY}),
    ):
        answer = people(login).post(f"{address}/1", json=wanted)
        assert answer.status_code == 200, answer.text
    assert answer.json["state"] == "paid"
    other = people("accounts").post(f"{address}/1", json={"step": "pay", "reference": "이체 2", "paid_on": DAY})
    assert (other.status_code, other.json["code"]) == (409, "already_paid")
    second = people("resident").post(f"{address}/2", json={"step": "request"})
    assert (second.status_code, second.json["code"]) == (409, "report_missing")
    assert people("neighbor").post(f"{address}/9", json={"step": "request"}).status_code == 404
    assert people("seongbuk").get(address).status_code == 403
    assert people("reviewer").get(address).status_code == 404
    assert people("resident").post(f"{address}/1", json={"step": "cancel"}).status_code == 422
    assert people("resident").get(address).json["paid_won"] == 1_400_000


@pytest.mark.parametrize(
    "what", ["agreement", "payment", "changes", "milestones", "interim", "changes/new?kind=members"]
)
def test_pages_speak_english(people: Any, project: Project, what: str) -> None:
    project.agree()
    browser = people("resident")
    browser.get("/grants/mine")  # where the greeting after signing in is shown
    browser.get("/auth/language?to=en&next=/")
    page = browser.get(page_of(project, what))
    browser.get("/auth/language?to=ko&next=/")
    assert page.status_code == 200
    main = re.sub(
        r'<article[^>]*lang="ko".*?</article>', "", page.text.split("<main")[1].split("</main>")[0], flags=re.S
    )
    words = re.sub(r"<[^>]+>", " ", main)
    for own in ("골목 화단 가꾸기", "동작구 통합공모", "주민 가온", "동작"):
        words = words.replace(own, "")
    assert not re.findall(r"[가-힣]+", words), words


def test_evidence_that_lies_about_its_type_is_told_beside_the_field(people: Any, project: Project) -> None:
    project.agree()
    lie = (io.BytesIO(b"<html><script>alert(1)</script></html>"), "수료증.pdf")
    page = people("resident").post_form(
        page_of(project, "milestones/training_done"),
        {"done_on": DAY, "note": "두 사람이 마쳤습니다.", "key": "m-1", "files": lie},
        content_type="multipart/form-data",
    )
    assert page.status_code == 422
    assert "두 사람이 마쳤습니다." in page.text
    assert 'id="field-files-error"' in page.text
    assert 'href="#field-files"' in page.text
    nothing = people("resident").post_form(page_of(project, "milestones/training_done"), {"done_on": DAY, "key": "m-1"})
    assert nothing.status_code == 422
    assert people("dongjak").post_form(page_of(project, "milestones/training_done/confirm"), {}).status_code == 404


@pytest.mark.parametrize(
    "what", ["agreement", "agreement/1", "payment", "milestones", "interim", "changes", "terminate"]
)
def test_every_field_has_a_label_and_no_id_stands_twice(people: Any, project: Project, what: str) -> None:
    project.agree()
    project.ready()
    project.approved()
    for login in ("dongjak", "resident"):
        page = people(login).get(page_of(project, what))
        if (login, what) == ("resident", "terminate"):
            assert page.status_code == 403
            continue
        ids = re.findall(r'\sid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)
        main = page.text.split("<main")[1].split("</main>")[0]
        controls = re.findall(r'<(?:input type="(?!hidden)|select|textarea)[^>]*\sid="([^"]+)"', main)
        assert set(controls) <= set(re.findall(r'<label[^>]* for="([^"]+)"', main))
