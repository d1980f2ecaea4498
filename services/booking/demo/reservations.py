"""The demonstration's stories of reservations: series, own events, requests that wait, closures and who they meet."""

from __future__ import annotations

from services.booking import approvals, blocks, closures, series
from services.booking.closures import acts, simulation
from services.booking.demo.people import CHOIR, COUNCIL, DIGITAL, READERS
from services.booking.demo.rules import CLASSROOM, HALL, KITCHEN, MEETING, ROOM
from services.booking.demo.stage import SEOUL, NothingFree, Stage, Story, neighbour
from services.booking.rules.hours import instant
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.rules.recurrence import Recurrence
from services.booking.series.survey import Plan
from shared.identity.actor import Actor

WEDNESDAY, FRIDAY, SATURDAY = 3, 5, 6


def readers_every_week(stage: Stage) -> Story:
    """`resident` reserves the meeting room for the readers on eight Wednesdays, of which five or six are over."""
    yield stage.ago(41)
    rule = Recurrence(stage.next_day(-38, WEDNESDAY), "week", count=8)
    plan = Plan(
        stage.units[MEETING], rule, "19:00", "21:00", 8, "함께 읽고 이야기 나누기", group_id=stage.groups[READERS]
    )
    series.make(stage.database, stage.people["resident"], stage.moment, plan, stage.key(), free_only=True)


def choir_every_week(stage: Stage) -> Story:
    """A trusted group reserves the hall: nobody has to approve it."""
    yield stage.ago(24)
    rule = Recurrence(stage.next_day(-18, SATURDAY), "week", count=6)
    plan = Plan(stage.units[HALL], rule, "10:00", "12:00", 25, "가을 발표회 합창 연습", group_id=stage.groups[CHOIR])
    series.make(stage.database, stage.people["neighbor"], stage.moment, plan, stage.key(), free_only=True)


def own_events(stage: Stage) -> Story:
    """The keeper keeps the kitchen for its cleaning every week, and the hall for the neighbourhood's feast."""
    keeper = stage.people["keeper"]
    yield stage.ago(16)
    rule = Recurrence(stage.next_day(-14, FRIDAY), "week", count=9)
    blocks.block(
        stage.database,
        keeper,
        stage.moment,
        unit_id=stage.units[KITCHEN],
        day=rule.first,
        opens="09:00",
        closes="10:00",
        purpose="공유부엌 정기 소독",
        key=stage.key(),
        rule=rule,
        free_only=True,
    )
    yield stage.ago(13)
    feast = stage.free(stage.units[HALL], _weekends(stage, 6), ("12:00", "18:00"))
    day = feast.start.astimezone(SEOUL).date()
    blocks.block(
        stage.database,
        keeper,
        stage.moment,
        unit_id=stage.units[HALL],
        day=day,
        opens="12:00",
        closes="18:00",
        purpose="우리 마을 잔치",
        key=stage.key(),
    )


def requests_for_the_hall(stage: Stage) -> Story:
    """One that was approved, one that was declined, and three that wait for the keeper today."""
    keeper, resident, other = stage.people["keeper"], stage.people["resident"], stage.people["neighbor"]
    hall = stage.units[HALL]
    yield stage.ago(8)
    talk = _ask(stage, resident, range(12, 30), 60, "동네 건축가와 함께하는 집수리 강연", ("19:00", "21:00"))
    party = _ask(stage, other, range(8, 30), 80, "회사 송년회", ("18:00", "22:00"))
    yield stage.ago(7)
    approvals.approve(stage.database, keeper, stage.moment, talk, "음향 장비는 30분 전에 오시면 함께 켜 드릴게요.")
    approvals.decline(
        stage.database, keeper, stage.moment, party, "술자리가 있는 모임에는 빌려 드리기 어려워요. 이해를 부탁드려요."
    )
    yield stage.ago(3)
    during = stage.free(hall, range(15, 40), ("10:00", "12:00"), ("14:00", "16:00"))
    lent = {stage.equipment["보면대"]: 12}
    stage.reserve(neighbour(33), hall, Wish(during, 40, "어린이 관현악단 연습", "작은별 악단", equipment=lent))
    yield stage.ago(2)
    during = stage.free(hall, range(9, 40), ("14:00", "17:00"), ("10:00", "13:00"))
    wish = Wish(during, 35, "어르신 스마트폰 교실", group_id=stage.groups[DIGITAL])
    stage.reserve(neighbour(24), hall, wish)
    yield stage.ago(hours=5)
    _ask(stage, resident, range(17, 40), 20, "탁구 동아리 겨울 대회", ("14:00", "18:00"))


