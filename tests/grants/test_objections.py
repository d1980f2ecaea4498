"""Objections: once, in time, against what was announced; answered with reasons, or before the committee again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.grants import ledger
from services.grants.intake import checking
from services.grants.models import Application, ApplicationStep, Call, Objection
from services.grants.models import Project as Project_
from services.grants.notices import TOLD
from services.grants.programmes import rules_of_application
from services.grants.reviewing import stages
from services.grants.selection import announcement, budget, objections, reserve
from services.grants.selection.embargo import known, known_steps
from shared.bus.tables import outbox
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import stage
from tests.grants.conftest import AFTER, DONGJAK, SEONGBUK, resident
from tests.grants.meeting_room import HELD, appoint, decide, opened, waiting
from tests.grants.paying import BUDGET, Project
from tests.refused import refusal_of

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
    with pytest.raises(Refusal, match="objection_not_possible"):  # all that it asked for
        object_(database, funded, HELD, who=2)
    with pytest.raises(Refusal, match="not_found"):
        object_(database, hidden, HELD, who=2)


def decided_again(database, application_id, key, at, event="reject", **terms):
    """One more meeting on an application of the call, whose results are announced: told with its decision."""
    with database.read() as session:
        call = session.get_one(Call, session.get_one(Application, application_id).call_id)
    decide(database, opened(database, call, key=key, at=at), application_id, event, at=at + timedelta(days=1), **terms)


def test_each_announced_decision_may_be_objected_to_once(database, refused):
    first = object_(database, refused)
    answer(database, first, upheld=True, words="다시 봅니다.")
    with pytest.raises(Refusal, match="objection_not_possible"):
        object_(database, refused, words="더 있습니다.")  # nothing is decided now
    decided_again(database, refused, "m2", LATER)
    again = LATER + timedelta(days=2)
    second = object_(database, refused, again, words="이번에도 빠졌습니다.")
    assert second.id != first.id
    with pytest.raises(Refusal, match="objection_exists"):
        object_(database, refused, again, words="더 있습니다.")
    answer(database, second, now=again)
    with pytest.raises(Refusal, match="objection_exists"):
        object_(database, refused, again, words="더 있습니다.")
    with database.read() as session:
        assert [each.state for each in objections.all_of(session, refused)] == ["upheld", "dismissed"]


def test_a_reduced_award_and_a_reserve_place_are_objected_to(database, call):
    reduced, second = waiting(database, call, answers={"budget": BUDGET}), waiting(database, call, 2)
    meeting = opened(database, call)
    decide(database, meeting, reduced, proposed_won=1_500_000)
    decide(database, meeting, second, "reserve")
    announcement.set_hour(database, DONGJAK, HELD, call_id=call.id, announce_at=HOUR)
    announcement.announce(database, HOUR, call.id)
    paying = Project(database, reduced)
    offered = paying.prepare(DONGJAK, LATER)
    paying.sign(resident(1), "group", offered, LATER)
    promote = {"application_id": second, "awarded_won": 2_000_000}
    for application_id, who in ((reduced, 1), (second, 2)):
        filed = object_(database, application_id, who=who)
        if application_id == reduced:  # nobody runs what may be decided on anew
            assert refusal_of(lambda: paying.sign(DONGJAK, "district", offered, LATER)).code == "objection_waits"
        else:  # and its turn is not taken while it waits for its answer
            for act, terms in (reserve.promote, promote), (reserve.close, {"application_id": second, "reason": "끝"}):
                refused = refusal_of(lambda act=act, terms=terms: act(database, DONGJAK, LATER, **terms))
                assert refused.code == "objection_waits"
        answer(database, filed, upheld=True, words="다시 봅니다.")
        if application_id == reduced:  # its money is there for its new decision, not for the reserve list
            waits = refusal_of(lambda: reserve.promote(database, DONGJAK, LATER, **promote))
            assert (waits.code, waits.params) == ("award_waits", {"title": "골목 화단 가꾸기"})
        with database.read() as session:
            found = session.get_one(Application, application_id)
            assert (found.state, found.awarded_won, found.reserve_rank) == ("deliberation", None, None)
    with database.read() as session:
        assert budget.remaining_won(session, call) == call.budget_won
        assert not session.scalars(select(Project_)).all()
    with pytest.raises(Refusal, match="not_found"):  # what was offered of the old award is offered no more
        paying.sign(DONGJAK, "district", offered, LATER)
    decided_again(database, reduced, "m2", LATER, "select", proposed_won=1_200_000)
    with database.read() as session:
        assert objections.award_again(session, call) is None
        assert budget.remaining_won(session, call) == call.budget_won - 1_200_000
        committed = ledger.of_application(session, reduced).commitment_won
        keys = [each.idempotency_key for each in ledger.postings_of(session, reduced)]
        assert [each.awarded_won for each in session.scalars(select(Project_))] == [1_200_000]
    assert committed == 1_200_000
    assert keys == [f"award:{reduced}", f"award-release:{reduced}", f"award:{reduced}:2"]
    at = LATER + timedelta(days=2)
    anew = paying.prepare(DONGJAK, at)
    assert (anew.version, anew.amount_won) == (2, 1_200_000)
    with database.write() as session:  # and once more: each posting has a key of its own
        session.get_one(Application, reduced).announced_at = at
    answer(database, object_(database, reduced, at), upheld=True, words="다시 봅니다.", now=at)
    with database.read() as session:
        assert ledger.of_application(session, reduced).commitment_won == 0


def test_who_was_found_not_eligible_goes_through_the_reviews(database, call):
    group_id = stage.group(database, AFTER, (1,))
    application_id = stage.application(database, call, group_id, AFTER)
    checking.refuse(database, DONGJAK, AFTER, application_id=application_id, reason="주소가 다릅니다.")
    answer(database, object_(database, application_id, HELD), upheld=True, words="주소를 확인했습니다.", now=HELD)
    with database.read() as session:
        application = session.get_one(Application, application_id)
        rules = rules_of_application(session, application)
    assert (application.state, application.reason, application.announced_at) == ("eligible", "", None)
    assert rules.transition("reconsider", "ineligible").label != rules.transition("reconsider", "rejected").label
    assert stages.advance(database, DONGJAK, HELD, application_id=application_id).state == "document_review"


def test_only_the_decision_that_stands_is_given_up(database, refused):
    objection = object_(database, refused)
    with database.write() as session:  # another one was announced since, as a promotion from the reserve list was
        session.get_one(Application, refused).announced_at = LATER + timedelta(hours=1)
    late = LATER + timedelta(hours=2)
    with pytest.raises(Refusal, match="objection_outdated"):
        answer(database, objection, upheld=True, now=late)
    assert answer(database, objection, now=late).state == "dismissed"


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
        (project,) = session.scalars(select(Project_)).all()
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
