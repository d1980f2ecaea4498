"""Building programmes: copying one, changing a version that nobody applied under yet, the next version, releasing it,
retiring a programme. A district's staff own its programmes, the city's staff the city's; all may read what is released.

A version is a draft until it is released; a released one changes as a whole and consistently, and only until the first
submission under it freezes it. Who saves says which state they saw (`seen`, its hash), so that two editors do not
overwrite each other.
"""

from __future__ import annotations

import copy as copying
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from services.grants import policy
from services.grants.calls import check_key, terms_of
from services.grants.models import AUDIT, Call, Programme, ProgrammeVersion
from services.grants.once import once
from services.grants.programmes import newest, rules_of
from services.grants.programmes.checking import problems_of
from services.grants.ready import READY
from services.grants.rules.definition import Definition, Words
from services.grants.schemas import definition as documents
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

LONGEST_NAME = 400
CALL_FIELDS = ("programme", "strands", "ceiling_won")
"""What of a published call a change of its rules could break."""
WHOLE = undefer(ProgrammeVersion.definition)
"""A version with its document, for who looks at that itself."""


def create(
    database: Database, actor: Actor, now: datetime, *, ready: str, district: str | None, name: Words, key: str
) -> ProgrammeVersion:
    """A new programme of this district (None: the city's), beginning with the newest version of a ready-made one; the
    same `key` again gives what was made. Raises Refusal: other_district, invalid_input, key_missing."""
    if ready not in READY:
        raise Refusal("invalid_input", 422, fields={"ready": ["programme_unknown"]})
    with database.read() as session:
        version_id = newest(session, ready).id
    return copy(database, actor, now, version_id=version_id, district=district, name=name, key=key)


def copy(
    database: Database, actor: Actor, now: datetime, *, version_id: int, district: str | None, name: Words, key: str
) -> ProgrammeVersion:
    """As `create`, beginning with any version that the actor may read. Raises Refusal: not_found too."""
    policy.check_runs(actor, district)
    own = _key(actor, key)
    return once(lambda: _copy(database, actor, now, version_id, district, name, own))


def _copy(
    database: Database, actor: Actor, now: datetime, version_id: int, district: str | None, name: Words, own: str
) -> ProgrammeVersion:
    with database.write() as session:
        made = _made(session, own)
        if made is not None:
            return made
        source, _programme = readable(session, actor, version_id)
        policy.refuse_problems(policy.text_problems("name", name.ko, LONGEST_NAME))
        policy.refuse_problems(policy.text_problems("name_en", name.en, LONGEST_NAME, required=False))
        programme = Programme(
            key=own, district=district, copied_from=source.id, created_by=actor.account_id, created_at=now
        )
        session.add(programme)
        session.flush()
        document = copying.deepcopy(source.definition)
        document["label"] = {"ko": name.ko.strip(), "en": name.en.strip()}
        document["form"]["version"] = 1
        version = _added(session, programme, 1, document, actor, now)
        record(session, AUDIT, actor, now, "programme.copied", f"programme:{programme.id}", {"from": source.id})
        return version


def change(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    version_id: int,
    seen: str,
    document: Mapping[str, Any],
) -> ProgrammeVersion:
    """Replace a version's document. A draft may contradict itself; a released version may not, and still has to fit
    the published calls that run it. The form's version counts up when its questions change.

    Raises Refusal: not_found, other_district, programme_retired, rules_frozen, rules_changed_meanwhile,
    programme_inconsistent, rules_in_use; marshmallow's ValidationError where the document has no form at all.
    """
    with database.write() as session:
        version = _owned(session, actor, version_id)
        check_changeable(version)
        rules = documents.load(document)
        if documents.digest(documents.dump(rules)) == version.definition_hash:
            return version  # saved already, by whoever
        _check_seen(version, seen)
        before = rules_of(version)
        fixed = documents.dump(rules)
        fixed["form"]["version"] = before.form.version + (before.form.fields != rules.form.fields)
        if version.released_at is not None:
            check_consistent(rules)
            _check_calls(session, version, rules)
        parts = sorted(name for name in fixed if fixed[name] != version.definition.get(name))
        version.definition, version.definition_hash = fixed, documents.digest(fixed)
        version.changed_at = now
        details = {"version": version.number, "parts": parts, "hash": version.definition_hash}
        record(session, AUDIT, actor, now, "programme.changed", f"programme:{version.programme_id}", details)
        return version


def next_version(database: Database, actor: Actor, now: datetime, *, programme_id: int) -> ProgrammeVersion:
    """The draft of a programme's next version, beginning with its newest one; the draft that is there already.
    Raises Refusal: not_found, other_district, programme_retired."""
    with database.write() as session:
        programme = _own_programme(session, actor, programme_id)
        if programme.retired_at is not None:
            raise Refusal("programme_retired", 409)
        last = session.scalars(
            select(ProgrammeVersion)
            .where(ProgrammeVersion.programme_id == programme.id)
            .order_by(ProgrammeVersion.number.desc())
            .limit(1)
            .options(WHOLE)
        ).one()
        if last.released_at is None:
            return last
        version = _added(session, programme, last.number + 1, copying.deepcopy(last.definition), actor, now)
        details = {"version": version.number}
        record(session, AUDIT, actor, now, "programme.version_made", f"programme:{programme.id}", details)
        return version


