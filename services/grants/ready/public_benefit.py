"""비영리민간단체 공익활동 지원: registered organisations, twelve fields of work, up to 30 million won, three review
stages, 70 % and 30 % around the interim evaluation. Source: issue 4 and what the city's October 2020 report tells of
its programme ("공모사업 최종선정 : 12개 분야 162개 단체"). It does not name the fields; these are ours."""

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
FIELDS = (
    ("civil_society", "시민사회·자치", "Civil society and self-government"),
    ("volunteering", "자원봉사·나눔", "Volunteering and giving"),
    ("care", "복지·돌봄", "Welfare and care"),
    ("inclusion", "인권·사회통합", "Human rights and inclusion"),
    ("youth", "아동·청소년", "Children and young people"),
    ("equality", "성평등·가족", "Gender equality and families"),
    ("environment", "환경·기후", "Environment and climate"),
    ("safety", "안전·재난", "Safety and disasters"),
    ("peace", "평화·통일", "Peace and reunification"),
    ("culture", "문화·역사", "Culture and history"),
    ("consumers", "소비자·생활경제", "Consumers and household economy"),
    ("exchange", "국제교류·협력", "International exchange"),
)
"""The fields of work: every call takes all of them, and reviewers are assigned by those that they know."""


def definition() -> Definition:
    return Definition(
        label=w("비영리민간단체 공익활동 지원", "Public-benefit work of non-profit organisations"),
        about=w(
            "등록된 비영리민간단체의 공익사업을 사업당 3천만 원까지 돕습니다.",
            "Helps public-benefit projects of registered non-profit organisations, up to 30 million won each.",
        ),
        strands=tuple(Strand(key, w(ko, en), required=True) for key, ko, en in FIELDS),
        form=Form(
            1,
            (
                title_field(),
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
