"""Objections: the group files one, those who run the call answer it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import applications, programmes, standing
from services.grants.models import Application
from services.grants.pages.look import Look
from services.grants.pages.reading import Reader
from services.grants.selection import objections
from services.grants.wording import selecting as words
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database

DECISIONS = ("select", "reserve", "reject", "refuse")
"""The steps that one objects to."""


def section(look: Look) -> Mapping[str, Any] | None:
    """The part of an application's page: the objections with their answers, and the way to one and until when."""
    filed = objections.all_of(look.session, look.application.id)
    may = look.own and objections.may_object(look.session, look.application, look.now)
    if not filed and not may:
        return None
    return {
        "objections": filed,
        "may": may,
        "until": objections.last_day(look.rules, look.application) if may else None,
        "own": look.own,
        "words": words,
    }


def form(application_id: int) -> ResponseReturnValue:
    """What one objects to, and until when."""
    return _form(application_id, {})


def file(application_id: int) -> ResponseReturnValue:
    """File it; a refused form keeps what was typed."""
    said = Reader(request.form).text("words")
    try:
        objections.file(database(), current_actor(), clock.now(), application_id=application_id, words=said)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(application_id, request.form, refusal), refusal.status
    flash(_("이의신청을 접수했습니다. 답을 알려 드립니다."), "success")
    return redirect(url_for("applications.show", application_id=application_id))


def index() -> ResponseReturnValue:
    """The objections to the results of one's calls, those without an answer first."""
    state = request.args.get("state", "")
    with database().read() as session:
        found = objections.listed(
            session, current_actor(), state=state if re.fullmatch("open|upheld|dismissed", state) else None
        )
    return render_template("grants/objections.html", found=found, words=words)


def show(objection_id: int) -> ResponseReturnValue:
    """An objection, with the decision that it is about."""
    return _answer_form(objection_id, {})


def answer(objection_id: int) -> ResponseReturnValue:
    """Dismiss it with reasons, or uphold it."""
    typed = Reader(request.form)
    verdict = typed.text("verdict")
    try:
        if verdict not in ("uphold", "dismiss"):
            raise Refusal("invalid_input", 422, fields={"verdict": ["verdict_missing"]})
        objections.answer(
            database(),
            current_actor(),
            clock.now(),
            objection_id=objection_id,
            upheld=verdict == "uphold",
            answer=typed.text("answer"),
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _answer_form(objection_id, request.form, refusal), refusal.status
    flash(_("답을 보냈습니다."), "success")
    return redirect(url_for("objections.index"))


def _form(application_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        application = session.get(Application, application_id)
        if application is None:
            raise Refusal("not_found", 404)
        standing.check_applicant(session, actor, application)
        rules = programmes.rules_of_application(session, application)
        may = objections.may_object(session, application, now)
        until = objections.last_day(rules, application)
    return render_template(
        "grants/objection_form.html",
        application=application,
        may=may,
        until=until,
        typed=typed,
        **said(refusal),
    )


def _answer_form(objection_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        objection, application, call = objections.read(session, actor, objection_id)
        steps = applications.steps_of(session, application.id)
        row = programmes.rules_of_application(session, application).transition("reconsider", application.state)
        stands = objections.stands(session, application, objection)
    applications.view(database(), actor, now, application_id=application.id)
    decided = next(
        (step for step in reversed(steps) if step.event in DECISIONS and step.at <= objection.filed_at), None
    )
    return render_template(
        "grants/objection.html",
        objection=objection,
        application=application,
        call=call,
        again=row.label if row else None,
        stands=stands,
        reason=decided.reason if decided and decided.reason else application.reason,
        typed=typed,
        **said(refusal),
        words=words,
    )
