"""Telling people: a row in their inbox, written in the transaction that makes it true."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.booking.models import Message, Reservation, Unit

KINDS = (
    "no_show",
    "no_show_excused",
    "no_show_upheld",
    "reservation_confirmed",
    "reservation_requested",
    "reservation_approved",
    "reservation_declined",
    "reservation_changed",
    "reservation_cancelled",
    "reservation_reminder",
    "closure_move",
    "closure_cancel",
    "closure_keep",
    "closure_withdrawn",
    "closure_restored",
    "closure_not_restored",
    "reservation_lapsed",
    "series_confirmed",
    "series_requested",
    "series_changed",
    "series_cancelled",
    "waitlist_joined",
    "waitlist_offered",
    "waitlist_missed",
    "waitlist_expired",
    "lottery_entered",
    "lottery_won",
    "lottery_to_confirm",
    "lottery_lost",
    "lottery_missed",
    "lottery_cancelled",
    "season_submitted",
    "season_allocated",
    "season_refused",
    "season_cancelled",
    "grants_notice",
)
"""The kinds of messages. Those about one reservation have the facts of `about`, with `reason` or `note`; a notice of
grants has the words that grants gave it."""


_INSERT = insert(Message.__table__).inline()  # type: ignore[arg-type]


def tell(session: Session, account_id: int, kind: str, now: datetime, **params: Any) -> None:
    """Put a message into somebody's inbox; `params` (JSON) fill its sentence. Accounts that nobody signs in with (0 and
    below) get none."""
    if account_id <= 0:
        return
    row = {"account_id": account_id, "kind": kind, "params": params, "created_at": now}
    session.connection().execute(_INSERT, row)


def about(reservation: Reservation, unit: Unit | None = None) -> dict[str, Any]:
    """The facts of a reservation that its messages tell."""
    unit = unit or reservation.unit
    return {
        "reservation_id": reservation.id,
        "unit": unit.name,
        "space": unit.space.name,
        "start": reservation.start_at.isoformat(),
        "end": reservation.end_at.isoformat(),
        "zone": unit.space.zone,
    }
