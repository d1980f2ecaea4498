"""Taking out of the logs of events what is personal and old, so that a rebuild and a count of events stay possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session


def forget(session: Session, log: Table, event_ids: Sequence[str], blank: Mapping[str, Any]) -> int:
    """Put `blank` over the payloads of these events of `log`, which is the outbox or the inbox; how many were there.

    With `blank` a payload must still fit the catalogue. The rows stay: an inbox that forgot them would take the same
    events again.
    """
    known = select(log.c.event_id, log.c.payload).where(log.c.event_id.in_(event_ids))
    rows = [{"known": event_id, "payload": {**payload, **blank}} for event_id, payload in session.execute(known)]
    if rows:
        change = update(log).where(log.c.event_id == bindparam("known")).values(payload=bindparam("payload"))
        session.connection().execute(change, rows)
    return len(rows)
