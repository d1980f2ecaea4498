"""Words of rules, repetitions and the trail: in both languages, and none left out."""

import ast
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

import services.booking
from services.booking.audit_trail import OWNED
from services.booking.rules.recurrence import Recurrence
from services.booking.wording.audit import ACTIONS, NUMBERED, action_text, details_text, subject_text
from services.booking.wording.recurrence import recurrence_text, weekday_names
from services.booking.wording.rules import quota_text
from shared.web.i18n import speaking
from shared.web.wording import closures_text, length_text

BOOKING = Path(services.booking.__file__).parent
TRANSLATIONS = BOOKING / "translations"
FIRST = date(2026, 11, 24)  # a Tuesday


def recorded() -> Iterator[tuple[str, str]]:
    """(action, kind of the subject) of each call of `record` that names both in so many words."""
    for file in BOOKING.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "record":
                action, subject = call.args[4:6]
                start = subject.values[0] if isinstance(subject, ast.JoinedStr) else subject
                if isinstance(action, ast.Constant) and isinstance(start, ast.Constant):
                    yield str(action.value), str(start.value).partition(":")[0]


def test_what_the_trail_of_a_space_shows_has_words():
    found = set(recorded())
    assert len(found) > 20
    assert {action for action, kind in found if kind in (*OWNED, "space")} - set(ACTIONS) == set()
    assert set(OWNED) - set(NUMBERED) == set()


@pytest.mark.parametrize(
    ("language", "action", "subject", "details"),
    [
        ("ko", "예약함", "예약 12", "공간 3 · 상태 예약 확정"),
        ("en", "Reserved", "Reservation 12", "Room 3 · State Confirmed"),
    ],
)
def test_a_row_of_the_trail_in_words(language, action, subject, details):
    with speaking(language, TRANSLATIONS):
        assert action_text("reservation.made") == action
        assert subject_text("reservation:12") == subject
        assert details_text({"unit_id": 3, "status": "confirmed", "reason": None}) == details


def test_what_has_no_words_keeps_its_code():
    with speaking("en", TRANSLATIONS):
        assert action_text("unheard.of") == "unheard.of"
        assert subject_text("account:-1") == "account:-1"
        assert details_text({"before": {"a": True, "b": None}, "after": [1, None]}) == "Before (a Yes) · After 1, –"


RULES = (
    (Recurrence(first=FIRST, every="day", interval=1, count=5), "매일, 5번", "Every day, 5 in all"),
    (
        Recurrence(first=FIRST, every="week", interval=2, weekdays=frozenset({2, 4}), until=date(2027, 3, 1)),
        "2주마다 화·목요일, 2027년 3월 1일까지",
        "Every 2 weeks on Tue, Thu, until 1 March 2027",
    ),
    (
        Recurrence(first=FIRST, every="month", interval=1, nth=(-1, 5)),
        "매월 마지막 금요일",
        "Every month on the last Fri",
    ),
    (
        Recurrence(first=FIRST, every="month", interval=3, month_day=-1),
        "3달마다 말일",
        "Every 3 months on the last day",
    ),
)


@pytest.mark.parametrize(("rule", "korean", "english"), RULES)
def test_a_repetition_in_words(rule, korean, english):
    with speaking("ko", TRANSLATIONS):
        assert recurrence_text(rule) == korean
    with speaking("en", TRANSLATIONS):
        assert recurrence_text(rule) == english


def test_rules_in_words():
    with speaking("ko", TRANSLATIONS):
        assert quota_text("person", "week", 2) == "한 사람 한 주 2번"
        assert [length_text(timedelta(hours=hours)) for hours in (24, 36, 48, 168)] == [
            "24시간",
            "36시간",
            "2일",
            "7일",
        ]
        assert weekday_names()[0] == (1, "월")
    with speaking("en", TRANSLATIONS):
        assert quota_text("group", "month", 1) == "1 a month per group"
        assert length_text(timedelta(days=3)) == "3 days"
        assert length_text(timedelta(hours=49)) == "49 h"
        assert closures_text({"weekdays": [1], "holidays": True}) == "every Monday, public holidays"
