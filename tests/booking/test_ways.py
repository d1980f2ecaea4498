"""The way round: every page can be reached by links, and every link leads to a page."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.booking.managing import CITY, KEEPERS, STAFF
from services.booking.urls import PAGES
from shared.identity.access import ANYONE, SIGNED_IN, Access
from tests.booking.conftest import BIG, SMALL, Town, at

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*)')
FIXED = {"space_id", "unit_id"}
"""The numbers that the town has; other addresses need something that has happened."""
UNLINKED = {"/units/<int:unit_id>/series", "/lotteries/draw.py"}
"""Reached by a button of the form that reserves, and from the receipt of a lottery."""


@pytest.fixture(autouse=True)
def _standing(clock: Callable[[datetime], None]) -> None:
    """The clock of these pages stands at Monday, 23 November 2026, 10:00."""


def walk(browser: Any, first: str, within: str) -> dict[str, int]:
    """The status of every page of booking that can be reached from the first one, going on only from those whose
    address begins with `within`; one address per set of arguments."""
    seen: dict[str, int] = {}
    kinds: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [first]
    while waiting:
        address = waiting.pop()
        parts = urlsplit(address)
        kind = (parts.path, tuple(sorted(each.partition("=")[0] for each in parts.query.split("&"))))
        if kind in kinds:
            continue
        kinds.add(kind)
        page = browser.get(address)
        seen[parts.path] = max(page.status_code, seen.get(parts.path, 0))
        if page.status_code == 200 and page.mimetype == "text/html" and parts.path.startswith(within):
            links = (unescape(each) for each in LINK.findall(page.text))
            waiting.extend(each for each in links if each.startswith("/booking/"))
    return seen


def rules_reached(house: Any, seen: dict[str, int]) -> set[str]:
    """The rules of urls.py that these addresses are of."""
    urls = house.house.apps["booking"].url_map.bind("")
    return {urls.match(path.removeprefix("/booking"), return_rule=True)[0].rule for path in seen}


def pages(*declared: Access, under: str = "/") -> set[str]:
    """The addresses that show a page and need nothing but a space or a unit."""
    return {
        page.rule
        for page in PAGES
        if "GET" in page.methods
        and page.access in declared
        and page.rule.startswith(under)
        and set(re.findall(r"<(?:\w+:)?(\w+)>", page.rule)) <= FIXED
    }


def reserve_something(town: Town, house: Any) -> None:
    who = house.actor("resident")
    town.reserve(who, BIG, at(24, 14))
    town.reserve(who, SMALL, at(25, 14))


@pytest.mark.parametrize(
    ("login", "declared"),
    [("keeper", {KEEPERS}), ("dongjak", {KEEPERS, STAFF}), ("city", {KEEPERS, STAFF, CITY})],
)
def test_who_runs_spaces_finds_every_page_for_it(house: Any, town: Town, login: str, declared: set[Access]) -> None:
    reserve_something(town, house)
    seen = walk(house.client(login), "/booking/manage", within="/booking/manage")
    assert {path: status for path, status in seen.items() if status != 200} == {}
    assert pages(*declared, under="/manage") <= rules_reached(house, seen)


def test_the_way_shows_only_what_one_may_do(house: Any, town: Town) -> None:
    assert "/booking/manage/groups" not in house.client("keeper").get("/booking/manage").text
    staff = house.client("dongjak").get("/booking/manage").text
    assert "/booking/manage/groups" in staff
    assert "/booking/manage/holidays" not in staff
    assert "/booking/manage/holidays" in house.client("city").get("/booking/manage").text
    assert house.client("keeper").get("/booking/manage/spaces/3").status_code == 403


def test_a_resident_finds_every_page(house: Any, town: Town) -> None:
    reserve_something(town, house)
    browser = house.client("resident")
    seen = walk(browser, "/booking/mine", within="/booking/") | walk(browser, "/booking/", within="/booking/")
    assert {path: status for path, status in seen.items() if status != 200} == {}
    assert pages(ANYONE, SIGNED_IN) - UNLINKED <= rules_reached(house, seen)
    form = browser.get(f"/booking/units/{BIG}/reserve").text
    assert f'formaction="/booking/units/{BIG}/series"' in form
