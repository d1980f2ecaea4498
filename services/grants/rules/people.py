"""Telling one person from another without keeping more of them than was given. Pure."""

from __future__ import annotations

import hashlib
import unicodedata

EARLIEST_BIRTH, LATEST_BIRTH = 1900, 2100
"""The years of birth that a form takes."""
LONGEST = 80
SHORTEST_PHONE = 9
"""Digits of the shortest whole number, with its area code (02-123-4567)."""
_DOTS = "\u318d\u119e"
"""A vowel of old that is typed where a middle dot is meant."""


def name_key(name: str) -> str:
    """A name, of a person or of a group, as one compares it: without spaces, marks, width and case."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in folded if unicodedata.category(each)[0] in "LMN" and each not in _DOTS)[:LONGEST]


def phone_digits(phone: str) -> str:
    """The digits of a telephone number; empty for what is too short to be a whole one."""
    digits = "".join(letter for letter in unicodedata.normalize("NFKC", phone) if letter.isdecimal())
    return digits if len(digits) >= SHORTEST_PHONE else ""


def person_key(name: str, birth_year: int | None = None, phone: str = "") -> str:
    """The same for the same name with the same year of birth, or, where no year is known, with the same telephone
    number. Empty where neither is known, because a name alone is many people's. It is a hash, so that lists of keys
    (sanctions, audits) name nobody."""
    known = name_key(name)
    digits = phone_digits(phone)
    told = str(birth_year) if birth_year is not None else f"tel:{digits}" if digits else ""
    return hashlib.sha256(f"maru-person:{known}:{told}".encode()).hexdigest() if known and told else ""
