"""Reservations: what comes in by form or JSON, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from services.booking.refusals import SENTENCES
from services.booking.schemas.units import MAX_ID, MAX_PEOPLE

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"


def _said(code: str) -> dict[str, Any]:
    """One sentence, whatever is wrong with the field."""
    return dict.fromkeys(("required", "null", "invalid", "format", "too_large"), SENTENCES[code])


def _clock() -> fields.String:
    wrong = validate.Regexp(CLOCK, error=SENTENCES["time_invalid"])
    return fields.String(required=True, validate=wrong, error_messages=_said("time_invalid"))


def _instant(description: str) -> fields.AwareDateTime:
    bounds = validate.Range(
        datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), error=SENTENCES["date_invalid"]
    )
    return fields.AwareDateTime(required=True, validate=bounds, metadata={"description": description})


class ReserveForm(Schema):
    """The form of the page: local date and times; what else is wrong is the policy's to say."""

    class Meta:
        unknown = EXCLUDE  # the token against forgery

    date = fields.Date(
        required=True,
        validate=validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"]),
        error_messages=_said("date_invalid"),
    )
    start = _clock()
    end = _clock()
    people = fields.Integer(
        required=True,
        validate=validate.Range(-MAX_PEOPLE, MAX_PEOPLE, error=SENTENCES["people_invalid"]),
        error_messages=_said("people_invalid"),
    )
    purpose = fields.String(load_default="")
    group_name = fields.String(load_default=None)
    group_id = fields.Integer(
        load_default=None, validate=validate.Range(1, MAX_ID), error_messages=_said("group_not_yours")
    )
    idempotency_key = fields.String(load_default="")

    @pre_load
    def _no_group(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != "group_id" or value}


class ChangeForm(ReserveForm):
    """The form that changes a reservation: the same fields, and which unit."""

    unit_id = fields.Integer(required=True, validate=validate.Range(1, MAX_ID), error_messages=_said("unit_not_found"))


class ChangeRequest(Schema):
    """What the API takes to change a reservation: all of it, as it is to be."""

    unit_id = fields.Integer(required=True, validate=validate.Range(1, MAX_ID))
    start = _instant("with offset; included")
    end = _instant("with offset; excluded")
    people = fields.Integer(required=True, strict=True, validate=validate.Range(-MAX_PEOPLE, MAX_PEOPLE))
    purpose = fields.String(required=True)


class CancelQuery(Schema):
    """Why it is cancelled: told to whom it belongs."""

    reason = fields.String(load_default=None, validate=validate.Length(max=500))


class ReserveRequest(Schema):
    """What the API takes: instants with their offset."""

    unit_id = fields.Integer(required=True, validate=validate.Range(1, MAX_ID))
    start = _instant("with offset; included")
    end = _instant("with offset; excluded")
    people = fields.Integer(required=True, strict=True, validate=validate.Range(-MAX_PEOPLE, MAX_PEOPLE))
    purpose = fields.String(required=True)
    group_name = fields.String(load_default=None, allow_none=True)
    group_id = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, MAX_ID))
    equipment = fields.Dict(
        keys=fields.Integer(validate=validate.Range(1, MAX_ID)),
        values=fields.Integer(validate=validate.Range(0, 1000)),
        load_default=dict,
        validate=validate.Length(max=50),
        metadata={"description": "pieces by the equipment's id"},
    )


class ReserveHeaders(Schema):
    """The key that makes a repeated request the same request."""

    class Meta:
        unknown = EXCLUDE

    idempotency_key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Length(1, 80),
        metadata={"description": "a new one for each reservation meant; the same one when a request is sent again"},
        error_messages={"required": SENTENCES["idempotency_key_needed"]},
    )


class ReservationAnswer(Schema):
    """A reservation, half-open [start, end)."""

    id = fields.Integer()
    unit_id = fields.Integer()
    unit_name = fields.String(attribute="unit.name")
    space_id = fields.Integer()
    space_name = fields.String(attribute="unit.space.name")
    start = fields.AwareDateTime(attribute="start_at")
    end = fields.AwareDateTime(attribute="end_at")
    people = fields.Integer()
    purpose = fields.String()
    group_name = fields.String(allow_none=True)
    group_id = fields.Integer(allow_none=True)
    kind = fields.String(metadata={"description": "visit, block (the keeper's own event) or lottery"})
    status = fields.String(
        metadata={"description": "requested, offered, confirmed; declined, cancelled, lapsed, no_show"}
    )
    reason = fields.String(allow_none=True)
    held_until = fields.AwareDateTime(allow_none=True)
    series_id = fields.Integer(allow_none=True)
    price_won = fields.Integer(allow_none=True, metadata={"description": "null: unknown, ask the space"})
    payment = fields.String(metadata={"description": "none, due, paid or waived"})
    checked_in_at = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()
    cancelled_at = fields.AwareDateTime(allow_none=True)


class MineAnswer(Schema):
    """My reservations: to come (soonest first), past or cancelled (latest first)."""

    upcoming = fields.List(fields.Nested(ReservationAnswer))
    past = fields.List(fields.Nested(ReservationAnswer))


class AlternativeAnswer(Schema):
    """What is free instead."""

    unit_id = fields.Integer(attribute="unit.id")
    unit_name = fields.String(attribute="unit.name")
    space_id = fields.Integer(attribute="unit.space_id")
    space_name = fields.String(attribute="unit.space.name")
    start = fields.AwareDateTime(attribute="during.start")
    end = fields.AwareDateTime(attribute="during.end")
