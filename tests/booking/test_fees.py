"""What a reservation costs."""

from datetime import timedelta
from typing import Any

import pytest

from services.booking.rules.fees import price

HOURLY = {"free": False, "base_minutes": 60, "base_won": 5000, "extra_minutes": 30, "extra_won": 2000}


@pytest.mark.parametrize(
    ("fee", "minutes", "won"),
    [
        (HOURLY, 30, 5000),
        (HOURLY, 60, 5000),
        (HOURLY, 90, 7000),
        (HOURLY, 100, 9000),
        (HOURLY, 120, 9000),
        ({**HOURLY, "free": True}, 240, 0),
        ({**HOURLY, "extra_minutes": None, "extra_won": None}, 60, 5000),
        ({**HOURLY, "extra_minutes": None, "extra_won": None}, 90, None),
        ({**HOURLY, "base_minutes": 0}, 60, None),
        (None, 60, None),
    ],
)
def test_price(fee: dict[str, Any] | None, minutes: int, won: int | None) -> None:
    assert price(fee, timedelta(minutes=minutes)) == won
