"""The pages where keepers set what holds: a refused form keeps what was typed and says beside the field what is wrong;
a saved one changes what a resident can do, and the audit tells who did it."""

from __future__ import annotations

import re
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import select

from services.booking import groups, special_days, unit_rules
from services.booking.models import Equipment, ExtraHoliday, SpecialDay, Trust, UnitRules
from services.booking.rules.policy import POLICY, Policy
from services.booking.schemas.rules import typed_rules
from tests.booking.conftest import BIG, FAR, NOW, SMALL, WHOLE, Town, at, resident
from tests.booking.test_unit_rules import CITY, KEEPER, audit, refused

UNIT = f"/booking/manage/units/{BIG}"
RULES, HOURS, DAYS, TARIFF = (f"{UNIT}/{part}" for part in ("rules", "hours", "days", "tariff"))
SPACE = "/booking/manage/spaces/1"
EQUIPMENT, GROUPS, HOLIDAYS = f"{SPACE}/equipment", f"{SPACE}/groups", "/booking/manage/holidays"


@pytest.fixture(autouse=True)
def _standing(clock: Any) -> None:
    """The clock of these pages stands at Monday, 23 November 2026, 10:00."""


def error_of(page: Any, name: str) -> str:
    """The error beside a field, tied to its control; "" when there is none."""
    tied = rf'<(?:input|select|textarea|fieldset)[^>]*aria-describedby="(?:[^"]* )?field-{re.escape(name)}-error"'
    control = re.search(tied, page.text)
    told = re.search(rf'id="field-{re.escape(name)}-error">(.*?)</div>', page.text, re.S)
    if not control or not told:
        return ""
    return re.sub(r"<[^>]+>", "", told[1]).partition("오류: ")[2].strip()


def value_of(page: Any, name: str) -> str | None:
    """What stands in a field."""
    control = re.search(rf'<input[^>]*\bname="{re.escape(name)}"[^>]*>', page.text)
    if control:
        typed = re.search(r'\bvalue="([^"]*)"', control[0])
        return typed[1] if typed else ""
    chosen = re.search(rf'<select[^>]*\bname="{re.escape(name)}".*?</select>', page.text, re.S)
    assert chosen, name
    option = re.search(r'<option value="([^"]*)" selected', chosen[0])
    return option[1] if option else None


def ticked(page: Any, name: str) -> list[str]:
    """The values of the boxes of this name that are ticked."""
    boxes = re.findall(rf'<input[^>]*\bname="{re.escape(name)}"[^>]*>', page.text)
    return [re.search(r'value="([^"]*)"', box)[1] for box in boxes if re.search(r"\bchecked\b", box)]  # type: ignore[index]


def seen(browser: Any, page: str) -> str:
    return value_of(browser.get(page), "seen") or ""


def rows(town: Town, what: Any) -> list[Any]:
    with town.database.read() as session:
        return list(session.scalars(select(what)))


def rules_form(policy: Policy = POLICY, **more: Any) -> dict[str, Any]:
    """The form of rules as the page fills it."""
    typed = typed_rules(policy)
    ticks = {name: "on" for name in ("waitlist", "check_in") if typed.pop(name)}
    return {name: value for name, value in {**typed, **ticks, **more}.items() if value is not None}


PAGES = [
    (RULES, RULES, rules_form()),
    (HOURS, HOURS, {"own": "on", "day1_opens": "10:00", "day1_closes": "12:00"}),
    (DAYS, DAYS, {"day": "2026-11-26"}),
    (DAYS, f"{DAYS}/remove", {"day": "2026-11-26"}),
    (TARIFF, TARIFF, {"own": "on", "save": "on", "unit_minutes": "60", "lines.0.unit_won": "1"}),
    (EQUIPMENT, EQUIPMENT, {"name": "앰프", "count": "1", "active": "on"}),
    (GROUPS, GROUPS, {"code": "x"}),
    (GROUPS, f"{GROUPS}/remove", {"group_id": "1"}),
]


