"""Applications: filing one, following it, and the table of those who run the call."""

import secrets
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import applications, calls, decisions, policy
from services.grants.models import Application
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.pages.words import day, moment, won
from services.grants.policy import Filing
from services.grants.workflow import STATE_TONES, STATE_WORDS, STATES, call_phase, can, public_state
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database


def form(call_id: int) -> ResponseReturnValue:
    """An empty application; outside the period the way back to the call with the reason."""
    now = clock.now()
    with database().read() as session:
        call = calls.get(session, current_actor(), call_id)
    try:
        policy.check_period(call, now)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        flash(sentence(refusal.code), "error")
        return redirect(url_for("calls.show", call_id=call_id))
    return _form(call_id, {"key": secrets.token_urlsafe(16), "strand": call.strands[0]})


def submit(call_id: int) -> ResponseReturnValue:
    """File it; a refused form keeps everything typed."""
    typed = Reader(request.form)
    filing = Filing(
        group_name=typed.text("group_name"),
        members=typed.number("members"),
        title=typed.text("title"),
        strand=typed.text("strand"),
        plan=typed.text("plan"),
        requested_won=typed.won("requested_won"),
        self_contribution_won=typed.won("self_contribution_won"),
        district=typed.text("district") or None,
        space_id=typed.choice("space_id"),
    )
    try:
        application = applications.submit(
            database(),
            current_actor(),
            clock.now(),
            call_id=call_id,
            filing=filing,
            key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _form(call_id, request.form, refusal), refusal.status
    flash(_("신청을 접수했습니다. 접수번호는 %(receipt)s입니다.", receipt=application.receipt), "success")
    return redirect(url_for("applications.show", application_id=application.id))


def show(application_id: int) -> ResponseReturnValue:
    """Where an application stands, with its receipt, its decision and the reasons."""
    actor, now = current_actor(), clock.now()
    application = applications.view(database(), actor, now, application_id=application_id)
    call = application.call
    own = application.account_id == actor.account_id
    with database().read() as session:
        place = applications.place_of(session, application)
    decided_late_enough = call.rolling or now >= call.closes_at
    return render_template(
        "grants/application.html",
        application=application,
        call=call,
        place=place,
        own=own,
        state=public_state(application, call, now),
        steps=steps(application, now),
        may_withdraw=own and can("withdraw", application.state),
        may_decide=not own and can("select", application.state) and decided_late_enough,
        waits_for_close=not own and can("select", application.state) and not decided_late_enough,
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
    )


def withdraw(application_id: int) -> ResponseReturnValue:
    """Take one's own application back."""
    applications.withdraw(database(), current_actor(), clock.now(), application_id=application_id)
    flash(_("신청을 철회했습니다."), "success")
    return redirect(url_for("applications.show", application_id=application_id))


def mine() -> ResponseReturnValue:
    """One's own applications."""
    now = clock.now()
    with database().read() as session:
        found = applications.mine(session, current_actor())
    return render_template(
        "grants/mine.html",
        applications=found,
        state_of=lambda each: public_state(each, each.call, now),
        next_of=lambda each: next_date(each, now),
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
    )


def of_call(call_id: int) -> ResponseReturnValue:
    """The applications of a call, for those who run it."""
    page, state = page_number(), request.args.get("state", "")
    with database().read() as session:
        call, found, total = applications.of_call(
            session,
            current_actor(),
            call_id,
            state=state if state in STATES else None,
            offset=(page - 1) * applications.PAGE_SIZE,
        )
        counts = calls.counts(session, [call_id])[call_id]
        remaining = decisions.remaining_won(session, call)
    return render_template(
        "grants/applications.html",
        call=call,
        applications=found,
        counts=counts,
        remaining_won=remaining,
        states=_state_tabs(call_id, state),
        page=page,
        pages=pages_of(total, applications.PAGE_SIZE),
        phase=call_phase(call, clock.now()),
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
    )


def next_date(application: Application, now: datetime) -> str:
    """What comes next, and when."""
    call = application.call
    if application.state != "submitted":
        return ""
    if now < call.closes_at and not call.rolling:
        return _("접수 마감 %(when)s", when=moment(call.closes_at))
    return _("결과 발표 예정 %(when)s", when=day(call.results_on))


def steps(application: Application, now: datetime) -> list[dict[str, Any]]:
    """The timeline in public words."""
    call = application.call
    received = _("접수번호 %(receipt)s", receipt=application.receipt)
    shown: list[dict[str, Any]] = [
        {"label": _("접수"), "state": "done", "date": moment(application.submitted_at), "note": received}
    ]
    if application.state == "withdrawn":
        shown.append({"label": _("철회"), "state": "failed", "date": moment(application.withdrawn_at)})
        return shown
    decided = application.state != "submitted"
    reviewing = call.rolling or now >= call.closes_at
    shown.append(
        {
            "label": _("심사"),
            "state": "done" if decided else "current" if reviewing else "next",
            "date": None if decided or reviewing else _("%(when)s부터", when=moment(call.closes_at)),
        }
    )
    if not decided:
        planned = _("%(when)s 발표 예정", when=day(call.results_on))
        shown.append({"label": _("결과"), "state": "next", "date": planned})
    elif application.state == "selected":
        award = _("선정 금액 %(award)s", award=won(application.awarded_won))
        shown.append({"label": _("선정"), "state": "done", "date": moment(application.decided_at), "note": award})
    else:
        shown.append({"label": _("미선정"), "state": "failed", "date": moment(application.decided_at)})
    return shown


def _state_tabs(call_id: int, current: str) -> list[dict[str, Any]]:
    words = [("", _("전체")), *((state, STATE_WORDS[state]) for state in STATES)]
    return [
        {
            "label": word,
            "href": url_for("applications.of_call", call_id=call_id, state=state or None),
            "current": state == current,
        }
        for state, word in words
    ]


def _form(call_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    with database().read() as session:
        call = calls.get(session, current_actor(), call_id)
        spaces = applications.spaces_to_choose(session, call.district)
    return render_template(
        "grants/apply.html",
        call=call,
        spaces=spaces,
        typed=typed,
        errors=field_sentences(refusal) if refusal else {},
        message=sentence(refusal.code, refusal.params) if refusal else None,
    )
