"""The queue of requests: who sees which, several answered at once, what nobody answered lapses."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.booking import approvals, managing, request_queue, reservations
from services.booking.models import Base, Message, NoShow, Occupancy, Person, Reservation
from services.booking.request_queue import Queue
from shared.identity.actor import Actor
from tests.booking.conftest import BIG, FAR, SMALL, Town, at, resident
from tests.booking.invariants import broken
from tests.booking.racing import race
from tests.booking.test_unit_rules import CITY, DISTRICT, ELSEWHERE, KEEPER, OTHER_DISTRICT, audit, refused
from tests.booking.test_waitlist import set_rules

MINUTE = timedelta(minutes=1)
OUTBOX = Base.metadata.tables["outbox"]


@pytest.fixture
def town(town: Town) -> Town:
    """Where a keeper decides about two rooms, and another keeper about the room of another space."""
    for unit_id in (BIG, SMALL, FAR):
        set_rules(town, unit_id, approval="manual")
    return town


def ask(town: Town, account: int, hour: int, unit_id: int = BIG, day: int = 24) -> Reservation:
    """A request; each a minute after the one before, as people come."""
    made = town.reserve(resident(account), unit_id, at(day, hour))
    town.now += MINUTE
    assert made.status == "requested"
    return made


def read(town: Town, actor: Actor = KEEPER, space_id: int | None = None, page: int = 1) -> Queue:
    return request_queue.read(town.database, actor, town.now, space_id, page)


def answer(town: Town, ids: list[int], decision: str, reason: str = "", actor: Actor = KEEPER) -> Any:
    return request_queue.answer(town.database, actor, town.now, ids, decision, reason)


def of(town: Town, made: Reservation) -> Reservation:
    with town.database.read() as session:
        return session.get_one(Reservation, made.id)


def told(town: Town, account_id: int) -> list[tuple[str, str | None]]:
    """Kinds with the reason or the note."""
    with town.database.read() as session:
        rows = session.scalars(select(Message).where(Message.account_id == account_id).order_by(Message.id))
        return [(row.kind, row.params.get("reason", row.params.get("note"))) for row in rows]


def lapse(town: Town, now: datetime) -> bool:
    return request_queue.lapse(town.database, None, now)  # type: ignore[arg-type]


def test_the_oldest_first_with_what_helps_to_decide(town: Town) -> None:
    with town.database.write() as session:
        session.add(Person(account_id=1, name="가온", phone="010-1234-5678"))
    used = ask(town, 1, 18)
    missed = ask(town, 1, 11, SMALL)
    excused = ask(town, 1, 12, SMALL)
    with town.database.write() as session:
        row = session.get_one(Reservation, used.id)
        row.status, row.start_at, row.end_at = "confirmed", at(20, 9), at(20, 10)  # a visit that is over
        for made, decision in ((missed, None), (excused, "excused")):
            session.get_one(Reservation, made.id).status = "no_show"
            session.add(
                NoShow(
                    reservation_id=made.id, account_id=1, space_id=1, missed_at=at(20, 11), marked_at=at(20, 11),
                    decision=decision,
                )
            )  # fmt: skip
    later = ask(town, 2, 10)
    last = ask(town, 1, 14, SMALL)
    found = read(town)
    assert [line.reservation.id for line in found.lines] == [later.id, last.id]
    assert [(line.visits, line.no_shows) for line in found.lines] == [(0, 0), (1, 1)]
    assert found.lines[0].person is None
    assert found.lines[1].person is not None
    assert found.lines[1].person.phone == "010-1234-5678"
    assert (found.total, found.page, found.pages, found.space) == (2, 1, 1, None)


def test_each_sees_what_they_run(town: Town) -> None:
    here, there = ask(town, 1, 10), ask(town, 1, 14, FAR)
    both = [here.id, there.id]
    for actor, wanted in (
        (KEEPER, [here.id]), (ELSEWHERE, [there.id]), (DISTRICT, both), (CITY, both), (OTHER_DISTRICT, []),
        (resident(1), []),
    ):  # fmt: skip
        assert [line.reservation.id for line in read(town, actor).lines] == wanted
        with town.database.read() as session:
            assert managing.waiting_of(session, actor, town.now) == len(wanted)
    assert [line.reservation.id for line in read(town, DISTRICT, 2).lines] == [there.id]
    for actor in (ELSEWHERE, OTHER_DISTRICT, resident(1)):
        assert refused("not_allowed", read, town, actor, 1).status == 403
    refused("space_not_found", read, town, CITY, 99)


def test_who_looked_stands_in_the_trail_of_each_space(town: Town) -> None:
    here, there = ask(town, 1, 10), ask(town, 1, 14, FAR)
    read(town, DISTRICT)
    read(town, OTHER_DISTRICT)  # saw nobody
    assert [(row.account_id, row.subject, row.details) for row in audit(town, "approvals.viewed")] == [
        (9, "space:1", {"reservations": [here.id]}),
        (9, "space:2", {"reservations": [there.id]}),
    ]


def test_pages(town: Town) -> None:
    made = [ask(town, n, 9 + n % 11, (BIG, SMALL)[n // 11], day=24) for n in range(22)]
    first, second = read(town), read(town, page=2)
    assert [line.reservation.id for line in (*first.lines, *second.lines)] == [each.id for each in made]
    assert (len(first.lines), first.pages, first.total) == (20, 2, 22)
    assert read(town, page=9).page == 2
    assert read(town, page=-3).page == 1


def test_several_are_approved_at_once(town: Town) -> None:
    made = [ask(town, n, 9 + n) for n in (1, 2, 3)]
    done = answer(town, [each.id for each in (*made, made[0])], "approve", " 열쇠는 문 앞에 ")
    assert (done.done, done.refused) == (tuple(each.id for each in made), {})
    assert {of(town, each).status for each in made} == {"confirmed"}
    for n in (1, 2, 3):
        assert told(town, n) == [("reservation_requested", None), ("reservation_approved", "열쇠는 문 앞에")]
    rows = [(row.account_id, row.on_behalf_of, row.subject) for row in audit(town, "reservation.confirmed")]
    assert rows == [(7, n, f"reservation:{each.id}") for n, each in enumerate(made, 1)]
    assert read(town).lines == []
    answer(town, [made[0].id], "approve")
    assert len(told(town, 1)) == 2  # approving again tells nobody
    assert broken(town.database) == []


def test_several_are_declined_with_one_reason(town: Town) -> None:
    made = [ask(town, n, 9 + n) for n in (1, 2)]
    done = answer(town, [each.id for each in made], "decline", " 그날은 공사를 합니다 ")
    assert done.done == tuple(each.id for each in made)
    assert {(of(town, each).status, of(town, each).reason) for each in made} == {("declined", "그날은 공사를 합니다")}
    assert told(town, 2)[-1] == ("reservation_declined", "그날은 공사를 합니다")
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Occupancy)) == 0
        told_others = select(OUTBOX.c.name).where(OUTBOX.c.aggregate == f"reservation:{made[0].id}")
        assert session.scalars(told_others.order_by(OUTBOX.c.sequence)).all() == [
            "booking.reservation.made", "booking.reservation.cancelled",
        ]  # fmt: skip
    ask(town, 3, 10)  # the time is free
    assert broken(town.database) == []


def test_one_that_can_not_be_answered_stops_no_other(town: Town) -> None:
    first, gone, elsewhere, last = (
        ask(town, 1, 10), ask(town, 2, 11), ask(town, 3, 14, FAR), ask(town, 4, 13)
    )  # fmt: skip
    reservations.cancel(town.database, resident(2), town.now, gone.id)
    for decision, reason in (("approve", ""), ("decline", "공사")):
        done = answer(town, [gone.id, first.id, elsewhere.id, 999, last.id], decision, reason)
        codes = {key: no.code for key, no in done.refused.items()}
        wanted = {gone.id: "not_requested", elsewhere.id: "not_allowed", 999: "reservation_not_found"}
        if decision == "approve":
            assert (done.done, codes) == ((first.id, last.id), wanted)
        else:  # what is confirmed is not declined any more
            assert (done.done, codes) == ((), {**wanted, first.id: "not_requested", last.id: "not_requested"})
    assert [of(town, each).status for each in (first, gone, elsewhere, last)] == [
        "confirmed", "cancelled", "requested", "confirmed",
    ]  # fmt: skip


def test_what_an_answer_needs(town: Town) -> None:
    made = ask(town, 1, 10)
    for ids, decision, reason, field, code in (
        ([], "approve", "", "reservation", "nothing_chosen"),
        ([made.id], "perhaps", "", "decision", "decision_unknown"),
        ([made.id], "decline", " \n", "reason", "reason_needed"),
        ([made.id], "decline", "가" * 501, "reason", "reason_too_long"),
        ([made.id], "approve", "가" * 501, "reason", "reason_too_long"),
    ):
        no = refused(code, answer, town, ids, decision, reason)
        assert (no.status, no.fields) == (422, {field: [code]})
    refused("reason_needed", approvals.decline, town.database, KEEPER, town.now, made.id, " ")
    assert of(town, made).status == "requested"
    assert told(town, 1) == [("reservation_requested", None)]


@pytest.mark.parametrize("actor", [resident(1), ELSEWHERE, OTHER_DISTRICT], ids=["own", "keeper", "district"])
def test_nobody_else_answers(town: Town, actor: Actor) -> None:
    made = ask(town, 1, 10)
    assert refused("not_allowed", approvals.approve, town.database, actor, town.now, made.id).status == 403
    assert refused("not_allowed", approvals.decline, town.database, actor, town.now, made.id, "공사").status == 403
    assert {key: no.code for key, no in answer(town, [made.id], "approve", actor=actor).refused.items()} == {
        made.id: "not_allowed"
    }
    assert of(town, made).status == "requested"


def test_what_nobody_answered_lapses_at_its_start(town: Town) -> None:
    early, late = ask(town, 1, 10), ask(town, 2, 11)
    assert lapse(town, at(24, 9, 59)) is False
    assert of(town, early).status == "requested"
    lapse(town, at(24, 10))
    lapse(town, at(24, 10))
    assert (of(town, early).status, of(town, late).status) == ("lapsed", "requested")
    assert told(town, 1) == [("reservation_requested", None), ("reservation_lapsed", "")]
    [row] = audit(town, "reservation.lapsed")
    assert (row.account_id, row.on_behalf_of) == (0, 1)  # the clock's doing
    town.now = at(24, 10, 5)
    refused("not_requested", approvals.approve, town.database, KEEPER, town.now, early.id)
    assert broken(town.database) == []


def test_the_clock_takes_a_few_at_a_time(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_queue, "AT_ONCE", 2)
    made = [ask(town, n, 9 + n) for n in (1, 2, 3)]
    assert lapse(town, at(25, 10)) is True
    assert [of(town, each).status for each in made] == ["lapsed", "lapsed", "requested"]
    assert lapse(town, at(25, 10)) is False
    assert of(town, made[2]).status == "lapsed"


def test_what_is_over_is_not_approved(town: Town) -> None:
    made = ask(town, 1, 10)
    town.now = at(24, 11)
    assert read(town).lines == []
    refused("already_over", approvals.approve, town.database, KEEPER, town.now, made.id)


def test_several_answers_race_against_cancelling(town: Town) -> None:
    """Two keepers answer the whole queue at once while those who asked cancel: each request has one end."""
    made = [ask(town, n, 9 + n) for n in range(1, 5)]
    ids = [each.id for each in made]
    cancels = [
        lambda n=n, each=each: reservations.cancel(town.database, resident(n), town.now, each.id)  # type: ignore[misc]
        for n, each in enumerate(made[:2], 1)
    ]
    ends = race(
        [
            lambda: answer(town, ids, "approve"),
            lambda: answer(town, ids[::-1], "decline", "공사", DISTRICT),
            *cancels,
        ]
    )
    assert ends == {"won": 4}  # cancelling what was declined changes nothing
    for each in made[:2]:
        assert of(town, each).status in ("cancelled", "declined")
    for each in made[2:]:
        assert of(town, each).status in ("confirmed", "declined")
    for each in made:
        rows = [row.action for what in ("confirmed", "declined") for row in audit(town, f"reservation.{what}")
                if row.subject == f"reservation:{each.id}"]  # fmt: skip
        assert len(rows) <= 1
    assert broken(town.database) == []


def test_by_page(house: Any, town: Town, clock: Any) -> None:
    page, keeper = "/booking/manage/approvals", house.client("keeper")
    made = [ask(town, n, 9 + n) for n in (1, 2, 3)]
    shown = keeper.get(page).text
    assert "기다리는 신청 3건" in shown
    places = [shown.index(f'value="{each.id}" id="pick-{each.id}"') for each in made]
    assert places == sorted(places)
    none = keeper.post_form(page, {"decision": "approve"})
    assert none.status_code == 422
    assert "답할 신청을 하나 이상 골라 주세요." in none.text
    lacking = keeper.post_form(page, {"reservation": [made[0].id, made[2].id], "decision": "decline", "reason": " "})
    assert lacking.status_code == 422
    assert re.search(r'id="field-reason"[^>]*aria-describedby="[^"]*field-reason-error', lacking.text)
    ticked = re.findall(r'id="pick-(\d+)" checked', lacking.text)
    assert ticked == [str(made[0].id), str(made[2].id)]
    long = keeper.post_form(page, {"reservation": made[0].id, "decision": "decline", "reason": "가" * 501})
    assert "이유는 500자까지 적을 수 있습니다." in long.text
    assert "가" * 501 in long.text
    reservations.cancel(town.database, resident(2), town.now, made[1].id)
    done = keeper.post_form(page, {"reservation": [each.id for each in made[:2]], "decision": "approve", "reason": ""})
    assert (done.status_code, done.location) == (302, page)
    told = keeper.get(page).text
    assert "1건을 승인했습니다." in told
    assert f"예약 {made[1].id}: 승인을 기다리는 예약이 아닙니다." in told
    done = keeper.post_form(f"{page}?space_id=1", {"reservation": made[2].id, "decision": "decline", "reason": "공사"})
    assert done.location == f"{page}?space_id=1"
    assert [of(town, each).status for each in made] == ["confirmed", "cancelled", "declined"]
    assert "기다리는 신청이 없습니다" in keeper.get(f"{page}?space_id=1").text


@pytest.mark.parametrize(
    ("login", "status", "answered"),
    [(None, 401, False), ("resident", 403, False), ("seongbuk", 302, False), ("dongjak", 302, True)],
)
def test_who_comes_to_the_page(
    house: Any, town: Town, clock: Any, login: str | None, status: int, answered: bool
) -> None:
    """Staff of another district come to their own queue, which is empty; the answers they make up reach nobody."""
    made = ask(town, 1, 10, unit_id=SMALL)
    browser, page = house.client(login), "/booking/manage/approvals"
    shown = browser.get(page)
    assert shown.status_code == (200 if status == 302 else status)
    assert (f"pick-{made.id}" in shown.text) is answered
    assert browser.get(f"{page}?space_id=1").status_code == (200 if answered else 403 if status == 302 else status)
    assert browser.post_form(page, {"reservation": made.id, "decision": "approve"}).status_code == status
    assert of(town, made).status == ("confirmed" if answered else "requested")


def test_by_api(house: Any, town: Town, clock: Any) -> None:
    api, keeper = "/booking/api/manage/approvals", house.client("keeper")
    first, gone, last = ask(town, 1, 10), ask(town, 2, 11), ask(town, 3, 12)
    found = keeper.get(f"{api}?space_id=1").json
    assert (found["total"], found["pages"]) == (3, 1)
    assert [line["reservation"]["id"] for line in found["lines"]] == [first.id, gone.id, last.id]
    assert [(line["visits"], line["no_shows"], line["person"]) for line in found["lines"]] == [(0, 0, None)] * 3
    reservations.cancel(town.database, resident(2), town.now, gone.id)
    done = keeper.post(api, json={"reservations": [first.id, gone.id], "decision": "approve"})
    assert done.json == {"done": [first.id], "refused": {str(gone.id): "not_requested"}}
    no = keeper.post(api, json={"reservations": [last.id], "decision": "decline"})
    assert (no.status_code, no.json["code"], list(no.json["fields"])) == (422, "reason_needed", ["reason"])
    strange = house.client("seongbuk").post(api, json={"reservations": [last.id], "decision": "approve"})
    assert strange.json == {"done": [], "refused": {str(last.id): "not_allowed"}}
    assert house.client("seongbuk").get(f"{api}?space_id=1").status_code == 403
    assert house.client("resident").get(api).status_code == 403
    assert (
        house.client("resident").post(api, json={"reservations": [last.id], "decision": "approve"}).status_code == 403
    )
