"""Expenses for the group that makes them: from the phone, with the receipt, checked at once and before."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import expenses, funded, settlement, standing
from services.grants.expenses.checking import Checked
from services.grants.models import Expense
from services.grants.pages import expense_parts as parts
from services.grants.pages import files as file_pages
from services.grants.pages.acting import NONE, Refused, acted
from services.grants.pages.reading import Reader
from services.grants.pages.uploading import received
from services.grants.rules import business_numbers
from services.grants.rules.file_kinds import EVIDENCE
from services.grants.wording import expenses as wording
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database


def index(application_id: int) -> ResponseReturnValue:
    """All expenses of a project, and what is left."""
    actor, now = current_actor(), clock.now()
    account, own = settlement.view(database(), actor, now, application_id=application_id)
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        spendable = own and parts.spendable(session, account)
    return render_template(
        "grants/expenses.html",
        it=it,
        account=account,
        lines=parts.lines(account),
        rows=parts.rows(account.expenses, account.rules.settlement, account.receipts),
        spendable=spendable,
        **parts.WORDS,
    )


def new(application_id: int) -> ResponseReturnValue:
    """An empty expense; what was checked before is there already."""
    typed: dict[str, Any] = {"source": "grant", "method": "card"}
    typed |= {name: request.args[name] for name in parts.FIELDS if name in request.args}
    return _form(application_id, typed | {"key": secrets.token_urlsafe(16)})


def create(application_id: int) -> ResponseReturnValue:
    """Record it, and say at once what the rules find."""
    typed = Reader(request.form)
    spent = parts.read(typed)
    try:
        made = expenses.record(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            spent=spent,
            key=request.form.get("key", ""),
            evidence=received("evidence", EVIDENCE),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _form(application_id, request.form, refusal), refusal.status
    return _recorded(made)


def plan(application_id: int) -> ResponseReturnValue:
    """What the rules would say of an expense before the money is spent; nothing is kept."""
    asked = "item" in request.args
    found, refusal = None, None
    if asked:
        typed = Reader(request.args)
        try:
            spent = parts.read(typed)
            found = expenses.plan(
                database(),
                current_actor(),
                clock.now(),
                application_id=application_id,
                spent=spent,
                unread=typed.unread,
            )
        except Refusal as error:
            if error.status in (403, 404):
                raise
            refusal = error
    return _plan_page(application_id, found, refusal), refusal.status if refusal else 200


def show(expense_id: int) -> ResponseReturnValue:
    """One expense with its receipts, what the rules find of it now, and what was decided."""
    return page(expense_id)


def edit(expense_id: int) -> ResponseReturnValue:
    """Put it right."""
    shown = expenses.view(database(), current_actor(), clock.now(), expense_id=expense_id)
    if not shown.own:
        raise Refusal("not_found", 404)
    typed = parts.typed_of(shown.expense) | {"key": secrets.token_urlsafe(16)}
    return _form(shown.application.id, typed, expense=shown.expense)


def save(expense_id: int) -> ResponseReturnValue:
    """Keep what was put right."""
    typed = Reader(request.form)
    actor, now = current_actor(), clock.now()
    try:
        kept = expenses.correct(
            database(),
            actor,
            now,
            expense_id=expense_id,
            spent=parts.read(typed),
            key=request.form.get("key", ""),
            evidence=received("evidence", EVIDENCE),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        shown = expenses.view(database(), actor, now, expense_id=expense_id)
        return _form(shown.application.id, request.form, refusal, shown.expense), refusal.status
    return _recorded(kept)


def withdraw(expense_id: int) -> ResponseReturnValue:
    """Take it back."""
    gone = expenses.withdraw(database(), current_actor(), clock.now(), expense_id=expense_id)
    flash(_("지출을 거두었습니다."), "success")
    return redirect(url_for("expenses.index", application_id=gone.application_id))


def attach(expense_id: int) -> ResponseReturnValue:
    """Add receipts."""
    try:
        kept = expenses.add_evidence(
            database(),
            current_actor(),
            clock.now(),
            expense_id=expense_id,
            evidence=received("evidence", EVIDENCE),
            key=request.form.get("key", ""),
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return page(expense_id, Refused("attach", "evidence", refusal)), refusal.status
    return _recorded(kept)


def detach(expense_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take a receipt away."""
    return acted(
        expenses.remove_evidence,
        url_for("expenses.show", expense_id=expense_id),
        _("증빙을 뺐습니다."),
        expense_id=expense_id,
        attachment_id=attachment_id,
    )


def page(expense_id: int, refused: Refused = NONE) -> str:
    """The page of one expense, for the group and for those who decide."""
    actor, now = current_actor(), clock.now()
    shown = expenses.view(database(), actor, now, expense_id=expense_id)
    expense, editable = shown.expense, shown.own and shown.spendable and shown.expense.state == "filed"
    with database().read() as session:
        it = funded.opened(session, actor, shown.application.id)
        checked = None
        if expense.state == "filed":
            checked = expenses.checked(session, shown.application, shown.settlement, expense, now)
        receipts = file_pages.rows(
            session,
            actor,
            shown.evidence,
            remove=lambda each: url_for("expenses.detach", expense_id=expense_id, attachment_id=each.id),
            warn=not shown.own,
        )
    return render_template(
        "grants/expense.html",
        it=it,
        expense=expense,
        item=wording.item_name(shown.settlement, expense.category, expense.item),
        category=wording.category_name(shown.settlement, expense.category),
        number=business_numbers.shown(expense.payee_number),
        state=wording.state_of(expense),
        findings=wording.told([each.as_row() for each in checked.findings]) if checked else [],
        most_won=checked.most_won if checked else None,
        receipts=receipts,
        editable=editable,
        decidable=not shown.own and shown.decidable,
        kinds=EVIDENCE,
        key=secrets.token_urlsafe(16),
        refused=refused,
        **parts.WORDS,
    )


def _recorded(expense: Expense) -> ResponseReturnValue:
    if expense.worst == "block":
        flash(_("지출을 남겼지만 이대로는 인정되지 않습니다. 까닭을 보고 바로잡아 주세요."), "warning")
    elif expense.worst == "flag":
        flash(_("지출을 남겼습니다. 담당자가 살펴볼 것이 있습니다."), "success")
    else:
        flash(_("지출을 남겼습니다. 규칙에 맞습니다."), "success")
    return redirect(url_for("expenses.show", expense_id=expense.id))


def _form(application_id: int, typed: Any, refusal: Refusal | None = None, expense: Expense | None = None) -> str:
    with database().read() as session:
        it = funded.opened(session, current_actor(), application_id)
        standing.check_applicant(session, current_actor(), it.application)
    return render_template(
        "grants/expense_form.html",
        it=it,
        expense=expense,
        options=parts.item_options(it.rules.settlement),
        cash_most_won=it.rules.settlement.cash_most_won,
        kinds=EVIDENCE,
        typed=typed,
        **said(refusal),
        **parts.WORDS,
    )


def _plan_page(application_id: int, found: Checked | None, refusal: Refusal | None) -> str:
    with database().read() as session:
        it = funded.opened(session, current_actor(), application_id)
    typed = request.args if request.args else {"source": "grant", "method": "card"}
    return render_template(
        "grants/expense_plan.html",
        it=it,
        options=parts.item_options(it.rules.settlement),
        cash_most_won=it.rules.settlement.cash_most_won,
        found=found,
        findings=wording.told([each.as_row() for each in found.findings]) if found else [],
        next={name: request.args.get(name, "") for name in parts.FIELDS},
        typed=typed,
        **said(refusal),
        **parts.WORDS,
    )
