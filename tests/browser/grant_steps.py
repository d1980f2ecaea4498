"""What the journeys of grants have in common: a call, a group, a form that is filled in."""

import re

from playwright.sync_api import Locator, Page, expect

from shared.identity import demo
from tests.browser.conftest import local_day

REVIEWERS = ("reviewer", "juror", "chair")
TITLE = "골목 화분 나누기"
PLAN = "봄마다 화분을 나누고 골목을 함께 청소합니다."
MEMBERS = (("주민 가온", "동작구 골목길 1"), ("주민 나래", "동작구 골목길 2"), ("주민 도담", "동작구 골목길 3"))
RULES = "세 위원의 통합공모"


def make_group(page: Page, name: str) -> None:
    page.locator("#field-name").fill(name)
    page.locator("#field-district").select_option("11590")
    page.locator("#field-address").fill("동작구 골목길 1")
    page.locator("#field-bank").fill("마을은행")
    page.locator("#field-bank_account").fill("110-300-400400")
    page.locator("#field-bank_holder").fill(name)
    page.get_by_role("button", name="만들기", exact=True).click()
    expect(page.get_by_text("모임을 만들었습니다.")).to_be_visible()


def fill_application(page: Page) -> None:
    """Everything that the form asks for but title and plan."""
    for number, (name, address) in enumerate(MEMBERS):
        if not page.locator(f"#field-members-{number}-name").count():
            page.get_by_role("button", name=re.compile("줄 더하기.*함께하는 사람")).click()
        page.locator(f"#field-members-{number}-name").fill(name)
        page.locator(f"#field-members-{number}-birth_year").fill(str(1970 + number))
        page.locator(f"#field-members-{number}-address").fill(address)
    page.locator("#field-requested_won").fill("2,000,000")
    page.locator("#field-self_contribution_won").fill("200000")
    lines = (("activity/materials", "1000000", "200000"), ("running/printing", "1000000", "0"))
    for number, (line, grant, own) in enumerate(lines):
        page.locator(f"#field-budget-{number}-line").select_option(line)
        page.locator(f"#field-budget-{number}-grant_won").fill(grant)
        page.locator(f"#field-budget-{number}-self_won").fill(own)
    page.locator("#field-place-address").fill("사당동 골목")


def begin(page: Page, call: int, group: str) -> None:
    """A group and its empty draft for a call."""
    to(page, f"/grants/groups?call={call}")
    make_group(page, group)
    choose_own = page.get_by_role("radio", name=group)
    if choose_own.count():
        choose_own.check()
    page.get_by_role("button", name="쓰기 시작하기").click()
    expect(page.locator("#field-title")).to_be_visible()


def publish_a_call(centre: Page, title: str, programme: str) -> int:
    """A rolling call, whose applications are reviewed as they come in."""
    to(centre, "/grants/calls/new")
    choose(centre.locator("#field-programme"), programme)
    centre.locator("#field-title").fill(title)
    centre.locator("#field-body").fill("이웃과 골목을 잇는 모임을 찾습니다.")
    centre.locator("#field-opens_at").fill(local_day(-1).strftime("%Y-%m-%dT%H:%M"))
    centre.locator("#field-closes_at").fill(local_day(14).strftime("%Y-%m-%dT%H:%M"))
    centre.locator("#field-results_on").fill(local_day(20).strftime("%Y-%m-%d"))
    centre.locator("#field-rolling").check()
    centre.locator("#field-budget_won").fill("10,000,000")
    centre.locator("#field-ceiling_won").fill("3,000,000")
    centre.get_by_role("button", name="저장하기").click()
    centre.get_by_role("button", name="게시하기").click()
    return number_in(centre, r"/grants/calls/(\d+)")


def to(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.ok, f"{path}: {answer.status}"


def expect_state(page: Page, application: int, state: str) -> None:
    """What the applicant reads at the head of the application."""
    to(page, f"/grants/applications/{application}")
    expect(page.locator("main .badge").first).to_have_text(state)


def choose(select: Locator, part: str) -> None:
    """The first option that has these words in it."""
    option = select.locator("option").filter(has_text=part).first
    select.select_option(option.get_attribute("value"))


def named(login: str) -> str:
    return next(name for known, name, *_ in demo.ACCOUNTS if known == login)


def number_in(page: Page, pattern: str) -> int:
    found = re.search(pattern, page.url)
    assert found, f"{page.url}\n{page.inner_text('main')[:500]}"
    return int(found[1])


def upload(name: str, content: bytes) -> dict[str, object]:
    kind = "application/pdf" if name.endswith(".pdf") else "image/jpeg"
    return {"name": name, "mimeType": kind, "buffer": content}
