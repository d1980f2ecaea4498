"""Whatever people do in whatever order: never more than the award or the agreement, never against a red gate, never
twice; and whatever happens at the same moment, the ledger is the sum of its postings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.grants import agreements, award, balance, changes, funded, interim, ledger, milestones, payments
from services.grants import termination as ending
from services.grants.balance import Balance
from services.grants.changes import Wanted
from services.grants.ledger import Entry
from services.grants.milestones import Said
from services.grants.models import Call, Posting, ReturnOrder, Tranche
from services.grants.policy import city_date
from services.grants.rules import agreed_budget
from shared.database import Database
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import DONGJAK, resident
from tests.grants.paying import LATER, SECOND, SIGNED, Project, selected

AWARD = 2_000_000
SLOW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
_numbers = count(100)

PEOPLE = st.sampled_from((DONGJAK, SECOND))
NUMBERS = st.sampled_from((1, 2))
STEPS = st.one_of(
    st.tuples(st.just("agree"), st.sampled_from((AWARD, 1_500_001, 1_000_000, 1))),
    st.tuples(st.just("reach"), st.sampled_from(("training_done", "self_contribution_deposited", "report_filed"))),
    st.tuples(st.just("evaluate"), st.sampled_from(("passed", "passed", "improve", "failed"))),
    st.tuples(st.just("request"), NUMBERS),
    st.tuples(st.just("request"), NUMBERS),
    st.tuples(st.just("prepare"), NUMBERS, PEOPLE),
    st.tuples(st.just("approve"), NUMBERS, PEOPLE),
    st.tuples(st.just("approve"), NUMBERS, PEOPLE),
    st.tuples(st.just("pay"), NUMBERS, PEOPLE, st.sampled_from(("가", "나"))),
    st.tuples(st.just("pay"), NUMBERS, PEOPLE, st.sampled_from(("가", "나"))),
    st.tuples(st.just("through"), NUMBERS),
    st.tuples(st.just("refuse"), NUMBERS),
    st.tuples(st.just("take_back"), NUMBERS),
    st.tuples(st.just("change"), st.sampled_from((1_400_000, 1_399_999, 700_000, 1))),
    st.tuples(st.just("owe"), st.booleans()),
    st.tuples(st.just("give_back"), st.sampled_from((1, 500_000, 1_400_000))),
    st.tuples(st.just("terminate")),
)


class World:
    """A project, and what is known to be true of its gates without asking a guard."""

    def __init__(self, database: Database, publish: Callable[..., Call]) -> None:
        number = next(_numbers)
        self.database = database
        self.project = selected(database, publish(title=f"공고 {number}"), accounts=(number,))
        self.leader = resident(number)
        self.now = SIGNED
        self.signed = self.owes = False
        self.reached: set[str] = set()
        self.result = ""
        self.paid: dict[int, int] = {}

    def green(self, number: int) -> bool:
        if not self.signed or self.owes:
            return False
        if number == 1:
            return {"training_done", "self_contribution_deposited"} <= self.reached
        return "report_filed" in self.reached and self.result == "passed" and 1 in self.paid

    def agree(self, amount: int) -> None:
        self.project.agree(amount, self.now)
        self.signed = True

    def reach(self, key: str) -> None:
        self.project.reach(key, now=self.now)
        self.reached.add(key)

    def evaluate(self, result: str) -> None:
        interim.check(
            self.database,
            DONGJAK,
            self.now,
            application_id=self.project.id,
            checked_on=city_date(self.now),
            result=result,
            findings="보았습니다.",
            key=f"check-{self.now.timestamp()}",
        )
        self.result = result

    def request(self, number: int) -> None:
        with self.database.read() as session:
            asked = session.get_one(Tranche, self.project.tranche(number)).state != "planned"
        payments.request(self.database, self.leader, self.now, tranche_id=self.project.tranche(number))
        assert self.green(number) or asked  # asking again changes nothing, whatever became red since

    def prepare(self, number: int, actor: Any) -> None:
        payments.prepare(self.database, actor, self.now, tranche_id=self.project.tranche(number))

    def approve(self, number: int, actor: Any) -> None:
        payments.approve(self.database, actor, self.now, tranche_id=self.project.tranche(number))

    def pay(self, number: int, actor: Any, reference: str) -> None:
        tranche_id = self.project.tranche(number)
        paid = payments.pay(
            self.database, actor, self.now, tranche_id=tranche_id, reference=reference, paid_on=city_date(self.now)
        )
        if number not in self.paid:
            assert self.green(number), f"{number} was paid against a red gate"
            assert paid.prepared_by != paid.approved_by
            self.paid[number] = paid.amount_won

    def through(self, number: int) -> None:
        """All steps of a payment, so that many examples come to the later ones."""
        self.request(number)
        self.prepare(number, DONGJAK)
        self.approve(number, SECOND)
        self.pay(number, DONGJAK, "가")

    def refuse(self, number: int) -> None:
        tranche_id = self.project.tranche(number)
        payments.refuse(self.database, DONGJAK, self.now, tranche_id=tranche_id, reason="다시 봐 주세요.")

    def take_back(self, number: int) -> None:
        payments.take_back(self.database, self.leader, self.now, tranche_id=self.project.tranche(number))

    def change(self, amount: int) -> None:
        with self.database.read() as session:
            agreed = agreements.in_force(session, self.project.id)
        if agreed is None:
            return
        lines = tuple(agreed_budget.scaled(agreed_budget.read(agreed.budget), amount, agreed.self_contribution_won))
        change = changes.ask(
            self.database,
            self.leader,
            self.now,
            application_id=self.project.id,
            wanted=Wanted("budget", "줄입니다.", lines=lines),
            key=f"change-{self.now.timestamp()}",
        )
        try:
            changes.decide(self.database, DONGJAK, self.now, change_id=change.id, approve=True, answer="네")
        except Refusal:
            changes.withdraw(self.database, self.leader, self.now, change_id=change.id)
            raise

    def owe(self, overdue: bool) -> None:
        with self.database.write() as session:
            for each in session.scalars(select(ReturnOrder).where(ReturnOrder.application_id == self.project.id)):
                each.state = "paid"
            if overdue:
                session.add(
                    ReturnOrder(
                        application_id=self.project.id,
                        kind="clawback",
                        amount_won=1,
                        reason="남은 돈",
                        ordered_by=501,
                        ordered_at=self.now,
                        due_on=date(2026, 1, 1),
                        idempotency_key=f"owe-{self.now.timestamp()}",
                    )
                )
        self.owes = overdue

    def give_back(self, amount: int) -> None:
        """A return, as the settlement posts it."""
        key = f"return:{self.project.id}:{self.now.timestamp()}"
        with self.database.write() as session:
            it = funded.held(session, self.project.id)
            ledger.post_within(
                session,
                DONGJAK,
                self.now,
                line_id=ledger.line_of(session, it.call, self.now),
                application_id=self.project.id,
                entries=[
                    (Entry("return", amount, city_date(self.now)), key),
                    (Entry("decommitment", amount, city_date(self.now)), f"{key}:less"),
                ],
            )

    def terminate(self) -> None:
        reason = "그만둡니다."
        ending.terminate(self.database, DONGJAK, self.now, application_id=self.project.id, reason=reason)

    def check(self) -> None:
        with self.database.read() as session:
            agreed = agreements.in_force(session, self.project.id)
            rows = award.tranches_of(session, self.project.id)
            postings = ledger.postings_of(session, self.project.id)
            summed = ledger.of_application(session, self.project.id)
            line = session.scalars(select(Posting).where(Posting.line_id == postings[0].line_id)).all()
        paid = sum(each.amount_won for each in rows if each.state == "paid")
        spent = [each for each in postings if each.kind == "expenditure"]
        assert paid == sum(self.paid.values()) == sum(each.amount_won for each in spent)
        assert Counter(each.idempotency_key for each in spent) == {
            f"tranche:{each.id}": 1 for each in rows if each.state == "paid"
        }
        assert paid <= AWARD
        assert paid <= (agreed.amount_won if agreed else 0)
        assert summed == by_hand(postings)
        assert 0 <= summed.expenditure_won <= paid <= AWARD
        assert summed.expenditure_won <= summed.commitment_won <= AWARD
        balance.check(line)
        if agreed is not None and self.project.application().phase == "running":
            unpaid = sum(each.amount_won for each in rows if each.state not in ("cancelled", "paid"))
            assert paid + unpaid == agreed.amount_won
            assert summed.commitment_won == unpaid + summed.expenditure_won


def by_hand(postings: Any) -> Balance:
    """The sum of postings, one by one."""
    sums: Counter[str] = Counter()
    for each in postings:
        sums[each.kind] += each.amount_won
    return Balance.of(dict(sums))


@settings(SLOW, max_examples=40)
@given(steps=st.lists(STEPS, min_size=4, max_size=25), begun=st.booleans())
def test_no_sequence_pays_too_much_or_against_a_red_gate(
    database: Database, publish: Callable[..., Call], steps: list[tuple[Any, ...]], begun: bool
) -> None:
    world = World(database, publish)
    if begun:
        world.agree(AWARD)
        world.reach("training_done")
        world.reach("self_contribution_deposited")
    for name, *wanted in steps:
        world.now += timedelta(minutes=1)
        with suppress(Refusal):
            getattr(world, name)(*wanted)
        world.check()


def test_the_whole_course_is_among_them(database: Database, publish: Callable[..., Call]) -> None:
    world = World(database, publish)
    course: list[tuple[Any, ...]] = [
        ("agree", 1_500_001),
        ("reach", "training_done"),
        ("reach", "self_contribution_deposited"),
        ("through", 1),
        ("change", 1_400_000),
        ("reach", "report_filed"),
        ("evaluate", "passed"),
        ("through", 2),
        ("give_back", 500_000),
        ("terminate",),
    ]
    for name, *wanted in course:
        world.now += timedelta(minutes=1)
        getattr(world, name)(*wanted)
        world.check()
    assert world.paid == {1: 1_050_000, 2: 350_000}


AT_ONCE = st.sampled_from(("pay", "pay again", "refuse", "change", "terminate", "give_back", "commit", "evaluate"))


@settings(SLOW, max_examples=12)
@given(wanted=st.lists(AT_ONCE, min_size=2, max_size=6))
def test_whatever_happens_at_once_the_ledger_is_the_sum_of_its_postings(
    database: Database, publish: Callable[..., Call], wanted: list[str]
) -> None:
    """Two projects of one call, whose payments are approved; then all at the same moment, each in a thread."""
    first = World(database, publish)
    with database.read() as session:
        call = session.get_one(Call, first.project.application().call_id)
    second = World(database, lambda **_: call)
    worlds = (first, second)
    for world in worlds:
        world.agree(AWARD)
        world.reach("training_done")
        world.reach("self_contribution_deposited")
        world.project.approved()
    runners = [
        partial(_at_once, world, what, LATER + timedelta(minutes=index))
        for index, what in enumerate(wanted)
        for world in worlds
    ]
    ends = race(runners)
    assert sum(ends.values()) == len(runners)
    known = {"step_not_possible", "already_paid", "not_running", "tranche_moving", "nothing_returned", "change_open"}
    known |= {"change_decided", "award_exceeded", "budget_exceeded", "invalid_input", "below_paid"}
    assert set(ends) <= known | {WON}, ends
    with database.read() as session:
        line = session.scalars(select(Posting).where(Posting.line_id == call.line_id)).all()
        table = [
            each for division in ledger.table(session, year=2026, as_of=date(2027, 1, 1)) for each in division.lines
        ]
    (shown,) = [each.balance for each in table if each.line.id == call.line_id]
    assert shown == by_hand(line) == balance.check(line)
    for world in worlds:
        with database.read() as session:
            rows = session.scalars(select(Tranche).where(Tranche.application_id == world.project.id)).all()
            postings = ledger.postings_of(session, world.project.id)
            assert ledger.of_application(session, world.project.id) == by_hand(postings)
        paid = [each for each in rows if each.state == "paid"]
        spent = [each.idempotency_key for each in postings if each.kind == "expenditure"]
        assert sorted(spent) == sorted(f"tranche:{each.id}" for each in paid)


def _at_once(world: World, what: str, now: datetime) -> None:
    project = world.project
    if what in ("pay", "pay again"):
        payments.pay(world.database, DONGJAK, now, tranche_id=project.tranche(), reference=what, paid_on=city_date(now))
    elif what == "refuse":
        reason = f"다시 {now}"
        payments.refuse(world.database, SECOND, now, tranche_id=project.tranche(), reason=reason)
    elif what == "commit":
        with world.database.write() as session:
            it = funded.held(session, project.id)
            line_id = ledger.line_of(session, it.call, now)
            entries = [(Entry("commitment", 1, city_date(now)), f"more:{project.id}:{now.timestamp()}")]
            ledger.post_within(session, DONGJAK, now, line_id=line_id, application_id=project.id, entries=entries)
    else:
        other = World.__new__(World)
        other.__dict__ |= world.__dict__ | {"now": now}
        arguments: dict[str, tuple[Any, ...]] = {
            "change": (1_400_000,),
            "give_back": (700_000,),
            "evaluate": ("failed",),
            "terminate": (),
        }
        getattr(other, what)(*arguments[what])


def test_both_orders_of_two_payments_end_alike(database: Database, publish: Callable[..., Call]) -> None:
    """The payments of two projects of one call, in both orders: the line and each project hold the same sums."""
    ends = []
    for order in ((0, 1), (1, 0)):
        worlds = [World(database, publish)]
        with database.read() as session:
            call = session.get_one(Call, worlds[0].project.application().call_id)
        worlds.append(World(database, lambda call=call, **_: call))
        for world, amount in zip(worlds, (AWARD, 1_500_001), strict=True):
            world.agree(amount)
            world.reach("training_done")
            world.reach("self_contribution_deposited")
        for at in order:
            worlds[at].through(1)
        with database.read() as session:
            each = [ledger.of_application(session, world.project.id) for world in worlds]
            line = by_hand(session.scalars(select(Posting).where(Posting.line_id == call.line_id)))
        ends.append((*each, line))
    assert ends[0] == ends[1]
    assert ends[0][2].expenditure_won == 1_400_000 + 1_050_000


@pytest.mark.parametrize("kind", sorted(milestones.KINDS))
def test_a_milestone_said_twice_at_once_is_one(database: Database, publish: Callable[..., Call], kind: str) -> None:
    project: Project = selected(database, publish())
    said = Said(city_date(SIGNED), 5, "했습니다.")
    say = partial(
        milestones.say, database, DONGJAK, SIGNED, application_id=project.id, key=kind, said=said, upload_key="k"
    )
    assert race([say] * 4) == {WON: 4}
