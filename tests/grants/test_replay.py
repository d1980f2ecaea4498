"""The sandbox: a past call once more under other rules; first the rule, then over recorded calls, then the page."""

import csv
import io
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert, select

from services.grants.models import Application, Review, Reviewer
from services.grants.programmes import sandbox
from services.grants.ready import READY
from services.grants.rules.replay import CHANGES, Case, Changes, replay, sums
from shared import clock
from shared.refusal import Refusal
from tests.grants import stage
from tests.grants.conftest import AFTER, CITY, CLOSES, DONGJAK, DURING, SEONGBUK, resident

RULES = READY["dong_plan"]()
BUDGET = 100_000_000
CUT = RULES.stages[0].pass_tenths


def case(number, points=None, award=None, asked=10_000_000, dong="대방동", group_id=None):
    totals = {} if points is None else {"document_review": Fraction(points * 10)}
    return Case(number, number, "11590", dong, asked, award, totals, group_id)


CASES = [
    case(1, 90, 10_000_000),
    case(2, 80, 8_000_000, dong="사당동"),
    case(3, 70, 10_000_000),
    case(4, 55, None),
    case(5, 45, None),
    case(6, None, None),
]


def told(outcomes):
    return {each.case.number: (each.change, each.awarded_won, each.why) for each in outcomes if each.change != "same"}


def run(budget=BUDGET, cases=CASES, **changes):
    return replay(cases, Changes(**changes), RULES, budget)


def test_what_is_not_changed_stays_as_it_was_decided():
    assert told(run()) == {}
    assert [each.case.number for each in run()] == [1, 2, 3, 4, 5, 6]
    assert [each.rank for each in run()] == [1, 2, 3, 4, 5, None]


def test_a_higher_cut_off_drops_and_a_lower_one_lets_in():
    assert told(run(cuts={"document_review": 750})) == {3: ("rejected", None, "cut_off")}
    assert told(run(cuts={"document_review": 450})) == {5: ("selected", 10_000_000, "cut_off")}
    assert told(run(cuts={"document_review": 451})) == {}
    # Number 4 passed before and was not selected by the committee: a cut-off does not change that.


def test_a_number_of_awards_is_filled_by_rank():
    assert told(run(quota=2)) == {3: ("rejected", None, "quota")}
    assert told(run(quota=4)) == {4: ("selected", 10_000_000, "quota")}
    assert told(run(quota=9)) == {4: ("selected", 10_000_000, "quota")}  # the fifth is below the cut-off
    assert told(run(quota=0)) == dict.fromkeys((1, 2, 3), ("rejected", None, "quota"))


def test_equal_scores_go_by_the_order_of_filing():
    cases = [case(2, 80, None), case(1, 80, None), case(3, 90, None)]
    assert [each.case.number for each in run(cases=cases, quota=2) if each.awarded_won] == [3, 1]


def test_ceilings_cut_those_behind():
    assert told(run(project_won=9_000_000)) == {
        1: ("cut", 9_000_000, "project"),
        3: ("cut", 9_000_000, "project"),
    }
    assert told(run(dong_won=15_000_000)) == {3: ("cut", 5_000_000, "dong")}
    assert told(run(dong_won=10_000_000)) == {3: ("rejected", None, "dong")}
    assert told(run(district_won=18_000_000)) == {3: ("rejected", None, "district")}
    assert told(run(budget_won=20_000_000)) == {3: ("cut", 2_000_000, "budget")}


def test_a_groups_ceiling_counts_all_that_it_has_in_the_year():
    cases = [
        case(1, 90, 10_000_000, group_id=7),
        case(2, 80, 8_000_000, group_id=8),
        case(3, 70, 6_000_000, group_id=7),
    ]
    cases.append(case(4, 60, 9_000_000))  # of no group
    assert told(run(cases=cases, group_won=12_000_000)) == {3: ("cut", 2_000_000, "group")}
    found = replay(cases, Changes(group_won=12_000_000), RULES, BUDGET, {7: 1_000_000, 8: 12_000_000})
    assert told(found) == {2: ("rejected", None, "group"), 3: ("cut", 1_000_000, "group")}


def test_who_is_let_in_shares_the_budget_by_rank():
    cases = [case(1, 90, None), case(2, 60, 10_000_000)]
    assert told(run(15_000_000, cases, quota=2)) == {
        1: ("selected", 10_000_000, "quota"),
        2: ("cut", 5_000_000, "budget"),
    }


def test_stages_that_nobody_came_to_are_told():
    rules = READY["integrated_call"]()
    early = Case(1, 1, "11590", "", 5, None, {"document_review": Fraction(550)})
    (found,) = replay([early], Changes(cuts={"document_review": 500}), rules, BUDGET)
    assert (found.change, found.unknown) == ("selected", True)


