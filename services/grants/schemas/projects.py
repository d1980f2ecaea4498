"""Funded projects and the districts' figures."""

from marshmallow import Schema, fields, validate

from services.grants.schemas.calls import PageQuery
from shared.districts import BY_CODE


class ProjectQuery(PageQuery):
    """Which projects."""

    district = fields.String(load_default=None, validate=validate.OneOf(tuple(BY_CODE)))


class ProjectSchema(Schema):
    """A funded project; coordinates in degrees WGS 84, null where the place is not known."""

    id = fields.Integer()
    call_id = fields.Integer()
    district = fields.String()
    title = fields.String()
    group_name = fields.String()
    strand = fields.String()
    awarded_won = fields.Integer()
    decided_at = fields.AwareDateTime(format="iso")
    space_id = fields.Integer(allow_none=True)
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)


class ProjectList(Schema):
    """A part of the register; `total` and `awarded_won` are of all that was asked for."""

    projects = fields.List(fields.Nested(ProjectSchema))
    total = fields.Integer()
    awarded_won = fields.Integer()


class FiguresSchema(Schema):
    """A district's published calls, funded projects and their awards in won."""

    district = fields.String()
    calls = fields.Integer()
    projects = fields.Integer()
    awarded_won = fields.Integer()
