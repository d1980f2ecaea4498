"""The main journeys, as people do them, in headless Chromium."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit, local_day

pytestmark = pytest.mark.browser


def free_day(page: Page, unit: int, *hours: str, within: range = range(8, 40)) -> str:
    """The first day, so many days from today, on which all these hours of a unit are free."""
    for days in within:
        day = local_day(days).date().isoformat()
        page.goto(f"/booking/units/{unit}?day={day}")
        if all(free(page, day, hour).count() for hour in hours):
            return day
    raise AssertionError(f"unit {unit} has no day with {hours} free")


def free(page: Page, day: str, hour: str) -> Locator:
    """The whole hour of a week where it is free; what is taken leads to the same form, to wait for it."""
    return page.locator(f'.week__slot--free a[href*="start={day}T{hour}:00&end={day}T{int(hour) + 1:02}:00"]')


def reserve(page: Page, unit: int, day: str, start: str, end: str, purpose: str) -> None:
    """From the unit's week: take a free slot, say until when and what for, reserve."""
    page.goto(f"/booking/units/{unit}?day={day}")
    free(page, day, start[:2]).first.click()
    expect(page.locator("#field-start")).to_have_value(start)
    page.locator("#field-end").select_option(end)
    page.locator("#field-people").fill("6")
    page.locator("#field-purpose").fill(purpose)
    page.get_by_role("button", name="예약하기").click()


def cancel(page: Page, purpose: str) -> None:
    """Find a reservation under "my reservations" by its purpose, and cancel it."""
    page.goto("/booking/mine")
    mine = page.locator(".card").filter(has_text=purpose)
    expect(mine).to_have_count(1)
    mine.get_by_role("link", name=re.compile("취소")).click()
    page.get_by_role("button", name=re.compile("취소")).first.click()
    expect(page.get_by_text("취소했습니다").first).to_be_visible()


@pytest.mark.parametrize(("size", "unit"), [(DESKTOP, 1), (PHONE, 2)], ids=["desktop", "phone"])
def test_a_resident_reserves_on_the_map_and_cancels(visit: Visit, size, unit):
    other = visit(size=DESKTOP)
    other.goto("/?q=사당3동")
    count = other.locator('[data-space-id="1"][data-field="upcoming"]').first
    before = int(re.sub(r"\D", "", count.inner_text().replace("7일", "")))

    page = visit("resident", size)
    page.goto("/")
    expect(page.locator(".leaflet-interactive").first).to_be_visible()
    page.goto("/?q=사당3동")
    page.get_by_role("link", name=re.compile("사당3동 마을활력소")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("사당3동 마을활력소")
    page.locator(f'a[href*="/booking/units/{unit}"]').first.click()

    day = free_day(page, unit, "14", "15", within=range(1, 7))
    reserve(page, unit, day, "14:00", "16:00", "동네 책 읽기 모임")
    expect(page.get_by_text("예약했습니다")).to_be_visible()

    expect(count).to_contain_text(str(before + 1), timeout=2000)

    cancel(page, "동네 책 읽기 모임")
    expect(count).to_contain_text(str(before), timeout=2000)


def test_reserve_and_cancel_without_javascript(visit: Visit):
    page = visit("resident", PHONE, javascript=False)
    page.goto("/")
    expect(page.get_by_role("link", name=re.compile("마을활력소")).first).to_be_visible()
    day = free_day(page, 3, "10")
    reserve(page, 3, day, "10:00", "11:00", "스크립트 없이")
    expect(page.get_by_text("예약했습니다")).to_be_visible()
    cancel(page, "스크립트 없이")


def test_the_second_of_two_residents_is_offered_what_is_free(visit: Visit):
    late = visit("neighbor", PHONE)
    day = free_day(late, 4, "14")
    late.goto(f"/booking/units/4/reserve?start={day}T14:00&end={day}T15:00")
    early = visit("resident")
    reserve(early, 4, day, "14:00", "15:00", "먼저 온 모임")
    expect(early.get_by_text("예약했습니다")).to_be_visible()

    late.locator("#field-people").fill("4")
    late.locator("#field-purpose").fill("나중 모임의 긴 설명")
    late.get_by_role("button", name="예약하기").click()
    expect(late.locator("#field-purpose")).to_have_value("나중 모임의 긴 설명")
    expect(late.get_by_role("heading", name="이 시간은 비어 있어요")).to_be_visible()
    late.get_by_role("button", name=re.compile("이 시간으로 예약")).first.click()
    expect(late.get_by_text("예약했습니다")).to_be_visible()


def test_a_reservation_started_before_signing_in_is_not_lost(visit: Visit):
    page = visit(size=PHONE)
    day = free_day(page, 6, "10")
    page.goto(f"/booking/units/6/reserve?start={day}T10:00&end={day}T11:00")
    page.locator("#field-people").fill("3")
    page.locator("#field-purpose").fill("로그인 전에 적은 것")
    page.get_by_role("button", name="로그인하고 예약하기").click()
    page.locator("#field-login").fill("resident")
    page.locator("#field-password").fill("maru-demo-2020")
    page.locator("#field-password").press("Enter")
    page.get_by_role("button", name=re.compile("보내기")).click()
    expect(page.get_by_text("예약했습니다")).to_be_visible()
    expect(page.get_by_text("로그인 전에 적은 것").first).to_be_visible()
