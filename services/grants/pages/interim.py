"""The interim evaluation: recorded by the staff, read by the group."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import files, funded, interim, milestones
from services.grants.milestones import FILES
from services.grants.pages import files as file_pages
from services.grants.pages.reading import Reader
from services.grants.pages.uploading import received
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def show(application_id: int) -> ResponseReturnValue:
    """All evaluations of a project."""
    return _page(application_id, {})


def check(application_id: int) -> ResponseReturnValue:
    """Record one."""
    typed = Reader(request.form)
    checked_on = typed.day("checked_on")
    try:
        interim.check(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            checked_on=checked_on,
            result=typed.text("result"),
            findings=typed.text("findings"),
            evidence=received("files", FILES),
            key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(application_id, request.form, refusal), refusal.status
    flash(_("중간평가를 남기고 모임에 알렸습니다."), "success")
    return redirect(url_for("interim.show", application_id=application_id))


def _page(application_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        if it.own and not it.known(now):
            raise Refusal("not_found", 404)
        found = interim.of_application(session, application_id)
        evidence = files.of_subject(session, interim.SUBJECT, application_id)
        shown = [
            {
                "check": each,
                "files": file_pages.rows(session, actor, [file for file in evidence if file.field == str(each.id)]),
            }
            for each in found
        ]
        report = milestones.of_application(session, application_id).get("report_filed")
    funded.viewed(database(), actor, now, it, "interim")
    return render_template(
        "grants/interim.html",
        it=it,
        shown=shown,
        report=report,
        results=interim.RESULTS,
        tones=interim.TONES,
        may_check=not it.own and it.application.phase == "running",
        kinds=FILES,
        key=typed.get("key") or secrets.token_urlsafe(16),
        typed=typed,
        **said(refusal),
        **file_pages.UPLOADS,
    )
