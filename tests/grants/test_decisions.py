"""Decisions: who, when, how much, and what everyone is told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from services.grants import applications, decisions
from services.grants.models import Application, Project
from shared.bus.tables import outbox
from shared.refusal import Refusal
from tests.grants.conftest import AFTER, CITY, DONGJAK, DURING, SEONGBUK, filing, resident


def fund(database, application, awarded_won=2_000_000, actor=DONGJAK, at=AFTER, **kwargs):
    return decisions.select_application(
        database, actor, at, application_id=application.id, awarded_won=awarded_won, **kwargs
    )


def test_selecting_makes_a_project_and_tells_everyone(database, publish, apply):
    application = apply(publish())
    project = fund(database, application, 1_500_000, reason="재료비를 조정했습니다.")
    again = fund(database, application, 1_500_000)
    assert again.id == project.id
    with database.read() as session:
        (event,) = session.execute(select(outbox).where(outbox.c.name == "grants.project.funded")).all()
        decided = session.get_one(Application, application.id)
    assert event.aggregate == f"project:{project.id}"
    assert event.payload | {"decided_at": ""} == {
        "project_id": project.id,
        "call_id": application.call_id,
        "district": "11590",
        "title": "골목 화단 가꾸기",
        "group_name": "느티나무 이웃회",
        "strand": "neighbourhood_alley",
        "awarded_won": 1_500_000,
        "decided_at": "",
        "latitude": None,
        "longitude": None,
        "space_id": None,
    }
    assert (decided.state, decided.awarded_won, decided.decided_by) == ("selected", 1_500_000, DONGJAK.account_id)


def test_refusing_needs_a_reason(database, publish, apply):
    application = apply(publish())
    with pytest.raises(Refusal) as refused:
        decisions.reject(database, DONGJAK, AFTER, application_id=application.id, reason="  ")
    assert refused.value.fields == {"reason": ["reason_missing"]}
    decisions.reject(database, DONGJAK, AFTER, application_id=application.id, reason="예산이 부족합니다.")
    decisions.reject(database, DONGJAK, AFTER, application_id=application.id, reason="예산이 부족합니다.")
    with pytest.raises(Refusal, match="already_decided"):
        fund(database, application)
    with database.read() as session:
        assert not session.scalar(select(func.count()).select_from(Project))


def test_a_decided_or_withdrawn_application_stays_so(database, publish, apply):
    call = publish()
    funded, withdrawn = apply(call, 1), apply(call, 2)
    fund(database, funded)
    applications.withdraw(database, resident(2), DURING, application_id=withdrawn.id)
    with pytest.raises(Refusal, match="already_decided"):
        applications.withdraw(database, resident(1), AFTER, application_id=funded.id)
    with pytest.raises(Refusal, match="already_decided"):
        fund(database, funded, 1_000_000)
    with pytest.raises(Refusal, match="already_decided"):
        fund(database, withdrawn)


def test_decisions_wait_for_the_close_unless_rolling(database, publish, apply):
    with pytest.raises(Refusal, match="call_not_closed_yet"):
        fund(database, apply(publish()), at=DURING)
    assert fund(database, apply(publish(rolling=True)), at=DURING).awarded_won == 2_000_000


@pytest.mark.parametrize("actor", [SEONGBUK, resident(9)])
def test_another_district_decides_nothing(database, publish, apply, actor):
    application = apply(publish())
    with pytest.raises(Refusal, match="other_district"):
        fund(database, application, actor=actor)
    with pytest.raises(Refusal, match="other_district"):
        decisions.reject(database, actor, AFTER, application_id=application.id, reason="안 됩니다.")


def test_nobody_decides_on_their_own_application(database, publish):
    call = publish()
    own = applications.submit(database, DONGJAK, DURING, call_id=call.id, filing=filing(), key="own")
    with pytest.raises(Refusal, match="own_application"):
        fund(database, own)
    assert fund(database, own, actor=CITY).awarded_won == 2_000_000


@pytest.mark.parametrize(
    ("awarded_won", "code"), [(2_000_001, "award_over_request"), (0, "won_not_positive"), (None, "won_missing")]
)
def test_awards_out_of_bounds_are_named(database, publish, apply, awarded_won, code):
    application = apply(publish())
    with pytest.raises(Refusal) as refused:
        fund(database, application, awarded_won)
    assert refused.value.fields == {"awarded_won": [code]}


def test_awards_made_at_once_never_exceed_the_budget(database, publish, apply):
    call = publish(budget_won=10_000_000, ceiling_won=3_000_000)
    filed = [apply(call, number) for number in range(1, 9)]  # eight of 2,000,000 won each: five fit

    def decide(application):
        try:
            return fund(database, application).awarded_won
        except Refusal as refusal:
            return refusal.fields["awarded_won"][0]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(decide, filed))
    assert answers.count(2_000_000) == 5
    assert answers.count("award_over_remaining") == 3
    with database.read() as session:
        assert session.scalar(select(func.sum(Project.awarded_won))) == 10_000_000


def test_a_double_click_makes_one_project(database, publish, apply):
    application = apply(publish())
    with ThreadPoolExecutor(8) as pool:
        made = {project.id for project in pool.map(lambda _: fund(database, application), range(8))}
    assert len(made) == 1


def test_staff_of_two_districts_stay_apart_even_with_a_resident_role(database, publish, apply):
    both = replace(SEONGBUK, roles=SEONGBUK.roles | resident().roles)
    with pytest.raises(Refusal, match="other_district"):
        fund(database, apply(publish()), actor=both)
