"""Exclusions: by rule after a clawback, by decision, following the people into a new group, lifted with a reason."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.grants import guards, process, sanctions
from services.grants.models import AUDIT, Application, Call, GroupMember, Sanction
from services.grants.policy import city_date
from services.grants.returns import orders
from shared.bus.tables import outbox
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants import stage
from tests.grants.conftest import CITY, DONGJAK, SEONGBUK, resident
from tests.grants.spending import SPENDING, Project, running

TODAY = city_date(SPENDING)


def claw(project: Project, *, exclude: bool = True, key: str = "c"):
    return orders.clawback(
        project.database,
        DONGJAK,
        SPENDING,
        application_id=project.id,
        amount_won=100_000,
        reason="거짓 영수증",
        exclude=exclude,
        key=key,
    )


def barred(database, application_id: int, now=SPENDING):
    """How the guard of the intake stands."""
    with database.read() as session:
        application = session.get_one(Application, application_id)
        call = session.get_one(Call, application.call_id)
        (gate,) = guards.look(["not_sanctioned"], process.facts_of(session, application, call, now))
        return None if gate.green else gate.finding.params["until"]


def decide(database, project: Project, actor=DONGJAK, **changed):
    values = {"group_id": project.group_id, "starts_on": TODAY, "ends_on": date(2027, 5, 31), "reason": "거짓 증빙"}
    return sanctions.impose(database, actor, SPENDING, **(values | changed))


def test_a_clawback_excludes_by_the_programmes_rule(database, publish) -> None:
    project = running(database, publish())
    claw(project)
    claw(project)
    with database.read() as session:
        (made,) = session.scalars(select(Sanction))
        told = session.scalars(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told")).all()
    assert (made.starts_on, made.ends_on) == (date(2026, 6, 1), date(2029, 5, 31))
    assert made.person_keys == ["person-1", "person-2"]
    assert (made.application_id, made.district) == (project.id, "11590")
    assert sorted(each["kind"] for each in told) == ["return_due", "return_due", "sanctioned", "sanctioned"]


def test_a_clawback_without_exclusion(database, publish) -> None:
    project = running(database, publish())
    claw(project, exclude=False)
    with database.read() as session:
        assert session.scalars(select(Sanction)).all() == []


def test_it_follows_the_people_into_a_new_group_and_leaves_others_alone(database, publish) -> None:
    project = running(database, publish())
    with database.write() as session:
        member = session.scalars(select(GroupMember).where(GroupMember.account_id == 2)).one()
        member.left_at = SPENDING  # left after the project began: is excluded with it
    claw(project)
    call = publish()
    fresh = stage.application(database, call, stage.group(database, SPENDING, (7, 2)), SPENDING, state="draft")
    other = stage.application(database, call, stage.group(database, SPENDING, (8, 9)), SPENDING, state="draft")
    own = stage.application(database, call, project.group_id, SPENDING, state="draft")
    assert barred(database, fresh) == barred(database, own) == date(2029, 5, 31)
    assert barred(database, other) is None
    after = SPENDING + timedelta(days=3 * 366)
    assert barred(database, fresh, after) is None


def test_by_decision_for_days_that_are_named(database, publish) -> None:
    project = running(database, publish())
    made = decide(database, project, starts_on=TODAY + timedelta(days=10))
    assert decide(database, project, starts_on=TODAY + timedelta(days=10)).id == made.id
    call = publish()
    again = stage.application(database, call, project.group_id, SPENDING, state="draft")
    assert barred(database, again) is None
    assert barred(database, again, SPENDING + timedelta(days=10)) == date(2027, 5, 31)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"group_id": None}, "group_id", "group_unknown"),
        ({"group_id": 99_999}, "group_id", "group_unknown"),
        ({"starts_on": None}, "starts_on", "date_missing"),
        ({"ends_on": date(2026, 5, 31)}, "ends_on", "exclusion_ends_before"),
        ({"ends_on": date(2036, 6, 1)}, "ends_on", "exclusion_too_long"),
        ({"reason": "  "}, "reason", "reason_needed"),
    ],
)
def test_what_no_decision_can_say(database, publish, changed, field, code) -> None:
    project = running(database, publish())
    with pytest.raises(Refusal) as refused:
        decide(database, project, **changed)
    assert refused.value.fields[field] == [code]


def test_who_excludes_and_lifts(database, publish) -> None:
    project = running(database, publish())
    for actor in (SEONGBUK, resident(1)):
        with pytest.raises(Refusal, match="other_district"):
            decide(database, project, actor=actor)
    made = decide(database, project)
    with pytest.raises(Refusal, match="other_district"):
        sanctions.lift(database, SEONGBUK, SPENDING, sanction_id=made.id, reason="아님")
    with pytest.raises(Refusal) as refused:
        sanctions.lift(database, DONGJAK, SPENDING, sanction_id=made.id, reason="")
    assert refused.value.fields == {"reason": ["reason_needed"]}
    for _ in range(2):
        lifted = sanctions.lift(database, DONGJAK, SPENDING, sanction_id=made.id, reason="소송에서 졌습니다.")
    assert (lifted.lift_reason, lifted.lifted_by) == ("소송에서 졌습니다.", DONGJAK.account_id)
    with pytest.raises(Refusal, match="sanction_lifted"):
        sanctions.lift(database, CITY, SPENDING, sanction_id=made.id, reason="다른 이유")
    call = publish()
    assert barred(database, stage.application(database, call, project.group_id, SPENDING, state="draft")) is None
    with database.read() as session:
        actions = session.scalars(select(AUDIT.c.action).where(AUDIT.c.action.like("sanction.%"))).all()
    assert actions == ["sanction.imposed", "sanction.lifted"]


def test_nobody_decides_on_an_exclusion_of_a_group_that_they_are_or_were_in(database, publish) -> None:
    project = running(database, publish())
    with database.write() as session:
        here = {"group_id": project.group_id, "name": "동작 담당", "person_key": "staff", "joined_at": SPENDING}
        session.add(GroupMember(account_id=DONGJAK.account_id, left_at=SPENDING, **here))
    with pytest.raises(Refusal, match="own_application"):
        decide(database, project)
    made = decide(database, project, actor=CITY)
    with pytest.raises(Refusal, match="own_application"):
        sanctions.lift(database, DONGJAK, SPENDING, sanction_id=made.id, reason="풀어 줍니다.")


def test_decided_twice_at_once_is_one(database, publish) -> None:
    project = running(database, publish())
    assert race([lambda: decide(database, project)] * 5) == {WON: 5}
    with database.read() as session:
        assert len(session.scalars(select(Sanction)).all()) == 1


def test_lists_of_a_district(database, publish) -> None:
    project = running(database, publish())
    far = running(database, publish(district="11290"), accounts=(3,), district="11290")
    made = decide(database, project)
    with database.read() as session:
        rows, total = sanctions.listed(session, DONGJAK, SPENDING)
        assert sanctions.listed(session, SEONGBUK, SPENDING)[1] == 0
        assert sanctions.listed(session, CITY, SPENDING)[1] == 1
        assert [each.id for each in sanctions.groups_to_choose(session, DONGJAK)] == [project.group_id]
        assert {each.id for each in sanctions.groups_to_choose(session, CITY)} == {project.group_id, far.group_id}
    assert ([row[0].id for row in rows], total) == ([made.id], 1)
    sanctions.lift(database, DONGJAK, SPENDING, sanction_id=made.id, reason="풀었습니다.")
    with database.read() as session:
        assert sanctions.listed(session, DONGJAK, SPENDING)[1] == 0
        assert sanctions.listed(session, DONGJAK, SPENDING, current=False)[1] == 1
