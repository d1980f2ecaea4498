"""The way round: every page of those who run spaces by what one wants to do there, and a resident's own pages.

Whoever builds such a page adds its line here, and nowhere else; the tests walk them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext

from services.booking.managing import CITY, KEEPERS, STAFF
from shared.identity.access import SIGNED_IN, Access
from shared.identity.actor import Actor
from shared.web import ways
from shared.web.ways import Group, Way


def _way(label: Any, about: Any, path: str, access: Access = KEEPERS) -> Way:
    return Way(label, about, path, access)


GROUPS = {
    "today": lazy_gettext("오늘"),
    "taking": lazy_gettext("예약 받기"),
    "rules": lazy_gettext("규칙"),
    "people": lazy_gettext("사람들"),
    "records": lazy_gettext("기록과 통계"),
}

HOME: Mapping[str, Sequence[Way]] = {
    "today": (
        _way(lazy_gettext("승인 대기"), lazy_gettext("기다리는 신청에 한꺼번에 답합니다."), "/manage/approvals"),
        _way(
            lazy_gettext("겹친 예약"),
            lazy_gettext("방 구성이 바뀌어 겹치게 된 예약을 정리합니다."),
            "/manage/conflicts",
        ),
    ),
    "taking": (
        _way(
            lazy_gettext("정기 이용 배정"),
            lazy_gettext("한 철의 매주 시간을 모임에 고르게 나눕니다."),
            "/manage/seasons",
        ),
    ),
    "rules": (
        _way(
            lazy_gettext("공휴일"),
            lazy_gettext("임시공휴일처럼 달력에 없는 쉬는 날을 더합니다."),
            "/manage/holidays",
            CITY,
        ),
    ),
    "people": (
        _way(lazy_gettext("모임 확인"), lazy_gettext("모임의 종류를 확인합니다."), "/manage/groups", STAFF),
        _way(lazy_gettext("오지 않음 이의"), lazy_gettext("주민이 알린 사정을 듣고 답합니다."), "/manage/appeals"),
    ),
    "records": (
        _way(
            lazy_gettext("이용 통계"),
            lazy_gettext("언제 얼마나 쓰이는지, 무엇을 찾지 못했는지 봅니다."),
            "/manage/statistics",
        ),
    ),
}
"""From /manage: what concerns all of somebody's spaces."""

SPACE: Mapping[str, Sequence[Way]] = {
    "today": (
        _way(
            lazy_gettext("하루 현황"),
            lazy_gettext("누가 언제 오는지 보고 이용과 사용료를 확인합니다."),
            "/manage/spaces/{space_id}/today",
        ),
        _way(
            lazy_gettext("승인 대기"),
            lazy_gettext("기다리는 신청에 답합니다."),
            "/manage/approvals?space_id={space_id}",
        ),
        _way(
            lazy_gettext("대기 줄"),
            lazy_gettext("찬 시간을 누가 몇 번째로 기다리는지 봅니다."),
            "/manage/spaces/{space_id}/waitlist",
        ),
    ),
    "taking": (
        _way(
            lazy_gettext("자체 행사"),
            lazy_gettext("공간이 여는 행사의 시간을 잡아 둡니다."),
            "/manage/spaces/{space_id}/blocks",
        ),
        _way(
            lazy_gettext("추첨"),
            lazy_gettext("모두가 바라는 시간을 신청받아 공정하게 나눕니다."),
            "/manage/spaces/{space_id}/lotteries",
        ),
        _way(
            lazy_gettext("임시 휴관"),
            lazy_gettext("휴관을 미리 살펴보고, 적용하고, 되돌립니다."),
            "/manage/spaces/{space_id}/closures",
        ),
    ),
    "rules": (
        _way(
            lazy_gettext("공간 설정"),
            lazy_gettext("예약 규칙, 운영시간, 특별한 날, 사용료를 정합니다."),
            "/manage/spaces/{space_id}/rules",
        ),
        _way(
            lazy_gettext("비품"), lazy_gettext("함께 빌려 주는 물건을 정합니다."), "/manage/spaces/{space_id}/equipment"
        ),
    ),
    "people": (
        _way(
            lazy_gettext("믿는 모임"),
            lazy_gettext("승인을 기다리지 않고 바로 예약되는 모임입니다."),
            "/manage/spaces/{space_id}/groups",
        ),
        _way(lazy_gettext("오지 않음 이의"), lazy_gettext("주민이 알린 사정을 듣고 답합니다."), "/manage/appeals"),
    ),
    "records": (
        _way(
            lazy_gettext("이용 통계"),
            lazy_gettext("언제 얼마나 쓰이는지 봅니다."),
            "/manage/statistics?space_id={space_id}",
        ),
        _way(
            lazy_gettext("한 일 기록"),
            lazy_gettext("누가 무엇을 했고 누가 보았는지 남아 있습니다."),
            "/manage/spaces/{space_id}/audit",
        ),
        _way(
            lazy_gettext("달력 구독"),
            lazy_gettext("이 공간의 예약을 내 달력에서 봅니다."),
            "/calendar?space={space_id}",
        ),
    ),
}
"""From the page of one space."""

