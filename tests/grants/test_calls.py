"""Calls: drafts, publishing, who may."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from services.grants import calls, discovering
from services.grants.call_phases import Phase, call_phase
from services.grants.discovering import Wanted
from shared.bus.tables import outbox
from shared.identity.actor import NOBODY
from shared.refusal import Refusal
from tests.grants.conftest import CITY, CLOSES, DONGJAK, DURING, OPENS, SEONGBUK, resident, terms

BEFORE = OPENS - timedelta(days=2)


def events(database, name):
    with database.read() as session:
        return session.execute(select(outbox).where(outbox.c.name == name).order_by(outbox.c.id)).all()


def test_the_phase_follows_from_the_times(database, publish):
    call = publish()
    moments = (OPENS - timedelta(seconds=1), OPENS, CLOSES - timedelta(seconds=1), CLOSES)
    assert [call_phase(call, at) for at in moments] == [Phase.UPCOMING, Phase.OPEN, Phase.OPEN, Phase.CLOSED]


def test_the_same_key_makes_one_draft(database):
    first = calls.create(database, DONGJAK, BEFORE, terms=terms(), key="once")
    again = calls.create(database, DONGJAK, BEFORE, terms=terms(), key="once")
    assert first.id == again.id


def test_publishing_tells_everyone_once(database):
    call = calls.create(database, DONGJAK, BEFORE, terms=terms(), key="a")
    assert not events(database, "grants.call.published")
    calls.publish(database, DONGJAK, BEFORE, call_id=call.id)
    calls.publish(database, DONGJAK, BEFORE, call_id=call.id)
    (event,) = events(database, "grants.call.published")
    assert event.aggregate == f"call:{call.id}"
    assert event.payload["budget_won"] == 10_000_000
    with database.read() as session:
        told = "SELECT action FROM audit WHERE action LIKE 'call.%' ORDER BY id"
        actions = session.execute(text(told)).scalars().all()
    assert actions == ["call.created", "call.published"]


def test_a_draft_is_seen_by_its_staff_only(database):
    call = calls.create(database, DONGJAK, BEFORE, terms=terms(), key="a")
    with database.read() as session:
        for actor in (DONGJAK, CITY):
            assert calls.get(session, actor, call.id).id == call.id
            assert discovering.find(session, actor, BEFORE, Wanted())[1] == 1
        for actor in (SEONGBUK, resident(), NOBODY):
            assert discovering.find(session, actor, BEFORE, Wanted())[1] == 0
            with pytest.raises(Refusal, match="not_found"):
                calls.get(session, actor, call.id)


@pytest.mark.parametrize("actor", [SEONGBUK, resident(), NOBODY])
def test_a_district_writes_its_own_calls_only(database, actor):
    call = calls.create(database, DONGJAK, BEFORE, terms=terms(), key="a")
    for refused in (
        lambda: calls.create(database, actor, BEFORE, terms=terms(), key="b"),
        lambda: calls.change(database, actor, BEFORE, call_id=call.id, terms=terms(title="다른 제목")),
        lambda: calls.publish(database, actor, BEFORE, call_id=call.id),
    ):
        with pytest.raises(Refusal, match="other_district"):
            refused()


def test_a_district_cannot_move_its_call_to_another_or_to_the_city(database):
    call = calls.create(database, DONGJAK, BEFORE, terms=terms(), key="a")
    for district in ("11290", None):
        with pytest.raises(Refusal, match="other_district"):
            calls.change(database, DONGJAK, BEFORE, call_id=call.id, terms=terms(district=district))


def test_a_published_call_stays_as_it_is(database, publish):
    call = publish()
    with pytest.raises(Refusal, match="call_published"):
        calls.change(database, CITY, DURING, call_id=call.id, terms=terms(ceiling_won=1))


def test_a_call_that_is_over_is_not_published(database):
    call = calls.create(database, DONGJAK, BEFORE, terms=terms(), key="a")
    with pytest.raises(Refusal, match="closes_in_past"):
        calls.publish(database, DONGJAK, CLOSES, call_id=call.id)


def test_the_list_starts_with_what_closes_next(database, publish):
    late = publish(closes_at=CLOSES + timedelta(days=5), results_on=terms().results_on)
    soon = publish()
    over = publish(opens_at=OPENS - timedelta(days=30), closes_at=OPENS - timedelta(days=1))
    other = publish(district="11290")
    with database.read() as session:
        found, total = discovering.find(session, NOBODY, DURING, Wanted())
        assert [call.id for call in found] == [soon.id, other.id, late.id, over.id]
        assert total == 4
        assert [c.id for c in discovering.find(session, NOBODY, DURING, Wanted(district="11290"))[0]] == [other.id]
        assert [c.id for c in discovering.find(session, NOBODY, DURING, Wanted(phase="closed"))[0]] == [over.id]
        assert discovering.find(session, NOBODY, DURING, Wanted(phase="open"))[1] == 3
