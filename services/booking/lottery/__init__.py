"""Lotteries: keepers keep wanted times for a draw, people enter with their wishes, winners confirm.

While a lottery runs its times are held by reservations of the kind `lottery`; they are made under the usual locks, so
that what was reserved before stays. `drawing.py` closes and draws. Wins follow the lottery's own limits: notice,
window and quotas of the unit don't bind them; whom the space admits (its audience, no-shows) and capacity do.
Everybody locks: units, atoms, then the lottery's row.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.booking import askers, messages, occupancy, schedules, transitions
from services.booking.approvals import REASON_LENGTH
from services.booking.models import (
    AUDIT,
    KEY_LENGTH,
    Lottery,
    LotteryAward,
    LotteryEntry,
    LotterySlot,
    Reservation,
    Space,
    Unit,
)
from services.booking.models.lotteries import NAME_LENGTH, WORDS_LENGTH
from services.booking.occupancy import Locked, Taken
from services.booking.rules import draw, policy
from services.booking.rules import lottery as rules
from services.booking.rules.interval import Interval
from services.booking.rules.lottery import Plan
from services.booking.rules.policy import Wish
from services.booking.waitlist import changing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor
from shared.refusal import Refusal

BINDING = {
    "unit_inactive", "space_not_open", "people_too_few", "purpose_needed", "purpose_too_long", "group_name_too_long",
    "blocked_for_no_shows", "district_only", "group_only",
}  # fmt: skip
"""The rules of a reservation that hold for an entry too."""


@dataclass(frozen=True)
class Shown:
    """A lottery as people see it. `wished` counts the entries that wish for each slot; `awards` are the actor's own."""

    lottery: Lottery
    slots: list[LotterySlot]
    entries: int
    wished: dict[int, int]
    mine: LotteryEntry | None
    awards: list[LotteryAward]


@dataclass(frozen=True)
class Entering:
    """What somebody enters with: slot ids in order of preference, and words of their own for the draw."""

    wishes: tuple[int, ...]
    people: int
    purpose: str
    words: str
    group_id: int | None = None
    group_name: str | None = None


def make(database: Database, actor: Actor, now: datetime, space_id: int, plan: Plan, key: str) -> Lottery:
    """Hold the plan's times and publish the commitment. The same key again gives the same lottery.

    Raises Refusal: space_not_found, unit_not_found (404), not_allowed (403), lottery_slots_taken (409), and 422 for
    each wrong field. With `plan.skip` taken and closed times are left out instead.
    """
    with database.write() as session:
        space = session.get(Space, space_id)
        if space is None:
            raise Refusal("space_not_found", 404)
        if not askers.runs_space(actor, space) or actor.account_id is None:
            raise Refusal("not_allowed", 403)
        if not 0 < len(key) <= KEY_LENGTH:
            raise Refusal("idempotency_key_needed", 422)
        locked = occupancy.lock_units(session, {unit_id for unit_id, _during in plan.slots})
        query = select(Lottery).where(Lottery.made_by == actor.account_id, Lottery.idempotency_key == key)
        if made := session.scalar(query):
            return made
        _refuse_plan(plan, now, {each.unit for each in locked.values()}, space_id)
        slots = _available(session, plan, locked)
        lottery = _new(actor.account_id, now, space_id, plan, key)
        session.add(lottery)
        session.flush()
        for unit_id, place in sorted(locked.items()):
            _hold(session, now, lottery, place, [during for each, during in slots if each == unit_id])
        details = {"slots": len(slots), "commitment": lottery.commitment}
        record(session, AUDIT, actor, now, "lottery.made", f"lottery:{lottery.id}", details)
        return lottery


def cancel(database: Database, actor: Actor, now: datetime, lottery_id: int, reason: str) -> Lottery:
    """Call a lottery off before it is drawn: its times are free again, everybody who entered is told.

    Cancelling again changes nothing. Raises Refusal: lottery_not_found (404), not_allowed (403), lottery_drawn (409),
    reason_needed and reason_too_long (422).
    """
    with changing(database, now) as session:
        lottery, _locked = lock(session, lottery_id)
        if not askers.runs_space(actor, lottery.space):
            raise Refusal("not_allowed", 403)
        if lottery.status == "drawn":
            raise Refusal("lottery_drawn", 409)
        if lottery.status == "cancelled":
            return lottery
        told = _reason(reason)
        lottery.status = "cancelled"
        for slot in slots_of(session, lottery_id):
            release(session, actor, now, slot)
        for account_id in session.scalars(select(LotteryEntry.account_id).where(_taking_part(lottery_id))):
            messages.tell(session, account_id, "lottery_cancelled", now, reason=told, **facts(lottery))
        record(session, AUDIT, actor, now, "lottery.cancelled", f"lottery:{lottery_id}", {"reason": told})
        return lottery


