"""The engine against the naive model, act by act: the same is made, and the same is refused with the same code; then
the searches must find exactly what the model says is free. In Seoul, and in New York over both clock changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, select

from services.booking import approvals, blocks, request_queue, reservations, search, series
from services.booking.models import Base, Reservation, UnitRules
from services.booking.rules.recurrence import Recurrence
from services.booking.search import find, findable
from services.booking.search.terms import Search
from services.booking.series.survey import Plan
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, SMALL, WHOLE, Town, resident, space, unit
from tests.booking.invariants import broken
from tests.booking.naive import HALF, Entry, Naive, Room

KEEPER = Actor(9, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
ROOMS = st.sampled_from([BIG, SMALL, WHOLE])
PEOPLE = st.integers(1, 3)
ATOMS = {BIG: {"unit:12"}, SMALL: {"unit:13"}, WHOLE: {"unit:12", "unit:13"}}
SITES = [
    (ZoneInfo("Asia/Seoul"), date(2026, 11, 24)),
    (ZoneInfo("America/New_York"), date(2026, 10, 31)),  # the second day has 25 hours
    (ZoneInfo("America/New_York"), date(2026, 3, 7)),  # the second day has 23 hours
]
DAYS = 3
PAUSES = st.sampled_from([0, 0, 1, 2])
ROOM_RULES = st.builds(
    Room, st.just(frozenset()), PAUSES, PAUSES, st.sampled_from([(0, 24), (0, 24), (8, 20)]),
    st.sampled_from([0, 0, 0, 7]), st.booleans(), st.sampled_from([None, None, 2]), st.just(8),
)  # fmt: skip
STARTS = st.one_of(st.integers(24, 40), st.integers(48, 56), st.integers(-4, DAYS * 48 + 1))
"""Half hours from the first midnight on, mostly of one afternoon and of the night after it; the first four are over."""
GAPS = st.sampled_from([0, 0, 1, 1, 2])
LENGTHS = st.sampled_from([1, 2, 2, 3, 4, 4, 6, 8, 0, 9])
CLOCK = st.sampled_from([0, 6, 9, 12, 14, 18, 22])
"""Clock hours that every day has once."""
WHICH = st.integers(0, 40)


class Engine(RuleBasedStateMachine):
    """Every act is done twice: by the engine, and by the model."""

    database: Database

    @initialize(site=st.sampled_from(SITES), rooms=st.tuples(ROOM_RULES, ROOM_RULES, ROOM_RULES))
    def open(self, site: tuple[ZoneInfo, date], rooms: tuple[Room, ...]) -> None:
        self.zone, self.first = site
        facts = []
        known = {}
        search._ZONES.clear()  # what is known for a minute is of another house
        with self.database.write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(table.delete())
        for number, drawn in zip(ATOMS, rooms, strict=True):
            room = known[number] = Room(frozenset(ATOMS[number]), *list(vars(drawn).values())[1:])
            opens, closes = (f"{hour:02}:00" for hour in room.hours)
            facts.append(
                unit(
                    number, f"방 {number}", sorted(room.atoms), capacity=room.capacity,
                    hours={"weekday": [opens, closes], "weekend": [opens, closes]},
                    closures={"weekdays": [room.closed_weekday] if room.closed_weekday else [], "holidays": False},
                )
            )  # fmt: skip
        self.model = Naive(
            known, self.zone, datetime.combine(self.first, datetime.min.time(), self.zone).astimezone(UTC)
        )
        self.midnight = self.model.now
        self.town = Town(self.database, self.model.now)
        self.town.tell(space(1, "상도 마을활력소", facts, zone=str(self.zone)))
        with self.database.write() as session:
            for number, room in known.items():
                settings: dict[str, Any] = {"buffer_before": 30 * room.before, "buffer_after": 30 * room.after}
                settings["approval"] = "manual" if room.asks else "automatic"
                if room.quota:
                    settings["quotas"] = [{"per": "person", "period": "day", "limit": room.quota}]
                session.add(UnitRules(unit_id=number, settings=settings, changed_at=self.town.now))
            session.flush()
            findable.refresh(session)
        self.keys = 0

    @rule(who=PEOPLE, room=ROOMS, start=STARTS, length=LENGTHS, people=st.sampled_from([1, 1, 8, 9]))
    def reserve(self, who: int, room: int, start: int, length: int, people: int) -> None:
        start_at, end_at = self._times(start, length)
        key = self._key()
        told = self._told(lambda: self._reserve(who, room, start_at, end_at, people, key))
        wanted = self.model.reserve(who, room, start_at, end_at, people, key)
        self._same_made(told, wanted)

    @rule(who=PEOPLE, which=WHICH, room=ROOMS, gap=GAPS, length=st.integers(1, 3), later=st.booleans())
    def reserve_beside(self, who: int, which: int, room: int, gap: int, length: int, later: bool) -> None:
        """As near to somebody as pauses may forbid or not."""
        start_at, end_at = self._beside(which, gap, length, later)
        key = self._key()
        told = self._told(lambda: self._reserve(who, room, start_at, end_at, 1, key))
        self._same_made(told, self.model.reserve(who, room, start_at, end_at, 1, key))

    @rule(which=WHICH, other=st.booleans())
    def reserve_again(self, which: int, other: bool) -> None:
        """A double click, or the same key for something else."""
        entry = self._entry(which, lambda each: each.purpose.startswith("key"))
        if entry is None:
            return
        people = entry.people + other
        told = self._told(
            lambda: self._reserve(entry.account, entry.room, entry.start, entry.end, people, entry.purpose)
        )
        wanted = self.model.again(entry, (entry.room, entry.start, entry.end, people, entry.purpose))
        assert (told if isinstance(told, str) else None) == wanted
        if wanted is None:
            assert told.id == entry.ids[0]

    @rule(which=WHICH, who=st.sampled_from([None, None, 1]), room=ROOMS, start=STARTS, length=LENGTHS)
    def change(self, which: int, who: int | None, room: int, start: int, length: int) -> None:
        self._change(which, who, room, *self._times(start, length))

    @rule(which=WHICH, beside=WHICH, room=ROOMS, gap=GAPS, length=st.integers(1, 3), later=st.booleans())
    def change_beside(self, which: int, beside: int, room: int, gap: int, length: int, later: bool) -> None:
        start_at, end_at = self._beside(beside, gap, length, later)
        self._change(which, None, room, start_at, end_at)

    @rule(which=WHICH, who=st.sampled_from(["owner", "owner", "keeper", "other"]))
    def cancel(self, which: int, who: str) -> None:
        entry = self._entry(which)
        if entry is None:
            return
        actor = {"owner": resident(entry.account), "keeper": KEEPER, "other": resident(77)}[who]
        if entry.kind == "block" and who == "owner":
            actor, who = KEEPER, "keeper"
        told = self._told(lambda: reservations.cancel(self.database, actor, self.town.now, entry.ids[0]))
        self._same(told, self.model.cancel(entry, None if who == "keeper" else actor.account_id))

    @rule(which=WHICH)
    def approve(self, which: int) -> None:
        entry = self._entry(which)
        if entry is None:
            return
        told = self._told(lambda: approvals.approve(self.database, KEEPER, self.town.now, entry.ids[0]))
        self._same(told, self.model.approve(entry))

    @rule(room=ROOMS, day=st.integers(0, DAYS - 1), opens=CLOCK, length=st.sampled_from([1, 4, 12, 24]))
    def block(self, room: int, day: int, opens: int, length: int) -> None:
        date_ = self.first + timedelta(days=day)
        closes = (opens + length) % 24
        if closes in (1, 2, 3):
            closes = 4
        start = self.model.at(date_, opens)
        end = self.model.at(date_ + timedelta(days=int(closes <= opens)), closes)
        told = self._told(
            lambda: blocks.block(
                self.database, KEEPER, self.town.now, unit_id=room, day=date_, opens=f"{opens:02}:00",
                closes=f"{closes:02}:00", purpose="잔치", key=self._key(),
            ).made[0]
        )  # fmt: skip
        self._same_made(told, self.model.block(9, room, start, end))

    @rule(
        who=PEOPLE, room=ROOMS, day=st.integers(0, DAYS - 1), count=st.integers(1, 4), opens=CLOCK,
        hours=st.integers(1, 2), free_only=st.booleans(),
    )  # fmt: skip
    def repeat(self, who: int, room: int, day: int, count: int, opens: int, hours: int, free_only: bool) -> None:
        days = [self.first + timedelta(days=day + n) for n in range(count)]
        if opens == 0:
            opens = 4
        wanted = Recurrence(days[0], "day", count=count)
        plan = Plan(room, wanted, f"{opens:02}:00", f"{opens + hours:02}:00", 2, "매일 모임")
        key = self._key()
        told = self._told(
            lambda: series.make(self.database, resident(who), self.town.now, plan, key, free_only=free_only)
        )
        times = [(self.model.at(each, opens), self.model.at(each, opens + hours)) for each in days]
        made = self.model.repeat(who, room, times, free_only)
        if isinstance(made, str) or isinstance(told, str):
            assert told == made
            return
        got = told.whole.occurrences
        assert [each.during for each in got] == [(entry.start, entry.end) for entry in made]
        for entry, each in zip(made, got, strict=True):
            entry.ids.append(each.id)

    @rule(hours=st.integers(1, 9))
    def pass_time(self, hours: int) -> None:
        self.town.now += timedelta(hours=hours)
        request_queue.lapse(self.database, None, self.town.now)  # type: ignore[arg-type]
        self.model.pass_time(self.town.now)

    @precondition(lambda self: self.model.entries)
    @rule(
        day=st.integers(0, DAYS - 1),
        days=st.integers(0, 1),
        starts=st.sampled_from([0, 8, 14]),
        length=st.integers(1, 6),
    )
    def look_for_what_is_free(self, day: int, days: int, starts: int, length: int) -> None:
        """In one window, or within part of one or two days; an hour that comes twice is offered once, its first."""
        first = self.first + timedelta(days=day)
        asked = [first + timedelta(days=n) for n in range(days + 1)]
        for ends in (starts * 60 + 30 * length, 24 * 60):
            if starts == 0 and length > 1 and ends < 24 * 60 and self.first.month != 11:
                continue  # a window of the wall clock that may hold another number of hours
            wanted = Search(
                day=first, until=asked[-1], starts=starts * 60, ends=ends, minutes=30 * length, space_id=1, sort="name"
            )
            found = {hit.unit_id: set(hit.starts) for hit in find(self.database, self.town.now, wanted).hits}
            expected = {room: self._free(room, asked, starts, ends, length) for room in self.model.rooms}
            assert found == {room: times for room, times in expected.items() if times}

    @invariant()
    def the_same_is_held(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.database.read() as session:
            rows = {
                each.id: (each.account_id, each.unit_id, each.start_at, each.end_at, each.status)
                for each in session.scalars(select(Reservation))
            }
        assert rows == {
            entry.ids[0]: (entry.account, entry.room, entry.start, entry.end, entry.status)
            for entry in self.model.entries
        }

    def teardown(self) -> None:
        if hasattr(self, "model"):
            assert broken(self.database) == []

    def _free(self, room: int, days: list[date], starts: int, ends: int, length: int) -> set[datetime]:
        found = set()
        for day in days:
            midnight = datetime.combine(day, datetime.min.time(), self.zone)
            for minute in range(starts * 60, ends - 30 * length + 1, 30):
                start = (midnight + timedelta(minutes=minute)).astimezone(UTC)  # by the wall clock
                if self.model.free(room, start, start + length * HALF):
                    found.add(start)
        return found

    def _change(self, which: int, who: int | None, room: int, start: datetime, end: datetime) -> None:
        entry = self._entry(which, lambda each: each.kind == "visit")
        if entry is None:
            return
        account = entry.account if who is None else who
        told = self._told(
            lambda: reservations.change(
                self.database, resident(account), self.town.now, entry.ids[0], unit_id=room, start=start, end=end,
                people=entry.people, purpose=entry.purpose,
            )
        )  # fmt: skip
        self._same(told, self.model.change(entry, account, room, start, end))

    def _beside(self, which: int, gap: int, length: int, later: bool) -> tuple[datetime, datetime]:
        """A time so many half hours before or after what somebody has; at noon when nobody has anything."""
        entry = self._entry(which, lambda each: each.status in ("requested", "confirmed"))
        if entry is None:
            return self._times(24, length)
        start = entry.end + gap * HALF if later else entry.start - (gap + length) * HALF
        return start, start + length * HALF

    def _times(self, start: int, length: int) -> tuple[datetime, datetime]:
        start_at = self.midnight + start * HALF
        return start_at, start_at + length * HALF

    def _key(self) -> str:
        self.keys += 1
        return f"key {self.keys}"

    def _reserve(self, who: int, room: int, start: datetime, end: datetime, people: int, key: str) -> Reservation:
        return reservations.reserve(
            self.database, resident(who), self.town.now, unit_id=room, start=start, end=end, people=people,
            purpose=key, idempotency_key=key,
        )  # fmt: skip

    def _entry(self, which: int, wanted: Callable[[Entry], bool] = lambda each: True) -> Entry | None:
        entries = [each for each in self.model.entries if wanted(each)]
        return entries[which % len(entries)] if entries else None

    @staticmethod
    def _told(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Refusal as refusal:
            return refusal.code

    @staticmethod
    def _same(told: Any, wanted: str | None) -> None:
        assert (told if isinstance(told, str) else None) == wanted

    @staticmethod
    def _same_made(told: Any, wanted: Entry | str) -> None:
        if isinstance(told, str) or isinstance(wanted, str):
            assert told == wanted
            return
        wanted.ids.append(told.id)


def test_the_engine_does_what_the_naive_model_does(house: Any) -> None:
    Engine.database = database = house.databases["booking"]
    if database.is_sqlite:  # no disk needs to remember these
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        database.dispose()
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
