"""Selection: what an award may be, the reserve list, what giving up does, and the ranking."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from services.grants import applications, programmes
from services.grants.committee import agenda, deciding, minutes
from services.grants.committee.agenda import Proposal
from services.grants.models import ApplicantGroup, Application, Posting, ProgrammeVersion, Project, Review, Reviewer
from services.grants.rules.awards import Taken, problems
from services.grants.rules.definition import Limits
from services.grants.schemas import definition as documents
from services.grants.selection import announcement, budget, ranking, reserve
from services.grants.selection.embargo import known
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import stage
from tests.grants.conftest import AFTER, DONGJAK, SEONGBUK, make_group, resident
from tests.grants.meeting_room import HELD, appoint, decide, item_of, opened, vote, waiting
from tests.refused import refusal_of


@pytest.fixture
def call(database, publish):
    appoint(database)
    return publish()


def limit(database, call, **limits):
    """Give the call's version of the rules other ceilings."""
    with database.write() as session:
        version = session.get_one(ProgrammeVersion, call.version_id)
        rules = programmes.rules_of(version)
        document = documents.dump(replace(rules, limits=replace(rules.limits, **limits)))
        version.definition, version.definition_hash = document, documents.digest(document)


@pytest.mark.parametrize(
    ("awarded_won", "limits", "taken", "code", "params"),
    [
        (None, {}, {}, "won_missing", {}),
        (0, {}, {}, "won_not_positive", {}),
        (2_000_001, {}, {}, "award_over_request", {"requested_won": "2,000,000"}),
        (1_500_001, {}, {}, "award_over_project", {"limit_won": "1,500,000"}),
        (1_000_001, {"project_won": 1_000_000}, {}, "award_over_project", {"limit_won": "1,000,000"}),
        (1_000_001, {}, {"remaining_won": 1_000_000}, "award_over_remaining", {"remaining_won": "1,000,000"}),
        (1, {"group_awards": 1}, {"group_awards": 1}, "award_over_group_awards", {"limit": "1", "taken": "1"}),
        (
            600_000,
            {"group_won": 1_000_000},
            {"group_won": 500_000},
            "award_over_group",
            {"limit_won": "1,000,000", "left_won": "500,000"},
        ),
        (2, {"dong_won": 1}, {}, "award_over_dong", {"limit_won": "1", "left_won": "1"}),
        (2, {"district_won": 1}, {"district_won": 5}, "award_over_district", {"limit_won": "1", "left_won": "0"}),
    ],
)
def test_each_ceiling_has_a_code_and_its_figures(awarded_won, limits, taken, code, params):
    found = list(
        problems(awarded_won, 2_000_000, 1_500_000, Limits(**limits), Taken(**({"remaining_won": 9_000_000} | taken)))
    )
    assert found == [(code, params)]


def test_what_fits_every_ceiling_is_no_problem():
    limits = Limits(2_000_000, 3_000_000, 2, 2_000_000, 2_000_000)
    assert not list(problems(1_000_000, 1_000_000, 1_000_000, limits, Taken(1_000_000, 2_000_000, 1, 1_000_000)))


def test_awards_never_exceed_the_budget_together(database, call):
    filed = [waiting(database, call, who, requested_won=3_000_000) for who in range(1, 6)]
    meeting = opened(database, call)
    for application_id in filed[:3]:
        decide(database, meeting, application_id, proposed_won=3_000_000)
    over = refusal_of(lambda: decide(database, meeting, filed[3], proposed_won=1_000_001))
    assert (over.code, over.fields) == ("award_over_remaining", {"awarded_won": ["award_over_remaining"]})
    assert over.params == {"remaining_won": "1,000,000"}
    decide(database, meeting, filed[3], proposed_won=1_000_000)
    with database.read() as session:
        assert budget.remaining_won(session, call) == 0


def test_decisions_made_at_once_never_exceed_the_budget(database, call):
    filed = [waiting(database, call, who) for who in range(1, 9)]  # eight of 2,000,000 won each: five fit
    meeting = opened(database, call)
    items = []
    for application_id in filed:
        item = item_of(database, meeting, application_id)
        agenda.propose(database, DONGJAK, HELD, item_id=item.id, proposal=Proposal("select", 2_000_000))
        vote(database, item)
        items.append(item)
    ends = race([lambda item=item: deciding.decide(database, DONGJAK, HELD, item_id=item.id) for item in items])
    assert ends == {WON: 5, "award_over_remaining": 3}


