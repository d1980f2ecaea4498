"""What notices say: `KINDS[kind]` is a subject and a body, and what a sentence names must be told with it.

Of the params `reason`, `until` and `note` those that the sentences don't name get a line of their own when they are
told. Moments and days are written for people, whole won (a name that ends in `_won`) as money, other things by `str`,
so that a lazy text comes in the language of the moment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import format_date, format_datetime, format_decimal, lazy_gettext
from flask_babel import gettext as _

from shared.bus.catalogue import BODY_LENGTH, SUBJECT_LENGTH

KINDS: dict[str, tuple[Any, Any]] = {
    # The application. `title` is the project's name, `call` the title of the call.
    "application_submitted": (
        lazy_gettext("신청서를 접수했습니다: %(title)s"),
        lazy_gettext(
            "「%(call)s」에 낸 신청서를 접수했습니다. 접수번호는 %(receipt)s입니다. 지금 어디까지 왔는지는 신청 "
            "화면에서 볼 수 있습니다."
        ),
    ),
    "application_withdrawn": (
        lazy_gettext("신청을 철회했습니다: %(title)s"),
        lazy_gettext("「%(call)s」에 낸 신청을 철회했습니다. 접수 기간이 남아 있으면 다시 신청할 수 있습니다."),
    ),
    "correction_requested": (
        lazy_gettext("신청서를 보완해 주세요: %(title)s"),
        lazy_gettext(
            "「%(call)s」 신청서에 고칠 것이 있습니다. %(until)s까지 고쳐서 다시 내 주세요.\n고칠 것: %(reason)s"
        ),
    ),
    "application_eligible": (
        lazy_gettext("신청 자격을 확인했습니다: %(title)s"),
        lazy_gettext("「%(call)s」 신청 자격이 있어 심사를 이어 갑니다. 결과가 나오면 알려 드립니다."),
    ),
    "application_ineligible": (
        lazy_gettext("신청 자격이 없어 심사하지 못합니다: %(title)s"),
        lazy_gettext(
            "「%(call)s」 신청 자격을 살펴본 결과 심사 대상이 되지 못했습니다. 이의신청 방법과 기간은 신청 화면에 "
            "있습니다.\n이유: %(reason)s"
        ),
    ),
    "results_announced_selected": (
        lazy_gettext("선정되었습니다: %(title)s"),
        lazy_gettext(
            "축하합니다. 「%(call)s」에서 %(awarded_won)s을 지원하기로 했습니다. 조건과 다음에 할 일은 신청 화면에서 "
            "볼 수 있습니다."
        ),
    ),
    "results_announced_rejected": (
        lazy_gettext("이번에는 선정되지 않았습니다: %(title)s"),
        lazy_gettext(
            "「%(call)s」에 신청해 주셔서 고맙습니다. 결정한 이유와 이의신청 방법은 신청 화면에서 볼 수 있습니다."
        ),
    ),
    "results_reserve": (
        lazy_gettext("예비로 뽑혔습니다: %(title)s"),
        lazy_gettext("「%(call)s」에서 예비 %(rank)s번입니다. 앞선 사업이 그만두어 차례가 오면 알려 드립니다."),
    ),
    # Those who review it are told the same.
    "stage_dated": (
        lazy_gettext("심사 일정을 알려 드립니다: %(title)s"),
        lazy_gettext("「%(call)s」 %(stage)s: %(starts)s, %(place)s. 시간이 맞지 않으면 담당자에게 미리 알려 주세요."),
    ),
    "stage_moved": (
        lazy_gettext("심사 일정이 바뀌었습니다: %(title)s"),
        lazy_gettext(
            "「%(call)s」 %(stage)s: 이제 %(starts)s, %(place)s입니다. 시간이 맞지 않으면 담당자에게 미리 알려 주세요."
        ),
    ),
    "objection_received": (
        lazy_gettext("이의신청을 접수했습니다: %(title)s"),
        lazy_gettext("「%(call)s」에 대한 이의신청을 접수했습니다. 살펴보고 답을 알려 드립니다."),
    ),
    "objection_answered": (
        lazy_gettext("이의신청에 답했습니다: %(title)s"),
        lazy_gettext("「%(call)s」에 대한 이의신청을 살펴보았습니다. 답과 이유는 신청 화면에서 볼 수 있습니다."),
    ),
    "invited_to_draft": (
        lazy_gettext("신청서를 함께 쓰자는 초대가 왔습니다: %(group)s"),
        lazy_gettext(
            "%(group)s 모임의 「%(call)s」 신청서를 함께 쓸 수 있습니다. 쓴 것은 저절로 저장되고, 무엇이 빠졌는지 "
            "보입니다."
        ),
    ),
    # The agreement and the money.
    "agreement_ready": (
        lazy_gettext("협약서를 확인해 주세요: %(title)s"),
        lazy_gettext("협약서가 준비되었습니다. 읽어 보고 서명해 주세요. 서명을 마쳐야 보조금을 받을 수 있습니다."),
    ),
    "agreement_signed": (
        lazy_gettext("협약을 맺었습니다: %(title)s"),
        lazy_gettext("모두 서명하여 협약이 이루어졌습니다. 협약서와 지급 조건은 언제든지 볼 수 있습니다."),
    ),
    "agreement_terminated": (
        lazy_gettext("협약을 해지했습니다: %(title)s"),
        lazy_gettext(
            "협약을 해지하여 남은 보조금은 지급하지 않습니다. 돌려주실 금액이 있으면 따로 알려 드립니다."
            "\n이유: %(reason)s"
        ),
    ),
    "change_approved": (
        lazy_gettext("변경을 승인했습니다: %(title)s"),
        lazy_gettext("신청하신 변경을 승인했습니다. 이제 바뀐 내용대로 진행해 주세요."),
    ),
    "change_refused": (
        lazy_gettext("변경을 승인하지 않았습니다: %(title)s"),
        lazy_gettext("신청하신 변경은 승인하지 않았으니 지금의 협약대로 진행해 주세요.\n이유: %(reason)s"),
    ),
    "tranche_approved": (
        lazy_gettext("보조금 지급을 승인했습니다: %(title)s"),
        lazy_gettext("%(number)s차 보조금 %(amount_won)s의 지급을 승인했습니다. 보내는 대로 다시 알려 드립니다."),
    ),
    "tranche_paid": (
        lazy_gettext("보조금을 지급했습니다: %(title)s"),
        lazy_gettext(
            "%(number)s차 보조금 %(amount_won)s을 지급했습니다. 사업 계좌를 확인하고, 쓸 때마다 증빙을 올려 주세요."
        ),
    ),
    "tranche_refused": (
        lazy_gettext("보조금 지급을 승인하지 않았습니다: %(title)s"),
        lazy_gettext(
            "%(number)s차 보조금 지급을 승인하지 않았습니다. 지급 조건을 다시 살펴봐 주세요.\n이유: %(reason)s"
        ),
    ),
    "gate_due": (
        lazy_gettext("지급 조건이 기다리고 있습니다: %(title)s"),
        lazy_gettext("보조금을 지급하려면 이것이 먼저 되어야 합니다: %(gate)s. 할 일은 지급 조건 화면에 있습니다."),
    ),
    "interim_due": (
        lazy_gettext("중간보고서를 내 주세요: %(title)s"),
        lazy_gettext(
            "사업이 %(until)s에 절반을 지납니다. 그날까지 중간보고서를 내 주세요. 점검을 마쳐야 다음 보조금을 받을 수 "
            "있습니다."
        ),
    ),
    "interim_result": (
        lazy_gettext("중간점검 결과가 나왔습니다: %(title)s"),
        lazy_gettext("중간점검 결과는 ‘%(result)s’입니다. 점검 의견은 사업 화면에서 볼 수 있습니다."),
    ),
    # The settlement.
    "expense_refused": (
        lazy_gettext("인정하지 않은 지출이 있습니다: %(title)s"),
        lazy_gettext("%(item)s %(amount_won)s을 보조금 지출로 인정하지 않았습니다.\n이유: %(reason)s"),
    ),
    "settlement_due": (
        lazy_gettext("정산 보고서를 내 주세요: %(title)s"),
        lazy_gettext("%(until)s까지 정산 보고서를 내 주세요. 그동안 올린 지출로 채워져 있으니 확인하고 내면 됩니다."),
    ),
    "settlement_sent_back": (
        lazy_gettext("정산 보고서를 고쳐 주세요: %(title)s"),
        lazy_gettext("정산 보고서에 고칠 것이 있습니다. 지출을 바로잡고 다시 내 주세요.\n고칠 것: %(reason)s"),
    ),
    "settlement_finalized": (
        lazy_gettext("정산 금액을 확정했습니다: %(title)s"),
        lazy_gettext(
            "인정한 지출은 %(accepted_won)s, 돌려주실 금액은 %(return_won)s입니다. 내역은 정산 화면에서 볼 수 있습니다."
        ),
    ),
    "return_due": (
        lazy_gettext("남은 보조금을 돌려주세요: %(title)s"),
        lazy_gettext("%(amount_won)s을 %(until)s까지 반납해 주세요. 내역과 반납하는 방법은 정산 화면에 있습니다."),
    ),
    "return_reminder": (
        lazy_gettext("반납 기한이 다가옵니다: %(title)s"),
        lazy_gettext(
            "%(amount_won)s을 %(until)s까지 반납해 주세요. 이미 내셨다면 확인하는 대로 받았다고 알려 드립니다."
        ),
    ),
    "return_overdue": (
        lazy_gettext("반납 기한이 지났습니다: %(title)s"),
        lazy_gettext(
            "%(until)s까지 반납하셔야 할 %(amount_won)s이 아직 들어오지 않았습니다. 바로 반납해 주세요. "
            "반납할 때까지 새로 지원받을 수 없고, 늦은 만큼 이자가 붙을 수 있습니다."
        ),
    ),
    "return_received": (
        lazy_gettext("반납금을 받았습니다: %(title)s"),
        lazy_gettext(
            "반납금 %(amount_won)s을 받았습니다. 고맙습니다. 남은 일이 있는지는 정산 화면에서 볼 수 있습니다."
        ),
    ),
    "project_closed": (
        lazy_gettext("사업을 마쳤습니다: %(title)s"),
        lazy_gettext("정산과 반납이 모두 끝나 사업을 마쳤습니다. 수고하셨습니다. 기록은 언제든지 볼 수 있습니다."),
    ),
    "project_archived": (
        lazy_gettext("사업 기록을 보관했습니다: %(title)s"),
        lazy_gettext("마친 사업의 기록을 보관했습니다. 이제 아무것도 바뀌지 않고, 기록은 언제든지 볼 수 있습니다."),
    ),
    "sanctioned": (
        lazy_gettext("지원 제한을 결정했습니다: %(group)s"),
        lazy_gettext("%(group)s 모임은 %(until)s까지 새로 지원받을 수 없습니다.\n이유: %(reason)s"),
    ),
    # Those who review and decide.
    "review_assigned": (
        lazy_gettext("심사를 부탁드립니다: %(call)s"),
        lazy_gettext(
            "맡으신 신청서 %(count)s건을 %(until)s까지 심사해 주세요. 이해관계가 있는 신청서는 점수를 매기기 전에 "
            "회피해 주세요."
        ),
    ),
    "review_due": (
        lazy_gettext("심사 기한이 다가옵니다: %(until)s"),
        lazy_gettext(
            "아직 내지 않으신 심사표가 %(count)s건 있습니다. %(until)s까지 내 주세요. 기한을 지키기 어려우면 "
            "담당자에게 미리 알려 주세요."
        ),
    ),
    "review_reopened": (
        lazy_gettext("심사를 다시 부탁드립니다: %(title)s"),
        lazy_gettext("「%(call)s」의 이 신청서를 한 번 더 심사해 주세요. 전에 매긴 점수는 기록에 남습니다."),
    ),
    "committee_cancelled": (
        lazy_gettext("심의위원회 회의가 취소되었습니다: %(meeting)s"),
        lazy_gettext("%(starts)s에 열기로 한 회의를 취소했습니다.\n이유: %(reason)s"),
    ),
    "committee_invited": (
        lazy_gettext("심의위원회에 모십니다: %(meeting)s"),
        lazy_gettext(
            "%(starts)s, %(place)s. 안건을 미리 읽고, 이해관계가 있는 안건은 회피해 주세요. 정족수가 차야 심의할 수 "
            "있으니 오지 못하시면 꼭 알려 주세요."
        ),
    ),
}
"""Kind -> (subject, body)."""

EXTRAS: dict[str, Any] = {
    "reason": lazy_gettext("이유: %(reason)s"),
    "until": lazy_gettext("기한: %(until)s"),
    "note": lazy_gettext("덧붙인 말: %(note)s"),
}
"""The lines that any notice may have besides."""

_NAMES = re.compile(r"(?<!%)%\((\w+)\)s")


@cache
def params_of(kind: str) -> frozenset[str]:
    """The names that the sentences of this kind need, in either language. Raises KeyError for a kind without words."""
    return frozenset(name for text in KINDS[kind] for name in _NAMES.findall(str(text)))


def word(kind: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Subject (one line) and body of a notice in the language of the moment, each cut to what an inbox takes.

    Raises KeyError for a kind without words and for a param that its sentences miss.
    """
    subject, body = KINDS[kind]
    known = {name: _written(name, value) for name, value in params.items()}
    lines = [str(body) % known]
    named = params_of(kind)
    lines += [str(line) % known for name, line in EXTRAS.items() if name not in named and known.get(name)]
    return _cut(" ".join((str(subject) % known).split()), SUBJECT_LENGTH), _cut("\n".join(lines), BODY_LENGTH)


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{name}: a datetime without a zone is not an instant")
        return format_datetime(value, _("yyyy년 M월 d일 (EEE) HH:mm"))
    if isinstance(value, date):
        return format_date(value, _("yyyy년 M월 d일 (EEE)"))
    if name.endswith("_won"):
        return _("%(amount)s원", amount=format_decimal(value))
    return str(value).strip()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
