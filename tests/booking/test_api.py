"""The JSON API: the same rules, one error form, and what is free instead beside a 409."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.booking.conftest import BIG, FAR, SMALL, UNKNOWN, WHOLE, Town, at, resident

API = "/booking/api"


@pytest.fixture(autouse=True)
def _standing(clock: Callable[[datetime], None]) -> None:
    """The clock of this API stands at Monday, 23 November 2026, 10:00."""


def wish(**more: Any) -> dict[str, Any]:
    return {
        "unit_id": BIG,
        "start": "2026-11-24T14:00:00+09:00",
        "end": "2026-11-24T16:00:00+09:00",
        "people": 4,
        "purpose": "마을 회의",
        **more,
    }


def post(browser: Any, body: Any, key: str = "k1") -> Any:
    return browser.post(f"{API}/reservations", json=body, headers={"Idempotency-Key": key})


def test_units(house: Any, town: Town) -> None:
    browser = house.client()
    listed = browser.get(f"{API}/units?space_id=1&people=5").get_json()
    assert [each["id"] for each in listed["units"]] == [WHOLE, BIG]
    assert (listed["page"], listed["pages"], listed["total"]) == (1, 1, 2)
    one = browser.get(f"{API}/units/{FAR}").get_json()
    assert (one["name"], one["space"]["name"], one["fee"], one["fee_text"]) == (
        "모임방",
        "사당 마을활력소",
        None,
        "문의",
    )
    assert browser.get(f"{API}/units/99").get_json()["code"] == "unit_not_found"
    wrong = browser.get(f"{API}/units?district=99999")
    assert wrong.status_code == 422
    assert list(wrong.get_json()["fields"]) == ["district"]


def test_week(house: Any, town: Town) -> None:
    town.reserve(resident(900), BIG, at(24, 14), 2)
    week = house.client().get(f"{API}/units/{BIG}/week?day=2026-11-24").get_json()
    assert (week["unit_id"], week["zone"], len(week["days"])) == (BIG, "Asia/Seoul", 7)
    assert week["days"][1]["date"] == "2026-11-24"
    taken = [slot for slot in week["days"][1]["slots"] if slot["state"] == "reserved"]
    assert [datetime.fromisoformat(taken[0][edge]) for edge in ("start", "end")] == [at(24, 14), at(24, 16)]
    assert taken[0]["reservation_id"] is None
    assert house.client().get(f"{API}/units/{UNKNOWN}/week").get_json()["days"][0]["closed"] == "hours_unknown"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "x"])
def test_a_week_of_no_use(house: Any, town: Town, day: str) -> None:
    refused = house.client().get(f"{API}/units/{BIG}/week?day={day}")
    assert (refused.status_code, list(refused.get_json()["fields"])) == (422, ["day"])


def test_reserve_see_cancel(house: Any, town: Town) -> None:
    browser = house.client("resident")
    made = post(browser, wish())
    assert made.status_code == 201
    body = made.get_json()
    assert (body["unit_name"], body["space_name"], body["status"]) == ("큰 회의실", "상도 마을활력소", "confirmed")
    assert datetime.fromisoformat(body["start"]) == at(24, 14)
    assert post(browser, wish()).get_json()["id"] == body["id"]

    assert [each["id"] for each in browser.get(f"{API}/reservations").get_json()["upcoming"]] == [body["id"]]
    path = f"{API}/reservations/{body['id']}"
    assert browser.get(path).get_json() == body
    assert house.client("neighbor").get(path).status_code == 403
    assert house.client("neighbor").delete(path).status_code == 403
    assert browser.delete(path).get_json()["status"] == "cancelled"
    assert browser.delete(path).get_json()["status"] == "cancelled"
    assert [each["id"] for each in browser.get(f"{API}/reservations").get_json()["past"]] == [body["id"]]


def test_a_taken_time_tells_what_is_free(house: Any, town: Town) -> None:
    town.reserve(resident(900), BIG, at(24, 15), 2)
    refused = post(house.client("resident"), wish())
    assert refused.status_code == 409
    body = refused.get_json()
    assert (body["status"], body["code"], body["fields"]) == (409, "slot_taken", {})
    assert body["message"].startswith("이 시간은 이미 예약되었습니다")
    assert [(each["unit_id"], datetime.fromisoformat(each["start"])) for each in body["alternatives"]] == [
        (BIG, at(24, 13)),
        (BIG, at(24, 17)),
        (BIG, at(25, 14)),
        (SMALL, at(24, 14)),
        (FAR, at(24, 14)),
    ]
    for number, each in enumerate(body["alternatives"]):
        again = {key: each[key] for key in ("unit_id", "start", "end")}
        assert post(house.client("resident"), wish(**again), key=f"a{number}").status_code in (201, 409)


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"start": "2026-11-24T14:00:00"}, ["start"]),  # no offset: not an instant
        ({"start": "9999-12-31T23:59:59Z"}, ["start"]),
        ({"start": "0001-01-01T00:00:00+09:00"}, ["start"]),
        ({"people": "4"}, ["people"]),
        ({"people": 11}, ["people"]),
        ({"purpose": None}, ["purpose"]),
        ({"extra": 1}, ["extra"]),
        ({"end": "2026-11-24T23:00:00+09:00"}, ["end"]),
        ({"unit_id": UNKNOWN}, ["unit_id"]),
        ({"unit_id": 10**30}, ["unit_id"]),
    ],
)
def test_wrong_wishes_have_the_one_form(house: Any, town: Town, more: dict[str, Any], fields: list[str]) -> None:
    refused = post(house.client("resident"), wish(**more))
    body = refused.get_json()
    assert refused.status_code == body["status"] == 422
    assert sorted(body) == ["code", "fields", "message", "status"]
    assert list(body["fields"]) == fields


def test_the_key_is_needed(house: Any, town: Town) -> None:
    refused = house.client("resident").post(f"{API}/reservations", json=wish())
    assert refused.status_code == 422
    assert list(refused.get_json()["fields"]) == ["Idempotency-Key"]


def test_nobody_reserves(house: Any, town: Town) -> None:
    refused = post(house.client(), wish())
    assert (refused.status_code, refused.get_json()["code"]) == (401, "sign_in_required")


def test_the_api_describes_itself(house: Any, town: Town) -> None:
    paths = house.client().get(f"{API}/openapi.json").get_json()["paths"]
    assert any(path.endswith("/api/units/{unit_id}/week") for path in paths)
    assert house.client().get(API).status_code == 200
