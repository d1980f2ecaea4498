"""What the gates of a payment wait for: said by the group with evidence, confirmed by the staff."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import funded, milestones
from services.grants.milestones import FILES, KINDS, Said
from services.grants.pages import files as file_pages
from services.grants.pages.reading import Reader
from services.grants.pages.uploading import received
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def show(application_id: int) -> ResponseReturnValue:
    """Each milestone, what is on record of it, and recording it."""
    return _page(application_id, {})


def say(application_id: int, key: str) -> ResponseReturnValue:
    """Record it, or say that it is reached."""
    typed = Reader(request.form)
    kind = KINDS.get(key)
    if kind is None:
        raise Refusal("not_found", 404)
    done_on = None if kind.text else typed.day("done_on")
    amount_won = typed.won("amount_won") if kind.money else None
    try:
        found = milestones.say(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            key=key,
            said=Said(done_on, amount_won, typed.text("note")),
            evidence=received("files", FILES),
            upload_key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status == 404 or refusal.code in ("other_district", "own_application"):
            raise
        return _page(application_id, request.form, refusal, key), refusal.status
    if found.waiting:
        flash(_("남겼습니다. 담당자가 확인하면 조건이 초록이 됩니다."), "success")
    else:
        flash(_("남겼습니다."), "success")
    return redirect(url_for("milestones.show", application_id=application_id))


def confirm(application_id: int, key: str) -> ResponseReturnValue:
    """Confirm what the group said."""
    milestones.confirm(database(), current_actor(), clock.now(), application_id=application_id, key=key)
    flash(_("확인했습니다."), "success")
    return redirect(url_for("milestones.show", application_id=application_id))


def send_back(application_id: int, key: str) -> ResponseReturnValue:
    """Say what is missing."""
    try:
        milestones.send_back(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            key=key,
            reason=Reader(request.form).text("reason"),
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(application_id, request.form, refusal, key), refusal.status
    flash(_("까닭과 함께 모임에 돌려보냈습니다."), "success")
    return redirect(url_for("milestones.show", application_id=application_id))


def _page(application_id: int, typed: Any, refusal: Refusal | None = None, at: str | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        if it.own and not it.known(now):
            raise Refusal("not_found", 404)
        there = milestones.of_application(session, application_id)
        evidence = milestones.evidence_of(session, application_id)
        shown = [
            {
                "kind": kind,
                "there": there.get(kind.key),
                "files": file_pages.rows(session, actor, evidence.get(kind.key, []), warn=not it.own),
                "again": kind.key == at,
            }
            for kind in milestones.asked_for(it)
        ]
    funded.viewed(database(), actor, now, it, "milestones")
    return render_template(
        "grants/milestones.html",
        it=it,
        shown=shown,
        open=it.application.phase in ("selected", "running"),
        kinds=FILES,
        key=typed.get("key") or secrets.token_urlsafe(16),
        typed=typed,
        **said(refusal),
        **file_pages.UPLOADS,
    )
