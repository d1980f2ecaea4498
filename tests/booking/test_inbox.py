"""What people are told, and what they tell of themselves: only their own, read or not, kept as they said it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.booking import inbox, messages, people, reservations, unit_rules
from services.booking.inbox import PER_PAGE
from services.booking.models import Message, Person
from services.booking.rules.policy import Policy
from shared.identity.actor import Actor, Role
from tests.booking.conftest import BIG, NOW, Town, at, resident
from tests.booking.test_unit_rules import CITY, KEEPER, audit, refused

ONE, TWO = resident(1), resident(2)
LATER = NOW + timedelta(hours=1)


def tell(town: Town, account_id: int, count: int = 1) -> list[int]:
    """So many messages; their ids."""
    facts = {"reservation_id": 1, "unit": "큰 회의실", "space": "상도 마을활력소", "zone": "Asia/Seoul"}
    facts |= {"start": at(24, 14).isoformat(), "end": at(24, 16).isoformat(), "reason": "<b>공사</b>"}
    with town.database.write() as session:
        for _ in range(count):
            messages.tell(session, account_id, "reservation_cancelled", NOW, **facts)
        rows = session.scalars(select(Message.id).where(Message.account_id == account_id).order_by(Message.id))
        return list(rows)[-count:]


def read_at(town: Town, message_id: int) -> Any:
    with town.database.read() as session:
        return session.get_one(Message, message_id).read_at


def test_only_ones_own_newest_first(town: Town) -> None:
    mine, other = tell(town, 1, 3), tell(town, 2)
    found = inbox.inbox(town.database, ONE)
    assert [each.id for each in found.messages] == mine[::-1]
    assert (found.total, found.unread, found.page, found.pages) == (3, 3, 1, 1)
    assert inbox.unread(town.database, TWO) == 1
    empty = inbox.inbox(town.database, resident(3))
    assert (empty.messages, empty.total, empty.unread, empty.pages) == ([], 0, 0, 1)
    for nobody in (CITY, KEEPER):  # not even who runs everything
        assert refused("message_not_found", inbox.read, town.database, nobody, NOW, other[0]).status == 404
    assert read_at(town, other[0]) is None


def test_one_is_read_once(town: Town) -> None:
    first, second = tell(town, 1, 2)
    inbox.read(town.database, ONE, NOW, first)
    inbox.read(town.database, ONE, LATER, first)
    assert (read_at(town, first), read_at(town, second)) == (NOW, None)
    assert inbox.unread(town.database, ONE) == 1
    refused("message_not_found", inbox.read, town.database, TWO, NOW, second)
    refused("message_not_found", inbox.read, town.database, ONE, NOW, 999)
    assert read_at(town, second) is None


def test_all_are_read_as_far_as_one_saw_them(town: Town) -> None:
    """What came while the page was open stays new."""
    seen, other = tell(town, 1, 3), tell(town, 2)
    inbox.read(town.database, ONE, NOW, seen[0])
    new = tell(town, 1)
    assert inbox.read_all(town.database, ONE, LATER, up_to=seen[-1]) == 2
    assert [read_at(town, each) for each in (*seen, *new, *other)] == [NOW, LATER, LATER, None, None]
    assert inbox.read_all(town.database, ONE, LATER) == 1
    assert inbox.read_all(town.database, ONE, LATER) == 0
    assert (inbox.unread(town.database, ONE), inbox.unread(town.database, TWO)) == (0, 1)


def test_pages(town: Town) -> None:
    mine = tell(town, 1, PER_PAGE + 2)
    first, second = inbox.inbox(town.database, ONE), inbox.inbox(town.database, ONE, 2)
    assert [each.id for each in (*first.messages, *second.messages)] == mine[::-1]
    assert (first.pages, first.total, second.unread) == (2, PER_PAGE + 2, PER_PAGE + 2)
    assert (inbox.inbox(town.database, ONE, 99).page, inbox.inbox(town.database, ONE, -1).page) == (2, 1)


def test_nobody_is_told_where_nobody_signs_in(town: Town) -> None:
    for account_id in (0, -1):
        with town.database.write() as session:
            messages.tell(session, account_id, "no_show", NOW)
    with town.database.read() as session:
        assert session.scalars(select(Message)).all() == []


def test_by_page(house: Any, town: Town, clock: Any) -> None:
    who, other = house.actor("resident").account_id, house.actor("neighbor").account_id
    first, second = tell(town, who, 2)
    [theirs] = tell(town, other)
    browser, page = house.client("resident"), "/booking/messages"
    shown = browser.get(page).text
    assert "읽지 않은 알림 2개" in shown
    assert shown.count("새 알림</span>") == 2
    assert "&lt;b&gt;공사&lt;/b&gt;" in shown  # what a keeper typed is text
    assert f'name="up_to" value="{second}"' in shown
    assert f"{page}/{theirs}" not in shown
    opened = browser.post_form(f"{page}/{first}", {})
    assert (opened.status_code, opened.location) == (302, "/booking/reservations/1")
    assert "읽지 않은 알림 1개" in browser.get(page).text
    assert browser.post_form(f"{page}/{theirs}", {}).status_code == 404
    assert browser.get(f"{page}/{second}").status_code == 405  # a link that is looked at in advance reads nothing
    later = tell(town, who)[0]
    assert browser.post_form(f"{page}/read", {"up_to": second}).location == page
    told = browser.get(page).text
    assert "알림 1개를 읽음으로 표시했습니다." in told
    assert "읽지 않은 알림 1개" in told
    assert [read_at(town, each) is None for each in (second, later, theirs)] == [False, True, True]
    browser.post_form(f"{page}/read", {"up_to": "x"})
    assert "새 알림이 없습니다." in browser.get(page).text
    assert "아직 받은 알림이 없습니다" in house.client("keeper").get(page).text


def test_the_navigation_tells_how_many_are_new(house: Any, town: Town, clock: Any) -> None:
    who = house.actor("resident").account_id
    browser = house.client("resident")

    def badge(path: str) -> str | None:
        found = re.search(
            r'href="/booking/messages"[^>]*>알림(?: <span class="badge[^>]*>(\d+))?', browser.get(path).text
        )
        assert found, path
        return found[1]

    assert badge("/booking/mine") is None
    tell(town, who, 2)
    tell(town, house.actor("neighbor").account_id, 5)
    assert badge("/booking/mine") == "2"
    assert badge(f"/booking/units/{BIG}") == "2"
    browser.post_form("/booking/messages/read", {})
    assert badge("/booking/messages") is None
    assert 'href="/booking/messages"' not in house.client().get(f"/booking/units/{BIG}").text


def test_what_a_keeper_did_reaches_them(house: Any, town: Town, clock: Any) -> None:
    made = town.reserve(house.actor("resident"), BIG, at(24, 14), 2)
    reservations.cancel(town.database, KEEPER, NOW, made.id, "물이 샙니다")
    browser = house.client("resident")
    shown = browser.get("/booking/messages").text
    assert "물이 샙니다" in shown
    assert "큰 회의실" in shown
    english = browser.get("/booking/messages", headers={"Accept-Language": "en"}).text
    assert "cancelled" in english.lower()
    assert "물이 샙니다" in english


def test_messages_by_api(house: Any, town: Town, clock: Any) -> None:
    api, who = "/booking/api/messages", house.actor("resident").account_id
    first, second = tell(town, who, 2)
    [theirs] = tell(town, house.actor("neighbor").account_id)
    browser = house.client("resident")
    found = browser.get(api).json
    assert [each["id"] for each in found["messages"]] == [second, first]
    assert (found["total"], found["unread"], found["pages"]) == (2, 2, 1)
    assert found["messages"][0]["path"] == "/reservations/1"
    assert "큰 회의실" in found["messages"][0]["text"]
    read = browser.post(f"{api}/{first}/read", json={}).json
    assert (read["id"], read["read_at"]) == (first, "2026-11-23T01:00:00+00:00")
    no = browser.post(f"{api}/{theirs}/read", json={})
    assert (no.status_code, no.json["code"]) == (404, "message_not_found")
    assert browser.post(f"{api}/read", json={}).json == {"read": 1}
    assert browser.get(f"{api}?page=0").status_code == 422
    for path in (api, "/booking/api/me"):
        assert house.client().get(path).status_code == 401
    for path in ("/booking/messages", "/booking/me"):
        assert house.client().get(path).status_code == 401


def test_what_one_tells_is_kept_and_nobody_s_business(town: Town) -> None:
    """The trail has that somebody told something, and a change of district; addresses it has not."""
    nothing = people.about_me(town.database, ONE)
    assert (nothing.email, nothing.phone, nothing.language, nothing.district, nothing.channels) == (
        None, None, "ko", None, [],
    )  # fmt: skip
    told = people.tell_about_me(
        town.database, ONE, NOW, email=" gaon@example.com ", phone="010 1234 5678", language="en", district="11590",
        channels=["sms", "email"],
    )  # fmt: skip
    assert (told.email, told.language, told.district) == ("gaon@example.com", "en", "11590")
    assert re.sub(r"\D", "", told.phone or "").endswith("12345678")
    known = people.about_me(town.database, ONE)
    assert (known.channels, known.told_at, known.phone) == (["email", "sms"], NOW, told.phone)
    assert people.about_me(town.database, TWO).email is None
    people.tell_about_me(town.database, ONE, LATER, district="11290")
    gone = people.about_me(town.database, ONE)
    assert (gone.email, gone.phone, gone.channels, gone.language) == (None, None, [], "ko")  # said anew, as a whole
    rows = [(row.account_id, row.subject, row.details) for row in audit(town, "person.told")]
    assert rows == [
        (1, "account:1", {"district": [None, "11590"]}), (1, "account:1", {"district": ["11590", "11290"]}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"email": "gaon"}, "email", "email_invalid"),
        ({"email": "gaon@example.com\nBcc: all@example.com"}, "email", "email_invalid"),
        ({"email": f"{'a' * 250}@example.com"}, "email", "email_invalid"),
        ({"phone": "전화"}, "phone", "phone_invalid"),
        ({"phone": "010"}, "phone", "phone_invalid"),
        ({"language": "fr"}, "language", "language_unknown"),
        ({"district": "99999"}, "district", "district_unknown"),
        ({"channels": ["pigeon"]}, "channels", "channel_unknown"),
        ({"channels": ["email"]}, "email", "channel_needs_email"),
        ({"channels": ["sms"], "phone": " "}, "phone", "channel_needs_phone"),
    ],
)
def test_what_can_not_be_told(town: Town, given: dict[str, Any], field: str, code: str) -> None:
    no = refused(code, people.tell_about_me, town.database, ONE, NOW, **given)
    assert (no.status, no.fields[field]) == (422, [code])
    with town.database.read() as session:
        assert session.get(Person, 1) is None
    assert audit(town, "person.told") == []


def test_the_district_decides_what_one_may(town: Town) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(audience="district"))
    refused("district_only", town.reserve, ONE, BIG, at(24, 10))
    people.tell_about_me(town.database, ONE, NOW, district="11590")
    town.reserve(ONE, BIG, at(24, 10))


def test_the_name_is_the_account_s(town: Town) -> None:
    people.tell_about_me(town.database, Actor(1, "가" * 100, frozenset({Role.RESIDENT})), NOW)
    assert people.about_me(town.database, ONE).name == "가" * 80


def test_my_page(house: Any, town: Town, clock: Any) -> None:
    browser, page = house.client("resident"), "/booking/me"
    given = {"email": "gaon", "phone": "010-1234-5678", "language": "en", "district": "11590", "channels": ["sms"]}
    wrong = browser.post_form(page, given)
    assert wrong.status_code == 422
    assert re.search(r'id="field-email"[^>]*aria-describedby="field-email-error"[^>]*value="gaon"', wrong.text)
    assert "이메일 주소를 확인해 주세요." in wrong.text
    assert re.search(r'name="phone"[^>]*value="010-1234-5678"', wrong.text)
    assert re.search(r'name="channels"[^>]*value="sms"[^>]* checked', wrong.text)
    assert re.search(r'name="language"[^>]*value="en"[^>]* checked', wrong.text)
    assert '<option value="11590" selected>' in wrong.text
    with town.database.read() as session:
        assert session.scalars(select(Person)).all() == []
    saved = browser.post_form(page, {**given, "email": "gaon@example.com", "channels": ["email", "sms"]})
    assert (saved.status_code, saved.location) == (302, page)
    again = browser.get(page).text
    assert "내 정보를 저장했습니다." in again
    assert re.search(r'name="email"[^>]*value="gaon@example.com"', again)
    assert len(re.findall(r'name="channels"[^>]* checked', again)) == 2
    with town.database.read() as session:
        [row] = session.scalars(select(Person)).all()
        assert (row.account_id, row.name, row.district) == (house.actor("resident").account_id, "주민 가온", "11590")
    assert 'value="gaon@example.com"' not in house.client("neighbor").get(page).text


def test_about_me_by_api(house: Any, town: Town, clock: Any) -> None:
    api, browser = "/booking/api/me", house.client("resident")
    assert browser.get(api).json == {"email": None, "phone": None, "language": "ko", "district": None, "channels": []}
    told = browser.put(api, json={"email": "gaon@example.com", "channels": ["email"], "district": "11590"})
    assert (told.status_code, told.json["email"], told.json["channels"]) == (200, "gaon@example.com", ["email"])
    assert browser.get(api).json == told.json
    no = browser.put(api, json={"channels": ["email"]})
    assert (no.status_code, no.json["code"], list(no.json["fields"])) == (422, "channel_needs_email", ["email"])
    assert browser.put(api, json={"name": "다른 이름"}).status_code == 422
    assert browser.get(api).json == told.json
