"""Coming: the code on the spot, checking in with it or by the keeper's hand, and what happens when nobody comes.

The lock order of the house holds (units, atoms, reservation), so checking in and the clock's release meet at the
reservation's row: whoever is second sees what the first has done.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.booking import no_shows, transitions
from services.booking.askers import runs_space
from services.booking.models import AUDIT, Membership, Reservation, Unit, UnitCode, unit_atom
from services.booking.models.attendance import CODE_LENGTH
from services.booking.reservations import lock_reservation
from services.booking.rules import attendance
from services.booking.waitlist import changing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal
from shared.settings import Settings

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is read as something else
BATCH = 50


@dataclass(frozen=True)
class Here:
    """What somebody finds who stands before a unit: their reservations there on this local day, in order.

    `due` is the one to check in for, if any; `state` says what there is to say: ready, done, early, missed, nothing.
    """

    unit: Unit
    today: list[Reservation]
    due: Reservation | None
    state: str
    opens_at: datetime | None = None


def code_of(database: Database, actor: Actor, now: datetime, unit_id: int, renew: bool = False) -> tuple[Unit, str]:
    """A unit and the code of its poster, made when there is none yet; a renewed one makes old posters worthless.

    Raises Refusal: unit_not_found (404), not_allowed (403).
    """
    with database.write() as session:
        unit = session.get(Unit, unit_id)
        if unit is None:
            raise Refusal("unit_not_found", 404)
        if not runs_space(actor, unit.space):
            raise Refusal("not_allowed", 403)
        session.scalar(select(Unit.id).where(Unit.id == unit_id).with_for_update())  # two keepers make one code
        known = session.get(UnitCode, unit_id, populate_existing=True)
        if known and not renew:
            return unit, known.code
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        if known:
            known.code = code
        else:
            session.add(UnitCode(unit_id=unit_id, code=code, made_at=now))
        record(session, AUDIT, actor, now, "unit.code_renewed" if known else "unit.code_made", f"unit:{unit_id}")
        return unit, code


def here(database: Database, actor: Actor, now: datetime, code: str) -> Here:
    """What the actor can do before the unit of this code. Raises Refusal check_in_code_unknown (404)."""
    with database.read() as session:
        return _here(session, actor, now, _unit_of(session, code))


def check_in(database: Database, actor: Actor, now: datetime, code: str) -> Here:
    """Check in for one's reservation, or one's group's, here and now; a second time changes nothing.

    The code of any part of what is reserved counts: who reserved the whole house may come through any door. Raises
    Refusal: check_in_code_unknown (404), nothing_to_check_in, too_early_to_check_in, check_in_missed (409).
    """
    with database.write() as session:
        found = _here(session, actor, now, _unit_of(session, code))
        if found.state == "early" and found.opens_at:
            opens = found.opens_at.astimezone(found.unit.zone)
            raise Refusal("too_early_to_check_in", 409, opens=f"{opens:%H:%M}")
        if found.state == "missed":
            raise Refusal("check_in_missed", 409)
        if found.due is None:
            if found.state == "done":
                return found
            raise Refusal("nothing_to_check_in", 409)
        _, reservation = lock_reservation(session, found.due.id)
        _come(session, actor, now, reservation)
        return _here(session, actor, now, found.unit)


def check_in_by_hand(database: Database, actor: Actor, now: datetime, reservation_id: int) -> Reservation:
    """A keeper says that somebody came; also after the grace, as long as the time is held.

    Raises Refusal: reservation_not_found (404), not_allowed (403), too_early_to_check_in, check_in_missed,
    already_over (409).
    """
    with database.write() as session:
        _, reservation = lock_reservation(session, reservation_id)
        _keeper(actor, reservation)
        opens = attendance.opens_at(reservation.during, reservation.unit.policy)
        if now < opens:
            raise Refusal("too_early_to_check_in", 409, opens=f"{opens.astimezone(reservation.unit.zone):%H:%M}")
        _come(session, actor, now, reservation)
        return reservation


def miss_by_hand(database: Database, actor: Actor, now: datetime, reservation_id: int) -> Reservation:
    """A keeper says that nobody came: from the start on, until a day after the end; the rest of the time is free again.

    Raises Refusal: reservation_not_found (404), not_allowed (403), already_checked_in, not_started, no_show_too_late
    (409).
    """
    with changing(database, now) as session:
        _, reservation = lock_reservation(session, reservation_id)
        _keeper(actor, reservation)
        if reservation.status == "no_show":
            return reservation
        if reservation.checked_in_at:
            raise Refusal("already_checked_in", 409)
        if reservation.status != "confirmed" or reservation.kind != "visit":
            raise Refusal("nothing_to_check_in", 409)
        if now < reservation.start_at:
            raise Refusal("not_started", 409)
        if now >= reservation.end_at + attendance.BY_HAND:
            raise Refusal("no_show_too_late", 409)
        _miss(session, actor, now, reservation, actor.account_id)
        return reservation


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Release what nobody came for within the grace, where one checks in by a code. True when more is waiting."""
    with database.read() as session:
        due = [each.id for each in _overdue(session, now)]
    for reservation_id in due[:BATCH]:
        release(database, now, reservation_id)
    return len(due) > BATCH


