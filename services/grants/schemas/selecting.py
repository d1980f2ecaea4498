"""Results, meetings and votes."""

from marshmallow import Schema, fields, validate

from services.grants.rules.quorum import CHOICES
from services.grants.schemas.calls import PageQuery


class ResultsQuery(PageQuery):
    """Which part of the results, 100 a page."""


class SelectedSchema(Schema):
    """A selected project."""

    receipt = fields.String()
    title = fields.String()
    group_name = fields.String()
    strand = fields.String()
    district = fields.String()
    awarded_won = fields.Integer()


class ReserveSchema(Schema):
    """A place on the reserve list."""

    reserve_rank = fields.Integer()
    receipt = fields.String()
    title = fields.String()
    group_name = fields.String()


class ResultsSchema(Schema):
    """A call's announced results; before the announcement `announced_at` is null and the rest empty."""

    announced_at = fields.AwareDateTime(format="iso", allow_none=True)
    selected = fields.List(fields.Nested(SelectedSchema))
    reserve = fields.List(fields.Nested(ReserveSchema))
    total = fields.Integer(metadata={"description": "how many were selected"})
    awarded_won = fields.Integer()
    rejected = fields.Integer()


class MeetingSchema(Schema):
    """A meeting of the committee."""

    id = fields.Integer()
    call_id = fields.Integer()
    district = fields.String(allow_none=True)
    title = fields.String()
    held_at = fields.AwareDateTime(format="iso")
    place = fields.String()
    state = fields.String(metadata={"description": "planned, open, closed or cancelled"})
    minutes_hash = fields.String(allow_none=True, metadata={"description": "SHA-256 of the closed minutes"})


class AgendaItemSchema(Schema):
    """An item of the agenda; `recused`: the reader is kept from it, and proposal and state are null. `choice` is the
    reader's own vote."""

    id = fields.Integer()
    position = fields.Integer()
    title = fields.String()
    group_name = fields.String()
    requested_won = fields.Integer()
    proposal = fields.String(allow_none=True, metadata={"description": "select, reserve or reject"})
    proposed_won = fields.Integer(allow_none=True)
    rank = fields.Integer(allow_none=True)
    state = fields.String(allow_none=True, metadata={"description": "pending, voting, decided or deferred"})
    recused = fields.Boolean()
    choice = fields.String(allow_none=True)


class AgendaSchema(MeetingSchema):
    """A meeting with its agenda, 100 items a page; `total` counts all."""

    quorum = fields.Integer(metadata={"description": "how many members must be there for an item"})
    present = fields.Integer()
    items = fields.List(fields.Nested(AgendaItemSchema))
    total = fields.Integer()


class VoteForm(Schema):
    """One's vote."""

    choice = fields.String(required=True, validate=validate.OneOf(CHOICES))


class AttendanceForm(Schema):
    """Whether one is there."""

    there = fields.Boolean(required=True)
