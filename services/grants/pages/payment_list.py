"""Payments of all calls that one runs, and the orders to the bank as csv and xlsx."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import payment_list
from services.grants.milestones import KINDS
from services.grants.pages.payment import STATE_TONES, STATE_WORDS
from services.grants.pages.reading import page_number, pages_of
from services.grants.payment_list import PAGE_SIZE, STATES
from services.grants.policy import SEOUL
from services.grants.rules.tranches import MOVING
from shared import clock
from shared.export import XLSX, Sheet, csv_lines, xlsx
from shared.identity.access import current_actor
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """What can be paid and what cannot, and why."""
    actor, now, page = current_actor(), clock.now(), page_number()
    state = request.args.get("state", "")
    state = state if state in (*STATES, "moving") else ""
    with database().read() as session:
        counts = payment_list.counts(session, actor)
        unconfirmed = payment_list.unconfirmed(session, actor)
        found, total = payment_list.listed(session, actor, now, state=state or None, offset=(page - 1) * PAGE_SIZE)
    return render_template(
        "grants/payments.html",
        rows=found,
        counts=counts,
        unconfirmed=unconfirmed,
        kinds=KINDS,
        tabs=_tabs(state, counts),
        total=total,
        page=page,
        pages=pages_of(total, PAGE_SIZE),
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
    )


def as_csv() -> ResponseReturnValue:
    """The approved payments as the bank has to make them."""
    header, rows = _orders()
    return Response(
        "".join(csv_lines(header, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="maru-payment-orders.csv"'},
    )


def as_xlsx() -> ResponseReturnValue:
    """The same as a workbook."""
    header, rows = _orders()
    return Response(
        xlsx([Sheet(_("지급 명세"), header, rows)]),
        mimetype=XLSX,
        headers={"Content-Disposition": 'attachment; filename="maru-payment-orders.xlsx"'},
    )


def _orders() -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    header = (
        _("교부 번호"),
        _("공고"),
        _("접수번호"),
        _("사업명"),
        _("모임·단체"),
        _("은행"),
        _("계좌번호"),
        _("예금주"),
        _("금액(원)"),
        _("승인한 때"),
    )
    rows: list[tuple[object, ...]] = []
    for each in payment_list.orders(database(), current_actor(), clock.now()):
        group = each.group
        rows.append(
            (
                f"{each.application.receipt}-{each.tranche.number}",
                each.call.title,
                each.application.receipt,
                each.application.title,
                each.application.group_name,
                group.bank if group else "",
                group.bank_account if group else "",
                group.bank_holder if group else "",
                each.tranche.amount_won,
                at.astimezone(SEOUL).isoformat(timespec="minutes") if (at := each.tranche.approved_at) else None,
            )
        )
    return header, rows


def _tabs(current: str, counts: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    words = [("", _("전체")), ("moving", _("처리할 것")), *((state, STATE_WORDS[state]) for state in STATES)]
    numbers = {state: number for state, (number, _won) in counts.items()}
    numbers |= {"": sum(numbers.values()), "moving": sum(numbers.get(state, 0) for state in MOVING)}
    return [
        {
            "label": word,
            "href": url_for("payment_list.index", state=state or None),
            "current": state == current,
            "count": numbers.get(state, 0),
        }
        for state, word in words
    ]
