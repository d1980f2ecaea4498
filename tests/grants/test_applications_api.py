"""Applying as programs do: groups, drafts and applications over JSON."""

import pytest

from tests.grants.conftest import CLOSES, DURING, answers


def test_the_api_from_draft_to_receipt(people, at, publish):
    call = publish()
    at(DURING)
    one = people("resident")
    details, key = {"name": "이웃회", "district": "11590"}, {"Idempotency-Key": "g"}
    made = one.post("/grants/api/groups", json=details, headers=key)
    assert made.status_code == 201, made.text
    group = made.json
    assert one.get("/grants/api/groups").json[0]["id"] == group["id"]
    assert one.get(f"/grants/api/groups/{group['id']}").json["invite_code"] == group["invite_code"]
    path = f"/grants/api/groups/{group['id']}"
    member = one.post(f"{path}/members", json={"name": "이나무", "birth_year": 1975}).json
    assert one.put(f"{path}/members/{member['id']}", json={"name": "이나무", "birth_year": 1976}).status_code == 200
    joined = people("neighbor").post("/grants/api/groups/join", json={"code": group["invite_code"]})
    assert (joined.status_code, joined.json["invite_code"]) == (200, None)
    draft = one.post(f"/grants/api/calls/{call.id}/drafts", json={"group_id": group["id"]})
    assert draft.status_code == 201, draft.text
    here = f"/grants/api/applications/{draft.json['id']}"
    assert "budget_missing" in draft.json["missing"]["budget"]
    patched = one.patch(f"{here}/draft", json={"revision": draft.json["revision"], "answers": answers()})
    assert (patched.status_code, patched.json["missing"], patched.json["conflicts"]) == (200, {}, [])
    clash = people("neighbor").patch(f"{here}/draft", json={"revision": 1, "answers": {"title": "다른 이름"}}).json
    assert clash["conflicts"] == [{"field": "title", "mine": "다른 이름", "theirs": "골목 화단 가꾸기"}]
    unsure = one.post(f"{here}/submit")
    assert unsure.status_code == 422
    filed = one.post(f"{here}/submit", headers={"Idempotency-Key": "s"})
    assert filed.status_code == 200, filed.text
    assert filed.json["receipt"].endswith("-0001")
    assert one.post(f"{here}/submit", headers={"Idempotency-Key": "s"}).json == filed.json
    assert one.get("/grants/api/applications").json == [filed.json]
    assert one.post(f"{here}/correct", headers={"Idempotency-Key": "c"}).status_code == 409
    assert one.post(f"{here}/withdraw").json["state"] == "withdrawn"
    assert people("seongbuk").get(here).status_code == 403


def test_the_api_files_once_in_one_request(house, people, at, publish):
    call = publish()
    at(DURING)
    browser = people("resident")
    group = browser.post(
        "/grants/api/groups", json={"name": "이웃회", "district": "11590"}, headers={"Idempotency-Key": "g"}
    ).json
    path = f"/grants/api/calls/{call.id}/applications"
    body = {"group_id": group["id"], "answers": answers()}
    first = browser.post(path, json=body, headers={"Idempotency-Key": "k"})
    assert first.status_code == 201, first.text
    assert browser.post(path, json=body, headers={"Idempotency-Key": "k"}).json == first.json
    other = browser.post(path, json=body, headers={"Idempotency-Key": "l"})
    assert (other.status_code, other.json["code"]) == (409, "already_applied")
    assert browser.post(path, json=body).status_code == 422
    at(CLOSES)
    assert browser.post(path, json=body, headers={"Idempotency-Key": "k"}).json == first.json
    late = people("neighbor").post(path, json=body, headers={"Idempotency-Key": "k"})
    assert late.status_code == 404  # of another group, whatever the hour
    assert house.client().post(path, json=body, headers={"Idempotency-Key": "k"}).status_code == 401


@pytest.mark.parametrize(
    "answered",
    [
        {"requested_won": 2.5},
        {"requested_won": True},
        {"requested_won": 10**30},
        {"title": ["x"]},
        {"title": {"a": 1}},
        {"members": 7},
        {"budget": [[1]]},
        {"place": [1]},
        {"__class__": "x"},
    ],
)
def test_the_api_names_what_is_wrong(people, at, publish, answered):
    call = publish()
    at(DURING)
    browser = people("resident")
    group = browser.post(
        "/grants/api/groups", json={"name": "이웃회", "district": "11590"}, headers={"Idempotency-Key": "g"}
    ).json
    body = {"group_id": group["id"], "answers": answers() | answered}
    refused = browser.post(f"/grants/api/calls/{call.id}/applications", json=body, headers={"Idempotency-Key": "k"})
    assert refused.status_code == 422
    assert set(answered) <= set(refused.json["fields"])
