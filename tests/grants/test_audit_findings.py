"""What public audits keep finding, each tried in earnest through the use cases: the fault is committed, and refused (or
flagged, as the programme says) by its name. The table of findings and this table are held against each other."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.grants import applications, expenses, payments, process, programmes, sanctions, settlement
from services.grants.committee import agenda, deciding, voting
from services.grants.intake import checking
from services.grants.models import (
    Application,
    Attachment,
    Call,
    Expense,
    Interest,
    ProgrammeVersion,
    ReturnOrder,
    Review,
    Tranche,
)
from services.grants.refuses import SAID_AS
from services.grants.reviewing import scoring
from services.grants.rules.findings import BY_CODE
from services.grants.schemas import definition as documents
from shared.database import Database
from shared.refusal import Refusal
from tests.grants import meeting_room, paying, review_room, spending, stage
from tests.grants.conftest import AFTER, CLOSES, DONGJAK, OPENS
from tests.grants.spending import OVER, SPENDING

TRIED: dict[str, Callable[[Database, Any], None]] = {}
PLAN = "봄마다 이웃과 함께 골목의 빈터에 꽃을 심고 가을에는 씨앗을 나누어 다음 해를 준비합니다."


def tries(code: str) -> Callable[[Callable[[Database, Any], None]], Callable[[Database, Any], None]]:
    def add(function: Callable[[Database, Any], None]) -> Callable[[Database, Any], None]:
        TRIED[code] = function
        return function

    return add


def refused(code: str, act: Callable[[], Any]) -> None:
    """The act is refused by this code, or by one of those that stand for it."""
    with pytest.raises(Refusal) as caught:
        act()
    found = {caught.value.code, *(each for codes in caught.value.fields.values() for each in codes)}
    assert found & {code, *SAID_AS.get(code, ())}, (caught.value.code, caught.value.fields)


def codes(expense: Expense) -> list[str]:
    return [each["code"] for each in expense.findings if each["blocking"]]


def not_recognised(code: str, project: spending.Project, made: Expense) -> None:
    """The rule names the expense by this code, and nobody can recognise a won of it."""
    assert code in codes(made)
    refused("expense_blocked", lambda: project.decide(made))
    refused("expense_blocked", lambda: project.decide(made, accepted_won=1, reason="일부"))
    assert project.decide(made, accepted_won=0).state == "refused"


def choose(database: Database, call: Call, code: str, effect: str) -> None:
    """The call's programme chooses what a finding does."""
    with database.write() as session:
        version = session.get_one(ProgrammeVersion, session.get_one(Call, call.id).version_id)
        document = dict(version.definition)
        document["settlement"] = {**document["settlement"], "findings": {code: effect}}
        version.definition, version.definition_hash = document, documents.digest(document)
        assert programmes.rules_of(version).settlement.findings == {code: effect}


def test_every_finding_is_tried():
    assert set(TRIED) == set(BY_CODE)


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_the_fault_is_refused_by_its_name(database, publish, code):
    TRIED[code](database, publish)