def release(database: Database, now: datetime, reservation_id: int) -> bool:
    """Make one overdue reservation a no-show, unless somebody came meanwhile; whether it is one now."""
    with changing(database, now) as session:
        _, reservation = lock_reservation(session, reservation_id)
        made = session.scalar(select(UnitCode.made_at).where(UnitCode.unit_id == reservation.unit_id))
        if made is None or not _is_overdue(reservation, made, now):
            return False
        _miss(session, SYSTEM, now, reservation, None)
        return True


def _come(session: Session, actor: Actor, now: datetime, reservation: Reservation) -> None:
    if reservation.status == "no_show":
        raise Refusal("check_in_missed", 409)
    if reservation.status != "confirmed" or reservation.kind != "visit":
        raise Refusal("nothing_to_check_in", 409)
    if reservation.checked_in_at:
        return
    if reservation.end_at <= now:
        raise Refusal("already_over", 409)
    reservation.checked_in_at = now
    own = reservation.account_id == actor.account_id
    record(
        session,
        AUDIT,
        actor,
        now,
        "reservation.checked_in",
        f"reservation:{reservation.id}",
        on_behalf_of=None if own else reservation.account_id,
    )


def _miss(session: Session, actor: Actor, now: datetime, reservation: Reservation, marked_by: int | None) -> None:
    transitions.end(session, actor, now, reservation, "no_show", tell="no_show", since=max(now, reservation.start_at))
    no_shows.mark(session, reservation, now, marked_by)


def _keeper(actor: Actor, reservation: Reservation) -> None:
    if not runs_space(actor, reservation.unit.space):
        raise Refusal("not_allowed", 403)


def _unit_of(session: Session, code: str) -> Unit:
    typed = code.strip().lower().replace("-", "").replace(" ", "")
    unit = session.scalar(select(Unit).join(UnitCode, UnitCode.unit_id == Unit.id).where(UnitCode.code == typed))
    if unit is None:
        raise Refusal("check_in_code_unknown", 404)
    return unit


def _here(session: Session, actor: Actor, now: datetime, unit: Unit) -> Here:
    local = now.astimezone(unit.zone).date()
    atoms = select(unit_atom.c.atom_id).where(unit_atom.c.unit_id == unit.id)
    doors = select(unit_atom.c.unit_id).where(unit_atom.c.atom_id.in_(atoms))
    groups = select(Membership.group_id).where(Membership.account_id == actor.account_id)
    query = select(Reservation).where(
        or_(Reservation.unit_id == unit.id, Reservation.unit_id.in_(doors)),
        or_(Reservation.account_id == actor.account_id, Reservation.group_id.in_(groups)),
        Reservation.kind == "visit",
        Reservation.status.in_(("confirmed", "no_show")),
        Reservation.end_at > now - attendance.LATEST,
        Reservation.start_at < now + attendance.LATEST,
    )
    near = session.scalars(query.order_by(Reservation.start_at, Reservation.id)).all()
    today = [
        each
        for each in near
        if each.start_at.astimezone(unit.zone).date() <= local <= each.end_at.astimezone(unit.zone).date()
    ]
    coming = [each for each in today if each.status == "confirmed" and each.end_at > now]
    ready = [each for each in coming if attendance.opens_at(each.during, each.unit.policy) <= now]
    if due := [each for each in ready if not each.checked_in_at]:
        return Here(unit, today, due[0], "ready")
    if ready:
        return Here(unit, today, None, "done")
    if coming:
        return Here(unit, today, None, "early", attendance.opens_at(coming[0].during, coming[0].unit.policy))
    missed = any(each.status == "no_show" and each.end_at > now for each in today)
    return Here(unit, today, None, "missed" if missed else "nothing")


def _overdue(session: Session, now: datetime) -> list[Reservation]:
    """What nobody came for, at units with a poster; at most a few more than a batch."""
    query = (
        select(Reservation, UnitCode.made_at)
        .join(UnitCode, UnitCode.unit_id == Reservation.unit_id)
        .where(
            Reservation.start_at <= now,
            Reservation.start_at > now - attendance.LATEST,
            Reservation.status == "confirmed",
            Reservation.kind == "visit",
            Reservation.checked_in_at.is_(None),
        )
        .order_by(Reservation.start_at)
    )
    return [each for each, made_at in session.execute(query) if _is_overdue(each, made_at, now)][: BATCH + 1]


def _is_overdue(reservation: Reservation, made_at: datetime, now: datetime) -> bool:
    unit = reservation.unit
    policy = unit.policy
    if not policy.check_in or reservation.status != "confirmed" or reservation.kind != "visit":
        return False
    if reservation.checked_in_at or reservation.start_at <= now - attendance.LATEST:
        return False
    # Who reserved before the poster hung, or before these rules held, and has begun by then, is no no-show.
    ruled_at = unit.rules.changed_at if unit.rules else made_at
    if reservation.start_at < max(made_at, ruled_at):
        return False
    since = max(reservation.created_at, reservation.changed_at or reservation.created_at)
    return attendance.deadline(reservation.during, policy, since) < now
