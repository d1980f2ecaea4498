"""The file that goes along with a mail: the reservation or the series that it tells of, as a calendar reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.booking.calendars.file import Entry, SeriesEntry, calendar_file
from services.booking.calendars.words import entry_of, series_entry
from services.booking.models import Reservation, Series
from shared.database import Database
from shared.mail import Attachment

KINDS = frozenset(
    {
        "reservation_confirmed",
        "reservation_approved",
        "reservation_changed",
        "reservation_cancelled",
        "series_confirmed",
        "series_changed",
        "series_cancelled",
        "closure_move",
        "closure_cancel",
        "closure_restored",
        "lottery_won",
    }
)
"""The messages after which somebody's calendar should look different."""


def attachments(
    database: Database, account_id: int, kind: str, params: Mapping[str, Any], base: str
) -> tuple[Attachment, ...]:
    """The file of what a message is about, as it is now, in the language of the moment; none where it is about nothing
    of that person's. `base` is the address of the site."""
    if kind not in KINDS:
        return ()
    entry: Entry | SeriesEntry | None
    with database.read() as session:
        if series_id := params.get("series_id"):
            about: Series | Reservation | None = session.get(Series, series_id)
        else:
            about = session.get(Reservation, params.get("reservation_id", 0))
        if about is None or about.account_id != account_id:
            return ()
        if isinstance(about, Series):
            wanted = select(Reservation).where(Reservation.series_id == about.id).order_by(Reservation.start_at)
            name, entry = f"series-{about.id}", series_entry(about, session.scalars(wanted).all(), base)
        else:
            name, entry = f"reservation-{about.id}", entry_of(about, base)
        data = calendar_file(about.purpose, [entry] if entry else [])
    return (Attachment(f"{name}.ics", "text/calendar", data),)
