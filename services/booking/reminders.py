"""A reminder the day before: whoever can't come after all still has time to cancel for a neighbour.

What was arranged within that day needs none. `Reservation.reminded_of` keeps which start somebody was reminded of, so
that a reservation moved to another day is reminded of again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from services.booking import messages
from services.booking.models import Reservation
from shared.database import Database
from shared.settings import Settings

BEFORE = timedelta(hours=24)
AT_ONCE = 200


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Scheduled: see `remind`."""
    return remind(database, now)


def remind(database: Database, now: datetime) -> bool:
    """Remind of what begins within `BEFORE`, each once; True when more is waiting."""
    due = (
        select(Reservation)
        .where(
            Reservation.status == "confirmed",
            Reservation.start_at > now,
            Reservation.start_at <= now + BEFORE,
            Reservation.kind == "visit",
            or_(Reservation.reminded_of.is_(None), Reservation.reminded_of != Reservation.start_at),
        )
        .order_by(Reservation.start_at, Reservation.id)
        .limit(AT_ONCE)
    )
    with database.read() as session:
        if not session.execute(due.with_only_columns(Reservation.id).limit(1)).first():
            return False
    with database.write() as session:
        found = session.scalars(due.with_for_update(of=Reservation, skip_locked=True)).all()
        for each in found:
            each.reminded_of = each.start_at
            if max(each.created_at, each.changed_at or each.created_at) <= each.start_at - BEFORE:
                messages.tell(session, each.account_id, "reservation_reminder", now, **messages.about(each))
        return len(found) == AT_ONCE
