"""The words of a programme's own vocabulary: kinds of questions, phases, roles, quorums, effects, and its limits."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale, lazy_gettext

from services.grants.rules.definition import Words

FIELD_KINDS: dict[str, Any] = {
    "text": lazy_gettext("짧은 글"),
    "long_text": lazy_gettext("긴 글"),
    "number": lazy_gettext("수"),
    "won": lazy_gettext("금액(원)"),
    "date": lazy_gettext("날짜"),
    "choice": lazy_gettext("고르기"),
    "files": lazy_gettext("파일"),
    "budget": lazy_gettext("예산표"),
    "members": lazy_gettext("함께하는 사람"),
    "place": lazy_gettext("지도의 장소"),
}

PHASES: dict[str, Any] = {
    "draft": lazy_gettext("작성"),
    "intake": lazy_gettext("접수"),
    "review": lazy_gettext("심사"),
    "decision": lazy_gettext("심의"),
    "selected": lazy_gettext("선정"),
    "rejected": lazy_gettext("미선정"),
    "running": lazy_gettext("사업 진행"),
    "settling": lazy_gettext("정산"),
    "closed": lazy_gettext("종료"),
    "withdrawn": lazy_gettext("철회"),
}

COLUMNS: dict[str, Any] = PHASES | {
    "selected": lazy_gettext("결과"),
    "rejected": lazy_gettext("결과"),
    "withdrawn": lazy_gettext("결과"),
}
"""The heads of the diagram's columns, by their first phase."""

ROLES: dict[str, Any] = {
    "applicant": lazy_gettext("신청자"),
    "staff": lazy_gettext("담당자"),
    "city": lazy_gettext("시 담당자"),
    "system": lazy_gettext("프로그램"),
}

QUORUMS: dict[str, Any] = {
    "more_than_half": lazy_gettext("과반수"),
    "at_least_half": lazy_gettext("절반 이상"),
    "at_least_two_thirds": lazy_gettext("3분의 2 이상"),
}

EFFECTS: dict[str, Any] = {
    "block": lazy_gettext("막음"),
    "flag": lazy_gettext("알려 줌"),
    "off": lazy_gettext("보지 않음"),
}

TONES: dict[str, Any] = {
    "info": lazy_gettext("파랑"),
    "success": lazy_gettext("초록"),
    "warning": lazy_gettext("노랑"),
    "danger": lazy_gettext("빨강"),
    "neutral": lazy_gettext("회색"),
}

GROUP_KINDS: dict[str, Any] = {
    "residents": lazy_gettext("주민 모임"),
    "nonprofit": lazy_gettext("비영리단체"),
    "council": lazy_gettext("주민자치회"),
    "supported": lazy_gettext("지원받는 공동체"),
    "public": lazy_gettext("공공기관"),
    "business": lazy_gettext("사업자"),
}

LIMITS: dict[str, Any] = {
    "project_won": lazy_gettext("사업 하나에"),
    "group_won": lazy_gettext("한 모임에 한 해 동안"),
    "group_awards": lazy_gettext("한 모임의 한 해 선정 수"),
    "dong_won": lazy_gettext("한 동에 모두"),
    "district_won": lazy_gettext("한 자치구에 모두"),
}

CHANGES: dict[str, Any] = {
    "selected": lazy_gettext("새로 선정"),
    "rejected": lazy_gettext("선정에서 빠짐"),
    "cut": lazy_gettext("금액이 줆"),
    "same": lazy_gettext("그대로"),
}

REASONS: dict[str, Any] = {
    "cut_off": lazy_gettext("통과 점수"),
    "quota": lazy_gettext("선정 수"),
    "project": lazy_gettext("사업당 한도"),
    "group": lazy_gettext("한 모임에 한 해 동안의 한도"),
    "dong": lazy_gettext("동의 한도"),
    "district": lazy_gettext("자치구의 한도"),
    "budget": lazy_gettext("총예산"),
}

PARTS: dict[str, Any] = {
    "basics": lazy_gettext("이름과 분야"),
    "form": lazy_gettext("신청서"),
    "eligibility": lazy_gettext("자격"),
    "states": lazy_gettext("상태"),
    "transitions": lazy_gettext("절차의 줄"),
    "reviews": lazy_gettext("심사와 위원회"),
    "limits": lazy_gettext("한도"),
    "tranches": lazy_gettext("교부"),
    "costs": lazy_gettext("비목"),
    "settlement": lazy_gettext("정산 규칙"),
    "findings": lazy_gettext("점검 항목"),
}
"""The parts of a programme as the editor shows them."""

DOCUMENT_PARTS: dict[str, Any] = {
    "label": lazy_gettext("이름"),
    "about": lazy_gettext("소개"),
    "strands": lazy_gettext("분야"),
    "form": lazy_gettext("신청서"),
    "requirements": lazy_gettext("자격"),
    "states": lazy_gettext("상태"),
    "transitions": lazy_gettext("절차의 줄"),
    "stages": lazy_gettext("심사"),
    "committee": lazy_gettext("위원회"),
    "limits": lazy_gettext("한도"),
    "tranches": lazy_gettext("교부"),
    "settlement": lazy_gettext("정산 규칙"),
    "objection_days": lazy_gettext("이의신청 기간"),
    "correction_days": lazy_gettext("보완 기간"),
}
"""The parts of the document, as the comparison names them."""


def told(words: Words) -> str:
    """A programme's own words in the reader's language."""
    locale = get_locale()
    return words.in_language(locale.language if locale else "ko")
