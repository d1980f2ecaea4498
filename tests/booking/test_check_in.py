"""Coming and not coming: the code on the spot, what the clock does, what follows, and the appeal."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from services.booking import check_in, no_shows
from services.booking.models import AUDIT, Membership, Message, NoShow, Occupancy, Reservation, UnitCode, UnitRules
from services.booking.models.people import Group
from services.booking.rules.attendance import blocked_until
from services.booking.rules.policy import NoShowRule
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal
from tests.booking.conftest import BIG, NOW, SMALL, WHOLE, Town, at, resident
from tests.booking.racing import race

KEEPER = Actor(201, "지기", frozenset({Role.SPACE_KEEPER}), spaces=(1,))
STRANGER = Actor(202, "다른 지기", frozenset({Role.SPACE_KEEPER}), spaces=(2,))
RULES = {"check_in": True, "early": 15, "grace": 15, "no_shows": {"count": 2, "within_days": 30, "block_days": 10}}


def rule(town: Town, unit_id: int = BIG, **settings) -> None:
    """The keeper's settings of a unit, since yesterday."""
    with town.database.write() as session:
        session.merge(UnitRules(unit_id=unit_id, settings=RULES | settings, changed_at=NOW - timedelta(days=1)))


def hang_poster(town: Town, unit_id: int = BIG) -> str:
    return check_in.code_of(town.database, KEEPER, NOW - timedelta(days=1), unit_id)[1]


@pytest.fixture
def code(town: Town) -> str:
    """A unit where one checks in, with its poster."""
    rule(town)
    return hang_poster(town)


def tick(town: Town, now: datetime) -> None:
    check_in.tick(town.database, None, now)  # type: ignore[arg-type]


def of(town: Town, reservation: Reservation) -> Reservation:
    with town.database.read() as session:
        return session.get_one(Reservation, reservation.id)


def kinds(town: Town, account_id: int) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(select(Message.kind).where(Message.account_id == account_id).order_by(Message.id)))


def refused(code: str, status: int = 409):
    return pytest.raises(Refusal, match=f"^{code}$", check=lambda error: error.status == status)


def test_who_comes_checks_in_once(town: Town, code: str) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    with refused("too_early_to_check_in"):
        check_in.check_in(town.database, resident(), at(23, 13, 44), code)
    done = check_in.check_in(town.database, resident(), at(23, 13, 45), code)
    assert (done.state, done.due) == ("done", None)
    check_in.check_in(town.database, resident(), at(23, 14, 5), code.upper())
    assert of(town, made).checked_in_at == at(23, 13, 45)
    tick(town, at(23, 14, 30))
    assert of(town, made).status == "confirmed"
    with town.database.read() as session:
        acts = session.execute(select(AUDIT.c.account_id).where(AUDIT.c.action == "reservation.checked_in")).all()
    assert acts == [(101,)]


def test_only_ones_own_and_only_here(town: Town, code: str) -> None:
    town.reserve(resident(), BIG, at(23, 14), 2)
    with refused("nothing_to_check_in"):
        check_in.check_in(town.database, resident(102), at(23, 14), code)
    with refused("check_in_code_unknown", 404):
        check_in.check_in(town.database, resident(), at(23, 14), "2222-3333-4444")
    small = hang_poster(town, SMALL)
    with refused("nothing_to_check_in"):
        check_in.check_in(town.database, resident(), at(23, 14), small)
    renewed = check_in.code_of(town.database, KEEPER, NOW, BIG, renew=True)[1]
    with refused("check_in_code_unknown", 404):
        check_in.check_in(town.database, resident(), at(23, 14), code)
    assert check_in.check_in(town.database, resident(), at(23, 14), renewed).state == "done"


def test_the_whole_house_is_entered_by_any_door(town: Town, code: str) -> None:
    made = town.reserve(resident(), WHOLE, at(23, 14), 2)
    assert check_in.check_in(town.database, resident(), at(23, 14), code).state == "done"
    assert of(town, made).checked_in_at


def test_anybody_of_the_group_may_come(town: Town, code: str) -> None:
    with town.database.write() as session:
        session.add(Group(id=5, name="책모임", invite_code="x", created_at=NOW))
        session.flush()
        for account_id in (101, 102):
            session.add(Membership(group_id=5, account_id=account_id, role="member"))
    town.reserve(resident(), BIG, at(23, 14), 2, group_id=5)
    assert check_in.check_in(town.database, resident(102), at(23, 14), code).state == "done"


