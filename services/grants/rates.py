"""Execution rates (집행률), rounded half up to 0.1 % as the city prints them. Integers only, never a float."""

from decimal import Decimal


def rate(part_won: int, whole_won: int) -> Decimal | None:
    """`part_won` of `whole_won` in per cent with one decimal place, both 0 or more; None where there is no whole."""
    if whole_won == 0:
        return None
    tenths = (2000 * part_won + whole_won) // (2 * whole_won)
    return Decimal(tenths).scaleb(-1)
