"""Units: how they are asked for, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from services.booking.units import Filter
from shared.districts import BY_CODE

MAX_PEOPLE = 100_000
MAX_ID = 2**31 - 1


def row_id(text: str) -> int:
    """The number of a row in a form or an address, for Flask's `type=`. Raises ValueError for what no row can have."""
    number = int(text)
    if not 0 < number <= MAX_ID:
        raise ValueError(text)
    return number


class UnitQuery(Schema):
    """The filter of a list; empty values are none."""

    district = fields.String(
        load_default=None, validate=validate.OneOf(tuple(BY_CODE)), metadata={"description": "MOIS code"}
    )
    text = fields.String(
        load_default=None,
        validate=validate.Length(max=100),
        metadata={"description": "words of the name or the address"},
    )
    people = fields.Integer(
        load_default=None, validate=validate.Range(1, MAX_PEOPLE), metadata={"description": "how many must fit"}
    )
    space_id = fields.Integer(load_default=None, validate=validate.Range(1, MAX_ID))
    page = fields.Integer(load_default=1, validate=validate.Range(1, MAX_ID))

    @pre_load
    def _drop_empty(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}

    @post_load
    def _wanted(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        page = data.pop("page")
        return {"wanted": Filter(**data), "page": page}

    @classmethod
    def lenient(cls, arguments: Mapping[str, str]) -> tuple[Filter, int]:
        """The same for a page's address: what can't be read is left out."""
        given = {name: value for name, value in arguments.items() if name in cls().fields}
        try:
            loaded = cls().load(given)
        except ValidationError as error:
            loaded = cls().load(
                {name: value for name, value in given.items() if name not in error.normalized_messages()}
            )
        return loaded["wanted"], loaded["page"]


class SpaceBrief(Schema):
    """The space that a unit belongs to."""

    id = fields.Integer()
    name = fields.String()
    district = fields.String(metadata={"description": "MOIS code"})
    address = fields.String()
    phone = fields.String(allow_none=True)
    zone = fields.String()


class UnitAnswer(Schema):
    """A unit. `hours`, `closures` and `fee` are as in the event maps.space.changed; unknown ones are null."""

    id = fields.Integer()
    name = fields.String()
    space = fields.Nested(SpaceBrief)
    capacity = fields.Integer(allow_none=True)
    area_m2 = fields.String(allow_none=True)
    equipment = fields.List(fields.String())
    active = fields.Boolean()
    hours = fields.Dict(allow_none=True)
    closures = fields.Dict()
    closure_text = fields.String(allow_none=True)
    fee = fields.Dict(allow_none=True)
    fee_text = fields.String(allow_none=True)


class UnitsAnswer(Schema):
    """One page of units."""

    units = fields.List(fields.Nested(UnitAnswer))
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()


class WeekQuery(Schema):
    """Which week: the one that holds this local date; this week unless given."""

    day = fields.Date(load_default=None)


class SlotAnswer(Schema):
    """A piece of a day: free, reserved, held (for a lottery), mine or past; times as instants."""

    start = fields.AwareDateTime(attribute="during.start")
    end = fields.AwareDateTime(attribute="during.end")
    state = fields.String()
    reservation_id = fields.Integer(allow_none=True)


class DayAnswer(Schema):
    """A local date; `closed` is the code of why nothing can be reserved on it, or null."""

    date = fields.Date()
    closed = fields.String(allow_none=True)
    slots = fields.List(fields.Nested(SlotAnswer))


class WeekAnswer(Schema):
    """Seven days of a unit, from a Monday on."""

    unit_id = fields.Integer(attribute="unit.id")
    zone = fields.String(attribute="unit.space.zone")
    days = fields.List(fields.Nested(DayAnswer))
