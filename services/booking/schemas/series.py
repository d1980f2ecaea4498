"""Series: what comes in by form or JSON, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, pre_load, validate

from services.booking.refusals import SENTENCES
from services.booking.rules.recurrence import EVERY, MAX_INTERVAL, MOST, NTHS, Recurrence, nth_of
from services.booking.schemas.reservations import CLOCK, ReservationAnswer
from services.booking.schemas.units import MAX_ID, MAX_PEOPLE
from services.booking.series import SCOPES

MONTHLY = ("same_day", "last_day", "same_weekday", "last_weekday")
"""How a form says which day of a month: as the first day is."""
ON_CLOSED = ("skip", "refuse")


def _said(code: str) -> dict[str, Any]:
    return dict.fromkeys(("required", "null", "invalid", "format", "too_large"), SENTENCES[code])


def _clock(**options: Any) -> fields.String:
    wrong = validate.Regexp(CLOCK, error=SENTENCES["time_invalid"])
    return fields.String(validate=wrong, error_messages=_said("time_invalid"), **options)


def _date(code: str = "date_invalid", **options: Any) -> fields.Date:
    bounds = validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES[code])
    return fields.Date(validate=bounds, error_messages=_said(code), **options)


def _number(code: str, low: int, high: int, **options: Any) -> fields.Integer:
    bounds = validate.Range(low, high, error=SENTENCES[code])
    return fields.Integer(validate=bounds, error_messages=_said(code), **options)


def _choice(code: str, known: tuple[str, ...], **options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(known, error=SENTENCES[code]), error_messages=_said(code), **options)


class SeriesForm(Schema):
    """The form of the page; it loads with `rule` made of its fields. `days` are the dates that were chosen."""

    class Meta:
        unknown = EXCLUDE

    date = _date(required=True)
    start = _clock(required=True)
    end = _clock(required=True)
    people = _number("people_invalid", -MAX_PEOPLE, MAX_PEOPLE, required=True)
    purpose = fields.String(load_default="")
    group_name = fields.String(load_default=None)
    group_id = _number("group_not_yours", 1, MAX_ID, load_default=None)
    every = _choice("recurrence_unknown", EVERY, load_default="week")
    interval = _number("recurrence_interval", 1, MAX_INTERVAL, load_default=1)
    weekdays = fields.List(_number("recurrence_unknown", 1, 7), load_default=list)
    monthly = _choice("recurrence_unknown", MONTHLY, load_default="same_day")
    ends = _choice("recurrence_end_needed", ("until", "count"), load_default="until")
    until = _date("recurrence_end_needed", load_default=None)
    count = _number("recurrence_count", 1, MOST, load_default=None)
    on_closed = _choice("scope_unknown", ON_CLOSED, load_default="skip")
    days = fields.List(_date(), load_default=list)
    idempotency_key = fields.String(load_default="")

    @pre_load
    def _as_fields(self, data: Any, **kwargs: Any) -> dict[str, Any]:
        """A form sends empty texts for nothing, and several values under one name."""
        plain = {name: value for name, value in data.items() if value != ""}
        for name in ("weekdays", "days"):
            several = data.getlist(name) if hasattr(data, "getlist") else data.get(name)
            plain[name] = [each for each in several or () if each]
        return plain

    @post_load
    def _with_rule(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        if "date" in data and "every" in data:
            data["rule"] = _rule_of(data)
        return data


def _rule_of(form: Mapping[str, Any]) -> Recurrence:
    first: date = form["date"]
    more: Any = {}
    if form["every"] == "month":
        more = {
            "same_day": {"month_day": first.day},
            "last_day": {"month_day": -1},
            "same_weekday": {"nth": (nth_of(first), first.isoweekday())},
            "last_weekday": {"nth": (-1, first.isoweekday())},
        }[form["monthly"]]
    weekdays = frozenset(form["weekdays"]) if form["every"] == "week" else frozenset()
    more[form["ends"]] = form[form["ends"]]
    return Recurrence(first, form["every"], form["interval"], weekdays, **more)


class RuleFields(Schema):
    """A rule on local dates. It ends with `until`, included, or after `count` dates, the except dates among them."""

    first = fields.Date(required=True)
    every = fields.String(required=True, validate=validate.OneOf(EVERY))
    interval = fields.Integer(load_default=1, validate=validate.Range(1, MAX_INTERVAL))
    weekdays = fields.List(
        fields.Integer(validate=validate.Range(1, 7)), load_default=list, metadata={"description": "ISO, Monday is 1"}
    )
    nth = fields.List(
        fields.Integer(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(equal=2),
        metadata={"description": f"[one of {NTHS}, ISO weekday]: [-1, 5] is the last Friday"},
    )
    month_day = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "1 to 31, or -1 for the last day"}
    )
    until = fields.Date(load_default=None, allow_none=True)
    count = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, MOST))
    except_dates = fields.List(fields.Date(), load_default=list, data_key="except", validate=validate.Length(max=MOST))

    @post_load
    def _rule(self, data: dict[str, Any], **kwargs: Any) -> Recurrence:
        nth = data.pop("nth")
        weekdays, away = frozenset(data.pop("weekdays")), frozenset(data.pop("except_dates"))
        return Recurrence(**data, weekdays=weekdays, nth=tuple(nth) if nth else None, except_dates=away)


class SeriesRequest(Schema):
    """What somebody wants repeated; `start` and `end` are wall times in the space's zone."""

    unit_id = fields.Integer(required=True, validate=validate.Range(1, MAX_ID))
    rule = fields.Nested(RuleFields, required=True)
    start = _clock(required=True)
    end = _clock(required=True)
    people = fields.Integer(required=True, strict=True, validate=validate.Range(-MAX_PEOPLE, MAX_PEOPLE))
    purpose = fields.String(required=True)
    group_name = fields.String(load_default=None, allow_none=True)
    group_id = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, MAX_ID))
    on_closed = fields.String(load_default="skip", validate=validate.OneOf(ON_CLOSED))


