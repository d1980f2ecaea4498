"""Changes of a funded project (변경승인): the group asks; what the programme's rule allows takes effect at once, the
rest when the staff approves it with reasons. What changes period or budget becomes the agreement's next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import agreements, award, calls, funded, notices, policy, standing
from services.grants.award import Terms
from services.grants.funded import Funded
from services.grants.models import AUDIT, Agreement, ChangeRequest
from services.grants.rules import agreed_budget, tranches
from services.grants.rules.agreed_budget import Line
from services.grants.wording import agreement as words
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

KINDS = ("content", "period", "budget", "members")
WORDS = 4_000


@dataclass(frozen=True)
class Wanted:
    """What a group wants to change: `words` of content or members, the days of a period, the lines of a budget."""

    kind: str
    reason: str
    words: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    lines: tuple[Line, ...] = ()


def ask(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    wanted: Wanted,
    key: str,
    unread: Mapping[str, list[str]] | None = None,
) -> ChangeRequest:
    """Ask for a change, one at a time; what moves within the programme's percentage is approved by rule and takes
    effect at once. The same key again gives the request that was made.

    Raises Refusal: not_found, not_running, agreement_unsigned, change_open, invalid_input, below_paid, tranche_moving,
    key_missing, key_reused.
    """
    calls.check_key(key)
    with database.write() as session:
        it = funded.held_by_group(session, actor, application_id)
        details = _details(wanted)
        made = session.scalar(
            select(ChangeRequest).where(
                ChangeRequest.application_id == application_id, ChangeRequest.idempotency_key == key
            )
        )
        if made is not None:
            if (made.kind, made.reason) != (wanted.kind, wanted.reason) or not details.items() <= made.details.items():
                raise Refusal("key_reused")
            return made
        funded.check_running(it)
        agreed = _agreed(session, it)
        if open_one(session, application_id) is not None:
            raise Refusal("change_open", 409)
        policy.refuse_problems(_problems(session, it, agreed, wanted), unread)
        change = ChangeRequest(
            application_id=application_id,
            kind=wanted.kind,
            details=details,
            reason=wanted.reason,
            by_rule=wanted.kind == "budget" and _by_rule(session, it, wanted),
            state="open",
            requested_by=actor.account_id or 0,
            requested_at=now,
            idempotency_key=key,
        )
        session.add(change)
        session.flush()
        told = {"change": change.id, "kind": change.kind, "by_rule": change.by_rule}
        record(session, AUDIT, actor, now, "change.requested", f"application:{application_id}", told)
        if change.by_rule:
            _approve(session, actor, now, it, agreed, change)
        return change


def decide(
    database: Database, actor: Actor, now: datetime, *, change_id: int, approve: bool, answer: str
) -> ChangeRequest:
    """Approve or refuse a change, with reasons; the same decision again changes nothing.

    Raises Refusal: not_found, other_district, own_application, change_decided, not_running, agreement_unsigned,
    below_paid, tranche_moving, invalid_input.
    """
    with database.write() as session:
        change = _held(session, change_id)
        it = funded.held_by_staff(session, actor, change.application_id)
        change = session.get_one(ChangeRequest, change_id, with_for_update=True, populate_existing=True)
        wanted = "approved" if approve else "refused"
        if change.state == wanted and change.decided_by == actor.account_id:
            return change
        if change.state != "open":
            raise Refusal("change_decided", 409)
        policy.refuse_problems(policy.text_problems("answer", answer, policy.REASON))
        change.answer = answer.strip()
        if approve:
            funded.check_running(it)
            _approve(session, actor, now, it, _agreed(session, it), change)
        else:
            _close(session, actor, now, change, "refused")
        notices.tell(
            session,
            standing.accounts_of(session, it.application),
            "change_approved" if approve else "change_refused",
            now,
            path=f"/applications/{it.application.id}/changes",
            title=it.application.title,
            reason=change.answer,
        )
        return change


def withdraw(database: Database, actor: Actor, now: datetime, *, change_id: int) -> ChangeRequest:
    """Take an open request back; again changes nothing. Raises Refusal: not_found, change_decided."""
    with database.write() as session:
        change = _held(session, change_id)
        funded.held_by_group(session, actor, change.application_id)
        change = session.get_one(ChangeRequest, change_id, with_for_update=True, populate_existing=True)
        if change.state == "withdrawn":
            return change
        if change.state != "open":
            raise Refusal("change_decided", 409)
        _close(session, actor, now, change, "withdrawn")
        return change


def open_one(session: Session, application_id: int) -> ChangeRequest | None:
    """The request that waits for an answer."""
    return session.scalar(
        select(ChangeRequest).where(ChangeRequest.application_id == application_id, ChangeRequest.state == "open")
    )


def of_application(session: Session, application_id: int) -> Sequence[ChangeRequest]:
    """All requests of an application, the newest first."""
    return session.scalars(
        select(ChangeRequest).where(ChangeRequest.application_id == application_id).order_by(ChangeRequest.id.desc())
    ).all()


def refuse_open(session: Session, actor: Actor, now: datetime, application_id: int, answer: str) -> None:
    """Refuse what still waits, because the project ends."""
    change = open_one(session, application_id)
    if change is not None:
        change.answer = answer
        _close(session, actor, now, change, "refused")


def _approve(
    session: Session, actor: Actor, now: datetime, it: Funded, agreed: Agreement, change: ChangeRequest
) -> None:
    if change.kind in ("period", "budget"):
        terms = _changed(agreed, change)
        if change.kind == "budget":
            policy.refuse_problems(
                agreed_budget.problems(
                    terms.lines, it.rules.settlement, terms.amount_won or 0, terms.self_contribution_won or 0
                )
            )
        version = agreed.version + 1
        body = words.amended(
            agreed.body, agreements.parts_of(session, it, terms), version, policy.city_date(now), _why(change)
        )
        amended = award.next_version(
            session, actor, now, it, agreements.newest(session, it.application.id), terms, body
        )
        amended.signed_at = now  # by the signed agreement's own article on changes
        session.flush()
        change.details = {**change.details, "version": amended.version}
        if amended.amount_won != agreed.amount_won:
            award.cut(session, actor, now, it, amended)
        facts = {"version": amended.version, "amount_won": amended.amount_won, "hash": amended.body_hash}
        record(session, AUDIT, actor, now, "agreement.amended", f"application:{it.application.id}", facts)
    _close(session, actor, now, change, "approved")


def _close(session: Session, actor: Actor, now: datetime, change: ChangeRequest, state: str) -> None:
    change.state, change.decided_by, change.decided_at = state, actor.account_id, now
    details = {"change": change.id, "kind": change.kind, "by_rule": change.by_rule}
    record(session, AUDIT, actor, now, f"change.{state}", f"application:{change.application_id}", details)
    session.flush()


def _problems(session: Session, it: Funded, agreed: Agreement, wanted: Wanted) -> policy.Problems:
    yield from policy.text_problems("reason", wanted.reason, policy.REASON)
    if wanted.kind not in KINDS:
        yield "kind", "change_kind_unknown"
    elif wanted.kind in ("content", "members"):
        yield from policy.text_problems("words", wanted.words, WORDS)
    elif wanted.kind == "period":
        for name in ("starts_on", "ends_on"):
            if getattr(wanted, name) is None:
                yield name, "date_missing"
        if wanted.starts_on and wanted.ends_on:
            if wanted.ends_on < wanted.starts_on:
                yield "ends_on", "ends_before_start"
            if (wanted.starts_on, wanted.ends_on) == (agreed.starts_on, agreed.ends_on):
                yield "ends_on", "nothing_changed"
    else:
        yield from _budget_problems(session, it, agreed, wanted)


def _budget_problems(session: Session, it: Funded, agreed: Agreement, wanted: Wanted) -> policy.Problems:
    grant_won = sum(line.grant_won for line in wanted.lines)
    self_won = sum(line.self_won for line in wanted.lines)
    rows = award.tranches_of(session, it.application.id)
    if agreed_budget.same(wanted.lines, agreed_budget.read(agreed.budget)):
        yield "budget", "nothing_changed"
    if grant_won > agreed.amount_won:
        yield "budget", "grant_cannot_grow"
    elif grant_won <= 0:
        yield "budget", "won_not_positive"
    elif grant_won < award.paid_won(rows):
        yield "budget", "below_paid"
    elif grant_won < agreed.amount_won and any(each.state in tranches.MOVING for each in rows):
        yield "budget", "tranche_moving"
    yield from agreed_budget.problems(wanted.lines, it.rules.settlement, grant_won, self_won)


def _by_rule(session: Session, it: Funded, wanted: Wanted) -> bool:
    """Measured against what was last signed or approved, see `agreed_budget.within_rule`."""
    by_rule = set()
    for change in of_application(session, it.application.id):
        if change.by_rule and change.state == "approved":
            by_rule.add(change.details.get("version"))
    last = next(
        each
        for each in agreements.versions(session, it.application.id)
        if each.signed_at is not None and each.version not in by_rule
    )
    before = agreed_budget.read(last.budget)
    return agreed_budget.within_rule(before, wanted.lines, it.rules.settlement.reallocation_percent)


def _agreed(session: Session, it: Funded) -> Agreement:
    agreed = agreements.in_force(session, it.application.id)
    if agreed is None:
        raise Refusal("agreement_unsigned", 409)
    return agreed


def _changed(agreed: Agreement, change: ChangeRequest) -> Terms:
    terms = agreements.terms_of(agreed)
    if change.kind == "period":
        return replace(
            terms,
            starts_on=date.fromisoformat(change.details["starts_on"]),
            ends_on=date.fromisoformat(change.details["ends_on"]),
        )
    lines = tuple(agreed_budget.read(change.details["lines"]))
    return replace(
        terms,
        lines=lines,
        amount_won=sum(line.grant_won for line in lines),
        self_contribution_won=sum(line.self_won for line in lines),
    )


def _details(wanted: Wanted) -> dict[str, Any]:
    if wanted.kind == "period":
        days = {"starts_on": wanted.starts_on, "ends_on": wanted.ends_on}
        return {name: on.isoformat() if on else None for name, on in days.items()}
    if wanted.kind == "budget":
        return {"lines": agreed_budget.dump(wanted.lines)}
    return {"words": wanted.words}


def _why(change: ChangeRequest) -> str:
    if change.by_rule:
        return f"협약의 변경 조항에 따른 비목 간 변경(변경 신청 {change.id}호): {change.reason}"
    return f"변경승인(변경 신청 {change.id}호): {change.reason}"


def _held(session: Session, change_id: int) -> ChangeRequest:
    change = session.get(ChangeRequest, change_id)
    if change is None:
        raise Refusal("not_found", 404)
    return change
