"""A lottery from end to end as people meet it: made, entered, drawn by the clock, explained, confirmed, checked."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.booking import lottery
from services.booking.lottery import Entering, drawing
from services.booking.models import AUDIT, Lottery, Message, Person
from services.booking.rules import draw
from tests.booking.conftest import BIG, FAR, SMALL, Town, at, resident

MANAGE = "/booking/manage/spaces/1/lotteries"
PAGES = "/booking/lotteries"
API = "/booking/api"
CLOSING = at(27, 18)
ENGLISH = {"Accept-Language": "en"}
FIELDS = {
    "idempotency_key": "key-1",
    "name": "12월 토요일",
    "about": "연말에 붐비는 시간",
    "unit_ids": [str(BIG), str(SMALL)],
    "first": "2026-12-05",
    "last": "2026-12-12",
    "weekdays": ["6"],
    "times.0.start": "14:00",
    "times.0.end": "16:00",
    "opens_at": "2026-11-23T09:00",
    "closes_at": "2026-11-27T18:00",
    "base": "2",
    "tickets.first_timer": "1",
    "tickets.resident": "2",
    "tickets.group": "0",
    "tickets.won_lately": "-1",
    "wins": "1",
    "confirm_hours": "24",
}


@pytest.fixture(autouse=True)
def _standing(clock: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Monday, 23 November 2026, 10:00. One round instead of half a million: `test_draw.py` has them all."""
    monkeypatch.setattr(draw, "STRETCH", 1)


def made(house: Any, **more: Any) -> int:
    """A lottery that the keeper made on the page."""
    answer = house.client("keeper").post_form(f"{MANAGE}/new", FIELDS | more)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def slots_of(town: Town, lottery_id: int) -> list[int]:
    with town.database.read() as session:
        return [slot.id for slot in lottery.slots_of(session, lottery_id)]


def wish(*slots: int, **more: str) -> dict[str, str]:
    wishes = {f"wish.{rank}": str(slot) for rank, slot in enumerate(slots, 1)}
    return {**wishes, "people": "4", "purpose": "송년 모임", "words": "해바라기", **more}


def others(town: Town, lottery_id: int, *accounts: int, wishes: tuple[int, ...] = ()) -> None:
    """Neighbours enter, all for the same."""
    wanted = wishes or (slots_of(town, lottery_id)[0],)
    for account in accounts:
        entering = Entering(wanted, 2, "책 모임", f"말 {account}")
        lottery.enter(town.database, resident(account), at(24, 9), lottery_id, entering)


def tick(town: Town, moment: datetime, clock: Callable[[datetime], None]) -> None:
    drawing.tick(town.database, None, moment)  # type: ignore[arg-type]
    clock(moment)


def audited(town: Town, lottery_id: int) -> list[str]:
    with town.database.read() as session:
        query = select(AUDIT.c.action).where(AUDIT.c.subject == f"lottery:{lottery_id}").order_by(AUDIT.c.id)
        return list(session.scalars(query))


