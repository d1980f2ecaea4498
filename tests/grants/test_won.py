"""Amounts as people type them: certain, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grants.won import MOST_WON, UnclearWon, read_won


@pytest.mark.parametrize(
    ("text", "won"),
    [("1000000", 1_000_000), ("1,000,000", 1_000_000), (" 1,000,000원 ", 1_000_000), ("0", 0), ("12 원", 12)],
)
def test_whole_won_is_read(text, won):
    assert read_won(text) == won


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "won_missing"),
        ("원", "won_missing"),
        ("-1", "won_negative"),
        ("-1,000", "won_negative"),
        ("１２３", "won_unclear"),
        ("١٢٣", "won_unclear"),
        ("1e9", "won_unclear"),
        ("1.5", "won_unclear"),
        ("1,00,000", "won_unclear"),
        ("1,0000", "won_unclear"),
        ("100만", "won_unclear"),
        ("1 000", "won_unclear"),
        ("+1", "won_unclear"),
        ("NaN", "won_unclear"),
        ("1_000", "won_unclear"),
        ("10000000000001", "won_too_large"),
        ("9" * 5000, "won_too_large"),
    ],
)
def test_anything_else_is_refused_by_name(text, code):
    with pytest.raises(UnclearWon) as refused:
        read_won(text)
    assert refused.value.code == code


@given(st.integers(0, MOST_WON))
def test_both_ways_of_writing_mean_the_same(won):
    assert read_won(str(won)) == read_won(f"{won:,}") == won


@given(st.text(max_size=20))
def test_no_text_does_worse_than_a_refusal(text):
    try:
        won = read_won(text)
    except UnclearWon:
        return
    assert 0 <= won <= MOST_WON
