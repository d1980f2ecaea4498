"""The journeys of booking: what residents and keepers do there from beginning to end, on a phone, by keyboard alone,
without JavaScript; each on a day or in a room of its own."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import icalendar
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit, local_day
from tests.browser.test_journeys import cancel, free, free_day

pytestmark = pytest.mark.browser

SEOUL = ZoneInfo("Asia/Seoul")
MEETING, KITCHEN, HALL, CLASSROOM = 2, 3, 5, 6  # rooms of the demonstration's first two spaces
HALF_HOUR = timedelta(minutes=30)


def test_a_phone_without_javascript_finds_reserves_and_cancels(visit: Visit):
    page = visit("resident", PHONE, javascript=False)
    for days in range(8, 30):
        page.goto("/booking/")
        page.locator("#field-district").select_option("11590")
        page.locator("#field-people").fill("4")
        page.locator("#field-day").fill(local_day(days).date().isoformat())
        page.locator("#field-start").fill("13:00")
        page.locator("#field-end").fill("18:00")
        page.locator("#field-minutes").select_option("120")
        page.get_by_role("button", name="찾기").click()
        times = page.locator(f'a.search-time[href*="/units/{KITCHEN}/"]')
        if times.count():
            break
    times.first.click()
    expect(page.locator("#field-date")).to_have_value(local_day(days).date().isoformat())
    expect(page.locator("#field-people")).to_have_value("4")
    page.locator("#field-purpose").fill("전화기로 찾은 모임")
    page.get_by_role("button", name="예약하기").click()
    expect(page.get_by_text("예약했습니다")).to_be_visible()
    cancel(page, "전화기로 찾은 모임")


def test_the_keyboard_alone_is_enough(visit: Visit):
    page = visit("resident")
    page.goto("/booking/")
    press(page, page.get_by_role("link", name="다음 주 평일 저녁"))
    press(page, page.locator("a.search-time").first)
    write(page, page.locator("#field-people"), "2")
    write(page, page.locator("#field-purpose"), "손끝으로만 하는 모임")
    page.keyboard.press("Enter")
    expect(page.get_by_text("예약했습니다")).to_be_visible()
    press(page, page.get_by_role("navigation", name="주 메뉴").get_by_role("link", name="내 예약"))
    mine = page.locator(".card").filter(has_text="손끝으로만 하는 모임")
    press(page, mine.get_by_role("link", name=re.compile("취소")))
    press(page, page.get_by_role("button", name="예약 취소"))
    expect(page.get_by_text("취소했습니다").first).to_be_visible()
    expect(page.locator(".card").filter(has_text="손끝으로만 하는 모임")).to_have_count(0)


def test_a_series_shows_what_is_taken_before_it_is_made(visit: Visit):
    other, page = visit("neighbor"), visit("resident", DESKTOP)
    day = next(
        days
        for days in range(8, 22)
        if all(is_free(other, CLASSROOM, days + week, "10") for week in (0, 14, 21))
        and has_opened(other, CLASSROOM, days + 7)
    )
    if is_free(other, CLASSROOM, day + 7, "10"):
        taken = local_day(day + 7).date().isoformat()
        other.goto(f"/booking/units/{CLASSROOM}/reserve?start={taken}T10:00&end={taken}T11:00")
        fill(other, "한 주만 먼저 온 모임")
    first = local_day(day).date().isoformat()
    page.goto(f"/booking/units/{CLASSROOM}/series?start={first}T10:00&end={first}T11:00")
    page.locator("#field-date").fill(first)
    page.locator("#field-start").select_option("10:00")
    page.locator("#field-end").select_option("11:00")
    page.locator("#field-every").select_option("week")
    page.get_by_label("횟수를 정할게요").check()
    page.locator("#field-count").fill("4")
    page.locator("#field-people").fill("5")
    page.locator("#field-purpose").fill("네 번 만나는 글모임")
    page.get_by_role("button", name="날마다 미리 보기").click()
    expect(page.get_by_text("이미 예약됨")).to_have_count(1)
    expect(page.locator("input[name=days]")).to_have_count(3)
    page.get_by_role("button", name="체크한 날만 예약하기").click()
    expect(page.get_by_text("3번을 예약했습니다")).to_be_visible()
    series = page.url
    assert re.search(r"/booking/series/\d+$", series)

    rows = page.locator("tbody tr")
    rows.nth(0).get_by_role("link", name=re.compile("^취소")).click()
    page.get_by_role("button", name="예약 취소").click()
    expect(page.get_by_text("1번을 취소했습니다")).to_be_visible()
    page.goto(series)
    page.locator("tbody tr").nth(1).get_by_role("link", name=re.compile("^취소")).click()
    page.locator("input[name=scope][value=following]").check()
    page.get_by_role("button", name="예약 취소").click()
    expect(page.get_by_text("2번을 취소했습니다")).to_be_visible()


def test_whoever_waits_is_offered_what_another_gives_back(visit: Visit):
    early, late = visit("neighbor"), visit("resident", PHONE)
    day = free_day(early, CLASSROOM, "16", within=range(9, 50))
    form = f"/booking/units/{CLASSROOM}/reserve?start={day}T16:00&end={day}T17:00"
    early.goto(form)
    fill(early, "먼저 예약한 모임")
    expect(early.get_by_text("예약했습니다")).to_be_visible()

    late.goto(form)
    expect(late.get_by_role("heading", name="이 시간은 이미 예약되었어요")).to_be_visible()
    late.locator("#field-people").fill("3")
    late.locator("#field-purpose").fill("기다리는 모임")
    late.get_by_role("button", name="대기 신청").click()
    expect(late.get_by_text("대기를 신청했습니다")).to_be_visible()

    cancel(early, "먼저 예약한 모임")
    late.goto("/booking/waitlist")
    offers = late.locator("section").filter(has=late.get_by_role("heading", name="차례가 왔어요"))
    mine = offers.locator(".card").filter(has_text="기다리는 모임")
    mine.get_by_role("button", name=re.compile("이 시간 예약")).click()
    expect(late.get_by_text("예약했습니다")).to_be_visible()
    cancel(late, "기다리는 모임")


def test_a_keeper_approves_on_the_phone(visit: Visit):
    keeper = visit("keeper", PHONE)
    keeper.goto("/booking/manage")
    keeper.get_by_role("link", name=re.compile("승인")).first.click()
    pick = keeper.locator(".pick").filter(has_text="탁구 동아리 겨울 대회")
    pick.get_by_role("checkbox").check()
    keeper.get_by_role("button", name="고른 신청 승인").click()
    expect(keeper.get_by_text("1건을 승인했습니다")).to_be_visible()
    page = visit("resident", PHONE)
    page.goto("/booking/messages")
    expect(page.locator("main")).to_contain_text("승인")
    page.goto("/booking/mine")
    page.locator(".card").filter(has_text="탁구 동아리 겨울 대회").get_by_role(
        "link", name=re.compile("자세히")
    ).click()
    expect(page.locator("main")).to_contain_text("예약 확정")


def test_the_code_at_the_door_checks_in(visit: Visit):
    """The keeper opens the room round the clock, so that there is something to come to whenever this runs."""
    keeper = visit("keeper", PHONE)
    for days in (0, 1):
        keeper.goto(f"/booking/manage/units/{MEETING}/days")
        keeper.locator("#field-day").fill(local_day(days).date().isoformat())
        keeper.locator("#field-opens").select_option("00:00")
        keeper.locator("#field-closes").select_option("24:00")
        keeper.get_by_role("button", name="저장").click()
        expect(keeper.locator("[role=status], [role=alert]").first).to_be_visible()
    keeper.goto(f"/booking/manage/units/{MEETING}/rules")
    keeper.locator("#field-early").select_option(index=keeper.locator("#field-early option").count() - 1)
    keeper.get_by_role("button", name="저장").click()
    keeper.goto(f"/booking/manage/units/{MEETING}/poster")
    code = re.sub(r"\s", "", keeper.locator(".poster__code-text strong").inner_text())

    page = visit("resident", PHONE)
    start = soon_free(page, MEETING)
    page.goto(f"/booking/units/{MEETING}/reserve?start={start:%Y-%m-%dT%H:%M}&end={start + HALF_HOUR:%Y-%m-%dT%H:%M}")
    fill(page, "문 앞에서 확인하는 모임")
    expect(page.get_by_text("예약했습니다")).to_be_visible()
    if start.date() == datetime.now(SEOUL).date():
        page.goto(f"/booking/check-in/{code}")
        page.get_by_role("button", name="왔어요").click()
        expect(page.get_by_text("이용을 확인했습니다").first).to_be_visible()
    keeper.goto(f"/booking/manage/spaces/1/today?day={start.date()}")
    line = keeper.locator(".sheet__line").filter(has_text="문 앞에서 확인하는 모임")
    if start.date() == datetime.now(SEOUL).date():
        expect(line).to_contain_text("이용 확인")
    else:  # in the last minutes of a day the next time is tomorrow's
        expect(line).to_contain_text("예약 확정")


def test_a_closure_is_tried_applied_and_taken_back(visit: Visit):
    page, keeper = visit("resident"), visit("keeper", PHONE)
    day = free_day(page, CLASSROOM, "11", within=range(10, 50))
    page.goto(f"/booking/units/{CLASSROOM}/reserve?start={day}T11:00&end={day}T12:00")
    fill(page, "휴관에 걸리는 모임")
    expect(page.get_by_text("예약했습니다")).to_be_visible()

    keeper.goto("/booking/manage/spaces/2/closures/new")
    keeper.get_by_label("강의실").check()
    keeper.locator("#field-first_day").fill(day)
    keeper.locator("#field-last_day").fill(day)
    keeper.locator("#field-reason").fill("창문 교체")
    keeper.get_by_role("button", name="누가 영향을 받는지 보기").click()
    mine = keeper.locator(".sheet__line").filter(has_text="휴관에 걸리는 모임")
    expect(mine).to_have_count(1)
    assert mine.locator("select").input_value()
    keeper.get_by_role("button", name="이대로 적용하고 알리기").click()
    expect(keeper.get_by_text("휴관을 적용하고 모두에게 알렸습니다")).to_be_visible()
    page.goto("/booking/messages")
    expect(page.get_by_text("창문 교체").first).to_be_visible()
    keeper.get_by_role("button", name="휴관 되돌리기").click()
    expect(keeper.get_by_text("휴관을 되돌렸습니다")).to_be_visible()
    expect(keeper.get_by_text("되돌림", exact=True).first).to_be_visible()
    page.goto(f"/booking/units/{CLASSROOM}?day={day}")
    expect(page.locator(".week__slot--mine").filter(has_text="11:00–12:00")).to_have_count(1)
    cancel(page, "휴관에 걸리는 모임")


def test_a_resident_takes_part_in_a_lottery(visit: Visit):
    page = visit("resident", PHONE)
    page.goto("/booking/lotteries")
    page.get_by_role("link", name=re.compile("강당 토요일 공연 추첨")).first.click()
    page.get_by_role("link", name="추첨에 참가하기").click()
    page.locator("select[name='wish.1']").select_option(index=2)
    page.locator("select[name='wish.2']").select_option(index=1)
    page.locator("#field-people").fill("30")
    page.locator("#field-purpose").fill("동네 연극제")
    page.get_by_role("button", name="참가하기").click()
    expect(page.get_by_text("추첨에 참가했습니다")).to_be_visible()
    page.get_by_role("link", name="참가 내용 바꾸기").click()
    expect(page.locator("#field-purpose")).to_have_value("동네 연극제")


def test_a_winner_confirms(visit: Visit):
    page = visit("resident", PHONE)
    page.goto("/booking/mine")
    page.get_by_role("link", name=re.compile("당첨 확인하기")).first.click()
    page.get_by_role("button", name=re.compile("이 시간 받기")).click()
    expect(page.get_by_text("예약이 확정되었습니다")).to_be_visible()


def test_a_keeper_makes_a_lottery(visit: Visit):
    keeper = visit("keeper", DESKTOP)
    keeper.goto("/booking/manage/spaces/1/lotteries/new")
    keeper.locator("#field-name").fill("겨울 방학 공유부엌")
    keeper.get_by_label("공유부엌").check()
    keeper.locator("#field-first").fill(local_day(40).date().isoformat())
    keeper.locator("#field-last").fill(local_day(54).date().isoformat())
    for weekday in ("화요일", "목요일"):
        keeper.get_by_label(weekday, exact=True).check()
    keeper.locator("input[name$='.start']").first.fill("14:00")
    keeper.locator("input[name$='.end']").first.fill("17:00")
    keeper.get_by_label(re.compile("빼고 만들기")).check()
    keeper.locator("#field-opens_at").fill(local_day(0).strftime("%Y-%m-%dT%H:%M"))
    keeper.locator("#field-closes_at").fill(local_day(20).strftime("%Y-%m-%dT18:00"))
    keeper.get_by_role("button", name="추첨 만들기").click()
    expect(keeper.get_by_text("추첨을 만들었습니다")).to_be_visible()
    keeper.goto("/booking/lotteries")
    expect(keeper.get_by_text("겨울 방학 공유부엌").first).to_be_visible()


def test_a_group_applies_for_a_season(visit: Visit):
    page = visit("resident", PHONE)
    page.goto("/booking/seasons")
    page.get_by_role("link", name=re.compile("동작구 다음 철 정기 이용")).first.click()
    page.get_by_role("link", name="신청하기").click()
    page.locator("#field-purpose").fill("한 철 동안 책 읽기")
    page.get_by_role("button", name="저장해 두기").click()
    expect(page.get_by_text("아직 신청한 것은 아닙니다")).to_be_visible()
    page.goto(page.url if page.url.endswith("/apply") else f"{page.url}/apply")
    expect(page.locator("#field-purpose")).to_have_value("한 철 동안 책 읽기")
    page.locator("#field-group_id").select_option(label="느린 독서회")
    page.locator("#field-people").fill("8")
    page.locator("#field-times").fill("1")
    page.locator("#field-minutes").select_option("120")
    page.locator("[name='unit_id-1']").select_option(index=2)
    page.locator("[name='weekday-1']").select_option(index=3)
    page.locator("[name='start-1']").select_option("10:00")
    page.locator("[name='end-1']").select_option("14:00")
    page.get_by_role("button", name="신청하기").click()
    expect(page.get_by_text("신청했습니다. 마감까지")).to_be_visible()


def test_a_keeper_lets_a_season_be_proposed(visit: Visit):
    keeper = visit("keeper", DESKTOP)
    keeper.goto("/booking/manage/seasons")
    keeper.get_by_role("link", name=re.compile("사당·상도 겨울 정기 이용")).first.click()
    keeper.get_by_role("button", name=re.compile("제안")).first.click()
    expect(keeper.locator("main")).to_contain_text("한 그릇 나눔")


def test_a_calendar_can_be_subscribed_to(visit: Visit):
    page = visit("resident", PHONE)
    page.goto("/booking/calendar")
    page.get_by_role("button", name=re.compile("구독 주소 만들기")).first.click()
    address = page.get_by_label("구독 주소").first.input_value()
    answer = page.request.get(urlsplit(address).path)
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(answer.text())
    events = calendar.walk("VEVENT")
    assert any(str(each["SUMMARY"]) and "RRULE" in each for each in events), "the readers' Wednesdays"
    assert calendar.walk("VTIMEZONE")
    assert len({(str(each["UID"]), str(each.get("RECURRENCE-ID"))) for each in events}) == len(events)
    assert any(each["DTSTART"].dt.astimezone(UTC) > datetime.now(UTC) for each in events)


def fill(page: Page, purpose: str) -> None:
    """The rest of the form whose time stands already, and reserve."""
    page.locator("#field-people").fill("3")
    page.locator("#field-purpose").fill(purpose)
    page.get_by_role("button", name="예약하기").click()


def has_opened(page: Page, unit: int, days: int) -> bool:
    """Whether the unit is open on a day, so many days from today, at all."""
    day = local_day(days).date().isoformat()
    page.goto(f"/booking/units/{unit}?day={day}")
    return page.locator(f'.week__slot a[href*="start={day}T"]').count() > 0


def is_free(page: Page, unit: int, days: int, hour: str) -> bool:
    """Whether a whole hour of a unit is free on a day, so many days from today."""
    day = local_day(days).date().isoformat()
    page.goto(f"/booking/units/{unit}?day={day}")
    return free(page, day, hour).count() > 0


def soon_free(page: Page, unit: int) -> datetime:
    """The next half hour from now on in which the unit is free."""
    start = datetime.now(SEOUL).replace(second=0, microsecond=0)
    start += HALF_HOUR - timedelta(minutes=start.minute % 30)
    for _ in range(8):
        page.goto(f"/booking/units/{unit}?day={start.date()}")
        if page.locator(f'.week__slot--free a[href*="start={start:%Y-%m-%dT%H:%M}"]').count():
            return start
        start += HALF_HOUR
    raise AssertionError("the room is taken for hours")


def press(page: Page, target: Locator) -> None:
    """Reach it with Tab alone, see where one is at each step, and press Enter."""
    tab_to(page, target)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def write(page: Page, target: Locator, text: str) -> None:
    """Reach a field with Tab alone and type over what stands in it."""
    tab_to(page, target)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def tab_to(page: Page, target: Locator, most: int = 150) -> None:
    expect(target).to_be_attached()
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
            const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
            const parts = ["date", "time"].includes(document.activeElement.type);  // the browser marks the part itself
            return ring || style.boxShadow !== "none" || parts || document.activeElement === document.body; }"""
        ), f"the focus is not to be seen on {page.evaluate('document.activeElement.outerHTML.slice(0, 120)')}"
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab do not lead to {target}")