@tries("photo_reused")
def _the_same_photo_in_two_projects(database, publish):
    call = publish()
    first, second = spending.running(database, call), spending.running(database, call, accounts=(11, 12))
    photo = spending.receipt("the very same receipt")
    of = {"spent": spending.spent(), "evidence": [photo]}
    expenses.record(database, first.leader, SPENDING, application_id=first.id, key="k", **of)
    of["spent"] = spending.spent(payee="다른 꽃집", amount_won=90_000)
    again = expenses.record(database, second.leader, SPENDING, application_id=second.id, key="k", **of)
    not_recognised("photo_reused", second, again)
    # saved anew it is a likeness, which a person looks at; a programme that says so makes it block
    project = spending.running(database, call, accounts=(21, 22))

    def shown(key: str, by: spending.Project, width: int) -> Expense:
        what = {
            "spent": spending.spent(payee=f"가게 {key}"),
            "evidence": [spending.picture(7, (width, width * 3 // 4))],
        }
        return expenses.record(database, by.leader, SPENDING, application_id=by.id, key=key, **what)

    assert shown("a", first, 1200).worst == "clean"
    looked_at = shown("b", second, 900)
    assert [(each["code"], each["blocking"]) for each in looked_at.findings] == [("photo_alike", False)]
    answered = expenses.accept_clean(database, DONGJAK, SPENDING, [looked_at.id])
    assert answered.refused[looked_at.id].code == "expense_not_clean"
    choose(database, call, "photo_alike", "block")
    not_recognised("photo_alike", project, shown("c", project, 800))


@tries("expense_repeated")
def _one_receipt_settled_twice(database, publish):
    project = spending.running(database, publish())
    project.accepted()
    not_recognised("expense_repeated", project, project.record())


@tries("spent_before_agreement")
def _work_done_before_the_approval(database, publish):
    project = spending.running(database, publish())
    early = project.record(spent_on=spending.STARTS - timedelta(days=1))
    not_recognised("spent_before_agreement", project, early)


@tries("spent_after_period")
def _spending_after_the_period(database, publish):
    project = spending.running(database, publish())
    late = project.record(spent_on=spending.ENDS + timedelta(days=1), at=OVER)
    not_recognised("spent_after_period", project, late)


@tries("evidence_missing")
def _settlement_without_receipts(database, publish):
    project = spending.running(database, publish())
    not_recognised("evidence_missing", project, project.record(proved=False))
    proved = project.accepted(payee="다른 꽃집")
    with database.write() as session:  # the receipt is gone, whatever way
        session.query(Attachment).filter_by(subject_kind="expense", subject_id=proved.id).update(
            {"removed_at": SPENDING}
        )
    project.file()
    refused("receipts_missing", lambda: settlement.finalize(database, DONGJAK, OVER, application_id=project.id))


@tries("agreement_unsigned")
def _an_advance_before_the_agreement(database, publish):
    """Even with a tranche on record and all its steps taken, past every page."""
    project = paying.selected(database, publish())
    agreement = project.prepare()
    refused("agreement_unsigned", lambda: move(database, project.id, "agree"))
    tranche = planned(database, project.id, 1, ("announced", "agreement_signed"))
    project.sign(project.leader, "group", agreement)  # one of the two parties is not enough
    refused("agreement_unsigned", lambda: move(database, project.id, "agree"))
    with database.write() as session:
        session.get_one(Application, project.id).state = "running"
        session.get_one(Application, project.id).phase = "running"
    payments_refused("agreement_unsigned", database, project, tranche)


@tries("interim_missing")
def _the_second_tranche_before_the_interim_evaluation(database, publish):
    project = paying.selected(database, publish())
    project.agree()
    project.ready()
    project.pay(1)
    project.reach("report_filed")
    payments_refused("interim_missing", database, project, project.tranche(2))
    project.ready(2)
    assert project.pay(2, reference="이체 2").state == "paid"


@tries("return_overdue")
def _a_new_award_while_a_return_is_overdue(database, publish):
    call = publish()
    meeting_room.appoint(database)
    waiting = meeting_room.waiting(database, call)
    owing(database, waiting, publish)
    meeting = meeting_room.opened(database, call)
    refused("return_overdue", lambda: meeting_room.decide(database, meeting, waiting))
    project = paying.selected(database, publish(title="또 다른 공고"), accounts=(31, 32))
    project.agree()
    project.ready()
    owing(database, project.id, publish)
    payments_refused("return_overdue", database, project, project.tranche(1))


@tries("sanctioned")
def _an_excluded_person_with_a_new_group(database, publish):
    call = publish()
    barred = stage.group(database, AFTER, (41,))
    sanctions.impose(
        database,
        DONGJAK,
        AFTER,
        group_id=barred,
        starts_on=AFTER.date(),
        ends_on=date(2029, 12, 31),
        reason="보조금을 다른 데 썼습니다.",
    )
    meeting_room.appoint(database)
    new = stage.group(database, AFTER, (1, 41))  # somebody of it leads nothing here, and is known again all the same
    waiting = stage.application(database, call, new, AFTER, state="deliberation")
    meeting = meeting_room.opened(database, call)
    refused("sanctioned", lambda: meeting_room.decide(database, meeting, waiting))


@tries("no_quorum")
def _a_committee_without_quorum(database, publish):
    call = publish()
    meeting_room.appoint(database)
    waiting = meeting_room.waiting(database, call)
    meeting = meeting_room.opened(database, call, there=meeting_room.MEMBERS[:2])
    item = meeting_room.item_of(database, meeting, waiting)
    voting.start(database, DONGJAK, meeting_room.HELD, item_id=item.id)
    for account_id in meeting_room.MEMBERS[:2]:
        voting.cast(database, meeting_room.member(account_id), meeting_room.HELD, item_id=item.id, choice="for")
    refused("no_quorum", lambda: deciding.decide(database, DONGJAK, meeting_room.HELD, item_id=item.id))
    with database.read() as session:
        assert session.get_one(Application, waiting).state == "deliberation"


@tries("member_interested")
def _an_interested_member_votes_and_an_interested_reviewer_scores(database, publish):
    call = publish()
    meeting_room.appoint(database)
    waiting = meeting_room.waiting(database, call, who=meeting_room.MEMBERS[0])  # their own group's
    meeting = meeting_room.opened(database, call)
    item = meeting_room.item_of(database, meeting, waiting)
    own = meeting_room.member(meeting_room.MEMBERS[0])
    agenda.propose(database, DONGJAK, meeting_room.HELD, item_id=item.id, proposal=agenda.Proposal("select", 2_000_000))
    voting.start(database, DONGJAK, meeting_room.HELD, item_id=item.id)
    refused(
        "member_interested",
        lambda: voting.cast(database, own, meeting_room.HELD, item_id=item.id, choice="for"),
    )
    review_room.appoint(database, (21, 22, 23))
    (reviewed,) = review_room.in_review(database, publish(title="심사할 공고"))
    with database.read() as session:
        other = session.get_one(Call, session.get_one(Application, reviewed).call_id)
    review = review_room.assign(database, other)[0]
    with database.write() as session:
        session.add(Interest(account_id=review.account_id, application_id=reviewed, kind="declared", at=AFTER))
    refused(
        "not_found",
        lambda: scoring.submit(
            database,
            review_room.reviewer(review.account_id),
            review_room.LATER,
            review_id=review.id,
            written=review_room.written(),
        ),
    )
    with database.read() as session:
        assert session.get_one(Review, review.id).state != "submitted"


@tries("same_person_approves")
def _one_person_prepares_and_approves(database, publish):
    project = paying.selected(database, publish())
    project.agree()
    project.ready()
    tranche = project.tranche(1)
    payments.request(database, project.leader, paying.SIGNED, tranche_id=tranche)
    payments.prepare(database, DONGJAK, paying.SIGNED, tranche_id=tranche)
    refused("same_person_approves", lambda: payments.approve(database, DONGJAK, paying.SIGNED, tranche_id=tranche))
    with pytest.raises(IntegrityError):  # nor past the use cases
        approve_alone(database, tranche)


@tries("person_behind_groups")
def _one_person_behind_two_groups(database, publish):
    flagged_then_blocked("person_behind_groups", database, publish)


@tries("ceiling_split")
def _a_ceiling_split_into_two_applications(database, publish):
    flagged_then_blocked("ceiling_split", database, publish)


@tries("applied_twice")
def _one_project_in_two_calls(database, publish):
    flagged_then_blocked("applied_twice", database, publish, calls=2)


def flagged_then_blocked(code: str, database: Database, publish: Any, calls: int = 1) -> None:
    """The staff is told as the programme is; one that says so makes it refuse."""
    published = [publish() for _ in range(calls)]
    for call in (published[0], published[-1]):
        twin = stage.group(database, AFTER, (51, 52))
        made = stage.application(database, call, twin, AFTER, account_id=51, plan=PLAN, requested_won=2_000_000)
    told = checking.sheet(database, DONGJAK, AFTER, application_id=made)
    assert (code, "flag") in [(each.code, each.effect) for each in told.findings]
    choose(database, call, code, "block")
    refused(code, lambda: checking.accept(database, DONGJAK, AFTER, application_id=made))
    with database.read() as session:
        assert session.get_one(Application, made).state == "submitted"


def payments_refused(code: str, database: Database, project: paying.Project, tranche: int) -> None:
    """Each step of a payment is refused, from whatever state it is tried."""
    now, day = paying.SIGNED, paying.city_date(paying.SIGNED)
    staff = {"tranche_id": tranche}
    refused(code, lambda: payments.request(database, project.leader, now, **staff))
    for state, prepared_by, act in (
        ("requested", None, lambda: payments.prepare(database, DONGJAK, now, **staff)),
        ("prepared", DONGJAK.account_id, lambda: payments.approve(database, paying.SECOND, now, **staff)),
        (
            "approved",
            DONGJAK.account_id,
            lambda: payments.pay(database, DONGJAK, now, reference="이체", paid_on=day, **staff),
        ),
    ):
        with database.write() as session:
            row = session.get_one(Tranche, tranche)
            row.state, row.prepared_by = state, prepared_by
            if state == "approved":
                row.approved_by, row.approved_at = paying.SECOND.account_id, now
        refused(code, act)
    with database.write() as session:
        row = session.get_one(Tranche, tranche)
        assert row.state == "approved"
        row.state, row.prepared_by, row.approved_by, row.approved_at = "planned", None, None, None


def approve_alone(database: Database, tranche: int) -> None:
    with database.write() as session:
        row = session.get_one(Tranche, tranche)
        row.state, row.approved_by = "approved", row.prepared_by


def planned(database: Database, application_id: int, number: int, gates: tuple[str, ...]) -> int:
    with database.write() as session:
        made = Tranche(application_id=application_id, number=number, amount_won=100_000, gates=list(gates))
        session.add(made)
        session.flush()
        return made.id


def owing(database: Database, application_id: int, publish: Any) -> None:
    """The group of an application owes a return of an earlier one, long due."""
    with database.read() as session:
        group = session.get_one(Application, application_id).group_id
    year = timedelta(days=365)
    last_year = publish(
        title=f"지난 공고 {application_id}",
        opens_at=OPENS - year,
        closes_at=CLOSES - year,
        results_on=date(2025, 4, 3),
    )
    earlier = stage.application(database, last_year, group, AFTER - year, state="settled")
    with database.write() as session:
        session.add(
            ReturnOrder(
                application_id=earlier,
                kind="voluntary_return",
                amount_won=300_000,
                reason="남은 금액",
                ordered_by=501,
                ordered_at=AFTER - timedelta(days=60),
                due_on=AFTER.date() - timedelta(days=30),
                idempotency_key="r",
            )
        )


def move(database: Database, application_id: int, event: str) -> None:
    with database.write() as session:
        application, call = applications.locked(session, application_id)
        process.move(session, application, call, event, DONGJAK, paying.SIGNED)