def test_who_does_not_come_loses_the_rest(town: Town, code: str) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    tick(town, at(23, 14, 15))
    assert of(town, made).status == "confirmed"
    tick(town, at(23, 14, 16))
    assert of(town, made).status == "no_show"
    assert kinds(town, 101)[-1] == "no_show"
    with town.database.read() as session:
        held = session.scalars(select(Occupancy.end_at).where(Occupancy.reservation_id == made.id)).all()
        assert held == [at(23, 14, 16)]  # what was held is history, the rest is free
        assert session.scalar(select(NoShow.missed_at)) == at(23, 14)
    town.now = at(23, 14, 20)
    other = town.reserve(resident(102), BIG, at(23, 14, 30), 1)
    assert other.status == "confirmed"
    with refused("check_in_missed"):
        check_in.check_in(town.database, resident(), at(23, 14, 20), code)
    tick(town, at(23, 14, 40))
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(NoShow)) == 1


def test_nobody_is_a_no_show_where_none_could_check_in(town: Town) -> None:
    rule(town)
    made = town.reserve(resident(), BIG, at(23, 14), 1)
    rule(town, SMALL, check_in=False)
    hang_poster(town, SMALL)
    without_rule = town.reserve(resident(), SMALL, at(23, 14), 1)
    tick(town, at(23, 16))
    assert of(town, made).status == of(town, without_rule).status == "confirmed"
    check_in.code_of(town.database, KEEPER, at(23, 14, 30), BIG)  # the poster hangs too late for that one
    tick(town, at(23, 16))
    assert of(town, made).status == "confirmed"
    hang = at(23, 17)
    town.now = at(23, 16, 50)
    later = town.reserve(resident(), BIG, hang, 1)
    tick(town, hang + timedelta(days=3))  # a clock that stood still for days
    assert of(town, later).status == "confirmed"


def test_a_time_taken_late_has_its_own_grace(town: Town, code: str) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    with town.database.write() as session:
        session.get_one(Reservation, made.id).changed_at = at(23, 14, 20)
    tick(town, at(23, 14, 30))
    assert of(town, made).status == "confirmed"
    tick(town, at(23, 14, 36))
    assert of(town, made).status == "no_show"


def test_a_keeper_says_who_came(town: Town, code: str) -> None:
    came = town.reserve(resident(), BIG, at(23, 14), 2)
    away = town.reserve(resident(102), BIG, at(23, 16), 2)
    for actor in (STRANGER, resident()):
        with refused("not_allowed", 403):
            check_in.check_in_by_hand(town.database, actor, at(23, 14), came.id)
        with refused("not_allowed", 403):
            check_in.miss_by_hand(town.database, actor, at(23, 14), came.id)
    assert check_in.check_in_by_hand(town.database, KEEPER, at(23, 14, 30), came.id).checked_in_at
    with refused("already_checked_in"):
        check_in.miss_by_hand(town.database, KEEPER, at(23, 15), came.id)
    with refused("not_started"):
        check_in.miss_by_hand(town.database, KEEPER, at(23, 15, 59), away.id)
    assert check_in.miss_by_hand(town.database, KEEPER, at(23, 16), away.id).status == "no_show"
    check_in.miss_by_hand(town.database, KEEPER, at(23, 16), away.id)
    with town.database.read() as session:
        assert session.scalars(select(NoShow.marked_by)).all() == [201]


def test_a_keeper_says_who_did_not_come_within_a_day(town: Town, code: str) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    with refused("no_show_too_late"):
        check_in.miss_by_hand(town.database, KEEPER, at(24, 16), made.id)
    assert check_in.miss_by_hand(town.database, KEEPER, at(24, 15, 59), made.id).status == "no_show"


def miss(town: Town, *days: int, account_id: int = 101) -> list[int]:
    """No-shows at 14:00 on these days of November; their ids."""
    for day in days:
        town.now = at(day, 9)
        town.reserve(resident(account_id), BIG, at(day, 14), 1)
        tick(town, at(day, 14, 16))
    with town.database.read() as session:
        return list(session.scalars(select(NoShow.id).where(NoShow.account_id == account_id).order_by(NoShow.id)))


