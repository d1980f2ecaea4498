"""The map in a real browser, under every page's content policy: drawn, inert to hostile names, live, by keyboard."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, jsonify, render_template_string, request
from flask_babel import Babel
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

import services.maps
from services.maps.folium_map import choropleth, map_labels, space_map
from shared.districts import DISTRICTS
from shared.web.assets import Assets
from shared.web.city_map.geojson import for_web
from shared.web.city_map.schematic import schematic_districts
from shared.web.security import csp_nonce, protect

pytestmark = pytest.mark.browser

HOSTILE = [
    "</script><script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title = 'taken'\">",
    "`${document.title = 'taken'}`",
    "{{ 7 * 7 }}",
    '" onmouseover="document.title = 1',
    "a\u2028b",
]
SHAPES = for_web(schematic_districts())
PAGE = """<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>지도</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="{{ asset('maru/tokens.css') }}">{{ map.head(asset) }}</head><body>
<main><h1>지도</h1><div class="map-frame">{{ map.html }}</div><p id="map-news" role="status"></p>
<ul>{% for space in spaces %}<li>{{ space.name }}
<span data-space-id="{{ space.space_id }}" data-field="upcoming">0건</span></li>{% endfor %}</ul></main>
{{ map.body(asset, csp_nonce()) }}</body></html>"""


class Town:
    """A page with a space for each hostile name, far enough apart to be pins of their own, and a way to reserve."""

    def __init__(self) -> None:
        self.version = 1
        self.answers = True
        self.project_at = (37.49, 127.07)
        self.spaces = [self.space(index, name) for index, name in enumerate(HOSTILE, start=1)]

    @staticmethod
    def space(space_id: int, name: str) -> dict[str, Any]:
        latitude, longitude = DISTRICTS[space_id * 4 - 1].office
        texts = dict.fromkeys(("name", "kind_label", "address"), name) | {"stage_label": f"자리 {space_id}"}
        live = {"state": "free", "upcoming": 0, "next_start": None, "free_at": None}
        place = {"latitude": latitude, "longitude": longitude, "url": f"/spaces/{space_id}"}
        return {"space_id": space_id, "stage": "open"} | texts | place | live

    def reserve(self, space_id: int) -> None:
        self.spaces[space_id - 1]["upcoming"] += 1
        self.version += 1

    def app(self) -> Any:
        app = Flask(__name__)
        app.secret_key = "for the test"
        Babel(app, default_locale="ko")
        protect(app)
        assets = Assets(maps=Path(services.maps.__file__).with_name("static"))
        app.jinja_env.globals.update(asset=assets.url, csp_nonce=csp_nonce)

        @app.get("/")
        def spaces() -> str:
            project = {"title": HOSTILE[0], "group_name": HOSTILE[1], "awarded": "1원", "url": "javascript:alert(1)"}
            latitude, longitude = self.project_at
            point = {"district": "11680", "latitude": latitude, "longitude": longitude, "whole_district": True}
            drawn = space_map(
                SHAPES,
                self.spaces,
                [point | {"projects": [project]}],
                labels=map_labels(),
                states={"free": "비어 있음"},
                schematic=True,
                status_url="/status",
            )
            return render_template_string(PAGE, map=drawn, spaces=self.spaces)

        @app.get("/figures")
        def figures() -> str:
            values = {district.code: len(district.english) for district in DISTRICTS}
            drawn, _ = choropleth(
                SHAPES,
                values,
                labels=map_labels(),
                label="글자",
                no_value="없음",
                schematic=True,
                write=lambda value: f"{value}<b>자</b>",
            )
            return render_template_string(PAGE, map=drawn, spaces=[])

        @app.get("/status")
        def status() -> Response:
            if not self.answers:
                return Response(status=503)
            keys = ("space_id", "state", "upcoming", "next_start", "free_at")
            answer = jsonify(spaces=[{key: space[key] for key in keys} for space in self.spaces])
            answer.set_etag(str(self.version))
            return answer.make_conditional(request)

        return DispatcherMiddleware(app, {"/assets": assets})


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, town.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test on any error, policy violation, dialog or request to another host."""
    context = chromium.new_context(base_url=address, locale="ko-KR", reduced_motion="reduce")
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on(
        "request", lambda request: None if request.url.startswith((address, "data:")) else trouble.append(request.url)
    )
    yield page
    context.close()
    assert [text for text in trouble if "503" not in text] == []


