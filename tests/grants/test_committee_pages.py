"""The committee's pages, as the staff at a desk and a member on the phone meet them; and the API."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from services.grants.committee import minutes
from services.grants.models import AUDIT, AgendaItem, Application, Interest, Meeting
from services.grants.selection import announcement, objections
from tests.grants import stage
from tests.grants.conftest import AFTER, CLOSES, DONGJAK, resident
from tests.grants.meeting_room import HELD, MEMBERS, appoint, decide, item_of, opened, planned, waiting


@pytest.fixture
def at(at):
    at(AFTER)
    return at


@pytest.fixture
def call(house, database, publish, at):
    """A call whose committee has the demonstration's reviewer in it."""
    appoint(database, (house.actor("reviewer").account_id, *MEMBERS[:4]))
    return publish()


def test_from_the_plan_to_the_minutes(house, database, call, people, at):
    application_id = waiting(database, call)
    staff, member = people("dongjak"), people("reviewer")
    page = staff.get(f"/grants/calls/{call.id}/meetings")
    assert "심의를 기다리는 신청" in page.text
    wrong = staff.post_form(
        f"/grants/calls/{call.id}/meetings", {"title": "회의", "held_at": "", "place": "", "key": "k"}
    )
    assert wrong.status_code == 422
    assert 'value="회의"' in wrong.text
    assert 'href="#field-held_at"' in wrong.text
    form = {"title": "제1차 심의", "held_at": "2026-03-24T14:00", "place": "구청", "key": "k"}
    made = staff.post_form(f"/grants/calls/{call.id}/meetings", form)
    assert made.status_code == 302, made.text
    meeting = made.location
    assert staff.post_form(f"/grants/calls/{call.id}/meetings", form).location == meeting  # a double click
    assert "제1차 심의" in member.get("/grants/meetings").text
    at(HELD)
    assert staff.post_form(f"{meeting}/open", {}).status_code == 302
    assert "출석을 눌러 주세요" in member.get(meeting).text
    member.post_form(f"{meeting}/attendance", {"what": "arrive"})
    for account_id in MEMBERS[:3]:
        staff.post_form(f"{meeting}/attendance", {"what": "arrive", "account_id": str(account_id)})
    with database.read() as session:
        item_id = session.scalars(select(AgendaItem.id)).one()
    item = f"/grants/meetings/items/{item_id}"
    assert "골목 화단 가꾸기" in member.get(item).text
    refused = staff.post_form(f"{item}/proposal", {"outcome": "select", "awarded_won": "3,000,001", "reason": "좋음"})
    assert refused.status_code == 409
    assert 'value="3,000,001"' in refused.text
    assert 'id="field-awarded_won-error"' in refused.text
    proposal = {"outcome": "select", "awarded_won": "1,500,000", "conditions": "안전 교육", "reason": "재료비 조정"}
    assert staff.post_form(f"{item}/proposal", proposal).status_code == 302
    staff.post_form(f"{item}/start", {})
    assert "기권" in member.get(item).text
    member.post_form(f"{item}/vote", {"choice": "for"})
    assert "지금 내 표결: 찬성" in member.get(item).text
    changed = proposal | {"awarded_won": "1,400,000"}
    assert staff.post_form(f"{item}/proposal", changed).status_code == 302
    assert "의결되지 않은 제안" in member.get(item).text
    staff.post_form(f"{item}/proposal", proposal)
    staff.post_form(f"{item}/start", {})
    member.post_form(f"{item}/vote", {"choice": "for"})
    early = staff.post_form(f"{item}/decide", {}, follow_redirects=True)
    assert "3명이 아직 표결하지 않았습니다" in early.text
    for account_id in MEMBERS[:3]:
        staff.post_form(f"{item}/vote", {"choice": "for", "account_id": str(account_id)})
    assert "의결했습니다" in staff.post_form(f"{item}/decide", {}, follow_redirects=True).text
    assert staff.post_form(f"{meeting}/close", {}).status_code == 302
    written = member.get(f"{meeting}/minutes").text
    assert "표결: 찬성 4, 반대 0, 기권 0" in written
    assert "의결되지 않은 제안: 선정 1,500,000원" in written
    text = staff.get(f"{meeting}/minutes.txt")
    assert text.mimetype == "text/plain"
    assert text.text in written.replace("<br>", "\n").replace("</p><p>", "\n\n") or "회의록" in text.text
    with database.read() as session:
        assert session.get_one(Application, application_id).awarded_won == 1_500_000


