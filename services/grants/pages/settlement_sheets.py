"""The sheets of a settlement's workbook."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from services.grants import settlement
from services.grants.pages import expense_parts as parts
from services.grants.rules import business_numbers
from services.grants.wording import expenses as wording
from shared.export import Sheet


def in_order(account: settlement.Account) -> list[Any]:
    live = [each for each in account.expenses if each.state != "withdrawn"]
    return sorted(live, key=lambda each: (each.spent_on, each.id))


def sums_sheet(account: settlement.Account) -> Sheet:
    total = account.sums
    rows = [
        (_("협약한 보조금"), total.agreed_won),
        (_("받은 보조금"), total.paid_won),
        (_("인정한 지출"), total.accepted_won),
        (_("확인 중"), total.waiting_won),
        (_("불인정"), total.refused_won),
        (_("집행잔액"), total.unspent_won),
        (_("발생이자"), total.interest_won),
        (_("반납할 금액"), total.to_return_won),
        (_("쓴 자부담"), total.own_won),
    ]
    return Sheet(_("정산"), (_("구분"), _("금액(원)")), rows)


def lines_sheet(account: settlement.Account) -> Sheet:
    header = (_("비목"), _("협약한 금액(원)"), _("쓴 금액(원)"), _("인정(원)"), _("불인정(원)"), _("남은 금액(원)"))
    keys = ("name", "agreed_won", "recorded_won", "accepted_won", "refused_won", "left_won")
    return Sheet(_("비목별"), header, [tuple(line[key] for key in keys) for line in parts.lines(account)])


def expenses_sheet(account: settlement.Account) -> Sheet:
    header = (
        _("번호"),
        _("쓴 날"),
        _("비목"),
        _("세목"),
        _("거래처"),
        _("사업자번호"),
        _("금액(원)"),
        _("인정한 금액(원)"),
        _("재원"),
        _("낸 방법"),
        _("쓴 곳"),
        _("상태"),
        _("이유"),
        _("증빙"),
    )
    rules = account.rules.settlement
    rows = [
        (
            each.id,
            each.spent_on.isoformat(),
            wording.category_name(rules, each.category),
            wording.item_name(rules, each.category, each.item),
            each.payee,
            business_numbers.shown(each.payee_number),
            each.amount_won,
            each.accepted_won,
            str(wording.SOURCES[each.source]),
            str(wording.METHODS[each.method]),
            each.purpose,
            str(wording.STATES[wording.state_of(each)]),
            each.reason,
            len(account.receipts.get(each.id, ())),
        )
        for each in in_order(account)
    ]
    return Sheet(_("지출"), header, rows)
