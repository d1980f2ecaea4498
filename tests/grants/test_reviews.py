"""Reviews: written, sealed, opened, in the queue."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from services.grants.models import Application, Review
from services.grants.reviewing import (
    overview,
    queue,
    recusal,
    results,
    scoring,
    standings,
)
from services.grants.rules import scores
from shared.database import Database
from shared.refusal import Refusal
from tests.booking.racing import race
from tests.grants.conftest import DONGJAK
from tests.grants.review_room import (
    LATER,
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
    written,
)

# Writing and sealing


def test_a_draft_is_kept_as_typed_and_a_review_sealed_when_it_is_handed_in(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    in_review(database, call)
    mine = assign(database, call)[0]
    actor = reviewer(mine.account_id)
    kept = scoring.save_draft(database, actor, NOW, review_id=mine.id, written=written(("열여덟", "", "99", "1")))
    assert kept.typed["points"] == {"need": "열여덟", "people": "99", "budget": "1"}
    with pytest.raises(Refusal) as refused:
        scoring.submit(database, actor, NOW, review_id=mine.id, written=written(("열여덟", "", "99", "1"), ""))
    assert refused.value.fields == {
        "score_need": ["score_unclear"],
        "score_plan": ["score_missing"],
        "score_people": ["score_out_of_range"],
        "comment": ["text_missing"],
    }
    done = hand_in(database, mine)
    assert done.total_tenths == 750
    assert done.typed == {}
    assert results.verified(done)
    assert audited(database, "review.submitted")[0].details["hash"] == done.sealed_hash
    assert hand_in(database, mine).sealed_hash == done.sealed_hash
    with pytest.raises(Refusal, match="review_handed_in"):
        hand_in(database, mine, (1, 1, 1, 1))
    with pytest.raises(Refusal, match="review_handed_in"):
        scoring.save_draft(database, actor, NOW, review_id=mine.id, written=written())


def test_numbers_in_other_digits_or_signs_are_no_scores() -> None:
    from services.grants.ready.common import DOCUMENT_REVIEW

    for text in ("１２", "-1", "1e1", "3.5", " ", "+2"):
        points, wrong = scores.read({"need": text, "plan": "1", "people": "1", "budget": "1"}, DOCUMENT_REVIEW)
        assert "need" not in points
        assert set(wrong) == {"score_need"}


@pytest.mark.parametrize(
    ("totals", "outliers"),
    [([450, 450, 1000], (2,)), ([400, 600, 800], ()), ([100, 600, 1000], (0, 2)), ([0, 1000], ()), ([500], ())],
)
def test_what_lies_far_from_the_median_is_an_outlier(totals: list[int], outliers: tuple[int, ...]) -> None:
    assert scores.spread(totals, 200).outliers == outliers


def test_averages_are_rounded_half_up_to_a_tenth() -> None:
    assert [scores.average(each) for each in ([750, 751], [750, 750, 751], [0, 1, 1], [333])] == [751, 750, 1, 333]


def test_nobody_reads_a_score_before_all_are_in_and_then_the_seals_can_be_checked(
    database: Database, publish: Any
) -> None:
    call = publish()
    appoint(database, POOL[:3])
    (one,) = in_review(database, call)
    made = assign(database, call)
    for review in made[:2]:
        hand_in(database, review)
    told = overview.of_application(database, DONGJAK, LATER, application_id=one)
    assert told.current is not None
    assert not told.current.open
    assert [each.review for each in told.current.lines] == [None, None, None]
    assert told.current.spread is None
    with database.read() as session:
        own = session.get_one(Review, made[0].id)
        assert results.for_reviewer(session, own, told.rules) is None
        row = standings.of_stage(session, DONGJAK, call_id=call.id, stage_key=STAGE).rows[0]
        assert (row.submitted, row.waiting, row.average_tenths, row.spread) == (2, 1, None, None)
    hand_in(database, made[2], (20, 30, 30, 20))
    told = overview.of_application(database, DONGJAK, LATER, application_id=one)
    assert told.current is not None
    assert told.current.open
    assert all(each.verified for each in told.current.lines)
    assert told.current.spread is not None
    assert (told.current.spread.average, told.current.spread.width) == (833, 250)
    assert [each.outlier for each in told.current.lines] == [False, False, True]
    with database.read() as session:
        opened = results.for_reviewer(session, session.get_one(Review, made[0].id), told.rules)
        assert opened is not None
        assert {each.name for each in opened.lines} == {""}
        row = standings.of_stage(session, DONGJAK, call_id=call.id, stage_key=STAGE).rows[0]
        assert row.average_tenths == 833


def test_a_score_that_was_changed_in_the_database_breaks_its_seal(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    (one,) = in_review(database, call)
    for review in assign(database, call):
        hand_in(database, review)
    with database.write() as session:
        session.execute(
            update(Review).where(Review.account_id == 701).values(scores={"need": 20, "plan": 30, "people": 30})
        )
    current = overview.of_application(database, DONGJAK, LATER, application_id=one).current
    assert current is not None
    assert [each.verified for each in current.lines] == [False, True, True]


def test_of_two_presses_at_once_one_review_comes_out(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    in_review(database, call)
    mine = assign(database, call)[0]
    ends = race([partial(hand_in, database, mine, points) for points in ((1, 1, 1, 1), (2, 2, 2, 2))])
    assert ends == Counter({"won": 1, "review_handed_in": 1})
    assert len(audited(database, "review.submitted")) == 1


def test_all_hand_in_at_once(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    (one,) = in_review(database, call)
    made = assign(database, call)
    assert race([partial(hand_in, database, review) for review in made]) == Counter({"won": 3})
    current = overview.of_application(database, DONGJAK, LATER, application_id=one).current
    assert current is not None
    assert current.open


def test_somebody_elses_review_does_not_exist(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    in_review(database, call)
    mine, other = assign(database, call)[:2]
    for attempt in (
        lambda: queue.one(database, reviewer(other.account_id), NOW, review_id=mine.id),
        lambda: scoring.submit(database, reviewer(other.account_id), NOW, review_id=mine.id, written=written()),
        lambda: scoring.save_draft(database, reviewer(other.account_id), NOW, review_id=mine.id, written=written()),
        lambda: recusal.declare(database, reviewer(other.account_id), NOW, review_id=mine.id, reason="이웃"),
    ):
        with pytest.raises(Refusal) as refused:
            attempt()
        assert refused.value.status == 404


def test_a_review_is_closed_once_the_application_went_on(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL)
    (one,) = in_review(database, call)
    mine = assign(database, call)[0]
    with database.write() as session:
        session.execute(update(Application).where(Application.id == one).values(state="deliberation", phase="decision"))
    with pytest.raises(Refusal, match="review_closed"):
        hand_in(database, mine)


# The queue


def test_the_queue_shows_the_next_due_first_and_costs_as_much_for_many(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    in_review(database, call, 2)
    assign(database, call)

    def cost() -> int:
        with database.read() as session, counting(database) as statements:
            queue.listed(session, reviewer(701))
        return len(statements)

    few = cost()
    in_review(database, call, 30)
    assign(database, call, NOW + timedelta(days=1))
    assert cost() == few
    with database.read() as session:
        found, counts = queue.listed(session, reviewer(701))
    assert counts == {"assigned": 32, "submitted": 0}
    due = [str(each.review.due_on) for each in found]
    assert due == sorted(due)
