"""What a group does next with what it was awarded: one sentence, and where it is done.

It asks the very guards that block a payment, in the order in which a project goes: what is owed, what was sent back,
the signature, the settlement that is due, the next payment, the expenses.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from services.grants import agreements, award, guards, payments
from services.grants.funded import Funded
from services.grants.models import Agreement, Attachment, Expense, ReturnOrder, Settlement, Tranche
from services.grants.pages import gates
from services.grants.pages.look import Look
from services.grants.pages.words import day, won
from services.grants.policy import city_date
from services.grants.rules.tranches import MOVING, UNPAID
from services.grants.selection import objections

Next = dict[str, Any]
PHASES = ("selected", "running", "settling", "closed")
"""From the award on: only here there is more to ask than the application's own row."""


def thing(text: str, href: str | None = None, label: str | None = None, *, todo: bool = False) -> Next:
    """`todo`: the reader is waited for; otherwise it is told where things stand, and where one may look."""
    return {"text": text, "href": href, "label": label, "todo": todo}


def next_thing(look: Look) -> Next | None:
    """What comes next in one of PHASES, or None."""
    owed = look.session.scalar(
        select(ReturnOrder)
        .where(ReturnOrder.application_id == look.application.id, ReturnOrder.state == "due")
        .order_by(ReturnOrder.due_on, ReturnOrder.id)
        .limit(1)
    )
    if owed is not None:
        params = {"won": won(owed.amount_won), "when": day(owed.due_on)}
        late = owed.due_on < city_date(look.now)
        text = _(
            "%(won)s의 반납 기한이 %(when)s에 지났습니다. 바로 반납해 주세요. 늦은 날만큼 이자가 붙습니다.", **params
        )
        if not late:
            text = _("%(when)s까지 %(won)s을 반납해 주세요.", **params)
        return thing(text, _at(look, "returns.show"), _("반납할 금액 보기"), todo=True)
    by_phase = {"selected": _selected, "running": _running, "settling": _settling}
    found = by_phase.get(look.known.state.phase)
    return found(look) if found else None


def _selected(look: Look) -> Next:
    newest = agreements.newest(look.session, look.application.id)
    if newest is None:
        return thing(_("선정되었습니다. 담당자가 협약서를 준비하면 알려 드립니다."))
    page, period = _at(look, "agreements.show"), {"first": day(newest.starts_on), "last": day(newest.ends_on)}
    lasts = _("사업 기간은 %(first)s부터 %(last)s까지입니다.", **period)
    if objections.waiting_of(look.session, look.application.id) is not None:
        text = _("이의신청에 대한 답을 기다리고 있습니다. 답이 나오면 알려 드리고, 서명은 그다음입니다.")
        return thing(f"{text} {lasts}", _at(look, "objections.form"), _("이의신청 보기"))
    if "group" in {each.party for each in agreements.signatures(look.session, newest)}:
        text = _("서명했습니다. 담당자가 서명하면 사업을 시작할 수 있습니다.")
        return thing(f"{text} {lasts}", page, _("협약 보기"))
    text = _("대표가 협약서를 읽고 서명해 주세요.")
    return thing(f"{text} {lasts}", page, _("협약서 읽고 서명하기"), todo=True)


def _running(look: Look) -> Next:
    report = _settlement(look)
    if report is not None and report.state == "sent_back":
        return thing(
            _("담당자가 정산 보고서를 돌려보냈습니다. 까닭을 읽고 고쳐서 다시 내 주세요."),
            _at(look, "settlements.show"),
            _("정산 보고서 고치기"),
            todo=True,
        )
    rows = award.tranches_of(look.session, look.application.id)
    following = next((each for each in rows if each.state in UNPAID), None)
    agreed = agreements.in_force(look.session, look.application.id)
    found = _payment(look, following, paid=any(each.state == "paid" for each in rows)) if following else None
    over = agreed is not None and agreed.ends_on < city_date(look.now)
    if over and not (found and (found["todo"] or (following is not None and following.state in MOVING))):
        return _settlement_due(look, agreed)
    return found or _spending(look, agreed)