UNIT: Sequence[Way] = (
    _way(lazy_gettext("한 주 보기"), "", "/units/{unit_id}"),
    _way(lazy_gettext("예약 규칙"), "", "/manage/units/{unit_id}/rules"),
    _way(lazy_gettext("운영시간"), "", "/manage/units/{unit_id}/hours"),
    _way(lazy_gettext("특별한 날"), "", "/manage/units/{unit_id}/days"),
    _way(lazy_gettext("사용료"), "", "/manage/units/{unit_id}/tariff"),
    _way(lazy_gettext("이용 확인 포스터"), "", "/manage/units/{unit_id}/poster"),
    _way(lazy_gettext("통계"), "", "/manage/statistics?unit_id={unit_id}"),
)
"""From the page of a space, for each of its units."""

MINE: Sequence[Way] = (
    _way(lazy_gettext("내 모임"), lazy_gettext("함께 예약하는 모임을 만들고 사람을 부릅니다."), "/groups", SIGNED_IN),
    _way(lazy_gettext("내 달력"), lazy_gettext("예약을 내 달력에서 봅니다."), "/calendar", SIGNED_IN),
    _way(lazy_gettext("추첨"), lazy_gettext("모두가 바라는 시간을 추첨으로 받습니다."), "/lotteries", SIGNED_IN),
    _way(
        lazy_gettext("정기 이용 신청"), lazy_gettext("한 철 동안 매주 모일 시간을 신청합니다."), "/seasons", SIGNED_IN
    ),
    _way(lazy_gettext("이용 확인"), lazy_gettext("공간에 왔다고 코드로 알립니다."), "/check-in", SIGNED_IN),
    _way(lazy_gettext("알림함"), lazy_gettext("예약 소식을 모아 봅니다."), "/messages", SIGNED_IN),
    _way(lazy_gettext("오지 않은 기록"), lazy_gettext("못 온 예약을 보고 사정을 알립니다."), "/no-shows", SIGNED_IN),
    _way(lazy_gettext("내 정보"), lazy_gettext("연락처와 사는 자치구, 알림 받을 곳을 정합니다."), "/me", SIGNED_IN),
)
"""From a resident's own reservations."""


def groups(of: Mapping[str, Sequence[Way]], actor: Actor, **ids: int) -> list[Group]:
    """What the actor may see of these, group by group."""
    return ways.groups("booking", GROUPS, of, actor, **ids)


def links(of: Sequence[Way], actor: Actor, **ids: int) -> list[Mapping[str, Any]]:
    """What the actor may see of these."""
    return ways.links("booking", of, actor, **ids)
