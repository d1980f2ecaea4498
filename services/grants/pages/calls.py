"""Calls: everyone reads them, a district's staff writes and publishes them."""

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from services.grants import calls, discovering, policy, programmes, ways
from services.grants.call_phases import PHASE_TONES, PHASE_WORDS, Phase, call_phase
from services.grants.models import Call
from services.grants.pages import discover
from services.grants.pages.programme_words import public_rules
from services.grants.pages.reading import Reader, pages_of
from services.grants.pages.words import told
from services.grants.policy import SEOUL, CallTerms
from services.grants.programmes import labels
from services.grants.rules.definition import Definition
from services.grants.wording.discovering import left
from shared import clock
from shared.districts import name_of
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import field_sentences, sentence
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """Open and past calls."""
    now, actor = clock.now(), current_actor()
    page, wanted, errors = discover.asked()
    with database().read() as session:
        offset = (page - 1) * discovering.PAGE_SIZE
        found, total = discovering.find(session, actor, now, wanted, offset=offset)
        counts = calls.counts(session, [call.id for call in found])
    html = render_template(
        "grants/calls.html",
        calls=found,
        counts=counts,
        total=total,
        page=page,
        pages=pages_of(total, discovering.PAGE_SIZE),
        may_write=actor.has(Role.DISTRICT_STAFF, Role.CITY_STAFF),
        views=discover.views("calls.index"),
        left=lambda call: left(call, now),
        **discover.filter_form(errors),
        **_phases(now),
    )
    return html, 422 if errors else 200


def show(call_id: int) -> ResponseReturnValue:
    """One call, with the way to apply or to run it."""
    now, actor = clock.now(), current_actor()
    with database().read() as session:
        call = calls.get(session, actor, call_id)
        counts = calls.counts(session, [call_id])[call_id]
        version = programmes.version_of_call(session, call)
        rules = public_rules(programmes.rules_of(version), call.ceiling_won)
    around = ways.PAST if call_phase(call, now) is Phase.CLOSED else ways.CALL
    return render_template(
        "grants/call.html",
        call=call,
        version=version,
        rules=rules,
        counts=counts,
        remaining_won=call.budget_won - counts.awarded_won,
        runs=policy.runs_call(actor, call.district),
        ways=ways.groups(around, actor, call_id=call_id) if call.published_at is not None else [],
        left=left(call, now),
        **_phases(now),
    )


def new() -> ResponseReturnValue:
    """An empty call."""
    actor = current_actor()
    programmes.ensure(database(), clock.now())
    typed = {
        "district": actor.district or "",
        "programme": request.args.get("programme", ""),
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
    return _form(typed | {"district": call.district or "", f"strands-{call.programme}": call.strands}, call)


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
        if not refusal.fields:
            raise
        for told_ in (each for sentences in field_sentences(refusal).values() for each in sentences):
            flash(told_, "error")
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
    programmes.ensure(database(), clock.now())
    with database().read() as session:
        _district, kept = labels.offered(session, current_actor()).get(programme, (None, None))
    ticked = request.form.getlist("strands") + request.form.getlist(f"strands-{programme}")
    return tuple(each.key for each in kept.strands if each.required or each.key in ticked) if kept else ()


def _form(typed: Any, call: Call | None = None, refusal: Refusal | None = None) -> str:
    actor = current_actor()
    with database().read() as session:
        offered = labels.offered(session, actor)
    errors = field_sentences(refusal) if refusal else {}
    return render_template(
        "grants/call_form.html",
        typed=typed,
        call=call,
        actor=actor,
        whole_city=actor.has(Role.CITY_STAFF),
        programmes=[(key, _owned(rules, district)) for key, (district, rules) in offered.items()],
        optional=[
            (key, told(rules.label), [(each.key, told(each.label)) for each in rules.strands if not each.required])
            for key, (_district, rules) in offered.items()
            if not all(each.required for each in rules.strands)
        ],
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal else None,
    )


def _owned(rules: Definition, district: str | None) -> str:
    name = told(rules.label)
    return f"{name} ({name_of(district, get_locale())})" if district else name


def _refused(refusal: Refusal, call: Call | None = None) -> ResponseReturnValue:
    return _form(request.form, call, refusal), refusal.status


def _phases(now: Any) -> dict[str, Any]:
    return {
        "phase_of": lambda call: call_phase(call, now),
        "phase_words": PHASE_WORDS,
        "phase_tones": PHASE_TONES,
        "Phase": Phase,
    }
