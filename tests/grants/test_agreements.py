"""Agreements: drafted, edited, signed by two of exactly the words they were shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.grants import agreements, award, funded, ledger, termination
from services.grants.models import ApplicationStep, Call, Tranche
from services.grants.policy import city_date
from services.grants.rules.agreed_budget import Line
from shared.bus.tables import outbox
from shared.database import Database
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import AFTER, CITY, DONGJAK, SEONGBUK, resident
from tests.grants.paying import LATER, LEADER, MEMBER, SECOND, SIGNED, Project, selected
from tests.refused import code_of, fields_of


@pytest.fixture
def project(database: Database, publish: Callable[..., Call]) -> Project:
    return selected(database, publish())


def commitment(project: Project, as_of: date | None = None) -> int:
    with project.database.read() as session:
        return ledger.of_application(session, project.id, as_of).commitment_won


def test_it_is_drafted_from_the_application(project: Project) -> None:
    agreement = project.prepare()
    assert (agreement.version, agreement.amount_won, agreement.signed_at) == (1, 2_000_000, None)
    for words in ("골목 화단 가꾸기", "2,000,000원", "1차: 1,400,000원", "2차: 600,000원", "동작구", "주민 1", "제1조"):
        assert words in agreement.body
    assert agreement.body_hash == agreements.hash_of(agreement.body)
    assert [(row["item"], row["grant_won"]) for row in agreement.budget] == [
        ("venue", 500_000),
        ("materials", 1_500_000),
    ]


def test_it_names_the_leader_whoever_filed(database: Database, publish: Callable[..., Call]) -> None:
    made = selected(database, publish(), representative="주민 2")
    heading = made.prepare().body.split("제1조")[0]
    assert "대표 주민 1" in heading
    assert "주민 2" not in heading


def test_a_smaller_award_cuts_the_filed_budget_to_the_won(database: Database, publish: Callable[..., Call]) -> None:
    project = selected(database, publish(), awarded_won=999_999)
    agreement = project.prepare()
    assert sum(row["grant_won"] for row in agreement.budget) == 999_999
    assert [row["grant_won"] for row in agreement.budget] == [250_000, 749_999]


def test_both_sign_and_the_project_runs(project: Project) -> None:
    agreement = project.prepare()
    project.sign(LEADER, "group", agreement)
    assert project.application().state == "selected"
    signed = project.sign(DONGJAK, "district", agreement)
    assert signed.signed_at == SIGNED
    assert project.application().phase == "running"
    assert [(each.number, each.amount_won, each.state) for each in project.tranches()] == [
        (1, 1_400_000, "planned"),
        (2, 600_000, "planned"),
    ]
    with project.database.read() as session:
        steps = session.scalars(select(ApplicationStep.event).where(ApplicationStep.application_id == project.id)).all()
        kinds = [each["kind"] for each in session.scalars(select(outbox.c.payload)) if "kind" in each]
        hashes = {each.body_hash for each in agreements.signatures(session, signed)}
    assert steps == ["agree"]
    assert kinds.count("agreement_ready") == kinds.count("agreement_signed") == 2
    assert hashes == {agreement.body_hash}
    project.sign(LEADER, "group", agreement)  # again
    project.sign(DONGJAK, "district", agreement)
    assert len(project.tranches()) == 2


def test_less_than_the_award_goes_back_to_the_budget_once(project: Project) -> None:
    project.agree(1_500_001)
    assert commitment(project) == 1_500_001
    assert commitment(project, city_date(AFTER)) == 2_000_000
    assert sum(each.amount_won for each in project.tranches()) == 1_500_001
    with project.database.read() as session:
        keys = [each.idempotency_key for each in ledger.postings_of(session, project.id)]
    assert keys == [f"award:{project.id}", f"agreement:{project.id}:1"]


def test_an_award_from_before_the_ledger_is_committed_when_it_is_agreed(
    database: Database, publish: Callable[..., Call]
) -> None:
    project = selected(database, publish(), commit=False)
    project.agree()
    assert commitment(project) == 2_000_000


def test_who_signs(project: Project) -> None:
    agreement = project.prepare()
    assert code_of(lambda: project.sign(MEMBER, "group", agreement)) == "not_leader"
    assert code_of(lambda: project.sign(resident(9), "group", agreement)) == "not_found"
    assert code_of(lambda: project.sign(DONGJAK, "group", agreement)) == "not_found"
    assert code_of(lambda: project.sign(LEADER, "district", agreement)) == "other_district"
    assert code_of(lambda: project.sign(SEONGBUK, "district", agreement)) == "other_district"
    assert code_of(lambda: project.sign(DONGJAK, "district", agreement)) == "group_signs_first"
    assert fields_of(lambda: project.sign(DONGJAK, "both", agreement)) == {"party": ["party_unknown"]}


def test_staff_of_the_group_does_not_sign_for_the_district(database: Database, publish: Callable[..., Call]) -> None:
    project = selected(database, publish(), accounts=(1, 501))
    agreement = project.prepare(SECOND)
    project.sign(LEADER, "group", agreement)
    assert code_of(lambda: project.sign(DONGJAK, "district", agreement)) == "own_application"
    assert project.sign(SECOND, "district", agreement).signed_at is not None


def test_words_that_changed_are_not_signed(project: Project) -> None:
    first = project.prepare()
    project.prepare(body=first.body + "\n\n특약: 화단에 이름을 붙인다.")
    assert code_of(lambda: project.sign(LEADER, "group", first)) == "agreement_changed"


def test_what_is_edited_after_a_signature_is_a_new_version_to_sign_anew(project: Project) -> None:
    first = project.prepare()
    second = project.prepare(body=first.body + "\n특약 하나.")
    assert (first.id, second.version) == (second.id, 1)  # nobody had signed
    project.sign(LEADER, "group", second)
    third = project.prepare(body=first.body + "\n특약 둘.")
    assert third.version == 2
    assert project.prepare(body=first.body + "\n특약 둘.").version == 2  # the same again
    assert code_of(lambda: project.sign(DONGJAK, "district", third)) == "group_signs_first"
    assert code_of(lambda: project.sign(DONGJAK, "district", second)) == "agreement_changed"
    project.sign(LEADER, "group", third)
    assert project.sign(DONGJAK, "district", third).version == 2


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"amount_won": 2_000_001}, "amount_won", "agreement_over_award"),
        ({"amount_won": 0}, "amount_won", "won_not_positive"),
        ({"amount_won": None}, "amount_won", "won_missing"),
        ({"self_contribution_won": -1}, "self_contribution_won", "won_negative"),
        ({"starts_on": None}, "starts_on", "date_missing"),
        ({"ends_on": date(2025, 1, 1)}, "ends_on", "ends_before_start"),
        ({"lines": (Line("running", "venue", 1),)}, "budget", "grant_does_not_add_up"),
        ({"lines": (Line("nothing", "venue", 2_000_000),)}, "grant.nothing.venue", "cost_item_unknown"),
        ({"body": "다른 금액"}, "body", "body_differs"),
        ({"body": " "}, "body", "text_missing"),
    ],
)
def test_every_wrong_field_is_named(project: Project, changed: dict[str, Any], field: str, code: str) -> None:
    assert code in fields_of(lambda: project.prepare(**changed))[field]


def test_it_waits_for_the_announcement(database: Database, publish: Callable[..., Call]) -> None:
    project = selected(database, publish(), announced_at=None)
    assert code_of(lambda: project.prepare()) == "not_announced"
    other = selected(
        database, publish(title="둘째"), state="deliberation", accounts=(3,), commit=False, awarded_won=None
    )
    terms = project.terms()
    with pytest.raises(Refusal, match="not_selected"):
        agreements.prepare(database, DONGJAK, SIGNED, application_id=other.id, terms=terms)
    with pytest.raises(Refusal, match="other_district"):
        agreements.prepare(database, SEONGBUK, SIGNED, application_id=project.id, terms=terms)


def test_two_who_sign_at_once_sign_once(project: Project) -> None:
    agreement = project.prepare()
    project.sign(LEADER, "group", agreement)
    ends = race([lambda a=actor: project.sign(a, "district", agreement) for actor in (DONGJAK, SECOND, CITY)])  # type: ignore[misc]
    assert ends == {WON: 3}
    assert len(project.tranches()) == 2
    with project.database.read() as session:
        assert len(agreements.signatures(session, agreement)) == 2


def test_terminating_stops_what_is_unpaid(project: Project) -> None:
    project.agree()
    project.ready()
    project.pay()
    end = lambda actor=DONGJAK, reason="연락이 되지 않습니다.": termination.terminate(  # noqa: E731
        project.database, actor, LATER, application_id=project.id, reason=reason
    )
    assert fields_of(lambda: end(reason=" ")) == {"reason": ["text_missing"]}
    assert code_of(lambda: end(actor=SEONGBUK)) == "other_district"
    assert end().state == end().state == "terminated"
    assert [each.state for each in project.tranches()] == ["paid", "cancelled"]
    assert commitment(project) == 1_400_000
    assert commitment(project, city_date(SIGNED)) == 2_000_000
    with project.database.read() as session:
        kinds = [each["kind"] for each in session.scalars(select(outbox.c.payload)) if "kind" in each]
    assert kinds.count("agreement_terminated") == 2


def test_terminating_before_the_agreement_gives_all_back(project: Project) -> None:
    project.prepare()
    termination.terminate(project.database, DONGJAK, LATER, application_id=project.id, reason="그만두었습니다.")
    assert commitment(project) == 0
    assert project.tranches() == []


def test_stopping_twice_gives_back_once(project: Project) -> None:
    project.agree()
    for _ in range(2):
        with project.database.write() as session:
            it = funded.held(session, project.id)
            award.stop(session, DONGJAK, LATER + timedelta(days=1), it, f"finalize:{project.id}")
    assert commitment(project) == 0
    with project.database.read() as session:
        assert set(session.scalars(select(Tranche.state))) == {"cancelled"}