def _payment(look: Look, tranche: Tranche, paid: bool) -> Next | None:
    """What the next payment waits for, where that is the group or somebody who has it in hand already."""
    page = url_for("payment.show", application_id=look.application.id, _anchor=f"tranche-{tranche.number}")
    which = {"number": tranche.number, "won": won(tranche.amount_won)}
    if tranche.state in MOVING:
        text = _("담당자가 %(number)s차 교부 %(won)s을 처리하고 있습니다. 지급하면 알려 드립니다.", **which)
        return thing(text, page, _("교부 보기"))
    it = Funded(look.application, look.call, look.rules, own=True)
    red = [gate for gate in payments.gates(look.session, it, tranche, look.now) if not gate.green]
    if not red:
        text = _("%(number)s차 교부 %(won)s의 조건을 모두 갖추었습니다. 교부를 신청해 주세요.", **which)
        if tranche.note:
            text = _("%(number)s차 교부 신청이 돌아왔습니다. 까닭을 읽고 다시 신청해 주세요.", **which)
        return thing(text, page, _("교부 신청하기"), todo=True)
    own = next((gate for gate in red if gate.owner == "group"), None)
    if own is None:
        return None if paid else thing(_told(which, _row(look, red[0])), page, _("교부 조건 보기"))
    if own.guard.key == "report_filed" and not _spent(look):
        return None  # a report comes after there is something to report
    row = _row(look, own)
    return thing(_told(which, row), row["href"] or page, row["link"] or _("교부 조건 보기"), todo=True)


def _row(look: Look, gate: guards.Gate) -> dict[str, Any]:
    application, today = look.application, city_date(look.now)
    (row,) = gates.rows([gate], application_id=application.id, group_id=application.group_id, today=today, own=True)
    return row


def _told(which: dict[str, Any], row: dict[str, Any]) -> str:
    return _("%(number)s차 교부 %(won)s을 받으려면: %(what)s", what=row["what"], **which)


def _spending(look: Look, agreed: Agreement | None) -> Next:
    bare = look.session.scalar(
        select(func.count())
        .select_from(Expense)
        .where(Expense.application_id == look.application.id, Expense.state.in_(("filed", "accepted")), ~_proved())
    )
    if bare:
        text = _("증빙이 없는 지출이 %(number)s건 있습니다. 영수증을 붙여 주세요.", number=bare)
        return thing(text, _at(look, "expenses.index"), _("지출 보기"), todo=True)
    text = _("쓸 때마다 지출과 증빙을 올려 두면 마지막 날 정산이 끝나 있습니다.")
    if agreed is not None:
        text += " " + _("사업 기간은 %(when)s까지입니다.", when=day(agreed.ends_on))
    return thing(text, _at(look, "expenses.new"), _("지출 남기기"))


def _settlement_due(look: Look, agreed: Agreement | None) -> Next:
    due_on = agreed.ends_on + timedelta(days=look.rules.settlement.report_days) if agreed else None
    text = _("사업 기간이 끝났습니다. %(when)s까지 정산 보고서를 내 주세요.", when=day(due_on))
    if due_on is not None and due_on < city_date(look.now):
        text = _("정산 보고서 기한이 %(when)s에 지났습니다. 바로 내 주세요.", when=day(due_on))
    return thing(text, _at(look, "settlements.show"), _("정산 보고서 내기"), todo=True)


def _settling(look: Look) -> Next:
    page, report = _at(look, "settlements.show"), _settlement(look)
    if report is None:
        text = _(
            "%(when)s에 협약이 해지되었습니다. 쓴 돈을 모두 남겨 주세요. 반납할 금액은 담당자가 알려 드립니다.",
            when=day(look.application.state_since),
        )
    elif report.state == "finalized":
        text = _(
            "%(when)s에 금액이 확정되었습니다. 반납할 것이 없으면 담당자가 사업을 마칩니다.",
            when=day(report.finalized_at),
        )
    else:
        text = _(
            "%(when)s에 낸 정산 보고서를 담당자가 확인하고 있습니다. 결과를 알려 드립니다.", when=day(report.filed_at)
        )
    return thing(text, page, _("정산 보기"))


def _settlement(look: Look) -> Settlement | None:
    return look.session.scalar(select(Settlement).where(Settlement.application_id == look.application.id))


def _spent(look: Look) -> bool:
    wanted = (Expense.application_id == look.application.id, Expense.state != "withdrawn")
    return look.session.scalar(select(Expense.id).where(*wanted).limit(1)) is not None


def _proved() -> Any:
    return (
        select(Attachment.id)
        .where(
            Attachment.subject_kind == "expense", Attachment.subject_id == Expense.id, Attachment.removed_at.is_(None)
        )
        .exists()
    )


def _at(look: Look, endpoint: str) -> str:
    return url_for(endpoint, application_id=look.application.id)