@pytest.mark.parametrize(("login", "status"), [(None, 401), ("resident", 403), ("reviewer", 403), ("seongbuk", 403)])
def test_others_see_nothing_and_set_nothing(house: Any, town: Town, login: str | None, status: int) -> None:
    browser = house.client(login)
    for page, action, form in (*PAGES, (HOLIDAYS, HOLIDAYS, {"day": "2026-11-27", "name": "임시공휴일"})):
        assert browser.get(page).status_code == status, page
        assert browser.post_form(action, form).status_code == status, action
    for what in (UnitRules, SpecialDay, Equipment, Trust, ExtraHoliday):
        assert rows(town, what) == []


def test_what_is_not_there(house: Any, town: Town) -> None:
    city = house.client("city")
    for page, action, form in PAGES:
        assert city.get(page.replace(str(BIG), "99").replace("spaces/1", "spaces/99")).status_code == 404
        assert city.post_form(action.replace(str(BIG), "99").replace("spaces/1", "spaces/99"), form).status_code == 404


def test_holidays_are_the_city_s_to_set(house: Any, town: Town) -> None:
    for login in ("keeper", "dongjak"):
        browser = house.client(login)
        assert browser.get(HOLIDAYS).status_code == 403
        assert browser.post_form(HOLIDAYS, {"day": "2026-11-27", "name": "임시공휴일"}).status_code == 403
        assert browser.post_form(f"{HOLIDAYS}/remove", {"day": "2026-11-27"}).status_code == 403
    assert rows(town, ExtraHoliday) == []


def test_special_days(house: Any, town: Town) -> None:
    keeper = house.client("keeper")
    half = keeper.post_form(DAYS, {"day": "2026-11-26", "opens": "13:00", "closes": "", "note": "축제 준비"})
    assert half.status_code == 422
    assert error_of(half, "closes") == "여는 시간과 닫는 시간을 모두 고르거나, 쉬는 날이면 모두 비워 주세요."
    assert [value_of(half, name) for name in ("day", "opens", "note")] == ["2026-11-26", "13:00", "축제 준비"]
    for form, name, words in (
        ({"day": "내일"}, "day", "날짜를 골라 주세요."),
        ({}, "day", "날짜를 골라 주세요."),
        ({"day": "2026-11-22"}, "day", "이미 지난 날입니다."),
        ({"day": "2026-11-26", "opens": "25:00", "closes": "26:00"}, "opens", "시간을 골라 주세요."),
        ({"day": "2026-11-26", "opens": "15:00", "closes": "13:00"}, "closes", "닫는 시간은 여는 시간보다 늦어야"),
        ({"day": "2026-11-26", "note": "가" * 201}, "note", "200자까지 적을 수 있습니다."),
    ):
        told = keeper.post_form(DAYS, form)
        assert told.status_code == 422
        assert error_of(told, name).startswith(words), (form, error_of(told, name))
        assert value_of(told, name) == form.get(name, "")
    assert rows(town, SpecialDay) == []
    town.reserve(resident(), BIG, at(26, 10))
    saved = keeper.post_form(DAYS, {"day": "2026-11-26", "opens": "13:00", "closes": "23:30", "note": " 축제 "})
    assert (saved.status_code, saved.location) == (302, DAYS)
    shown = keeper.get(DAYS).text
    assert "13:00–23:30" in shown
    assert "그날 예약 1건이 바뀐 시간에 맞지 않습니다." in shown
    refused("outside_hours", town.reserve, resident(), BIG, at(26, 12))
    town.reserve(resident(), BIG, at(26, 22))
    town.reserve(resident(), SMALL, at(26, 12))  # the other room has its ordinary hours
    [row] = audit(town, "unit.special_day_set")
    assert (row.account_id, row.subject) == (house.actor("keeper").account_id, f"unit:{BIG}")
    assert row.details["after"] == {"opens": "13:00", "closes": "23:30", "note": "축제"}
    keeper.post_form(DAYS, {"day": "2026-11-27", "everywhere": "on"})
    for unit_id in (BIG, SMALL, WHOLE):
        refused("closed_special", town.reserve, resident(), unit_id, at(27, 12))
    keeper.post_form(f"{DAYS}/remove", {"day": "2026-11-27"})
    town.reserve(resident(), BIG, at(27, 12))
    refused("closed_special", town.reserve, resident(), SMALL, at(27, 12))
    assert keeper.post_form(f"{DAYS}/remove", {"day": "x"}).status_code == 422


