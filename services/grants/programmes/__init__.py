"""Programmes: versions of rules as data. Ready-made ones are installed; every one is read from the database alone."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import structlog
from sqlalchemy import inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from services.grants.models import AUDIT, Application, Call, Programme, ProgrammeVersion
from services.grants.ready import READY
from services.grants.rules.definition import Definition
from services.grants.schemas import definition as documents
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM
from shared.refusal import Refusal
from shared.settings import Settings

log = structlog.get_logger(__name__)

_KEPT = 128
_by_hash: dict[str, Definition] = {}


def rules_of(version: ProgrammeVersion) -> Definition:
    """The rules of a version. Equal documents are read once."""
    found = _by_hash.get(version.definition_hash)
    if found is None:
        session = object_session(version)
        if session is not None and "definition" in inspect(version).unloaded:
            session.refresh(version, ["definition", "definition_hash"])  # both at one moment: a draft changes
        if len(_by_hash) >= _KEPT:
            _by_hash.clear()
        found = _by_hash[version.definition_hash] = documents.load(version.definition)
    return found


def rules_of_call(session: Session, call: Call) -> Definition:
    """The rules that a call runs: its pinned version, or until it is published the newest of its programme."""
    return rules_of(version_of_call(session, call))


def version_of_call(session: Session, call: Call) -> ProgrammeVersion:
    """As `rules_of_call`. Raises Refusal programme_unknown."""
    if call.version_id is not None:
        return version(session, call.version_id)
    return newest(session, call.programme)


def rules_of_application(session: Session, application: Application) -> Definition:
    """The rules that an application is pinned to."""
    if application.version_id is not None:
        return rules_of(version(session, application.version_id))
    return rules_of_call(session, session.get_one(Call, application.call_id))


def version(session: Session, version_id: int) -> ProgrammeVersion:
    """A version by its number, looked up once in a unit of work: a session forgets what nobody holds on to."""
    kept: dict[int, ProgrammeVersion] = session.info.setdefault("programme_versions", {})
    found = kept[version_id] = session.get_one(ProgrammeVersion, version_id)
    return found


def newest(session: Session, key: str) -> ProgrammeVersion:
    """The newest version of a programme that is released. Raises Refusal programme_unknown."""
    found = session.scalar(
        select(ProgrammeVersion)
        .join(Programme, Programme.id == ProgrammeVersion.programme_id)
        .where(Programme.key == key, ProgrammeVersion.released_at.is_not(None))
        .order_by(ProgrammeVersion.number.desc())
        .limit(1)
    )
    if found is None:
        raise Refusal("invalid_input", 422, fields={"programme": ["programme_unknown"]})
    return found


def for_call(session: Session, key: str, district: str | None) -> ProgrammeVersion:
    """The version that a new call of `district` (None: the city's) runs, with its row held until this unit of work
    ends, so that it stays as it was checked. The city's programmes are everyone's, a district's are its own.

    Raises Refusal: programme_unknown, programme_retired.
    """
    programme = session.scalar(select(Programme).where(Programme.key == key))
    if programme is None or programme.district not in (None, district):
        raise Refusal("invalid_input", 422, fields={"programme": ["programme_unknown"]})
    if programme.retired_at is not None:
        raise Refusal("invalid_input", 422, fields={"programme": ["programme_retired"]})
    version = newest(session, key)
    session.refresh(version, with_for_update={"read": True})
    return version


def freeze(session: Session, version: ProgrammeVersion, now: datetime) -> None:
    """The first submission fixes the rules for good. Call it before anything is read from them: it takes the
    version's lock. Raises Refusal rules_changed when they changed since this unit of work read them."""
    if version.frozen_at is not None:
        return
    read = version.definition_hash
    session.refresh(version, with_for_update={"key_share": True})
    if version.definition_hash != read:
        raise Refusal("rules_changed", 409)
    if version.frozen_at is None:
        version.frozen_at = now
        session.flush()
        record(session, AUDIT, SYSTEM, now, "programme.frozen", f"programme:{version.programme_id}", _told(version))


def install(session: Session, now: datetime) -> int:
    """Put the ready-made programmes into the database; a changed one becomes its next version, unless people made
    versions of their own of it. How many were written.
    Calls from before there were versions get the newest one of their programme."""
    written = 0
    for key in READY:
        document = _document(key)
        hashed = documents.digest(document)
        programme = session.scalar(select(Programme).where(Programme.key == key).with_for_update(key_share=True))
        if programme is None:
            programme = Programme(key=key, district=None, created_by=0, created_at=now)
            session.add(programme)
            session.flush()
        versions = session.scalars(
            select(ProgrammeVersion)
            .where(ProgrammeVersion.programme_id == programme.id)
            .order_by(ProgrammeVersion.number.desc())
        ).all()
        if any(each.definition_hash == hashed for each in versions) or any(each.created_by for each in versions):
            continue
        version = ProgrammeVersion(
            programme_id=programme.id,
            number=versions[0].number + 1 if versions else 1,
            definition=document,
            definition_hash=hashed,
            created_by=0,
            created_at=now,
            released_at=now,
        )
        session.add(version)
        session.flush()
        record(session, AUDIT, SYSTEM, now, "programme.installed", f"programme:{programme.id}", _told(version))
        orphans = update(Call).where(Call.programme == key, Call.version_id.is_(None), Call.published_at.is_not(None))
        session.execute(orphans.values(version_id=version.id))
        written += 1
    return written


def ensure(database: Database, now: datetime) -> None:
    """Install the ready-made programmes unless they are there."""
    with database.read() as session:
        rows = session.execute(
            select(Programme.key, ProgrammeVersion.definition_hash, ProgrammeVersion.created_by).join(
                ProgrammeVersion, ProgrammeVersion.programme_id == Programme.id
            )
        ).all()
    known = {(key, hashed) for key, hashed, _by in rows}
    peoples = {key for key, _hashed, by in rows if by}
    if all(key in peoples or (key, documents.digest(_document(key))) in known for key in READY):
        return
    try:
        with database.write() as session:
            install(session, now)
    except IntegrityError:  # another process did it at the same moment
        log.info("ready-made programmes were installed meanwhile")


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Keep the ready-made programmes in the database; never more to do at once."""
    ensure(database, now)
    return False


@lru_cache(maxsize=32)
def _document(key: str) -> dict[str, Any]:
    return documents.dump(READY[key]())


def _told(version: ProgrammeVersion) -> dict[str, Any]:
    return {"version": version.number, "hash": version.definition_hash}
