"""The trail of a space: all that was done there and nothing else, found by kind, person and day, page by page."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from services.booking import (
    audit_trail,
    check_in,
    closures,
    conflicts,
    equipment,
    group_standing,
    groups,
    no_shows,
    reservations,
    seasons,
    sheet,
    special_days,
    unit_rules,
    waitlist,
)
from services.booking.audit_trail import Filter, Trail
from services.booking.equipment import Facts
from services.booking.models import AUDIT, NoShow, Person
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Policy, Wish
from services.booking.seasons import applications
from shared.audit_trail import PER_PAGE
from shared.identity.actor import SYSTEM, Actor
from tests.booking.conftest import (
    BIG,
    BIG_ROOM,
    FAR,
    NOW,
    SMALL,
    SMALL_ROOM,
    WHOLE,
    WHOLE_HOUSE,
    Town,
    at,
    house_of,
    resident,
    unit,
)
from tests.booking.test_lottery import KEEPER as LOTTERY_KEEPER
from tests.booking.test_lottery import enter, slots_of
from tests.booking.test_lottery import make as make_lottery
from tests.booking.test_seasons import OPEN, asks, wanted
from tests.booking.test_unit_rules import CITY, DISTRICT, ELSEWHERE, KEEPER, OTHER_DISTRICT, audit, refused


def read(town: Town, actor: Actor = KEEPER, space_id: int = 1, before: int | None = None, **more: Any) -> Trail:
    return audit_trail.read(town.database, actor, town.now, space_id, Filter(**more), before)


def actions(found: Trail) -> list[str]:
    return [line.action for line in found.lines]


def write(town: Town, count: int, subject: str = "space:1", action: str = "unit.rules_set", **more: Any) -> None:
    """Rows as `record` would write them."""
    row = {"at": town.now, "account_id": 7, "on_behalf_of": None, "details": {}, **more}
    with town.database.write() as session:
        session.execute(insert(AUDIT), [{**row, "subject": subject, "action": action} for _ in range(count)])


def test_who_did_what_for_whom_newest_first(town: Town) -> None:
    with town.database.write() as session:
        session.add_all([Person(account_id=101, name="주민 가온"), Person(account_id=7, name="지기 다솜")])
    made = town.reserve(resident(), BIG, at(24, 10))
    reservations.cancel(town.database, KEEPER, NOW, made.id, "공사")
    first, second = read(town).lines
    assert (first.action, first.who, first.account_id, first.for_whom, first.on_behalf_of) == (
        "reservation.cancelled", "지기 다솜", 7, "주민 가온", 101,
    )  # fmt: skip
    assert (second.action, second.who, second.for_whom) == ("reservation.made", "주민 가온", None)
    assert (second.subject, second.at) == (f"reservation:{made.id}", NOW)
    assert second.details == {"unit_id": BIG, "status": "confirmed"}


def test_all_that_happens_in_a_space_and_nothing_of_another(town: Town) -> None:
    """Reservations, lines, draws, seasons, closures, rules, days, equipment, trust, no-shows, and who looked."""
    made = town.reserve(resident(), BIG, at(24, 10))
    wish = Wish(Interval(at(24, 10), at(24, 11)), 2, "모임")
    waitlist.join(town.database, resident(2), NOW, unit_id=BIG, wish=wish)
    lottery_id = make_lottery(town, (BIG, 5, 14))
    enter(town, 3, lottery_id, *slots_of(town, lottery_id))
    season = seasons.make(town.database, KEEPER, NOW, wanted(), "season")
    seasons.announce(town.database, KEEPER, NOW, season.id, season.version)
    applications.submit(town.database, resident(4), OPEN, season.id, asks())
    closures.draft(
        town.database, KEEPER, NOW, space_id=1, unit_ids=(BIG,), reason="공사", start=at(26, 9), end=at(26, 12)
    )
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(window=timedelta(days=60)))
    special_days.put(town.database, KEEPER, NOW, BIG, date(2026, 11, 27))
    equipment.put(town.database, KEEPER, NOW, 1, Facts("빔프로젝터", 2))
    group = groups.make(town.database, resident(5), NOW, "독서회", "residents", "11590")
    group_standing.trust(town.database, KEEPER, NOW, 1, code=group.invite_code)
    check_in.miss_by_hand(town.database, KEEPER, at(24, 10, 30), made.id)
    with town.database.read() as session:
        no_show_id = session.scalars(select(NoShow.id)).one()
    no_shows.appeal(town.database, resident(), at(24, 12), no_show_id, "아팠어요")
    sheet.read(town.database, KEEPER, NOW, 1)
    town.reserve(resident(), FAR, at(24, 10))
    unit_rules.set_policy(town.database, ELSEWHERE, NOW, FAR, Policy(window=timedelta(days=60)))
    equipment.put(town.database, ELSEWHERE, NOW, 2, Facts("앰프", 1))
    here, there = read(town), read(town, ELSEWHERE, 2)
    assert set(actions(here)) == {
        "reservation.made", "reservation.no_show", "no_show.appealed", "waitlist.joined", "lottery.made",
        "lottery.entered", "season.made", "season.announced", "season.submitted", "closure.drafted",
        "unit.rules_set", "unit.special_day_set", "equipment.added", "group.trusted", "sheet.viewed",
    }  # fmt: skip
    assert set(actions(there)) == {"reservation.made", "unit.rules_set", "equipment.added"}
    assert [line.id for line in here.lines] == sorted((line.id for line in here.lines), reverse=True)
    by_kind = {kind: set(actions(read(town, kind=kind))) for kind in audit_trail.KINDS}
    assert set().union(*by_kind.values()) - {"audit.viewed"} == set(actions(here))  # each kind of row can be looked for
    assert by_kind["reservation"] == {"reservation.made", "reservation.no_show", "no_show.appealed"}
    assert by_kind["rules"] == {"unit.rules_set", "unit.special_day_set", "equipment.added"}
    assert by_kind["closure"] == {"closure.drafted"}
    assert by_kind["viewed"] >= {"sheet.viewed", "audit.viewed"}


def test_by_who_did_it_or_for_whom(town: Town) -> None:
    mine, other = town.reserve(resident(), BIG, at(24, 10)), town.reserve(resident(2), BIG, at(24, 12))
    reservations.cancel(town.database, KEEPER, NOW, mine.id, "공사")
    assert [(line.action, line.subject) for line in read(town, account_id=101).lines] == [
        ("reservation.cancelled", f"reservation:{mine.id}"), ("reservation.made", f"reservation:{mine.id}"),
    ]  # fmt: skip
    assert actions(read(town, account_id=7, kind="reservation")) == ["reservation.cancelled"]
    assert actions(read(town, account_id=999)) == []
    assert [line.subject for line in read(town, subject=f"reservation:{other.id}").lines] == [f"reservation:{other.id}"]
    assert read(town, subject="reservation:999").lines == []


def test_by_days_of_the_space(town: Town) -> None:
    """Both days count, from local midnight to local midnight: in Seoul the 24th begins at 15:00 UTC of the 23rd."""
    for hour, minute in ((14, 59), (15, 0)):
        write(town, 1, at=datetime(2026, 11, 23, hour, minute, tzinfo=UTC), action=f"unit.at{hour}")
    write(town, 1, at=datetime(2026, 11, 24, 15, 0, tzinfo=UTC), action="unit.next")

    def of(first: int | None, last: int | None) -> list[str]:
        days = {"first_day": first and date(2026, 11, first), "last_day": last and date(2026, 11, last)}
        return actions(read(town, kind="rules", **days))

    assert of(24, 24) == ["unit.at15"]
    assert of(None, 23) == ["unit.at14"]
    assert of(24, None) == ["unit.next", "unit.at15"]
    assert of(23, 25) == ["unit.next", "unit.at15", "unit.at14"]
    assert of(25, 24) == []


def test_pages_stay_where_they_are_while_new_rows_come(town: Town) -> None:
    write(town, 2 * PER_PAGE + 3)
    seen: list[int] = []
    before, pages = None, 0
    while True:
        page = read(town, kind="rules", before=before)
        seen += [line.id for line in page.lines]
        before, pages = page.older, pages + 1
        write(town, 5)  # meanwhile
        if before is None:
            break
    assert (pages, len(seen), len(set(seen))) == (3, 2 * PER_PAGE + 3, 2 * PER_PAGE + 3)
    assert seen == sorted(seen, reverse=True)


def test_a_page_that_is_just_full_is_the_last(town: Town) -> None:
    write(town, PER_PAGE)
    assert (len(read(town, kind="rules").lines), read(town, kind="rules").older) == (PER_PAGE, None)
    write(town, 1)
    assert read(town, kind="rules").older is not None


def test_that_somebody_looked_is_recorded(town: Town) -> None:
    write(town, 2)
    read(town)
    read(town, DISTRICT)
    assert [(row.account_id, row.subject, row.details) for row in audit(town, "audit.viewed")] == [
        (7, "space:1", {"rows": 2}), (9, "space:1", {"rows": 3}),
    ]  # fmt: skip


@pytest.mark.parametrize("actor", [resident(), ELSEWHERE, OTHER_DISTRICT], ids=["resident", "keeper", "district"])
def test_only_who_runs_the_space(town: Town, actor: Actor) -> None:
    assert refused("not_allowed", read, town, actor).status == 403
    assert audit(town, "audit.viewed") == []
    for other in (KEEPER, DISTRICT, CITY):
        assert read(town, other).space.id == 1
    refused("space_not_found", read, town, CITY, 99)


def test_a_lottery_is_of_the_space_of_its_keeper(town: Town) -> None:
    lottery_id = make_lottery(town, (BIG, 5, 14))
    [line] = read(town, LOTTERY_KEEPER, kind="others").lines
    assert (line.action, line.subject, line.account_id) == ("lottery.made", f"lottery:{lottery_id}", 500)
    assert actions(read(town, ELSEWHERE, 2)) == []


def test_a_season_over_two_spaces_is_in_the_trail_of_both(town: Town) -> None:
    season = seasons.make(town.database, DISTRICT, NOW, wanted(unit_ids=(BIG, FAR)), "season")
    for actor, space_id in ((KEEPER, 1), (ELSEWHERE, 2)):
        assert [line.subject for line in read(town, actor, space_id, kind="others").lines] == [f"season:{season.id}"]


def test_who_looked_at_reservations_that_meet_stands_there(town: Town) -> None:
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, unit(WHOLE, "건물 전체", ["unit:12"], capacity=30)))
    both = [town.reserve(resident(), WHOLE, at(24, 14), 2).id, town.reserve(resident(2), SMALL, at(24, 15)).id]
    town.tell(house_of(BIG_ROOM, SMALL_ROOM, WHOLE_HOUSE))
    conflicts.of(town.database, DISTRICT, NOW)
    [line] = read(town, kind="viewed").lines
    assert (line.action, line.account_id, line.details) == ("conflicts.viewed", 9, {"reservations": both})
    assert actions(read(town, ELSEWHERE, 2)) == []


def test_what_the_clock_did_is_the_system_s(town: Town) -> None:
    write(town, 1, account_id=SYSTEM.account_id, action="reservation.lapsed")
    [line] = read(town, account_id=0, kind="reservation").lines
    assert (line.account_id, line.who) == (0, None)


def test_by_page(house: Any, town: Town, clock: Any) -> None:
    page, keeper = "/booking/manage/spaces/1/audit", house.client("keeper")
    made = town.reserve(resident(), BIG, at(24, 10))
    equipment.put(town.database, KEEPER, NOW, 1, Facts("빔프로젝터", 2))
    write(town, 1, account_id=0, subject=f"reservation:{made.id}", action="reservation.lapsed", on_behalf_of=101)
    shown = keeper.get(page).text
    for words in ("예약함", "계정 101", "시스템", "기한이 지나 풀림", f"예약 {made.id}"):
        assert words in shown
    assert f'href="/booking/reservations/{made.id}"' in shown
    assert not re.findall(r"<span>[^<]*\b(equipment|fee_won|hourly)\b[^<]*</span>", shown)  # in words, not in codes
    assert "이름 빔프로젝터" in shown
    found = keeper.get(f"{page}?kind=rules&first_day=2026-11-23&last_day=2026-11-23").text
    assert "예약함" not in found
    assert '<option value="rules" selected>' in found
    assert 'value="2026-11-23"' in found
    wrong = keeper.get(f"{page}?first_day=2026-99-99&account_id=-5&kind=cats")
    assert wrong.status_code == 200
    assert re.search(r'id="field-first_day"[^>]*aria-describedby="field-first_day-error"', wrong.text)
    assert re.search(r'id="field-account_id"[^>]*aria-describedby="field-account_id-error"', wrong.text)
    assert "Must be" not in wrong.text
    write(town, PER_PAGE + 1, subject=f"unit:{BIG}")
    first = keeper.get(f"{page}?kind=rules&account_id=7").text
    older = unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])  # type: ignore[index]
    assert older.startswith(f"{page}?")
    assert {"kind=rules", "account_id=7"} <= set(older.partition("?")[2].split("&"))
    last = keeper.get(older).text
    assert 'rel="next"' not in last
    assert f'href="{page}?kind=rules&amp;account_id=7"' in last  # back to the newest


@pytest.mark.parametrize(("login", "status"), [(None, 401), ("resident", 403), ("seongbuk", 403), ("city", 200)])
def test_who_reads_it(house: Any, town: Town, clock: Any, login: str | None, status: int) -> None:
    browser = house.client(login)
    for path in ("/booking/manage/spaces/1/audit", "/booking/api/manage/spaces/1/audit"):
        assert browser.get(path).status_code == status
    with town.database.read() as session:
        looked = session.scalar(select(func.count()).where(AUDIT.c.action == "audit.viewed"))
    assert looked == (2 if status == 200 else 0)


def test_by_api(house: Any, town: Town, clock: Any) -> None:
    api, keeper = "/booking/api/manage/spaces/1/audit", house.client("keeper")
    made = town.reserve(resident(), BIG, at(24, 10))
    write(town, PER_PAGE, subject=f"unit:{BIG}")
    first = keeper.get(api).json
    assert len(first["lines"]) == PER_PAGE
    last = keeper.get(f"{api}?before={first['older']}").json
    assert last["older"] is None
    assert [(line["action"], line["subject"], line["account_id"]) for line in last["lines"]] == [
        ("reservation.made", f"reservation:{made.id}", 101)
    ]
    no = keeper.get(f"{api}?kind=cats&before=0")
    assert (no.status_code, set(no.json["fields"])) == (422, {"kind", "before"})
