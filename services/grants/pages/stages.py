"""A stage's standing: how the applications stand, what a cut-off would do, and leading many on at once."""

from __future__ import annotations

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants.pages import review_results
from services.grants.pages.acting import Again, acted
from services.grants.pages.intake import report
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.policy import SEOUL
from services.grants.reviewing import stages, standings
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def index(call_id: int, stage: str) -> ResponseReturnValue:
    """The best first; the cut-off of the address, or the programme's own."""
    return _standing(call_id, stage)


def lead(call_id: int, stage: str) -> ResponseReturnValue:
    """Lead on the chosen ones, or all beyond the cut-off."""
    actor, now = current_actor(), clock.now()
    what, reason = request.form.get("what", ""), Reader(request.form).text("reason")
    event = "reject" if what.startswith("reject") else "advance"
    try:
        if what.endswith("_all"):
            outcome = stages.lead_by_cut(
                database(),
                actor,
                now,
                call_id=call_id,
                stage_key=stage,
                cut_tenths=_tenths(request.form.get("cut", "")),
                event=event,
                reason=reason,
            )
        else:
            chosen = [int(each) for each in request.form.getlist("application") if re.fullmatch(r"\d{1,9}", each)]
            outcome = stages.lead(
                database(),
                actor,
                now,
                call_id=call_id,
                application_ids=chosen,
                event=event,
                reason=reason,
                from_state=stages.state_of(database(), call_id, stage),
            )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _standing(call_id, stage, refusal), refusal.status
    done = _("탈락을 결정했습니다") if event == "reject" else _("다음 단계로 보냈습니다")
    report(outcome.moved, outcome.refused, done)
    return redirect(url_for("stages.index", call_id=call_id, stage=stage, cut=request.form.get("cut") or None))


def first(call_id: int) -> ResponseReturnValue:
    """The stage where something is done now: the latest in which anything was assigned."""
    with database().read() as session:
        stage = standings.present_stage(session, current_actor(), call_id)
    return redirect(url_for("stages.index", call_id=call_id, stage=stage.key))


def lead_one(application_id: int) -> ResponseReturnValue:
    """Lead one application on by its process."""
    stages.advance(database(), current_actor(), clock.now(), application_id=application_id)
    flash(_("다음 단계로 보냈습니다."), "success")
    return redirect(url_for("applications.show", application_id=application_id))


def start(call_id: int) -> ResponseReturnValue:
    """Begin the first stage with all that are eligible."""
    outcome = stages.start(database(), current_actor(), clock.now(), call_id=call_id)
    report(outcome.moved, outcome.refused, _("심사를 시작했습니다"))
    return redirect(url_for("intake.index", call_id=call_id))


def set_date(application_id: int, stage: str) -> ResponseReturnValue:
    """When an application is heard or visited."""
    typed = Reader(request.form)
    return acted(
        stages.set_date,
        url_for("review_results.show", application_id=application_id),
        _("날짜와 곳을 정해 모임과 심사위원에게 알렸습니다."),
        Again("date", "held_at", lambda refused: review_results.page(application_id, refused)),
        application_id=application_id,
        stage_key=stage,
        held_at=typed.moment("held_at"),
        place=typed.text("place"),
        note=typed.text("note"),
        unread=typed.unread,
    )


def _standing(call_id: int, stage: str, refusal: Refusal | None = None) -> str:
    page = page_number()
    typed_cut = request.values.get("cut", "")
    with database().read() as session:
        told = standings.of_stage(
            session,
            current_actor(),
            call_id=call_id,
            stage_key=stage,
            cut_tenths=_tenths(typed_cut),
            offset=(page - 1) * standings.PAGE_SIZE,
        )
        dates = stages.dates_of(session, [each.application.id for each in told.rows], stage)
    return render_template(
        "grants/stage.html",
        told=told,
        call=told.call,
        stage=told.stage,
        stages=told.rules.stages,
        dates=dates,
        cut=typed_cut or ("" if told.cut_tenths is None else f"{told.cut_tenths / 10:g}"),
        page=page,
        pages=pages_of(told.total, standings.PAGE_SIZE),
        zone=SEOUL,
        typed=request.form,
        **said(refusal),
    )


def _tenths(text: str) -> int | None:
    """783 tenths for 78.3; None for what is no such number."""
    found = re.fullmatch(r"(\d{1,5})(?:\.(\d))?", text.strip(), re.ASCII)
    return int(found[1]) * 10 + int(found[2] or 0) if found else None
