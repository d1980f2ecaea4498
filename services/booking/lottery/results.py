"""What lotteries come to, as people read it: the list, the receipt, why one won or lost, and for keepers who won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from services.booking import lottery
from services.booking.lottery import Shown
from services.booking.managing import own_space, units_of
from services.booking.models import (
    AUDIT,
    Lottery,
    LotteryAward,
    LotteryEntry,
    LotterySlot,
    Occupancy,
    Person,
    Reservation,
    Space,
    Unit,
    unit_atom,
)
from services.booking.rules import draw
from services.booking.rules.draw import Result
from services.booking.rules.interval import Interval
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal


@dataclass(frozen=True)
class Listed:
    """A lottery in a list: its stage, how many times are drawn, how many take part, and the actor's own entry."""

    lottery: Lottery
    stage: str
    slot_count: int
    entries: int
    mine: LotteryEntry | None


@dataclass(frozen=True)
class Wished:
    """What became of one wish: won, taken (by the entry number `by` of rank `rank`), enough, or gone (its hold was
    taken away before the draw). `award` is there where it was given, by the draw or because others passed."""

    slot: LotterySlot
    became: str
    rank: int | None
    by: int | None
    award: LotteryAward | None


@dataclass(frozen=True)
class Explained:
    """Why an entry won or lost: its result, how many took part, its wishes in order, and who drew a better number."""

    result: Result
    total: int
    wishes: tuple[Wished, ...]
    before: tuple[int, ...]


@dataclass(frozen=True)
class Winners:
    """Who has won what, for who runs the space; people by account id."""

    lottery: Lottery
    awards: list[LotteryAward]
    people: Mapping[int, Person]


def listed(database: Database, actor: Actor, now: datetime, space_id: int | None = None) -> list[Listed]:
    """Lotteries, those that close next first, then those that are over; four queries for any number."""
    found = lottery.all_of(database, now, None if space_id is None else [space_id])
    ids = [each.id for each in found]
    with database.read() as session:
        slots = select(LotterySlot.lottery_id, func.count()).where(LotterySlot.lottery_id.in_(ids))
        slot_counts = {row[0]: row[1] for row in session.execute(slots.group_by(LotterySlot.lottery_id))}
        entries = select(LotteryEntry.lottery_id, func.count()).where(
            LotteryEntry.lottery_id.in_(ids), LotteryEntry.withdrawn.is_(False)
        )
        entry_counts = {row[0]: row[1] for row in session.execute(entries.group_by(LotteryEntry.lottery_id))}
        mine: dict[int, LotteryEntry] = {}
        if actor.account_id is not None:
            own = select(LotteryEntry).where(
                LotteryEntry.account_id == actor.account_id,
                LotteryEntry.lottery_id.in_(ids),
                LotteryEntry.withdrawn.is_(False),
            )
            mine = {each.lottery_id: each for each in session.scalars(own)}
    return [
        Listed(each, each.stage(now), slot_counts.get(each.id, 0), entry_counts.get(each.id, 0), mine.get(each.id))
        for each in found
    ]


def of_space(database: Database, actor: Actor, now: datetime, space_id: int) -> tuple[Space, list[Unit], list[Listed]]:
    """A space that the actor runs, its units and its lotteries. Raises Refusal: space_not_found (404), not_allowed
    (403)."""
    with database.read() as session:
        space, units = own_space(session, actor, space_id), units_of(session, space_id)
    return space, units, listed(database, actor, now, space_id)


def receipt(database: Database, lottery_id: int) -> tuple[Lottery, list[LotterySlot], dict[str, Any]]:
    """The public document of a draw, as `rules.draw` checks it, with the lottery and its times.

    Raises Refusal: lottery_not_found (404), lottery_not_drawn (409).
    """
    with database.read() as session:
        found = session.get(Lottery, lottery_id)
        if found is None:
            raise Refusal("lottery_not_found", 404)
        if found.receipt is None:
            raise Refusal("lottery_not_drawn", 409)
        return found, lottery.slots_of(session, lottery_id), found.receipt


def explained(shown: Shown) -> Explained | None:
    """Why the actor's own entry won or lost; None without one, or before the draw."""
    if shown.mine is None or shown.lottery.receipt is None:
        return None
    results = draw.results_of(shown.lottery.receipt)
    numbers = {each.rank: each.entry for each in results}
    own = next((each for each in results if each.entry == shown.mine.number), None)
    if own is None:  # withdrawn before it closed
        return None
    awards = {award.slot_id: award for award in shown.awards}
    slots = {slot.id: slot for slot in shown.slots}
    outcomes = {outcome.slot: outcome for outcome in own.outcomes}
    wishes = []
    for wish in shown.mine.wishes:
        slot, award = slots[wish], awards.get(wish)
        outcome = outcomes.get(slot.code)
        if outcome is None or (outcome.became == "won" and award is None):
            wishes.append(Wished(slot, "gone", None, None, None))
            continue
        by = None if outcome.by is None else numbers[outcome.by]
        wishes.append(Wished(slot, outcome.became, outcome.by, by, award))
    before = tuple(each.entry for each in results if each.rank < own.rank)
    return Explained(own, len(results), tuple(wishes), before)


