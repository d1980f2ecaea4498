"""The way round: every page of grants can be reached by links, and every link leads to a page. Walked in the
demonstration, which has applications in every state."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest

from services.grants import demo
from services.grants.callers import CITY, COMMITTEE, REVIEWERS, STAFF
from services.grants.urls import PAGES
from shared.clock import now
from shared.identity.access import ANYONE, SIGNED_IN, Access
from shared.identity.demo import ACCOUNTS
from tests.house import Templates, TestHouse

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*)')
APIECE = 5
"""How many addresses of a rule are opened and gone on from; those whose links depend on a state are all opened."""
HUBS = {"/applications/<int:application_id>", "/calls/<int:call_id>"}
UNLINKED = {
    "/groups/join/<code>",  # an invitation is sent by its people
    "/programmes/<int:programme_id>/compare",  # where there is more than one version
    "/applications/<int:application_id>/objection",  # while one may object
    "/objections/<int:objection_id>",
    "/applications/<int:one>/beside/<int:other>",  # where two are alike
    "/calls/<int:call_id>/sandbox.csv",  # once something was tried out
}
"""Linked in circumstances that the demonstration has not; their own tests see the links."""


@pytest.fixture(scope="module")
def town(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestHouse]:
    """The demonstration of grants."""
    made = TestHouse(templates.settings(tmp_path_factory.mktemp("town")))
    demo.load(made.databases["grants"], now(), {login: made.actor(login) for login, *_ in ACCOUNTS})
    yield made
    made.house.close()


class Walk:
    """Where somebody comes to by links: the status of each address by its rule."""

    def __init__(self, house: TestHouse, login: str | None) -> None:
        self._browser = house.client(login)
        house.wsgi  # noqa: B018 - makes the applications
        self._urls = house.house.apps["grants"].url_map.bind("")
        self.seen: dict[str, dict[str, int]] = {}

    def go(self, *firsts: str) -> "Walk":
        waiting = list(firsts)
        while waiting:
            path = urlsplit(waiting.pop(0)).path
            rule = self._urls.match(path.removeprefix("/grants") or "/", return_rule=True)[0].rule
            of_rule = self.seen.setdefault(rule, {})
            if path in of_rule or len(of_rule) >= (100 if rule in HUBS else APIECE):
                continue
            page = self._browser.get(path)
            of_rule[path] = page.status_code
            if page.status_code in (302, 303):
                waiting.append(page.headers["Location"])
            elif page.status_code == 200 and page.mimetype == "text/html":
                links = (unescape(each) for each in LINK.findall(page.text))
                waiting += [each for each in links if each.startswith("/grants/") and "/api" not in each]
        return self

    @property
    def broken(self) -> dict[str, int]:
        """Addresses that lead nowhere (a redirection leads on), but for the homes of others."""
        every = {path: status for of_rule in self.seen.values() for path, status in of_rule.items()}
        return {path: status for path, status in every.items() if status not in (200, 302, 303)}


def rules(*declared: Access) -> set[str]:
    """The addresses that show a page to these; files among them."""
    return {page.rule for page in PAGES if "GET" in page.methods and page.access in declared} - UNLINKED


def test_anyone_finds_what_is_open(town: TestHouse) -> None:
    walk = Walk(town, None).go("/grants/")
    assert {path for path, status in walk.broken.items() if status != 401} == set()
    assert rules(ANYONE) <= set(walk.seen)


def test_applicants_find_every_page_of_theirs(town: TestHouse) -> None:
    seen: set[str] = set()
    for login in ("resident", "neighbor"):
        walk = Walk(town, login).go("/grants/", "/grants/mine")
        assert walk.broken == {}
        seen |= set(walk.seen)
    assert rules(ANYONE, SIGNED_IN) <= seen


def test_staff_find_every_page_of_theirs(town: TestHouse) -> None:
    walk = Walk(town, "dongjak").go("/grants/manage")
    assert walk.broken == {}
    owners = {"/programmes/<int:programme_id>/<int:number>/edit/<part>"}  # the city's programmes are the city's
    assert rules(STAFF, COMMITTEE) - owners <= set(walk.seen)


def test_the_city_finds_every_page_of_its_own(town: TestHouse) -> None:
    walk = Walk(town, "city").go("/grants/manage")
    assert walk.broken == {}
    assert rules(CITY) | {"/programmes/<int:programme_id>/<int:number>/edit/<part>"} <= set(walk.seen)


def test_reviewers_and_members_of_the_committee_find_every_page_of_theirs(town: TestHouse) -> None:
    walk = Walk(town, "reviewer").go("/grants/reviews")
    assert walk.broken == {}
    assert rules(REVIEWERS) | {"/meetings/<int:meeting_id>", "/meetings/items/<int:item_id>"} <= set(walk.seen)


def test_the_way_shows_only_what_one_may_do(town: TestHouse) -> None:
    assert "/grants/budget" not in town.client("dongjak").get("/grants/manage").text
    assert "/grants/budget" in town.client("city").get("/grants/manage").text
    assert "/grants/manage" not in town.client("resident").get("/grants/").text
    assert "/grants/manage" in town.client("dongjak").get("/grants/").text
    assert "/grants/meetings" in town.client("reviewer").get("/grants/reviews").text
