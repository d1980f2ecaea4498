"""Reading programmes: the list, one with its versions, and what differs between two versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.grants import policy
from services.grants.models import Call, Programme, ProgrammeVersion
from services.grants.programmes import rules_of
from services.grants.programmes.building import WHOLE, readable
from services.grants.rules.definition import Definition
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

PAGE_SIZE = 50


@dataclass(frozen=True)
class Listed:
    """A programme with its newest version that the reader may see, and how many calls were published with it."""

    programme: Programme
    version: ProgrammeVersion
    rules: Definition
    calls: int


@dataclass(frozen=True)
class Shown:
    """A version of a programme, all its versions that the reader may see (the newest first), and the published calls
    that run this one. `owns`: the reader may change it."""

    programme: Programme
    version: ProgrammeVersion
    rules: Definition
    versions: Sequence[ProgrammeVersion]
    calls: Sequence[Call]
    owns: bool


def listed(
    session: Session, actor: Actor, *, district: str | None = None, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[list[Listed], int]:
    """Programmes, the city's first; of one district with the city's when it is given. Those nobody released yet are
    seen by those who run them only, the retired ones last. Their number too. Three queries, however many there are."""
    versions = select(ProgrammeVersion.programme_id, func.max(ProgrammeVersion.number).label("number"))
    if not actor.has(Role.CITY_STAFF):
        own = actor.district if actor.has(Role.DISTRICT_STAFF) else None
        run = ProgrammeVersion.programme_id.in_(select(Programme.id).where(Programme.district == own))
        versions = versions.where(or_(ProgrammeVersion.released_at.is_not(None), run))
    newest = versions.group_by(ProgrammeVersion.programme_id).subquery()
    found = (
        select(Programme, ProgrammeVersion)
        .join(newest, newest.c.programme_id == Programme.id)
        .join(
            ProgrammeVersion,
            (ProgrammeVersion.programme_id == Programme.id) & (ProgrammeVersion.number == newest.c.number),
        )
    )
    if district is not None:
        found = found.where(or_(Programme.district.is_(None), Programme.district == district))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.execute(
        found.order_by(
            Programme.retired_at.is_not(None), Programme.district.is_not(None), Programme.district, Programme.id
        )
        .offset(offset)
        .limit(limit)
        .options(WHOLE)
    ).all()
    keys = [programme.key for programme, _version in rows]
    published = session.execute(
        select(Call.programme, func.count())
        .where(Call.programme.in_(keys), Call.published_at.is_not(None))
        .group_by(Call.programme)
    )
    counted = {key: int(number) for key, number in published}
    return [
        Listed(programme, version, rules_of(version), counted.get(programme.key, 0)) for programme, version in rows
    ], total


def shown(session: Session, actor: Actor, programme_id: int, number: int | None = None) -> Shown:
    """One version of a programme, or what is in force: the newest released one, else the draft. Raises Refusal:
    not_found."""
    programme = session.get(Programme, programme_id)
    versions = _versions(session, actor, programme) if programme is not None else ()
    if programme is None or not versions:
        raise Refusal("not_found", 404)
    if number is None:
        version = next((each for each in versions if each.released_at is not None), versions[0])
    else:
        version = next((each for each in versions if each.number == number), None) or _none()
    calls = session.scalars(
        select(Call)
        .where(Call.version_id == version.id, Call.published_at.is_not(None))
        .order_by(Call.closes_at.desc(), Call.id)
        .limit(PAGE_SIZE)
    ).all()
    owns = policy.runs_call(actor, programme.district)
    return Shown(programme, version, rules_of(version), versions, calls, owns)


def two(session: Session, actor: Actor, first_id: int, second_id: int) -> tuple[Definition, Definition]:
    """The rules of two versions to compare, of one programme or of two. Raises Refusal: not_found."""
    first, _programme = readable(session, actor, first_id)
    second, _programme = readable(session, actor, second_id)
    return rules_of(first), rules_of(second)


def sources(session: Session, actor: Actor) -> list[tuple[int, Programme, Definition]]:
    """What a new programme may begin with: the newest version of each, as (version's id, programme, rules)."""
    found, _total = listed(session, actor, limit=500)
    return [(each.version.id, each.programme, each.rules) for each in found]


def _versions(session: Session, actor: Actor, programme: Programme) -> Sequence[ProgrammeVersion]:
    wanted = select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme.id)
    if not policy.runs_call(actor, programme.district):
        wanted = wanted.where(ProgrammeVersion.released_at.is_not(None))
    return session.scalars(wanted.order_by(ProgrammeVersion.number.desc()).options(WHOLE)).all()


def _none() -> ProgrammeVersion:
    raise Refusal("not_found", 404)
