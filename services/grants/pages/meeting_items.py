"""An item of the agenda: its papers, the proposal, the vote and the decision."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.grants import files
from services.grants.committee import agenda, deciding, papers, recusals, voting
from services.grants.committee.agenda import Proposal
from services.grants.models import AgendaItem
from services.grants.pages.acting import NONE, Again, Refused, acted
from services.grants.pages.reading import Reader
from services.grants.selection import budget, outcomes
from services.grants.wording import selecting as words
from shared import clock
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.pages import database


def show(item_id: int) -> ResponseReturnValue:
    """The item for those who vote on it and for the staff; whoever is recused sees its title only."""
    return _page(item_id)


def propose(item_id: int) -> ResponseReturnValue:
    """What the committee is asked; a refused form keeps what was typed."""
    typed = Reader(request.form)
    event = typed.text("outcome")
    proposal = Proposal(
        event=event,
        proposed_won=typed.won("awarded_won") if event in outcomes.WITH_AMOUNT else None,
        conditions=typed.text("conditions"),
        reason=typed.text("reason"),
        rank=typed.choice("rank") if event == "reserve" else None,
    )
    try:
        agenda.propose(
            database(), current_actor(), clock.now(), item_id=item_id, proposal=proposal, unread=typed.unread
        )
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(item_id, Refused("propose", "outcome", refusal, request.form)), refusal.status
    return redirect(_at(item_id))


def move(item_id: int) -> ResponseReturnValue:
    """To another place on the agenda."""
    typed = Reader(request.form)
    position = typed.choice("position") or 1
    meeting_id = _meeting_of(item_id)
    return acted(agenda.move, url_for("meetings.show", meeting_id=meeting_id), item_id=item_id, position=position)


def drop(item_id: int) -> ResponseReturnValue:
    """Off the agenda."""
    meeting_id = _meeting_of(item_id)
    return acted(agenda.drop, url_for("meetings.show", meeting_id=meeting_id), _("안건에서 뺐습니다."), item_id=item_id)


def start(item_id: int) -> ResponseReturnValue:
    """Put it to the vote."""
    return acted(voting.start, _at(item_id), _("표결을 시작했습니다."), item_id=item_id)


def cast(item_id: int) -> ResponseReturnValue:
    """Vote; the staff names whose vote it enters."""
    typed = Reader(request.form)
    choice, account_id = typed.text("choice"), typed.choice("account_id")
    return acted(
        voting.cast,
        _at(item_id),
        _("표결했습니다. 의결하기 전에는 바꿀 수 있습니다."),
        item_id=item_id,
        choice=choice,
        account_id=account_id,
    )


def recuse(item_id: int) -> ResponseReturnValue:
    """Step aside."""
    typed = Reader(request.form)
    reason, account_id = typed.text("reason"), typed.choice("account_id")
    form = f"recuse-{account_id}" if account_id else "recuse"
    return acted(
        recusals.declare,
        _at(item_id),
        _("회피를 기록했습니다."),
        Again(form, "reason", lambda refused: _page(item_id, refused)),
        item_id=item_id,
        reason=reason,
        account_id=account_id,
    )


def decide(item_id: int) -> ResponseReturnValue:
    """Close the vote."""
    return acted(
        deciding.decide, _at(item_id), _("의결했습니다. 발표하기 전에는 밖에 보이지 않습니다."), item_id=item_id
    )


def defer(item_id: int) -> ResponseReturnValue:
    """Put it off."""
    reason = Reader(request.form).text("reason")
    return acted(
        deciding.defer,
        _at(item_id),
        _("다음 회의로 미뤘습니다."),
        Again("defer", "reason", lambda refused: _page(item_id, refused)),
        item_id=item_id,
        reason=reason,
    )


def _page(item_id: int, refused: Refused = NONE) -> str:
    actor, now = current_actor(), clock.now()
    seen = papers.open_item(database(), actor, now, item_id=item_id)
    item, application = seen.item, seen.application
    with database().read() as session:
        attached = files.of_subject(session, "application", application.id) if not seen.recused else []
        remaining = budget.remaining_won(session, seen.call)
        next_rank = outcomes.next_rank(session, seen.call)
    proposed = {
        "outcome": item.proposal,
        "awarded_won": item.proposed_won if item.proposed_won is not None else application.requested_won,
        "conditions": item.conditions,
        "reason": item.reason,
        "rank": item.rank or "",
    }
    return render_template(
        "grants/meeting_item.html",
        seen=seen,
        item=item,
        meeting=seen.meeting,
        call=seen.call,
        application=application,
        files=attached,
        remaining_won=remaining,
        next_rank=next_rank,
        proposed=proposed,
        refused=refused,
        why=lambda vote: recusals.kind_and_words(vote),
        words=words,
    )


def _at(item_id: int) -> str:
    return url_for("meeting_items.show", item_id=item_id)


def _meeting_of(item_id: int) -> int:
    with database().look() as session:
        item = session.get(AgendaItem, item_id)
    if item is None:
        raise Refusal("not_found", 404)
    return item.meeting_id
