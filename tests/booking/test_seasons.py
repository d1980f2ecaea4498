"""Season allocation as use cases: who may, the draft, the plan that staff edit, and publishing whatever happens."""

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from services.booking import seasons
from services.booking.models import (
    AUDIT,
    Group,
    Membership,
    Message,
    Person,
    Reservation,
    Season,
    SeasonApplication,
    SeasonUnit,
    Series,
    UnitRules,
)
from services.booking.rules.season_plan import Plan
from services.booking.rules.seasons import Asked, Wanted
from services.booking.rules.weekly import Option, Placement, Time
from services.booking.seasons import applications, ending, publishing
from services.booking.seasons import plan as season_plan
from services.booking.seasons import rooms as season_rooms
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, FAR, NOW, SMALL, WHOLE, Town, at, resident
from tests.booking.invariants import broken

KEEPER = Actor(201, "지기", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
OTHER = Actor(202, "다른 지기", frozenset({Role.SPACE_KEEPER}), spaces=(2,))
DISTRICT = Actor(203, "동작", frozenset({Role.DISTRICT_STAFF}), district="11590")
ELSEWHERE = Actor(204, "은평", frozenset({Role.DISTRICT_STAFF}), district="11380")
CITY = Actor(205, "시", frozenset({Role.CITY_STAFF}))
TUE, WED, THU = 2, 3, 4
TWO, FOUR = 14 * 60, 16 * 60
OPENS, CLOSES = NOW + timedelta(days=1), NOW + timedelta(days=8)
OPEN, LATER = OPENS + timedelta(hours=1), CLOSES + timedelta(hours=1)
FIRST, LAST = date(2026, 12, 7), date(2027, 3, 7)


def wanted(**more: Any) -> Wanted:
    facts = {
        "name": "겨울 정기 이용", "unit_ids": (BIG, SMALL), "first_day": FIRST, "last_day": LAST, "opens_at": OPENS,
        "closes_at": CLOSES,
    }  # fmt: skip
    return Wanted(**{**facts, **more})


def asks(*options: Option, **more: Any) -> Asked:
    facts = {"group_name": "책모임", "purpose": "책 읽기", "people": 4, "times": 1, "minutes": 120}
    return Asked(options=options or (tuesday(),), **{**facts, **more})


def tuesday(unit_id: int = BIG, weekday: int = TUE, start: int = TWO, end: int = FOUR) -> Option:
    return Option(unit_id, weekday, start, end)


def refused(code: str, status: int = 409) -> Any:
    return pytest.raises(Refusal, match=f"^{code}$", check=lambda error: error.status == status)


def announced(town: Town, **more: Any) -> Season:
    made = seasons.make(town.database, KEEPER, NOW, wanted(**more), "key")
    return seasons.announce(town.database, KEEPER, NOW, made.id, made.version)


def apply(town: Town, season: Season, account_id: int, *options: Option, **more: Any) -> SeasonApplication:
    asked = asks(*options, **{"group_name": f"모임 {account_id}", **more})
    return applications.submit(town.database, resident(account_id), OPEN, season.id, asked)


def proposed(town: Town, season_id: int) -> season_plan.Board:
    version = seen(town, season_id).season.version
    season_plan.propose_plan(town.database, KEEPER, LATER, season_id, version)
    return seen(town, season_id)


def seen(town: Town, season_id: int) -> season_plan.Board:
    return season_plan.read(town.database, KEEPER, LATER, season_id)


def published(town: Town, season_id: int) -> None:
    version = seen(town, season_id).season.version
    publishing.publish(town.database, KEEPER, LATER, season_id, version)


def act(town: Town, season_id: int, what: str, *placements: Placement) -> season_plan.Board:
    version = seen(town, season_id).season.version
    season_plan.act(town.database, KEEPER, LATER, season_id, version, what, *placements)
    return seen(town, season_id)


def count(town: Town, *where: Any) -> int:
    with town.database.read() as session:
        return session.scalar(select(func.count()).where(*where)) or 0


def application(town: Town, application_id: int) -> SeasonApplication:
    with town.database.read() as session:
        return session.get_one(SeasonApplication, application_id)


def kinds(town: Town, account_id: int) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(select(Message.kind).where(Message.account_id == account_id).order_by(Message.id)))


@pytest.mark.parametrize("actor", [KEEPER, DISTRICT, CITY])
def test_who_runs_all_the_spaces_makes_it_once(town: Town, actor: Actor) -> None:
    first, second = (seasons.make(town.database, actor, NOW, wanted(), "key") for _ in range(2))
    assert first.id == second.id
    assert (first.district, first.zone, first.status) == ("11590", "Asia/Seoul", "draft")
    assert count(town, AUDIT.c.action == "season.made") == 1


