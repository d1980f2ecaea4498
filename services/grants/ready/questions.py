"""The questions that ready-made forms share. The program itself reads those of `rules.definition.KNOWN_FIELDS`."""

from __future__ import annotations

from services.grants.ready.common import w
from services.grants.rules.definition import Choice, Field


def title_field() -> Field:
    return Field("title", "text", w("사업명", "Project title"), longest=120)


def plan_field() -> Field:
    return Field(
        "plan",
        "long_text",
        w("사업 계획", "Plan"),
        w("누구와, 무엇을, 언제 하는지 적어 주세요.", "Write with whom you do what, and when."),
        longest=10_000,
    )


def members_field(least: int = 3) -> Field:
    return Field(
        "members",
        "members",
        w("함께하는 사람", "Members"),
        w(
            "이름과 태어난 해, 사는 곳을 적어 주세요.",
            "Write their names, years of birth and where they live.",
        ),
        least=least,
        most=200,
    )


def budget_fields() -> tuple[Field, ...]:
    return (
        Field("requested_won", "won", w("신청 금액", "Amount asked for"), least=1),
        Field("self_contribution_won", "won", w("자부담", "Self-contribution"), least=0),
        Field(
            "budget",
            "budget",
            w("예산표", "Budget"),
            w(
                "비목마다 보조금과 자부담을 적습니다. 합이 신청 금액과 자부담과 같아야 합니다.",
                "For each category the grant and your own money. They add up to the two amounts above.",
            ),
        ),
    )


def place_field(required: bool = False) -> Field:
    return Field(
        "place",
        "place",
        w("사업을 할 곳", "Where it happens"),
        w("공간을 고르거나 지도에서 짚어 주세요.", "Choose a space, or point at the map."),
        required=required,
    )


def files_field(required: bool = False) -> Field:
    return Field(
        "files",
        "files",
        w("첨부 파일", "Attachments"),
        w("계획서, 사진, 고유번호증 등 (파일마다 20MB까지)", "Plans, photographs, certificates (up to 20 MB each)"),
        required=required,
        most=10,
    )


def text_field(key: str, ko: str, en: str, hint_ko: str = "", hint_en: str = "", longest: int = 120) -> Field:
    return Field(key, "text", w(ko, en), w(hint_ko, hint_en), longest=longest)


def story_field(key: str, ko: str, en: str, hint_ko: str, hint_en: str, longest: int = 3_000) -> Field:
    return Field(key, "long_text", w(ko, en), w(hint_ko, hint_en), longest=longest)


def date_field(key: str, ko: str, en: str) -> Field:
    return Field(key, "date", w(ko, en))


def choice_field(key: str, ko: str, en: str, choices: tuple[tuple[str, str, str], ...]) -> Field:
    return Field(key, "choice", w(ko, en), choices=tuple(Choice(key, w(ko, en)) for key, ko, en in choices))


def people_field(key: str, ko: str, en: str) -> Field:
    return Field(key, "number", w(ko, en), w("명", "people"), least=1, most=1_000_000)
