"""What the trail of an application says was done, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants.rules.definition import Definition
from services.grants.wording.programmes import told

KINDS = {
    "viewed": lazy_gettext("개인정보를 봄"),
    "course": lazy_gettext("접수와 결정"),
    "review": lazy_gettext("심사와 의결"),
    "money": lazy_gettext("협약과 교부"),
    "settling": lazy_gettext("지출과 정산"),
    "files": lazy_gettext("파일"),
}
"""What one can look for (`audit_trail.KINDS`)."""
ACTIONS = {
    "agreement.amended": lazy_gettext("협약을 변경함"),
    "agreement.prepared": lazy_gettext("협약서를 만듦"),
    "agreement.signed": lazy_gettext("협약에 서명함"),
    "agreement.viewed": lazy_gettext("협약을 봄"),
    "application.announced": lazy_gettext("결과를 발표함"),
    "application.begun": lazy_gettext("신청서를 쓰기 시작함"),
    "application.saved": lazy_gettext("신청서를 저장함"),
    "application.viewed": lazy_gettext("신청 내용을 봄"),
    "audit.viewed": lazy_gettext("한 일 기록을 봄"),
    "change.approved": lazy_gettext("변경을 승인함"),
    "change.refused": lazy_gettext("변경을 승인하지 않음"),
    "change.requested": lazy_gettext("변경을 신청함"),
    "change.withdrawn": lazy_gettext("변경 신청을 거둠"),
    "changes.viewed": lazy_gettext("변경 신청을 봄"),
    "expense.accepted": lazy_gettext("지출을 인정함"),
    "expense.changed": lazy_gettext("지출을 고침"),
    "expense.corrected": lazy_gettext("지출을 바로잡음"),
    "expense.filed": lazy_gettext("지출을 올림"),
    "expense.refused": lazy_gettext("지출을 인정하지 않음"),
    "expense.reopened": lazy_gettext("지출의 결정을 되돌림"),
    "expense.viewed": lazy_gettext("지출을 봄"),
    "expense.withdrawn": lazy_gettext("지출을 거둠"),
    "expenses.viewed": lazy_gettext("지출 목록을 봄"),
    "file.attached": lazy_gettext("파일을 붙임"),
    "file.removed": lazy_gettext("파일을 뺌"),
    "file.viewed": lazy_gettext("파일을 봄"),
    "interest.noted": lazy_gettext("이해관계를 남김"),
    "interim.checked": lazy_gettext("중간평가를 남김"),
    "interim.reminded": lazy_gettext("중간보고서의 기한을 알림"),
    "interim.viewed": lazy_gettext("중간평가를 봄"),
    "item.added": lazy_gettext("심의 안건에 올림"),
    "item.decided": lazy_gettext("위원회가 의결함"),
    "item.deferred": lazy_gettext("안건을 보류함"),
    "item.dropped": lazy_gettext("안건에서 뺌"),
    "item.moved": lazy_gettext("안건의 순서를 바꿈"),
    "item.proposed": lazy_gettext("안건의 제안을 정함"),
    "item.recused": lazy_gettext("안건을 회피함"),
    "item.voting": lazy_gettext("표결을 시작함"),
    "ledger.posted": lazy_gettext("원장에 기록함"),
    "milestone.confirmed": lazy_gettext("교부 조건을 확인함"),
    "milestone.recorded": lazy_gettext("교부 조건을 남김"),
    "milestone.sent_back": lazy_gettext("교부 조건을 다시 하게 함"),
    "milestones.viewed": lazy_gettext("교부 조건을 봄"),
    "objection.dismissed": lazy_gettext("이의를 받아들이지 않음"),
    "objection.filed": lazy_gettext("이의를 신청함"),
    "objection.upheld": lazy_gettext("이의를 받아들임"),
    "payment.viewed": lazy_gettext("교부를 봄"),
    "person.forgotten": lazy_gettext("개인정보를 지움"),
    "record.viewed": lazy_gettext("사업의 모든 기록을 봄"),
    "return.cancelled": lazy_gettext("반납을 취소함"),
    "return.ordered": lazy_gettext("반납하게 함"),
    "return.received": lazy_gettext("반납금을 받음"),
    "returns.viewed": lazy_gettext("반납을 봄"),
    "review.assigned": lazy_gettext("심사를 맡김"),
    "review.moved": lazy_gettext("심사를 다른 사람에게 맡김"),
    "review.recused": lazy_gettext("심사를 회피함"),
    "review.reminded": lazy_gettext("심사 기한을 알림"),
    "review.reopened": lazy_gettext("다시 심사하게 함"),
    "review.submitted": lazy_gettext("심사표를 냄"),
    "settlement.viewed": lazy_gettext("정산을 봄"),
    "stage.dated": lazy_gettext("심사 날짜를 정함"),
    "tranche.approve": lazy_gettext("교부를 승인함"),
    "tranche.cancelled": lazy_gettext("교부 차례를 취소함"),
    "tranche.pay": lazy_gettext("교부함"),
    "tranche.prepare": lazy_gettext("교부를 준비함"),
    "tranche.refuse": lazy_gettext("교부를 돌려보냄"),
    "tranche.request": lazy_gettext("교부를 신청함"),
    "tranche.take_back": lazy_gettext("교부 신청을 거둠"),
    "vote.cast": lazy_gettext("표결함"),
}
"""Action of an audit row -> what was done. A step of the course has the words of its programme."""
SUBJECTS = {
    "agenda_item": lazy_gettext("안건 %(id)s"),
    "agreement": lazy_gettext("협약"),
    "application": lazy_gettext("신청"),
    "expense": lazy_gettext("지출 %(id)s"),
    "interim": lazy_gettext("중간평가"),
    "milestone": lazy_gettext("교부 조건"),
    "objection": lazy_gettext("이의신청"),
    "review": lazy_gettext("심사표 %(id)s"),
    "settlement": lazy_gettext("정산"),
}
"""Kind of a subject -> one of them."""
DETAILS = {
    "abstained": lazy_gettext("기권"),
    "accepted_won": lazy_gettext("인정 금액(원)"),
    "amount_won": lazy_gettext("금액(원)"),
    "attachment": lazy_gettext("파일 번호"),
    "awarded_won": lazy_gettext("선정 금액(원)"),
    "call": lazy_gettext("공고 번호"),
    "check": lazy_gettext("평가 번호"),
    "choice": lazy_gettext("표결"),
    "copied_from": lazy_gettext("옮겨 온 신청"),
    "count": lazy_gettext("개수"),
    "due_on": lazy_gettext("기한"),
    "expense": lazy_gettext("지출 번호"),
    "field": lazy_gettext("항목"),
    "fields": lazy_gettext("고친 항목"),
    "file": lazy_gettext("파일 번호"),
    "filing": lazy_gettext("낸 차례"),
    "final_won": lazy_gettext("확정 금액(원)"),
    "findings": lazy_gettext("찾은 것"),
    "from": lazy_gettext("전"),
    "hash": lazy_gettext("해시"),
    "items": lazy_gettext("안건 수"),
    "kind": lazy_gettext("종류"),
    "late_won": lazy_gettext("연체 이자(원)"),
    "left": lazy_gettext("남겨 둔 신청"),
    "limits": lazy_gettext("넘은 한도"),
    "line": lazy_gettext("예산 줄"),
    "meeting": lazy_gettext("회의 번호"),
    "milestone": lazy_gettext("교부 조건"),
    "not_voted": lazy_gettext("표결하지 않음"),
    "number": lazy_gettext("차례"),
    "order": lazy_gettext("반납 번호"),
    "outcome": lazy_gettext("결정"),
    "party": lazy_gettext("서명한 쪽"),
    "payment": lazy_gettext("입금 번호"),
    "posting": lazy_gettext("원장 번호"),
    "present": lazy_gettext("출석"),
    "proposal": lazy_gettext("제안"),
    "proposed_won": lazy_gettext("제안 금액(원)"),
    "quorum": lazy_gettext("정족수"),
    "rank": lazy_gettext("순위"),
    "reason": lazy_gettext("이유"),
    "receipt": lazy_gettext("접수번호"),
    "recused": lazy_gettext("회피·제척"),
    "replaced": lazy_gettext("의결되지 않은 제안"),
    "result": lazy_gettext("결과"),
    "review": lazy_gettext("심사표 번호"),
    "reviewers": lazy_gettext("심사위원 수"),
    "revision": lazy_gettext("저장 횟수"),
    "round": lazy_gettext("차수"),
    "rows": lazy_gettext("줄"),
    "seats": lazy_gettext("재적"),
    "sha256": lazy_gettext("파일 확인값"),
    "stage": lazy_gettext("단계"),
    "title": lazy_gettext("제목"),
    "to": lazy_gettext("후"),
    "to_return_won": lazy_gettext("반납할 금액(원)"),
    "tranche": lazy_gettext("교부 번호"),
    "unmet": lazy_gettext("맞지 않거나 확인할 조건"),
    "until": lazy_gettext("기한"),
    "version": lazy_gettext("판"),
    "votes_against": lazy_gettext("반대"),
    "votes_for": lazy_gettext("찬성"),
    "waiting": lazy_gettext("확인을 기다림"),
}
"""Name of a detail -> the same as one reads it; the others stand under their own names."""
VALUES = {
    "commitment": lazy_gettext("원인행위"),
    "decommitment": lazy_gettext("원인행위 감액"),
    "expenditure": lazy_gettext("지출"),
    "return": lazy_gettext("반납"),
    "group": lazy_gettext("모임·단체"),
    "district": lazy_gettext("자치구"),
    "passed": lazy_gettext("통과"),
    "improve": lazy_gettext("보완"),
    "failed": lazy_gettext("미달"),
    "reject": lazy_gettext("미선정"),
    "reserve": lazy_gettext("예비"),
    "select": lazy_gettext("선정"),
    "for": lazy_gettext("찬성"),
    "against": lazy_gettext("반대"),
    "abstain": lazy_gettext("기권"),
    "evidence": lazy_gettext("증빙"),
    "training_done": lazy_gettext("회계 교육을 마침"),
    "self_contribution_deposited": lazy_gettext("자부담을 입금함"),
    "report_filed": lazy_gettext("중간보고서를 냄"),
}
"""Codes among the details -> the same in words; states and stages have their programme's."""