def test_without_quorum_the_page_says_what_is_missing(database, call, people, at):
    application_id = waiting(database, call)
    meeting = opened(database, call, MEMBERS[:2])
    at(HELD)
    item = f"/grants/meetings/items/{item_of(database, meeting, application_id).id}"
    staff = people("dongjak")
    staff.post_form(f"{item}/start", {})
    answer = staff.post_form(f"{item}/decide", {}, follow_redirects=True)
    assert (
        "정족수가 모자라 의결할 수 없습니다. 위원 5명 가운데 회피·제척을 뺀 2명이 있고 3명이 필요합니다." in answer.text
    )


def test_a_recused_member_sees_no_papers(house, database, call, people, at):
    account_id = house.actor("reviewer").account_id
    kept, other = waiting(database, call, 1, plan="비밀 계획"), waiting(database, call, 2, plan="열린 계획")
    with database.write() as session:
        session.add(Interest(account_id=account_id, application_id=kept, kind="address", at=AFTER))
    meeting = planned(database, call)
    member = people("reviewer")
    page = member.get(f"/grants/meetings/items/{item_of(database, meeting, kept).id}").text
    assert "회피·제척된 안건입니다" in page
    assert "비밀 계획" not in page
    item = f"/grants/meetings/items/{item_of(database, meeting, other).id}"
    assert "열린 계획" in member.get(item).text
    member.post_form(f"{item}/recusal", {"reason": "사촌입니다."})
    assert "열린 계획" not in member.get(item).text
    with database.read() as session:
        viewed = session.scalars(
            select(AUDIT.c.subject).where(AUDIT.c.action == "application.viewed", AUDIT.c.account_id == account_id)
        ).all()
    assert viewed == [f"application:{other}"]


def test_a_recused_member_learns_nothing_of_the_decision(house, database, call, people, at):
    """Neither on the item's page, nor on the meeting's, nor in the API, nor in the minutes, until it is announced."""
    account_id = house.actor("reviewer").account_id
    group_id = stage.group(database, AFTER, (1, account_id))  # the member is of the group
    own = stage.application(database, call, group_id, AFTER, state="deliberation")
    other = waiting(database, call, 2)
    late_group = stage.group(database, AFTER, (3, account_id))
    stage.application(database, call, late_group, AFTER, state="deliberation", account_id=3)  # it is never decided
    meeting = opened(database, call, (*MEMBERS[:3], account_id))
    terms = {"who": MEMBERS[:3], "conditions": "비밀 조건", "reason": "비밀 이유"}
    decide(database, meeting, own, proposed_won=1_234_000, **terms)
    at(HELD)
    member, staff, path = people("reviewer"), people("dongjak"), f"/grants/meetings/{meeting.id}"
    item = f"/grants/meetings/items/{item_of(database, meeting, own).id}"
    api = f"/grants/api/meetings/{meeting.id}"
    for page in (item, path, api):
        text = member.get(page).text
        assert not [each for each in ("1,234,000", "1234000", "비밀", "찬성 3") if each in text], page
    assert "1,234,000원" in staff.get(item).text
    shown = {each["title"] + str(each["recused"]): each for each in member.get(api).json["items"]}
    assert len(shown) == 2
    hidden = next(each for each in shown.values() if each["recused"])
    assert [hidden[each] for each in ("proposal", "proposed_won", "rank", "state")] == [None] * 4
    assert next(each for each in shown.values() if not each["recused"])["state"] == "pending"
    minutes.close(database, DONGJAK, HELD, meeting_id=meeting.id)
    for page in (f"{path}/minutes", f"{path}/minutes.txt"):
        assert member.get(page).status_code == 403
        assert "1,234,000원" in staff.get(page).text
    assert "발표한 뒤에 회의록을 볼 수 있습니다" in member.get(path).text
    hour = HELD + timedelta(hours=1)
    announcement.set_hour(database, DONGJAK, HELD, call_id=call.id, announce_at=hour, leave=True)
    announcement.announce(database, hour, call.id)
    at(hour)
    assert "1,234,000원" in member.get(f"{path}/minutes").text
    filed = objections.file(database, resident(1), hour, application_id=own, words="다시 봐 주세요.")
    objections.answer(database, DONGJAK, hour, objection_id=filed.id, upheld=True, answer="다시 봅니다.")
    assert "1,234,000원" in member.get(f"{path}/minutes").text  # what was told stays told
    assert other


