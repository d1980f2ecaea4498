"""What the trail of a space says was done, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.booking.wording import STATUSES

KINDS = {
    "viewed": lazy_gettext("개인정보를 봄"),
    "reservation": lazy_gettext("예약과 신청"),
    "closure": lazy_gettext("휴관 일정"),
    "rules": lazy_gettext("운영 규칙"),
    "others": lazy_gettext("추첨·대기·정기 이용·모임"),
}
"""What one can look for (`audit_trail.KINDS`)."""
ACTIONS = {
    "reservation.made": lazy_gettext("예약함"),
    "reservation.confirmed": lazy_gettext("예약을 확정함"),
    "reservation.changed": lazy_gettext("예약을 바꿈"),
    "reservation.cancelled": lazy_gettext("예약을 취소함"),
    "reservation.declined": lazy_gettext("신청을 거절함"),
    "reservation.lapsed": lazy_gettext("기한이 지나 풀림"),
    "reservation.no_show": lazy_gettext("오지 않음으로 표시함"),
    "reservation.restored": lazy_gettext("예약을 되살림"),
    "reservation.checked_in": lazy_gettext("이용을 확인함"),
    "reservation.payment_paid": lazy_gettext("사용료를 받음"),
    "reservation.payment_waived": lazy_gettext("사용료를 면제함"),
    "reservation.payment_due": lazy_gettext("사용료를 다시 받기로 함"),
    "reservation.conflict_found": lazy_gettext("겹친 예약을 찾음"),
    "reservation.conflict_settled": lazy_gettext("겹친 예약을 정리함"),
    "reservation.viewed": lazy_gettext("예약을 봄"),
    "series.made": lazy_gettext("반복 예약을 함"),
    "series.changed": lazy_gettext("반복 예약을 바꿈"),
    "series.cancelled": lazy_gettext("반복 예약을 취소함"),
    "series.viewed": lazy_gettext("반복 예약을 봄"),
    "no_show.appealed": lazy_gettext("오지 못한 사정을 알림"),
    "no_show.excused": lazy_gettext("오지 않은 기록을 지움"),
    "no_show.upheld": lazy_gettext("오지 않은 기록을 그대로 둠"),
    "appeal.viewed": lazy_gettext("알린 사정을 봄"),
    "sheet.viewed": lazy_gettext("하루 현황을 봄"),
    "approvals.viewed": lazy_gettext("승인 대기를 봄"),
    "conflicts.viewed": lazy_gettext("겹친 예약을 봄"),
    "calendar.viewed": lazy_gettext("달력으로 받아 봄"),
    "audit.viewed": lazy_gettext("기록을 봄"),
    "closure.drafted": lazy_gettext("휴관을 준비함"),
    "closure.dropped": lazy_gettext("준비하던 휴관을 지움"),
    "closure.simulated": lazy_gettext("휴관 미리 보기를 봄"),
    "closure.applied": lazy_gettext("휴관을 적용함"),
    "closure.undone": lazy_gettext("휴관을 되돌림"),
    "closure.viewed": lazy_gettext("휴관 결과를 봄"),
    "unit.rules_set": lazy_gettext("예약 규칙을 정함"),
    "unit.hours_set": lazy_gettext("운영시간을 정함"),
    "unit.tariff_set": lazy_gettext("사용료를 정함"),
    "unit.special_day_set": lazy_gettext("특별한 날을 정함"),
    "unit.special_day_removed": lazy_gettext("특별한 날을 없앰"),
    "unit.code_made": lazy_gettext("이용 확인 코드를 만듦"),
    "unit.code_renewed": lazy_gettext("이용 확인 코드를 새로 만듦"),
    "equipment.added": lazy_gettext("비품을 넣음"),
    "equipment.changed": lazy_gettext("비품을 바꿈"),
    "group.trusted": lazy_gettext("믿는 모임에 넣음"),
    "group.distrusted": lazy_gettext("믿는 모임에서 뺌"),
    "waitlist.joined": lazy_gettext("대기를 신청함"),
    "waitlist.claimed": lazy_gettext("차례를 받아 예약함"),
    "waitlist.declined": lazy_gettext("차례를 넘김"),
    "waitlist.missed": lazy_gettext("차례를 놓침"),
    "waitlist.left": lazy_gettext("대기를 그만둠"),
    "waitlist.expired": lazy_gettext("자리가 나지 않아 대기가 끝남"),
    "waitlist.viewed": lazy_gettext("대기 줄을 봄"),
    "lottery.made": lazy_gettext("추첨을 만듦"),
    "lottery.cancelled": lazy_gettext("추첨을 취소함"),
    "lottery.entered": lazy_gettext("추첨에 참가함"),
    "lottery.entry_changed": lazy_gettext("추첨 참가를 바꿈"),
    "lottery.withdrawn": lazy_gettext("추첨 참가를 취소함"),
    "lottery.closed": lazy_gettext("추첨을 마감함"),
    "lottery.drawn": lazy_gettext("추첨함"),
    "lottery.declined": lazy_gettext("당첨을 사양함"),
    "lottery.missed": lazy_gettext("당첨 확인 기한이 지남"),
    "lottery.viewed": lazy_gettext("추첨 참가자를 봄"),
    "season.made": lazy_gettext("정기 이용을 만듦"),
    "season.changed": lazy_gettext("정기 이용을 바꿈"),
    "season.announced": lazy_gettext("정기 이용을 알림"),
    "season.draft_saved": lazy_gettext("정기 이용 신청을 적어 둠"),
    "season.submitted": lazy_gettext("정기 이용을 신청함"),
    "season.application_changed": lazy_gettext("정기 이용 신청을 바꿈"),
    "season.application_withdrawn": lazy_gettext("정기 이용 신청을 거둠"),
    "season.proposed": lazy_gettext("배정안을 계산함"),
    "season.pin": lazy_gettext("시간을 직접 줌"),
    "season.unpin": lazy_gettext("직접 준 시간을 배정에 맡김"),
    "season.forbid": lazy_gettext("시간을 뺌"),
    "season.allow": lazy_gettext("뺀 시간을 되돌림"),
    "season.move": lazy_gettext("시간을 옮김"),
    "season.went_back": lazy_gettext("예전 배정안으로 돌아감"),
    "season.allotted": lazy_gettext("시간을 배정함"),
    "season.published": lazy_gettext("배정 결과를 알림"),
    "season.cancelled": lazy_gettext("정기 이용을 취소함"),
    "season.dropped": lazy_gettext("준비하던 정기 이용을 지움"),
    "season.viewed": lazy_gettext("정기 이용 신청을 봄"),
}
"""Action of an audit row -> what was done."""
NUMBERED = {
    "reservation": lazy_gettext("예약 %(id)s"),
    "series": lazy_gettext("반복 예약 %(id)s"),
    "unit": lazy_gettext("공간 %(id)s"),
    "space": lazy_gettext("장소 %(id)s"),
    "closure": lazy_gettext("휴관 %(id)s"),
    "equipment": lazy_gettext("비품 %(id)s"),
    "waiting": lazy_gettext("대기 %(id)s"),
    "lottery": lazy_gettext("추첨 %(id)s"),
    "season": lazy_gettext("정기 이용 %(id)s"),
}
"""Kind of a subject -> one of them."""
DETAILS = {
    "unit_id": lazy_gettext("공간"),
    "unit_ids": lazy_gettext("공간"),
    "group_id": lazy_gettext("모임 번호"),
    "reservations": lazy_gettext("예약 번호"),
    "status": lazy_gettext("상태"),
    "day": lazy_gettext("날짜"),
    "reason": lazy_gettext("이유"),
    "before": lazy_gettext("전"),
    "after": lazy_gettext("후"),
    "won": lazy_gettext("원"),
    "lines": lazy_gettext("줄"),
    "rows": lazy_gettext("줄"),
    "move": lazy_gettext("옮김"),
    "cancel": lazy_gettext("취소됨"),
    "keep": lazy_gettext("그대로 둠"),
    "number": lazy_gettext("참가 번호"),
    "name": lazy_gettext("이름"),
    "season": lazy_gettext("정기 이용 번호"),
    "application": lazy_gettext("신청 번호"),
    "applications": lazy_gettext("신청 수"),
    "count": lazy_gettext("개수"),
    "fee_won": lazy_gettext("하나 빌리는 값"),
    "hourly": lazy_gettext("한 시간마다 받기"),
    "note": lazy_gettext("설명"),
    "active": lazy_gettext("지금 빌려주기"),
}
"""Name of a detail -> the same as one reads it; the others stand under their own names."""
VALUES = {
    **STATUSES,
    "due": lazy_gettext("받을 것"),
    "paid": lazy_gettext("받음"),
    "waived": lazy_gettext("면제"),
}
"""Codes among the details -> the same in words."""


def action_text(action: str) -> str:
    """What an audit row says was done; its own code where there is no sentence."""
    return str(ACTIONS.get(action, action))


def subject_text(subject: str) -> str:
    """ "reservation:12" as "예약 12"."""
    kind, _separator, number = subject.partition(":")
    return str(NUMBERED[kind]) % {"id": number} if kind in NUMBERED else subject


def details_text(details: Mapping[str, Any]) -> str:
    """The details of an audit row: "공간 12 · 상태 예약 확정"."""
    return " · ".join(f"{_name(name)} {_value(value)}" for name, value in details.items() if not _empty(value))


def _name(name: str) -> str:
    return str(DETAILS.get(name, name))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("예") if value else _("아니요")
    if isinstance(value, Mapping):
        inner = "; ".join(f"{_name(name)} {_value(each)}" for name, each in value.items() if not _empty(each))
        return f"({inner})" if inner else "–"
    if isinstance(value, list):
        return ", ".join("–" if _empty(each) else _value(each) for each in value)
    return str(VALUES.get(value, value) if isinstance(value, str) else value)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
