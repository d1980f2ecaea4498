"""Setting a closure and taking it back: one transaction each, under the locks of every unit concerned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from services.booking import messages, occupancy, schedules, transitions
from services.booking.askers import runs_space
from services.booking.closures import own_closure, times_of
from services.booking.closures.simulation import Choice, affected_by, choices_of, closed_units, open_to, state_of
from services.booking.closures.words import LANGUAGES, fill, when_text
from services.booking.equipment import lend, loans_of
from services.booking.models import AUDIT, ClosedTime, Closure, ClosureChoice, Person, Reservation, Space, Unit
from services.booking.occupancy import Locked
from services.booking.rules.displacement import Place
from services.booking.rules.interval import Interval
from services.booking.rules.policy import misfits
from services.booking.sheet import people_of
from services.booking.waitlist import changing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Outcome:
    """What a closure did to one reservation; `was` is where it stood, `restored` whether the undo put it back."""

    choice: ClosureChoice
    reservation: Reservation
    was: Interval
    was_unit: Unit
    to_unit: Unit | None


@dataclass(frozen=True)
class Done:
    """A closure that was applied or undone."""

    closure: Closure
    space: Space
    zone: ZoneInfo
    units: tuple[Unit, ...]
    times: tuple[Interval, ...]
    outcomes: tuple[Outcome, ...]
    people: Mapping[int, Person]


def apply(database: Database, actor: Actor, now: datetime, closure_id: int, version: int) -> Closure:
    """Close the units, do with each reservation what was chosen, and tell everybody concerned; once only.

    Raises Refusal: closure_not_found (404), not_allowed (403), and 409: closure_not_draft, closure_changed,
    closure_new_reservations (somebody reserved meanwhile), closure_move_refused (a place is no longer free or open).
    """
    with changing(database, now) as session:
        closure = own_closure(session, actor, closure_id, lock=True)
        if closure.status == "applied":
            return closure
        if closure.status != "draft":
            raise Refusal("closure_not_draft")
        if closure.version != version:
            raise Refusal("closure_changed")
        chosen = choices_of(session, closure_id)
        closed = [unit.id for unit in closed_units(session, closure.unit_ids)]
        targets = [row.unit_id for row in chosen.values() if row.action == "move" and row.unit_id]
        locked = occupancy.lock_units(session, [*closed, *targets])
        if [unit.id for unit in closed_units(session, closure.unit_ids)] != closed:
            raise Refusal("closure_changed")  # maps has regrouped the rooms meanwhile
        space = session.get_one(Space, closure.space_id)
        times = times_of(closure, ZoneInfo(space.zone))
        affected = _locked_rows(session, affected_by(session, closed, times, now))
        new = [each for each in affected if not (row := chosen.get(each.id)) or row.before != state_of(each)]
        if new:
            fields = {f"choice-{each.id}": ["closure_choice_needed"] for each in new}
            raise Refusal("closure_new_reservations", 409, fields=fields, count=len(new))
        _close(session, closure, closed, times)
        for key in chosen.keys() - {each.id for each in affected}:
            session.delete(chosen[key])  # it was cancelled, or moved away by its owner
        _carry_out(session, actor, now, closure, space, [(each, chosen[each.id]) for each in affected], locked)
        closure.status, closure.applied_at = "applied", now
        closure.version += 1
        counts = {
            action: sum(chosen[each.id].action == action for each in affected) for action in ("move", "cancel", "keep")
        }
        details = {"unit_ids": closed, "times": len(times), **counts}
        record(session, AUDIT, actor, now, "closure.applied", f"closure:{closure.id}", details)
        return closure


def undo(database: Database, actor: Actor, now: datetime, closure_id: int) -> Closure:
    """Open the units again, and put back every reservation that is still as the closure left it and whose time is
    still to come and free; everybody is told what became of theirs; once only.

    Raises Refusal: closure_not_found (404), not_allowed (403), closure_not_applied (409).
    """
    with changing(database, now) as session:
        closure = own_closure(session, actor, closure_id, lock=True)
        if closure.status == "undone":
            return closure
        if closure.status != "applied":
            raise Refusal("closure_not_applied")
        chosen = choices_of(session, closure_id)
        wanted = {
            unit_id
            for row in chosen.values()
            for unit_id in ((row.before or {}).get("unit_id"), row.unit_id)
            if unit_id
        }
        ids = select(Reservation.unit_id).where(Reservation.id.in_(chosen))
        wanted |= set(session.scalars(ids))  # its owner may have moved it on
        locked = occupancy.lock_units(session, wanted | {unit.id for unit in closed_units(session, closure.unit_ids)})
        found = session.scalars(select(Reservation).where(Reservation.id.in_(chosen)).order_by(Reservation.start_at))
        rows = _locked_rows(session, found)
        if not {each.unit_id for each in rows} <= locked.keys():
            raise Refusal("closure_changed")  # somebody moved one to yet another unit at this very moment
        session.execute(delete(ClosedTime).where(ClosedTime.closure_id == closure_id))
        restored = 0
        for reservation in rows:
            row = chosen[reservation.id]
            row.restored = None if row.action == "keep" else _put_back(session, actor, now, reservation, row, locked)
            restored += bool(row.restored)
            kind = {None: "closure_withdrawn", True: "closure_restored", False: "closure_not_restored"}[row.restored]
            if reservation.kind == "visit" and (reservation.end_at > now or row.restored is not None):
                _tell_of_undo(session, reservation, row, kind, now, locked)
        closure.status, closure.undone_at = "undone", now
        closure.version += 1
        details = {"restored": restored, "not_restored": sum(row.restored is False for row in chosen.values())}
        record(session, AUDIT, actor, now, "closure.undone", f"closure:{closure.id}", details)
        return closure


def done(database: Database, actor: Actor, now: datetime, closure_id: int) -> Done:
    """What an applied or undone closure did. Who looked is recorded, for it names people.

    Raises Refusal: closure_not_found (404), not_allowed (403), closure_not_applied (409).
    """
    with database.write() as session:
        closure = own_closure(session, actor, closure_id)
        if closure.status == "draft":
            raise Refusal("closure_not_applied")
        space = session.get_one(Space, closure.space_id)
        zone = ZoneInfo(space.zone)
        chosen = choices_of(session, closure_id)
        rows = session.scalars(select(Reservation).where(Reservation.id.in_(chosen)).order_by(Reservation.id)).all()
        ids = {(row.before or {}).get("unit_id") for row in chosen.values()} | {row.unit_id for row in chosen.values()}
        units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(ids - {None})))}
        outcomes = []
        for each in rows:
            row = chosen[each.id]
            outcomes.append(Outcome(row, each, _was(row), units[_home(row)], units.get(row.unit_id or 0)))
        outcomes.sort(key=lambda each: (each.was.start, each.reservation.id))
        closed = tuple(closed_units(session, closure.unit_ids))
        people, _groups = people_of(session, rows)
        record(session, AUDIT, actor, now, "closure.viewed", f"closure:{closure_id}")
        return Done(closure, space, zone, closed, times_of(closure, zone), tuple(outcomes), people)


def _close(session: Session, closure: Closure, unit_ids: Sequence[int], times: Iterable[Interval]) -> None:
    rows = [
        {"unit_id": unit_id, "closure_id": closure.id, "start_at": time.start, "end_at": time.end}
        for time in times
        for unit_id in unit_ids
    ]
    if rows:
        session.execute(insert(ClosedTime), rows)


def _locked_rows(session: Session, reservations: Iterable[Reservation]) -> list[Reservation]:
    """The same reservations with their rows locked, in the order of time."""
    ids = [each.id for each in reservations]
    query = select(Reservation).where(Reservation.id.in_(ids)).order_by(Reservation.id).with_for_update(of=Reservation)
    rows = {each.id: each for each in session.scalars(query.execution_options(populate_existing=True))}
    return [rows[key] for key in ids]


def _carry_out(
    session: Session,
    actor: Actor,
    now: datetime,
    closure: Closure,
    space: Space,
    pairs: Sequence[tuple[Reservation, ClosureChoice]],
    locked: dict[int, Locked],
) -> None:
    movers = [(each, row) for each, row in pairs if row.action == "move"]
    for each, row in pairs:
        row.before = {**state_of(each), "payment": each.payment}
        if row.action == "move":
            occupancy.release(session, each)  # two of them may change places
    zone = ZoneInfo(space.zone)
    refused: dict[str, list[str]] = {}
    for each, row in movers:
        if code := _moved(session, actor, now, each, row, locked):
            refused[f"choice-{each.id}"] = [code]
    if refused:
        raise Refusal("closure_move_refused", 409, fields=refused)
    for each, row in pairs:
        choice = Choice(row.action, Place(row.unit_id, row.target) if row.unit_id and row.target else None)
        target = locked[row.unit_id].unit if row.unit_id else None
        told = texts_of(closure, locked[_home(row)].unit, _was(row), choice, target, zone)
        if row.action == "cancel":
            status = "lapsed" if each.status == "offered" else "cancelled"
            transitions.end(session, actor, now, each, status, reason=closure.reason)
        row.after = state_of(each)
        if each.kind == "visit":
            facts = messages.about(each, locked[each.unit_id].unit)
            texts = {f"text_{language}": text for language, text in told.items()}
            messages.tell(session, each.account_id, f"closure_{row.action}", now, **facts, **texts)


def _moved(
    session: Session,
    actor: Actor,
    now: datetime,
    reservation: Reservation,
    row: ClosureChoice,
    locked: dict[int, Locked],
) -> str | None:
    """Move one; the code of why it can't be. The caller rolls back then."""
    target, during = locked[row.unit_id or 0], row.target
    if during is None or not open_to(actor, target.unit):
        return "closure_move_elsewhere"
    place = schedules.place_of(session, target.unit, during)
    keeper = runs_space(actor, target.unit.space)
    if wrong := next(iter(misfits(place, during, reservation.people, now, keeper=keeper)), None):
        return wrong[1] if wrong[1] != "too_long" else "closure_move_elsewhere"
    lent = {item.id: count for item, count in loans_of(session, [reservation.id]).get(reservation.id, ())}
    reservation.unit_id, reservation.space_id = target.unit.id, target.unit.space_id
    reservation.start_at, reservation.end_at = during
    set_committed_value(reservation, "unit", target.unit)
    try:
        transitions.moved(session, actor, now, reservation, target, tell=None)
        if lent:
            lend(session, reservation, target.unit, lent)
    except Refusal as refusal:
        return refusal.code
    return None


