"""A programme's document: any rules survive the way through it, and what is none is refused at its place."""

import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.grants.programmes.checking import problems_of
from services.grants.ready import READY
from services.grants.rules.definition import (
    CostCategory,
    CostItem,
    Criterion,
    Limits,
    Requirement,
    SettlementRules,
    Stage,
    Strand,
    TranchePlan,
    Words,
)
from services.grants.schemas import definition as documents

RULES = READY["integrated_call"]()
text = st.text("가나다라 abc", min_size=1, max_size=12).filter(str.strip)
words = st.builds(Words, text, st.text("abc ", max_size=12))
keys = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True)
won = st.integers(1, 10**12)
criteria = st.builds(Criterion, keys, words, words, st.integers(1, 100), st.integers(1, 20))
percents = st.none() | st.integers(0, 100)
amounts = st.none() | won
passes = st.none() | st.integers(0, 999)


def several(one, most=4, least=0):
    return st.lists(one, min_size=least, max_size=most).map(tuple)


items = st.builds(CostItem, keys, words, amounts, percents)
definitions = st.builds(
    replace,
    st.sampled_from([make() for make in READY.values()]),
    label=words,
    strands=several(st.builds(Strand, keys, words, st.booleans()), least=1),
    stages=several(
        st.builds(Stage, keys, words, st.integers(1, 15), st.integers(1, 120), st.tuples(criteria), passes), 3
    ),
    limits=st.builds(Limits, amounts, amounts, st.none() | st.integers(1, 100), amounts, amounts),
    tranches=several(st.builds(TranchePlan, percents, amounts, several(keys)), 5, 1),
    requirements=several(st.builds(Requirement, keys, st.none() | st.integers(0, 9) | st.tuples(keys))),
    settlement=st.builds(
        SettlementRules,
        st.tuples(st.builds(CostCategory, keys, words, st.tuples(items))),
        self_percent=st.integers(0, 100),
        findings=st.dictionaries(keys, st.sampled_from(("block", "flag", "off")), max_size=3),
    ),
)


@given(definitions)
def test_any_rules_survive_the_way_through_their_document(rules):
    document = documents.dump(rules)
    again = documents.load(copy.deepcopy(document))
    assert again == rules
    assert documents.digest(documents.dump(again)) == documents.digest(document)
    problems_of(rules)  # whatever they say, they are checked without failing


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("label", "ko"), "x" * 401, "label"),
        (("states", 0, "key"), "Draft", "states"),
        (("states", 0, "phase"), "moon", "states"),
        (("tranches", 0, "percent"), 101, "tranches"),
        (("limits", "project_won"), "5", "limits"),
        (("limits", "project_won"), 10**14, "limits"),
        (("form", "fields"), [], "form"),
        (("more",), 1, "more"),
        (("label", "ko"), "\ud800", "label"),
        (("about", "en"), "a\x00b", "about"),
        (("requirements", 0, "value"), float("nan"), "requirements"),
        (("requirements", 0, "value"), {"deep": [1]}, "requirements"),
        (("requirements", 0, "value"), ["\ud800"], "requirements"),
        (("settlement", "findings"), {"no key": "off"}, "settlement"),
    ],
)
def test_a_document_of_another_form_is_refused(path, value, where):
    document = documents.dump(RULES)
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(ValidationError) as error:
        documents.load(document)
    assert where in error.value.normalized_messages()
