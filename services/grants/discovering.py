"""Finding calls: the list, the days of a month, and what is open where. Each costs the same however many there are.

A district's filter finds its own calls and the city's: both are open to its people.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, defer

from services.grants.call_phases import Phase, call_phase
from services.grants.models import Call
from services.grants.policy import SEOUL, city_date
from services.grants.programmes import labels
from shared.identity.actor import Actor, Role

PAGE_SIZE = 24
WORDS = 6
"""The most words that a search looks for; the others are ignored."""
CITY = "city"
"""In place of a district: the calls of the whole city alone."""
MOST_OF_MONTH = 600
"""The most calls that a month shows."""
MOST_DEADLINES = 1_000
"""The most deadlines in a calendar file."""
KEPT = timedelta(days=60)
"""How long a deadline stays in a subscribed calendar after it has passed."""
INSTANT = timedelta(microseconds=1)
MARKS = ("opens", "closes", "results")


@dataclass(frozen=True)
class Wanted:
    """What to look for. `text`: every word of it stands in the title, the text, the programme's name or a strand;
    `district` is a code or CITY; `phase` a `call_phases.Phase`."""

    text: str = ""
    district: str | None = None
    phase: str | None = None
    strand: str | None = None
    programme: str | None = None


@dataclass(frozen=True)
class Mark:
    """What of a call happens on a day of the city's calendar; `kind` is one of MARKS. Result days have no hour."""

    day: date
    kind: str
    call: Call

    @property
    def moment(self) -> datetime | None:
        return {"opens": self.call.opens_at, "closes": self.call.closes_at}.get(self.kind)


@dataclass(frozen=True)
class Standing:
    """Of one district: how many calls are open and coming, and when the next of the open ones closes."""

    open: int = 0
    upcoming: int = 0
    closes_at: datetime | None = None


