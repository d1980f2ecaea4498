"""Calls: everyone reads them, a district's staff writes and publishes them."""

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import calls, decisions, policy
from services.grants.models import Call
from services.grants.pages.reading import Reader, chosen_district, page_number, pages_of
from services.grants.policy import SEOUL, CallTerms
from services.grants.programmes import PROGRAMMES
from services.grants.workflow import PHASE_TONES, PHASE_WORDS, Phase, call_phase
from shared import clock
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """Open and past calls."""
    now, actor = clock.now(), current_actor()
    district, page = chosen_district(), page_number()
    phase = request.args.get("state", "")
    with database().read() as session:
        found, total = calls.listed(
            session,
            actor,
            now,
            district=district,
            phase=phase if phase in PHASE_WORDS else None,
            offset=(page - 1) * calls.PAGE_SIZE,
        )
        counts = calls.counts(session, [call.id for call in found])
    return render_template(
        "grants/calls.html",
        calls=found,
        counts=counts,
        total=total,
        page=page,
        pages=pages_of(total, calls.PAGE_SIZE),
        district=district,
        state=phase,
        may_write=actor.has(Role.DISTRICT_STAFF, Role.CITY_STAFF),
        **_phases(now),
    )


def show(call_id: int) -> ResponseReturnValue:
    """One call, with the way to apply or to run it."""
    now, actor = clock.now(), current_actor()
    with database().read() as session:
        call = calls.get(session, actor, call_id)
        counts = calls.counts(session, [call_id])[call_id]
        remaining = decisions.remaining_won(session, call)
    return render_template(
        "grants/call.html",
        call=call,
        counts=counts,
        remaining_won=remaining,
        runs=policy.runs_call(actor, call.district),
        **_phases(now),
    )


def new() -> ResponseReturnValue:
    """An empty call."""
    actor = current_actor()
    typed = {
        "district": actor.district or "",
        "programme": "integrated_call",
        "strands": ["neighbourhood_alley"],
        "key": secrets.token_urlsafe(16),
    }
    return _form(typed)


def create() -> ResponseReturnValue:
    """Keep a draft."""
    terms, unread = _read()
    key = request.form.get("key", "")
    try:
        call = calls.create(database(), current_actor(), clock.now(), terms=terms, key=key, unread=unread)
    except Refusal as refusal:
        return _refused(refusal)
    flash(_("작성 중인 공고로 저장했습니다. 확인한 뒤 게시해 주세요."), "success")
    return redirect(url_for("calls.show", call_id=call.id))


def edit(call_id: int) -> ResponseReturnValue:
    """A draft to change."""
    with database().read() as session:
        call = calls.get(session, current_actor(), call_id)
    policy.check_runs(current_actor(), call.district)
    if call.published_at is not None:
        raise Refusal("call_published")
    names = ("programme", "title", "body", "strands", "results_on", "rolling", "budget_won", "ceiling_won")
    typed: dict[str, Any] = {name: getattr(call, name) for name in names}
    typed |= {name: getattr(call, name).astimezone(SEOUL) for name in ("opens_at", "closes_at")}
    return _form(typed | {"district": call.district or ""}, call)


def save(call_id: int) -> ResponseReturnValue:
    """Keep the changed draft."""
    terms, unread = _read()
    try:
        calls.change(database(), current_actor(), clock.now(), call_id=call_id, terms=terms, unread=unread)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        with database().read() as session:
            return _refused(refusal, calls.get(session, current_actor(), call_id))
    flash(_("공고를 고쳤습니다."), "success")
    return redirect(url_for("calls.show", call_id=call_id))


def publish(call_id: int) -> ResponseReturnValue:
    """Show the call to everyone."""
    try:
        calls.publish(database(), current_actor(), clock.now(), call_id=call_id)
    except Refusal as refusal:
        if refusal.code != "closes_in_past":
            raise
        flash(sentence(refusal.code), "error")
        return redirect(url_for("calls.edit", call_id=call_id))
    flash(_("공고를 게시했습니다. 접수 기간이 되면 누구나 신청할 수 있습니다."), "success")
    return redirect(url_for("calls.show", call_id=call_id))


def _read() -> tuple[CallTerms, dict[str, list[str]]]:
    form = Reader(request.form)
    terms = CallTerms(
        district=form.text("district") or None,
        programme=form.text("programme"),
        title=form.text("title"),
        body=form.text("body"),
        strands=_strands(form.text("programme")),
        opens_at=form.moment("opens_at"),
        closes_at=form.moment("closes_at"),
        results_on=form.day("results_on"),
        budget_won=form.won("budget_won"),
        ceiling_won=form.won("ceiling_won"),
        rolling=bool(form.text("rolling")),
    )
    return terms, form.unread


def _strands(programme: str) -> tuple[str, ...]:
    """The required strands of the programme, and of its optional ones those ticked; strands of others don't count."""
    kept = PROGRAMMES.get(programme)
    ticked = request.form.getlist("strands")
    return (*kept.required, *(each for each in kept.optional if each in ticked)) if kept else ()


def _form(typed: Any, call: Call | None = None, refusal: Refusal | None = None) -> str:
    return render_template(
        "grants/call_form.html",
        typed=typed,
        call=call,
        actor=current_actor(),
        whole_city=current_actor().has(Role.CITY_STAFF),
        programmes=PROGRAMMES,
        errors=field_sentences(refusal) if refusal else {},
        message=sentence(refusal.code, refusal.params) if refusal else None,
    )


def _refused(refusal: Refusal, call: Call | None = None) -> ResponseReturnValue:
    return _form(request.form, call, refusal), refusal.status


def _phases(now: Any) -> dict[str, Any]:
    return {
        "phase_of": lambda call: call_phase(call, now),
        "phase_words": PHASE_WORDS,
        "phase_tones": PHASE_TONES,
        "Phase": Phase,
    }
