""" "Why can't I be paid?": the page, the list and the API say what the very guards say that block a payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from services.grants import award, funded, guards, milestones, payments
from services.grants.guards import GUARDS, OWNERS
from services.grants.milestones import Said
from services.grants.models import (
    Agreement,
    ApplicantGroup,
    Application,
    Attachment,
    Call,
    Expense,
    Milestone,
    Tranche,
)
from services.grants.pages import gates
from services.grants.policy import city_date
from services.grants.readers import READERS
from services.grants.ready import READY
from services.grants.refusals import SENTENCES
from services.grants.rules.file_kinds import ANY
from services.grants.rules.files import examine
from shared.database import Database
from shared.refusal import Refusal
from tests.grants import file_makers
from tests.grants.conftest import DONGJAK, SEONGBUK, resident
from tests.grants.paying import ENDS, LEADER, MEMBER, SIGNED, Project, selected
from tests.refused import code_of, fields_of

DAY = city_date(SIGNED)


@pytest.fixture
def project(database: Database, publish: Callable[..., Call]) -> Project:
    made = selected(database, publish(), self_contribution_won=300_000)
    made.agree()
    return made


def standing(project: Project, number: int = 1) -> dict[str, bool]:
    with project.database.read() as session:
        it = funded.opened(session, DONGJAK, project.id)
        tranche = session.get_one(Tranche, payments.number_of(session, project.id, number))
        return {gate.guard.key: gate.green for gate in payments.gates(session, it, tranche, SIGNED)}


def say(project: Project, key: str, actor: object = MEMBER, amount: int | None = None, **more: object) -> Milestone:
    evidence = [examine("증빙.jpg", file_makers.jpeg(), ANY)] if more.pop("file", True) else []
    return milestones.say(
        project.database,
        actor,  # type: ignore[arg-type]
        SIGNED,
        application_id=project.id,
        key=key,
        said=Said(DAY, amount, str(more.pop("note", ""))),
        evidence=evidence,
        upload_key="upload",
    )


def test_each_gate_turns_green_by_what_it_names(project: Project) -> None:
    assert standing(project) == {
        "agreement_signed": True,
        "announced": True,
        "account_known": True,
        "training_done": False,
        "self_contribution_deposited": False,
        "no_overdue_return": True,
    }
    project.reach("training_done")
    assert standing(project)["training_done"]
    project.reach("self_contribution_deposited", amount_won=299_999)
    assert not standing(project)["self_contribution_deposited"]
    project.reach("self_contribution_deposited", amount_won=300_000)
    assert all(standing(project).values())
    with project.database.write() as session:
        session.execute(update(ApplicantGroup).values(bank_account=""))
    assert not standing(project)["account_known"]


def looked(project: Project, number: int = 1) -> dict[str, guards.Gate]:
    """The red gates of a tranche."""
    with project.database.read() as session:
        it = funded.opened(session, DONGJAK, project.id)
        tranche = session.get_one(Tranche, payments.number_of(session, project.id, number))
        found = payments.gates(session, it, tranche, SIGNED)
    return {gate.guard.key: gate for gate in found if not gate.green}


def red(project: Project, number: int = 1) -> dict[str, tuple[str, date | None]]:
    """The red gates of a tranche: who has to see to it, and by when."""
    return {key: (gate.owner, gate.finding.due) for key, gate in looked(project, number).items()}


def test_a_red_gate_names_who_has_to_see_to_it_now_and_by_when(project: Project) -> None:
    """The first payment is due in the agreed period, the next in its middle, with the interim evaluation."""
    with project.database.write() as session:
        session.execute(update(ApplicantGroup).values(bank_account=""))
    middle = ENDS - (ENDS - DAY) / 2
    assert red(project) == {
        "account_known": ("group", ENDS),
        "training_done": ("group", ENDS),
        "self_contribution_deposited": ("group", ENDS),
    }
    for key, amount in (("training_done", None), ("self_contribution_deposited", 300_000)):
        say(project, key, amount=amount)
        gate = looked(project)[key]
        assert (gate.owner, gate.finding.due, gate.finding.waiting) == ("district", ENDS, True)
    second = {
        "earlier_tranches_paid": ("group", middle),
        "report_filed": ("group", middle),
        "interim_passed": ("district", middle),
    }
    assert red(project, 2) == second
    with project.database.write() as session:
        session.execute(update(Tranche).where(Tranche.number == 1).values(state="requested"))
        expense = {"category": "activity", "item": "materials", "payee": "꽃집", "payee_key": "꽃집", "purpose": "꽃"}
        more = {"amount_won": 1, "spent_on": DAY, "filed_by": 1, "filed_at": SIGNED, "idempotency_key": "e"}
        session.add(Expense(application_id=project.id, **expense, **more))
    assert red(project, 2) == second | {
        "earlier_tranches_paid": ("district", middle),
        "expenses_decided": ("district", middle),
    }


def test_an_unsigned_agreement_is_with_whoever_signs_next(database: Database, publish: Callable[..., Call]) -> None:
    project = selected(database, publish())

    def signing() -> tuple[str, date | None]:
        with database.read() as session:
            it = funded.opened(session, DONGJAK, project.id)
            (gate,) = guards.look(["agreement_signed"], funded.facts(session, it, SIGNED, 1))
        return gate.owner, gate.finding.due

    assert signing() == ("district", None)  # nobody knows a day before it is prepared
    starts = DAY + timedelta(days=7)
    agreement = project.prepare(starts_on=starts)
    assert signing() == ("group", starts)
    with database.write() as session:
        award.take_back_offer(session, SIGNED, project.id)  # as an objection that is upheld does
    assert signing() == ("district", None)  # what was replaced waits for nobody
    agreement = project.prepare(starts_on=starts)
    assert signing() == ("group", starts)
    project.sign(LEADER, "group", agreement)
    assert signing() == ("district", starts)


def test_what_is_shown_red_is_what_refuses(project: Project) -> None:
    """For each gate of each tranche, made red alone: the page shows it red and the payment is refused with its code."""
    project.ready()
    tranche = project.tranche()
    ways = {
        "training_done": update(Milestone).where(Milestone.key == "training_done").values(waiting=True),
        "self_contribution_deposited": update(Milestone)
        .where(Milestone.key == "self_contribution_deposited")
        .values(amount_won=1),
        "account_known": update(ApplicantGroup).values(bank=""),
        "announced": update(Application).values(announced_at=SIGNED + timedelta(days=1)),
        "agreement_signed": update(Agreement).values(signed_at=None),
    }
    for key, broken in ways.items():
        assert all(standing(project).values()), key
        with project.database.read() as session:
            kept = [
                (model, {column.key: getattr(row, column.key) for column in model.__table__.columns})
                for model in (Milestone, ApplicantGroup, Application, Agreement)
                for row in session.scalars(select(model))
            ]
        with project.database.write() as session:
            session.execute(broken)
        assert [each for each, green in standing(project).items() if not green] == [key]
        request = partial(payments.request, project.database, LEADER, SIGNED, tranche_id=tranche)
        assert code_of(request) == GUARDS[key].code
        with project.database.write() as session:
            for model, values in kept:
                session.merge(model(**values))


def test_every_gate_has_an_owner_a_place_and_words() -> None:
    wanted = {gate for make in READY.values() for plan in make().tranches for gate in plan.gates}
    assert wanted <= set(GUARDS)
    for key, guard in GUARDS.items():
        assert guard.key == key
        assert guard.owner in OWNERS
        assert guard.owner in gates.OWNERS
        assert guard.code in SENTENCES
        assert str(guard.label)
    assert set(gates.WHERE) <= set(GUARDS)
    assert wanted - {"announced"} <= set(gates.WHERE)


def test_a_gate_that_nobody_knows_is_red(project: Project) -> None:
    project.ready()
    with project.database.write() as session:
        session.execute(update(Tranche).values(gates=["anything"]))
    assert standing(project)["anything"] is False
    request = partial(payments.request, project.database, LEADER, SIGNED, tranche_id=project.tranche())
    assert code_of(request) == "gate_unknown"


def test_what_the_group_says_waits_for_the_staff(project: Project) -> None:
    made = say(project, "training_done")
    assert (made.waiting, made.recorded_by) == (True, MEMBER.account_id)
    assert not standing(project)["training_done"]
    for actor, code in ((SEONGBUK, "other_district"), (LEADER, "other_district"), (resident(9), "other_district")):
        confirm = partial(milestones.confirm, project.database, actor, SIGNED, application_id=project.id)
        assert code_of(partial(confirm, key="training_done")) == code
    for _ in range(2):
        milestones.confirm(project.database, DONGJAK, SIGNED, application_id=project.id, key="training_done")
    assert standing(project)["training_done"]
    assert code_of(lambda: say(project, "training_done")) == "milestone_confirmed"


def test_more_own_money_may_be_said_later(project: Project) -> None:
    say(project, "self_contribution_deposited", amount=100_000)
    confirm = partial(milestones.confirm, project.database, DONGJAK, SIGNED, application_id=project.id)
    confirm(key="self_contribution_deposited")
    assert not standing(project)["self_contribution_deposited"]
    assert code_of(lambda: say(project, "self_contribution_deposited", amount=50_000)) == "milestone_confirmed"
    say(project, "self_contribution_deposited", amount=300_000)
    assert not standing(project)["self_contribution_deposited"]
    confirm(key="self_contribution_deposited")
    assert standing(project)["self_contribution_deposited"]


def test_evidence_is_needed_and_kept_with_the_project(project: Project) -> None:
    assert fields_of(lambda: say(project, "training_done", file=False)) == {"files": ["file_missing"]}
    say(project, "training_done")
    say(project, "training_done", file=False)  # what was attached counts
    with project.database.read() as session:
        (file,) = milestones.evidence_of(session, project.id)["training_done"]
        assert READERS["milestone"](session, MEMBER, file) is True
        assert READERS["milestone"](session, DONGJAK, file) is False
        with pytest.raises(Refusal, match="other_district"):
            READERS["milestone"](session, SEONGBUK, file)
        assert session.get_one(Attachment, file.id).group_id == project.application().group_id


def test_sent_back_with_the_reason(project: Project) -> None:
    say(project, "training_done")
    back = partial(milestones.send_back, project.database, DONGJAK, SIGNED, application_id=project.id)
    assert fields_of(partial(back, key="training_done", reason="")) == {"reason": ["text_missing"]}
    back(key="training_done", reason="다른 사람의 수료증입니다.")
    assert code_of(partial(back, key="training_done", reason="다시")) == "not_found"
    project.reach("training_done")
    assert code_of(partial(back, key="training_done", reason="다시")) == "milestone_confirmed"


def test_the_report_counts_at_once_and_may_be_filed_anew(project: Project) -> None:
    assert fields_of(lambda: say(project, "report_filed", file=False)) == {"note": ["text_missing"]}
    assert not say(project, "report_filed", file=False, note="화단을 만들었습니다.").waiting
    assert say(project, "report_filed", note="사진을 더했습니다.").note == "사진을 더했습니다."
    assert standing(project, 2)["report_filed"]
    project.ready(2)
    assert code_of(lambda: say(project, "report_filed", note="또 고칩니다.")) == "milestone_confirmed"


@pytest.mark.parametrize(
    ("key", "said", "field", "code"),
    [
        ("training_done", Said(None), "done_on", "date_missing"),
        ("training_done", Said(DAY + timedelta(days=1)), "done_on", "done_in_future"),
        ("self_contribution_deposited", Said(DAY), "amount_won", "won_missing"),
        ("self_contribution_deposited", Said(DAY, 0), "amount_won", "won_not_positive"),
        ("training_done", Said(DAY, note="가" * 10_001), "note", "text_too_long"),
    ],
)
def test_what_is_wrong_is_named(project: Project, key: str, said: Said, field: str, code: str) -> None:
    record = partial(
        milestones.say, project.database, DONGJAK, SIGNED, application_id=project.id, key=key, said=said, upload_key="k"
    )
    assert fields_of(record) == {field: [code]}


def test_who_says_it(project: Project) -> None:
    assert code_of(lambda: say(project, "training_done", resident(9))) == "other_district"
    assert code_of(lambda: say(project, "training_done", SEONGBUK)) == "other_district"
    assert code_of(lambda: say(project, "no_such_thing")) == "not_found"
    with project.database.write() as session:
        session.execute(update(Application).values(state="closed", phase="closed"))
    assert code_of(lambda: say(project, "training_done")) == "not_running"


def test_the_guards_that_steps_ask_are_the_ones_that_are_shown(project: Project) -> None:
    with project.database.read() as session:
        it = funded.opened(session, DONGJAK, project.id)
        tranche = session.get_one(Tranche, project.tranche())
        shown = payments.gates(session, it, tranche, SIGNED)
        first_red = next(gate for gate in shown if not gate.green)
        with pytest.raises(Refusal) as caught:
            guards.check([gate.guard.key for gate in shown], funded.facts(session, it, SIGNED, 1))
    assert caught.value.code == first_red.guard.code == "training_missing"
