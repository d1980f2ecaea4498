"""What the search page says: times to press, distances, ready-made questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.booking.rules.hours import clock_of
from services.booking.search.terms import Hit, Search
from services.booking.wording import day_text
from shared.web.navigation import service_url

SHOWN_DAYS, SHOWN_TIMES = 4, 8
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
GIVEN_UP = {
    "hours": lazy_gettext("같은 날 다른 시간"),
    "days": lazy_gettext("그다음 한 주"),
    "place": lazy_gettext("가까운 다른 곳"),
    "length": lazy_gettext("더 짧게"),
    "equipment": lazy_gettext("비품 조건 없이"),
    "fee": lazy_gettext("사용료 조건 없이"),
}


def times_of(hit: Hit, search: Search) -> list[dict[str, Any]]:
    """The free starts by day: [{"day", "times": [(clock, href)], "more": how many are not shown}]."""
    zone = ZoneInfo(hit.zone)
    by_day: dict[date, list[datetime]] = {}
    for start in hit.starts:
        by_day.setdefault(start.astimezone(zone).date(), []).append(start)
    shown = list(by_day.items())[:SHOWN_DAYS]
    return [
        {
            "day": day_text(day),
            "times": [(clock_of(start, day, zone), reserve_href(hit, start, search)) for start in _first(starts)],
            "more": len(starts) - len(_first(starts)),
        }
        for day, starts in shown
    ]


def _first(starts: Sequence[datetime]) -> Sequence[datetime]:
    """Those that are shown: the words "1 more" would take the place of the last one, so it stands there itself."""
    return starts if len(starts) <= SHOWN_TIMES + 1 else starts[:SHOWN_TIMES]


def days_more(hit: Hit) -> int:
    """How many days with free times are not shown."""
    zone = ZoneInfo(hit.zone)
    return max(0, len({start.astimezone(zone).date() for start in hit.starts}) - SHOWN_DAYS)


def reserve_href(hit: Hit, start: datetime, search: Search) -> str:
    """The reserve form filled with this time and the number of people."""
    zone = ZoneInfo(hit.zone)
    day = start.astimezone(zone).date()
    end = start + timedelta(minutes=search.minutes)
    asked: dict[str, Any] = {
        name: f"{day}T{clock_of(each, day, zone)}" for name, each in (("start", start), ("end", end))
    }
    if search.people > 1:
        asked["people"] = search.people
    return service_url("booking", f"/units/{hit.unit_id}/reserve") + "?" + urlencode(asked, safe=":")


def distance_text(meters: int | None) -> str | None:
    """ "350 m" or "1.2 km"."""
    if meters is None:
        return None
    return f"{round(meters, -1)} m" if meters < 1000 else f"{meters / 1000:.1f} km"


def presets(asked: Mapping[str, Any], today: date) -> list[tuple[str, str]]:
    """Ready-made questions of time, (label, href), that keep the place and the people asked for."""
    kept = [(name, str(asked[name])) for name in ("text", "district", "near", "people", "view") if asked.get(name)]
    kept += [("access", code) for code in asked.get("access") or ()]
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    sunday = saturday + timedelta(days=1)
    first = today if today.weekday() == 6 else saturday  # on a Sunday this weekend is today
    month_end = (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    afternoon, evening = ("12:00", "18:00"), ("18:00", "22:00")
    tomorrow = today + timedelta(days=1)
    last = sunday if first == saturday else today
    choices: list[tuple[str, date, date, tuple[str, str], tuple[int, ...]]] = [
        (_("오늘 저녁"), today, today, evening, ()),
        (_("내일 오후"), tomorrow, tomorrow, afternoon, ()),
        (_("이번 주말 오후"), first, last, afternoon, ()),
        (_("다음 주 평일 저녁"), *_next_week(today), evening, ()),
    ]
    if (month_end - today).days >= 7:
        choices.append((_("이번 달 토요일 오후"), today, month_end, afternoon, (6,)))
    links = []
    for label, day, until, (start, end), weekdays in choices:
        time = [("day", day), ("until", until), ("start", start), ("end", end), ("minutes", 120)]
        time += [("weekday", each) for each in weekdays]
        links.append((label, service_url("booking", "/") + "?" + urlencode([*kept, *time], safe=":,")))
    return links


def _next_week(today: date) -> tuple[date, date]:
    monday = today + timedelta(days=7 - today.weekday())
    return monday, monday + timedelta(days=4)
