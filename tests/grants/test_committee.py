"""The committee: who sits on it, what is on its agenda, and that only a quorum decides."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from services.grants import process
from services.grants.committee import (
    agenda,
    attendance,
    deciding,
    earlier,
    finding,
    meetings,
    minutes,
    recusals,
    voting,
)
from services.grants.committee.agenda import Proposal
from services.grants.committee.meetings import Plan
from services.grants.models import AUDIT, AgendaItem, Application, Interest, Meeting, Seat, Vote
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import stage
from tests.grants.conftest import AFTER, CITY, DONGJAK, SEONGBUK, resident, told
from tests.grants.meeting_room import HELD, MEMBERS, appoint, decide, item_of, member, opened, planned, vote, waiting


@pytest.fixture
def call(database, publish):
    appoint(database)
    return publish()


def test_a_meeting_seats_those_who_are_appointed_on_its_day_and_invites_them(database, call):
    appoint(database, (801,), ends_on=date(2026, 2, 1))  # no member any more
    appoint(database, (802,), district="11290")  # another district's
    application_id = waiting(database, call)
    meeting = planned(database, call)
    with database.read() as session:
        seats = finding.seats(session, meeting.id)
        item = session.scalars(select(AgendaItem)).one()
    assert [seat.account_id for seat in seats] == list(MEMBERS)
    assert [seat.chair for seat in seats] == [True, False, False, False, False]
    assert sorted(each["account_id"] for each in told(database, "committee_invited")) == list(MEMBERS)
    assert (item.application_id, item.proposal, item.proposed_won) == (application_id, "select", 2_000_000)
    assert planned(database, call).id == meeting.id  # the same key


def test_a_committee_that_is_too_small_meets_not(database, publish):
    appoint(database, MEMBERS[:4])
    with pytest.raises(Refusal, match="committee_too_small") as refused:
        planned(database, publish())
    assert refused.value.params == {"least": "5", "seats": "4"}


def test_who_is_appointed_later_has_a_seat_when_it_opens(database, call):
    meeting = planned(database, call)
    appoint(database, (706,))
    meetings.open_meeting(database, DONGJAK, HELD, meeting_id=meeting.id)
    with database.read() as session:
        assert session.get(Seat, (meeting.id, 706)) is not None


@pytest.mark.parametrize("actor", [SEONGBUK, resident(9)])
def test_another_district_runs_no_meeting(database, call, actor):
    with pytest.raises(Refusal, match="other_district"):
        planned(database, call, actor=actor)
    meeting = planned(database, call)
    for act in (meetings.open_meeting, minutes.close, agenda.fill):
        with pytest.raises(Refusal, match="other_district"):
            act(database, actor, HELD, meeting_id=meeting.id)


def test_what_is_wrong_with_a_plan_is_named(database, call):
    with pytest.raises(Refusal) as refused:
        meetings.plan(database, DONGJAK, AFTER, call_id=call.id, terms=Plan("", AFTER, "x" * 121), key="k")
    assert refused.value.fields == {
        "title": ["text_missing"],
        "place": ["text_too_long"],
        "held_at": ["held_in_past"],
    }


def test_a_decision_with_its_quorum_becomes_the_applications(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call, MEMBERS[:3])
    item = decide(database, meeting, application_id, proposed_won=1_500_000, conditions="구청과 협의", who=MEMBERS[:3])
    assert (item.state, item.outcome, item.seats, item.present, item.recused, item.quorum) == (
        "decided",
        "select",
        5,
        3,
        0,
        3,
    )
    with database.read() as session:
        application = session.get_one(Application, application_id)
        audited = session.scalars(select(AUDIT.c.action)).all()
    assert (application.state, application.awarded_won, application.conditions) == (
        "selected",
        1_500_000,
        "구청과 협의",
    )
    assert application.announced_at is None
    assert {"item.decided", "application.select", "vote.cast"} <= set(audited)


def test_without_quorum_nothing_is_decided(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call, MEMBERS[:2])
    with pytest.raises(Refusal, match="no_quorum") as refused:
        decide(database, meeting, application_id, who=MEMBERS[:2])
    assert refused.value.params == {"seats": "5", "deciding": "2", "quorum": "3"}
    with database.read() as session:
        assert session.get_one(Application, application_id).state == "deliberation"


def test_a_recusal_can_take_the_quorum(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call, MEMBERS[:3])
    item = item_of(database, meeting, application_id)
    vote(database, item, who=MEMBERS[:3])
    recusals.declare(database, member(701), HELD, item_id=item.id, reason="이웃이 신청했습니다.")
    with pytest.raises(Refusal, match="no_quorum"):
        deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    attendance.arrive(database, member(704), HELD, meeting_id=meeting.id)
    with pytest.raises(Refusal, match="votes_missing"):
        deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    voting.cast(database, member(704), HELD, item_id=item.id, choice="abstain")
    decided = deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    assert (decided.present, decided.recused, decided.votes_for, decided.abstained) == (4, 1, 2, 1)
    with database.read() as session:
        (interest,) = session.scalars(select(Interest)).all()
    assert (interest.account_id, interest.kind) == (701, "declared")


def test_who_leaves_counts_no_more(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call, MEMBERS[:3])
    item = item_of(database, meeting, application_id)
    vote(database, item, who=MEMBERS[:3])
    attendance.leave(database, member(703), HELD, meeting_id=meeting.id)
    with pytest.raises(Refusal, match="no_quorum"):
        deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    with pytest.raises(Refusal, match="not_there"):
        voting.cast(database, member(703), HELD, item_id=item.id, choice="against")


def test_members_with_an_interest_are_recused_by_themselves(database, call):
    mine = waiting(database, call, who=701)  # a member of the committee is of the group
    other = waiting(database, call, who=2)
    with database.write() as session:
        session.add(Interest(account_id=702, application_id=other, kind="address", at=AFTER))
    meeting = opened(database, call)
    for application_id, who in ((mine, 701), (other, 702)):
        item = item_of(database, meeting, application_id)
        voting.start(database, DONGJAK, HELD, item_id=item.id)
        with pytest.raises(Refusal, match="recused"):
            voting.cast(database, member(who), HELD, item_id=item.id, choice="for")
        with pytest.raises(Refusal, match="recused"):  # nor through the staff
            voting.cast(database, DONGJAK, HELD, item_id=item.id, choice="for", account_id=who)
    with database.read() as session:
        kept = session.execute(select(Vote.account_id, Vote.choice, Vote.reason).order_by(Vote.account_id)).all()
    assert [tuple(row) for row in kept] == [(701, "recused", "membership"), (702, "recused", "address")]


def test_an_interest_found_after_the_vote_takes_the_vote(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call)
    item = item_of(database, meeting, application_id)
    vote(database, item)
    with database.write() as session:
        session.add(Interest(account_id=705, application_id=application_id, kind="joint_application", at=HELD))
    decided = deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    assert (decided.present, decided.recused, decided.votes_for) == (5, 1, 4)


def test_only_seats_vote_and_only_once_each(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call)
    item = item_of(database, meeting, application_id)
    with pytest.raises(Refusal, match="not_voting"):
        voting.cast(database, member(701), HELD, item_id=item.id, choice="for")
    voting.start(database, DONGJAK, HELD, item_id=item.id)
    for stranger in (member(999), resident(1), DONGJAK):
        with pytest.raises(Refusal, match="not_found"):
            voting.cast(database, stranger, HELD, item_id=item.id, choice="for")
    with pytest.raises(Refusal, match="other_district"):
        voting.cast(database, member(701), HELD, item_id=item.id, choice="for", account_id=702)
    with pytest.raises(Refusal, match="vote_unknown"):
        voting.cast(database, member(701), HELD, item_id=item.id, choice="maybe")
    voting.cast(database, member(701), HELD, item_id=item.id, choice="for")
    voting.cast(database, member(701), HELD, item_id=item.id, choice="against")
    voting.cast(database, DONGJAK, HELD, item_id=item.id, choice="abstain", account_id=702)
    with database.read() as session:
        votes = session.execute(select(Vote.account_id, Vote.choice).order_by(Vote.account_id)).all()
        entered = session.scalars(
            select(AUDIT.c.on_behalf_of).where(AUDIT.c.action == "vote.cast").order_by(AUDIT.c.id)
        ).all()
    assert [tuple(row) for row in votes] == [(701, "against"), (702, "abstain")]
    assert entered == [None, None, 702]


def test_what_is_not_carried_is_not_decided_and_stays_on_record(database, call):
    application_id, put_off = waiting(database, call), waiting(database, call, 2)
    meeting = opened(database, call)
    item, other = item_of(database, meeting, application_id), item_of(database, meeting, put_off)
    vote(database, item, "against")
    with pytest.raises(Refusal, match="not_carried"):
        deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    agenda.propose(database, DONGJAK, HELD, item_id=item.id, proposal=Proposal("reject", reason="계획이 부족합니다."))
    with database.read() as session:
        assert not session.scalar(select(func.count()).select_from(Vote))  # nobody voted on these words
        (kept,) = earlier.of_items(session, [item.id, other.id])[item.id]
        choices = session.scalars(select(AUDIT.c.details).where(AUDIT.c.action == "vote.cast")).all()
    assert (kept.proposal, kept.proposed_won, kept.votes_for, kept.votes_against) == ("select", 2_000_000, 0, 5)
    assert choices == [{"choice": "against"}] * 5
    with pytest.raises(Refusal, match="item_in_vote"):  # nor can it be put on the agenda anew, without its past
        agenda.drop(database, DONGJAK, HELD, item_id=item.id)
    vote(database, item)
    deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    vote(database, other, "against", MEMBERS[:4])
    deciding.defer(database, DONGJAK, HELD, item_id=other.id, reason="현장을 더 봅니다.")
    with database.read() as session:
        application = session.get_one(Application, application_id)
        (deferred,) = session.scalars(select(AUDIT.c.details).where(AUDIT.c.action == "item.deferred"))
    assert (application.state, application.reason) == ("rejected", "계획이 부족합니다.")
    assert (deferred["proposal"], deferred["votes_against"], deferred["not_voted"]) == ("select", 4, 1)
    lines = minutes.close(database, DONGJAK, HELD, meeting_id=meeting.id).minutes.split("\n")
    at = next(number for number, line in enumerate(lines) if "의결되지 않은 제안: 선정 2,000,000원" in line)
    assert lines[at + 1] == "     표결: 찬성 0, 반대 5, 기권 0"
    assert lines[at + 3] == "   - 표결: 찬성 5, 반대 0, 기권 0"
    assert lines[-4:-1] == [
        "   - 제안: 선정 2,000,000원",
        "   - 표결: 찬성 0, 반대 4, 기권 0",
        "   - 의결: 보류 (사유: 현장을 더 봅니다.)",
    ]


def test_whoever_gets_less_than_it_asked_for_is_told_why(database, call):
    application_id = waiting(database, call, requested_won=2_000_000)
    item = item_of(database, opened(database, call), application_id)
    for proposal in (Proposal("reject"), Proposal("reserve", 2_000_000), Proposal("select", 1_999_999, reason="  ")):
        with pytest.raises(Refusal) as refused:
            agenda.propose(database, DONGJAK, HELD, item_id=item.id, proposal=proposal)
        assert refused.value.fields == {"reason": ["reason_missing"]}
    agenda.propose(database, DONGJAK, HELD, item_id=item.id, proposal=Proposal("select", 2_000_000))
    with database.write() as session:
        session.get_one(AgendaItem, item.id).proposal = "reserve"
    with pytest.raises(Refusal, match="reason_missing"):  # nor is it put to the vote
        voting.start(database, DONGJAK, HELD, item_id=item.id)


def test_staff_of_the_group_acts_for_no_member_on_its_item(database, call):
    group_id = stage.group(database, AFTER, (1, DONGJAK.account_id))
    own = stage.application(database, call, group_id, AFTER, state="deliberation")
    other = waiting(database, call, 2)
    meeting = opened(database, call)
    item, free = item_of(database, meeting, own), item_of(database, meeting, other)
    for_701 = {"account_id": 701}
    attendance.leave(database, DONGJAK, HELD, meeting_id=meeting.id, **for_701)  # nothing is voted on yet
    attendance.arrive(database, DONGJAK, HELD, meeting_id=meeting.id, **for_701)
    for each in (item, free):
        voting.start(database, CITY, HELD, item_id=each.id)
    for act in (
        lambda: voting.cast(database, DONGJAK, HELD, item_id=item.id, choice="for", **for_701),
        lambda: recusals.declare(database, DONGJAK, HELD, item_id=item.id, reason="이웃입니다.", **for_701),
        lambda: attendance.leave(database, DONGJAK, HELD, meeting_id=meeting.id, **for_701),
    ):
        with pytest.raises(Refusal, match="own_application"):
            act()
    voting.cast(database, DONGJAK, HELD, item_id=free.id, choice="for", **for_701)
    voting.cast(database, CITY, HELD, item_id=item.id, choice="for", **for_701)


def test_staff_finds_the_meetings_of_another_committee_that_it_sits_on(database, call):
    appoint(database, (SEONGBUK.account_id,))
    meeting = planned(database, call)
    with database.read() as session:
        for actor, wanted in ((SEONGBUK, [meeting.id]), (DONGJAK, [meeting.id]), (member(999), [])):
            assert [each.id for each, _call, _items in meetings.listed(session, actor)] == wanted


def test_what_is_put_off_comes_to_another_meeting(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call)
    item = item_of(database, meeting, application_id)
    deciding.defer(database, DONGJAK, HELD, item_id=item.id, reason="현장을 더 봅니다.")
    with pytest.raises(Refusal, match="already_decided"):
        deciding.decide(database, DONGJAK, HELD, item_id=item.id)
    with pytest.raises(Refusal, match="item_done_here"):
        agenda.add(database, DONGJAK, HELD, meeting_id=meeting.id, application_id=application_id)
    new = waiting(database, call, 2)
    with database.read() as session:
        assert [each.application_id for each in agenda.waiting_for(session, call, meeting)] == [new]
        assert len(agenda.waiting_for(session, call)) == 2
    assert agenda.fill(database, DONGJAK, HELD, meeting_id=meeting.id) == 1  # not what it put off
    minutes.close(database, DONGJAK, HELD, meeting_id=meeting.id)
    second = opened(database, call, key="m2", at=HELD)
    assert decide(database, second, application_id, at=HELD + timedelta(days=1)).outcome == "select"


def test_nobody_selects_without_the_committee(database, call, publish):
    for each in (call, publish(rolling=True)):
        application_id = waiting(database, each)
        with database.write() as session:
            application, locked = process_locked(session, application_id)
            with pytest.raises(Refusal, match="committee_undecided"):
                process.move(session, application, locked, "select", CITY, HELD)


def process_locked(session, application_id):
    from services.grants import applications

    return applications.locked(session, application_id)


def test_the_database_itself_refuses_a_decision_without_quorum(database, call):
    application_id = waiting(database, call)
    item = item_of(database, opened(database, call), application_id)
    for values in (
        {"seats": 5, "present": 2, "recused": 0, "quorum": 3, "votes_for": 2},
        {"seats": 5, "present": 2, "recused": 0, "quorum": 1, "votes_for": 2},
        {"seats": 0, "present": 0, "recused": 0, "quorum": 0, "votes_for": 0},
        {"seats": 5, "present": 3, "recused": 0, "quorum": 3, "votes_for": 1, "votes_against": 2},
        {"seats": 5, "present": 4, "recused": 1, "quorum": 3, "votes_for": 4},
    ):
        with pytest.raises(IntegrityError), database.write() as session:
            session.execute(update(AgendaItem).where(AgendaItem.id == item.id).values(state="decided", **values))


def test_the_agenda_is_put_in_order(database, call):
    first, second, third = (waiting(database, call, who) for who in (1, 2, 3))
    meeting = planned(database, call)
    items = {each: item_of(database, meeting, each) for each in (first, second, third)}
    agenda.move(database, DONGJAK, AFTER, item_id=items[third].id, position=1)
    agenda.drop(database, DONGJAK, AFTER, item_id=items[second].id)
    with database.read() as session:
        found, total = agenda.items(session, meeting.id)
    assert ([application.id for _, application in found], total) == ([third, first], 2)
    again = agenda.add(database, DONGJAK, AFTER, meeting_id=meeting.id, application_id=second)
    assert agenda.add(database, DONGJAK, AFTER, meeting_id=meeting.id, application_id=second).id == again.id
    other = planned(database, call, key="m2")
    with pytest.raises(Refusal, match="not_in_deliberation"):  # it is on the first one's agenda
        agenda.add(database, DONGJAK, AFTER, meeting_id=other.id, application_id=second)


def test_the_minutes_say_what_happened_and_never_change(database, call):
    funded, refused, missed = (waiting(database, call, who) for who in (1, 2, 3))
    meeting = opened(database, call, MEMBERS[:4])
    item = item_of(database, meeting, funded)
    recusals.declare(database, member(702), HELD, item_id=item.id, reason="사촌입니다.")
    decide(database, meeting, funded, proposed_won=1_000_000, who=(701, 703, 704), conditions="안전 교육")
    decide(database, meeting, refused, "reject", reason="예산이 모자랍니다.", who=MEMBERS[:4])
    closed = minutes.close(database, DONGJAK, HELD, meeting_id=meeting.id)
    for line in (
        "동작구 보조금심의위원회 회의록",
        "4. 장소: 구청 회의실",
        "5. 재적위원 5명, 출석위원 4명, 불참위원 1명",
        "   - 불참: 위원 705",
        "   - 위원 702: 회피(본인 신청), 사촌입니다.",
        "   - 의결 때 재적 5명, 출석 4명, 회피·제척 1명, 정족수 3명",
        "   - 표결: 찬성 3, 반대 0, 기권 0",
        "   - 선정 금액: 1,000,000원",
        "   - 조건: 안전 교육",
        "   - 사유: 예산이 모자랍니다.",
        "   - 의결: 보류 (사유: 회의에서 다루지 못하여 다음 회의로 미룸)",
    ):
        assert line in closed.minutes.split("\n"), closed.minutes
    assert closed.minutes_hash == minutes.digest(closed.minutes)
    assert minutes.close(database, DONGJAK, HELD, meeting_id=meeting.id).minutes == closed.minutes
    with pytest.raises(Refusal, match="meeting_not_open"):
        attendance.arrive(database, member(705), HELD, meeting_id=meeting.id)
    with pytest.raises(Refusal, match="meeting_not_open"):
        voting.start(database, DONGJAK, HELD, item_id=item_of(database, meeting, missed).id)
    for statement in ("UPDATE meeting SET minutes = 'anders'", "DELETE FROM meeting"):
        with pytest.raises(Exception, match="the minutes are closed"), database.write() as session:
            session.execute(text(statement))


def test_a_meeting_called_off_is_told_and_over(database, call):
    meeting = planned(database, call)
    meetings.cancel(database, DONGJAK, AFTER, meeting_id=meeting.id, reason="장소를 쓸 수 없습니다.")
    assert sorted(each["account_id"] for each in told(database, "committee_cancelled")) == list(MEMBERS)
    with pytest.raises(Refusal, match="meeting_not_planned"):
        meetings.open_meeting(database, DONGJAK, HELD, meeting_id=meeting.id)


def test_two_who_decide_at_once_decide_once(database, call):
    application_id = waiting(database, call)
    item = item_of(database, opened(database, call), application_id)
    vote(database, item)
    ends = race(
        [lambda: deciding.decide(database, DONGJAK, HELD, item_id=item.id)] * 3
        + [lambda: deciding.defer(database, CITY, HELD, item_id=item.id, reason="더 봅니다.")] * 3
    )
    assert set(ends) == {WON, "already_decided"}
    with database.read() as session:
        kept = session.get_one(AgendaItem, item.id)
        application = session.get_one(Application, application_id)
        decided = session.scalar(select(func.count()).select_from(AUDIT).where(AUDIT.c.action == "item.decided"))
    assert (kept.state, application.state, decided) in (("decided", "selected", 1), ("deferred", "deliberation", 0))


def test_all_vote_at_once_while_some_leave_and_one_decides(database, call):
    application_id = waiting(database, call)
    meeting = opened(database, call)
    item = item_of(database, meeting, application_id)
    voting.start(database, DONGJAK, HELD, item_id=item.id)
    ends = race(
        [lambda who=who: voting.cast(database, member(who), HELD, item_id=item.id, choice="for") for who in MEMBERS * 2]
        + [lambda who=who: attendance.leave(database, member(who), HELD, meeting_id=meeting.id) for who in (704, 705)]
        + [lambda: recusals.declare(database, member(703), HELD, item_id=item.id, reason="이웃입니다.")]
        + [lambda: deciding.decide(database, DONGJAK, HELD, item_id=item.id)] * 2
    )
    assert set(ends) <= {WON, "not_there", "recused", "votes_missing", "no_quorum", "already_decided", "not_carried"}
    with database.read() as session:
        kept = session.get_one(AgendaItem, item.id)
    assert kept.state != "decided" or kept.present - kept.recused >= kept.quorum


steps = st.lists(
    st.tuples(st.sampled_from(("arrive", "leave", "for", "against", "recuse", "decide")), st.sampled_from(MEMBERS)),
    max_size=14,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_no_course_of_a_meeting_decides_without_quorum(database, publish, course):
    with database.read() as session:
        known = session.scalar(select(func.count()).select_from(Seat))
        number = session.scalar(select(func.count()).select_from(Meeting)) or 0
    if not known:
        appoint(database)
    call = publish()
    application_id = waiting(database, call, who=1)
    meeting = opened(database, call, (), key=f"course-{number}")
    item = item_of(database, meeting, application_id)
    voting.start(database, DONGJAK, HELD, item_id=item.id)
    there, recused = set(), set()
    for act, who in course:
        try:
            if act == "arrive":
                attendance.arrive(database, member(who), HELD, meeting_id=meeting.id)
                there.add(who)
            elif act == "leave":
                attendance.leave(database, member(who), HELD, meeting_id=meeting.id)
                there.discard(who)
            elif act == "recuse":
                recusals.declare(database, member(who), HELD, item_id=item.id, reason="이웃입니다.")
                recused.add(who)
            elif act == "decide":
                deciding.decide(database, DONGJAK, HELD, item_id=item.id)
                assert len(there - recused) >= 3
                return
            else:
                voting.cast(database, member(who), HELD, item_id=item.id, choice=act)
        except Refusal:
            pass
    with database.read() as session:
        assert session.get_one(Application, application_id).state == "deliberation"