def release(
    database: Database, actor: Actor, now: datetime, *, version_id: int, seen: str, note: str = ""
) -> ProgrammeVersion:
    """From now on calls run this version; again changes nothing. Raises Refusal: not_found, other_district,
    programme_retired, rules_changed_meanwhile, programme_inconsistent, invalid_input (note)."""
    with database.write() as session:
        version = _owned(session, actor, version_id)
        if version.released_at is not None:
            return version
        check_changeable(version)
        _check_seen(version, seen)
        policy.refuse_problems(policy.text_problems("note", note, 200, required=False))
        check_consistent(rules_of(version))
        version.released_at, version.note = now, note.strip()
        details = {"version": version.number, "hash": version.definition_hash}
        record(session, AUDIT, actor, now, "programme.released", f"programme:{version.programme_id}", details)
        return version


def retire(database: Database, actor: Actor, now: datetime, *, programme_id: int, back: bool = False) -> Programme:
    """No new call runs a retired programme; those that run it go on. `back` takes it up again. Raises Refusal:
    not_found, other_district."""
    with database.write() as session:
        programme = _own_programme(session, actor, programme_id)
        if (programme.retired_at is None) == back:
            return programme
        programme.retired_at = None if back else now
        action = "programme.revived" if back else "programme.retired"
        record(session, AUDIT, actor, now, action, f"programme:{programme.id}")
        return programme


def readable(session: Session, actor: Actor, version_id: int) -> tuple[ProgrammeVersion, Programme]:
    """A version with its programme; a draft exists for those who run the programme only. Raises Refusal: not_found."""
    row = session.execute(
        select(ProgrammeVersion, Programme)
        .join(Programme, Programme.id == ProgrammeVersion.programme_id)
        .where(ProgrammeVersion.id == version_id)
        .options(WHOLE)
    ).one_or_none()
    if row is None or (row[0].released_at is None and not policy.runs_call(actor, row[1].district)):
        raise Refusal("not_found", 404)
    return row[0], row[1]


def check_changeable(version: ProgrammeVersion) -> None:
    """Raises Refusal rules_frozen once somebody submitted under this version."""
    if version.frozen_at is not None:
        raise Refusal("rules_frozen", 409)


def check_consistent(rules: Definition) -> None:
    """Raises Refusal programme_inconsistent (422) with each place and what is wrong there."""
    found: dict[str, list[str]] = {}
    for problem in problems_of(rules):
        if problem.blocks:
            found.setdefault(problem.path, []).append(problem.code)
    if found:
        raise Refusal("programme_inconsistent", 422, fields=found)


def _check_seen(version: ProgrammeVersion, seen: str) -> None:
    if version.definition_hash != seen:
        raise Refusal("rules_changed_meanwhile", 409)


def _check_calls(session: Session, version: ProgrammeVersion, rules: Definition) -> None:
    """Published calls pin this row: they see the new rules at once and have to stand under them."""
    calls = session.scalars(select(Call).where(Call.version_id == version.id)).all()
    for call in calls:
        if any(field in CALL_FIELDS for field, _code in policy.call_problems(terms_of(call), rules)):
            raise Refusal("rules_in_use", 409)


def _made(session: Session, key: str) -> ProgrammeVersion | None:
    """The first version of the programme with this key."""
    return session.scalar(
        select(ProgrammeVersion)
        .join(Programme, Programme.id == ProgrammeVersion.programme_id)
        .where(Programme.key == key, ProgrammeVersion.number == 1)
        .options(WHOLE)
    )


def _owned(session: Session, actor: Actor, version_id: int) -> ProgrammeVersion:
    """A version of one's own that this unit of work holds. The lock's order is call, then version: nothing here
    locks a call."""
    lock = {"key_share": True}
    version = session.get(ProgrammeVersion, version_id, with_for_update=lock, populate_existing=True, options=[WHOLE])
    if version is None:
        raise Refusal("not_found", 404)
    programme = session.get_one(Programme, version.programme_id)
    policy.check_runs(actor, programme.district)
    if programme.retired_at is not None:
        raise Refusal("programme_retired", 409)
    return version


def _own_programme(session: Session, actor: Actor, programme_id: int) -> Programme:
    programme = session.get(Programme, programme_id, with_for_update={"key_share": True}, populate_existing=True)
    if programme is None:
        raise Refusal("not_found", 404)
    policy.check_runs(actor, programme.district)
    return programme


def _added(
    session: Session, programme: Programme, number: int, document: dict[str, Any], actor: Actor, now: datetime
) -> ProgrammeVersion:
    version = ProgrammeVersion(
        programme_id=programme.id,
        number=number,
        definition=document,
        definition_hash=documents.digest(document),
        created_by=actor.account_id,
        created_at=now,
    )
    session.add(version)
    session.flush()
    return version


def _key(actor: Actor, key: str) -> str:
    """A programme's key out of the request's key: the same request makes one programme."""
    check_key(key)
    return f"p_{hashlib.sha256(f'{actor.account_id}:{key}'.encode()).hexdigest()[:24]}"
