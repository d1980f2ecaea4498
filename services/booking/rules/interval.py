"""Half-open intervals of instants, [start, end): two that only touch do not overlap (invariant 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Interval(NamedTuple):
    """From `start`, included, to `end`, excluded; both aware."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Interval) -> bool:
        """Whether the whole of `other` lies inside."""
        return self.start <= other.start and other.end <= self.end


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as few intervals, in order; touching ones become one, empty ones vanish."""
    merged: list[Interval] = []
    for each in sorted(intervals):
        if each.start >= each.end:
            continue
        if merged and each.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return merged


def without(whole: Interval, taken: Iterable[Interval]) -> list[Interval]:
    """What remains of `whole` when the taken ones are cut out."""
    left: list[Interval] = []
    start = whole.start
    for each in union(taken):
        if not each.overlaps(whole):
            continue
        if each.start > start:
            left.append(Interval(start, each.start))
        start = max(start, each.end)
    if start < whole.end:
        left.append(Interval(start, whole.end))
    return left
