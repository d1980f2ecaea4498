"""Why a tranche cannot be paid yet, and the steps that lead to its payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants import award, funded, ledger, payments
from services.grants.funded import Funded
from services.grants.models import Tranche
from services.grants.pages import gates
from services.grants.pages.reading import Reader
from services.grants.policy import city_date
from services.grants.rules.tranches import UNPAID, planned
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database

STATE_WORDS = {
    "planned": lazy_gettext("신청 전"),
    "requested": lazy_gettext("신청됨"),
    "prepared": lazy_gettext("준비됨"),
    "approved": lazy_gettext("승인됨"),
    "paid": lazy_gettext("지급함"),
    "cancelled": lazy_gettext("취소됨"),
}
STATE_TONES = {"planned": "neutral", "prepared": "info", "approved": "info", "paid": "success", "cancelled": "neutral"}


def show(application_id: int) -> ResponseReturnValue:
    """Each tranche with its gates, and what can be done now."""
    return _page(application_id, {})


def ask(tranche_id: int) -> ResponseReturnValue:
    """The group asks for it."""
    return _step(payments.request, tranche_id, _("교부를 신청했습니다. 담당자가 확인합니다."))


def take_back(tranche_id: int) -> ResponseReturnValue:
    """The group takes its request back."""
    return _step(payments.take_back, tranche_id, _("교부 신청을 거두었습니다."))


def prepare(tranche_id: int) -> ResponseReturnValue:
    """The first person of the staff."""
    return _step(payments.prepare, tranche_id, _("지급을 준비했습니다. 다른 담당자가 승인해야 지급할 수 있습니다."))


def approve(tranche_id: int) -> ResponseReturnValue:
    """The second person."""
    return _step(payments.approve, tranche_id, _("지급을 승인했습니다."))


def pay(tranche_id: int) -> ResponseReturnValue:
    """Record the bank transfer."""
    typed = Reader(request.form)
    paid_on = typed.day("paid_on")
    return _step(
        payments.pay,
        tranche_id,
        _("지급을 기록하고 원장에 올렸습니다."),
        reference=typed.text("reference"),
        paid_on=paid_on,
        unread=typed.unread,
    )


def refuse(tranche_id: int) -> ResponseReturnValue:
    """Send it back with the reason."""
    reason = Reader(request.form).text("reason")
    return _step(payments.refuse, tranche_id, _("까닭과 함께 모임에 돌려보냈습니다."), reason=reason)


def _step(use: Callable[..., Tranche], tranche_id: int, done: str, **wanted: Any) -> ResponseReturnValue:
    try:
        tranche = use(database(), current_actor(), clock.now(), tranche_id=tranche_id, **wanted)
    except Refusal as refusal:
        if refusal.status == 404 or refusal.code in ("other_district", "own_application"):
            raise
        with database().look() as session:
            application_id = session.get_one(Tranche, tranche_id).application_id
        return _page(application_id, request.form, refusal, tranche_id), refusal.status
    flash(done, "success")
    return redirect(url_for("payment.show", application_id=tranche.application_id))


def _page(application_id: int, typed: Any, refusal: Refusal | None = None, at: int | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        known = it.known(now) or not it.own
        rows = award.tranches_of(session, application_id)
        days = award.paid_days(session, rows)
        shown = [
            {
                "tranche": each,
                "open": each.state in UNPAID,
                "paid_on": days.get(each.id),
                "gates": _gates(it, payments.gates(session, it, each, now), now) if each.state in UNPAID else [],
            }
            for each in rows
        ]
        if not rows and known and it.application.awarded_won:
            shown = [
                {"tranche": row, "open": True, "gates": _gates(it, payments.gates(session, it, row, now), now)}
                for row in _planned(it)
            ]
        balance = ledger.of_application(session, application_id)
    funded.viewed(database(), actor, now, it, "payment")
    return render_template(
        "grants/payment.html",
        it=it,
        known=known,
        shown=shown if known else [],
        settled=bool(rows),
        balance=balance,
        running=it.application.phase == "running",
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
        me=actor.account_id,
        typed=typed,
        at=at,
        **said(refusal),
    )


def _planned(it: Funded) -> list[Tranche]:
    """The tranches as they would be, before the agreement; they are not kept."""
    return [
        Tranche(number=each.number, amount_won=each.amount_won, gates=list(each.gates), state="planned")
        for each in planned(it.application.awarded_won or 0, it.rules.tranches)
    ]


def _gates(it: Funded, found: list[Any], now: datetime) -> list[dict[str, Any]]:
    application = it.application
    return gates.rows(
        found, application_id=application.id, group_id=application.group_id, today=city_date(now), own=it.own
    )
