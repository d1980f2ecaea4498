"""The announcement: nothing before its hour, everything once at it, whatever is killed or tried again."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from services.grants import applications, calls, clockwork, closing, ledger, notices
from services.grants.models import Application, ApplicationStep, Call, Posting, Project
from services.grants.programmes import rules_of_application
from services.grants.selection import announcement, reserve
from services.grants.selection.embargo import known, known_steps
from shared.bus.tables import outbox
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import stage
from tests.grants.conftest import AFTER, CITY, CLOSES, DONGJAK, SEONGBUK, resident
from tests.grants.meeting_room import HELD, appoint, decide, opened, waiting
from tests.grants.review_room import counting

HOUR = HELD + timedelta(days=2)


@pytest.fixture
def call(database, publish):
    appoint(database)
    return publish()


@pytest.fixture
def decided(database, call):
    """A call with one selected, one refused and one on the reserve list."""
    found = [waiting(database, call, who) for who in (1, 2, 3)]
    meeting = opened(database, call)
    decide(database, meeting, found[0], proposed_won=1_500_000)
    decide(database, meeting, found[1], "reject", reason="예산이 모자랍니다.")
    decide(database, meeting, found[2], "reserve")
    return found


def told(database):
    with database.read() as session:
        rows = session.execute(select(outbox.c.payload).where(outbox.c.name == notices.TOLD)).all()
    kinds = ("results_announced_selected", "results_announced_rejected", "results_reserve")
    return sorted((row.payload["account_id"], row.payload["kind"]) for row in rows if row.payload["kind"] in kinds)


def figures(database, call):
    with database.read() as session:
        return {
            "commitments": session.scalar(
                select(func.count()).select_from(Posting).where(Posting.kind == "commitment")
            ),
            "projects": session.scalar(select(func.count()).select_from(Project)),
            "funded": session.scalar(
                select(func.count()).select_from(outbox).where(outbox.c.name == "grants.project.funded")
            ),
            "steps": session.scalar(select(func.count()).select_from(ApplicationStep)),
            "counts": tuple(calls.counts(session, [call.id])[call.id]),
        }


def set_hour(database, call, hour=HOUR, now=HELD, actor=DONGJAK, **kwargs):
    return announcement.set_hour(database, actor, now, call_id=call.id, announce_at=hour, **kwargs)


def tick(database, settings, now):
    (task,) = [task for task in clockwork.TASKS if task.name == "announcements"]
    return task.work(database, settings, now)


def test_the_hour_is_to_come_and_everything_is_decided_or_left(database, call, decided):
    with pytest.raises(Refusal) as refused:
        set_hour(database, call, HELD)
    assert refused.value.fields == {"announce_at": ["announce_in_past"]}
    with pytest.raises(Refusal, match="other_district"):
        set_hour(database, call, actor=SEONGBUK)
    waiting(database, call, 4)
    with pytest.raises(Refusal, match="undecided_left") as refused:
        set_hour(database, call)
    assert refused.value.params == {"number": "1"}
    set_hour(database, call, leave=True)
    set_hour(database, call, HOUR + timedelta(hours=1), leave=True)
    set_hour(database, call, None)
    with database.read() as session:
        assert session.get_one(Call, call.id).announce_at is None


def test_nothing_is_told_before_the_hour(house, database, call, decided):
    set_hour(database, call)
    tick(database, house.settings, HOUR - timedelta(seconds=1))
    assert figures(database, call) | {"steps": 0} == {
        "commitments": 0,
        "projects": 0,
        "funded": 0,
        "steps": 0,
        "counts": (3, 3, 0, 0),
    }
    assert told(database) == []
    with database.read() as session:
        for application_id in decided:
            application = session.get_one(Application, application_id)
            rules = rules_of_application(session, application)
            found = known(rules, application, call, HOUR - timedelta(seconds=1))
            assert found.state.key == "deliberation"
            assert (found.awarded_won, found.reason, found.decided_at, found.reserve_rank) == (None, "", None, None)
            steps = session.scalars(select(ApplicationStep).where(ApplicationStep.application_id == application_id))
            assert known_steps(rules, application, steps, HOUR) == []
        assert tuple(calls.counts(session, [call.id], inside=True)[call.id]) == (3, 1, 1, 1_500_000)


def test_the_record_tells_a_group_nothing_before_the_hour(database, call, decided):
    who = dict(zip(decided, (1, 2, 3), strict=True))
    applications.withdraw(database, resident(1), HELD, application_id=decided[0])
    reserve.promote(
        database, DONGJAK, HELD, application_id=decided[2], awarded_won=1_000_000, reason="남은 예산만큼입니다."
    )
    for one, number in who.items():
        found = closing.record_of(database, resident(number), HELD, application_id=one)
        assert {each.event for each in found.steps} <= {"withdraw"}
        assert {"select", "reject", "reserve"} & {
            each.event for each in closing.record_of(database, DONGJAK, HELD, application_id=one).steps
        }


def test_at_the_hour_each_is_told_once(house, database, call, decided):
    set_hour(database, call)
    for _ in range(3):
        assert not tick(database, house.settings, HOUR)
    assert told(database) == [
        (1, "results_announced_selected"),
        (2, "results_announced_rejected"),
        (3, "results_reserve"),
    ]
    found = figures(database, call)
    assert (found["commitments"], found["projects"], found["funded"]) == (1, 1, 1)
    assert found["counts"] == (3, 0, 1, 1_500_000)
    with database.read() as session:
        assert session.get_one(Call, call.id).announced_at == HOUR
        application = session.get_one(Application, decided[0])
        rules = rules_of_application(session, application)
        assert known(rules, application, call, HOUR).awarded_won == 1_500_000
        assert ledger.of_application(session, decided[0]).commitment_won == 1_500_000
    with pytest.raises(Refusal, match="already_announced"):
        set_hour(database, call, HOUR + timedelta(days=1), HOUR)


def test_two_clocks_at_once_tell_each_once(house, database, call, decided):
    set_hour(database, call)
    assert race([lambda: tick(database, house.settings, HOUR)] * 4) == {WON: 4}
    assert len(told(database)) == 3
    assert figures(database, call)["commitments"] == 1


@pytest.mark.parametrize("at", range(1, 4))
def test_a_clock_that_is_killed_goes_on_where_it_was(house, database, call, decided, monkeypatch, at):
    """Killed in the middle of a batch: that batch never was. The next run tells the rest, and nobody twice."""
    monkeypatch.setattr(announcement, "BATCH", 1)
    set_hour(database, call)
    original, seen = notices.tell_all, []

    def killed(*args, **kwargs):
        seen.append(1)
        if len(seen) == at:
            raise KeyboardInterrupt
        return original(*args, **kwargs)

    monkeypatch.setattr(notices, "tell_all", killed)
    with pytest.raises(KeyboardInterrupt):
        tick(database, house.settings, HOUR)
    assert len(told(database)) == at - 1
    with pytest.raises(Refusal, match="announcement_begun"):
        set_hour(database, call, None, HOUR)
    monkeypatch.setattr(notices, "tell_all", original)
    tick(database, house.settings, HOUR + timedelta(seconds=1))
    assert len(told(database)) == 3
    assert figures(database, call)["commitments"] == 1


def test_an_award_without_budget_on_its_line_waits_and_the_others_are_told(house, database, call, decided):
    with database.read() as session:
        line_id = session.get_one(Call, call.id).line_id
    out = ledger.Entry("transfer", -9_000_000, AFTER.date())
    ledger.post(database, CITY, AFTER, line_id=line_id, entry=out, key="out")
    set_hour(database, call)
    tick(database, house.settings, HOUR)
    assert [account_id for account_id, _ in told(database)] == [2, 3]
    with pytest.raises(Refusal, match="budget_exceeded"):
        announcement.announce_left(database, DONGJAK, HOUR, call_id=call.id)
    back = ledger.Entry("transfer", 9_000_000, HOUR.date())
    ledger.post(database, CITY, HOUR, line_id=line_id, entry=back, key="back")
    assert announcement.announce_left(database, DONGJAK, HOUR, call_id=call.id) == 1
    assert len(told(database)) == 3


def test_what_is_refused_under_embargo_can_be_taken_back_like_the_others(database, call, decided):
    """Otherwise the missing button would tell."""
    from services.grants import applications

    for who, application_id in enumerate(decided, 1):
        applications.withdraw(database, resident(who), HELD, application_id=application_id)
    with database.read() as session:
        assert set(session.scalars(select(Application.phase))) == {"withdrawn"}


def test_after_the_announcement_it_cannot(house, database, call, decided):
    from services.grants import applications

    set_hour(database, call)
    tick(database, house.settings, HOUR)
    with pytest.raises(Refusal, match="already_announced"):
        applications.withdraw(database, resident(2), HOUR, application_id=decided[1])


def test_many_are_told_in_batches(house, database, call):
    group_id = stage.group(database, AFTER, (1, 2, 3))
    with database.write() as session:
        version_id = session.get_one(Call, call.id).version_id
        session.add_all(
            Application(
                call_id=call.id,
                version_id=version_id,
                group_id=None,
                district="11590",
                number=10_000 + index,
                receipt=f"r-{index}",
                account_id=10_000 + index,
                representative="주민",
                group_name="모임",
                title="사업",
                strand="group_space",
                requested_won=1_000_000,
                idempotency_key=f"many-{index}",
                state="rejected",
                phase="rejected",
                reason="예산이 모자랍니다.",
                decided_at=CLOSES,
            )
            for index in range(1_200)
        )
    stage.application(
        database, call, group_id, AFTER, state="rejected", announced_at=None, title="세 사람이 함께 쓴 신청"
    )
    set_hour(database, call)
    statements = []
    listener = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listener)
    try:
        tick(database, house.settings, HOUR)
    finally:
        event.remove(database.engine, "before_cursor_execute", listener)
    assert len([each for each in statements if each.startswith("SELECT")]) < 40
    assert len(told(database)) == 1_200 + 3


def test_a_batch_of_awards_costs_as_many_statements_as_a_few(house, database, call):
    made = [waiting(database, call, who) for who in range(1, 41)]
    with database.write() as session:
        session.get_one(Call, call.id).budget_won = 100_000_000
        for application_id in made:
            application = session.get_one(Application, application_id)
            application.state, application.phase = "selected", "selected"
            application.awarded_won, application.decided_at = 1_000_000, HELD
        line = ledger.line_of(session, session.get_one(Call, call.id, with_for_update=True), HELD)
        more = [(ledger.Entry("appropriation", 90_000_000, HELD.date()), "more")]
        ledger.post_within(session, CITY, HELD, line_id=line, application_id=None, entries=more)
    set_hour(database, call)
    with counting(database) as statements:
        tick(database, house.settings, HOUR)
    assert len(statements) < 40, statements
    assert figures(database, call)["commitments"] == figures(database, call)["projects"] == 40
