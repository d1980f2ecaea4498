"""The settlement: where the money stands at any moment, the report, and the final amount."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from services.grants import closing, funded, policy, process, settlement, standing
from services.grants.models import ApplicationStep, Settlement
from services.grants.pages import expense_parts as parts
from services.grants.pages import files as file_pages
from services.grants.pages import settlement_sheets
from services.grants.pages.acting import NONE, Again, Refused, acted
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.pages.uploading import received
from services.grants.pages.words import told
from services.grants.rules.file_kinds import EVIDENCE
from services.grants.settlement.acts import note_export
from shared import clock
from shared.export import XLSX, Sheet, xlsx
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import said
from shared.web.pages import database

PAGE_SIZE = 50
STATES = ("filed", "sent_back", "finalized")
STATE_WORDS = {
    "filed": lazy_gettext("검토 중"),
    "sent_back": lazy_gettext("보완 요청"),
    "finalized": lazy_gettext("금액 확정"),
}
STATE_TONES = {"filed": "info", "sent_back": "warning", "finalized": "success"}


def show(application_id: int) -> ResponseReturnValue:
    """Spent, refused, unspent, interest, to return: as it stands now."""
    return _show(application_id)


def form(application_id: int) -> ResponseReturnValue:
    """The report to file: only what was reached and the interest are to be written."""
    with database().read() as session:
        found = session.scalar(select(Settlement).where(Settlement.application_id == application_id))
    typed: dict[str, Any] = {"key": secrets.token_urlsafe(16), "interest_won": found.interest_won if found else 0}
    return _form(application_id, typed | ({"outcome": found.outcome} if found else {}))


def file(application_id: int) -> ResponseReturnValue:
    """File it."""
    typed = Reader(request.form)
    interest_won = typed.won("interest_won")
    try:
        settlement.file_report(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            outcome=typed.text("outcome"),
            interest_won=interest_won,
            statement=received("statement", EVIDENCE),
            key=request.form.get("key", ""),
            unread=typed.unread,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _form(application_id, request.form, refusal), refusal.status
    flash(_("정산 보고서를 냈습니다. 담당자가 살펴보고 금액을 확정합니다."), "success")
    return redirect(url_for("settlements.show", application_id=application_id))


def send_back(application_id: int) -> ResponseReturnValue:
    """Ask for a better report."""
    reason = Reader(request.form).text("reason")
    return acted(
        settlement.send_back,
        url_for("settlements.show", application_id=application_id),
        _("정산 보고서를 돌려보냈습니다."),
        Again("back", "reason", lambda refused: _show(application_id, refused)),
        application_id=application_id,
        reason=reason,
    )


def finalize(application_id: int) -> ResponseReturnValue:
    """Fix the amount."""
    note = Reader(request.form).text("note")
    return acted(
        settlement.finalize,
        url_for("settlements.show", application_id=application_id),
        _("정산 금액을 확정했습니다."),
        Again("finalize", "note", lambda refused: _show(application_id, refused)),
        application_id=application_id,
        note=note,
    )


def close(application_id: int) -> ResponseReturnValue:
    """Nothing is open any more."""
    return acted(
        closing.close,
        url_for("settlements.show", application_id=application_id),
        _("사업을 종료했습니다."),
        application_id=application_id,
    )


def archive(application_id: int) -> ResponseReturnValue:
    """Keep it, and change nothing any more."""
    return acted(
        closing.archive,
        url_for("settlements.record", application_id=application_id),
        _("사업을 보관했습니다. 이제 기록은 바뀌지 않습니다."),
        application_id=application_id,
    )


def paper(application_id: int) -> ResponseReturnValue:
    """The report as it goes on paper."""
    actor, now = current_actor(), clock.now()
    account, _own = settlement.view(database(), actor, now, application_id=application_id)
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
    return render_template(
        "grants/settlement_paper.html",
        it=it,
        account=account,
        lines=parts.lines(account),
        rows=parts.rows(settlement_sheets.in_order(account), account.rules.settlement, account.receipts),
        now=now,
        **parts.WORDS,
    )


def as_xlsx(application_id: int) -> ResponseReturnValue:
    """The report as a workbook: the sums, the categories, each expense."""
    actor, now = current_actor(), clock.now()
    account, own = settlement.view(database(), actor, now, application_id=application_id)
    if not own:
        note_export(database(), actor, now, f"settlement-{application_id}")
    content = xlsx(
        [
            settlement_sheets.sums_sheet(account),
            settlement_sheets.lines_sheet(account),
            settlement_sheets.expenses_sheet(account),
        ]
    )
    name = f"maru-settlement-{account.application.receipt or application_id}.xlsx"
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def record(application_id: int) -> ResponseReturnValue:
    """The whole record of a project on one page."""
    actor, now = current_actor(), clock.now()
    found = closing.record_of(database(), actor, now, application_id=application_id)
    with database().read() as session:
        attached = file_pages.rows(session, actor, found.attachments, warn=False)
    rules = found.it.rules
    labels = {each.key: each.label for each in rules.states}

    def done(step: ApplicationStep) -> str:
        row = rules.transition(step.event, step.from_state)
        return told(row.label) if row else step.event

    return render_template(
        "grants/record.html",
        it=found.it,
        found=found,
        account=found.account,
        rows=parts.rows(settlement_sheets.in_order(found.account), rules.settlement, found.account.receipts),
        attached_files=attached,
        labels=labels,
        done=done,
        now=now,
        **parts.WORDS,
    )


def waiting() -> ResponseReturnValue:
    """The settlements of all calls that the reader runs."""
    state = request.args.get("state", "filed")
    state, number = state if state in STATES else "filed", page_number()
    with database().read() as session:
        rows, total = settlement.accounts_waiting(
            session, current_actor(), state=state, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )
    tabs = [
        {"label": word, "href": url_for("settlements.waiting", state=each), "current": each == state}
        for each, word in STATE_WORDS.items()
    ]
    return render_template(
        "grants/settlements.html", rows=rows, tabs=tabs, state=state, page=number, pages=pages_of(total, PAGE_SIZE)
    )


def waiting_xlsx() -> ResponseReturnValue:
    """The same as a workbook, in all states."""
    header = (
        _("접수번호"),
        _("공고"),
        _("사업명"),
        _("모임·단체"),
        _("상태"),
        _("받은 보조금(원)"),
        _("쓴 보조금(원)"),
        _("불인정(원)"),
        _("집행잔액(원)"),
        _("발생이자(원)"),
        _("반납할 금액(원)"),
        _("확정 금액(원)"),
    )
    rows: list[tuple[object, ...]] = []
    with database().read() as session:
        for state in STATES:
            found, _total = settlement.accounts_waiting(session, current_actor(), state=state, limit=20_000)
            rows += [
                (
                    application.receipt,
                    call.title,
                    application.title,
                    application.group_name,
                    str(STATE_WORDS[state]),
                    each.paid_won,
                    each.spent_won,
                    each.refused_won,
                    each.unspent_won,
                    each.interest_won,
                    each.to_return_won,
                    each.final_won,
                )
                for each, application, call in found
            ]
    return Response(
        xlsx([Sheet(_("정산"), header, rows)]),
        mimetype=XLSX,
        headers={"Content-Disposition": 'attachment; filename="maru-settlements.xlsx"'},
    )


def _show(application_id: int, refused: Refused = NONE) -> str:
    actor, now = current_actor(), clock.now()
    account, own = settlement.view(database(), actor, now, application_id=application_id)
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        steps = {
            each.transition.event: each
            for each in process.steps(session, account.application, account.call, actor, now)
        }
        statements = file_pages.rows(session, actor, account.statements, warn=not own)
    return render_template(
        "grants/settlement.html",
        it=it,
        account=account,
        lines=parts.lines(account),
        steps=steps,
        statements=statements,
        overdue=account.due_on is not None
        and account.application.phase == "running"
        and policy.city_date(now) > account.due_on,
        archived=closing.archived(account.rules, account.application),
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
        refused=refused,
    )


def _form(application_id: int, typed: Any, refusal: Refusal | None = None) -> str:
    actor, now = current_actor(), clock.now()
    account, _own = settlement.view(database(), actor, now, application_id=application_id)
    with database().read() as session:
        it = funded.opened(session, actor, application_id)
        standing.check_applicant(session, actor, account.application)
        statements = file_pages.rows(session, actor, account.statements, warn=False)
    return render_template(
        "grants/settlement_form.html",
        it=it,
        account=account,
        lines=parts.lines(account),
        statements=statements,
        kinds=EVIDENCE,
        typed=typed,
        **said(refusal),
    )