def test_the_committee_sees_of_the_applicants_what_reviewers_see(house, database, call, people, at):
    people_of = [{"name": "김주민", "birth_year": 1977, "address": "상도로 1", "phone": "010-0000-0000"}]
    application_id = waiting(database, call, answers={"plan": "열린 계획", "members": people_of})
    meeting = planned(database, call)
    page = people("reviewer").get(f"/grants/meetings/items/{item_of(database, meeting, application_id).id}").text
    assert "김주민" in page
    assert not [each for each in ("1977", "상도로 1", "010-0000") if each in page]


def test_meetings_are_their_members_and_their_districts(house, database, call, people, at):
    application_id = waiting(database, call)
    meeting = planned(database, call)
    item = f"/grants/meetings/items/{item_of(database, meeting, application_id).id}"
    path = f"/grants/meetings/{meeting.id}"
    for each in (path, item):
        assert people("reviewer").get(each).status_code == 200
        assert people("seongbuk").get(each).status_code == 404
        assert people("resident").get(each).status_code == 403
        assert house.client().get(each).status_code == 401
    for each in (f"{path}/open", f"{path}/close", f"{path}/agenda", f"{item}/decide", f"{item}/start"):
        assert people("seongbuk").post_form(each, {}).status_code == 403, each
        assert people("reviewer").post_form(each, {}).status_code == 403, each
    assert people("seongbuk").get(f"/grants/calls/{call.id}/meetings").status_code == 403


def test_many_items_are_voted_and_decided_together(house, database, call, people, at):
    filed = [waiting(database, call, who, requested_won=1_000_000) for who in range(21, 25)]
    account_id = house.actor("reviewer").account_id
    with database.write() as session:
        session.add(Interest(account_id=account_id, application_id=filed[0], kind="declared", at=AFTER))
    meeting = opened(database, call, ())
    at(HELD)
    path = f"/grants/meetings/{meeting.id}"
    staff, member = people("dongjak"), people("reviewer")
    for each in (*MEMBERS[:3], account_id):
        staff.post_form(f"{path}/attendance", {"what": "arrive", "account_id": str(each)})
    assert (
        "4건의 표결을 시작했습니다"
        in staff.post_form(f"{path}/together", {"what": "start"}, follow_redirects=True).text
    )
    voted = member.post_form(f"{path}/together", {"what": "for"}, follow_redirects=True).text
    assert "3건에 표결했습니다" in voted
    for each in filed:
        item = f"/grants/meetings/items/{item_of(database, meeting, each).id}"
        for who in MEMBERS[:3]:
            staff.post_form(f"{item}/vote", {"choice": "for", "account_id": str(who)})
    assert "4건을 의결했습니다" in staff.post_form(f"{path}/together", {"what": "decide"}, follow_redirects=True).text


