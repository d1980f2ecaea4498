"""Calls and the applications to them."""

from marshmallow import Schema, fields, validate

from services.grants.workflow import Phase
from shared.districts import BY_CODE


class PageQuery(Schema):
    """Which part of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000), metadata={"description": "from 1"})


class CallQuery(PageQuery):
    """Which calls."""

    district = fields.String(load_default=None, validate=validate.OneOf(tuple(BY_CODE)))
    state = fields.String(load_default=None, validate=validate.OneOf([phase.value for phase in Phase]))


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


class FilingSchema(Schema):
    """What an application says. Amounts are whole numbers of won, never text."""

    group_name = fields.String(required=True)
    members = fields.Integer(required=True, strict=True)
    title = fields.String(required=True)
    strand = fields.String(required=True)
    plan = fields.String(required=True)
    requested_won = fields.Integer(required=True, strict=True, validate=validate.Range(max=10**13))
    self_contribution_won = fields.Integer(required=True, strict=True, validate=validate.Range(max=10**13))
    district = fields.String(load_default=None, allow_none=True)
    space_id = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1)
    )


class KeyHeader(Schema):
    """The header that makes a repeated request harmless."""

    idempotency_key = fields.String(required=True, data_key="Idempotency-Key", validate=validate.Length(1, 64))


class ApplicationSchema(Schema):
    """One's own application with its receipt and what was decided."""

    id = fields.Integer()
    call_id = fields.Integer()
    receipt = fields.String()
    filed_hash = fields.String(metadata={"description": "SHA-256 of what was filed"})
    state = fields.String(metadata={"description": "submitted, under_review, selected, rejected or withdrawn"})
    group_name = fields.String()
    title = fields.String()
    strand = fields.String()
    district = fields.String()
    requested_won = fields.Integer()
    awarded_won = fields.Integer(allow_none=True)
    reason = fields.String()
    submitted_at = fields.AwareDateTime(format="iso")
    decided_at = fields.AwareDateTime(format="iso", allow_none=True)
