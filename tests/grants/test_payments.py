"""Paying: in order, by two persons, once, and never against a red gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from services.grants import interim, ledger, payments
from services.grants.models import AUDIT, Agreement, Application, Call, Posting, ReturnOrder, Tranche
from services.grants.policy import city_date
from shared.bus.tables import outbox
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import AFTER, CITY, DONGJAK, SEONGBUK, resident
from tests.grants.paying import LEADER, MEMBER, SECOND, SIGNED, THIRD, Project, selected
from tests.grants.review_room import counting
from tests.refused import code_of

DAY = city_date(SIGNED)


@pytest.fixture
def project(database: Database, publish: Callable[..., Call]) -> Project:
    """Agreed on 2,000,000 won, ready for the first tranche."""
    made = selected(database, publish())
    made.agree()
    made.ready()
    return made


def balance(project: Project) -> tuple[int, int]:
    with project.database.read() as session:
        found = ledger.of_application(session, project.id)
    return found.commitment_won, found.expenditure_won


def test_seventy_and_thirty_are_paid_and_posted_to_the_won(project: Project) -> None:
    first = project.pay(1)
    assert (first.state, first.amount_won, first.paid_by) == ("paid", 1_400_000, DONGJAK.account_id)
    assert balance(project) == (2_000_000, 1_400_000)
    project.ready(2)
    project.pay(2, reference="이체 2")
    assert balance(project) == (2_000_000, 2_000_000)
    with project.database.read() as session:
        keys = {each.idempotency_key for each in ledger.postings_of(session, project.id)}
        told = session.scalars(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told")).all()
    assert keys == {f"award:{project.id}", *(f"tranche:{each.id}" for each in project.tranches())}
    paid = [each for each in told if each["kind"] == "tranche_paid"]
    assert len(paid) == 4  # two people of the group, two tranches
    assert "1,400,000원" in paid[0]["body_ko"]
    assert len([each for each in told if each["kind"] == "tranche_approved"]) == 4


def test_paying_reads_the_agreement_once(project: Project) -> None:
    tranche = project.approved()
    with counting(project.database) as statements:
        pay(project, tranche)
    assert len([each for each in statements if "FROM agreement" in each]) == 1


def test_the_same_again_changes_nothing_and_pays_once(project: Project) -> None:
    tranche = project.tranche()
    for _ in range(2):
        payments.request(project.database, LEADER, SIGNED, tranche_id=tranche)
    for _ in range(2):
        payments.prepare(project.database, DONGJAK, SIGNED, tranche_id=tranche)
    for _ in range(2):
        payments.approve(project.database, SECOND, SIGNED, tranche_id=tranche)
    for _ in range(3):
        payments.pay(project.database, DONGJAK, SIGNED, tranche_id=tranche, reference="가", paid_on=DAY)
    assert code_of(lambda: pay(project, tranche, SECOND, "나")) == "already_paid"
    assert balance(project) == (2_000_000, 1_400_000)


def test_two_payers_and_double_clicks_at_once_pay_once(project: Project) -> None:
    tranche = project.approved()

    ends = race(
        [partial(pay, project, tranche, DONGJAK, "가")] * 4 + [partial(pay, project, tranche, SECOND, "나")] * 4
    )
    assert ends == {WON: 4, "already_paid": 4}
    assert balance(project) == (2_000_000, 1_400_000)
    with project.database.read() as session:
        assert session.scalar(select(func.count()).where(Posting.idempotency_key == f"tranche:{tranche}")) == 1


def test_a_payment_approved_by_one_person_alone_is_refused(project: Project) -> None:
    tranche = project.tranche()
    payments.request(project.database, LEADER, SIGNED, tranche_id=tranche)
    payments.prepare(project.database, DONGJAK, SIGNED, tranche_id=tranche)
    assert code_of(partial(payments.approve, project.database, DONGJAK, SIGNED, tranche_id=tranche)) == (
        "same_person_approves"
    )
    with pytest.raises(IntegrityError), project.database.write() as session:
        session.execute(text("UPDATE tranche SET approved_by = prepared_by"))
    assert payments.approve(project.database, CITY, SIGNED, tranche_id=tranche).approved_by == CITY.account_id


def test_two_who_approve_at_once_leave_one_second_person(project: Project) -> None:
    tranche = project.tranche()
    payments.request(project.database, LEADER, SIGNED, tranche_id=tranche)
    payments.prepare(project.database, DONGJAK, SIGNED, tranche_id=tranche)
    ends = race(
        [partial(payments.approve, project.database, actor, SIGNED, tranche_id=tranche) for actor in (SECOND, THIRD)]
    )
    assert ends == {WON: 1, "step_not_possible": 1}


def test_staff_of_the_group_or_of_another_district_pay_nothing(
    database: Database, publish: Callable[..., Call]
) -> None:
    project = selected(database, publish(), accounts=(1, 2, 504))
    project.agree()
    project.ready()
    tranche = project.tranche()
    payments.request(database, MEMBER, SIGNED, tranche_id=tranche)
    payments.prepare(database, DONGJAK, SIGNED, tranche_id=tranche)
    for actor, code in ((SECOND, "own_application"), (SEONGBUK, "other_district"), (resident(9), "other_district")):
        assert code_of(partial(payments.approve, database, actor, SIGNED, tranche_id=tranche)) == code
    assert code_of(lambda: payments.request(database, resident(9), SIGNED, tranche_id=tranche)) == "not_found"
    assert code_of(lambda: payments.request(database, DONGJAK, SIGNED, tranche_id=tranche)) == "not_found"
    assert code_of(lambda: payments.request(database, LEADER, SIGNED, tranche_id=tranche + 99)) == "not_found"


def test_no_step_is_skipped(project: Project) -> None:
    tranche = project.tranche()
    for step in (
        lambda: payments.prepare(project.database, DONGJAK, SIGNED, tranche_id=tranche),
        lambda: payments.approve(project.database, SECOND, SIGNED, tranche_id=tranche),
        lambda: payments.pay(project.database, DONGJAK, SIGNED, tranche_id=tranche, reference="가", paid_on=DAY),
        lambda: payments.refuse(project.database, DONGJAK, SIGNED, tranche_id=tranche, reason="아니요"),
    ):
        assert code_of(step) == "step_not_possible"


def test_a_gate_that_turns_red_stops_every_later_step(project: Project) -> None:
    """A return of an earlier award that falls overdue on the way: what was approved is not paid."""
    tranche = project.approved()
    owe(project)
    assert code_of(lambda: pay(project, tranche)) == "return_overdue"
    assert balance(project) == (2_000_000, 0)


def test_an_advance_before_the_agreement_cannot_be_paid(database: Database, publish: Callable[..., Call]) -> None:
    """There is no tranche before both have signed; and a version that waits for its signatures stops the payment."""
    project = selected(database, publish())
    project.prepare()
    assert project.tranches() == []
    project.agree()
    project.ready()
    tranche = project.approved()
    with database.write() as session:
        session.execute(update(Agreement).values(signed_at=None))
    assert code_of(lambda: pay(project, tranche)) == "agreement_unsigned"


def test_a_programme_cannot_leave_the_agreement_out(project: Project) -> None:
    with project.database.write() as session:
        session.execute(update(Tranche).values(gates=[]))
        session.execute(update(Agreement).values(signed_at=None))
    assert code_of(lambda: request(project, project.tranche())) == "agreement_unsigned"


def test_no_second_tranche_before_the_interim_evaluation(project: Project) -> None:
    project.pay()
    second = project.tranche(2)
    assert code_of(lambda: request(project, second)) == "report_missing"
    project.reach("report_filed")
    assert code_of(lambda: request(project, second)) == "interim_missing"
    for number, result in enumerate(("improve", "failed")):
        evaluate(project, result, f"check-{number}")
        assert code_of(lambda: request(project, second)) == "interim_missing"
    evaluate(project, "passed", "passed")
    project.pay(2, reference="이체 2")
    assert balance(project) == (2_000_000, 2_000_000)


def test_no_second_tranche_before_the_first(project: Project) -> None:
    project.ready(2)
    assert code_of(lambda: request(project, project.tranche(2))) == "earlier_tranche_unpaid"


def test_an_evaluation_that_turns_stops_the_approved_payment(project: Project) -> None:
    project.pay()
    project.ready(2)
    tranche = project.approved(2)
    evaluate(project, "failed", "turned", SIGNED + timedelta(hours=1))
    assert code_of(lambda: pay(project, tranche)) == "interim_missing"


@pytest.mark.parametrize(
    ("reference", "days", "field", "code"),
    [
        ("", 0, "reference", "text_missing"),
        ("가" * 121, 0, "reference", "text_too_long"),
        ("가", -1, "paid_on", "paid_before_approval"),
        ("가", 1, "paid_on", "posted_in_future"),
        ("가", None, "paid_on", "date_missing"),
    ],
)
def test_what_is_wrong_with_a_transfer(
    project: Project, reference: str, days: int | None, field: str, code: str
) -> None:
    tranche = project.approved()
    paid_on = None if days is None else DAY + timedelta(days=days)
    with pytest.raises(Refusal) as caught:
        payments.pay(project.database, DONGJAK, SIGNED, tranche_id=tranche, reference=reference, paid_on=paid_on)
    assert caught.value.fields == {field: [code]}
    assert balance(project) == (2_000_000, 0)


def test_sent_back_and_asked_for_again(project: Project) -> None:
    tranche = project.approved()
    with pytest.raises(Refusal) as caught:
        payments.refuse(project.database, DONGJAK, SIGNED, tranche_id=tranche, reason="")
    assert caught.value.fields == {"reason": ["text_missing"]}
    for _ in range(2):
        back = payments.refuse(project.database, DONGJAK, SIGNED, tranche_id=tranche, reason="통장 사본이 다릅니다.")
    assert (back.state, back.approved_by, back.prepared_by) == ("planned", None, None)
    assert code_of(lambda: pay(project, tranche)) == "step_not_possible"
    project.pay()
    assert balance(project) == (2_000_000, 1_400_000)


def test_taken_back_and_refused_at_once(project: Project) -> None:
    tranche = project.tranche()
    request(project, tranche)
    ends = race(
        [
            partial(payments.take_back, project.database, LEADER, SIGNED, tranche_id=tranche),
            partial(payments.prepare, project.database, DONGJAK, SIGNED, tranche_id=tranche),
        ]
    )
    assert ends == {WON: 1, "step_not_possible": 1}


def test_nothing_is_paid_once_it_is_not_running(project: Project) -> None:
    tranche = project.approved()
    with project.database.write() as session:
        session.execute(update(Application).values(state="settling", phase="settling"))
    assert code_of(lambda: pay(project, tranche)) == "not_running"


def test_no_more_than_the_agreement(project: Project) -> None:
    """Whatever stands in the row, what is paid stays within what was agreed."""
    tranche = project.approved()
    with project.database.write() as session:
        session.execute(update(Tranche).where(Tranche.id == tranche).values(amount_won=2_000_001))
    assert code_of(lambda: pay(project, tranche)) == "agreement_exceeded"


def test_every_step_is_in_the_audit(project: Project) -> None:
    project.pay()
    with project.database.read() as session:
        trail = session.execute(
            select(AUDIT.c.action, AUDIT.c.account_id)
            .where(AUDIT.c.subject == f"application:{project.id}", AUDIT.c.action.like("tranche.%"))
            .order_by(AUDIT.c.id)
        ).all()
    assert [tuple(each) for each in trail] == [
        ("tranche.request", 1),
        ("tranche.prepare", 501),
        ("tranche.approve", 504),
        ("tranche.pay", 501),
    ]


def request(project: Project, tranche: int) -> Tranche:
    return payments.request(project.database, LEADER, SIGNED, tranche_id=tranche)


def pay(project: Project, tranche: int, actor: Actor = DONGJAK, reference: str = "가") -> Tranche:
    return payments.pay(project.database, actor, SIGNED, tranche_id=tranche, reference=reference, paid_on=DAY)


def evaluate(project: Project, result: str, key: str, now: datetime = SIGNED) -> None:
    interim.check(
        project.database,
        DONGJAK,
        now,
        application_id=project.id,
        checked_on=city_date(now),
        result=result,
        findings="살펴보았습니다.",
        key=key,
    )


def owe(project: Project) -> None:
    with project.database.write() as session:
        session.add(
            ReturnOrder(
                application_id=project.id,
                kind="clawback",
                amount_won=100,
                reason="인정하지 않은 지출",
                ordered_by=501,
                ordered_at=AFTER - timedelta(days=60),
                due_on=city_date(AFTER - timedelta(days=30)),
                idempotency_key="return",
            )
        )
