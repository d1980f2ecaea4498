"""The figures of the 25 districts. Spaces are our own; everything else reached us by events (see `events.py`)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.maps.models import FundedProject, Intermediary, Reservation, Space
from shared.bus.catalogue import STAGES
from shared.districts import DISTRICTS

ZONE = ZoneInfo("Asia/Seoul")
FIGURES = ("spaces", "reservations", "projects", "funding")
"""What the choropleth can show: counts of spaces, reservations and projects, and the intermediary's funding in won."""


@dataclass(frozen=True)
class DistrictFigures:
    """One district, or all together (`code` empty). `mode` is None where no word of an intermediary came yet.

    `by_stage` counts spaces by stage, retired ones too; `spaces` leaves them out. Amounts in won.
    """

    code: str
    mode: str | None = None
    operator: str | None = None
    year: int | None = None
    funding: int = 0
    by_stage: dict[str, int] = field(default_factory=dict)
    reservations: int = 0
    projects: int = 0
    awarded_won: int = 0

    @property
    def spaces(self) -> int:
        return sum(count for stage, count in self.by_stage.items() if stage != "retired")

    @property
    def open_spaces(self) -> int:
        return self.by_stage.get("open", 0)

    @property
    def coming_spaces(self) -> int:
        """Spaces on their way: selected, but not open yet."""
        return self.spaces - self.open_spaces


def month_of(now: datetime, zone: ZoneInfo = ZONE) -> tuple[datetime, datetime]:
    """The calendar month that `now` lies in there, as [first, next first)."""
    first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, following


def district_figures(session: Session, now: datetime) -> tuple[list[DistrictFigures], DistrictFigures]:
    """The 25 rows in the order of their codes, and their total; four queries."""
    first, following = month_of(now)
    stages: dict[str, Counter[str]] = {district.code: Counter() for district in DISTRICTS}
    by_stage = select(Space.district, Space.stage, func.count()).group_by(Space.district, Space.stage)
    for code, stage, count in session.execute(by_stage):
        stages[code][stage] = count
    of_month = (
        select(Reservation.district, func.count())
        .where(~Reservation.cancelled, Reservation.start_at >= first, Reservation.start_at < following)
        .group_by(Reservation.district)
    )
    reservations = dict(session.execute(of_month).all())
    funded = select(FundedProject.district, func.count(), func.sum(FundedProject.awarded_won))
    projects = {code: (n, int(won)) for code, n, won in session.execute(funded.group_by(FundedProject.district))}
    intermediaries = {row.district: row for row in session.scalars(select(Intermediary))}
    rows = []
    for district in DISTRICTS:
        code = district.code
        known = intermediaries.get(code)
        count, won = projects.get(code, (0, 0))
        rows.append(
            DistrictFigures(
                code=code,
                mode=known.mode if known else None,
                operator=known.operator if known else None,
                year=known.year if known else None,
                funding=known.funding_won if known else 0,
                by_stage={stage: stages[code][stage] for stage in STAGES},
                reservations=reservations.get(code, 0),
                projects=count,
                awarded_won=won,
            )
        )
    return rows, total_of(rows)


def total_of(rows: Iterable[DistrictFigures]) -> DistrictFigures:
    """The sums of the rows."""
    rows = list(rows)
    return DistrictFigures(
        code="",
        funding=sum(row.funding for row in rows),
        by_stage={stage: sum(row.by_stage[stage] for row in rows) for stage in STAGES},
        reservations=sum(row.reservations for row in rows),
        projects=sum(row.projects for row in rows),
        awarded_won=sum(row.awarded_won for row in rows),
    )