@pytest.mark.parametrize("units", [((BIG, SMALL), (BIG, SMALL)), ((BIG,), (SMALL,))], ids=["same", "other units"])
def test_a_race_of_equal_requests_makes_one(town: Town, units: tuple[tuple[int, ...], ...]) -> None:
    made: list[int] = []

    def make(unit_ids: tuple[int, ...]) -> None:
        made.append(seasons.make(town.database, KEEPER, NOW, wanted(unit_ids=unit_ids), "key").id)

    failed = together(*[lambda each=each: make(each) for each in (*units, *units)])
    assert failed == []
    assert (len(made), len(set(made))) == (4, 1)
    assert count(town, AUDIT.c.action == "season.made") == 1


def test_the_same_key_is_another_season_for_another_person_and_never_refused_late(town: Town) -> None:
    first = seasons.make(town.database, KEEPER, NOW, wanted(), "key")
    assert seasons.make(town.database, DISTRICT, NOW, wanted(), "key").id != first.id
    late = seasons.make(town.database, KEEPER, NOW + timedelta(days=800), wanted(), "key")
    assert late.id == first.id
    for key in ("", "k" * 81):
        with refused("idempotency_key_needed", 422):
            seasons.make(town.database, KEEPER, NOW, wanted(), key)


@pytest.mark.parametrize("actor", [OTHER, ELSEWHERE, resident()])
def test_nobody_else_does(town: Town, actor: Actor) -> None:
    with refused("not_allowed", 403):
        seasons.make(town.database, actor, NOW, wanted(), "key")
    season = announced(town)
    for call in (
        lambda: seasons.edit(town.database, actor, NOW, season.id, season.version, wanted(unit_ids=(BIG,))),
        lambda: seasons.announce(town.database, actor, NOW, season.id, season.version),
        lambda: season_plan.read(town.database, actor, LATER, season.id),
        lambda: season_plan.propose_plan(town.database, actor, LATER, season.id, season.version),
        lambda: publishing.publish(town.database, actor, LATER, season.id, season.version),
        lambda: ending.cancel(town.database, actor, NOW, season.id, "이유"),
        lambda: ending.drop(town.database, actor, NOW, season.id, season.version),
    ):
        with refused("not_allowed", 403):
            call()
    assert seasons.managed_by(town.database, actor) == []


def test_a_season_over_two_spaces_needs_who_runs_both(town: Town) -> None:
    with refused("not_allowed", 403):
        seasons.make(town.database, KEEPER, NOW, wanted(unit_ids=(BIG, FAR)), "key")
    both = seasons.make(town.database, DISTRICT, NOW, wanted(unit_ids=(BIG, FAR)), "key")
    assert seasons.managed_by(town.database, KEEPER) == []
    assert [each.id for each, _spaces, _n in seasons.managed_by(town.database, DISTRICT)] == [both.id]
    with refused("not_allowed", 403):
        seasons.announce(town.database, KEEPER, NOW, both.id, both.version)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "season_name_needed"),
        ({"unit_ids": ()}, "season_units_needed"),
        ({"last_day": date(2026, 12, 1)}, "season_ends_before_start"),
        ({"last_day": date(2028, 12, 1)}, "season_too_long"),
        ({"closes_at": OPENS}, "season_closes_before_opens"),
        ({"opens_at": NOW - timedelta(days=2), "closes_at": NOW}, "season_closes_in_the_past"),
        ({"first_day": date(2026, 11, 30)}, "season_starts_too_early"),
        ({"usable": 10}, "setting_out_of_range"),
        ({"new_weight": 4}, "setting_out_of_range"),
    ],
)
def test_a_wrong_season_is_refused_at_its_field(town: Town, wrong: dict[str, Any], code: str) -> None:
    with refused(code, 422) as error:
        seasons.make(town.database, KEEPER, NOW, wanted(**wrong), "key")
    assert code in str(error.value.fields)


def test_what_groups_rely_on_is_frozen_once_they_can_apply(town: Town) -> None:
    season = announced(town)
    soon = seasons.edit(town.database, KEEPER, NOW, season.id, season.version, wanted(unit_ids=(BIG,)))
    with refused("season_changed"):
        seasons.edit(town.database, KEEPER, NOW, season.id, season.version, wanted())
    for change in ({"unit_ids": (BIG, SMALL)}, {"usable": 50}, {"closes_at": CLOSES - timedelta(hours=1)}):
        with refused("season_rules_frozen"):
            seasons.edit(town.database, KEEPER, OPEN, season.id, soon.version, wanted(**{"unit_ids": (BIG,), **change}))
    later = wanted(unit_ids=(BIG,), name="새 이름", closes_at=CLOSES + timedelta(hours=1))
    assert seasons.edit(town.database, KEEPER, OPEN, season.id, soon.version, later).name == "새 이름"