def test_the_agenda_is_ordered_and_a_meeting_called_off(database, call, people, at):
    first, second = waiting(database, call, 1), waiting(database, call, 2)
    meeting = planned(database, call)
    staff, path = people("dongjak"), f"/grants/meetings/{meeting.id}"
    items = {each: item_of(database, meeting, each).id for each in (first, second)}
    staff.post_form(f"/grants/meetings/items/{items[second]}/move", {"position": "1"})
    assert item_of(database, meeting, first).position == 2
    staff.post_form(f"/grants/meetings/items/{items[first]}/drop", {})
    assert "기다리는 신청 1건을 안건에 올리기" in staff.get(path).text
    staff.post_form(f"{path}/agenda", {})
    edit = staff.get(f"{path}/edit").text
    assert 'value="2026-03-24T18:00"' in edit
    changed = staff.post_form(f"{path}/edit", {"title": "새 이름", "held_at": "2026-03-25T10:00", "place": "2층"})
    assert changed.status_code == 302
    assert staff.post_form(f"{path}/edit", {"title": "", "held_at": "x", "place": "2층"}).status_code == 422
    assert "꼭 적어 주세요" in staff.post_form(f"{path}/cancel", {"reason": ""}, follow_redirects=True).text
    staff.post_form(f"{path}/cancel", {"reason": "태풍"})
    with database.read() as session:
        assert session.get_one(Meeting, meeting.id).state == "cancelled"
    assert staff.get(f"{path}/minutes").status_code == 404


def test_an_agenda_costs_a_bounded_number_of_queries(database, call, people, at):
    for who in range(1, 41):
        waiting(database, call, who)
    meeting = opened(database, call, MEMBERS[:4])
    at(HELD)
    counted = []
    listener = lambda *args: counted.append(args[2]) if args[2].startswith("SELECT") else None  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listener)
    try:
        for login, most in (("dongjak", 24), ("reviewer", 18)):
            counted.clear()
            assert people(login).get(f"/grants/meetings/{meeting.id}").status_code == 200
            assert len(counted) <= most, counted
    finally:
        event.remove(database.engine, "before_cursor_execute", listener)


def test_the_api_of_a_member(house, database, call, people, at):
    application_id = waiting(database, call)
    meeting = opened(database, call, MEMBERS[:2])
    at(HELD)
    member = people("reviewer")
    assert [each["id"] for each in member.get("/grants/api/meetings").json] == [meeting.id]
    shown = member.get(f"/grants/api/meetings/{meeting.id}").json
    assert (shown["quorum"], shown["present"], shown["total"]) == (3, 2, 1)
    item = shown["items"][0]
    path = f"/grants/api/meetings/items/{item['id']}/vote"
    assert member.put(path, json={"choice": "for"}).json["code"] == "not_voting"
    assert member.put(f"/grants/api/meetings/{meeting.id}/attendance", json={"there": True}).json["present"] == 3
    people("dongjak").post_form(f"/grants/meetings/items/{item['id']}/start", {})
    assert member.put(path, json={"choice": "for"}).json == {"choice": "for"}
    assert member.put(path, json={"choice": "maybe"}).status_code == 422
    assert member.get(f"/grants/api/meetings/{meeting.id}").json["items"][0]["choice"] == "for"
    assert people("resident").get(f"/grants/api/meetings/{meeting.id}").status_code == 403
    assert application_id


def test_pages_are_in_english_too(house, database, call, people, at):
    waiting(database, call)
    meeting = planned(database, call)
    member = people("reviewer")
    page = member.get(f"/grants/meetings/{meeting.id}", headers={"Accept-Language": "en"}).text
    assert "Agenda" in page or "안건" in page


def test_the_decision_is_hidden_from_the_member_of_the_group(database, call, people, at, house):
    """A resident's own page tells nothing, while the committee's own pages do."""
    account_id = house.actor("resident").account_id
    application_id = waiting(database, call, account_id)
    decide(database, opened(database, call, MEMBERS[:3]), application_id, who=MEMBERS[:3], reason="아주 좋은 계획")
    at(HELD + timedelta(hours=1))
    page = people("resident").get(f"/grants/applications/{application_id}")
    assert page.status_code == 200
    assert "아주 좋은 계획" not in page.text
    assert DONGJAK.account_id
    assert CLOSES < HELD
