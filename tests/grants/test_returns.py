"""Returns: paid in parts, posted once, reminded of once, late with interest; clawback, and the end of it all."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.grants import closing, expenses, guards, ledger, process
from services.grants.applying import facts
from services.grants.models import AUDIT, Application, Call, Posting, ReturnOrder, ReturnPayment
from services.grants.policy import SEOUL, city_date
from services.grants.returns import orders, payments, reading
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import stage
from tests.grants.conftest import CITY, DONGJAK, SEONGBUK, resident, told
from tests.grants.paying_back import DUE, LATER, owing, pay
from tests.grants.spending import OVER, SPENDING, Project, running


@pytest.fixture
def settled(database, publish) -> Project:
    return owing(database, publish)


def claw(
    project: Project,
    won: int | None,
    *,
    exclude: bool = False,
    key: str = "c1",
    reason: str = "목적 외 사용",
    by=DONGJAK,
):
    return orders.clawback(
        project.database,
        by,
        SPENDING,
        application_id=project.id,
        amount_won=won,
        reason=reason,
        exclude=exclude,
        key=key,
    )


def postings(project: Project) -> list[tuple[str, int]]:
    with project.database.read() as session:
        return [(each.kind, each.amount_won) for each in ledger.postings_of(session, project.id)][2:]


def test_paid_in_parts_until_nothing_is_open(settled) -> None:
    pay(settled, 600_000)
    assert settled.orders()[0].state == "due"
    assert settled.balance().expenditure_won == 1_400_000
    pay(settled, 501_000, key="p2")
    (order,) = settled.orders()
    assert (order.state, order.settled_at) == ("paid", LATER)
    balance = settled.balance()
    assert (balance.commitment_won, balance.expenditure_won) == (900_000, 900_000)  # what was finalised, to the won
    assert postings(settled) == [
        ("return", 600_000),
        ("decommitment", 600_000),
        ("return", 500_000),  # the interest of the account was never spent by the line
        ("decommitment", 500_000),
    ]
    assert [each["kind"] for each in told(settled.database)].count("return_received") == 4
    with pytest.raises(Refusal, match="nothing_ordered"):
        pay(settled, 1, key="p3")


def test_the_same_payment_twice_is_one(settled) -> None:
    assert race([lambda: pay(settled, 600_000)] * 6) == {WON: 6}
    assert settled.balance().expenditure_won == 1_400_000
    with pytest.raises(Refusal, match="key_reused"):
        pay(settled, 600_001)


def test_two_who_record_the_last_payment_at_once(settled) -> None:
    ends = race([lambda key=key: pay(settled, 1_101_000, key=key) for key in ("a", "b", "c")])
    assert ends == {WON: 1, "nothing_ordered": 2}
    assert settled.balance().expenditure_won == 900_000


@pytest.mark.parametrize(
    ("came", "on", "field", "code"),
    [
        (None, city_date(LATER), "came_won", "won_missing"),
        (0, city_date(LATER), "came_won", "won_not_positive"),
        (-5, city_date(LATER), "came_won", "won_not_positive"),
        (1_101_001, city_date(LATER), "came_won", "return_over"),
        (1, city_date(LATER) + timedelta(days=1), "paid_on", "paid_in_future"),
        (1, city_date(OVER) - timedelta(days=1), "paid_on", "paid_before_order"),
    ],
)
def test_what_cannot_have_come_in(settled, came, on, field, code) -> None:
    with pytest.raises(Refusal) as refused:
        pay(settled, came, on)
    assert refused.value.fields == {field: [code]}
    assert postings(settled) == []


def test_who_records_payments(settled) -> None:
    for actor, code in ((SEONGBUK, "other_district"), (resident(1), "other_district")):
        with pytest.raises(Refusal, match=code):
            pay(settled, 1, by=actor)
    assert pay(settled, 1, by=CITY).amount_won == 1


def test_late_payment_bears_interest_by_the_stated_rule(settled) -> None:
    late = datetime(2027, 1, 1, 10, 0, tzinfo=SEOUL)
    days = (city_date(late) - DUE).days
    interest = 1_101_000 * days * 50 // 365_000
    assert days == 30
    with pytest.raises(Refusal) as refused:
        pay(settled, 1_101_000 + interest + 1, at=late)
    assert refused.value.fields == {"came_won": ["return_over"]}
    pay(settled, 1_101_000, at=late)
    assert settled.orders()[0].state == "due"  # the interest is still open, and bears none itself
    view = reading.view(settled.database, settled.leader, late + timedelta(days=90), application_id=settled.id)
    assert (view.orders[0].open.amount_won, view.orders[0].open.late_won) == (0, interest)
    pay(settled, interest, at=late + timedelta(days=90), key="p2")
    assert settled.orders()[0].state == "paid"
    assert settled.balance().expenditure_won == 900_000  # late interest is no return of grant money


def test_a_part_that_is_recorded_after_a_later_one_closes_nothing_too_early(settled) -> None:
    """600,000 came in 30 days late and bore interest; the rest had come in in time, and is recorded after it."""
    late = datetime(2027, 1, 1, 10, 0, tzinfo=SEOUL)
    pay(settled, 600_000, at=late)
    pay(settled, 501_000, on=DUE, at=late, key="p2")
    assert settled.orders()[0].state == "due"
    interest = 600_000 * 30 * 50 // 365_000
    view = reading.view(settled.database, settled.leader, late, application_id=settled.id)
    assert (view.orders[0].open.amount_won, view.orders[0].open.late_won) == (0, interest)
    pay(settled, interest, at=late, key="p3")
    assert settled.orders()[0].state == "paid"


def test_closed_when_all_came_back_and_then_kept(settled) -> None:
    database = settled.database
    with pytest.raises(Refusal, match="returns_unpaid"):
        closing.close(database, DONGJAK, LATER, application_id=settled.id)
    pay(settled, 1_101_000)
    with pytest.raises(Refusal, match="step_not_possible"):
        closing.archive(database, DONGJAK, LATER, application_id=settled.id)
    for _ in range(2):
        closing.close(database, DONGJAK, LATER, application_id=settled.id)
    with pytest.raises(Refusal, match="other_district"):
        closing.archive(database, SEONGBUK, LATER, application_id=settled.id)
    for _ in range(2):
        closing.archive(database, DONGJAK, LATER, application_id=settled.id)
    record = closing.record_of(database, DONGJAK, LATER, application_id=settled.id)
    assert record.archived
    assert [each.event for each in record.steps] == ["file_settlement", "finalize", "close", "archive"]
    assert sum(each.amount_won for each in record.payments[settled.orders()[0].id]) == 1_101_000
    with pytest.raises(Refusal, match="spending_over"):
        settled.record()
    with pytest.raises(Refusal, match="not_found"):
        closing.record_of(database, resident(9), LATER, application_id=settled.id)
    with database.read() as session:
        looked = session.scalars(select(AUDIT.c.account_id).where(AUDIT.c.action == "record.viewed")).all()
    assert looked == [DONGJAK.account_id]


def test_a_clawback_never_exceeds_what_was_paid_and_is_not_ordered_back(database, publish) -> None:
    project = running(database, publish(), paid_won=1_400_000)
    claw(project, 1_000_000)
    for won, code in ((None, "won_missing"), (0, "won_not_positive"), (400_001, "clawback_over")):
        with pytest.raises(Refusal) as refused:
            claw(project, won, key=f"c-{won}")
        assert refused.value.fields == {"amount_won": [code]}
    with pytest.raises(Refusal) as refused:
        claw(project, 1, key="r", reason=" ")
    assert refused.value.fields == {"reason": ["reason_needed"]}
    claw(project, 400_000, key="c2")
    assert [each.amount_won for each in project.orders()] == [1_000_000, 400_000]


def test_clawbacks_at_once_stay_within_what_was_paid(database, publish) -> None:
    project = running(database, publish())
    ends = race([lambda key=key: claw(project, 900_000, key=key) for key in "abcd"])
    assert ends == {WON: 2, "invalid_input": 2}
    same = claw(project, 200_000, key="x")
    assert claw(project, 200_000, key="x").id == same.id


def test_a_clawback_reaches_into_the_archive_because_audits_do(settled) -> None:
    pay(settled, 1_101_000)
    closing.close(settled.database, DONGJAK, LATER, application_id=settled.id)
    closing.archive(settled.database, DONGJAK, LATER, application_id=settled.id)
    order = claw(settled, 900_000, reason="감사에서 드러남")
    made = payments.pay(
        settled.database, DONGJAK, LATER, order_id=order.id, came_won=900_000, paid_on=city_date(LATER), key="z"
    )
    assert made.amount_won == 900_000
    assert settled.balance().expenditure_won == 0
    with pytest.raises(Refusal) as refused:
        claw(settled, 1, key="c9")
    assert refused.value.fields == {"amount_won": ["clawback_over"]}


def test_a_clawback_is_taken_back_while_nothing_came_in(settled) -> None:
    claw(settled, 500_000)
    voluntary, clawed = settled.orders()
    with pytest.raises(Refusal, match="order_not_cancellable"):
        orders.cancel(settled.database, DONGJAK, LATER, order_id=voluntary.id, reason="아님")
    for _ in range(2):
        orders.cancel(settled.database, DONGJAK, LATER, order_id=clawed.id, reason="다시 보니 맞습니다.")
    assert [each.state for each in settled.orders()] == ["due", "cancelled"]
    assert claw(settled, 900_000, key="again").amount_won == 900_000


def test_an_overdue_return_stands_in_the_way_of_new_money(settled, publish) -> None:
    def green(now: datetime) -> bool:
        with settled.database.read() as session:
            application = session.get_one(Application, settled.id)
            call = session.get_one(Call, application.call_id)
            asked = process.facts_of(session, application, call, now)
            return guards.look(["no_overdue_return"], asked)[0].green

    due = datetime(DUE.year, DUE.month, DUE.day, 23, 59, tzinfo=SEOUL)
    assert green(due)
    assert not green(due + timedelta(minutes=2))
    # nor do the same people get any as a new group
    later, project = due + timedelta(minutes=2), settled
    call = publish()
    for accounts, free in (((7, 2), False), ((8, 9), True)):
        group_id = stage.group(settled.database, later, accounts)
        fresh = stage.application(settled.database, call, group_id, later, state="deliberation")
        settled = replace(project, id=fresh)
        assert green(later) is free
        with settled.database.read() as session:
            assert (facts.of_group(session, group_id, later)[2].returns_overdue == 0) is free


def test_lists_of_a_district(settled, database, publish) -> None:
    far = running(database, publish(district="11290"), accounts=(3,), district="11290")
    claw(far, 10, by=SEONGBUK)
    late = LATER + timedelta(days=60)
    with database.read() as session:
        mine, counts = reading.listed(session, DONGJAK, late)
        assert reading.listed(session, CITY, late, which="overdue")[1] == {"overdue": 2, "due": 2, "paid": 0}
        assert reading.listed(session, DONGJAK, late, which="paid")[0] == []
    assert [each.order.application_id for each in mine] == [settled.id]
    assert counts == {"overdue": 1, "due": 1, "paid": 0}
    assert mine[0].overdue_days == (city_date(late) - DUE).days
    assert mine[0].open.late_won > 0


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_comes_in_the_ledger_ends_at_what_was_finalised(database, publish, data) -> None:
    paid = data.draw(st.integers(1, 2_000_000), label="paid")
    project = running(database, publish(), paid_won=paid, accounts=(1, 2))
    for number in range(data.draw(st.integers(0, 3), label="expenses")):
        amount = data.draw(st.integers(1, 900_000))
        made = project.record(amount_won=amount, payee=f"가게 {project.id} {number}")
        with database.read() as session:
            shown = expenses.view(database, project.leader, SPENDING, expense_id=made.id)
            most = expenses.checked(session, shown.application, shown.settlement, made, SPENDING).most_won
        project.decide(made, data.draw(st.integers(0, most)))
    project.file(interest_won=data.draw(st.integers(0, 5_000), label="interest"))
    final = project.finalize()
    assert final.paid_won == final.final_won + final.refused_won + final.unspent_won
    for order in project.orders():
        at, number = LATER, 0
        while True:
            at += timedelta(days=data.draw(st.integers(0, 40)))
            number += 1
            view = reading.view(database, DONGJAK, at, application_id=project.id)
            standing = next(each.open for each in view.orders if each.order.id == order.id)
            if not standing.total_won:
                break
            came = standing.total_won if number > 3 else data.draw(st.integers(1, standing.total_won))
            key = f"{order.id}-{number}"
            wanted = {"order_id": order.id, "came_won": came, "paid_on": city_date(at), "key": key}
            payments.pay(database, DONGJAK, at, **wanted)
            payments.pay(database, DONGJAK, at, **wanted)
            balance = project.balance()
            assert final.final_won <= balance.expenditure_won <= paid
            assert balance.expenditure_won == balance.commitment_won
    assert project.balance().expenditure_won == final.final_won
    with database.read() as session:
        ordered = sum(each.amount_won for each in project.orders())
        came = sum(
            session.scalars(
                select(ReturnPayment.amount_won)
                .join(ReturnOrder, ReturnOrder.id == ReturnPayment.order_id)
                .where(ReturnOrder.application_id == project.id)
            )
        )
        back = session.scalars(
            select(Posting.amount_won).where(Posting.application_id == project.id, Posting.kind == "return")
        )
        assert came == ordered
        assert sum(back) == paid - final.final_won
