"""The queue of expenses for those who decide: one by one with reasons, the clean ones at one go, and as a table."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import expenses, programmes
from services.grants.expenses import reading
from services.grants.pages import expense_parts as parts
from services.grants.pages.acting import Again, Refused, acted
from services.grants.pages.expenses import page as expense_page
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.rules import business_numbers
from services.grants.settlement.acts import note_export
from services.grants.wording import expenses as wording
from shared import clock
from shared.export import XLSX, Sheet, csv_lines, xlsx
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import sentence
from shared.web.pages import database

MOST_ROWS = 20_000


def index() -> ResponseReturnValue:
    """What waits for an answer, by what the rules find."""
    actor, number = current_actor(), page_number()
    worst, call_id = _filters()
    with database().read() as session:
        found, counts = expenses.queue(
            session, actor, worst=worst or None, call_id=call_id, offset=(number - 1) * expenses.PAGE_SIZE
        )
        receipts = reading.receipts(session, [expense for expense, *_rest in found])
        rows = []
        for expense, application, call in found:
            rules = programmes.rules_of_application(session, application).settlement
            (row,) = parts.rows([expense], rules, receipts)
            rows.append(row | {"application": application, "call": call, "filed_at": expense.filed_at})
    reading.note_look(database(), actor, clock.now(), len(rows))
    return render_template(
        "grants/expense_queue.html",
        rows=rows,
        tabs=_tabs(worst, counts, call_id),
        clean=[row["id"] for row in rows if row["worst"] == "clean"],
        worst=worst,
        call_id=call_id,
        page=number,
        pages=pages_of(counts[worst], expenses.PAGE_SIZE),
        **parts.WORDS,
    )


def accept() -> ResponseReturnValue:
    """Recognise the ticked ones wholly, as far as nothing is found of them."""
    ids = [int(each) for each in request.form.getlist("expense") if re.fullmatch(r"\d{1,9}", each, re.ASCII)]
    answered = expenses.accept_clean(database(), current_actor(), clock.now(), ids)
    if answered.done:
        flash(_("%(number)s건을 인정했습니다.", number=len(answered.done)), "success")
    for expense_id, refusal in list(answered.refused.items())[:5]:
        words = sentence(refusal.code, refusal.params)
        flash(_("지출 %(number)s: %(words)s", number=expense_id, words=words), "error")
    if not ids:
        flash(_("인정할 지출을 골라 주세요."), "error")
    return redirect(url_for("expense_queue.index", worst=request.args.get("worst") or None))


def decide(expense_id: int) -> ResponseReturnValue:
    """Recognise it wholly, in part or not at all."""
    typed = Reader(request.form)
    decision = typed.text("decision")
    try:
        accepted = 0 if decision == "refuse" else typed.won("accepted_won")
        if typed.unread:
            raise Refusal("invalid_input", 422, fields=typed.unread)
        made = expenses.decide(
            database(),
            current_actor(),
            clock.now(),
            expense_id=expense_id,
            accepted_won=accepted,
            reason=typed.text("reason"),
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return expense_page(expense_id, Refused("decide", "decision", refusal, request.form)), refusal.status
    flash(_("지출을 인정했습니다.") if made.accepted_won else _("인정하지 않았고 모임에 이유를 알렸습니다."), "success")
    return redirect(url_for("expenses.show", expense_id=expense_id))


def reopen(expense_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    reason = Reader(request.form).text("reason")
    return acted(
        expenses.reopen,
        url_for("expenses.show", expense_id=expense_id),
        _("결정을 되돌렸습니다. 다시 결정해 주세요."),
        Again("reopen", "reason", lambda refused: expense_page(expense_id, refused)),
        expense_id=expense_id,
        reason=reason,
    )


def as_csv() -> ResponseReturnValue:
    """What waits, as csv."""
    header, rows = _table()
    return Response(
        "".join(csv_lines(header, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="maru-expenses.csv"'},
    )


def as_xlsx() -> ResponseReturnValue:
    """The same as a workbook."""
    header, rows = _table()
    return Response(
        xlsx([Sheet(_("지출 확인"), header, rows)]),
        mimetype=XLSX,
        headers={"Content-Disposition": 'attachment; filename="maru-expenses.xlsx"'},
    )


def _table() -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    header = (
        _("번호"),
        _("공고"),
        _("접수번호"),
        _("사업명"),
        _("모임·단체"),
        _("쓴 날"),
        _("비목"),
        _("세목"),
        _("거래처"),
        _("사업자번호"),
        _("금액(원)"),
        _("재원"),
        _("쓴 곳"),
        _("살펴볼 것"),
    )
    worst, call_id = _filters()
    rows: list[tuple[object, ...]] = []
    with database().read() as session:
        found, _counts = expenses.queue(session, current_actor(), worst=worst or None, call_id=call_id, limit=MOST_ROWS)
        for expense, application, call in found:
            rules = programmes.rules_of_application(session, application).settlement
            rows.append(
                (
                    expense.id,
                    call.title,
                    application.receipt,
                    application.title,
                    application.group_name,
                    expense.spent_on.isoformat(),
                    wording.category_name(rules, expense.category),
                    wording.item_name(rules, expense.category, expense.item),
                    expense.payee,
                    business_numbers.shown(expense.payee_number),
                    expense.amount_won,
                    str(wording.SOURCES[expense.source]),
                    expense.purpose,
                    ", ".join(each["title"] for each in wording.told(expense.findings)),
                )
            )
    note_export(database(), current_actor(), clock.now(), "expenses")
    return header, rows


def _filters() -> tuple[str, int | None]:
    worst, call = request.args.get("worst", ""), request.args.get("call_id", "")
    return (
        worst if worst in reading.WORST else "",
        int(call) if re.fullmatch(r"\d{1,9}", call, re.ASCII) else None,
    )


def _tabs(current: str, counts: dict[str, int], call_id: int | None) -> list[dict[str, Any]]:
    words = [("", _("전체")), *((worst, wording.EFFECTS[worst]) for worst in reading.WORST)]
    return [
        {
            "label": word,
            "href": url_for("expense_queue.index", worst=worst or None, call_id=call_id),
            "current": worst == current,
            "count": counts[worst],
        }
        for worst, word in words
    ]
