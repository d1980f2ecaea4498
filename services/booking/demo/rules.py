"""The demonstration's rooms as their keepers run them: rules, hours, tariffs, equipment, special days, holidays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.booking import check_in, equipment, special_days, unit_rules
from services.booking.demo.stage import HOUR, SEOUL, Stage, Story
from services.booking.equipment import Facts
from services.booking.rules.hours import holiday
from services.booking.rules.policy import DAY, MINUTE, POLICY, NoShowRule, Quota
from services.booking.rules.tariff import Line, Tariff

SADANG, SANGDO, DAEBANG = "사당3동 마을활력소", "상도4동 마을활력소", "대방 용마루"
ROOM, MEETING, KITCHEN, HOUSE = ((SADANG, name) for name in ("다목적실", "모임방", "공유부엌", "전체 대관"))
HALL, CLASSROOM, BUILDING = ((SANGDO, name) for name in ("강당", "강의실", "전체 대관"))
LIBRARY, SEMINAR = ((DAEBANG, name) for name in ("책마루", "세미나실"))
NEEDED = (ROOM, MEETING, KITCHEN, HOUSE, HALL, CLASSROOM, BUILDING, LIBRARY, SEMINAR)
"""Without these rooms no story is told."""

_SADANG_WEEK = (None, *[("09:00", "22:00")] * 4, ("10:00", "18:00"), ("10:00", "18:00"))
_SANGDO_WEEK = (None, *[("09:00", "22:00")] * 4, ("09:00", "21:00"), ("09:00", "18:00"))
_CLOSED = {"holidays": True}
_FREE_DAYS = frozenset({"weekend", "holiday"})
_ASSOCIATIONS = frozenset({"residents", "nonprofit"})

POLICIES = {
    ROOM: replace(POLICY, longest=360 * MINUTE, offer=2 * DAY),
    MEETING: replace(POLICY, longest=180 * MINUTE, check_in=True, early=30 * MINUTE, no_shows=NoShowRule(3, 90, 30)),
    KITCHEN: replace(POLICY, buffer_after=30 * MINUTE),
    HOUSE: replace(POLICY, longest=480 * MINUTE, cancel_notice=DAY, offer=DAY),
    HALL: replace(
        POLICY,
        grid=60 * MINUTE,
        shortest=60 * MINUTE,
        longest=360 * MINUTE,
        notice=DAY,
        cancel_notice=DAY,
        buffer_before=30 * MINUTE,
        buffer_after=30 * MINUTE,
        residents_first=7 * DAY,
        approval="trusted",
        quotas=(Quota("person", "week", 2), Quota("group", "month", 4)),
    ),
    CLASSROOM: replace(POLICY, notice=2 * HOUR),
    SEMINAR: replace(POLICY, audience="group"),
}
TARIFFS = {
    ROOM: Tariff(
        lines=(
            Line(0, groups=frozenset({"council", "public"}), label="주민자치회·공공"),
            Line(3_000, groups=_ASSOCIATIONS, label="등록 모임"),
            Line(7_000, days=_FREE_DAYS, resident=True, label="주말·공휴일 구민"),
            Line(10_000, days=_FREE_DAYS, label="주말·공휴일"),
            Line(5_000, resident=True, label="평일 구민"),
            Line(8_000, label="평일"),
        ),
        supported_free=True,
    ),
    HALL: Tariff(
        lines=(
            Line(10_000, 20_000, groups=_ASSOCIATIONS, label="등록 모임"),
            Line(15_000, 30_000, start="18:00", end="22:00", label="저녁"),
            Line(20_000, 50_000, days=_FREE_DAYS, label="주말·공휴일"),
            Line(12_000, 25_000, label="평일 낮"),
        ),
        base_minutes=120,
        supported_free=True,
    ),
}
EQUIPMENT = (
    (ROOM, Facts("빔프로젝터", 1, note="리모컨과 HDMI 선을 함께 드려요.")),
    (ROOM, Facts("무선 마이크", 2, fee_won=3_000)),
    (ROOM, Facts("접이식 의자", 30)),
    (HALL, Facts("무대 조명", 1, fee_won=5_000, hourly=True, note="첫 사용 때 지기가 조작법을 알려 드려요.")),
    (HALL, Facts("보면대", 20)),
    (HALL, Facts("이동식 칠판", 3)),
)


def keepers_rules(stage: Stage) -> Story:
    """Three months ago the keepers set what holds in their rooms."""
    yield stage.ago(90)
    keeper, centre = stage.people["keeper"], stage.people["dongjak"]
    for place, policy in POLICIES.items():
        actor = centre if place == SEMINAR else keeper
        unit_rules.set_policy(stage.database, actor, stage.moment, stage.units[place], policy)
    for place, week in ((ROOM, _SADANG_WEEK), (HALL, _SANGDO_WEEK)):
        unit_rules.set_hours(stage.database, keeper, stage.moment, stage.units[place], week, _CLOSED, everywhere=True)
    for place, tariff in TARIFFS.items():
        unit_rules.set_tariff(stage.database, keeper, stage.moment, stage.units[place], tariff)
    spaces = {ROOM: keeper.spaces[0], HALL: keeper.spaces[1]}
    for place, facts in EQUIPMENT:
        row = equipment.put(stage.database, keeper, stage.moment, spaces[place], facts)
        stage.equipment[facts.name] = row.id
    yield stage.ago(88)
    unit_id = stage.units[MEETING]
    stage.codes[unit_id] = check_in.code_of(stage.database, keeper, stage.moment, unit_id)[1]


def a_short_day(stage: Stage) -> Story:
    """A morning in which the electricity is looked after."""
    yield stage.ago(9)
    during = stage.free(stage.units[ROOM], range(11, 40), ("13:00", "18:00"))
    day = during.start.astimezone(SEOUL).date()
    note = "오전에는 전기 안전 점검을 해요."
    keeper, unit_id = stage.people["keeper"], stage.units[ROOM]
    special_days.put(stage.database, keeper, stage.moment, unit_id, day, "13:00", "18:00", note)


def holidays_by_hand(stage: Stage) -> Story:
    """Two public holidays that no calendar knew: the city adds them, and every room that rests on holidays rests."""
    yield stage.ago(20)
    for offset, name, name_en in (
        (44, "임시공휴일", "Temporary public holiday"),
        (72, "마을의 날 임시공휴일", "Temporary public holiday: Neighbourhood Day"),
    ):
        day = stage.day(offset)
        while day.isoweekday() > 5 or holiday(day):
            day += timedelta(days=1)
        special_days.put_holiday(stage.database, stage.people["city"], stage.moment, day, name, name_en)
