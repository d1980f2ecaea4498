"""Funded projects and the districts' figures."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.grants.project_search import SORTS, STATUSES, Wanted
from services.grants.refusals import core, register
from services.grants.schemas.calls import PageQuery
from services.grants.won import UnclearWon, read_won
from shared.districts import BY_CODE

_SAY = {**core.SENTENCES, **register.SENTENCES}
KEY = 40


class Won(fields.Integer):
    """An amount as a person may type it into an address: see `won.read_won`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        try:
            return read_won(str(value))
        except UnclearWon as error:
            raise ValidationError([_SAY[error.code]]) from error


def _one_of(choices: Any, **more: Any) -> fields.String:
    known = validate.OneOf(tuple(choices), error=_SAY["filter_unknown"])
    return fields.String(load_default=None, validate=known, **more)


class ProjectQuery(PageQuery):
    """Which projects. Amounts are of the award, whole won; `year` is the year of the decision."""

    q = fields.String(
        load_default="",
        validate=validate.Length(max=100, error=_SAY["search_too_long"]),
        metadata={"description": "words that stand in title, group, strand or dong"},
    )
    district = _one_of(BY_CODE)
    strand = fields.String(load_default=None, validate=validate.Length(1, KEY))
    programme = fields.String(load_default=None, validate=validate.Length(1, KEY))
    year = fields.Integer(load_default=None, validate=validate.Range(2000, 2100, error=_SAY["year_out_of_range"]))
    status = _one_of(STATUSES)
    least_won = Won(load_default=None)
    most_won = Won(load_default=None)
    sort = fields.String(load_default="newest", validate=validate.OneOf(tuple(SORTS), error=_SAY["filter_unknown"]))

    @post_load
    def together(self, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """{"page", "wanted": Wanted}."""
        least, most = data["least_won"], data["most_won"]
        if least is not None and most is not None and least > most:
            raise ValidationError({"most_won": [_SAY["amounts_crossed"]]})
        page, text = data.pop("page"), data.pop("q")
        return {"page": page, "wanted": Wanted(text=text, **data)}


class ProjectSchema(Schema):
    """A funded project; coordinates in degrees WGS 84, null where the place is not known. `committed_won`, `paid_won`
    and `returned_won` are sums over the ledger."""

    id = fields.Integer(attribute="project.id")
    call_id = fields.Integer(attribute="project.call_id")
    district = fields.String(attribute="project.district")
    dong = fields.String()
    title = fields.String(attribute="project.title")
    group_name = fields.String(attribute="project.group_name")
    strand = fields.String(attribute="project.strand")
    programme = fields.String(attribute="programme_key")
    status = fields.String(attribute="state.phase", metadata={"description": "selected, running, settling or closed"})
    awarded_won = fields.Integer(attribute="project.awarded_won")
    committed_won = fields.Integer(attribute="money.committed_won")
    paid_won = fields.Integer(attribute="money.paid_won")
    returned_won = fields.Integer(attribute="money.returned_won")
    decided_at = fields.AwareDateTime(attribute="project.decided_at", format="iso")
    space_id = fields.Integer(attribute="project.space_id", allow_none=True)
    latitude = fields.Float(attribute="project.latitude", allow_none=True)
    longitude = fields.Float(attribute="project.longitude", allow_none=True)


class PaidSchema(Schema):
    """A tranche that was paid: on which day, and when that was recorded."""

    number = fields.Integer()
    amount_won = fields.Integer()
    paid_on = fields.Date()
    paid_at = fields.AwareDateTime(format="iso")


class WholeSchema(Schema):
    """A project with the agreed days, its payments and what came of it; the last three once the amount is final."""

    project = fields.Nested(ProjectSchema, attribute="entry")
    starts_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True)
    tranches = fields.List(fields.Nested(PaidSchema))
    outcome = fields.String()
    final_won = fields.Integer(allow_none=True)
    finalized_at = fields.AwareDateTime(format="iso", allow_none=True)


class ProjectList(Schema):
    """A part of the register; `total` and the sums are of all that was asked for. `awarded_won` is what was announced,
    the others what the ledger says now."""

    projects = fields.List(fields.Nested(ProjectSchema), attribute="entries")
    total = fields.Integer()
    awarded_won = fields.Integer()
    committed_won = fields.Integer(attribute="money.committed_won")
    paid_won = fields.Integer(attribute="money.paid_won")
    returned_won = fields.Integer(attribute="money.returned_won")


class FiguresSchema(Schema):
    """A district's published calls and funded projects, in won what was awarded at their announcement and what is bound
    for them now by the ledger."""

    district = fields.String()
    calls = fields.Integer()
    projects = fields.Integer()
    awarded_won = fields.Integer()
    committed_won = fields.Integer()
