"""The journey of a grant after the decision: agreement, payments, expenses, settlement, archive."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import local_day
from tests.browser.grant_steps import (
    choose,
    expect_state,
    to,
    upload,
)
from tests.grants.file_makers import jpeg, pdf


def agree(centre: Page, group: Page, application: int) -> None:
    to(centre, f"/grants/applications/{application}")
    centre.get_by_role("link", name="협약서 쓰기").first.click()
    centre.locator("#field-starts_on").fill(local_day(0).date().isoformat())
    centre.locator("#field-ends_on").fill(local_day(150).date().isoformat())
    centre.get_by_role("button", name="협약서 새로 만들기").click()
    centre.get_by_role("button", name="저장하기").click()
    to(group, f"/grants/applications/{application}/agreement")
    group.get_by_role("button", name="읽었고, 서명합니다").click()
    to(centre, f"/grants/applications/{application}/agreement")
    centre.get_by_role("button", name="읽었고, 서명합니다").click()
    expect(centre.get_by_text("효력 있음").first).to_be_visible()


def see_the_gates_turn_green(centre: Page, group: Page, application: int) -> None:
    """Why can't I be paid? Two gates are red and say where to go; the staff confirm what the group shows."""
    to(group, f"/grants/applications/{application}")
    group.get_by_role("link", name="왜 아직 못 받나요?").click()
    first = group.locator("#tranche-1")
    expect(first).to_contain_text("막힌 조건 2개")
    for label in ("회계 교육을 마침", "자부담을 입금함"):
        expect(gate(first, label)).to_contain_text("아직")
    expect(gate(first, "협약에 두 쪽이 서명함")).to_contain_text("됨")
    expect(first.get_by_role("button", name=re.compile("교부 신청하기"))).to_have_count(0)
    gate(first, "회계 교육을 마침").get_by_role("link").click()
    today = local_day(0).date().isoformat()
    for key, more in (("training_done", {}), ("self_contribution_deposited", {"amount_won": "200,000"})):
        part = group.locator(f"#{key}")
        part.locator("[name=done_on]").fill(today)
        for name, value in more.items():
            part.locator(f"[name={name}]").fill(value)
        part.locator("[name=files]").set_input_files(upload(f"{key}.pdf", pdf(key)))
        part.get_by_role("button", name=re.compile("남기기")).click()
        to(centre, f"/grants/applications/{application}/milestones")
        centre.locator(f"#{key}").get_by_role("button", name=re.compile("확인하기")).click()
    to(group, f"/grants/applications/{application}/payment")
    expect(group.locator("#tranche-1")).to_contain_text("조건을 모두 갖춤")
    expect(group.locator("#tranche-2")).to_contain_text("막힌 조건")


def pay(centre: Page, second: Page, group: Page, application: int, number: int, amount: str) -> None:
    """The group asks, one prepares, another approves, and it is paid once."""
    payment, tranche = f"/grants/applications/{application}/payment", f"#tranche-{number}"
    to(group, payment)
    expect(group.locator(tranche)).to_contain_text(amount)
    group.locator(tranche).get_by_role("button", name=re.compile("교부 신청하기")).click()
    to(centre, payment)
    centre.locator(tranche).get_by_role("button", name=re.compile("지급 준비하기")).click()
    to(centre, payment)
    expect(centre.locator(tranche)).to_contain_text("다른 담당자가 승인해야 합니다.")
    expect(centre.locator(tranche).get_by_role("button", name="승인하기")).to_have_count(0)
    to(second, payment)
    second.locator(tranche).get_by_role("button", name="승인하기").click()
    to(centre, payment)
    centre.locator(tranche).locator("[name=reference]").fill(f"이체 2026-{number}")
    centre.locator(tranche).locator("[name=paid_on]").fill(local_day(0).date().isoformat())
    centre.locator(tranche).get_by_role("button", name="지급 기록하기").click()
    to(group, payment)
    expect(group.locator(tranche)).to_contain_text(f"이체 2026-{number}")


