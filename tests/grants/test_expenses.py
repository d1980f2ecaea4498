"""Expenses: recorded from the phone, checked at once, corrected, decided with reasons, and found again elsewhere."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import services.grants
from services.grants import expenses, files, sanctions
from services.grants.likeness import FOUND
from services.grants.models import AUDIT, Agreement, Attachment, Call, Expense, Settlement
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import DONGJAK, SEONGBUK, resident
from tests.grants.spending import OVER, SPENDING, again, codes, picture, receipt, running, spent

TRANSLATIONS = Path(services.grants.__file__).parent / "translations"


def test_an_expense_in_order_is_clean_and_on_record(database, publish) -> None:
    project = running(database, publish())
    made = project.record()
    assert (made.state, made.worst, made.findings) == ("filed", "clean", [])
    with database.read() as session:
        (kept,) = files.of_subject(session, "expense", made.id)
        row = session.execute(select(AUDIT).where(AUDIT.c.action == "expense.filed")).one()
    assert (kept.district, kept.group_id) == ("11590", project.group_id)
    assert row.subject == f"application:{project.id}"
    assert "초록" not in str(row.details)


def test_what_is_wrong_is_said_at_once_and_kept(database, publish) -> None:
    project = running(database, publish(), names=["김영희"], paid_won=1_400_000)
    early = project.record(spent_on=date(2026, 4, 9), proved=False)
    assert codes(early) == ["spent_before_agreement", "evidence_missing"]
    assert early.worst == "block"
    member = project.record(payee="김 영희")
    assert (codes(member), member.worst) == (["payee_is_member"], "flag")


def test_nobody_spends_before_both_have_signed(database, publish) -> None:
    unsigned = running(database, publish(), signed_at=None)
    assert "spent_before_agreement" in codes(unsigned.record())
    with database.write() as session:
        agreement = session.scalars(select(Agreement)).one()
        agreement.signed_at = SPENDING  # signed after the period began: the money may be spent from that day on
    assert codes(unsigned.record(spent_on=date(2026, 5, 31), payee="다른 꽃집")) == ["spent_before_agreement"]
    assert codes(unsigned.record(spent_on=date(2026, 6, 1))) == []


def test_the_same_key_again_is_the_same_expense(database, publish) -> None:
    project = running(database, publish())
    first = project.record(key="k1")
    assert project.record(key="k1").id == first.id
    with pytest.raises(Refusal, match="key_reused"):
        project.record(key="k1", amount_won=99)
    with pytest.raises(Refusal, match="key_missing"):
        project.record(key="   ")


def test_a_double_click_is_one_expense(database, publish) -> None:
    project = running(database, publish())
    file = receipt()
    assert race(
        [
            lambda: expenses.record(
                database,
                project.leader,
                SPENDING,
                application_id=project.id,
                spent=spent(),
                key="twice",
                evidence=[file],
            )
        ]
        * 8
    ) == {WON: 8}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Expense)) == 1


def test_what_cannot_be_read_is_told_field_by_field_and_nothing_is_kept(database, publish) -> None:
    project = running(database, publish())
    with pytest.raises(Refusal) as refused:
        project.record(amount_won=None, item="gold", spent_on=date(2027, 1, 1), payee="")
    assert refused.value.fields == {
        "amount_won": ["won_missing"],
        "item": ["expense_item_unknown"],
        "spent_on": ["spent_in_future"],
        "payee": ["text_missing"],
    }
    with database.read() as session:
        assert not session.scalar(select(func.count()).select_from(Expense))


@pytest.mark.parametrize("actor", [resident(9), DONGJAK, SEONGBUK])
def test_only_the_group_records(database, publish, actor) -> None:
    project = running(database, publish())
    with pytest.raises(Refusal, match="not_found"):
        expenses.record(database, actor, SPENDING, application_id=project.id, spent=spent(), key="k")


@pytest.mark.parametrize("state", ["selected", "settled", "closed", "archived", "rejected"])
def test_expenses_are_recorded_while_the_project_runs(database, publish, state) -> None:
    project = running(database, publish(), state=state)
    if state == "settled":
        with database.write() as session:
            _settled(session, project.id)
    with pytest.raises(Refusal, match="spending_over"):
        project.record()


def _settled(session, application_id: int) -> None:
    sums = dict.fromkeys(("paid_won", "spent_won", "refused_won", "unspent_won", "interest_won", "to_return_won"), 0)
    session.add(
        Settlement(
            application_id=application_id,
            report_hash="0" * 64,
            state="finalized",
            final_won=0,
            filed_by=1,
            filed_at=OVER,
            **sums,
        )
    )


def test_a_correction_is_checked_anew_and_a_receipt_puts_it_right(database, publish) -> None:
    project = running(database, publish())
    made = project.record(proved=False, spent_on=date(2026, 4, 1))
    assert made.worst == "block"
    right = expenses.correct(
        database, project.leader, SPENDING, expense_id=made.id, spent=spent(), key="c1", evidence=[receipt()]
    )
    assert (right.id, right.worst) == (made.id, "clean")
    with database.read() as session:
        row = session.execute(select(AUDIT).where(AUDIT.c.action == "expense.corrected")).one()
        (kept,) = files.of_subject(session, "expense", made.id)
    assert row.details["fields"] == ["spent_on"]
    bare = expenses.remove_evidence(database, project.leader, SPENDING, expense_id=made.id, attachment_id=kept.id)
    assert codes(bare) == ["evidence_missing"]
    proved = expenses.add_evidence(
        database, project.leader, SPENDING, expense_id=made.id, evidence=[receipt()], key="c2"
    )
    assert proved.worst == "clean"


def test_a_decided_expense_stays_and_a_withdrawn_one_frees_its_receipt(database, publish) -> None:
    project = running(database, publish())
    done = project.accepted()
    for act in (
        lambda: expenses.withdraw(database, project.leader, SPENDING, expense_id=done.id),
        lambda: expenses.correct(database, project.leader, SPENDING, expense_id=done.id, spent=spent(), key="c"),
    ):
        with pytest.raises(Refusal, match="expense_decided"):
            act()
    file = receipt()
    first = _with(database, project, file, key="a")
    expenses.withdraw(database, project.leader, SPENDING, expense_id=first.id)
    assert expenses.withdraw(database, project.leader, SPENDING, expense_id=first.id).state == "withdrawn"
    other = running(database, publish(), accounts=(3,))
    assert _with(database, other, file, key="b", payee="어느 집").worst == "clean"


def _with(database, project, file, key: str, **changed: Any) -> Expense:
    return expenses.record(
        database,
        project.leader,
        SPENDING,
        application_id=project.id,
        spent=spent(**{"payee": f"가게 {key}"} | changed),
        key=key,
        evidence=[file],
    )


def test_the_same_receipt_of_another_group_is_refused(database, publish) -> None:
    first, second = running(database, publish()), running(database, publish(), accounts=(3,))
    file = receipt()
    assert _with(database, first, file, "a").worst == "clean"
    reused = _with(database, second, file, "b")
    assert (codes(reused), reused.worst) == (["photo_reused"], "block")
    assert reused.findings[0]["params"] == {"year": 2026, "other_group": True, "count": 1}
    with pytest.raises(Refusal) as refused:
        second.decide(reused)
    assert refused.value.fields == {"accepted_won": ["expense_blocked"]}
    assert again(database, first.accepted().id).worst == "clean"


def test_the_same_photo_used_in_several_years_is_found_though_saved_anew(database, publish) -> None:
    first = running(database, publish())
    _with(database, first, picture(7), "a")
    with database.write() as session:
        for each in session.scalars(select(Attachment)):
            each.year = 2024
    later = running(database, publish(), accounts=(1, 2))
    again_smaller = _with(database, later, picture(7, (900, 675)), "b")
    assert codes(again_smaller) == ["photo_alike"]
    assert again_smaller.findings[0]["params"]["year"] == 2024
    same = _with(database, later, picture(7), "c")
    assert "photo_reused" in codes(same)
    assert _with(database, later, picture(8), "d").worst == "clean"


def test_one_receipt_for_two_lines_of_a_project_is_only_looked_at(database, publish) -> None:
    project = running(database, publish())
    file = receipt()
    _with(database, project, file, "a")
    shared = _with(database, project, file, "b", source="self")
    assert (codes(shared), shared.worst) == (["evidence_shared"], "flag")


def test_the_same_day_payee_and_amount_is_found_under_another_name(database, publish) -> None:
    project = running(database, publish())
    project.record(payee="다이소 상도점", payee_number="124-81-00998")
    twice = project.record(payee="다이소", payee_number="1248100998")
    assert (codes(twice), twice.worst) == (["expense_repeated"], "block")
    other = running(database, publish(), accounts=(3,))
    assert codes(other.record(payee="(주)다이소 상도점")) == ["expense_repeated"]
    assert codes(project.record(payee="다이소", spent_on=date(2026, 5, 29))) == []


def test_what_is_corrected_to_be_one_that_is_recognised_is_the_repetition(database, publish) -> None:
    """The earlier of two cannot be made the same as the later one, once that is settled; nor another group's."""
    project, other = running(database, publish()), running(database, publish(), accounts=(3,))
    for first in (project.record(payee="가게 하나"), other.record(payee="가게 둘")):
        of = project if first.application_id == project.id else other
        settled = project.accepted(payee=f"다이소 {first.id}")
        payee = settled.payee
        same = expenses.correct(
            database, of.leader, SPENDING, expense_id=first.id, spent=spent(payee=payee), key=f"c{first.id}"
        )
        assert (codes(same), same.worst) == (["expense_repeated"], "block")
        with pytest.raises(Refusal, match="invalid_input"):
            of.decide(same)
    waiting = project.record(payee="다이소 3")
    assert project.record(payee="다이소 3", amount_won=99).worst == "clean"
    assert again(database, waiting.id).worst == "clean"


