"""When a reviewer has an interest in an application (이해충돌): told from who is in the group and who they are. Pure.

The grounds are the project's own, after what the recusal clauses of subsidy committees have in mind: taking part
oneself (membership), living with one who does (address), having applied together (joint_application). What a reviewer
declares comes on top.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DETECTED = ("membership", "address", "joint_application")
JOINT_YEARS = 3
"""For how many years after a joint application its people do not review each other."""

_CITY = re.compile(r"^(서울특별시|서울시|서울)")
_ASIDE = re.compile(r"\([^)]*\)")
_LEFT_OUT = re.compile(r"[\s,.·]+")


@dataclass(frozen=True)
class Person:
    """What two people are told the same by; each part may be unknown (None or empty)."""

    account_id: int | None = None
    key: str = ""
    address: str = ""

    @property
    def marks(self) -> frozenset[str]:
        """Names of this person in one space, for joining."""
        found = []
        if self.account_id is not None:
            found.append(f"account:{self.account_id}")
        if self.key:
            found.append(f"person:{self.key}")
        return frozenset(found)


def normal_address(text: str) -> str:
    """An address as one compares it: without the city, spaces, punctuation and what stands in brackets. Empty for one
    without a number, which names a quarter and not a home."""
    if not any(map(str.isnumeric, text)):
        return ""
    kept = _ASIDE.sub("", unicodedata.normalize("NFKC", text).casefold())
    kept = _CITY.sub("", _LEFT_OUT.sub("", kept))
    return kept if any(letter.isdigit() for letter in kept) else ""


def detect(
    reviewers: Mapping[int, Person],
    applications: Mapping[int, Iterable[Person]],
    earlier: Mapping[int, Iterable[Person]] | None = None,
    partners: Mapping[int, Iterable[Person]] | None = None,
) -> dict[tuple[int, int], tuple[str, ...]]:
    """(reviewer, application) -> the kinds of interest, for those that have one.

    `applications`: who is in the group that applies, `earlier` who was; `partners`: for a reviewer those with whom they
    applied together within JOINT_YEARS. Costs as much as there are people, not reviewers times applications.
    """
    by_mark: defaultdict[str, set[int]] = defaultdict(set)
    by_past_mark: defaultdict[str, set[int]] = defaultdict(set)
    by_address: defaultdict[str, set[int]] = defaultdict(set)
    for application_id, people in applications.items():
        for person in people:
            for mark in person.marks:
                by_mark[mark].add(application_id)
            if person.address:
                by_address[person.address].add(application_id)
    for application_id, people in (earlier or {}).items():
        for person in people:
            for mark in person.marks:
                by_past_mark[mark].add(application_id)
    found: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for reviewer_id, reviewer in reviewers.items():
        member = _of(by_mark, reviewer.marks) | _of(by_past_mark, reviewer.marks)
        home = by_address.get(reviewer.address, set()) if reviewer.address else set()
        joint = {mark for partner in (partners or {}).get(reviewer_id, ()) for mark in partner.marks}
        together = _of(by_mark, joint - reviewer.marks) - member  # to be in it says more than to have applied with it
        for kind, ids in zip(DETECTED, (member, home, together), strict=True):
            for application_id in ids:
                found[reviewer_id, application_id].append(kind)
    return {pair: tuple(kinds) for pair, kinds in found.items()}


def _of(index: Mapping[str, set[int]], marks: Iterable[str]) -> set[int]:
    return {application_id for mark in marks for application_id in index.get(mark, ())}
