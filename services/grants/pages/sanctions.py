"""Exclusions: who is excluded until when and why, deciding and lifting."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import sanctions
from services.grants.pages.acting import NONE, Again, Refused, acted
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.policy import city_date
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """Those in force, or the past ones."""
    return _index()


def impose() -> ResponseReturnValue:
    """Exclude a group by decision."""
    typed = Reader(request.form)
    try:
        sanctions.impose(
            database(),
            current_actor(),
            clock.now(),
            group_id=typed.choice("group_id"),
            starts_on=typed.day("starts_on"),
            ends_on=typed.day("ends_on"),
            reason=typed.text("reason"),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _index(Refused("impose", "group_id", refusal, request.form)), refusal.status
    flash(_("참여 제한을 결정하고 모임에 알렸습니다."), "success")
    return redirect(url_for("sanctions.index"))


def lift(sanction_id: int) -> ResponseReturnValue:
    """Lift it."""
    reason = Reader(request.form).text("reason")
    return acted(
        sanctions.lift,
        url_for("sanctions.index"),
        _("참여 제한을 풀었습니다."),
        Again(f"lift-{sanction_id}", "reason", _index),
        sanction_id=sanction_id,
        reason=reason,
    )


def _index(refused: Refused = NONE) -> str:
    actor, now, number = current_actor(), clock.now(), page_number()
    past = request.args.get("past") == "1"
    with database().read() as session:
        rows, total = sanctions.listed(session, actor, now, current=not past, offset=(number - 1) * sanctions.PAGE_SIZE)
        groups = sanctions.groups_to_choose(session, actor)
    tabs = [
        {"label": _("제한 중"), "href": url_for("sanctions.index"), "current": not past},
        {"label": _("지난 제한"), "href": url_for("sanctions.index", past=1), "current": past},
    ]
    return render_template(
        "grants/sanctions.html",
        rows=rows,
        past=past,
        tabs=tabs,
        groups=[(each.id, each.name) for each in groups],
        page=number,
        pages=pages_of(total, sanctions.PAGE_SIZE),
        today=city_date(now),
        refused=refused,
    )
