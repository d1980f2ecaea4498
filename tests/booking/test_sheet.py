"""The day's sheet: who comes when, told only to who runs the space, and what a keeper does with each line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from services.booking import blocks, equipment, groups, sheet, sheet_acts, special_days, unit_rules
from services.booking.equipment import Facts
from services.booking.models import Loan, Message, NoShow, Occupancy, Person, Reservation
from services.booking.rules.policy import Policy
from services.booking.sheet import Sheet
from shared.identity.actor import Actor
from tests.booking.conftest import BIG, BIG_ROOM, FAR, NOW, SMALL, SMALL_ROOM, WHOLE, Town, at, house_of, resident
from tests.booking.test_unit_rules import CITY, DISTRICT, ELSEWHERE, KEEPER, OTHER_DISTRICT, audit, refused

TODAY = NOW.date()


def read(town: Town, day: date | None = None, actor: Actor = KEEPER, now: datetime = NOW) -> Sheet:
    return sheet.read(town.database, actor, now, 1, day)


def lines(found: Sheet) -> dict[int, list[int]]:
    """Reservations by unit, in the order of the sheet."""
    return {each.unit.id: [line.reservation.id for line in each.lines] for each in found.units if each.lines}


def of(town: Town, made: Reservation) -> Reservation:
    with town.database.read() as session:
        return session.get_one(Reservation, made.id)


def told(town: Town, account_id: int = 101) -> list[tuple[str, str | None]]:
    with town.database.read() as session:
        rows = session.scalars(select(Message).where(Message.account_id == account_id).order_by(Message.id))
        return [(row.kind, row.params.get("reason")) for row in rows]


def act(town: Town, made: Reservation, what: str, now: datetime = NOW, actor: Actor = KEEPER, reason: str = "") -> Any:
    return sheet_acts.act(town.database, actor, now, made.space_id, made.id, what, reason)


def set_status(town: Town, made: Iterable[tuple[Reservation, str]]) -> None:
    with town.database.write() as session:
        for each, status in made:
            session.get_one(Reservation, each.id).status = status


def test_who_comes_when(town: Town) -> None:
    """Two rooms and the house, in order of time; who cancelled need not be expected, who did not come still stands."""
    with town.database.write() as session:
        session.add(Person(account_id=101, name="주민 가온", phone="010-1234-5678", email="gaon@example.com"))
    group = groups.make(town.database, resident(), NOW, "느린 독서회", "residents", "11590")
    beamer = equipment.put(town.database, KEEPER, NOW, 1, Facts("빔프로젝터", 2, 3000))
    late = town.reserve(resident(), BIG, at(23, 16), people=3, group_id=group.id, equipment={beamer.id: 2})
    early = town.reserve(resident(102), BIG, at(23, 13), people=5)
    gone, cancelled = town.reserve(resident(103), SMALL, at(23, 11)), town.reserve(resident(103), SMALL, at(23, 12))
    set_status(town, [(gone, "no_show"), (cancelled, "cancelled")])
    town.reserve(resident(104), FAR, at(23, 13))  # another space
    town.reserve(resident(104), BIG, at(24, 13))  # another day
    event_ = blocks.block(
        town.database, KEEPER, NOW, unit_id=WHOLE, day=TODAY, opens="19:00", closes="20:00", purpose="회의", key="k"
    ).made[0]
    found = read(town)
    assert (found.space.id, found.day) == (1, TODAY)
    assert [each.unit.name for each in found.units] == ["건물 전체", "작은 회의실", "큰 회의실"]
    assert lines(found) == {WHOLE: [event_.id], SMALL: [gone.id], BIG: [early.id, late.id]}
    assert found.people == 3 + 5  # neither who did not come nor the keeper's own event
    line = found.lines[-1]
    assert line.person is not None
    assert line.group is not None
    assert (line.person.phone, line.group.name, line.equipment) == (
        "010-1234-5678",
        "느린 독서회",
        (("빔프로젝터", 2),),
    )
    assert found.units[-1].lines[0].person is None  # resident 102 told nothing
    assert [(each.start, each.end) for each in found.units[0].open] == [(at(23, 9), at(23, 21))]


def test_over_midnight_it_stands_on_both_days(town: Town) -> None:
    """A time that ends at midnight is of the day before only; one that begins then is of the next."""
    block = {"unit_id": BIG, "day": TODAY, "purpose": "밤샘", "key": "night"}
    night = blocks.block(town.database, KEEPER, NOW, **block, opens="23:00", closes="01:00").made[0]
    until = {**block, "unit_id": SMALL, "key": "until"}
    ends = blocks.block(town.database, KEEPER, NOW, **until, opens="22:00", closes="00:00").made[0]
    begins = blocks.block(
        town.database, KEEPER, NOW, **{**until, "day": date(2026, 11, 24), "key": "b"}, opens="00:00", closes="01:00"
    ).made[0]
    assert lines(read(town)) == {BIG: [night.id], SMALL: [ends.id]}
    assert lines(read(town, date(2026, 11, 24))) == {BIG: [night.id], SMALL: [begins.id]}
    assert lines(read(town, date(2026, 11, 25))) == {}


def test_today_is_the_space_s_own_day(town: Town) -> None:
    """At 00:30 in Seoul it is still yesterday in UTC."""
    assert read(town, now=at(24, 0, 30).astimezone(UTC)).day == date(2026, 11, 24)
    assert refused("date_invalid", read, town, date(2030, 1, 1)).fields == {"day": ["date_invalid"]}


def test_why_a_unit_is_closed(town: Town) -> None:
    special_days.put(town.database, KEEPER, NOW, BIG, date(2026, 11, 25))
    special_days.put(town.database, KEEPER, NOW, SMALL, date(2026, 11, 25), "13:00", "15:00")
    units = {each.unit.id: each for each in read(town, date(2026, 11, 25)).units}
    assert (units[BIG].open, units[BIG].closed) == ((), "closed_special")
    assert (units[SMALL].closed, units[SMALL].open[0].start, units[SMALL].open[0].end) == (None, at(25, 13), at(25, 15))
    assert {each.closed for each in read(town, date(2026, 12, 25)).units} == {"closed_holiday"}


def test_a_unit_that_is_no_longer_there_stands_while_somebody_comes(town: Town) -> None:
    made = town.reserve(resident(), SMALL, at(23, 14))
    town.tell(house_of(BIG_ROOM, {**SMALL_ROOM, "active": False}))
    assert [each.unit.id for each in read(town).units] == [SMALL, BIG]
    assert lines(read(town)) == {SMALL: [made.id]}
    assert [each.unit.id for each in read(town, date(2026, 11, 24)).units] == [BIG]


def test_that_somebody_looked_is_recorded_each_time(town: Town) -> None:
    town.reserve(resident(), BIG, at(24, 14))
    read(town, date(2026, 11, 24))
    read(town, actor=DISTRICT)
    rows = [(row.account_id, row.subject, row.details) for row in audit(town, "sheet.viewed")]
    assert rows == [
        (7, "space:1", {"day": "2026-11-24", "lines": 1}),
        (9, "space:1", {"day": "2026-11-23", "lines": 0}),
    ]


@pytest.mark.parametrize("actor", [resident(), ELSEWHERE, OTHER_DISTRICT], ids=["resident", "keeper", "district"])
def test_only_who_runs_the_space(town: Town, actor: Actor) -> None:
    made = town.reserve(resident(5), BIG, at(23, 10), 2)
    before = of(town, made)
    assert refused("not_allowed", read, town, actor=actor).status == 403
    for what in ("check_in", "no_show", "paid", "waived", "due", "cancel"):
        assert refused("not_allowed", act, town, made, what, at(23, 10, 30), actor, "까닭").status == 403
    after = of(town, made)
    assert (after.status, after.payment, after.checked_in_at) == (before.status, before.payment, None)
    assert audit(town, "sheet.viewed") == []


@pytest.mark.parametrize("actor", [KEEPER, DISTRICT, CITY], ids=["keeper", "district", "city"])
def test_coming_is_recorded_by_hand(town: Town, actor: Actor) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    early = unit_rules.read(town.database, KEEPER, BIG).unit.policy.early
    refused("too_early_to_check_in", act, town, made, "check_in", at(23, 14) - early - timedelta(minutes=1), actor)
    assert act(town, made, "check_in", at(23, 15), actor).checked_in_at == at(23, 15)
    act(town, made, "check_in", at(23, 15, 30), actor)
    assert of(town, made).checked_in_at == at(23, 15)  # the first time counts
    [row] = audit(town, "reservation.checked_in")
    assert (row.account_id, row.on_behalf_of, row.subject) == (actor.account_id, 101, f"reservation:{made.id}")
    refused("already_checked_in", act, town, made, "no_show", at(23, 15, 45), actor)


def test_a_fee_is_paid_waived_or_due_after_all(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    assert (made.price_won, made.payment) == (9000, "due")
    for what in ("paid", "paid", "waived", "due"):
        act(town, made, what)
        assert of(town, made).payment == what
    actions = ("reservation.payment_paid", "reservation.payment_waived", "reservation.payment_due")
    assert [len(audit(town, each)) for each in actions] == [1, 1, 1]
    assert audit(town, "reservation.payment_waived")[0].details == {"before": "paid", "after": "waived", "won": 9000}
    unit_rules.set_policy(town.database, ELSEWHERE, NOW, FAR, Policy())
    free = town.reserve(resident(), FAR, at(23, 14))
    refused("nothing_to_pay", act, town, free, "paid", actor=ELSEWHERE)


def test_who_did_not_come(town: Town) -> None:
    """The rest of the time is free, what was held is history, they are told, and it counts against them."""
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    refused("not_started", act, town, made, "no_show", at(23, 13, 59))
    act(town, made, "no_show", at(23, 14, 20))
    act(town, made, "no_show", at(23, 14, 40))
    assert of(town, made).status == "no_show"
    assert [kind for kind, _reason in told(town)].count("no_show") == 1
    with town.database.read() as session:
        [miss] = session.scalars(select(NoShow)).all()
        assert (miss.account_id, miss.space_id, miss.missed_at, miss.marked_by) == (101, 1, at(23, 14), 7)
        held = session.scalars(select(Occupancy.end_at).where(Occupancy.reservation_id == made.id)).all()
        assert held == [at(23, 14, 20)]
    [row] = audit(town, "reservation.no_show")
    assert (row.account_id, row.on_behalf_of) == (7, 101)
    town.now = at(23, 14, 25)
    town.reserve(resident(2), BIG, at(23, 14, 30))
    refused("check_in_missed", act, town, made, "check_in", at(23, 14, 45))
    assert lines(read(town))[BIG][0] == made.id


def test_cancelled_with_a_reason_that_reaches_them(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    assert refused("reason_needed", act, town, made, "cancel", reason="  ").fields == {"reason": ["reason_needed"]}
    assert of(town, made).status == "confirmed"
    act(town, made, "cancel", at(23, 15), reason=" 물이 샙니다 ")  # a keeper also while it lasts
    gone = of(town, made)
    assert (gone.status, gone.reason, gone.payment) == ("cancelled", "물이 샙니다", "none")
    assert told(town)[-1] == ("reservation_cancelled", "물이 샙니다")
    assert lines(read(town)) == {}
    with town.database.read() as session:
        assert session.scalars(select(Occupancy)).all() == []
    over = town.reserve(resident(), BIG, at(23, 16))
    refused("already_over", act, town, over, "cancel", at(23, 17), reason="늦음")


def test_a_keeper_s_own_event_needs_no_reason(town: Town) -> None:
    wish = {"unit_id": BIG, "day": TODAY, "opens": "14:00", "closes": "15:00", "purpose": "회의", "key": "k"}
    made = blocks.block(town.database, KEEPER, NOW, **wish).made[0]
    for what in ("check_in", "no_show"):
        refused("nothing_to_check_in", act, town, made, what, at(23, 14, 30))
    act(town, made, "cancel")
    assert of(town, made).status == "cancelled"


def test_the_address_names_the_space(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(23, 14))
    refused("reservation_not_found", sheet_acts.act, town.database, CITY, NOW, 2, made.id, "cancel", "까닭")
    refused("reservation_not_found", sheet_acts.act, town.database, CITY, NOW, 1, 999, "cancel", "까닭")
    refused("act_unknown", act, town, made, "dance")
    refused("space_not_found", sheet.read, town.database, CITY, NOW, 99)


def test_too_long_a_reason_is_refused_in_words(town: Town) -> None:
    made = town.reserve(resident(), BIG, at(23, 14))
    no = refused("reason_too_long", act, town, made, "cancel", reason="가" * 501)
    assert no.fields == {"reason": ["reason_too_long"]}
    assert of(town, made).status == "confirmed"


def test_the_buttons_are_those_that_work(town: Town) -> None:
    """Whatever the sheet offers is done when pressed, and what it leaves out is refused."""
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(check_in=True, early=timedelta(minutes=15)))
    made = town.reserve(resident(), BIG, at(23, 14), 2)

    def buttons(moment: datetime) -> set[str]:
        can = sheet_acts.possible(of(town, made), moment)
        return {name for name, yes in vars(can).items() if yes}

    assert buttons(NOW) == {"paid", "waive", "cancel"}
    assert buttons(at(23, 13, 45)) == {"paid", "waive", "cancel", "check_in"}
    assert buttons(at(23, 14, 30)) == {"paid", "waive", "cancel", "check_in", "no_show"}
    assert buttons(at(23, 16)) == {"paid", "waive", "no_show"}
    act(town, made, "check_in", at(23, 14, 30))
    act(town, made, "paid", at(23, 14, 30))
    assert buttons(at(23, 14, 31)) == {"cancel"}


def test_its_cost_does_not_grow_with_what_is_on_it(town: Town) -> None:
    def cost() -> int:
        statements: list[str] = []
        count = lambda *told: statements.append(told[2])  # noqa: E731
        event.listen(town.database.engine, "before_cursor_execute", count)
        try:
            read(town)
        finally:
            event.remove(town.database.engine, "before_cursor_execute", count)
        return len([each for each in statements if each.startswith(("SELECT", "INSERT"))])

    town.reserve(resident(), BIG, at(23, 11))
    few = cost()
    for hour in range(12, 20):
        town.reserve(resident(hour), (BIG, SMALL)[hour % 2], at(23, hour))
    assert cost() == few <= 9


def test_by_page(house: Any, town: Town, clock: Any) -> None:
    page, who = "/booking/manage/spaces/1/today", house.actor("resident")
    keeper = house.client("keeper")
    made = town.reserve(who, BIG, at(23, 14), 2, purpose="<b>노래</b> 모임")
    shown = keeper.get(page).text
    assert "&lt;b&gt;노래&lt;/b&gt; 모임" in shown
    assert "14:00–16:00" in shown
    assert "예약 1건" in shown
    assert f'action="{page}/{made.id}"' in shown
    lacking = keeper.post_form(f"{page}/{made.id}", {"act": "cancel", "reason": " ", "day": "2026-11-23"})
    assert lacking.status_code == 422
    assert re.search(r'id="field-reason"[^>]*aria-describedby="[^"]*field-reason-error', lacking.text)
    assert "이유를 적어 주세요." in lacking.text
    assert re.search(r'<details class="sheet__cancel[^>]* open>', lacking.text)
    early = keeper.post_form(f"{page}/{made.id}", {"act": "check_in", "day": "2026-11-23"})
    assert early.status_code == 409
    long = keeper.post_form(f"{page}/{made.id}", {"act": "cancel", "reason": "가" * 501, "day": "2026-11-23"})
    assert long.status_code == 422
    assert "이유는 500자까지 적을 수 있습니다." in long.text
    assert "가" * 501 in long.text
    clock(at(23, 14, 5).astimezone(UTC))
    for what, word in (("check_in", "이용 확인"), ("paid", "사용료 냄")):
        done = keeper.post_form(f"{page}/{made.id}", {"act": what, "day": "2026-11-23"})
        assert (done.status_code, done.location) == (302, f"{page}?day=2026-11-23#r{made.id}")
        assert word in keeper.get(page).text
    done = keeper.post_form(f"{page}/{made.id}", {"act": "cancel", "reason": "물이 샙니다", "day": "2026-11-23"})
    assert done.status_code == 302
    assert "예약이 없습니다." in keeper.get(page).text
    assert "물이 샙니다" in house.client("resident").get("/booking/messages").text
    assert keeper.get(f"{page}?day=2026-13-99").status_code == 422
    assert "날짜를 골라 주세요." in keeper.get(f"{page}?day=2026-13-99").text
    dance = keeper.post_form(f"{page}/{made.id}", {"act": "dance"})
    assert dance.status_code == 422
    assert "할 수 없는 일입니다." in dance.text
    assert keeper.post_form(f"/booking/manage/spaces/2/today/{made.id}", {"act": "paid"}).status_code == 404


@pytest.mark.parametrize(
    ("login", "status"), [(None, 401), ("resident", 403), ("reviewer", 403), ("seongbuk", 403), ("dongjak", 200)]
)
def test_who_sees_it(house: Any, town: Town, clock: Any, login: str | None, status: int) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    browser = house.client(login)
    for path in ("/booking/manage/spaces/1/today", "/booking/api/manage/spaces/1/sheet"):
        assert browser.get(path).status_code == status
    form = {"act": "paid", "day": "2026-11-23"}
    wanted = 302 if status == 200 else status
    assert browser.post_form(f"/booking/manage/spaces/1/today/{made.id}", form).status_code == wanted
    assert of(town, made).payment == ("paid" if status == 200 else "due")
    told = browser.post(f"/booking/api/manage/spaces/1/sheet/{made.id}", json={"act": "waived"})
    assert told.status_code == status
    assert of(town, made).payment == ("waived" if status == 200 else "due")


def test_by_api(house: Any, town: Town, clock: Any) -> None:
    beamer = equipment.put(town.database, KEEPER, NOW, 1, Facts("빔프로젝터", 2))
    made = town.reserve(house.actor("resident"), BIG, at(24, 14), equipment={beamer.id: 1})
    with town.database.read() as session:
        assert session.scalar(select(Loan.count)) == 1
    keeper = house.client("keeper")
    keeper_sees = keeper.get("/booking/api/manage/spaces/1/sheet?day=2026-11-24").json
    assert (keeper_sees["space_id"], keeper_sees["day"]) == (1, "2026-11-24")
    (room,) = [each for each in keeper_sees["units"] if each["lines"]]
    assert (room["unit_id"], room["closed"]) == (BIG, None)
    assert room["open"] == [{"start": "2026-11-24T00:00:00+00:00", "end": "2026-11-24T12:00:00+00:00"}]
    (line,) = room["lines"]
    assert (line["kind"], line["payment"], line["price_won"]) == ("visit", "due", 5000)
    assert line["equipment"] == [{"name": "빔프로젝터", "count": 1}]
    no = keeper.post(f"/booking/api/manage/spaces/1/sheet/{made.id}", json={"act": "cancel"})
    assert (no.status_code, no.json["code"], list(no.json["fields"])) == (422, "reason_needed", ["reason"])
    done = keeper.post(f"/booking/api/manage/spaces/1/sheet/{made.id}", json={"act": "cancel", "reason": "공사"})
    assert (done.status_code, done.json["status"]) == (200, "cancelled")
