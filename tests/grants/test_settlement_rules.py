"""The sums of a settlement: whatever was recorded and decided, what was paid is accounted for to the won."""

from hypothesis import given
from hypothesis import strategies as st

from services.grants.rules.settlement import by_category, sums


class Spending:
    """An expense as the sums see it."""

    def __init__(self, amount_won: int, accepted_won: int | None, state: str, source: str = "grant") -> None:
        self.amount_won, self.accepted_won, self.state, self.source = amount_won, accepted_won, state, source
        self.category, self.item = "activity", "materials"


@st.composite
def spendings(draw: st.DrawFn) -> Spending:
    amount = draw(st.integers(1, 1_000_000))
    state = draw(st.sampled_from(["filed", "accepted", "refused", "withdrawn"]))
    accepted = {"accepted": draw(st.integers(1, amount)), "refused": 0}.get(state)
    return Spending(amount, accepted, state, draw(st.sampled_from(["grant", "grant", "self"])))


@given(st.integers(0, 3_000_000), st.integers(0, 9_999), st.lists(spendings(), max_size=12))
def test_what_was_paid_is_accounted_for_to_the_won(paid, interest, made) -> None:
    total = sums(agreed_won=paid, paid_won=paid, interest_won=interest, expenses=made)
    parts = (total.accepted_won, total.waiting_won, total.refused_won, total.unspent_won)
    assert sum(parts) == paid
    assert min(parts) >= 0
    assert total.spent_won + total.unspent_won == paid
    assert total.to_return_won == total.unspent_won + total.refused_won + interest
    live = [each for each in made if each.state != "withdrawn" and each.source == "grant"]
    assert total.recorded_won == sum(each.amount_won for each in live)
    assert total.accepted_won <= sum(each.accepted_won or 0 for each in live)
    assert total.beyond_won == max(0, total.recorded_won - paid)
    (line,) = by_category([("activity", paid)], made)
    assert line.recorded_won == total.recorded_won
    assert line.left_won == paid - line.recorded_won + line.refused_won
