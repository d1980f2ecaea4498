"""A space's own events: kept once or again and again, given back, never over anybody's reservation."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.booking import blocks, unit_rules
from services.booking.blocks import Blocked
from services.booking.models import AUDIT, Base, Message, Occupancy, Reservation, Series
from services.booking.rules.policy import Policy
from services.booking.rules.recurrence import Recurrence
from shared.identity.actor import Actor, Role
from tests.booking.conftest import BIG, FAR, NOW, SEOUL, SMALL, WHOLE, Town, at, resident
from tests.booking.invariants import broken
from tests.booking.racing import race
from tests.booking.test_unit_rules import CITY, DISTRICT, ELSEWHERE, KEEPER, OTHER_DISTRICT, refused

COLLEAGUE = Actor(12, "다른 지기", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
DAY = date(2026, 11, 24)
OUTBOX = Base.metadata.tables["outbox"]


def block(
    town: Town, unit_id: int = BIG, *, actor: Actor = KEEPER, opens: str = "10:00", closes: str = "12:00", **more: Any
) -> Blocked:
    wish = {"day": DAY, "purpose": "마을 잔치", "key": "k", **more}
    return blocks.block(town.database, actor, town.now, unit_id=unit_id, opens=opens, closes=closes, **wish)


def daily(days: int) -> Recurrence:
    return Recurrence(DAY, "day", until=DAY + timedelta(days=days - 1))


def held(town: Town) -> list[tuple[datetime, datetime]]:
    """What is taken of the big room, whoever has it."""
    with town.database.read() as session:
        whose = select(Occupancy).join(Reservation, Reservation.id == Occupancy.reservation_id)
        rows = session.scalars(whose.where(Reservation.unit_id == BIG).order_by(Occupancy.start_at))
        return [(row.start_at, row.end_at) for row in rows]


def acts(town: Town, reservation_id: int) -> list[tuple[int | None, str]]:
    with town.database.read() as session:
        query = select(AUDIT.c.account_id, AUDIT.c.action).where(AUDIT.c.subject == f"reservation:{reservation_id}")
        return [(row.account_id, row.action) for row in session.execute(query.order_by(AUDIT.c.id))]


def count(town: Town, what: Any) -> int:
    with town.database.read() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_a_block_holds_the_time_and_is_on_record(town: Town) -> None:
    (made,) = block(town, purpose="  마을 잔치 ").made
    assert (made.kind, made.status, made.account_id, made.purpose) == ("block", "confirmed", 7, "마을 잔치")
    assert (made.price_won, made.payment, made.series_id) == (None, "none", None)
    assert held(town) == [(at(24, 10), at(24, 12))]
    refused("slot_taken", town.reserve, resident(), BIG, at(24, 11))
    refused("slot_taken", town.reserve, resident(), WHOLE, at(24, 11))  # the house has that room in it
    town.reserve(resident(), BIG, at(24, 12))
    town.reserve(resident(), SMALL, at(24, 11))
    assert acts(town, made.id) == [(7, "reservation.made")]
    with town.database.read() as session:
        told = select(OUTBOX.c.name).where(OUTBOX.c.aggregate == f"reservation:{made.id}")
        assert session.scalars(told).all() == ["booking.reservation.made"]
        assert session.scalars(select(Message).where(Message.account_id == 7)).all() == []  # nobody tells herself
    assert broken(town.database) == []


def test_no_rule_binds_it_but_nobody_s_reservation_gives_way(town: Town) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(window=timedelta(days=7), approval="manual"))
    far = block(town, day=date(2027, 11, 24), opens="03:07", closes="03:20").made[0]
    assert (far.status, far.start_at) == ("confirmed", datetime(2027, 11, 24, 3, 7, tzinfo=SEOUL))
    running = block(town, day=NOW.date(), opens="09:30", closes="11:00", key="running").made[0]
    assert running.start_at < NOW < running.end_at  # what has begun can still be kept
    asked = town.reserve(resident(), BIG, at(25, 10))
    assert asked.status == "requested"
    refused("slot_taken", block, town, day=date(2026, 11, 25), opens="10:30", key="taken")
    refused("slot_taken", block, town, WHOLE, day=date(2026, 11, 25), opens="10:30", key="taken")


def test_an_end_not_later_than_the_start_is_of_the_next_day(town: Town) -> None:
    block(town, opens="22:00", closes="02:00")
    assert held(town) == [(at(24, 22), at(25, 2))]
    block(town, SMALL, opens="09:00", closes="09:00", key="round the clock")
    refused("slot_taken", town.reserve, resident(), WHOLE, at(24, 20))


def test_buffers_hold_for_blocks_too(town: Town) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(buffer_after=timedelta(minutes=30)))
    town.reserve(resident(), BIG, at(24, 8, 30) + timedelta(hours=1))  # until 10:30, then half an hour is aired
    refused("slot_taken", block, town, opens="10:30", closes="12:00")
    block(town, opens="11:00", closes="12:00")
    assert broken(town.database) == []


def test_repeated_it_is_one_series(town: Town) -> None:
    rule = Recurrence(DAY, "week", interval=2, until=date(2026, 12, 31))
    made = block(town, rule=rule).made
    days = [date(2026, 11, 24), date(2026, 12, 8), date(2026, 12, 22)]
    assert [each.series_day for each in made] == days
    assert [each.start_at.astimezone(SEOUL) for each in made] == [
        datetime(day.year, day.month, day.day, 10, tzinfo=SEOUL) for day in days
    ]
    (series_id,) = {each.series_id for each in made}
    with town.database.read() as session:
        series = session.get_one(Series, series_id)
    assert (series.unit_id, series.space_id, series.opens, series.closes) == (BIG, 1, "10:00", "12:00")
    refused("slot_taken", town.reserve, resident(), BIG, at(8, 10, month=12))
    assert broken(town.database) == []


def test_repeated_it_is_all_or_nothing_unless_the_free_ones_will_do(town: Town) -> None:
    town.reserve(resident(), BIG, at(25, 11))
    told = refused("block_times_taken", block, town, rule=daily(3))
    assert (told.status, told.params["count"]) == (409, 1)
    assert held(town) == [(at(25, 11), at(25, 12))]
    assert count(town, Series) == 0
    seen = blocks.preview(
        town.database, KEEPER, unit_id=BIG, day=DAY, opens="10:00", closes="12:00", rule=daily(3)
    )  # fmt: skip
    assert [(time.day.day, time.clash) for time in seen] == [(24, False), (25, True), (26, False)]
    done = block(town, rule=daily(3), free_only=True)
    assert [each.start_at for each in done.made] == [at(24, 10), at(26, 10)]
    assert [time.during.start for time in done.left_out] == [at(25, 10)]
    refused("block_nothing_free", block, town, rule=daily(3), free_only=True, key="another")


def test_its_own_repetitions_do_not_overlap(town: Town) -> None:
    """A day and a night each day: they touch, which is well until the room has to be aired in between."""
    nights = Recurrence(DAY, "day", until=DAY + timedelta(days=2))
    done = block(town, opens="10:00", closes="10:00", rule=nights)
    assert held(town) == [(at(24 + n, 10), at(25 + n, 10)) for n in range(3)]
    assert done.left_out == ()
    unit_rules.set_policy(town.database, KEEPER, NOW, SMALL, Policy(buffer_after=timedelta(minutes=30)))
    told = refused("block_times_taken", block, town, SMALL, opens="10:00", closes="10:00", rule=nights, key="small")
    assert told.params["count"] == 1


def test_the_same_key_again_gives_the_same(town: Town) -> None:
    once = block(town).made
    assert [each.id for each in block(town).made] == [each.id for each in once]
    repeated = block(town, SMALL, rule=daily(3), key="r").made
    assert [each.id for each in block(town, SMALL, rule=daily(3), key="r").made] == [each.id for each in repeated]
    assert count(town, Reservation) == 4
    for other in (
        {"opens": "11:00"}, {"purpose": "다른 잔치"}, {"unit_id": SMALL, "opens": "08:00", "closes": "09:00"},
        {"rule": daily(2)},
    ):  # fmt: skip
        refused("idempotency_key_reused", block, town, **other)
    refused("idempotency_key_reused", block, town, SMALL, rule=daily(4), key="r")
    refused("idempotency_key_reused", block, town, SMALL, key="r")
    refused("slot_taken", block, town, actor=COLLEAGUE)  # a key is its account's own
    for key in ("", "k" * 76):
        refused("idempotency_key_needed", block, town, key=key)


@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        ({"purpose": "  "}, "purpose", "purpose_needed"),
        ({"purpose": "가" * 201}, "purpose", "purpose_too_long"),
        ({"day": date(2026, 11, 22)}, "date", "in_the_past"),
        ({"rule": Recurrence(DAY, "day", until=date(2026, 11, 1))}, "until", "recurrence_end_before_first"),
    ],
)
def test_what_can_not_be_kept(town: Town, wish: dict[str, Any], field: str, code: str) -> None:
    told = refused(code, block, town, **wish)
    assert (told.status, told.fields) == (422, {field: [code]})
    assert count(town, Reservation) == 0


@pytest.mark.parametrize("actor", [resident(), ELSEWHERE, OTHER_DISTRICT], ids=["resident", "keeper", "district"])
def test_only_who_runs_the_space(town: Town, actor: Actor) -> None:
    made = block(town).made[0]
    assert refused("not_allowed", block, town, actor=actor, opens="14:00", closes="15:00").status == 403
    wish = {"unit_id": BIG, "day": DAY, "opens": "10:00", "closes": "12:00", "rule": None}
    refused("not_allowed", blocks.preview, town.database, actor, **wish)
    refused("not_allowed", blocks.coming, town.database, actor, NOW, 1)
    refused("not_allowed", blocks.release, town.database, actor, NOW, made.id)
    assert held(town) == [(at(24, 10), at(24, 12))]


@pytest.mark.parametrize("actor", [KEEPER, DISTRICT, CITY], ids=["keeper", "district", "city"])
def test_whoever_runs_the_space_keeps_and_gives_back(town: Town, actor: Actor) -> None:
    theirs = block(town, actor=COLLEAGUE).made[0]
    assert [each.id for each in blocks.coming(town.database, actor, NOW, 1)[2]] == [theirs.id]
    assert blocks.release(town.database, actor, NOW, theirs.id) == 1
    own = block(town, actor=actor).made[0]
    assert own.account_id == actor.account_id
    refused("unit_not_found", block, town, 99, actor=actor)
    refused("space_not_found", blocks.coming, town.database, actor, NOW, 99)


def test_what_is_given_back_is_free_again(town: Town) -> None:
    made = block(town).made[0]
    assert blocks.release(town.database, COLLEAGUE, NOW, made.id) == 1
    assert blocks.release(town.database, COLLEAGUE, NOW, made.id) == 0
    assert acts(town, made.id) == [(7, "reservation.made"), (12, "reservation.cancelled")]
    assert blocks.coming(town.database, KEEPER, NOW, 1)[2] == []
    town.reserve(resident(), BIG, at(24, 10), 2)
    visit = town.reserve(resident(), SMALL, at(24, 10))
    refused("not_a_block", blocks.release, town.database, KEEPER, NOW, visit.id)
    refused("reservation_not_found", blocks.release, town.database, KEEPER, NOW, 999)
    assert broken(town.database) == []


def test_one_time_of_many_is_given_back_or_all_that_follow(town: Town) -> None:
    made = block(town, rule=daily(5)).made
    other = block(town, SMALL, rule=daily(5), key="other").made
    assert blocks.release(town.database, KEEPER, NOW, made[0].id) == 1
    assert blocks.release(town.database, KEEPER, NOW, made[2].id, following=True) == 3
    assert held(town) == [(at(25, 10), at(25, 12))]
    assert blocks.release(town.database, KEEPER, NOW, made[0].id, following=True) == 1  # gone itself, the second is not
    left = blocks.coming(town.database, KEEPER, NOW, 1)[2]
    assert [each.id for each in left] == [each.id for each in other]


def test_what_is_over_stays(town: Town) -> None:
    made = block(town, rule=daily(3)).made
    later = at(25, 12)
    refused("already_over", blocks.release, town.database, KEEPER, later, made[1].id)
    assert [each.id for each in blocks.coming(town.database, KEEPER, later, 1)[2]] == [made[2].id]


def test_two_keepers_at_once(town: Town) -> None:
    for hour in (8, 10, 12):
        times = {"opens": f"{hour:02}:00", "closes": f"{hour + 2:02}:00", "key": f"k{hour}"}
        assert race(
            [lambda who=who, times=times: block(town, actor=who, **times) for who in (KEEPER, COLLEAGUE)]  # type: ignore[misc]
        ) == {"won": 1, "slot_taken": 1}
    assert race([lambda: block(town, SMALL, rule=daily(3), key="twice") for _ in range(4)]) == {"won": 4}
    assert count(town, Reservation) == 3 + 3
    assert broken(town.database) == []


def test_a_repeated_block_races_against_reservations(town: Town) -> None:
    """All of its days or none: who has one of them has kept all of it away."""
    keep: Callable[[], Any] = lambda: block(town, WHOLE, rule=daily(3), key="race")  # noqa: E731
    others = [lambda n=n: town.reserve(resident(n), BIG, at(24 + n, 10), 2) for n in range(3)]  # type: ignore[misc]
    ends = race([keep, *others])
    with town.database.read() as session:
        kept = session.scalar(select(func.count()).where(Reservation.kind == "block"))
    assert kept in (0, 3)
    assert ends["won"] == (1 if kept else 3)
    assert broken(town.database) == []


def test_giving_back_races_against_reserving(town: Town) -> None:
    """A freed time is had by one of those who want it, at once or a moment later; and it is freed once."""
    made = block(town).made[0]
    runners: list[Callable[[], Any]] = [lambda: blocks.release(town.database, KEEPER, NOW, made.id)] * 2
    runners += [lambda n=n: town.reserve(resident(n), BIG, at(24, 10), 2) for n in range(4)]  # type: ignore[misc]
    assert set(race(runners)) <= {"won", "slot_taken"}
    assert [action for _who, action in acts(town, made.id)] == ["reservation.made", "reservation.cancelled"]
    assert len(held(town)) <= 1
    assert broken(town.database) == []


def wish(**more: Any) -> dict[str, Any]:
    """The page's form, filled in."""
    told = {"unit_id": BIG, "date": "2026-11-24", "start": "10:00", "end": "12:00", "purpose": "마을 잔치"}
    return {**told, "repeat": "", "until": "", "idempotency_key": "form", **more}


