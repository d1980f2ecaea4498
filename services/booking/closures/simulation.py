"""Whom a draft of a closure would meet, where each could move, and what the keeper chose for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.booking import occupancy, schedules
from services.booking.askers import runs_space
from services.booking.closures import own_closure, times_of
from services.booking.closures.words import LANGUAGES, TEXT_LENGTH
from services.booking.equipment import loans_of
from services.booking.models import (
    AUDIT,
    LIVE,
    Closure,
    ClosureChoice,
    Equipment,
    Person,
    Reservation,
    Space,
    Unit,
    unit_atom,
)
from services.booking.models.closures import ACTIONS
from services.booking.rules.displacement import NEAR_DAYS, Displaced, Place, Proposal, Room, propose
from services.booking.rules.interval import Interval, without
from services.booking.sheet import people_of
from services.booking.units import Filter, atoms_of, reservable
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

NOTHING: frozenset[str] = frozenset()
CANDIDATES = 150
"""How many units are looked at as a new place, the nearest first."""


@dataclass(frozen=True)
class Choice:
    """What becomes of a reservation: move (to `place`), cancel or keep."""

    action: str
    place: Place | None = None


@dataclass(frozen=True)
class Affected:
    """A reservation in the way, the chosen (else proposed) way out, and the other places it could have.

    `new`: nobody has chosen for it as it now stands, because it came, or was changed, after the last look.
    """

    reservation: Reservation
    choice: Choice
    places: tuple[Place, ...]
    new: bool
    started: bool


@dataclass(frozen=True)
class Simulation:
    """A draft as it would work out now. `units` are all that close: the chosen and those that share rooms with them."""

    closure: Closure
    space: Space
    zone: ZoneInfo
    times: tuple[Interval, ...]
    units: tuple[Unit, ...]
    affected: tuple[Affected, ...]
    targets: Mapping[int, Unit]
    people: Mapping[int, Person]

    @property
    def chosen_before(self) -> bool:
        """Whether somebody has chosen already, so that what is new is worth a word."""
        return any(not each.new for each in self.affected)


def simulate(database: Database, actor: Actor, now: datetime, closure_id: int) -> Simulation:
    """Who a draft meets now, with the nearest place for each. Changes nothing; who looked is recorded.

    Raises Refusal: closure_not_found (404), not_allowed (403), closure_not_draft (409).
    """
    with database.read() as session:
        closure = own_closure(session, actor, closure_id)
        if closure.status != "draft":
            raise Refusal("closure_not_draft")
        found = _simulation(session, actor, closure, now)
    if found.affected:
        with database.write() as session:
            details = {"reservations": [each.reservation.id for each in found.affected]}
            record(session, AUDIT, actor, now, "closure.simulated", f"closure:{closure_id}", details)
    return found


def _simulation(session: Session, actor: Actor, closure: Closure, now: datetime) -> Simulation:
    space = session.get_one(Space, closure.space_id)
    zone = ZoneInfo(space.zone)
    times = times_of(closure, zone)
    units = closed_units(session, closure.unit_ids)
    reservations = affected_by(session, [unit.id for unit in units], times, now)
    made = choices_of(session, closure.id)
    waiting = [
        each for each in reservations if each.start_at > now and each.status != "offered" and each.kind == "visit"
    ]
    rooms = _rooms(session, actor, space, units, times, waiting, now) if waiting else {}
    needs = {
        key: frozenset(str(item.id) for item, _count in items)
        for key, items in loans_of(session, [each.id for each in waiting]).items()
    }
    found = propose(
        [
            Displaced(each.id, each.unit_id, each.space_id, each.during, each.people, zone, needs.get(each.id, NOTHING))
            for each in waiting
        ],
        rooms.values(),
        now,
    )
    affected = [_affected(each, made.get(each.id), found.get(each.id), now) for each in reservations]
    wanted = {place.unit_id for each in affected for place in (*each.places, each.choice.place) if place}
    targets = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(wanted)))}
    people, _groups = people_of(session, reservations)
    return Simulation(closure, space, zone, times, tuple(units), tuple(affected), targets, people)


def choose(
    database: Database,
    actor: Actor,
    now: datetime,
    closure_id: int,
    version: int,
    choices: Mapping[int, Choice],
    texts: Mapping[str, Mapping[str, str]] | None = None,
) -> Closure:
    """Keep a keeper's choices, by reservation, and the edited messages. What is not in the way is left out.

    Raises Refusal: closure_not_found (404), not_allowed (403), closure_not_draft, closure_changed (409), and 422:
    closure_choice_invalid, text_needed, text_too_long.
    """
    with database.write() as session:
        closure = own_closure(session, actor, closure_id, lock=True)
        choose_in(session, closure, version, choices, texts, now)
        return closure


def choose_in(
    session: Session,
    closure: Closure,
    version: int,
    choices: Mapping[int, Choice],
    texts: Mapping[str, Mapping[str, str]] | None,
    now: datetime,
) -> None:
    """The same inside a transaction of the caller's that has locked the closure."""
    if closure.status != "draft":
        raise Refusal("closure_not_draft")
    if closure.version != version:
        raise Refusal("closure_changed")
    zone = ZoneInfo(session.get_one(Space, closure.space_id).zone)
    units = closed_units(session, closure.unit_ids)
    there = {each.id: each for each in affected_by(session, [unit.id for unit in units], times_of(closure, zone), now)}
    wrong = {
        f"choice-{key}": ["closure_choice_invalid"]
        for key, choice in choices.items()
        if choice.action not in ACTIONS or (choice.action == "move") != (choice.place is not None)
    }
    if wrong:
        raise Refusal("closure_choice_invalid", 422, fields=wrong)
    made = choices_of(session, closure.id)
    for key, choice in choices.items():
        if key not in there:
            continue
        row = made.get(key) or ClosureChoice(closure_id=closure.id, reservation_id=key)
        row.action, row.before = choice.action, state_of(there[key])
        row.unit_id = choice.place.unit_id if choice.place else None
        row.start_at, row.end_at = choice.place.during if choice.place else (None, None)
        session.add(row)
    if texts is not None:
        closure.texts = _texts(texts)
    closure.version += 1
    session.flush()