def action_text(action: str, rules: Definition, from_state: str = "") -> str:
    """What an audit row says was done; its own code where there is no sentence. A step is called as its programme calls
    it there (`from_state`)."""
    kind, _separator, event = action.partition(".")
    if kind == "application":
        anywhere = next((each for each in rules.transitions if each.event == event), None)
        row = rules.transition(event, from_state) or anywhere
        if row is not None:
            return told(row.label)
    return str(ACTIONS.get(action, action))


def subject_text(subject: str) -> str:
    """ "expense:12" as "지출 12"."""
    kind, _separator, number = subject.partition(":")
    return str(SUBJECTS[kind]) % {"id": number} if kind in SUBJECTS else subject


def details_text(details: Mapping[str, Any], rules: Definition) -> str:
    """The details of an audit row: "전 접수 · 후 자격 확인"."""
    words = {state.key: told(state.label) for state in rules.states}
    words |= {stage.key: told(stage.label) for stage in rules.stages}
    return " · ".join(f"{_name(name)} {_value(value, words)}" for name, value in details.items() if not _empty(value))


def _name(name: str) -> str:
    return str(DETAILS.get(name, name))


def _value(value: Any, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("예") if value else _("아니요")
    if isinstance(value, Mapping):
        inner = "; ".join(f"{_name(name)} {_value(each, words)}" for name, each in value.items() if not _empty(each))
        return f"({inner})" if inner else "–"
    if isinstance(value, list):
        return ", ".join("–" if _empty(each) else _value(each, words) for each in value)
    return words.get(value, str(VALUES.get(value, value))) if isinstance(value, str) else str(value)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
