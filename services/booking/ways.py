"""The way round: every page of those who run spaces by what one wants to do there, and a resident's own pages.

Whoever builds such a page adds its line here, and nowhere else; the tests walk them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext

from services.booking.managing import CITY, KEEPERS, STAFF
from shared.identity.access import SIGNED_IN, Access
from shared.identity.actor import Actor
from shared.refusal import Refusal
from shared.web.navigation import service_url


@dataclass(frozen=True)
class Way:
    """A link: where to (`{space_id}` and `{unit_id}` are filled in), what one can do there, for whom."""

    label: Any
    about: Any
    path: str
    access: Access = KEEPERS


@dataclass(frozen=True)
class Group:
    """What belongs together; `ways` are {"label", "about", "href"}."""

    key: str
    label: Any
    ways: Sequence[Mapping[str, Any]]


GROUPS = {
    "today": lazy_gettext("오늘"),
    "taking": lazy_gettext("예약 받기"),
    "rules": lazy_gettext("규칙"),
    "people": lazy_gettext("사람들"),
    "records": lazy_gettext("기록과 통계"),
}

HOME: Mapping[str, Sequence[Way]] = {
    "today": (
        Way(lazy_gettext("승인 대기"), lazy_gettext("기다리는 신청에 한꺼번에 답합니다."), "/manage/approvals"),
        Way(
            lazy_gettext("겹친 예약"),
            lazy_gettext("방 구성이 바뀌어 겹치게 된 예약을 정리합니다."),
            "/manage/conflicts",
        ),
    ),
    "taking": (
        Way(
            lazy_gettext("정기 이용 배정"),
            lazy_gettext("한 철의 매주 시간을 모임에 고르게 나눕니다."),
            "/manage/seasons",
        ),
    ),
    "rules": (
        Way(
            lazy_gettext("공휴일"),
            lazy_gettext("임시공휴일처럼 달력에 없는 쉬는 날을 더합니다."),
            "/manage/holidays",
            CITY,
        ),
    ),
    "people": (
        Way(lazy_gettext("모임 확인"), lazy_gettext("모임의 종류를 확인합니다."), "/manage/groups", STAFF),
        Way(lazy_gettext("오지 않음 이의"), lazy_gettext("주민이 알린 사정을 듣고 답합니다."), "/manage/appeals"),
    ),
    "records": (
        Way(
            lazy_gettext("이용 통계"),
            lazy_gettext("언제 얼마나 쓰이는지, 무엇을 찾지 못했는지 봅니다."),
            "/manage/statistics",
        ),
    ),
}
"""From /manage: what concerns all of somebody's spaces."""

SPACE: Mapping[str, Sequence[Way]] = {
    "today": (
        Way(
            lazy_gettext("하루 현황"),
            lazy_gettext("누가 언제 오는지 보고 이용과 사용료를 확인합니다."),
            "/manage/spaces/{space_id}/today",
        ),
        Way(
            lazy_gettext("승인 대기"),
            lazy_gettext("기다리는 신청에 답합니다."),
            "/manage/approvals?space_id={space_id}",
        ),
        Way(
            lazy_gettext("대기 줄"),
            lazy_gettext("찬 시간을 누가 몇 번째로 기다리는지 봅니다."),
            "/manage/spaces/{space_id}/waitlist",
        ),
    ),
    "taking": (
        Way(
            lazy_gettext("자체 행사"),
            lazy_gettext("공간이 여는 행사의 시간을 잡아 둡니다."),
            "/manage/spaces/{space_id}/blocks",
        ),
        Way(
            lazy_gettext("추첨"),
            lazy_gettext("모두가 바라는 시간을 신청받아 공정하게 나눕니다."),
            "/manage/spaces/{space_id}/lotteries",
        ),
        Way(
            lazy_gettext("임시 휴관"),
            lazy_gettext("휴관을 미리 살펴보고, 적용하고, 되돌립니다."),
            "/manage/spaces/{space_id}/closures",
        ),
    ),
    "rules": (
        Way(
            lazy_gettext("공간 설정"),
            lazy_gettext("예약 규칙, 운영시간, 특별한 날, 사용료를 정합니다."),
            "/manage/spaces/{space_id}/rules",
        ),
        Way(
            lazy_gettext("비품"), lazy_gettext("함께 빌려 주는 물건을 정합니다."), "/manage/spaces/{space_id}/equipment"
        ),
    ),
    "people": (
        Way(
            lazy_gettext("믿는 모임"),
            lazy_gettext("승인을 기다리지 않고 바로 예약되는 모임입니다."),
            "/manage/spaces/{space_id}/groups",
        ),
        Way(lazy_gettext("오지 않음 이의"), lazy_gettext("주민이 알린 사정을 듣고 답합니다."), "/manage/appeals"),
    ),
    "records": (
        Way(
            lazy_gettext("이용 통계"),
            lazy_gettext("언제 얼마나 쓰이는지 봅니다."),
            "/manage/statistics?space_id={space_id}",
        ),
        Way(
            lazy_gettext("한 일 기록"),
            lazy_gettext("누가 무엇을 했고 누가 보았는지 남아 있습니다."),
            "/manage/spaces/{space_id}/audit",
        ),
        Way(
            lazy_gettext("달력 구독"),
            lazy_gettext("이 공간의 예약을 내 달력에서 봅니다."),
            "/calendar?space={space_id}",
        ),
    ),
}
"""From the page of one space."""

