"""The stage of the demonstration: who plays, in which rooms, and how a story is told in the order of its time.

A story is a generator: it yields the moment at which it goes on, and what it does then is done with that moment as
`now`, by the same use cases as anybody's. All stories are told together, the earliest moment first, in one transaction.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from services.booking import occupancy, reservations, schedules
from services.booking.models import Reservation
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

KEY = "demo-"
SEOUL = ZoneInfo("Asia/Seoul")
HOUR = timedelta(hours=1)

log = structlog.get_logger()

Story = Generator[datetime, None, None]
Clocks = tuple[str, str]


class NothingFree(Exception):  # noqa: N818 - no fault, only bad luck of this day
    """A story found no free time where it wanted to play."""


class OneWork(Database):
    """A database whose units of work are parts of a single one: an interrupted load leaves no half of it."""

    def __init__(self, database: Database, session: Session) -> None:
        self.url, self.is_sqlite, self._session = database.url, database.is_sqlite, session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A part that can fail by itself; afterwards everything is read anew, as in a session of its own."""
        with self._session.begin_nested():
            yield self._session
        self._session.expire_all()

    @contextmanager
    def read(self) -> Iterator[Session]:
        yield self._session


@dataclass
class Stage:
    """`now` is the moment of loading, `moment` the present of the scene. `people`: the demonstration's accounts by
    login; `units`: ids by the names of space and unit."""

    session: Session
    database: Database
    now: datetime
    people: Mapping[str, Actor]
    units: Mapping[tuple[str, str], int]
    moment: datetime
    groups: dict[str, int] = field(default_factory=dict)
    equipment: dict[str, int] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    _keys: int = 0

    def ago(self, days: float = 0, hours: float = 0) -> datetime:
        """So long before the moment of loading."""
        return self.now - timedelta(days=days, hours=hours)

    def day(self, offset: int) -> date:
        """The local date so many days after the day of loading."""
        return self.now.astimezone(SEOUL).date() + timedelta(days=offset)

    def next_day(self, offset: int, weekday: int) -> date:
        """The first local date from `day(offset)` on with this ISO weekday."""
        day = self.day(offset)
        return day + timedelta(days=(weekday - day.isoweekday()) % 7)

    def key(self) -> str:
        """An idempotency key that no other scene uses."""
        self._keys += 1
        return f"{KEY}story-{self._keys}"

    def free(self, unit_id: int, offsets: Iterable[int], *clocks: Clocks) -> Interval:
        """The first of these local clock times on the first of these days at which the unit is open and free.

        Raises NothingFree.
        """
        locked = occupancy.lock(self.session, unit_id)
        zone = locked.unit.zone
        for offset in offsets:
            day = self.day(offset)
            for opens, closes in clocks:
                during = Interval(instant(day, opens, zone), instant(day, closes, zone))
                schedule = schedules.place_of(self.session, locked.unit, during).schedule
                is_open = any(each.contains(during) for each in schedule.open_intervals(day, day))
                if is_open and not occupancy.conflicts_of(self.session, locked, during):
                    return during
        raise NothingFree(f"unit {unit_id}")

    def reserve(self, actor: Actor, unit_id: int, wish: Wish) -> Reservation:
        """Reserve at the present of the scene."""
        key = self.key()
        with self.database.write() as session:
            return reservations.reserve_in(session, actor, self.moment, unit_id, wish, key)


def neighbour(number: int) -> Actor:
    """Somebody of the demonstration who never signs in: accounts -1, -2, …"""
    return Actor(-number, nickname(number), roles=frozenset({Role.RESIDENT}))


def nickname(number: int) -> str:
    """What a neighbour calls themselves: no living person's name."""
    first, second = divmod(number - 1, len(_ENDS))
    return f"{_STARTS[first % len(_STARTS)]}{_ENDS[second]}"


_STARTS = ("햇살", "바람", "구름", "들꽃", "솔잎", "달빛", "이슬", "냇물", "노을", "별빛", "새싹", "단비")
_ENDS = ("나무", "마루", "언덕", "마당", "샘터")


def tell(stage: Stage, stories: Sequence[Callable[[Stage], Story]]) -> list[str]:
    """Tell all stories up to the moment of loading, in the order of time; the names of those that had to break off.

    Of two at the same moment the one that stands first goes on first.
    """
    queue: list[tuple[datetime, int, str, Story]] = []
    broken: list[str] = []

    def go_on(number: int, name: str, story: Story) -> None:
        try:
            moment = next(story)
        except StopIteration:
            return
        except (Refusal, NothingFree) as reason:  # the others go on: a demonstration must never keep Maru from starting
            broken.append(name)
            log.warning("demonstration_story_broken_off", story=name, reason=str(reason))
            return
        if moment <= stage.now:
            heapq.heappush(queue, (moment, number, name, story))
        else:
            story.close()

    for number, begin in enumerate(stories):
        go_on(number, getattr(begin, "__name__", str(number)), begin(stage))
    while queue:
        stage.moment, number, name, story = heapq.heappop(queue)
        go_on(number, name, story)
    return broken