def test_a_group_gets_no_more_awards_in_a_year_than_it_may(database, call, publish):
    group_id = stage.group(database, AFTER, (1,))
    stage.application(database, publish(title="다른 공고"), group_id, AFTER, state="running")
    second = stage.application(database, call, group_id, AFTER, state="deliberation")
    meeting = opened(database, call)
    assert refusal_of(lambda: decide(database, meeting, second)).code == "award_over_group_awards"


def test_a_dong_gets_no_more_than_its_part(database, call):
    limit(database, call, dong_won=2_500_000)
    first, second, third = (
        waiting(database, call, who, dong=dong) for who, dong in ((1, "노량진1동"), (2, "노량진1동"), (3, "상도1동"))
    )
    meeting = opened(database, call)
    decide(database, meeting, first)
    refused = refusal_of(lambda: decide(database, meeting, second, proposed_won=500_001))
    assert (refused.code, refused.params["left_won"]) == ("award_over_dong", "500,000")
    decide(database, meeting, second, proposed_won=500_000)
    decide(database, meeting, third)


def test_a_dong_is_named_at_the_submission_and_written_anyhow_the_same(database, call, apply):
    limit(database, call, dong_won=2_500_000)
    group_dong = make_group(database, 1, dong="사당 1동")
    for typed, code in ({}, "dong_missing"), ({"dong": "동작구"}, "dong_unclear"):
        assert refusal_of(lambda typed=typed: apply(call, 1, **typed)).fields == {"dong": [code]}
    first, second = apply(call, 1, dong="사당1동"), apply(call, 2, dong="동작구 사당 제１동")
    assert {first.dong, second.dong, second.answers["dong"]} == {"사당1동"}
    with database.write() as session:
        session.execute(
            update(Application)
            .where(Application.id == first.id)
            .values(phase="selected", state="selected", awarded_won=2_000_000, dong="사당 제1동")  # an old row
        )
    with database.write() as session:
        assert session.get_one(ApplicantGroup, group_dong).dong == "사당1동"
        rules = programmes.rules_of_application(session, second)
        assert budget.taken(session, second, call, rules, AFTER).dong_won == 2_000_000


def test_the_reserve_list_moves_up_when_somebody_gives_up(database, call):
    funded, first, second = (waiting(database, call, who, requested_won=3_000_000) for who in (1, 2, 3))
    meeting = opened(database, call)
    decide(database, meeting, funded, proposed_won=3_000_000)
    decide(database, meeting, second, "reserve", rank=2, proposed_won=3_000_000)
    missing = refusal_of(lambda: decide(database, meeting, first, "reserve", proposed_won=None, rank=1))
    assert (missing.code, missing.fields) == ("won_missing", {"awarded_won": ["won_missing"]})
    reserved = decide(database, meeting, first, "reserve", rank=1, proposed_won=2_600_000)
    assert (reserved.outcome, reserved.awarded_won) == ("reserve", 2_600_000)
    taken = waiting(database, call, 4)
    agenda.add(database, DONGJAK, HELD, meeting_id=meeting.id, application_id=taken)
    assert refusal_of(lambda: decide(database, meeting, taken, "reserve", rank=2)).code == "rank_taken"
    assert decide(database, meeting, taken, "reserve").rank == 3
    hour = HELD + timedelta(days=1)
    announcement.set_hour(database, DONGJAK, HELD, call_id=call.id, announce_at=hour)
    announcement.announce(database, hour, call.id)
    applications.withdraw(database, resident(1), hour, application_id=funded)
    with database.read() as session:
        assert budget.remaining_won(session, call) == 10_000_000
        assert session.scalar(select(func.count()).select_from(Project)) == 0
        kinds = session.execute(select(Posting.kind, Posting.amount_won).where(Posting.application_id == funded)).all()
    assert [tuple(row) for row in kinds] == [("commitment", 3_000_000), ("decommitment", 3_000_000)]
    later = hour + timedelta(hours=1)
    jumped = refusal_of(lambda: reserve.promote(database, DONGJAK, later, application_id=second, awarded_won=3_000_000))
    assert (jumped.code, jumped.params) == ("reserve_order", {"rank": "1"})
    with pytest.raises(Refusal, match="other_district"):
        reserve.promote(database, SEONGBUK, later, application_id=first, awarded_won=3_000_000)
    over = refusal_of(lambda: reserve.promote(database, DONGJAK, later, application_id=first, awarded_won=2_600_001))
    assert (over.code, over.params) == ("award_over_reserve", {"limit_won": "2,600,000"})  # the committee said so
    silent = refusal_of(lambda: reserve.promote(database, DONGJAK, later, application_id=first, awarded_won=2_500_000))
    assert silent.fields == {"reason": ["reason_missing"]}  # less than it asked for
    terms = {"awarded_won": 2_500_000, "reason": "남은 예산만큼 지원합니다."}
    ends = race([lambda: reserve.promote(database, DONGJAK, later, application_id=first, **terms)] * 4)
    assert ends == {WON: 4}
    reserve.close(database, DONGJAK, later, application_id=second, reason="예산이 끝났습니다.")
    with database.read() as session:
        promoted = session.get_one(Application, first)
        (project,) = session.scalars(select(Project)).all()
        closed = session.get_one(Application, second)
    assert (promoted.state, promoted.announced_at, project.awarded_won) == ("selected", later, 2_500_000)
    assert (closed.state, closed.announced_at) == ("rejected", later)


