"""Publishing: the event is a row in the transaction that makes it true."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.bus.catalogue import to_json
from shared.bus.tables import aggregate_version, outbox
from shared.database import on_commit

CHANNEL = "maru_outbox"
"""The PostgreSQL channel that wakes the relay."""

REBUILDING = "bus_rebuilding"

# One bell per database of this process, by URL: rung after a commit that published, waited for by the relay's thread.
_BELLS: defaultdict[str, threading.Event] = defaultdict(threading.Event)


def bell(url: object) -> threading.Event:
    """The event that is set after something was published to the database of this URL by this process."""
    return _BELLS[str(url)]


def publish(
    session: Session, name: str, *, aggregate: str, payload: Mapping[str, Any], occurred_at: datetime | None = None
) -> str:
    """Write an event to the outbox of the session's transaction; its id.

    `aggregate` names what changed ("reservation:12"); its events reach every subscriber in the order of publishing, and
    transactions that publish for the same aggregate wait for each other. `payload` must fit the catalogue, or
    InvalidEventError. While a projection is rebuilt nothing is published: it was when the event first came.
    """
    version, plain = to_json(name, payload)
    event_id = str(uuid4())
    if session.info.get(REBUILDING):
        return event_id
    session.execute(
        insert(outbox).values(
            event_id=event_id,
            name=name,
            version=version,
            aggregate=aggregate,
            sequence=_next(session, aggregate),
            payload=plain,
            occurred_at=occurred_at or datetime.now(UTC),
        )
    )
    _ring(session)
    return event_id


def _next(session: Session, aggregate: str) -> int:
    # The row lock is held until commit: the next publisher for this aggregate gets its number and outbox id after us.
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = dialect.insert(aggregate_version).values(aggregate=aggregate, version=1)
    counted = first.on_conflict_do_update(
        index_elements=["aggregate"], set_={"version": aggregate_version.c.version + 1}
    ).returning(aggregate_version.c.version)
    return session.execute(counted).scalar_one()


def _ring(session: Session) -> None:
    """Wake the relay at commit, once per transaction. On PostgreSQL by NOTIFY from here rather than by a trigger, which
    fires for every row and was measured to cost a third of the insert throughput."""
    if session.info.get("bus_rung"):
        return
    session.info["bus_rung"] = True
    bind = session.get_bind()
    on_commit(session, bell(bind.engine.url).set)
    if bind.dialect.name == "postgresql":
        session.execute(text(f"NOTIFY {CHANNEL}"))
