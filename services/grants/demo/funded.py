"""What becomes of a selected application in the demonstration: agreement, payments, spending, settlement, return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from services.grants import (
    agreements,
    applications,
    award,
    closing,
    expenses,
    interim,
    milestones,
    payments,
    settlement,
    termination,
)
from services.grants import funded as use_cases
from services.grants.demo import cast, papers
from services.grants.demo.cast import Stage
from services.grants.demo.walk import Walk
from services.grants.milestones import Said
from services.grants.models import Agreement, Call, Expense, ReturnOrder, Settlement
from services.grants.policy import city_date
from services.grants.returns import payments as returned
from services.grants.rules.expenses import Spent

PERIOD = 100
"""Days of the agreed period."""
SHOPS = ("초록 꽃집", "골목 인쇄소", "언덕 철물점", "두레 문구", "참 목공소", "한마음 떡집")


def follow(stage: Stage, call: Call, application_id: int, goal: str, begun: datetime) -> None:
    """Bring a selected application to its goal."""
    walk = Walk(stage, call, application_id, goal, begun)
    for step, take in STEPS.items():
        if walk.reaches(step):
            take(walk)
    if goal == "withdrawn" and walk.application().phase == "selected":
        applications.withdraw(stage.database, walk.leader, walk.at(2), application_id=application_id)
    if goal == "terminated" and walk.application().phase == "running":
        reason = "모임이 흩어져 사업을 이어 갈 수 없습니다."
        termination.terminate(stage.database, walk.staff, walk.at(30), application_id=application_id, reason=reason)


def _offer(walk: Walk) -> None:
    with walk.stage.database.read() as session:
        if agreements.newest(session, walk.id) is not None:
            return
        it = use_cases.opened(session, walk.staff, walk.id)
        terms = agreements.suggested(it, walk.at(0))
    first = city_date(walk.at(1))
    terms = replace(terms, starts_on=first, ends_on=first + timedelta(days=PERIOD))
    agreements.prepare(walk.stage.database, walk.staff, walk.at(0), application_id=walk.id, terms=terms)


def _agree(walk: Walk) -> None:
    agreement = _agreement(walk)
    if agreement.signed_at is not None:
        return
    for actor, party in ((walk.leader, "group"), (walk.staff, "district")):
        agreements.sign(
            walk.stage.database,
            actor,
            walk.at(0.5),
            application_id=walk.id,
            party=party,
            version=agreement.version,
            body_hash=agreement.body_hash,
        )


def _pay(walk: Walk) -> None:
    own_won = _agreement(walk).self_contribution_won
    for key, amount_won in (("training_done", None), ("self_contribution_deposited", own_won)):
        if amount_won != 0:
            said = Said(city_date(walk.at(2)), amount_won, "확인했습니다.")
            _say(walk, key, said, walk.at(2))
    _tranche(walk, 1, 3)


def _spend(walk: Walk) -> None:
    _buy(walk, 0, (10, 14, 21))


def _interim(walk: Walk) -> None:
    _decide(walk, walk.at(24))
    _say(
        walk,
        "report_filed",
        Said(city_date(walk.at(25)), None, "절반을 마쳤습니다. 이웃 서른 명이 함께했습니다."),
        walk.at(25),
    )
    with walk.stage.database.read() as session:
        if interim.of_application(session, walk.id):
            return
    interim.check(
        walk.stage.database,
        walk.staff,
        walk.at(28),
        application_id=walk.id,
        checked_on=city_date(walk.at(28)),
        result="passed",
        findings="계획대로 하고 있고 증빙을 잘 갖추었습니다.",
        key=f"demo-interim-{walk.id}",
    )


def _second(walk: Walk) -> None:
    with walk.stage.database.read() as session:
        last = len(award.tranches_of(session, walk.id))
    for number in range(2, last + 1):
        _tranche(walk, number, 29 + number)
    _buy(walk, 1, (45, 60, 75))


def _settle(walk: Walk) -> None:
    if walk.application().phase != "running":
        return
    _decide(walk, walk.at(PERIOD + 2))
    settlement.file_report(
        walk.stage.database,
        walk.leader,
        walk.at(PERIOD + 8),
        application_id=walk.id,
        outcome="골목에서 열두 번 모였고 이웃 예순여 명이 함께했습니다. 내년에도 이어 갑니다.",
        interest_won=0,
        key=f"demo-settlement-{walk.id}",
    )
    if walk.goal == "settling":
        return
    settlement.finalize(walk.stage.database, walk.staff, walk.at(PERIOD + 10), application_id=walk.id)


def _decide(walk: Walk, at: datetime) -> None:
    """Answer all expenses that wait: as the rules find them."""
    with walk.stage.database.read() as session:
        waiting = session.scalars(
            select(Expense).where(Expense.application_id == walk.id, Expense.state == "filed").order_by(Expense.id)
        ).all()
    for expense in waiting:
        blocked = expense.worst == "block"
        expenses.decide(
            walk.stage.database,
            walk.staff,
            at,
            expense_id=expense.id,
            accepted_won=0 if blocked else expense.amount_won,
            reason="규칙에 맞지 않아 인정하지 않습니다." if blocked else "",
        )


def _close(walk: Walk) -> None:
    with walk.stage.database.read() as session:
        done = session.scalar(select(Settlement.state).where(Settlement.application_id == walk.id))
        orders = session.scalars(
            select(ReturnOrder).where(ReturnOrder.application_id == walk.id, ReturnOrder.state == "due")
        ).all()
    if done != "finalized":
        return
    for order in orders:
        returned.pay(
            walk.stage.database,
            walk.staff,
            walk.at(PERIOD + 15),
            order_id=order.id,
            came_won=order.amount_won,
            paid_on=city_date(walk.at(PERIOD + 15)),
            key=f"demo-return-{order.id}",
        )
    if walk.application().phase == "settling":
        closing.close(walk.stage.database, walk.staff, walk.at(PERIOD + 16), application_id=walk.id)


def _archive(walk: Walk) -> None:
    if walk.application().state == "closed":
        closing.archive(walk.stage.database, walk.staff, walk.at(PERIOD + 20), application_id=walk.id)


def _agreement(walk: Walk) -> Agreement:
    with walk.stage.database.read() as session:
        found = agreements.newest(session, walk.id)
    if found is None:
        raise LookupError(f"application {walk.id} has no agreement")
    return found


def _say(walk: Walk, key: str, said: Said, at: datetime) -> None:
    actor = walk.leader if key == "report_filed" else walk.staff
    with walk.stage.database.read() as session:
        if key in milestones.of_application(session, walk.id):
            return
    evidence = [papers.paper("report.pdf", f"{key} {walk.id}")]
    milestones.say(
        walk.stage.database,
        actor,
        at,
        application_id=walk.id,
        key=key,
        said=said,
        evidence=evidence,
        upload_key=f"demo-{key}-{walk.id}",
    )


def _tranche(walk: Walk, number: int, day: int) -> None:
    database = walk.stage.database
    with database.read() as session:
        tranche = next((each for each in award.tranches_of(session, walk.id) if each.number == number), None)
    if tranche is None or tranche.state != "planned":
        return
    payments.request(database, walk.leader, walk.at(day), tranche_id=tranche.id)
    payments.prepare(database, walk.staff, walk.at(day), tranche_id=tranche.id)
    other = cast.second(walk.stage, walk.call.district)
    payments.approve(database, other, walk.at(day + 0.2), tranche_id=tranche.id)
    paid_at = walk.at(day + 0.4)
    reference = f"이체 {walk.id:04d}-{number}"
    payments.pay(database, walk.staff, paid_at, tranche_id=tranche.id, reference=reference, paid_on=city_date(paid_at))


def _buy(walk: Walk, part: int, days: tuple[int, ...]) -> None:
    """Expenses on the agreed lines, none above its item's ceiling; a little of each line stays unspent."""
    line = _agreement(walk).budget[0]
    if part and len(_agreement(walk).budget) > 1:
        line = _agreement(walk).budget[1]
    share_won = min(int(line["grant_won"]) * 9 // 10 // len(days) // 100 * 100, 280_000)
    for index, day in enumerate(days):
        spent_on: date = city_date(walk.at(day))
        if share_won <= 0 or walk.begun + timedelta(days=day) > walk.stage.now:
            continue
        key = f"demo-expense-{walk.id}-{part}-{index}"
        amount_won = share_won - (walk.id * 7 + index * 13) % 50 * 100
        expenses.record(
            walk.stage.database,
            walk.leader,
            walk.at(day + 1),
            application_id=walk.id,
            spent=Spent(
                category=line["category"],
                item=line["item"],
                spent_on=spent_on,
                payee=SHOPS[(walk.id + part * 3 + index) % len(SHOPS)],
                amount_won=amount_won,
                purpose="모임 활동에 쓸 재료",
            ),
            key=key,
            evidence=[papers.paper("receipt.pdf", f"receipt {key} {amount_won}")],
        )


STEPS: dict[str, Callable[[Walk], None]] = {
    "offered": _offer,
    "agreed": _agree,
    "paid": _pay,
    "spending": _spend,
    "interim": _interim,
    "second": _second,
    "settling": _settle,
    "closed": _close,
    "archived": _archive,
}
