"""The line as people meet it: on the form, on their own pages, over the API, and as a space's keeper sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

import services.booking
from services.booking import equipment, reservations, retention, waitlist
from services.booking.equipment import Facts
from services.booking.models import AUDIT, Message, Person, Reservation, Waiting
from services.booking.waitlist import lines, offers
from services.booking.wording.messages import word
from shared.identity.actor import Actor, Role
from shared.web.i18n import speaking
from tests.booking.conftest import BIG, NOW, Town, at, resident
from tests.booking.racing import race
from tests.booking.test_waitlist import cancel, join, no_overlap, set_rules, state, tick

API = "/booking/api/waitlist"
JOIN = f"/booking/units/{BIG}/waitlist"
KEEPER = Actor(201, "지기", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
WHEN = "11월 24일 (화) 14:00–16:00"


@pytest.fixture(autouse=True)
def _standing(clock: Callable[[datetime], None]) -> None:
    """The clock of these pages stands at Monday, 23 November 2026, 10:00."""


@pytest.fixture
def taken(town: Town) -> Reservation:
    """Somebody has the big room on Tuesday from 14 to 16."""
    return town.reserve(resident(900), BIG, at(24, 14), 2)


@pytest.fixture
def me(house: Any) -> Actor:
    return house.actor("resident")


def typed(**more: str) -> dict[str, str]:
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


def body(**more: Any) -> dict[str, Any]:
    return {
        "unit_id": BIG,
        "start": "2026-11-24T14:00:00+09:00",
        "end": "2026-11-24T16:00:00+09:00",
        "people": 4,
        "purpose": "마을 회의",
        **more,
    }


def mine(town: Town, account: Actor) -> list[Waiting]:
    with town.database.read() as session:
        own = select(Waiting).where(Waiting.account_id == account.account_id).order_by(Waiting.id)
        return list(session.scalars(own))


def projector(town: Town, count: int = 1) -> int:
    facts = Facts("빔프로젝터", count, fee_won=3000)
    return equipment.put(town.database, KEEPER, town.now, 1, facts).id


def form_of(page: Any, action: str) -> dict[str, str]:
    """The fields of the form of one button that goes to this address."""
    found = re.search(
        rf'<form class="post-button" method="post" action="{re.escape(action)}".*?</form>', page.text, re.S
    )
    assert found, action
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', found[0]))


def test_a_taken_time_can_be_waited_for_with_everything_as_it_was_typed(
    house: Any, town: Town, taken: Reservation, me: Actor
) -> None:
    join(town, 907)
    lent = projector(town)
    browser = house.client("resident")
    words = typed(**{f"equipment.{lent}": "1"})
    page = browser.post_form(f"/booking/units/{BIG}/reserve", words)
    assert page.status_code == 409
    assert "지금 1명이 기다리고 있어요" in page.text
    assert "30분 동안 받아 둡니다" in page.text
    button = re.search(r'<button[^>]*form="reserve" formaction="([^"]+)".*?</button>', page.text, re.S)
    assert button
    assert button[1] == JOIN  # sends the form itself, so that nothing of it is lost
    assert "대기 신청" in button[0]
    joined = browser.post_form(button[1], words)
    (wish,) = mine(town, me)
    assert joined.location == f"/booking/waitlist/{wish.id}"
    assert (wish.people, wish.purpose, wish.group_name) == (4, "마을 회의", "상도 책모임")
    assert wish.equipment == {str(lent): 1}
    shown = browser.get(joined.location).text
    for text in ("대기를 신청했습니다", "2번째 순서예요", WHEN, "상도 책모임", "빔프로젝터 1"):
        assert text in shown


def test_a_double_click_joins_once(house: Any, town: Town, taken: Reservation, me: Actor) -> None:
    browser = house.client("resident")
    first, second = (browser.post_form(JOIN, typed()) for _ in range(2))
    assert first.location == second.location
    assert len(mine(town, me)) == 1
    page = browser.post_form(f"/booking/units/{BIG}/reserve", typed())
    assert "이미 기다리고 있어요" in page.text
    assert first.location in page.text


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"purpose": " "}, "purpose", "어떤 모임인지 짧게 적어 주세요."),
        ({"people": "99"}, "people", "10명까지 들어갈 수 있습니다"),
        ({"people": "많이"}, "people", "사람 수를 숫자로 적어 주세요."),
    ],
)
def test_a_refused_wish_keeps_what_was_typed(
    house: Any, town: Town, taken: Reservation, more: dict[str, str], field: str, sentence: str
) -> None:
    page = house.client("resident").post_form(JOIN, typed(**more))
    assert page.status_code == 422
    error = re.search(rf'id="field-{field}-error".*?</div>', page.text, re.S)
    assert error
    assert sentence in error[0]
    assert 'value="상도 책모임"' in page.text
    assert f'formaction="{JOIN}"' in page.text  # the way to try again


def test_what_cannot_be_waited_for_says_the_way_forward(house: Any, town: Town, taken: Reservation, me: Actor) -> None:
    browser = house.client("resident")
    free = browser.post_form(JOIN, typed(start="17:00", end="18:00"))
    assert (free.status_code, "기다리지 말고 바로 예약해" in free.text) == (409, True)
    assert '<option value="17:00" selected>' in free.text
    set_rules(town, waitlist=False)
    off = browser.post_form(JOIN, typed())
    assert (off.status_code, "대기를 받지 않습니다" in off.text) == (409, True)
    refused = browser.post_form(f"/booking/units/{BIG}/reserve", typed())
    assert refused.status_code == 409
    assert JOIN not in refused.text
    assert house.client("resident").post_form("/booking/units/99/waitlist", typed()).status_code == 404
    assert mine(town, me) == []


def test_equipment_that_nobody_lends_is_refused_at_once(house: Any, town: Town, taken: Reservation, me: Actor) -> None:
    page = house.client("resident").post_form(JOIN, typed(**{"equipment.99": "1"}))
    assert page.status_code == 422
    assert mine(town, me) == []


def test_signing_in_comes_first_and_keeps_the_form(house: Any, town: Town, taken: Reservation) -> None:
    browser = house.client()
    form = browser.get(f"/booking/units/{BIG}/reserve?start=2026-11-24T14:00&end=2026-11-24T16:00")
    assert "로그인하고 대기 신청" in form.text
    asked = browser.post_form(JOIN, typed())
    assert asked.status_code == 401
    assert "마을 회의" in asked.text
    for path in ("/booking/waitlist", "/booking/waitlist/1", "/booking/waitlist/1/leave"):
        assert browser.get(path).status_code == 401, path


def test_the_week_leads_from_a_taken_time_to_its_line(house: Any, town: Town, taken: Reservation) -> None:
    browser = house.client("resident")
    week = browser.get(f"/booking/units/{BIG}?day=2026-11-24").text
    link = re.search(
        r'<td class="week__slot week__slot--reserved[^>]*><a href="([^"]+T14:00[^"]*)">(.*?)</a>', week, re.S
    )
    assert link
    assert "대기 신청하기" in link[2]
    form = browser.get(link[1].replace("&amp;", "&")).text
    assert '<option value="16:00" selected>' in form
    assert "이 시간은 이미 예약되었어요" in form
    assert f'formaction="{JOIN}"' in form
    set_rules(town, waitlist=False)
    assert "대기 신청하기" not in browser.get(f"/booking/units/{BIG}?day=2026-11-24").text


def test_an_offer_stands_at_the_top_and_is_taken_with_one_press(
    house: Any, town: Town, taken: Reservation, me: Actor, clock: Callable[[datetime], None]
) -> None:
    browser = house.client("resident")
    browser.post_form(JOIN, typed())
    assert "내 대기 1건" in browser.get("/booking/mine").text
    cancel(town, taken)
    clock((NOW + timedelta(minutes=7)).astimezone(UTC))
    (wish,) = mine(town, me)
    for path in ("/booking/mine", "/booking/waitlist", f"/booking/waitlist/{wish.id}"):
        page = browser.get(path)
        assert "11월 23일 (월) 10:30까지 · 23분 남았어요" in page.text, path
        assert "9,000원" in page.text, path
        form_of(page, f"/booking/waitlist/{wish.id}/claim")
    reservation = browser.get(f"/booking/reservations/{wish.reservation_id}").text
    assert f"/booking/waitlist/{wish.id}" in reservation
    done = [browser.post_form(f"/booking/waitlist/{wish.id}/claim", {}) for _ in range(2)]  # a double click
    assert {each.location for each in done} == {f"/booking/reservations/{wish.reservation_id}"}
    assert "예약했습니다" in browser.get(done[0].location).text
    assert "예약했어요" in browser.get("/booking/waitlist").text
    assert state(town, wish.id) == "claimed"
    left = browser.get(f"/booking/waitlist/{wish.id}/leave")
    assert left.location == f"/booking/waitlist/{wish.id}"
    late = browser.post_form(f"/booking/waitlist/{wish.id}/leave", {})
    assert "이미 예약으로 바뀌었습니다" in browser.get(late.location).text


def test_an_offer_is_passed_on_after_a_question(house: Any, town: Town, taken: Reservation, me: Actor) -> None:
    browser = house.client("resident")
    browser.post_form(JOIN, typed())
    second = join(town, 907)
    cancel(town, taken)
    (wish,) = mine(town, me)
    asked = browser.get(f"/booking/waitlist/{wish.id}/leave").text
    assert "다음 분에게 넘길까요?" in asked
    assert state(town, wish.id) == "offered"
    done = browser.post_form(f"/booking/waitlist/{wish.id}/leave", {})
    assert done.location == "/booking/waitlist"
    shown = browser.get(done.location).text
    assert "다음 분에게 넘겼습니다" in shown
    assert "다음 분에게 넘겼어요" in shown
    assert (state(town, wish.id), state(town, second)) == ("declined", "offered")
    assert "다시 신청" in browser.get(f"/booking/waitlist/{wish.id}").text


def test_leaving_the_line_frees_ones_place(house: Any, town: Town, taken: Reservation, me: Actor) -> None:
    browser = house.client("resident")
    browser.post_form(JOIN, typed())
    (wish,) = mine(town, me)
    assert "맨 앞이에요" in browser.get("/booking/waitlist").text
    assert "대기를 그만둘까요?" in browser.get(f"/booking/waitlist/{wish.id}/leave").text
    browser.post_form(f"/booking/waitlist/{wish.id}/leave", {})
    page = browser.get("/booking/waitlist").text
    assert "대기를 그만두었습니다" in page
    assert "기다리는 시간이 없습니다" in page


def test_who_comes_too_late_or_too_early_is_told_so(
    house: Any, town: Town, taken: Reservation, me: Actor, clock: Callable[[datetime], None]
) -> None:
    browser = house.client("resident")
    browser.post_form(JOIN, typed())
    (wish,) = mine(town, me)
    early = browser.post_form(f"/booking/waitlist/{wish.id}/claim", {})
    assert (early.status_code, "아직 차례가 아닙니다" in early.text) == (409, True)
    cancel(town, taken)
    clock((NOW + timedelta(hours=1)).astimezone(UTC))
    late = browser.post_form(f"/booking/waitlist/{wish.id}/claim", {})
    assert (late.status_code, "다음 분에게 차례가 넘어갔습니다" in late.text) == (409, True)
    assert f"/booking/waitlist/{wish.id}/claim" not in late.text
    assert "/claim" not in browser.get("/booking/mine").text


def test_equipment_that_was_lent_meanwhile_can_be_left_out(
    house: Any, town: Town, taken: Reservation, me: Actor
) -> None:
    lent = projector(town)
    browser = house.client("resident")
    browser.post_form(JOIN, typed(**{f"equipment.{lent}": "1"}))
    town.reserve(resident(901), 13, at(24, 15), 1, equipment={lent: 1})
    cancel(town, taken)
    (wish,) = mine(town, me)
    assert "빌릴 비품 없이 예약" not in browser.get(f"/booking/waitlist/{wish.id}").text
    with town.database.read() as session:
        assert session.get_one(Reservation, wish.reservation_id).price_won == 12_000  # 9,000 and the projector
    refused = browser.post_form(f"/booking/waitlist/{wish.id}/claim", {})
    assert refused.status_code == 409
    assert "빔프로젝터" in refused.text
    forms = re.findall(r'name="equipment" value="without"', refused.text)
    assert len(forms) == 1
    done = browser.post_form(f"/booking/waitlist/{wish.id}/claim", {"equipment": "without"})
    assert done.status_code == 302
    with town.database.read() as session:
        made = session.get_one(Reservation, wish.reservation_id)
        assert (made.status, made.price_won, made.payment) == ("confirmed", 9_000, "due")
        assert equipment.borrowed(session, made.id) == {}


def test_what_was_borrowed_with_the_claim_is_lent_and_paid(
    house: Any, town: Town, taken: Reservation, me: Actor
) -> None:
    lent = projector(town)
    browser = house.client("resident")
    browser.post_form(JOIN, typed(**{f"equipment.{lent}": "1"}))
    cancel(town, taken)
    (wish,) = mine(town, me)
    browser.post_form(f"/booking/waitlist/{wish.id}/claim", {})
    with town.database.read() as session:
        made = session.get_one(Reservation, wish.reservation_id)
        assert (made.price_won, equipment.borrowed(session, made.id)) == (12_000, {lent: 1})


def test_somebody_elses_wish_is_nobodys_business(house: Any, town: Town, taken: Reservation) -> None:
    theirs = join(town, 907)
    for login in ("resident", "keeper", "city"):
        browser = house.client(login)
        for path in (f"/booking/waitlist/{theirs}", f"/booking/waitlist/{theirs}/leave", f"{API}/{theirs}"):
            assert browser.get(path).status_code == 403, (login, path)
        for path in ("claim", "leave"):
            assert browser.post_form(f"/booking/waitlist/{theirs}/{path}", {}).status_code == 403
        assert browser.delete(f"{API}/{theirs}").status_code == 403
        assert browser.post(f"{API}/{theirs}/claim", json={}).status_code == 403
        assert browser.get("/booking/waitlist/99").status_code == 404
    assert state(town, theirs) == "waiting"


def test_the_api_goes_all_the_way(house: Any, town: Town, taken: Reservation) -> None:
    join(town, 907)
    anybody, browser = house.client(), house.client("resident")
    asked = {"unit_id": BIG, "start": "2026-11-24T15:00:00+09:00", "end": "2026-11-24T16:00:00+09:00"}
    assert anybody.get(f"{API}/line", query_string=asked).get_json() == {"open": True, "count": 1, "own": None}
    assert anybody.post(API, json=body()).status_code == 401
    made = browser.post(API, json=body())
    assert made.status_code == 201
    wish = made.get_json()
    assert (wish["place"], wish["status"], wish["held_until"]) == (2, "waiting", None)
    assert browser.post(API, json=body()).get_json() == wish
    exact = {**asked, "start": "2026-11-24T14:00:00+09:00"}
    assert browser.get(f"{API}/line", query_string=exact).get_json() == {"open": True, "count": 2, "own": wish["id"]}
    assert browser.post(f"{API}/{wish['id']}/claim", json={}).get_json()["code"] == "not_your_turn"
    cancel(town, taken)
    waitlist.decline(town.database, resident(907), town.now, 1)
    offered = browser.get(f"{API}/{wish['id']}").get_json()
    assert (offered["status"], offered["place"], offered["price_won"]) == ("offered", 1, 9_000)
    assert datetime.fromisoformat(offered["held_until"]) == NOW + timedelta(minutes=30)
    got = browser.post(f"{API}/{wish['id']}/claim", json={}).get_json()
    assert got["status"] == "confirmed"
    listed = browser.get(API).get_json()
    assert listed["in_line"] == []
    assert [(each["status"], each["reservation_id"], each["place"]) for each in listed["over"]] == [
        ("claimed", got["id"], None)
    ]
    assert browser.delete(f"{API}/{wish['id']}").get_json()["code"] == "already_claimed"


@pytest.mark.parametrize(
    ("more", "code", "fields"),
    [
        ({"start": "2026-11-24T18:00:00+09:00", "end": "2026-11-24T19:00:00+09:00"}, "slot_free", []),
        ({"people": 0}, "people_too_few", ["people"]),
        ({"unit_id": 99}, "unit_not_found", []),
        ({"equipment": {"99": 1}}, "equipment_unknown", ["equipment"]),
        ({"start": "x"}, "invalid_input", ["start"]),
    ],
)
def test_the_api_refuses_in_the_one_form(
    house: Any, town: Town, taken: Reservation, more: dict[str, Any], code: str, fields: list[str]
) -> None:
    told = house.client("resident").post(API, json=body(**more)).get_json()
    assert (told["code"], list(told["fields"])) == (code, fields)
    wrong = {"unit_id": BIG, "start": body()["end"], "end": body()["start"]}
    assert list(house.client().get(f"{API}/line", query_string=wrong).get_json()["fields"]) == ["end"]


def test_a_keeper_sees_the_line_and_it_is_recorded(house: Any, town: Town, taken: Reservation) -> None:
    first, second = join(town, 907), join(town, 908, purpose="뜨개질")
    with town.database.write() as session:
        session.merge(Person(account_id=907, name="이웃일곱", phone="010-0000-0007"))
    keeper = house.actor("keeper")
    path = "/booking/manage/spaces/{}/waitlist"
    assert house.client("resident").get(path.format(1)).status_code == 403
    browser = house.client("city")
    page = browser.get(path.format(1))
    for text in ("기다리는 사람 2명", WHEN, "이웃일곱", "뜨개질", "자리가 나면 30분 동안 받아 둡니다."):
        assert text in page.text
    assert "010-0000-0007" not in page.text
    cancel(town, taken)
    assert "11월 23일 (월) 10:30까지 받아 둠" in browser.get(path.format(1)).text
    told = browser.get(f"{API}/spaces/1").get_json()
    assert told["total"] == 2
    (line,) = [each for each in told["units"] if each["unit_id"] == BIG]
    assert [(each["place"], each["status"], each["name"]) for each in line["standing"]] == [
        (1, "offered", "이웃일곱"),
        (2, "waiting", None),
    ]
    with town.database.read() as session:
        looked = select(func.count()).where(AUDIT.c.action == "waitlist.viewed", AUDIT.c.subject == "space:1")
        assert session.scalar(looked) == 3
    assert browser.get(path.format(99)).status_code == 404
    elsewhere = 2 if 2 not in keeper.spaces else 3
    assert house.client("keeper").get(path.format(elsewhere)).status_code in (403, 404)
    assert first < second
    home = re.sub(r"<[^>]+>", "", browser.get("/booking/manage/spaces/1").text)
    assert re.search(r"대기 줄\s+2명", home)
    trail = browser.get("/booking/manage/spaces/1/audit").text
    assert "대기를 신청함" in trail
    assert "대기 줄을 봄" in trail


def test_messages_say_it_in_both_languages(town: Town, taken: Reservation) -> None:
    waiting = join(town, 907)
    cancel(town, taken)
    tick(town, timedelta(minutes=30))
    with town.database.read() as session:
        told = list(session.scalars(select(Message).where(Message.account_id == 907).order_by(Message.id)))
    assert [each.kind for each in told] == ["waitlist_joined", "waitlist_offered", "waitlist_missed"]
    here = Path(services.booking.__file__).parent / "translations"
    with speaking("ko"):
        korean = [word(each.kind, each.params) for each in told]
    with speaking("en", here):
        english = [word(each.kind, each.params) for each in told]
    assert {each.path for each in korean} == {f"/waitlist/{waiting}"}
    assert "1번째 순서예요" in korean[0].lines[0]
    assert "11월 23일 (월) 10:30까지" in korean[1].lines[0]
    assert "until Mon 23 Nov 10:30" in english[1].lines[0]
    for each in (*korean, *english):
        assert "%(" not in each.title + each.lines[0]
        assert "+09:00" not in each.lines[0]
    assert all(english[n].title != korean[n].title for n in range(3))


def test_a_moment_that_a_message_tells_is_local(town: Town) -> None:
    moment = "2026-07-01T12:00:00+00:00"
    with speaking("ko"):
        for zone, clock in (("Europe/Berlin", "14:00"), ("Asia/Seoul", "21:00"), (None, "21:00")):
            params = {"unit": "방", "until": moment} | ({"zone": zone} if zone else {})
            assert f"7월 1일 (수) {clock}까지" in word("waitlist_offered", params).lines[0]
        assert "내일까지" in word("waitlist_offered", {"until": "내일"}).lines[0]


def test_all_of_it_in_english(house: Any, town: Town, taken: Reservation, me: Actor) -> None:
    browser = house.client("resident")
    english = {"Accept-Language": "en"}
    refused = browser.post_form(f"/booking/units/{BIG}/reserve", typed(), headers=english)
    assert "Nobody is waiting yet." in refused.text
    browser.post_form(JOIN, typed(), headers=english)
    join(town, 907)
    (wish,) = mine(town, me)
    pages = ["/booking/waitlist", f"/booking/waitlist/{wish.id}", f"/booking/waitlist/{wish.id}/leave", "/booking/mine"]
    told = [browser.get(path, headers=english).text for path in pages]
    assert "You are first in line" in told[0]
    cancel(town, taken)
    told += [browser.get(path, headers=english).text for path in pages]
    assert "30 min left" in told[4] or "30 minutes left" in told[4]
    hangul = re.compile("[가-힣]+")
    data = "마을 회의|상도 책모임|상도 마을활력소|큰 회의실|서울특별시 동작구 상도로|마을마루|한국어|주민"
    for path, page in zip(pages * 2, told, strict=True):
        main = page[page.index("<main") : page.index("</main>")]
        left = hangul.findall(re.sub(data, "", main))
        assert left == [], path


def test_who_waited_is_forgotten_in_time(town: Town, taken: Reservation) -> None:
    gone, standing = join(town, 907), join(town, 908)
    waitlist.leave(town.database, resident(907), town.now, gone)
    later = town.now + timedelta(days=400)
    retention.forget(town.database, later, later - timedelta(days=365))
    with town.database.read() as session:
        row = session.get_one(Waiting, gone)
        assert (row.account_id, row.purpose, row.group_name) == (0, "", None)
        assert session.get_one(Waiting, standing).account_id == 908
        traces = select(AUDIT.c.account_id).where(AUDIT.c.subject == f"waiting:{gone}")
        assert set(session.scalars(traces)) == {None}


def test_claims_declines_and_cancellations_mixed(town: Town) -> None:
    """However they fall, each time has one holder at most, and nobody is offered what another was promised first."""
    accounts = list(range(2, 8))
    for hour in (10, 13, 16):
        made = town.reserve(resident(1), BIG, at(24, hour), 2)
        line = {each: join(town, each, hour=hour) for each in accounts}
        cancel(town, made)
        first = line[accounts[0]]
        passers = [lambda n=n, hour=hour: town.reserve(resident(n), BIG, at(24, hour), 2) for n in (20, 21)]
        claims = [
            lambda who=who, key=key: waitlist.claim(town.database, resident(who), town.now, key)
            for who, key in line.items()
        ]
        declines = [
            lambda who=who, key=key: waitlist.decline(town.database, resident(who), town.now, key)
            for who, key in list(line.items())[:3]
        ]
        takes_back = [lambda key=first: _cancel_offer(town, key)]
        ends = race([*claims, *declines, *passers, *takes_back])
        assert set(ends) <= {"won", "not_your_turn", "offer_over", "already_claimed", "slot_taken"}, ends
        offers.tick(town.database, None, town.now)
        offers.sweep(town.database, None, town.now)
        with town.database.read() as session:
            live = select(Reservation).where(
                Reservation.start_at == at(24, hour), Reservation.status.in_(("confirmed", "offered"))
            )
            holders = session.scalars(live).all()
            states = dict(
                session.execute(select(Waiting.account_id, Waiting.status).where(Waiting.id.in_(line.values()))).all()
            )
        assert len(holders) == 1
        (holder,) = holders
        assert sum(each in ("claimed", "offered") for each in states.values()) <= 1 + (states[2] == "claimed")
        if holder.status == "offered":
            waiting = [who for who, each in states.items() if each in ("waiting", "offered")]
            assert holder.account_id == min(waiting)  # the first who still stands in line
    assert no_overlap(town)


def _cancel_offer(town: Town, waiting_id: int) -> None:
    """The owner cancels the reservation that holds the offer, as on the page of any reservation."""
    with town.database.read() as session:
        offer = session.get_one(Waiting, waiting_id).offer
    assert offer is not None
    reservations.cancel(town.database, resident(offer.account_id), town.now, offer.id)


def test_the_keepers_page_costs_the_same_for_any_line(town: Town, house: Any, taken: Reservation) -> None:
    counted: list[int] = []
    statements: list[str] = []
    engine = town.database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for accounts in (range(2, 4), range(4, 16)):
        for each in accounts:
            join(town, each)
        statements.clear()
        found = lines.of_space(town.database, KEEPER, town.now, 1)
        counted.append(len(statements))
    assert found.total == 14
    assert counted[0] == counted[1]


def test_a_keeper_sets_the_line_and_how_long_an_offer_is_held(house: Any, town: Town, taken: Reservation) -> None:
    browser = house.client("city")
    path = f"/booking/manage/units/{BIG}/rules"
    form = browser.get(path).text
    assert 'name="waitlist"' in form
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    chosen = dict(re.findall(r'<select[^>]*name="([^"]+)".*?<option value="([^"]*)" selected', form, re.S))
    sent = {**fields, **chosen, "audience": "anyone", "approval": "automatic", "offer": "60", "waitlist": "on"}
    sent.pop("everywhere", None)
    sent.pop("check_in", None)
    assert browser.post_form(path, sent).status_code == 302
    waiting = join(town, 907)
    cancel(town, taken)
    with town.database.read() as session:
        offer = session.get_one(Waiting, waiting).offer
    assert offer is not None
    assert offer.held_until == NOW + timedelta(hours=1)
    sent.pop("waitlist")
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', browser.get(path).text)
    assert seen
    assert browser.post_form(path, {**sent, "seen": seen[1]}).status_code == 302
    refused = browser.post_form(JOIN, typed())
    assert "대기를 받지 않습니다" in refused.text
