"""The announcement: its hour for those who run the call, and the results for everyone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import calls, policy
from services.grants.pages.acting import acted
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.policy import SEOUL
from services.grants.selection import announcement, budget, results
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def form(call_id: int) -> ResponseReturnValue:
    """What is decided, what is not, and when it will be told."""
    return _form(call_id, {})


def save(call_id: int) -> ResponseReturnValue:
    """Set the hour, or take it back."""
    typed = Reader(request.form)
    announce_at: datetime | None = None
    if typed.text("what") != "cancel":
        announce_at = typed.moment("announce_at")
    try:
        announcement.set_hour(
            database(),
            current_actor(),
            clock.now(),
            call_id=call_id,
            announce_at=announce_at,
            leave=bool(typed.text("leave")),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(call_id, request.form, refusal), refusal.status
    flash(_("발표 시각을 정했습니다.") if announce_at else _("발표를 거두었습니다."), "success")
    return redirect(url_for("announcing.form", call_id=call_id))


def again(call_id: int) -> ResponseReturnValue:
    """Try again what could not be announced."""
    return acted(
        announcement.announce_left,
        url_for("announcing.form", call_id=call_id),
        _("남아 있던 결과를 발표했습니다."),
        call_id=call_id,
    )


def show(call_id: int) -> ResponseReturnValue:
    """The results of a call, for everyone, once they are announced."""
    now, page = clock.now(), page_number()
    with database().read() as session:
        call = calls.get(session, current_actor(), call_id)
        found = results.of_call(session, call, now, offset=(page - 1) * results.PAGE_SIZE)
    return render_template(
        "grants/results.html", call=call, found=found, page=page, pages=pages_of(found.total, results.PAGE_SIZE)
    )


def _form(call_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        call = calls.get(session, actor, call_id)
        policy.check_runs(actor, call.district)
        counts = calls.counts(session, [call_id], inside=True)[call_id]
        left, hidden = announcement.undecided(session, call), announcement.unannounced(session, call)
        remaining = budget.remaining_won(session, call)
    if not typed and call.announce_at:
        typed = {"announce_at": call.announce_at.astimezone(SEOUL)}
    return render_template(
        "grants/announcement.html",
        call=call,
        counts=counts,
        undecided=left,
        unannounced=hidden,
        remaining_won=remaining,
        at_once=announcement.at_once(call, now),
        over=call.announced_at is not None and not call.rolling,
        coming=call.announce_at is not None and call.announce_at > now,
        typed=typed,
        **said(refusal),
    )
