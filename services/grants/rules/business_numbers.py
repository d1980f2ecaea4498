"""The number of a business (사업자등록번호) and the check digit at its end. Pure.

The tenth digit checks the nine before it: each is multiplied by 1, 3, 7, 1, 3, 7, 1, 3, 5; to the sum of the products
come the tens of the last one, and the tenth digit fills the sum up to a full ten (the numbering of the National Tax
Service)."""

from __future__ import annotations

import re

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_WRITTEN = re.compile(r"\d{3}-?\d{2}-?\d{5}", re.ASCII)


def digits(text: str) -> str | None:
    """The ten digits of a number written as 123-45-67890 or 1234567890; None when it is not written like one."""
    plain = text.strip()
    return plain.replace("-", "") if _WRITTEN.fullmatch(plain) else None


def right(number: str) -> bool:
    """Whether ten digits can be somebody's number: a tax office from 101 on, a kind other than 00, the check digit."""
    if int(number[:3]) < 101 or number[3:5] == "00":
        return False
    products = [int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)]
    return (10 - (sum(products) + products[-1] // 10) % 10) % 10 == int(number[9])


def shown(number: str) -> str:
    """As people write it: 123-45-67890."""
    return f"{number[:3]}-{number[3:5]}-{number[5:]}" if len(number) == 10 else number
