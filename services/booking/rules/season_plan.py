"""A season's plan as staff work on it: the weekly times given, those set by hand, those taken away. No database.

Every act gives a new plan; the JSON of `as_json` is what the season keeps, now and in its history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from services.booking.rules.weekly import Placement, Time, Wish

MOST_KEPT = 30
"""How many earlier plans a season keeps."""


@dataclass(frozen=True)
class Plan:
    """`placements` in order; `pinned` of them stay when the system proposes anew; `forbidden` are not given again.

    `about`: what was done last (`what`), by whom (`by`, an account) and when (`at`), the `fairness` then ([numerator,
    denominator] or None) and, of the last proposal, which steps were `proven`.
    """

    placements: tuple[Placement, ...] = ()
    pinned: frozenset[Placement] = frozenset()
    forbidden: frozenset[Placement] = frozenset()
    about: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data that `from_json` reads again."""
        return {
            "placements": [_plain(each) for each in sorted(self.placements)],
            "pinned": [_plain(each) for each in sorted(self.pinned)],
            "forbidden": [_plain(each) for each in sorted(self.forbidden)],
            "about": dict(self.about),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Plan:
        """From `as_json`; an empty mapping is the empty plan."""
        return cls(
            tuple(_placement(each) for each in told.get("placements", ())),
            frozenset(_placement(each) for each in told.get("pinned", ())),
            frozenset(_placement(each) for each in told.get("forbidden", ())),
            told.get("about") or {},
        )

    @property
    def empty(self) -> bool:
        """Nobody has proposed or set anything."""
        return not self.about

    def of(self, wish_id: int) -> list[Placement]:
        """What a group has."""
        return [each for each in self.placements if each.wish_id == wish_id]

    def proposed(self, placements: Iterable[Placement]) -> Plan:
        """What the system proposes instead; pins and bans stay."""
        return replace(self, placements=tuple(sorted(placements)))

    def pin(self, placement: Placement) -> Plan:
        """Give this time, whoever proposes what; a ban on it is lifted."""
        placed = tuple(sorted({*self.placements, placement}))
        return replace(self, placements=placed, pinned=self.pinned | {placement}, forbidden=self._without(placement))

    def unpin(self, placement: Placement) -> Plan:
        """The next proposal may take it away."""
        return replace(self, pinned=self.pinned - {placement})

    def forbid(self, placement: Placement) -> Plan:
        """Take this time away, and do not give it to this group again."""
        left = tuple(each for each in self.placements if each != placement)
        return replace(self, placements=left, pinned=self.pinned - {placement}, forbidden=self.forbidden | {placement})

    def allow(self, placement: Placement) -> Plan:
        """Lift the ban."""
        return replace(self, forbidden=self.forbidden - {placement})

    def move(self, placement: Placement, to: Placement) -> Plan:
        """Another unit or time for the same group, set by hand."""
        left = tuple(each for each in self.placements if each != placement)
        return replace(self, placements=left, pinned=self.pinned - {placement}).pin(to)

    def only(self, wish_ids: Collection[int]) -> Plan:
        """Without what groups have that no longer apply."""
        return replace(
            self,
            placements=tuple(each for each in self.placements if each.wish_id in wish_ids),
            pinned=frozenset(each for each in self.pinned if each.wish_id in wish_ids),
            forbidden=frozenset(each for each in self.forbidden if each.wish_id in wish_ids),
        )

    def done(self, what: str, by: int | None, at: str, fairness: Fraction | None, **more: Any) -> Plan:
        """The same with what was done; what the last proposal proved is kept."""
        kept = {"proven": self.about.get("proven")} if "proven" not in more else {}
        told = [fairness.numerator, fairness.denominator] if fairness is not None else None
        return replace(self, about={**kept, "what": what, "by": by, "at": at, "fairness": told, **more})

    def _without(self, placement: Placement) -> frozenset[Placement]:
        wish_id, unit_id, time = placement
        return frozenset(
            each
            for each in self.forbidden
            if (each.wish_id, each.unit_id) != (wish_id, unit_id) or not each.time.overlaps(time)
        )


def remember(history: Iterable[Mapping[str, Any]], plan: Plan) -> list[dict[str, Any]]:
    """The history with this plan as its latest; an empty one is not worth keeping."""
    told = [dict(each) for each in history]
    return [*told, plan.as_json()][-MOST_KEPT:] if not plan.empty else told


def shares(wishes: Iterable[Wish], plan: Plan) -> dict[str, int]:
    """How many groups there are, how many have all they wanted, some of it, nothing; and the times given and wanted."""
    found = {"groups": 0, "all": 0, "some": 0, "none": 0, "given": 0, "wanted": 0}
    for wish in wishes:
        given = len(plan.of(wish.id))
        found["groups"] += 1
        found["given"] += given
        found["wanted"] += wish.times
        found["none" if not given else "all" if given >= wish.times else "some"] += 1
    return found


def _plain(placement: Placement) -> list[int]:
    return [placement.wish_id, placement.unit_id, *placement.time]


def _placement(told: Iterable[int]) -> Placement:
    wish_id, unit_id, weekday, start, end = told
    return Placement(wish_id, unit_id, Time(weekday, start, end))
