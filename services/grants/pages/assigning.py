"""Assigning reviewers to a stage: what would be assigned, doing it, and moving one by hand."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import programmes
from services.grants.pages.reading import Reader
from services.grants.reviewing import assigning, reassigning, standings
from services.grants.reviewing.work import Work
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database

SHORT = 50


def index(call_id: int, stage: str) -> ResponseReturnValue:
    """Who has how many, and what the next press would assign."""
    with database().read() as session:
        told = assigning.look(session, current_actor(), clock.now(), call_id=call_id, stage_key=stage)
        rules = programmes.rules_of_call(session, told.call)
        short = assigning.short_of(session, told, SHORT)
    return render_template(
        "grants/assigning.html",
        told=told,
        call=told.call,
        stage=told.stage,
        stages=rules.stages,
        rows=_rows(told),
        short=short,
        apart=_apart(told),
    )


def first(call_id: int) -> ResponseReturnValue:
    """The stage where something is done now."""
    with database().read() as session:
        stage = standings.present_stage(session, current_actor(), call_id)
    return redirect(url_for("assigning.index", call_id=call_id, stage=stage.key))


def assign(call_id: int, stage: str) -> ResponseReturnValue:
    """Assign what is lacking."""
    try:
        done = assigning.assign_stage(database(), current_actor(), clock.now(), call_id=call_id, stage_key=stage)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        flash(sentence(refusal.code, refusal.params), "error")
        return redirect(url_for("assigning.index", call_id=call_id, stage=stage))
    if done.plan.picks:
        flash(_("심사 %(number)s건을 맡기고 심사위원에게 알렸습니다.", number=len(done.plan.picks)), "success")
    else:
        flash(_("더 맡길 심사가 없습니다."), "info")
    if done.plan.short:
        flash(
            _(
                "신청 %(number)s건은 심사할 사람이 모자랍니다. 심사위원을 더 위촉해 주세요.",
                number=len(done.plan.short),
            ),
            "warning",
        )
    return redirect(url_for("assigning.index", call_id=call_id, stage=stage))


def move(review_id: int) -> ResponseReturnValue:
    """Give one review to somebody else."""
    typed = Reader(request.form)
    try:
        moved = reassigning.move(
            database(), current_actor(), clock.now(), review_id=review_id, account_id=typed.choice("account_id")
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        for line in next(iter(field_sentences(refusal).values()), [sentence(refusal.code, refusal.params)]):
            flash(line, "error")
        return redirect(_back())
    flash(_("다른 심사위원에게 맡겼습니다."), "success")
    return redirect(url_for("review_results.show", application_id=moved.application_id))


def _back() -> str:
    application_id = request.form.get("application_id", "")
    if re.fullmatch(r"\d{1,9}", application_id, re.ASCII):
        return url_for("review_results.show", application_id=int(application_id))
    return url_for("manage.show")


def _rows(told: Work) -> list[dict[str, Any]]:
    fresh = Counter(each.account_id for each in told.plan.picks)
    knowing = Counter(each.account_id for each in told.plan.picks if each.expert)
    barred = Counter(account for account, _application in told.conflicts)
    return [
        {
            "name": each.name,
            "affiliation": each.affiliation,
            "expertise": each.expertise,
            "submitted": told.submitted[each.account_id],
            "waiting": told.assigned[each.account_id],
            "fresh": fresh[each.account_id],
            "knowing": knowing[each.account_id],
            "total": told.plan.loads.get(each.account_id, 0),
            "barred": barred[each.account_id],
        }
        for each in told.pool
    ]


def _apart(told: Work) -> int:
    loads = list(told.plan.loads.values())
    return max(loads) - min(loads) if loads else 0