def enter(database: Database, actor: Actor, now: datetime, lottery_id: int, entering: Entering) -> LotteryEntry:
    """Take part, or change what one entered with; one entry for each person, whatever the number of clicks.

    Raises Refusal: lottery_not_found (404), lottery_not_open (409), and 422 for each wrong field.
    """
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    with database.write() as session:
        lottery = _row(session, lottery_id)
        if lottery.stage(now) != "open":
            raise Refusal("lottery_not_open", 409)
        _refuse_entry(session, actor, now, lottery, entering)
        query = select(LotteryEntry).where(
            LotteryEntry.lottery_id == lottery_id, LotteryEntry.account_id == actor.account_id
        )
        entry = session.scalar(query)
        first = entry is None or entry.withdrawn
        if entry is None:
            last = session.scalar(select(func.max(LotteryEntry.number)).where(LotteryEntry.lottery_id == lottery_id))
            entry = LotteryEntry(
                lottery_id=lottery_id, number=(last or 0) + 1, account_id=actor.account_id, created_at=now
            )
            session.add(entry)
        entry.withdrawn, entry.changed_at = False, now
        entry.wishes, entry.people, entry.purpose = list(entering.wishes), entering.people, entering.purpose.strip()
        entry.group_id, entry.group_name = entering.group_id, (entering.group_name or "").strip() or None
        entry.words = entering.words.strip() or secrets.token_urlsafe(9)
        entry.nonce = draw.nonce_of(entry.words)
        session.flush()
        what = "entered" if first else "entry_changed"
        record(session, AUDIT, actor, now, f"lottery.{what}", f"lottery:{lottery_id}", {"number": entry.number})
        if first:
            messages.tell(session, actor.account_id, "lottery_entered", now, number=entry.number, **facts(lottery))
        return entry


def withdraw(database: Database, actor: Actor, now: datetime, lottery_id: int) -> None:
    """Take one's entry back while the window is open; it keeps its number. Raises Refusal: lottery_not_found,
    lottery_entry_not_found (404), lottery_not_open (409)."""
    with database.write() as session:
        lottery = _row(session, lottery_id)
        query = select(LotteryEntry).where(
            LotteryEntry.lottery_id == lottery_id, LotteryEntry.account_id == actor.account_id
        )
        entry = session.scalar(query)
        if entry is None:
            raise Refusal("lottery_entry_not_found", 404)
        if entry.withdrawn:
            return
        if lottery.stage(now) != "open":
            raise Refusal("lottery_not_open", 409)
        entry.withdrawn, entry.changed_at = True, now
        record(session, AUDIT, actor, now, "lottery.withdrawn", f"lottery:{lottery_id}", {"number": entry.number})


def read(database: Database, actor: Actor, lottery_id: int) -> Shown:
    """A lottery with what the actor has to do with it. Raises Refusal lottery_not_found (404)."""
    with database.read() as session:
        lottery = session.get(Lottery, lottery_id)
        if lottery is None:
            raise Refusal("lottery_not_found", 404)
        wished: dict[int, int] = {}
        lists = session.scalars(select(LotteryEntry.wishes).where(_taking_part(lottery_id))).all()
        for wishes in lists:
            for slot_id in wishes:
                wished[slot_id] = wished.get(slot_id, 0) + 1
        mine, awards = None, []
        if actor.account_id is not None:
            own = select(LotteryEntry).where(LotteryEntry.account_id == actor.account_id)
            mine = session.scalar(own.where(LotteryEntry.lottery_id == lottery_id))
        if mine:
            query = select(LotteryAward).where(LotteryAward.entry_id == mine.id).order_by(LotteryAward.id)
            awards = list(session.scalars(query))
        return Shown(lottery, slots_of(session, lottery_id), len(lists), wished, mine, awards)


def all_of(database: Database, now: datetime, spaces: Sequence[int] | None = None, limit: int = 200) -> list[Lottery]:
    """Lotteries, those that close next first and then those that are over, latest first; of some spaces or of all."""
    query = select(Lottery).order_by(Lottery.closes_at.desc()).limit(limit)
    if spaces is not None:
        query = query.where(Lottery.space_id.in_(spaces))
    with database.read() as session:
        found = list(session.scalars(query))
    over = [each for each in found if each.status in ("drawn", "cancelled")]
    return [*reversed([each for each in found if each not in over]), *over]