def test_the_whole_life_on_pages(house: Any, town: Town, clock: Callable[[datetime], None], tmp_path: Path) -> None:
    lottery_id = made(house)
    first = slots_of(town, lottery_id)[0]
    here = f"{PAGES}/{lottery_id}"
    with town.database.read() as session:
        commitment = session.get_one(Lottery, lottery_id).commitment

    anybody = house.client()
    assert "12월 토요일" in anybody.get(PAGES).text
    seen = anybody.get(here).text
    for told in (commitment, "12월 5일 (토) 14:00–16:00", "12월 12일 (토) 14:00–16:00", "누구나 추첨권 2장을 받습니다",
                 "이 자치구에 사는 분: 2장 더 받습니다", "1장 덜 받습니다", "24시간 안에 확인해야"):  # fmt: skip
        assert told in seen
    assert anybody.get(f"{here}/receipt").status_code == 409
    assert anybody.post_form(f"{here}/entry", wish(first)).status_code == 401

    browser = house.client("resident")
    form = browser.get(f"{here}/entry?slot={first}").text
    assert form.count("<select") >= 4
    assert f'<option value="{first}" selected>' in form
    entered = browser.post_form(f"{here}/entry", wish(first))
    assert entered.location == here
    page = browser.get(here).text
    assert "참가 번호는 1번입니다" in page
    assert draw.nonce_of("해바라기") in page
    again = browser.get(f"{here}/entry").text
    assert 'value="송년 모임"' in again
    assert 'value="해바라기"' in again
    browser.post_form(f"{here}/entry", wish(first, people="3"))
    assert "참가 내용을 바꿨습니다" in browser.get(here).text
    others(town, lottery_id, 901, 902)
    assert "지금까지 3명이 참가했습니다" in browser.get(here).text

    tick(town, CLOSING, clock)
    own = browser.get(f"{API}/lotteries/{lottery_id}").get_json()
    rank = own["explained"]["rank"]
    page = browser.get(here).text
    assert f"3명 가운데 {rank}위" in page
    assert "기본 2 + 이 장소를 처음 쓰는 분 1" in page
    if rank == 1:
        assert "순서가 왔을 때 비어 있어 당첨되었습니다" in page
    else:
        assert "왜 안 되었나요?" in page
        assert re.search(r"1위인 참가 번호 [23]번이 먼저 골랐습니다", page)
    # whoever was drawn before lets the time pass, until it is the browser's turn
    moment = CLOSING
    for _before in range(rank - 1):
        moment += timedelta(hours=24)
        tick(town, moment, clock)
    page = browser.get(here).text
    assert "당첨되었습니다: 12월 5일 (토) 14:00–16:00 · 큰 회의실" in page
    assert ("앞선 분이 쓰지 않기로 해서 차례가 왔습니다" in page) == (rank > 1)
    award = browser.get(f"{API}/lotteries/awards").get_json()[0]
    taken = browser.post_form(f"{PAGES}/awards/{award['id']}/confirm", {})
    assert taken.location == here
    assert "예약이 확정되었습니다" in browser.get(here).text
    assert "12월 5일 (토) 14:00–16:00" in browser.get("/booking/mine").text

    receipt = anybody.get(f"{here}/receipt").text
    assert "AGREES" in receipt
    assert receipt.count("<code>") >= 6
    for personal in ("송년 모임", "해바라기", "주민 가온"):
        assert personal not in receipt
        assert personal not in anybody.get(here).text
    paper, program = anybody.get(f"{here}/receipt.json"), anybody.get(f"{PAGES}/draw.py")
    assert "attachment" in paper.headers["Content-Disposition"]
    code, said = run_alone(tmp_path, program.data, paper.data)
    assert (code, said.splitlines()[-1]) == (0, "AGREES")
    touched = json.loads(paper.data)
    assert touched["commitment"] == commitment
    touched["results"][0]["entry"], touched["results"][1]["entry"] = (
        touched["results"][1]["entry"],
        touched["results"][0]["entry"],
    )
    code, said = run_alone(tmp_path, program.data, json.dumps(touched).encode())
    assert (code, said.splitlines()[-1]) == (1, "DOES NOT AGREE: results_differ")


def run_alone(folder: Path, program: bytes, paper: bytes) -> tuple[int, str]:
    """As a citizen does who has Python and the two downloaded files, in a folder with nothing else."""
    (folder / "draw.py").write_bytes(program)
    (folder / "receipt.json").write_bytes(paper)
    command = [sys.executable, "-I", "draw.py", "receipt.json"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=folder, env={}, check=False)
    return ran.returncode, ran.stdout


