"""A programme's document: every ready-made one holds together, and each fault is named at its place."""

import re
from dataclasses import replace
from inspect import getsource

import pytest

from services.grants.programmes.checking import known, problems_of
from services.grants.ready import READY
from services.grants.refusals import SENTENCES
from services.grants.rules import consistency, consistency_course
from services.grants.rules.consistency import FIRST_GATES, LATER_GATES
from services.grants.rules.consistency_course import EVENTS, GUARDED
from services.grants.rules.definition import (
    CostCategory,
    CostItem,
    Definition,
    Field,
    Limits,
    Requirement,
    TranchePlan,
    Words,
)
from services.grants.schemas import definition as documents

STRANDS = {"neighbourhood_alley", "group_space", "dong_plan", "district_plan"}


@pytest.mark.parametrize("key", READY)
def test_a_ready_made_programme_holds_together_and_says_all_in_two_languages(key):
    rules = READY[key]()
    assert problems_of(rules) == []
    document = documents.dump(rules)
    assert documents.load(document) == rules
    assert list(without_english(document)) == []


def test_the_ready_made_programmes_are_those_of_the_report():
    rules = {key: make() for key, make in READY.items()}
    assert {strand.key for each in rules.values() for strand in each.strands} >= STRANDS
    assert [strand.required for strand in rules["integrated_call"].strands] == [True, False]
    benefit = rules["public_benefit"]
    assert len(benefit.strands) == 12
    assert all(strand.required for strand in benefit.strands)
    assert benefit.limits.project_won == 30_000_000
    assert [stage.key for stage in benefit.stages] == ["document_review", "interview_review", "site_review"]
    assert [tranche.percent for tranche in benefit.tranches] == [70, 30]
    assert "interim_passed" in benefit.tranches[1].gates
    assert "registration_required" in {each.rule for each in benefit.requirements}
    assert rules["dong_plan"].limits.dong_won == 30_000_000


def without_english(part, path=""):
    """Paths of words that have Korean only."""
    if isinstance(part, dict):
        if "ko" in part and part["ko"] and not part.get("en"):
            yield path
        for name, value in part.items():
            yield from without_english(value, f"{path}.{name}")
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from without_english(value, f"{path}.{index}")


def of(rules: Definition, blocks: bool | None = None) -> set[tuple[str, str]]:
    return {(each.path, each.code) for each in problems_of(rules) if blocks is None or each.blocks == blocks}


def row(rules: Definition, event: str, end: str | None = None) -> int:
    return next(
        index
        for index, each in enumerate(rules.transitions)
        if each.event == event and (end is None or each.end == end)
    )


def with_row(rules: Definition, index: int, **changed) -> Definition:
    rows = list(rules.transitions)
    rows[index] = replace(rows[index], **changed)
    return replace(rules, transitions=tuple(rows))


RULES = READY["integrated_call"]()


@pytest.mark.parametrize(
    ("event", "guard"),
    [
        ("submit", "intake_open"),
        ("submit", "not_sanctioned"),
        ("select", "committee_decided"),
        ("select", "no_overdue_return"),
        ("select", "not_sanctioned"),
        ("reserve", "committee_decided"),
        ("agree", "agreement_signed"),
        ("file_settlement", "tranches_settled"),
        ("finalize", "settlement_filed"),
        ("finalize", "expenses_decided"),
        ("close", "returns_paid"),
        ("advance", "intake_over"),
    ],
)
def test_a_step_without_the_guard_that_audits_ask_for_is_refused(event, guard):
    index = row(RULES, event)
    kept = tuple(each for each in RULES.transitions[index].guards if each != guard)
    assert of(with_row(RULES, index, guards=kept), blocks=True) == {(f"transitions.{index}.guards", f"needs_{guard}")}


def test_another_name_for_a_step_does_not_go_round_its_guard():
    around = replace(RULES.transitions[row(RULES, "select")], event="favour", guards=())
    rules = replace(RULES, transitions=(*RULES.transitions, around))
    for guard in GUARDED["select"]:
        assert (f"transitions.{len(RULES.transitions)}.guards", f"needs_{guard}") in of(rules)
    past = replace(around, start=("eligible",), end="running")
    found = of(replace(RULES, transitions=(*RULES.transitions, past)))
    where = f"transitions.{len(RULES.transitions)}.guards"
    assert {(where, "needs_committee_decided"), (where, "needs_agreement_signed")} <= found


def test_reviews_have_to_be_in_before_an_application_leaves_their_state():
    index = row(RULES, "advance", "interview_review")
    assert of(with_row(RULES, index, guards=())) == {(f"transitions.{index}.guards", "needs_reviews_in")}


