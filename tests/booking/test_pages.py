"""The journeys of the pages, through the whole mounted product."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.booking.conftest import BIG, FAR, SMALL, UNKNOWN, Town, at, resident


@pytest.fixture(autouse=True)
def _standing(clock: Callable[[datetime], None]) -> None:
    """The clock of these pages stands at Monday, 23 November 2026, 10:00."""


def wish(**more: str) -> dict[str, str]:
    return {
        "date": "2026-11-24",
        "start": "14:00",
        "end": "16:00",
        "people": "4",
        "purpose": "마을 회의",
        "group_name": "상도 책모임",
        "idempotency_key": "key-1",
        **more,
    }


def test_reserve_see_and_cancel(house: Any, town: Town) -> None:
    browser = house.client("resident")
    week = browser.get(f"/booking/units/{BIG}?day=2026-11-24")
    assert f"/booking/units/{BIG}/reserve?start=2026-11-24T14:00&amp;end=2026-11-24T15:00" in week.text

    form = browser.get(f"/booking/units/{BIG}/reserve?start=2026-11-24T14:00&end=2026-11-24T16:00")
    assert 'value="2026-11-24"' in form.text
    assert "9,000원" in form.text

    made = browser.post_form(f"/booking/units/{BIG}/reserve", wish())
    assert made.status_code == 302
    shown = browser.get(made.location)
    assert "예약했습니다" in shown.text
    assert "11월 24일 (화) 14:00–16:00" in shown.text
    assert "상도 책모임" in shown.text

    assert "11월 24일 (화) 14:00–16:00" in browser.get("/booking/mine").text
    assert made.location in browser.get(f"/booking/units/{BIG}?day=2026-11-24").text

    asked = browser.get(f"{made.location}/cancel")
    assert "예약을 취소할까요?" in asked.text
    done = browser.post_form(f"{made.location}/cancel", {})
    assert done.location == "/booking/mine"
    mine = browser.get("/booking/mine").text
    assert "예약을 취소했습니다" in mine
    assert "취소됨" in mine
    again = browser.get(f"/booking/units/{BIG}?day=2026-11-24").text
    assert "reserve?start=2026-11-24T14:00" in again


def test_other_pages_stand(house: Any, town: Town) -> None:
    browser = house.client()
    for path in ("/booking/", "/booking/spaces/1", f"/booking/units/{UNKNOWN}", f"/booking/units/{BIG}?week=2026-W49"):
        assert browser.get(path).status_code == 200, path
    assert "02-123-4567" in browser.get(f"/booking/units/{UNKNOWN}").text
    for path in ("/booking/spaces/99", "/booking/units/99", "/booking/units/99/reserve"):
        assert browser.get(path).status_code == 404, path


def test_a_taken_time_keeps_what_was_typed_and_offers_what_is_free(house: Any, town: Town) -> None:
    town.reserve(resident(900), BIG, at(24, 15), 2)
    browser = house.client("resident")
    page = browser.post_form(f"/booking/units/{BIG}/reserve", wish())
    assert page.status_code == 409
    for typed in ('value="마을 회의"', 'value="상도 책모임"', 'value="4"', 'value="2026-11-24"', 'value="key-1"'):
        assert typed in page.text
    assert '<option value="14:00" selected>' in page.text
    assert "이 시간은 이미 예약되었습니다" in page.text
    for offer in ("11월 24일 (화) 13:00–15:00", "11월 24일 (화) 17:00–19:00", "작은 회의실"):
        assert offer in page.text

    forms = re.findall(r'<form class="post-button".*?</form>', page.text, re.DOTALL)
    offers = [form for form in forms if "/reserve" in form]
    action = re.search(r'action="([^"]+)"', offers[0])
    assert action
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', offers[0]))
    assert fields.pop("csrf_token")
    made = browser.post_form(action[1], fields)  # one press
    assert made.status_code == 302
    shown = browser.get(made.location).text
    assert "11월 24일 (화) 13:00–15:00" in shown
    assert "마을 회의" in shown


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"people": "0"}, "people", "사람 수는 1명 이상이어야 합니다."),
        ({"people": "99"}, "people", "10명까지 들어갈 수 있습니다"),
        ({"people": "많이"}, "people", "사람 수를 숫자로 적어 주세요."),
        ({"people": "9" * 30}, "people", "사람 수를 숫자로 적어 주세요."),
        ({"date": ""}, "date", "날짜를 골라 주세요."),
        ({"date": "2026-13-01"}, "date", "날짜를 골라 주세요."),
        ({"date": "9999-12-31", "end": "24:00"}, "date", "날짜를 골라 주세요."),
        ({"date": "0001-01-01"}, "date", "날짜를 골라 주세요."),
        ({"date": "2099-12-31"}, "start", "오늘부터 60일 뒤까지만 예약할 수 있습니다."),
        ({"start": "25:00"}, "start", "시간을 골라 주세요."),
        ({"start": "16:00", "end": "14:00"}, "end", "끝나는 시간은 시작 시간보다 늦어야 합니다."),
        ({"date": "2026-11-20"}, "start", "이미 지난 시간입니다."),
        ({"purpose": " "}, "purpose", "어떤 모임인지 짧게 적어 주세요."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    house: Any, town: Town, typed: dict[str, str], field: str, sentence: str
) -> None:
    page = house.client("resident").post_form(f"/booking/units/{BIG}/reserve", wish(**typed))
    assert page.status_code == 422
    error = re.search(rf'id="field-{field}-error".*?</div>', page.text, re.DOTALL)
    assert error
    assert sentence in error[0]
    assert 'value="상도 책모임"' in page.text


def test_a_double_click_makes_one_reservation(house: Any, town: Town) -> None:
    browser = house.client("resident")
    first, second = (browser.post_form(f"/booking/units/{BIG}/reserve", wish()) for _ in range(2))
    assert first.location == second.location


def test_a_used_form_gets_a_new_key(house: Any, town: Town) -> None:
    browser = house.client("resident")
    browser.post_form(f"/booking/units/{BIG}/reserve", wish())
    page = browser.post_form(f"/booking/units/{BIG}/reserve", wish(start="16:00", end="18:00"))
    assert page.status_code == 409
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page.text)
    assert key
    assert key[1] != "key-1"
    made = browser.post_form(f"/booking/units/{BIG}/reserve", wish(start="16:00", end="18:00", idempotency_key=key[1]))
    assert made.status_code == 302


def test_anonymous_visitors_see_the_week_and_come_back_with_what_they_typed(house: Any, town: Town) -> None:
    town.reserve(resident(900), BIG, at(24, 9), purpose="비밀 모임", group_name="아무개 모임")
    browser = house.client()
    week = browser.get(f"/booking/units/{BIG}?day=2026-11-24").text
    assert "예약됨" in week
    assert "비밀 모임" not in week
    assert "아무개 모임" not in week
    assert "로그인하고 예약하기" in browser.get(f"/booking/units/{BIG}/reserve?start=2026-11-24T14:00").text

    stopped = browser.post_form(f"/booking/units/{BIG}/reserve", wish())
    assert stopped.status_code == 401
    carried = dict(re.findall(r'name="carried\.([^"]+)" value="([^"]*)"', stopped.text))
    assert carried.items() >= wish().items()
    for path in ("/booking/mine", "/booking/reservations/1"):
        assert browser.get(path).status_code == 401


def test_others_see_nothing_of_a_reservation(house: Any, town: Town) -> None:
    made = town.reserve(resident(900), BIG, at(24, 9), purpose="비밀 모임")
    for login, status in (("neighbor", 403), ("seongbuk", 403), ("dongjak", 200), ("keeper", 200), ("city", 200)):
        page = house.client(login).get(f"/booking/reservations/{made.id}")
        assert (page.status_code, "비밀 모임" in page.text) == (status, status == 200), login


def test_too_late_to_cancel_is_said_on_the_reservation(
    house: Any, town: Town, clock: Callable[[datetime], None]
) -> None:
    browser = house.client("resident")
    made = browser.post_form(f"/booking/units/{BIG}/reserve", wish())
    clock(at(24, 14, 30))
    assert f"{made.location}/cancel" not in browser.get(made.location).text
    refused = browser.post_form(f"{made.location}/cancel", {})
    assert refused.location == made.location
    assert "이미 시작한 예약은 취소할 수 없습니다" in browser.get(made.location).text


def test_hostile_words_stay_words(house: Any, town: Town) -> None:
    browser = house.client("resident")
    hostile = "<script>alert(1)</script>\"'&{{7*7}}"
    made = browser.post_form(f"/booking/units/{BIG}/reserve", wish(purpose=hostile, group_name=hostile))
    for path in (made.location, "/booking/mine", f"{made.location}/cancel"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    "query", ["?week=nonsense", "?week=2026-W99", "?day=x", "?day=9999-12-31", "?day=0001-01-01", "?week=2026-W48"]
)
def test_any_address_of_a_week_answers(house: Any, town: Town, query: str) -> None:
    assert house.client().get(f"/booking/units/{BIG}{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["?start=x&end=y", "?start=2026-11-24T99:00", "?start=9999-12-31T24:00", "?start=2026-11-24T14:00:00%2B09:00"],
)
def test_any_address_of_the_form_answers(house: Any, town: Town, query: str) -> None:
    assert house.client().get(f"/booking/units/{BIG}/reserve{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?page=0", 200),
        ("?page=99999", 200),
        ("?page=", 200),
        ("?page=x", 200),
        ("?text=%25&people=3", 200),
        ("?people=x", 422),
        ("?district=1", 422),
    ],
)
def test_any_filter_answers(house: Any, town: Town, query: str, status: int) -> None:
    answer = house.client().get(f"/booking/{query}")
    assert answer.status_code == status
    assert 'name="people"' in answer.text


def test_every_page_reads_in_english(house: Any, town: Town) -> None:
    browser = house.client("resident")
    browser.get("/auth/language?to=en&next=/")
    made = browser.post_form(f"/booking/units/{BIG}/reserve", wish())
    names = ("공간", "예약", "시간", "취소", "명까지", "휴관")
    for path in (
        "/booking/",
        "/booking/spaces/2",
        f"/booking/units/{FAR}",
        f"/booking/units/{FAR}/reserve",
        f"{made.location}/cancel",
    ):
        text = re.sub(r"<[^>]*>", " ", browser.get(path).text)
        assert not [name for name in names if name in text], path
    taken = browser.post_form(f"/booking/units/{SMALL}/reserve", wish(people="99", idempotency_key="key-2"))
    assert "There is room for 4 people here." in taken.text