def test_repeated_no_shows_keep_from_reserving_until_excused(town: Town, code: str) -> None:
    _first, second = miss(town, 23, 25)
    town.now = at(26, 9)
    with refused("blocked_for_no_shows", 422) as told:
        town.reserve(resident(), BIG, at(27, 14))
    assert told.value.params["until"] == "2026-12-05"
    assert town.reserve(resident(102), BIG, at(27, 14))  # nobody else
    assert town.reserve(resident(), SMALL, at(27, 14))  # a unit without the rule
    seen = no_shows.mine(town.database, resident())
    assert [each.blocked_until for each in seen] == [at(5, 14, month=12)] * 2

    with refused("appeal_needed", 422):
        no_shows.appeal(town.database, resident(), town.now, second, "  ")
    with refused("not_allowed", 403):
        no_shows.appeal(town.database, resident(102), town.now, second, "제 것이 아니에요")
    no_shows.appeal(town.database, resident(), town.now, second, "QR이 젖어 읽히지 않았어요.")
    with refused("already_appealed"):
        no_shows.appeal(town.database, resident(), town.now, second, "또")
    assert [each.no_show.id for each in no_shows.appeals(town.database, KEEPER).waiting] == [second]
    assert no_shows.appeals(town.database, STRANGER).waiting == []
    with refused("not_allowed", 403):
        no_shows.decide(town.database, STRANGER, town.now, second, "excused", "확인했어요")
    with refused("reason_needed", 422):
        no_shows.decide(town.database, KEEPER, town.now, second, "excused", "")
    no_shows.decide(town.database, KEEPER, town.now, second, "excused", "안내문을 바꿔 걸었습니다.")
    with refused("already_decided"):
        no_shows.decide(town.database, KEEPER, town.now, second, "upheld", "아니요")
    assert kinds(town, 101)[-1] == "no_show_excused"
    assert town.reserve(resident(), BIG, at(27, 16))
    with town.database.read() as session:
        rows = session.execute(
            select(AUDIT.c.action, AUDIT.c.account_id, AUDIT.c.on_behalf_of).where(AUDIT.c.action.like("no_show.%"))
        ).all()
    assert rows == [("no_show.appealed", 101, None), ("no_show.excused", 201, 101)]


def test_the_block_ends(town: Town, code: str) -> None:
    miss(town, 23, 25)
    town.now = at(5, 14, month=12)
    assert town.reserve(resident(), BIG, at(7, 14, month=12))


@given(
    st.lists(st.integers(0, 60), max_size=6, unique=True),
    st.integers(1, 4),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_the_block_is_the_longest_that_any_run_gives(days, count, within, block):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(days=day) for day in days]
    made = blocked_until(reversed(times), NoShowRule(count, within, block))
    naive = [
        last + timedelta(days=block)
        for last in times
        if sum(last - timedelta(days=within) <= other <= last for other in times) >= count
    ]
    assert made == max(naive, default=None)


def test_coming_against_the_clock(town: Town, code: str) -> None:
    late = at(23, 14, 16)
    for number in range(6):
        town.now = at(23, 9)
        made = town.reserve(resident(300 + number), BIG, at(23, 14), 1)
        actor = resident(300 + number)
        coming = [lambda actor=actor: check_in.check_in(town.database, actor, late, code)]  # type: ignore[misc]
        ends = race([*coming, *[lambda: tick(town, late)] * 2])
        now = of(town, made)
        with town.database.read() as session:
            missed = session.scalar(select(func.count()).where(NoShow.reservation_id == made.id))
        if now.checked_in_at:
            assert (now.status, missed, ends) == ("confirmed", 0, {"won": 3})
            check_in.check_in(town.database, actor, late, code)
        else:
            assert (now.status, missed, ends) == ("no_show", 1, {"check_in_missed": 1, "won": 2})
        assert kinds(town, 300 + number).count("no_show") == missed
        with town.database.write() as session:  # make room for the next try
            found = session.get_one(Reservation, made.id)
            found.status = "cancelled"
            session.query(Occupancy).filter_by(reservation_id=made.id).delete()


def test_two_tickers_and_a_keeper_make_one_no_show(town: Town, code: str) -> None:
    made = town.reserve(resident(), BIG, at(23, 14), 2)
    late = at(23, 14, 30)
    runners = [lambda: tick(town, late)] * 4 + [lambda: check_in.miss_by_hand(town.database, KEEPER, late, made.id)] * 2
    assert race(runners) == {"won": 6}
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(NoShow)) == 1
    assert kinds(town, 101).count("no_show") == 1


