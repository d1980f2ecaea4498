"""What a use would cost: how it is asked, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from services.booking.refusals import SENTENCES
from services.booking.rules.hours import instant
from services.booking.schemas.parts import clock, said
from services.booking.schemas.units import MAX_ID

_BOUNDS = validate.Range(
    datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), error=SENTENCES["date_invalid"]
)
_DAYS = validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"])
_INSTANT = fields.AwareDateTime(validate=_BOUNDS, error_messages=said("time_invalid"))
_CLOCK = clock()
MOST_KINDS = 50


def loans_of_text(text: str) -> dict[int, int]:
    """ "3:2,5:1" as {3: 2, 5: 1}: pieces by the equipment's id. Raises ValidationError."""
    wanted: dict[int, int] = {}
    try:
        for part in filter(None, text.split(",")):
            key, _colon, count = part.partition(":")
            wanted[int(key)] = int(count or 1)
    except ValueError as error:
        raise ValidationError(str(SENTENCES["equipment_count_invalid"])) from error
    return checked_loans(wanted)


def checked_loans(wanted: Mapping[int, int]) -> dict[int, int]:
    """Without those of which nothing is wanted. Raises ValidationError."""
    if len(wanted) > MOST_KINDS or any(not 0 < key <= MAX_ID or not 0 <= n <= 1000 for key, n in wanted.items()):
        raise ValidationError(str(SENTENCES["equipment_count_invalid"]))
    return {key: count for key, count in wanted.items() if count}


def loans_of_form(form: Any) -> dict[int, int]:
    """The form's fields `equipment.3`, … as {3: 2}. Raises ValidationError at the field."""
    wanted: dict[int, int] = {}
    for name in _loan_fields(form):
        text = str(form.get(name) or "0").strip()
        key = name.partition(".")[2]
        if not key.isdecimal() or not text.isdecimal() or len(text) > 4 or len(key) > 9:
            raise ValidationError({name: [str(SENTENCES["equipment_count_invalid"])]})
        wanted[int(key)] = int(text)
    return checked_loans(wanted)


def _loan_fields(form: Iterable[str]) -> list[str]:
    return [name for name in form if name.startswith("equipment.")][:MOST_KINDS]


class LoansField(fields.String):
    """Equipment as text: "3:2,5:1"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return loans_of_text(super()._deserialize(value, attr, data, **kwargs) or "")


class QuoteQuery(Schema):
    """A use [start, end): instants with their offset; or, with `date`, local times of the unit's own zone ("14:00")."""

    class Meta:
        unknown = EXCLUDE

    date = fields.Date(load_default=None, validate=_DAYS, error_messages=said("date_invalid"))
    start = fields.String(required=True, metadata={"description": "included"}, error_messages=said("time_invalid"))
    end = fields.String(required=True, metadata={"description": "excluded"}, error_messages=said("time_invalid"))
    group_id = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, MAX_ID))
    equipment = LoansField(load_default=dict, metadata={"description": "pieces by equipment id: 3:2,5:1"})

    @pre_load
    def _drop_empty(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}

    @post_load
    def _times(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        read = _INSTANT if data["date"] is None else _CLOCK
        found = {}
        for name in ("start", "end"):
            try:
                found[name] = read.deserialize(data[name])
            except ValidationError as error:
                raise ValidationError({name: error.messages}) from error
        day = data["date"]

        def times(zone: ZoneInfo) -> tuple[datetime, datetime]:
            """Start and end, local ones read in this zone."""
            if day is None:
                return found["start"], found["end"]
            return instant(day, found["start"], zone), instant(day, found["end"], zone)

        return {**data, "times": times}


class ChargeAnswer(Schema):
    """One line of the explanation: times × count × won = amount."""

    kind = fields.String(metadata={"description": "base, unit, supported, equipment"})
    text = fields.String(metadata={"description": "in the reader's language"})
    won = fields.Integer()
    times = fields.Integer()
    count = fields.Integer()
    minutes = fields.Integer()
    amount = fields.Integer()
    amount_text = fields.String(metadata={"description": "in the reader's language"})


class QuoteAnswer(Schema):
    """A price in won; null: unknown, ask the space."""

    won = fields.Integer(allow_none=True)
    text = fields.String(metadata={"description": "the price as a sentence"})
    charges = fields.List(fields.Nested(ChargeAnswer))
    residents_pay_less = fields.Boolean()