def pin_of(page: Page, space_id: int) -> Locator:
    return page.locator(f'.map-pin[aria-label*="자리 {space_id},"]')


def test_hostile_names_are_shown_and_do_nothing(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".map-pin")).to_have_count(len(HOSTILE))
    for index, name in enumerate(HOSTILE):
        pin = pin_of(page, index + 1)
        assert name in (pin.get_attribute("aria-label") or "")
        pin.dispatch_event("click")
        heading = page.locator(".leaflet-popup-content h3")
        expect(heading).to_have_count(1)
        assert heading.text_content() == name
        expect(page.locator(".leaflet-popup-content a")).to_have_attribute("href", f"/spaces/{index + 1}")
    page.locator(".map-project").dispatch_event("click")
    expect(page.locator(".leaflet-popup-content li")).to_contain_text(HOSTILE[0])
    expect(page.locator(".leaflet-popup-content a[href]")).to_have_count(0)
    expect(page).to_have_title("지도")
    expect(page.locator("main img")).to_have_count(0)


def test_districts_are_drawn_and_named(page: Page) -> None:
    page.goto("/figures")
    expect(page.locator("path.map-district")).to_have_count(25)
    expect(page.locator("path.map-river")).to_have_count(1)
    label = page.locator(".map-label__box", has_text="종로구")
    expect(label.locator(".map-label__value")).to_have_text("9<b>자</b>")
    expect(page.locator(".map-schematic")).to_be_visible()


def test_a_pin_opens_by_keyboard_and_gives_the_focus_back(page: Page, town: Town) -> None:
    page.goto("/")
    pin = pin_of(page, 1)
    pin.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup-content h3")).to_have_text(HOSTILE[0])
    expect(page.get_by_role("button", name="닫기")).to_be_visible()
    expect(page.locator(".leaflet-popup-content a")).to_be_focused()
    town.reserve(1)
    expect(page.locator(".map-popup__figures dd")).to_have_text("1건", timeout=2000)
    expect(page.locator(".leaflet-popup-content a")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup-content")).to_have_count(0)
    expect(pin).to_be_focused()


def test_what_lies_together_is_named_and_opens_by_keyboard(page: Page, town: Town) -> None:
    town.project_at = (town.spaces[0]["latitude"], town.spaces[0]["longitude"])
    page.goto("/")
    together = page.get_by_role("button", name="공간 1곳, 선정 사업 1건 모여 있음, 펼치기")
    expect(together).to_have_count(1)
    together.focus()
    page.keyboard.press("Enter")
    expect(pin_of(page, 1)).to_have_count(1)
    expect(page.locator(".leaflet-marker-icon:focus")).to_have_count(1)


def test_a_reservation_is_on_every_open_map_within_two_seconds(page: Page, town: Town) -> None:
    page.goto("/")
    other = page.context.new_page()
    other.goto("/")
    town.reserve(4)
    for open_map in (other, page):
        open_map.bring_to_front()
        expect(open_map.locator('[data-space-id="4"]')).to_have_text("1건", timeout=2000)
        expect(pin_of(open_map, 4)).to_have_text("1", timeout=2000)
        expect(open_map.locator("#map-news")).to_contain_text("{{ 7 * 7 }}: 앞으로 7일 예약 1건", timeout=2000)
    expect(page.locator('[data-space-id="1"]')).to_have_text("0건")


def test_an_open_popup_follows(page: Page, town: Town) -> None:
    page.goto("/")
    pin_of(page, 4).dispatch_event("click")
    expect(page.locator(".map-popup__figures dd")).to_have_text("없음")
    town.reserve(4)
    expect(page.locator(".map-popup__figures dd")).to_have_text("1건", timeout=2000)


def test_silence_is_told_and_so_is_its_end(page: Page, town: Town) -> None:
    town.answers = False
    page.goto("/")
    expect(page.locator("#map-news")).to_contain_text("받지 못하고", timeout=12_000)
    town.answers = True
    expect(page.locator("#map-news")).to_contain_text("다시 받고", timeout=12_000)
