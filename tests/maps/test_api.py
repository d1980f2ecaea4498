"""The JSON API of maps."""

import time

from shared.districts import DISTRICTS
from tests.maps.town import Queries, add_space, fund, reserve


def settled():
    """Wait, if need be, so that the next seconds lie in one minute: the status is as of the full minute."""
    if (left := 60 - time.time() % 60) < 5:
        time.sleep(left + 0.1)


def test_the_status_is_told_anew_only_when_something_changed(house):
    space_id = add_space(house.databases["maps"])
    browser = house.client()
    settled()
    first = browser.get("/api/map/status")
    assert first.json["spaces"][0]["space_id"] == space_id
    known = {"If-None-Match": first.headers["ETag"]}
    with Queries(house.databases["maps"]) as queries:
        same = browser.get("/api/map/status", headers=known)
    assert (same.status_code, same.data) == (304, b"")
    assert len(queries.statements) == 1
    reserve(house, 1, space_id)
    news = browser.get("/api/map/status", headers=known)
    assert news.status_code == 200
    assert news.headers["ETag"] != first.headers["ETag"]


def test_spaces_are_found_and_shown(house):
    space_id = add_space(house.databases["maps"])
    browser = house.client()
    found = browser.get("/api/spaces?district=11590&open=true").json
    assert (found["total"], found["spaces"][0]["space_id"]) == (1, space_id)
    one = browser.get(f"/api/spaces/{space_id}").json
    assert one["units"][0]["hours"] == {"weekday": ["09:00", "21:00"], "weekend": ["10:00", "18:00"]}
    assert one["reservable_units"] == [one["units"][0]["unit_id"]]
    assert browser.get("/api/spaces?district=11110").json["spaces"] == []


def test_errors_have_the_one_form(house):
    browser = house.client()
    missing = browser.get("/api/spaces/999")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")
    wrong = browser.get("/api/spaces?kind=castle&page=0")
    assert wrong.status_code == 422
    assert set(wrong.json["fields"]) == {"query.kind", "query.page"} or set(wrong.json["fields"]) == {"kind", "page"}


def test_the_districts_are_25_with_their_sum(house):
    fund(house, 1)
    answer = house.client().get("/api/districts").json
    assert [row["code"] for row in answer["districts"]] == [district.code for district in DISTRICTS]
    assert answer["total"]["awarded_won"] == 3_000_000
    shapes = house.client().get("/api/districts.geojson")
    assert shapes.mimetype == "application/geo+json"
    assert len(shapes.json["features"]) == 25
    assert all(feature["properties"]["schematic"] for feature in shapes.json["features"])
