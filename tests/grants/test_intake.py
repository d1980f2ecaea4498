"""The staff's list, the check of one application and of many, duplicates."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from services.grants import standing
from services.grants.intake import checking, duplicates, listing
from services.grants.intake.listing import Query
from services.grants.models import (
    AUDIT,
    ApplicantGroup,
    Application,
    ApplicationStep,
    Call,
    GroupMember,
)
from shared.database import Database
from shared.refusal import Refusal
from tests.booking.racing import race
from tests.grants import paying
from tests.grants.conftest import DONGJAK, SEONGBUK, resident, told
from tests.grants.review_room import NOW, appoint, assign, counting, filed, in_review, reviewer, written
from tests.grants.stage import application, group


def listed(database: Database, call: Call, **query: Any) -> listing.Listed:
    with database.read() as session:
        return listing.listed(session, DONGJAK, call_id=call.id, query=Query(**query))


def titles(found: listing.Listed) -> list[str]:
    return [each.application.title for each in found.rows]


def state(database: Database, application_id: int) -> Application:
    with database.read() as session:
        return session.get_one(Application, application_id)


# The list


def test_filters_and_orders(database: Database, publish: Any) -> None:
    call = publish()
    filed(database, call, 100, title="골목 화단", dong="상도1동", requested_won=3_000_000)
    filed(database, call, 200, title="책 읽기 50%", strand="group_space", requested_won=1_000_000)
    filed(database, call, 300, title="반상회", state="eligible", requested_won=2_000_000)
    assert titles(listed(database, call)) == ["골목 화단", "책 읽기 50%", "반상회"]
    assert titles(listed(database, call, state="eligible")) == ["반상회"]
    assert titles(listed(database, call, phase="review")) == []
    assert titles(listed(database, call, strand="group_space")) == ["책 읽기 50%"]
    assert titles(listed(database, call, dong="상도1동")) == ["골목 화단"]
    assert titles(listed(database, call, text="50%")) == ["책 읽기 50%"]
    assert titles(listed(database, call, text="%")) == ["책 읽기 50%"]
    assert titles(listed(database, call, sort="amount", descending=True))[0] == "골목 화단"
    found = listed(database, call, state="submitted")
    assert (found.total, found.requested_won) == (2, 4_000_000)
    assert found.counts == {"submitted": 2, "eligible": 1}
    assert list(found.dongs) == ["상도1동"]
    assert found.remaining_won == call.budget_won


def test_the_budget_that_is_left_is_the_ledgers(database: Database, publish: Any) -> None:
    """What a withdrawn award gave back, and what an agreement left over, can be awarded again."""
    call = publish()
    paying.selected(database, call).agree(1_500_000)
    paying.selected(database, call, accounts=(5, 6), state="withdrawn")
    assert listed(database, call).remaining_won == call.budget_won - 1_500_000


def test_drafts_are_their_groups_own(database: Database, publish: Any) -> None:
    call = publish()
    draft = filed(database, call, 100, state="draft")
    assert listed(database, call).total == 0
    with pytest.raises(Refusal, match="not_found"):
        checking.sheet(database, DONGJAK, NOW, application_id=draft)


def test_the_order_by_score_shows_open_averages_only(database: Database, publish: Any) -> None:
    from services.grants.reviewing import scoring

    call = publish()
    appoint(database, (701, 702, 703))
    ids = in_review(database, call, 3)
    made = assign(database, call)
    points = {ids[0]: (10, 10, 10, 10), ids[1]: (20, 30, 30, 20), ids[2]: (1, 1, 1, 1)}
    for review in made:
        if review.application_id == ids[2] and review.account_id == 703:
            continue
        scoring.submit(
            database,
            reviewer(review.account_id),
            NOW,
            review_id=review.id,
            written=written(points[review.application_id]),
        )
    rows = listed(database, call, sort="score", descending=True).rows
    assert [(each.application.id, each.average_tenths) for each in rows] == [
        (ids[1], 1000),
        (ids[0], 400),
        (ids[2], None),
    ]
    assert (rows[2].submitted, rows[2].waiting) == (2, 1)


def test_other_districts_see_nothing(database: Database, publish: Any) -> None:
    call = publish()
    one = filed(database, call, 100)
    for attempt in (
        lambda session: listing.listed(session, SEONGBUK, call_id=call.id, query=Query()),
        lambda session: duplicates.of_call(session, SEONGBUK, call_id=call.id),
    ):
        with pytest.raises(Refusal, match="other_district"), database.read() as session:
            attempt(session)
    for use in (checking.sheet, checking.accept):
        with pytest.raises(Refusal, match="other_district"):
            use(database, SEONGBUK, NOW, application_id=one)
    with pytest.raises(Refusal, match="other_district"):
        checking.accept_many(database, SEONGBUK, NOW, call_id=call.id, application_ids=[one])


def test_five_thousand_applications_cost_as_many_queries_as_five(database: Database, publish: Any) -> None:
    call = publish()

    def cost() -> tuple[int, int, int]:
        with database.read() as session, counting(database) as statements:
            listing.listed(session, DONGJAK, call_id=call.id, query=Query(sort="score", text="사업"))
        first = len(statements)
        with database.read() as session, counting(database) as statements:
            duplicates.of_call(session, DONGJAK, call_id=call.id)
        second = len(statements)
        with database.read() as session:
            rules = listing.listed(session, DONGJAK, call_id=call.id, query=Query()).rules
            with counting(database) as statements:
                count = sum(1 for _ in listing.all_rows(session, DONGJAK, call, rules, Query()))
            assert len(statements) <= 2 + count // listing.AT_ONCE + 1
        return first, second, count

    crowd(database, call, 1, 6)
    few = cost()
    crowd(database, call, 6, 5001)
    many = cost()
    assert many[:2] == few[:2]
    assert (few[2], many[2]) == (5, 5000)
    assert many[0] <= 11
    assert many[1] <= 9
    some = state_ids(database, call, 25)
    with counting(database) as statements:
        outcome = checking.accept_many(database, DONGJAK, NOW, call_id=call.id, application_ids=some)
    assert outcome.refused == Counter({"needs_look": 25})
    assert sum("JOIN" in each and "applicant_group.address" in each for each in statements) == 1  # once for all 25


def state_ids(database: Database, call: Call, most: int) -> list[int]:
    with database.read() as session:
        return listing.ids(session, call.id, "submitted", most)


def crowd(database: Database, call: Call, first: int, last: int) -> None:
    """Many groups of two, each with an application."""
    with database.write() as session:
        session.execute(
            insert(ApplicantGroup),
            [
                {
                    "id": number,
                    "name": f"모임 {number}",
                    "name_key": f"모임{number}",
                    "district": "11590",
                    "address": f"상도로 {number}",
                    "bank_account": f"{number:08d}",
                    "invite_code": f"c{number}",
                    "created_by": 0,
                    "created_at": NOW,
                }
                for number in range(first, last)
            ],
        )
        session.execute(
            insert(GroupMember),
            [
                {
                    "group_id": number,
                    "account_id": 10 * number + place,
                    "name": "주민",
                    "person_key": f"p{10 * number + place}",
                    "role": "leader" if place == 0 else "member",
                    "joined_at": NOW,
                }
                for number in range(first, last)
                for place in (0, 1)
            ],
        )
        session.execute(
            insert(Application),
            [
                {
                    "call_id": call.id,
                    "version_id": call.version_id,
                    "group_id": number,
                    "district": "11590",
                    "number": number,
                    "receipt": f"r{number}",
                    "account_id": 10 * number,
                    "representative": "주민",
                    "group_name": f"모임 {number}",
                    "title": f"사업 {number}",
                    "strand": "group_space",
                    "plan": f"{number}번째 모임은 {number * 7919 % 10007}일에 {number * 104729 % 99991}을 합니다.",
                    "state": "submitted",
                    "phase": "intake",
                    "idempotency_key": f"k{number}",
                    "filed_hash": f"{number:064d}",
                    "typed": {},
                    "answers": {},
                    "submitted_at": NOW,
                }
                for number in range(first, last)
            ],
        )


# The check


def test_the_sheet_tells_each_requirement_and_that_it_was_looked_at(database: Database, publish: Any) -> None:
    call = publish()
    one = filed(database, call, 100)
    sheet = checking.sheet(database, DONGJAK, NOW, application_id=one)
    assert {each.kind.key: each.state for each in sheet.checks}["members_at_least"] == "met"
    assert sheet.may("accept")
    assert sheet.may("request_correction")
    with database.read() as session:
        viewed = select(AUDIT.c.account_id).where(
            AUDIT.c.action == "application.viewed", AUDIT.c.subject == f"application:{one}"
        )
        assert session.scalars(viewed).all() == [DONGJAK.account_id]


def test_accepted_refused_and_to_be_corrected_are_told(database: Database, publish: Any) -> None:
    call = publish()
    good, bad, half = (filed(database, call, leader) for leader in (100, 200, 300))
    assert checking.accept(database, DONGJAK, NOW, application_id=good).state == "eligible"
    with pytest.raises(Refusal, match="invalid_input"):
        checking.refuse(database, DONGJAK, NOW, application_id=bad, reason=" ")
    refused = checking.refuse(database, DONGJAK, NOW, application_id=bad, reason="다른 자치구의 모임입니다.")
    assert (refused.state, refused.phase, refused.reason) == ("ineligible", "rejected", "다른 자치구의 모임입니다.")
    with pytest.raises(Refusal) as late:
        checking.request_correction(
            database, DONGJAK, NOW, application_id=half, reason="통장 사본", correct_by=NOW - timedelta(hours=1)
        )
    assert late.value.fields == {"correct_by": ["date_past"]}
    corrected = checking.request_correction(
        database, DONGJAK, NOW, application_id=half, reason="통장 사본을 붙여 주세요."
    )
    assert corrected.state == "correcting"
    assert corrected.correct_by == checking.correction_due(NOW, 5)
    kinds = Counter((each["kind"], each["account_id"] // 100) for each in told(database))
    assert kinds == Counter(
        {("application_eligible", 1): 3, ("application_ineligible", 2): 3, ("correction_requested", 3): 3}
    )
    with database.read() as session:
        steps = session.scalars(select(ApplicationStep.event).order_by(ApplicationStep.id)).all()
    assert steps == ["accept", "refuse", "request_correction"]
    with pytest.raises(Refusal, match="step_not_possible"):
        checking.accept(database, DONGJAK, NOW, application_id=good)


def test_nobody_decides_on_their_own_groups_application(database: Database, publish: Any) -> None:
    call = publish()
    one = filed(database, call, DONGJAK.account_id or 0)
    with pytest.raises(Refusal, match="own_application"):
        checking.accept(database, DONGJAK, NOW, application_id=one)
    outcome = checking.accept_many(database, DONGJAK, NOW, call_id=call.id, application_ids=[one])
    assert outcome.refused == Counter({"own_application": 1})
    begun = state(database, one).created_at
    for left_at, near in ((NOW, True), (begun, True), (begun - timedelta(seconds=1), False)):
        with database.write() as session:  # nor by leaving the group for a while
            session.execute(
                update(GroupMember).where(GroupMember.account_id == DONGJAK.account_id).values(left_at=left_at)
            )
        if near:
            with pytest.raises(Refusal, match="own_application"):
                checking.accept(database, DONGJAK, NOW, application_id=one)
        with database.read() as session:
            found = session.get_one(Application, one)
            assert standing.concerned(session, DONGJAK.account_id, found) is near
            assert standing.near(session, DONGJAK.account_id, [found]) == ({one} if near else set())
            assert bool(standing.strangers(session, [DONGJAK.account_id or 0], found)) is not near


def test_the_group_itself_cannot(database: Database, publish: Any) -> None:
    call = publish()
    one = filed(database, call, 100)
    with pytest.raises(Refusal, match="other_district"):
        checking.accept(database, resident(100), NOW, application_id=one)


def test_many_are_accepted_and_those_with_something_to_look_at_stay(database: Database, publish: Any) -> None:
    call = publish()
    ids = [filed(database, call, leader) for leader in (100, 200, 300)]
    alone = application(database, call, group(database, NOW, (900,)), NOW, account_id=900)
    done = checking.refuse(database, DONGJAK, NOW, application_id=ids[2], reason="중복입니다.")
    outcome = checking.accept_many(database, DONGJAK, NOW, call_id=call.id, application_ids=[*ids, alone, 999_999])
    assert sorted(outcome.moved) == sorted(ids[:2])
    assert outcome.refused == Counter({"needs_look": 1, "step_not_possible": 1})
    with pytest.raises(Refusal) as refused:
        checking.accept(database, DONGJAK, NOW, application_id=alone, reason=" ")
    assert refused.value.fields == {"reason": ["accept_reason_missing"]}
    checking.accept(database, DONGJAK, NOW, application_id=alone, reason="두 사람이 더 옵니다.")
    assert state(database, done.id).state == "ineligible"
    again = checking.accept_many(database, DONGJAK, NOW, call_id=call.id, application_ids=ids[:2])
    assert again.moved == []
    with pytest.raises(Refusal, match="too_many"):
        checking.accept_many(database, DONGJAK, NOW, call_id=call.id, application_ids=range(501))


def test_two_of_the_staff_decide_at_once_and_one_decision_stands(database: Database, publish: Any) -> None:
    call = publish()
    one = filed(database, call, 100)
    ends = race(
        [
            lambda: checking.request_correction(database, DONGJAK, NOW, application_id=one, reason="고쳐 주세요."),
            lambda: checking.request_correction(database, DONGJAK, NOW, application_id=one, reason="고쳐 주세요."),
        ]
    )
    assert ends == Counter({"won": 2})
    assert len(told(database)) == 3
    later = checking.request_correction(
        database, DONGJAK, NOW, application_id=one, reason="고쳐 주세요.", correct_by=NOW + timedelta(days=20)
    )
    assert later.correct_by == NOW + timedelta(days=20)
    assert len(told(database)) == 6
