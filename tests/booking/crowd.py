"""People, keepers, clocks and the map, all at once in one house: random legal acts from a seed, on a few rooms in a few
hours, each thread on a session of its own. What must be true afterwards is `invariants.py`'s and the test's to say."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Select, select

from services.booking import approvals, blocks, request_queue, reservations, series, waitlist
from services.booking.lottery import drawing
from services.booking.models import LotteryAward, LotteryEntry, Reservation, Series, Waiting
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.rules.recurrence import Recurrence
from services.booking.series import edits
from services.booking.series.edits import Wanted
from services.booking.series.survey import Plan
from services.booking.waitlist import offers
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, BIG_ROOM, FAR, SMALL, SMALL_ROOM, WHOLE, Town, at, house_of, resident, unit

KEEPER = Actor(9, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
PEOPLE = range(101, 107)
STRANGERS = 900
"""From this account on nobody's reservations are touched by others: they came for the contested times."""
HOUR = timedelta(hours=1)
HALVES = [
    unit(WHOLE, "건물 전체", atoms, capacity=30) for atoms in (["unit:12", "unit:13", "hall"], ["unit:12", "unit:13"])
]


@dataclass
class Crowd:
    """What happened: `ends` counts how acts ended ("made", a refusal's code, or an error as it is); `winners` are the
    contenders who had each contested time."""

    town: Town
    seed: int
    regrouping: bool
    ends: Counter[str] = field(default_factory=Counter)
    winners: dict[datetime, list[int]] = field(default_factory=dict)

    def run(self, threads: int, steps: int, contested: Sequence[datetime]) -> None:
        """Let so many threads do so many acts each, and each of them want every contested time once."""
        self.winners = {start: [] for start in contested}
        movers = {n: self.town.reserve(resident(STRANGERS + n), FAR, at(30, 9 + n)).id for n in range(threads)}
        gate = threading.Barrier(threads)

        def live(number: int) -> None:
            chance = Random(f"{self.seed}-{number}")  # noqa: S311 - who does what is no secret
            todo: list[datetime | None] = [*([None] * steps), *contested]
            chance.shuffle(todo)
            gate.wait()
            for turn, start in enumerate(todo):
                if start is not None:
                    self._contend(number, start, movers[number], chance)
                else:
                    self._try(self._act(chance, f"{number}-{turn}"))

        running = [threading.Thread(target=live, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    def _try(self, act: Callable[[], Any]) -> bool:
        try:
            act()
        except Refusal as refusal:
            self.ends[refusal.code] += 1
            return False
        except Exception as error:
            self.ends[repr(error)] += 1
            return False
        self.ends["made"] += 1
        return True

    def _contend(self, number: int, start: datetime, mover: int, chance: Random) -> None:
        """One of all ways to have a time: a new reservation of the room or the house, a move, a series, a block."""
        town, who, key = self.town, resident(STRANGERS + number), f"contest-{number}-{start:%d%H}"
        opens, closes = f"{start:%H:%M}", f"{start + HOUR:%H:%M}"
        once = Recurrence(start.date(), "day", count=1)
        ways: list[Callable[[], Any]] = [
            lambda: town.reserve(who, BIG, start, idempotency_key=key),
            lambda: town.reserve(who, WHOLE, start, idempotency_key=key),
            lambda: reservations.change(
                town.database, who, town.now, mover, unit_id=BIG, start=start, end=start + HOUR, people=2,
                purpose="이사",
            ),
            lambda: series.make(town.database, who, town.now, Plan(BIG, once, opens, closes, 2, "모임"), key),
            lambda: blocks.block(
                town.database, KEEPER, town.now, unit_id=WHOLE, day=start.date(), opens=opens, closes=closes,
                purpose="잔치", key=key,
            ),
        ]  # fmt: skip
        way = chance.randrange(len(ways))
        if way == 2 and any(number in each for each in self.winners.values()):
            way = 0  # what it has won it does not move on
        if self._try(ways[way]):
            self.winners[start].append(number)

    def _act(self, chance: Random, key: str) -> Callable[[], Any]:
        """Something that somebody may do now."""
        acts = [
            *[self._reserve] * 4, *[self._change] * 3, *[self._cancel] * 3, *[self._answer] * 3, *[self._join] * 3,
            *[self._take_or_leave] * 4, self._repeat, self._repeat, self._reshape, self._stop, self._block,
            self._release, self._draw, *[self._clock] * 3,
        ]  # fmt: skip
        if self.regrouping:
            acts += [self._regroup] * 2
        return chance.choice(acts)(chance, key)

    def _some(self, chance: Random, query: Select[Any]) -> Any:
        with self.town.database.read() as session:
            rows = session.scalars(query).all()
        return chance.choice(rows) if rows else None

    def _reservation(self, chance: Random, **wanted: Any) -> Reservation | None:
        query = select(Reservation).filter_by(**wanted).where(Reservation.account_id < STRANGERS)
        return self._some(chance, query.order_by(Reservation.id.desc()).limit(12))

    def _when(self, chance: Random) -> tuple[datetime, int]:
        return at(chance.choice((24, 25)), chance.randrange(10, 16)), chance.choice((1, 2))

    def _reserve(self, chance: Random, key: str) -> Callable[[], Any]:
        who, room, (start, hours) = resident(chance.choice(PEOPLE)), _room(chance), self._when(chance)
        return lambda: self.town.reserve(who, room, start, hours, idempotency_key=key)

    def _change(self, chance: Random, key: str) -> Callable[[], Any]:
        own = self._reservation(chance, kind="visit")
        if own is None:
            return self._reserve(chance, key)
        room, (start, hours) = _room(chance), self._when(chance)
        return lambda: reservations.change(
            self.town.database, resident(own.account_id), self.town.now, own.id, unit_id=room, start=start,
            end=start + hours * HOUR, people=2, purpose="옮기기",
        )  # fmt: skip

    def _cancel(self, chance: Random, key: str) -> Callable[[], Any]:
        own = self._reservation(chance, kind="visit")
        if own is None:
            return self._reserve(chance, key)
        return lambda: reservations.cancel(self.town.database, resident(own.account_id), self.town.now, own.id)

    def _answer(self, chance: Random, key: str) -> Callable[[], Any]:
        asked = self._reservation(chance, status="requested")
        if asked is None:
            return self._reserve(chance, key)
        if chance.random() < 0.6:
            return lambda: approvals.approve(self.town.database, KEEPER, self.town.now, asked.id)
        return lambda: approvals.decline(self.town.database, KEEPER, self.town.now, asked.id, "공사")

    def _join(self, chance: Random, key: str) -> Callable[[], Any]:
        taken = self._reservation(chance)
        who = resident(chance.choice(PEOPLE))
        if taken is None:
            return self._reserve(chance, key)
        wish = Wish(Interval(taken.start_at, taken.end_at), 2, "모임")
        room = chance.choice((taken.unit_id, WHOLE))
        return lambda: waitlist.join(self.town.database, who, self.town.now, unit_id=room, wish=wish)

    def _take_or_leave(self, chance: Random, key: str) -> Callable[[], Any]:
        offered = self._some(chance, select(Waiting).where(Waiting.status == "offered").order_by(Waiting.id))
        waiting = offered or self._some(chance, select(Waiting).order_by(Waiting.id.desc()).limit(8))
        if waiting is None:
            return self._join(chance, key)
        call = chance.choice((waitlist.claim, waitlist.claim, waitlist.decline))
        return lambda: call(self.town.database, resident(waiting.account_id), self.town.now, waiting.id)

    def _repeat(self, chance: Random, key: str) -> Callable[[], Any]:
        hour, free_only = chance.randrange(10, 16), chance.random() < 0.5
        rule = Recurrence(date(2026, 11, 24), "day", count=chance.choice((2, 3)))
        plan = Plan(_room(chance), rule, f"{hour}:00", f"{hour + 1}:00", 2, "매일 모임")
        who = resident(chance.choice(PEOPLE))
        return lambda: series.make(self.town.database, who, self.town.now, plan, key, free_only=free_only)

    def _series(self, chance: Random) -> Series | None:
        mine = select(Series).where(Series.account_id.in_(PEOPLE))
        return self._some(chance, mine.order_by(Series.id.desc()).limit(4))

    def _reshape(self, chance: Random, key: str) -> Callable[[], Any]:
        own, hour = self._series(chance), chance.randrange(10, 16)
        if own is None:
            return self._repeat(chance, key)
        wanted = Wanted(unit_id=_room(chance), opens=f"{hour}:00", closes=f"{hour + 1}:00")
        who, free_only = resident(own.account_id), chance.random() < 0.5
        return lambda: edits.change(self.town.database, who, self.town.now, own.id, wanted, free_only=free_only)

    def _stop(self, chance: Random, key: str) -> Callable[[], Any]:
        own = self._series(chance)
        if own is None:
            return self._repeat(chance, key)
        return lambda: series.cancel(self.town.database, resident(own.account_id), self.town.now, own.id)

    def _block(self, chance: Random, key: str) -> Callable[[], Any]:
        (start, hours), room = self._when(chance), _room(chance)
        rule = Recurrence(start.date(), "day", count=2) if chance.random() < 0.5 else None
        return lambda: blocks.block(
            self.town.database, KEEPER, self.town.now, unit_id=room, day=start.date(), opens=f"{start:%H:%M}",
            closes=f"{start + hours * HOUR:%H:%M}", purpose="잔치", key=f"mine-{key}", rule=rule, free_only=True,
        )  # fmt: skip

    def _release(self, chance: Random, key: str) -> Callable[[], Any]:
        mine = select(Reservation).where(Reservation.kind == "block", Reservation.idempotency_key.like("mine-%"))
        block = self._some(chance, mine.order_by(Reservation.id))
        if block is None:
            return self._block(chance, key)
        following = chance.random() < 0.5
        return lambda: blocks.release(self.town.database, KEEPER, self.town.now, block.id, following)

    def _draw(self, chance: Random, key: str) -> Callable[[], Any]:
        award = self._some(chance, select(LotteryAward).order_by(LotteryAward.id))
        if award is None:
            return self._reserve(chance, key)
        with self.town.database.read() as session:
            who = resident(session.get_one(LotteryEntry, award.entry_id).account_id)
        call = chance.choice((drawing.confirm, drawing.decline))
        return lambda: call(self.town.database, who, self.town.now, award.id)

    def _clock(self, chance: Random, key: str) -> Callable[[], Any]:
        """What the ticker does, now or when offers have run out."""
        later = self.town.now + chance.choice((timedelta(0), 31 * HOUR / 60))
        task = chance.choice((offers.tick, offers.sweep, drawing.tick, request_queue.lapse))
        return lambda: task(self.town.database, None, later)  # type: ignore[arg-type, operator]

    def _regroup(self, chance: Random, key: str) -> Callable[[], Any]:
        """maps.space.changed: the house has a hall more, or no longer."""
        return lambda: self.town.tell(house_of(BIG_ROOM, SMALL_ROOM, chance.choice(HALVES)))

    def settle(self, rounds: int = 40) -> None:
        """Let the clock's tasks run until nothing is left to do."""
        for _ in range(rounds):
            before = self._waiting()
            for task in (offers.tick, offers.sweep, drawing.tick):
                task(self.town.database, None, self.town.now)  # type: ignore[arg-type]
            if self._waiting() == before:
                return
        raise AssertionError("the line does not come to rest")

    def _waiting(self) -> list[tuple[int, str]]:
        with self.town.database.read() as session:
            return [(each.id, each.status) for each in session.scalars(select(Waiting).order_by(Waiting.id))]


def _room(chance: Random) -> int:
    return chance.choice((BIG, SMALL, WHOLE))