def test_a_rolling_call_announces_what_it_decides(database, publish):
    appoint(database)
    call = publish(rolling=True)
    application_id = waiting(database, call)
    decide(database, opened(database, call), application_id)
    with database.read() as session:
        application = session.get_one(Application, application_id)
        posting = session.scalars(select(Posting).where(Posting.application_id == application_id)).one()
    assert application.announced_at == HELD
    assert (posting.kind, posting.amount_won, posting.idempotency_key) == (
        "commitment",
        2_000_000,
        f"award:{application_id}",
    )


def test_a_rolling_call_may_choose_an_hour(database, publish):
    appoint(database)
    call = publish(rolling=True)
    first, second = waiting(database, call, 1), waiting(database, call, 2)
    hour = HELD + timedelta(days=1)
    announcement.set_hour(database, DONGJAK, AFTER, call_id=call.id, announce_at=hour)
    meeting = opened(database, call)
    decide(database, meeting, first)
    with database.read() as session:
        application = session.get_one(Application, first)
        rules = programmes.rules_of_application(session, application)
        assert known(rules, application, call, HELD).state.key == "deliberation"
    assert announcement.announce(database, hour, call.id) == 1
    later = hour + timedelta(hours=1)
    decide(database, meeting, second, at=later)
    with database.read() as session:
        assert session.get_one(Application, second).announced_at == later


def score(database, application_id, *totals, stage_key="interview_review"):
    with database.write() as session:
        for index, total in enumerate(totals, 900):
            if session.get(Reviewer, index) is None:
                session.add(Reviewer(account_id=index, name="심사위원", changed_at=AFTER))
                session.flush()
            session.add(
                Review(
                    application_id=application_id,
                    stage=stage_key,
                    account_id=index,
                    state="submitted",
                    total_tenths=total,
                    sealed_hash="0" * 64,
                    submitted_at=AFTER,
                    assigned_at=AFTER,
                    assigned_by=DONGJAK.account_id,
                )
            )


def test_the_ranking_shows_where_the_budget_ends(database, call):
    filed = [waiting(database, call, who, requested_won=3_000_000) for who in range(1, 6)]
    for application_id, totals in zip(filed, ((700, 801), (900, 900), (600, 600), (850, 850), (590, 599)), strict=True):
        score(database, application_id, *totals)
    score(database, filed[0], 1000, 1000, stage_key="document_review")  # an earlier stage counts no more
    sealed = stage.application(
        database, call, stage.group(database, AFTER, (9,)), AFTER, state="interview_review", account_id=9
    )
    score(database, sealed, 999, 999)
    with database.read() as session:
        found = ranking.rows(session, call)
    assert [row.application_id for row in found] == [filed[1], filed[3], filed[0], filed[2], filed[4]]
    assert [row.score_tenths for row in found] == [900, 850, 751, 600, 595]
    assert [row.cumulative_won for row in found] == [3_000_000, 6_000_000, 9_000_000, 12_000_000, 12_000_000]
    assert [row.proposal for row in found] == ["select", "select", "select", "reserve", "reject"]
    assert found[4].reason == "심사 점수가 59.5점으로 선정 기준에 미치지 못했습니다."


def test_a_ranking_costs_a_bounded_number_of_queries(database, call):
    for who in range(1, 30):
        score(database, waiting(database, call, who), 700)
    counted = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    with database.read() as session:
        ranking.rows(session, call)
    assert len([each for each in counted if each.startswith("SELECT")]) <= 5


def test_the_state_of_the_meeting_does_not_matter_to_a_deleted_award(database, call):
    """A withdrawal under embargo frees the budget, and nothing was ever committed."""
    application_id = waiting(database, call)
    meeting = opened(database, call)
    decide(database, meeting, application_id)
    applications.withdraw(database, resident(1), HELD, application_id=application_id)
    minutes.close(database, DONGJAK, HELD, meeting_id=meeting.id)
    with database.read() as session:
        assert budget.remaining_won(session, call) == 10_000_000
        assert not session.scalar(select(func.count()).select_from(Posting).where(Posting.kind == "commitment"))
