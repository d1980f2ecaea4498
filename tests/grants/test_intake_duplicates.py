"""Likely duplicates, and the two audit findings at intake."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, update

from services.grants.intake import checking, duplicates
from services.grants.models import (
    AUDIT,
    ApplicantGroup,
    Application,
    Call,
    GroupMember,
    ProgrammeVersion,
)
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


def test_applications_of_two_calls_do_not_stand_side_by_side(database: Database, publish: Any) -> None:
    one, other = filed(database, publish(), 100), filed(database, publish(), 200)
    with database.read() as session, pytest.raises(Refusal, match="not_found"):
        duplicates.beside(session, DONGJAK, one=one, other=other)


def test_a_flagged_finding_is_shown_and_kept_in_the_audit(database: Database, publish: Any) -> None:
    call, first, _second = split(database, publish)
    sheet = checking.sheet(database, DONGJAK, NOW, application_id=first)
    assert {(each.code, each.effect) for each in sheet.findings} == {
        ("person_behind_groups", "flag"),
        ("ceiling_split", "flag"),
    }
    checking.accept(database, DONGJAK, NOW, application_id=first)
    with database.read() as session:
        details = session.scalar(select(AUDIT.c.details).where(AUDIT.c.action == "application.accept"))
    assert details is not None
    assert details["findings"] == ["ceiling_split", "person_behind_groups"]
    assert call.id


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
