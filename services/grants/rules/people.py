"""Telling one person from another without keeping more of them than was given. Pure."""

from __future__ import annotations

import hashlib
import unicodedata

EARLIEST_BIRTH, LATEST_BIRTH = 1900, 2100
"""The years of birth that a form takes."""
LONGEST = 80
_DOTS = "\u318d\u119e"
"""A vowel of old that is typed where a middle dot is meant."""


def name_key(name: str) -> str:
    """A name, of a person or of a group, as one compares it: without spaces, marks, width and case."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in folded if unicodedata.category(each)[0] in "LMN" and each not in _DOTS)[:LONGEST]


def person_key(name: str, birth_year: int | None = None, phone: str = "") -> str:
    """The same for the same name with the same year of birth, or, where no year is known, with the same telephone
    number. Empty where neither is known, because a name alone is many people's. It is a hash, so that lists of keys
    (sanctions, audits) name nobody."""
    known = name_key(name)
    digits = "".join(letter for letter in unicodedata.normalize("NFKC", phone) if letter.isdecimal())
    told = str(birth_year) if birth_year is not None else f"tel:{digits}" if len(digits) >= 9 else ""
    return hashlib.sha256(f"maru-person:{known}:{told}".encode()).hexdigest() if known and told else ""
