"""Objections: once, in time, against what was announced; answered with reasons, or before the committee again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.grants.models import Application, ApplicationStep, Call, Objection, Project
from services.grants.notices import TOLD
from services.grants.programmes import rules_of_application
from services.grants.selection import announcement, objections
from services.grants.selection.embargo import known, known_steps
from shared.bus.tables import outbox
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import stage
from tests.grants.conftest import AFTER, DONGJAK, SEONGBUK, resident
from tests.grants.meeting_room import HELD, appoint, decide, opened, waiting

HOUR = HELD + timedelta(days=1)
LATER = HOUR + timedelta(days=2)


@pytest.fixture
def call(database, publish):
    appoint(database)
    return publish()


@pytest.fixture
def refused(database, call):
    """An application that was refused, and announced at HOUR."""
    application_id = waiting(database, call)
    decide(database, opened(database, call), application_id, "reject", reason="예산이 모자랍니다.")
    announcement.set_hour(database, DONGJAK, HELD, call_id=call.id, announce_at=HOUR)
    announcement.announce(database, HOUR, call.id)
    return application_id


def object_(database, application_id, now=LATER, who=1, words="점수를 다시 봐 주세요."):
    return objections.file(database, resident(who), now, application_id=application_id, words=words)


def answer(database, objection, *, upheld=False, words="점수를 다시 세어도 같습니다.", actor=DONGJAK, now=LATER):
    return objections.answer(database, actor, now, objection_id=objection.id, upheld=upheld, answer=words)


def kinds(database):
    with database.read() as session:
        rows = session.execute(select(outbox.c.payload).where(outbox.c.name == TOLD).order_by(outbox.c.id)).all()
    return [row.payload["kind"] for row in rows if row.payload["account_id"] == 1]


def test_an_objection_is_received_and_dismissed_with_reasons(database, refused):
    objection = object_(database, refused)
    assert object_(database, refused).id == objection.id  # a double click
    with pytest.raises(Refusal, match="objection_exists"):
        object_(database, refused, words="다른 말")
    with pytest.raises(Refusal) as empty:
        answer(database, objection, words=" ")
    assert empty.value.fields == {"answer": ["answer_missing"]}
    answered = answer(database, objection)
    assert (answered.state, answered.answered_by) == ("dismissed", DONGJAK.account_id)
    assert answer(database, objection).answered_at == answered.answered_at
    with pytest.raises(Refusal, match="objection_answered"):
        answer(database, objection, upheld=True)
    assert kinds(database) == ["results_announced_rejected", "objection_received", "objection_answered"]


def test_an_objection_is_in_time_until_the_last_second_of_its_last_day(database, refused):
    with database.read() as session:
        application = session.get_one(Application, refused)
        until = objections.last_day(rules_of_application(session, application), application)
    last = HOUR.replace(hour=23, minute=59, second=59) + timedelta(days=10)
    assert until == last.date()
    with pytest.raises(Refusal, match="objection_late"):
        object_(database, refused, last + timedelta(seconds=1))
    object_(database, refused, last)


def test_only_what_is_announced_and_refused_is_objected_to(database, call):
    hidden = waiting(database, call, 1)
    decide(database, opened(database, call), hidden, "reject", reason="예산이 모자랍니다.")
    with pytest.raises(Refusal, match="objection_not_possible"):
        object_(database, hidden, HELD)
    funded = stage.application(database, call, stage.group(database, AFTER, (2,)), AFTER, state="selected")
    with pytest.raises(Refusal, match="objection_not_possible"):
        object_(database, funded, HELD, who=2)
    with pytest.raises(Refusal, match="not_found"):
        object_(database, hidden, HELD, who=2)


def test_another_district_answers_nothing(database, refused):
    with pytest.raises(Refusal, match="other_district"):
        answer(database, object_(database, refused), actor=SEONGBUK)


def test_what_is_upheld_is_decided_again_and_announced_by_itself(database, call, refused):
    answer(database, object_(database, refused), upheld=True, words="빠뜨린 점수가 있었습니다.")
    with database.read() as session:
        application = session.get_one(Application, refused)
        rules = rules_of_application(session, application)
        steps = session.scalars(
            select(ApplicationStep).where(ApplicationStep.application_id == refused).order_by(ApplicationStep.id)
        ).all()
        assert application.state == "deliberation"
        assert known(rules, application, call, LATER).reason == ""
        shown = known_steps(rules, application, steps, LATER)
    assert [(step.event, step.reason) for step in shown] == [
        ("reject", "예산이 모자랍니다."),
        ("reconsider", "빠뜨린 점수가 있었습니다."),
    ]
    second = opened(database, call, key="m2", at=LATER)
    at = LATER + timedelta(days=1)
    decide(database, second, refused, at=at)
    with database.read() as session:
        application = session.get_one(Application, refused)
        (project,) = session.scalars(select(Project)).all()
        assert session.get_one(Call, call.id).announced_at == HOUR
    assert (application.state, application.announced_at, project.application_id) == ("selected", at, refused)
    assert kinds(database)[-1] == "results_announced_selected"


def test_the_old_decision_does_not_decide_again(database, call, refused):
    """The committee that refused it decided nothing about what came after the objection."""
    from services.grants import applications, process

    answer(database, object_(database, refused), upheld=True)
    with database.write() as session:
        application, locked = applications.locked(session, refused)
        with pytest.raises(Refusal, match="committee_undecided"):
            process.move(session, application, locked, "select", DONGJAK, LATER)


def test_two_answers_at_once_are_one(database, refused):
    objection = object_(database, refused)
    ends = race(
        [lambda: answer(database, objection)] * 3
        + [lambda: answer(database, objection, upheld=True, words="다시 봅니다.")] * 3
    )
    assert set(ends) == {WON, "objection_answered"}
    with database.read() as session:
        kept = session.get_one(Objection, objection.id)
        application = session.get_one(Application, refused)
    assert (kept.state, application.state) in (("dismissed", "rejected"), ("upheld", "deliberation"))
