"""Reviewers are appointed, and applications assigned to them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from services.grants.models import ApplicantGroup, Application, Review, Reviewer
from services.grants.policy import SEOUL
from services.grants.reviewing import (
    assigning,
    overview,
    reassigning,
    reminding,
    reviewers,
    standings,
)
from services.grants.reviewing.reviewers import Profile
from shared.database import Database
from shared.refusal import Refusal
from tests.grants.conftest import DONGJAK, SEONGBUK, told
from tests.grants.review_room import (
    NOW,
    POOL,
    STAGE,
    appoint,
    assign,
    audited,
    counting,
    hand_in,
    in_review,
    reviewer,
    reviews,
)

# Appointments and profiles


def test_a_profile_comes_before_an_appointment(database: Database) -> None:
    wanted: dict[str, Any] = {"district": "11590", "account_id": 701, "kind": "reviewer"}
    dates: dict[str, Any] = {"starts_on": NOW.date(), "ends_on": NOW.date()}
    with pytest.raises(Refusal) as refused:
        reviewers.appoint(database, DONGJAK, NOW, **wanted, **dates)
    assert refused.value.fields == {"account_id": ["reviewer_unknown"]}
    said = Profile("심사 하나", "마을대학", "동작구 상도로 1", birth_year=1970, expertise=("group_space",))
    saved = reviewers.save_profile(database, reviewer(701), NOW, profile=said, strands=frozenset({"group_space"}))
    assert saved.person_key
    made = reviewers.appoint(database, DONGJAK, NOW, **wanted, **dates)
    assert reviewers.appoint(database, DONGJAK, NOW, **wanted, **dates).id == made.id
    with pytest.raises(Refusal, match="other_district"):
        reviewers.appoint(database, SEONGBUK, NOW, **wanted, **dates)


@pytest.mark.parametrize("born", [1850, None])
def test_what_is_wrong_with_a_profile_is_told_field_by_field(database: Database, born: int | None) -> None:
    with pytest.raises(Refusal) as refused:
        reviewers.save_profile(
            database,
            reviewer(701),
            NOW,
            profile=Profile("", birth_year=born, expertise=("nothing",)),
            strands=frozenset({"group_space"}),
        )
    assert set(refused.value.fields) == {"name", "address", "birth_year", "expertise"}


def test_an_appointment_ends_and_who_is_not_appointed_today_is_not_asked(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    in_review(database, call)
    with database.read() as session:
        listed = reviewers.appointed(session, DONGJAK, "11590", NOW)
        with pytest.raises(Refusal, match="other_district"):
            reviewers.appointed(session, SEONGBUK, "11590", NOW)
    reviewers.end(database, DONGJAK, NOW, appointment_id=listed[0].appointment.id)
    assert listed[0].reviewer.account_id not in {each.account_id for each in assign(database, call)}


# Assignment


def test_every_application_gets_its_reviewers_who_are_told_once(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    in_review(database, call, 8)
    made = assign(database, call)
    assert Counter(each.application_id for each in made).most_common()[-1][1] == 3
    assert set(Counter(each.account_id for each in made).values()) == {6}
    assert len(assign(database, call)) == len(made)
    assert [each["account_id"] for each in told(database, "review_assigned")] == list(POOL)
    assert len(audited(database, "review.assigned")) == 8


def test_late_applications_are_spread_over_those_with_less(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    in_review(database, call, 4)
    assign(database, call)
    appoint(database, POOL[3:])
    in_review(database, call, 4)
    loads = Counter(each.account_id for each in assign(database, call))
    assert loads[704] == 4
    assert sum(loads.values()) == 24


def test_fifteen_thousand_reviews_in_a_bounded_number_of_queries(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, range(701, 761))
    with database.write() as session:
        groups = [
            {
                "id": number,
                "name": f"모임 {number}",
                "name_key": f"모임{number}",
                "district": "11590",
                "invite_code": f"c{number}",
                "created_by": 0,
                "created_at": NOW,
            }
            for number in range(1, 5001)
        ]
        session.execute(insert(ApplicantGroup), groups)
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
                    "account_id": 10_000 + number,
                    "representative": "주민",
                    "group_name": f"모임 {number}",
                    "title": f"사업 {number}",
                    "strand": "group_space" if number % 3 else "neighbourhood_alley",
                    "state": STAGE,
                    "phase": "review",
                    "idempotency_key": f"k{number}",
                    "typed": {},
                    "answers": {},
                    "submitted_at": NOW,
                }
                for number in range(1, 5001)
            ],
        )
        session.execute(update(Reviewer).where(Reviewer.account_id < 731).values(expertise=["group_space"]))
        session.execute(update(Reviewer).where(Reviewer.account_id == 701).values(address="동작구 상도로 1"))
    with counting(database) as statements:
        planned = assigning.assign_stage(database, DONGJAK, NOW, call_id=call.id, stage_key=STAGE)
    assert len(planned.plan.picks) == 15_000
    assert len(statements) < 60
    assert set(planned.plan.loads.values()) == {250}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 15_000
        fewest = select(func.count()).select_from(Review).group_by(Review.application_id)
        assert set(session.scalars(fewest)) == {3}
        with counting(database) as statements:
            standing = standings.of_stage(session, DONGJAK, call_id=call.id, stage_key=STAGE)
        assert (standing.total, standing.ready) == (5000, 0)
        assert len(statements) < 10


def test_reviewers_are_reminded_once_of_what_they_have_not_handed_in(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    in_review(database, call, 2)
    made = assign(database, call)
    for review in made:
        if review.account_id == POOL[0] or review.id == made[-1].id:
            hand_in(database, review)
    due = made[0].due_on
    assert due is not None
    seen = []
    for day in range(-4, 3):
        now = datetime(due.year, due.month, due.day, 9, 0, tzinfo=SEOUL) + timedelta(days=day)
        before = len(told(database, "review_due"))
        for _ in range(2):
            assert not reminding.remind_due(database, now)
        seen += [(day, each["account_id"], "2건" in each["body_ko"]) for each in told(database, "review_due")[before:]]
    last = made[-1].account_id
    assert seen == [(-2, each, each != last) for each in POOL[1:3]]


def test_without_reviewers_nothing_is_assigned(database: Database, publish: Any) -> None:
    call = publish()
    in_review(database, call)
    with pytest.raises(Refusal, match="reviewers_none"):
        assign(database, call)


def test_other_districts_neither_look_nor_assign(database: Database, publish: Any) -> None:
    call = publish()
    (one,) = in_review(database, call)
    with pytest.raises(Refusal, match="other_district"):
        assigning.assign_stage(database, SEONGBUK, NOW, call_id=call.id, stage_key=STAGE)
    with pytest.raises(Refusal, match="other_district"), database.read() as session:
        standings.of_stage(session, SEONGBUK, call_id=call.id, stage_key=STAGE)
    with pytest.raises(Refusal, match="other_district"):
        overview.of_application(database, SEONGBUK, NOW, application_id=one)


def test_one_review_is_moved_by_hand_and_back(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    in_review(database, call)
    first = assign(database, call)[0]
    (free,) = set(POOL) - {each.account_id for each in reviews(database)}
    moved = reassigning.move(database, DONGJAK, NOW, review_id=first.id, account_id=free)
    assert reassigning.move(database, DONGJAK, NOW, review_id=first.id, account_id=free).id == moved.id
    assert [each.state for each in reviews(database, account_id=first.account_id)] == ["cancelled"]
    back = reassigning.move(database, DONGJAK, NOW, review_id=moved.id, account_id=first.account_id)
    assert (back.id, back.state) == (first.id, "assigned")
    other = next(each for each in reviews(database, state="assigned") if each.id != back.id)
    with pytest.raises(Refusal) as refused:
        reassigning.move(database, DONGJAK, NOW, review_id=back.id, account_id=other.account_id)
    assert refused.value.fields == {"account_id": ["reviewer_has_it"]}