cases = st.lists(
    st.tuples(
        st.none() | st.integers(0, 100),
        st.booleans(),
        st.integers(1, 30_000_000),
        st.sampled_from(["", "가동", "나동"]),
    ),
    max_size=12,
).map(
    lambda rows: [
        case(number, points, asked if awarded else None, asked, dong)
        for number, (points, awarded, asked, dong) in enumerate(rows, 1)
    ]
)
amounts = st.none() | st.integers(1, 60_000_000)
changes = st.builds(
    Changes,
    cuts=st.dictionaries(st.just("document_review"), st.integers(0, 1000)),
    quota=st.none() | st.integers(0, 12),
    project_won=amounts,
    group_won=amounts,
    dong_won=amounts,
    district_won=amounts,
    budget_won=amounts,
)


@given(cases, changes)
def test_no_replay_breaks_the_ceilings_it_was_asked_for(cases, changes):
    budget = sum(each.awarded_won or 0 for each in cases) or 1
    outcomes = replay(cases, changes, RULES, budget)
    assert sorted(each.case.number for each in outcomes) == [each.number for each in cases]
    awards = [each for each in outcomes if each.awarded_won is not None]
    assert all(0 < each.awarded_won <= each.case.requested_won for each in awards)
    assert sum(each.awarded_won for each in awards) <= (changes.budget_won or budget)
    if changes.quota is not None:
        assert len(awards) <= changes.quota
    if changes.project_won is not None:
        assert all(each.awarded_won <= changes.project_won for each in awards)
    if changes.dong_won is not None:
        for dong in ("가동", "나동"):
            assert sum(each.awarded_won for each in awards if each.case.dong == dong) <= changes.dong_won
    found = sums(outcomes)
    assert found.won_after == sum(each.awarded_won for each in awards)
    assert sum(found.changes.values()) == len(cases)
    assert set(found.changes) == set(CHANGES)
    if not changes.any:
        assert found.changes["same"] == len(cases)


@pytest.fixture
def past(database, publish):
    """A call of 동작구 of the dong plan that was decided: five applications, the first three selected."""
    call = publish(programme="dong_plan", strands=("dong_plan",), budget_won=BUDGET, ceiling_won=30_000_000)
    filed = []
    for number, points in enumerate((90, 80, 70, 55, 45), 1):
        group = stage.group(database, DURING, (number,))
        selected = number <= 3
        more = {"requested_won": 10_000_000, "dong": "대방동", "title": f"=사업 {number}"}
        if selected:
            more["awarded_won"] = 10_000_000
        filed.append(
            stage.application(
                database, call, group, DURING, state="selected" if selected else "rejected", account_id=number, **more
            )
        )
        review(database, filed[-1], points)
    return call, filed


def review(database, application_id, points, states=("submitted", "submitted"), stage_key="document_review"):
    with database.write() as session:
        for number, state in enumerate(states):
            account = 9000 + number
            if session.get(Reviewer, account) is None:
                session.add(Reviewer(account_id=account, name=f"위원 {number}", changed_at=DURING))
                session.flush()
            done = state == "submitted"
            session.add(
                Review(
                    application_id=application_id,
                    stage=stage_key,
                    account_id=account,
                    state=state,
                    total_tenths=points * 10 + (5 if number else -5) if done else None,
                    sealed_hash="0" * 64 if done else None,
                    submitted_at=AFTER if done else None,
                    assigned_at=DURING,
                    assigned_by=1,
                )
            )


def test_a_recorded_call_is_replayed(database, past, publish):
    call, filed = past
    with database.read() as session:
        found = sandbox.run(session, DONGJAK, AFTER, call_id=call.id, changes=Changes(cuts={"document_review": 750}))
        assert [each.case.application_id for each in found.outcomes] == filed
        assert told(found.outcomes) == {found.outcomes[2].case.number: ("rejected", None, "cut_off")}
        assert (found.sums.selected_before, found.sums.selected_after) == (3, 2)
        assert (found.sums.won_before, found.sums.won_after) == (30_000_000, 20_000_000)
        assert found.outcomes[0].case.totals == {"document_review": Fraction(900)}
        group_id = session.get_one(Application, filed[0]).group_id
    elsewhere = publish(programme="dong_plan", strands=("dong_plan",), title="다른 공고")
    stage.application(database, elsewhere, group_id, DURING, state="running")  # 2,000,000 won of the same year
    with database.read() as session:
        found = sandbox.run(session, DONGJAK, AFTER, call_id=call.id, changes=Changes(group_won=10_000_000))
        assert told(found.outcomes) == {found.outcomes[0].case.number: ("cut", 8_000_000, "group")}


