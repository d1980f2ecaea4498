"""Calls and the applications to them."""

from marshmallow import Schema, fields, validate


class PageQuery(Schema):
    """Which part of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000), metadata={"description": "from 1"})


class CallSchema(Schema):
    """A call; it takes applications in [opens_at, closes_at). `district` null is the whole city."""

    id = fields.Integer()
    district = fields.String(allow_none=True)
    programme = fields.String()
    title = fields.String()
    body = fields.String()
    strands = fields.List(fields.String())
    opens_at = fields.AwareDateTime(format="iso")
    closes_at = fields.AwareDateTime(format="iso")
    results_on = fields.Date()
    rolling = fields.Boolean()
    budget_won = fields.Integer()
    ceiling_won = fields.Integer()
    state = fields.String(metadata={"description": "draft, upcoming, open or closed, at the time of the answer"})


class CallList(Schema):
    """A part of the calls; `total` counts all of them."""

    calls = fields.List(fields.Nested(CallSchema))
    total = fields.Integer()
