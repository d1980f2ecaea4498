"""The living page: every token and every building block of the pages, with example data, in the reader's language.

It is how a change of the design is looked at, and what the browser tests check for accessibility.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, render_template
from flask_babel import format_date
from flask_babel import gettext as _

from shared.clock import now
from shared.identity.access import ANYONE, allow
from shared.web.i18n import SEOUL

design = Blueprint("design", __name__)

COLOURS = (
    ("paper", "surface", "sunken", "line", "line-strong", "ink", "ink-soft", "focus"),
    ("pine", "pine-strong", "pine-tint", "wood", "wood-tint", "wood-line", "beam", "plank"),
    (
        "info-tint",
        "info-ink",
        "success-tint",
        "success-ink",
        "warning-tint",
        "warning-ink",
        "danger-tint",
        "danger-ink",
    ),
    tuple(f"ramp-{step}" for step in range(6)),
)
STAGES = ("selected", "budgeted", "workshop", "design", "construction", "open", "retired")
ICONS = (
    *("check", "cross", "plus", "minus", "warning", "info", "left", "right", "up", "down", "calendar", "clock"),
    *("hourglass", "pin", "map", "home", "people", "user", "won", "search", "document", "chart", "download"),
    *("print", "lock", "globe", "phone", "bell"),
)


@design.get("/design")
@allow(ANYONE)
def show() -> str:
    """The page; its messages are flashed so that the region of base.html shows too."""
    today = now().astimezone(ZoneInfo(SEOUL)).date()
    flash(_("예약했습니다. 달력에 넣을 수 있습니다."), "success")
    return render_template(
        "maru/design.html",
        colours=COLOURS,
        icons=ICONS,
        stages=list(zip(STAGES, stage_names(), strict=True)),
        errors={
            "people": [_("정원은 20명입니다. 인원을 줄이거나 다른 공간을 골라 주세요.")],
            "agree": [_("꼭 확인해 주세요.")],
        },
        typed={"title": _("반찬 나눔 모임"), "people": "45", "kind": "meeting", "equipment": ["beam"], "on": today},
        week=week(today),
        districts=districts(),
        steps=steps(),
    )


def stage_names() -> list[str]:
    """The stages of making a space, in the order of `STAGES`."""
    return [_("선정"), _("예산 확보"), _("공감워크숍"), _("설계"), _("공사"), _("운영"), _("종료")]


def week(today: date) -> list[dict[str, Any]]:
    """The week from Monday on, with every state of a slot and a day that is closed."""
    monday = today - timedelta(days=today.weekday())
    return [_day(monday + timedelta(days=number), number, today) for number in range(7)]


def _day(day: date, number: int, today: date) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "date": day,
        "label": format_date(day, "EEE M. d."),
        "today": day == today,
        "closed_reason": _("정기 휴관") if number == 6 else None,
        "slots": [],
    }
    if number == 6:
        return shown
    taken = {
        0: {11: ("reserved", 3)},
        1: {13: ("pending", 2)},
        2: {10: ("reserved", 1), 14: ("mine", 2)},
        3: {12: ("closed", 1), 17: ("held", 2)},
        4: {9: ("reserved", 4)},
        5: {15: ("reserved", 3)},
    }[number]
    shown["slots"] = list(_slots(taken, "past" if day < today else "free"))
    return shown


def _slots(taken: dict[int, tuple[str, int]], otherwise: str) -> Iterable[dict[str, Any]]:
    hour = 9
    while hour < 21:
        state, length = taken.get(hour, (otherwise, 1))
        end = min(hour + length, 21)
        yield {
            "start": f"{hour:02}:00",
            "end": f"{end:02}:00",
            "state": state,
            "href": "#week" if state in ("free", "mine") else None,
        }
        hour = end


def districts() -> list[dict[str, Any]]:
    """Rows of a table, one of them with a name that tries to be a script."""
    return [
        {"name": _("동작구"), "mode": _("민간위탁"), "spaces": 6, "won": "212,000,000", "rate": "71.4%"},
        {"name": _("성북구"), "mode": _("직영"), "spaces": 9, "won": "188,500,000", "rate": "64.0%"},
        {"name": "<script>alert(1)</script>", "mode": None, "spaces": 0, "won": "0", "rate": None},
    ]


def steps() -> list[dict[str, Any]]:
    """An application on its way."""
    return [
        {"label": _("접수"), "state": "done", "date": "2026-03-02"},
        {"label": _("서류심사"), "state": "done", "date": "2026-03-12", "note": _("보완 자료를 받았습니다.")},
        {"label": _("면접심사"), "state": "current", "note": _("3월 20일 14:00, 동작구 마을자치센터")},
        {"label": _("협약"), "state": "next"},
        {"label": _("교부"), "state": "next"},
    ]
