"""How a search is asked for by page or program, and how its results are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate
from werkzeug.datastructures import MultiDict

from services.booking.schemas.units import MAX_ID, MAX_PEOPLE
from services.booking.search.findable import minutes_of
from services.booking.search.terms import HOUR, MIDNIGHT, MOST_DAYS, Search
from shared.bus.catalogue import ACCESSIBILITY
from shared.districts import BY_CODE

MOST_PAGES = 500
MOST_WON = 10_000_000
LONGEST = 24 * HOUR
WHOLE_WINDOW = 4 * HOUR
"""A part of the day no longer than this is wanted whole unless a length is given."""
SORTS = ("near", "fit", "name")
_TIME = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$", error=lazy_gettext("시간을 14:00처럼 골라 주세요."))
_POINT = re.compile(r"^(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)$")
_NO_DAY = dict.fromkeys(("invalid", "format"), lazy_gettext("날짜를 2026-11-28처럼 골라 주세요."))
_NO_NUMBER = dict.fromkeys(("invalid", "too_large"), lazy_gettext("숫자로 적어 주세요."))
_NO_CHOICE = lazy_gettext("목록에서 골라 주세요.")
_YEARS = validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=lazy_gettext("날짜를 2026-11-28처럼 골라 주세요."))


def _choice(choices: tuple[Any, ...]) -> validate.OneOf:
    return validate.OneOf(choices, error=_NO_CHOICE)


def _bounds(least: int, most: int) -> validate.Range:
    text = lazy_gettext("%(least)s부터 %(most)s까지의 숫자로 적어 주세요.", least=least, most=most)
    return validate.Range(least, most, error=text)


class SearchQuery(Schema):
    """What is looked for. Empty parameters mean nothing; unknown ones are somebody else's."""

    class Meta:
        unknown = EXCLUDE

    text = fields.String(
        load_default="",
        validate=validate.Length(max=100, error=lazy_gettext("찾는 말은 100자까지 쓸 수 있습니다. 줄여 주세요.")),
        metadata={"description": "words of the space's name, the unit's name or the address"},
    )
    district = fields.String(
        load_default=None, validate=_choice(tuple(BY_CODE)), metadata={"description": "MOIS code, 5 digits"}
    )
    space_id = fields.Integer(load_default=None, validate=_bounds(1, MAX_ID), error_messages=_NO_NUMBER)
    near = fields.String(
        load_default=None,
        validate=validate.Regexp(_POINT, error=lazy_gettext("위치를 읽을 수 없습니다. 자치구로 찾아 주세요.")),
        metadata={"description": "latitude,longitude in degrees WGS 84: nearest first"},
    )
    day = fields.Date(
        load_default=None, validate=_YEARS, error_messages=_NO_DAY, metadata={"description": "local date"}
    )
    until = fields.Date(
        load_default=None,
        validate=_YEARS,
        error_messages=_NO_DAY,
        metadata={"description": f"last local date, at most {MOST_DAYS} days in all; the same day unless given"},
    )
    weekday = fields.List(
        fields.Integer(validate=_choice(tuple(range(1, 8))), error_messages=_NO_NUMBER),
        load_default=list,
        metadata={"description": "only these days of the week, Monday is 1"},
    )
    start = fields.String(load_default=None, validate=_TIME, metadata={"description": "not before, local time"})
    end = fields.String(load_default=None, validate=_TIME, metadata={"description": "not after, local time"})
    minutes = fields.Integer(
        load_default=None,
        validate=_bounds(5, LONGEST),
        error_messages=_NO_NUMBER,
        metadata={"description": "how long; the whole of start to end unless given, an hour where that is long"},
    )
    people = fields.Integer(
        load_default=1,
        validate=_bounds(1, MAX_PEOPLE),
        error_messages=_NO_NUMBER,
        metadata={"description": "how many must fit"},
    )
    equipment = fields.String(
        load_default="",
        validate=validate.Length(max=200, error=lazy_gettext("찾는 비품은 200자까지 쓸 수 있습니다. 줄여 주세요.")),
        metadata={"description": "names between commas"},
    )
    access = fields.List(
        fields.String(validate=_choice(ACCESSIBILITY)), load_default=list, metadata={"description": "codes, all needed"}
    )
    won = fields.Integer(
        load_default=None,
        validate=_bounds(0, MOST_WON),
        error_messages=_NO_NUMBER,
        metadata={"description": "costs at most this for that long; 0: free of charge"},
    )
    sort = fields.String(
        load_default="",
        validate=_choice(("", *SORTS)),
        metadata={"description": "near, fit (the smallest that is enough) or name"},
    )
    page = fields.Integer(load_default=1, validate=_bounds(1, MOST_PAGES), error_messages=_NO_NUMBER)

    @pre_load
    def _tidy(self, data: Any, **kwargs: Any) -> dict[str, Any]:
        several = ("weekday", "access")
        if isinstance(data, MultiDict):
            found = {name: data.getlist(name) if name in several else value for name, value in data.items()}
        else:
            found = dict(data)
        return {name: value for name, value in found.items() if value not in ("", [""], None)}


