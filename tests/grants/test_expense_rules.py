"""The checklist of an expense: each code, what it does, and how far something can still be recognised."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grants.ready import READY
from services.grants.rules import agreed_budget, business_numbers
from services.grants.rules.definition import CostCategory, CostItem, SettlementRules, Words
from services.grants.rules.expenses import (
    CODES,
    DEFAULTS,
    Agreed,
    Earlier,
    Evidence,
    Purchase,
    Setting,
    Spent,
    check,
    effect_of,
    folded,
    most_won,
    problems,
    worst,
)
from services.grants.wording.expenses import FINDINGS
from tests.grants.spending import spent

RULES = READY["integrated_call"]().settlement
TODAY = date(2026, 6, 1)
AGREED = Agreed(
    starts_on=date(2026, 4, 10),
    ends_on=date(2026, 10, 31),
    grant_won=2_000_000,
    lines={
        ("activity", "materials"): 1_200_000,
        ("activity", "refreshments"): 200_000,
        ("people", "instructor"): 900_000,
        ("running", "printing"): 600_000,
    },
)
SETTING = Setting(
    agreed=AGREED,
    paid_won=2_000_000,
    group_names=frozenset({folded("느티나무 이웃회")}),
    group_number="1078783297",
    member_names=frozenset({folded("김 영희")}),
    barred_names=frozenset({folded("막힌 모임")}),
    barred_numbers=frozenset({"2208162517"}),
)
PROVED = Evidence(files=1)


def found(wanted: Spent, setting: Setting = SETTING, evidence: Evidence | None = PROVED, rules=RULES, repeated=()):
    return {each.code: each for each in check(wanted, rules, setting, evidence, repeated)}


def test_an_expense_in_order_finds_nothing() -> None:
    assert found(spent()) == {}
    assert worst([]) == "clean"


def bought(won, day=date(2026, 5, 30), item="materials", payee="초록꽃집", number="") -> Purchase:
    return Purchase("activity", item, day, payee, number, won)


@pytest.mark.parametrize(
    ("code", "wanted", "setting", "evidence", "up_to_won"),
    [
        ("spent_before_agreement", spent(spent_on=date(2026, 4, 9)), SETTING, PROVED, 0),
        ("spent_before_agreement", spent(), replace(SETTING, agreed=None), PROVED, 0),
        ("spent_after_period", spent(spent_on=date(2026, 11, 1)), SETTING, PROVED, 0),
        ("not_agreed", spent(item="travel"), SETTING, PROVED, 0),
        ("over_item_ceiling", spent(amount_won=1_000_001), SETTING, PROVED, 1_000_000),
        (
            "over_item_ceiling",  # a purchase cut into two receipts, the second under another name of the same payee
            spent(payee="초록 꽃집 2호점", payee_number="124-81-00998", amount_won=500_000),
            replace(SETTING, purchases=(bought(600_000, payee="초록꽃집", number="1248100998"),)),
            PROVED,
            400_000,
        ),
        (
            "over_item_percent",
            spent(item="refreshments", amount_won=60_000),
            replace(SETTING, spent={("activity", "refreshments"): 150_000}),
            PROVED,
            50_000,
        ),
        (
            "over_category_percent",
            spent(category="people", item="instructor", amount_won=150_000),
            replace(SETTING, spent={("people", "instructor"): 500_000}),
            PROVED,
            100_000,
        ),
        (
            "over_agreed_category",
            spent(amount_won=300_000),
            replace(SETTING, spent={("activity", "materials"): 1_150_000}),
            PROVED,
            250_000,
        ),
        ("payee_is_group", spent(payee="(주) 느티나무 이웃회"), SETTING, PROVED, 0),
        ("payee_is_group", spent(payee_number="107-87-83297"), SETTING, PROVED, 0),
        ("payee_number_wrong", spent(payee_number="123-45-67890"), SETTING, PROVED, 0),
        ("payee_barred", spent(payee="막힌 모임"), SETTING, PROVED, 0),
        ("payee_barred", spent(payee_number="220-81-62517"), SETTING, PROVED, 0),
        ("cash_over", spent(method="cash", amount_won=50_001), SETTING, PROVED, 0),
        ("evidence_missing", spent(), SETTING, Evidence(), 0),
        ("photo_reused", spent(), SETTING, Evidence(1, reused=(Earlier(2024, False),)), 0),
    ],
)
def test_what_blocks(code, wanted, setting, evidence, up_to_won) -> None:
    told = found(wanted, setting, evidence)
    assert told[code].blocking
    assert most_won(wanted.amount_won, told.values()) == up_to_won
    assert worst(told.values()) == "block"


@pytest.mark.parametrize(
    ("code", "wanted", "setting", "evidence"),
    [
        (
            "over_agreed_line",
            spent(item="refreshments", amount_won=60_000),
            replace(
                SETTING,
                spent={("activity", "refreshments"): 60_000},
                agreed=replace(AGREED, lines={**AGREED.lines, ("activity", "refreshments"): 100_000}),
            ),
            PROVED,
        ),
        ("over_paid", spent(), replace(SETTING, paid_won=99_999), PROVED),
        ("payee_is_member", spent(payee="김영희"), SETTING, PROVED),
        ("photo_alike", spent(), SETTING, Evidence(1, alike=(Earlier(2025, True),))),
        ("evidence_shared", spent(), SETTING, Evidence(1, shared=2)),
    ],
)
def test_what_flags(code, wanted, setting, evidence) -> None:
    told = found(wanted, setting, evidence)
    assert list(told) == [code]
    assert not told[code].blocking
    assert most_won(wanted.amount_won, told.values()) == wanted.amount_won
    assert worst(told.values()) == "flag"


def test_the_same_day_payee_and_amount_again() -> None:
    told = found(spent(), repeated=[Earlier(2026, False), Earlier(2025, True)])
    assert told["expense_repeated"].params == {"year": 2025, "other_group": True, "count": 2}


@pytest.mark.parametrize("day", [date(2026, 4, 10), date(2026, 10, 31)])
def test_the_first_and_the_last_day_are_within(day) -> None:
    assert found(spent(spent_on=day)) == {}


def test_own_money_has_no_ceiling_of_the_grant_and_keeps_the_period() -> None:
    own = spent(source="self", amount_won=5_000_000)
    assert found(own) == {}
    assert list(found(replace(own, spent_on=date(2026, 4, 9)))) == ["spent_before_agreement"]


def test_exactly_the_ceiling_is_no_finding() -> None:
    assert found(spent(amount_won=1_000_000)) == {}
    assert found(spent(method="cash", amount_won=50_000)) == {}
    assert found(spent(item="refreshments", amount_won=200_000)) == {}


def test_another_day_payee_or_item_is_another_purchase() -> None:
    others = (
        bought(900_000, day=date(2026, 5, 29)),
        bought(900_000, payee="다른꽃집"),
        bought(900_000, item="refreshments"),
        bought(400_000),
    )
    assert found(spent(amount_won=600_000), replace(SETTING, purchases=others)) == {}
    assert "over_item_ceiling" in found(spent(amount_won=600_001), replace(SETTING, purchases=others))


@pytest.mark.parametrize(("granted", "ceiling"), [(1_234_567, 370_371), (7_777_777, 2_333_334), (1_000_000, 300_000)])
def test_what_may_be_agreed_may_be_spent_to_the_won(granted, ceiling) -> None:
    item = CostItem("instructor", Words("강사비"), ceiling_percent=30)
    rules = SettlementRules((CostCategory("people", Words("인건비"), (item,), ceiling_percent=30),))
    setting = replace(SETTING, paid_won=granted, agreed=replace(AGREED, grant_won=granted, lines={}))
    wanted = spent(category="people", item="instructor", amount_won=ceiling)
    assert not agreed_budget.over(ceiling, 30, granted)
    assert found(wanted, setting, rules=rules) == {}
    more = found(replace(wanted, amount_won=ceiling + 1), setting, rules=rules)
    assert agreed_budget.over(ceiling + 1, 30, granted)
    assert {code: each.up_to_won for code, each in more.items()} == {
        "over_item_percent": ceiling,
        "over_category_percent": ceiling,
    }


def test_a_plan_is_not_asked_for_receipts() -> None:
    assert found(spent(), evidence=None) == {}


@pytest.mark.parametrize("code", DEFAULTS)
def test_a_programme_chooses_the_effect(code) -> None:
    assert effect_of(code, {}) == DEFAULTS[code]
    for effect in ("block", "flag", "off"):
        assert effect_of(code, {code: effect}) == effect
    assert effect_of(code, {code: "nonsense"}) == DEFAULTS[code]


def test_off_is_silent_and_what_audits_insist_on_stays() -> None:
    quiet = replace(RULES, findings={"cash_over": "off", "spent_before_agreement": "off", "photo_reused": "flag"})
    assert found(spent(method="cash", amount_won=90_000), rules=quiet) == {}
    assert found(spent(spent_on=date(2026, 4, 1)), rules=quiet)["spent_before_agreement"].blocking
    reused = found(spent(), evidence=Evidence(1, reused=(Earlier(2024, True),)), rules=quiet)
    assert not reused["photo_reused"].blocking


def test_every_code_has_words() -> None:
    assert set(FINDINGS) == set(CODES)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"item": ""}, "item", "expense_item_missing"),
        ({"item": "gold"}, "item", "expense_item_unknown"),
        ({"spent_on": None}, "spent_on", "date_missing"),
        ({"spent_on": date(2026, 6, 2)}, "spent_on", "spent_in_future"),
        ({"payee": " "}, "payee", "text_missing"),
        ({"payee": "가" * 121}, "payee", "text_too_long"),
        ({"payee_number": "12-3"}, "payee_number", "payee_number_unclear"),
        ({"payee_number": "１２３-45-67890"}, "payee_number", "payee_number_unclear"),
        ({"amount_won": None}, "amount_won", "won_missing"),
        ({"amount_won": 0}, "amount_won", "won_not_positive"),
        ({"source": "friends"}, "source", "source_unknown"),
        ({"method": "barter"}, "method", "method_unknown"),
        ({"purpose": ""}, "purpose", "text_missing"),
    ],
)
def test_what_is_no_expense_at_all(changed, field, code) -> None:
    assert list(problems(spent(**changed), RULES, TODAY)) == [(field, code)]


def test_a_plan_may_lie_in_the_future() -> None:
    assert list(problems(spent(spent_on=date(2026, 7, 1)), RULES, TODAY, planned=True)) == []


@pytest.mark.parametrize("number", ["124-81-00998", "220-81-62517", "107-87-83297", "1248100998"])
def test_numbers_with_their_check_digit_are_right(number) -> None:
    assert business_numbers.right(business_numbers.digits(number) or "")


@given(st.integers(101, 999), st.integers(1, 99), st.integers(0, 9999))
def test_one_check_digit_of_ten_is_right_and_no_single_slip_passes(office, kind, serial) -> None:
    first = f"{office:03d}{kind:02d}{serial:04d}"
    right = [digit for digit in range(10) if business_numbers.right(f"{first}{digit}")]
    assert len(right) == 1


def test_nonsense_numbers_are_wrong() -> None:
    assert not business_numbers.right("0000000000")
    assert not business_numbers.right("1240000998")
    assert business_numbers.digits("12345678901") is None


@pytest.mark.parametrize("name", ["초록 꽃집", "(주)초록꽃집", "주식회사 초록 꽃집", "㈜초록·꽃집"])
def test_a_payee_is_known_again(name) -> None:
    assert folded(name) == "초록꽃집"


@given(
    st.integers(1, 3_000_000),
    st.integers(0, 2_500_000),
    st.integers(0, 2_000_000),
)
def test_never_more_is_recognised_than_every_ceiling_leaves(amount, so_far, paid) -> None:
    setting = replace(SETTING, paid_won=paid, spent={("activity", "materials"): so_far})
    wanted = spent(amount_won=amount)
    most = most_won(amount, found(wanted, setting).values())
    assert 0 <= most <= min(amount, 1_000_000)
    assert most == 0 or so_far + most <= AGREED.of_category("activity")


def test_rules_without_categories_know_no_item() -> None:
    bare = SettlementRules(categories=())
    assert list(problems(spent(), bare, TODAY)) == [("item", "expense_item_unknown")]