def test_by_page(house: Any, town: Town, clock: Any) -> None:
    page = "/booking/manage/spaces/1/blocks"
    keeper = house.client("keeper")
    town.reserve(resident(), BIG, at(25, 10))
    lacking = keeper.post_form(page, wish(purpose="", repeat="day"))
    assert lacking.status_code == 422
    assert "언제까지 되풀이할지 날짜를 골라 주세요." in lacking.text
    assert re.search(r'id="field-until"[^>]*aria-describedby="field-until-error"', lacking.text)
    assert 'value="2026-11-24"' in lacking.text
    assert 'name="idempotency_key" value="form"' in lacking.text
    assert re.search(r'<option value="day" selected>', lacking.text)
    taken = keeper.post_form(page, wish(repeat="day", until="2026-11-26"))
    assert taken.status_code == 409
    assert "이미 예약된 날이 1번 있습니다." in taken.text
    assert taken.text.count("이미 예약됨") == 1
    assert 'value="마을 잔치"' in taken.text
    assert count(town, Series) == 0
    done = keeper.post_form(page, wish(repeat="day", until="2026-11-26", free_only="on"))
    assert (done.status_code, done.location) == (302, page)
    assert keeper.post_form(page, wish(repeat="day", until="2026-11-26", free_only="on")).status_code == 302
    listed = keeper.get(page).text
    assert listed.count("<span>마을 잔치</span>") == 2
    assert listed.count("이후 모두 풀기") == 2
    with town.database.read() as session:
        first, second = session.scalars(
            select(Reservation).where(Reservation.kind == "block").order_by(Reservation.start_at)
        ).all()
    assert (first.start_at, second.start_at) == (at(24, 10), at(26, 10))
    for path in (f"{page}/{first.id}/release", f"{page}/{second.id}/release"):
        assert path in listed
    clock(at(24, 13).astimezone(UTC))
    over = keeper.post_form(f"{page}/{first.id}/release", {})
    assert over.status_code == 302
    assert "이미 끝난 예약" in keeper.get(page).text
    clock(NOW.astimezone(UTC))
    keeper.post_form(f"{page}/{first.id}/release", {"following": "on"})
    assert held(town) == [(at(25, 10), at(25, 11))]
    assert "앞으로 잡아 둔 행사가 없습니다." in keeper.get(page).text


