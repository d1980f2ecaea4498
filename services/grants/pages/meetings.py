"""Meetings of the committee: the list, planning one, and the meeting itself for its members and for the staff."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from services.grants import policy, programmes
from services.grants.committee import agenda, attendance, finding, meetings, minutes, recusals, together
from services.grants.committee.meetings import Plan
from services.grants.models import Call, Meeting, Vote
from services.grants.pages.acting import NONE, Again, Refused, acted
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.policy import SEOUL
from services.grants.rules import quorum
from services.grants.selection import budget
from services.grants.wording import selecting as words
from shared import clock
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import said, sentence
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """One's meetings: those where one has a seat, or those of the calls that one runs."""
    actor, coming = current_actor(), request.args.get("which") == "coming"
    with database().read() as session:
        found = meetings.listed(session, actor, coming=clock.now() if coming else None)
    return render_template(
        "grants/meetings.html",
        found=found,
        coming=coming,
        staff=actor.has(Role.DISTRICT_STAFF, Role.CITY_STAFF),
        words=words,
    )


def of_call(call_id: int) -> ResponseReturnValue:
    """A call's meetings, and the form of the next one."""
    return _of_call(call_id, {"key": secrets.token_urlsafe(16)})


def plan(call_id: int) -> ResponseReturnValue:
    """Plan a meeting; a refused form keeps what was typed."""
    typed = Reader(request.form)
    terms = _plan(typed)
    try:
        meeting = meetings.plan(
            database(),
            current_actor(),
            clock.now(),
            call_id=call_id,
            terms=terms,
            key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _of_call(call_id, request.form, refusal), refusal.status
    flash(_("회의를 잡고 위원들에게 알렸습니다. 안건을 살펴봐 주세요."), "success")
    return redirect(url_for("meetings.show", meeting_id=meeting.id))


def show(meeting_id: int) -> ResponseReturnValue:
    """The meeting: agenda, who is there, and what one can do."""
    return _show(meeting_id)


def _show(meeting_id: int, refused: Refused = NONE) -> str:
    actor, now, page = current_actor(), clock.now(), page_number()
    with database().read() as session:
        meeting, call, runs = finding.read_meeting(session, actor, meeting_id)
        rules = programmes.rules_of_call(session, call)
        seats = finding.seats(session, meeting_id)
        found, total = agenda.items(session, meeting_id, offset=(page - 1) * agenda.PAGE_SIZE)
        kept = recusals.kept_from(session, actor.account_id, [one for one, _application in found], now)
        waits = meeting.state == "closed" and minutes.held_back(session, actor, meeting, now)
        cast = select(Vote).where(
            Vote.account_id == actor.account_id, Vote.item_id.in_([one.id for one, _application in found])
        )
        own = {each.item_id: each for each in session.scalars(cast)}
        states = agenda.states(session, meeting_id)
        live = runs and meeting.state in ("planned", "open")
        waiting = len(agenda.waiting_for(session, call, meeting)) if live else 0
        remaining = budget.remaining_won(session, call)
    there = [seat for seat in seats if finding.is_there(seat)]
    return render_template(
        "grants/meeting.html",
        meeting=meeting,
        call=call,
        runs=runs,
        seats=seats,
        there=there,
        seat=next((seat for seat in seats if seat.account_id == actor.account_id), None),
        is_there=finding.is_there,
        needed=quorum.needed(len(seats), rules.committee.quorum) if seats else 0,
        items=found,
        total=total,
        kept=kept,
        minutes_wait=waits,
        own=own,
        states=states,
        waiting=waiting,
        remaining_won=remaining,
        page=page,
        pages=pages_of(total, agenda.PAGE_SIZE),
        words=words,
        refused=refused,
    )


def edit(meeting_id: int) -> ResponseReturnValue:
    """Where and when, to change."""
    meeting, call = _mine(meeting_id)
    typed = {"title": meeting.title, "place": meeting.place, "held_at": meeting.held_at.astimezone(SEOUL)}
    return render_template("grants/meeting_form.html", meeting=meeting, call=call, typed=typed, errors={}, message=None)


def change(meeting_id: int) -> ResponseReturnValue:
    """Keep the changed plan."""
    typed = Reader(request.form)
    terms = _plan(typed)
    try:
        meetings.change(
            database(), current_actor(), clock.now(), meeting_id=meeting_id, terms=terms, unread=typed.unread
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        meeting, call = _mine(meeting_id)
        return render_template(
            "grants/meeting_form.html",
            meeting=meeting,
            call=call,
            typed=request.form,
            **said(refusal),
        ), refusal.status
    flash(_("회의를 고치고 위원들에게 다시 알렸습니다."), "success")
    return redirect(_at(meeting_id))


def begin(meeting_id: int) -> ResponseReturnValue:
    """Open the meeting."""
    return acted(
        meetings.open_meeting,
        _at(meeting_id),
        _("회의를 열었습니다. 위원들이 출석을 누르거나 대신 눌러 주세요."),
        meeting_id=meeting_id,
    )


def cancel(meeting_id: int) -> ResponseReturnValue:
    """Call it off."""
    reason = Reader(request.form).text("reason")
    return acted(
        meetings.cancel,
        _at(meeting_id),
        _("회의를 취소하고 위원들에게 알렸습니다."),
        Again("cancel", "reason", lambda refused: _show(meeting_id, refused)),
        meeting_id=meeting_id,
        reason=reason,
    )


def end(meeting_id: int) -> ResponseReturnValue:
    """Close it: the minutes are written."""
    return acted(minutes.close, _at(meeting_id), _("회의를 마치고 회의록을 만들었습니다."), meeting_id=meeting_id)


def attend(meeting_id: int) -> ResponseReturnValue:
    """Come or go: oneself, or a member by the staff."""
    typed = Reader(request.form)
    account_id = typed.choice("account_id")
    act = attendance.leave if typed.text("what") == "leave" else attendance.arrive
    return acted(act, _at(meeting_id), meeting_id=meeting_id, account_id=account_id)


def fill(meeting_id: int) -> ResponseReturnValue:
    """All that waits, onto the agenda."""
    return acted(agenda.fill, _at(meeting_id), _("기다리는 신청을 안건에 올렸습니다."), meeting_id=meeting_id)


def all_at_once(meeting_id: int) -> ResponseReturnValue:
    """Start, cast or decide many together."""
    actor, now, what = current_actor(), clock.now(), Reader(request.form).text("what")
    if what == "start":
        done = together.start(database(), actor, now, meeting_id=meeting_id)
        flash(_("%(number)s건의 표결을 시작했습니다.", number=done.done), "success")
    elif what == "decide":
        done = together.decide(database(), actor, now, meeting_id=meeting_id)
        flash(_("%(number)s건을 의결했습니다.", number=done.done), "success")
    else:
        done = together.cast(database(), actor, now, meeting_id=meeting_id, choice=what)
        flash(_("%(number)s건에 표결했습니다.", number=done.done), "success")
    for code, number in done.refused.items():
        flash(_("%(number)s건은 하지 못했습니다: %(why)s", number=number, why=_short(code)), "error")
    return redirect(_at(meeting_id))


def show_minutes(meeting_id: int) -> ResponseReturnValue:
    """The minutes, to read and print."""
    actor = current_actor()
    with database().read() as session:
        meeting, call, runs = finding.read_meeting(session, actor, meeting_id)
        minutes.check_readable(session, actor, meeting, clock.now())
    return render_template("grants/minutes.html", meeting=meeting, call=call, runs=runs)


def minutes_text(meeting_id: int) -> ResponseReturnValue:
    """The minutes as text, byte for byte what the recorded hash is of."""
    actor = current_actor()
    with database().read() as session:
        meeting, _call, _runs = finding.read_meeting(session, actor, meeting_id)
        minutes.check_readable(session, actor, meeting, clock.now())
    return Response(
        meeting.minutes,
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="minutes-{meeting.id}.txt"'},
    )


def _short(code: str) -> str:
    """A refusal's sentence where its figures differ from item to item."""
    told: dict[str, Any] = {
        "no_quorum": _("정족수가 모자랍니다."),
        "votes_missing": _("아직 표결하지 않은 위원이 있습니다."),
        "not_carried": _("찬성이 반대보다 많지 않습니다."),
        "recused": _("회피·제척된 안건입니다."),
    }
    if code in told:
        return str(told[code])
    return _("금액이나 한도를 확인해 주세요.") if code.startswith("award_") else sentence(code)


def _plan(typed: Reader) -> Plan:
    return Plan(title=typed.text("title"), held_at=typed.moment("held_at"), place=typed.text("place"))


def _at(meeting_id: int) -> str:
    return url_for("meetings.show", meeting_id=meeting_id)


def _mine(meeting_id: int) -> tuple[Meeting, Call]:
    with database().read() as session:
        meeting, call, runs = finding.read_meeting(session, current_actor(), meeting_id)
    if not runs:
        raise Refusal("not_allowed", 403)
    return meeting, call


def _of_call(call_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    actor = current_actor()
    with database().read() as session:
        call = session.get(Call, call_id)
        if call is None:
            raise Refusal("not_found", 404)
        policy.check_runs(actor, call.district)
        found = meetings.listed(session, actor, call_id=call_id)
        waiting = len(agenda.waiting_for(session, call))
    return render_template(
        "grants/call_meetings.html",
        call=call,
        found=found,
        waiting=waiting,
        typed=typed,
        **said(refusal),
        words=words,
    )
