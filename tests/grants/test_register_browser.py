"""The register's pages in a real browser: accessible, without a script error, and the map by keyboard with hostile
names that stay text."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from shared.database import Database
from tests.grants import funded_rows

pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror=\"document.title = 'taken'\">{{ 7 * 7 }}`${document.title = 'taken'}`"
PATHS = ("/grants/projects", "/grants/projects/map", "/grants/projects/1", "/grants/refuses")


@pytest.fixture
def site(database: Database, house: Any) -> Iterator[str]:
    call = funded_rows.call(database)
    funded_rows.project(database, call, title=HOSTILE, place=(37.5, 126.94), paid=(1_400_000,), dong="사당1동")
    for number in range(3):
        funded_rows.project(database, call, title=f"자리 없는 사업 {number}", state="settled", outcome="이루었습니다.")
    server = make_server("127.0.0.1", 0, house.wsgi, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(site: str, chromium: Browser) -> Iterator[Callable[[int], Page]]:
    """A browser of this width; at the end nothing may have gone wrong in it."""
    wrong: list[str] = []
    contexts = []

    def opened(width: int) -> Page:
        context = chromium.new_context(base_url=site, viewport={"width": width, "height": 850}, locale="ko")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_accessible_and_fit(visit: Callable[[int], Page], width: int) -> None:
    page, axe, problems = visit(width), Axe(), []
    for path in PATHS:
        page.goto(path)
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems += [f"{path}: {item['id']} {item['nodes'][0]['html'][:120]}" for item in found]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            problems.append(f"{path}: scrolls sideways")
    assert problems == []


def test_the_map_opens_by_keyboard_and_names_stay_text(visit: Callable[[int], Page]) -> None:
    page = visit(1280)
    page.goto("/grants/projects/map?q=onerror")
    marker = page.locator(".leaflet-marker-icon[tabindex='0']").first
    marker.focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup a").first
    expect(link).to_have_text(HOSTILE)
    assert page.title() != "taken"
    link.click()
    page.wait_for_url("**/grants/projects/1")
    assert HOSTILE in page.get_by_role("heading", level=1).inner_text()
