"""A season's whole life through the pages and the API: made, announced, applied for, allotted, reserved."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from services.booking.models import Season, SeasonApplication, SeasonUnit, Unit
from tests.booking.conftest import BIG, NOW, SMALL, Town, at
from tests.booking.test_week import counting, queries

OPEN, LATER = NOW + timedelta(days=2), NOW + timedelta(days=9)
SEASON = {
    "name": "겨울 정기 이용",
    "note": "동아리는 누구나 신청하세요.",
    "unit_ids": [str(BIG), str(SMALL)],
    "first_day": "2026-12-07",
    "last_day": "2027-03-07",
    "opens_at": "2026-11-24T10:00",
    "closes_at": "2026-12-01T18:00",
    "usable": "75",
    "one_a_day": "on",
    "district_weight": "0",
    "new_weight": "1",
    "idempotency_key": "season-1",
}
APPLICATION = {
    "do": "submit",
    "group_name": "상도 책모임",
    "purpose": "책 읽기",
    "people": "4",
    "times": "1",
    "minutes": "120",
    "unit_id-1": str(BIG),
    "weekday-1": "2",
    "start-1": "14:00",
    "end-1": "16:00",
}


@pytest.fixture
def keeper(house: Any, town: Town, clock: Callable[[datetime], None]) -> Any:
    """The browser of the district's staff, who run space 1."""
    return house.client("dongjak")