def awards_of(database: Database, actor: Actor, lottery_id: int) -> list[LotteryAward]:
    """Who has which slot, for who runs the space. Raises Refusal: lottery_not_found (404), not_allowed (403)."""
    with database.read() as session:
        lottery = session.get(Lottery, lottery_id)
        if lottery is None:
            raise Refusal("lottery_not_found", 404)
        if not askers.runs_space(actor, lottery.space):
            raise Refusal("not_allowed", 403)
        query = select(LotteryAward).join(LotterySlot, LotterySlot.id == LotteryAward.slot_id)
        query = query.where(LotterySlot.lottery_id == lottery_id)
        return list(session.scalars(query.order_by(LotterySlot.start_at, LotteryAward.id)))


def lock(session: Session, lottery_id: int) -> tuple[Lottery, dict[int, Locked]]:
    """Lock all atoms of a lottery's units, then its row. Raises Refusal lottery_not_found (404)."""
    units = session.scalars(select(LotterySlot.unit_id).where(LotterySlot.lottery_id == lottery_id)).all()
    locked = occupancy.lock_units(session, units) if units else {}
    return _row(session, lottery_id), locked


def slots_of(session: Session, lottery_id: int) -> list[LotterySlot]:
    """In order of time."""
    query = select(LotterySlot).where(LotterySlot.lottery_id == lottery_id)
    return list(session.scalars(query.order_by(LotterySlot.start_at, LotterySlot.unit_id, LotterySlot.id)))


def release(session: Session, actor: Actor, now: datetime, slot: LotterySlot) -> bool:
    """End what holds a slot for the draw; False when that had been taken away before."""
    slot.status = "released"
    hold = session.get_one(Reservation, slot.reservation_id, with_for_update={"of": Reservation})
    if not hold.live or hold.kind != "lottery":
        return False
    transitions.end(session, actor, now, hold, "lapsed")
    return True


def facts(lottery: Lottery) -> dict[str, Any]:
    """What messages about a lottery tell."""
    return {"lottery_id": lottery.id, "lottery": lottery.name, "space": lottery.space.name}


def terms_of(lottery: Lottery, slots: Sequence[LotterySlot]) -> draw.Terms:
    """The same as the draw takes it."""
    return draw.Terms(
        name=f"lottery:{lottery.id}",
        slots=tuple(slot.code for slot in slots),
        base=lottery.base,
        tickets=tuple((code, count) for code, count in lottery.tickets),
        wins=lottery.wins,
        stretch=lottery.stretch,
    )


def _row(session: Session, lottery_id: int) -> Lottery:
    query = select(Lottery).where(Lottery.id == lottery_id).with_for_update(of=Lottery)
    lottery = session.scalar(query.execution_options(populate_existing=True))
    if lottery is None:
        raise Refusal("lottery_not_found", 404)
    return lottery


def _reason(text: str) -> str:
    told = text.strip()
    if not told:
        raise Refusal("reason_needed", 422, fields={"reason": ["reason_needed"]})
    if len(told) > REASON_LENGTH:
        raise Refusal("reason_too_long", 422, fields={"reason": ["reason_too_long"]}, length=REASON_LENGTH)
    return told


def _taking_part(lottery_id: int) -> Any:
    return (LotteryEntry.lottery_id == lottery_id) & LotteryEntry.withdrawn.is_(False)


def _refuse_plan(plan: Plan, now: datetime, units: set[Unit], space_id: int) -> None:
    found: dict[str, list[str]] = {}
    for field, code in rules.problems(plan, now):
        found.setdefault(field, []).append(code)
    if len(plan.name.strip()) > NAME_LENGTH:
        found["name"] = ["name_too_long"]
    if any(unit.space_id != space_id for unit in units):
        found["unit_ids"] = ["unit_not_found"]
    if found:
        raise Refusal(next(iter(found.values()))[0], 422, fields=found, most=rules.MOST_SLOTS)


