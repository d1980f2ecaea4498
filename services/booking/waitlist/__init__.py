"""The line for a time that is taken: stand in it, take what is offered, or leave it.

The line is first come, first served. It is one for all wishes that share an atom and a moment: "you are 3rd" counts
everybody who came earlier and wants any of the same. An offer is always for the whole wish: freed time that is too
short for the first goes to the first whose wish fits into it, and the others keep their place; freed time that is
longer serves several. Somebody who could not reserve just now (a quota is used up, blocked, closed) is passed over and
keeps the place. Whoever misses or declines an offer leaves the line and may join again at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import set_committed_value

from services.booking import askers, equipment, messages, occupancy, pricing, schedules, transitions
from services.booking.models import AUDIT, Reservation, Unit, Waiting, unit_atom
from services.booking.models.waitlist import IN_LINE
from services.booking.occupancy import Locked
from services.booking.payment import PAYMENT
from services.booking.rules import policy
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.waitlist.offers import facts, pass_on, settle, wish_of
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

__all__ = ["changing", "claim", "decline", "join", "leave", "mine", "places", "read", "settle"]

MOST_LINES = 20
"""In so many lines somebody may stand at once."""


@contextmanager
def changing(database: Database, now: datetime) -> Iterator[Session]:
    """One unit of work that may free time: it ends by offering what it freed to the line, before anybody else sees
    it free."""
    with database.write() as session:
        yield session
        settle(session, now)


def join(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    unit_id: int,
    wish: Wish,
) -> Waiting:
    """Stand in line for a unit and time that is taken. Doing so again changes nothing: one keeps the first place.

    Raises Refusal: slot_free, waitlist_off, waitlist_too_many, already_yours (409), unit_not_found (404), and 422 as
    for a reservation, but for the quotas, which count when one claims.
    """
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    wish = replace(
        wish,
        during=Interval(*(moment.astimezone(UTC) for moment in wish.during)),
        purpose=wish.purpose.strip(),
        group_name=(wish.group_name or "").strip() or None,
        equipment={key: count for key, count in wish.equipment.items() if count},
    )
    with database.write() as session:
        locked = occupancy.lock(session, unit_id)
        if there := _standing(session, actor.account_id, unit_id, wish.during):
            return there
        _check(session, actor, now, locked.unit, wish)
        equipment.refuse_unknown(session, locked.unit, wish.equipment)
        if not locked.unit.policy.waitlist:
            raise Refusal("waitlist_off", 409)
        in_the_way = occupancy.conflicts_of(session, locked, wish.during)
        if not in_the_way:
            raise Refusal("slot_free", 409)
        if all(each.account_id == actor.account_id for each in in_the_way):
            raise Refusal("already_yours", 409)
        own = select(func.count()).where(Waiting.account_id == actor.account_id, Waiting.status.in_(IN_LINE))
        if (session.scalar(own) or 0) >= MOST_LINES:
            raise Refusal("waitlist_too_many", 409, most=MOST_LINES)
        waiting = _new(locked.unit, actor.account_id, now, wish)
        set_committed_value(waiting, "unit", locked.unit)  # who shows it need not read it again
        session.add(waiting)
        try:
            session.flush()
        except IntegrityError as error:  # its own guard, behind the lock
            raise Refusal("waitlist_too_many", 409, most=MOST_LINES) from error
        _record(session, actor, now, "joined", waiting)
        place = places(session, [waiting.id])[waiting.id]
        messages.tell(session, actor.account_id, "waitlist_joined", now, place=place, **facts(waiting, locked.unit))
        return waiting


def claim(
    database: Database, actor: Actor, now: datetime, waiting_id: int, *, without_equipment: bool = False
) -> Reservation:
    """Take what is offered: it is reserved, or requested where a keeper decides. Claiming again changes nothing.

    All rules are asked again as for a new reservation. Raises Refusal: waiting_not_found (404), not_allowed (403),
    not_your_turn, offer_over, equipment_lent (409), equipment_unknown and 422 for each rule.
    """
    with database.write() as session:
        waiting, locked = _locked(session, actor, waiting_id)
        if waiting.status == "claimed":
            return session.get_one(Reservation, waiting.reservation_id)
        if waiting.status == "waiting":
            raise Refusal("not_your_turn", 409)
        wish = wish_of(waiting)
        held = [waiting.reservation_id] if waiting.reservation_id else []
        asker = askers.asker(session, actor, locked.unit, wish.during, wish.group_id, but=held)
        reservation = _offer_of(session, waiting)
        if reservation is None or reservation.held_until is None or reservation.held_until <= now:
            raise Refusal("offer_over", 409)
        place = schedules.place_of(session, locked.unit, wish.during)
        policy.check(place, wish, now, asker)
        borrowed = {} if without_equipment else wish.equipment
        equipment.lend(session, reservation, locked.unit, borrowed)
        lent = equipment.items(session, locked.unit, borrowed)
        price = pricing.quote(locked.unit, wish.during, asker, place.schedule, lent)
        reservation.price_won, reservation.price = price.won, price.lines
        reservation.payment = PAYMENT.first_state(price.won)
        waiting.status, waiting.ended_at = "claimed", now
        if policy.needs_approval(locked.unit.policy, asker):
            reservation.status, reservation.held_until, reservation.changed_at = "requested", None, now
            messages.tell(session, reservation.account_id, "reservation_requested", now, **messages.about(reservation))
        else:
            transitions.confirm(session, actor, now, reservation, tell="reservation_confirmed")
        _record(session, actor, now, "claimed", waiting)
        return reservation


def decline(database: Database, actor: Actor, now: datetime, waiting_id: int) -> Waiting:
    """Leave the line, with or without an offer; what was offered goes on to the next. Doing so again changes nothing.

    Raises Refusal: waiting_not_found (404), not_allowed (403), already_claimed (409).
    """
    with changing(database, now) as session:
        waiting, _atoms = _locked(session, actor, waiting_id)
        if waiting.status == "claimed":
            raise Refusal("already_claimed", 409)
        if waiting.in_line:
            if reservation := _offer_of(session, waiting):
                pass_on(session, actor, now, waiting, reservation, "declined")
            else:
                waiting.status, waiting.ended_at = "left", now
            _record(session, actor, now, waiting.status, waiting)
        return waiting


leave = decline


def read(database: Database, actor: Actor, waiting_id: int) -> tuple[Waiting, int | None]:
    """One's own wish and its place in the line (1 is next; None: no longer in it).

    Raises Refusal: waiting_not_found (404), not_allowed (403).
    """
    with database.read() as session:
        waiting = _own(session, actor, waiting_id)
        return waiting, places(session, [waiting_id]).get(waiting_id)


def mine(database: Database, actor: Actor, limit: int = 50) -> tuple[list[Waiting], dict[int, int], list[Waiting]]:
    """The actor's wishes in line (soonest first) with their places, and those that are over (latest first)."""
    own = select(Waiting).where(Waiting.account_id == actor.account_id)
    with database.read() as session:
        standing = list(session.scalars(own.where(Waiting.status.in_(IN_LINE)).order_by(Waiting.start_at)))
        over = own.where(Waiting.status.not_in(IN_LINE)).order_by(Waiting.id.desc()).limit(limit)
        return standing, places(session, [each.id for each in standing]), list(session.scalars(over))


