"""동단위 계획형 (시민참여예산): what a dong's residents' council planned, 30 million won for each dong in all."""

from services.grants.ready.common import DOCUMENT_REVIEW, PLAN_RUBRIC, SEVENTY_THIRTY, states, transitions, w
from services.grants.ready.costs import PLAN
from services.grants.ready.questions import (
    budget_fields,
    date_field,
    files_field,
    members_field,
    people_field,
    place_field,
    plan_field,
    title_field,
)
from services.grants.rules.definition import (
    Committee,
    Definition,
    Form,
    Limits,
    Requirement,
    SettlementRules,
    Stage,
    Strand,
)

STAGES = (Stage("document_review", DOCUMENT_REVIEW.label, reviewers=3, days=14, rubric=PLAN_RUBRIC, pass_tenths=500),)


def definition() -> Definition:
    return Definition(
        label=w("동단위 계획형 시민참여예산", "Dong plans of the citizens' budget"),
        about=w(
            "주민자치회가 주민총회에서 정한 동의 계획을 동마다 모두 3천만 원까지 돕습니다.",
            "Helps what a residents' council planned and its assembly decided, up to 30 million won for a dong in all.",
        ),
        strands=(Strand("dong_plan", w("동단위 계획", "Dong plan"), required=True),),
        form=Form(
            1,
            (
                title_field(),
                plan_field(),
                date_field("assembly_on", "주민총회를 연 날", "Day of the residents' assembly"),
                people_field("assembly_votes", "주민총회에서 뜻을 모은 사람", "Residents who voted"),
                members_field(5),
                place_field(required=True),
                *budget_fields(),
                files_field(),
            ),
        ),
        requirements=(
            Requirement("members_at_least", 5),
            Requirement("lives_in_district"),
            Requirement("kind_in", ("residents", "council")),
            Requirement("no_overdue_return"),
        ),
        states=states(STAGES),
        transitions=transitions(STAGES),
        stages=STAGES,
        committee=Committee(seats=7),
        limits=Limits(project_won=30_000_000, dong_won=30_000_000),
        tranches=SEVENTY_THIRTY,
        settlement=SettlementRules(categories=PLAN, reallocation_percent=30),
    )