def test_what_another_group_attaches_later_takes_nothing_away(database, publish) -> None:
    """A file that comes later to an application, a milestone or an evaluation makes no earlier receipt a used one."""
    project, copier = running(database, publish()), running(database, publish(), accounts=(3,))
    file = receipt()
    made = _with(database, project, file, "a")
    early = receipt()
    for kind, evidence in (("application", file), ("milestone", early)):
        with database.write() as session:
            application = copier.application()
            call = session.get_one(Call, application.call_id)
            where = {"subject_kind": kind, "subject_id": copier.id, "field": "files", "key": kind}
            files.attach(session, copier.leader, SPENDING, [evidence], application, call, **where)
    used = _with(database, copier, file, "c")
    with database.write() as session:  # nor do many later copies hide the first
        application = copier.application()
        call = session.get_one(Call, application.call_id)
        for number in range(FOUND + 1):
            where = {"subject_kind": "interim", "subject_id": 900 + number, "field": "1", "key": "k"}
            files.attach(session, copier.leader, SPENDING, [file], application, call, **where)
    assert project.decide(made).worst == "clean"
    with pytest.raises(Refusal, match="invalid_input"):
        copier.decide(used)
    assert codes(_with(database, project, early, "b")) == ["photo_reused"]  # that one was there before


