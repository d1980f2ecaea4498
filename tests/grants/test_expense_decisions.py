"""Expenses as they are decided: wholly, in part or not at all, one by one or the clean ones at one go."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import services.grants
from services.grants import expenses
from services.grants.models import AUDIT, Tranche
from shared.bus.tables import outbox
from shared.refusal import Refusal
from shared.web.i18n import speaking
from tests.booking.racing import WON, race
from tests.grants.conftest import CITY, DONGJAK, SEONGBUK, resident
from tests.grants.spending import SECOND, SPENDING, again, codes, running

TRANSLATIONS = Path(services.grants.__file__).parent / "translations"


def test_recognised_wholly_in_part_or_not_at_all_with_reasons(database, publish) -> None:
    project = running(database, publish())
    whole, part, nothing = (project.record(payee=f"가게 {n}") for n in range(3))
    assert project.decide(whole).state == "accepted"
    with pytest.raises(Refusal) as refused:
        expenses.decide(database, DONGJAK, SPENDING, expense_id=part.id, accepted_won=60_000)
    assert refused.value.fields == {"reason": ["expense_reason_missing"]}
    assert project.decide(part, 60_000, "개인 물건이 섞였습니다.").accepted_won == 60_000
    assert project.decide(nothing, 0, "사업과 관계가 없습니다.").state == "refused"
    with database.read() as session:
        told = session.execute(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told")).scalars().all()
    refused_ones = [each for each in told if each["kind"] == "expense_refused"]
    assert len(refused_ones) == 4  # two people, two expenses
    assert "재료비 40,000원" in refused_ones[0]["body_ko"]
    assert "Materials" in refused_ones[0]["body_en"]


@pytest.mark.parametrize(
    ("won", "code"), [(None, "won_missing"), (-1, "won_negative"), (100_001, "accepted_over_amount")]
)
def test_what_cannot_be_recognised(database, publish, won, code) -> None:
    project = running(database, publish())
    made = project.record()
    with pytest.raises(Refusal) as refused:
        expenses.decide(database, DONGJAK, SPENDING, expense_id=made.id, accepted_won=won, reason="까닭")
    assert refused.value.fields["accepted_won"] == [code]


def test_over_the_ceiling_the_rest_can_still_be_recognised(database, publish) -> None:
    project = running(database, publish())
    dear = project.record(amount_won=1_050_000)
    assert codes(dear) == ["over_item_ceiling"]
    with pytest.raises(Refusal) as refused:
        project.decide(dear)
    assert refused.value.fields == {"accepted_won": ["expense_blocked"]}
    with speaking("ko", TRANSLATIONS):
        assert str(refused.value.params["most_won"]) == "1,000,000원"
    assert project.decide(dear, 1_000_000, "한 건의 한도까지").accepted_won == 1_000_000


def test_without_a_receipt_nothing_is_recognised(database, publish) -> None:
    project = running(database, publish())
    bare = project.record(proved=False)
    with pytest.raises(Refusal) as refused:
        project.decide(bare)
    assert refused.value.fields == {"accepted_won": ["expense_blocked"]}
    assert project.decide(bare, 0, "영수증이 없습니다.").state == "refused"


def test_who_decides(database, publish) -> None:
    project = running(database, publish(), accounts=(1, DONGJAK.account_id))
    made = project.record()
    for actor, code in ((SEONGBUK, "other_district"), (resident(9), "other_district"), (DONGJAK, "own_application")):
        with pytest.raises(Refusal, match=code):
            expenses.decide(database, actor, SPENDING, expense_id=made.id, accepted_won=100_000)
    assert expenses.decide(database, CITY, SPENDING, expense_id=made.id, accepted_won=100_000).state == "accepted"


def test_two_who_decide_at_once(database, publish) -> None:
    project = running(database, publish())
    made = project.record()
    ends = race(
        [
            lambda: project.decide(made, 100_000),
            lambda: project.decide(made, 0, "안 됩니다.", by=SECOND),
        ]
    )
    assert ends == {WON: 1, "expense_decided": 1}
    same = project.record(payee="둘째 집")
    assert race([lambda: project.decide(same), lambda: project.decide(same, by=SECOND)]) == {WON: 2}


def test_a_decision_is_taken_back_with_a_reason(database, publish) -> None:
    project = running(database, publish())
    made = project.accepted()
    with pytest.raises(Refusal) as refused:
        expenses.reopen(database, DONGJAK, SPENDING, expense_id=made.id, reason=" ")
    assert refused.value.fields == {"reason": ["reason_needed"]}
    opened = expenses.reopen(database, DONGJAK, SPENDING, expense_id=made.id, reason="영수증을 다시 봅니다.")
    assert (opened.state, opened.accepted_won, opened.decided_by) == ("filed", None, None)
    assert project.decide(made, 0, "다른 사업의 것").state == "refused"


def test_the_clean_ones_are_recognised_at_one_go_and_the_others_stay(database, publish) -> None:
    project = running(database, publish(), names=["김영희"])
    clean = [project.record(payee=f"가게 {n}") for n in range(3)]
    flagged, blocked = project.record(payee="김영희"), project.record(proved=False, payee="가게 9")
    decided = project.accepted(payee="가게 10")
    wanted = [each.id for each in (*clean, flagged, blocked, decided)]
    answered = expenses.accept_clean(database, DONGJAK, SPENDING, [*wanted, *wanted, 999_999])
    assert answered.done == [each.id for each in clean]
    assert {key: each.code for key, each in answered.refused.items()} == {
        flagged.id: "expense_not_clean",
        blocked.id: "expense_not_clean",
        decided.id: "expense_decided",
        999_999: "not_found",
    }
    assert again(database, flagged.id).state == "filed"


def test_what_came_before_counts_and_what_came_later_does_not(database, publish) -> None:
    project = running(database, publish())
    first = project.record(amount_won=900_000)
    second = project.record(amount_won=600_000, payee="둘째 집")
    assert (first.worst, codes(second)) == ("clean", ["over_agreed_category"])
    project.decide(first, 500_000, "일부만")
    assert project.decide(second).accepted_won == 600_000  # asked anew: the first counts with what was recognised


def test_more_than_was_paid_is_flagged_until_it_is_paid(database, publish) -> None:
    project = running(database, publish(), paid_won=1_000_000)
    project.record(amount_won=700_000)
    over = project.record(amount_won=400_000, payee="둘째 집")
    assert codes(over) == ["over_paid"]
    with database.write() as session:
        tranche = session.scalars(select(Tranche).where(Tranche.state == "planned")).one()
        tranche.state, tranche.paid_at = "paid", SPENDING
    with database.read() as session:
        settlement = expenses.view(database, project.leader, SPENDING, expense_id=over.id)
        found = expenses.checked(session, settlement.application, settlement.settlement, over, SPENDING)
    assert found.findings == []


def test_looking_at_an_expense_is_recorded_for_the_staff(database, publish) -> None:
    project = running(database, publish())
    made = project.record()
    assert expenses.view(database, project.leader, SPENDING, expense_id=made.id).own
    assert not expenses.view(database, DONGJAK, SPENDING, expense_id=made.id).own
    for actor, code in ((SEONGBUK, "other_district"), (resident(9), "other_district")):
        with pytest.raises(Refusal, match=code):
            expenses.view(database, actor, SPENDING, expense_id=made.id)
    with database.read() as session:
        seen = session.scalars(select(AUDIT.c.account_id).where(AUDIT.c.action == "expense.viewed")).all()
    assert seen == [DONGJAK.account_id]


def test_the_queue_is_of_ones_own_district_the_longest_waiting_first(database, publish) -> None:
    project = running(database, publish())
    bare, clean = project.record(proved=False), project.record(payee="둘째 집", at=SPENDING + timedelta(hours=1))
    project.accepted(payee="셋째 집")
    elsewhere = running(database, publish(district="11290"), accounts=(3,), district="11290")
    far = elsewhere.record()
    with database.read() as session:
        rows, counts = expenses.queue(session, DONGJAK)
        blocked, _ = expenses.queue(session, DONGJAK, worst="block")
        city, all_counts = expenses.queue(session, CITY)
        assert expenses.queue(session, resident(1))[0] == []
    assert [each.id for each, *_ in rows] == [bare.id, clean.id]
    assert counts == {"": 2, "clean": 1, "flag": 0, "block": 1}
    assert [each.id for each, *_ in blocked] == [bare.id]
    assert {each.id for each, *_ in city} == {bare.id, clean.id, far.id}
    assert all_counts[""] == 3
