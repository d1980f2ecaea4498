"""Checking in, no-shows and appeals: what comes in and what goes out."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.booking.models.attendance import DECISIONS
from services.booking.schemas.reservations import ReservationAnswer
from services.booking.schemas.units import MAX_ID


class HereAnswer(Schema):
    """What I find before a unit: ready (to check in for `due`), done, early (until `opens_at`), missed or nothing."""

    unit_id = fields.Integer(attribute="unit.id")
    unit_name = fields.String(attribute="unit.name")
    state = fields.String()
    due = fields.Nested(ReservationAnswer, allow_none=True)
    opens_at = fields.AwareDateTime(allow_none=True)
    today = fields.List(fields.Nested(ReservationAnswer))


class NoShowAnswer(Schema):
    """A no-show; it counts unless its decision is excused."""

    id = fields.Integer()
    reservation_id = fields.Integer()
    missed_at = fields.AwareDateTime()
    appeal = fields.String(allow_none=True)
    appealed_at = fields.AwareDateTime(allow_none=True)
    decision = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)


class MissedAnswer(Schema):
    """A no-show with what was reserved; `blocked_until`: when one may reserve in that space again."""

    no_show = fields.Nested(NoShowAnswer)
    reservation = fields.Nested(ReservationAnswer)
    blocked_until = fields.AwareDateTime(allow_none=True)


class AppealRequest(Schema):
    """Why one was away, or that one was there."""

    text = fields.String(required=True)


class DecisionRequest(Schema):
    """A keeper's decision with its reason, which the person reads."""

    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = fields.String(required=True)


class AppealsQuery(Schema):
    """Which page."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, MAX_ID))


class AppealsAnswer(Schema):
    """The appeals that wait for me, the oldest first."""

    waiting = fields.List(fields.Nested(MissedAnswer))
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
