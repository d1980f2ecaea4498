"""The demonstration's stories of coming and not coming, of standing in line, and of searching in vain."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from services.booking import check_in, no_shows, reservations, waitlist
from services.booking.demo.people import CHOIR, DONGJAK, READERS
from services.booking.demo.rules import MEETING, POLICIES, ROOM
from services.booking.demo.stage import KEY, Stage, Story, neighbour
from services.booking.models import NoShow, Reservation
from services.booking.rules.policy import MINUTE, Wish
from services.booking.search import unmet
from services.booking.search.terms import Search
from shared.districts import DISTRICTS
from shared.identity.actor import Actor

_EVENINGS = (("19:00", "20:30"), ("10:00", "11:30"), ("14:00", "15:30"))


def readers_come(stage: Stage) -> Story:
    """Whoever reserved the meeting room comes and checks in with the code at its door; so do the readers."""
    unit_id = stage.units[MEETING]
    yield stage.ago(40, hours=12)
    own = select(Reservation.start_at).where(Reservation.group_id == stage.groups[READERS])
    for start in sorted(stage.session.scalars(own)):
        yield start - 5 * MINUTE
        check_in.check_in(stage.database, stage.people["resident"], stage.moment, stage.codes[unit_id])


def a_no_show_with_an_appeal(stage: Stage) -> Story:
    """`resident` did not come, was told so, and said why; the keeper has not decided yet."""
    no_show = yield from _miss(stage, stage.people["resident"], -9, "글쓰기 모임")
    yield stage.moment + timedelta(hours=20)
    text = "아이가 갑자기 열이 나서 병원에 다녀왔어요. 취소할 겨를이 없었습니다. 죄송합니다."
    no_shows.appeal(stage.database, stage.people["resident"], stage.moment, no_show, text)


def a_no_show_that_was_excused(stage: Stage) -> Story:
    """`neighbor` stood at the door, whose code was unreadable: the keeper excused it."""
    other = stage.people["neighbor"]
    no_show = yield from _miss(stage, other, -20, "마을 지도 그리기")
    yield stage.moment + timedelta(hours=3)
    text = "제시간에 왔는데 안내문이 젖어서 코드를 읽을 수 없었어요."
    no_shows.appeal(stage.database, other, stage.moment, no_show, text)
    yield stage.moment + timedelta(hours=22)
    reason = "안내문이 비에 젖어 있던 것을 확인했어요. 새로 붙였습니다."
    no_shows.decide(stage.database, stage.people["keeper"], stage.moment, no_show, "excused", reason)


def a_full_afternoon(stage: Stage) -> Story:
    """A wanted time with a line: `resident` stands second, `neighbor` third."""
    room = stage.units[ROOM]
    yield stage.ago(9)
    during = stage.free(room, _weekend(stage, 8), ("14:00", "16:00"), ("10:00", "12:00"))
    stage.reserve(neighbour(42), room, Wish(during, 20, "아이 생일잔치"))
    for days, actor, people, purpose in (
        (6, neighbour(45), 18, "주말 요리 교실"),
        (4, stage.people["resident"], 12, "가족 영화 보기"),
        (2, stage.people["neighbor"], 25, "합창단 야유회 준비"),
    ):
        yield stage.ago(days)
        wish = Wish(during, people, purpose)
        waitlist.join(stage.database, actor, stage.moment, unit_id=room, wish=wish)


def an_offer_to_take(stage: Stage) -> Story:
    """Somebody gives up a time, and it is held for `neighbor`, who is first in line, for two days."""
    room, other = stage.units[ROOM], stage.people["neighbor"]
    yield stage.ago(8, hours=3)
    during = stage.free(room, range(6, 40), ("18:00", "20:00"), ("15:00", "17:00"))
    taken = stage.reserve(neighbour(48), room, Wish(during, 14, "입주민 설명회")).id
    yield stage.ago(5, hours=2)
    wish = Wish(during, 20, "발표회 순서 정하기", group_id=stage.groups[CHOIR])
    waitlist.join(stage.database, other, stage.moment, unit_id=room, wish=wish)
    yield stage.ago(3, hours=7)
    waitlist.join(stage.database, neighbour(51), stage.moment, unit_id=room, wish=Wish(during, 9, "뜨개 모임"))
    yield stage.ago(hours=1)
    reservations.cancel(stage.database, neighbour(48), stage.moment, taken)


def searches_in_vain(stage: Stage) -> Story:
    """What people looked for and the city has not: the statistics show where rooms are missing."""
    chance = Random("maru searches")  # noqa: S311 - a demonstration, not a secret
    sadang, sangdo = stage.people["keeper"].spaces[:2]
    kinds: tuple[dict[str, Any], ...] = (
        {"people": 150, "minutes": 180, "starts": 13 * 60, "ends": 18 * 60, "weekdays": frozenset({6, 7})},
        {"people": 40, "minutes": 120, "starts": 22 * 60, "ends": 24 * 60},
        {"people": 30, "minutes": 120, "starts": 9 * 60, "ends": 12 * 60, "weekdays": frozenset({1})},
        {"people": 12, "minutes": 120, "accessibility": ("hearing_loop",), "starts": 10 * 60, "ends": 17 * 60},
        {"people": 20, "minutes": 180, "equipment": ("피아노",)},
        {"people": 60, "minutes": 240, "most_won": 0, "weekdays": frozenset({6})},
        {"people": 6, "minutes": 120, "starts": 6 * 60, "ends": 9 * 60, "space_id": sadang},
        {"people": 90, "minutes": 120, "space_id": sangdo},
    )
    for number in range(72):
        days = 44 - number * 0.6
        yield stage.ago(days, hours=chance.randint(0, 5))
        ahead = chance.randint(2, 20) - int(days)
        district = DONGJAK if chance.random() < 0.35 else chance.choice(DISTRICTS).code
        first, kind = stage.day(ahead), chance.choice(kinds)
        last = first + timedelta(days=13 if "weekdays" in kind else chance.choice((0, 0, 6)))
        wanted = Search(district=DONGJAK if "space_id" in kind else district, day=first, until=last, **kind)
        unmet.note(stage.database, stage.moment, wanted, f"{KEY}visit-{number}")


def _miss(stage: Stage, actor: Actor, last: int, purpose: str) -> Generator[datetime, None, int]:
    """Reserve the meeting room on that day or the latest before on which it is free, and do not come; the no-show."""
    unit_id = stage.units[MEETING]
    yield stage.ago(25 - last)
    during = stage.free(unit_id, range(last, last - 14, -1), *_EVENINGS)
    reservation = stage.reserve(actor, unit_id, Wish(during, 4, purpose)).id
    yield during.start + POLICIES[MEETING].grace + MINUTE  # when the clockwork looks
    check_in.release(stage.database, stage.moment, reservation)
    return stage.session.scalars(select(NoShow.id).where(NoShow.reservation_id == reservation)).one()


def _weekend(stage: Stage, first: int) -> list[int]:
    return [offset for offset in range(first, first + 42) if stage.day(offset).isoweekday() >= 6]
