"""Cleaning of published text: one place that decides what counts as blank and when two names are the same."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

#: What database exports write for "nothing".
_BLANK: Final = frozenset({"null", "nan", "\\n", "#n/a"})

#: Control characters become blanks; invisible ones (zero width, direction marks) go.
_REPLACED: Final = {"Cc": " ", "Cf": ""}


@lru_cache(maxsize=4096)
def clean(cell: str) -> str:
    """``cell`` on one line: control and invisible characters gone, blanks collapsed, "" for null markers."""
    text = cell if cell.isascii() else unicodedata.normalize("NFC", cell)
    if not text.isprintable():
        text = "".join(_REPLACED.get(unicodedata.category(char), char) for char in text)
    text = " ".join(text.split())
    return "" if text.casefold() in _BLANK else text


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """``text`` for comparison: compatibility forms unified, case folded, without any blank."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def after_prefix(text: str, prefix: str) -> str | None:
    """What follows ``prefix`` in ``text``, blanks ignored in the comparison; None when ``text`` starts otherwise.

    The prefix must end at a word's end: at the end of the text, a blank, punctuation, or a floor such as "2층".

    >>> after_prefix("성북동 자치회관 - 5층 강당", "성북동자치회관")
    ' - 5층 강당'
    >>> after_prefix("강당동주민센터", "강당") is None
    True
    """
    wanted = "".join(prefix.split()).casefold()
    position = 0
    for index, char in enumerate(text):
        if position == len(wanted):
            rest = text[index:]
            return rest if re.match(r"[^\w]|(?:지하|지상)?\d+(?:층|호)", rest) else None
        if char.isspace():
            continue
        if char.casefold() != wanted[position]:
            return None
        position += 1
    return "" if position == len(wanted) else None
