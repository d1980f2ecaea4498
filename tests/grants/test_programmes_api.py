"""Programmes over the API."""

import copy
from datetime import timedelta

import pytest

from services.grants import programmes
from services.grants.ready import READY
from shared import clock
from tests.grants.conftest import OPENS

API = "/grants/api/programmes"
BEFORE = OPENS - timedelta(days=2)


@pytest.fixture(autouse=True)
def ready(house, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: BEFORE)
    programmes.ensure(house.databases["grants"], BEFORE)


def copied(browser, key="copy-1", **changed):
    asked = {"version_id": 1, "district": "11590", "name": "동작 사업"} | changed
    return browser.post(API, json=asked, headers={"Idempotency-Key": key})


def test_everyone_reads_the_rules(house):
    browser = house.client()
    listed = browser.get(API).get_json()
    assert listed["total"] == len(READY)
    assert {each["key"] for each in listed["programmes"]} == set(READY)
    one = browser.get(f"{API}/{listed['programmes'][0]['id']}").get_json()
    assert [each["number"] for each in one["versions"]] == [1]
    rules = browser.get(f"{API}/{one['id']}/versions/1").get_json()
    assert rules["definition"]["form"]["fields"][0]["key"] == "title"
    assert rules["problems"] == []
    assert browser.get(f"{API}/{one['id']}/versions/7").status_code == 404
    assert browser.get(f"{API}?district=11110").status_code == 200
    assert browser.get(f"{API}?district=moon").status_code == 422


def test_a_copy_is_changed_and_released(house):
    browser = house.client("dongjak")
    made = copied(browser)
    assert made.status_code == 201, made.text
    assert copied(browser).get_json()["id"] == made.get_json()["id"]
    version = made.get_json()
    where = f"{API}/{version['programme_id']}/versions/1"
    assert house.client("resident").get(where).status_code == 404
    document = copy.deepcopy(version["definition"])
    document["tranches"][0]["percent"] = 60
    changed = browser.put(where, json={"definition": document, "seen": version["definition_hash"]})
    assert changed.status_code == 200, changed.text
    assert changed.get_json()["problems"] == [{"path": "tranches", "code": "tranches_not_hundred", "blocks": True}]
    refused = browser.post(f"{where}/release", json={"seen": changed.get_json()["definition_hash"]})
    assert refused.status_code == 422
    assert refused.get_json()["code"] == "programme_inconsistent"
    assert refused.get_json()["fields"] == {"tranches": ["교부 비율을 모두 더해 100%가 되어야 합니다."]}
    late = browser.put(where, json={"definition": version["definition"], "seen": version["definition_hash"]})
    assert (late.status_code, late.get_json()["code"]) == (409, "rules_changed_meanwhile")
    seen = changed.get_json()["definition_hash"]
    back = browser.put(where, json={"definition": version["definition"], "seen": seen}).get_json()
    released = browser.post(f"{where}/release", json={"seen": back["definition_hash"], "note": "첫 판"})
    assert released.get_json()["released_at"] is not None
    following = browser.post(f"{API}/{version['programme_id']}/versions")
    assert (following.status_code, following.get_json()["number"]) == (201, 2)
    assert browser.patch(f"{API}/{version['programme_id']}", json={"retired": True}).status_code == 204
    assert browser.get(f"{API}/{version['programme_id']}").get_json()["retired_at"] is not None


@pytest.mark.parametrize(
    "definition", [{}, {"form": 5}, {"states": [{"key": "A B"}]}, {"label": {"ko": 3}}, {"tranches": [[]]}]
)
def test_a_document_that_is_none_is_refused_field_by_field(house, definition):
    browser = house.client("dongjak")
    version = copied(browser).get_json()
    where = f"{API}/{version['programme_id']}/versions/1"
    refused = browser.put(where, json={"definition": definition, "seen": version["definition_hash"]})
    assert refused.status_code == 422
    assert refused.get_json()["code"] == "invalid_input"
    assert refused.get_json()["fields"]
    assert browser.get(where).get_json()["definition"] == version["definition"]


def test_others_are_refused(house):
    version = copied(house.client("dongjak")).get_json()
    where = f"{API}/{version['programme_id']}"
    body = {"definition": version["definition"], "seen": version["definition_hash"]}
    for login, status in (("seongbuk", 403), ("resident", 403), (None, 401)):
        browser = house.client(login)
        assert copied(browser, "mine").status_code == status
        assert browser.put(f"{where}/versions/1", json=body).status_code in (status, 404)
        assert browser.post(f"{where}/versions").status_code == status
        assert browser.patch(where, json={"retired": True}).status_code == status
        for path in (where, f"{where}/versions/1", f"/grants/programmes/{version['programme_id']}/1"):
            assert browser.get(path).status_code == 404  # a draft is for those who run it
        name = version["definition"]["label"]["ko"]
        assert name not in browser.get("/grants/programmes?district=11590").text
