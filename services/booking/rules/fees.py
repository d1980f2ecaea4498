"""What maps' stated fee makes of a length of time, in integer won (invariant 6); only where it is known with certainty.

A keeper's own tariff goes before it: `tariff.py` has the whole rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.rules.interval import Interval
from services.booking.rules.tariff import from_fee, quote

_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)  # a stated fee is the same at all times
_ANY_ZONE = ZoneInfo("UTC")


def price(fee: Mapping[str, Any] | None, length: timedelta) -> int | None:
    """Won for this long: the base fee, then one step's fee for each step begun. None: unknown, ask the space.

    A use that ends within the base time costs the base fee. Without a stated fee for more time the price of a longer
    use is unknown.
    """
    return quote(from_fee(fee), Interval(_ANY_MOMENT, _ANY_MOMENT + length), _ANY_ZONE).won
