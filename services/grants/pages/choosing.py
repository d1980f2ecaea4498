"""A call's ranking and reserve list, for those who run it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from services.grants import policy, programmes
from services.grants.models import Application, Call
from services.grants.pages.acting import NONE, Again, Refused, acted
from services.grants.pages.reading import Reader, page_number, pages_of
from services.grants.selection import announcement, budget, kept_back, objections, ranking, reserve
from services.grants.wording import selecting as words
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.pages import database

PAGE_SIZE = 100


def show(call_id: int) -> ResponseReturnValue:
    """The applications by score, what they add up to, and where the budget ends."""
    return _show(call_id)


def promote(application_id: int) -> ResponseReturnValue:
    """Select the first of the reserve list."""
    typed = Reader(request.form)
    awarded_won, reason = typed.won("awarded_won"), typed.text("reason")
    call_id = _call_of(application_id)
    return acted(
        reserve.promote,
        url_for("choosing.show", call_id=call_id),
        _("예비에서 선정했습니다."),
        Again(f"promote-{application_id}", "awarded_won", lambda refused: _show(call_id, refused)),
        application_id=application_id,
        awarded_won=awarded_won,
        reason=reason,
        unread=typed.unread,
    )


def close(application_id: int) -> ResponseReturnValue:
    """Take one off the reserve list."""
    reason = Reader(request.form).text("reason")
    call_id = _call_of(application_id)
    return acted(
        reserve.close,
        url_for("choosing.show", call_id=call_id),
        _("예비에서 뺐습니다."),
        Again(f"close-{application_id}", "reason", lambda refused: _show(call_id, refused)),
        application_id=application_id,
        reason=reason,
    )


def _show(call_id: int, refused: Refused = NONE) -> str:
    actor, now, page = current_actor(), clock.now(), page_number()
    with database().read() as session:
        call = session.get(Call, call_id)
        if call is None:
            raise Refusal("not_found", 404)
        policy.check_runs(actor, call.district)
        hidden = kept_back.of_call(session, actor, call)
        rows = ranking.rows(session, call, hidden)
        rules = programmes.rules_of_call(session, call)
        reserves = session.scalars(
            select(Application)
            .where(
                Application.call_id == call_id,
                Application.phase == "decision",
                Application.reserve_rank.is_not(None),
                Application.id.not_in(hidden),
            )
            .order_by(Application.reserve_rank)
            .limit(PAGE_SIZE)
        ).all()
        reserved = reserve.decided_won(session, [each.id for each in reserves])
        remaining = budget.remaining_won(session, call)
        first = reserve.first_rank(session, call) if reserves else None
        again = objections.award_again(session, call) if reserves else None
        left, unannounced = announcement.undecided(session, call), announcement.unannounced(session, call)
    cut = next((row.place for row in rows if row.cumulative_won > call.budget_won), None)
    return render_template(
        "grants/ranking.html",
        call=call,
        rows=ranking.part(rows, (page - 1) * PAGE_SIZE, PAGE_SIZE),
        total=len(rows),
        state_of=_labels(rules),
        cut=cut,
        reserves=reserves,
        reserved=reserved,
        again=again,
        first=first,
        remaining_won=remaining,
        undecided=left,
        unannounced=unannounced,
        told=announcement.at_once(call, now),
        page=page,
        pages=pages_of(len(rows), PAGE_SIZE),
        words=words,
        refused=refused,
    )


def _call_of(application_id: int) -> int:
    with database().look() as session:
        call_id = session.scalar(select(Application.call_id).where(Application.id == application_id))
    if call_id is None:
        raise Refusal("not_found", 404)
    return call_id


def _labels(rules: Any) -> dict[str, Any]:
    return {state.key: state for state in rules.states}
