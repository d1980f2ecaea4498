"""Booking as a child would write it: one list of what is held, half hours counted one by one, every rule asked of every
entry. It knows nothing of locks, indexes or SQL, and shares no code with the engine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HALF = timedelta(minutes=30)
LIVE = ("requested", "confirmed")
LONGEST = 8  # half hours
WINDOW = 60  # days


@dataclass(frozen=True)
class Room:
    """A unit: its atoms, its pauses in half hours, its opening clock hours, and what its keeper has set."""

    atoms: frozenset[str]
    before: int = 0
    after: int = 0
    hours: tuple[int, int] = (0, 24)
    closed_weekday: int = 0
    asks: bool = False
    quota: int | None = None
    capacity: int = 10


@dataclass
class Entry:
    """What somebody has, or had, from `start` to `end`."""

    account: int
    room: int
    start: datetime
    end: datetime
    people: int
    purpose: str
    status: str
    kind: str = "visit"
    pauses: tuple[int, int] = (0, 0)
    ids: list[int] = field(default_factory=list)


@dataclass
class Naive:
    """The whole of it: rooms, entries, the zone and the time."""

    rooms: dict[int, Room]
    zone: ZoneInfo
    now: datetime
    entries: list[Entry] = field(default_factory=list)

    def reserve(
        self, account: int, room: int, start: datetime, end: datetime, people: int, purpose: str
    ) -> Entry | str:
        """The entry that is made, or the code of why not."""
        code = self.wrong(account, room, start, end, people) or self.clash(room, start, end)
        if code:
            return code
        place = self.rooms[room]
        status = "requested" if place.asks else "confirmed"
        made = Entry(account, room, start, end, people, purpose, status, pauses=(place.before, place.after))
        self.entries.append(made)
        return made

    def again(self, made: Entry, wish: tuple[int, datetime, datetime, int, str]) -> str | None:
        """The same key once more, with this wish."""
        same = wish == (made.room, made.start, made.end, made.people, made.purpose)
        return None if same else "idempotency_key_reused"

    def change(self, entry: Entry, account: int, room: int, start: datetime, end: datetime) -> str | None:
        if entry.account != account:
            return "not_allowed"
        if entry.status not in LIVE:
            return "not_changeable"
        if entry.start <= self.now:
            return "already_started"
        if code := self.wrong(account, room, start, end, entry.people, entry) or self.clash(room, start, end, entry):
            return code
        place = self.rooms[room]
        if (room, start, end) != (entry.room, entry.start, entry.end) and place.asks:
            entry.status = "requested"
        entry.room, entry.start, entry.end = room, start, end
        entry.pauses = (place.before, place.after)
        return None

    def cancel(self, entry: Entry, account: int | None) -> str | None:
        """`account` None: by the keeper."""
        if account is not None and entry.account != account:
            return "not_allowed"
        if entry.status not in LIVE:
            return None
        if entry.end <= self.now:
            return "already_over"
        if account is not None and entry.start <= self.now:
            return "already_started"
        entry.status = "cancelled"
        return None

    def approve(self, entry: Entry) -> str | None:
        if entry.status == "confirmed":
            return None
        if entry.status != "requested":
            return "not_requested"
        if entry.end <= self.now:
            return "already_over"
        entry.status = "confirmed"
        return None

    def block(self, account: int, room: int, start: datetime, end: datetime) -> Entry | str:
        if end <= self.now:
            return "in_the_past"
        if code := self.clash(room, start, end):
            return code
        place = self.rooms[room]
        made = Entry(account, room, start, end, 1, "잔치", "confirmed", "block", (place.before, place.after))
        self.entries.append(made)
        return made

    def repeat(
        self, account: int, room: int, times: list[tuple[datetime, datetime]], free_only: bool
    ) -> list[Entry] | str:
        """A series of these times: all, or the free ones."""
        made: list[Entry] = []
        closed = refused = 0
        for start, end in times:
            told = self.reserve(account, room, start, end, 2, "매일 모임")
            if isinstance(told, Entry):
                made.append(told)
            elif told.startswith("closed_"):
                closed += 1  # days on which it is closed are left out anyway
            else:
                refused += 1
        if refused and not free_only:
            code = "series_not_free"
        elif not made:
            code = "series_nothing_free"
        else:
            return made
        for entry in made:
            self.entries.remove(entry)
        return code

    def pass_time(self, until: datetime) -> None:
        """Requests that nobody has answered lapse at their start."""
        self.now = until
        for entry in self.entries:
            if entry.status == "requested" and entry.start <= until:
                entry.status = "lapsed"

    def free(self, room: int, start: datetime, end: datetime) -> bool:
        """Whether a search should offer it."""
        return not (self.misfit(room, start, end, 1) or self.clash(room, start, end))

    def clash(self, room: int, start: datetime, end: datetime, but: Entry | None = None) -> str | None:
        """Pauses may lie on one another, but nobody lies in a pause."""
        place = self.rooms[room]
        mine = halves(start, end)
        kept = halves(start - place.before * HALF, end + place.after * HALF)
        for entry in self.entries:
            if entry is but or entry.status not in LIVE or not place.atoms & self.rooms[entry.room].atoms:
                continue
            before, after = entry.pauses
            theirs = halves(entry.start, entry.end)
            if mine & halves(entry.start - before * HALF, entry.end + after * HALF) or kept & theirs:
                return "slot_taken"
        return None

    def wrong(
        self, account: int, room: int, start: datetime, end: datetime, people: int, but: Entry | None = None
    ) -> str | None:
        return self.misfit(room, start, end, people) or self.used_up(account, room, start, but)

    def misfit(self, room: int, start: datetime, end: datetime, people: int) -> str | None:
        """The first of the rules that speak against it, whoever asks."""
        place = self.rooms[room]
        first = start.astimezone(self.zone)
        if start >= end:
            return "end_before_start"
        if len(halves(start, end)) > LONGEST:
            return "too_long"
        if start < self.now:
            return "in_the_past"
        if (first.date() - self.now.astimezone(self.zone).date()).days > WINDOW:
            return "too_far_ahead"
        if first.isoweekday() == place.closed_weekday:
            return "closed_weekday"
        if not all(self.open_at(place, half) for half in halves(start, end)):
            return "outside_hours"
        return "people_too_many" if people > place.capacity else None

    def open_at(self, place: Room, half: datetime) -> bool:
        local = half.astimezone(self.zone)
        return place.hours[0] <= local.hour < place.hours[1] and local.isoweekday() != place.closed_weekday

    def used_up(self, account: int, room: int, start: datetime, but: Entry | None) -> str | None:
        """Somebody's visits of one local day, in all rooms of the house."""
        quota = self.rooms[room].quota
        day = start.astimezone(self.zone).date()
        own = [
            entry
            for entry in self.entries
            if entry is not but and entry.account == account and entry.kind == "visit" and entry.status in LIVE
        ]
        same_day = [entry for entry in own if entry.start.astimezone(self.zone).date() == day]
        return "quota_person_day" if quota is not None and len(same_day) >= quota else None

    def at(self, day: date, hour: int) -> datetime:
        """The instant of a clock hour on a local day; 24 is midnight at its end."""
        return datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), self.zone).astimezone(UTC)


def halves(start: datetime, end: datetime) -> set[datetime]:
    """Every half hour that has begun before the end."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return {start + n * HALF for n in range(max(0, (end - start) // HALF))}


def quiet(room: Room) -> Room:
    """The same without anything but atoms."""
    return replace(Room(room.atoms), capacity=room.capacity)
