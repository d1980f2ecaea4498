"""A draft as people fill it in, for the tests of its pages and of its API."""

import html
import re

from sqlalchemy import select

from services.grants.models import ApplicantGroup
from tests.grants.conftest import DURING

GROUP = {
    "name": "느티나무 <b>이웃회</b>",
    "kind": "residents",
    "district": "11590",
    "dong": "상도동",
    "bank": "마을은행",
    "bank_account": "100-200-300",
    "bank_holder": "김느티",
    "key": "group-1",
}


def controls(page):
    """What a browser would send back of the draft's form: every control with what stands in it."""
    form = re.search(r'<form[^>]*id="draft".*?</form>', page, re.S)[0]
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', form))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        found[name] = text
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    for each in re.findall(r'<input type="radio"[^>]*>', form):
        name, value = re.search(r'name="([^"]+)"', each)[1], re.search(r'value="([^"]*)"', each)[1]
        if " checked" in each:
            found[name] = value
        elif found.get(name) == value:
            del found[name]
    for name in re.findall(r'<input type="file"[^>]*name="([^"]+)"', form):
        found.pop(name, None)
    return {name: html.unescape(value) for name, value in found.items() if name not in ("csrf_token", "act")}


FILLED = {
    "title": "골목 <i>화단</i>",
    "strand": "group_space",
    "plan": "봄에 심고\n가을에 거둡니다.",
    "requested_won": "2,000,000",
    "self_contribution_won": "0",
    "members-0-name": "김느티",
    "members-0-birth_year": "1980",
    "members-0-address": "동작구 상도동",
    "members-1-name": "이나무",
    "members-1-birth_year": "1975",
    "members-2-name": "박골목",
    "members-2-birth_year": "1968",
    "budget-0-line": "activity/materials",
    "budget-0-grant_won": "2,000,000",
    "place-address": "상도동 놀이터",
}


def begun(people, at, publish, login="resident"):
    """The address of a new draft."""
    call = publish()
    at(DURING)
    browser = people(login)
    made = browser.post_form("/grants/groups", GROUP | {"call": str(call.id)})
    assert made.status_code == 302, made.text
    assert made.location == f"/grants/calls/{call.id}/apply"
    assert "이웃회" in browser.get(made.location).text
    group_id = re.search(r'name="group_id"[^>]*value="(\d+)"', browser.get(made.location).text)[1]
    draft = browser.post_form(f"/grants/calls/{call.id}/apply", {"group_id": group_id})
    assert draft.status_code == 302, draft.text
    return draft.location


def invite(people, house, login="neighbor"):
    with house.databases["grants"].read() as session:
        code = session.scalar(select(ApplicantGroup.invite_code))
    page = house.client().get(f"/grants/groups/join/{code}")
    assert "함께하기" in page.text
    assert people(login).post_form(f"/grants/groups/join/{code}", {}).status_code == 302


def send(browser, path, act, **changed):
    return browser.post_form(path, controls(browser.get(path).text) | changed | {"act": act})
