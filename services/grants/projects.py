"""The register of funded projects: found, told row by row, and each district's figures.

A project gets its row when its selection is announced, so nothing under embargo stands here. Every sum of money is one
over the ledger's postings (invariant 7); a page asks a fixed number of queries, however many rows it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, load_only

from services.grants import award, process, programmes
from services.grants.models import (
    Agreement,
    Application,
    Call,
    Posting,
    ProgrammeVersion,
    Project,
    Settlement,
    Space,
)
from services.grants.policy import SEOUL
from services.grants.project_search import SORTS, Wanted, conditions
from services.grants.rules.definition import State, Words
from shared.database import Database
from shared.districts import BY_CODE, DISTRICTS
from shared.refusal import Refusal

PAGE_SIZE = 50
BATCH = 500


@dataclass(frozen=True)
class Money:
    """What the ledger says of a project, in won: bound for it now, paid to the group, and come back."""

    committed_won: int = 0
    paid_won: int = 0
    returned_won: int = 0

    @classmethod
    def of(cls, sums: Mapping[str, int]) -> Money:
        """From the sum of each kind of posting."""
        committed = sums.get("commitment", 0) - sums.get("decommitment", 0)
        return cls(committed, sums.get("expenditure", 0), sums.get("return", 0))


@dataclass(frozen=True)
class Entry:
    """A project as everyone may know it: `state` in public words, `programme` the programme's name, `funder` the
    district whose call it was (None: the city)."""

    project: Project
    dong: str
    state: State
    programme_key: str
    programme: Words
    funder: str | None
    money: Money = Money()


@dataclass(frozen=True)
class Figures:
    """A district's published calls (the city's own apart), funded projects, what was awarded at their announcement and
    what the ledger has bound for them now, in won."""

    district: str
    calls: int
    projects: int
    awarded_won: int
    committed_won: int


@dataclass(frozen=True)
class Listing:
    """A page of the register; the sums are of all that was found."""

    entries: list[Entry]
    total: int
    awarded_won: int
    money: Money


@dataclass(frozen=True)
class Whole:
    """One project with its dates and payments (number, won, the day it was paid, when that was recorded). `outcome` is
    what came of it, once the amount is finalised."""

    entry: Entry
    starts_on: date | None
    ends_on: date | None
    tranches: Sequence[tuple[int, int, date, datetime]]
    outcome: str
    final_won: int | None
    finalized_at: datetime | None
    space: str | None = None
    """The name of the space in which it happens, where one was chosen."""


def find(session: Session, wanted: Wanted, now: datetime, *, page: int = 1, size: int = PAGE_SIZE) -> Listing:
    """A page of what is wanted, in its order."""
    where = conditions(session, wanted)
    number, awarded_won = session.execute(
        select(func.count(), func.coalesce(func.sum(Project.awarded_won), 0))
        .select_from(Project)
        .join(Application, Application.id == Project.application_id)
        .join(Call, Call.id == Project.call_id)
        .where(*where)
    ).one()
    of_all = (
        select(Posting.kind, func.sum(Posting.amount_won))
        .join(Project, Project.application_id == Posting.application_id)
        .join(Application, Application.id == Project.application_id)
        .join(Call, Call.id == Project.call_id)
        .where(*where)
        .group_by(Posting.kind)
    )
    money = Money.of({kind: int(won) for kind, won in session.execute(of_all)})
    rows = _rows(where).order_by(*SORTS[wanted.sort]).offset((page - 1) * size).limit(size)
    return Listing(with_money(session, entries(session, rows, now)), int(number), int(awarded_won), money)


def batches(database: Database, wanted: Wanted, now: datetime) -> Iterator[list[Entry]]:
    """All that is wanted, in the order of the numbers, a part at a time and each with a transaction of its own: a slow
    reader of an export holds neither memory nor the database."""
    last = 0
    while True:
        with database.read() as session:
            rows = _rows([*conditions(session, wanted), Project.id > last]).order_by(Project.id).limit(BATCH)
            found = with_money(session, entries(session, rows, now))
        if found:
            yield found
            last = found[-1].project.id
        if len(found) < BATCH:
            return


def one(session: Session, project_id: int, now: datetime) -> Whole:
    """A project with all that is public of it. Raises Refusal not_found (404)."""
    found = with_money(session, entries(session, _rows([Project.id == project_id]), now))
    if not found:
        raise Refusal("not_found", 404)
    application_id = found[0].project.application_id
    agreed = periods(session, [application_id]).get(application_id)
    paid = [each for each in award.tranches_of(session, application_id) if each.state == "paid"]
    days = award.paid_days(session, paid)
    settled = session.execute(
        select(Settlement.outcome, Settlement.final_won, Settlement.finalized_at).where(
            Settlement.application_id == application_id, Settlement.state == "finalized"
        )
    ).one_or_none()
    return Whole(
        found[0],
        agreed[0] if agreed else None,
        agreed[1] if agreed else None,
        [(each.number, each.amount_won, days[each.id], each.paid_at) for each in paid if each.paid_at is not None],
        settled.outcome if settled else "",
        settled.final_won if settled else None,
        settled.finalized_at if settled else None,
        session.scalar(select(Space.name).where(Space.id == found[0].project.space_id)),
    )


def entries(session: Session, rows: Select[Project, Application, Call], now: datetime) -> list[Entry]:
    """The rows of `_rows` as the public may know them: three queries at most, without the money."""
    found = session.execute(rows).all()
    ids = {application.version_id or call.version_id for _, application, call in found}
    versions = {
        version.id: version
        for version in session.scalars(select(ProgrammeVersion).where(ProgrammeVersion.id.in_(ids - {None})))
    }
    newest: dict[str, ProgrammeVersion] = {}
    told = []
    for project, application, call in found:
        version = versions.get(application.version_id or call.version_id or 0) or newest.get(call.programme)
        if version is None:  # of a call from before programmes had versions
            version = newest[call.programme] = programmes.newest(session, call.programme)
        rules = programmes.rules_of(version)
        state = process.public_state(rules, application, call, now)
        told.append(Entry(project, application.dong, state, call.programme, rules.label, call.district))
    return told


def with_money(session: Session, told: Sequence[Entry]) -> list[Entry]:
    """The same with what the ledger says: one query."""
    sums: dict[int | None, dict[str, int]] = {}
    for application_id, kind, won in session.execute(
        select(Posting.application_id, Posting.kind, func.sum(Posting.amount_won))
        .where(Posting.application_id.in_([each.project.application_id for each in told]))
        .group_by(Posting.application_id, Posting.kind)
    ):
        sums.setdefault(application_id, {})[kind] = int(won)
    return [replace(each, money=Money.of(sums.get(each.project.application_id, {}))) for each in told]


def periods(session: Session, application_ids: Iterable[int]) -> dict[int, tuple[date, date]]:
    """First and last day by the newest agreement that both signed, by application."""
    signed = (
        select(Agreement.application_id, Agreement.starts_on, Agreement.ends_on)
        .where(Agreement.application_id.in_(list(application_ids)), Agreement.signed_at.is_not(None))
        .order_by(Agreement.version)
    )
    return {application_id: (starts_on, ends_on) for application_id, starts_on, ends_on in session.execute(signed)}


def years(session: Session) -> list[int]:
    """The city's years from the first decision to the last, the newest first."""
    first, last = session.execute(select(func.min(Project.decided_at), func.max(Project.decided_at))).one()
    if first is None or last is None:
        return []
    return list(range(last.astimezone(SEOUL).year, first.astimezone(SEOUL).year - 1, -1))


