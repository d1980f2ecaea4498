"""The checklists of calls and applications, by the codes they name."""

from datetime import date, timedelta

import pytest

from services.grants import policy
from services.grants.models import Call
from services.grants.refusals import SENTENCES
from shared.refusal import Refusal
from tests.grants.conftest import CLOSES, OPENS, filing, terms


def call(**changed):
    columns = vars(terms(**changed))
    return Call(**columns | {"strands": list(columns["strands"]), "published_at": OPENS - timedelta(days=1)})


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"district": None}, None),
        ({"district": "99999"}, ("district", "district_unknown")),
        ({"title": " "}, ("title", "text_missing")),
        ({"title": "가" * 121}, ("title", "text_too_long")),
        ({"body": "가\x00나"}, ("body", "text_unclear")),
        ({"programme": "other"}, ("programme", "programme_unknown")),
        ({"strands": ("group_space",)}, ("strands", "strand_required")),
        ({"strands": ("neighbourhood_alley", "dong_plan")}, ("strands", "strand_unknown")),
        ({"opens_at": None}, ("opens_at", "date_missing")),
        ({"closes_at": OPENS}, ("closes_at", "closes_before_opening")),
        ({"results_on": date(2026, 3, 19)}, ("results_on", "results_before_close")),
        ({"results_on": date(2026, 3, 20)}, None),
        ({"budget_won": None}, ("budget_won", "won_missing")),
        ({"budget_won": 0}, ("budget_won", "won_not_positive")),
        ({"ceiling_won": 10_000_001}, ("ceiling_won", "ceiling_over_budget")),
    ],
)
def test_terms_of_a_call(changed, problem):
    assert list(policy.call_problems(terms(**changed))) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"group_name": ""}, ("group_name", "text_missing")),
        ({"members": None}, ("members", "number_missing")),
        ({"members": 0}, ("members", "members_out_of_range")),
        ({"strand": "dong_plan"}, ("strand", "strand_not_offered")),
        ({"plan": "가" * 10_001}, ("plan", "text_too_long")),
        ({"plan": "\ud800"}, ("plan", "text_unclear")),
        ({"requested_won": 3_000_000}, None),
        ({"requested_won": 3_000_001}, ("requested_won", "requested_over_ceiling")),
        ({"requested_won": 0}, ("requested_won", "won_not_positive")),
        ({"self_contribution_won": -1}, ("self_contribution_won", "won_negative")),
        ({"self_contribution_won": None}, ("self_contribution_won", "won_missing")),
    ],
)
def test_an_application(changed, problem):
    assert list(policy.filing_problems(filing(**changed), call())) == ([problem] if problem else [])


def test_the_citys_own_call_asks_for_the_district():
    city = call(district=None)
    assert list(policy.filing_problems(filing(), city)) == [("district", "district_needed")]
    assert not list(policy.filing_problems(filing(district="11140"), city))


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (OPENS - timedelta(seconds=1), "call_not_open_yet"),
        (OPENS, None),
        (CLOSES - timedelta(microseconds=1), None),
        (CLOSES, "call_closed"),
        (CLOSES + timedelta(seconds=1), "call_closed"),
    ],
)
def test_late_by_one_second_is_late(at, code):
    if code is None:
        policy.check_period(call(), at)
        return
    with pytest.raises(Refusal) as refused:
        policy.check_period(call(), at)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("awarded", "left", "codes"),
    [
        (2_000_000, 2_000_000, []),
        (2_000_001, 9_000_000, ["award_over_request"]),
        (1_500_001, 1_500_000, ["award_over_remaining"]),
        (0, 9_000_000, ["won_not_positive"]),
        (None, 9_000_000, ["won_missing"]),
    ],
)
def test_an_award(awarded, left, codes):
    assert [code for _, code in policy.award_problems(awarded, 2_000_000, left)] == codes


def test_every_code_of_the_rules_has_a_sentence():
    named = set()
    for each in (terms(title="", strands=(), opens_at=None, budget_won=None), terms(district="x", ceiling_won=0)):
        named |= {code for _, code in policy.call_problems(each)}
    for each in (filing(group_name="", members=0, strand="", requested_won=9**9, self_contribution_won=-1), filing()):
        named |= {code for _, code in policy.filing_problems(each, call(district=None))}
    assert len(named) > 8
    assert named <= SENTENCES.keys()
