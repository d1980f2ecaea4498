"""Which statistics are asked for, and how they go out as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from services.booking.refusals import SENTENCES
from services.booking.rules.usage import Share
from services.booking.schemas.parts import said
from services.booking.schemas.units import MAX_ID
from services.booking.statistics import Statistics
from shared.districts import BY_CODE

_DAYS = validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"])
_SECONDS = {"description": "seconds"}
_PERCENT = {"description": "per cent, half up to 0.1, as text"}


def _day(description: str) -> fields.Date:
    return fields.Date(
        load_default=None,
        validate=_DAYS,
        error_messages=said("date_invalid"),
        metadata={"description": description},
    )


def _id(description: str) -> fields.Integer:
    return fields.Integer(
        load_default=None,
        validate=validate.Range(1, MAX_ID, error=SENTENCES["choice_invalid"]),
        error_messages=said("choice_invalid"),
        metadata={"description": description},
    )


class StatisticsQuery(Schema):
    """A period and what of it; the last four weeks of all that I run unless given."""

    class Meta:
        unknown = EXCLUDE

    first_day = _day("local date, included")
    last_day = _day("local date, included; at most 366 days in all")
    district = fields.String(
        load_default=None,
        validate=validate.OneOf(tuple(BY_CODE), error=SENTENCES["choice_invalid"]),
        metadata={"description": "MOIS code, 5 digits"},
    )
    space_id = _id("left aside when it is not in the district asked for")
    unit_id = _id("left aside when it is not of the space asked for")


class ShareSchema(Schema):
    """Time open and of that used; a room counts once, a unit of several rooms as all of them."""

    open = fields.Integer(required=True, metadata=_SECONDS)
    used = fields.Integer(required=True, metadata=_SECONDS)
    own = fields.Integer(required=True, metadata={"description": "seconds of the space's own events"})
    outside = fields.Integer(required=True, metadata={"description": "seconds used while not open"})


class LeadSchema(Schema):
    """How long before the start was reserved, seconds."""

    lower = fields.Integer(required=True, metadata=_SECONDS)
    median = fields.Integer(required=True, metadata=_SECONDS)
    upper = fields.Integer(required=True, metadata=_SECONDS)


class FiguresSchema(Schema):
    """What happened in the period."""

    time = fields.Nested(ShareSchema, required=True, attribute="share")
    rate = fields.Decimal(required=True, as_string=True, allow_none=True, metadata=_PERCENT)
    own_rate = fields.Decimal(required=True, as_string=True, allow_none=True, metadata=_PERCENT)
    visits = fields.Integer(required=True)
    people = fields.Integer(required=True)
    own_events = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    no_shows = fields.Integer(required=True, metadata={"description": "without those excused"})
    excused = fields.Integer(required=True)
    no_show_rate = fields.Decimal(required=True, as_string=True, allow_none=True, metadata=_PERCENT)
    lead = fields.Nested(LeadSchema, required=True, allow_none=True)


class UnitLineSchema(Schema):
    """A unit and its figures."""

    unit_id = fields.Integer(required=True, attribute="unit.id")
    unit = fields.String(required=True, attribute="unit.name")
    space_id = fields.Integer(required=True, attribute="unit.space_id")
    space = fields.String(required=True, attribute="unit.space.name")
    district = fields.String(required=True, attribute="unit.space.district")
    rooms = fields.Integer(required=True)
    hours_known = fields.Boolean(required=True, attribute="known")
    figures = fields.Nested(FiguresSchema, required=True)


class DistrictLineSchema(Schema):
    """A district and its figures."""

    district = fields.String(required=True)
    units = fields.Integer(required=True)
    figures = fields.Nested(FiguresSchema, required=True)


class HourSchema(Schema):
    """An hour of the week in which something was open."""

    weekday = fields.Integer(required=True, metadata={"description": "Monday is 1"})
    hour = fields.Integer(required=True, metadata={"description": "0 to 23, local"})
    open = fields.Integer(required=True, metadata=_SECONDS)
    used = fields.Integer(required=True, metadata=_SECONDS)
    own = fields.Integer(required=True, metadata=_SECONDS)


class UnmetTimeSchema(Schema):
    """How many searches were for this part of this weekday."""

    weekday = fields.Integer(required=True, metadata={"description": "Monday is 1; 0: any day"})
    part = fields.String(required=True, metadata={"description": "morning, afternoon, evening or any"})
    searches = fields.Integer(required=True)


class UnmetPlaceSchema(Schema):
    """How many searches were for this place; without a district: anywhere."""

    district = fields.String(required=True, allow_none=True)
    space = fields.String(required=True, allow_none=True)
    searches = fields.Integer(required=True)


class CountSchema(Schema):
    """How many searches asked for this."""

    name = fields.String(required=True)
    searches = fields.Integer(required=True)


class UnmetSchema(Schema):
    """Searches that found nothing."""

    total = fields.Integer(required=True)
    times = fields.List(fields.Nested(UnmetTimeSchema), required=True)
    untimed = fields.Integer(required=True)
    near = fields.Integer(required=True)
    free = fields.Integer(required=True)
    places = fields.List(fields.Nested(UnmetPlaceSchema), required=True)
    people = fields.List(fields.Nested(CountSchema), required=True)
    equipment = fields.List(fields.Nested(CountSchema), required=True)
    other_equipment = fields.Integer(required=True)
    accessibility = fields.List(fields.Nested(CountSchema), required=True)


class StatisticsAnswer(Schema):
    """The statistics of a period."""

    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    district = fields.String(required=True, allow_none=True)
    space_id = fields.Integer(required=True, allow_none=True)
    unit_id = fields.Integer(required=True, allow_none=True)
    figures = fields.Nested(FiguresSchema, required=True)
    hours_unknown = fields.Integer(required=True, metadata={"description": "units left out of the hours"})
    week = fields.List(fields.Nested(HourSchema), required=True)
    units = fields.List(fields.Nested(UnitLineSchema), required=True)
    districts = fields.List(fields.Nested(DistrictLineSchema), required=True)
    unmet = fields.Nested(UnmetSchema, required=True)


def as_answer(told: Statistics) -> dict[str, Any]:
    """What StatisticsAnswer dumps."""
    heat, unmet = told.heat, told.unmet
    return {
        "first_day": told.first_day,
        "last_day": told.last_day,
        "district": told.district,
        "space_id": told.space.id if told.space else None,
        "unit_id": told.unit.id if told.unit else None,
        "figures": _figures(told.figures),
        "hours_unknown": told.unknown,
        "week": [
            {"weekday": day, "hour": hour, "open": opened, "used": heat.used[day, hour], "own": heat.own[day, hour]}
            for (day, hour), opened in sorted(heat.open.items())
        ],
        "units": [
            {"unit": line.unit, "rooms": line.rooms, "known": line.known, "figures": _figures(line.figures)}
            for line in told.units
        ],
        "districts": [
            {"district": line.district, "units": line.units, "figures": _figures(line.figures)}
            for line in told.districts
        ],
        "unmet": {
            "total": unmet.total,
            "times": [
                {"weekday": day, "part": part, "searches": count} for (day, part), count in sorted(unmet.times.items())
            ],
            "untimed": unmet.untimed,
            "near": unmet.near,
            "free": unmet.free,
            "places": [{**vars(place), "searches": count} for place, count in unmet.places],
            "people": _counts(unmet.sizes.items()),
            "equipment": _counts(unmet.equipment),
            "other_equipment": unmet.other,
            "accessibility": _counts(unmet.accessibility),
        },
    }


def _figures(figures: Any) -> dict[str, Any]:
    names = ("rate", "own_rate", "visits", "people", "own_events", "cancelled", "no_shows", "excused", "no_show_rate")
    share: Share = figures.share
    lead = figures.lead
    return {
        "share": share,
        **{name: getattr(figures, name) for name in names},
        "lead": dict(zip(("lower", "median", "upper"), lead, strict=True)) if lead else None,
    }


def _counts(found: Any) -> list[dict[str, Any]]:
    return [{"name": name, "searches": count} for name, count in found]
