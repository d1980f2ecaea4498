"""Series: one object made of many reservations, whole or not at all, whoever else wants the same times."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from services.booking import reservations, series
from services.booking.models import AUDIT, ClosedTime, Message, Occupancy, Reservation, Series, UnitRules
from services.booking.rules.recurrence import Recurrence
from services.booking.series import edits
from services.booking.series.edits import Wanted
from services.booking.series.survey import Plan
from shared.bus.tables import outbox
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, SMALL, WHOLE, Town, at, resident
from tests.booking.racing import race

TUESDAYS = Recurrence(date(2026, 11, 24), "week", count=5)
KEEPER = Actor(7, "운영자", frozenset({Role.SPACE_KEEPER}), spaces=(1,))


def plan(rule: Recurrence = TUESDAYS, unit_id: int = BIG, **more: Any) -> Plan:
    facts = {"opens": "14:00", "closes": "16:00", "people": 4, "purpose": "책 읽기 모임", **more}
    return Plan(unit_id, rule, **facts)


def make(town: Town, actor: Actor, wanted: Plan, key: str = "key", **more: Any) -> series.Made:
    return series.make(town.database, actor, town.now, wanted, key, **more)


def code(call: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refusal) as refused:
        call(*arguments, **more)
    return refused.value.code


def count(town: Town, *wanted: Any) -> int:
    with town.database.read() as session:
        return session.scalar(select(func.count()).where(*wanted)) or 0


def rules_of(town: Town, unit_id: int, **settings: Any) -> None:
    with town.database.write() as session:
        session.merge(UnitRules(unit_id=unit_id, settings=settings, changed_at=town.now))


def test_a_series_is_one_object(town: Town) -> None:
    made = make(town, resident(), plan())
    whole = series.read(town.database, resident(), town.now, made.whole.series.id)
    assert [each.start_at for each in whole.occurrences] == [
        at(24, 14), at(1, 14, month=12), at(8, 14, month=12), at(15, 14, month=12), at(22, 14, month=12),
    ]  # fmt: skip
    assert {each.price_won for each in whole.occurrences} == {9000}
    subject = f"series:{whole.series.id}"
    assert count(town, AUDIT.c.action == "series.made", AUDIT.c.subject == subject) == 1
    assert count(town, AUDIT.c.action == "reservation.made") == 0
    assert count(town, Message.account_id == 101) == 1
    assert count(town, outbox.c.name == "booking.reservation.made") == 5
    assert count(town, Occupancy.reservation_id.in_([each.id for each in whole.occurrences])) == 5


def test_the_same_key_gives_the_same_series(town: Town) -> None:
    first, second = (make(town, resident(), plan()) for _ in range(2))
    assert first.whole.series.id == second.whole.series.id
    assert count(town, Reservation.id > 0) == 5
    assert code(make, town, resident(), plan(purpose="다른 모임")) == "idempotency_key_reused"


def test_a_preview_tells_every_date_and_keeps_nothing(town: Town) -> None:
    town.reserve(resident(9), BIG, at(1, 15, month=12))
    daily = Recurrence(date(2026, 12, 1), "week", weekdays=frozenset({2, 5}), until=date(2027, 2, 2))
    found = series.preview(town.database, resident(), town.now, plan(daily))
    told = {each.day.isoformat(): (each.state, each.code) for each in found.occurrences}
    assert told["2026-12-01"] == ("taken", "slot_taken")
    assert told["2026-12-04"] == ("free", None)
    assert told["2026-12-25"] == ("closed", "closed_holiday")
    assert told["2027-01-01"] == ("closed", "closed_holiday")
    assert told["2027-02-02"] == ("refused", "too_far_ahead")
    assert found.won == 9000 * len(found.free)
    assert count(town, Series.id > 0) == 0


def test_what_is_taken_refuses_all_or_is_left_out_as_wanted(town: Town) -> None:
    town.reserve(resident(9), WHOLE, at(8, 15, month=12))
    assert code(make, town, resident(), plan()) == "series_not_free"
    assert count(town, Series.id > 0) == 0
    made = make(town, resident(), plan(), free_only=True)
    assert [each.day for each in made.left_out] == [date(2026, 12, 8)]
    assert len(made.whole.occurrences) == 4
    some = make(town, resident(102), plan(unit_id=SMALL), days=[date(2026, 11, 24), date(2026, 12, 1)])
    assert [each.series_day for each in some.whole.occurrences] == [date(2026, 11, 24), date(2026, 12, 1)]


def test_holidays_and_closures_are_skipped_or_refused_as_chosen(town: Town) -> None:
    fridays = Recurrence(date(2026, 12, 4), "week", count=5)  # the fourth is Christmas, the fifth New Year
    with town.database.write() as session:
        session.add(ClosedTime(unit_id=BIG, closure_id=1, start_at=at(11, 0, month=12), end_at=at(12, 0, month=12)))
    assert code(make, town, resident(), plan(fridays, on_closed="refuse")) == "series_closed_days"
    made = make(town, resident(), plan(fridays))
    assert [each.code for each in made.left_out] == ["closed_closure", "closed_holiday", "closed_holiday"]
    assert [each.series_day.day for each in made.whole.occurrences if each.series_day] == [4, 18]


def test_lunar_holidays_with_their_substitute_are_left_out(town: Town) -> None:
    rules_of(town, BIG, window=200)
    week = Recurrence(date(2027, 2, 5), "day", count=7)
    found = series.preview(town.database, resident(), town.now, plan(week))
    closed = [each.day.isoformat() for each in found.occurrences if each.code == "closed_holiday"]
    assert closed == ["2027-02-06", "2027-02-07", "2027-02-08", "2027-02-09"]


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        (plan(purpose=" "), "purpose_needed"),
        (plan(people=11), "people_too_many"),
        (plan(opens="14:10"), "off_grid"),
        (plan(opens="16:00", closes="14:00"), "end_before_start"),
        (plan(opens="09:00", closes="20:00"), "too_long"),
        (plan(Recurrence(date(2026, 11, 24), "week")), "recurrence_end_needed"),
        (plan(Recurrence(date(2026, 11, 24), "day", count=61)), "series_too_many"),
        (plan(unit_id=999), "unit_not_found"),
        (plan(Recurrence(date(2026, 11, 1), "week", count=2)), "series_not_free"),  # both are over
    ],
)
def test_refusals(town: Town, wanted: Plan, wrong: str) -> None:
    assert code(make, town, resident(), wanted) == wrong


def test_quotas_count_the_occurrences(town: Town) -> None:
    rules_of(town, BIG, quotas=[{"per": "person", "period": "month", "limit": 2}])
    found = series.preview(town.database, resident(), town.now, plan())
    assert [each.code for each in found.occurrences] == [None, None, None, "quota_person_month", "quota_person_month"]
    town.reserve(resident(), BIG, at(3, 14, month=12))
    made = make(town, resident(), plan(), free_only=True)
    assert [each.start_at.month for each in made.whole.occurrences] == [11, 12]


def test_what_needs_approval_is_requested(town: Town) -> None:
    rules_of(town, BIG, approval="manual")
    made = make(town, resident(), plan())
    assert {each.status for each in made.whole.occurrences} == {"requested"}
    with town.database.read() as session:
        assert list(session.scalars(select(Message.kind))) == ["series_requested"]


def test_buffers_count_between_the_dates_of_a_series_and_others(town: Town) -> None:
    rules_of(town, BIG, buffer_after=60)
    town.reserve(resident(9), BIG, at(24, 16))
    found = series.preview(town.database, resident(), town.now, plan())
    assert [each.code for each in found.occurrences] == ["slot_taken", None, None, None, None]


def test_cancel_one_following_and_all(town: Town) -> None:
    whole = make(town, resident(), plan()).whole
    ids = [each.id for each in whole.occurrences]
    gone = series.cancel(town.database, resident(), town.now, whole.series.id, "one", ids[1])
    assert [each.id for each in gone] == [ids[1]]
    gone = series.cancel(town.database, resident(), town.now, whole.series.id, "following", ids[3])
    assert [each.id for each in gone] == ids[3:]
    town.reserve(resident(9), BIG, at(22, 14, month=12), 2)
    late = at(24, 15)
    assert code(series.cancel, town.database, resident(), late, whole.series.id, "one", ids[0]) == "already_started"
    assert [each.id for each in series.cancel(town.database, resident(), late, whole.series.id)] == [ids[2]]
    assert code(series.cancel, town.database, resident(), late, whole.series.id) == "already_started"
    now = series.read(town.database, resident(), late, whole.series.id)
    assert [each.status for each in now.occurrences] == ["confirmed"] + ["cancelled"] * 4
    assert count(town, outbox.c.name == "booking.reservation.cancelled") == 4
    assert count(town, AUDIT.c.action == "series.cancelled") == 3


def test_only_its_owner_and_who_runs_the_space(town: Town) -> None:
    made = make(town, resident(), plan()).whole.series.id
    assert code(series.read, town.database, resident(9), town.now, made) == "not_allowed"
    assert code(series.cancel, town.database, resident(9), town.now, made) == "not_allowed"
    assert code(edits.change, town.database, resident(9), town.now, made, Wanted(people=3)) == "not_allowed"
    assert code(series.read, town.database, resident(), town.now, made + 1) == "series_not_found"
    series.read(town.database, KEEPER, town.now, made)
    assert count(town, AUDIT.c.action == "series.viewed", AUDIT.c.account_id == 7) == 1
    series.cancel(town.database, KEEPER, town.now, made, reason="누수 공사")
    assert count(town, Message.kind == "series_cancelled", Message.account_id == 101) == 1
    assert count(town, AUDIT.c.action == "series.cancelled", AUDIT.c.on_behalf_of == 101) == 1


def test_change_all_following_and_one(town: Town) -> None:
    whole = make(town, resident(), plan()).whole
    ids = [each.id for each in whole.occurrences]

    def change(wanted: Wanted, *scope: Any, **more: Any) -> edits.Changed:
        return edits.change(town.database, resident(), town.now, whole.series.id, wanted, *scope, **more)

    change(Wanted(opens="15:00", closes="18:00"))  # over its own old time
    change(Wanted(unit_id=SMALL), "following", ids[3])
    change(Wanted(people=2, purpose="송년회"), "one", ids[4])
    town.reserve(resident(9), BIG, at(24, 14))
    now = series.read(town.database, resident(), town.now, whole.series.id)
    assert [each.unit_id for each in now.occurrences] == [BIG] * 3 + [SMALL] * 2
    assert {each.start_at.astimezone(at(1, 1).tzinfo).hour for each in now.occurrences} == {15}
    assert {each.price_won for each in now.occurrences} == {13000}
    assert [(each.people, each.purpose) for each in now.occurrences[3:]] == [(4, "책 읽기 모임"), (2, "송년회")]
    assert (now.series.opens, now.series.closes, now.series.sequence) == ("15:00", "18:00", 3)
    assert [each.sequence for each in now.occurrences] == [1, 1, 1, 2, 3]
    assert count(town, Message.kind == "series_changed") == 3


def test_a_change_that_cannot_be_had_leaves_everything_or_only_those(town: Town) -> None:
    whole = make(town, resident(), plan()).whole
    town.reserve(resident(9), BIG, at(1, 16, month=12))
    wanted = Wanted(opens="15:00", closes="17:00")
    arguments = (town.database, resident(), town.now, whole.series.id, wanted)
    assert code(edits.change, *arguments) == "series_not_free"
    assert {each.start_at.hour for each in series.read(*arguments[:-1]).occurrences} == {5}
    changed = edits.change(*arguments, free_only=True)
    assert ([each.day.day for each in changed.stayed], len(changed.changed)) == ([1], 4)
    assert [each.start_at.hour for each in series.read(*arguments[:-1]).occurrences] == [6, 5, 6, 6, 6]
    assert code(edits.change, *arguments[:-1], Wanted(people=99)) == "people_too_many"


def test_of_series_on_the_same_slots_one_wins_whole(town: Town) -> None:
    units = [BIG, WHOLE, BIG, WHOLE]
    for week in range(3):
        rule = Recurrence(date(2026, 11, 24) + timedelta(days=week), "week", count=4)
        runners = [
            lambda n=n, rule=rule: make(town, resident(200 + n), plan(rule, units[n % 4]), f"{n}-{rule.first}")
            for n in range(8)
        ]
        ends = race(runners)
        assert ends["won"] == 1
        assert set(ends) <= {"won", "series_not_free", "slot_taken"}
        with town.database.read() as session:
            per_series = session.execute(
                select(Reservation.series_id, func.count()).group_by(Reservation.series_id)
            ).all()
        assert {number for _series, number in per_series} == {4}


def test_series_against_single_reservations_changes_and_cancels(town: Town) -> None:
    """Whoever wins: no atom twice at one time, and a series whole, or as far as it was cancelled."""
    own = make(town, resident(1), plan(opens="10:00", closes="12:00"), "own").whole.series.id

    def shift() -> Any:
        return edits.change(
            town.database, resident(1), town.now, own, Wanted(opens="13:00", closes="15:00"), free_only=True
        )

    runners: list[Any] = [lambda n=n: make(town, resident(300 + n), plan(), f"s{n}", free_only=n > 1) for n in range(4)]
    runners += [
        lambda n=n: town.reserve(resident(400 + n), (BIG, WHOLE)[n % 2], at(24, 13) + timedelta(days=7 * n), 2)
        for n in range(4)
    ]
    runners += [shift, lambda: series.cancel(town.database, resident(1), town.now, own, "all")]
    ends = race(runners)
    known = {"won", "series_not_free", "series_nothing_free", "slot_taken", "nothing_to_change", "nothing_to_cancel"}
    assert set(ends) <= known
    with town.database.read() as session:
        held = session.execute(select(Occupancy.atom_id, Occupancy.start_at, Occupancy.end_at)).all()
        living = list(session.scalars(select(Reservation).where(Reservation.status == "confirmed")))
    rows = sorted((row.atom_id, row.start_at, row.end_at) for row in held)
    assert all(one[0] != other[0] or one[2] <= other[1] for one, other in pairwise(rows))
    assert len(rows) == sum(2 if each.unit_id == WHOLE else 1 for each in living)
    assert not [each for each in living if each.series_id == own]
    whole = Counter(each.series_id for each in living)
    assert all(whole[key] == 5 for key in whole if key and _key(town, key) in ("s0", "s1"))


def _key(town: Town, series_id: int) -> str:
    with town.database.read() as session:
        return session.get_one(Series, series_id).idempotency_key


def test_one_occurrence_lives_on_as_any_reservation(town: Town) -> None:
    whole = make(town, resident(), plan()).whole
    first = whole.occurrences[0]
    reservations.cancel(town.database, resident(), town.now, first.id)
    found = series.read(town.database, resident(), datetime.now(first.start_at.tzinfo), whole.series.id)
    assert [each.status for each in found.occurrences] == ["cancelled"] + ["confirmed"] * 4
