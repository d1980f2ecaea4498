"""What is open of an order, late interest by the stated rule, and when to remind."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grants.rules.returns import (
    Open,
    Paid,
    exclusion,
    grant_part,
    late_interest,
    open_on,
    reminders_due,
    split,
)

DUE = date(2026, 12, 1)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "interest"),
    [(-5, 0), (0, 0), (1, 136), (30, 4_109), (365, 50_000)],
)
def test_late_interest_counts_from_the_day_after_the_due_day(days, interest) -> None:
    assert late_interest(1_000_000, DUE, 50, [], after(days)) == interest  # 5 % a year


def test_what_came_in_bears_no_more_interest() -> None:
    half = [Paid(after(10), 500_000)]
    # 10 days on a million and 10 on half of it: 15 million won-days
    assert late_interest(1_000_000, DUE, 50, half, after(20)) == 15_000_000 * 50 // 365_000
    early = [Paid(after(-3), 1_000_000)]
    assert late_interest(1_000_000, DUE, 50, early, after(100)) == 0


def test_the_order_is_paid_first_and_then_the_interest() -> None:
    standing = open_on(1_000_000, DUE, 50, [], after(30))
    assert standing == Open(1_000_000, 4_109)
    assert split(1_004_110, standing) is None
    whole = split(1_004_109, standing)
    assert whole
    assert (whole.amount_won, whole.late_won) == (1_000_000, 4_109)
    assert split(300_000, standing) == Paid(date.min, 300_000, 0)
    paid = [Paid(after(30), 1_000_000, 0)]
    assert open_on(1_000_000, DUE, 50, paid, after(300)) == Open(0, 4_109)  # interest bears no interest


def test_grant_money_comes_back_before_the_interest_of_the_account() -> None:
    assert grant_part(350_000, 0, 200_000) == 200_000
    assert grant_part(350_000, 200_000, 151_000) == 150_000
    assert grant_part(350_000, 350_000, 1_000) == 0


def test_reminders_a_week_before_on_the_day_and_weekly_after() -> None:
    days = [each for each in range(-10, 30) if reminders_due(DUE, after(each)) > reminders_due(DUE, after(each - 1))]
    assert days == [-7, 0, 7, 14, 21, 28]


@pytest.mark.parametrize(
    ("starts", "years", "ends"),
    [
        (date(2026, 6, 1), 3, date(2029, 5, 31)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2026, 1, 1), 5, date(2030, 12, 31)),
    ],
)
def test_the_last_day_of_an_exclusion(starts, years, ends) -> None:
    assert exclusion(starts, years) == ends


@given(
    st.integers(1, 10_000_000),
    st.integers(0, 1_000),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 4_000_000)), max_size=6),
)
def test_paid_in_parts_never_more_than_owed_and_never_less_than_nothing(amount, tenths, parts) -> None:
    paid: list[Paid] = []
    for days, came in sorted(parts):
        standing = open_on(amount, DUE, tenths, paid, after(days))
        assert standing.amount_won >= 0
        part = split(min(came, standing.total_won), standing)
        assert part is not None
        if part.amount_won + part.late_won:
            paid.append(Paid(after(days), part.amount_won, part.late_won))
    assert sum(each.amount_won for each in paid) <= amount
    end = after(400)
    run = late_interest(amount, DUE, tenths, paid, end)
    assert sum(each.late_won for each in paid) <= run
    assert run <= late_interest(amount, DUE, tenths, [], end)  # paying never costs more than not paying
    last = open_on(amount, DUE, tenths, paid, end)
    assert last.total_won == amount + run - sum(each.amount_won + each.late_won for each in paid)
