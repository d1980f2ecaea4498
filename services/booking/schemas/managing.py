"""What keepers send: the day's sheet, answers, blocks and closures; and what goes out as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from services.booking.audit_trail import KINDS
from services.booking.models.closures import ACTIONS
from services.booking.refusals import SENTENCES
from services.booking.repeats import REPEATS
from services.booking.request_queue import DECISIONS
from services.booking.schemas.reservations import CLOCK, ReservationAnswer
from services.booking.schemas.units import MAX_ID

ACTS = ("check_in", "paid", "waived", "due", "no_show", "cancel")
DAYS = validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"])


def _said(code: str) -> dict[str, Any]:
    return dict.fromkeys(("required", "null", "invalid", "format", "too_large", "empty"), SENTENCES[code])


def _day(**more: Any) -> fields.Date:
    return fields.Date(validate=DAYS, error_messages=_said("date_invalid"), **more)


def _clock(**more: Any) -> fields.String:
    wrong = validate.Regexp(CLOCK, error=SENTENCES["time_invalid"])
    return fields.String(validate=wrong, error_messages=_said("time_invalid"), **more)


def _id(**more: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(1, MAX_ID), **more)


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE  # the token against forgery


class DayQuery(_Form):
    """Which local date; today unless given."""

    day = _day(load_default=None)


class SheetAct(_Form):
    """What a keeper does with one reservation of the sheet."""

    act = fields.String(required=True, validate=validate.OneOf(ACTS, error=SENTENCES["act_unknown"]))
    reason = fields.String(load_default="")


class AnswerRequest(_Form):
    """Answers to requests: several reservations, one decision."""

    reservations = fields.List(_id(), required=True, validate=validate.Length(max=50))
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = fields.String(load_default="")


class QueueQuery(_Form):
    """Which requests: of one space, a page of them."""

    space_id = _id(load_default=None)
    page = _id(load_default=1)


class BlockForm(_Form):
    """A time for an event of the space's own; `end` not later than `start` means the next day."""

    unit_id = _id(required=True, error_messages=_said("unit_not_found"))
    date = _day(required=True)
    start = _clock(required=True)
    end = _clock(required=True)
    purpose = fields.String(load_default="")
    repeat = fields.String(load_default="", validate=validate.OneOf(REPEATS))
    until = _day(load_default=None, allow_none=True)
    free_only = fields.Boolean(load_default=False)
    idempotency_key = fields.String(load_default="")


class ReleaseQuery(_Form):
    """Whether all later times of the repetition are given back too."""

    following = fields.Boolean(load_default=False)


class ClosureForm(_Form):
    """A closure to prepare: local days and, if not whole days, clock times."""

    units = fields.List(_id(), load_default=list)
    first_day = _day(required=True)
    last_day = _day(required=True)
    from_ = _clock(data_key="from", load_default=None, allow_none=True)
    to = _clock(load_default=None, allow_none=True)
    reason = fields.String(load_default="")
    repeat = fields.String(load_default="", validate=validate.OneOf(REPEATS))
    until = _day(load_default=None, allow_none=True)


class PlaceSchema(Schema):
    """A unit and a time, half-open."""

    unit_id = _id(required=True)
    start = fields.AwareDateTime(required=True, attribute="during.start")
    end = fields.AwareDateTime(required=True, attribute="during.end")


class TargetRequest(Schema):
    """Where to move to."""

    unit_id = _id(required=True)
    start = fields.AwareDateTime(required=True)
    end = fields.AwareDateTime(required=True)


class ChoiceRequest(Schema):
    """What becomes of one reservation."""

    reservation_id = _id(required=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    place = fields.Nested(TargetRequest, load_default=None, allow_none=True)


class ChooseRequest(Schema):
    """Choices and messages; `version` is the one that was looked at."""

    version = fields.Integer(required=True)
    choices = fields.List(fields.Nested(ChoiceRequest), load_default=list, validate=validate.Length(max=2000))
    texts = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        load_default=None,
        allow_none=True,
    )


class VersionRequest(Schema):
    """The version that was looked at."""

    version = fields.Integer(required=True)


class SpanAnswer(Schema):
    """A time, half-open."""

    start = fields.AwareDateTime()
    end = fields.AwareDateTime()


class ClosureAnswer(Schema):
    """A closure; `status` is draft, applied or undone."""

    id = fields.Integer()
    space_id = fields.Integer()
    unit_ids = fields.List(fields.Integer())
    reason = fields.String()
    start = fields.AwareDateTime(attribute="start_at")
    end = fields.AwareDateTime(attribute="end_at")
    rule = fields.Dict(allow_none=True)
    texts = fields.Dict()
    status = fields.String()
    version = fields.Integer()


class ChoiceAnswer(Schema):
    """An action with its place."""

    action = fields.String()
    place = fields.Nested(PlaceSchema, allow_none=True)


class AffectedAnswer(Schema):
    """A reservation in the way; `new`: nobody has chosen for it as it now stands."""

    reservation = fields.Nested(ReservationAnswer)
    choice = fields.Nested(ChoiceAnswer)
    places = fields.List(fields.Nested(PlaceSchema))
    new = fields.Boolean()


