"""The checklists of calls and awards, by the codes they name."""

from datetime import date, timedelta

import pytest

from services.grants import policy
from services.grants.models import Call
from services.grants.ready import READY
from services.grants.refusals import SENTENCES
from shared.refusal import Refusal
from tests.grants.conftest import CLOSES, OPENS, terms


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
        ({"budget_won": 2_000_000}, ("ceiling_won", "ceiling_over_budget")),
        ({"ceiling_won": 5_000_001}, ("ceiling_won", "ceiling_over_programme")),
    ],
)
def test_terms_of_a_call(changed, problem):
    wanted = terms(**changed)
    rules = READY[wanted.programme]() if wanted.programme in READY else None
    assert list(policy.call_problems(wanted, rules)) == ([problem] if problem else [])


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


def test_every_code_of_the_rules_has_a_sentence():
    named = set()
    for each in (terms(title="", strands=(), opens_at=None, budget_won=None), terms(district="x", ceiling_won=0)):
        named |= {code for _, code in policy.call_problems(each, READY["integrated_call"]())}
    assert len(named) >= 6
    assert named <= SENTENCES.keys()
