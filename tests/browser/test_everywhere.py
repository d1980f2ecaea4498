"""What holds on every page, for everybody, at phone and desktop width, in both languages: no violation that axe finds,
nothing to scroll sideways, no untranslated text, and (by the `visit` fixture) no script error, no violation of the
content policy and no request to another host."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from services.booking.demo.people import NEIGHBOURS
from services.booking.demo.stage import nickname
from services.grants.demo.cast import STAND_INS
from services.grants.wording.programmes import PARTS
from shared.identity.demo import ACCOUNTS
from tests.browser.conftest import DESKTOP, PHONE, Visit, local_day

pytestmark = pytest.mark.browser

DAY = local_day(10).date().isoformat()
DECIDED, DELIBERATED, REVIEWED, OPEN = 7, 10, 12, 17  # calls of the demonstration by how far they are
ARCHIVED, RETURNING, SETTLING, RUNNING, OFFERED, WAITING, DRAFT = 5, 6, 7, 26, 32, 36, 51  # and applications
FUNDED = ("", "/agreement", "/agreement/1", "/changes", "/payment", "/milestones", "/interim", "/expenses",
          "/settlement", "/settlement/paper", "/returns", "/record", "/receipt")  # fmt: skip
PUBLIC = (
    "/", "/?q=없는 공간", "/spaces/1", "/spaces/40", "/districts", "/districts?figure=funding", "/districts/11590",
    "/design", "/api", "/booking/", "/booking/spaces/1", "/booking/units/1", "/booking/units/1/reserve", "/booking/api",
    "/grants/", "/grants/calls/1", "/grants/projects", "/grants/intermediaries", "/grants/api", "/auth/sign-in",
    "/grants/calls/calendar", "/grants/calls/map", "/grants/eligible", "/grants/eligible?district=11590&members=5",
    f"/grants/calls/{OPEN}", f"/grants/calls/{DECIDED}", f"/grants/calls/{DECIDED}/results", "/grants/programmes",
    "/grants/programmes/1", "/grants/programmes/2/1", "/grants/programmes/1/1/form", "/grants/projects?q=골목",
    "/grants/projects/map", "/grants/projects/1", "/grants/refuses",
    "/booking/mine", "/nowhere",
    f"/booking/?day={DAY}&start=10:00&end=18:00&minutes=120&people=4", "/booking/?people=20&view=map",
    f"/booking/?day={DAY}&people=900&minutes=60", "/booking/units/5", "/booking/units/5/reserve",
    "/booking/units/2/series", "/booking/check-in", "/booking/lotteries", "/booking/lotteries/1",
    "/booking/lotteries/1/receipt", "/booking/lotteries/2", "/booking/lotteries/2/entry",
    "/booking/seasons", "/booking/seasons/2",
)  # fmt: skip
BY_LOGIN = {
    "resident": (
        "/booking/mine", "/grants/mine", "/booking/units/2/reserve", "/booking/units/1", "/booking/waitlist",
        "/booking/waitlist/3", "/booking/waitlist/3/leave", "/booking/calendar", "/booking/groups", "/booking/groups/1",
        "/booking/messages", "/booking/me", "/booking/no-shows", "/booking/series/1", "/booking/series/1/change",
        "/booking/series/1/cancel", "/booking/lotteries/1", "/booking/lotteries/2/entry", "/booking/seasons/2",
        "/booking/seasons/2/apply", *(f"{{/booking/mine reservations/}}{rest}" for rest in ("", "/change", "/cancel")),
        "/grants/groups", "{/grants/groups groups/}", f"/grants/calls/{OPEN}/apply", f"/grants/applications/{DRAFT}",
        f"/grants/applications/{DRAFT}/draft", *(f"/grants/applications/{RUNNING}{rest}" for rest in (
            *FUNDED, "/changes/new", "/expenses/new", "/expenses/check", "/settlement/file",
        )), f"{{/grants/applications/{RUNNING}/expenses expenses/}}",
        f"{{/grants/applications/{RUNNING}/expenses expenses/}}/edit",
    ),
    "neighbor": (
        "/booking/mine", "/booking/waitlist", "/booking/waitlist/2", "/booking/groups/2", "/booking/no-shows",
        "/grants/mine", *(f"/grants/applications/{ARCHIVED}{rest}" for rest in FUNDED),
        f"/grants/applications/{OFFERED}", f"/grants/applications/{OFFERED}/agreement",
        f"/grants/applications/{OFFERED}/objection",
    ),
    "accounts": ("/grants/manage", "/grants/manage/payments", f"/grants/applications/{RUNNING}/payment"),
    "reviewer": (
        "/grants/reviews", "/grants/reviews?state=submitted", "/grants/reviews/profile",
        "{/grants/reviews reviews/2}", "{/grants/reviews?state=submitted reviews/1}", "/grants/meetings",
        f"/grants/meetings/{DELIBERATED}", f"{{/grants/meetings/{DELIBERATED} items/}}",
    ),
    "chair": (f"/grants/meetings/{DECIDED}", f"/grants/meetings/{DECIDED}/minutes"),
    "keeper": (
        *(f"/booking/manage{rest}" for rest in (
            "", "/approvals", "/appeals", "/conflicts", "/statistics", "/spaces/1", "/spaces/1/today",
            "/spaces/2/today", "/spaces/2/blocks", "/spaces/1/closures", "/spaces/1/closures/new", "/closures/1",
            "/closures/2", "/spaces/1/audit", "/spaces/1/rules", "/spaces/1/equipment", "/spaces/2/groups",
            "/units/5/rules", "/units/1/hours", "/units/1/days", "/units/1/tariff", "/units/5/tariff",
            "/units/2/poster", "/spaces/1/lotteries", "/spaces/1/lotteries/new", "/lotteries/1", "/lotteries/2",
            "/spaces/1/waitlist", "/seasons", "/seasons/1", "/seasons/new",
        )),
    ),
    "dongjak": (
        "/grants/calls/new", "/spaces/1/stage", "/grants/", "/booking/spaces/1", "/booking/manage",
        "/booking/manage/groups", "/booking/manage/seasons/2", "/booking/manage/statistics", "/grants/mine",
        *(f"/grants/manage{rest}" for rest in (
            "", "/objections", "/payments", "/changes", "/expenses", "/settlements", "/settlements?state=finalized",
            "/returns", "/reviewers", "/sanctions",
        )),
        *(f"/grants/calls/{call}{rest}" for call in (REVIEWED, DELIBERATED, DECIDED) for rest in (
            "", "/applications", "/duplicates", "/review", "/review/document_review", "/review/interview_review",
            "/review/reviewers", "/ranking", "/meetings", "/announcement", "/results", "/sandbox",
        )),
        f"/grants/calls/{DECIDED}/sandbox?cut_document_review=80&all=on", "/grants/calls/16/applications",
        "/grants/calls/20", "/grants/calls/20/edit", "/grants/meetings", f"/grants/meetings/{DELIBERATED}",
        f"/grants/meetings/{DELIBERATED}/edit", f"{{/grants/meetings/{DELIBERATED} items/}}",
        f"/grants/meetings/{DECIDED}", f"/grants/meetings/{DECIDED}/minutes",
        *(f"/grants/applications/{WAITING}{rest}" for rest in ("", "/eligibility", "/reviews", "/audit")),
        *(f"/grants/applications/{RUNNING}{rest}" for rest in (*FUNDED, "/terminate", "/audit")),
        *(f"/grants/applications/{SETTLING}{rest}" for rest in ("/settlement", "/returns")),
        *(f"/grants/applications/{RETURNING}{rest}" for rest in ("/settlement", "/returns")),
        f"/grants/applications/{OFFERED}/agreement/edit", "/grants/applications/41/beside/42", "/grants/programmes/new",
        f"/grants/applications/{ARCHIVED}/eligibility", f"/grants/applications/{ARCHIVED}/beside/{OFFERED}",
        f"{{/grants/applications/{RUNNING}/expenses expenses/}}",
    ),
    "city": (
        "/imports", "/grants/budget", "/grants/intermediaries", "/grants/calls/new", "/districts", "/booking/manage",
        "/booking/manage/holidays", "/booking/manage/statistics", "/booking/manage/groups", "/grants/manage",
        "/grants/manage/reviewers", "/grants/manage/payments", "/grants/manage/returns",
        "/grants/intermediaries/11110/edit",
        "/grants/programmes/4", *(f"/grants/programmes/4/1/edit/{part}" for part in PARTS), "/grants/programmes/new",
        "/grants/calls/6", "/grants/calls/6/ranking", "/grants/applications/20", "/grants/applications/20/payment",
    ),
}  # fmt: skip
VISITS = [(None, path) for path in PUBLIC] + [(login, path) for login, paths in BY_LOGIN.items() for path in paths]
TRANSLATED = (
    "/", "/districts", "/booking/", "/booking/units/1", "/booking/units/1/reserve", "/booking/units/2/series",
    "/booking/lotteries/2", "/booking/seasons/2", "/imports", "/grants/",
)  # fmt: skip
SMALLEST, PARTS_OF_ALL = 320, 4
HANGUL = re.compile("[가-힣]")
SERVICES = Path(__file__).parents[2] / "services"
WRITTEN = {
    "이웃·골목 만들기",
    "한국어",
    *(name for _login, name, *_ in ACCOUNTS),
    *(nickname(number) for number in range(1, NEIGHBOURS + 1)),
    *(f"심사위원 {number}" for number in range(1, len(STAND_INS) + 1)),
    *(
        text
        for path in (*SERVICES.glob("*/demo*.py"), *SERVICES.glob("*/demo/*.py"))
        for text in re.findall(r'"([^"\n]*[가-힣][^"\n]*)"', path.read_text("utf-8"))
    ),
}
NAMES = re.compile("|".join(re.escape(each) for each in sorted(WRITTEN, key=len, reverse=True)))
"""What is called so in the demonstration, and what its people wrote, whatever the language."""


@pytest.mark.parametrize(("size", "language"), [(PHONE, "ko"), (DESKTOP, "en")], ids=["phone-ko", "desktop-en"])
@pytest.mark.parametrize("part", range(PARTS_OF_ALL))
def test_every_page_is_accessible_fits_and_is_translated(visit: Visit, size, language, part):
    """One load of a page for all that holds on it; on the phone also at the width of the smallest one.
    In English names of places, groups and programmes stay
    Korean, and what people wrote; the words of the interface don't."""
    axe = Axe()
    problems: list[str] = []
    mine = VISITS[part::PARTS_OF_ALL]
    pages = {login: visit(login, size, language) for login in {login for login, _ in mine}}
    for login, path in mine:
        page = pages[login]
        answer = go(page, path)
        known = path not in ("/nowhere", "/booking/mine") or login
        if answer is None or answer.status >= (400 if known else 500):
            problems.append(f"{login} {path}: {answer and answer.status}")
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        problems += [f"{login} {path}: {item['id']} {item['nodes'][0]['html'][:120]}" for item in found]
        for width in (size["width"], SMALLEST) if size is PHONE else (size["width"],):
            page.set_viewport_size({**size, "width": width})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                problems.append(f"{login} {path}: scrolls sideways at {width} px")
        page.set_viewport_size(size)
        if not page.title().endswith(("마을마루", "Maru")):
            problems.append(f"{login} {path}: title {page.title()!r}")
        if language == "en" and (path in TRANSLATED or re.search("^.?/(booking|grants)/", path)):
            words = page.locator("label, button, th[scope=col], legend, header nav a, dt, .badge").all_inner_texts()
            problems += [f"{path}: {text}" for text in words if HANGUL.search(NAMES.sub("", text))]
    assert problems == []


def go(page: Page, path: str) -> Response | None:
    """Open a page; "{/list part/}/rest": what the first link with that part on the page of the list leads to."""
    if named := re.fullmatch(r"\{(\S+) (\S+)\}(.*)", path):
        page.goto(named[1])
        hrefs = page.locator("main a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        found = (re.match(rf".*?{re.escape(named[2])}\d+", href) for href in hrefs)
        path = next(match[0] for match in found if match) + named[3]
    return page.goto(path)


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
