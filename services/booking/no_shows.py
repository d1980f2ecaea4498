"""Who was not there, what follows from it by the space's stated rule, and appeals against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from services.booking import messages, standing
from services.booking.askers import runs_space
from services.booking.managing import managed
from services.booking.models import AUDIT, NoShow, Reservation, Space
from services.booking.models.attendance import APPEAL_LENGTH
from services.booking.rules import attendance
from services.booking.rules.policy import NoShowRule
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PER_PAGE = 20


@dataclass(frozen=True)
class Missed:
    """A no-show with what was reserved; `blocked_until`: what its person may not do meanwhile, by `rule`."""

    no_show: NoShow
    reservation: Reservation
    rule: NoShowRule | None
    blocked_until: datetime | None


@dataclass(frozen=True)
class Appeals:
    """One page of the appeals that wait for a decision, the oldest first; and the latest decisions."""

    waiting: list[Missed]
    decided: list[Missed]
    page: int
    pages: int
    total: int


def mark(session: Session, reservation: Reservation, now: datetime, marked_by: int | None) -> None:
    """Note that somebody did not come; the reservation has ended as a no-show in this transaction."""
    session.add(
        NoShow(
            reservation_id=reservation.id,
            account_id=reservation.account_id,
            space_id=reservation.space_id,
            missed_at=reservation.start_at,
            marked_by=marked_by,
            marked_at=now,
        )
    )


def mine(database: Database, actor: Actor) -> list[Missed]:
    """The actor's own no-shows, the latest first, each with what it leads to."""
    with database.read() as session:
        own = _with_reservations().where(NoShow.account_id == actor.account_id)
        rows = session.execute(own.order_by(NoShow.missed_at.desc()).limit(50)).all()
        return _missed(session, rows)


def appeal(database: Database, actor: Actor, now: datetime, no_show_id: int, text: str) -> NoShow:
    """Say why one was away, or that one was there; once.

    Raises Refusal: no_show_not_found (404), not_allowed (403), appeal_needed, appeal_too_long (422), already_appealed,
    already_decided (409).
    """
    text = text.strip()
    if not text:
        raise Refusal("appeal_needed", 422, fields={"text": ["appeal_needed"]})
    if len(text) > APPEAL_LENGTH:
        raise Refusal("appeal_too_long", 422, fields={"text": ["appeal_too_long"]}, most=APPEAL_LENGTH)
    with database.write() as session:
        found = _locked(session, no_show_id)
        if found.account_id != actor.account_id:
            raise Refusal("not_allowed", 403)
        if found.decision:
            raise Refusal("already_decided", 409)
        if found.appealed_at:
            raise Refusal("already_appealed", 409)
        found.appeal, found.appealed_at = text, now
        record(session, AUDIT, actor, now, "no_show.appealed", f"reservation:{found.reservation_id}")
        return found


def appeals(database: Database, actor: Actor, page: int = 1) -> Appeals:
    """What waits for this actor's decision. The page shows whose; who looked is recorded by `viewed`."""
    with database.read() as session:
        own = _with_reservations().join(Space, Space.id == NoShow.space_id).where(managed(actor))
        waiting = own.where(NoShow.appealed_at.is_not(None), NoShow.decision.is_(None))
        total = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(1, page), pages)
        listed = waiting.order_by(NoShow.appealed_at).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        decided = own.where(NoShow.decided_at.is_not(None)).order_by(NoShow.decided_at.desc()).limit(PER_PAGE)
        return Appeals(
            _missed(session, session.execute(listed).all()),
            _missed(session, session.execute(decided).all()),
            page,
            pages,
            total,
        )


def viewed(database: Database, actor: Actor, now: datetime, shown: Sequence[Missed]) -> None:
    """Note who read these people's appeals (invariant 14)."""
    if not shown:
        return
    with database.write() as session:
        for each in shown:
            record(session, AUDIT, actor, now, "appeal.viewed", f"reservation:{each.reservation.id}")


def decide(database: Database, actor: Actor, now: datetime, no_show_id: int, decision: str, reason: str) -> NoShow:
    """Excuse a no-show, so that it no longer counts, or uphold it; the person is told why.

    A keeper may excuse without an appeal too. Deciding the same again changes nothing. Raises Refusal:
    no_show_not_found (404), not_allowed (403), reason_needed (422), already_decided (409).
    """
    reason = reason.strip()
    if not reason:
        raise Refusal("reason_needed", 422, fields={"reason": ["reason_needed"]})
    with database.write() as session:
        found = _locked(session, no_show_id)
        reservation = session.get_one(Reservation, found.reservation_id)
        if not runs_space(actor, reservation.unit.space):
            raise Refusal("not_allowed", 403)
        if found.decision == decision:
            return found
        if found.decision:
            raise Refusal("already_decided", 409)
        found.decision, found.reason, found.decided_at, found.decided_by = decision, reason, now, actor.account_id
        subject = f"reservation:{found.reservation_id}"
        record(session, AUDIT, actor, now, f"no_show.{decision}", subject, on_behalf_of=found.account_id)
        kind = f"no_show_{decision}"
        messages.tell(
            session, found.account_id, kind, now, reason=reason, path="/no-shows", **messages.about(reservation)
        )
        return found


def _with_reservations() -> Select[NoShow, Reservation]:
    return select(NoShow, Reservation).join(Reservation, Reservation.id == NoShow.reservation_id)


def _missed(session: Session, rows: Sequence[Row[NoShow, Reservation]]) -> list[Missed]:
    """The rows with what they lead to, in one query more, however many."""
    accounts, spaces = {each.account_id for each, _ in rows}, {each.space_id for each, _ in rows}
    times = standing.missed(session, accounts, spaces) if rows else {}
    found = []
    for no_show, reservation in rows:
        rule = reservation.unit.policy.no_shows
        until = attendance.blocked_until(times.get((no_show.account_id, no_show.space_id), ()), rule)
        found.append(Missed(no_show, reservation, rule, until))
    return found


def _locked(session: Session, no_show_id: int) -> NoShow:
    found = session.scalar(select(NoShow).where(NoShow.id == no_show_id).with_for_update())
    if found is None:
        raise Refusal("no_show_not_found", 404)
    return found
