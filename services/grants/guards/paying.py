"""Guards of a payment: what has to be true before a tranche of an award may be paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask_babel import lazy_gettext
from sqlalchemy import func, select

from services.grants.guards import due
from services.grants.guards.base import Facts, Finding, Guard
from services.grants.models import (
    ApplicantGroup,
    ChangeRequest,
    Expense,
    InterimCheck,
    Milestone,
    Signature,
    Tranche,
)
from services.grants.policy import city_date
from services.grants.returns.overdue import overdue


def _announced(facts: Facts) -> Finding:
    at = facts.application.announced_at
    green = at is not None and at <= facts.now
    return Finding(green, on=city_date(at) if at and green else None, due=due.of_announcement(facts))


def _agreement_signed(facts: Facts) -> Finding:
    """The district prepares it, the group signs, then the district: whoever is next has to see to it."""
    newest = facts.agreement
    if newest is None:
        return Finding(False, owner="district")
    if newest.signed_at is not None:
        return Finding(True, on=city_date(newest.signed_at))
    group = facts.session.get(Signature, (newest.id, "group"))
    return Finding(False, due=due.of_signature(facts), owner="district" if group else "group")


def _account_known(facts: Facts) -> Finding:
    group = facts.session.get(ApplicantGroup, facts.application.group_id) if facts.application.group_id else None
    green = bool(group and group.bank and group.bank_account and group.bank_holder)
    return Finding(green, due=due.of_payment(facts))


def _milestone(key: str, by: Callable[[Facts], date | None] = due.of_payment) -> _Milestone:
    return _Milestone(key, by)


class _Milestone:
    """Green once the milestone is on record; what the group says of it waits for the district's word."""

    def __init__(self, key: str, by: Callable[[Facts], date | None]) -> None:
        self._key, self._due = key, by

    def __call__(self, facts: Facts) -> Finding:
        found = facts.session.get(Milestone, (facts.application.id, self._key))
        waiting = found is not None and found.waiting
        green = found is not None and not waiting
        return Finding(
            green,
            on=found.done_on if found and green else None,
            due=self._due(facts),
            owner="district" if waiting else None,
            waiting=waiting,
        )


def _self_contribution(facts: Facts) -> Finding:
    """What the agreement says the group puts in is deposited; nothing to do where it puts in nothing."""
    agreed = facts.agreed
    needed = agreed.self_contribution_won if agreed else facts.application.self_contribution_won
    found = facts.session.get(Milestone, (facts.application.id, "self_contribution_deposited"))
    deposited = (found.amount_won or 0) if found else 0
    waits = found is not None and found.waiting
    green = (deposited >= needed and not waits) or needed == 0
    return Finding(
        green,
        on=found.done_on if found and green else None,
        due=due.of_payment(facts),
        params={"needed_won": needed, "deposited_won": deposited},
        owner="district" if waits else None,
        waiting=waits and not green,
    )


def _interim_passed(facts: Facts) -> Finding:
    newest = facts.session.scalar(
        select(InterimCheck)
        .where(InterimCheck.application_id == facts.application.id)
        .order_by(InterimCheck.checked_at.desc(), InterimCheck.id.desc())
        .limit(1)
    )
    green = newest is not None and newest.result == "passed"
    params = {"result": newest.result} if newest else {}
    return Finding(green, on=newest.checked_on if newest and green else None, due=due.of_interim(facts), params=params)


def _earlier_tranches_paid(facts: Facts) -> Finding:
    wanted = [Tranche.application_id == facts.application.id, Tranche.state != "cancelled"]
    if facts.tranche is not None:
        wanted.append(Tranche.number < facts.tranche)
    open_ones, unasked, last = facts.session.execute(
        select(
            func.count().filter(Tranche.state != "paid"),
            func.count().filter(Tranche.state == "planned"),
            func.max(Tranche.paid_at),
        ).where(*wanted)
    ).one()
    return Finding(
        not open_ones,
        on=city_date(last) if last and not open_ones else None,
        due=due.of_payment(facts),
        owner="group" if unasked else None,
    )


def _no_overdue_return(facts: Facts) -> Finding:
    """Whoever owes money of an earlier award gets no new one, nor does a new group of the same people."""
    group_id = facts.application.group_id
    if group_id is None:
        return Finding(True)
    found = overdue(facts.session, group_id, facts.person_keys, city_date(facts.now))
    return Finding(not found, due=min(found, default=None))


def _no_open_change(facts: Facts) -> Finding:
    wanted = (ChangeRequest.application_id == facts.application.id, ChangeRequest.state == "open")
    green = facts.session.scalar(select(ChangeRequest.id).where(*wanted).limit(1)) is None
    return Finding(green, due=due.of_payment(facts))


def _expenses_decided(facts: Facts) -> Finding:
    """No expense waits for an answer."""
    waiting = facts.session.scalar(
        select(func.count())
        .select_from(Expense)
        .where(Expense.application_id == facts.application.id, Expense.state == "filed")
    )
    by = due.of_payment(facts) if facts.tranche else due.of_report(facts)
    return Finding(not waiting, due=by, params={"waiting": int(waiting or 0)})


GUARDS = (
    Guard("announced", lazy_gettext("선정 결과가 발표됨"), "clock", "not_announced", _announced),
    Guard("agreement_signed", lazy_gettext("협약에 두 쪽이 서명함"), "group", "agreement_unsigned", _agreement_signed),
    Guard("account_known", lazy_gettext("보조금을 받을 계좌가 있음"), "group", "account_missing", _account_known),
    Guard("training_done", lazy_gettext("회계 교육을 마침"), "group", "training_missing", _milestone("training_done")),
    Guard(
        "self_contribution_deposited",
        lazy_gettext("자부담을 입금함"),
        "group",
        "self_contribution_missing",
        _self_contribution,
    ),
    Guard(
        "report_filed",
        lazy_gettext("중간보고서를 냄"),
        "group",
        "report_missing",
        _milestone("report_filed", due.of_interim),
    ),
    Guard("interim_passed", lazy_gettext("중간평가를 통과함"), "district", "interim_missing", _interim_passed),
    Guard(
        "earlier_tranches_paid",
        lazy_gettext("앞선 교부가 끝남"),
        "district",
        "earlier_tranche_unpaid",
        _earlier_tranches_paid,
    ),
    Guard("expenses_decided", lazy_gettext("지출 확인이 끝남"), "district", "expenses_undecided", _expenses_decided),
    Guard("no_overdue_return", lazy_gettext("기한을 넘긴 반납이 없음"), "group", "return_overdue", _no_overdue_return),
    Guard("no_open_change", lazy_gettext("답을 기다리는 변경 신청이 없음"), "district", "change_open", _no_open_change),
)
