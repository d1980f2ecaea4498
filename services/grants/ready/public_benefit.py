"""비영리민간단체 공익활동 지원: registered organisations, twelve questions, three review stages, 70 % and 30 % around
the interim evaluation. Source: what issue 4 tells of the city's programme for non-profit organisations."""

from services.grants.ready.common import (
    DOCUMENT_REVIEW,
    INTERVIEW_REVIEW,
    SEVENTY_THIRTY,
    SITE_REVIEW,
    states,
    transitions,
    w,
)
from services.grants.ready.costs import ORGANISATION
from services.grants.ready.questions import (
    budget_fields,
    choice_field,
    date_field,
    files_field,
    people_field,
    story_field,
    text_field,
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

STAGES = (DOCUMENT_REVIEW, INTERVIEW_REVIEW, SITE_REVIEW)
KINDS = (
    ("integration", "사회통합", "Social cohesion"),
    ("care", "복지·돌봄", "Welfare and care"),
    ("citizens", "시민사회·자치", "Civil society"),
    ("environment", "생태·환경", "Environment"),
    ("safety", "안전·평화", "Safety and peace"),
    ("culture", "문화·나눔", "Culture and giving"),
)


def definition() -> Definition:
    return Definition(
        label=w("비영리민간단체 공익활동 지원", "Public-benefit work of non-profit organisations"),
        about=w(
            "등록된 비영리민간단체의 공익사업을 사업당 3천만 원까지 돕습니다.",
            "Helps public-benefit projects of registered non-profit organisations, up to 30 million won each.",
        ),
        strands=(Strand("public_benefit", w("공익활동 지원", "Public-benefit work"), required=True),),
        form=Form(
            1,
            (
                title_field(),
                choice_field("kind_of_work", "사업 유형", "Kind of work", KINDS),
                text_field(
                    "registration_number",
                    "단체 등록번호",
                    "Registration number",
                    "비영리민간단체 등록증에 적힌 번호",
                    "As it stands on the certificate of registration",
                    longest=20,
                ),
                story_field(
                    "record",
                    "단체 소개와 지난 활동",
                    "The organisation and its record",
                    "지난 세 해의 공익활동을 적어 주세요.",
                    "What it did for the public in the last three years.",
                ),
                story_field(
                    "plan",
                    "사업 계획",
                    "Plan",
                    "왜, 누구를 위해, 무엇을 언제 하는지 적어 주세요.",
                    "Why, for whom, what and when.",
                    longest=10_000,
                ),
                people_field("beneficiaries", "혜택을 받는 사람", "People reached"),
                date_field("starts_on", "시작하는 날", "First day"),
                date_field("ends_on", "끝나는 날", "Last day"),
                *budget_fields(),
                files_field(required=True),
            ),
        ),
        requirements=(
            Requirement("registration_required"),
            Requirement("kind_in", ("nonprofit",)),
            Requirement("active_years_at_least", 1),
            Requirement("no_overdue_return"),
        ),
        states=states(STAGES),
        transitions=transitions(STAGES),
        stages=STAGES,
        committee=Committee(seats=9),
        limits=Limits(project_won=30_000_000, group_won=30_000_000, group_awards=1),
        tranches=SEVENTY_THIRTY,
        settlement=SettlementRules(
            categories=ORGANISATION, self_percent=10, reallocation_percent=20, sanction_years=5, cash_most_won=30_000
        ),
    )
