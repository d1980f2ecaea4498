"""No-shows: mine with what they lead to and my appeal; for keepers the appeals that wait."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import no_shows
from services.booking.models.attendance import APPEAL_LENGTH, DECISIONS
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """When I did not come, what follows by which rule, and the way to appeal."""
    return _mine()


def appeal(no_show_id: int) -> ResponseReturnValue:
    """Say what happened."""
    text = request.form.get("text", "")
    try:
        no_shows.appeal(database(), current_actor(), now(), no_show_id, text)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _mine({no_show_id: (text, sentence(refusal.code, refusal.params))}, refusal.status)
    flash(_("사정을 전했습니다. 운영자가 살펴보고 알림으로 답해 드립니다."), "success")
    return redirect(service_url("booking", "/no-shows"))


def appeals() -> ResponseReturnValue:
    """What waits for my decision, and what was decided lately. Who looked is recorded."""
    return _appeals()


def decide(no_show_id: int) -> ResponseReturnValue:
    """Excuse it, or let it stand."""
    reason, decision = request.form.get("reason", ""), request.form.get("decision", "")
    try:
        if decision not in DECISIONS:
            raise Refusal("decision_unknown", 422)
        no_shows.decide(database(), current_actor(), now(), no_show_id, decision, reason)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _appeals({no_show_id: (reason, sentence(refusal.code, refusal.params))}, refusal.status)
    flash(_("기록을 지웠습니다.") if decision == "excused" else _("기록을 그대로 두었습니다."), "success")
    return redirect(service_url("booking", "/manage/appeals"))


def _mine(wrong: Mapping[int, tuple[str, str]] | None = None, status: int = 200) -> ResponseReturnValue:
    found = no_shows.mine(database(), current_actor())
    page = render_template(
        "booking/no_shows.html", missed=found, wrong=wrong or {}, moment=now(), appeal_length=APPEAL_LENGTH
    )
    return page, status


def _appeals(wrong: Mapping[int, tuple[str, str]] | None = None, status: int = 200) -> ResponseReturnValue:
    found = no_shows.appeals(database(), current_actor(), request.args.get("page", 1, int))
    no_shows.viewed(database(), current_actor(), now(), found.waiting)
    return render_template("booking/manage_appeals.html", found=found, wrong=wrong or {}), status