def test_two_keepers_make_one_code(town: Town) -> None:
    codes: list[str] = []
    race([lambda: codes.append(check_in.code_of(town.database, KEEPER, NOW, BIG)[1])] * 6)
    assert len(codes) == 6
    assert len(set(codes)) == 1


# The pages


@pytest.fixture
def keeper(house):
    return house.client("keeper")


def test_the_poster_leads_to_checking_in(house, town: Town, clock, keeper) -> None:
    rule(town)
    poster = keeper.get(f"/booking/manage/units/{BIG}/poster")
    assert poster.status_code == 200
    assert "<svg" in poster.text
    with town.database.read() as session:
        code = session.scalars(select(UnitCode.code)).one()
    assert "-".join([code[:4], code[4:8], code[8:]]) in poster.text
    assert house.client("seongbuk").get(f"/booking/manage/units/{BIG}/poster").status_code == 403
    assert house.client("resident").get(f"/booking/manage/units/{BIG}/poster").status_code == 403

    browser, me = house.client("resident"), house.actor("resident")
    made = town.reserve(me, BIG, at(23, 14), 1)
    here = f"/booking/check-in/{code}"
    assert house.client().get(here).status_code in (302, 401)
    clock(at(23, 13))
    assert "13:45" in browser.get(here).text
    assert browser.post_form(here, {}).status_code == 409
    clock(at(23, 14))
    assert "왔어요" in browser.get(here).text
    assert of(town, made).checked_in_at is None  # looking changes nothing
    assert browser.post_form(here, {}).status_code == 302
    assert of(town, made).checked_in_at
    assert "이용을 확인했습니다" in browser.get(here).text
    assert browser.get("/booking/check-in/zzzz").status_code == 404
    asked = browser.get("/booking/check-in?code=" + code[:4].upper() + "-" + code[4:])
    assert asked.headers["Location"].endswith(here)


def test_the_appeal_by_pages(house, town: Town, clock, keeper) -> None:
    rule(town)
    hang_poster(town)
    browser, me = house.client("resident"), house.actor("resident")
    town.reserve(me, BIG, at(23, 14), 1)
    tick(town, at(23, 14, 16))
    clock(at(23, 15))
    with town.database.read() as session:
        no_show_id = session.scalars(select(NoShow.id)).one()
    assert "30일 안에 2번" in browser.get("/booking/no-shows").text
    empty = browser.post_form(f"/booking/no-shows/{no_show_id}/appeal", {"text": " "})
    assert (empty.status_code, "어떤 사정이 있었는지" in empty.text) == (422, True)
    assert browser.post_form(f"/booking/no-shows/{no_show_id}/appeal", {"text": "<b>아팠어요</b>"}).status_code == 302
    waiting = keeper.get("/booking/manage/appeals").text
    assert "&lt;b&gt;아팠어요&lt;/b&gt;" in waiting
    lacking = keeper.post_form(f"/booking/manage/appeals/{no_show_id}", {"decision": "excused", "reason": ""})
    assert lacking.status_code == 422
    decision = {"decision": "excused", "reason": "얼른 나으세요"}
    assert house.client("seongbuk").post_form(f"/booking/manage/appeals/{no_show_id}", decision).status_code == 403
    assert keeper.post_form(f"/booking/manage/appeals/{no_show_id}", decision).status_code == 302
    assert "얼른 나으세요" in browser.get("/booking/no-shows").text
    with town.database.read() as session:
        assert session.scalar(select(func.count()).where(AUDIT.c.action == "appeal.viewed")) >= 1


def test_the_api(house, town: Town, clock) -> None:
    rule(town)
    code = hang_poster(town)
    browser, keeper = house.client("resident"), house.client("keeper")
    made = town.reserve(house.actor("resident"), BIG, at(23, 14), 1)
    clock(at(23, 14))
    assert browser.get(f"/booking/api/check-in/{code}").json["state"] == "ready"
    done = browser.post(f"/booking/api/check-in/{code}", json={})
    assert (done.status_code, done.json["state"]) == (200, "done")
    answer = keeper.post(f"/booking/api/reservations/{made.id}/no-show", json={})
    assert (answer.status_code, answer.json["code"]) == (409, "already_checked_in")
    assert browser.post(f"/booking/api/reservations/{made.id}/check-in", json={}).status_code == 403
    assert browser.get("/booking/api/no-shows").json == []
    assert keeper.get("/booking/api/no-shows/appeals").json["total"] == 0