def on_map(session: Session, wanted: Wanted, most: int) -> list[dict[str, Any]]:
    """The newest `most` projects by place: their own point, else their district's office. One query of a few columns.

    {district, latitude, longitude, whole_district, projects: [{id, title, group_name, awarded_won}]}
    """
    columns = (Project.title, Project.group_name, Project.awarded_won)
    rows = session.execute(
        select(Project.id, Project.district, Project.latitude, Project.longitude, *columns)
        .join(Application, Application.id == Project.application_id)
        .join(Call, Call.id == Project.call_id)
        .where(*conditions(session, wanted))
        .order_by(Project.decided_at.desc(), Project.id.desc())
        .limit(most)
    )
    points: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number, district, *place, title, group_name, awarded_won in rows:
        latitude, longitude = BY_CODE[district].office if None in place else place
        point = points.setdefault(
            (district, latitude, longitude),
            {
                "district": district,
                "latitude": latitude,
                "longitude": longitude,
                "whole_district": None in place,
                "projects": [],
            },
        )
        told = {"id": number, "title": title, "group_name": group_name, "awarded_won": awarded_won}
        point["projects"].append(told)
    return list(points.values())


def figures(session: Session) -> list[Figures]:
    """All 25 districts in the order of their codes: three queries."""
    published = Call.published_at.is_not(None)
    calls = dict(session.execute(select(Call.district, func.count()).where(published).group_by(Call.district)).all())
    projects = {
        district: (int(number), int(awarded_won))
        for district, number, awarded_won in session.execute(
            select(Project.district, func.count(), func.sum(Project.awarded_won)).group_by(Project.district)
        )
    }
    sums: dict[str, dict[str, int]] = {}
    for code, kind, won in session.execute(
        select(Project.district, Posting.kind, func.sum(Posting.amount_won))
        .join(Posting, Posting.application_id == Project.application_id)
        .group_by(Project.district, Posting.kind)
    ):
        sums.setdefault(code, {})[kind] = int(won)
    return [
        Figures(
            each.code,
            calls.get(each.code, 0),
            *projects.get(each.code, (0, 0)),
            Money.of(sums.get(each.code, {})).committed_won,
        )
        for each in DISTRICTS
    ]


def any_of(session: Session, wanted: Wanted) -> bool:
    """Whether anything is found at all."""
    return bool(session.scalar(select(exists(_rows(conditions(session, wanted)).with_only_columns(Project.id)))))


def _rows(where: Iterable[ColumnElement[bool]]) -> Select[Project, Application, Call]:
    """Projects with the few columns of their application and call that the public words are made of."""
    return (
        select(Project, Application, Call)
        .join(Application, Application.id == Project.application_id)
        .join(Call, Call.id == Project.call_id)
        .where(*where)
        .options(
            load_only(Application.dong, Application.state, Application.phase, Application.version_id),
            load_only(Application.announced_at, Application.call_id),
            load_only(Call.programme, Call.version_id, Call.district),
        )
    )
