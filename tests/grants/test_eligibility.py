"""Eligibility: what a programme may require, over facts."""

from datetime import date

import pytest

from services.grants.refusals import SENTENCES
from services.grants.rules import eligibility
from services.grants.rules.definition import Limits, Requirement
from services.grants.rules.eligibility import REQUIREMENTS, Facts, Person
from services.grants.rules.people import name_key, person_key


def facts(**changed):
    values = {"group_district": "11590", "district": "11590", "kind": "residents", "today": date(2026, 3, 10)}
    return Facts(**(values | changed))


THREE = (Person("김"), Person("이"), Person("박"))


@pytest.mark.parametrize(
    ("rule", "value", "changed", "state"),
    [
        ("members_at_least", 3, {"members": THREE}, "met"),
        ("members_at_least", 4, {"members": THREE}, "unmet"),
        ("lives_in_district", None, {}, "met"),
        ("lives_in_district", None, {"group_district": "11290"}, "unmet"),
        ("lives_in_district", None, {"members": (Person("김", "서울 성북구 정릉동"),)}, "unsure"),
        ("lives_in_district", None, {"members": (Person("김", "서울 동작구 상도동"),)}, "met"),
        ("lives_in_district", None, {"district": None}, "unsure"),
        ("kind_in", ["nonprofit"], {}, "unmet"),
        ("kind_in", ["nonprofit", "residents"], {}, "met"),
        ("registration_required", None, {}, "unmet"),
        ("registration_required", None, {"registration_number": "123-45-67890"}, "met"),
        ("active_years_at_least", 1, {"founded_on": date(2025, 3, 11)}, "unmet"),
        ("active_years_at_least", 1, {"founded_on": date(2025, 3, 10)}, "met"),
        ("active_years_at_least", 1, {}, "unmet"),
        ("no_award_this_year", None, {"awards": 1}, "unmet"),
        ("not_sanctioned", None, {"sanctioned_until": date(2027, 1, 1)}, "unmet"),
        ("no_overdue_return", None, {"returns_overdue": 1}, "unmet"),
        ("account_known", None, {}, "unmet"),
        ("made_up", None, {}, "unsure"),
    ],
)
def test_each_requirement(rule, value, changed, state):
    (check,) = eligibility.check([Requirement(rule, value)], facts(**changed))
    assert check.state == state
    assert check.blocks == (state == "unmet" and rule != "account_known")


def test_each_has_a_sentence_and_a_label():
    for kind in REQUIREMENTS.values():
        assert kind.code in SENTENCES
        assert str(kind.label) % {"value": 3}


def test_limits():
    rules = Limits(group_awards=2, group_won=5_000_000, dong_won=3_000_000, district_won=4_000_000)
    assert eligibility.limits(rules, facts(programme_awards=1, programme_won=2_000_000), 3_000_000) == []
    assert eligibility.limits(rules, facts(programme_awards=2, programme_won=2_000_001), 4_000_001) == [
        "group_awards_reached",
        "group_over_ceiling",
        "dong_over_ceiling",
        "district_over_ceiling",
    ]
    assert eligibility.needs([], rules) == {"awards"}
    assert eligibility.needs([Requirement("not_sanctioned")], Limits()) == {"sanctions"}


def test_people_and_groups_are_known_again():
    assert name_key("느티나무 이웃회") == name_key("느티나무이웃회 ") == name_key("느티나무·이웃회")
    assert person_key("김 느티", 1980) == person_key("김느티", 1980, "010-1234-5678")
    assert person_key("김느티", 1981) != person_key("김느티", 1980)
    assert person_key("김느티", None, "010-1234-5678") == person_key("김느티", None, "01012345678")
    assert person_key("김느티") == ""
    assert person_key(" ", 1980) == ""
    assert len(person_key("김느티", 1980)) == 64