def spend(group: Page, application: int, payee: str, item: str, won: str) -> None:
    """Asked for before it is spent; then recorded with the photo of its receipt."""
    to(group, f"/grants/applications/{application}/expenses/check")
    expense = group.locator("main form").filter(has=group.locator("#field-item"))
    choose(expense.locator("#field-item"), item.split(" · ")[1])
    write_expense(group, payee, "5,000,000")
    expense.get_by_role("button").last.click()
    expect(group.locator("main")).to_contain_text("인정되지 않음")
    expect(group.locator("#field-payee")).to_have_value(payee)

    to(group, f"/grants/applications/{application}")
    group.get_by_role("link", name="지출 남기기").first.click()
    choose(group.locator("#field-item"), item.split(" · ")[1])
    write_expense(group, payee, won)
    group.locator("input[type=file]").set_input_files(upload("receipt.jpg", jpeg(len(payee) * 7 + len(won))))
    group.get_by_role("button", name="남기기", exact=True).click()
    expect(group.get_by_role("heading", level=1)).to_contain_text(payee)
    expect(group.locator("main")).to_contain_text("receipt.jpg")


def write_expense(page: Page, payee: str, won: str) -> None:
    page.locator("#field-spent_on").fill(local_day(0).date().isoformat())
    page.locator("#field-amount_won").fill(won)
    page.locator("#field-payee").fill(payee)
    page.get_by_role("radio", name=re.compile("카드")).check()
    page.get_by_role("radio", name="보조금", exact=True).check()
    page.locator("#field-purpose").fill("골목 화분과 알림 종이")


def pass_the_interim_check(centre: Page, group: Page, application: int) -> None:
    to(group, f"/grants/applications/{application}/milestones")
    report = group.locator("#report_filed")
    report.locator("[name=note]").fill("화분 쉰 개를 나누었고 이웃 서른 명이 함께했습니다.")
    report.get_by_role("button", name=re.compile("남기기")).click()
    to(centre, f"/grants/applications/{application}/interim")
    centre.locator("#field-checked_on").fill(local_day(0).date().isoformat())
    centre.get_by_role("radio", name="통과", exact=True).check()
    centre.locator("#field-findings").fill("계획대로 하고 있습니다.")
    centre.get_by_role("button", name="남기기").click()


def settle(centre: Page, group: Page, application: int) -> None:
    """The report is complete already; the amount is finalised and the rest comes back."""
    to(centre, "/grants/manage/expenses")
    centre.get_by_role("button", name="고른 것 모두 인정하기").click()
    to(group, f"/grants/applications/{application}/settlement")
    group.get_by_role("link", name="정산 보고서 내기").click()
    group.locator("#field-interest_won").fill("-1")
    group.locator("#field-outcome").fill("골목에서 열두 번 모였고 이웃 예순 명이 함께했습니다.")
    group.get_by_role("button", name="정산 보고서 내기").click()
    expect(group.locator("#field-interest_won")).to_have_attribute("aria-invalid", "true")
    expect(group.locator("#field-outcome")).to_have_value("골목에서 열두 번 모였고 이웃 예순 명이 함께했습니다.")
    group.locator("#field-interest_won").fill("0")
    group.get_by_role("button", name="정산 보고서 내기").click()
    expect_state(group, application, "정산 중")
    to(centre, f"/grants/applications/{application}/settlement")
    centre.get_by_role("button", name="금액 확정하기").click()
    to(group, f"/grants/applications/{application}/returns")
    expect(group.locator("main")).to_contain_text("600,000원")
    to(centre, f"/grants/applications/{application}/returns")
    centre.locator("[name=came_won]").fill("600,000")
    centre.locator("[name=paid_on]").fill(local_day(0).date().isoformat())
    centre.get_by_role("button", name=re.compile("들어온 돈 남기기")).click()


def close_and_archive(centre: Page, application: int) -> None:
    for name in ("사업 종료하기", "보관하기"):
        to(centre, f"/grants/applications/{application}/settlement")
        centre.get_by_role("button", name=name).click()
    to(centre, f"/grants/applications/{application}/settlement")
    expect(centre.get_by_text("보관한 사업입니다.")).to_be_visible()
    to(centre, f"/grants/applications/{application}/audit")
    expect(centre.locator("main")).to_contain_text("보관")


def gate(tranche: Locator, label: str) -> Locator:
    return tranche.locator("tbody tr").filter(has_text=label)
