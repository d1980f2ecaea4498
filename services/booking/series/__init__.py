"""A series is one object: made, changed and cancelled in one transaction, with one message and one audit row.

Its occurrences are reservations like any other; each of them tells the other services of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.booking import messages, occupancy, transitions
from services.booking.askers import runs_space
from services.booking.models import AUDIT, KEY_LENGTH, LIVE, Reservation, Series, Space, Unit, unit_atom
from services.booking.occupancy import Locked
from services.booking.refusals import refusal_of
from services.booking.reservations import refuse_late_cancel, signed_in
from services.booking.rules.policy import needs_approval
from services.booking.series.survey import Occurrence, Plan, Survey, survey
from services.booking.waitlist import changing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

SCOPES = ("one", "following", "all")


@dataclass(frozen=True)
class Whole:
    """A series with its unit and all its occurrences in order of time."""

    series: Series
    unit: Unit
    occurrences: Sequence[Reservation]

    def coming(self, now: datetime) -> list[Reservation]:
        """What is still to come."""
        return [each for each in self.occurrences if each.live and each.start_at > now]


@dataclass(frozen=True)
class Made:
    """A series that was made, and which of its dates were left out, each with its code."""

    whole: Whole
    left_out: Sequence[Occurrence]


def preview(database: Database, actor: Actor, now: datetime, plan: Plan) -> Survey:
    """Each date with its price or what stands against it; nothing is written and nothing held.

    Raises Refusal: unit_not_found (404), and 422 for what is wrong with the rule or the wish.
    """
    with database.read() as session:
        return survey(session, actor, now, _look(session, plan.unit_id), _tidy(plan), lock=False)


def make(
    database: Database,
    actor: Actor,
    now: datetime,
    plan: Plan,
    idempotency_key: str,
    *,
    days: Collection[date] | None = None,
    free_only: bool = False,
) -> Made:
    """Reserve every date of the plan (of `days` only, where given), or with `free_only` those that can be had.

    The same key again gives the same series (invariant 5). Raises Refusal: series_closed_days, series_not_free,
    series_nothing_free, slot_taken, idempotency_key_reused (409), unit_not_found (404), and 422 as `preview`.
    """
    with database.write() as session:
        return make_in(session, actor, now, plan, idempotency_key, days=days, free_only=free_only)


def make_in(
    session: Session,
    actor: Actor,
    now: datetime,
    plan: Plan,
    idempotency_key: str,
    *,
    days: Collection[date] | None = None,
    free_only: bool = False,
    owner: Actor | None = None,
) -> Made:
    """The same inside a transaction of the caller's.

    `owner`: whose series it is, where the actor, who runs the space, allots it. Then window, notice, quotas, audience,
    approval and the limit of a series do not bind, and the caller tells the owner. Raises Refusal not_allowed (403).
    """
    asks = owner or actor
    account_id = signed_in(asks)
    if not 0 < len(idempotency_key) <= KEY_LENGTH:
        raise Refusal("idempotency_key_needed", 422)
    plan = _tidy(plan)
    locked = occupancy.lock(session, plan.unit_id)
    if made := _already_made(session, account_id, idempotency_key, plan):
        return Made(made, [])
    if owner and not runs_space(actor, locked.unit.space):
        raise Refusal("not_allowed", 403)
    found = survey(session, asks, now, locked, plan, days, allotted=owner is not None)
    left_out = _refuse_the_rest(found, plan, free_only)
    status = "requested" if needs_approval(locked.unit.policy, found.who) else "confirmed"
    series = Series(
        unit_id=locked.unit.id,
        space_id=locked.unit.space_id,
        account_id=account_id,
        group_id=plan.group_id,
        rule=plan.rule.as_json(),
        opens=plan.opens,
        closes=plan.closes,
        purpose=plan.purpose,
        idempotency_key=idempotency_key,
        created_at=now,
        changed_at=now,
    )
    transitions.store(session, series)
    occurrences = [
        transitions.draft(
            locked,
            account_id=account_id,
            wish=plan.wish(each.during),
            status=status,
            now=now,
            key=f"series-{series.id}-{each.day.isoformat()}",
            price=each.price,
            series_id=series.id,
            series_day=each.day,
        )
        for each in found.free
        if each.during
    ]
    hold_all(session, occurrences, locked)
    for each in occurrences:
        transitions.announce(session, each, now, locked.unit.space.district)
    whole = Whole(series, locked.unit, occurrences)
    details = {"unit_id": locked.unit.id, "occurrences": len(occurrences), "left_out": len(left_out)}
    note(session, actor, now, "made", series, details)
    if owner is None:
        kind = "series_requested" if status == "requested" else "series_confirmed"
        messages.tell(session, account_id, kind, now, **about(whole, occurrences), left_out=len(left_out))
    return Made(whole, left_out)


def read(database: Database, actor: Actor, now: datetime, series_id: int) -> Whole:
    """One's own series, or one of a space that the actor runs; then it is recorded who looked (invariant 14).

    Raises Refusal: series_not_found (404), not_allowed (403).
    """
    with database.read() as session:
        whole = _visible(session, actor, session.get(Series, series_id))
    if whole.series.account_id != actor.account_id:
        with database.write() as session:
            record(session, AUDIT, actor, now, "series.viewed", f"series:{series_id}")
    return whole


def cancel(
    database: Database,
    actor: Actor,
    now: datetime,
    series_id: int,
    scope: str = "all",
    reservation_id: int | None = None,
    reason: str | None = None,
) -> list[Reservation]:
    """Cancel one occurrence, it and all that follow, or all that are to come; what is over stays. The cancelled ones.

    What can no longer be cancelled stays, where others can be. Raises Refusal: series_not_found (404), not_allowed
    (403), nothing_to_cancel, already_started, already_over, too_late_to_cancel (409), reservation_not_found (404).
    """
    with changing(database, now) as session:
        _locked, whole = lock(session, actor, series_id)
        wanted = [each for each in chosen(whole, scope, reservation_id) if each.live and each.end_at > now]
        late: Refusal | None = None
        gone: list[Reservation] = []
        for each in wanted:
            try:
                refuse_late_cancel(each, actor, now)
            except Refusal as refusal:
                late = late or refusal
                continue
            _end(session, each, now, reason)
            gone.append(each)
        if not gone:
            raise late or Refusal("nothing_to_cancel", 409)
        touch(whole.series, now)
        note(session, actor, now, "cancelled", whole.series, {"scope": scope, "occurrences": len(gone)})
        if whole.series.account_id != actor.account_id or reason:
            facts = about(whole, gone)
            messages.tell(session, whole.series.account_id, "series_cancelled", now, **facts, reason=reason or "")
        return gone


def lock(session: Session, actor: Actor, series_id: int, *unit_ids: int) -> tuple[dict[int, Locked], Whole]:
    """Lock the units of a series' coming occurrences, further units, the series and its reservations, in everybody's
    order. Raises Refusal: series_not_found (404), not_allowed (403), unit_not_found (404)."""
    while True:
        of_series = select(Reservation.unit_id).where(Reservation.series_id == series_id, Reservation.status.in_(LIVE))
        with session.begin_nested() as attempt:
            locked = occupancy.lock_units(session, {*session.scalars(of_series.distinct()), *unit_ids})
            series = session.get(Series, series_id, with_for_update=True, populate_existing=True)
            wanted = select(Reservation).where(Reservation.series_id == series_id).order_by(Reservation.id)
            rows = wanted.with_for_update(of=Reservation).execution_options(populate_existing=True)
            units = {each.unit_id for each in session.scalars(rows) if each.live}
            whole = _visible(session, actor, series)
            if units <= locked.keys():
                return locked, whole
            attempt.rollback()  # as `reservations.lock_reservation`: one was moved to another unit while we waited


def chosen(whole: Whole, scope: str, reservation_id: int | None) -> list[Reservation]:
    """The occurrences that a scope means. Raises Refusal reservation_not_found (404), scope_unknown (422)."""
    if scope == "all":
        return list(whole.occurrences)
    if scope not in SCOPES:
        raise Refusal("scope_unknown", 422, fields={"scope": ["scope_unknown"]})
    first = next((each for each in whole.occurrences if each.id == reservation_id), None)
    if first is None:
        raise Refusal("reservation_not_found", 404)
    return [first] if scope == "one" else [each for each in whole.occurrences if each.start_at >= first.start_at]


def _refuse_the_rest(found: Survey, plan: Plan, free_only: bool) -> list[Occurrence]:
    """What is left out, if that is how it was wanted."""
    rest = [each for each in found.occurrences if each.code]
    closed = [each for each in rest if each.state == "closed"]
    if closed and plan.on_closed == "refuse":
        raise Refusal("series_closed_days", 409, count=len(closed))
    if len(closed) < len(rest) and not free_only:
        raise Refusal("series_not_free", 409, count=len(rest) - len(closed))
    if not found.free:
        raise Refusal("series_nothing_free", 409)
    return rest


def _already_made(session: Session, account_id: int, key: str, plan: Plan) -> Whole | None:
    query = select(Series).where(Series.account_id == account_id, Series.idempotency_key == key)
    series = session.scalar(query)
    if series is None:
        return None
    same = (series.unit_id, series.rule, series.opens, series.closes, series.purpose, series.group_id)
    if same != (plan.unit_id, plan.rule.as_json(), plan.opens, plan.closes, plan.purpose, plan.group_id):
        raise Refusal("idempotency_key_reused", 409)
    return _whole(session, series)


def _visible(session: Session, actor: Actor, series: Series | None) -> Whole:
    if series is None:
        raise Refusal("series_not_found", 404)
    own = actor.account_id is not None and series.account_id == actor.account_id
    if not own and not runs_space(actor, session.get_one(Space, series.space_id)):
        raise Refusal("not_allowed", 403)
    return _whole(session, series)


def _whole(session: Session, series: Series) -> Whole:
    query = select(Reservation).where(Reservation.series_id == series.id)
    found = list(session.scalars(query.order_by(Reservation.start_at, Reservation.id)))
    return Whole(series, session.get_one(Unit, series.unit_id), found)


def _look(session: Session, unit_id: int) -> Locked:
    """As `occupancy.lock`, without waiting for anybody."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise Refusal("unit_not_found", 404)
    atoms = select(unit_atom.c.atom_id).where(unit_atom.c.unit_id == unit_id).order_by(unit_atom.c.atom_id)
    return Locked(unit, tuple(session.scalars(atoms)))


