"""마을활력소 사업비: making and keeping a community space; the site is seen before anything is decided, and the last
part is paid when the works are checked."""

from services.grants.ready.common import (
    DOCUMENT_REVIEW,
    FIRST_GATES,
    SECOND_GATES,
    SITE_REVIEW,
    criterion,
    states,
    transitions,
    w,
)
from services.grants.ready.costs import SPACE
from services.grants.ready.questions import (
    budget_fields,
    choice_field,
    files_field,
    members_field,
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
    TranchePlan,
)

RUBRIC = (
    criterion("need", "필요성", "Need", 20, "가까이에 다른 공간이 있는가", "Is there another space near by"),
    criterion("use", "이용 계획", "Use", 30, "누가 얼마나 자주 쓰는가", "Who uses it, and how often"),
    criterion("keeping", "운영 능력", "Keeping it", 30, "누가 문을 열고 돌보는가", "Who opens and looks after it"),
    criterion("works", "시설 계획", "Works", 20, "안전하고 누구나 쓸 수 있는가", "Is it safe, and open to everyone"),
)
STAGES = (
    Stage("document_review", DOCUMENT_REVIEW.label, reviewers=3, days=10, rubric=RUBRIC, pass_tenths=600),
    Stage("site_review", SITE_REVIEW.label, reviewers=2, days=14, rubric=RUBRIC, pass_tenths=700),
)
WORK = (
    ("making", "새로 만들기", "Making a new one"),
    ("repair", "고치기", "Repair"),
    ("keeping", "운영하기", "Keeping it"),
)


def definition() -> Definition:
    return Definition(
        label=w("마을활력소 사업비", "Funding of community spaces"),
        about=w(
            "마을활력소를 만들고 고치고 운영하는 주민 모임을 1억 원까지 돕습니다.",
            "Helps residents who make, repair or keep a community space, up to 100 million won.",
        ),
        strands=(
            Strand("space_making", w("공간 조성", "Making a space"), required=True),
            Strand("space_keeping", w("공간 운영", "Keeping a space")),
        ),
        form=Form(
            1,
            (
                title_field(),
                choice_field("work", "하려는 일", "What is to be done", WORK),
                place_field(required=True),
                plan_field(),
                story_field(
                    "keeping",
                    "운영 계획",
                    "How it will be kept",
                    "여는 시간, 맡을 사람, 이용 규칙을 적어 주세요.",
                    "Opening hours, who is in charge, rules of use.",
                ),
                members_field(5),
                *budget_fields(),
                files_field(required=True),
            ),
        ),
        requirements=(
            Requirement("members_at_least", 5),
            Requirement("lives_in_district"),
            Requirement("no_overdue_return"),
        ),
        states=states(STAGES),
        transitions=transitions(STAGES),
        stages=STAGES,
        committee=Committee(seats=7),
        limits=Limits(project_won=100_000_000, group_awards=1, district_won=300_000_000),
        tranches=(
            TranchePlan(percent=50, gates=FIRST_GATES),
            TranchePlan(percent=30, gates=SECOND_GATES),
            TranchePlan(percent=20, gates=SECOND_GATES),
        ),
        settlement=SettlementRules(
            categories=SPACE, self_percent=10, reallocation_percent=10, sanction_years=5, cash_most_won=30_000
        ),
    )