class MakeSeriesRequest(SeriesRequest):
    """The same, and which of its dates: `days` only where given; `free_only` leaves out what cannot be had."""

    days = fields.List(fields.Date(), load_default=None, allow_none=True, validate=validate.Length(max=MOST))
    free_only = fields.Boolean(load_default=False)


class ScopeQuery(Schema):
    """Which occurrences: all that are to come, one, or it and those that follow."""

    scope = fields.String(load_default="all", validate=validate.OneOf(SCOPES))
    reservation_id = fields.Integer(load_default=None, validate=validate.Range(1, MAX_ID))


class ChangeSeriesRequest(ScopeQuery):
    """What becomes of them; what is missing stays. The times are wall times of each one's own date."""

    unit_id = fields.Integer(load_default=None, validate=validate.Range(1, MAX_ID))
    start = _clock(load_default=None)
    end = _clock(load_default=None)
    people = fields.Integer(load_default=None, strict=True, validate=validate.Range(-MAX_PEOPLE, MAX_PEOPLE))
    purpose = fields.String(load_default=None)
    free_only = fields.Boolean(load_default=False)


class ChangeSeriesForm(ScopeQuery):
    """The same by form."""

    class Meta:
        unknown = EXCLUDE

    start = _clock(required=True)
    end = _clock(required=True)
    unit_id = _number("unit_not_found", 1, MAX_ID, load_default=None)
    people = _number("people_invalid", -MAX_PEOPLE, MAX_PEOPLE, load_default=None)
    purpose = fields.String(load_default=None)
    free_only = fields.Boolean(load_default=False)

    @pre_load
    def _drop_empty(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}


class OccurrenceAnswer(Schema):
    """A date of a series; `state` is free, taken, closed or refused, `code` says why."""

    day = fields.Date()
    start = fields.AwareDateTime(attribute="during.start")
    end = fields.AwareDateTime(attribute="during.end")
    state = fields.String()
    code = fields.String(allow_none=True)
    price_won = fields.Integer(attribute="price.won", allow_none=True)


class PreviewAnswer(Schema):
    """Each date before confirming; `won` is what the free ones cost together, null where that is unknown."""

    occurrences = fields.List(fields.Nested(OccurrenceAnswer))
    won = fields.Integer(allow_none=True)


class SeriesAnswer(Schema):
    """A series with all its occurrences; `rule` is the one it was made with."""

    id = fields.Integer(attribute="series.id")
    unit_id = fields.Integer(attribute="series.unit_id")
    space_id = fields.Integer(attribute="series.space_id")
    rule = fields.Dict(attribute="series.rule")
    start = fields.String(attribute="series.opens")
    end = fields.String(attribute="series.closes")
    purpose = fields.String(attribute="series.purpose")
    created_at = fields.AwareDateTime(attribute="series.created_at")
    changed_at = fields.AwareDateTime(attribute="series.changed_at")
    reservations = fields.List(fields.Nested(ReservationAnswer), attribute="occurrences")


class MadeSeriesAnswer(SeriesAnswer):
    """The same, and which dates were left out."""

    left_out = fields.List(fields.Nested(OccurrenceAnswer))


class ChangedSeriesAnswer(Schema):
    """What was changed, and what stayed because it could not be had."""

    changed = fields.List(fields.Nested(ReservationAnswer))
    stayed = fields.List(fields.Nested(OccurrenceAnswer))