def test_it_changes_nothing(database, past):
    call, _filed = past

    def kept():
        with database.read() as session:
            return session.execute(select(Application.id, Application.state, Application.awarded_won)).all()

    before = kept()
    with database.read() as session:
        sandbox.run(session, CITY, AFTER, call_id=call.id, changes=Changes(quota=1))
        assert not session.new
        assert not session.dirty
    assert kept() == before


def test_who_may_and_when(database, past, publish):
    call, _filed = past
    changes = Changes(quota=1)
    with database.read() as session:
        for actor in (SEONGBUK, resident()):
            with pytest.raises(Refusal, match="other_district"):
                sandbox.run(session, actor, AFTER, call_id=call.id, changes=changes)
        with pytest.raises(Refusal, match="call_not_closed_yet"):
            sandbox.run(session, CITY, CLOSES - timedelta(seconds=1), call_id=call.id, changes=changes)
        with pytest.raises(Refusal, match="sandbox_nothing"):
            sandbox.run(session, CITY, AFTER, call_id=call.id, changes=Changes())
        with pytest.raises(Refusal) as refusal:
            sandbox.run(session, CITY, AFTER, call_id=call.id, changes=Changes(cuts={"moon": 1}))
        assert refusal.value.fields == {"cut_moon": ["stage_unknown"]}


def test_sealed_scores_are_not_told(database, past):
    """While a review of the stage is out, its scores are nobody's to read."""
    call, filed = past
    group = stage.group(database, DURING, (77,))
    open_one = stage.application(database, call, group, DURING, state="document_review", account_id=77)
    review(database, open_one, 99, ("submitted", "assigned"))
    with database.read() as session:
        found = sandbox.run(session, CITY, AFTER, call_id=call.id, changes=Changes(quota=3))
    totals = {each.case.application_id: each.case.totals for each in found.outcomes}
    assert totals[open_one] == {}
    assert totals[filed[0]] != {}


def test_five_thousand_applications_cost_a_bounded_number_of_queries(database, publish):
    call = publish(programme="dong_plan", strands=("dong_plan",), budget_won=10**12, ceiling_won=30_000_000)
    group = stage.group(database, DURING, (1,))
    first = stage.application(database, call, group, DURING)
    with database.write() as session:
        one = session.get_one(Application, first)
        columns = {
            column.key: getattr(one, column.key) for column in Application.__table__.columns if column.key != "id"
        }
        many = [
            columns
            | {
                "number": 100_000 + number,
                "receipt": f"r-{number}",
                "idempotency_key": f"many-{number}",
                "group_id": None,
            }
            for number in range(4_999)
        ]
        session.execute(insert(Application), many)
        session.add(Reviewer(account_id=9000, name="위원", changed_at=DURING))
        session.flush()
        ids = session.scalars(select(Application.id).where(Application.call_id == call.id)).all()
        session.execute(
            insert(Review),
            [
                {
                    "application_id": own,
                    "stage": "document_review",
                    "round": 1,
                    "account_id": 9000,
                    "state": "submitted",
                    "total_tenths": own % 1000,
                    "scores": {},
                    "typed": {},
                    "sealed_hash": "0" * 64,
                    "assigned_at": DURING,
                    "assigned_by": 1,
                }
                for own in ids
            ],
        )
    counted = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    with database.read() as session:
        found = sandbox.run(session, CITY, AFTER, call_id=call.id, changes=Changes(quota=100))
    assert len(found.outcomes) == 5_000
    assert found.sums.selected_after == 100
    assert len([each for each in counted if each.startswith("SELECT")]) <= 5


def test_the_page_and_its_export(house, database, past, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AFTER)
    call, _filed = past
    where = f"/grants/calls/{call.id}/sandbox"
    browser = house.client("dongjak")
    page = browser.get(where)
    assert page.status_code == 200
    assert "cut_document_review" in page.text
    page = browser.get(f"{where}?cut_document_review=75&quota=&budget_won=&all=on").text
    assert "선정에서 빠짐" in page
    assert "20,000,000원" in page
    assert page.count("그대로") >= 4
    assert "한 모임에 한 해 동안의 한도" in browser.get(f"{where}?group_won=9,000,000").text
    refused = browser.get(f"{where}?quota=많이&dong_won=-5")
    assert refused.status_code == 422
    assert 'id="field-quota-error"' in refused.text
    assert 'value="많이"' in refused.text
    assert browser.get(f"{where}?quota=").status_code == 422
    answer = browser.get(f"{where}.csv?cut_document_review=75")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert len(rows) == 6
    assert rows[1][3] == "'=사업 1"
    assert rows[3][-2:] == ["선정에서 빠짐", "통과 점수"]
    for login, status in (("seongbuk", 403), ("resident", 403), (None, 401)):
        assert house.client(login).get(where).status_code == status
        assert house.client(login).get(f"{where}.csv?quota=1").status_code == status