class SimulationAnswer(Schema):
    """A draft as it would work out now."""

    closure = fields.Nested(ClosureAnswer)
    times = fields.List(fields.Nested(SpanAnswer))
    unit_ids = fields.Function(lambda simulation: [unit.id for unit in simulation.units])
    affected = fields.List(fields.Nested(AffectedAnswer))


class ConflictAnswer(Schema):
    """Two reservations that need the same part of a building at the same time."""

    reservation = fields.Nested(ReservationAnswer)
    other = fields.Nested(ReservationAnswer)
    found_at = fields.AwareDateTime()


class OutcomeAnswer(Schema):
    """What an applied closure did to one reservation, and whether an undo put it back."""

    reservation = fields.Nested(ReservationAnswer)
    action = fields.String(attribute="choice.action")
    was = fields.Nested(SpanAnswer)
    was_unit_id = fields.Integer(attribute="was_unit.id")
    restored = fields.Boolean(attribute="choice.restored", allow_none=True)


class DoneAnswer(Schema):
    """An applied or undone closure."""

    closure = fields.Nested(ClosureAnswer)
    times = fields.List(fields.Nested(SpanAnswer))
    outcomes = fields.List(fields.Nested(OutcomeAnswer))


class ContactAnswer(Schema):
    """Who reserved, as far as they told."""

    name = fields.String()
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)


class LineAnswer(Schema):
    """A line of the sheet."""

    reservation = fields.Nested(ReservationAnswer)
    kind = fields.String(attribute="reservation.kind")
    payment = fields.String(attribute="reservation.payment")
    price_won = fields.Integer(attribute="reservation.price_won", allow_none=True)
    checked_in_at = fields.AwareDateTime(attribute="reservation.checked_in_at", allow_none=True)
    person = fields.Nested(ContactAnswer, allow_none=True)
    equipment = fields.Function(lambda line: [{"name": name, "count": count} for name, count in line.equipment])


class UnitDayAnswer(Schema):
    """A unit's day."""

    unit_id = fields.Integer(attribute="unit.id")
    unit_name = fields.String(attribute="unit.name")
    open = fields.List(fields.Nested(SpanAnswer))
    closed = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(LineAnswer))


class SheetAnswer(Schema):
    """A space's local day."""

    space_id = fields.Integer(attribute="space.id")
    day = fields.Date()
    units = fields.List(fields.Nested(UnitDayAnswer))


class WaitingAnswer(Schema):
    """A request with what helps to decide."""

    reservation = fields.Nested(ReservationAnswer)
    person = fields.Nested(ContactAnswer, allow_none=True)
    visits = fields.Integer()
    no_shows = fields.Integer()


class QueueAnswer(Schema):
    """A page of requests, the oldest first."""

    lines = fields.List(fields.Nested(WaitingAnswer))
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()


class AnsweredAnswer(Schema):
    """What became of each."""

    done = fields.List(fields.Integer())
    refused = fields.Dict(keys=fields.Integer(), values=fields.String(), metadata={"description": "id -> code"})


class BlockedAnswer(Schema):
    """What was blocked, and the taken times that were left out."""

    made = fields.List(fields.Nested(ReservationAnswer))
    left_out = fields.List(fields.Nested(SpanAnswer, attribute="during"))


class AuditQuery(_Form):
    """What to look for in a space's trail; `before` is a row's number: only older ones."""

    kind = fields.String(load_default=None, validate=validate.OneOf(tuple(KINDS), error=SENTENCES["choice_invalid"]))
    account_id = fields.Integer(
        load_default=None,
        validate=validate.Range(0, MAX_ID, error=SENTENCES["figure_invalid"]),
        error_messages=_said("figure_invalid"),
    )
    first_day = _day(load_default=None)
    last_day = _day(load_default=None)
    before = fields.Integer(load_default=None, validate=validate.Range(1, 2**62))


class AuditLineAnswer(Schema):
    """One row; names where booking knows them."""

    id = fields.Integer()
    at = fields.AwareDateTime()
    account_id = fields.Integer(allow_none=True)
    who = fields.String(allow_none=True)
    on_behalf_of = fields.Integer(allow_none=True)
    for_whom = fields.String(allow_none=True)
    action = fields.String()
    subject = fields.String()
    details = fields.Dict()


class TrailAnswer(Schema):
    """A page of the trail, newest first; `older` is the next `before`."""

    lines = fields.List(fields.Nested(AuditLineAnswer))
    older = fields.Integer(allow_none=True)


class KeptAnswer(Schema):
    """A space that I run."""

    space_id = fields.Integer(attribute="space.id")
    name = fields.String(attribute="space.name")
    district = fields.String(attribute="space.district")
    today = fields.Integer(metadata={"description": "reservations of today"})
    waiting = fields.Integer(metadata={"description": "requests that wait for an answer"})


class HomeAnswer(Schema):
    """The spaces that I run."""

    spaces = fields.List(fields.Nested(KeptAnswer))
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
    waiting = fields.Integer()


class HomeQuery(_Form):
    """Words of the name or address, and the page."""

    text = fields.String(load_default="", validate=validate.Length(max=100))
    page = _id(load_default=1)