def test_a_draft_is_nobody_elses_to_see(town: Town) -> None:
    season = seasons.make(town.database, KEEPER, NOW, wanted(), "key")
    with refused("season_not_found", 404):
        seasons.read(town.database, resident(), season.id)
    with refused("season_not_found", 404):
        applications.submit(town.database, resident(), OPEN, season.id, asks())
    assert seasons.announced(town.database, resident()) == []
    assert seasons.read(town.database, KEEPER, season.id).runs


def test_applying_from_opening_to_closing(town: Town) -> None:
    season = announced(town)
    for moment, code in ((OPENS - timedelta(seconds=1), "season_not_open_yet"), (CLOSES, "season_closed")):
        with refused(code):
            applications.submit(town.database, resident(), moment, season.id, asks())
        with refused(code):
            applications.save_draft(town.database, resident(), moment, season.id, {})
    first = applications.submit(town.database, resident(), OPENS, season.id, asks())
    again = applications.submit(town.database, resident(), CLOSES - timedelta(seconds=1), season.id, asks())
    changed = applications.submit(town.database, resident(), OPEN, season.id, asks(people=5))
    assert first.id == again.id == changed.id
    assert changed.people == 5
    assert kinds(town, 101) == ["season_submitted"]
    assert count(town, AUDIT.c.action == "season.submitted") == 1
    assert count(town, AUDIT.c.action == "season.application_changed") == 1


def test_a_draft_is_kept_as_it_was_typed(town: Town) -> None:
    season = announced(town)
    typed = {"people": "넷쯤", "unit-1": "", "purpose": "아직 " * 300}
    applications.save_draft(town.database, resident(), OPEN, season.id, typed)
    shown = seasons.read(town.database, resident(), season.id)
    assert shown.mine
    assert (shown.mine.status, shown.mine.typed["people"]) == ("draft", "넷쯤")
    assert shown.taking_part == 0
    applications.submit(town.database, resident(), OPEN, season.id, asks())
    applications.save_draft(town.database, resident(), OPEN, season.id, {"people": "9"})
    shown = seasons.read(town.database, resident(), season.id)
    assert shown.mine
    assert (shown.mine.status, shown.mine.people, shown.mine.typed) == ("submitted", 4, {"people": "9"})


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        (asks(group_name=" "), "group_name", "season_group_needed"),
        (asks(purpose=""), "purpose", "purpose_needed"),
        (asks(people=0), "people", "people_too_few"),
        (asks(times=8), "times", "season_times_range"),
        (asks(minutes=20), "minutes", "season_minutes_range"),
        (asks(times=2), "options", "season_too_few_options"),
        (asks(tuesday(), tuesday(SMALL), times=2), "options", "season_too_few_days"),
        (asks(tuesday(), tuesday()), "options.1", "season_option_twice"),
        (asks(tuesday(end=TWO + 60)), "options.0", "season_option_too_short"),
        (asks(tuesday(start=FOUR, end=TWO)), "options.0", "end_before_start"),
        (asks(tuesday(FAR)), "options.0", "season_unit_unknown"),
        (asks(tuesday(SMALL), people=5), "options.0", "people_too_many"),
        (asks(tuesday(start=TWO + 10, end=FOUR + 10)), "options.0", "off_grid"),
        (asks(tuesday(end=21 * 60), minutes=300), "options.0", "too_long"),
        (asks(group_id=77), "group_id", "group_not_yours"),
    ],
)
def test_a_wrong_application_is_refused_at_its_field(town: Town, asked: Asked, field: str, code: str) -> None:
    season = announced(town)
    with pytest.raises(Refusal) as error:
        applications.submit(town.database, resident(), OPEN, season.id, asked)
    assert code in error.value.fields[field]
    with pytest.raises(Refusal) as looked:
        applications.check(town.database, resident(), OPEN, season.id, asked)
    assert looked.value.fields == error.value.fields


def test_a_group_applies_once_whoever_sends_it(town: Town) -> None:
    season = announced(town)
    with town.database.write() as session:
        session.add(Group(id=5, name="책모임", invite_code="x", created_at=NOW))
        session.flush()
        for account_id in (101, 102):
            session.add(Membership(group_id=5, account_id=account_id, role="member"))
    made = apply(town, season, 101, group_id=5)
    assert made.group_name == "책모임"
    with refused("season_group_applied"):
        apply(town, season, 102, group_id=5)
    applications.withdraw(town.database, resident(101), OPEN, season.id)
    assert apply(town, season, 102, group_id=5).status == "submitted"