def test_hours(house: Any, town: Town) -> None:
    keeper = house.client("keeper")
    assert value_of(keeper.get(HOURS), "day6_opens") == "10:00"  # what maps told
    week = {f"day{n}_opens": "13:00" for n in range(1, 6)} | {f"day{n}_closes": "17:00" for n in range(1, 6)}
    late = {**week, "own": "on", "day2_opens": "18:00", "holidays": "on", "monthly": "2,2"}
    told = keeper.post_form(HOURS, late)
    assert told.status_code == 422
    assert error_of(told, "day2_opens").startswith("닫는 시간은 여는 시간보다 늦어야 합니다.")
    assert error_of(told, "day1_opens") == ""
    assert [value_of(told, name) for name in ("day2_opens", "day2_closes", "day3_opens")] == ["18:00", "17:00", "13:00"]
    assert (ticked(told, "own"), ticked(told, "holidays"), ticked(told, "monthly")) == (["on"], ["on"], ["2,2"])
    half = keeper.post_form(HOURS, {**week, "own": "on", "day3_closes": ""})
    assert error_of(half, "day3_opens") == "시간을 골라 주세요."
    never = keeper.post_form(HOURS, {"own": "on"})
    assert error_of(never, "day1_opens").startswith("여는 요일이 하나는 있어야 합니다.")
    assert rows(town, UnitRules) == []
    assert (
        keeper.post_form(HOURS, {**week, "own": "on", "monthly": "4,2", "seen": seen(keeper, HOURS)}).location == HOURS
    )
    refused("outside_hours", town.reserve, resident(), BIG, at(25, 10))
    refused("closed_weekday", town.reserve, resident(), BIG, at(28, 14))  # a Saturday
    town.reserve(resident(), BIG, at(25, 14))
    town.reserve(resident(), BIG, at(25, 14, month=12))  # Christmas, a Friday: not ticked, so open
    refused("closed_monthly", town.reserve, resident(), BIG, at(24, 14))  # the fourth Tuesday of the month
    assert value_of(keeper.get(HOURS), "day6_opens") in (None, "")
    old = keeper.post_form(HOURS, {**week, "own": "on", "day5_opens": "14:00", "seen": ""})
    assert old.status_code == 409  # somebody set it meanwhile
    assert "그사이 다른 사람이 이 공간의 설정을 바꿨습니다." in old.text
    assert value_of(old, "day5_opens") == "14:00"
    keeper.post_form(HOURS, {"own": "", "seen": seen(keeper, HOURS)})
    town.reserve(resident(), BIG, at(25, 10))
    assert [row.subject for row in audit(town, "unit.hours_set")] == [f"unit:{BIG}"] * 2


