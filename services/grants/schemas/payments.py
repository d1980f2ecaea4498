"""Tranches of an award with their gates. Amounts in won."""

from marshmallow import Schema, fields, validate

from services.grants.rules.tranches import STEPS

ASKED = tuple(sorted(set(STEPS) - {"cancel"}))


class GateSchema(Schema):
    """A condition of a payment: red ones block it."""

    key = fields.String()
    label = fields.String()
    green = fields.Boolean()
    owner = fields.String(
        metadata={"description": "who has to see to it as it stands now: group, district, committee or clock"}
    )
    waiting = fields.Boolean(metadata={"description": "the group says it is done, and the district has to confirm it"})
    code = fields.String(metadata={"description": "the refusal of a payment while it is red"})
    since = fields.Date(allow_none=True)
    due = fields.Date(allow_none=True, metadata={"description": "by when it has to be green"})


class TrancheSchema(Schema):
    """A part of the award; `gates` only while it is not paid."""

    id = fields.Integer()
    number = fields.Integer()
    amount_won = fields.Integer()
    state = fields.String(
        metadata={"description": "planned, requested, prepared, approved, paid or cancelled"},
    )
    paid_on = fields.Date(allow_none=True)
    paid_at = fields.AwareDateTime(
        format="iso", allow_none=True, metadata={"description": "when the payment was recorded"}
    )
    reference = fields.String()
    payable = fields.Boolean(metadata={"description": "every gate is green"})
    gates = fields.List(fields.Nested(GateSchema))


class PaymentSchema(Schema):
    """What is paid of an application's award, and what stands in the way of the rest."""

    application_id = fields.Integer()
    awarded_won = fields.Integer(allow_none=True)
    committed_won = fields.Integer()
    paid_won = fields.Integer(metadata={"description": "what came back taken off"})
    tranches = fields.List(fields.Nested(TrancheSchema))


class StepSchema(Schema):
    """A step of a payment. `reference` and `paid_on` with pay, `reason` with refuse."""

    step = fields.String(required=True, validate=validate.OneOf(ASKED))
    reference = fields.String(load_default="", validate=validate.Length(max=1_000))
    paid_on = fields.Date(load_default=None, allow_none=True)
    reason = fields.String(load_default="", validate=validate.Length(max=10_000))