def test_rooms_know_hours_holidays_and_what_is_reserved_with_its_buffers(town: Town) -> None:
    with town.database.write() as session:
        session.merge(UnitRules(unit_id=BIG, settings={"buffer_after": 30}, changed_at=NOW))
    town.reserve(resident(9), WHOLE, at(8, 15, month=12), 1)
    season = announced(town)
    with town.database.read() as session:
        rooms = season_rooms.rooms_of(session, season, NOW)
    tuesdays = rooms.rooms[BIG].days[TUE]
    assert rooms.dates[TUE][0] == date(2026, 12, 8)
    assert tuesdays[0].opens == ((9 * 60, 21 * 60),)
    assert tuesdays[0].taken == ((14 * 60 + 30, 16 * 60),)
    assert rooms.rooms[SMALL].days[TUE][0].taken == ((15 * 60, 16 * 60),)
    assert rooms.rooms[BIG].gap == 30
    friday = Placement(1, BIG, Time(5, TWO, FOUR))
    assert [day.isoformat() for day in rooms.outlook(friday)["closed"]] == ["2026-12-25", "2027-01-01"]
    assert rooms.outlook(Placement(1, BIG, Time(TUE, TWO, FOUR)))["taken"] == [date(2026, 12, 8)]


def test_the_system_proposes_and_says_why(town: Town) -> None:
    season = announced(town)
    one = apply(town, season, 101, tuesday(), tuesday(SMALL))
    two = apply(town, season, 102, tuesday())
    with refused("season_not_closed"):
        season_plan.propose_plan(town.database, KEEPER, OPEN, season.id, season.version)
    board = proposed(town, season.id)
    assert board.plan.placements == (
        Placement(one.id, SMALL, Time(TUE, TWO, FOUR)),
        Placement(two.id, BIG, Time(TUE, TWO, FOUR)),
    )
    assert board.fairness == 1
    assert board.shares == {"groups": 2, "all": 2, "some": 0, "none": 0, "given": 2, "wanted": 2}
    assert all(board.plan.about["proven"].values())
    assert [reason.code for reason in board.reasons[one.id]] == ["enough", "given"]


def test_staff_edit_and_every_act_is_worked_out_anew(town: Town) -> None:
    season = announced(town)
    one, two = apply(town, season, 101), apply(town, season, 102)
    board = proposed(town, season.id)
    (given,) = board.plan.placements
    loser = ({one.id, two.id} - {given.wish_id}).pop()
    assert board.fairness == Fraction(1, 2)
    pinned = Placement(loser, BIG, given.time)
    board = act(town, season.id, "pin", pinned)
    assert board.clashes == [tuple(sorted((given, pinned)))]
    assert board.fairness == 1
    with refused("season_clashes"):
        published(town, season.id)
    board = act(town, season.id, "forbid", given)
    assert (board.clashes, board.fairness) == ([], Fraction(1, 2))
    assert [reason.code for reason in board.reasons[given.wish_id]] == ["removed"]
    board = proposed(town, season.id)  # what was set by hand stays
    assert board.plan.placements == (pinned,)
    board = act(town, season.id, "allow", given)
    moved = Placement(loser, SMALL, Time(WED, TWO, FOUR))
    board = act(town, season.id, "move", pinned, moved)
    assert board.plan.pinned == {moved}
    assert set(proposed(town, season.id).plan.placements) == {given, moved}
    with refused("season_times_full"):
        act(town, season.id, "pin", Placement(loser, BIG, Time(THU, TWO, FOUR)))
    with refused("season_time_gone"):
        act(town, season.id, "unpin", pinned)
    board = act(town, season.id, "unpin", moved)
    assert board.plan.pinned == frozenset()
    index = next(i for i, old in enumerate(board.season.history) if Plan.from_json(old).placements == (given,))
    season_plan.go_back(town.database, KEEPER, LATER, season.id, board.season.version, index)
    back = seen(town, season.id)
    assert back.plan.placements == (given,)
    assert len(back.season.history) == len(board.season.history) + 1  # nothing is lost by going back


