"""The last minute of the intake, with real concurrent clients: by the database's clock, either in with a receipt or
told so, and no draft is lost."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.grants import applications
from services.grants.models import Application, Call, Filing
from shared.refusal import Refusal
from tests.grants.conftest import CLOSES, DURING, answers, make_group, resident

GROUPS = 30


def drafted(database, call, who):
    """A draft of resident number `who` that could be filed."""
    draft = applications.begin(database, resident(who), DURING, call_id=call.id, group_id=make_group(database, who))
    applications.save(
        database, resident(who), DURING, application_id=draft.id, revision=1, values=answers(title=f"사업 {who}")
    )
    return draft.id


def at_once(runners):
    """Each in a thread; what each gave: a receipt, or the code of its refusal."""
    gate, ends = threading.Barrier(len(runners)), {}

    def run(number, runner):
        gate.wait()
        try:
            ends[number] = runner().receipt
        except Refusal as refusal:
            ends[number] = refusal.code

    threads = [threading.Thread(target=run, args=each) for each in enumerate(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [ends.get(number, "lost") for number in range(len(runners))]


@pytest.mark.parametrize(("seconds", "code"), [(-1, None), (-0.001, None), (0, "call_closed"), (1, "call_closed")])
def test_late_by_one_second_is_late(database, publish, seconds, code):
    draft = drafted(database, publish(), 1)
    moment = CLOSES + timedelta(seconds=seconds)
    if code is None:
        assert applications.submit(database, resident(1), moment, application_id=draft, key="k").submitted_at == moment
        return
    with pytest.raises(Refusal, match=code):
        applications.submit(database, resident(1), moment, application_id=draft, key="k")
    with database.read() as session:
        kept = session.get_one(Application, draft)
        assert (kept.phase, kept.number, kept.typed["title"]) == ("draft", None, "사업 1")


def test_thirty_groups_in_the_last_minute(database, publish):
    """Their requests reach the database at the last fifteen seconds and the first fifteen after the close."""
    call = publish()
    drafts = [drafted(database, call, who) for who in range(1, GROUPS + 1)]

    def submit(index):
        moment = CLOSES - timedelta(seconds=15) + timedelta(seconds=index)
        return applications.submit(database, resident(index + 1), moment, application_id=drafts[index], key="k")

    ends = at_once([lambda index=index: submit(index) for index in range(GROUPS)])
    assert ends[15:] == ["call_closed"] * 15
    assert len(set(ends[:15])) == 15
    check_whole(database, drafts, ends)


def test_thirty_groups_while_the_deadline_passes_by_the_databases_clock(database, publish):
    """Nobody says what time it is: half a second after they begin, the database's clock says that it is over."""
    call = publish()
    drafts = [drafted(database, call, who) for who in range(1, GROUPS + 1)]
    closes_at = database.clock() + timedelta(seconds=0.5)
    with database.write() as session:
        session.execute(update(Call).where(Call.id == call.id).values(closes_at=closes_at))

    def submit(index):
        if index % 2:
            threading.Event().wait(0.02 * index)  # they come one after the other, over six tenths of a second
        return applications.submit(database, resident(index + 1), application_id=drafts[index], key="k")

    ends = at_once([lambda index=index: submit(index) for index in range(GROUPS)])
    assert "lost" not in ends
    assert ends.count("call_closed") >= 1
    assert ends.count("call_closed") <= 15
    check_whole(database, drafts, ends)
    with database.read() as session:
        filed = session.scalars(select(Application).where(Application.number.is_not(None))).all()
        assert all(each.submitted_at < closes_at for each in filed)
    again = [
        applications.submit(database, resident(index + 1), application_id=drafts[index], key="k").receipt
        for index in range(GROUPS)
        if ends[index] != "call_closed"
    ]
    assert again == [each for each in ends if each != "call_closed"]  # after the close, for who asks again


def check_whole(database, drafts, ends):
    """Numbers without a gap, a filing for each receipt, every other draft as it was typed."""
    with database.read() as session:
        rows = {each.id: each for each in session.scalars(select(Application))}
        filings = session.scalars(select(Filing.application_id)).all()
    receipts = {each for each in ends if each != "call_closed"}
    assert sorted(each.number for each in rows.values() if each.number) == list(range(1, len(receipts) + 1))
    for who, (draft, end) in enumerate(zip(drafts, ends, strict=True), 1):
        row = rows[draft]
        assert row.typed["title"] == f"사업 {who}"
        if end == "call_closed":
            assert (row.phase, row.receipt) == ("draft", None)
        else:
            assert (row.phase, row.receipt) == ("intake", end)
            assert filings.count(draft) == 1


def test_thirty_direct_filings_and_drafts_begun_at_once(database, publish):
    """Direct filings, submissions of drafts and drafts that are begun meet on one call: no deadlock, no gap."""
    call = publish()
    drafts = {who: drafted(database, call, who) for who in range(1, 11)}
    people = {who: make_group(database, who) for who in range(11, 31)}

    def act(who):
        if who in drafts:
            return applications.submit(database, resident(who), DURING, application_id=drafts[who], key="k")
        if who % 2:
            return applications.file(
                database, resident(who), DURING, call_id=call.id, group_id=people[who], answers=answers(), key="k"
            )
        return applications.begin(database, resident(who), DURING, call_id=call.id, group_id=people[who])

    ends = at_once([lambda who=who: act(who) for who in range(1, 31)])
    assert "lost" not in ends
    receipts = [each for each in ends if each]
    assert len(set(receipts)) == len(receipts) == 20


def test_the_databases_clock_is_about_ours(database):
    assert abs(database.clock() - datetime.now(UTC)) < timedelta(seconds=5)
