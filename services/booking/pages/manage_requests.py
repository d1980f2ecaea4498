"""The queue of requests: approve or decline, one or several."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import request_queue
from services.booking.schemas.units import row_id
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """What waits for me, of `?space_id=` only if given."""
    return _page({"chosen": [], "reason": ""})


def answer() -> ResponseReturnValue:
    """Approve or decline what is ticked; what could not be answered stays, with the reason why."""
    ticked, reason = request.form.getlist("reservation"), request.form.get("reason", "")
    typed = {"chosen": ticked, "reason": reason}
    ids = [int(each) for each in ticked if each.isdecimal() and len(each) < 10]
    decision = request.form.get("decision", "")
    try:
        done = request_queue.answer(database(), current_actor(), now(), ids, decision, reason)
    except Refusal as refusal:
        return _page(typed, refusal)
    if done.done:
        told = _("%(n)s건을 승인했습니다.", n=len(done.done))
        if decision == "decline":
            told = _("%(n)s건을 거절하고 이유를 전했습니다.", n=len(done.done))
        flash(told, "success")
    for reservation_id, no in done.refused.items():
        words = sentence(no.code, no.params)
        flash(_("예약 %(id)s: %(words)s", id=reservation_id, words=words), "error")
    return redirect(_here())


def _here() -> str:
    space_id = request.args.get("space_id", type=row_id)
    return service_url("booking", "/manage/approvals") + (f"?space_id={space_id}" if space_id else "")


def _page(typed: dict[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    space_id, page = request.args.get("space_id", type=row_id), request.args.get("page", 1, type=int)
    queue = request_queue.read(database(), current_actor(), now(), space_id, page)
    errors = field_sentences(refusal) if refusal else {}
    told = {"form": errors.pop("reservation")} if "reservation" in errors else {}
    shown = render_template(
        "booking/manage_approvals.html",
        queue=queue,
        space=queue.space,
        errors={**told, **errors},
        message=sentence(refusal.code, refusal.params) if refusal and not errors and not told else None,
        typed=typed,
    )
    return shown, refusal.status if refusal else 200
