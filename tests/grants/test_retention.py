"""Forgetting: what is old names nobody, what is not old stays, and no figure changes (invariant 15)."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from services.grants import projects, retention
from services.grants.clockwork import TASKS
from services.grants.models import (
    AUDIT,
    ApplicantGroup,
    Application,
    ApplicationStep,
    Appointment,
    Attachment,
    Base,
    Blob,
    Expense,
    Filing,
    GroupMember,
    Objection,
    Posting,
    Project,
    Review,
    Reviewer,
    Sanction,
    Signature,
)
from services.grants.project_search import Wanted
from shared.audit import record
from shared.database import Database
from tests.grants import funded_rows, stage
from tests.grants.conftest import DONGJAK, resident
from tests.grants.funded_rows import DECIDED

PERSON, PHONE, STREET, ACCOUNT, WORDS = "홍길동", "010-1234-5678", "동작대로 1길", "999-888-777", "제 이야기를 적습니다"
CONTENT = b"a photo of somebody"
YEAR = timedelta(days=365)
END = DECIDED + timedelta(days=200)
LATER = END + YEAR + timedelta(days=1)


def everything(database: Database) -> str:
    with database.read() as session:
        return "\n".join(
            str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table)).all()
        )


def figures(database: Database) -> dict[str, Any]:
    """What the statistics are made of."""
    columns = (Application.call_id, Application.phase, Application.state, Application.requested_won)
    spent = select(Expense.amount_won, Expense.accepted_won).order_by(Expense.id)
    with database.read() as session:
        found = projects.find(session, Wanted(), LATER)
        return {
            "applications": [tuple(row) for row in session.execute(select(*columns).order_by(Application.id))],
            "members": session.scalars(select(Application.members).order_by(Application.id)).all(),
            "ledger": [
                tuple(row) for row in session.execute(select(Posting.kind, Posting.amount_won, Posting.posted_on))
            ],
            "register": [(one.project.title, one.project.group_name, one.money) for one in found.entries],
            "scores": session.scalars(select(Review.total_tenths).order_by(Review.id)).all(),
            "expenses": [tuple(row) for row in session.execute(spent)],
            "projects": projects.figures(session),
        }


@pytest.fixture
def call(database: Database) -> Any:
    return funded_rows.call(database)


@pytest.fixture
def lived(database: Database, call: Any) -> Callable[..., int]:
    """A group with an application of its own, full of what people wrote; ended at `END` in `state`."""

    def make(state: str, at: datetime = END, *, filed_by: int = 7, file: bytes = CONTENT) -> int:
        group = stage.group(
            database, at - YEAR, (filed_by,), names=(PERSON,), address=STREET, bank_account=ACCOUNT, bank_holder=PERSON
        )
        number = stage.application(
            database,
            call,
            group,
            at,
            state=state,
            account_id=filed_by,
            representative=PERSON,
            plan=WORDS,
            title=f"{WORDS} 사업",
            reason=WORDS,
            conditions=WORDS,
            typed={"plan": WORDS},
            answers={"members": [{"name": PERSON, "phone": PHONE}]},
            saved_at=at,
            saved_by=filed_by,
            latitude=37.51,
            longitude=126.94,
        )
        digest = hashlib.sha256(file).hexdigest()
        with database.write() as session:
            session.query(GroupMember).filter_by(group_id=group, name=PERSON).update(
                {"phone": PHONE, "address": STREET}
            )
            session.add_all(
                [
                    Filing(
                        application_id=number,
                        number=1,
                        answers={"plan": WORDS},
                        files=[{"name": f"{PERSON}.pdf"}],
                        filed_hash="0" * 64,
                        filed_at=at,
                        filed_by=filed_by,
                        idempotency_key="k1",
                    ),
                    ApplicationStep(
                        application_id=number,
                        event="submit",
                        from_state="draft",
                        to_state="submitted",
                        at=at,
                        account_id=filed_by,
                        reason=WORDS,
                    ),
                    ApplicationStep(
                        application_id=number,
                        event="reject",
                        from_state="deliberation",
                        to_state=state,
                        at=at,
                        account_id=DONGJAK.account_id,
                        reason=WORDS,
                    ),
                    Objection(
                        application_id=number,
                        words=WORDS,
                        filed_at=at,
                        filed_by=filed_by,
                        state="dismissed",
                        answer=WORDS,
                    ),
                    Expense(
                        application_id=number,
                        category="project",
                        item="supplies",
                        spent_on=at.date(),
                        payee=PERSON,
                        payee_key=PERSON,
                        amount_won=100_000,
                        accepted_won=90_000,
                        purpose=WORDS,
                        reason=WORDS,
                        state="accepted",
                        filed_by=filed_by,
                        filed_at=at,
                        idempotency_key="e1",
                    ),
                    Expense(
                        application_id=number,
                        category="project",
                        item="supplies",
                        spent_on=at.date(),
                        payee="꽃집 상사",
                        payee_key="꽃집상사",
                        payee_number="1234567890",
                        amount_won=50_000,
                        filed_by=filed_by,
                        filed_at=at,
                        idempotency_key="e2",
                    ),
                ]
            )
            if session.get(Blob, digest) is None:
                session.add(Blob(sha256=digest, size=len(file), content=file))
                session.flush()
            session.add(
                Attachment(
                    subject_kind="application",
                    subject_id=number,
                    field="plan_files",
                    name=f"{PERSON}.jpg",
                    content_type="image/jpeg",
                    size=len(file),
                    sha256=digest,
                    perceptual_hash="00ff00ff00ff00ff",
                    year=at.year,
                    uploaded_by=filed_by,
                    uploaded_at=at,
                    idempotency_key=f"f{number}",
                )
            )
            for actor, action in ((resident(filed_by), "application.submit"), (DONGJAK, "application.viewed")):
                record(session, AUDIT, actor, at, action, f"application:{number}")
        return number

    return make


@pytest.mark.parametrize("state", ["rejected", "withdrawn", "closed", "archived", "draft"])
def test_what_is_old_names_nobody_and_the_figures_stay(database, lived, state):
    lived(state)
    before = figures(database)
    assert retention.forget(database, LATER, LATER - YEAR) == 1
    left = everything(database)
    for personal in (PERSON, PHONE, STREET, ACCOUNT, WORDS, CONTENT.decode(), "주민 7", "person-7"):
        assert personal not in left, personal
    assert figures(database) == before
    with database.read() as session:
        application = session.scalars(select(Application)).one()
        assert application.account_id == retention.NOBODY
        assert (application.latitude, application.longitude) == (None, None)
        assert session.scalars(select(ApplicationStep.account_id).order_by(ApplicationStep.id)).all() == [None, 501]
        assert session.scalars(select(Expense.payee).order_by(Expense.id)).all() == ["", "꽃집 상사"]
        assert session.scalar(select(Attachment.perceptual_hash)) == "00ff00ff00ff00ff"
        acted = session.execute(
            select(AUDIT.c.action, AUDIT.c.account_id).where(AUDIT.c.subject.like("application:%")).order_by(AUDIT.c.id)
        ).all()
        assert [tuple(row) for row in acted] == [
            ("application.submit", None),
            ("application.viewed", 501),
            ("person.forgotten", 0),
        ]
    assert retention.forget(database, LATER, LATER - YEAR) == 0


@pytest.mark.parametrize("state", ["submitted", "running", "settled", "deliberation", "terminated"])
def test_what_is_not_over_stays_however_old(database, lived, state):
    lived(state)
    before = everything(database)
    assert retention.forget(database, LATER, LATER - YEAR) == 0
    assert everything(database) == before


def test_what_is_not_old_stays(database, lived):
    lived("closed")
    before = everything(database)
    assert retention.forget(database, LATER - timedelta(days=2), LATER - timedelta(days=2) - YEAR) == 0
    assert everything(database) == before


def test_a_funded_project_stays_in_the_register(database, call):
    number = funded_rows.project(
        database,
        call,
        state="closed",
        paid=(1_400_000,),
        period=(date(2026, 4, 10), date(2026, 9, 1)),
        outcome="화단 열두 곳을 가꾸었습니다.",
    )
    with database.write() as session:
        group = session.get_one(Project, number).group_id
        made = session.get_one(ApplicantGroup, group)
        name = made.name
        session.add(
            Signature(agreement_id=1, party="group", account_id=1, name=PERSON, body_hash="0" * 64, signed_at=DECIDED)
        )
    assert retention.forget(database, LATER, LATER - YEAR) == 1
    with database.read() as session:
        whole = projects.one(session, number, LATER)
        assert whole.outcome == "화단 열두 곳을 가꾸었습니다."
        assert whole.entry.project.group_name == "느티나무 이웃회"
        assert whole.entry.money.paid_won == 1_400_000
        left = session.get_one(ApplicantGroup, group)
        assert (left.name, left.bank_account, left.bank_holder) == (name, "", "")
        assert session.scalars(select(GroupMember.name).where(GroupMember.group_id == group)).all() == [""]
        assert session.scalars(select(Signature.name)).all() == [""]
        assert session.scalars(select(Signature.account_id)).all() == [retention.NOBODY]


def test_a_file_that_another_application_still_needs_keeps_its_content(database, lived):
    lived("rejected", filed_by=7)
    lived("running", filed_by=8)
    retention.forget(database, LATER, LATER - YEAR)
    with database.read() as session:
        assert session.scalar(select(Blob.content)) == CONTENT
        assert session.scalars(select(Attachment.name).order_by(Attachment.id)).all() == ["", f"{PERSON}.jpg"]


def test_a_group_with_something_live_keeps_its_account_and_people(database, call, lived):
    number = lived("rejected")
    with database.read() as session:
        group = session.get_one(Application, number).group_id
    stage.application(
        database, funded_rows.call(database, title="내년", idempotency_key="next"), group, LATER, state="running"
    )
    assert retention.forget(database, LATER, LATER - YEAR) == 1
    with database.read() as session:
        assert session.get_one(ApplicantGroup, group).bank_account == ACCOUNT
        assert PERSON in session.scalars(select(GroupMember.name)).all()
        assert session.get_one(Application, number).plan == ""


def test_a_group_under_an_exclusion_is_known_until_it_ends(database, lived):
    number = lived("closed")
    ends_on = (LATER + timedelta(days=10)).date()
    with database.write() as session:
        group = session.get_one(Application, number).group_id
        session.add(
            Sanction(
                group_id=group,
                application_id=number,
                district="11590",
                person_keys=["person-7"],
                reason=WORDS,
                starts_on=END.date(),
                ends_on=ends_on,
                imposed_by=501,
                imposed_at=END,
            )
        )
    retention.forget(database, LATER, LATER - YEAR)
    with database.read() as session:
        assert session.get_one(ApplicantGroup, group).bank_account == ACCOUNT
        assert session.scalars(select(Sanction.person_keys)).one() == ["person-7"]
    much_later = LATER + timedelta(days=12) + YEAR
    retention.forget(database, much_later, much_later - YEAR)
    with database.read() as session:
        assert session.get_one(ApplicantGroup, group).bank_account == ""
        assert session.scalars(select(Sanction.person_keys)).one() == []


def test_who_left_a_group_is_forgotten_while_it_goes_on(database, lived):
    number = lived("running")
    with database.write() as session:
        session.query(GroupMember).filter_by(name=PERSON).update({"left_at": END})
    assert retention.forget(database, LATER, LATER - YEAR) == 1
    with database.read() as session:
        group = session.get_one(Application, number).group_id
        names = session.scalars(select(GroupMember.name).where(GroupMember.group_id == group).order_by(GroupMember.id))
        assert names.all() == ["주민 7", ""]


def test_a_reviewer_out_of_use_is_forgotten_and_the_scores_stay(database, lived):
    number = lived("running")
    with database.write() as session:
        for account_id, ends_on in ((21, END.date()), (22, LATER.date())):
            session.add(
                Reviewer(
                    account_id=account_id, name=f"{PERSON} {account_id}", address=STREET, phone=PHONE, changed_at=END
                )
            )
            session.flush()
            session.add(
                Appointment(
                    district="11590",
                    account_id=account_id,
                    kind="reviewer",
                    starts_on=DECIDED.date(),
                    ends_on=ends_on,
                    appointed_by=501,
                    appointed_at=DECIDED,
                )
            )
            session.add(
                Review(
                    application_id=number,
                    stage="document_review",
                    account_id=account_id,
                    state="submitted",
                    scores={"need": 10},
                    total_tenths=100,
                    sealed_hash="0" * 64,
                    submitted_at=END,
                    assigned_at=END,
                    assigned_by=501,
                )
            )
    before = figures(database)
    assert retention.forget(database, LATER, LATER - YEAR) == 1
    with database.read() as session:
        names = session.scalars(select(Reviewer.name).order_by(Reviewer.account_id)).all()
        assert names == ["", f"{PERSON} 22"]
        assert session.scalar(select(func.count()).select_from(Review)) == 2
    assert figures(database) == before


def test_more_than_a_batch_takes_several_turns(database, lived, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for account_id in range(11, 16):
        lived("rejected", filed_by=account_id)
    assert [retention.forget(database, LATER, LATER - YEAR) for _turn in range(4)][:3] == [2, 2, 1]
    assert PERSON not in everything(database)


def test_the_clock_forgets_by_the_setting(database, house, lived):
    task = next(each for each in TASKS if each.name == "retention")
    lived("closed")
    assert task.work(database, house.settings, END + timedelta(days=1094)) is False
    assert PERSON in everything(database)
    task.work(database, house.settings, END + timedelta(days=1096))
    assert PERSON not in everything(database)