@pytest.mark.parametrize(("login", "status"), [(None, 401), ("resident", 403), ("seongbuk", 403), ("dongjak", 200)])
def test_who_comes_to_the_page(house: Any, town: Town, clock: Any, login: str | None, status: int) -> None:
    made = block(town).made[0]
    browser = house.client(login)
    page = "/booking/manage/spaces/1/blocks"
    assert browser.get(page).status_code == status
    assert browser.get("/booking/api" + page.removeprefix("/booking")).status_code == status
    sent = browser.post_form(page, wish(date="2026-11-27"))
    given = browser.post_form(f"{page}/{made.id}/release", {})
    if status != 200:
        assert (sent.status_code, given.status_code) == (status, status)
        assert held(town) == [(at(24, 10), at(24, 12))]
    else:
        assert held(town) == [(at(27, 10), at(27, 12))]


def test_by_api(house: Any, town: Town, clock: Any) -> None:
    keeper, page = house.client("keeper"), "/booking/api/manage/spaces/1/blocks"
    told = {name: value for name, value in wish().items() if name not in ("idempotency_key", "until")}
    assert keeper.post(page, json=told).status_code == 422  # a retry must name what it retries
    for _ in range(2):
        made = keeper.post(
            page, json={**told, "repeat": "day", "until": "2026-11-25"}, headers={"Idempotency-Key": "k"}
        )
        assert made.status_code == 201
    assert [each["start"] for each in made.json["made"]] == ["2026-11-24T01:00:00+00:00", "2026-11-25T01:00:00+00:00"]
    ids = [each["id"] for each in made.json["made"]]
    assert [each["id"] for each in keeper.get(page).json] == ids
    no = keeper.post(page, json=told, headers={"Idempotency-Key": "another"})
    assert (no.status_code, no.json["code"]) == (409, "slot_taken")
    no = keeper.post(page, json={**told, "unit_id": FAR + 900}, headers={"Idempotency-Key": "x"})
    assert (no.status_code, no.json["code"]) == (404, "unit_not_found")
    assert house.client("seongbuk").delete(f"/booking/api/manage/blocks/{ids[0]}").status_code == 403
    assert keeper.delete(f"/booking/api/manage/blocks/{ids[0]}").status_code == 204
    assert [each["id"] for each in keeper.get(page).json] == ids[1:]
    week = {**told, "date": "2026-12-01", "repeat": "week", "until": "2026-12-31"}
    first = keeper.post(page, json=week, headers={"Idempotency-Key": "week"}).json["made"][0]["id"]
    assert keeper.delete(f"/booking/api/manage/blocks/{first}?following=true").status_code == 204
    assert [each["id"] for each in keeper.get(page).json] == ids[1:]
