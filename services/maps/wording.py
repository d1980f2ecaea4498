"""Words for what the tables keep as identifiers, and sentences for times, in the reader's language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _

KINDS = {
    "community": lazy_gettext("마을공동체형"),
    "everyones": lazy_gettext("모두의공간"),
    "hub": lazy_gettext("거점형"),
    "public_facility": lazy_gettext("공공시설"),
}
PROVISIONS = {"purchase": lazy_gettext("매입형"), "remodel": lazy_gettext("리모델링형")}
STAGES = {
    "selected": lazy_gettext("선정"),
    "budgeted": lazy_gettext("예산 확보"),
    "workshop": lazy_gettext("공감워크숍"),
    "design": lazy_gettext("설계용역"),
    "construction": lazy_gettext("조성공사"),
    "open": lazy_gettext("운영 중"),
    "retired": lazy_gettext("운영 종료"),
}
MODES = {
    "commissioned": lazy_gettext("민간위탁"),
    "direct": lazy_gettext("직영"),
    "subsidised": lazy_gettext("민간보조"),
    "none": lazy_gettext("없음"),
}
STATES = {
    "free": lazy_gettext("예약 가능"),
    "in_use": lazy_gettext("지금 사용 중"),
    "not_open": lazy_gettext("온라인 예약 없음"),
}
STRANDS = {
    "neighbourhood_alley": lazy_gettext("이웃·골목 만들기"),
    "group_space": lazy_gettext("공동체 모임·공간 활성화"),
    "public_benefit": lazy_gettext("공익활동 지원"),
    "civil_society": lazy_gettext("시민사회·자치"),
    "volunteering": lazy_gettext("자원봉사·나눔"),
    "care": lazy_gettext("복지·돌봄"),
    "inclusion": lazy_gettext("인권·사회통합"),
    "youth": lazy_gettext("아동·청소년"),
    "equality": lazy_gettext("성평등·가족"),
    "environment": lazy_gettext("환경·기후"),
    "safety": lazy_gettext("안전·재난"),
    "peace": lazy_gettext("평화·통일"),
    "culture": lazy_gettext("문화·역사"),
    "consumers": lazy_gettext("소비자·생활경제"),
    "exchange": lazy_gettext("국제교류·협력"),
    "dong_plan": lazy_gettext("동단위 계획"),
}
FIGURES = {
    "spaces": lazy_gettext("공간"),
    "reservations": lazy_gettext("이번 달 예약"),
    "projects": lazy_gettext("선정 사업"),
    "funding": lazy_gettext("중간지원조직 예산"),
}
ACCESSIBILITY = {
    "step_free": lazy_gettext("문턱과 계단 없이 들어가요"),
    "elevator": lazy_gettext("엘리베이터"),
    "accessible_toilet": lazy_gettext("장애인 화장실"),
    "accessible_parking": lazy_gettext("장애인 주차 자리"),
    "wheelchair_desk": lazy_gettext("휠체어용 책상"),
    "hearing_loop": lazy_gettext("보청기 청취 보조 장치"),
    "braille_signs": lazy_gettext("점자 안내"),
    "tactile_paving": lazy_gettext("점자 블록"),
}
IMPORT_KINDS = {"spaces": lazy_gettext("공간 자료"), "districts": lazy_gettext("자치구 경계")}


def day_text(moment: datetime, zone: str = "Asia/Seoul") -> str:
    """The day of an instant there: "11월 23일 (월)"."""
    return _in_zone(moment, _("M월 d일 (E)"), zone)


def date_text(moment: datetime, zone: str = "Asia/Seoul") -> str:
    """The date of an instant there: "2020년 11월 23일"."""
    return _in_zone(moment, _("y년 M월 d일"), zone)


def month_text(moment: datetime, zone: str = "Asia/Seoul") -> str:
    """The month of an instant there: "2020년 11월"."""
    return _in_zone(moment, _("y년 M월"), zone)


def moment_text(moment: datetime, zone: str = "Asia/Seoul") -> str:
    """Day and time of an instant there: "11월 23일 (월) 14:00"."""
    return _in_zone(moment, _("M월 d일 (E) HH:mm"), zone)


def clock_text(moment: datetime, zone: str = "Asia/Seoul") -> str:
    """The time of an instant there: "14:00"."""
    return _in_zone(moment, "HH:mm", zone)


def _in_zone(moment: datetime, pattern: str, zone: str) -> str:
    return format_datetime(moment, pattern, tzinfo=ZoneInfo(zone), locale=get_locale() or "ko")


GLOBALS = {
    "kinds": KINDS,
    "provisions": PROVISIONS,
    "stages": STAGES,
    "modes": MODES,
    "states": STATES,
    "strands": STRANDS,
    "figures": FIGURES,
    "import_kinds": IMPORT_KINDS,
    "accessibility_words": ACCESSIBILITY,
    "day_text": day_text,
    "date_text": date_text,
    "month_text": month_text,
    "moment_text": moment_text,
    "clock_text": clock_text,
}
"""What every template of maps may use."""
