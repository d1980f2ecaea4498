"""Applications: filing one for a receipt, withdrawing it, and reading them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from services.grants import calls, policy, workflow
from services.grants.models import AUDIT, Application, Call, Space
from services.grants.policy import Filing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PAGE_SIZE = 50


def submit(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    call_id: int,
    filing: Filing,
    key: str,
    unread: dict[str, list[str]] | None = None,
) -> Application:
    """File an application and get it back with its receipt. The same `key` again gives the same application, even
    after the close. Raises Refusal: not_found, call_not_open_yet, call_closed, already_applied, invalid_input,
    key_missing, key_reused (other content under the same key)."""
    calls.check_key(key)
    with database.write() as session:
        call = calls.locked(session, call_id)
        filed_hash = content_hash(call_id, filing)
        mine = session.scalars(
            select(Application).where(Application.call_id == call_id, Application.account_id == actor.account_id)
        ).all()
        for earlier in mine:
            if earlier.idempotency_key == key:
                if earlier.filed_hash != filed_hash:
                    raise Refusal("key_reused")
                return earlier
        policy.check_period(call, now)
        if any(earlier.state != "withdrawn" for earlier in mine):
            raise Refusal("already_applied")
        place = _chosen_space(session, call, filing)
        policy.refuse_problems(_problems(filing, call, place), unread)
        number = (
            session.scalar(select(func.max(Application.number)).where(Application.call_id == call_id)) or 0
        ) + 1  # under the call's lock: no two get the same
        application = Application(
            **(asdict(filing) | {"district": call.district or filing.district}),
            call_id=call_id,
            number=number,
            receipt=f"{policy.city_date(now).year}-{call_id:04d}-{number:04d}",
            account_id=actor.account_id,
            representative=actor.name,
            latitude=place.latitude if place else None,
            longitude=place.longitude if place else None,
            filed_hash=filed_hash,
            idempotency_key=key,
            state="submitted",
            submitted_at=now,
        )
        session.add(application)
        session.flush()
        record(
            session,
            AUDIT,
            actor,
            now,
            "application.submitted",
            f"application:{application.id}",
            {"receipt": application.receipt, "hash": filed_hash},
        )
        return application


def withdraw(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Application:
    """Take back one's own application before it is decided; again changes nothing. Raises Refusal: not_found,
    already_decided."""
    with database.write() as session:
        application, _ = locked(session, application_id)
        if application.account_id != actor.account_id:
            raise Refusal("not_found", 404)
        if application.state == "withdrawn":
            return application
        if not workflow.can("withdraw", application.state):
            raise Refusal("already_decided")
        application.state, application.withdrawn_at = "withdrawn", now
        record(session, AUDIT, actor, now, "application.withdrawn", f"application:{application.id}")
        return application


def view(database: Database, actor: Actor, now: datetime, *, application_id: int) -> Application:
    """An application with its call, for the one who filed it and for those who run the call: that these read it is
    recorded, for it names a person (invariant 14). Raises Refusal: not_found, other_district."""
    with database.read() as session:
        application = session.get(Application, application_id, options=[joinedload(Application.call)])
        if application is None:
            raise Refusal("not_found", 404)
    if application.account_id == actor.account_id:
        return application
    policy.check_runs(actor, application.call.district)
    with database.write() as session:
        record(session, AUDIT, actor, now, "application.viewed", f"application:{application.id}")
    return application


def mine(session: Session, actor: Actor) -> Sequence[Application]:
    """The actor's own applications with their calls, the newest first."""
    return session.scalars(
        select(Application)
        .where(Application.account_id == actor.account_id)
        .options(joinedload(Application.call))
        .order_by(Application.submitted_at.desc(), Application.id.desc())
        .limit(200)
    ).all()


def of_call(
    session: Session, actor: Actor, call_id: int, *, state: str | None = None, offset: int = 0, limit: int = PAGE_SIZE
) -> tuple[Call, Sequence[Application], int]:
    """A call, its applications in the order of their numbers and how many there are. Raises Refusal: not_found,
    other_district."""
    call = session.get(Call, call_id)
    if call is None:
        raise Refusal("not_found", 404)
    policy.check_runs(actor, call.district)
    wanted = [Application.call_id == call_id]
    if state:
        wanted.append(Application.state == state)
    total = session.scalar(select(func.count()).select_from(Application).where(*wanted)) or 0
    found = session.scalars(
        select(Application).where(*wanted).order_by(Application.number).offset(offset).limit(limit)
    ).all()
    return call, found, total


def locked(session: Session, application_id: int) -> tuple[Application, Call]:
    """An application and its call, the call's row locked first: the one order in which everyone locks."""
    call_id = session.scalar(select(Application.call_id).where(Application.id == application_id))
    if call_id is None:
        raise Refusal("not_found", 404)
    call = calls.locked(session, call_id)
    return session.get_one(Application, application_id, with_for_update=True, populate_existing=True), call


def spaces_to_choose(session: Session, district: str | None) -> Sequence[Space]:
    """The spaces that a project can be placed at: of the district, or of the city, the retired ones apart."""
    wanted = [Space.stage != "retired"]
    if district:
        wanted.append(Space.district == district)
    return session.scalars(select(Space).where(*wanted).order_by(Space.district, Space.name, Space.id).limit(500)).all()


def place_of(session: Session, application: Application) -> Space | None:
    """The space where the project would happen, as far as we know it."""
    return session.get(Space, application.space_id) if application.space_id is not None else None


def content_hash(call_id: int, filing: Filing) -> str:
    """The SHA-256 of what was filed, over its canonical JSON: shown on the receipt."""
    text = json.dumps({"call_id": call_id, **asdict(filing)}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _chosen_space(session: Session, call: Call, filing: Filing) -> Space | None:
    if filing.space_id is None:
        return None
    space = session.get(Space, filing.space_id)
    here = space is not None and space.stage != "retired" and space.district == (call.district or filing.district)
    return space if here else None


def _problems(filing: Filing, call: Call, place: Space | None) -> policy.Problems:
    yield from policy.filing_problems(filing, call)
    if filing.space_id is not None and place is None:
        yield "space_id", "space_unknown"
