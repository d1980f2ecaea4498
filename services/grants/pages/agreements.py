"""The agreement on a funded project: written by the staff, read and signed by both."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import agreement_versions, agreements, funded, policy, standing
from services.grants.award import Terms
from services.grants.funded import Funded
from services.grants.models import Agreement
from services.grants.pages import budgets
from services.grants.pages.reading import Reader
from services.grants.rules import agreed_budget
from services.grants.selection import objections
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said, sentence
from shared.web.pages import database

LABELS = ("amount_won", "self_contribution_won", "starts_on", "ends_on", "body", "budget")


def show(application_id: int) -> ResponseReturnValue:
    """What is agreed, who signed, and signing."""
    return _show(application_id)


def paper(application_id: int, version: int) -> ResponseReturnValue:
    """One version, to print."""
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        found = [each for each in agreements.versions(session, application_id) if each.version == version]
        if not found or (it.own and not it.known(now)):
            raise Refusal("not_found", 404)
        signed = agreements.signatures(session, found[0])
    funded.viewed(database(), actor, now, it, "agreement")
    return render_template("grants/agreement_paper.html", it=it, agreement=found[0], signatures=signed)


def edit(application_id: int) -> ResponseReturnValue:
    """The agreement to write, filled from the application."""
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        it = _to_write(session, application_id)
        current = agreements.newest(session, application_id)
        terms = agreements.terms_of(current) if current else agreements.suggested(it, now)
        body = terms.body or agreements.drafted(session, it, terms)
    funded.viewed(database(), actor, now, it, "agreement")
    return _form(it, terms, body=body)


def save(application_id: int) -> ResponseReturnValue:
    """Keep it, or draft the words anew from what was typed."""
    typed = Reader(request.form)
    with database().read() as session:
        it = _to_write(session, application_id)
    terms = Terms(
        amount_won=typed.won("amount_won"),
        self_contribution_won=typed.won("self_contribution_won"),
        starts_on=typed.day("starts_on"),
        ends_on=typed.day("ends_on"),
        lines=budgets.read(typed, it.rules),
        body=None if request.form.get("action") == "draft" else typed.text("body"),
    )
    try:
        if request.form.get("action") == "draft":
            policy.refuse_problems(agreements.problems(it, terms), typed.unread)
            with database().read() as session:
                body = agreements.drafted(session, it, terms)
            return _form(it, terms, body=body, drafted=True)
        agreements.prepare(
            database(), current_actor(), clock.now(), application_id=application_id, terms=terms, unread=typed.unread
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(it, terms, typed=request.form, refusal=refusal), refusal.status
    flash(_("협약서를 저장했습니다. 모임이 먼저 서명합니다."), "success")
    return redirect(url_for("agreements.show", application_id=application_id))


def sign(application_id: int) -> ResponseReturnValue:
    """Sign the words that were shown."""
    typed = Reader(request.form)
    try:
        agreement = agreements.sign(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            party=typed.text("party"),
            version=typed.number("version") or 0,
            body_hash=typed.text("body_hash"),
        )
    except Refusal as refusal:
        if refusal.status == 404 or refusal.code in ("other_district", "own_application"):
            raise
        return _show(application_id, refusal), refusal.status
    if agreement.signed_at is not None:
        flash(_("두 쪽이 모두 서명하여 협약을 맺었습니다."), "success")
    else:
        flash(_("서명했습니다. 담당자가 서명하면 협약이 이루어집니다."), "success")
    return redirect(url_for("agreements.show", application_id=application_id))


def _show(application_id: int, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        known = it.known(now) or not it.own
        found = list(agreements.versions(session, application_id)) if known else []
        current = agreement_versions.standing(found)
        signed = list(agreements.signatures(session, current)) if current else []
        waits = objections.waiting_of(session, application_id) is not None
        group_id = it.application.group_id
        leads = it.own and (group_id is None or standing.in_group(session, actor.account_id, group_id, leader=True))
    if current is not None:
        funded.viewed(database(), actor, now, it, "agreement")
    parties = {each.party for each in signed}
    amended = current is not None and current.signed_at is not None and not parties
    return render_template(
        "grants/agreement.html",
        it=it,
        agreement=current,
        versions=found,
        signatures=signed,
        amended=amended,
        rows=budgets.rows(agreed_budget.read(current.budget), it.rules.settlement) if current else [],
        total=budgets.total(agreed_budget.read(current.budget)) if current else None,
        may_write=not it.own and it.application.phase == "selected",
        signs=_signs(it, current, parties, leads),
        waits=waits,
        leads=leads,
        message=sentence(refusal.code, refusal.params) if refusal else None,
    )


def _signs(it: Funded, current: Agreement | None, parties: set[str], leads: bool) -> str | None:
    """The party that the reader may sign for now."""
    if current is None or current.signed_at is not None:
        return None
    if it.own:
        return "group" if leads and "group" not in parties else None
    return "district" if "group" in parties else None


def _to_write(session: Any, application_id: int) -> Funded:
    it = funded.opened(session, current_actor(), application_id)
    standing.check_staff(session, current_actor(), it.application, it.call)
    if it.application.phase != "selected":
        raise Refusal("not_selected", 409)
    return it


def _form(
    it: Funded,
    terms: Terms,
    *,
    body: str = "",
    typed: Any = None,
    refusal: Refusal | None = None,
    drafted: bool = False,
) -> str:
    return render_template(
        "grants/agreement_form.html",
        it=it,
        terms=terms,
        lines=budgets.by_item(terms.lines),
        body=body,
        typed=typed or {},
        drafted=drafted,
        **said(refusal),
    )