UNIT: Sequence[Way] = (
    Way(lazy_gettext("한 주 보기"), "", "/units/{unit_id}"),
    Way(lazy_gettext("예약 규칙"), "", "/manage/units/{unit_id}/rules"),
    Way(lazy_gettext("운영시간"), "", "/manage/units/{unit_id}/hours"),
    Way(lazy_gettext("특별한 날"), "", "/manage/units/{unit_id}/days"),
    Way(lazy_gettext("사용료"), "", "/manage/units/{unit_id}/tariff"),
    Way(lazy_gettext("이용 확인 포스터"), "", "/manage/units/{unit_id}/poster"),
    Way(lazy_gettext("통계"), "", "/manage/statistics?unit_id={unit_id}"),
)
"""From the page of a space, for each of its units."""

MINE: Sequence[Way] = (
    Way(lazy_gettext("내 모임"), lazy_gettext("함께 예약하는 모임을 만들고 사람을 부릅니다."), "/groups", SIGNED_IN),
    Way(lazy_gettext("내 달력"), lazy_gettext("예약을 내 달력에서 봅니다."), "/calendar", SIGNED_IN),
    Way(lazy_gettext("추첨"), lazy_gettext("모두가 바라는 시간을 추첨으로 받습니다."), "/lotteries", SIGNED_IN),
    Way(lazy_gettext("정기 이용 신청"), lazy_gettext("한 철 동안 매주 모일 시간을 신청합니다."), "/seasons", SIGNED_IN),
    Way(lazy_gettext("이용 확인"), lazy_gettext("공간에 왔다고 코드로 알립니다."), "/check-in", SIGNED_IN),
    Way(lazy_gettext("알림함"), lazy_gettext("예약 소식을 모아 봅니다."), "/messages", SIGNED_IN),
    Way(lazy_gettext("오지 않은 기록"), lazy_gettext("못 온 예약을 보고 사정을 알립니다."), "/no-shows", SIGNED_IN),
    Way(lazy_gettext("내 정보"), lazy_gettext("연락처와 사는 자치구, 알림 받을 곳을 정합니다."), "/me", SIGNED_IN),
)
"""From a resident's own reservations."""


def groups(ways: Mapping[str, Sequence[Way]], actor: Actor, **ids: int) -> list[Group]:
    """What the actor may see of these, group by group; a group with nothing in it is left out."""
    found = [Group(key, GROUPS[key], links(of_group, actor, **ids)) for key, of_group in ways.items()]
    return [group for group in found if group.ways]


def links(ways: Sequence[Way], actor: Actor, **ids: int) -> list[Mapping[str, Any]]:
    """{"label", "about", "href"} of those that the actor may call."""
    return [
        {"label": way.label, "about": way.about, "href": service_url("booking", way.path.format(**ids))}
        for way in ways
        if _may(actor, way.access)
    ]


def _may(actor: Actor, access: Access) -> bool:
    try:
        access.check(actor)
    except Refusal:
        return False
    return True