def test_the_whole_life_through_the_api(house: Any, town: Town, clock: Callable[[datetime], None]) -> None:
    keeper, browser = house.client("keeper"), house.client("resident")
    plan = {
        "name": "12월 토요일", "unit_ids": [BIG], "first": "2026-12-05", "last": "2026-12-05", "weekdays": [6],
        "times": [{"start": "10:00", "end": "12:00"}, {"start": "14:00", "end": "16:00"}],
        "opens_at": "2026-11-23T09:00:00+09:00", "closes_at": "2026-11-27T18:00:00+09:00",
        "tickets": {"first_timer": 3}, "confirm_hours": 0,
    }  # fmt: skip
    path, key = f"{API}/manage/spaces/1/lotteries", {"Idempotency-Key": "k1"}
    answer = keeper.post(path, json=plan, headers=key)
    assert answer.status_code == 201, answer.text
    told = answer.get_json()
    assert keeper.post(path, json=plan, headers=key).get_json()["id"] == told["id"]
    assert (told["stage"], told["slot_count"], told["entries"]) == ("open", 2, 0)
    assert told["tickets"] == [{"rule": "first_timer", "tickets": 3}]
    taken = keeper.post(path, json=plan, headers={"Idempotency-Key": "k2"})
    assert (taken.status_code, taken.get_json()["code"]) == (409, "lottery_slots_taken")
    assert [each["unit_name"] for each in taken.get_json()["taken"]] == ["큰 회의실"] * 2
    assert [each["id"] for each in keeper.get(path).get_json()] == [told["id"]]
    assert [each["id"] for each in browser.get(f"{API}/lotteries?space_id=1").get_json()] == [told["id"]]
    assert browser.get(f"{API}/lotteries?space_id=2").get_json() == []

    here = f"{API}/lotteries/{told['id']}"
    slots = [each["id"] for each in browser.get(here).get_json()["slots"]]
    body = {"wishes": slots, "people": 4, "purpose": "송년 모임", "words": "강아지"}
    assert browser.get(f"{here}/entry").get_json()["code"] == "lottery_entry_not_found"
    wrong = browser.put(f"{here}/entry", json=body | {"wishes": [slots[0], slots[0]], "people": 99})
    assert wrong.status_code == 422
    assert set(wrong.get_json()["fields"]) == {"wishes", "people"}
    entry = browser.put(f"{here}/entry", json=body).get_json()
    assert (entry["number"], entry["nonce"]) == (1, draw.nonce_of("강아지"))
    assert browser.put(f"{here}/entry", json=body | {"people": 5}).get_json()["number"] == 1
    assert browser.delete(f"{here}/entry").get_json()["withdrawn"] is True
    assert browser.get(here).get_json()["entries"] == 0
    browser.put(f"{here}/entry", json=body)
    assert [each["wished"] for each in browser.get(here).get_json()["slots"]] == [1, 1]
    early = browser.get(f"{here}/receipt")
    assert (early.status_code, early.get_json()["code"]) == (409, "lottery_not_drawn")
    assert "seed" not in browser.get(here).text

    tick(town, CLOSING, clock)
    shown = browser.get(here).get_json()
    assert (shown["stage"], [each["won_by"] for each in shown["slots"]]) == ("drawn", [1, None])
    assert [(each["became"], each["award_status"]) for each in shown["explained"]["wishes"]] == [
        ("won", "confirmed"),
        ("enough", None),
    ]
    paper = house.client().get(f"{here}/receipt").get_json()
    assert draw.problems(paper) == []
    assert paper["commitment"] == told["commitment"]
    won = browser.get(f"{API}/lotteries/awards").get_json()
    assert [(each["lottery_id"], each["status"]) for each in won] == [(told["id"], "confirmed")]
    assert browser.post(f"{API}/lotteries/awards/{won[0]['id']}/confirm").get_json()["status"] == "confirmed"
    over = browser.post(f"{API}/lotteries/awards/{won[0]['id']}/decline")
    assert (over.status_code, over.get_json()["code"]) == (409, "award_over")
    neighbor = house.client("neighbor")
    assert neighbor.post(f"{API}/lotteries/awards/{won[0]['id']}/confirm").get_json()["code"] == "not_allowed"
    assert neighbor.post(f"{API}/lotteries/awards/99/confirm").get_json()["code"] == "award_not_found"
    assert "lottery.viewed" not in audited(town, told["id"])
    who = keeper.get(f"{API}/manage/lotteries/{told['id']}/winners").get_json()
    assert [(each["entry_number"], each["reservation"]["purpose"]) for each in who] == [(1, "송년 모임")]
    assert audited(town, told["id"])[-1] == "lottery.viewed"


