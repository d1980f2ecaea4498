"""Which applications have so much in common that somebody should look at both: people, address, account, files, text.
And three faults that audits name: one person behind several groups, a ceiling split into two applications, and one
project in two calls. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.grants.rules.conflicts import Person
from services.grants.rules.likeness import ALIKE, paired

PERSON_BEHIND_GROUPS = "person_behind_groups"
CEILING_SPLIT = "ceiling_split"
APPLIED_TWICE = "applied_twice"
CODES = (PERSON_BEHIND_GROUPS, CEILING_SPLIT, APPLIED_TWICE)
HALF = 0.5
"""From this part of the smaller group on, shared members make two groups one behind two names."""


@dataclass(frozen=True)
class Filed:
    """An application as it is compared. `files` are the SHA-256 of what is attached, `account` the digits of the bank
    account; `group` and `call` are their numbers."""

    application_id: int
    requested_won: int
    people: tuple[Person, ...] = ()
    leaders: tuple[Person, ...] = ()
    address: str = ""
    account: str = ""
    files: frozenset[str] = frozenset()
    group: int | None = None
    call: int = 0

    @property
    def marks(self) -> frozenset[str]:
        return _marks(self.people)


@dataclass(frozen=True)
class Pair:
    """Two applications (the smaller number first) and what they share. `members` of the smaller group are `share` of
    it; `text` is the likeness of their texts, 0 to 1."""

    one: int
    other: int
    members: int = 0
    share: float = 0.0
    leader: bool = False
    address: bool = False
    account: bool = False
    files: int = 0
    text: float = 0.0
    codes: tuple[str, ...] = field(default=())

    @property
    def linked(self) -> bool:
        """Whether the same people seem to stand behind both."""
        return self.leader or self.account or (self.members > 1 and self.share >= HALF)

    @property
    def weight(self) -> float:
        """How much speaks for looking at it: for the order of a list only."""
        people = 2.0 * self.leader + self.share + 0.1 * self.members
        return 4.0 * len(self.codes) + people + self.account * 2 + self.address + min(self.files, 3) + 2 * self.text


def pairs(filed: Mapping[int, Filed], texts: Mapping[tuple[int, int], float], ceiling_won: int | None) -> list[Pair]:
    """The pairs worth looking at, what speaks most for it first. `texts` are alike texts, see `likeness.alike`. A
    single shared member who leads neither group is no reason by itself: people belong to several groups."""
    candidates = set(texts) | _by(filed, lambda each: each.marks) | _by(filed, lambda each: each.files)
    candidates |= _by(filed, lambda each: {each.address} - {""})
    candidates |= _by(filed, lambda each: {each.account} - {""})
    found = []
    for one, other in candidates:
        pair = compare(filed[one], filed[other], texts.get((one, other), 0.0), ceiling_won)
        reasons = pair.leader or pair.address or pair.account or pair.files or pair.text or pair.members > 1
        if reasons:
            found.append(pair)
    return sorted(found, key=lambda each: (-each.weight, each.one, each.other))


def compare(one: Filed, other: Filed, text: float, ceiling_won: int | None) -> Pair:
    """What two applications share, with the codes of the audit findings that it amounts to. A group may apply to
    several calls under its own name; the same project in two of them is a finding, whoever shares it."""
    theirs = other.marks
    members = sum(bool(person.marks & theirs) for person in one.people)
    smaller = min(len(one.people), len(other.people))
    pair = Pair(
        one.application_id,
        other.application_id,
        members=members,
        share=min(1.0, members / smaller) if smaller else 0.0,
        leader=bool(_marks(one.leaders) & _marks(other.leaders)),
        address=bool(one.address) and one.address == other.address,
        account=bool(one.account) and one.account == other.account,
        files=len(one.files & other.files),
        text=text,
    )
    codes = []
    same_group = one.group is not None and one.group == other.group
    if pair.linked and not same_group:
        codes.append(PERSON_BEHIND_GROUPS)
    together = one.requested_won + other.requested_won
    # A group hands its registration certificate to every call: of its own applications only the text tells.
    files = pair.files > 0 and not (same_group and one.call != other.call)
    alike = pair.text >= ALIKE or files
    if (pair.linked or pair.address) and alike and ceiling_won is not None and together > ceiling_won:
        codes.append(CEILING_SPLIT)
    if one.call != other.call and alike and (pair.linked or pair.address or pair.members):
        codes.append(APPLIED_TWICE)
    return Pair(**{**pair.__dict__, "codes": tuple(codes)})


def _marks(people: Iterable[Person]) -> frozenset[str]:
    return frozenset(mark for person in people for mark in person.marks)


def _by(filed: Mapping[int, Filed], of: Callable[[Filed], Iterable[str]]) -> set[tuple[int, int]]:
    buckets: defaultdict[str, list[int]] = defaultdict(list)
    for application_id in sorted(filed):
        for mark in of(filed[application_id]):
            buckets[mark].append(application_id)
    return {pair for ids in buckets.values() if len(ids) > 1 for pair in paired(ids)}
