"""Expenses, settlements and returns as JSON."""

from marshmallow import Schema, fields, validate

from services.grants.rules.expenses import METHODS, SOURCES
from services.grants.schemas.calls import PageQuery

_MOST = 10**13


class SpentSchema(Schema):
    """An expense; amounts are whole numbers of won, never text."""

    category = fields.String(required=True)
    item = fields.String(required=True)
    spent_on = fields.Date(required=True)
    payee = fields.String(required=True)
    payee_number = fields.String(load_default="", metadata={"description": "ten digits, with or without hyphens"})
    amount_won = fields.Integer(required=True, strict=True, validate=validate.Range(max=_MOST))
    source = fields.String(load_default="grant", validate=validate.OneOf(SOURCES))
    method = fields.String(load_default="card", validate=validate.OneOf(METHODS))
    purpose = fields.String(required=True)


class ExpenseFindingSchema(Schema):
    """What the rules find of an expense, with a sentence in the language of the request."""

    code = fields.String()
    blocking = fields.Boolean(metadata={"description": "cannot be recognised until it is put right"})
    title = fields.String()
    text = fields.String()


class CheckedSchema(Schema):
    """What the rules would say of an expense."""

    worst = fields.String(metadata={"description": "clean, flag or block"})
    most_won = fields.Integer(metadata={"description": "how much of it can be recognised"})
    findings = fields.List(fields.Nested(ExpenseFindingSchema))


class ExpenseSchema(Schema):
    """A recorded expense."""

    id = fields.Integer()
    application_id = fields.Integer()
    category = fields.String()
    item = fields.String()
    spent_on = fields.Date()
    payee = fields.String()
    payee_number = fields.String()
    amount_won = fields.Integer()
    source = fields.String()
    method = fields.String()
    purpose = fields.String()
    state = fields.String(metadata={"description": "filed, accepted, refused or withdrawn"})
    worst = fields.String(metadata={"description": "clean, flag or block"})
    findings = fields.List(fields.Nested(ExpenseFindingSchema))
    accepted_won = fields.Integer(allow_none=True)
    reason = fields.String()
    filed_at = fields.AwareDateTime(format="iso")
    decided_at = fields.AwareDateTime(format="iso", allow_none=True)


class DecisionSchema(Schema):
    """Recognising an expense: all of it, a part, or 0; less than all needs a reason."""

    accepted_won = fields.Integer(required=True, strict=True, validate=validate.Range(max=_MOST))
    reason = fields.String(load_default="")


class QueueQuery(PageQuery):
    """Which of the waiting expenses."""

    worst = fields.String(load_default=None, validate=validate.OneOf(("clean", "flag", "block")))


class QueueSchema(Schema):
    """A part of the waiting expenses; `total` counts all that were asked for."""

    expenses = fields.List(fields.Nested(ExpenseSchema))
    total = fields.Integer()


class SpentLineSchema(Schema):
    """A cost category of a settlement, in won of the grant."""

    category = fields.String()
    agreed_won = fields.Integer()
    recorded_won = fields.Integer()
    accepted_won = fields.Integer()
    refused_won = fields.Integer()
    left_won = fields.Integer()


class AccountSchema(Schema):
    """Where the money of a project stands: accepted + waiting + refused + unspent = paid."""

    agreed_won = fields.Integer()
    paid_won = fields.Integer()
    recorded_won = fields.Integer()
    accepted_won = fields.Integer()
    waiting_won = fields.Integer()
    refused_won = fields.Integer()
    unspent_won = fields.Integer()
    interest_won = fields.Integer()
    to_return_won = fields.Integer()
    own_won = fields.Integer()
    final_won = fields.Integer(allow_none=True)
    state = fields.String(allow_none=True, metadata={"description": "filed, sent_back or finalized"})
    report_hash = fields.String(allow_none=True)
    due_on = fields.Date(allow_none=True)
    lines = fields.List(fields.Nested(SpentLineSchema))


class ReturnSchema(Schema):
    """Money that has to come back; what is open is as of today."""

    id = fields.Integer()
    kind = fields.String(metadata={"description": "voluntary_return or clawback"})
    state = fields.String(metadata={"description": "due, paid or cancelled"})
    amount_won = fields.Integer()
    interest_won = fields.Integer(metadata={"description": "accrued interest within amount_won"})
    due_on = fields.Date()
    open_won = fields.Integer()
    late_interest_won = fields.Integer()
    overdue_days = fields.Integer()
