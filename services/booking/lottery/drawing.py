"""Closing and drawing lotteries by the clock, and what winners do with what they won.

Closing freezes the list of entries and publishes its hash; only then is drawn, in a transaction of its own: a process
that dies in between leaves a closed list, which the next one draws to the very same result. Whoever declines a win, or
lets the time to confirm pass, makes room for the next rank that wished for the slot; what nobody wants is free for all.
A confirmed win is a reservation like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.booking import askers, messages, occupancy, pricing, schedules, transitions
from services.booking.lottery import facts, lock, release, slots_of, terms_of
from services.booking.models import (
    AUDIT,
    Lottery,
    LotteryAward,
    LotteryEntry,
    LotterySlot,
    Person,
    Reservation,
)
from services.booking.occupancy import Locked
from services.booking.rules import draw
from services.booking.rules.draw import Result
from services.booking.rules.lottery import LATELY
from services.booking.rules.policy import Wish
from services.booking.waitlist import changing
from shared.audit import record
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor, Role
from shared.refusal import Refusal
from shared.settings import Settings

AT_ONCE = 20
HOUR = timedelta(hours=1)


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Close what is over, draw what is closed, take back wins that were not confirmed; True when more is waiting."""
    with database.read() as session:
        ended = select(Lottery.id).where(Lottery.status == "made", Lottery.closes_at <= now).limit(AT_ONCE)
        closed = select(Lottery.id).where(Lottery.status == "closed").limit(AT_ONCE)
        late = (
            select(LotteryAward.id)
            .join(Reservation, Reservation.id == LotteryAward.reservation_id)
            .where(
                LotteryAward.status == "offered",
                or_(Reservation.status != "offered", Reservation.held_until <= now),
            )
            .limit(AT_ONCE)
        )
        to_close, to_draw, missed = (list(session.scalars(query)) for query in (ended, closed, late))
    for lottery_id in to_close:
        close(database, now, lottery_id)
    for lottery_id in [*to_draw, *to_close]:
        draw_one(database, now, lottery_id)
    for award_id in missed:
        _miss(database, now, award_id)
    return AT_ONCE in (len(to_close), len(to_draw), len(missed))


def close(database: Database, now: datetime, lottery_id: int) -> None:
    """Freeze the list of entries with the rules that hold for each, and publish its hash. Once; later calls do
    nothing."""
    with database.write() as session:
        lottery, _locked = lock(session, lottery_id)
        if lottery.status != "made" or lottery.closes_at > now:
            return
        slots = slots_of(session, lottery_id)
        for slot in slots:
            hold = session.get_one(Reservation, slot.reservation_id)
            if not hold.live or hold.kind != "lottery":  # a closure took it away
                slot.status = "released"
        entries = _entries(session, lottery_id)
        holding = _rules_that_hold(session, lottery, entries, now)
        for entry in entries:
            entry.rules = holding[entry.id]
        lottery.list_hash = draw.list_hash(*_list(lottery, slots, entries))
        lottery.status, lottery.closed_at = "closed", now
        details = {"entries": len(entries), "list_hash": lottery.list_hash}
        record(session, AUDIT, SYSTEM, now, "lottery.closed", f"lottery:{lottery_id}", details)


def draw_one(database: Database, now: datetime, lottery_id: int) -> None:
    """Draw a closed lottery, make its wins reservations, free what nobody won, tell everybody, reveal the seed: all of
    it or nothing, and once."""
    with database.read() as session:
        lottery = session.get_one(Lottery, lottery_id)
        if lottery.status != "closed":
            return
        terms, entries = _list(lottery, slots_of(session, lottery_id), _entries(session, lottery_id))
        seed = lottery.seed
    results = draw.draw(terms, entries, seed)  # takes its time on purpose, so no lock is held meanwhile
    with changing(database, now) as session:
        lottery, locked = lock(session, lottery_id)
        if lottery.status != "closed":
            return
        people = {entry.number: entry for entry in _entries(session, lottery_id)}
        winners = {slot: result for result in results for slot in result.won}
        won: set[int] = set()
        for slot in slots_of(session, lottery_id):
            if slot.status != "held" or not release(session, SYSTEM, now, slot) or slot.start_at <= now:
                continue
            if result := winners.get(slot.code):
                won.add(result.entry)
                _award(session, now, lottery, slot, people[result.entry], locked[slot.unit_id])
        for result in results:
            if result.entry not in won:
                told = {"rank": result.rank, **facts(lottery)}
                messages.tell(session, people[result.entry].account_id, "lottery_lost", now, **told)
        lottery.receipt = draw.receipt(terms, entries, lottery.commitment, seed, results)
        lottery.status, lottery.drawn_at = "drawn", now
        details = {"entries": len(results), "won": len(won), "list_hash": lottery.list_hash}
        record(session, AUDIT, SYSTEM, now, "lottery.drawn", f"lottery:{lottery_id}", details)