def test_only_who_runs_the_space_makes_cancels_and_sees_winners(house: Any, town: Town) -> None:
    lottery_id = made(house)
    pages = (MANAGE, f"{MANAGE}/new", f"/booking/manage/lotteries/{lottery_id}",
             f"{API}/manage/spaces/1/lotteries", f"{API}/manage/lotteries/{lottery_id}/winners")  # fmt: skip
    for login, status in ((None, 401), ("resident", 403), ("seongbuk", 403), ("dongjak", 200), ("city", 200)):
        browser = house.client(login)
        assert [browser.get(path).status_code for path in pages] == [status] * len(pages), login
    for login, status in ((None, 401), ("resident", 403), ("seongbuk", 403)):
        browser = house.client(login)
        cancelled = browser.post_form(f"/booking/manage/lotteries/{lottery_id}/cancel", {"reason": "x"})
        assert cancelled.status_code == status
        assert browser.post_form(f"{MANAGE}/new", FIELDS | {"idempotency_key": "k9"}).status_code == status
    keeper = house.client("keeper")
    assert keeper.get("/booking/manage/spaces/3/lotteries").status_code == 403
    assert f"{MANAGE}/new" in keeper.get(MANAGE).text
    assert MANAGE in keeper.get("/booking/manage/spaces/1").text


def test_a_refused_plan_keeps_what_was_typed_and_tells_which_times_are_taken(house: Any, town: Town) -> None:
    keeper = house.client("keeper")
    wrong = FIELDS | {"name": " ", "closes_at": "2026-11-23T08:00", "weekdays": [], "times.0.end": "", "base": "many"}
    page = keeper.post_form(f"{MANAGE}/new", wrong)
    assert page.status_code == 422
    for told in ("요일을 하나 이상 골라 주세요", "시간을 골라 주세요", "숫자로 적어 주세요", "연말에 붐비는 시간",
                 'value="2026-12-05"', 'value="14:00"', 'value="2026-11-23T09:00"', 'value="many"'):  # fmt: skip
        assert told in page.text
    page = keeper.post_form(f"{MANAGE}/new", FIELDS | {"name": " ", "closes_at": "2026-11-23T08:00", "wins": "99"})
    for told in ("추첨 이름을 적어 주세요", "마감은 시작보다 늦어야 합니다", "정할 수 있는 범위를 벗어났습니다"):
        assert page.text.count(told) == 2, told  # in the summary and beside the field
    assert keeper.post_form(f"{MANAGE}/new", FIELDS | {"last": "2027-12-05"}).text.count("92일까지") == 2
    assert keeper.post_form(f"{MANAGE}/new", FIELDS | {"unit_ids": [str(FAR)]}).status_code == 422
    more = keeper.post_form(f"{MANAGE}/new", FIELDS | {"more": "on"})
    assert (more.status_code, 'name="times.1.start"' in more.text) == (200, True)
    town.reserve(resident(900), BIG, at(5, 15, month=12))
    page = keeper.post_form(f"{MANAGE}/new", FIELDS)
    assert page.status_code == 409
    assert "12월 5일 (토) 14:00–16:00 · 큰 회의실" in page.text
    assert 'value="key-1"' in page.text
    lottery_id = made(house, skip="on")
    assert len(slots_of(town, lottery_id)) == 3
    assert made(house, skip="on") == lottery_id  # a double click makes one


def test_a_refused_entry_keeps_what_was_typed(house: Any, town: Town, clock: Callable[[datetime], None]) -> None:
    lottery_id = made(house)
    first, second = slots_of(town, lottery_id)[:2]
    browser, path = house.client("resident"), f"{PAGES}/{lottery_id}/entry"
    page = browser.post_form(path, wish(first, first, people="many", purpose="연말 잔치"))
    assert page.status_code == 422
    assert "사람 수를 숫자로 적어 주세요" in page.text
    assert 'value="many"' in page.text
    page = browser.post_form(path, wish(first, first, purpose=""))
    assert page.text.count("같은 시간을 두 번 골랐습니다") == 2
    assert page.text.count("어떤 모임인지 짧게 적어 주세요") == 2
    assert page.text.count(f'<option value="{first}" selected>') == 2
    assert 'value="해바라기"' in page.text
    assert "바라는 시간을 하나 이상" in browser.post_form(path, wish()).text
    empty = browser.post_form(path, {}).text
    for told in ("바라는 시간을 하나 이상 골라", "사람 수를 숫자로", "어떤 모임인지 짧게"):
        assert empty.count(told) == 2, told
    assert "이 추첨에 없는 시간입니다" in browser.post_form(path, {**wish(), "wish.2": "x"}).text
    late = {**wish(second), "wish.1": "", "wish.2": str(second)}
    clock(CLOSING)
    page = browser.post_form(path, late)
    assert page.status_code == 409
    assert "참가를 받는 기간이 아닙니다" in page.text
    assert f'<option value="{second}" selected>' in page.text
    assert browser.get(path).location == f"{PAGES}/{lottery_id}"
    clock(at(24, 9))
    assert browser.post_form(path, late).status_code == 302  # the second rank alone is a wish


