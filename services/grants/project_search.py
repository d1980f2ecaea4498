"""What one may look for in the register of funded projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import Session

from services.grants.models import Application, Call, Project
from services.grants.policy import SEOUL
from services.grants.programmes.labels import strand_words

WORDS = 6
"""The most words that a search looks for; the others are ignored."""
STATUSES = ("selected", "running", "settling", "closed")
"""Phases that a project may be looked for by."""
SORTS: Mapping[str, Sequence[Any]] = {
    "newest": (Project.decided_at.desc(), Project.id.desc()),
    "oldest": (Project.decided_at, Project.id),
    "most": (Project.awarded_won.desc(), Project.id.desc()),
    "least": (Project.awarded_won, Project.id),
    "title": (Project.title, Project.id),
}


@dataclass(frozen=True)
class Wanted:
    """What to look for. `text`: every word of it stands in the title, the group's name, the strand or the dong; `year`
    is the city's year of the decision, `status` one of STATUSES, the amounts are of the award."""

    text: str = ""
    district: str | None = None
    strand: str | None = None
    programme: str | None = None
    year: int | None = None
    status: str | None = None
    least_won: int | None = None
    most_won: int | None = None
    sort: str = "newest"


def conditions(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    """For a query over Project, Application and Call."""
    where: list[ColumnElement[bool]] = []
    if wanted.district:
        where.append(Project.district == wanted.district)
    if wanted.strand:
        where.append(Project.strand == wanted.strand)
    if wanted.programme:
        where.append(Call.programme == wanted.programme)
    if wanted.year is not None:
        first, next_one = (datetime(year, 1, 1, tzinfo=SEOUL) for year in (wanted.year, wanted.year + 1))
        where += [Project.decided_at >= first, Project.decided_at < next_one]
    if wanted.status:
        where.append(Application.phase == wanted.status)
    if wanted.least_won is not None:
        where.append(Project.awarded_won >= wanted.least_won)
    if wanted.most_won is not None:
        where.append(Project.awarded_won <= wanted.most_won)
    words = wanted.text.lower().split()[:WORDS]
    strands = strand_words(session) if words else {}
    for word in words:
        told = [key for key, label in strands.items() if word in label.ko.lower() or word in label.en.lower()]
        texts = (Project.title, Project.group_name, Application.dong)
        where.append(
            or_(*(func.lower(text).contains(word, autoescape=True) for text in texts), Project.strand.in_(told))
        )
    return where