def _available(session: Session, plan: Plan, locked: Mapping[int, Locked]) -> list[tuple[int, Interval]]:
    """The plan's times that are open and free, also of one another; the others are refused or left out."""
    window = Interval(min(each.start for _id, each in plan.slots), max(each.end for _id, each in plan.slots))
    atoms = {atom_id for each in locked.values() for atom_id in each.atom_ids}
    day = rules.timedelta(days=1)
    held = occupancy.taken(session, atoms, Interval(window.start - day, window.end + day))
    units = [each.unit for each in locked.values()]
    zone = units[0].zone
    first, last = (moment.astimezone(zone).date() for moment in window)
    open_ones = {
        unit_id: schedule.open_intervals(first, last)
        for unit_id, schedule in schedules.of_units(session, units, first, last).items()
    }
    good: list[tuple[int, Interval]] = []
    bad: list[tuple[str, Interval]] = []
    for unit_id, during in sorted(plan.slots, key=lambda slot: (slot[1], slot[0])):
        place = locked[unit_id]
        before, after = place.unit.policy.buffer_before, place.unit.policy.buffer_after
        there = [each for atom_id in place.atom_ids for each in held.get(atom_id, ())]
        is_open = any(each.contains(during) for each in open_ones[unit_id])
        if not is_open or not place.atom_ids or occupancy.conflicts(there, during, before, after):
            bad.append((place.unit.name, during))
            continue
        good.append((unit_id, during))
        mine = Taken(during, 0, 0, Interval(during.start - before, during.end + after))
        for atom_id in place.atom_ids:
            held.setdefault(atom_id, []).append(mine)
    if (bad and not plan.skip) or not good:
        raise Refusal("lottery_slots_taken", 409, fields={"times": ["lottery_slots_taken"]}, count=len(bad), taken=bad)
    return good


def _new(account_id: int, now: datetime, space_id: int, plan: Plan, key: str) -> Lottery:
    seed = secrets.token_hex(32)
    return Lottery(
        space_id=space_id,
        name=plan.name.strip(),
        about=plan.about.strip(),
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        base=plan.base,
        tickets=[[code, plan.tickets[code]] for code in rules.TICKET_RULES if plan.tickets.get(code)],
        wins=plan.wins,
        confirm_hours=plan.confirm_hours,
        stretch=draw.STRETCH,
        seed=seed,
        commitment=draw.commitment(seed),
        status="made",
        made_by=account_id,
        idempotency_key=key,
        created_at=now,
    )


def _hold(session: Session, now: datetime, lottery: Lottery, place: Locked, times: Sequence[Interval]) -> None:
    """Keep these times of a unit for the draw; they were found free under this lock."""
    holds = [
        transitions.draft(
            place,
            account_id=SYSTEM.account_id or 0,
            wish=Wish(during, 1, lottery.name),
            status="confirmed",
            now=now,
            key=f"lottery:{lottery.id}:{place.unit.id}:{during.start.astimezone(UTC):%Y%m%dT%H%M}",
            kind="lottery",
        )
        for during in times
    ]
    if not holds:
        return
    occupancy.hold(session, holds, place)
    for each in holds:
        transitions.announce(session, each, now, place.unit.space.district)
        session.add(
            LotterySlot(
                lottery_id=lottery.id,
                unit_id=place.unit.id,
                start_at=each.start_at,
                end_at=each.end_at,
                reservation_id=each.id,
                status="held",
            )
        )


def _refuse_entry(session: Session, actor: Actor, now: datetime, lottery: Lottery, entering: Entering) -> None:
    slots = {slot.id: slot for slot in slots_of(session, lottery.id) if slot.status == "held"}
    capacities = {slot_id: slot.unit.capacity for slot_id, slot in slots.items()}
    found: dict[str, list[str]] = {}
    for field, code in rules.wish_problems(entering.wishes, slots, capacities, entering.people):
        found.setdefault(field, []).append(code)
    if len(entering.words.strip()) > WORDS_LENGTH:
        found["words"] = ["lottery_words_too_long"]
    wished = [slots[slot_id] for slot_id in entering.wishes if slot_id in slots]
    figures: dict[str, object] = {"most": rules.MOST_WISHES}
    if wished:
        slot = wished[0]
        asker = askers.asker(session, actor, slot.unit, slot.during, entering.group_id, lock=False)
        place = schedules.place_of(session, slot.unit, slot.during)
        wish = Wish(slot.during, entering.people, entering.purpose, entering.group_name, entering.group_id)
        figures |= policy.figures(place, asker)
        for field, code in policy.problems(place, wish, now, asker):
            if code in BINDING:
                found.setdefault(field, []).append(code)
    if found:
        raise Refusal(next(iter(found.values()))[0], 422, fields=found, **figures)
