"""What holds on every page, for everybody, at phone and desktop width, in both languages: no violation that axe finds,
nothing to scroll sideways, no untranslated text, and (by the `visit` fixture) no script error, no violation of the
content policy and no request to another host."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE, Visit

pytestmark = pytest.mark.browser

PUBLIC = (
    "/", "/?q=없는 공간", "/spaces/1", "/spaces/40", "/districts", "/districts?figure=funding", "/districts/11590",
    "/design", "/api", "/booking/", "/booking/spaces/1", "/booking/units/1", "/booking/units/1/reserve", "/booking/api",
    "/grants/", "/grants/calls/1", "/grants/projects", "/grants/intermediaries", "/grants/api", "/auth/sign-in",
    "/booking/mine", "/nowhere",
)  # fmt: skip
BY_LOGIN = {
    "resident": ("/booking/mine", "/grants/mine", "/booking/units/2/reserve"),
    "dongjak": ("/grants/calls/new", "/spaces/1/stage", "/grants/", "/booking/spaces/1"),
    "city": ("/imports", "/grants/budget", "/grants/intermediaries", "/grants/calls/new", "/districts"),
}
VISITS = [(None, path) for path in PUBLIC] + [(login, path) for login, paths in BY_LOGIN.items() for path in paths]
HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize(("size", "language"), [(PHONE, "ko"), (DESKTOP, "en")], ids=["phone-ko", "desktop-en"])
def test_every_page_is_accessible_and_fits(visit: Visit, size, language):
    axe = Axe()
    problems: list[str] = []
    pages = {login: visit(login, size, language) for login in {login for login, _ in VISITS}}
    for login, path in VISITS:
        page = pages[login]
        answer = page.goto(path)
        if answer is None or answer.status >= 500:
            problems.append(f"{path}: {answer and answer.status}")
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems += [f"{login} {path}: {item['id']} {item['nodes'][0]['html'][:120]}" for item in found]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            problems.append(f"{login} {path}: scrolls sideways at {size['width']} px")
        if not page.title().endswith(("마을마루", "Maru")):
            problems.append(f"{login} {path}: title {page.title()!r}")
    assert problems == []


def test_the_smallest_phone_has_nothing_to_scroll_sideways(visit: Visit):
    page = visit("city", {"width": 320, "height": 640})
    wide = []
    for login, path in VISITS:
        if login in (None, "city"):
            page.goto(path)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wide.append(path)
    assert wide == []


def test_english_pages_have_no_korean_interface_left(visit: Visit):
    """Names of places, groups and programmes stay Korean; the words of the interface don't."""
    page = visit("city", DESKTOP, "en")
    left = []
    for path in (
        "/",
        "/districts",
        "/booking/",
        "/booking/units/1",
        "/booking/units/1/reserve",
        "/imports",
        "/grants/",
    ):
        page.goto(path)
        words = page.locator("label, button, th[scope=col], legend, header nav a, dt").all_inner_texts()
        left += [f"{path}: {text}" for text in words if HANGUL.search(text.replace("이웃·골목 만들기", ""))]
    assert left == []


def test_the_map_works_by_keyboard(visit: Visit):
    page = visit()
    page.goto("/?district=11110")
    marker = page.locator(".leaflet-marker-icon[tabindex='0']").first
    marker.focus()
    assert marker.get_attribute("aria-label") or marker.get_attribute("alt") or marker.get_attribute("title")
    shown = page.locator(".leaflet-marker-icon").count()
    page.keyboard.press("Enter")
    # a place opens, a cluster of places comes apart
    page.wait_for_function(
        """shown => document.querySelector(".leaflet-popup")
        || document.querySelectorAll(".leaflet-marker-icon").length !== shown""",
        arg=shown,
    )


def test_hostile_names_are_only_text(visit: Visit):
    """A space whose name tries every way out of a page, imported as city staff would."""
    hostile = "`${alert(1)}</script><script>alert(2)</script>\"'><img src=x onerror=alert(3)>{{7*7}}"
    header = (
        "개방시설명,개방장소명,개방시설유형구분,휴관일,평일운영시작시각,평일운영종료시각,주말운영시작시각,주말운영종료시각,유료사용여부,"
        "사용기준시간,사용료,초과사용단위시간,초과사용료,수용가능인원수,면적,부대시설정보,신청방법구분,시설사진정보,소재지도로명주소,"
        "소재지지번주소,관리기관명,담당부서명,사용안내전화번호,홈페이지주소,위도,경도,데이터기준일자"
    )
    name = '"' + hostile.replace('"', '""') + '"'
    row = (
        f"{name},{name},회의실,일요일,09:00,18:00,10:00,15:00,N,1,0,,,10,30,,,,서울특별시 종로구 종로 1,,"
        "서울특별시 종로구청,,,javascript:alert(4),37.5735,126.979,2024-01-01"
    )
    page = visit("city")
    page.goto("/imports")
    page.locator("input[type=radio][value=spaces]").check()
    page.locator("input[type=file]").set_input_files(
        {"name": "hostile.csv", "mimeType": "text/csv", "buffer": f"{header}\n{row}\n".encode()}
    )
    page.get_by_role("button", name="가져오기").click()
    assert re.search(r"/imports/\d+", page.url), page.inner_text("main")
    page.goto("/?district=11110")
    assert page.get_by_text("alert(2)").count() > 0
    page.get_by_role("link", name=re.compile("alert")).first.click()
    assert hostile in page.get_by_role("heading", level=1).inner_text()
    page.goto("/districts/11110")
    assert hostile in page.inner_text("main")
