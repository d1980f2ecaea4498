"""How gates are shown: the condition, green or red, who has to see to it, since when or by when, and where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants.guards import Gate
from services.grants.pages.words import day
from shared.web.errors import sentence
from shared.web.navigation import service_url

OWNERS = {
    "group": lazy_gettext("신청한 모임"),
    "district": lazy_gettext("담당자"),
    "committee": lazy_gettext("위원회"),
    "reviewers": lazy_gettext("심사위원"),
    "clock": lazy_gettext("때가 되면"),
}
WHERE = {
    "agreement_signed": ("/applications/{application_id}/agreement", lazy_gettext("협약 열기")),
    "account_known": ("/groups/{group_id}", lazy_gettext("모임 정보 고치기")),
    "training_done": ("/applications/{application_id}/milestones#training_done", lazy_gettext("교육 기록하기")),
    "self_contribution_deposited": (
        "/applications/{application_id}/milestones#self_contribution_deposited",
        lazy_gettext("입금 기록하기"),
    ),
    "report_filed": ("/applications/{application_id}/milestones#report_filed", lazy_gettext("보고서 내기")),
    "interim_passed": ("/applications/{application_id}/interim", lazy_gettext("중간평가 열기")),
    "earlier_tranches_paid": ("/applications/{application_id}/payment#tranche-1", lazy_gettext("앞선 교부 보기")),
    "expenses_decided": ("/applications/{application_id}/expenses", lazy_gettext("지출 열기")),
    "no_overdue_return": ("/applications/{application_id}/settlement", lazy_gettext("반납할 금액 보기")),
    "no_open_change": ("/applications/{application_id}/changes", lazy_gettext("변경 신청 보기")),
}
"""Where each gate is seen to: a page, and the words of the link."""


def rows(
    gates: Iterable[Gate], *, application_id: int, group_id: int | None, today: date, own: bool = False
) -> list[dict[str, Any]]:
    """What the table of gates shows of each; to a group (`own`) what the staff have to do is nothing to be done."""
    found = []
    for gate in gates:
        path, label = WHERE.get(gate.guard.key, (None, None))
        if path and "{group_id}" in path and group_id is None:
            path = None
        found.append(
            {
                "key": gate.guard.key,
                "label": gate.guard.label,
                "green": gate.green,
                "owner": OWNERS.get(gate.owner, gate.owner),
                "when": _when(gate, today),
                "what": "" if gate.green else _what(gate, own),
                "href": service_url("grants", path.format(application_id=application_id, group_id=group_id))
                if path
                else None,
                "link": label,
            }
        )
    return found


def _what(gate: Gate, own: bool) -> str:
    if gate.finding.waiting:
        return _("담당자의 확인을 기다리고 있습니다.")
    if own and gate.owner == "district":
        return _("담당자가 할 일입니다. 모임은 기다리시면 됩니다.")
    return sentence(gate.guard.code, gate.finding.params)


def _when(gate: Gate, today: date) -> str:
    if gate.green:
        return _("%(when)s부터", when=day(gate.finding.on)) if gate.finding.on else ""
    if gate.finding.due and gate.finding.due < today:
        return _("%(when)s까지 (기한 지남)", when=day(gate.finding.due))
    if gate.finding.due:
        return _("%(when)s까지", when=day(gate.finding.due))
    return _("협약하면 정해집니다") if gate.guard.key in WHERE else ""