def test_withdrawing_and_declining_are_asked_first(house: Any, town: Town, clock: Callable[[datetime], None]) -> None:
    lottery_id = made(house)
    first = slots_of(town, lottery_id)[0]
    here, browser = f"{PAGES}/{lottery_id}", house.client("resident")
    assert browser.get(f"{here}/withdraw").location == here
    browser.post_form(f"{here}/entry", wish(first))
    assert "참가를 취소할까요?" in browser.get(f"{here}/withdraw").text
    assert browser.post_form(f"{here}/withdraw", {}).location == here
    assert "다시 참가할 수 있습니다" in browser.get(here).text
    browser.post_form(f"{here}/entry", wish(first))
    tick(town, CLOSING, clock)
    award = browser.get(f"{API}/lotteries/awards").get_json()[0]["id"]
    path = f"{PAGES}/awards/{award}/decline"
    assert house.client("neighbor").get(path).status_code == 403
    assert house.client("neighbor").post_form(path, {}).status_code == 403
    assert "당첨을 사양할까요?" in browser.get(path).text
    assert browser.post_form(path, {}).location == here
    page = browser.get(here).text
    assert "당첨을 사양했습니다" in page
    assert "사양함" in page
    late = browser.post_form(f"{PAGES}/awards/{award}/confirm", {})
    assert late.location == here
    assert "이미 답한 당첨입니다" in browser.get(here).text


def test_keepers_see_who_won_and_looking_is_recorded(house: Any, town: Town, clock: Callable[[datetime], None]) -> None:
    lottery_id = made(house, confirm_hours="0")
    with town.database.write() as session:
        session.merge(Person(account_id=901, name="주민 라라", phone="010-1234-5678"))
    others(town, lottery_id, 901)
    keeper, path = house.client("keeper"), f"/booking/manage/lotteries/{lottery_id}"
    before = keeper.get(path).text
    assert "주민 라라" not in before
    assert "추첨 취소" in before
    assert "lottery.viewed" not in audited(town, lottery_id)
    tick(town, CLOSING, clock)
    page = keeper.get(path).text
    for told in ("주민 라라", "tel:010-1234-5678", "책 모임", "확정", "참가 번호 1번"):
        assert told in page
    assert "취소하는 이유" not in page
    assert audited(town, lottery_id)[-1] == "lottery.viewed"
    refused = keeper.post_form(f"{path}/cancel", {"reason": "공사"})
    assert refused.status_code == 409
    assert "이미 추첨이 끝나" in refused.text


def test_calling_it_off_needs_a_reason_that_everybody_reads(house: Any, town: Town) -> None:
    lottery_id = made(house)
    keeper, browser = house.client("keeper"), house.client("resident")
    browser.post_form(f"{PAGES}/{lottery_id}/entry", wish(slots_of(town, lottery_id)[0]))
    path = f"/booking/manage/lotteries/{lottery_id}"
    for reason in (" ", "긴" * 501):
        page = keeper.post_form(f"{path}/cancel", {"reason": reason})
        assert page.status_code == 422
        assert reason.strip() in page.text
    assert keeper.post_form(f"{path}/cancel", {"reason": "난방 공사"}).location == path
    assert "추첨 취소됨" in keeper.get(path).text
    inbox = browser.get("/booking/messages").text
    assert "추첨이 취소되었습니다: 12월 토요일" in inbox
    assert "난방 공사" in inbox
    town.reserve(resident(900), BIG, at(5, 14, month=12), 2)