@pytest.mark.parametrize(
    ("tranche", "gate"),
    [
        (0, "agreement_signed"),
        (0, "no_overdue_return"),
        (0, "account_known"),
        (1, "agreement_signed"),
        (1, "earlier_tranches_paid"),
        (1, "interim_passed"),
        (1, "no_overdue_return"),
    ],
)
def test_a_tranche_without_its_gate_is_refused(tranche, gate):
    plan = list(RULES.tranches)
    plan[tranche] = replace(plan[tranche], gates=tuple(each for each in plan[tranche].gates if each != gate))
    found = of(replace(RULES, tranches=tuple(plan)), blocks=True)
    assert found == {(f"tranches.{tranche}.gates", f"needs_{gate}")}


def parts(*amounts: dict) -> Definition:
    first, later = RULES.tranches
    gates = [first.gates, *([later.gates] * (len(amounts) - 1))]
    return replace(
        RULES, tranches=tuple(TranchePlan(**each, gates=of_) for each, of_ in zip(amounts, gates, strict=True))
    )


@pytest.mark.parametrize(
    ("amounts", "code"),
    [
        ([{"percent": 70}, {"percent": 20}], "tranches_not_hundred"),
        ([{"percent": 70}, {"percent": 40}], "tranches_not_hundred"),
        ([{"percent": 100}, {}], "tranches_not_hundred"),
        ([{"amount_won": 1_000_000}, {"percent": 30}], "last_tranche_not_rest"),
        ([{"amount_won": 1_000_000}, {"amount_won": 1_000_000}], "last_tranche_not_rest"),
        ([{}, {"percent": 30}], "tranche_empty"),
        ([{"percent": 70, "amount_won": 5}, {}], "tranche_twice"),
        ([{"amount_won": 6_000_000}, {}], "tranche_over_project"),
    ],
)
def test_tranches_that_do_not_add_up_are_refused(amounts, code):
    assert code in {found for _path, found in of(parts(*amounts), blocks=True)}


@pytest.mark.parametrize(
    "amounts",
    [
        [{"percent": 70}, {"percent": 30}],
        [{"percent": 70}, {}],
        [{"amount_won": 1_000_000}, {}],
        [{"amount_won": 1_000_000}, {"percent": 50}, {}],
        [{"percent": 100}],
        [{}],
    ],
)
def test_tranches_that_add_up_are_taken(amounts):
    assert of(parts(*amounts), blocks=True) == set()


def test_states_that_nobody_reaches_or_leaves_are_named():
    draft, *others = RULES.states
    island = replace(others[0], key="island", phase="review")
    count = len(RULES.states)
    found = of(replace(RULES, states=(*RULES.states, island)))
    assert found == {(f"states.{count}.key", "state_unreachable"), (f"states.{count}.key", "state_dead_end")}
    lost = with_row(RULES, row(RULES, "advance", "deliberation"), end="nowhere")
    assert (f"transitions.{row(RULES, 'advance', 'deliberation')}.end", "state_unknown") in of(lost)
    assert ("states", "draft_missing") in of(replace(RULES, states=tuple(others)))
    assert ("states.0.key", "key_repeated") not in of(replace(RULES, states=(draft, draft, *others)))
    assert ("states.1.key", "key_repeated") in of(replace(RULES, states=(draft, draft, *others)))


def test_a_process_needs_its_steps_and_their_roles():
    without = tuple(each for each in RULES.transitions if each.event not in ("submit", "close"))
    found = of(replace(RULES, transitions=without))
    assert {("transitions", "no_submit"), ("transitions", "no_close")} <= found
    index = row(RULES, "select")
    assert (f"transitions.{index}.role", "role_unfit") in of(with_row(RULES, index, role="applicant"))
    assert (f"transitions.{index}.end", "event_leads_elsewhere") in of(with_row(RULES, index, end="closed"))
    twice = replace(RULES, transitions=(*RULES.transitions, RULES.transitions[index]))
    assert (f"transitions.{len(RULES.transitions)}.start", "step_unclear") in of(twice)
    strange = with_row(RULES, index, guards=(*RULES.transitions[index].guards, "moon_full"))
    assert (f"transitions.{index}.guards", "guard_unknown") in of(strange)


def test_stages_and_embargo_fit_the_states():
    index, reserve = (([each.key for each in RULES.states].index(key)) for key in ("selected", "reserve"))

    def state(index=index, **changed):
        states = list(RULES.states)
        states[index] = replace(states[index], **changed)
        return replace(RULES, states=tuple(states))

    assert (f"states.{index}.embargo", "embargo_unknown") in of(state(embargo="moon"))
    assert (f"states.{index}.embargo", "embargo_tells") in of(state(embargo="rejected"))
    for place in (index, reserve):  # the announcement would never find it
        assert of(state(place, embargo=None), blocks=True) == {(f"states.{place}.embargo", "embargo_missing")}
    assert (f"states.{index}.stage", "stage_unknown") in of(state(stage="moon"))
    unused = replace(RULES, stages=(*RULES.stages, replace(RULES.stages[0], key="site_review")))
    assert of(unused) == {("stages.2.key", "stage_unused")}
    high = replace(RULES, stages=(replace(RULES.stages[0], pass_tenths=1001), RULES.stages[1]))
    assert of(high) == {("stages.0.pass_tenths", "pass_over_most")}