def test_rules(house: Any, town: Town) -> None:
    keeper = house.client("keeper")
    shown = keeper.get(RULES)
    assert value_of(shown, "window") == str(POLICY.window.days)
    for form, name, words in (
        ({"window": "스무날"}, "window", "숫자로 적어 주세요."),
        ({"window": ""}, "window", ""),
        ({"window": "9999"}, "window", "정할 수 있는 범위를 벗어났습니다."),
        ({"grid": "7"}, "grid", "예약 단위는"),
        ({"shortest": "120", "longest": "60"}, "longest", "가장 긴 시간은"),
        ({"quota_person_week": "0"}, "quota_person_week", "정할 수 있는 범위를 벗어났습니다."),
        ({"no_show_count": "2"}, "no_show_count", "이용 확인을 켜야"),
        ({"audience": "friends"}, "audience", "정할 수 있는 범위를 벗어났습니다."),
    ):
        told = keeper.post_form(RULES, rules_form(**form))
        assert told.status_code == 422, form
        assert error_of(told, name), (form, name)
        assert error_of(told, name).startswith(words), (form, error_of(told, name))
        if name not in ("audience",):
            assert value_of(told, name) == form[name]
    assert rows(town, UnitRules) == []
    wish = {"window": "10", "approval": "manual", "quota_person_week": "1", "check_in": "on", "no_show_count": "3"}
    saved = keeper.post_form(RULES, rules_form(**wish, seen=seen(keeper, RULES)))
    assert (saved.status_code, saved.location) == (302, RULES)
    again = keeper.get(RULES)
    assert [value_of(again, name) for name in ("window", "quota_person_week", "no_show_count")] == ["10", "1", "3"]
    assert (ticked(again, "approval"), ticked(again, "check_in")) == (["manual"], ["on"])
    refused("too_far_ahead", town.reserve, resident(), BIG, at(8, 10, month=12))
    assert town.reserve(resident(), BIG, at(24, 10)).status == "requested"
    refused("quota_person_week", town.reserve, resident(), BIG, at(25, 10))
    town.reserve(resident(2), SMALL, at(8, 10, month=12))
    stale = keeper.post_form(RULES, rules_form(window="20", seen="2020-01-01T00:00:00+00:00"))
    assert stale.status_code == 409
    assert value_of(stale, "window") == "20"
    everywhere = keeper.post_form(RULES, rules_form(window="5", everywhere="on", seen=seen(keeper, RULES)))
    assert everywhere.status_code == 302
    for unit_id in (BIG, SMALL, WHOLE):
        refused("too_far_ahead", town.reserve, resident(3), unit_id, at(30, 10))
    town.reserve(resident(3), FAR, at(30, 10))
    assert len(audit(town, "unit.rules_set")) == 1 + 3


def test_tariff(house: Any, town: Town) -> None:
    keeper = house.client("keeper")
    line = {"lines.0.unit_won": "3000", "lines.0.days": ["weekday"], "lines.0.label": "평일"}
    form = {"own": "on", "unit_minutes": "60", "base_minutes": "0", **line}
    lacking = keeper.post_form(TARIFF, {**form, "save": "on"})
    assert lacking.status_code == 422
    assert "마지막 줄은 언제 누구에게나 맞아야 합니다." in lacking.text
    assert 'href="#field-lines"' in lacking.text
    assert [value_of(lacking, f"lines.0.{name}") for name in ("unit_won", "label")] == ["3000", "평일"]
    assert ticked(lacking, "lines.0.days") == ["weekday"]
    wrong = keeper.post_form(TARIFF, {**form, "lines.1.unit_won": "많이", "save": "on"})
    assert error_of(wrong, "lines.1.unit_won") == "숫자로 적어 주세요."
    assert value_of(wrong, "lines.1.unit_won") == "많이"
    whole = {**form, "lines.1.unit_won": "7000"}
    preview = keeper.post_form(TARIFF, {**whole, "preview": "on"})
    assert preview.status_code == 200
    assert "6,000원" in preview.text  # two hours on a weekday
    assert rows(town, UnitRules) == []
    assert town.reserve(resident(), BIG, at(24, 10), 2).price_won == 9000
    assert keeper.post_form(TARIFF, {**whole, "save": "on", "seen": seen(keeper, TARIFF)}).location == TARIFF
    assert town.reserve(resident(), BIG, at(24, 12), 2).price_won == 6000
    assert town.reserve(resident(), BIG, at(28, 12), 2).price_won == 14000
    [row] = audit(town, "unit.tariff_set")
    assert (row.account_id, row.subject) == (house.actor("keeper").account_id, f"unit:{BIG}")
    keeper.post_form(TARIFF, {"own": "", "save": "on", "seen": seen(keeper, TARIFF)})
    assert town.reserve(resident(), BIG, at(24, 16), 2).price_won == 9000


