"""Reading a programme's form: answers, or the code of what is wrong with each field."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grants.pages.typed_form import as_shown, changed, digest, typed_of
from services.grants.ready import READY
from services.grants.refusals import SENTENCES
from services.grants.rules import dongs, forms
from services.grants.rules.definition import Choice, Field, Form, Limits, SettlementRules, Words
from services.grants.rules.forms import Terms
from services.grants.rules.places import KnownSpace
from tests.grants.conftest import answers

TERMS = Terms(3_000_000, ("neighbourhood_alley", "group_space"), "11590")
RULES = READY["integrated_call"]()


def read(terms=TERMS, rules=RULES, **changed):
    return forms.read(rules, terms, answers(**changed))


def asking(*questions, **changed):
    """The rules with a form of these questions beside the title and the amount."""
    kept = [each for each in RULES.form.fields if each.key in ("title", "requested_won")]
    return replace(RULES, form=Form(1, (*kept, *questions)), **changed)


def one(question, value, terms=TERMS):
    """What one question reads of one value: the answer, or its code."""
    typed = {"title": "이름", "requested_won": "100", "strand": "group_space", question.key: value}
    reading = forms.read(asking(question), terms, typed)
    return reading.errors.get(question.key, reading.answers.get(question.key))


def question(kind, **options):
    return Field("it", kind, Words("물음"), **options)


def test_all_is_read():
    reading = read(requested_won="2,000,000", self_contribution_won="0원", place={"address": " 상도동 놀이터 "})
    assert reading.complete
    assert reading.answers["requested_won"] == 2_000_000
    assert reading.answers["place"]["address"] == "상도동 놀이터"
    assert reading.answers["members"][0] == {
        "name": "김느티",
        "birth_year": 1980,
        "phone": "",
        "address": "동작구 상도동",
    }
    assert reading.answers["budget"][0]["grant_won"] == 2_000_000
    assert (reading.answers["strand"], reading.answers["district"]) == ("neighbourhood_alley", "11590")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1e9", "won_unclear"),
        ("-1", "won_negative"),
        ("１２３", "won_unclear"),
        ("1.5", "won_unclear"),
        ("12,34", "won_unclear"),
        ("300만", "won_unclear"),
        ("", "won_missing"),
        (None, "won_missing"),
        (1.0, "won_unclear"),
        (True, "won_unclear"),
        (-5, "won_negative"),
        (10**14, "won_too_large"),
        ("9" * 4000, "won_too_large"),
        ([1], "won_unclear"),
        ({"won": 1}, "won_unclear"),
        ("0", "won_too_small"),
        ("3000001", "requested_over_ceiling"),
    ],
)
def test_amounts(typed, code):
    reading = forms.read(RULES, TERMS, answers() | {"requested_won": typed})
    assert reading.errors["requested_won"] == [code]


def test_everybody_named_has_a_birth_year():
    rows = [{"name": "김"}, {"name": "박", "phone": "010 1234 5678"}, {"name": "최", "birth_year": "팔십"}]
    assert read(members=rows).errors == {
        "members-0-birth_year": ["birth_year_missing"],
        "members-1-birth_year": ["birth_year_missing"],
        "members-2-birth_year": ["year_unclear"],
    }


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("사당1동", "사당1동"),
        (" 사당 제 1동", "사당1동"),
        ("사당제１동", "사당1동"),
        ("서울특별시 동작구 사당1동", "사당1동"),
        ("홍제1동", "홍제1동"),
        ("홍제제1동", "홍제1동"),
        ("제기동", "제기동"),
        ("압구정동", "압구정동"),
        ("종로1.2.3.4가동", "종로1·2·3·4가동"),
        ("", None),
        ("동작구", None),
        ("사당1동·사당2동", None),
        ("Sadang 1-dong", None),
    ],
)
def test_a_dong_is_one_however_it_is_written(typed, name):
    assert (dongs.is_dong(typed), dongs.dong_name(typed)) == (name is not None, name or typed)


def test_a_ceiling_for_each_dong_asks_for_the_dong_whether_the_form_does_or_not():
    optional = replace(question("text", required=False), key="dong")
    for rules in (asking(), asking(optional)):
        limited = replace(rules, limits=Limits(dong_won=3_000_000))
        typed = {"title": "이름", "requested_won": "100", "strand": "group_space"}
        assert forms.read(limited, TERMS, typed).errors == {"dong": ["dong_missing"]}
        assert forms.read(limited, TERMS, typed | {"dong": "동작구"}).errors == {"dong": ["dong_unclear"]}
        assert forms.read(limited, TERMS, typed | {"dong": "사당 제1동"}).answers["dong"] == "사당1동"
    assert one(optional, "사당 일대") == "사당 일대"  # without a ceiling it is only words


@pytest.mark.parametrize(
    ("kind", "options", "value", "told"),
    [
        ("text", {"longest": 3}, "가나다라", ["text_too_long"]),
        ("text", {}, "가\x00나", ["text_unclear"]),
        ("text", {}, "가\ud800", ["text_unclear"]),
        ("text", {}, "\u202e거꾸로", ["text_unclear"]),
        ("text", {}, 7, ["text_unclear"]),
        ("text", {}, "  ", ["text_missing"]),
        ("text", {"required": False}, "  ", None),
        ("long_text", {}, "가\r\n나", "가\n나"),
        ("number", {"least": 3}, "2", ["number_too_small"]),
        ("number", {"most": 3}, "4", ["number_too_large"]),
        ("number", {}, "삼", ["number_unclear"]),
        ("number", {}, "1,200", 1200),
        ("number", {}, True, ["number_unclear"]),
        ("date", {}, "2026-02-30", ["date_unclear"]),
        ("date", {}, "2026-2-3", ["date_unclear"]),
        ("date", {}, "2026-02-03", "2026-02-03"),
        ("choice", {"choices": (Choice("a", Words("가")),)}, "b", ["choice_unknown"]),
        ("choice", {"choices": (Choice("a", Words("가")),)}, "a", "a"),
        ("files", {}, None, ["files_missing"]),
        ("files", {"required": False}, "x", ["field_unknown"]),
        ("members", {"least": 2}, [{"name": "김", "birth_year": 1980}], ["members_too_few"]),
        ("members", {}, [{"name": "김", "birth_year": "1980"}] * 2, ["member_twice"]),
        ("members", {}, [{"name": "김", "id": 1}], ["table_unclear"]),
        ("members", {}, "김", ["table_unclear"]),
        ("members", {}, [{"name": " "}, {}], ["members_missing"]),
        ("members", {}, [{"name": str(number)} for number in range(201)], ["too_many_rows"]),
        ("place", {}, {"latitude": "37.5", "longitude": ""}, ["point_unclear"]),
        ("place", {}, {"latitude": "35.1", "longitude": "129.0"}, ["point_outside"]),
        ("place", {}, {"latitude": "NaN", "longitude": "126.9"}, ["point_unclear"]),
        ("place", {}, {"latitude": float("nan"), "longitude": 126.9}, ["point_unclear"]),
        ("place", {}, {"space_id": "1"}, ["space_unknown"]),
        ("place", {}, {}, ["place_missing"]),
    ],
)
def test_each_kind(kind, options, value, told):
    assert one(question(kind, **options), value) == told


def test_a_chosen_space_gives_its_point():
    terms = replace(TERMS, space=KnownSpace(4, "사랑방", 37.5, 126.9))
    read = one(question("place"), {"space_id": "4"}, terms)
    assert (read["space_id"], read["space"], read["latitude"]) == (4, "사랑방", 37.5)


def test_files_are_counted():
    asked = question("files", most=2)
    assert one(asked, None, replace(TERMS, files={"it": 3})) == ["files_too_many"]
    assert one(asked, None, replace(TERMS, files={"it": 2})) is None


def line(category="activity", item="materials", grant="0", own="0", note=""):
    return {"category": category, "item": item, "grant_won": grant, "self_won": own, "note": note}


@pytest.mark.parametrize(
    ("budget", "errors"),
    [
        ([], {"budget": ["budget_missing"]}),
        ([line(grant="1999999")], {"budget": ["budget_grant_differs"]}),
        ([line(grant="2000000", own="1")], {"budget": ["budget_self_differs"]}),
        ([line("rockets", "fuel", "2000000")], {"budget-0-line": ["item_unknown"]}),
        ([line("activity", "instructor", "2000000")], {"budget-0-line": ["item_unknown"]}),
        ([{"grant_won": "2000000"}], {"budget-0-line": ["item_missing"]}),
        ([line(grant="2000000"), line()], {"budget-1-grant_won": ["line_without_amount"]}),
        ([line(grant="1e6")], {"budget-0-grant_won": ["won_unclear"]}),
        (
            [line("people", "instructor", "700000"), line(grant="1300000")],
            {"budget-0-grant_won": ["category_over_ceiling"]},
        ),
        (
            [line("activity", "refreshments", "300000"), line(grant="1700000")],
            {"budget-0-grant_won": ["item_over_ceiling"]},
        ),
        ([line("people", "instructor", "600000"), line(grant="1400000")], {}),
    ],
)
def test_the_budget(budget, errors):
    assert read(budget=budget).errors == errors


def test_the_sums_are_named():
    reading = read(budget=[line(grant="1999999")])
    text = str(SENTENCES["budget_grant_differs"]) % reading.params
    assert "1,999,999" in text
    assert "2,000,000" in text


def test_self_contribution_and_the_programmes_ceiling():
    rules = replace(RULES, settlement=replace(RULES.settlement, self_percent=10), limits=Limits(project_won=1_500_000))
    reading = read(rules=rules, self_contribution_won="199999")
    assert reading.errors["self_contribution_won"] == ["self_contribution_too_small"]
    assert reading.errors["requested_won"] == ["requested_over_programme"]
    assert "1,500,000원을 넘는" in str(SENTENCES["requested_over_programme"]) % reading.params


def test_what_is_too_much_or_too_little_is_told_with_its_figures():
    reading = read(requested_won="3000001")
    assert "3,000,000원을 넘는" in str(SENTENCES["requested_over_ceiling"]) % reading.params
    asked = replace(RULES, form=replace(RULES.form, fields=(question("members", least=2),)))
    few = forms.read(asked, TERMS, {"it": [{"name": "김", "birth_year": 1980}]})
    assert few.errors["it"] == ["members_too_few"]
    assert "2명 이상이어야 하는데 1명입니다." in str(SENTENCES["members_too_few"]) % few.params


def test_what_the_call_leaves_open_is_asked():
    city = Terms(3_000_000, ("group_space",), None)
    asked = [each.key for each in forms.questions(RULES, city)]
    assert asked[:2] == ["district", "title"]
    reading = forms.read(RULES, city, {key: value for key, value in answers().items() if key != "strand"})
    assert reading.errors == {"district": ["choice_missing"]}
    assert reading.answers["strand"] == "group_space"
    assert forms.read(RULES, TERMS, answers(strand="dong_plan")).errors == {"strand": ["choice_unknown"]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from([*(each.key for each in RULES.form.fields), "strand", "district", "other"]), JSON, max_size=8
    )
)
def test_whatever_comes_is_read_or_refused_with_a_sentence(typed):
    reading = forms.read(RULES, TERMS, typed)
    assert {code for codes in reading.errors.values() for code in codes} <= SENTENCES.keys()
    json.dumps(reading.answers, allow_nan=False).encode()
    if reading.complete:
        assert sum(each["grant_won"] for each in reading.answers["budget"]) == reading.answers["requested_won"]


def test_every_ready_made_programme_can_be_asked():
    for make in READY.values():
        rules = make()
        terms = Terms(10**12, tuple(each.key for each in rules.strands), None)
        reading = forms.read(rules, terms, {})
        assert {code for codes in reading.errors.values() for code in codes} <= SENTENCES.keys()
        assert reading.errors.keys() >= {each.key for each in rules.form.fields if each.required}


def test_a_browsers_form_and_what_of_it_changed():
    asked = forms.questions(RULES, TERMS)
    form = {
        "title": "골목",
        "plan": "가\r\n나",
        "budget-0-line": "activity/materials",
        "budget-0-grant_won": "100",
        "budget-1-line": "",
        "budget-1-grant_won": " ",
        "budget-9999-grant_won": "5",
        "members-3-name": "김",
        "place-space_id": "4",
        "place-address": "",
        "base-title": digest("골목"),
        "base-plan": digest("다른 글"),
        "base-budget": digest([{"category": "activity", "item": "materials", "grant_won": 100}]),
        "unknown": "x",
    }
    typed = typed_of(form, asked)
    assert typed["plan"] == "가\n나"
    assert typed["budget"] == [{"category": "activity", "item": "materials", "grant_won": "100"}]
    assert typed["members"] == [{"name": "김"}]
    assert as_shown(typed["place"]) == {"space_id": "4"}
    assert set(changed(form, typed)) == {"plan", "members", "place"}


def test_only_definitions_with_categories_are_asked_for_a_budget():
    assert SettlementRules(categories=()).item("a", "b") is None
