"""Re-reviews, and many applications led on at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.grants import programmes
from services.grants.models import Application, Call, Interest, Review
from services.grants.reviewing import (
    overview,
    reassigning,
    results,
    stages,
    standings,
)
from services.grants.selection import objections
from services.grants.selection.embargo import known
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal
from tests.grants.conftest import DONGJAK, SEONGBUK, moved, resident, told
from tests.grants.review_room import (
    LATER,
    NOW,
    POOL,
    STAGE,
    appoint,
    assign,
    counting,
    hand_in,
    in_review,
    reviews,
)

# Re-review


def test_a_re_review_keeps_the_earlier_round(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, range(701, 707))
    (one,) = in_review(database, call)
    first = assign(database, call)

    def again(**changed: Any) -> int:
        wanted: dict[str, Any] = {"reason": "점수가 크게 다릅니다.", "same_people": False, "round_asked": 1} | changed
        return reassigning.again(database, DONGJAK, LATER, application_id=one, **wanted)

    with pytest.raises(Refusal, match="review_running"):
        again()
    for review in first:
        hand_in(database, review)
    with pytest.raises(Refusal, match="invalid_input"):
        again(reason=" ")
    assert again() == again() == 2
    second = reviews(database, round=2)
    assert len(second) == 3
    assert not {each.account_id for each in second} & {each.account_id for each in first}
    assert len(told(database, "review_reopened")) == 3
    with database.read() as session:
        assert standings.of_stage(session, DONGJAK, call_id=call.id, stage_key=STAGE).ready == 0
        mine = session.get_one(Review, first[0].id)
        rules = overview.of_application(database, DONGJAK, LATER, application_id=one).rules
        assert results.for_reviewer(session, mine, rules) is None
    for review in second:
        hand_in(database, review, (10, 10, 10, 10))
    rounds = overview.of_application(database, DONGJAK, LATER, application_id=one).rounds
    assert [(each.number, each.open, each.spread.average if each.spread else None) for each in rounds] == [
        (1, True, 750),
        (2, True, 400),
    ]


def test_the_same_people_can_be_asked_again(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    (one,) = in_review(database, call)
    for review in assign(database, call):
        hand_in(database, review)
    reassigning.again(
        database, DONGJAK, LATER, application_id=one, reason="자료가 바뀌었습니다.", same_people=True, round_asked=1
    )
    assert {each.account_id for each in reviews(database, round=2)} == set(POOL[:3])


# Stages


def test_many_are_led_on_by_a_cut_off_and_the_rest_stay(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    ids = in_review(database, call, 3)
    by = dict(zip(ids, [(20, 30, 30, 20), (15, 15, 15, 15), (5, 5, 5, 5)], strict=True))
    made = assign(database, call)
    heard = {"stage_key": "interview_review", "held_at": LATER + timedelta(days=1), "place": "마을센터"}
    stages.set_date(database, DONGJAK, NOW, application_id=ids[0], **heard)
    assert told(database, "stage_dated") == []  # a stage that is not reached yet
    late = next(each for each in made if each.application_id == ids[2])
    for review in made:
        if review.id == late.id:
            continue
        hand_in(database, review, by[review.application_id])
    with pytest.raises(Refusal, match="other_district"):
        stages.lead_by_cut(database, SEONGBUK, LATER, call_id=call.id, stage_key=STAGE, cut_tenths=600, event="advance")
    outcome = stages.lead_by_cut(
        database, DONGJAK, LATER, call_id=call.id, stage_key=STAGE, cut_tenths=None, event="advance"
    )
    assert sorted(outcome.moved) == sorted(ids[:2])  # 60.0 points reach the programme's own cut-off of 60
    again = stages.lead_by_cut(
        database, DONGJAK, LATER, call_id=call.id, stage_key=STAGE, cut_tenths=None, event="advance"
    )
    assert again.moved == []
    assert [each["account_id"] for each in told(database, "stage_dated")] == [1000]  # told when it is reached
    chosen = stages.lead(
        database, DONGJAK, LATER, call_id=call.id, application_ids=ids, event="advance", from_state=STAGE
    )
    assert (chosen.moved, chosen.refused) == ([], Counter({"step_not_possible": 2, "reviews_missing": 1}))


def test_who_does_not_pass_is_told_why_and_only_with_a_reason(database: Database, publish: Any) -> None:
    call = publish()
    appoint(database, POOL[:3])
    (one,) = in_review(database, call)
    for review in assign(database, call):
        hand_in(database, review, (1, 1, 1, 1))
    wanted: dict[str, Any] = {"call_id": call.id, "stage_key": STAGE, "cut_tenths": 600, "event": "reject"}
    with pytest.raises(Refusal, match="invalid_input"):
        stages.lead_by_cut(database, DONGJAK, LATER, **wanted)
    assert stages.lead_by_cut(database, DONGJAK, LATER, **wanted, reason="점수가 모자랐습니다.").moved == [one]
    with database.read() as session:
        application = session.get_one(Application, one)
    assert (application.phase, application.reason) == ("rejected", "점수가 모자랐습니다.")
    assert told(database, "results_announced_rejected") == []  # until the hour


def test_who_does_not_pass_after_the_hour_is_told_at_once_and_may_object(database: Database, publish: Any) -> None:
    left, rolling, waits = publish(), publish(rolling=True), publish()
    appoint(database, POOL[:3])
    with database.write() as session:
        session.get_one(Call, left.id).announce_at = session.get_one(Call, left.id).announced_at = NOW
    wanted: dict[str, Any] = {"event": "reject", "reason": "점수가 모자랐습니다.", "from_state": STAGE}
    ids = {}
    for call in (left, rolling, waits):
        ids[call.id] = in_review(database, call, 2)
        for review in assign(database, call):
            if review.application_id in ids[call.id]:
                hand_in(database, review, (1, 1, 1, 1))
        outcome = stages.lead(database, DONGJAK, LATER, call_id=call.id, application_ids=ids[call.id], **wanted)
        assert outcome.moved == ids[call.id]
    everyone = [one for found in ids.values() for one in found]
    assert moved(database) == [(one, 1, STAGE, "rejected") for one in everyone]
    notices = told(database, "results_announced_rejected")
    assert [each["path"] for each in notices] == [f"/applications/{one}" for one in (*ids[left.id], *ids[rolling.id])]
    for call in (left, rolling, waits):
        with database.read() as session:
            application = session.get_one(Application, ids[call.id][0])
            result = known(programmes.rules_of_application(session, application), application, call, LATER)
        if call is waits:
            assert (result.state.phase, result.reason) == ("decision", "")
            continue
        assert (result.state.phase, result.reason) == ("rejected", "점수가 모자랐습니다.")
        objections.file(database, resident(1000), LATER, application_id=application.id, words="다시 봐 주세요.")


def test_steps_of_many_leave_an_event_each(database: Database, publish: Any) -> None:
    call = publish()
    ids = in_review(database, call, 3, state="eligible")
    with counting(database) as statements:
        stages.start(database, DONGJAK, NOW, call_id=call.id)
    assert len([each for each in statements if "INTO outbox" in each]) == 1
    stages.lead(database, DONGJAK, NOW, call_id=call.id, application_ids=ids, event="advance")  # no reviews: refused
    assert moved(database) == [(one, 1, "eligible", STAGE) for one in ids]


def test_the_review_starts_with_all_that_are_eligible(database: Database, publish: Any) -> None:
    call = publish()
    ids = in_review(database, call, 3, state="eligible")
    assert sorted(stages.start(database, DONGJAK, NOW, call_id=call.id).moved) == sorted(ids)
    assert stages.start(database, DONGJAK, NOW, call_id=call.id).moved == []


def test_an_interview_has_a_date_and_a_place(database: Database, publish: Any) -> None:
    call = publish()
    (one,) = in_review(database, call, state="interview_review")
    with pytest.raises(Refusal, match="invalid_input"):
        stages.set_date(
            database, DONGJAK, NOW, application_id=one, stage_key="interview_review", held_at=LATER, place=" "
        )
    for place in ("마을센터 2층", "마을센터 2층", "마을센터 3층"):
        stages.set_date(
            database, DONGJAK, NOW, application_id=one, stage_key="interview_review", held_at=LATER, place=place
        )
    held = overview.of_application(database, DONGJAK, NOW, application_id=one).held
    assert held is not None
    assert (held.held_at, held.place) == (LATER, "마을센터 3층")
    news = [(each["account_id"], each["kind"]) for each in told(database)]
    assert news == [(1000, "stage_dated"), (1000, "stage_moved")]  # the same again tells nobody


# Who has an interest


def test_staff_with_an_interest_does_not_look_either(database: Database, publish: Any) -> None:
    call = publish()
    (one,) = in_review(database, call)
    with database.write() as session:
        session.add(Interest(account_id=DONGJAK.account_id or 0, application_id=one, kind="declared", at=NOW))
    with pytest.raises(Refusal, match="own_application"):
        overview.of_application(database, DONGJAK, NOW, application_id=one)
    other: Actor = replace(DONGJAK, account_id=599)
    assert overview.of_application(database, other, NOW, application_id=one).interests
