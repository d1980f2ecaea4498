"""마을공동체 통합공모: every district runs 이웃·골목 만들기, and 공동체 모임·공간 활성화 where it wants to."""

from services.grants.ready.common import (
    DOCUMENT_REVIEW,
    INTERVIEW_REVIEW,
    SEVENTY_THIRTY,
    states,
    transitions,
    w,
)
from services.grants.ready.costs import CATEGORIES
from services.grants.ready.questions import (
    budget_fields,
    files_field,
    members_field,
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
    Strand,
)

STAGES = (DOCUMENT_REVIEW, INTERVIEW_REVIEW)


def definition() -> Definition:
    return Definition(
        label=w("마을공동체 통합공모", "Integrated call for neighbourhood communities"),
        about=w(
            "세 사람 이상의 이웃이 함께하는 마을 활동을 돕습니다.",
            "Helps what three or more neighbours do together for their neighbourhood.",
        ),
        strands=(
            Strand("neighbourhood_alley", w("이웃·골목 만들기", "Neighbours and alleys"), required=True),
            Strand("group_space", w("공동체 모임·공간 활성화", "Community groups and spaces")),
        ),
        form=Form(1, (title_field(), plan_field(), members_field(), place_field(), *budget_fields(), files_field())),
        requirements=(Requirement("members_at_least", 3), Requirement("lives_in_district")),
        states=states(STAGES),
        transitions=transitions(STAGES),
        stages=STAGES,
        committee=Committee(seats=5),
        limits=Limits(project_won=5_000_000, group_awards=1),
        tranches=SEVENTY_THIRTY,
        settlement=SettlementRules(categories=CATEGORIES, self_percent=0),
    )
