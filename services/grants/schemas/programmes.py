"""Programmes and their versions over the API. A version's rules are the document of `schemas.definition`."""

from marshmallow import Schema, fields, validate

from services.grants.refusals import SENTENCES
from services.grants.schemas.calls import PageQuery
from shared.districts import BY_CODE

_DISTRICT = validate.OneOf(tuple(BY_CODE), error=SENTENCES["district_unknown"])
MOST_ID = 2**31 - 1


class ProgrammeQuery(PageQuery):
    """Which programmes: with a district, the city's and its own."""

    district = fields.String(load_default=None, validate=_DISTRICT)


class VersionSchema(Schema):
    """A version of a programme's rules. Until it is released it is a draft; once frozen it never changes."""

    id = fields.Integer()
    number = fields.Integer()
    note = fields.String()
    definition_hash = fields.String(metadata={"description": "SHA-256 of the rules' canonical JSON"})
    created_at = fields.AwareDateTime(format="iso")
    changed_at = fields.AwareDateTime(format="iso", allow_none=True)
    released_at = fields.AwareDateTime(format="iso", allow_none=True)
    frozen_at = fields.AwareDateTime(format="iso", allow_none=True)


class ProgrammeSchema(Schema):
    """A programme; `district` null is the city's. `label` is its name in its newest version."""

    id = fields.Integer()
    key = fields.String()
    district = fields.String(allow_none=True)
    label = fields.Dict(fields.String(), fields.String())
    retired_at = fields.AwareDateTime(format="iso", allow_none=True)
    version = fields.Integer(metadata={"description": "number of the newest version that you may see"})


class ProgrammeList(Schema):
    """A part of the programmes; `total` counts all of them."""

    programmes = fields.List(fields.Nested(ProgrammeSchema))
    total = fields.Integer()


class OneProgrammeSchema(ProgrammeSchema):
    """A programme with all its versions that you may see, the newest first."""

    versions = fields.List(fields.Nested(VersionSchema))


class RulesSchema(VersionSchema):
    """A version with its rules, and what is wrong with them."""

    programme_id = fields.Integer()
    definition = fields.Dict()
    problems = fields.List(fields.Dict(fields.String(), fields.Raw()), metadata={"description": "path, code, blocks"})


class CopyRequest(Schema):
    """What a new programme begins with, and its name."""

    version_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_ID))
    district = fields.String(load_default=None, allow_none=True, validate=_DISTRICT)
    name = fields.String(required=True)
    name_en = fields.String(load_default="")


class RulesRequest(Schema):
    """The whole document, and the hash of the one that it replaces."""

    definition = fields.Dict(required=True)
    seen = fields.String(required=True)


class ReleaseRequest(Schema):
    """The hash of the rules that are released, and what is new in them."""

    seen = fields.String(required=True)
    note = fields.String(load_default="")


class RetireRequest(Schema):
    """Whether the programme is given up, or taken up again."""

    retired = fields.Boolean(required=True)
