"""Dropping a service's projections and making them again from its own log of events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, delete, select, text
from sqlalchemy.schema import sort_tables

from shared.bus.consumer import loaded_event
from shared.bus.dead_letters import event_of
from shared.bus.events import Handlers
from shared.bus.outbox import REBUILDING
from shared.bus.tables import inbox
from shared.database import Database

_PAGE = 500


def rebuild(db: Database, handlers: Handlers, projections: Sequence[Table]) -> int:
    """Empty the `projections` and apply every event of the inbox again, in one transaction; how many events that were.

    The result is identical to what the events made the first time: the same handlers run in the same order, and what
    they publish is not published again. Readers see the old state until the end; the consumer waits. Everything the
    handlers write must be in `projections`, and nothing else may write there; a handler whose effect lies
    beyond them (it tells somebody something) does nothing while `session.info[REBUILDING]`. Raises whatever a handler
    raises; then nothing changed.
    """
    applied = 0
    with db.write() as session:
        session.info[REBUILDING] = True
        if not db.is_sqlite:
            session.execute(text("LOCK TABLE inbox IN EXCLUSIVE MODE"))
        for table in reversed(sort_tables(projections)):
            session.execute(delete(table))
        last = 0
        while True:
            page = select(inbox).where(inbox.c.id > last, inbox.c.applied_at.is_not(None)).order_by(inbox.c.id)
            rows = session.execute(page.limit(_PAGE)).all()
            for row in rows:
                if row.name in handlers:
                    handlers[row.name](session, loaded_event(event_of(row)))
                    applied += 1
            if len(rows) < _PAGE:
                return applied
            last = rows[-1].id
