"""What a reservation costs, in integer won (invariant 6); only where the fee is known with certainty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any


def price(fee: Mapping[str, Any] | None, length: timedelta) -> int | None:
    """Won for this long: the base fee, then one step's fee for each step begun. None: unknown, ask the space.

    A use that ends within the base time costs the base fee. Without a stated fee for more time the price of a longer
    use is unknown.
    """
    if fee is None:
        return None
    if fee["free"]:
        return 0
    base = timedelta(minutes=fee["base_minutes"])
    if not base:
        return None
    over = length - base
    if over <= timedelta(0):
        return int(fee["base_won"])
    if not fee["extra_minutes"] or fee["extra_won"] is None:
        return None
    steps = -(-over // timedelta(minutes=fee["extra_minutes"]))
    return int(fee["base_won"] + steps * fee["extra_won"])