def test_a_purchase_in_two_receipts_keeps_the_ceiling_of_one(database, publish) -> None:
    project = running(database, publish())
    assert project.record(amount_won=600_000).worst == "clean"
    second = project.record(amount_won=500_000)
    assert codes(second) == ["over_item_ceiling"]
    with pytest.raises(Refusal, match="invalid_input"):
        project.decide(second)
    assert project.decide(second, 400_000).accepted_won == 400_000


def test_an_excluded_group_sells_nothing_to_a_project(database, publish) -> None:
    project, seller = running(database, publish()), running(database, publish(), accounts=(3,))
    name = seller.application().group_name
    assert codes(project.record(payee=name, amount_won=1)) == []
    sanctions.impose(
        database,
        DONGJAK,
        SPENDING,
        group_id=seller.group_id,
        starts_on=date(2026, 5, 1),
        ends_on=date(2027, 4, 30),
        reason="거짓 증빙",
    )
    assert codes(project.record(payee=name)) == ["payee_barred"]


def test_a_plan_is_answered_before_the_money_is_spent_and_nothing_is_kept(database, publish) -> None:
    project = running(database, publish())
    told = expenses.plan(
        database,
        project.leader,
        SPENDING,
        application_id=project.id,
        spent=spent(amount_won=1_100_000, spent_on=date(2026, 8, 1)),
    )
    assert [each.code for each in told.findings] == ["over_item_ceiling"]
    assert (told.worst, told.most_won) == ("block", 1_000_000)
    assert expenses.plan(database, DONGJAK, SPENDING, application_id=project.id, spent=spent()).worst == "clean"
    for actor, code in ((resident(9), "other_district"), (SEONGBUK, "other_district")):
        with pytest.raises(Refusal, match=code):
            expenses.plan(database, actor, SPENDING, application_id=project.id, spent=spent())
    with database.read() as session:
        assert not session.scalar(select(func.count()).select_from(Expense))
