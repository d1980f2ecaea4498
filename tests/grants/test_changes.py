"""Changes: by rule at once, else by approval; what changes money or time is the agreement's next version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from services.grants import agreements, changes, ledger, payments
from services.grants.changes import Wanted
from services.grants.models import Call, ChangeRequest
from services.grants.rules.agreed_budget import Line
from shared.bus.tables import outbox
from shared.database import Database
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import DONGJAK, SEONGBUK, resident
from tests.grants.paying import LATER, LEADER, MEMBER, SIGNED, Project, selected
from tests.refused import code_of, fields_of


@pytest.fixture
def project(database: Database, publish: Callable[..., Call]) -> Project:
    """Agreed: 500,000 won of running costs, 1,500,000 won of activities."""
    made = selected(database, publish())
    made.agree()
    return made


def budget(venue: int, materials: int, reason: str = "장소를 바꿉니다.") -> Wanted:
    return Wanted("budget", reason, lines=(Line("running", "venue", venue), Line("activity", "materials", materials)))


def ask(project: Project, wanted: Wanted, key: str = "change", actor: object = MEMBER) -> ChangeRequest:
    return changes.ask(project.database, actor, LATER, application_id=project.id, wanted=wanted, key=key)  # type: ignore[arg-type]


def decide(
    project: Project, change: ChangeRequest, approve: bool = True, answer: str = "까닭이 맞습니다."
) -> ChangeRequest:
    return changes.decide(project.database, DONGJAK, LATER, change_id=change.id, approve=approve, answer=answer)


def current(project: Project) -> tuple[int, int, list[int]]:
    with project.database.read() as session:
        found = agreements.in_force(session, project.id)
        assert found is not None
        return found.version, found.amount_won, [row["grant_won"] for row in found.budget]


def test_a_small_move_takes_effect_at_once(project: Project) -> None:
    change = ask(project, budget(600_000, 1_400_000))
    assert (change.by_rule, change.state, change.details["version"]) == (True, "approved", 2)
    assert current(project) == (2, 2_000_000, [600_000, 1_400_000])
    assert ask(project, budget(600_000, 1_400_000)).id == change.id  # the same key
    assert code_of(lambda: ask(project, budget(600_001, 1_399_999))) == "key_reused"
    with project.database.read() as session:
        found = agreements.newest(session, project.id)
        assert found is not None
        assert found.signed_at == LATER
        assert "변경 내용(제2판" in found.body
        assert found.body.startswith(agreements.versions(session, project.id)[1].body)


def test_many_small_moves_are_not_one_large_one(project: Project) -> None:
    """20 % of what was signed may move in all; the next won waits for approval."""
    assert ask(project, budget(650_000, 1_350_000), "a").by_rule
    assert ask(project, budget(800_000, 1_200_000), "b").by_rule
    third = ask(project, budget(800_001, 1_199_999), "c")
    assert (third.by_rule, third.state) == (False, "open")
    assert current(project)[2] == [800_000, 1_200_000]
    decide(project, third)
    assert current(project)[2] == [800_001, 1_199_999]
    assert ask(project, budget(900_000, 1_100_000), "d").by_rule  # counted from what was approved


def test_a_large_move_waits_for_approval(project: Project) -> None:
    change = ask(project, budget(1_000_000, 1_000_000))
    assert (change.by_rule, change.state) == (False, "open")
    assert current(project) == (1, 2_000_000, [500_000, 1_500_000])
    assert code_of(lambda: ask(project, budget(1, 1_999_999), "other")) == "change_open"
    assert fields_of(lambda: decide(project, change, answer=" ")) == {"answer": ["text_missing"]}
    assert decide(project, change).details["version"] == 2
    assert decide(project, change).state == "approved"  # again
    assert code_of(lambda: decide(project, change, approve=False)) == "change_decided"
    assert current(project) == (2, 2_000_000, [1_000_000, 1_000_000])
    with project.database.read() as session:
        kinds = [each["kind"] for each in session.scalars(select(outbox.c.payload)) if "kind" in each]
    assert kinds.count("change_approved") == 2


def test_a_smaller_grant_plans_what_is_unpaid_anew(project: Project) -> None:
    project.ready()
    project.pay()
    change = ask(project, budget(400_000, 1_200_000))
    assert not change.by_rule
    decide(project, change)
    assert [(each.amount_won, each.state) for each in project.tranches()] == [(1_400_000, "paid"), (200_000, "planned")]
    with project.database.read() as session:
        balance = ledger.of_application(session, project.id)
    assert (balance.commitment_won, balance.expenditure_won) == (1_600_000, 1_400_000)


def test_nothing_falls_below_what_is_paid(project: Project) -> None:
    project.ready()
    project.pay()
    assert fields_of(lambda: ask(project, budget(199_999, 1_200_000))) == {"budget": ["below_paid"]}
    decide(project, ask(project, budget(200_000, 1_200_000)))
    assert [(each.amount_won, each.state) for each in project.tranches()] == [
        (1_400_000, "paid"),
        (600_000, "cancelled"),
    ]


def test_a_payment_on_its_way_comes_first(project: Project) -> None:
    project.ready()
    change = ask(project, budget(400_000, 1_200_000))
    payments.request(project.database, LEADER, SIGNED, tranche_id=project.tranche())
    assert code_of(lambda: decide(project, change)) == "tranche_moving"
    payments.take_back(project.database, LEADER, SIGNED, tranche_id=project.tranche())
    decide(project, change)
    assert [each.amount_won for each in project.tranches()] == [1_120_000, 480_000]


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        (budget(500_000, 1_500_001), "budget", "grant_cannot_grow"),
        (budget(500_000, 1_500_000), "budget", "nothing_changed"),
        (budget(0, 0), "budget", "won_not_positive"),
        (budget(600_000, 1_400_000, reason=""), "reason", "text_missing"),
        (Wanted("period", "비가 옵니다."), "ends_on", "date_missing"),
        (Wanted("period", "비", starts_on=date(2026, 5, 1), ends_on=date(2026, 4, 1)), "ends_on", "ends_before_start"),
        (Wanted("content", "까닭"), "words", "text_missing"),
        (Wanted("all", "까닭"), "kind", "change_kind_unknown"),
    ],
)
def test_every_wrong_field_is_named(project: Project, wanted: Wanted, field: str, code: str) -> None:
    assert code in fields_of(lambda: ask(project, wanted))[field]


def test_an_approved_period_is_the_next_version(project: Project) -> None:
    wanted = Wanted("period", "비가 옵니다.", starts_on=date(2026, 5, 1), ends_on=date(2027, 1, 31))
    change = ask(project, wanted)
    with project.database.read() as session:
        found = agreements.in_force(session, project.id)
        assert found is not None
        assert found.version == 1
    decide(project, change)
    with project.database.read() as session:
        found = agreements.in_force(session, project.id)
        assert found is not None
        assert (found.version, found.starts_on, found.ends_on) == (2, date(2026, 5, 1), date(2027, 1, 31))
    assert [each.amount_won for each in project.tranches()] == [1_400_000, 600_000]


def test_content_and_members_leave_the_agreement(project: Project) -> None:
    for kind in ("content", "members"):
        change = ask(project, Wanted(kind, "까닭", words="함께하는 사람이 바뀝니다."), key=kind)
        decide(project, change)
    assert current(project)[0] == 1


def test_a_refused_or_withdrawn_change_changes_nothing(project: Project) -> None:
    first = ask(project, budget(1_000_000, 1_000_000), "a")
    decide(project, first, approve=False, answer="장소는 그대로 써 주세요.")
    second = ask(project, budget(1_000_000, 1_000_000), "b")
    for _ in range(2):
        changes.withdraw(project.database, LEADER, LATER, change_id=second.id)
    assert code_of(lambda: decide(project, second)) == "change_decided"
    assert code_of(lambda: changes.withdraw(project.database, LEADER, LATER, change_id=first.id)) == "change_decided"
    assert current(project) == (1, 2_000_000, [500_000, 1_500_000])


def test_who_asks_and_who_decides(project: Project) -> None:
    assert code_of(lambda: ask(project, budget(600_000, 1_400_000), actor=resident(9))) == "not_found"
    assert code_of(lambda: ask(project, budget(600_000, 1_400_000), actor=DONGJAK)) == "not_found"
    change = ask(project, budget(1_000_000, 1_000_000))
    for actor in (SEONGBUK, LEADER):
        with pytest.raises(Refusal, match="other_district"):
            changes.decide(project.database, actor, LATER, change_id=change.id, approve=True, answer="네")


def test_asked_and_decided_at_once(project: Project) -> None:
    ends = race([lambda key=str(number): ask(project, budget(1_000_000, 1_000_000), key) for number in range(4)])  # type: ignore[misc]
    assert ends == {WON: 1, "change_open": 3}
    with project.database.read() as session:
        (change,) = changes.of_application(session, project.id)
    ends = race([lambda yes=yes: decide(project, change, approve=yes) for yes in (True, False)])  # type: ignore[misc]
    assert ends == {WON: 1, "change_decided": 1}
