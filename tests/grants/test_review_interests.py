"""A reviewer never sees or scores an application in which they have an interest (invariant 13): found or declared."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services.grants import files, group_members
from services.grants.models import ApplicantGroup, Application, GroupMember, Interest, Review, Reviewer
from services.grants.readers import READERS
from services.grants.reviewing import assigning, overview, queue, reassigning, recusal, reviewers, scoring
from services.grants.reviewing.reviewers import Profile
from services.grants.rules.people import person_key
from shared.database import Database
from shared.refusal import Refusal
from tests.grants import file_makers
from tests.grants.attaching import attach
from tests.grants.conftest import DONGJAK
from tests.grants.review_room import LATER, NOW, STAGE, appoint, assign, in_review, reviewer, reviews, written
from tests.grants.stage import application, group

POOL = (701, 702, 703, 704)


def interests(database: Database) -> dict[tuple[int, int], list[str]]:
    with database.read() as session:
        found: dict[tuple[int, int], list[str]] = {}
        for each in session.scalars(select(Interest).order_by(Interest.id)):
            found.setdefault((each.account_id, each.application_id), []).append(each.kind)
        return found


def join(database: Database, application_id: int, **columns: Any) -> int:
    """Somebody more in the group of an application; the group's number."""
    with database.write() as session:
        group_id = session.get_one(Application, application_id).group_id
        assert group_id is not None
        values: dict[str, Any] = {"group_id": group_id, "name": "새 사람", "joined_at": NOW}
        session.add(GroupMember(**(values | columns)))
        return group_id


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"account_id": 701}, "membership"),
        ({"person_key": "reviewer-701"}, "membership"),
        ({"account_id": 701, "left_at": NOW - timedelta(days=1)}, "membership"),
        ({"address": "서울특별시 동작구 노량진로 701-1 (노량진동)"}, "address"),
    ],
)
def test_detected_conflicts_are_not_assigned_and_stand_on_record(
    database: Database, publish: Any, columns: dict[str, Any], kind: str
) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    join(database, one, **columns)
    made = assign(database, call)
    assert {each.account_id for each in made} == {702, 703, 704}
    assert interests(database) == {(701, one): [kind]}


def test_who_is_named_in_the_form_only_is_found_as_well(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL, person_key=person_key("심사 하나", 1970))
    named = {"members": [{"name": "심사 하나", "birth_year": 1970, "phone": "", "address": ""}]}
    (one,) = in_review(database, call, answers=named)
    with pytest.raises(Refusal) as refused:
        reassigning.move(database, DONGJAK, NOW, review_id=_assigned_by_hand(database, one), account_id=702)
    assert refused.value.fields == {"account_id": ["reviewer_conflicted"]}


def _assigned_by_hand(database: Database, application_id: int) -> int:
    with database.write() as session:
        review = Review(application_id=application_id, stage=STAGE, account_id=701, assigned_at=NOW, assigned_by=501)
        session.add(review)
        session.flush()
        return review.id


def test_an_earlier_joint_application_counts_for_three_years(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)  # of leader 1000
    old = group(database, NOW - timedelta(days=2000), (701, 1000))
    longer_ago = group(database, NOW - timedelta(days=2000), (702, 1000))
    then = NOW - timedelta(days=300)
    application(database, call, old, then, state="rejected", account_id=701, submitted_at=then)
    before = NOW - timedelta(days=4 * 365)
    application(database, call, longer_ago, before, state="rejected", account_id=702, submitted_at=before)
    assert {each.account_id for each in assign(database, call)} == {702, 703, 704}
    assert interests(database) == {(701, one): ["joint_application"]}


