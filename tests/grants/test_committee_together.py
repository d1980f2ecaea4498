"""A committee that agrees on a list: what is put to the vote and voted on together goes by the rules of one item, in
one unit of work that costs as many statements for many items as for few."""

from collections import Counter

import pytest

from services.grants.committee import agenda, together, voting
from services.grants.committee.agenda import Proposal
from services.grants.models import Interest
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import DONGJAK, SEONGBUK, resident
from tests.grants.meeting_room import HELD, MEMBERS, appoint, item_of, member, opened, waiting
from tests.grants.review_room import audited, counting

LEADER = 300


@pytest.fixture
def meeting(database, publish):
    """An open meeting over twelve applications, those of residents 300 to 311."""
    appoint(database)
    call = publish()
    made = [waiting(database, call, LEADER + number) for number in range(12)]
    return opened(database, call), made


def start(database, meeting, actor=DONGJAK):
    return together.start(database, actor, HELD, meeting_id=meeting.id)


def cast(database, meeting, who=MEMBERS[0], choice="for"):
    return together.cast(database, member(who), HELD, meeting_id=meeting.id, choice=choice)


def test_all_that_is_pending_is_put_to_the_vote_and_voted_on_once(database, meeting):
    of, made = meeting
    assert start(database, of) == together.Done(12)
    assert start(database, of) == together.Done(0)
    assert cast(database, of) == together.Done(12)
    assert cast(database, of, choice="against") == together.Done(0)  # what one said stays
    assert len(audited(database, "item.voting")) == len(audited(database, "vote.cast")) == 12
    item = item_of(database, of, made[0])
    assert voting.cast(database, member(MEMBERS[0]), HELD, item_id=item.id, choice="for").choice == "for"
    assert len(audited(database, "vote.cast")) == 12


def test_what_cannot_be_stays_as_it_is(database, meeting):
    of, made = meeting
    bare = item_of(database, of, made[1])
    agenda.propose(database, DONGJAK, HELD, item_id=bare.id, proposal=Proposal("reject", reason="모자랍니다."))
    with database.write() as session:
        session.get_one(type(bare), bare.id).reason = ""
        session.add(
            Interest(account_id=DONGJAK.account_id, application_id=made[0], kind="declared", note="이웃", at=HELD)
        )
        session.add(Interest(account_id=MEMBERS[0], application_id=made[2], kind="declared", note="이웃", at=HELD))
    assert start(database, of) == together.Done(10, Counter({"own_application": 1, "reason_missing": 1}))
    assert cast(database, of) == together.Done(9, Counter({"recused": 1}))
    assert cast(database, of, MEMBERS[1]) == together.Done(10)


def test_nobody_else_starts_or_votes(database, meeting):
    of, _made = meeting
    with pytest.raises(Refusal, match="other_district"):
        start(database, of, SEONGBUK)
    start(database, of)
    for actor in (resident(1), DONGJAK):
        with pytest.raises(Refusal, match="not_found"):
            together.cast(database, actor, HELD, meeting_id=of.id, choice="for")
    with pytest.raises(Refusal, match="vote_unknown"):
        cast(database, of, choice="perhaps")
    assert audited(database, "vote.cast") == []


def test_two_clicks_at_once_vote_once(database, meeting):
    of, _made = meeting
    start(database, of)
    assert race([lambda: cast(database, of)] * 3) == {WON: 3}
    assert len(audited(database, "vote.cast")) == 12


def test_many_items_cost_as_many_statements_as_few(database, meeting):
    of, _made = meeting
    with counting(database) as statements:
        start(database, of)
    assert len(statements) <= 10, statements
    with counting(database) as statements:
        cast(database, of)
    assert len(statements) <= 13, statements
