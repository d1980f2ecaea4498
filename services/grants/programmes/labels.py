"""The words of programmes and strands for people, whichever version they stand in."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants.models import Programme, ProgrammeVersion
from services.grants.programmes import rules_of
from services.grants.rules.definition import Definition, Words
from shared.identity.actor import Actor, Role


def newest_rules(session: Session) -> dict[str, Definition]:
    """Each programme's key -> the rules of its newest released version, the retired ones apart; in the order of their
    making."""
    return {key: rules for key, (_district, rules) in _newest(session).items()}


def _newest(session: Session) -> dict[str, tuple[str | None, Definition]]:
    numbers = (
        select(ProgrammeVersion.programme_id, func.max(ProgrammeVersion.number).label("number"))
        .where(ProgrammeVersion.released_at.is_not(None))
        .group_by(ProgrammeVersion.programme_id)
        .subquery()
    )
    rows = session.execute(
        select(Programme.key, Programme.district, ProgrammeVersion)
        .join(numbers, numbers.c.programme_id == Programme.id)
        .join(
            ProgrammeVersion,
            (ProgrammeVersion.programme_id == Programme.id) & (ProgrammeVersion.number == numbers.c.number),
        )
        .where(Programme.retired_at.is_(None))
        .order_by(Programme.id)
    )
    return {key: (district, rules_of(version)) for key, district, version in rows}


def offered(session: Session, actor: Actor) -> dict[str, tuple[str | None, Definition]]:
    """Each programme's key -> its district (None: the city's) and its rules, of those that this staff's calls may run:
    the city's and their own district's; the city's staff are offered all."""
    every = actor.has(Role.CITY_STAFF)
    return {key: own for key, own in _newest(session).items() if every or own[0] in (None, actor.district)}


def names(session: Session) -> dict[str, Words]:
    """Each programme's key -> its name, the retired ones too."""
    rows = session.execute(
        select(Programme.key, ProgrammeVersion.definition["label"])
        .join(ProgrammeVersion, ProgrammeVersion.programme_id == Programme.id)
        .where(ProgrammeVersion.released_at.is_not(None))
        .order_by(Programme.id, ProgrammeVersion.number)
    )
    return {key: Words(**label) for key, label in rows}


def strand_words(session: Session) -> dict[str, Words]:
    """Each strand's key -> its words, of every version there is; a newer one's words win."""
    found: dict[str, Words] = {}
    for strands in session.scalars(select(ProgrammeVersion.definition["strands"]).order_by(ProgrammeVersion.id)):
        for strand in strands:
            found[strand["key"]] = Words(**strand["label"])
    return found