def council_meets(stage: Stage) -> Story:
    """A council's group uses the room free of charge, and borrows a microphone."""
    yield stage.ago(10)
    during = stage.free(stage.units[ROOM], range(4, 30), ("19:00", "21:00"), ("16:00", "18:00"))
    lent = {stage.equipment["무선 마이크"]: 1, stage.equipment["빔프로젝터"]: 1}
    wish = Wish(during, 15, "문화분과 정기 회의", group_id=stage.groups[COUNCIL], equipment=lent)
    stage.reserve(neighbour(18), stage.units[ROOM], wish)


def today_and_tomorrow(stage: Stage) -> Story:
    """Enough for a day's sheet, unless the rooms rest."""
    yield stage.ago(7, hours=5)
    lent = {stage.equipment["접이식 의자"]: 12}
    for place, number, people, purpose, group, clocks, borrowed in (
        (ROOM, 7, 16, "그림책 읽어 주는 날", "책 나르는 이웃", ("10:00", "12:00"), lent),
        (ROOM, 11, 9, "동네 소식지 만들기", None, ("14:00", "16:00"), {}),
        (KITCHEN, 13, 6, "제철 반찬 배우기", "한 그릇 나눔", ("11:00", "13:00"), {}),
        (CLASSROOM, 17, 12, "한국어 함께 배우기", "말벗 교실", ("10:00", "12:00"), {}),
        (CLASSROOM, 19, 8, "사진 이야기 모임", None, ("15:00", "17:00"), {}),
    ):
        for offset in (0, 1):
            try:
                during = stage.free(stage.units[place], (offset,), clocks)
            except NothingFree:
                continue
            stage.reserve(neighbour(number), stage.units[place], Wish(during, people, purpose, group, None, borrowed))


def a_closure_that_moves(stage: Stage) -> Story:
    """Two reserved the kitchen; then its pipes must be replaced on that very day, and both are moved."""
    resident, kitchen = stage.people["resident"], stage.units[KITCHEN]
    yield stage.ago(12)
    during = stage.free(kitchen, range(9, 40), ("10:00", "12:00"))
    stage.reserve(resident, kitchen, Wish(during, 6, "김장 김치 나누기 준비"))
    yield stage.ago(11)
    day = during.start.astimezone(SEOUL).date()
    later = Interval(instant(day, "14:00", SEOUL), instant(day, "16:00", SEOUL))
    stage.reserve(neighbour(36), kitchen, Wish(later, 5, "이웃 반찬 나눔", "한 그릇 나눔"))
    yield stage.ago(5)
    start, end = closures.span(day, None, day, None, SEOUL)
    closure = _draft(stage, kitchen, Interval(start, end), "배관 교체 공사")
    yield stage.ago(5, hours=-1)
    keeper = stage.people["keeper"]
    found = simulation.simulate(stage.database, keeper, stage.moment, closure)
    choices = {each.reservation.id: each.choice for each in found.affected}
    version = found.closure.version
    chosen = simulation.choose(stage.database, keeper, stage.moment, closure, version, choices)
    acts.apply(stage.database, keeper, stage.moment, closure, chosen.version)


def a_closure_to_decide(stage: Stage) -> Story:
    """A draft that its keeper has still to look at: whom it would meet, and where they could go."""
    classroom = stage.units[CLASSROOM]
    yield stage.ago(14)
    during = stage.free(classroom, range(20, 44), ("14:00", "16:00"))
    stage.reserve(neighbour(39), classroom, Wish(during, 12, "한국어 함께 배우기", "말벗 교실"))
    yield stage.ago(1)
    day = during.start.astimezone(SEOUL).date()
    start, end = closures.span(day, None, day, None, SEOUL)
    _draft(stage, classroom, Interval(start, end), "바닥 보수 공사")


def _draft(stage: Stage, unit_id: int, during: Interval, reason: str) -> int:
    keeper = stage.people["keeper"]
    closure = closures.draft(
        stage.database,
        keeper,
        stage.moment,
        space_id=_space_of(stage, unit_id),
        unit_ids=[unit_id],
        start=during.start,
        end=during.end,
        reason=reason,
    )
    return closure.id


def _space_of(stage: Stage, unit_id: int) -> int:
    keeper = stage.people["keeper"]
    return keeper.spaces[0] if unit_id == stage.units[KITCHEN] else keeper.spaces[1]


def _ask(stage: Stage, actor: Actor, offsets: range, people: int, purpose: str, *clocks: tuple[str, str]) -> int:
    hall = stage.units[HALL]
    during = stage.free(hall, offsets, *clocks)
    return stage.reserve(actor, hall, Wish(during, people, purpose)).id


def _weekends(stage: Stage, first: int) -> list[int]:
    return [offset for offset in range(first, first + 42) if stage.day(offset).isoweekday() >= SATURDAY]