def with_fields(*fields: Field) -> Definition:
    return replace(RULES, form=replace(RULES.form, fields=fields))


def test_the_form_has_what_the_program_reads():
    title, *others = RULES.form.fields
    assert ("form.fields", "field_missing_title") in of(with_fields(*others))
    asked = [each for each in RULES.form.fields if each.key != "requested_won"]
    assert ("form.fields", "field_missing_requested_won") in of(with_fields(*asked))
    assert ("form.fields.0.kind", "field_kind_unfit") in of(with_fields(replace(title, kind="number"), *others))
    assert ("form.fields.0.required", "field_must_be_required") in of(
        with_fields(replace(title, required=False), *others)
    )
    count = len(RULES.form.fields)
    more = Field("kind", "choice", Words("종류"))
    assert of(with_fields(*RULES.form.fields, more)) == {(f"form.fields.{count}.choices", "choices_missing")}
    second = Field("others", "members", Words("다른 사람"))
    assert of(with_fields(*RULES.form.fields, second)) == {(f"form.fields.{count}.key", "field_key_unfit")}
    twice = Field("title", "text", Words("또"))
    assert (f"form.fields.{count}.key", "key_repeated") in of(with_fields(*RULES.form.fields, twice))
    wide = Field("how_many", "number", Words("몇"), least=5, most=4)
    assert of(with_fields(*RULES.form.fields, wide)) == {(f"form.fields.{count}.most", "least_over_most")}
    blank = Field("blank", "text", Words(" "))
    assert of(with_fields(*RULES.form.fields, blank)) == {(f"form.fields.{count}.label.ko", "label_missing")}


def test_ceilings_fit_each_other():
    assert of(replace(RULES, limits=Limits(project_won=5, group_won=4))) == {
        ("limits.group_won", "limit_under_project")
    }
    found = of(replace(RULES, limits=Limits(project_won=5, dong_won=20, district_won=10)), blocks=True)
    assert found == {("limits.district_won", "limit_under_dong")}
    assert ("limits.project_won", "no_project_limit") in of(replace(RULES, limits=Limits()), blocks=False)

    def costs(*categories):
        return replace(RULES, settlement=replace(RULES.settlement, categories=categories))

    item = CostItem("one", Words("하나"), ceiling_percent=40)
    narrow = CostCategory("all", Words("모두"), (item,), ceiling_percent=30)
    path = "settlement.categories"
    assert of(costs(narrow)) == {
        (f"{path}.0.items.0.ceiling_percent", "item_over_category"),
        (path, "ceilings_under_hundred"),
    }
    assert of(costs(replace(narrow, ceiling_percent=None))) == set()


def test_requirements_and_findings_are_known():
    rules = replace(
        RULES,
        requirements=(
            Requirement("moon_full"),
            Requirement("members_at_least", ("three",)),
            Requirement("kind_in", ("aliens",)),
            Requirement("account_known"),
            Requirement("account_known"),
        ),
        settlement=replace(
            RULES.settlement,
            findings={"moon": "off", "spent_after_period": "flag", "photo_alike": "block", "payee_is_member": "off"},
        ),
    )
    assert of(rules) == {
        ("requirements.0.rule", "requirement_unlisted"),
        ("requirements.1.value", "requirement_number"),
        ("requirements.2.value", "requirement_kinds"),
        ("requirements.4.rule", "key_repeated"),
        ("settlement.findings.moon", "finding_unknown"),
        ("settlement.findings.spent_after_period", "finding_fixed"),
    }


def test_self_contribution_is_asked_for_and_waited_for():
    without = [each for each in RULES.form.fields if each.key != "self_contribution_won"]
    rules = replace(with_fields(*without), settlement=replace(RULES.settlement, self_percent=10))
    assert ("form.fields", "field_missing_self") in of(rules)
    plan = (
        replace(RULES.tranches[0], gates=("agreement_signed", "no_overdue_return", "account_known")),
        RULES.tranches[1],
    )
    needs = replace(RULES, tranches=plan, settlement=replace(RULES.settlement, self_percent=10))
    assert of(needs) == {("tranches.0.gates", "needs_self_contribution_deposited")}


def test_every_problem_has_a_sentence():
    sources = getsource(consistency) + getsource(consistency_course)
    codes = set(re.findall(r'Problem\((?:f?"[^"]*"|path), "([a-z_]+)"', sources))
    codes |= {f"field_missing_{key}" for key in ("title", "requested_won", "self")}
    codes |= {f"no_{event}" for event in (*EVENTS, "withdraw")}
    guards = {guard for needed in GUARDED.values() for guard in needed}
    guards |= {*FIRST_GATES, *LATER_GATES, "self_contribution_deposited", "intake_over", "reviews_in"}
    codes |= {f"needs_{guard}" for guard in guards}
    assert len(codes) > 60
    assert guards <= set(known().guards)
    assert sorted(code for code in codes if code not in SENTENCES) == []
