"""Deciding an application, for those who run its call."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import applications, decisions, policy
from services.grants.pages.reading import Reader
from services.grants.workflow import can
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database


def form(application_id: int) -> ResponseReturnValue:
    """The application beside the two decisions."""
    return _form(application_id, {})


def decide(application_id: int) -> ResponseReturnValue:
    """Select or refuse."""
    typed = Reader(request.form)
    decision, reason = typed.text("decision"), typed.text("reason")
    actor, now = current_actor(), clock.now()
    try:
        if decision == "select":
            decisions.select_application(
                database(),
                actor,
                now,
                application_id=application_id,
                awarded_won=typed.won("awarded_won"),
                reason=reason,
                unread=typed.unread,
            )
            flash(_("선정했습니다. 선정 사업 목록과 지도에 나타납니다."), "success")
        elif decision == "reject":
            decisions.reject(database(), actor, now, application_id=application_id, reason=reason)
            flash(_("선정하지 않기로 결정했습니다. 이유는 신청한 모임이 볼 수 있습니다."), "success")
        else:
            raise Refusal("invalid_input", 422, fields={"decision": ["decision_missing"]})
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(application_id, request.form, refusal), refusal.status
    return redirect(url_for("applications.show", application_id=application_id))


def _form(application_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    actor = current_actor()
    application = applications.view(database(), actor, clock.now(), application_id=application_id)
    policy.check_runs(actor, application.call.district)
    with database().read() as session:
        remaining = decisions.remaining_won(session, application.call)
        place = applications.place_of(session, application)
    return render_template(
        "grants/decide.html",
        application=application,
        call=application.call,
        place=place,
        remaining_won=remaining,
        open=can("select", application.state),
        typed=typed,
        errors=field_sentences(refusal) if refusal else {},
        message=sentence(refusal.code, refusal.params) if refusal else None,
    )
