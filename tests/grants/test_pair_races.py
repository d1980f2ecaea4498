"""Two people of the staff and the group at one application at the very same moment, in all pairs of what they might do:
each wins or gets a clean refusal, nobody waits for each other for ever, and the ledger is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations_with_replacement, count, pairwise
from typing import Any

import pytest
from sqlalchemy import select

from services.grants import (
    applications,
    balance,
    changes,
    closing,
    expenses,
    interim,
    ledger,
    payments,
    settlement,
    termination,
)
from services.grants.changes import Wanted
from services.grants.committee import attendance, deciding, recusals, voting
from services.grants.intake import checking
from services.grants.models import ApplicationStep, Call, Expense, Posting, ReturnOrder, Tranche
from services.grants.policy import city_date
from services.grants.returns import orders
from services.grants.returns import payments as returned
from services.grants.rules import agreed_budget
from services.grants.rules.file_kinds import EVIDENCE
from services.grants.rules.files import examine
from services.grants.selection import announcement
from shared.database import Database
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import meeting_room, spending, stage
from tests.grants.conftest import AFTER, CITY, DONGJAK, DURING, resident
from tests.grants.file_makers import pdf
from tests.grants.paying import LATER, SECOND, SIGNED, selected
from tests.grants.spending import OVER, SPENDING, spent

Acts = dict[str, Callable[[], Any]]
_numbers = count(70_000)


class Room:
    """Makes an application of a group of its own, and what may be done with it there."""

    def __init__(self, database: Database, call: Call) -> None:
        self.database, self.call = database, call

    def received(self) -> tuple[int, Acts]:
        who = next(_numbers)
        it = stage.application(self.database, self.call, stage.group(self.database, DURING, (who,)), DURING)
        db, now = self.database, AFTER
        return it, {
            "accept": partial(checking.accept, db, DONGJAK, now, application_id=it),
            "refuse": partial(checking.refuse, db, SECOND, now, application_id=it, reason="자격이 없습니다."),
            "correct": partial(checking.request_correction, db, CITY, now, application_id=it, reason="고쳐 주세요."),
            "withdraw": partial(applications.withdraw, db, resident(who), now, application_id=it),
        }

    def before_the_committee(self) -> tuple[int, Acts]:
        who, db = next(_numbers), self.database
        it = meeting_room.waiting(db, self.call, who)
        meeting = meeting_room.opened(db, self.call, key=f"m{it}")
        item = meeting_room.item_of(db, meeting, it)
        meeting_room.vote(db, item)
        now = meeting_room.HELD
        chair, other = meeting_room.member(701), meeting_room.member(702)
        return it, {
            "decide": partial(deciding.decide, db, DONGJAK, now, item_id=item.id),
            "defer": partial(deciding.defer, db, SECOND, now, item_id=item.id, reason="다음에 봅니다."),
            "recuse": partial(recusals.declare, db, chair, now, item_id=item.id, reason="이웃입니다."),
            "vote": partial(voting.cast, db, other, now, item_id=item.id, choice="against"),
            "leave": partial(attendance.leave, db, other, now, meeting_id=meeting.id),
            "withdraw": partial(applications.withdraw, db, resident(who), now, application_id=it),
        }

    def under_embargo(self) -> tuple[int, Acts]:
        who, db = next(_numbers), self.database
        group = stage.group(db, AFTER, (who,))
        it = stage.application(db, self.call, group, AFTER, state="selected", account_id=who, announced_at=None)
        with db.write() as session:
            call = session.get_one(Call, self.call.id)
            call.announce_at, call.announced_at = AFTER, None
        return it, {
            "announce": partial(announcement.announce, db, LATER, self.call.id),
            "withdraw": partial(applications.withdraw, db, resident(who), LATER, application_id=it),
            "terminate": partial(termination.terminate, db, DONGJAK, LATER, application_id=it, reason="그만둡니다."),
        }

    def signed_by_one(self) -> tuple[int, Acts]:
        who, db = next(_numbers), self.database
        project = selected(db, self.call, accounts=(who,))
        agreement = project.prepare()
        project.sign(project.leader, "group", agreement)
        return project.id, {
            "sign": partial(project.sign, DONGJAK, "district", agreement),
            "prepare": partial(project.prepare, SECOND, amount_won=1_000_000, lines=_lines(project, 1_000_000)),
            "withdraw": partial(applications.withdraw, db, project.leader, SIGNED, application_id=project.id),
            "terminate": partial(termination.terminate, db, SECOND, SIGNED, application_id=project.id, reason="끝."),
        }

    def about_to_be_paid(self) -> tuple[int, Acts]:
        who, db = next(_numbers), self.database
        project = selected(db, self.call, accounts=(who,))
        project.agree()
        project.ready()
        tranche, now, it = project.approved(), LATER, project.id
        paid_on = city_date(now)
        wanted = Wanted("budget", "줄입니다.", lines=_lines(project, 1_500_000))
        file: dict[str, Any] = {"outcome": "했습니다.", "interest_won": 0, "key": "s"}
        claw: dict[str, Any] = {"amount_won": 1_400_000, "reason": "잘못 씀", "exclude": True, "key": "c"}
        looked: dict[str, Any] = {"checked_on": paid_on, "result": "failed", "findings": "보았습니다.", "key": "i"}
        return it, {
            "request": partial(payments.request, db, project.leader, now, tranche_id=project.tranche(2)),
            "approve": partial(payments.approve, db, SECOND, now, tranche_id=tranche),
            "pay": partial(payments.pay, db, DONGJAK, now, tranche_id=tranche, reference="가", paid_on=paid_on),
            "send back": partial(payments.refuse, db, SECOND, now, tranche_id=tranche, reason="다시"),
            "change": partial(changes.ask, db, project.leader, now, application_id=it, wanted=wanted, key="ch"),
            "terminate": partial(termination.terminate, db, SECOND, now, application_id=it, reason="그만둡니다."),
            "settle": partial(settlement.file_report, db, project.leader, now, application_id=it, **file),
            "clawback": partial(orders.clawback, db, CITY, now, application_id=it, **claw),
            "evaluate": partial(interim.check, db, DONGJAK, now, application_id=it, **looked),
        }

    def being_settled(self) -> tuple[int, Acts]:
        who, db = next(_numbers), self.database
        project = spending.running(db, self.call, accounts=(who,))
        project.accepted(payee=f"꽃집 {who}")
        open_one = project.record(payee=f"문구점 {who}")
        project.file()
        it, leader = project.id, project.leader
        claw: dict[str, Any] = {"amount_won": 500_000, "reason": "잘못 씀", "exclude": False, "key": "c"}
        return it, {
            "recognise": partial(expenses.decide, db, DONGJAK, OVER, expense_id=open_one.id, accepted_won=100_000),
            "take back": partial(expenses.withdraw, db, leader, OVER, expense_id=open_one.id),
            "finalize": partial(settlement.finalize, db, SECOND, OVER, application_id=it),
            "send back": partial(settlement.send_back, db, DONGJAK, OVER, application_id=it, reason="다시"),
            "clawback": partial(orders.clawback, db, CITY, OVER, application_id=it, **claw),
        }

    def returning(self) -> tuple[int, Acts]:
        who, db = next(_numbers), self.database
        project = spending.running(db, self.call, accounts=(who,))
        project.accepted(payee=f"꽃집 {who}")
        project.file()
        project.finalize()
        (order,) = project.orders()
        came: dict[str, Any] = {"came_won": order.amount_won, "paid_on": city_date(OVER)}
        claw: dict[str, Any] = {"amount_won": 50_000, "reason": "잘못 씀", "exclude": False, "key": "c"}
        return project.id, {
            "give back": partial(returned.pay, db, DONGJAK, OVER, order_id=order.id, **came, key="r1"),
            "give back too": partial(returned.pay, db, SECOND, OVER, order_id=order.id, **came, key="r2"),
            "close": partial(closing.close, db, DONGJAK, OVER, application_id=project.id),
            "clawback": partial(orders.clawback, db, CITY, OVER, application_id=project.id, **claw),
        }


ROOMS = (
    "received",
    "before_the_committee",
    "under_embargo",
    "signed_by_one",
    "about_to_be_paid",
    "being_settled",
    "returning",
)


@pytest.mark.parametrize("name", ROOMS)
def test_whoever_acts_at_once_wins_or_is_refused(database: Database, publish: Callable[..., Call], name: str) -> None:
    call = publish(title="함께하는 공고", budget_won=900_000_000)
    meeting_room.appoint(database)
    room = Room(database, call)
    made: list[int] = []
    _, acts = getattr(room, name)()
    for first, second in combinations_with_replacement(sorted(acts), 2):
        it, acts = getattr(room, name)()
        made.append(it)
        ends = race([acts[first], acts[second], acts[first]])
        odd = [end for end in ends if end != WON and not end.isidentifier()]
        assert odd == [], (first, second, odd)
    _check(database, call, made)


def _check(database: Database, call: Call, made: Sequence[int]) -> None:
    with database.read() as session:
        line_id = session.get_one(Call, call.id).line_id
        line = session.scalars(select(Posting).where(Posting.line_id == line_id)).all()
        balance.check(line)
        for it in made:
            postings = ledger.postings_of(session, it)
            tranches = session.scalars(select(Tranche).where(Tranche.application_id == it)).all()
            paid = sum(each.amount_won for each in tranches if each.state == "paid")
            assert sum(each.amount_won for each in postings if each.kind == "expenditure") == paid
            came = sum(each.amount_won for each in postings if each.kind == "return")
            assert came <= paid
            steps = session.scalars(
                select(ApplicationStep).where(ApplicationStep.application_id == it).order_by(ApplicationStep.id)
            ).all()
            assert all(one.to_state == two.from_state for one, two in pairwise(steps))
            ordered = session.scalars(select(ReturnOrder).where(ReturnOrder.application_id == it)).all()
            assert sum(each.amount_won - each.interest_won for each in ordered if each.state != "cancelled") <= paid


def test_two_groups_that_bring_the_same_photos_in_another_order_both_get_in(
    database: Database, publish: Callable[..., Call]
) -> None:
    """The contents of files are kept once, so both come to the same rows."""
    for turn in range(6):
        found = [examine(f"{number}.pdf", pdf(f"both {turn} {number}"), EVIDENCE) for number in range(8)]
        runners = []
        for evidence in (found, found[::-1]):
            project = spending.running(database, publish(title=f"공고 {turn}"), accounts=(next(_numbers),))
            runners.append(
                partial(
                    expenses.record,
                    database,
                    project.leader,
                    SPENDING,
                    application_id=project.id,
                    spent=spent(),
                    key="same",
                    evidence=evidence,
                )
            )
        assert race(runners) == {WON: 2}
    with database.read() as session:
        assert len(session.scalars(select(Expense.id)).all()) == 12


def test_whoever_knows_nothing_of_an_award_is_not_told_of_its_end(
    database: Database, publish: Callable[..., Call]
) -> None:
    """An award under embargo cannot be terminated: its group would learn of both at once."""
    room = Room(database, publish())
    _, acts = room.under_embargo()
    with pytest.raises(Refusal) as refused:
        acts["terminate"]()
    assert refused.value.code == "not_announced"
    acts["announce"]()
    acts["terminate"]()


def _lines(project: Any, amount_won: int) -> tuple[agreed_budget.Line, ...]:
    return tuple(agreed_budget.scaled(project.terms().lines, amount_won, 0))