@pytest.mark.parametrize(
    ("placement", "code"),
    [
        (Placement(999, BIG, Time(TUE, TWO, FOUR)), "season_application_unknown"),
        (Placement(1, FAR, Time(TUE, TWO, FOUR)), "season_unit_unknown"),
        (Placement(1, BIG, Time(TUE, TWO, FOUR + 1)), "season_time_invalid"),
        (Placement(1, BIG, Time(8, TWO, FOUR)), "season_time_invalid"),
    ],
)
def test_what_is_not_the_seasons_cannot_be_pinned(town: Town, placement: Placement, code: str) -> None:
    season = announced(town)
    mine = apply(town, season, 101)
    wish_id = mine.id if placement.wish_id == 1 else placement.wish_id
    with refused(code, 422):
        act(town, season.id, "pin", placement._replace(wish_id=wish_id))


def test_a_stale_page_is_refused(town: Town) -> None:
    season = announced(town)
    mine = apply(town, season, 101)
    board = proposed(town, season.id)
    placement = Placement(mine.id, BIG, Time(TUE, TWO, FOUR))
    old = board.season.version - 1
    for call in (
        lambda: season_plan.act(town.database, KEEPER, LATER, season.id, old, "pin", placement),
        lambda: season_plan.propose_plan(town.database, KEEPER, LATER, season.id, old),
        lambda: season_plan.go_back(town.database, KEEPER, LATER, season.id, old, 0),
        lambda: publishing.publish(town.database, KEEPER, LATER, season.id, old),
    ):
        with refused("season_changed"):
            call()
    assert count(town, Series.id > 0) == 0


def test_who_withdraws_leaves_the_plan(town: Town) -> None:
    season = announced(town)
    mine = apply(town, season, 101)
    board = proposed(town, season.id)
    applications.withdraw(town.database, resident(101), LATER, season.id)
    with refused("season_changed"):
        publishing.publish(town.database, KEEPER, LATER, season.id, board.season.version)
    left = seen(town, season.id)
    assert (left.plan.placements, left.applications) == ((), {})
    assert application(town, mine.id).status == "withdrawn"


def test_weights_are_stated_rules(town: Town) -> None:
    with town.database.write() as session:
        session.add(Person(account_id=102, district="11590"))
    season = announced(town, district_weight=2)
    one, two = apply(town, season, 101), apply(town, season, 102)
    board = proposed(town, season.id)
    assert {wish.id: wish.weight for wish in board.wishes} == {one.id: 1, two.id: 3}
    assert [each.wish_id for each in board.plan.placements] == [two.id]
    assert board.reasons[one.id][0].why == "weight"


def test_who_got_nothing_lately_counts_more(town: Town) -> None:
    before = announced(town)
    apply(town, before, 101)
    proposed(town, before.id)
    published(town, before.id)
    town.now = LATER
    opens, closes = LATER + timedelta(days=100), LATER + timedelta(days=103)
    facts = {"opens_at": opens, "closes_at": closes, "first_day": date(2027, 4, 5), "last_day": date(2027, 6, 5)}
    season = seasons.make(town.database, KEEPER, LATER, wanted(new_weight=1, **facts), "second")
    seasons.announce(town.database, KEEPER, LATER, season.id, season.version)
    for account_id in (101, 102):
        applications.submit(town.database, resident(account_id), opens, season.id, asks())
    with town.database.read() as session:
        found = season_plan.board(session, session.get_one(Season, season.id), closes)
    assert [wish.weight for wish in found.wishes] == [1, 2]


def test_publishing_reserves_for_each_and_tells_each_once(town: Town) -> None:
    with town.database.write() as session:  # what binds residents does not bind an allocation
        session.merge(
            UnitRules(
                unit_id=BIG,
                settings={
                    "window": 7,
                    "approval": "manual",
                    "series_limit": 2,
                    "quotas": [{"per": "person", "period": "month", "limit": 1}],
                },
                changed_at=NOW,
            )
        )
    season = announced(town)
    one, two = apply(town, season, 101), apply(town, season, 102)
    three = apply(town, season, 103, tuesday(SMALL, 5), minutes=60)
    board = proposed(town, season.id)
    winner, loser = (one, two) if any(each.wish_id == one.id for each in board.plan.placements) else (two, one)
    town.now = LATER
    town.reserve(resident(9), SMALL, at(11, 14, month=12), 1)  # meanwhile
    published(town, season.id)
    got = application(town, winner.id).result
    assert got
    (given,) = got["given"]
    assert given["count"] == 12
    assert given["left_out"] == [["2027-02-09", "closed_holiday"]]
    with town.database.read() as session:
        series = session.get_one(Series, given["series_id"])
        made = session.scalars(select(Reservation).where(Reservation.series_id == series.id)).all()
    assert {each.status for each in made} == {"confirmed"}
    assert {(each.account_id, each.unit_id) for each in made} == {(winner.account_id, BIG)}
    lost = application(town, loser.id).result
    assert lost
    assert lost["given"] == []
    assert lost["reasons"][0]["code"] == "lost"
    third = application(town, three.id).result
    assert third
    assert third["given"][0]["left_out"] == [
        ["2026-12-11", "slot_taken"], ["2026-12-25", "closed_holiday"], ["2027-01-01", "closed_holiday"],
    ]  # fmt: skip
    assert kinds(town, winner.account_id) == ["season_submitted", "season_allocated"]
    assert kinds(town, loser.account_id) == ["season_submitted", "season_refused"]
    assert kinds(town, 103) == ["season_submitted", "season_allocated"]
    assert count(town, AUDIT.c.action == "season.allotted", AUDIT.c.on_behalf_of == 101) == 1
    assert broken(town.database) == []
    with refused("season_is_published"):
        act(town, season.id, "forbid", board.plan.placements[0])
    with refused("season_is_published"):
        applications.withdraw(town.database, resident(101), LATER, season.id)