def test_who_declares_an_interest_is_replaced_and_sees_nothing_any_more(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    mine = assign(database, call)[0]
    actor = reviewer(mine.account_id)
    with pytest.raises(Refusal, match="invalid_input"):
        recusal.declare(database, actor, NOW, review_id=mine.id, reason="")
    recusal.declare(database, actor, NOW, review_id=mine.id, reason="같은 직장에서 일합니다.")
    recusal.declare(database, actor, NOW, review_id=mine.id, reason="같은 직장에서 일합니다.")
    assert interests(database) == {(mine.account_id, one): ["declared"]}
    states = Counter(each.state for each in reviews(database))
    assert states == Counter({"assigned": 3, "recused": 1})
    with database.read() as session:
        assert queue.listed(session, actor) == ([], {"assigned": 0, "submitted": 0})
    for attempt in (
        lambda: queue.one(database, actor, NOW, review_id=mine.id),
        lambda: scoring.submit(database, actor, NOW, review_id=mine.id, written=written()),
        lambda: scoring.save_draft(database, actor, NOW, review_id=mine.id, written=written()),
    ):
        with pytest.raises(Refusal) as refused:
            attempt()
        assert refused.value.status == 404
    told = overview.of_application(database, DONGJAK, NOW, application_id=one)
    assert [(each.kind, each.note) for each, _name in told.interests] == [("declared", "같은 직장에서 일합니다.")]
    assert mine.account_id not in {each.account_id for each in told.others}


def test_members_who_come_later_are_noticed(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    mine = assign(database, call)[0]
    scoring.submit(database, reviewer(mine.account_id), NOW, review_id=mine.id, written=written())
    group_id = join(database, one, account_id=mine.account_id)
    recusal.recheck_group(database, DONGJAK, LATER, group_id=group_id)
    (left,) = reviews(database, account_id=mine.account_id)
    assert left.state == "recused"
    assert left.sealed_hash  # what was handed in stays on record, and does not count
    assert {each.account_id for each in reviews(database, state="assigned")} == set(POOL) - {mine.account_id}


def test_a_reviewer_who_joins_the_group_is_taken_off_at_once(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    mine = assign(database, call)[0]
    with database.read() as session:
        of_group = select(ApplicantGroup.invite_code).join(Application, Application.group_id == ApplicantGroup.id)
        code = session.scalar(of_group.where(Application.id == one))
    assert code
    group_members.join(database, reviewer(mine.account_id), LATER, code)
    assert interests(database) == {(mine.account_id, one): ["membership"]}
    assert [each.state for each in reviews(database, account_id=mine.account_id)] == ["recused"]


def test_an_interest_that_came_up_unnoticed_is_found_when_the_review_is_opened(
    database: Database, publish: Any
) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    first, second = assign(database, call)[:2]
    join(database, one, account_id=first.account_id)
    join(database, one, person_key=f"reviewer-{second.account_id}")
    with pytest.raises(Refusal, match="not_found"):
        queue.one(database, reviewer(first.account_id), LATER, review_id=first.id)
    with pytest.raises(Refusal, match="not_found"):
        scoring.submit(database, reviewer(second.account_id), LATER, review_id=second.id, written=written())
    assert set(interests(database)) == {(first.account_id, one), (second.account_id, one)}


def test_a_profile_that_is_changed_is_looked_at_again(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    join(database, one, address="상도로 77")
    mine = assign(database, call)[0]
    said = Profile(f"심사위원 {mine.account_id}", address="서울 동작구 상도로 77", birth_year=1970)
    reviewers.save_profile(database, reviewer(mine.account_id), NOW, profile=said, strands=frozenset())
    assert interests(database) == {}  # the group wrote no district: another home, as far as anybody can tell
    reviewers.save_profile(
        database,
        reviewer(mine.account_id),
        NOW,
        profile=Profile(said.name, address="상도로 77", birth_year=1970),
        strands=frozenset(),
    )
    assert interests(database) == {(mine.account_id, one): ["address"]}
    assert [each.state for each in reviews(database, account_id=mine.account_id)] == ["recused"]


def test_where_nobody_else_is_left_the_application_lacks_a_reviewer_until_one_is_appointed(
    database: Database, publish: Any
) -> None:
    call = publish()
    appoint(database, POOL[:3])
    in_review(database, call)
    mine = assign(database, call)[0]
    recusal.declare(database, reviewer(mine.account_id), NOW, review_id=mine.id, reason="이웃입니다.")
    with database.read() as session:
        work = assigning.look(session, DONGJAK, NOW, call_id=call.id, stage_key=STAGE)
    assert list(work.plan.short.values()) == [1]
    appoint(database, POOL[3:])
    assert len([each for each in assign(database, call) if each.state == "assigned"]) == 3


def test_files_are_read_by_reviewers_without_an_interest_only(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    made = assign(database, call)
    with database.write() as session:
        attached = attach(
            session,
            file_makers.jpeg(),
            DONGJAK,
            subject_kind="application",
            subject_id=one,
            field="files",
            group_id=None,
            call_id=call.id,
        )
    mine, other = made[0], made[1]
    for review in (mine, other):
        _, content = files.read(database, reviewer(review.account_id), NOW, attachment_id=attached.id, readers=READERS)
        assert content
    recusal.declare(database, reviewer(mine.account_id), NOW, review_id=mine.id, reason="이웃입니다.")
    with pytest.raises(Refusal) as refused:
        files.read(database, reviewer(mine.account_id), NOW, attachment_id=attached.id, readers=READERS)
    assert refused.value.status == 404
    (free,) = set(POOL) - {each.account_id for each in made}
    stranger = 799
    appoint(database, [stranger])
    with pytest.raises(Refusal):
        files.read(database, reviewer(stranger), NOW, attachment_id=attached.id, readers=READERS)
    assert free in {each.account_id for each in reviews(database, state="assigned")}


def test_what_a_later_decision_rests_on_stays(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    mine = assign(database, call)[0]
    scoring.submit(database, reviewer(mine.account_id), NOW, review_id=mine.id, written=written())
    with database.write() as session:
        session.execute(update(Application).where(Application.id == one).values(state="deliberation", phase="decision"))
        session.execute(update(Reviewer).where(Reviewer.account_id == 701).values(address="노량진로 1"))
    group_id = join(database, one, account_id=mine.account_id)
    recusal.recheck_group(database, DONGJAK, LATER, group_id=group_id)
    assert interests(database) == {(mine.account_id, one): ["membership"]}
    assert [each.state for each in reviews(database, account_id=mine.account_id)] == ["submitted"]