def test_equipment(house: Any, town: Town) -> None:
    keeper = house.client("keeper")
    form = {"name": "빔프로젝터", "count": "2", "fee_won": "3000", "note": "리모컨 포함", "active": "on"}
    for more, name, words in (
        ({"name": ""}, "name", "이름을 적어 주세요."),
        ({"name": "가" * 81}, "name", "이름은 80자까지"),
        ({"count": "많이"}, "count", "숫자로 적어 주세요."),
        ({"count": "-1"}, "count", "비품 수는"),
        ({"fee_won": "-5"}, "fee_won", "요금은"),
        ({"note": "가" * 201}, "note", "200자까지"),
    ):
        told = keeper.post_form(EQUIPMENT, {**form, "unit_ids": [str(BIG)], "hourly": "on", **more})
        assert told.status_code == 422
        assert error_of(told, name).startswith(words), (more, error_of(told, name))
        typed = {**form, **more}
        assert {each: value_of(told, each) for each in ("name", "count", "fee_won", "note")} == {
            each: typed[each] for each in ("name", "count", "fee_won", "note")
        }
        assert (ticked(told, "unit_ids"), ticked(told, "hourly")) == ([str(BIG)], ["on"])
    elsewhere = keeper.post_form(EQUIPMENT, {**form, "unit_ids": [str(FAR)]})
    assert elsewhere.status_code == 422
    assert error_of(elsewhere, "unit_ids").startswith("찾는 공간이 없습니다.")
    assert rows(town, Equipment) == []
    assert keeper.post_form(EQUIPMENT, {**form, "unit_ids": [str(BIG)]}).location == EQUIPMENT
    [beamer] = rows(town, Equipment)
    assert (beamer.space_id, beamer.count, beamer.unit_ids, beamer.hourly) == (1, 2, [BIG], False)
    assert "빔프로젝터" in keeper.get(EQUIPMENT).text
    assert town.reserve(resident(), BIG, at(24, 10), equipment={beamer.id: 2}).price_won == 5000 + 6000
    refused("equipment_unknown", town.reserve, resident(), SMALL, at(24, 12), equipment={beamer.id: 1})
    edit = keeper.get(f"{EQUIPMENT}?edit={beamer.id}")
    assert [value_of(edit, name) for name in ("name", "count", "note")] == ["빔프로젝터", "2", "리모컨 포함"]
    keeper.post_form(EQUIPMENT, {**form, "equipment_id": beamer.id, "active": ""})
    refused("equipment_unknown", town.reserve, resident(), BIG, at(24, 12), equipment={beamer.id: 1})
    assert "빌려주지 않음" in keeper.get(EQUIPMENT).text
    assert [row.account_id for row in audit(town, "equipment.changed")] == [house.actor("keeper").account_id]
    strange = keeper.post_form("/booking/manage/spaces/2/equipment", {**form, "equipment_id": beamer.id})
    assert strange.status_code == 404
    assert len(rows(town, Equipment)) == 1


def test_trusted_groups(house: Any, town: Town) -> None:
    keeper = house.client("keeper")
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(approval="trusted"))
    group = groups.make(town.database, resident(), NOW, "느린 독서회", "residents", "11590")
    assert "느린 독서회" not in keeper.get(GROUPS).text  # they have nothing to do with the space yet
    wrong = keeper.post_form(GROUPS, {"code": "틀린코드"})
    assert wrong.status_code == 404
    assert error_of(wrong, "code").startswith("쓸 수 없는 초대입니다.")
    assert value_of(wrong, "code") == "틀린코드"
    assert keeper.post_form(GROUPS, {"group_id": group.id}).status_code == 404  # by its number only when it was here
    assert town.reserve(resident(), BIG, at(24, 10), group_id=group.id).status == "requested"
    assert "느린 독서회" in keeper.get(GROUPS).text
    assert keeper.post_form(GROUPS, {"group_id": group.id}).location == GROUPS
    assert [(row.space_id, row.group_id) for row in rows(town, Trust)] == [(1, group.id)]
    assert town.reserve(resident(), BIG, at(24, 12), group_id=group.id).status == "confirmed"
    keeper.post_form(f"{GROUPS}/remove", {"group_id": group.id})
    assert rows(town, Trust) == []
    assert town.reserve(resident(), BIG, at(24, 14), group_id=group.id).status == "requested"
    keeper.post_form(GROUPS, {"code": group.invite_code})
    assert len(rows(town, Trust)) == 1
    who = house.actor("keeper").account_id
    assert [(row.account_id, row.subject) for row in audit(town, "group.trusted")] == [(who, "space:1")] * 2