def choices_of(session: Session, closure_id: int) -> dict[int, ClosureChoice]:
    """What was chosen, by reservation."""
    rows = select(ClosureChoice).where(ClosureChoice.closure_id == closure_id).order_by(ClosureChoice.reservation_id)
    return {row.reservation_id: row for row in session.scalars(rows)}


def closed_units(session: Session, unit_ids: Iterable[int]) -> list[Unit]:
    """The chosen units and every unit that shares an atom with one of them, by id: a building whose hall is
    under repair can't be reserved as a whole."""
    atoms = select(unit_atom.c.atom_id).where(unit_atom.c.unit_id.in_(list(unit_ids)))
    shared = select(unit_atom.c.unit_id).where(unit_atom.c.atom_id.in_(atoms))
    wanted = Unit.id.in_(shared) | Unit.id.in_(list(unit_ids))
    return list(session.scalars(select(Unit).where(wanted).order_by(Unit.id)))


def affected_by(
    session: Session, unit_ids: Sequence[int], times: Sequence[Interval], now: datetime
) -> list[Reservation]:
    """The live reservations of these units that are not over and overlap one of the times, in order of time."""
    if not times:
        return []
    wanted = select(Reservation).where(
        Reservation.unit_id.in_(list(unit_ids)),
        Reservation.status.in_(LIVE),
        Reservation.end_at > max(now, times[0].start),
        Reservation.start_at < times[-1].end,
    )
    found = session.scalars(
        wanted.order_by(Reservation.start_at, Reservation.id).execution_options(populate_existing=True)
    )
    return [each for each in found if any(each.during.overlaps(time) for time in times)]


def state_of(reservation: Reservation) -> dict[str, Any]:
    """What a reservation is, to see later whether somebody changed it."""
    return {
        "unit_id": reservation.unit_id,
        "start": reservation.start_at.isoformat(),
        "end": reservation.end_at.isoformat(),
        "status": reservation.status,
    }