def confirm(database: Database, actor: Actor, now: datetime, award_id: int) -> Reservation:
    """The winner takes it. Confirming again changes nothing.

    Raises Refusal: award_not_found (404), not_allowed (403), award_over (409).
    """
    with database.write() as session:
        award, _locked_lottery, _locked_units = _locked(session, award_id)
        _refuse_others(award, actor)
        reservation = session.get_one(Reservation, award.reservation_id, with_for_update={"of": Reservation})
        if award.status == "confirmed":
            return reservation
        in_time = reservation.held_until is not None and reservation.held_until > now
        if award.status != "offered" or reservation.status != "offered" or not in_time:
            raise Refusal("award_over", 409)
        award.status, award.ended_at = "confirmed", now
        transitions.confirm(session, actor, now, reservation, tell="reservation_confirmed")
        return reservation


def decline(database: Database, actor: Actor, now: datetime, award_id: int) -> LotteryAward:
    """The winner passes; the slot goes on to the next rank. Declining again changes nothing.

    Raises Refusal: award_not_found (404), not_allowed (403), award_over (409).
    """
    with changing(database, now) as session:
        award, lottery, locked = _locked(session, award_id)
        _refuse_others(award, actor)
        if award.status == "offered":
            _pass_on(session, actor, now, award, lottery, locked, "declined")
        elif award.status != "declined":
            raise Refusal("award_over", 409)
        return award


def _miss(database: Database, now: datetime, award_id: int) -> None:
    with changing(database, now) as session:
        award, lottery, locked = _locked(session, award_id)
        offer = session.get_one(Reservation, award.reservation_id, populate_existing=True)
        if award.status != "offered":
            return
        if offer.status != "offered":  # cancelled like any reservation, by its owner or by the space
            _pass_on(session, SYSTEM, now, award, lottery, locked, "declined")
        elif offer.held_until is not None and offer.held_until <= now:
            _pass_on(session, SYSTEM, now, award, lottery, locked, "missed")
            messages.tell(session, award.entry.account_id, "lottery_missed", now, **facts(lottery))


def _pass_on(
    session: Session,
    actor: Actor,
    now: datetime,
    award: LotteryAward,
    lottery: Lottery,
    locked: dict[int, Locked],
    status: str,
) -> None:
    """Who passes on a slot is not asked for it again; who let the time pass is not asked for any other either."""
    award.status, award.ended_at = status, now
    slot = session.get_one(LotterySlot, award.slot_id)
    offer = session.get_one(Reservation, award.reservation_id, with_for_update={"of": Reservation})
    cancelled = offer.status != "offered"
    if not cancelled:
        transitions.end(session, actor, now, offer, "lapsed")
    details = {"slot": slot.id, "number": award.entry.number}
    record(session, AUDIT, actor, now, f"lottery.{status}", f"lottery:{lottery.id}", details)
    slot.status = "released"
    session.flush()
    given = select(LotteryAward).join(LotterySlot, LotterySlot.id == LotteryAward.slot_id)
    awards = session.scalars(given.where(LotterySlot.lottery_id == lottery.id)).all()
    passed = {each.entry.number for each in awards if each.slot_id == slot.id or each.status == "missed"}
    wins = Counter(each.entry.number for each in awards if each.status in ("offered", "confirmed"))
    people = {entry.number: entry for entry in _entries(session, lottery.id)}
    found = _next(lottery, slot, passed, wins)
    if found and slot.start_at > now and _still_usable(session, locked[slot.unit_id], slot):
        _award(session, now, lottery, slot, people[found.entry], locked[slot.unit_id])


def _still_usable(session: Session, locked: Locked, slot: LotterySlot) -> bool:
    """Whether the slot is free and open: the space may have taken the win back to close the room."""
    first, last = (moment.astimezone(locked.unit.zone).date() for moment in slot.during)
    schedule = schedules.of_units(session, [locked.unit], first, last)[locked.unit.id]
    is_open = any(each.contains(slot.during) for each in schedule.open_intervals(first, last))
    return is_open and not occupancy.conflicts_of(session, locked, slot.during)


def _next(lottery: Lottery, slot: LotterySlot, passed: Collection[int], wins: Counter[int]) -> Result | None:
    results = draw.results_of(lottery.receipt or {"results": []})
    return draw.next_in_line(results, slot.code, passed, wins, lottery.wins)


