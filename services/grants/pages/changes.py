"""Changes of a funded project: asked for by the group, answered by the staff."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.grants import agreements, change_list, changes, funded, standing
from services.grants.changes import KINDS, Wanted
from services.grants.funded import Funded
from services.grants.models import ChangeRequest
from services.grants.pages import budgets
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.rules import agreed_budget
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database

KIND_WORDS = {
    "content": lazy_gettext("사업 내용"),
    "period": lazy_gettext("사업 기간"),
    "budget": lazy_gettext("예산"),
    "members": lazy_gettext("참여자"),
}
STATE_WORDS = {
    "open": lazy_gettext("답을 기다림"),
    "approved": lazy_gettext("승인됨"),
    "refused": lazy_gettext("승인하지 않음"),
    "withdrawn": lazy_gettext("거둠"),
}
STATE_TONES = {"open": "warning", "approved": "success", "refused": "danger", "withdrawn": "neutral"}


def show(application_id: int) -> ResponseReturnValue:
    """All changes of a project, and the one that waits."""
    return _show(application_id)


def new(application_id: int) -> ResponseReturnValue:
    """A change to ask for; the address may name its kind."""
    return _form(application_id, {"key": secrets.token_urlsafe(16)})


def ask(application_id: int) -> ResponseReturnValue:
    """Ask for it."""
    typed = Reader(request.form)
    with database().read() as session:
        it = _of_group(session, application_id)
    kind = typed.text("kind")
    wanted = Wanted(
        kind=kind,
        reason=typed.text("reason"),
        words=typed.text("words"),
        starts_on=typed.day("starts_on") if kind == "period" else None,
        ends_on=typed.day("ends_on") if kind == "period" else None,
        lines=budgets.read(typed, it.rules) if kind == "budget" else (),
    )
    try:
        change = changes.ask(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            wanted=wanted,
            key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _form(application_id, request.form, refusal), refusal.status
    if change.by_rule:
        flash(_("규칙 안의 변경이라 바로 반영했습니다."), "success")
    else:
        flash(_("변경을 신청했습니다. 담당자가 답하면 알려 드립니다."), "success")
    return redirect(url_for("changes.show", application_id=application_id))


def decide(change_id: int) -> ResponseReturnValue:
    """Approve or refuse."""
    typed = Reader(request.form)
    decision = typed.text("decision")
    try:
        if decision not in ("approve", "refuse"):
            raise Refusal("invalid_input", 422, fields={"decision": ["change_decision_missing"]})
        change = changes.decide(
            database(),
            current_actor(),
            clock.now(),
            change_id=change_id,
            approve=decision == "approve",
            answer=typed.text("answer"),
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        with database().look() as session:
            asked = session.get(ChangeRequest, change_id)
        if asked is None:
            raise Refusal("not_found", 404) from refusal
        return _show(asked.application_id, refusal), refusal.status
    flash(_("변경에 답했습니다."), "success")
    return redirect(url_for("changes.show", application_id=change.application_id))


def withdraw(change_id: int) -> ResponseReturnValue:
    """Take a request back."""
    change = changes.withdraw(database(), current_actor(), clock.now(), change_id=change_id)
    flash(_("변경 신청을 거두었습니다."), "success")
    return redirect(url_for("changes.show", application_id=change.application_id))


def waiting() -> ResponseReturnValue:
    """The changes that wait for an answer, in all calls that the reader runs."""
    page = page_number()
    with database().read() as session:
        found, total = change_list.waiting(session, current_actor(), offset=(page - 1) * change_list.PAGE_SIZE)
    return render_template(
        "grants/changes_waiting.html",
        rows=found,
        total=total,
        page=page,
        pages=pages_of(total, change_list.PAGE_SIZE),
        kind_words=KIND_WORDS,
    )


def _show(application_id: int, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        known = it.known(now) or not it.own
        found = list(changes.of_application(session, application_id)) if known else []
        agreed = agreements.in_force(session, application_id)
    funded.viewed(database(), actor, now, it, "changes")
    before = agreed_budget.read(agreed.budget) if agreed else []
    return render_template(
        "grants/changes.html",
        it=it,
        agreed=agreed,
        changes=[{"change": each, "moves": _moves(it, before, each), "period": _period(each)} for each in found],
        may_ask=it.own
        and agreed is not None
        and it.application.phase == "running"
        and not any(each.state == "open" for each in found),
        kind_words=KIND_WORDS,
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
        typed=request.form,
        **said(refusal),
    )


def _moves(it: Funded, before: list[agreed_budget.Line], change: ChangeRequest) -> list[dict[str, Any]]:
    if change.kind != "budget" or change.state != "open":
        return []
    return budgets.compared(before, agreed_budget.read(change.details["lines"]), it.rules.settlement)


def _period(change: ChangeRequest) -> tuple[date, date] | None:
    if change.kind != "period":
        return None
    return date.fromisoformat(change.details["starts_on"]), date.fromisoformat(change.details["ends_on"])


def _of_group(session: Any, application_id: int) -> Funded:
    it = funded.opened(session, current_actor(), application_id)
    standing.check_applicant(session, current_actor(), it.application)
    return it


def _form(application_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    with database().read() as session:
        it = _of_group(session, application_id)
        agreed = agreements.in_force(session, application_id)
    if agreed is None:
        raise Refusal("agreement_unsigned", 409)
    kind = typed.get("kind") or request.args.get("kind") or "content"
    return render_template(
        "grants/change_form.html",
        it=it,
        agreed=agreed,
        kind=kind if kind in KINDS else "content",
        lines=budgets.by_item(agreed_budget.read(agreed.budget)),
        percent=it.rules.settlement.reallocation_percent,
        kind_words=KIND_WORDS,
        typed=typed,
        again=refusal is not None,
        **said(refusal),
    )
