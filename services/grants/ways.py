"""The way round grants: the staff's pages by what one wants to do there, and what a call leads to.

Whoever builds such a page adds its line here, and nowhere else; the tests walk them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext

from services.grants.callers import CITY, STAFF
from shared.identity.access import ANYONE, SIGNED_IN, Access
from shared.identity.actor import Actor
from shared.web import ways
from shared.web.ways import Group, Way


def _way(label: Any, about: Any, path: str, access: Access = STAFF) -> Way:
    return Way(label, about, path, access)


GROUPS = {
    "calls": lazy_gettext("공모"),
    "money": lazy_gettext("교부와 정산"),
    "people": lazy_gettext("사람들"),
    "open": lazy_gettext("공개와 기록"),
    "intake": lazy_gettext("접수"),
    "review": lazy_gettext("심사"),
    "decision": lazy_gettext("심의와 발표"),
}

HOME: Mapping[str, Sequence[Way]] = {
    "calls": (
        _way(lazy_gettext("공고 쓰기"), lazy_gettext("새 공고를 쓰고 게시합니다."), "/calls/new"),
        _way(lazy_gettext("사업 규칙"), lazy_gettext("신청서, 자격, 절차, 심사표, 한도를 정합니다."), "/programmes"),
        _way(lazy_gettext("위원회 회의"), lazy_gettext("안건을 올리고 의결하고 회의록을 만듭니다."), "/meetings"),
        _way(lazy_gettext("이의신청"), lazy_gettext("결과에 대한 이의에 답합니다."), "/manage/objections"),
    ),
    "money": (
        _way(lazy_gettext("교부"), lazy_gettext("줄 수 있는 것과 막힌 것을 까닭과 함께 봅니다."), "/manage/payments"),
        _way(lazy_gettext("변경 신청"), lazy_gettext("내용, 기간, 예산의 변경을 승인합니다."), "/manage/changes"),
        _way(lazy_gettext("지출 확인"), lazy_gettext("증빙을 보고 인정하거나 불인정합니다."), "/manage/expenses"),
        _way(lazy_gettext("정산 검토"), lazy_gettext("정산보고서를 보고 금액을 확정합니다."), "/manage/settlements"),
        _way(lazy_gettext("반납·환수"), lazy_gettext("돌려받을 돈과 기한을 봅니다."), "/manage/returns"),
        _way(lazy_gettext("예산"), lazy_gettext("예산, 원인행위, 지출을 날짜별로 봅니다."), "/budget", CITY),
    ),
    "people": (
        _way(lazy_gettext("심사위원"), lazy_gettext("심사위원과 위원회 위원을 위촉합니다."), "/manage/reviewers"),
        _way(lazy_gettext("참여 제한"), lazy_gettext("제한 중인 모임과 기간을 봅니다."), "/manage/sanctions"),
    ),
    "open": (
        _way(lazy_gettext("선정 사업"), lazy_gettext("누구나 보는 지원 사업 목록입니다."), "/projects", ANYONE),
        _way(
            lazy_gettext("Maru가 거절하는 것"),
            lazy_gettext("감사가 되풀이해 찾는 잘못과 막는 방법입니다."),
            "/refuses",
            ANYONE,
        ),
        _way(
            lazy_gettext("중간지원조직"),
            lazy_gettext("자치구마다의 운영 방식과 예산입니다."),
            "/intermediaries",
            ANYONE,
        ),
    ),
}
"""From /manage: what concerns all calls that somebody runs."""

CALL: Mapping[str, Sequence[Way]] = {
    "intake": (
        _way(lazy_gettext("신청 목록"), lazy_gettext("찾고, 거르고, 내려받습니다."), "/calls/{call_id}/applications"),
        _way(
            lazy_gettext("비슷한 신청"),
            lazy_gettext("구성원, 주소, 계좌, 글이 겹치는 신청을 나란히 봅니다."),
            "/calls/{call_id}/duplicates",
        ),
    ),
    "review": (
        _way(
            lazy_gettext("심사 맡기기"),
            lazy_gettext("고르게, 이해관계 없는 사람에게 맡깁니다."),
            "/calls/{call_id}/review/reviewers",
        ),
        _way(
            lazy_gettext("심사 현황과 순위"),
            lazy_gettext("점수와 폭을 보고 다음 단계로 보냅니다."),
            "/calls/{call_id}/review",
        ),
    ),
    "decision": (
        _way(
            lazy_gettext("순위와 예산"),
            lazy_gettext("점수 순서로 예산이 어디까지 닿는지 봅니다."),
            "/calls/{call_id}/ranking",
        ),
        _way(
            lazy_gettext("위원회 회의"),
            lazy_gettext("안건을 올리고 의결하고 회의록을 만듭니다."),
            "/calls/{call_id}/meetings",
        ),
        _way(
            lazy_gettext("결과 발표"),
            lazy_gettext("모두에게 한꺼번에 알릴 시각을 정합니다."),
            "/calls/{call_id}/announcement",
        ),
        _way(
            lazy_gettext("발표된 결과"),
            lazy_gettext("누구나 보는 선정 결과입니다."),
            "/calls/{call_id}/results",
            ANYONE,
        ),
    ),
}
"""From the page of one call, for those who run it."""

PAST: Mapping[str, Sequence[Way]] = {
    **CALL,
    "decision": (
        *CALL["decision"],
        _way(
            lazy_gettext("다시 해 보기"),
            lazy_gettext("통과 점수, 선정 수, 한도를 바꾸었다면 누가 달라졌을지 봅니다."),
            "/calls/{call_id}/sandbox",
        ),
    ),
}
"""The same once its intake is over."""

MINE: Sequence[Way] = (
    _way(lazy_gettext("내 모임"), lazy_gettext("모임의 정보와 사람들을 한 번만 적습니다."), "/groups", SIGNED_IN),
)
"""From an applicant's own applications."""


def groups(of: Mapping[str, Sequence[Way]], actor: Actor, **ids: int) -> list[Group]:
    """What the actor may see of these, group by group."""
    return ways.groups("grants", GROUPS, of, actor, **ids)


def links(of: Sequence[Way], actor: Actor, **ids: int) -> list[Mapping[str, Any]]:
    """What the actor may see of these."""
    return ways.links("grants", of, actor, **ids)
