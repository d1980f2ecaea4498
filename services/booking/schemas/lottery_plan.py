"""A lottery to be made: what comes in by form or JSON, and the plan that it means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.booking.refusals import SENTENCES
from services.booking.rules.hours import instant
from services.booking.rules.lottery import (
    TICKET_RULES,
    USUAL_BASE,
    USUAL_TICKETS,
    Plan,
    slot_times,
    span_problems,
)
from services.booking.schemas.parts import clock, figure, list_of, said, tick
from services.booking.schemas.units import MAX_ID
from shared.refusal import Refusal

ABOUT_LENGTH = 2000
MOST_UNITS = 50
MOST_TIMES = 20
LOCAL = "%Y-%m-%dT%H:%M"


def _day() -> fields.Date:
    within = validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"])
    return fields.Date(required=True, validate=within, error_messages=said("date_invalid"))


def _number(usual: int) -> fields.Integer:
    return figure(load_default=usual)


class ClockPair(Schema):
    """Local clock times, "09:00" to "24:00"."""

    start = clock(required=True)
    end = clock(required=True)


class _Planned(Schema):
    class Meta:
        unknown = EXCLUDE  # the token against forgery

    name = fields.String(load_default="")
    about = fields.String(
        load_default="", validate=validate.Length(max=ABOUT_LENGTH, error=SENTENCES["lottery_about_too_long"])
    )
    unit_ids = fields.List(
        fields.Integer(
            validate=validate.Range(1, MAX_ID, error=SENTENCES["unit_not_found"]), error_messages=said("unit_not_found")
        ),
        required=True,
        validate=validate.Length(1, MOST_UNITS, error=SENTENCES["lottery_units_needed"]),
        error_messages=said("lottery_units_needed"),
    )
    first = _day()
    last = _day()
    weekdays = fields.List(
        fields.Integer(validate=validate.Range(1, 7)),
        required=True,
        validate=validate.Length(1, 7, error=SENTENCES["lottery_weekdays_needed"]),
        error_messages=said("lottery_weekdays_needed"),
        metadata={"description": "1 is Monday, 7 is Sunday"},
    )
    times = fields.List(
        fields.Nested(ClockPair),
        required=True,
        validate=validate.Length(1, MOST_TIMES, error=SENTENCES["lottery_times_needed"]),
        error_messages=said("lottery_times_needed"),
    )
    base = _number(USUAL_BASE)
    tickets = fields.Dict(
        keys=fields.String(validate=validate.OneOf(TICKET_RULES)),
        values=figure(),
        load_default=lambda: dict(USUAL_TICKETS),
        metadata={"description": "rule -> tickets that it adds, or takes: " + ", ".join(TICKET_RULES)},
    )
    wins = _number(1)
    confirm_hours = _number(24)
    skip = tick()


class PlanRequest(_Planned):
    """What the API takes: each pair of clock times on each of these weekdays first..last, in each unit; the window as
    instants. With `skip` taken and closed times are left out instead of refused."""

    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)


class PlanForm(_Planned):
    """The same of a page: the window in the space's local time."""

    opens_at = fields.NaiveDateTime(LOCAL, required=True, error_messages=said("lottery_moment_invalid"))
    closes_at = fields.NaiveDateTime(LOCAL, required=True, error_messages=said("lottery_moment_invalid"))


def plan_of(form: Mapping[str, Any], zone: ZoneInfo) -> Plan:
    """The plan that a loaded schema means in this zone. Raises Refusal 422: lottery_last_before_first,
    lottery_too_many_days, lottery_moment_invalid."""
    wrong = {name: [code] for name, code in span_problems(form["first"], form["last"])}
    window = {name: _moment(form[name], zone) for name in ("opens_at", "closes_at")}
    wrong |= {name: ["lottery_moment_invalid"] for name, moment in window.items() if not 2000 <= moment.year < 2100}
    if wrong:
        raise Refusal(next(iter(wrong.values()))[0], 422, fields=wrong)
    clocks = [(each["start"], each["end"]) for each in form["times"]]
    found = slot_times(form["first"], form["last"], frozenset(form["weekdays"]), clocks, zone)
    slots = tuple((unit_id, during) for during in found for unit_id in sorted(set(form["unit_ids"])))
    same: dict[str, Any] = {
        name: form[name] for name in ("name", "about", "base", "tickets", "wins", "confirm_hours", "skip")
    }
    return Plan(slots=slots, opens_at=window["opens_at"], closes_at=window["closes_at"], **same)


def plan_of_form(form: Any, zone: ZoneInfo) -> Plan:
    """The plan that a page's fields hold ("times.0.start", "tickets.resident", …). Pairs of times that are empty are
    left out; errors keep the number that a pair had on the page. Raises ValidationError, and Refusal as `plan_of`."""
    numbers = [
        number for number in pair_numbers(form) if any(form.get(f"times.{number}.{end}") for end in ("start", "end"))
    ]
    times = [_pair(form, number) for number in numbers]
    given = {
        "unit_ids": list_of(form, "unit_ids"),
        "weekdays": list_of(form, "weekdays"),
        "times": times,
        "tickets": {code: form.get(f"tickets.{code}") or "0" for code in TICKET_RULES},
        "skip": form.get("skip", ""),
        **{name: form.get(name, "") for name in ("name", "about", "base", "wins", "confirm_hours")},
        **{name: form.get(name) or None for name in ("first", "last", "opens_at", "closes_at")},
    }
    try:
        return plan_of(PlanForm().load(given), zone)
    except ValidationError as error:
        messages = error.normalized_messages()
        for name in ("unit_ids", "weekdays"):
            if isinstance(messages.get(name), dict):
                messages[name] = next(iter(messages[name].values()))
        if isinstance(messages.get("times"), dict):
            messages["times"] = {numbers[key]: value for key, value in messages["times"].items()}
        if isinstance(messages.get("tickets"), dict):
            messages["tickets"] = {code: found.get("value", found) for code, found in messages["tickets"].items()}
        raise ValidationError(messages) from error


def _pair(form: Any, number: int) -> dict[str, str | None]:
    """A browser has no 24:00: midnight as the end is the one that ends the day."""
    start, end = (form.get(f"times.{number}.{edge}") or None for edge in ("start", "end"))
    return {"start": start, "end": "24:00" if end == "00:00" else end}


def pair_numbers(form: Any) -> list[int]:
    """The numbers of the pairs of clock times that a form has, in order."""
    found = {name.split(".")[1] for name in form if name.startswith("times.") and name.count(".") == 2}
    return sorted(int(each) for each in found if each.isdecimal() and len(each) < 10 and int(each) < MOST_TIMES)


def _moment(moment: datetime, zone: ZoneInfo) -> datetime:
    if moment.tzinfo is not None:
        return moment.astimezone(UTC) if 1 < moment.year < 9999 else moment
    return instant(moment.date(), f"{moment:%H:%M}", zone) if 1 < moment.year < 9999 else moment