def texts_of(
    closure: Closure, unit: Unit, was: Interval, choice: Choice, target: Unit | None, zone: ZoneInfo
) -> dict[str, str]:
    """The edited message of this choice in each language, filled for a reservation of this unit and time."""
    told = {}
    for language in LANGUAGES:
        facts = {"when": when_text(was, zone, language), "place": place_text(unit), "reason": closure.reason}
        if choice.place and target:
            facts["new_when"] = when_text(choice.place.during, zone, language)
            facts["new_place"] = place_text(target)
        told[language] = fill(closure.texts[choice.action][language], facts)
    return told


def place_text(unit: Unit) -> str:
    """ "상도 마을활력소 큰 회의실"."""
    return f"{unit.space.name} {unit.name}"


def _put_back(
    session: Session,
    actor: Actor,
    now: datetime,
    reservation: Reservation,
    row: ClosureChoice,
    locked: dict[int, Locked],
) -> bool:
    """Put one back where it was, if it is still as the closure left it and the place is free and to come."""
    before: dict[str, Any] = row.before or {}
    was, home = _was(row), locked[_home(row)]
    if state_of(reservation) != row.after or was.start <= now or not home.unit.active or before["status"] == "offered":
        return False
    if occupancy.conflicts_of(session, home, was, but=[reservation.id]):
        return False
    lent = {item.id: count for item, count in loans_of(session, [reservation.id]).get(reservation.id, ())}
    try:
        with session.begin_nested():
            reservation.unit_id, reservation.space_id = home.unit.id, home.unit.space_id
            reservation.start_at, reservation.end_at = was
            set_committed_value(reservation, "unit", home.unit)
            if row.action == "cancel":
                _revive(session, actor, now, reservation, before, home)
            else:
                transitions.moved(session, actor, now, reservation, home, tell=None)
            if lent:
                lend(session, reservation, home.unit, lent)
    except Refusal:
        session.refresh(reservation)
        return False
    return True


