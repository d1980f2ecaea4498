"""Finding calls: what the list, the calendar and the map share, the calendar, the map, and the file of deadlines."""

from __future__ import annotations

import re
from calendar import Calendar
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from babel.dates import get_day_names
from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, format_date, get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.grants import discovering
from services.grants.deadline_file import Deadline, calendar_file
from services.grants.discovering import CITY, Standing, Wanted
from services.grants.models import Call
from services.grants.pages.words import (
    district_choices,
    moment,
    programme,
    programme_choices,
    programme_rules,
    strand,
    told,
    won,
)
from services.grants.policy import city_date
from services.grants.schemas.discovering import CallQuery
from services.grants.wording.discovering import MARK_TONES, MARKS, left
from shared import clock
from shared.districts import BY_CODE, DISTRICTS, name_of
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.city_map import Rendered, district_data, ground, map_labels, schematic_shapes
from shared.web.errors import field_sentences, refusal_of_validation
from shared.web.i18n import LANGUAGES
from shared.web.navigation import service_url
from shared.web.pages import database

FILTERS = ("q", "district", "state", "strand", "programme")
SHADES = 5
IN_CELL = 4
"""So many entries a day shows at once; the rest unfolds."""
CALENDAR = "text/calendar; charset=utf-8"


def calendar() -> ResponseReturnValue:
    """A month: when calls open, close, and tell their results."""
    now, (_page, wanted, errors) = clock.now(), asked()
    today = city_date(now)
    first = _month(request.args.get("month", "")) or today.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    with database().read() as session:
        found = discovering.marks(session, first, after - timedelta(days=1), wanted, now)
    by_day = {day: list(marks) for day, marks in groupby(found, key=lambda mark: mark.day)}
    weeks = Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    kept = {name: value for name, value in filtered().items() if name != "state"}
    html = render_template(
        "grants/calls_calendar.html",
        weeks=weeks,
        weekdays=_weekdays(),
        by_day=by_day,
        first=first,
        title=format_date(first, _("yyyy년 M월")),
        today=today,
        earlier=_link_of_month(first - timedelta(days=1), kept),
        later=_link_of_month(after, kept),
        now_month=_link_of_month(today, kept) if (first.year, first.month) != (today.year, today.month) else None,
        mark_words=MARKS,
        mark_tones=MARK_TONES,
        in_cell=IN_CELL,
        file=url_for("discover.feed", **kept),
        subscription="webcal:" + site(url_for("discover.feed", lang=_language(), **kept)).partition(":")[2],
        views=views("discover.calendar"),
        **filter_form(errors),
    )
    return html, 422 if errors else 200


def on_map() -> ResponseReturnValue:
    """Which districts have open calls, and the whole city's apart."""
    now, (_page, wanted, errors) = clock.now(), asked()
    actor = current_actor()
    with database().read() as session:
        standings = discovering.by_district(session, wanted, now)
        city, city_total = discovering.find(
            session, actor, now, Wanted(wanted.text, CITY, "open", wanted.strand, wanted.programme)
        )
    kept = {name: value for name, value in filtered().items() if name not in ("state", "district")}
    of = {each.code: standings.get(each.code, Standing()) for each in DISTRICTS}
    links = {code: url_for("calls.index", **kept, district=code) for code in of}
    html = render_template(
        "grants/calls_map.html",
        map=_drawn({code: standing.open for code, standing in of.items()}, links),
        legend_items=_legend({standing.open for standing in of.values()}),
        rows=sorted(
            ({"code": code, "standing": standing, "href": links[code]} for code, standing in of.items()),
            key=lambda row: row["standing"] == Standing(),  # those with a call first
        ),
        city=city,
        city_total=city_total,
        city_href=url_for("calls.index", **kept, district=CITY),
        left=lambda call: left(call, now),
        views=views("discover.on_map"),
        **filter_form(errors),
    )
    return html, 422 if errors else 200


def feed() -> ResponseReturnValue:
    """The deadlines of published calls as a calendar; `lang` for a program that has no language of its own."""
    _page, wanted, errors = asked()
    if errors:
        raise Refusal("invalid_input", 422, fields=errors)
    asked_language = request.args.get("lang", "")
    with force_locale(asked_language) if asked_language in LANGUAGES else nullcontext():
        with database().read() as session:
            found = discovering.deadlines(session, wanted, clock.now())
        place = _place(wanted.district)
        name = _("%(place)s 공고 마감", place=place) if place else _("마을마루 공고 마감")
        text = calendar_file(name, [_deadline(call) for call in found])
    answer = Response(text, headers={"Content-Type": CALENDAR, "Cache-Control": "public, max-age=300"})
    answer.headers["Content-Disposition"] = f'inline; filename="maru-calls{_ending(wanted.district)}.ics"'
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.add_etag()
    return answer.make_conditional(request)