def made(keeper: Any, **more: Any) -> str:
    """The address of a season under /manage."""
    answer = keeper.post_form("/booking/manage/seasons/new", SEASON | more)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def version_of(browser: Any, path: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', browser.get(path).text)
    assert found
    return found[1]


def announced(keeper: Any, **more: Any) -> str:
    here = made(keeper, **more)
    assert keeper.post_form(f"{here}/announce", {"version": version_of(keeper, here)}).status_code == 302
    return here


def hidden(page: str, button: str) -> dict[str, str]:
    """The hidden fields of the first one-button form that says this."""
    forms = re.findall(r'<form class="post-button".*?</form>', page, re.DOTALL)
    form = next(form for form in forms if f">{button}<" in form)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def plain(page: str) -> str:
    """The text that one reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_season_from_its_making_to_the_reservations(
    house: Any, town: Town, keeper: Any, clock: Callable[[datetime], None]
) -> None:
    here = made(keeper)
    assert keeper.post_form("/booking/manage/seasons/new", SEASON).location == here  # a second click
    season = here.replace("/manage", "")
    resident = house.client("resident")
    assert resident.get(season).status_code == 404
    assert "겨울 정기 이용" not in resident.get("/booking/seasons").text
    assert "아직 아무에게도 보이지 않습니다" in keeper.get(here).text
    keeper.post_form(f"{here}/announce", {"version": version_of(keeper, here)})
    assert "곧 신청이 열려요" in resident.get("/booking/seasons").text

    clock(OPEN)
    shown = plain(resident.get(season).text)
    for told in (
        "신청하기",
        "동아리는 누구나 신청하세요.",
        "되도록 많은 모임이",
        "75% 이상",
        "한 모임을 2모임으로 셉니다",
        "OR-Tools",
    ):
        assert told in shown
    draft = {**APPLICATION, "do": "draft", "people": "넷쯤", "weekday-1": ""}
    saved = resident.post_form(f"{season}/apply", draft)
    kept = resident.get(saved.location).text
    for told in ('value="넷쯤"', 'value="상도 책모임"', "아직 남은 것", "사람 수를 숫자로 적어 주세요."):
        assert told in kept
    assert "신청한 모임 0곳" in plain(resident.get(season).text)
    refused = resident.post_form(f"{season}/apply", {**APPLICATION, "people": "11"})
    assert refused.status_code == 422
    assert "10명까지 들어갈 수 있습니다" in refused.text
    assert 'value="11"' in refused.text
    assert 'href="#field-unit_id-1"' in refused.text
    assert resident.post_form(f"{season}/apply", APPLICATION).location == season
    assert "신청한 모임 1곳" in plain(resident.get(season).text)
    other = house.client("keeper")
    assert other.post_form(f"{season}/apply", {**APPLICATION, "group_name": "노래 모임"}).status_code == 302

    clock(LATER)
    assert "신청이 끝났습니다" not in resident.get(season).text
    assert resident.post_form(f"{season}/apply", APPLICATION).status_code == 409
    page = keeper.get(here).text
    assert "상도 책모임" in page
    assert keeper.post_form(f"{here}/propose", hidden(page, "제안 받기")).status_code == 302
    page = keeper.get(here).text
    text = plain(page)
    for told in ("0.50", "매주 화요일 14:00–16:00", "다른 모임이 받았습니다", "1이면 모두 같은 몫"):
        assert told in text

    # Both get something once the loser is given another time by hand.
    loser = hidden(page, "이 시간 주기")["application_id"]
    typed = {
        "do": "pin", "by_hand": "on", "version": version_of(keeper, here), "application_id": loser,
        "unit_id": str(SMALL), "weekday": "3", "start": "10:00",
    }  # fmt: skip
    assert keeper.post_form(f"{here}/act", typed).status_code == 302
    again = keeper.post_form(f"{here}/act", typed)  # the page is stale now
    assert again.status_code == 302
    assert "보는 사이에 다른 사람이 바꾸었거나" in keeper.get(here).text
    page = keeper.get(here).text
    assert "1.00" in plain(page)
    assert "고정 풀기" in page
    full = keeper.post_form(f"{here}/act", typed | {"version": version_of(keeper, here), "weekday": "4"})
    assert full.status_code == 409
    assert "이 모임은 바라는 만큼 받았습니다" in full.text

    town.now = LATER
    town.reserve(house.actor("city"), BIG, at(8, 15, month=12), 1)
    preview = plain(keeper.get(f"{here}/publish").text)
    for told in ("이미 예약됨: 12월 8일", "쉬는 날: 2월 9일", "확정하고 예약하기"):
        assert told in preview, preview
    version = version_of(keeper, f"{here}/publish")
    assert keeper.post_form(f"{here}/publish", {"version": version}).status_code == 302
    assert "예약을 마쳤습니다" in keeper.get(here).text
    assert "배정 확정" in plain(keeper.get(here).text)
    assert keeper.post_form(f"{here}/publish", {"version": version}).status_code == 302  # changes nothing

    result = plain(resident.get(season).text)
    assert "바란 1번 가운데 1번을 받았습니다" in result
    assert "예약함" in result
    messages = plain(resident.get("/booking/messages").text)
    assert "읽지 않은 알림 2개" in messages
    assert "정기 이용 시간을 받았습니다" in messages
    assert "매주 1번을 받아" in messages
    series = re.search(r'href="(/booking/series/\d+)"', resident.get(season).text)
    assert series
    assert resident.get(series[1]).status_code == 200


def test_moving_and_going_back(house: Any, keeper: Any, clock: Callable[[datetime], None]) -> None:
    here = announced(keeper)
    season = here.replace("/manage", "")
    clock(OPEN)
    house.client("resident").post_form(f"{season}/apply", APPLICATION)
    clock(LATER)
    keeper.post_form(f"{here}/propose", {"version": version_of(keeper, here)})
    page = keeper.get(here).text
    form = re.search(r'href="(/booking/manage/seasons/\d+/place\?do=move[^"]+)"', page)
    assert form
    asked = keeper.get(form[1].replace("&amp;", "&"))
    assert "시간 옮기기" in asked.text
    assert '<option value="14:00" selected>' in asked.text
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked.text))
    wrong = {**fields, "to_unit_id": "999", "to_weekday": "4", "to_start": "10:00"}
    wrong.pop("csrf_token", None)
    told = keeper.post_form(f"{here}/act", wrong)
    assert told.status_code == 422
    assert "이 정기 이용에 없는 공간입니다" in told.text
    assert keeper.post_form(f"{here}/act", wrong | {"to_unit_id": str(SMALL)}).status_code == 302
    page = keeper.get(here).text
    assert "매주 목요일 10:00–12:00" in plain(page)
    assert "적지 않은 시간" in plain(page)
    back = hidden(page, "이 안으로")
    keeper.post_form(f"{here}/back", back)
    assert "매주 목요일" not in plain(keeper.get(here).text)
    page = keeper.get(here).text
    keeper.post_form(f"{here}/act", hidden(page, "빼기"))
    page = keeper.get(here).text
    assert "다시 주지 않기로 한 시간" in page
    keeper.post_form(f"{here}/act", hidden(page, "다시 줄 수 있게"))
    assert "다시 주지 않기로 한 시간" not in keeper.get(here).text


def test_a_wrong_season_keeps_what_was_typed(keeper: Any) -> None:
    answer = keeper.post_form("/booking/manage/seasons/new", SEASON | {"name": "", "first_day": "2026-11-30"})
    assert answer.status_code == 422
    for told in ("이름을 적어 주세요", "첫날은 신청 마감보다 뒤여야", 'value="2026-11-24T10:00"', "동아리는 누구나"):
        assert told in answer.text
    assert len(re.findall(r"checkbox[^>]*checked", answer.text)) == 3
    unread = keeper.post_form("/booking/manage/seasons/new", SEASON | {"opens_at": "언젠가"})
    assert "날짜와 시간을 골라 주세요" in unread.text
    assert "언젠가" in unread.text


def test_editing_what_is_frozen(keeper: Any, clock: Callable[[datetime], None]) -> None:
    here = announced(keeper)
    clock(OPEN)
    form = keeper.get(f"{here}/edit").text
    assert "신청을 받기 시작했습니다" in form
    later = {
        "name": "새 이름",
        "note": "",
        "closes_at": "2026-12-02T18:00",
        "version": version_of(keeper, here + "/edit"),
    }
    assert keeper.post_form(f"{here}/edit", later).status_code == 302
    assert "새 이름" in keeper.get(here).text
    earlier = later | {"closes_at": "2026-11-28T18:00", "version": version_of(keeper, here + "/edit")}
    refused = keeper.post_form(f"{here}/edit", earlier)
    assert refused.status_code == 409
    assert "마감을 늦출 수 있습니다" in refused.text


@pytest.mark.parametrize("login", ["resident", "reviewer"])
def test_managing_is_not_for_residents(house: Any, keeper: Any, login: str) -> None:
    here = announced(keeper)
    browser = house.client(login)
    for path in ("/booking/manage/seasons", here, f"{here}/edit", f"{here}/publish", f"{here}/place"):
        assert browser.get(path).status_code == 403, path
    assert browser.post_form(f"{here}/publish", {"version": "2"}).status_code == 403


def test_nobody_signed_in_sees_but_does_not_apply(house: Any, keeper: Any, clock: Callable[[datetime], None]) -> None:
    season = announced(keeper).replace("/manage", "")
    clock(OPEN)
    browser = house.client()
    assert browser.get("/booking/seasons").status_code == 200
    assert browser.get(season).status_code == 200
    assert browser.get(f"{season}/apply").status_code == 401


def test_in_english(house: Any, keeper: Any, clock: Callable[[datetime], None]) -> None:
    here = announced(keeper, name="Winter", note="")
    other = announced(keeper, name="Spring", note="", idempotency_key="other")
    draft = made(keeper, name="Draft", note="", idempotency_key="draft")
    season = here.replace("/manage", "")
    clock(OPEN)
    resident = house.client("resident")
    english = {"Accept-Language": "en"}
    assert "Still missing" not in resident.get(f"{season}/apply", headers=english).text
    resident.post_form(f"{season}/apply", APPLICATION | {"do": "draft", "people": ""}, headers=english)
    drafted = plain(resident.get(f"{season}/apply", headers=english).text)
    assert "Still missing" in drafted
    resident.post_form(f"{season}/apply", APPLICATION, headers=english)
    clock(LATER)
    keeper.post_form(f"{here}/propose", {"version": version_of(keeper, here)}, headers=english)
    keeper.post_form(f"{other}/cancel", {"reason": "Works in the hall."}, headers=english)
    for browser, path in (
        (resident, "/booking/seasons"),
        (resident, season),
        (resident, other.replace("/manage", "")),
        (keeper, other),
        (keeper, draft),
        (keeper, here),
        (keeper, f"{here}/publish"),
        (keeper, f"{here}/place"),
        (keeper, "/booking/manage/seasons"),
        (keeper, "/booking/manage/seasons/new"),
        (keeper, f"{here}/edit"),
    ):
        page = browser.get(path, headers=english)
        main = plain(page.text[page.text.index("<main") : page.text.index("</main")])
        for name in (
            "상도 마을활력소",
            "사당 마을활력소",
            "큰 회의실",
            "작은 회의실",
            "건물 전체",
            "모임방",
            "흑석 쉼터",
            "사랑방",
            "상도 책모임",
            "책 읽기",
        ):
            main = main.replace(name, "")
        assert not re.findall(r"[가-힣]+", main), path
    keeper.post_form(f"{here}/publish", {"version": version_of(keeper, f"{here}/publish")})
    told = plain(resident.get("/booking/messages", headers=english).text)
    assert "You got weekly times: Winter" in told
    assert "Given: Tue 14:00–16:00 every week, 상도 마을활력소 큰 회의실, 12 dates" in told


def test_the_api(house: Any, keeper: Any, clock: Callable[[datetime], None]) -> None:
    api = "/booking/api/seasons"
    wish = {
        "name": "봄", "unit_ids": [BIG], "first_day": "2026-12-07", "last_day": "2027-03-07",
        "opens_at": "2026-11-24T10:00:00+09:00", "closes_at": "2026-12-01T18:00:00+09:00",
    }  # fmt: skip
    season = keeper.post(f"{api}/managed", json=wish, headers={"Idempotency-Key": "k"}).get_json()
    here = f"{api}/{season['id']}"
    assert (season["stage"], season["rules"]["usable"]) == ("draft", 75)
    announced = keeper.post(f"{here}/announcement", json={"version": season["version"]}).get_json()
    clock(OPEN)
    resident = house.client("resident")
    asked = {
        "group_name": "책모임", "purpose": "책 읽기", "people": 4, "times": 1, "minutes": 120,
        "options": [{"unit_id": BIG, "weekday": 2, "start": "14:00", "end": "16:00"}],
    }  # fmt: skip
    wrong = resident.put(f"{here}/application", json=asked | {"people": 99})
    assert (wrong.status_code, list(wrong.get_json()["fields"])) == (422, ["options.0"])
    mine = resident.put(f"{here}/application", json=asked).get_json()
    assert (mine["status"], mine["options"]) == ("submitted", [[BIG, 2, 840, 960]])
    assert resident.get(here).get_json()["mine"]["id"] == mine["id"]
    assert resident.get(f"{here}/plan").status_code == 403
    clock(LATER)
    board = keeper.post(f"{here}/plan/proposal", json={"version": announced["version"]}).get_json()
    assert (board["fairness"], board["placements"][0]["application_id"]) == (1.0, mine["id"])
    assert board["reasons"][str(mine["id"])][0]["code"] == "given"
    stale = keeper.post(f"{here}/publication", json={"version": announced["version"]})
    assert (stale.status_code, stale.get_json()["code"]) == (409, "season_changed")
    spot = {"do": "forbid", "application_id": mine["id"], "unit_id": BIG, "weekday": 2, "start": "14:00"}
    board = keeper.patch(f"{here}/plan", json=spot | {"version": board["version"]}).get_json()
    assert (board["placements"], len(board["forbidden"])) == ([], 1)
    board = keeper.post(f"{here}/plan/return", json={"version": board["version"], "index": 0}).get_json()
    assert len(board["placements"]) == 1
    done = keeper.post(f"{here}/publication", json={"version": board["version"]}).get_json()
    assert done["stage"] == "published"
    assert resident.get(here).get_json()["mine"]["result"]["given"][0]["count"] == 12
    late = keeper.post(f"{here}/cancellation", json={"reason": "늦음"})
    assert (late.status_code, late.get_json()["code"]) == (409, "season_is_published")


def test_the_api_calls_off_and_deletes(house: Any, keeper: Any) -> None:
    api = "/booking/api/seasons"
    one, two = (int(made(keeper, idempotency_key=key).rsplit("/", 1)[1]) for key in ("one", "two"))
    resident = house.client("resident")
    assert resident.delete(f"{api}/{one}?version=1").status_code == 403
    assert keeper.delete(f"{api}/{one}").status_code == 422
    stale = keeper.delete(f"{api}/{one}?version=7")
    assert (stale.status_code, stale.get_json()["code"]) == (409, "season_changed")
    assert keeper.delete(f"{api}/{one}?version=1").status_code == 204
    assert keeper.get(f"{api}/{one}").status_code == 404

    early = keeper.post(f"{api}/{two}/cancellation", json={"reason": "공사"})
    assert (early.status_code, early.get_json()["code"]) == (409, "season_is_draft")
    keeper.post(f"{api}/{two}/announcement", json={"version": 1})
    assert resident.post(f"{api}/{two}/cancellation", json={"reason": "공사"}).status_code == 403
    empty = keeper.post(f"{api}/{two}/cancellation", json={})
    assert (empty.status_code, list(empty.get_json()["fields"])) == (422, ["reason"])
    done = keeper.post(f"{api}/{two}/cancellation", json={"reason": "공사"}).get_json()
    assert (done["stage"], done["reason"]) == ("cancelled", "공사")
    assert resident.get(f"{api}/{two}").get_json()["season"]["reason"] == "공사"
    kept = keeper.delete(f"{api}/{two}?version={done['version']}")
    assert (kept.status_code, kept.get_json()["code"]) == (409, "season_not_draft")


def test_calling_off(house: Any, keeper: Any, clock: Callable[[datetime], None]) -> None:
    here = announced(keeper)
    season = here.replace("/manage", "")
    resident = house.client("resident")
    clock(OPEN)
    resident.post_form(f"{season}/apply", APPLICATION)
    assert "정기 이용을 취소하려면" in keeper.get(here).text
    long = "가" * 501
    for reason, told in (("", "이유를 적어 주세요"), (long, "500자까지")):
        refused = keeper.post_form(f"{here}/cancel", {"reason": reason})
        assert refused.status_code == 422
        assert told in refused.text
        assert 'href="#field-reason"' in refused.text
    assert long in refused.text
    assert resident.post_form(f"{here}/cancel", {"reason": "아님"}).status_code == 403
    assert keeper.post_form(f"{here}/cancel", {"reason": "강당 <공사>를 합니다."}).status_code == 302
    page = keeper.get(here).text
    assert "신청한 모두에게 이유를 알렸습니다" in page
    for gone in ("정기 이용을 취소하려면", f"{here}/edit", f"{here}/propose", "이 정기 이용 지우기"):
        assert gone not in page
    for browser, path in ((keeper, here), (resident, season), (resident, f"{season}/apply")):
        shown = browser.get(path).text
        assert "취소된 정기 이용입니다" in shown, path
        assert "강당 &lt;공사&gt;를 합니다." in shown, path
    shown = plain(resident.get(season).text)
    assert "이 신청은 배정하지 않습니다" in shown
    for gone in ("신청 고치기", "신청 취소하기"):
        assert gone not in shown
    assert "취소됨" in plain(resident.get("/booking/seasons").text)
    messages = plain(resident.get("/booking/messages").text)
    assert "정기 이용이 취소되었습니다: 겨울 정기 이용" in messages
    assert "이유: 강당 &lt;공사&gt;를 합니다." in messages
    late = resident.post_form(f"{season}/apply", APPLICATION | {"people": "5"})
    assert late.status_code == 409
    assert "취소된 정기 이용이라" in late.text
    for path in ("edit", "place", "publish"):
        assert keeper.get(f"{here}/{path}").location == here, path
        assert "취소된 정기 이용이라" in keeper.get(here).text
    clock(LATER)
    keeper.post_form(f"{here}/propose", {"version": "4"})
    assert "취소된 정기 이용이라" in keeper.get(here).text
    assert keeper.post_form(f"{here}/cancel", {"reason": "다시"}).status_code == 302  # changes nothing
    assert "강당 &lt;공사&gt;를 합니다." in keeper.get(here).text
    trail = plain(keeper.get("/booking/manage/spaces/1/audit").text)
    assert "정기 이용을 취소함" in trail


def test_deleting_a_draft(keeper: Any) -> None:
    here = made(keeper)
    fields = hidden(keeper.get(here).text, "이 정기 이용 지우기")
    keeper.post_form(f"{here}/drop", fields | {"version": "0"})
    assert "보는 사이에 다른 사람이 바꾸었거나" in keeper.get(here).text
    assert keeper.post_form(f"{here}/drop", fields).location == "/booking/manage/seasons"
    listed = keeper.get("/booking/manage/seasons").text
    assert "준비하던 정기 이용을 지웠습니다" in listed
    assert "겨울 정기 이용" not in listed
    assert keeper.get(here).status_code == 404
    assert "준비하던 정기 이용을 지움" in plain(keeper.get("/booking/manage/spaces/1/audit").text)
    other = announced(keeper)
    assert "이 정기 이용 지우기" not in keeper.get(other).text
    keeper.post_form(f"{other}/drop", {"version": "2"})
    assert "공개한 정기 이용은 지울 수 없습니다" in keeper.get(other).text


def test_a_label_that_asks_has_one_mark_in_the_summary(
    house: Any, keeper: Any, clock: Callable[[datetime], None]
) -> None:
    season = announced(keeper).replace("/manage", "")
    clock(OPEN)
    resident = house.client("resident")
    refused = plain(resident.post_form(f"{season}/apply", APPLICATION | {"purpose": ""}).text)
    assert "무엇을 하나요: " in refused
    assert "무엇을 하나요?:" not in refused
    drafted = plain(resident.get(f"{season}/apply").text)
    assert "아직 남은 것 무엇을 하나요: " in drafted
    assert "?:" not in drafted


def test_the_queries_do_not_grow(house: Any, town: Town, keeper: Any, clock: Callable[[datetime], None]) -> None:
    here = announced(keeper, unit_ids=[str(BIG)])
    season = here.replace("/manage", "")
    browsers = {"resident": house.client("resident"), "keeper": keeper}
    clock(OPEN)
    browsers["resident"].post_form(f"{season}/apply", APPLICATION)

    def costs() -> dict[str, int]:
        found = {}
        for _ in range(2):  # the first visits fill what is kept
            for login, path in (
                ("resident", "/booking/seasons"),
                ("resident", season),
                ("resident", f"{season}/apply"),
                ("keeper", "/booking/manage/seasons"),
                ("keeper", here),
            ):
                with counting(town) as statements:
                    assert browsers[login].get(path).status_code == 200
                found[path] = queries(statements)
        return found

    few = costs()
    with town.database.write() as session:
        first = session.scalars(select(Season)).one()
        mine = session.scalars(select(SeasonApplication)).one()
        rows = [_column_values(first, id=number, idempotency_key=f"k{number}") for number in range(100, 160)]
        session.execute(insert(Season), rows)
        known = session.scalars(select(Unit).where(Unit.space_id == 1)).unique().all()
        units = [SeasonUnit(season_id=row["id"], unit_id=unit.id, space_id=1) for row in rows for unit in known]
        session.add_all(
            [*units, *(SeasonUnit(season_id=first.id, unit_id=each.id, space_id=1) for each in known if each.id != BIG)]
        )
        asked = [
            _column_values(mine, id=1000 + n, season_id=first.id if n < 60 else rows[n - 60]["id"], account_id=5000 + n)
            for n in range(120)
        ]
        session.execute(insert(SeasonApplication), asked)
    assert "신청한 모임 61곳" in plain(browsers["resident"].get(season).text)
    assert costs() == few
    assert max(few.values()) <= 14


def _column_values(row: Any, **other: Any) -> dict[str, Any]:
    """The same row once more, but for these columns."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns} | other
