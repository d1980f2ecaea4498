"""구단위 계획형: what several dongs of a district plan together; a district has 200 million won of it in a call."""

from services.grants.ready.common import (
    DOCUMENT_REVIEW,
    INTERVIEW_REVIEW,
    PLAN_RUBRIC,
    SEVENTY_THIRTY,
    states,
    transitions,
    w,
)
from services.grants.ready.costs import PLAN
from services.grants.ready.questions import (
    budget_fields,
    files_field,
    members_field,
    people_field,
    place_field,
    plan_field,
    story_field,
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

STAGES = (
    Stage("document_review", DOCUMENT_REVIEW.label, reviewers=5, days=14, rubric=PLAN_RUBRIC, pass_tenths=600),
    Stage("interview_review", INTERVIEW_REVIEW.label, reviewers=5, days=7, rubric=PLAN_RUBRIC, pass_tenths=600),
)


def definition() -> Definition:
    return Definition(
        label=w("구단위 계획형 시민참여예산", "District plans of the citizens' budget"),
        about=w(
            "여러 동이 함께 풀 일을 자치구의 계획으로 돕습니다. 사업당 1억 원, 자치구마다 모두 2억 원까지입니다.",
            "Helps what several dongs tackle together: up to 100 million won a project, 200 million a district.",
        ),
        strands=(Strand("district_plan", w("구단위 계획", "District plan"), required=True),),
        form=Form(
            1,
            (
                title_field(),
                plan_field(),
                story_field(
                    "dongs",
                    "함께하는 동과 그 역할",
                    "The dongs and what each does",
                    "두 동 이상이 맡은 일을 적어 주세요.",
                    "Two dongs at least, and their parts.",
                ),
                people_field("assembly_votes", "주민총회에서 뜻을 모은 사람", "Residents who voted"),
                members_field(10),
                place_field(),
                *budget_fields(),
                files_field(required=True),
            ),
        ),
        requirements=(
            Requirement("members_at_least", 10),
            Requirement("lives_in_district"),
            Requirement("kind_in", ("residents", "council", "nonprofit")),
            Requirement("no_overdue_return"),
        ),
        states=states(STAGES),
        transitions=transitions(STAGES),
        stages=STAGES,
        committee=Committee(seats=9, quorum="at_least_two_thirds"),
        limits=Limits(project_won=100_000_000, district_won=200_000_000),
        tranches=SEVENTY_THIRTY,
        settlement=SettlementRules(categories=PLAN, reallocation_percent=20, cash_most_won=30_000),
    )