def test_holidays(house: Any, town: Town) -> None:
    city = house.client("city")
    for form, name, words in (
        ({"day": "2026-11-27", "name": " ", "name_en": "Day off"}, "name", "이름을 적어 주세요."),
        ({"day": "2026-11-27", "name": "가" * 81}, "name", "이름은 80자까지"),
        ({"day": "2026-11-27", "name": "임시", "name_en": "x" * 81}, "name_en", "이름은 80자까지"),
        ({"day": "2026-11-22", "name": "임시공휴일"}, "day", "이미 지난 날입니다."),
        ({"day": "언젠가", "name": "임시공휴일"}, "day", "날짜를 골라 주세요."),
    ):
        told = city.post_form(HOLIDAYS, form)
        assert told.status_code == 422
        assert error_of(told, name).startswith(words), (form, error_of(told, name))
        assert {each: value_of(told, each) for each in form} == form
    assert rows(town, ExtraHoliday) == []
    day_off = {"day": "2026-11-27", "name": "임시공휴일", "name_en": "Day off"}
    assert city.post_form(HOLIDAYS, day_off).location == HOLIDAYS
    assert "임시공휴일" in city.get(HOLIDAYS).text
    assert "Day off" in city.get(HOLIDAYS, headers={"Accept-Language": "en"}).text
    refused("closed_holiday", town.reserve, resident(), BIG, at(27, 10))
    [told] = house.client().get("/booking/api/holidays").json["holidays"]
    assert told == {"day": "2026-11-27", "name": "임시공휴일", "name_en": "Day off"}
    city.post_form(f"{HOLIDAYS}/remove", {"day": "2026-11-27"})
    town.reserve(resident(), BIG, at(27, 10))
    who = house.actor("city").account_id
    assert [(row.account_id, row.subject) for row in audit(town, "holiday.set")] == [(who, "holiday:2026-11-27")]
    assert [row.account_id for row in audit(town, "holiday.removed")] == [who]
    assert city.post_form(f"{HOLIDAYS}/remove", {"day": "x"}).status_code == 422


def test_a_special_day_goes_before_a_holiday(town: Town) -> None:
    special_days.put_holiday(town.database, CITY, NOW, date(2026, 11, 27), "임시공휴일")
    special_days.put(town.database, KEEPER, NOW, BIG, date(2026, 11, 27), "10:00", "12:00")
    town.reserve(resident(), BIG, at(27, 10))
    refused("closed_holiday", town.reserve, resident(), SMALL, at(27, 10))


def test_today_is_the_last_day_that_can_be_set(house: Any, town: Town, clock: Any) -> None:
    """At 00:30 in Seoul the 24th has begun, though in UTC it is still the 23rd."""
    clock(at(24, 0, 30).astimezone(UTC))
    keeper = house.client("keeper")
    assert keeper.post_form(DAYS, {"day": "2026-11-23"}).status_code == 422
    assert keeper.post_form(DAYS, {"day": "2026-11-24"}).status_code == 302


