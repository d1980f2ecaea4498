"""The words of a committee's minutes (회의록): an official document, in Korean whatever language its reader speaks."""

from __future__ import annotations

from datetime import datetime

from services.grants.policy import SEOUL

OUTCOMES = {"select": "선정", "reserve": "예비 선정", "reject": "미선정", None: "보류"}
RECUSED = {
    "declared": "회피(본인 신청)",
    "membership": "제척(신청 모임의 구성원)",
    "address": "제척(신청 모임 구성원과 주소가 같음)",
    "joint_application": "제척(신청 모임 구성원과 함께 신청한 적이 있음)",
}
VOTES = {"for": "찬성", "against": "반대", "abstain": "기권"}
QUORUMS = {
    "more_than_half": "재적위원 과반수",
    "at_least_half": "재적위원 2분의 1 이상",
    "at_least_two_thirds": "재적위원 3분의 2 이상",
}
NOT_REACHED = "회의에서 다루지 못하여 다음 회의로 미룸"
BUDGET_ENDS = "심사 점수 순서로 예산이 닿지 않아 예비로 둡니다."
CEILING = "한 사업에 줄 수 있는 금액까지만 지원합니다."
"""The reasons that are suggested to the committee; the group reads them."""
_DAYS = "월화수목금토일"


def moment(value: datetime | None) -> str:
    """2026년 4월 1일(수) 14:00, in the city's time."""
    if value is None:
        return "-"
    local = value.astimezone(SEOUL)
    return f"{local.year}년 {local.month}월 {local.day}일({_DAYS[local.weekday()]}) {local:%H:%M}"


def won(amount: int | None) -> str:
    return "-" if amount is None else f"{amount:,}원"


def points(tenths: int) -> str:
    """78.3점."""
    return f"{tenths // 10}.{tenths % 10}점"


def not_passed(score_tenths: int) -> str:
    """The reason that is suggested where a score is too low; the group reads it."""
    return f"심사 점수가 {points(score_tenths)}으로 선정 기준에 미치지 못했습니다."