def _affected(
    reservation: Reservation, made: ClosureChoice | None, proposal: Proposal | None, now: datetime
) -> Affected:
    places = proposal.choices if proposal else ()
    known = made is not None and made.before == state_of(reservation)
    started = reservation.start_at <= now
    if known and made:
        target = Place(made.unit_id, made.target) if made.unit_id and made.target else None
        choice = Choice(made.action, target)
    elif reservation.kind != "visit" or started:
        choice = Choice("keep")
    elif proposal and proposal.best:
        choice = Choice("move", proposal.best)
    else:
        choice = Choice("cancel")
    if choice.place and choice.place not in places:
        places = (choice.place, *places)
    return Affected(reservation, choice, places, not known, started)


def _rooms(
    session: Session,
    actor: Actor,
    space: Space,
    closed: Sequence[Unit],
    times: Sequence[Interval],
    waiting: Sequence[Reservation],
    now: datetime,
) -> dict[int, Room]:
    """The units of the space and the district with what is free of them around the waiting reservations."""
    people = min(each.people for each in waiting)
    near = Unit.space_id != space.id
    query = reservable(Filter(district=space.district, people=people)).order_by(near, Unit.capacity, Unit.id)
    units = [unit for unit in session.scalars(query.limit(CANDIDATES)) if open_to(actor, unit)]
    reach = timedelta(days=NEAR_DAYS + 1)
    window = Interval(max(now, waiting[0].start_at - reach), max(each.end_at for each in waiting) + reach)
    first, last = _days(window, ZoneInfo(space.zone))
    known = schedules.of_units(session, units, first, last)
    atoms = atoms_of(session, [unit.id for unit in units])
    taken = occupancy.taken(session, set().union(*atoms.values()), window)
    lent = session.scalars(select(Equipment).where(Equipment.space_id == space.id, Equipment.active)).all()
    shut = {unit.id for unit in closed}
    rooms = {}
    for unit in units:
        policy = unit.policy
        before, after = policy.buffer_before, policy.buffer_after
        held = occupancy.blocked((each for atom in atoms[unit.id] for each in taken.get(atom, ())), before, after)
        held += times if unit.id in shut else ()
        opens = known[unit.id].open_intervals(first, last)
        rooms[unit.id] = Room(
            unit_id=unit.id,
            space_id=unit.space_id,
            atoms=frozenset(atoms[unit.id]),
            capacity=unit.capacity,
            equipment=frozenset(
                str(item.id) for item in lent if item.space_id == unit.space_id and lends(item, unit.id)
            ),
            free=tuple(gap for each in opens for gap in without(each, held)),
            grid=policy.grid,
            longest=policy.longest,
            shortest=policy.shortest,
            before=before,
            after=after,
        )
    return rooms


def open_to(actor: Actor, unit: Unit) -> bool:
    """Whether the actor may move somebody there: a unit of a space they run, or one that anybody can simply reserve."""
    policy = unit.policy
    free_for_all = policy.approval == "automatic" and policy.audience == "anyone" and not policy.quotas
    return runs_space(actor, unit.space) or free_for_all


def lends(item: Equipment, unit_id: int) -> bool:
    """Whether something is lent with this unit."""
    return item.unit_ids is None or unit_id in item.unit_ids


def _days(window: Interval, zone: ZoneInfo) -> tuple[date, date]:
    return window.start.astimezone(zone).date(), window.end.astimezone(zone).date()


def _texts(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = {}
    fields: dict[str, list[str]] = {}
    for action in ACTIONS:
        for language in LANGUAGES:
            text = texts.get(action, {}).get(language, "").strip()
            kept.setdefault(action, {})[language] = text
            if not text or len(text) > TEXT_LENGTH:
                fields[f"{language}-{action}"] = ["text_too_long" if text else "text_needed"]
    if fields:
        raise Refusal(next(iter(fields.values()))[0], 422, fields=fields)
    return kept
