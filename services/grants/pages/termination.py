"""Ending an agreement early."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import award, funded, ledger, standing, termination
from services.grants.pages.reading import Reader
from services.grants.rules.tranches import UNPAID
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def form(application_id: int) -> ResponseReturnValue:
    """What ends with it."""
    return _page(application_id, {})


def end(application_id: int) -> ResponseReturnValue:
    """End it, with the reason."""
    reason = Reader(request.form).text("reason")
    try:
        termination.terminate(database(), current_actor(), clock.now(), application_id=application_id, reason=reason)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(application_id, request.form, refusal), refusal.status
    flash(_("협약을 해지했습니다. 남은 교부는 취소했습니다."), "success")
    return redirect(url_for("applications.show", application_id=application_id))


def _page(application_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    with database().read() as session:
        it = funded.opened(session, current_actor(), application_id)
        standing.check_staff(session, current_actor(), it.application, it.call)
        rows = award.tranches_of(session, application_id)
        balance = ledger.of_application(session, application_id)
    return render_template(
        "grants/terminate.html",
        it=it,
        unpaid_won=sum(each.amount_won for each in rows if each.state in UNPAID),
        balance=balance,
        may_end=any(each.event == "terminate" and it.application.state in each.start for each in it.rules.transitions),
        typed=typed,
        **said(refusal),
    )