def test_by_api(house: Any, town: Town) -> None:
    api, keeper, strange = f"/booking/api/units/{BIG}", house.client("keeper"), house.client("seongbuk")
    puts: list[tuple[str, Any]] = [
        (f"{api}/rules", {"window": 10}),
        (f"{api}/hours", {"days": [["10:00", "12:00"], *[None] * 6]}),
        (f"{api}/tariff", {"lines": [{"unit_won": 1000}]}),
        (f"{api}/special-days", {"day": "2026-11-26", "note": "점검"}),
    ]
    for path, wanted in puts:
        assert strange.put(path, json=wanted).status_code == 403
        assert house.client("resident").put(path, json=wanted).status_code == 403
    assert rows(town, UnitRules) == []
    for path, wanted in puts:
        assert keeper.put(path, json=wanted).status_code == 200, path
    told = house.client().get(f"{api}/rules").json
    assert told["settings"]["window"] == 10
    assert told["hours"]["days"][0] == ["10:00", "12:00"]
    assert told["tariff"]["lines"][0]["unit_won"] == 1000
    assert told["special_days"] == [{"day": "2026-11-26", "opens": None, "closes": None, "note": "점검"}]
    assert keeper.delete(f"{api}/special-days/2026-11-26").json["special_days"] == []
    assert keeper.delete(f"{api}/tariff").json["tariff"] is None
    no = keeper.put(f"{api}/special-days", json={"day": "2026-11-22"})
    assert (no.status_code, no.json["code"], list(no.json["fields"])) == (422, "day_over", ["day"])


def test_what_i_run_by_page_and_api(house: Any, town: Town) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(approval="manual"))
    town.reserve(resident(), BIG, at(23, 14))
    town.reserve(resident(), SMALL, at(23, 14))
    town.reserve(resident(), BIG, at(24, 14))
    api = "/booking/api/manage/spaces"
    found = house.client("keeper").get(api).json
    assert {(each["space_id"], each["today"], each["waiting"]) for each in found["spaces"]} == {(1, 2, 2), (2, 0, 0)}
    assert (found["total"], found["waiting"]) == (2, 2)
    assert [each["space_id"] for each in house.client("dongjak").get(f"{api}?text=사당").json["spaces"]] == [2]
    assert house.client("dongjak").get(api).json["total"] == 3
    assert house.client("seongbuk").get(api).json["spaces"] == []
    assert house.client("resident").get(api).status_code == 403
    assert house.client("resident").get("/booking/manage").status_code == 403
    home = house.client("keeper").get("/booking/manage").text
    assert "승인 대기 2건" in home
    assert "오늘 예약 2건" in home
    assert "흑석 쉼터" not in home
    assert "돌보는 공간이 없습니다" in house.client("seongbuk").get("/booking/manage").text
    assert house.client("keeper").get(f"{SPACE}/rules").status_code == 200


def test_a_number_that_no_row_can_have(house: Any, town: Town) -> None:
    """What somebody types into an address or sends by hand is not found or left out; the database is not asked."""
    group = groups.make(town.database, house.actor("dongjak"), NOW, "느린 독서회", "residents", "11590")
    staff, huge = house.client("dongjak"), 10**30
    for path, status in (
        (f"/booking/manage/approvals?space_id={huge}&page={huge}", 200),
        (f"{EQUIPMENT}?edit={huge}", 200),
        (f"{SPACE}/audit?account_id={huge}&before={huge}", 200),
        (f"/booking/messages?page={huge}", 200),
        (f"/booking/manage?page={huge}", 200),
        (f"/booking/lotteries?space_id={huge}", 200),
        (f"/booking/calendar?unit={huge}&space={huge}", 200),
        (f"/booking/manage/spaces/{huge}/today", 404),
    ):
        assert staff.get(path).status_code == status, path
    for path, form, status in (
        (GROUPS, {"group_id": huge}, 404),
        (f"{GROUPS}/remove", {"group_id": huge}, 302),
        ("/booking/messages/read", {"up_to": huge}, 302),
        (f"/booking/groups/{group.id}/dismiss", {"account_id": huge}, 404),
        ("/booking/calendar", {"kind": "unit", "subject_id": huge}, 404),
    ):
        assert staff.post_form(path, form).status_code == status, path
