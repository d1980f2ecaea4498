"""Reading an amount of won that a person typed: whole won, or nothing at all. Pure."""

import re

MOST_WON = 10**13
"""Ten trillion won: more than any budget of the city, and safe in every number type on the way."""

_PLAIN = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)", re.ASCII)


class UnclearWon(ValueError):  # noqa: N818 - a finding, named as people say it
    """The text is not certainly an amount; `code` names why: won_missing, won_negative, won_unclear, won_too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_won(text: str) -> int:
    """The amount in `text`: "1000000", "1,000,000", either with 원 behind it. Raises UnclearWon.

    Full-width digits, decimals, exponents, wrong grouping and 만/억 are refused: a guess could be wrong by ten times.
    """
    plain = text.strip().removesuffix("원").rstrip()
    if not plain:
        raise UnclearWon("won_missing")
    if re.fullmatch(r"-\s*[\d,]+", plain, re.ASCII):
        raise UnclearWon("won_negative")
    if not _PLAIN.fullmatch(plain):
        raise UnclearWon("won_unclear")
    digits = plain.replace(",", "")
    if len(digits) > 20 or int(digits) > MOST_WON:
        raise UnclearWon("won_too_large")
    return int(digits)