def _revive(
    session: Session, actor: Actor, now: datetime, reservation: Reservation, before: dict[str, Any], home: Locked
) -> None:
    reservation.status, reservation.cancelled_at, reservation.reason = before["status"], None, None
    reservation.payment = before["payment"]
    reservation.changed_at = now
    reservation.sequence += 1
    occupancy.occupy(session, reservation, home)
    owner = reservation.account_id
    for_whom = None if owner == actor.account_id else owner
    details = {"unit_id": reservation.unit_id, "status": reservation.status}
    record(session, AUDIT, actor, now, "reservation.restored", f"reservation:{reservation.id}", details, for_whom)
    transitions.announce(session, reservation, now, home.unit.space.district)


def _tell_of_undo(
    session: Session,
    reservation: Reservation,
    row: ClosureChoice,
    kind: str,
    now: datetime,
    locked: dict[int, Locked],
) -> None:
    was = _was(row)
    facts = messages.about(reservation, locked[reservation.unit_id].unit)
    home = locked[_home(row)].unit
    zone = ZoneInfo(home.space.zone)
    old = {f"was_{language}": f"{when_text(was, zone, language)} · {place_text(home)}" for language in LANGUAGES}
    messages.tell(session, reservation.account_id, kind, now, **facts, **old)


def _home(row: ClosureChoice) -> int:
    """The unit that it had."""
    return int((row.before or {})["unit_id"])


def _was(row: ClosureChoice) -> Interval:
    before: dict[str, Any] = row.before or {}
    return Interval(datetime.fromisoformat(before["start"]), datetime.fromisoformat(before["end"]))
