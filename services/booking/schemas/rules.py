"""A unit's rules, hours and special days: what comes in by form or JSON, and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate

from services.booking.refusals import SENTENCES
from services.booking.rules.policy import PERIODS, Policy
from services.booking.rules.settings import PAYERS
from services.booking.schemas.parts import clock, figure, list_of, said, tick, word
from services.booking.schemas.reservations import CLOCK
from shared.bus.catalogue import NAMED_DAYS, Closures

WEEKDAYS = range(1, 8)
NTHS = (1, 2, 3, 4, 5, -1)


class QuotaSchema(Schema):
    """At most `limit` reservations of a person or a group that start in one day, week or month in the space."""

    per = word(PAYERS, required=True)
    period = word(PERIODS, required=True)
    limit = figure(required=True)


class NoShowSchema(Schema):
    """Who did not come `count` times within `within_days` cannot reserve for `block_days`."""

    count = figure(required=True)
    within_days = figure(required=True)
    block_days = figure(required=True)


class SettingsSchema(Schema):
    """A unit's rules; what is left out is ordinary. Lengths are minutes, `window` and `residents_first` days."""

    grid = figure()
    shortest = figure()
    longest = figure()
    window = figure()
    notice = figure()
    cancel_notice = figure()
    buffer_before = figure()
    buffer_after = figure()
    residents_first = figure()
    audience = fields.String()
    approval = fields.String()
    quotas = fields.List(fields.Nested(QuotaSchema), validate=validate.Length(max=6))
    waitlist = fields.Boolean()
    offer = figure()
    series_limit = figure()
    check_in = fields.Boolean()
    early = figure()
    grace = figure()
    no_shows = fields.Nested(NoShowSchema, allow_none=True)

    @post_load
    def _policy(self, data: dict[str, Any], **kwargs: Any) -> Policy:
        return Policy.from_settings(data)


FLAT = ("quotas", "no_shows")
LENGTHS = tuple(name for name in SettingsSchema().fields if name not in (*FLAT, "waitlist", "check_in"))


