"""Writing an application in the browser: it saves itself, a place is pointed at, and a refusal keeps what was typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit

pytestmark = pytest.mark.browser


def begin(page: Page) -> str:
    """Make a group and begin a draft for the first open call of its district; the draft's address."""
    page.goto("/grants/?state=open")
    page.locator(".card__title a", has_text="성북구").first.click()
    page.get_by_role("link", name="신청하기").click()
    if page.get_by_role("link", name="모임 만들기").count():
        page.get_by_role("link", name="모임 만들기").click()
        page.get_by_label("모임·단체 이름").fill("브라우저 이웃회")
        page.get_by_label("활동하는 자치구").select_option("11290")
        page.get_by_role("button", name="만들기", exact=True).click()
    page.get_by_role("radio").last.check()
    page.get_by_role("button", name="쓰기 시작하기").click()
    page.wait_for_url(re.compile(r"/applications/\d+/draft"))
    return page.url


def test_a_draft_saves_itself_and_a_place_is_pointed_at(visit: Visit) -> None:
    page = visit("neighbor", size=PHONE)
    here = begin(page)
    page.get_by_label("사업명").fill("골목 화단")
    page.get_by_label("사업 계획").focus()
    expect(page.locator("[data-saved]")).to_contain_text(re.compile(r"\d\d:\d\d"), timeout=15_000)
    page.wait_for_timeout(1_500)
    page.locator(".place-map").click(position={"x": 150, "y": 100})
    expect(page.get_by_label("위도")).to_have_value(re.compile(r"37\.\d+"))
    page.get_by_label("주소나 장소 이름").focus()
    page.wait_for_timeout(5_000)
    page.goto(here)
    expect(page.get_by_label("사업명")).to_have_value("골목 화단")
    expect(page.get_by_label("위도")).to_have_value(re.compile(r"37\.\d+"))
    page.get_by_role("button", name="줄 더하기").first.click()
    page.wait_for_url(re.compile("more="))
    page.get_by_role("button", name="신청서 내기").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("사업명")).to_have_value("골목 화단")
