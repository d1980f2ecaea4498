"""The line: what comes in and what goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.booking.refusals import SENTENCES
from services.booking.schemas.reservations import ReserveRequest
from services.booking.schemas.units import MAX_ID

_BOUNDS = validate.Range(
    datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), error=SENTENCES["date_invalid"]
)


class JoinLineRequest(ReserveRequest):
    """A wish for a time that is taken: the same as a reservation's."""


class ClaimOfferRequest(Schema):
    """How an offer is taken."""

    without_equipment = fields.Boolean(
        load_default=False, metadata={"description": "leave out what the wish wanted to borrow"}
    )


class LineQuery(Schema):
    """A time [start, end) of a unit: instants with their offset."""

    unit_id = fields.Integer(required=True, validate=validate.Range(1, MAX_ID))
    start = fields.AwareDateTime(required=True, validate=_BOUNDS, metadata={"description": "with offset; included"})
    end = fields.AwareDateTime(required=True, validate=_BOUNDS, metadata={"description": "with offset; excluded"})

    @validates_schema
    def _forward(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["start"] >= data["end"]:
            raise ValidationError(str(SENTENCES["end_before_start"]), "end")


class LineCountAnswer(Schema):
    """How it stands with a time."""

    open = fields.Boolean(metadata={"description": "somebody else has it, and one may wait for it"})
    count = fields.Integer(metadata={"description": "how many stand in line for any of it"})
    own = fields.Integer(allow_none=True, metadata={"description": "my own wish for just this time"})


class PlaceAnswer(Schema):
    """My wish for a unit during [start, end)."""

    id = fields.Integer(attribute="waiting.id")
    unit_id = fields.Integer(attribute="waiting.unit_id")
    unit_name = fields.String(attribute="waiting.unit.name")
    space_id = fields.Integer(attribute="waiting.space_id")
    space_name = fields.String(attribute="waiting.unit.space.name")
    start = fields.AwareDateTime(attribute="waiting.start_at")
    end = fields.AwareDateTime(attribute="waiting.end_at")
    people = fields.Integer(attribute="waiting.people")
    purpose = fields.String(attribute="waiting.purpose")
    group_name = fields.String(attribute="waiting.group_name", allow_none=True)
    group_id = fields.Integer(attribute="waiting.group_id", allow_none=True)
    equipment = fields.Dict(attribute="waiting.equipment", metadata={"description": "pieces by the equipment's id"})
    status = fields.String(
        attribute="waiting.status",
        metadata={"description": "waiting, offered; claimed, declined, missed, left, expired"},
    )
    place = fields.Integer(allow_none=True, metadata={"description": "1 is next; null: no longer in line"})
    held_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "until when the offer can be claimed; null: nothing to claim"}
    )
    price_won = fields.Integer(
        allow_none=True, metadata={"description": "of what is offered; null: nothing offered, or unknown"}
    )
    reservation_id = fields.Integer(allow_none=True, metadata={"description": "what it became when claimed"})
    created_at = fields.AwareDateTime(attribute="waiting.created_at")
    ended_at = fields.AwareDateTime(attribute="waiting.ended_at", allow_none=True)


class MyLinesAnswer(Schema):
    """My wishes: in line (soonest first), over (latest first)."""

    in_line = fields.List(fields.Nested(PlaceAnswer))
    over = fields.List(fields.Nested(PlaceAnswer))


class StandingInLineAnswer(Schema):
    """A wish as the space's keeper sees it."""

    start = fields.AwareDateTime(attribute="waiting.start_at")
    end = fields.AwareDateTime(attribute="waiting.end_at")
    place = fields.Integer()
    status = fields.String(attribute="waiting.status")
    people = fields.Integer(attribute="waiting.people")
    purpose = fields.String(attribute="waiting.purpose")
    group_name = fields.String(attribute="waiting.group_name", allow_none=True)
    name = fields.String(attribute="person.name", dump_default=None, allow_none=True)
    created_at = fields.AwareDateTime(attribute="waiting.created_at")


class UnitLineAnswer(Schema):
    """The line of a unit."""

    unit_id = fields.Integer(attribute="unit.id")
    unit_name = fields.String(attribute="unit.name")
    standing = fields.List(fields.Nested(StandingInLineAnswer))


class SpaceLinesAnswer(Schema):
    """The lines of a space."""

    space_id = fields.Integer(attribute="space.id")
    total = fields.Integer()
    units = fields.List(fields.Nested(UnitLineAnswer))
