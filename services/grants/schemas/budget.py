"""The budget. Amounts in won; rates in per cent of the adjusted budget, half up to 0.1, as text."""

from marshmallow import Schema, fields


class BudgetQuery(Schema):
    """Which year, as of the end of which day; the newest year as of today unless said."""

    year = fields.Integer(load_default=None)
    as_of = fields.Date(load_default=None)


class BalanceSchema(Schema):
    """What postings add up to."""

    original_won = fields.Integer()
    adjusted_won = fields.Integer()
    commitment_won = fields.Integer()
    expenditure_won = fields.Integer()
    commitment_rate = fields.Decimal(as_string=True, allow_none=True)
    expenditure_rate = fields.Decimal(as_string=True, allow_none=True)


class LineSchema(Schema):
    """A budget line."""

    id = fields.Integer(attribute="line.id")
    programme = fields.String(attribute="line.programme")
    balance = fields.Nested(BalanceSchema)


class DivisionSchema(Schema):
    """A division, its lines and their total."""

    name = fields.String()
    total = fields.Nested(BalanceSchema)
    lines = fields.List(fields.Nested(LineSchema))


class BudgetSchema(Schema):
    """A year's budget."""

    year = fields.Integer()
    as_of = fields.Date()
    total = fields.Nested(BalanceSchema)
    divisions = fields.List(fields.Nested(DivisionSchema))