def as_search(asked: Mapping[str, Any], today: date) -> Search:
    """The search that loaded parameters mean; a part of the day or a weekday without a date means soon.

    Raises ValidationError for an end before its start.
    """
    day, until = asked["day"], asked["until"]
    timed = asked["start"] or asked["end"] or asked["minutes"]
    if day is None and (timed or asked["weekday"] or until):
        day = today
        until = until or today + timedelta(days=13 if asked["weekday"] else 0)
    if day is not None and until is not None and until < day:
        raise ValidationError(
            {"until": [lazy_gettext("마지막 날은 첫날보다 빠를 수 없습니다. 날짜를 다시 골라 주세요.")]}
        )
    starts = minutes_of(asked["start"]) if asked["start"] else 0
    ends = minutes_of(asked["end"]) if asked["end"] else MIDNIGHT
    if ends <= starts:
        raise ValidationError(
            {"end": [lazy_gettext("끝나는 시간은 시작 시간보다 늦어야 합니다. 끝나는 시간을 다시 골라 주세요.")]}
        )
    whole = asked["start"] and asked["end"] and ends - starts <= WHOLE_WINDOW
    minutes = asked["minutes"] or (ends - starts if whole else HOUR)
    if minutes > ends - starts:
        raise ValidationError(
            {"minutes": [lazy_gettext("고른 시간대보다 깁니다. 시간을 줄이거나 시간대를 넓혀 주세요.")]}
        )
    point = _POINT.match(asked["near"]) if asked["near"] else None
    return Search(
        text=asked["text"],
        district=asked["district"],
        space_id=asked["space_id"],
        point=(float(point[1]), float(point[2])) if point else None,
        day=day,
        until=until,
        weekdays=frozenset(asked["weekday"]),
        starts=starts,
        ends=ends,
        minutes=minutes,
        people=asked["people"],
        equipment=tuple(tidy for name in asked["equipment"].split(",") if (tidy := name.strip())),
        accessibility=tuple(asked["access"]),
        most_won=asked["won"],
        sort=asked["sort"],
        page=asked["page"],
    )


class HitAnswer(Schema):
    """A unit that fits; `starts` are the instants at which the wished length can begin."""

    unit_id = fields.Integer()
    name = fields.String()
    space_id = fields.Integer()
    space = fields.String()
    district = fields.String(metadata={"description": "MOIS code"})
    capacity = fields.Integer(allow_none=True)
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    meters = fields.Integer(allow_none=True, metadata={"description": "from `near`, in a straight line"})
    won = fields.Integer(allow_none=True, metadata={"description": "price of the first start, where `won` was asked"})
    starts = fields.List(fields.AwareDateTime())


class NearestAnswer(Schema):
    """What is free when one thing is given up: hours, days, place, length, equipment or fee."""

    given_up = fields.String()
    hits = fields.List(fields.Nested(HitAnswer))


class SearchAnswer(Schema):
    """One page of hits; `total` is known only where no time was asked, `nearest` is there when nothing was found."""

    hits = fields.List(fields.Nested(HitAnswer))
    page = fields.Integer()
    more = fields.Boolean()
    total = fields.Integer(allow_none=True)
    minutes = fields.Integer(metadata={"description": "how long the starts are good for"})
    nearest = fields.List(fields.Nested(NearestAnswer))


class TimelineQuery(Schema):
    """Which day, and whose units: a district's, a space's, or all."""

    class Meta:
        unknown = EXCLUDE

    day = fields.Date(required=True, validate=_YEARS, error_messages=_NO_DAY)
    district = fields.String(load_default=None, validate=_choice(tuple(BY_CODE)), metadata={"description": "MOIS code"})
    space_id = fields.Integer(load_default=None, validate=_bounds(1, MAX_ID), error_messages=_NO_NUMBER)


class TimelineUnitAnswer(Schema):
    """A unit's day: `open` local clock times or null, `taken` [start, end] instants in UTC that touch the day."""

    unit_id = fields.Integer()
    name = fields.String()
    space_id = fields.Integer()
    space = fields.String()
    capacity = fields.Integer(allow_none=True)
    open = fields.List(fields.String(), allow_none=True)
    taken = fields.List(fields.List(fields.AwareDateTime()))


class TimelineAnswer(Schema):
    """A day of many units, in the order of district, space and name."""

    units = fields.List(fields.Nested(TimelineUnitAnswer))
