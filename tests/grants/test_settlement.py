"""The settlement: complete at any moment, filed with its hash, sent back, finalised to the won."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from services.grants import closing, expenses, settlement, termination
from services.grants.models import AUDIT, ApplicationStep, Attachment, ChangeRequest, Posting, Tranche
from services.grants.policy import city_date
from services.grants.returns import orders
from shared.bus.tables import outbox
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import CITY, DONGJAK, SEONGBUK, resident
from tests.grants.spending import OVER, SECOND, SPENDING, running


def test_where_the_money_stands_at_any_moment(database, publish) -> None:
    project = running(database, publish())
    project.accepted(amount_won=700_000)
    project.decide(project.record(amount_won=300_000, payee="둘째 집"), 200_000, "일부는 개인 물건")
    project.record(amount_won=100_000, category="running", item="printing", payee="인쇄소")
    project.record(amount_won=50_000, source="self", payee="넷째 집")
    account, own = settlement.view(database, project.leader, SPENDING, application_id=project.id)
    total = account.sums
    assert own
    assert (total.paid_won, total.recorded_won, total.accepted_won) == (2_000_000, 1_100_000, 900_000)
    assert (total.refused_won, total.waiting_won, total.unspent_won) == (100_000, 100_000, 900_000)
    assert (total.to_return_won, total.own_won) == (1_000_000, 50_000)
    assert [(each.category, each.agreed_won, each.left_won) for each in account.lines] == [
        ("activity", 1_400_000, 500_000),
        ("running", 600_000, 500_000),
    ]
    assert account.due_on == account.agreement.ends_on + timedelta(days=30)


def test_it_is_the_groups_and_the_districts(database, publish) -> None:
    project = running(database, publish())
    assert not settlement.view(database, DONGJAK, SPENDING, application_id=project.id)[1]
    for actor, code in ((SEONGBUK, "other_district"), (resident(9), "not_found")):
        with pytest.raises(Refusal, match=code):
            settlement.view(database, actor, SPENDING, application_id=project.id)
    with database.read() as session:
        seen = session.scalars(select(AUDIT.c.account_id).where(AUDIT.c.action == "settlement.viewed")).all()
    assert seen == [DONGJAK.account_id]


def test_the_report_is_filed_as_it_stands_with_its_hash(database, publish) -> None:
    project = running(database, publish())
    project.accepted(amount_won=900_000)
    filed = project.file(interest_won=1_234)
    assert (filed.spent_won, filed.unspent_won, filed.interest_won, filed.to_return_won) == (
        900_000,
        1_100_000,
        1_234,
        1_101_234,
    )
    assert filed.report_hash == settlement.digest(filed.report)
    assert [each["amount_won"] for each in filed.report["filed"]["expenses"]] == [900_000]
    assert [each["paid_on"] for each in filed.report["filed"]["tranches"]] == ["2026-04-15"]  # not of its recording
    assert project.application().phase == "settling"
    with database.read() as session:
        (statement,) = session.scalars(select(Attachment).where(Attachment.subject_kind == "settlement"))
        step = session.scalars(select(ApplicationStep)).one()
    assert (statement.subject_id, step.event) == (project.id, "file_settlement")
    with pytest.raises(Refusal, match="spending_over"):
        project.record(payee="늦은 집")


def test_a_double_click_files_once(database, publish) -> None:
    project = running(database, publish())
    assert race([lambda: project.file()] * 4) == {WON: 4}
    with database.read() as session:
        assert len(session.scalars(select(ApplicationStep)).all()) == 1
    with pytest.raises(Refusal, match="step_not_possible"):
        project.file(outcome="다른 말")


@pytest.mark.parametrize(
    ("outcome", "interest", "field", "code"),
    [
        (" ", 0, "outcome", "outcome_missing"),
        ("가" * 5_001, 0, "outcome", "text_too_long"),
        ("했습니다.", None, "interest_won", "won_missing"),
        ("했습니다.", -1, "interest_won", "won_negative"),
        ("했습니다.", 5, "statement", "interest_evidence_missing"),
    ],
)
def test_what_a_report_lacks(database, publish, outcome, interest, field, code) -> None:
    project = running(database, publish())
    with pytest.raises(Refusal) as refused:
        settlement.file_report(
            database,
            project.leader,
            OVER,
            application_id=project.id,
            outcome=outcome,
            interest_won=interest,
            key="k",
        )
    assert refused.value.fields == {field: [code]}


def test_nothing_is_filed_while_money_or_a_change_is_on_its_way(database, publish) -> None:
    project = running(database, publish(), paid_won=1_400_000)
    with database.write() as session:
        tranche = session.scalars(select(Tranche).where(Tranche.state == "planned")).one()
        tranche.state = "requested"
    with pytest.raises(Refusal, match="tranche_moving"):
        project.file()
    with database.write() as session:
        session.scalars(select(Tranche).where(Tranche.state == "requested")).one().state = "planned"
        session.add(
            ChangeRequest(
                application_id=project.id,
                kind="budget",
                details={},
                reason="옮기려고",
                requested_by=1,
                requested_at=SPENDING,
                idempotency_key="c",
            )
        )
    with pytest.raises(Refusal, match="change_open"):
        project.file()


def test_sent_back_with_what_to_put_right_and_filed_again(database, publish) -> None:
    project = running(database, publish())
    with pytest.raises(Refusal, match="settlement_missing"):
        settlement.send_back(database, DONGJAK, OVER, application_id=project.id, reason="없음")
    first = project.file()
    with pytest.raises(Refusal) as refused:
        settlement.send_back(database, DONGJAK, OVER, application_id=project.id, reason=" ")
    assert refused.value.fields == {"reason": ["reason_needed"]}
    for _ in range(2):
        settlement.send_back(database, DONGJAK, OVER, application_id=project.id, reason="영수증이 빠졌습니다.")
    assert project.application().phase == "running"
    project.record(at=OVER)
    again = project.file(outcome="고쳐서 냅니다.")
    assert (again.id, again.state) == (first.id, "filed")
    assert again.report_hash != first.report_hash
    with database.read() as session:
        told = session.scalars(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told")).all()
    assert [each["kind"] for each in told] == ["settlement_sent_back"] * 2


def test_the_amount_is_final_the_rest_comes_back_and_what_was_never_paid_is_free_again(database, publish) -> None:
    project = running(database, publish(), paid_won=1_400_000)
    project.accepted(amount_won=900_000)
    project.decide(project.record(amount_won=200_000, payee="둘째 집"), 150_000, "술값")
    project.file(interest_won=1_000)
    final = project.finalize()
    assert (final.state, final.final_won, final.refused_won, final.unspent_won) == (
        "finalized",
        1_050_000,
        50_000,
        300_000,
    )
    assert final.paid_won == final.final_won + final.refused_won + final.unspent_won
    assert final.report_hash == settlement.digest(final.report)
    assert set(final.report) == {"filed", "final"}
    (order,) = project.orders()
    assert (order.kind, order.amount_won, order.interest_won) == ("voluntary_return", 351_000, 1_000)
    assert order.due_on == city_date(OVER) + timedelta(days=30)
    balance = project.balance()
    assert (balance.commitment_won, balance.expenditure_won) == (1_400_000, 1_400_000)
    with database.read() as session:
        assert session.scalars(select(Tranche.state).order_by(Tranche.number)).all() == ["paid", "cancelled"]
        free = session.scalars(select(Posting).where(Posting.idempotency_key == f"finalize:{project.id}")).one()
        told = session.scalars(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told")).all()
    assert (free.kind, free.amount_won) == ("decommitment", 600_000)
    assert {each["kind"] for each in told} == {"expense_refused", "settlement_finalized", "return_due"}
    with pytest.raises(Refusal, match="settlement_final"):
        expenses.reopen(database, DONGJAK, OVER, expense_id=final.report["final"]["expenses"][0]["id"], reason="다시")


def test_all_spent_and_recognised_leaves_nothing_to_return(database, publish) -> None:
    project = running(database, publish())
    for number in range(2):
        project.accepted(amount_won=700_000, payee=f"가게 {number}")
    project.accepted(amount_won=600_000, category="running", item="printing", payee="인쇄소")
    project.file()
    assert project.finalize().final_won == 2_000_000
    assert project.orders() == []
    closing.close(database, DONGJAK, OVER, application_id=project.id)
    assert project.application().phase == "closed"


def test_finalised_once_whoever_clicks(database, publish) -> None:
    project = running(database, publish())
    project.accepted()
    project.file()
    assert race([project.finalize, lambda: project.finalize(by=SECOND), project.finalize]) == {WON: 3}
    assert len(project.orders()) == 1


def test_undecided_expenses_come_first(database, publish) -> None:
    project = running(database, publish())
    project.record()
    project.file()
    with pytest.raises(Refusal, match="expenses_undecided"):
        project.finalize()


def test_no_settlement_is_approved_without_receipts(database, publish) -> None:
    project = running(database, publish())
    project.accepted()
    project.file()
    with database.write() as session:
        for each in session.scalars(select(Attachment).where(Attachment.subject_kind == "expense")):
            each.removed_at = OVER
    with pytest.raises(Refusal) as refused:
        project.finalize()
    assert (refused.value.code, refused.value.params) == ("receipts_missing", {"count": 1})
    assert project.application().phase == "settling"


@pytest.mark.parametrize(("actor", "code"), [(SEONGBUK, "other_district"), (resident(1), "other_district")])
def test_who_finalises(database, publish, actor, code) -> None:
    project = running(database, publish())
    project.file()
    with pytest.raises(Refusal, match=code):
        project.finalize(by=actor)


def test_nobody_finalises_their_own(database, publish) -> None:
    project = running(database, publish(), accounts=(1, CITY.account_id))
    project.file()
    with pytest.raises(Refusal, match="own_application"):
        project.finalize(by=CITY)


def test_what_was_clawed_back_before_is_not_ordered_twice(database, publish) -> None:
    project = running(database, publish())
    project.accepted(amount_won=700_000)
    project.decide(project.record(amount_won=300_000, payee="둘째 집"), 0, "거짓 영수증")
    orders.clawback(
        database,
        DONGJAK,
        SPENDING,
        application_id=project.id,
        amount_won=300_000,
        reason="거짓 영수증",
        exclude=False,
        key="c",
    )
    project.file()
    project.finalize()
    assert [each.amount_won for each in project.orders()] == [300_000, 1_000_000]


def test_a_terminated_project_accounts_for_what_it_was_paid_before_it_is_closed(database, publish) -> None:
    project = running(database, publish(), paid_won=1_400_000)
    project.accepted(amount_won=900_000)
    termination.terminate(database, DONGJAK, SPENDING, application_id=project.id, reason="더 할 수 없습니다.")
    late = project.record(amount_won=100_000, payee="마지막 집")
    project.decide(late, 0, "해지한 뒤의 지출")
    with pytest.raises(Refusal, match="returns_unpaid"):
        closing.close(database, DONGJAK, OVER, application_id=project.id)
    orders.clawback(
        database,
        DONGJAK,
        SPENDING,
        application_id=project.id,
        amount_won=500_000,
        reason="남은 보조금",
        exclude=False,
        key="rest",
    )
    with pytest.raises(Refusal, match="returns_unpaid"):
        closing.close(database, DONGJAK, OVER, application_id=project.id)


def test_the_account_costs_a_bounded_number_of_queries(database, publish) -> None:
    project = running(database, publish())

    def queries() -> int:
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        try:
            settlement.view(database, project.leader, SPENDING, application_id=project.id)
        finally:
            event.remove(database.engine, "before_cursor_execute", listener)
        return len([each for each in seen if each.startswith("SELECT")])

    project.record()
    few = queries()
    for number in range(8):
        project.record(payee=f"가게 {number}", amount_won=1_000 + number)
    assert queries() == few <= 15


def test_the_district_sees_what_waits(database, publish) -> None:
    project = running(database, publish())
    project.file()
    elsewhere = running(database, publish(district="11290"), accounts=(3,), district="11290")
    elsewhere.file()
    with database.read() as session:
        rows, total = settlement.accounts_waiting(session, DONGJAK)
        assert settlement.accounts_waiting(session, CITY)[1] == 2
    assert ([row[1].id for row in rows], total) == ([project.id], 1)
