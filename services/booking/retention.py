"""Forgetting: what is personal leaves after MARU_RETENTION_DAYS, anonymised; the statistics stay right (invariant 15).

A reservation keeps where, when, how many, its state and its price; who reserved it, what for and what a keeper wrote
about it go, and with them the traces of its owner in the audit (what staff did stays theirs). Whoever keeps personal
data in another table adds a line to `FORGOTTEN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, Table, cast, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from services.booking.models import (
    AUDIT,
    LIVE,
    Delivery,
    LotteryEntry,
    LotterySlot,
    Message,
    NoShow,
    Person,
    Reservation,
    Series,
    Waiting,
)
from services.booking.models.seasons import Season, SeasonApplication
from services.booking.models.waitlist import OUT_OF_LINE
from shared.audit import record
from shared.bus.catalogue import FORGOTTEN_NOTICE
from shared.bus.forgetting import forget as forget_events
from shared.bus.tables import inbox
from shared.database import Database
from shared.identity.actor import SYSTEM
from shared.settings import Settings

NOBODY = 0
"""The account of whoever is forgotten."""
BATCH = 500


@dataclass(frozen=True)
class Rows:
    """Rows of a table that are forgotten some time after `since`: `to` are the values that they get. `subject` is how
    the audit names what their owner did: a kind, and the column with its number."""

    table: Table
    since: ColumnElement[datetime]
    to: Mapping[str, Any]
    subject: tuple[str, ColumnElement[int]]
    where: ColumnElement[bool] | None = None


def _rows(model: Any, since: Any, to: Mapping[str, Any], subject: tuple[str, Any], where: Any = None) -> Rows:
    return Rows(model.__table__, since, {"account_id": NOBODY, **to}, subject, where)


def _nobody(key: Any) -> Any:
    """Nobody again, as another nobody for each row: where an account may stand only once beside others."""
    return literal(-(10**9)) - key


def _last(end: Any, *where: Any) -> Any:
    return select(func.max(end)).where(*where).scalar_subquery()


_WORDS = {"purpose": "", "group_id": None}
FORGOTTEN: tuple[Rows, ...] = (
    _rows(
        Reservation,
        Reservation.end_at,
        {
            **_WORDS,
            "group_name": None,
            "reason": None,
            "idempotency_key": literal("forgotten-") + cast(Reservation.id, String),
        },
        ("reservation", Reservation.id),
        Reservation.status.not_in(("requested", "offered")),
    ),
    _rows(
        Series,
        func.coalesce(_last(Reservation.end_at, Reservation.series_id == Series.id), Series.changed_at),
        {**_WORDS, "idempotency_key": literal("forgotten-") + cast(Series.id, String)},
        ("series", Series.id),
    ),
    _rows(NoShow, NoShow.missed_at, {"appeal": None, "reason": None}, ("reservation", NoShow.reservation_id)),
    _rows(
        Waiting,
        Waiting.end_at,
        {**_WORDS, "group_name": None},
        ("waiting", Waiting.id),
        Waiting.status.in_(OUT_OF_LINE),
    ),
    _rows(
        LotteryEntry,
        _last(LotterySlot.end_at, LotterySlot.lottery_id == LotteryEntry.lottery_id),
        {**_WORDS, "account_id": _nobody(LotteryEntry.id), "group_name": None, "words": ""},
        ("lottery", LotteryEntry.lottery_id),
    ),
    _rows(
        SeasonApplication,
        _last(Season.closes_at, Season.id == SeasonApplication.season_id),
        {**_WORDS, "account_id": _nobody(SeasonApplication.id), "group_name": "", "typed": {}},
        ("season", SeasonApplication.season_id),
    ),
)
"""What is anonymised, and since when it is old."""


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Forget what is older than the setting says; True when more waits."""
    return forget(database, now, now - timedelta(days=settings.retention_days)) >= BATCH


def forget(database: Database, now: datetime, before: datetime) -> int:
    """Forget the next batch of what ended before this moment; how many rows of reservations and others it was."""
    forgotten = 0
    for rows in FORGOTTEN:
        old = _old(rows, before)
        with database.read() as session:
            if session.scalar(select(rows.table.c.id).where(*old).limit(1)) is None:
                continue
        with database.write() as session:
            ids = list(session.scalars(select(rows.table.c.id).where(*old).order_by(rows.table.c.id).limit(BATCH)))
            _forget_traces(session, rows, ids)
            session.execute(update(rows.table).where(rows.table.c.id.in_(ids)).values(dict(rows.to)))
            record(session, AUDIT, SYSTEM, now, "person.forgotten", f"{rows.table.name}:*", {"count": len(ids)})
            forgotten = max(forgotten, len(ids))
    return max(forgotten, _forget_messages(database, before), _forget_people(database, before))


def _old(rows: Rows, before: datetime) -> list[ColumnElement[bool]]:
    known = rows.table.c.account_id > NOBODY
    return [known, rows.since < before] + ([] if rows.where is None else [rows.where])


def _forget_traces(session: Session, rows: Rows, ids: list[int]) -> None:
    """Take the owner out of the audit rows about these; who else acted stays."""
    kind, number = rows.subject
    owners: dict[int, list[str]] = {}
    for account_id, key in session.execute(select(rows.table.c.account_id, number).where(rows.table.c.id.in_(ids))):
        owners.setdefault(account_id, []).append(f"{kind}:{key}")
    for account_id, subjects in owners.items():
        about = AUDIT.c.subject.in_(subjects)
        session.execute(update(AUDIT).where(about, AUDIT.c.account_id == account_id).values(account_id=None))
        session.execute(update(AUDIT).where(about, AUDIT.c.on_behalf_of == account_id).values(on_behalf_of=None))


def _forget_messages(database: Database, before: datetime) -> int:
    old = select(Message.id).where(Message.created_at < before).order_by(Message.id).limit(BATCH)
    with database.read() as session:
        if session.scalar(old.limit(1)) is None:
            return 0
    with database.write() as session:
        ids = list(session.scalars(old))
        notices = Message.params["event"].as_string()
        told = select(notices).where(Message.id.in_(ids), Message.kind == "grants_notice")
        forget_events(session, inbox, list(session.scalars(told)), FORGOTTEN_NOTICE)
        session.execute(delete(Delivery).where(Delivery.message_id.in_(ids)))
        session.execute(delete(Message).where(Message.id.in_(ids)))
        return len(ids)


def _forget_people(database: Database, before: datetime) -> int:
    """The addresses of those who neither reserved nor told anything since then, nor were told anything (a group that
    has a grant may never reserve)."""
    recent = exists().where(
        Reservation.account_id == Person.account_id,
        or_(Reservation.end_at >= before, Reservation.status.in_(LIVE)),
    )
    told = exists().where(Message.account_id == Person.account_id, Message.created_at >= before)
    something = or_(Person.email.is_not(None), Person.phone.is_not(None), Person.name != "")
    gone = select(Person.account_id).where(something, Person.told_at < before, ~recent, ~told).limit(BATCH)
    with database.read() as session:
        if session.scalar(gone.limit(1)) is None:
            return 0
    with database.write() as session:
        ids = list(session.scalars(gone))
        values: dict[str, Any] = {"name": "", "email": None, "phone": None, "channels": [], "district": None}
        session.execute(update(Person).where(Person.account_id.in_(ids)).values(values))
        return len(ids)