class RulesForm(Schema):
    """The page's form: quotas as `quota_person_week`, …; an empty one is none."""

    class Meta:
        unknown = EXCLUDE

    everywhere = tick()
    seen = fields.String(load_default="")
    waitlist = tick()
    check_in = tick()
    audience = fields.String(required=True, error_messages=said("choice_invalid"))
    approval = fields.String(required=True, error_messages=said("choice_invalid"))
    grid = figure(required=True)
    shortest = figure(required=True)
    longest = figure(required=True)
    window = figure(required=True)
    notice = figure(required=True)
    cancel_notice = figure(required=True)
    buffer_before = figure(required=True)
    buffer_after = figure(required=True)
    residents_first = figure(load_default=0)
    offer = figure(required=True)
    series_limit = figure(required=True)
    early = figure(required=True)
    grace = figure(required=True)
    quota_person_day = figure(load_default=None)
    quota_person_week = figure(load_default=None)
    quota_person_month = figure(load_default=None)
    quota_group_day = figure(load_default=None)
    quota_group_week = figure(load_default=None)
    quota_group_month = figure(load_default=None)
    no_show_count = figure(load_default=None)
    no_show_within_days = figure(load_default=90)
    no_show_block_days = figure(load_default=30)

    @pre_load
    def _drop_empty(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}

    @post_load
    def _gather(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        settings = {name: data[name] for name in (*LENGTHS, "waitlist", "check_in")}
        settings["quotas"] = [
            {"per": per, "period": period, "limit": data[f"quota_{per}_{period}"]}
            for per in PAYERS
            for period in PERIODS
            if data[f"quota_{per}_{period}"] is not None
        ]
        settings["no_shows"] = (
            None
            if data["no_show_count"] is None
            else {
                "count": data["no_show_count"],
                "within_days": data["no_show_within_days"],
                "block_days": data["no_show_block_days"],
            }
        )
        return {
            "policy": Policy.from_settings(settings),
            "everywhere": data["everywhere"],
            "seen": data["seen"],
        }


def typed_rules(policy: Policy) -> dict[str, Any]:
    """A policy as the form's fields."""
    typed = policy.settings()
    for quota in typed.pop("quotas"):
        typed[f"quota_{quota['per']}_{quota['period']}"] = quota["limit"]
    rule = typed.pop("no_shows")
    if rule:
        typed |= {f"no_show_{name}": value for name, value in rule.items()}
    return typed


class HoursForm(Schema):
    """The page's form: `own` says that the keeper's hours go before maps'; day1_opens … day7_closes, empty: closed."""

    class Meta:
        unknown = EXCLUDE

    own = tick()
    everywhere = tick()
    seen = fields.String(load_default="")
    holidays = tick()

    @post_load(pass_original=True)
    def _week(self, data: dict[str, Any], original: Any, **kwargs: Any) -> dict[str, Any]:
        read = validate.Regexp(CLOCK)
        days: list[tuple[str, str] | None] = []
        wrong: dict[str, list[Any]] = {}
        for number in WEEKDAYS:
            pair = original.get(f"day{number}_opens", ""), original.get(f"day{number}_closes", "")
            try:
                days.append((read(pair[0]), read(pair[1])) if any(pair) else None)
            except ValidationError:
                wrong[f"day{number}_opens"] = [SENTENCES["time_invalid"]]
        if wrong and data["own"]:
            raise ValidationError(wrong)
        listed = list_of(original, "named")
        monthly = [
            [nth, weekday] for nth in NTHS for weekday in WEEKDAYS if f"{nth},{weekday}" in list_of(original, "monthly")
        ]
        closures = {
            "weekdays": [],
            "holidays": data["holidays"],
            "monthly": monthly,
            "named": [name for name in NAMED_DAYS if name in listed],
        }
        return {**data, "days": days, "closures": closures}


class HoursRequest(Schema):
    """A keeper's hours by JSON: `days` are Monday to Sunday, each ["09:00", "21:00"] or null; null: as maps says."""

    days = fields.List(
        fields.List(clock(), validate=validate.Length(equal=2), allow_none=True),
        required=True,
        allow_none=True,
        validate=validate.Length(equal=7),
    )
    closures = fields.Nested(Closures, load_default=None, allow_none=True)


class SpecialDayForm(Schema):
    """A special day by form or JSON: empty times: closed all day."""

    class Meta:
        unknown = EXCLUDE

    day = fields.Date(
        required=True,
        validate=validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"]),
        error_messages=said("date_invalid"),
    )
    opens = clock(load_default=None, allow_none=True)
    closes = clock(load_default=None, allow_none=True)
    note = fields.String(load_default="", validate=validate.Length(max=200, error=SENTENCES["note_too_long"]))
    everywhere = tick()

    @pre_load
    def _drop_empty(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}


class HolidayForm(Schema):
    """A public holiday that is added by hand."""

    class Meta:
        unknown = EXCLUDE

    day = fields.Date(
        required=True,
        validate=validate.Range(date(2000, 1, 1), date(2099, 12, 31), error=SENTENCES["date_invalid"]),
        error_messages=said("date_invalid"),
    )
    name = fields.String(required=True, error_messages=said("name_needed"))
    name_en = fields.String(load_default="")


class SpecialDayAnswer(Schema):
    """Other hours on one local date; null: closed."""

    day = fields.Date()
    opens = fields.String(allow_none=True)
    closes = fields.String(allow_none=True)
    note = fields.String()


class RulesAnswer(Schema):
    """Everything that holds for a unit. `settings` as in PUT; `hours`, `closures` and `tariff` null: what maps says."""

    unit_id = fields.Integer()
    settings = fields.Dict()
    hours = fields.Dict(allow_none=True)
    closures = fields.Dict(allow_none=True)
    tariff = fields.Dict(allow_none=True)
    special_days = fields.List(fields.Nested(SpecialDayAnswer))


class EverywhereQuery(Schema):
    """Whether all units of the space get the same."""

    everywhere = fields.Boolean(load_default=False)


class HolidayAnswer(Schema):
    """A public holiday that was added by hand."""

    day = fields.Date()
    name = fields.String()
    name_en = fields.String()


class HolidaysAnswer(Schema):
    holidays = fields.List(fields.Nested(HolidayAnswer))
