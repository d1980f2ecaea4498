"""The demonstration's seasons: one for which groups apply now, one that is closed and waits for its allocation."""

from __future__ import annotations

from services.booking import seasons
from services.booking.demo.people import CHOIR, COUNCIL, DIGITAL
from services.booking.demo.rules import CLASSROOM, LIBRARY, MEETING, ROOM, SEMINAR
from services.booking.demo.stage import SEOUL, Stage, Story, neighbour
from services.booking.rules.hours import instant
from services.booking.rules.seasons import Asked, Wanted
from services.booking.rules.weekly import Option
from services.booking.seasons import applications
from shared.identity.actor import Actor

TUESDAY, WEDNESDAY, THURSDAY, SATURDAY = 2, 3, 4, 6
Place = tuple[str, str]
Wish = tuple[Place, int, int, int]  # room, ISO weekday, from and to which hour


def a_season_to_apply_for(stage: Stage) -> Story:
    """The district's centre gives weekly times of three rooms away; `neighbor` has applied, `resident` has not yet."""
    centre = stage.people["dongjak"]
    yield stage.ago(6)
    wanted = Wanted(
        name="동작구 다음 철 정기 이용",
        note="매주 같은 시간에 모이는 모임에 석 달 동안 자리를 드립니다. 시간을 넓게 적을수록 받기 쉬워요.",
        unit_ids=tuple(stage.units[place] for place in (CLASSROOM, LIBRARY, SEMINAR)),
        first_day=stage.day(40),
        last_day=stage.day(130),
        opens_at=stage.moment,
        closes_at=instant(stage.day(14), "18:00", SEOUL),
        district_weight=1,
        new_weight=1,
    )
    number = _announce(stage, centre, wanted)
    yield stage.ago(4)
    evening = (CLASSROOM, THURSDAY, 18, 22)
    _apply(stage, number, stage.people["neighbor"], "합창 연습", 20, [evening, (CLASSROOM, SATURDAY, 9, 14)], CHOIR)
    yield stage.ago(3)
    _apply(stage, number, neighbour(24), "어르신 스마트폰 교실", 14, [(LIBRARY, TUESDAY, 10, 14), evening], DIGITAL)
    yield stage.ago(2)
    _apply(stage, number, neighbour(54), "기타 배우기", 8, [evening, (LIBRARY, WEDNESDAY, 10, 16)], name="줄 고르기")


def a_season_to_allocate(stage: Stage) -> Story:
    """Groups wanted more than there is: the keeper lets the system propose, edits, and publishes."""
    keeper = stage.people["keeper"]
    yield stage.ago(25)
    wanted = Wanted(
        name="사당·상도 겨울 정기 이용",
        note="다목적실, 모임방, 강의실을 매주 쓰실 모임을 모집합니다.",
        unit_ids=tuple(stage.units[place] for place in (ROOM, MEETING, CLASSROOM)),
        first_day=stage.day(21),
        last_day=stage.day(98),
        opens_at=stage.moment,
        closes_at=stage.ago(1),
        district_weight=1,
    )
    number = _announce(stage, keeper, wanted)
    evening, morning = (ROOM, WEDNESDAY, 18, 22), (MEETING, THURSDAY, 9, 13)
    yield stage.ago(16)
    _apply(stage, number, neighbour(18), "분과 회의", 12, [evening, (CLASSROOM, WEDNESDAY, 18, 22)], COUNCIL)
    for days, person, name, purpose, people, wishes in (
        (15, 33, "작은별 악단", "어린이 관현악단 연습", 20, [evening, (CLASSROOM, SATURDAY, 10, 14)]),
        (12, 36, "한 그릇 나눔", "반찬 나눔 준비 모임", 8, [morning, (ROOM, THURSDAY, 9, 13)]),
        (9, 39, "말벗 교실", "한국어 함께 배우기", 10, [(CLASSROOM, TUESDAY, 13, 17), morning]),
        (5, 42, "달빛 상영회", "영화 함께 보기", 22, [evening]),
        (3, 45, "실과 바늘", "뜨개질", 6, [morning]),
    ):
        yield stage.ago(days)
        _apply(stage, number, neighbour(person), purpose, people, wishes, name=name)


def _announce(stage: Stage, actor: Actor, wanted: Wanted) -> int:
    season = seasons.make(stage.database, actor, stage.moment, wanted, stage.key())
    seasons.announce(stage.database, actor, stage.moment, season.id, season.version)
    return season.id


def _apply(
    stage: Stage,
    season_id: int,
    actor: Actor,
    purpose: str,
    people: int,
    wishes: list[Wish],
    group: str | None = None,
    name: str = "",
) -> None:
    options = tuple(Option(stage.units[place], weekday, start * 60, end * 60) for place, weekday, start, end in wishes)
    asked = Asked(name, purpose, people, 1, 120, options, stage.groups[group] if group else None)
    applications.submit(stage.database, actor, stage.moment, season_id, asked)
