"""Scores against a rubric: reading them, adding them up, how far they lie apart, and their seal. Pure.

Points are whole; a total is in tenths of a point, so that averages need no fraction: 78.3 points are 783 tenths.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.grants.rules.definition import Stage

COMMENT = 4_000
"""The longest comment, characters."""


@dataclass(frozen=True)
class Spread:
    """How the totals of one application lie: in tenths of a point; `outliers` are the places of those further than
    the stage allows from the median."""

    count: int
    average: int
    least: int
    most: int
    outliers: tuple[int, ...]

    @property
    def width(self) -> int:
        return self.most - self.least


def read(typed: Mapping[str, Any], stage: Stage) -> tuple[dict[str, int], dict[str, list[str]]]:
    """The points by criterion out of what was typed, and the codes of what is no score (field `score_<criterion>`).

    Codes: score_missing, score_unclear (not a whole number in Arabic digits), score_out_of_range.
    """
    points: dict[str, int] = {}
    wrong: dict[str, list[str]] = {}
    for criterion in stage.rubric:
        field = f"score_{criterion.key}"
        text = str(typed.get(criterion.key, "")).strip()
        if not text:
            wrong[field] = ["score_missing"]
        elif not re.fullmatch(r"\d{1,6}", text, re.ASCII):
            wrong[field] = ["score_unclear"]
        elif int(text) > criterion.most:
            wrong[field] = ["score_out_of_range"]
        else:
            points[criterion.key] = int(text)
    return points, wrong


def total(points: Mapping[str, int], stage: Stage) -> int:
    """The weighted total, in tenths of a point."""
    return sum(points[each.key] * each.weight for each in stage.rubric) * 10


def average(totals: Sequence[int]) -> int:
    """The average, rounded half up to a tenth of a point."""
    return (2 * sum(totals) + len(totals)) // (2 * len(totals))


def spread(totals: Sequence[int], outlier_tenths: int) -> Spread:
    """How they lie; there is at least one."""
    middle = _twice_middle(totals)
    outliers = tuple(
        at for at, each in enumerate(totals) if len(totals) > 2 and abs(2 * each - middle) > 2 * outlier_tenths
    )  # of two alone nobody can say which one lies outside
    return Spread(len(totals), average(totals), min(totals), max(totals), outliers)


def complete(states: Iterable[str], needed: int) -> bool:
    """Whether a round is over, so that its seals may be opened: enough are in and none is out any more."""
    known = list(states)
    return known.count("submitted") >= needed and "assigned" not in known


def seal(review_id: int, points: Mapping[str, int], comment: str, salt: str) -> str:
    """The SHA-256 of the canonical JSON of a review: what was handed in can be shown to be what is read later. The salt
    keeps the few possible scores from being found by trying them."""
    content = {"comment": comment, "review": review_id, "salt": salt, "scores": dict(points)}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _twice_middle(totals: Iterable[int]) -> int:
    """Twice the median, which is whole."""
    ordered = sorted(totals)
    return ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