def hold_all(session: Session, occurrences: Sequence[Reservation], locked: Locked) -> None:
    """Take the time of all of them. Raises Refusal slot_taken (409)."""
    if not locked.atom_ids:
        raise Refusal("slot_taken", 409)
    try:
        occupancy.hold(session, occurrences, locked)
    except IntegrityError as error:
        raise refusal_of(error) or error from error


def _end(session: Session, reservation: Reservation, now: datetime, reason: str | None) -> None:
    """As `transitions.end`, whose audit row and message are the series'."""
    reservation.status, reservation.reason, reservation.held_until = "cancelled", reason, None
    reservation.changed_at = reservation.cancelled_at = now
    reservation.sequence += 1
    if reservation.payment == "due":
        reservation.payment = "none"
    occupancy.release(session, reservation)
    transitions.retract(session, reservation, now)


def touch(series: Series, now: datetime) -> None:
    """The series as an object has changed: its calendar entry has a new version."""
    series.sequence += 1
    series.changed_at = now


def note(session: Session, actor: Actor, now: datetime, what: str, series: Series, details: dict[str, Any]) -> None:
    """The one audit row of an act on a series."""
    owner = series.account_id
    for_whom = None if owner == actor.account_id else owner
    record(session, AUDIT, actor, now, f"series.{what}", f"series:{series.id}", details, for_whom)


def about(whole: Whole, occurrences: Sequence[Reservation]) -> dict[str, Any]:
    """The facts of a series that its messages tell: those of its first occurrence, and how many there are."""
    first = min(occurrences, key=lambda each: each.start_at)
    facts = messages.about(first, whole.unit)
    last = max(each.start_at for each in occurrences)
    path = f"/series/{whole.series.id}"
    return {**facts, "series_id": whole.series.id, "path": path, "count": len(occurrences), "last": last.isoformat()}


def _tidy(plan: Plan) -> Plan:
    words = {"purpose": plan.purpose.strip(), "group_name": (plan.group_name or "").strip() or None}
    return Plan(**{**vars(plan), **words})
