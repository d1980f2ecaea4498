"""The requests that wait for a keeper: seen oldest first, answered several at once; those that came too late lapse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from services.booking import approvals, transitions
from services.booking.managing import PER_PAGE, managed, own_space, requests
from services.booking.models import AUDIT, Group, NoShow, Person, Reservation, Space
from services.booking.reservations import lock_reservation
from services.booking.sheet import people_of
from services.booking.waitlist import changing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal
from shared.settings import Settings

DECISIONS = ("approve", "decline")
AT_ONCE = 50


@dataclass(frozen=True)
class Waiting:
    """A request with what helps to decide: how often they used this space before, how often they did not come."""

    reservation: Reservation
    person: Person | None
    group: Group | None
    visits: int
    no_shows: int


@dataclass(frozen=True)
class Queue:
    """A page of requests, the oldest first; `space` when it is of one space only."""

    space: Space | None
    lines: list[Waiting]
    page: int
    pages: int
    total: int


@dataclass(frozen=True)
class Answered:
    """What became of each: the ids that were answered, and the refusal of each other."""

    done: tuple[int, ...]
    refused: Mapping[int, Refusal]


def read(database: Database, actor: Actor, now: datetime, space_id: int | None = None, page: int = 1) -> Queue:
    """What waits for this actor, of one space if given; a bounded number of queries. Who looked is recorded.

    Raises Refusal: space_not_found (404), not_allowed (403).
    """
    with database.write() as session:
        space = own_space(session, actor, space_id) if space_id is not None else None
        wanted = requests(now, Reservation).join(Space, Space.id == Reservation.space_id).where(managed(actor))
        if space_id is not None:
            wanted = wanted.where(Reservation.space_id == space_id)
        total = (
            session.scalar(select(func.count()).select_from(wanted.with_only_columns(Reservation.id).subquery())) or 0
        )
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(1, page), pages)
        ordered = wanted.order_by(Reservation.created_at, Reservation.id).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        rows = list(session.scalars(ordered))
        people, groups = people_of(session, rows)
        used, missed = _history(session, now, rows)
        for seen in sorted({row.space_id for row in rows}):  # each space's trail tells who looked at its people
            ids = [row.id for row in rows if row.space_id == seen]
            record(session, AUDIT, actor, now, "approvals.viewed", f"space:{seen}", {"reservations": ids})
        lines = [
            Waiting(
                row,
                people.get(row.account_id),
                groups.get(row.group_id) if row.group_id else None,
                used.get((row.account_id, row.space_id), 0),
                missed.get((row.account_id, row.space_id), 0),
            )
            for row in rows
        ]
        return Queue(space, lines, page, pages, total)


def answer(
    database: Database, actor: Actor, now: datetime, reservation_ids: Iterable[int], decision: str, reason: str = ""
) -> Answered:
    """Approve or decline several, each in a unit of work of its own: one that was cancelled meanwhile stops no other.

    Raises Refusal 422: nothing_chosen, decision_unknown, reason_needed (to decline).
    """
    ids = list(dict.fromkeys(reservation_ids))[:AT_ONCE]
    if not ids:
        raise Refusal("nothing_chosen", 422, fields={"reservation": ["nothing_chosen"]})
    if decision not in DECISIONS:
        raise Refusal("decision_unknown", 422, fields={"decision": ["decision_unknown"]})
    if decision == "decline" and not reason.strip():
        raise Refusal("reason_needed", 422, fields={"reason": ["reason_needed"]})
    done: list[int] = []
    refused: dict[int, Refusal] = {}
    for reservation_id in ids:
        try:
            if decision == "approve":
                approvals.approve(database, actor, now, reservation_id, note=reason or None)
            else:
                approvals.decline(database, actor, now, reservation_id, reason)
            done.append(reservation_id)
        except Refusal as refusal:
            if "reason" in refusal.fields:
                raise  # the same for all
            refused[reservation_id] = refusal
    return Answered(tuple(done), refused)


def lapse(database: Database, settings: Settings, now: datetime) -> bool:
    """Scheduled: a request that nobody answered before its start lapses, and its time is free; True when more wait."""
    with database.read() as session:
        late = select(Reservation.id).where(Reservation.status == "requested", Reservation.start_at <= now)
        ids = list(session.scalars(late.order_by(Reservation.start_at, Reservation.id).limit(AT_ONCE)))
    for reservation_id in ids:
        with changing(database, now) as session:
            _locked, reservation = lock_reservation(session, reservation_id)
            if reservation.status == "requested" and reservation.start_at <= now:
                transitions.end(session, SYSTEM, now, reservation, "lapsed", tell="reservation_lapsed")
    return len(ids) == AT_ONCE


def _history(
    session: Session, now: datetime, rows: list[Reservation]
) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
    """By person and space: visits that are over, and no-shows that count."""
    people, spaces = {row.account_id for row in rows}, {row.space_id for row in rows}
    visits = session.execute(
        select(Reservation.account_id, Reservation.space_id, func.count())
        .where(
            Reservation.account_id.in_(people),
            Reservation.space_id.in_(spaces),
            Reservation.status == "confirmed",
            Reservation.kind == "visit",
            Reservation.end_at <= now,
        )
        .group_by(Reservation.account_id, Reservation.space_id)
    )
    counts = case((NoShow.decision == "excused", 0), else_=1)
    missed = session.execute(
        select(NoShow.account_id, NoShow.space_id, func.sum(counts))
        .where(NoShow.account_id.in_(people), NoShow.space_id.in_(spaces))
        .group_by(NoShow.account_id, NoShow.space_id)
    )
    return (
        {(account_id, space_id): count for account_id, space_id, count in visits},
        {(account_id, space_id): int(count or 0) for account_id, space_id, count in missed},
    )
