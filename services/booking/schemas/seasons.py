"""Seasons: what comes in by form or JSON, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema

from services.booking.refusals import SENTENCES
from services.booking.rules.seasons import MOST_OPTIONS, Asked, Wanted, minutes_of
from services.booking.rules.weekly import Option
from services.booking.schemas.parts import LARGE, clock, list_of, said, tick
from services.booking.schemas.reservations import CLOCK
from services.booking.schemas.units import MAX_ID, MAX_PEOPLE
from services.booking.seasons.plan import ACTS

EARLIEST, LATEST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - bounds of what has no zone yet


def _day() -> fields.Date:
    bounds = validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"])
    return fields.Date(required=True, validate=bounds, error_messages=said("date_invalid"))


def _number(code: str = "season_number_invalid", most: int = LARGE, **options: Any) -> fields.Integer:
    bounds = validate.Range(-most, most, error=SENTENCES[code])
    return fields.Integer(validate=bounds, error_messages=said(code), **options)


def _clock() -> fields.String:
    wrong = validate.Regexp(CLOCK, error=SENTENCES["season_choose"])
    return fields.String(required=True, validate=wrong, error_messages=said("season_choose"))


def _id(code: str, **options: Any) -> fields.Integer:
    bounds = validate.Range(1, MAX_ID, error=SENTENCES[code])
    return fields.Integer(validate=bounds, error_messages=said(code), **options)


class _Season(Schema):
    """What form and JSON share."""

    name = fields.String(load_default="")
    note = fields.String(load_default="")
    unit_ids = fields.List(_id("unit_not_found"), load_default=list, validate=validate.Length(max=1000))
    first_day = _day()
    last_day = _day()
    usable = _number(load_default=75)
    district_weight = _number(load_default=0)
    new_weight = _number(load_default=0)


class SeasonForm(_Season):
    """The form of the page; `opens_at` and `closes_at` are local to the season's spaces."""

    class Meta:
        unknown = EXCLUDE

    opens_at = fields.NaiveDateTime(
        required=True,
        validate=validate.Range(EARLIEST, LATEST, error=SENTENCES["season_moment_invalid"]),
        error_messages=said("season_moment_invalid"),
    )
    closes_at = fields.NaiveDateTime(
        required=True,
        validate=validate.Range(EARLIEST, LATEST, error=SENTENCES["season_moment_invalid"]),
        error_messages=said("season_moment_invalid"),
    )
    one_a_day = tick()
    version = _number(load_default=0)
    idempotency_key = fields.String(load_default="")

    @pre_load
    def _lists(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        plain = {name: value for name, value in data.items() if name != "unit_ids"}
        return {**plain, "unit_ids": [each for each in list_of(data, "unit_ids") if each]}


class SeasonRequest(_Season):
    """A season as the API takes it."""

    opens_at = fields.AwareDateTime(
        required=True,
        validate=validate.Range(EARLIEST.replace(tzinfo=UTC), LATEST.replace(tzinfo=UTC)),
        metadata={"description": "with offset; included"},
    )
    closes_at = fields.AwareDateTime(
        required=True,
        validate=validate.Range(EARLIEST.replace(tzinfo=UTC), LATEST.replace(tzinfo=UTC)),
        metadata={"description": "with offset; excluded"},
    )
    one_a_day = fields.Boolean(load_default=True)

    @post_load
    def _wanted(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        version = data.pop("version", None)
        return {"wanted": wanted_of(data), **({} if version is None else {"version": version})}


class EditSeasonRequest(SeasonRequest):
    """The same with the version that was looked at."""

    version = fields.Integer(required=True, strict=True)


class SeasonVersionRequest(Schema):
    """The version of the season that was looked at."""

    version = fields.Integer(required=True, strict=True)


class SeasonVersionQuery(Schema):
    """The same in the address."""

    version = _number(required=True)


class SeasonReasonRequest(Schema):
    """Why a season is called off; everybody who applied reads it. 1-500 characters."""

    reason = fields.String(load_default="")


class SeasonOption(Schema):
    """A unit, an ISO weekday (Monday is 1), and the local times between which a group would take its time."""

    unit_id = _id("season_choose", required=True)
    weekday = fields.Integer(
        required=True,
        validate=validate.Range(1, 7, error=SENTENCES["season_choose"]),
        error_messages=said("season_choose"),
    )
    start = _clock()
    end = _clock()


class SeasonApplicationRequest(Schema):
    """An application; its options are in order of preference."""

    group_id = _id("group_not_yours", load_default=None, allow_none=True)
    group_name = fields.String(load_default="")
    purpose = fields.String(required=True, error_messages=said("purpose_needed"))
    people = _number("people_invalid", MAX_PEOPLE, required=True)
    times = _number(required=True)
    minutes = _number(required=True)
    options = fields.List(
        fields.Nested(SeasonOption), load_default=list, validate=validate.Length(max=5 * MOST_OPTIONS)
    )

    @validates_schema(skip_on_field_errors=False)
    def _has_a_group(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if not data.get("group_id") and not data.get("group_name", "").strip():
            raise ValidationError(SENTENCES["season_group_needed"], "group_name")

    @post_load
    def _asked(self, data: dict[str, Any], **kwargs: Any) -> Asked:
        options = tuple(
            Option(each["unit_id"], each["weekday"], minutes_of(each["start"]), minutes_of(each["end"]))
            for each in data.pop("options")
        )
        return Asked(**data, options=options)


class SeasonActRequest(Schema):
    """One act on a plan: a weekly time of an application, and where it is moved to."""

    class Meta:
        unknown = EXCLUDE

    do = fields.String(required=True, validate=validate.OneOf(ACTS, error=SENTENCES["season_act_unknown"]))
    version = _number(required=True)
    application_id = _id("season_application_unknown", required=True)
    unit_id = _id("season_unit_unknown", required=True)
    weekday = _number("season_time_invalid", required=True)
    start = clock(required=True)
    to_unit_id = _id("season_unit_unknown", load_default=None, allow_none=True)
    to_weekday = _number("season_time_invalid", load_default=None, allow_none=True)
    to_start = clock(load_default=None, allow_none=True)


class SeasonBackRequest(SeasonVersionRequest):
    """Which plan of the history to go back to; 0 is the oldest."""

    index = fields.Integer(required=True, strict=True)


class SeasonUnitAnswer(Schema):
    """A unit of a season."""

    id = fields.Integer()
    name = fields.String()
    space = fields.String(attribute="space.name")
    capacity = fields.Integer(allow_none=True)


class SeasonAnswer(Schema):
    """A season; `stage`: draft, soon, open, closed, published, over or cancelled, then with its `reason`."""

    id = fields.Integer()
    name = fields.String()
    note = fields.String()
    district = fields.String()
    zone = fields.String()
    first_day = fields.Date()
    last_day = fields.Date()
    opens_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    status = fields.String()
    stage = fields.String()
    reason = fields.String(allow_none=True)
    version = fields.Integer()
    rules = fields.Dict(metadata={"description": "what the allocation goes by"})


class SeasonApplicationAnswer(Schema):
    """An application; `options` are [unit, ISO weekday, from, to] in minutes of the day. `result`, once published: what
    was given, and the reason for each option."""

    id = fields.Integer()
    season_id = fields.Integer()
    group_id = fields.Integer(allow_none=True)
    group_name = fields.String()
    purpose = fields.String()
    people = fields.Integer()
    times = fields.Integer()
    minutes = fields.Integer()
    options = fields.List(fields.List(fields.Integer()))
    typed = fields.Dict()
    status = fields.String()
    result = fields.Dict(allow_none=True)
    changed_at = fields.AwareDateTime()


class ShownSeasonAnswer(Schema):
    """A season with its units and one's own application."""

    season = fields.Nested(SeasonAnswer)
    units = fields.List(fields.Nested(SeasonUnitAnswer))
    taking_part = fields.Integer()
    mine = fields.Nested(SeasonApplicationAnswer, allow_none=True)


class SeasonTimeAnswer(Schema):
    """A weekly time that a group has: minutes of the day."""

    application_id = fields.Integer(attribute="wish_id")
    unit_id = fields.Integer()
    weekday = fields.Integer(attribute="time.weekday")
    start = fields.Integer(attribute="time.start")
    end = fields.Integer(attribute="time.end")


class SeasonReasonAnswer(Schema):
    """What became of an option: its code, and why it was lost."""

    code = fields.String()
    why = fields.String(allow_none=True)
    lost_to = fields.List(fields.Nested(SeasonTimeAnswer))


class SeasonPlanAnswer(Schema):
    """A plan: who has what, what clashes, Jain's index of fairness, and the reason for each option by application."""

    version = fields.Integer(attribute="season.version")
    placements = fields.List(fields.Nested(SeasonTimeAnswer), attribute="plan.placements")
    pinned = fields.List(fields.Nested(SeasonTimeAnswer), attribute="plan.pinned")
    forbidden = fields.List(fields.Nested(SeasonTimeAnswer), attribute="plan.forbidden")
    clashes = fields.List(fields.List(fields.Nested(SeasonTimeAnswer)))
    fairness = fields.Float(allow_none=True)
    shares = fields.Dict()
    applications = fields.List(fields.Nested(SeasonApplicationAnswer), attribute="applying")
    reasons = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(SeasonReasonAnswer)))


def wanted_of(data: Mapping[str, Any]) -> Wanted:
    """What a form or JSON wants of a season."""
    known = {name: value for name, value in data.items() if name not in ("version", "idempotency_key")}
    return Wanted(**{**known, "unit_ids": tuple(dict.fromkeys(known["unit_ids"]))})
