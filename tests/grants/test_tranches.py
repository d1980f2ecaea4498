"""Cutting a grant into tranches, and a budget to a grant: to the won, whatever the numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.grants.ready.common import FIRST_GATES, SEVENTY_THIRTY
from services.grants.rules import agreed_budget
from services.grants.rules.agreed_budget import Line
from services.grants.rules.definition import CostCategory, CostItem, SettlementRules, TranchePlan, Words
from services.grants.rules.tranches import planned, replanned

WON = st.integers(1, 10**13)
PLANS = st.lists(
    st.one_of(
        st.builds(TranchePlan, percent=st.integers(0, 100), gates=st.just(("training_done",))),
        st.builds(TranchePlan, amount_won=st.integers(1, 10**9), gates=st.just(("interim_passed",))),
    ),
    max_size=5,
)


def test_seventy_and_thirty() -> None:
    assert [each.amount_won for each in planned(2_000_000, SEVENTY_THIRTY)] == [1_400_000, 600_000]
    assert [each.amount_won for each in planned(1_999_999, SEVENTY_THIRTY)] == [1_399_999, 600_000]
    first, second = planned(2_000_000, SEVENTY_THIRTY)
    assert set(FIRST_GATES) <= set(first.gates)
    assert {"interim_passed", "report_filed", "earlier_tranches_paid"} <= set(second.gates)


def test_amounts_and_the_rest() -> None:
    plans = (TranchePlan(amount_won=1_000_000), TranchePlan(percent=50), TranchePlan(percent=1))
    assert [each.amount_won for each in planned(3_000_000, plans)] == [1_000_000, 1_500_000, 500_000]
    assert [each.amount_won for each in planned(700_000, plans)] == [700_000]
    assert [each.amount_won for each in planned(5, ())] == [5]


@given(WON, PLANS)
def test_they_add_up_to_the_won_and_keep_every_gate(total: int, plans: list[TranchePlan]) -> None:
    found = planned(total, plans)
    assert sum(each.amount_won for each in found) == total
    assert all(each.amount_won > 0 for each in found)
    assert [each.number for each in found] == list(range(1, len(found) + 1))
    for each in found:
        assert each.gates[0] == "agreement_signed"
        assert "no_overdue_return" in each.gates
        assert ("earlier_tranches_paid" in each.gates) == (each.number > 1)
    if plans:
        # Whatever stood before the last tranche that is left is waited for by some tranche.
        assert set(plans[0].gates) <= {gate for each in found for gate in each.gates}


@given(WON, PLANS, st.data())
def test_planned_anew_it_adds_up_with_what_is_paid(total: int, plans: list[TranchePlan], data: st.DataObject) -> None:
    before = planned(total, plans)
    paid = before[: data.draw(st.integers(0, len(before) - 1))]
    paid_won = sum(each.amount_won for each in paid)
    less = data.draw(st.integers(max(paid_won, 1), total))
    unpaid = {each.number: each.gates for each in before[len(paid) :]}
    after = replanned(less, plans, unpaid, paid_won)
    assert paid_won + sum(each.amount_won for each in after.values()) == less
    assert set(after) <= set(unpaid)
    assert all(each.amount_won > 0 for each in after.values())
    if less == total:
        assert {number: each.amount_won for number, each in after.items()} == {
            each.number: each.amount_won for each in before[len(paid) :]
        }


LINES = st.lists(
    st.builds(Line, st.just("running"), st.sampled_from(("a", "b", "c")), st.integers(0, 10**9), st.integers(0, 10**9)),
    min_size=1,
    max_size=6,
)


@given(LINES, st.integers(0, 10**10), st.integers(0, 10**10))
def test_a_budget_is_cut_to_the_won(lines: list[Line], grant_won: int, self_won: int) -> None:
    cut = agreed_budget.scaled(lines, grant_won, self_won)
    assert sum(line.grant_won for line in cut) == grant_won
    assert sum(line.self_won for line in cut) == self_won
    assert all(line.grant_won >= 0 and line.self_won >= 0 for line in cut)
    whole = sum(line.grant_won for line in lines)
    for before, after in zip(lines, cut, strict=True):
        if whole:
            assert abs(after.grant_won - before.grant_won * grant_won / whole) <= 1 + before.grant_won / 10**6


def rules() -> SettlementRules:
    items = tuple(CostItem(key, Words(key)) for key in ("a", "b"))
    return SettlementRules(
        categories=(
            CostCategory("people", Words("인건비"), items, ceiling_percent=30),
            CostCategory("running", Words("운영비"), items),
        )
    )


def codes(*lines: Line, grant: int = 100, own: int = 0) -> dict[str, str]:
    return dict(agreed_budget.problems(lines, rules(), grant, own))


def test_what_is_wrong_with_a_budget() -> None:
    assert codes(Line("people", "a", 30), Line("running", "a", 70)) == {}
    assert codes(Line("people", "a", 31), Line("running", "a", 69)) == {"budget": "over_category_ceiling"}
    assert codes(Line("running", "a", 99)) == {"budget": "grant_does_not_add_up"}
    assert codes(Line("running", "a", 100, 1)) == {"budget": "self_does_not_add_up"}
    assert codes(Line("running", "x", 100)) == {"grant.running.x": "cost_item_unknown"}
    assert codes(Line("running", "a", 101), Line("running", "b", -1)) == {"grant.running.b": "won_negative"}


def test_by_rule_counts_what_a_category_gives_away() -> None:
    before = [Line("people", "a", 30), Line("running", "a", 50), Line("running", "b", 20)]
    twenty = [Line("people", "a", 24), Line("running", "a", 56), Line("running", "b", 20)]
    more = [Line("people", "a", 23), Line("running", "a", 57), Line("running", "b", 20)]
    within = [Line("people", "a", 30), Line("running", "a", 0), Line("running", "b", 70)]
    less = [Line("people", "a", 30), Line("running", "a", 50), Line("running", "b", 19)]
    assert agreed_budget.within_rule(before, twenty, 20)
    assert not agreed_budget.within_rule(before, more, 20)
    assert agreed_budget.within_rule(before, within, 20)
    assert not agreed_budget.within_rule(before, less, 20)


def test_several_lines_of_one_item_are_one() -> None:
    rows = [
        {"category": "running", "item": "a", "grant_won": 1, "self_won": 2, "note": "가"},
        {"category": "running", "item": "a", "grant_won": 3, "note": "나"},
    ]
    assert agreed_budget.read(rows) == [Line("running", "a", 4, 2, "가, 나")]
    assert agreed_budget.read(None) == []