def test_a_time_without_a_free_date_is_told_and_holds_nobody_up(town: Town) -> None:
    facts = {"first_day": date(2026, 12, 7), "last_day": date(2026, 12, 13)}
    season = announced(town, **facts)
    mine = apply(town, season, 101)
    proposed(town, season.id)
    town.reserve(resident(9), BIG, at(8, 15, month=12), 1)
    published(town, season.id)
    result = application(town, mine.id).result
    assert result
    assert (result["given"][0]["count"], result["given"][0]["code"]) == (0, "series_nothing_free")
    assert kinds(town, 101) == ["season_submitted", "season_refused"]


def some_groups(town: Town, season: Season, groups: int = 6) -> list[SeasonApplication]:
    """Each with a time of its own."""
    return [
        apply(town, season, 101 + number, tuesday((BIG, SMALL)[number % 2], 1 + number % 5, TWO + number // 5 * 120))
        if number < 5
        else apply(town, season, 101 + number, tuesday(BIG, 1, 9 * 60, 11 * 60))
        for number in range(groups)
    ]


def all_well(town: Town, groups: list[SeasonApplication]) -> None:
    results = [application(town, each.id).result for each in groups]
    assert all(result and result["given"][0]["count"] > 5 for result in results)
    assert count(town, Series.id > 0) == len(groups)
    for each in groups:
        assert kinds(town, each.account_id) == ["season_submitted", "season_allocated"]
    assert count(town, AUDIT.c.action == "season.allotted") == len(groups)
    assert count(town, AUDIT.c.action == "season.published") == 1
    assert broken(town.database) == []


class Killed(BaseException):
    """As if the process died here."""


def test_publishing_goes_on_after_a_death_half_way(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    season = announced(town)
    groups = some_groups(town, season)
    proposed(town, season.id)
    for kills_at in (2, 1):  # dies before the message of an application is kept, twice
        told = publishing.messages.tell
        calls = []

        def dying(*arguments: Any, told: Any = told, calls: Any = calls, at: int = kills_at, **more: Any) -> None:
            calls.append(1)
            if len(calls) > at:
                raise Killed
            told(*arguments, **more)

        with monkeypatch.context() as dies:
            dies.setattr(publishing.messages, "tell", dying)
            with pytest.raises(Killed):
                published(town, season.id)
    assert publishing.progress(town.database, season.id) == (3, 6)
    assert count(town, Series.id > 0) == 3
    assert publishing.tick(town.database, None, LATER)  # type: ignore[arg-type]
    assert not publishing.tick(town.database, None, LATER)  # type: ignore[arg-type]
    all_well(town, groups)
    published(town, season.id)
    all_well(town, groups)


def test_publishing_twice_at_once_reserves_once(town: Town) -> None:
    season = announced(town)
    groups = some_groups(town, season)
    version = proposed(town, season.id).season.version
    failed = together(
        *[lambda: publishing.publish(town.database, KEEPER, LATER, season.id, version) for _each in range(3)],
        lambda: publishing.tick(town.database, None, LATER),  # type: ignore[arg-type]
    )
    assert [error for error in failed if getattr(error, "code", "") != "season_changed"] == []
    publishing.carry_out(town.database, KEEPER, LATER, season.id, 40)
    all_well(town, groups)


def test_a_race_with_ordinary_reservations_has_one_winner_each(town: Town) -> None:
    season = announced(town)
    groups = some_groups(town, season)
    version = proposed(town, season.id).season.version
    town.now = LATER

    def books(account_id: int, unit_id: int) -> None:
        for day in (7, 8, 9, 10, 11, 14, 15, 16, 17, 18):
            with suppress(Refusal):
                town.reserve(resident(account_id), unit_id, at(day, 15, month=12), 1)

    failed = together(
        lambda: publishing.publish(town.database, KEEPER, LATER, season.id, version),
        lambda: books(301, WHOLE),
        lambda: books(302, BIG),
        lambda: books(303, SMALL),
    )
    assert failed == []
    all_well(town, groups)
    for each in groups:
        (given,) = application(town, each.id).result["given"]  # type: ignore[index]
        assert given["count"] + len(given["left_out"]) == 13


def together(*calls: Any) -> list[BaseException]:
    """All at once; what they raised."""
    failed: list[BaseException] = []
    barrier = threading.Barrier(len(calls))

    def run(call: Any) -> None:
        barrier.wait()
        try:
            call()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


@pytest.mark.parametrize("moment", [NOW, OPEN, LATER], ids=["soon", "open", "closed"])
def test_calling_off_tells_everybody_once_and_ends_it(town: Town, moment: Any) -> None:
    season = announced(town)
    mine = apply(town, season, 101)
    apply(town, season, 102)
    applications.save_draft(town.database, resident(103), OPEN, season.id, {"people": "3"})
    applications.withdraw(town.database, resident(102), OPEN, season.id)
    version = proposed(town, season.id).season.version
    for _ in range(2):  # again changes nothing
        done = ending.cancel(town.database, KEEPER, moment, season.id, " 공사를 합니다. ")
        assert (done.status, done.reason, done.version) == ("cancelled", "공사를 합니다.", version + 1)
    assert {each: kinds(town, each) for each in (101, 102, 103)} == {
        101: ["season_submitted", "season_cancelled"], 102: ["season_submitted"], 103: [],
    }  # fmt: skip
    assert count(town, AUDIT.c.action == "season.cancelled") == 1
    shown = seasons.read(town.database, resident(), season.id).season
    assert (shown.stage(OPEN), shown.reason, shown.cancelled_at) == ("cancelled", "공사를 합니다.", moment)
    assert [each.id for each, _spaces, _mine in seasons.announced(town.database, resident())] == [season.id]

    version, given = done.version, Placement(mine.id, BIG, Time(TUE, TWO, FOUR))
    for call in (
        lambda: applications.submit(town.database, resident(104), OPEN, season.id, asks()),
        lambda: applications.save_draft(town.database, resident(104), OPEN, season.id, {}),
        lambda: applications.check(town.database, resident(104), OPEN, season.id, asks()),
        lambda: applications.withdraw(town.database, resident(101), OPEN, season.id),
        lambda: seasons.edit(town.database, KEEPER, NOW, season.id, version, wanted()),
        lambda: seasons.announce(town.database, KEEPER, NOW, season.id, version),
        lambda: season_plan.propose_plan(town.database, KEEPER, LATER, season.id, version),
        lambda: season_plan.act(town.database, KEEPER, LATER, season.id, version, "pin", given),
        lambda: season_plan.go_back(town.database, KEEPER, LATER, season.id, version, 0),
        lambda: publishing.publish(town.database, KEEPER, LATER, season.id, version),
    ):
        with refused("season_is_cancelled"):
            call()
    with refused("season_not_draft"):
        ending.drop(town.database, KEEPER, LATER, season.id, version)
    assert not publishing.tick(town.database, None, LATER)  # type: ignore[arg-type]
    assert count(town, Series.id > 0) == 0


def test_what_cannot_be_called_off(town: Town) -> None:
    draft = seasons.make(town.database, KEEPER, NOW, wanted(), "draft")
    with refused("season_is_draft"):
        ending.cancel(town.database, KEEPER, NOW, draft.id, "이유")
    with refused("season_not_found", 404):
        ending.cancel(town.database, KEEPER, NOW, 999, "이유")
    season = announced(town)
    for reason, code in ((" ", "reason_needed"), ("아" * 501, "reason_too_long")):
        with refused(code, 422) as error:
            ending.cancel(town.database, KEEPER, NOW, season.id, reason)
        assert error.value.fields == {"reason": [code]}
    apply(town, season, 101)
    proposed(town, season.id)
    published(town, season.id)
    with refused("season_is_published"):
        ending.cancel(town.database, KEEPER, LATER, season.id, "이유")
    assert kinds(town, 101) == ["season_submitted", "season_allocated"]


def test_publishing_and_calling_off_at_once_does_one_of_them(town: Town) -> None:
    season = announced(town)
    apply(town, season, 101)
    version = proposed(town, season.id).season.version
    failed = together(
        lambda: publishing.publish(town.database, KEEPER, LATER, season.id, version),
        lambda: ending.cancel(town.database, KEEPER, LATER, season.id, "이유"),
    )
    (error,) = failed
    assert getattr(error, "code", error) in ("season_is_published", "season_is_cancelled", "season_changed")
    ended = seasons.read(town.database, KEEPER, season.id).season.status
    assert kinds(town, 101)[1:] == ["season_allocated" if ended == "published" else "season_cancelled"]
    assert count(town, Series.id > 0) == (ended == "published")


def test_who_applies_while_it_is_called_off_is_told_or_refused(town: Town) -> None:
    season = announced(town)
    failed = together(
        *[lambda each=each: apply(town, season, each) for each in (101, 102, 103)],
        lambda: ending.cancel(town.database, KEEPER, OPEN, season.id, "이유"),
    )
    assert {getattr(error, "code", error) for error in failed} <= {"season_is_cancelled"}
    told = [kinds(town, each) for each in (101, 102, 103)]
    assert told.count([]) == len(failed)
    assert told.count(["season_submitted", "season_cancelled"]) == 3 - len(failed)


def test_a_draft_is_dropped_as_long_as_nobody_has_seen_it(town: Town) -> None:
    draft = seasons.make(town.database, KEEPER, NOW, wanted(), "key")
    with refused("season_changed"):
        ending.drop(town.database, KEEPER, NOW, draft.id, draft.version - 1)
    ending.drop(town.database, KEEPER, NOW, draft.id, draft.version)
    assert (count(town, Season.id > 0), count(town, SeasonUnit.season_id > 0)) == (0, 0)
    assert count(town, AUDIT.c.action == "season.dropped", AUDIT.c.subject == "space:1") == 1
    with refused("season_not_found", 404):
        ending.drop(town.database, KEEPER, NOW, draft.id, draft.version)
    season = announced(town)  # its key is free again
    with refused("season_not_draft"):
        ending.drop(town.database, KEEPER, NOW, season.id, season.version)


def test_a_time_counts_for_one_of_two_overlapping_options(town: Town) -> None:
    season = announced(town, one_a_day=False)
    wide = tuesday(end=17 * 60)
    one = apply(town, season, 101, tuesday(), wide, tuesday(SMALL, WED), times=2)
    two = apply(town, season, 102, wide, tuesday(start=TWO - 120, end=18 * 60), minutes=60)
    board = proposed(town, season.id)
    assert [reason.code for reason in board.reasons[one.id]] == ["given", "enough", "given"]
    first = Placement(one.id, BIG, Time(TUE, TWO, FOUR))
    assert [board.rank(each) for each in board.plan.of(one.id)] == [0, 2]
    assert [reason.code for reason in board.reasons[two.id]].count("given") == 1
    board = act(town, season.id, "forbid", Placement(one.id, SMALL, Time(WED, TWO, FOUR)))
    assert board.plan.of(one.id) == [first]
    assert [reason.code for reason in board.reasons[one.id]] == ["given", "own_day", "removed"]
    published(town, season.id)
    result = application(town, one.id).result
    assert result
    assert [each["code"] for each in result["reasons"]] == ["given", "own_day", "removed"]


placements = st.builds(
    lambda wish, unit, weekday, start: Placement(wish, unit, Time(weekday, start * 60, start * 60 + 60)),
    st.integers(1, 3), st.integers(1, 2), st.integers(1, 7), st.integers(8, 12),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(("pin", "unpin", "forbid", "allow")), placements), max_size=12))
def test_a_plan_never_contradicts_itself_and_survives_being_kept(acts: list[tuple[str, Placement]]) -> None:
    plan = Plan()
    for what, placement in acts:
        plan = getattr(plan, what)(placement)
    assert plan.pinned <= set(plan.placements)
    assert not plan.forbidden & set(plan.placements)
    assert list(plan.placements) == sorted(set(plan.placements))
    done = replace(plan, about={"what": "pin"})
    assert Plan.from_json(done.as_json()) == done


def test_the_queries_do_not_grow_with_the_applications(town: Town) -> None:
    season = announced(town)
    apply(town, season, 101)
    few = statements(town, lambda: seen(town, season.id))
    some_groups(town, season)
    assert statements(town, lambda: seen(town, season.id)) == few < 20


def statements(town: Town, call: Any) -> int:
    """How many the call runs."""
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        told.append(statement)

    event.listen(town.database.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        event.remove(town.database.engine, "before_cursor_execute", note)
    return len(told)