def asked() -> tuple[int, Wanted, dict[str, list[str]]]:
    """What the address asks for; what of it can't be read is told and left out."""
    given = {name: value for name in (*FILTERS, "page") if (value := request.args.get(name, "").strip())}
    try:
        query, errors = CallQuery().load(given), {}
    except ValidationError as error:
        errors = field_sentences(refusal_of_validation(error))
        query = CallQuery().load({name: value for name, value in given.items() if name not in errors})
    return query["page"], query["wanted"], errors


def filtered() -> dict[str, Any]:
    """The filters of the address, for links that keep them."""
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


def filter_form(errors: dict[str, list[str]]) -> dict[str, Any]:
    """What `call_filters` draws."""
    strands = {each.key: told(each.label) for rules in programme_rules().values() for each in rules.strands}
    return {
        "typed": request.args,
        "errors": errors,
        "districts": [(CITY, _("서울시 전체 공고만")), *district_choices()],
        "programmes": programme_choices(),
        "strands": list(strands.items()),
    }


def views(current: str) -> list[dict[str, Any]]:
    """The ways to look at the calls; what is filtered goes along."""
    shown = (
        ("calls.index", _("목록"), FILTERS),
        ("discover.calendar", _("달력"), ("q", "district", "strand", "programme")),
        ("discover.on_map", _("지도"), ("q", "strand", "programme")),
        ("eligible.show", _("무엇을 신청할 수 있나요?"), ()),
    )
    kept = filtered() if current != "eligible.show" else {}
    return [
        {
            "label": label,
            "href": url_for(view, **{name: kept[name] for name in names if name in kept}),
            "current": view == current,
        }
        for view, label, names in shown
    ]


def site(path: str) -> str:
    """The address that everyone reaches, of a path of ours."""
    settings = current_app.extensions["maru.settings"]
    return (settings.public_url or request.host_url.rstrip("/")) + path


def _deadline(call: Call) -> Deadline:
    place = name_of(call.district, get_locale()) if call.district else _("서울시 전체")
    lines = (
        f"{place} · {programme(call.programme)}",
        _("접수 마감: %(when)s", when=moment(call.closes_at)),
        _("분야: %(strands)s", strands=", ".join(strand(key) for key in call.strands)),
        _("사업당 최대 %(won)s", won=won(call.ceiling_won)),
    )
    url = site(service_url("grants", f"/calls/{call.id}"))
    return Deadline(call, _("[마감] %(title)s", title=call.title), "\n".join(lines), url)


def _drawn(numbers: dict[str, int], links: dict[str, str]) -> Rendered:
    """The map: a shade for each number of open calls, the number itself as text."""
    shapes = schematic_shapes()
    classes = {code: f"map-district {_shade(number)}" for code, number in numbers.items()}
    styles, scripts, html, script = ground("calls", shapes, classes, markers=False, schematic=True)
    labels = map_labels()
    districts = district_data(shapes, labels["locale"])
    for code, described in districts.items():
        described["value"] = _("%(count)s건", count=numbers[code]) if numbers[code] else _("없음")
        described["url"] = links[code]
    data = {"labels": labels, "schematic": True, "label": _("접수 중"), "districts": districts}
    return Rendered("calls", styles, scripts, html, script, data)


def _shade(number: int) -> str:
    return f"ramp-{min(number, SHADES)}"


def _legend(numbers: set[int]) -> list[dict[str, str]]:
    """Of the shades that the map shows."""
    words = {0: _("없음"), SHADES: _("%(count)s건 이상", count=SHADES)}
    shades = sorted({min(number, SHADES) for number in numbers})
    return [{"tone": _shade(each), "label": words.get(each) or _("%(count)s건", count=each)} for each in shades]


def _month(text: str) -> date | None:
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
    return date(int(found[1]), int(found[2]), 1) if found else None


def _link_of_month(day: date, kept: dict[str, Any]) -> str | None:
    if not 2000 <= day.year <= 2099:
        return None
    return url_for("discover.calendar", month=f"{day:%Y-%m}", **kept)


def _weekdays() -> list[tuple[str, str]]:
    """(short, long) from Monday on."""
    locale = get_locale()
    short, long = (get_day_names(width, locale=locale) for width in ("abbreviated", "wide"))
    return [(short[index], long[index]) for index in range(7)]


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else LANGUAGES[0]


def _place(district: str | None) -> str:
    if district == CITY:
        return _("서울시 전체")
    return name_of(district, get_locale()) if district in BY_CODE else ""


def _ending(district: str | None) -> str:
    return f"-{district}" if district else ""
