"""The journey of a grant from the programme's rules to the archive, as its people go it: through the pages alone, in a
house that has accounts and nothing else. The applicant and the reviewers sit at a phone."""

import json
import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.house import House
from shared.identity import demo
from shared.settings import Settings
from tests.browser.conftest import DESKTOP, PHONE, Visit, local_day, started
from tests.browser.grant_money import (
    agree,
    close_and_archive,
    pass_the_interim_check,
    pay,
    see_the_gates_turn_green,
    settle,
    spend,
)
from tests.browser.grant_steps import (
    MEMBERS,
    PLAN,
    REVIEWERS,
    RULES,
    TITLE,
    begin,
    choose,
    expect_state,
    fill_application,
    make_group,
    named,
    number_in,
    publish_a_call,
    to,
    upload,
)
from tests.browser.test_booking import SEOUL, tab_to, write
from tests.grants.file_makers import pdf

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A house of its own, with the demonstration's accounts and nothing that happened."""
    settings = Settings.from_environment({"MARU_DATA": str(tmp_path_factory.mktemp("grants"))})
    house = House(settings)
    house.migrate()
    demo.load(house.database("identity"), datetime.now(SEOUL))
    house.close()
    with started(settings, "--no-demo") as address:
        yield address


def test_from_the_call_to_the_archive(visit: Visit):
    centre, group = visit("dongjak"), visit("resident", PHONE)
    judges = [visit(login, PHONE) for login in REVIEWERS]
    for number, judge in enumerate(judges, 1):
        say_who_one_is(judge, number)
    appoint(centre)
    make_rules_for_three_seats(centre)
    call = publish_a_call(centre, "동작 이웃 만들기 공모", RULES)

    application = apply_together(visit, group, call)
    accept_at_intake(centre, application)
    expect_state(group, application, "자격 확인")

    to(centre, f"/grants/calls/{call}/applications")
    centre.get_by_role("button", name="심사 시작").click()
    review(centre, judges, call, "document_review")
    review(centre, judges, call, "interview_review")
    expect_state(group, application, "심사 중")

    deliberate(centre, judges, call)
    expect_state(group, application, "선정")
    expect(group.locator("main")).to_contain_text("1,800,000원")
    expect(group.locator("main")).to_contain_text("화분마다 이름표를 답니다.")

    agree(centre, group, application)
    see_the_gates_turn_green(centre, group, application)
    second = visit("accounts")
    pay(centre, second, group, application, 1, "1,260,000원")

    spend(group, application, "초록 꽃집", "활동비 · 재료비", "700000")
    centre.goto("/grants/manage/expenses")
    centre.get_by_role("button", name="고른 것 모두 인정하기").click()
    expect(centre.locator("main")).to_contain_text("기다리는 지출이 없습니다.")

    pass_the_interim_check(centre, group, application)
    pay(centre, second, group, application, 2, "540,000원")
    spend(group, application, "골목 인쇄소", "운영비 · 인쇄·홍보비", "500000")

    settle(centre, group, application)
    close_and_archive(centre, application)
    expect_state(group, application, "종료")
    anyone_sees_it(visit)


def say_who_one_is(judge: Page, number: int) -> None:
    """A reviewer's own card, without which nobody can appoint them."""
    to(judge, "/grants/reviews")
    judge.get_by_role("link", name="심사위원 정보").click()
    judge.locator("#field-address").fill(f"종로구 누리길 {number}, 10{number}호")
    judge.locator("#field-birth_year").fill(str(1960 + number))
    judge.get_by_role("button", name="저장").click()
    expect(judge.get_by_text("저장했습니다.")).to_be_visible()


def appoint(centre: Page) -> None:
    """The three as reviewers and as members of the committee, from the staff's home."""
    to(centre, "/grants/manage")
    centre.locator("main").get_by_role("link", name=re.compile("^심사위원")).first.click()
    for kind in ("심사위원", "보조금심의위원회 위원"):
        for login in REVIEWERS:
            choose(centre.locator("#field-account_id"), named(login))
            centre.get_by_role("radio", name=kind, exact=True).check()
            if kind != "심사위원" and login == "chair":
                centre.get_by_label("위원장을 맡습니다").check()
            centre.locator("#field-ends_on").fill(local_day(400).date().isoformat())
            centre.get_by_role("button", name="위촉하기").click()
            expect(centre.get_by_text("위촉했습니다.")).to_be_visible()
    expect(centre.get_by_role("button", name=re.compile("위촉 마치기"))).to_have_count(6)


