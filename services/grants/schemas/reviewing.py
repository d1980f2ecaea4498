"""A reviewer's queue and the staff's list, as JSON."""

from marshmallow import Schema, fields, validate

from services.grants.intake.listing import SORTS
from services.grants.rules.scores import COMMENT
from services.grants.schemas.calls import PageQuery


class ReviewQuery(PageQuery):
    """Which of one's own reviews."""

    state = fields.String(load_default="assigned", validate=validate.OneOf(("assigned", "submitted")))


class CriterionSchema(Schema):
    """A line of the rubric: up to `most` points, counted `weight` times."""

    key = fields.String()
    label = fields.String()
    most = fields.Integer()
    weight = fields.Integer()


class ReviewSchema(Schema):
    """One's own review. `scores` are the points that were handed in; `typed` what is kept of a draft."""

    id = fields.Integer()
    application_id = fields.Integer()
    call_id = fields.Integer()
    title = fields.String()
    group_name = fields.String()
    strand = fields.String()
    requested_won = fields.Integer()
    stage = fields.String()
    round = fields.Integer()
    state = fields.String(metadata={"description": "assigned or submitted"})
    open = fields.Boolean(metadata={"description": "whether it can be written now"})
    due_on = fields.Date(allow_none=True)
    rubric = fields.List(fields.Nested(CriterionSchema))
    typed = fields.Dict(keys=fields.String(), values=fields.String())
    scores = fields.Dict(keys=fields.String(), values=fields.Integer())
    comment = fields.String()
    total_tenths = fields.Integer(allow_none=True, metadata={"description": "the weighted total in tenths of a point"})
    sealed_hash = fields.String(allow_none=True, metadata={"description": "SHA-256 of what was handed in"})
    submitted_at = fields.AwareDateTime(format="iso", allow_none=True)


class ReviewList(Schema):
    """A page of one's own reviews, and how many there are in each state."""

    reviews = fields.List(fields.Nested(ReviewSchema))
    assigned = fields.Integer()
    submitted = fields.Integer()


class WrittenSchema(Schema):
    """Points by criterion's key and a comment; as a draft whatever is there, handed in all of it."""

    scores = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), load_default=dict)
    comment = fields.String(load_default="", validate=validate.Length(max=COMMENT))


class InterestSchema(Schema):
    """Why one steps back."""

    reason = fields.String(required=True, validate=validate.Length(1, 500))


class IntakeQuery(PageQuery):
    """Which applications of a call; see the page."""

    state = fields.String(load_default="")
    phase = fields.String(load_default="")
    strand = fields.String(load_default="")
    dong = fields.String(load_default="")
    q = fields.String(load_default="", validate=validate.Length(max=100))
    sort = fields.String(load_default="number", validate=validate.OneOf(SORTS))
    descending = fields.Boolean(load_default=False)


class IntakeRow(Schema):
    """An application as the staff lists it. The average is there once all reviews of the stage are in."""

    id = fields.Integer()
    number = fields.Integer()
    receipt = fields.String()
    title = fields.String()
    group_name = fields.String()
    strand = fields.String()
    district = fields.String()
    dong = fields.String()
    members = fields.Integer()
    requested_won = fields.Integer()
    awarded_won = fields.Integer(allow_none=True)
    state = fields.String()
    phase = fields.String()
    submitted_at = fields.AwareDateTime(format="iso")
    reviews_submitted = fields.Integer()
    reviews_waiting = fields.Integer()
    average_tenths = fields.Integer(allow_none=True)


class IntakeList(Schema):
    """A page of the list; `total` counts what the filters leave, `counts` the call's applications by state."""

    applications = fields.List(fields.Nested(IntakeRow))
    total = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class EligibilitySchema(Schema):
    """The check's result. The reason is what the group reads. Accepting needs one, for the staff only, where a
    requirement is not met or unsure, a limit is reached or something is flagged."""

    decision = fields.String(required=True, validate=validate.OneOf(("accept", "refuse", "request_correction")))
    reason = fields.String(load_default="")
    correct_by = fields.AwareDateTime(load_default=None, allow_none=True)


class CheckedApplicationSchema(Schema):
    """Where the application stands now."""

    id = fields.Integer()
    state = fields.String()
    phase = fields.String()
    correct_by = fields.AwareDateTime(format="iso", allow_none=True)
