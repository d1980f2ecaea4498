"""The first page of booking: what can be reserved, by place, time, size and what it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from marshmallow import ValidationError
from sqlalchemy import select

from services.booking.models import Unit
from services.booking.schemas.search import MOST_PAGES, SearchQuery, as_search
from services.booking.search import find_in, nearest, unmet
from services.booking.search.terms import SEOUL, Found, Hit, Search
from services.booking.week import today_of
from services.booking.wording.recurrence import weekday_names
from services.booking.wording.search import (
    ACCESSIBILITY,
    GIVEN_UP,
    days_more,
    distance_text,
    presets,
    reserve_href,
    times_of,
)
from shared.clock import now
from shared.districts import DISTRICTS, name_of
from shared.identity.access import current_actor
from shared.web.errors import flat_messages
from shared.web.navigation import service_url
from shared.web.pages import database

ON_THE_MAP = 100
VISIT = "search_visit"


def index() -> ResponseReturnValue:
    """The search with its results, as a list or on a map; nothing found: what comes nearest."""
    moment = now()
    today = moment.astimezone(SEOUL).date()
    wanted, errors = _asked(moment)
    on_map = request.args.get("view") == "map"
    with database().read() as reading:
        found = find_in(reading, moment, wanted, ON_THE_MAP) if on_map else find_in(reading, moment, wanted)
        units = {
            unit.id: unit
            for unit in reading.scalars(select(Unit).where(Unit.id.in_([hit.unit_id for hit in found.hits])))
        }
        days = today_of(reading, current_actor(), moment, list(units.values())) if wanted.day is None else {}
    wider: Sequence[tuple[str, Search, Sequence[Hit]]] = ()
    if not found.hits and wanted.page == 1 and not errors:
        wider = nearest(database(), moment, wanted)
        unmet.note(database(), moment, wanted, session.setdefault(VISIT, token_hex(8)))
    arguments = request.args
    page = render_template(
        "booking/units.html",
        wanted=wanted,
        typed=arguments,
        errors=errors,
        found=found,
        hits=[_card(hit, wanted, units.get(hit.unit_id)) for hit in found.hits],
        today=days,
        wider=[
            (str(GIVEN_UP[what]), _address(what, search), [_card(hit, search) for hit in hits])
            for what, search, hits in wider
        ],
        on_map=on_map,
        address=address,
        points=_points(found, wanted) if on_map else None,
        shapes=service_url("maps", "/api/districts.geojson"),
        presets=presets(arguments.to_dict() | {"access": arguments.getlist("access")}, today),
        first_day=today.isoformat(),
        most_pages=MOST_PAGES,
        districts=[(each.code, name_of(each.code, str(get_locale()))) for each in DISTRICTS],
        accessibility=list(ACCESSIBILITY.items()),
        weekdays=weekday_names(),
    )
    return page, 422 if errors else 200


def _asked(moment: datetime) -> tuple[Search, dict[str, list[str]]]:
    """What the address asks for; what can't be read is left out and said beside its field."""
    today = moment.astimezone(SEOUL).date()
    errors: dict[str, list[str]] = {}
    given = request.args.copy()
    page = given.get("page", "1")
    given["page"] = str(min(max(1, int(page)), MOST_PAGES)) if page.isdecimal() and len(page) < 6 else "1"
    try:
        return as_search(SearchQuery().load(given), today), {}
    except ValidationError as error:
        errors = flat_messages(error.normalized_messages())
    wrong = {name.partition(".")[0] for name in errors}
    rest = {name: given.getlist(name) for name in given if name not in wrong}
    several = ("weekday", "access")
    kept = {name: values if name in several else values[0] for name, values in rest.items()}
    try:
        return as_search(SearchQuery().load(kept), today), _by_field(errors)
    except ValidationError as error:
        return Search(), _by_field(errors | flat_messages(error.normalized_messages()))


def _by_field(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name.partition(".")[0]: sentences for name, sentences in errors.items()}


def _card(hit: Hit, wanted: Search, unit: Unit | None = None) -> dict[str, Any]:
    """A hit as the template shows it."""
    return {
        "hit": hit,
        "unit": unit,
        "distance": distance_text(hit.meters),
        "days": times_of(hit, wanted),
        "days_more": days_more(hit),
        "href": service_url("booking", f"/units/{hit.unit_id}"),
    }


def address(**changes: object) -> str:
    """This search with some parameters changed; None takes one out."""
    asked: dict[str, list[Any]] = request.args.to_dict(flat=False)
    for name, value in changes.items():
        asked.pop(name, None)
        if value is not None:
            asked[name] = [value]
    return service_url("booking", "/") + "?" + urlencode(asked, doseq=True, safe=":,")


def _address(what: str, search: Search) -> str:
    """The wider search as an address, so that one sees all of it."""
    changes: dict[str, dict[str, object]] = {
        "hours": {"start": None, "end": None, "minutes": search.minutes},
        "days": {"weekday": None, "day": search.day, "until": search.until},
        "place": {"district": None, "text": None, "space_id": None, "near": _point(search)},
        "length": {"minutes": search.minutes},
        "equipment": {"equipment": None},
        "fee": {"won": None},
    }
    return address(page=None, **changes[what])


def _point(search: Search) -> str | None:
    return f"{search.point[0]},{search.point[1]}" if search.point else None


def _points(found: Found, wanted: Search) -> list[dict[str, Any]]:
    """The hits for the map, one point for a place."""
    places: dict[int, dict[str, Any]] = {}
    for hit in found.hits:
        if hit.latitude is None or hit.longitude is None:
            continue
        place = places.setdefault(
            hit.space_id,
            {"name": hit.space_name, "latitude": hit.latitude, "longitude": hit.longitude, "units": []},
        )
        times = times_of(hit, wanted)
        place["units"].append(
            {
                "name": hit.name,
                "href": reserve_href(hit, hit.starts[0], wanted)
                if hit.starts
                else service_url("booking", f"/units/{hit.unit_id}"),
                "when": f"{times[0]['day']} {times[0]['times'][0][0]}" if times else "",
            }
        )
    return list(places.values())