def _award(
    session: Session, now: datetime, lottery: Lottery, slot: LotterySlot, entry: LotteryEntry, locked: Locked
) -> None:
    """Make a slot somebody's: confirmed, or held for them until they confirm."""
    certain = lottery.confirm_hours == 0
    until = None if certain else min(now + lottery.confirm_hours * HOUR, slot.start_at)
    wish = Wish(slot.during, entry.people, entry.purpose, entry.group_name, entry.group_id)
    whose = Actor(entry.account_id, roles=frozenset({Role.RESIDENT}))
    try:
        asker = askers.asker(session, whose, locked.unit, slot.during, entry.group_id, lock=False)
    except Refusal:  # no longer of that group: the win stays the person's
        wish = Wish(slot.during, entry.people, entry.purpose, entry.group_name)
        asker = askers.asker(session, whose, locked.unit, slot.during, lock=False)
    schedule = schedules.place_of(session, locked.unit, slot.during).schedule
    reservation = transitions.draft(
        locked,
        account_id=entry.account_id,
        wish=wish,
        status="confirmed" if certain else "offered",
        now=now,
        key=f"lottery:{lottery.id}:{slot.id}:{token_hex(8)}",  # nobody has used what nobody can guess
        price=pricing.quote(locked.unit, slot.during, asker, schedule),
        held_until=until,
    )
    transitions.place(session, SYSTEM, now, locked, reservation, tell=None)
    slot.status = "won"
    award = LotteryAward(
        slot_id=slot.id,
        entry_id=entry.id,
        reservation_id=reservation.id,
        status="confirmed" if certain else "offered",
        created_at=now,
    )
    session.add(award)
    session.flush()
    told = {**messages.about(reservation, locked.unit), **facts(lottery), "award_id": award.id}
    kind = "lottery_won" if until is None else "lottery_to_confirm"
    messages.tell(session, entry.account_id, kind, now, until=until.isoformat() if until else "", **told)


def _locked(session: Session, award_id: int) -> tuple[LotteryAward, Lottery, dict[int, Locked]]:
    """An award as it is behind the locks of its lottery, which everything that changes one holds."""
    lottery_id = session.scalar(
        select(LotterySlot.lottery_id)
        .join(LotteryAward, LotteryAward.slot_id == LotterySlot.id)
        .where(LotteryAward.id == award_id)
    )
    if lottery_id is None:
        raise Refusal("award_not_found", 404)
    lottery, locked = lock(session, lottery_id)
    query = select(LotteryAward).where(LotteryAward.id == award_id).execution_options(populate_existing=True)
    return session.scalars(query).one(), lottery, locked


def _refuse_others(award: LotteryAward, actor: Actor) -> None:
    if actor.account_id is None or award.entry.account_id != actor.account_id:
        raise Refusal("not_allowed", 403)


def _entries(session: Session, lottery_id: int) -> list[LotteryEntry]:
    query = select(LotteryEntry).where(LotteryEntry.lottery_id == lottery_id, LotteryEntry.withdrawn.is_(False))
    return list(session.scalars(query.order_by(LotteryEntry.number)))


def _list(
    lottery: Lottery, slots: Sequence[LotterySlot], entries: Sequence[LotteryEntry]
) -> tuple[draw.Terms, list[draw.Entry]]:
    """Terms and entries as the draw takes them; slots whose hold was taken away are not drawn."""
    codes = {slot.id: slot.code for slot in slots if slot.status == "held"}
    terms = terms_of(lottery, [slot for slot in slots if slot.id in codes])
    return terms, [
        draw.Entry(
            entry.number,
            entry.nonce,
            tuple(entry.rules or ()),
            tuple(codes[wish] for wish in entry.wishes if wish in codes),
        )
        for entry in entries
    ]


def _rules_that_hold(
    session: Session, lottery: Lottery, entries: Sequence[LotteryEntry], now: datetime
) -> dict[int, list[str]]:
    """Which of `rules.lottery.TICKET_RULES` hold for each entry, by its id; three queries."""
    accounts = {entry.account_id for entry in entries}
    groups = {entry.group_id for entry in entries if entry.group_id}
    used = select(Reservation.account_id).where(
        Reservation.space_id == lottery.space_id,
        Reservation.account_id.in_(accounts),
        Reservation.kind == "visit",
        Reservation.status.in_(("confirmed", "no_show")),
    )
    known = set(session.scalars(used.distinct()))
    neighbours = select(Person.account_id).where(
        Person.account_id.in_(accounts), Person.district == lottery.space.district
    )
    residents = set(session.scalars(neighbours))
    lately = session.execute(
        select(LotteryEntry.account_id, LotteryEntry.group_id)
        .join(LotteryAward, LotteryAward.entry_id == LotteryEntry.id)
        .join(Lottery, Lottery.id == LotteryEntry.lottery_id)
        .where(
            Lottery.space_id == lottery.space_id,
            Lottery.drawn_at > now - LATELY,
            LotteryAward.status.in_(("offered", "confirmed")),
            or_(LotteryEntry.account_id.in_(accounts), LotteryEntry.group_id.in_(groups)),
        )
    ).all()
    winners, winning_groups = {row.account_id for row in lately}, {row.group_id for row in lately if row.group_id}
    return {
        entry.id: [
            code
            for code, holds in (
                ("first_timer", entry.account_id not in known),
                ("resident", entry.account_id in residents),
                ("group", entry.group_id is not None),
                ("won_lately", entry.account_id in winners or entry.group_id in winning_groups),
            )
            if holds
        ]
        for entry in entries
    }
