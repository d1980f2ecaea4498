"""The price that is told before is the price that is kept, and keepers mark what was paid."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.booking import groups, payment, pricing, reservations, special_days, unit_rules
from services.booking.models import Group, Person
from services.booking.rules.interval import Interval
from services.booking.rules.tariff import Line, Tariff
from tests.booking.conftest import BIG, FAR, NOW, Town, at, resident
from tests.booking.test_unit_rules import CITY, ELSEWHERE, KEEPER, audit, refused

TARIFF = Tariff(
    (
        Line(2000, groups=frozenset({"council"})),
        Line(6000, days=frozenset({"weekend", "holiday"})),
        Line(3000, resident=True),
        Line(4000),
    ),
    unit_minutes=60,
    supported_free=True,
)


@pytest.fixture
def priced(town: Town) -> Town:
    unit_rules.set_tariff(town.database, KEEPER, NOW, BIG, TARIFF)
    return town


def lives(town: Town, account_id: int, district: str) -> None:
    with town.database.write() as session:
        session.add(Person(account_id=account_id, district=district))


def group_of(town: Town, account_id: int, kind: str, confirmed: bool = True) -> int:
    made = groups.make(town.database, resident(account_id), NOW, "모임", kind)
    if confirmed:
        with town.database.write() as session:
            session.get_one(Group, made.id).kind_confirmed_at = NOW
    return made.id


def asked(town: Town, account_id: int | None, day: int, hours: float = 2, **more: Any) -> pricing.Quote:
    start = at(day, 10)
    actor = resident(account_id) if account_id else resident(999)
    return pricing.ask(town.database, actor, BIG, Interval(start, start + timedelta(hours=hours)), **more)


def test_by_where_one_lives(priced: Town) -> None:
    lives(priced, 1, "11590")
    lives(priced, 2, "11290")
    assert (asked(priced, 1, 24).won, asked(priced, 2, 24).won) == (6000, 8000)
    unknown = asked(priced, 3, 24)
    assert (unknown.won, unknown.residents_pay_less) == (8000, True)
    assert priced.reserve(resident(1), BIG, at(24, 10), 2).price_won == 6000


def test_by_group_when_staff_have_confirmed_its_kind(priced: Town) -> None:
    council = group_of(priced, 1, "council")
    claimed = group_of(priced, 2, "council", confirmed=False)
    supported = group_of(priced, 3, "supported")
    assert asked(priced, 1, 24, group_id=council).won == 4000
    assert asked(priced, 2, 24, group_id=claimed).won == 8000
    free = asked(priced, 3, 24, group_id=supported)
    assert (free.won, [line["kind"] for line in free.lines]) == (0, ["supported"])
    refused("group_not_yours", asked, priced, 2, 24, group_id=council)


def test_a_holiday_added_by_hand_has_the_holiday_s_price(priced: Town) -> None:
    assert asked(priced, 2, 24).won == 8000
    special_days.put_holiday(priced.database, CITY, NOW, date(2026, 11, 24), "임시공휴일")
    assert asked(priced, 2, 24).won == 12000


def test_what_was_told_is_kept_whatever_the_tariff_becomes(priced: Town) -> None:
    made = priced.reserve(resident(1), BIG, at(24, 10), 2)
    assert (made.price_won, made.payment) == (8000, "due")
    unit_rules.set_tariff(priced.database, KEEPER, NOW, BIG, Tariff((Line(9000),)))
    kept = reservations.read(priced.database, resident(1), NOW, made.id)
    assert kept.price_won == 8000
    assert kept.price is not None
    assert sum(line["amount"] for line in kept.price) == 8000


def test_moved_by_a_keeper_it_costs_what_it_costs_its_owner(priced: Town) -> None:
    lives(priced, 1, "11590")
    council = group_of(priced, 1, "council")
    made = priced.reserve(resident(1), BIG, at(24, 10), 2, group_id=council)
    wish = {"unit_id": BIG, "start": at(24, 14), "end": at(24, 17), "people": 2, "purpose": "회의"}
    assert reservations.change(priced.database, KEEPER, NOW, made.id, **wish).price_won == 6000


def test_a_price_has_bounds(priced: Town) -> None:
    refused("quote_too_long", asked, priced, 1, 24, 24 * 8)
    refused("end_before_start", asked, priced, 1, 24, -1)
    during = Interval(at(24, 10), at(24, 12))
    assert pricing.ask(priced.database, resident(), FAR, during).won is None


def test_keepers_mark_what_was_paid(priced: Town) -> None:
    made = priced.reserve(resident(1), BIG, at(24, 10), 2)
    mark = (payment.mark, priced.database)
    refused("not_allowed", *mark, resident(1), NOW, made.id, "paid")
    refused("not_allowed", *mark, ELSEWHERE, NOW, made.id, "paid")
    refused("payment_state_unknown", *mark, KEEPER, NOW, made.id, "none")
    assert payment.mark(priced.database, KEEPER, NOW, made.id, "paid").payment == "paid"
    payment.mark(priced.database, KEEPER, NOW, made.id, "paid")
    [row] = audit(priced, "reservation.payment_paid")
    assert (row.account_id, row.on_behalf_of) == (7, 1)
    assert row.details == {"before": "due", "after": "paid", "won": 8000}
    wish = {"unit_id": BIG, "start": at(24, 14), "end": at(24, 17), "people": 2, "purpose": "회의"}
    assert reservations.change(priced.database, resident(1), NOW, made.id, **wish).payment == "paid"
    unknown = priced.reserve(resident(1), FAR, at(24, 10))
    refused("nothing_to_pay", payment.mark, priced.database, CITY, NOW, unknown.id, "paid")


def test_the_api_explains_a_price(house: Any, priced: Town, clock: Callable[[datetime], None]) -> None:
    browser = house.client()
    told = browser.get(
        f"/booking/api/units/{BIG}/quote?start=2026-11-24T10:00:00%2B09:00&end=2026-11-24T12:00:00%2B09:00"
    ).json
    assert (told["won"], told["text"], told["residents_pay_less"]) == (8000, "사용료 8,000원", True)
    assert [(line["text"], line["amount"], line["amount_text"]) for line in told["charges"]] == [
        ("2시간 × 4,000원", 8000, "8,000원")
    ]
    local = browser.get(f"/booking/api/units/{BIG}/quote?date=2026-11-28&start=10:00&end=11:30").json
    assert [line["text"] for line in local["charges"]] == ["주말 2시간 × 6,000원"]
    for query in ("date=2026-11-28&start=10:00", "start=10:00&end=11:00", "date=x&start=10:00&end=11:00"):
        assert browser.get(f"/booking/api/units/{BIG}/quote?{query}").status_code == 422
    wrong = f"/booking/api/units/{BIG}/quote?date=2026-11-28&start=10:00&end=11:30&equipment=1:x"
    assert browser.get(wrong).json["fields"] == {"equipment": ["비품 수는 0개부터 1,000개까지 숫자로 적어 주세요."]}


def test_the_api_marks_payment(house: Any, priced: Town) -> None:
    made = priced.reserve(resident(1), BIG, at(24, 10), 2)
    address = f"/booking/api/reservations/{made.id}/payment"
    assert house.client("resident").put(address, json={"state": "paid"}).status_code == 403
    assert house.client("dongjak").put(address, json={"state": "waived"}).json["payment"] == "waived"
    assert house.client("seongbuk").put(address, json={"state": "paid"}).status_code == 403
