"""How much the spaces are used: the page, and its tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import statistics
from services.booking.rules.usage import PARTS
from services.booking.schemas.statistics import StatisticsQuery
from services.booking.search.terms import SEOUL
from services.booking.statistics import Query, Statistics, export
from services.booking.statistics.unmet import ANY_DAY, ANY_TIME
from services.booking.wording.statistics import LEVELS, WORDS, busiest, heat_rows, period_text, scope_text
from shared.clock import now
from shared.districts import name_of
from shared.export import XLSX, csv_lines
from shared.export import xlsx as workbook
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation
from shared.web.navigation import service_url
from shared.web.pages import database

PER_PAGE = 30
PERIODS = (28, 91, 365)
FILTERS = ("first_day", "last_day", "district", "space_id", "unit_id")


def show() -> ResponseReturnValue:
    """The figures; a period that cannot be is told beside its field, and the last four weeks are shown."""
    given, actor, moment = _given(), current_actor(), now()
    refusal: Refusal | None = None
    query = Query()
    try:
        query = _asked(given)
        told = statistics.read(database(), actor, moment, query)
    except Refusal as refused:
        if not refused.fields:
            raise
        refusal = refused
        sound = {name: value for name, value in given.items() if name in ("district", "space_id", "unit_id")}
        query = _asked({name: value for name, value in sound.items() if name not in refused.fields})
        told = statistics.read(database(), actor, moment, query)
    shown, page, pages = _page_of(told)
    html = render_template(
        "booking/statistics.html",
        **WORDS,
        told=told,
        scope=scope_text(told, actor.has(Role.CITY_STAFF)),
        period=period_text(told.first_day, told.last_day),
        periods=_periods(told, given),
        typed=given if refusal else _typed(told),
        errors=field_sentences(refusal) if refusal else {},
        districts=[(code, name_of(code, str(get_locale()))) for code in told.choices.districts],
        rows=heat_rows(told),
        busiest=busiest(told),
        keys=[{"tone": shade, "label": words} for _below, shade, words in LEVELS],
        lines=shown,
        page=page,
        pages=pages,
        unmet_days=(*range(1, 8), ANY_DAY),
        unmet_parts=(*PARTS, ANY_TIME),
        exports=_exports(told),
        at=lambda **more: _address(_typed(told), **more),
    )
    return html, refusal.status if refusal else 200


def xlsx() -> ResponseReturnValue:
    """All tables in one workbook."""
    told = _read()
    file = workbook(export.book(told, current_actor().has(Role.CITY_STAFF)))
    return Response(file, mimetype=XLSX, headers=_named(told, "", "xlsx"))


def csv() -> ResponseReturnValue:
    """One table: `?table=` units (unless given), week, districts or unmet."""
    name = request.args.get("table", "units")
    if name not in export.TABLES:
        raise Refusal("choice_invalid", 422)
    told = _read()
    sheet = export.TABLES[name](told)
    lines = csv_lines(sheet.header, sheet.rows)
    return Response("".join(lines), mimetype="text/csv", headers=_named(told, f"-{name}", "csv"))


def _given() -> dict[str, str]:
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


def _asked(given: Mapping[str, str]) -> Query:
    try:
        return Query(**StatisticsQuery().load(given))
    except ValidationError as error:
        raise refusal_of_validation(error) from error


def _read() -> Statistics:
    return statistics.read(database(), current_actor(), now(), _asked(_given()))


def _named(told: Statistics, kind: str, ending: str) -> dict[str, str]:
    name = f"statistics{kind}-{told.first_day}-{told.last_day}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _typed(told: Statistics) -> dict[str, Any]:
    """The filter as it was understood."""
    return {
        "first_day": told.first_day.isoformat(),
        "last_day": told.last_day.isoformat(),
        "district": told.district,
        "space_id": told.space.id if told.space else None,
        "unit_id": told.unit.id if told.unit else None,
    }


def _address(typed: Mapping[str, Any], path: str = "/manage/statistics", **more: Any) -> str:
    """This page with these filters changed."""
    kept = {name: value for name, value in {**typed, **more}.items() if value}
    return f"{service_url('booking', path)}?{urlencode(kept)}"


def _periods(told: Statistics, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Ready-made periods up to yesterday."""
    last = now().astimezone(SEOUL).date() - timedelta(days=1)
    words = dict(zip(PERIODS, (_("지난 4주"), _("지난 13주"), _("지난 1년")), strict=True))
    found = []
    for days, label in words.items():
        first = last - timedelta(days=days - 1)
        found.append(
            {
                "label": label,
                "href": _address(_typed(told), first_day=first.isoformat(), last_day=last.isoformat()),
                "current": (told.first_day, told.last_day) == (first, last),
            }
        )
    return found


def _page_of(told: Statistics) -> tuple[list[Any], int, int]:
    pages = max(1, -(-len(told.units) // PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return list(told.units[(page - 1) * PER_PAGE : page * PER_PAGE]), page, pages


def _exports(told: Statistics) -> list[tuple[str, str]]:
    """The tables as csv: [(label, href)]."""
    words = {
        "units": _("공간별"),
        "week": _("요일과 시간별"),
        "districts": _("자치구별"),
        "unmet": _("찾지 못한 검색"),
    }
    typed = _typed(told)
    return [
        (label, _address(typed, "/manage/statistics.csv", table=name))
        for name, label in words.items()
        if name != "districts" or len(told.districts) > 1
    ]
