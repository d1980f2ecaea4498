"""What has to come back of a project, what came in, and clawing back; and the list of all that is due."""

from __future__ import annotations

import secrets

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants import funded
from services.grants.models import ReturnOrder
from services.grants.pages.acting import NONE, Again, Refused, acted
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.returns import orders, payments, reading
from services.grants.settlement.acts import note_export
from shared import clock
from shared.export import XLSX, Sheet, csv_lines, xlsx
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.pages import database

KIND_WORDS = {"voluntary_return": lazy_gettext("정산 반납"), "clawback": lazy_gettext("환수")}
STATE_WORDS = {"due": lazy_gettext("받을 돈"), "paid": lazy_gettext("모두 받음"), "cancelled": lazy_gettext("취소함")}
STATE_TONES = {"due": "warning", "paid": "success", "cancelled": "neutral"}
LISTS = {"overdue": lazy_gettext("기한 지남"), "due": lazy_gettext("받을 돈"), "paid": lazy_gettext("모두 받음")}


def show(application_id: int) -> ResponseReturnValue:
    """Each order with what came in, what is open today, and until when."""
    return _show(application_id)


def pay(order_id: int) -> ResponseReturnValue:
    """Record money that came in."""
    typed = Reader(request.form)
    came_won, paid_on = typed.won("came_won"), typed.day("paid_on")
    try:
        payments.pay(
            database(),
            current_actor(),
            clock.now(),
            order_id=order_id,
            came_won=came_won,
            paid_on=paid_on,
            key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        refused = Refused(f"pay-{order_id}", "came_won", refusal, request.form)
        return _show(_application_of(order_id), refused), refusal.status
    flash(_("들어온 돈을 남기고 원장에 올렸습니다."), "success")
    return redirect(url_for("returns.show", application_id=_application_of(order_id)))


def clawback(application_id: int) -> ResponseReturnValue:
    """Order money back."""
    typed = Reader(request.form)
    amount_won = typed.won("amount_won")
    try:
        orders.clawback(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            amount_won=amount_won,
            reason=typed.text("reason"),
            exclude=bool(typed.text("exclude")),
            key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _show(application_id, Refused("clawback", "amount_won", refusal, request.form)), refusal.status
    flash(_("환수를 결정하고 모임에 알렸습니다."), "success")
    return redirect(url_for("returns.show", application_id=application_id))


def cancel(order_id: int) -> ResponseReturnValue:
    """Take a clawback back."""
    reason, application_id = Reader(request.form).text("reason"), _application_of(order_id)
    return acted(
        orders.cancel,
        url_for("returns.show", application_id=application_id),
        _("환수를 취소했습니다."),
        Again(f"cancel-{order_id}", "reason", lambda refused: _show(application_id, refused)),
        order_id=order_id,
        reason=reason,
    )


def index() -> ResponseReturnValue:
    """What is due and overdue in all calls that the reader runs."""
    which, number = _which(), page_number()
    with database().read() as session:
        found, counts = reading.listed(
            session, current_actor(), clock.now(), which=which, offset=(number - 1) * reading.PAGE_SIZE
        )
    tabs = [
        {
            "label": word,
            "href": url_for("returns.index", which=each),
            "current": each == which,
            "count": counts[each],
        }
        for each, word in LISTS.items()
    ]
    return render_template(
        "grants/returns_due.html",
        rows=found,
        tabs=tabs,
        which=which,
        page=number,
        pages=pages_of(counts[which], reading.PAGE_SIZE),
        kind_words=KIND_WORDS,
    )


def as_csv() -> ResponseReturnValue:
    """The list as csv."""
    header, rows = _table()
    return Response(
        "".join(csv_lines(header, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="maru-returns.csv"'},
    )


def as_xlsx() -> ResponseReturnValue:
    """The same as a workbook."""
    header, rows = _table()
    return Response(
        xlsx([Sheet(_("반납·환수"), header, rows)]),
        mimetype=XLSX,
        headers={"Content-Disposition": 'attachment; filename="maru-returns.xlsx"'},
    )


def _table() -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    header = (
        _("접수번호"),
        _("사업명"),
        _("모임·단체"),
        _("구분"),
        _("금액(원)"),
        _("그 가운데 발생이자(원)"),
        _("기한"),
        _("들어온 금액(원)"),
        _("남은 금액(원)"),
        _("연체 이자(원)"),
        _("늦은 날"),
    )
    with database().read() as session:
        found, _counts = reading.listed(session, current_actor(), clock.now(), which=_which(), limit=20_000)
    note_export(database(), current_actor(), clock.now(), "returns")
    return header, [
        (
            each.application.receipt,
            each.application.title,
            each.application.group_name,
            str(KIND_WORDS[each.order.kind]),
            each.order.amount_won,
            each.order.interest_won,
            each.order.due_on.isoformat(),
            each.came_won,
            each.open.amount_won,
            each.open.late_won,
            each.overdue_days,
        )
        for each in found
    ]


def _show(application_id: int, refused: Refused = NONE) -> str:
    actor, now = current_actor(), clock.now()
    found = reading.view(database(), actor, now, application_id=application_id)
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
    return render_template(
        "grants/returns.html",
        it=it,
        found=found,
        percent=f"{found.late_tenths / 10:g}",
        kind_words=KIND_WORDS,
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
        key=secrets.token_urlsafe(16),
        refused=refused,
    )


def _which() -> str:
    which = request.args.get("which", "due")
    return which if which in LISTS else "due"


def _application_of(order_id: int) -> int:
    with database().look() as session:
        order = session.get(ReturnOrder, order_id)
    if order is None:
        raise Refusal("not_found", 404)
    return order.application_id
