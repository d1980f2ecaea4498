"""Likely duplicates, and the two audit findings at intake."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services.grants import programmes
from services.grants.intake import checking, duplicates
from services.grants.models import (
    AUDIT,
    ApplicantGroup,
    Application,
    ApplicationStep,
    Call,
    GroupMember,
    ProgrammeVersion,
)
from services.grants.selection import embargo
from shared.database import Database
from shared.refusal import Refusal
from tests.grants.conftest import DONGJAK
from tests.grants.review_room import NOW, PLAN, STAGE, filed
from tests.grants.stage import application, group


def effects(database: Database, call: Call, **chosen: str) -> None:
    """Let the programme choose what findings do."""
    with database.write() as session:
        version = session.get_one(ProgrammeVersion, call.version_id)
        document = dict(version.definition)
        document["settlement"] = {**document["settlement"], "findings": chosen}
        version.definition, version.definition_hash = document, f"{sorted(chosen.items())}"[:64]


# Duplicates and the two findings


def split(database: Database, publish: Any) -> tuple[Call, int, int]:
    """Two groups with the same people and account, with nearly the same plan, over the ceiling together."""
    call = publish()
    one = group(database, NOW, (100, 101, 102), bank_account="100-200-333333", address="상도로 1")
    other = group(database, NOW, (100, 101, 103), bank_account="100200333333", address="서울 상도로 1")
    columns: dict[str, Any] = {"requested_won": 2_000_000}
    first = application(database, call, one, NOW, account_id=100, title="골목 꽃길", plan=PLAN, **columns)
    second = application(
        database, call, other, NOW, account_id=100, title="골목 꽃길 둘", plan=PLAN + " 겨울에도요.", **columns
    )
    return call, first, second


def test_likely_duplicates_come_with_what_they_share(database: Database, publish: Any) -> None:
    call, first, second = split(database, publish)
    third = filed(database, call, 900, plan="동네 도서관에서 어르신과 책을 읽습니다.")
    with database.read() as session:
        found = duplicates.of_call(session, DONGJAK, call_id=call.id)
        only = duplicates.of_call(session, DONGJAK, call_id=call.id, only=third)
        _, _, _, beside = duplicates.beside(session, DONGJAK, one=second, other=first)
    (pair,) = found.pairs
    assert (pair.one, pair.other, pair.members, pair.leader, pair.account, pair.address) == (
        first,
        second,
        2,
        True,
        True,
        True,
    )
    assert pair.text > 0.6
    assert pair.codes == ("person_behind_groups", "ceiling_split")
    assert only.pairs == []
    assert (beside.one, beside.codes) == (first, pair.codes)


def test_neighbours_named_as_the_form_asks_are_found_in_two_groups(
    database: Database, publish: Any, apply: Any
) -> None:
    """By name and year of birth alone: the groups share no account, no address and no leader."""
    call = publish()
    people = [{"name": name, "birth_year": year} for name, year in (("김느티", "1980"), ("이나무", "1975"))]
    first = apply(call, 1, members=[*people, {"name": "박골목", "birth_year": "1990"}])
    second = apply(call, 2, members=[*people, {"name": "최두레", "birth_year": 1988}], plan="책을 읽습니다.")
    found = checking.sheet(database, DONGJAK, NOW, application_id=second.id).findings
    assert [(each.code, each.other) for each in found] == [("person_behind_groups", first.id)]


def elsewhere(database: Database, publish: Any, **terms: Any) -> tuple[Call, Call, int, int]:
    """The same people with the same plan in two calls, under two names."""
    call, other = publish(), publish(**terms)
    columns: dict[str, Any] = {"plan": PLAN, "requested_won": 2_000_000, "account_id": 100}
    one = application(database, call, group(database, NOW, (100, 101)), NOW, title="골목 꽃길", **columns)
    two = application(database, other, group(database, NOW, (100, 101)), NOW, title="비밀 꽃길", **columns)
    return call, other, one, two


def codes(database: Database, application_id: int) -> list[str]:
    return [each.code for each in checking.sheet(database, DONGJAK, NOW, application_id=application_id).findings]


def test_the_same_people_and_plan_in_two_calls_of_a_year_are_found(
    database: Database, publish: Any, people: Any, at: Any
) -> None:
    call, other, one, two = elsewhere(database, publish, title="성북의 공고", district="11290")
    assert codes(database, one) == ["applied_twice", "ceiling_split", "person_behind_groups"]
    assert checking.sheet(database, DONGJAK, NOW, application_id=one).others == {}
    at(NOW)
    page = people("dongjak").get(f"/grants/applications/{one}/eligibility").text
    assert "성북의 공고" in page
    assert "성북구" in page
    assert "비밀 꽃길" not in page
    assert "/beside/" not in page
    with database.read() as session, pytest.raises(Refusal, match="other_district"):
        duplicates.beside(session, DONGJAK, one=one, other=two)
    both = people("city").get(f"/grants/applications/{one}/eligibility").text
    assert "비밀 꽃길" in both
    assert f"/grants/applications/{one}/beside/{two}" in both
    assert "성북의 공고" in people("city").get(f"/grants/applications/{one}/beside/{two}").text
    path = f"/grants/applications/{one}/eligibility"
    refused = people("dongjak").post_form(path, {"decision": "accept", "reason": ""})
    assert refused.status_code == 422
    assert 'id="field-reason-error"' in refused.text
    assert "그 까닭은 담당자만" in refused.text
    with database.write() as session:
        session.get_one(Call, other.id).opens_at -= timedelta(days=365)
    assert codes(database, one) == []
    with database.write() as session:
        session.get_one(Call, other.id).opens_at += timedelta(days=365)
        session.get_one(Application, two).phase = "withdrawn"
    assert codes(database, one) == []
    assert call.id


def test_a_group_may_apply_to_two_calls_but_not_with_one_project(database: Database, publish: Any) -> None:
    one, two = publish(), publish(title="두 번째")
    same = group(database, NOW, (100, 101))
    first = application(database, one, same, NOW, account_id=100, plan=PLAN, requested_won=1_000_000)
    second = application(
        database, two, same, NOW, account_id=100, title="책벗", plan="책을 읽습니다.", requested_won=1_000_000
    )
    assert codes(database, first) == []
    with database.write() as session:
        session.get_one(Application, second).title, session.get_one(Application, second).plan = "골목 화단 가꾸기", PLAN
    assert codes(database, first) == ["applied_twice"]  # together below the ceiling, but the same


def test_a_flagged_finding_is_shown_and_kept_in_the_audit(database: Database, publish: Any) -> None:
    call, first, _second = split(database, publish)
    sheet = checking.sheet(database, DONGJAK, NOW, application_id=first)
    assert {(each.code, each.effect) for each in sheet.findings} == {
        ("person_behind_groups", "flag"),
        ("ceiling_split", "flag"),
    }
    outcome = checking.accept_many(database, DONGJAK, NOW, call_id=call.id, application_ids=[first])
    assert outcome.refused == Counter({"needs_look": 1})
    with pytest.raises(Refusal) as refused:
        checking.accept(database, DONGJAK, NOW, application_id=first)
    assert refused.value.fields == {"reason": ["accept_reason_missing"]}
    why = "대표만 같고 하는 일이 다릅니다."
    checking.accept(database, DONGJAK, NOW, application_id=first, reason=why)
    with database.read() as session:
        details = session.scalar(select(AUDIT.c.details).where(AUDIT.c.action == "application.accept"))
        (step,) = session.scalars(select(ApplicationStep).where(ApplicationStep.application_id == first))
        own = embargo.known_steps(
            programmes.rules_of_call(session, call), session.get_one(Application, first), [step], NOW
        )
    assert details is not None
    assert details["findings"] == ["ceiling_split", "person_behind_groups"]
    assert (details["reason"], step.reason) == (why, why)
    assert [each.reason for each in own] == [""]  # it tells of others, and is the staff's


@pytest.mark.parametrize("code", ["person_behind_groups", "ceiling_split"])
def test_a_blocking_finding_lets_only_one_of_the_two_in(database: Database, publish: Any, code: str) -> None:
    call, first, second = split(database, publish)
    effects(database, call, **{code: "block"})
    for one in (first, second):
        with pytest.raises(Refusal, match=code):
            checking.accept(database, DONGJAK, NOW, application_id=one)
    outcome = checking.accept_many(database, DONGJAK, NOW, call_id=call.id, application_ids=[first, second])
    assert outcome.refused == Counter({code: 2})
    checking.refuse(database, DONGJAK, NOW, application_id=second, reason="앞의 신청과 같은 사업입니다.")
    assert checking.accept(database, DONGJAK, NOW, application_id=first).state == "eligible"


def test_who_left_a_group_is_behind_it_no_more(database: Database, publish: Any) -> None:
    call, first, second = split(database, publish)
    with database.write() as session:
        other = session.get_one(Application, second).group_id
        session.execute(update(GroupMember).where(GroupMember.group_id == other).values(left_at=NOW))
        session.execute(
            update(ApplicantGroup).where(ApplicantGroup.id == other).values(bank_account="999999999", address="")
        )
    assert checking.sheet(database, DONGJAK, NOW, application_id=first).findings == []
    assert call.id
    assert STAGE