def places(session: Session, waiting_ids: Iterable[int]) -> dict[int, int]:
    """The place in line of each wish that is still in it, in one query."""
    earlier, own_atom, other_atom = aliased(Waiting), unit_atom.alias(), unit_atom.alias()
    before = (
        select(func.count(earlier.id.distinct()))
        .select_from(earlier)
        .join(other_atom, other_atom.c.unit_id == earlier.unit_id)
        .join(own_atom, own_atom.c.atom_id == other_atom.c.atom_id)
        .where(
            own_atom.c.unit_id == Waiting.unit_id,
            earlier.status.in_(IN_LINE),
            earlier.id < Waiting.id,
            earlier.start_at < Waiting.end_at,
            earlier.end_at > Waiting.start_at,
        )
        .correlate(Waiting)
        .scalar_subquery()
    )
    query = select(Waiting.id, before + 1).where(Waiting.id.in_(list(waiting_ids)), Waiting.status.in_(IN_LINE))
    return {row[0]: row[1] for row in session.execute(query)}


def _check(session: Session, actor: Actor, now: datetime, unit: Unit, wish: Wish) -> None:
    """What would speak against the wish even if the time were free; quotas count when one claims."""
    asker = askers.asker(session, actor, unit, wish.during, wish.group_id, lock=False)
    place = schedules.place_of(session, unit, wish.during)
    found: dict[str, list[str]] = {}
    for field, code in policy.problems(place, wish, now, asker):
        if not code.startswith("quota_"):
            found.setdefault(field, []).append(code)
    if found:
        first = next(iter(found.values()))[0]
        raise Refusal(first, 422, fields=found, **policy.figures(place, asker))


def _standing(session: Session, account_id: int, unit_id: int, during: Interval) -> Waiting | None:
    return session.scalar(
        select(Waiting).where(
            Waiting.account_id == account_id,
            Waiting.unit_id == unit_id,
            Waiting.start_at == during.start,
            Waiting.end_at == during.end,
            Waiting.status.in_(IN_LINE),
        )
    )


def _new(unit: Unit, account_id: int, now: datetime, wish: Wish) -> Waiting:
    return Waiting(
        unit_id=unit.id,
        space_id=unit.space_id,
        account_id=account_id,
        start_at=wish.during.start.astimezone(UTC),
        end_at=wish.during.end.astimezone(UTC),
        people=wish.people,
        purpose=wish.purpose,
        group_id=wish.group_id,
        group_name=wish.group_name,
        equipment={str(key): count for key, count in wish.equipment.items()},
        status="waiting",
        created_at=now,
    )


def _own(session: Session, actor: Actor, waiting_id: int) -> Waiting:
    waiting = session.get(Waiting, waiting_id)
    if waiting is None:
        raise Refusal("waiting_not_found", 404)
    if actor.account_id is None or waiting.account_id != actor.account_id:
        raise Refusal("not_allowed", 403)
    return waiting


def _locked(session: Session, actor: Actor, waiting_id: int) -> tuple[Waiting, Locked]:
    """One's own wish as it is behind the lock of its unit's atoms, which all that changes it holds."""
    locked = occupancy.lock(session, _own(session, actor, waiting_id).unit_id)
    query = select(Waiting).where(Waiting.id == waiting_id).with_for_update(of=Waiting)
    return session.scalars(query.execution_options(populate_existing=True)).one(), locked


def _offer_of(session: Session, waiting: Waiting) -> Reservation | None:
    """The reservation that holds the time for an offered wish, locked; None when it is no longer held."""
    if waiting.status != "offered":
        return None
    query = select(Reservation).where(Reservation.id == waiting.reservation_id).with_for_update(of=Reservation)
    reservation = session.scalar(query.execution_options(populate_existing=True))
    return reservation if reservation is not None and reservation.status == "offered" else None


def _record(session: Session, actor: Actor, now: datetime, what: str, waiting: Waiting) -> None:
    record(session, AUDIT, actor, now, f"waitlist.{what}", f"waiting:{waiting.id}", {"unit_id": waiting.unit_id})