def test_messages_lead_to_the_lottery_and_tell_the_deadline(
    house: Any, town: Town, clock: Callable[[datetime], None]
) -> None:
    lottery_id = made(house)
    browser = house.client("resident")
    browser.post_form(f"{PAGES}/{lottery_id}/entry", wish(slots_of(town, lottery_id)[0]))
    tick(town, CLOSING, clock)
    inbox = browser.get("/booking/messages").text
    assert "추첨에 참가했습니다: 12월 토요일" in inbox
    assert "확인해 주세요: 큰 회의실" in inbox
    assert re.search(r"11월 28일 \(토\) 18:00까지 받겠다고 확인해 주세요", inbox)
    assert "당첨 확인하기" in browser.get("/booking/mine").text
    with town.database.read() as session:
        message_id = session.scalars(select(Message.id).where(Message.kind == "lottery_to_confirm")).one()
    assert browser.post_form(f"/booking/messages/{message_id}", {}).location == f"{PAGES}/{lottery_id}"
    tick(town, CLOSING + timedelta(hours=24), clock)
    assert "당첨을 확인할 시간이 지났습니다: 12월 토요일" in browser.get("/booking/messages").text


def test_a_time_that_is_drawn_leads_from_the_week_to_its_lottery(house: Any, town: Town) -> None:
    lottery_id = made(house)
    week = house.client().get(f"/booking/units/{BIG}?day=2026-12-05").text
    assert f'href="{PAGES}/{lottery_id}"' in week
    assert "추첨 중" in week


def test_the_pages_speak_english(house: Any, town: Town, clock: Callable[[datetime], None]) -> None:
    lottery_id = made(house, name="Saturdays", about="")
    browser, keeper = house.client("resident"), house.client("keeper")
    here = f"{PAGES}/{lottery_id}"
    browser.post_form(f"{here}/entry", wish(slots_of(town, lottery_id)[0]), headers=ENGLISH)
    keeper.get(MANAGE)  # where she was greeted in Korean
    for path in (PAGES, here, f"{here}/entry", f"{here}/withdraw"):
        assert not korean(browser.get(path, headers=ENGLISH).text), path
    for path in (MANAGE, f"{MANAGE}/new", f"/booking/manage/lotteries/{lottery_id}"):
        assert not korean(keeper.get(path, headers=ENGLISH).text), path
    refused = browser.post_form(f"{here}/entry", {}, headers=ENGLISH)
    assert "Choose at least one time" in refused.text
    tick(town, CLOSING, clock)
    shown = browser.get(here, headers=ENGLISH).text
    assert "Why did I win?" in shown
    award = browser.get(f"{API}/lotteries/awards").get_json()[0]["id"]
    for path in (here, f"{here}/receipt", f"{PAGES}/awards/{award}/decline", "/booking/messages"):
        assert not korean(browser.get(path, headers=ENGLISH).text), path
    assert not korean(keeper.get(f"/booking/manage/lotteries/{lottery_id}", headers=ENGLISH).text)


KNOWN = ("상도 마을활력소", "큰 회의실", "작은 회의실", "건물 전체", "송년 모임", "해바라기", "주민 가온",
         "활력소 지기 다솜", "한국어", "마을마루", "서울특별시")  # fmt: skip


def korean(page: str) -> list[str]:
    """The Korean words of a page that no name and no typed text explains."""
    visible = re.sub(r"<script.*?</script>|<!--.*?-->", " ", page, flags=re.S)
    for known in KNOWN:
        visible = visible.replace(known, "")
    return re.findall(r"[가-힣][^<>\"]*", visible)


def test_lists_cost_the_same_for_any_number_of_lotteries(house: Any, town: Town) -> None:
    made(house)
    few = queries(house, town)
    made(house, idempotency_key="two", first="2026-12-13", last="2026-12-19")
    made(house, idempotency_key="three", first="2026-12-20", last="2026-12-26")
    assert queries(house, town) == few


def queries(house: Any, town: Town) -> int:
    from sqlalchemy import event

    counted: list[str] = []

    def count(*arguments: Any) -> None:
        counted.append(arguments[2])

    engine = town.database.engine
    browser = house.client("resident")
    browser.get(PAGES)
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.get(PAGES).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(counted)
