"""Funded projects: the public register, and each district's figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants.models import Call, Project
from shared.districts import DISTRICTS

PAGE_SIZE = 50


@dataclass(frozen=True)
class Figures:
    """A district's published calls (the city's own apart), funded projects and their awards in won."""

    district: str
    calls: int
    projects: int
    awarded_won: int


def listed(
    session: Session, *, district: str | None = None, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[Sequence[Project], int, int]:
    """The register, the newest decision first: the projects of this part, the number of all, their awards in won."""
    wanted = [Project.district == district] if district else []
    number, awarded_won = session.execute(
        select(func.count(), func.coalesce(func.sum(Project.awarded_won), 0)).select_from(Project).where(*wanted)
    ).one()
    found = session.scalars(
        select(Project)
        .where(*wanted)
        .order_by(Project.decided_at.desc(), Project.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()
    return found, int(number), int(awarded_won)


def all_of(session: Session, *, district: str | None = None) -> Iterator[Project]:
    """The whole register, row by row in the order of their numbers: for an export."""
    wanted = [Project.district == district] if district else []
    yield from session.scalars(select(Project).where(*wanted).order_by(Project.id).execution_options(yield_per=500))


def figures(session: Session) -> list[Figures]:
    """All 25 districts in the order of their codes: two queries."""
    published = Call.published_at.is_not(None)
    calls = dict(session.execute(select(Call.district, func.count()).where(published).group_by(Call.district)).all())
    projects = {
        district: (int(number), int(awarded_won))
        for district, number, awarded_won in session.execute(
            select(Project.district, func.count(), func.sum(Project.awarded_won)).group_by(Project.district)
        )
    }
    return [
        Figures(district.code, calls.get(district.code, 0), *projects.get(district.code, (0, 0)))
        for district in DISTRICTS
    ]
