"""The engine against what is true of time: adjacency, midnight, clock changes, buffers; and, by chance, against a model
that knows nothing but a list of what is held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.booking import blocks, reservations, series
from services.booking.models import Reservation, UnitRules
from services.booking.rules.interval import Interval
from services.booking.rules.recurrence import Recurrence
from services.booking.search import find, findable
from services.booking.search.terms import Search
from services.booking.series.survey import Plan
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, FAR, SMALL, WHOLE, Town, at, resident, space, unit
from tests.booking.invariants import broken

ALWAYS = {
    "hours": {"weekday": ["00:00", "24:00"], "weekend": ["00:00", "24:00"]},
    "closures": {"weekdays": [], "holidays": False},
}
HOUR = timedelta(hours=1)
NEW_YORK = ZoneInfo("America/New_York")
KEEPER = Actor(9, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))


def ends(*runners: Callable[[], Any]) -> list[str]:
    """How each ended, one after the other: "made", or the code of its refusal."""
    told = []
    for runner in runners:
        try:
            runner()
            told.append("made")
        except Refusal as refusal:
            told.append(refusal.code)
    return told


def always_open(town: Town, zone: str = "Asia/Seoul", **rules: Any) -> None:
    """The house of three units, open day and night, in a zone, with rules of its keeper."""
    rooms = [
        unit(BIG, "큰 회의실", **ALWAYS),
        unit(SMALL, "작은 회의실", **ALWAYS),
        unit(WHOLE, "건물 전체", ["unit:12", "unit:13"], capacity=30, **ALWAYS),
    ]
    town.tell(space(1, "상도 마을활력소", rooms, zone=zone))
    if rules:
        with town.database.write() as session:
            for unit_id in (BIG, SMALL, WHOLE):
                session.merge(UnitRules(unit_id=unit_id, settings=rules, changed_at=town.now))


def test_touching_is_not_overlapping(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 14), 1)
    assert ends(
        lambda: town.reserve(resident(2), BIG, at(24, 13), 1),
        lambda: town.reserve(resident(2), BIG, at(24, 15), 1),
        lambda: town.reserve(resident(2), BIG, at(24, 13, 30), 1),
        lambda: town.reserve(resident(2), BIG, at(24, 14, 30), 0.5),
    ) == ["made", "made", "slot_taken", "slot_taken"]
    assert broken(town.database) == []


def test_over_midnight_and_over_days(town: Town) -> None:
    always_open(town, longest=4 * 24 * 60)
    town.reserve(resident(1), BIG, at(24, 23), 2)
    town.reserve(resident(1), SMALL, at(25, 22), 50)  # two days and two hours
    assert ends(
        lambda: town.reserve(resident(2), BIG, at(25, 0), 1),
        lambda: town.reserve(resident(2), BIG, at(24, 22), 1),
        lambda: town.reserve(resident(2), BIG, at(25, 1), 1),
        lambda: town.reserve(resident(2), WHOLE, at(26, 12), 1),
        lambda: town.reserve(resident(2), WHOLE, at(28, 0), 1),
        lambda: town.reserve(resident(2), SMALL, at(24, 22), 74),
    ) == ["slot_taken", "made", "made", "slot_taken", "made", "slot_taken"]
    assert broken(town.database) == []


def test_the_hour_that_comes_twice_is_two_hours(town: Town) -> None:
    """New York, 1 November 2026: 01:00 to 02:00 local comes in summer time and again in winter time."""
    town.now = datetime(2026, 10, 25, 12, tzinfo=UTC)
    always_open(town, "America/New_York")
    summer, winter = (datetime(2026, 11, 1, 1, tzinfo=NEW_YORK, fold=fold) for fold in (0, 1))
    assert (winter.astimezone(UTC) - summer.astimezone(UTC)) == HOUR
    reserve: Callable[..., Any] = lambda start, end, n: reservations.reserve(  # noqa: E731
        town.database, resident(n), town.now, unit_id=BIG, start=start, end=end, people=1, purpose="밤샘",
        idempotency_key=f"{n}",
    )  # fmt: skip
    two = datetime(2026, 11, 1, 2, tzinfo=NEW_YORK)
    assert ends(
        lambda: reserve(summer, winter, 1),
        lambda: reserve(winter, two, 2),
        lambda: reserve(summer, two, 3),
        lambda: reserve(summer, summer + timedelta(minutes=30), 4),
        lambda: reserve(two, two + HOUR, 5),
    ) == ["made", "made", "slot_taken", "slot_taken", "made"]
    # The day has 25 hours: each of them can be reserved once.
    with town.database.read() as session:
        lengths = [each.during.length for each in session.query(Reservation)]
    assert lengths == [HOUR] * 3
    day = Interval(datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC))
    made = ends(*(lambda n=n: reserve(day.start + n * HOUR, day.start + (n + 1) * HOUR, 100 + n) for n in range(25)))  # type: ignore[misc]
    assert made.count("made") == 25 - 3
    assert broken(town.database) == []


def test_the_hour_that_is_skipped(town: Town) -> None:
    """New York, 8 March 2026: after 01:59 comes 03:00, so that 01:00 to 04:00 are two hours."""
    town.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    always_open(town, "America/New_York", longest=120)
    one, three, four = (datetime(2026, 3, 8, hour, tzinfo=NEW_YORK).astimezone(UTC) for hour in (1, 3, 4))
    assert (three - one, four - one) == (HOUR, 2 * HOUR)
    assert ends(
        lambda: town.reserve(resident(1), BIG, one, 2),
        lambda: town.reserve(resident(2), BIG, three, 1),
        lambda: town.reserve(resident(2), BIG, four, 1),
        lambda: town.reserve(resident(3), SMALL, one, 2.5),
    ) == ["made", "slot_taken", "made", "too_long"]
    assert broken(town.database) == []


BUFFERS = [(start, end) for start in range(9, 17) for end in range(start + 1, min(start + 3, 17) + 1)]


@pytest.mark.parametrize("before", [0, 60])
@pytest.mark.parametrize("after", [0, 60])
def test_buffers_may_overlap_one_another_but_no_reservation(town: Town, before: int, after: int) -> None:
    """A unit with buffers around 12-14, and every second time of one to three hours tried on it and on its house."""
    always_open(town, buffer_before=before, buffer_after=after)
    town.reserve(resident(1), BIG, at(24, 12), 2)
    wrong = []
    for start, end in BUFFERS:
        free = end + (after + 0) / 60 <= 12 or start >= 14 + after / 60
        free = free and (end <= 12 - before / 60 or start - before / 60 >= 14)
        for unit_id in (BIG, WHOLE, SMALL):
            try:
                made = town.reserve(resident(2), unit_id, at(24, start), end - start)
                reservations.cancel(town.database, resident(2), town.now, made.id)
                outcome = True
            except Refusal as refusal:
                outcome = False if refusal.code == "slot_taken" else None  # None: neither, which is wrong
            if outcome != (free or unit_id == SMALL):
                wrong.append((unit_id, start, end))
    assert wrong == []
    assert broken(town.database) == []


def test_buffers_of_one_and_the_next_may_share_the_pause(town: Town) -> None:
    always_open(town, buffer_before=60, buffer_after=60)
    town.reserve(resident(1), BIG, at(24, 12), 2)
    assert ends(
        lambda: town.reserve(resident(2), BIG, at(24, 14), 1),
        lambda: town.reserve(resident(2), BIG, at(24, 14, 30), 1),
        lambda: town.reserve(resident(2), BIG, at(24, 15), 1),
        lambda: town.reserve(resident(3), BIG, at(24, 10), 1),
    ) == ["slot_taken", "slot_taken", "made", "made"]
    assert broken(town.database) == []


def test_a_change_meets_what_a_new_one_would_meet(town: Town) -> None:
    """The same positions as for new reservations, for one that is moved there; refused, it stays where it was."""
    always_open(town)
    town.reserve(resident(1), BIG, at(24, 12), 2)
    mine = town.reserve(resident(2), SMALL, at(25, 12), 2)
    to: Callable[..., Any] = lambda unit_id, start, end: reservations.change(  # noqa: E731
        town.database, resident(2), town.now, mine.id, unit_id=unit_id, start=at(24, start), end=at(24, end),
        people=2, purpose="옮기기",
    )  # fmt: skip
    for unit_id, share in ((BIG, True), (WHOLE, True), (SMALL, False)):
        outcomes = ends(
            *(
                lambda a=a, b=b, unit_id=unit_id: to(unit_id, a, b)
                for a, b in ((10, 11), (10, 12), (11, 13), (12, 14), (13, 14), (11, 15), (14, 16), (15, 16))
            )
        )  # type: ignore[misc]
        clash = "slot_taken" if share else "made"
        assert outcomes == ["made", "made", clash, clash, clash, clash, "made", "made"]
        assert broken(town.database) == []
    moved = to(BIG, 14, 15)
    assert (moved.unit.name, moved.during) == ("큰 회의실", Interval(at(24, 14), at(24, 15)))
    with pytest.raises(Refusal):
        to(BIG, 13, 15)
    with town.database.read() as session:
        assert session.get_one(Reservation, mine.id).during == Interval(at(24, 14), at(24, 15))


def test_a_change_within_its_own_time(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(24, 12), 2)
    for unit_id, start, end in ((BIG, 13, 15), (WHOLE, 13, 15), (WHOLE, 12, 14), (BIG, 12, 13)):
        reservations.change(
            town.database, resident(1), town.now, made.id, unit_id=unit_id, start=at(24, start), end=at(24, end),
            people=2, purpose="옮기기",
        )  # fmt: skip
        assert broken(town.database) == []


@pytest.mark.parametrize(("unit_id", "share"), [(BIG, True), (WHOLE, True), (SMALL, False)])
def test_blocks_and_series_meet_what_a_single_one_would_meet(town: Town, unit_id: int, share: bool) -> None:
    """All positions of a block, and of a series of one, to a time that somebody has: in the same room, in the house, in
    the room beside it."""
    always_open(town)
    town.reserve(resident(1), BIG, at(24, 12), 2)
    positions = ((9, 11), (10, 12), (11, 13), (12, 14), (12, 13), (13, 14), (11, 15), (13, 15), (14, 16), (15, 17))
    wanted = ["made" if end <= 12 or start >= 14 or not share else "clash" for start, end in positions]
    told: dict[str, list[str]] = {"block": [], "series": []}
    for number, (start, end) in enumerate(positions):
        opens, closes, once = f"{start:02}:00", f"{end}:00", Recurrence(date(2026, 11, 24), "day", count=1)
        try:
            block = blocks.block(
                town.database, KEEPER, town.now, unit_id=unit_id, day=date(2026, 11, 24), opens=opens, closes=closes,
                purpose="잔치", key=f"{number}",
            )  # fmt: skip
            blocks.release(town.database, KEEPER, town.now, block.made[0].id)
            told["block"].append("made")
        except Refusal as refusal:
            told["block"].append({"slot_taken": "clash"}[refusal.code])
        try:
            plan = Plan(unit_id, once, opens, closes, 2, "모임")
            made = series.make(town.database, resident(2), town.now, plan, f"{number}").whole.series.id
            series.cancel(town.database, resident(2), town.now, made)
            told["series"].append("made")
        except Refusal as refusal:
            told["series"].append({"series_not_free": "clash"}[refusal.code])
    assert told == {"block": wanted, "series": wanted}
    assert broken(town.database) == []


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (Recurrence(date(2027, 12, 1), "month", nth=(2, 3), count=3), ["2027-12-08", "2028-01-12", "2028-02-09"]),
        (Recurrence(date(2027, 12, 1), "month", nth=(5, 5), count=3), ["2027-12-31", "2028-03-31", "2028-06-30"]),
        (Recurrence(date(2027, 12, 1), "month", nth=(-1, 2), count=3), ["2027-12-28", "2028-01-25", "2028-02-29"]),
        (Recurrence(date(2027, 12, 31), "month", count=3), ["2027-12-31", "2028-01-31", "2028-03-31"]),
        (Recurrence(date(2027, 12, 29), "month", count=3), ["2027-12-29", "2028-01-29", "2028-02-29"]),
        (Recurrence(date(2028, 2, 28), "day", count=3), ["2028-02-28", "2028-02-29", "2028-03-01"]),
    ],
    ids=["second Wednesday", "fifth Friday", "last Tuesday", "the 31st", "the 29th", "over the leap day"],
)
def test_a_series_holds_its_dates_and_no_others(town: Town, rule: Recurrence, days: list[str]) -> None:
    town.now = at(25, 10, year=2027)
    always_open(town, window=365)
    made = series.make(town.database, resident(1), town.now, Plan(BIG, rule, "14:00", "16:00", 2, "모임"), "one")
    assert [each.series_day.isoformat() for each in made.whole.occurrences if each.series_day] == days
    held = {each.start_at.astimezone(at(1, 0).tzinfo).date() for each in made.whole.occurrences}
    for day in sorted({each + n * 24 * HOUR for each in held for n in (-1, 0, 1)}):
        start = at(day.day, 15, month=day.month, year=day.year)
        told = ends(lambda start=start: town.reserve(resident(2), WHOLE, start, 1))  # type: ignore[misc]
        assert told == ["slot_taken" if day in held else "made"], day
    assert broken(town.database) == []


def test_a_series_over_the_clock_changes_keeps_the_wall_time(town: Town) -> None:
    """Sundays in New York around 1 November and 8 March: 09:00 at the wall; 01:00 is the first of two; 02:30 is left
    out on the day that lacks it."""
    for now, first, hours, left_out in (
        (datetime(2026, 10, 20, 12, tzinfo=UTC), date(2026, 10, 25), [13, 14, 14], 0),
        (datetime(2026, 2, 20, 12, tzinfo=UTC), date(2026, 3, 1), [14, 13, 13], 1),
    ):
        town.now = now
        always_open(town, "America/New_York")
        sundays = Recurrence(first, "week", count=3)
        morning = series.make(
            town.database, resident(1), now, Plan(BIG, sundays, "09:00", "10:00", 2, "모임"), f"morning {first}"
        ).whole
        assert [each.start_at.hour for each in morning.occurrences] == hours
        night = series.make(
            town.database, resident(1), now, Plan(BIG, sundays, "02:30", "03:30", 2, "모임"), f"night {first}",
            free_only=True,
        )  # fmt: skip
        assert len(night.left_out) == left_out
        twice = series.make(
            town.database, resident(1), now, Plan(BIG, sundays, "01:00", "01:30", 2, "모임"), f"twice {first}"
        ).whole
        during = twice.occurrences[1].during
        assert during.length == HOUR / 2
        again = Interval(during.start + HOUR, during.end + HOUR)  # the same clock time once more, or an hour later
        told = ends(
            lambda during=during: town.reserve(resident(2), BIG, during.start, 0.5),  # type: ignore[misc]
            lambda again=again: town.reserve(resident(2), WHOLE, again.start, 0.5),  # type: ignore[misc]
        )
        assert told == ["slot_taken", "made"]
        assert broken(town.database) == []


def test_lunar_holidays_and_their_substitutes_close_the_door(town: Town) -> None:
    """Seollal 2027 is a Sunday: the 6th to the 8th of February are its days by the moon, the 9th is free instead."""
    town.now = at(25, 10, month=1, year=2027)
    told = {
        day: ends(lambda day=day: town.reserve(resident(1), FAR, at(day, 14, month=2, year=2027)))[0]  # type: ignore[misc]
        for day in range(5, 11)
    }
    assert told == {5: "made", **dict.fromkeys((6, 7, 8, 9), "closed_holiday"), 10: "made"}
    with town.database.write() as session:
        findable.refresh(session)
    month = Search(day=date(2027, 2, 4), until=date(2027, 2, 11), starts=840, ends=900, space_id=2)
    (hit,) = find(town.database, town.now, month).hits
    assert [start.astimezone(at(1, 0).tzinfo).day for start in hit.starts] == [4, 11]  # the 5th and 10th are taken now