def make_rules_for_three_seats(centre: Page) -> None:
    """A ready-made programme is copied, changed and taken into use."""
    to(centre, "/grants/programmes/new")
    choose(centre.locator("#field-version_id"), "통합공모")
    centre.locator("#field-name").fill(RULES)
    centre.get_by_role("button", name="복사하기").click()
    centre.get_by_role("link", name="규칙 고치기").first.click()
    centre.get_by_role("link", name=re.compile("^심사")).first.click()
    centre.locator("[name='committee.seats']").fill("3")
    centre.get_by_role("button", name="저장하기").first.click()
    expect(centre.get_by_text("저장했습니다.")).to_be_visible()
    centre.get_by_role("link", name="규칙 모두 보기").click()
    centre.get_by_role("button", name="쓰기 시작하기").click()
    expect(centre.locator("main")).to_contain_text("위원 3명")


def apply_together(visit: Visit, group: Page, call: int) -> int:
    """The leader makes the group and the draft, a neighbour is invited and writes the plan, the leader files."""
    to(group, "/grants/")
    group.get_by_role("link", name=re.compile("동작 이웃 만들기 공모")).first.click()
    group.get_by_role("link", name="신청하기", exact=True).first.click()
    group.get_by_role("link", name="모임 만들기").click()
    make_group(group, "골목 가꾸기 모임")
    group.get_by_role("button", name="쓰기 시작하기").click()
    application = number_in(group, r"/grants/applications/(\d+)/draft")
    group.locator("#field-title").fill(TITLE)
    group.get_by_role("button", name="저장", exact=True).first.click()
    group.get_by_role("link", name="모임 정보 고치기").click()
    invitation = group.get_by_label("초대 주소").input_value()

    friend = visit("neighbor", PHONE)
    friend.goto(invitation)
    friend.locator("main").get_by_role("button").first.click()
    to(friend, "/grants/mine")
    friend.get_by_role("link", name=re.compile(TITLE)).first.click()
    friend.locator("main").get_by_role("link", name=re.compile("신청서|쓰기")).first.click()
    friend.locator("#field-plan").fill(PLAN)
    friend.get_by_role("button", name="저장", exact=True).first.click()

    group.goto(f"/grants/applications/{application}/draft")
    expect(group.locator("#field-plan")).to_have_value(PLAN)
    fill_application(group)
    group.get_by_label("파일 고르기").set_input_files(upload("plan.pdf", pdf("plan")))
    group.get_by_role("button", name="신청서 내기").click()
    expect(group.locator("main")).to_contain_text("접수번호")
    assert number_in(group, r"/grants/applications/(\d+)") == application
    return application


def accept_at_intake(centre: Page, application: int) -> None:
    to(centre, f"/grants/applications/{application}")
    centre.get_by_role("link", name="자격 확인").first.click()
    centre.get_by_role("radio", name=re.compile("^자격")).first.check()
    # the demonstration's resident leads other groups
    centre.locator("#field-reason").fill("대표가 함께하는 다른 모임과 하는 일이 다릅니다.")
    centre.get_by_role("button", name="결정하기").click()


def review(centre: Page, judges: list[Page], call: int, stage: str) -> None:
    """Assign a stage, score it on the phone, and lead on what passed."""
    to(centre, f"/grants/calls/{call}/review/{stage}/reviewers")
    centre.get_by_role("button", name="심사 3건 맡기기").click()
    for number, judge in enumerate(judges):
        to(judge, "/grants/reviews")
        judge.get_by_role("link", name=re.compile(TITLE)).first.click()
        expect(judge.locator("main")).to_contain_text(PLAN)
        points = judge.locator("input[name^=score_]")
        for index in range(points.count()):
            points.nth(index).fill(str(17 + number))
        if number == 0:
            judge.get_by_role("button", name="심사표 내기").click()
            judge.locator("#field-comment").fill("이웃이 함께하는 까닭이 뚜렷합니다.")
            expect(points.first).to_have_value("17")
        judge.locator("#field-comment").fill("이웃이 함께하는 까닭이 뚜렷합니다.")
        judge.get_by_role("button", name="심사표 내기").click()
        expect(judge.get_by_text("심사표를 냈습니다.")).to_be_visible()
    to(centre, f"/grants/calls/{call}/review/{stage}")
    centre.get_by_role("button", name="합격 점수 이상을 모두 다음 단계로").click()