def find(
    session: Session, actor: Actor, now: datetime, wanted: Wanted, *, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[Sequence[Call], int]:
    """The calls that the actor may see and their number: the open ones by their close, then what opens next, then
    drafts, then the past, the latest first."""
    where = [visible(actor), *conditions(session, wanted, now)]
    total = session.scalar(select(func.count()).select_from(Call).where(*where)) or 0
    published, over = Call.published_at.is_not(None), Call.closes_at <= now
    rank = case((over, 3), (~published, 2), (Call.opens_at > now, 1), else_=0)
    found = session.scalars(
        select(Call)
        .where(*where)
        .order_by(
            rank,
            case((rank == 0, Call.closes_at), (rank < 3, Call.opens_at)),
            Call.closes_at.desc(),
            Call.id,
        )
        .offset(offset)
        .limit(limit)
    ).all()
    return found, total


def marks(session: Session, first: date, last: date, wanted: Wanted, now: datetime) -> list[Mark]:
    """Openings, closes and result days of published calls on the days from `first` to `last`, by day and hour: at most
    MOST_OF_MONTH calls."""
    start, end = _midnight(first), _midnight(last + timedelta(days=1))
    within = or_(
        and_(Call.opens_at >= start, Call.opens_at < end),
        and_(Call.closes_at > start, Call.closes_at <= end),
        Call.results_on.between(first, last),
    )
    found = session.scalars(
        select(Call)
        .where(Call.published_at.is_not(None), within, *conditions(session, wanted, now))
        .options(defer(Call.body))
        .order_by(Call.closes_at, Call.id)
        .limit(MOST_OF_MONTH)
    )
    told = [
        mark
        for call in found
        for mark in (
            Mark(city_date(call.opens_at), "opens", call),
            Mark(last_day(call), "closes", call),
            Mark(call.results_on, "results", call),
        )
        if first <= mark.day <= last
    ]
    return sorted(told, key=lambda each: (each.day, each.moment or _midnight(each.day), MARKS.index(each.kind)))


def deadlines(session: Session, wanted: Wanted, now: datetime) -> Sequence[Call]:
    """The published calls whose close is to come or not long past, the next first."""
    return session.scalars(
        select(Call)
        .where(
            Call.published_at.is_not(None),
            Call.closes_at > now - KEPT,
            *conditions(session, wanted, now),
        )
        .options(defer(Call.body))
        .order_by(Call.closes_at, Call.id)
        .limit(MOST_DEADLINES)
    ).all()


def by_district(session: Session, wanted: Wanted, now: datetime) -> dict[str | None, Standing]:
    """What is open and coming in each district that has any such call; None is the whole city. One query."""
    opened = Call.opens_at <= now
    rows = session.execute(
        select(
            Call.district,
            func.count().filter(opened),
            func.count().filter(~opened),
            func.min(case((opened, Call.closes_at))),
        )
        .where(Call.published_at.is_not(None), Call.closes_at > now, *conditions(session, wanted, now))
        .group_by(Call.district)
    )
    return {district: Standing(opened, coming, closes) for district, opened, coming, closes in rows}


def open_programmes(session: Session, now: datetime) -> list[str]:
    """The keys of the programmes whose calls are open or come."""
    found = select(Call.programme).where(Call.published_at.is_not(None), Call.closes_at > now)
    return list(session.scalars(found.distinct().order_by(Call.programme)))


def visible(actor: Actor) -> ColumnElement[bool]:
    """Which calls exist for somebody: drafts for those who run them only."""
    if actor.has(Role.CITY_STAFF):
        return Call.id.is_not(None)
    published = Call.published_at.is_not(None)
    if actor.has(Role.DISTRICT_STAFF) and actor.district:
        return or_(published, Call.district == actor.district)
    return published


def conditions(session: Session, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    """What is wanted, for a query over Call."""
    where: list[ColumnElement[bool]] = []
    if wanted.district == CITY:
        where.append(Call.district.is_(None))
    elif wanted.district:
        where.append(or_(Call.district == wanted.district, Call.district.is_(None)))
    if wanted.phase:
        where.append(in_phase(wanted.phase, now))
    if wanted.programme:
        where.append(Call.programme == wanted.programme)
    if wanted.strand:
        where.append(_has_strand(wanted.strand))
    words = wanted.text.lower().split()[:WORDS]
    if words:
        programmes, strands = labels.names(session), labels.strand_words(session)
        for word in words:
            of_programmes = [key for key, name in programmes.items() if _says(name.ko, name.en, word)]
            of_strands = [key for key, name in strands.items() if _says(name.ko, name.en, word)]
            where.append(
                or_(
                    *(func.lower(text).contains(word, autoescape=True) for text in (Call.title, Call.body)),
                    Call.programme.in_(of_programmes),
                    *(_has_strand(key) for key in of_strands),
                )
            )
    return where


def in_phase(phase: str, now: datetime) -> ColumnElement[bool]:
    """The same rule as `call_phases.call_phase`, for the database."""
    published = Call.published_at.is_not(None)
    match phase:
        case Phase.DRAFT:
            return Call.published_at.is_(None)
        case Phase.UPCOMING:
            return and_(published, Call.opens_at > now)
        case Phase.OPEN:
            return and_(published, Call.opens_at <= now, Call.closes_at > now)
        case _:
            return and_(published, Call.closes_at <= now)


def last_day(call: Call) -> date:
    """The last day on which it takes applications: a call that closes at midnight takes none on the day that begins."""
    return city_date(call.closes_at - INSTANT)


def days_to_go(call: Call, now: datetime) -> tuple[Phase, int]:
    """Where it stands, and the days of the city's calendar to its opening or to its last day; 0 is today."""
    phase = call_phase(call, now)
    day = city_date(call.opens_at) if phase is Phase.UPCOMING else last_day(call)
    return phase, max(0, (day - city_date(now)).days)


def _has_strand(key: str) -> ColumnElement[bool]:
    """The strands are a JSON list of texts: one of them, quotation marks included, stands in what the column holds."""
    return cast(Call.strands, String).contains(json.dumps(key), autoescape=True)


def _says(ko: str, en: str, word: str) -> bool:
    return word in ko.lower() or word in en.lower()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SEOUL)
