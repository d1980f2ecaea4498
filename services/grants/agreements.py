"""Agreements (협약): drafted from the application, edited until somebody signs, signed by the group's leader and then
by the district's staff, each of exactly the words they were shown. The last signature starts the project."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import agreement_versions, award, funded, groups, guards, notices, policy, process, standing
from services.grants.award import Terms
from services.grants.funded import Funded
from services.grants.models import AUDIT, Agreement, Signature, Tranche
from services.grants.rules import agreed_budget, tranches
from services.grants.selection import objections
from services.grants.wording import agreement as words
from shared.audit import record
from shared.database import Database
from shared.districts import name_of
from shared.identity.actor import Actor
from shared.refusal import Refusal

__all__ = [
    "Terms",
    "drafted",
    "in_force",
    "newest",
    "prepare",
    "sign",
    "signatures",
    "suggested",
    "terms_of",
    "versions",
]

BODY = 30_000
"""The longest agreement, in characters."""


def suggested(it: Funded, now: datetime) -> Terms:
    """What to begin with: the award, the rest of the year, the filed budget cut to the award; without words."""
    application = it.application
    amount = application.awarded_won or application.requested_won
    own = application.self_contribution_won
    today = policy.city_date(now)
    filed = agreed_budget.read(application.answers.get("budget"))
    lines = agreed_budget.suggested(filed, it.rules.settlement, amount, own)
    return Terms(amount, own, today, date(today.year, 12, 31), tuple(lines))


def terms_of(agreement: Agreement) -> Terms:
    """What an agreement says."""
    return Terms(
        agreement.amount_won,
        agreement.self_contribution_won,
        agreement.starts_on,
        agreement.ends_on,
        tuple(agreed_budget.read(agreement.budget)),
        agreement.body,
    )


def drafted(session: Session, it: Funded, terms: Terms) -> str:
    """The words for these terms, which are complete."""
    return words.draft(parts_of(session, it, terms))


def prepare(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    application_id: int,
    terms: Terms,
    unread: Mapping[str, list[str]] | None = None,
) -> Agreement:
    """Write the agreement on a selected application, or change what nobody signed yet; once the group has signed, what
    is changed becomes the next version, to be signed anew. The same terms again change nothing.

    Raises Refusal: not_found, other_district, own_application, not_selected, not_announced, invalid_input.
    """
    with database.write() as session:
        it = funded.held_by_staff(session, actor, application_id)
        if it.application.phase != "selected":
            raise Refusal("not_selected", 409)
        guards.check(("announced",), process.facts_of(session, it.application, it.call, now))
        policy.refuse_problems(problems(it, terms), unread)
        body = (terms.body or drafted(session, it, terms)).replace("\r\n", "\n").strip()
        current = newest(session, application_id)
        if current is not None and current.body == body and _same(terms_of(current), terms):
            return current
        if current is None or _signed_by_any(session, current):
            agreement = award.next_version(session, actor, now, it, current, terms, body)
        else:
            agreement = current
            award.fill(agreement, terms, body)
            agreement.prepared_by, agreement.prepared_at = actor.account_id or 0, now
        session.flush()
        details = {"version": agreement.version, "amount_won": agreement.amount_won, "hash": agreement.body_hash}
        record(session, AUDIT, actor, now, "agreement.prepared", f"application:{application_id}", details)
        path = f"/applications/{application_id}/agreement"
        told = standing.accounts_of(session, it.application)
        notices.tell(session, told, "agreement_ready", now, path=path, title=it.application.title)
        return agreement


def sign(
    database: Database, actor: Actor, now: datetime, *, application_id: int, party: str, version: int, body_hash: str
) -> Agreement:
    """Sign for one party ("group", then "district") the words whose SHA-256 was shown. Again changes nothing.

    With the second signature the agreement is in force: the project runs, its tranches are planned, and what of the
    award is not agreed is given back to the budget. Raises Refusal: not_found, other_district, own_application,
    not_leader, agreement_changed, group_signs_first, second_person_needed, objection_waits (the award may yet be
    decided on anew), invalid_input (party_unknown), and what stands in the way of the step "agree".
    """
    with database.write() as session:
        if party == "group":
            it = funded.held_by_group(session, actor, application_id)
            _check_leader(session, actor, it)
        elif party == "district":
            it = funded.held_by_staff(session, actor, application_id)
        else:
            raise Refusal("invalid_input", 422, fields={"party": ["party_unknown"]})
        if party == "group" and not it.known(now):
            raise Refusal("not_found", 404)
        agreement = newest(session, application_id)
        if agreement is None:
            raise Refusal("not_found", 404)
        if agreement.version != version or not agreement.body_hash == body_hash == hash_of(agreement.body):
            raise Refusal("agreement_changed", 409)
        there = {each.party: each for each in signatures(session, agreement)}
        if party in there:
            return agreement
        if party == "district" and "group" not in there:
            raise Refusal("group_signs_first", 409)
        if any(each.account_id == actor.account_id for each in there.values()):
            raise Refusal("second_person_needed", 403)
        objections.check_none_waits(session, application_id)
        session.add(
            Signature(
                agreement_id=agreement.id,
                party=party,
                account_id=actor.account_id,
                name=actor.name,
                body_hash=body_hash,
                signed_at=now,
            )
        )
        session.flush()
        details = {"version": version, "party": party, "hash": body_hash}
        record(session, AUDIT, actor, now, "agreement.signed", f"application:{application_id}", details)
        if party == "district":
            _conclude(session, actor, now, it, agreement)
        return agreement


def problems(it: Funded, terms: Terms) -> policy.Problems:
    """What is wrong with the terms of an agreement."""
    award_won = it.application.awarded_won or 0
    for name in ("amount_won", "self_contribution_won", "starts_on", "ends_on"):
        if getattr(terms, name) is None:
            yield name, "won_missing" if name.endswith("_won") else "date_missing"
    amount, own = terms.amount_won, terms.self_contribution_won
    if amount is not None and amount <= 0:
        yield "amount_won", "won_not_positive"
    elif amount is not None and amount > award_won:
        yield "amount_won", "agreement_over_award"
    if own is not None and own < 0:
        yield "self_contribution_won", "won_negative"
    if terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        yield "ends_on", "ends_before_start"
    if amount is not None and own is not None:
        yield from agreed_budget.problems(terms.lines, it.rules.settlement, amount, own)
    if terms.body is not None:
        yield from policy.text_problems("body", terms.body, BODY)
        complete = amount and terms.starts_on and terms.ends_on and terms.body.strip()
        if complete and words.missing(terms.body, amount or 0, terms.starts_on, terms.ends_on):
            yield "body", "body_differs"


def newest(session: Session, application_id: int) -> Agreement | None:
    """The version that stands: to be signed, or signed and in force."""
    return agreement_versions.standing(agreement_versions.read(session, application_id))


def in_force(session: Session, application_id: int) -> Agreement | None:
    """The newest version that is signed; a newer one may wait for its signatures."""
    return agreement_versions.in_force(agreement_versions.read(session, application_id))


def versions(session: Session, application_id: int) -> Sequence[Agreement]:
    """All versions, the newest first."""
    return session.scalars(
        select(Agreement).where(Agreement.application_id == application_id).order_by(Agreement.version.desc())
    ).all()


def signatures(session: Session, agreement: Agreement) -> Sequence[Signature]:
    """Who signed a version, in the order in which they did."""
    return session.scalars(
        select(Signature).where(Signature.agreement_id == agreement.id).order_by(Signature.signed_at, Signature.party)
    ).all()


def hash_of(body: str) -> str:
    """The SHA-256 of the words."""
    return hashlib.sha256(body.encode()).hexdigest()


def parts_of(session: Session, it: Funded, terms: Terms) -> words.Parts:
    """What the words are made of."""
    application = it.application
    amount, starts_on, ends_on = terms.amount_won, terms.starts_on, terms.ends_on
    if amount is None or starts_on is None or ends_on is None:
        raise ValueError("terms that are not filled in have no words")
    return words.Parts(
        programme=it.rules.label.ko,
        call=it.call.title,
        receipt=application.receipt or "",
        title=application.title,
        district=name_of(it.call.district) if it.call.district else "서울특별시",
        group=application.group_name,
        representative=groups.leader_name(session, application),
        amount_won=amount,
        self_contribution_won=terms.self_contribution_won or 0,
        starts_on=starts_on,
        ends_on=ends_on,
        lines=terms.lines,
        tranches=tranches.planned(amount, it.rules.tranches),
        conditions=application.conditions,
        rules=it.rules.settlement,
    )


def _conclude(session: Session, actor: Actor, now: datetime, it: Funded, agreement: Agreement) -> None:
    """Both signed: the project runs."""
    application = it.application
    agreement.signed_at = now
    session.flush()
    details = {"version": agreement.version, "amount_won": agreement.amount_won}
    process.move(session, application, it.call, "agree", actor, now, details=details)
    for each in tranches.planned(agreement.amount_won, it.rules.tranches):
        session.add(
            Tranche(
                application_id=application.id,
                number=each.number,
                amount_won=each.amount_won,
                gates=list(each.gates),
                state="planned",
            )
        )
    session.flush()
    award.commit_agreed(session, actor, now, it, agreement)
    path = f"/applications/{application.id}/agreement"
    told = standing.accounts_of(session, application)
    notices.tell(session, told, "agreement_signed", now, path=path, title=application.title)


def _check_leader(session: Session, actor: Actor, it: Funded) -> None:
    group_id = it.application.group_id
    if group_id is not None and not standing.in_group(session, actor.account_id, group_id, leader=True):
        raise Refusal("not_leader", 403)


def _signed_by_any(session: Session, agreement: Agreement) -> bool:
    return bool(signatures(session, agreement))


def _same(there: Terms, wanted: Terms) -> bool:
    def facts(terms: Terms) -> tuple[object, ...]:
        lines = agreed_budget.dump(terms.lines)
        return terms.amount_won, terms.self_contribution_won, terms.starts_on, terms.ends_on, lines

    return facts(there) == facts(wanted)
