"""The words of meetings, proposals, votes, recusals and objections for people."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

MEETING_STATES: dict[str, Any] = {
    "planned": lazy_gettext("예정"),
    "open": lazy_gettext("회의 중"),
    "closed": lazy_gettext("마침"),
    "cancelled": lazy_gettext("취소됨"),
}
MEETING_TONES = {"planned": "info", "open": "success", "closed": "neutral", "cancelled": "warning"}
ITEM_STATES: dict[str, Any] = {
    "pending": lazy_gettext("표결 전"),
    "voting": lazy_gettext("표결 중"),
    "decided": lazy_gettext("의결함"),
    "deferred": lazy_gettext("보류"),
}
ITEM_TONES = {"pending": "neutral", "voting": "warning", "decided": "success", "deferred": "info"}
PROPOSALS: dict[str, Any] = {
    "select": lazy_gettext("선정"),
    "reserve": lazy_gettext("예비"),
    "reject": lazy_gettext("미선정"),
}
VOTES: dict[str, Any] = {
    "for": lazy_gettext("찬성"),
    "against": lazy_gettext("반대"),
    "abstain": lazy_gettext("기권"),
    "recused": lazy_gettext("회피·제척"),
}
INTERESTS: dict[str, Any] = {
    "declared": lazy_gettext("본인이 회피함"),
    "membership": lazy_gettext("신청한 모임의 구성원"),
    "address": lazy_gettext("신청한 모임의 사람과 주소가 같음"),
    "joint_application": lazy_gettext("신청한 모임의 사람과 함께 신청한 적이 있음"),
}
OBJECTION_STATES: dict[str, Any] = {
    "open": lazy_gettext("답을 기다림"),
    "upheld": lazy_gettext("받아들임"),
    "dismissed": lazy_gettext("받아들이지 않음"),
}
OBJECTION_TONES = {"open": "warning", "upheld": "success", "dismissed": "neutral"}