def given(shown: Shown) -> dict[int, int]:
    """Slot id -> the number of the entry that won it in the draw, whatever became of it later."""
    if shown.lottery.receipt is None:
        return {}
    winners = {code: each.entry for each in draw.results_of(shown.lottery.receipt) for code in each.won}
    return {slot.id: winners[slot.code] for slot in shown.slots if slot.code in winners}


def awards_mine(database: Database, actor: Actor) -> list[LotteryAward]:
    """What the actor has won in all lotteries, the latest first."""
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    with database.read() as session:
        query = select(LotteryAward).join(LotteryEntry, LotteryEntry.id == LotteryAward.entry_id)
        query = query.where(LotteryEntry.account_id == actor.account_id).order_by(LotteryAward.id.desc())
        return list(session.scalars(query.limit(200)))


def to_confirm(database: Database, actor: Actor, now: datetime) -> dict[int, int]:
    """Reservation id -> lottery id of the actor's wins that still wait for an answer; one query."""
    query = (
        select(LotteryAward.reservation_id, LotterySlot.lottery_id)
        .join(LotterySlot, LotterySlot.id == LotteryAward.slot_id)
        .join(LotteryEntry, LotteryEntry.id == LotteryAward.entry_id)
        .join(Reservation, Reservation.id == LotteryAward.reservation_id)
        .where(
            LotteryEntry.account_id == (actor.account_id or 0),
            LotteryAward.status == "offered",
            Reservation.held_until > now,
        )
    )
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def award_mine(database: Database, actor: Actor, award_id: int) -> tuple[Lottery, LotteryAward]:
    """One win of the actor with its lottery. Raises Refusal: award_not_found (404), not_allowed (403)."""
    with database.read() as session:
        award = session.get(LotteryAward, award_id)
        if award is None:
            raise Refusal("award_not_found", 404)
        if actor.account_id is None or award.entry.account_id != actor.account_id:
            raise Refusal("not_allowed", 403)
        return session.get_one(Lottery, award.slot.lottery_id), award


def winners(database: Database, actor: Actor, now: datetime, lottery_id: int) -> Winners:
    """Who has won what, with how to reach them. That somebody looked is recorded (invariant 14).

    Raises Refusal: lottery_not_found (404), not_allowed (403).
    """
    awards = lottery.awards_of(database, actor, lottery_id)
    with database.read() as session:
        found = session.get_one(Lottery, lottery_id)
        asked = select(Person).where(Person.account_id.in_({each.entry.account_id for each in awards}))
        people = {each.account_id: each for each in session.scalars(asked)}
    if awards:
        with database.write() as session:
            details = {"awards": [each.id for each in awards]}
            record(session, AUDIT, actor, now, "lottery.viewed", f"lottery:{lottery_id}", details)
    return Winners(found, awards, people)


def held_for(database: Database, unit_id: int, during: Interval) -> list[tuple[Interval, int]]:
    """The times in which a lottery keeps any room of this unit, with the lottery's id; one query."""
    atoms = select(unit_atom.c.atom_id).where(unit_atom.c.unit_id == unit_id)
    holds = select(Occupancy.reservation_id).where(
        Occupancy.atom_id.in_(atoms), Occupancy.start_at < during.end, Occupancy.end_at > during.start
    )
    query = select(LotterySlot).where(
        LotterySlot.status == "held",
        LotterySlot.start_at < during.end,
        LotterySlot.end_at > during.start,
        LotterySlot.reservation_id.in_(holds),
    )
    with database.read() as session:
        return [(slot.during, slot.lottery_id) for slot in session.scalars(query.order_by(LotterySlot.start_at))]


def numbers_of(document: Mapping[str, Any], slots: Sequence[LotterySlot]) -> list[dict[str, Any]]:
    """A receipt's results as a page tells them: in order of rank, each wish with its slot and what became of it."""
    by_code = {slot.code: slot for slot in slots}
    results = draw.results_of(document)
    numbers = {each.rank: each.entry for each in results}
    return [
        {
            "result": each,
            "outcomes": [
                {
                    "slot": by_code[outcome.slot],
                    "became": outcome.became,
                    "rank": outcome.by,
                    "by": numbers.get(outcome.by or 0),
                }
                for outcome in each.outcomes
                if outcome.slot in by_code
            ],
        }
        for each in results
    ]