def deliberate(centre: Page, judges: list[Page], call: int) -> None:
    """A meeting: nothing can be decided before enough are there; a reduced amount on a condition is carried."""
    to(centre, f"/grants/calls/{call}/meetings")
    centre.locator("#field-title").fill("동작구 보조금심의위원회")
    centre.locator("#field-held_at").fill(local_day(1).strftime("%Y-%m-%dT14:00"))
    centre.locator("#field-place").fill("동작구청 회의실")
    centre.get_by_role("button", name="회의 잡고 알리기").click()
    if not re.search(r"/meetings/\d+$", centre.url):
        centre.get_by_role("link", name="동작구 보조금심의위원회").click()
    meeting = centre.url
    centre.get_by_role("button", name="개회", exact=True).click()
    centre.get_by_role("link", name=TITLE).click()
    expect(centre.get_by_text("정족수가 모자라 아직 의결할 수 없습니다.")).to_be_visible()
    item = centre.url
    for judge in judges:
        to(judge, "/grants/reviews")
        to(judge, "/grants/meetings")
        judge.get_by_role("link", name="동작구 보조금심의위원회").first.click()
        judge.get_by_role("button", name="출석", exact=True).click()
        expect(judge.get_by_text("출석했습니다.").first).to_be_visible()
    centre.goto(item)
    centre.get_by_text("제안 고치기").click()
    proposing = centre.locator("form").filter(has=centre.get_by_role("button", name="제안 저장"))
    proposing.get_by_role("radio", name="선정", exact=True).check()
    proposing.get_by_label("선정 금액").fill("1,800,000")
    proposing.get_by_label("조건").fill("화분마다 이름표를 답니다.")
    proposing.get_by_label("이유").fill("이웃이 함께하는 사업입니다.")
    proposing.get_by_role("button", name="제안 저장").click()
    centre.goto(item)
    centre.get_by_role("button", name="표결 시작").click()
    for judge in judges:
        judge.goto(item)
        judge.get_by_role("button", name="찬성", exact=True).first.click()
        expect(judge.get_by_text("지금 내 표결: 찬성")).to_be_visible()
    centre.goto(item)
    centre.get_by_role("button", name="의결", exact=True).click()
    centre.goto(meeting)
    centre.get_by_role("button", name="폐회하고 회의록 만들기").click()
    centre.goto(meeting)
    centre.get_by_role("link", name="회의록 보기").click()
    expect(centre.locator("main")).to_contain_text(TITLE)


def anyone_sees_it(visit: Visit) -> None:
    """The project is public: in the register, and by the bus on the map, the district's page and among its figures."""
    page = visit()
    to(page, "/grants/projects")
    expect(page.get_by_text(TITLE).first).to_be_visible()
    for _ in range(50):
        page.goto("/districts/11590")
        if page.get_by_text(TITLE).count():
            break
        page.wait_for_timeout(100)
    expect(page.get_by_text(TITLE).first).to_be_visible()
    rows = page.request.get("/api/districts").json()["districts"]
    assert next(row["projects"] for row in rows if row["code"] == "11590") == 1
    page.goto("/")
    assert json.dumps(TITLE)[1:-1] in page.content()


def test_a_refused_application_keeps_what_was_typed(visit: Visit):
    centre, page = visit("dongjak"), visit("resident", PHONE)
    call = publish_a_call(centre, "무엇도 잃지 않는 공모", "통합공모")
    begin(page, call, "잃지 않는 모임")
    page.locator("#field-title").fill(TITLE)
    page.locator("#field-plan").fill(PLAN)
    fill_application(page)
    page.locator("#field-budget-1-grant_won").fill("１２３")
    page.locator("#field-requested_won").fill("1e9")
    page.get_by_role("button", name="신청서 내기").click()
    expect(page.locator("#field-requested_won")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-requested_won")).to_have_value("1e9")
    expect(page.locator("#field-plan")).to_have_value(PLAN)
    expect(page.locator("#field-members-2-address")).to_have_value(MEMBERS[2][1])
    page.locator("#field-budget-1-grant_won").fill("1000000")
    page.locator("#field-requested_won").fill("2000000")
    page.get_by_role("button", name="신청서 내기").click()
    expect(page.locator("main")).to_contain_text("접수번호")


def test_the_keyboard_alone_files_an_application(visit: Visit):
    centre, page = visit("dongjak"), visit("neighbor", DESKTOP)
    call = publish_a_call(centre, "손끝으로 쓰는 공모", "통합공모")
    begin(page, call, "손끝 모임")
    write(page, page.locator("#field-title"), "손끝으로 심는 꽃밭")
    write(page, page.locator("#field-plan"), PLAN)
    for number, (name, address) in enumerate(MEMBERS):
        if not page.locator(f"#field-members-{number}-name").count():
            press_button(page, page.get_by_role("button", name=re.compile("줄 더하기.*함께하는 사람")))
        write(page, page.locator(f"#field-members-{number}-name"), f"{name} {number}")
        write(page, page.locator(f"#field-members-{number}-birth_year"), str(1970 + number))
        write(page, page.locator(f"#field-members-{number}-address"), address)
    write(page, page.locator("#field-requested_won"), "1000000")
    write(page, page.locator("#field-self_contribution_won"), "0")
    tab_to(page, page.locator("#field-budget-0-line"))
    for _ in range(12):
        if page.locator("#field-budget-0-line").input_value() == "activity/materials":
            break
        page.keyboard.press("ArrowDown")
    write(page, page.locator("#field-budget-0-grant_won"), "1000000")
    press_button(page, page.get_by_role("button", name="신청서 내기"))
    expect(page.locator("main")).to_contain_text("접수번호")


def press_button(page: Page, button: Locator) -> None:
    tab_to(page, button)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
