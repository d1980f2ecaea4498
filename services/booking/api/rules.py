"""A unit's rules as JSON: anyone reads what holds, its keepers set it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask.views import MethodView

from services.booking import special_days, unit_rules
from services.booking.managing import KEEPERS
from services.booking.rules.policy import Policy
from services.booking.rules.tariff import Tariff
from services.booking.schemas.rules import (
    EverywhereQuery,
    HolidayAnswer,
    HolidayForm,
    HolidaysAnswer,
    HoursRequest,
    RulesAnswer,
    SettingsSchema,
    SpecialDayForm,
)
from services.booking.schemas.tariff import TariffSchema
from services.booking.special_days import KOREA
from services.booking.units import get
from shared.clock import now
from shared.identity.access import ANYONE, allow, current_actor, roles
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint(
    "api-rules", __name__, url_prefix="/api/units", description="What holds for a unit: rules, hours, fees, days"
)
holidays = Blueprint("api-holidays", __name__, url_prefix="/api/holidays", description="Holidays added by hand")
CITY = roles(Role.CITY_STAFF)


def _told(unit_id: int) -> dict[str, Any]:
    with database().read() as session:
        unit = get(session, unit_id)
        own = unit.rules
        return {
            "unit_id": unit_id,
            "settings": unit.policy.settings(),
            "hours": own.hours if own else None,
            "closures": own.closures if own else None,
            "tariff": own.tariff if own else None,
            "special_days": special_days.coming(session, unit_id, now().astimezone(unit.zone).date()),
        }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("date_invalid", 422) from error


@blueprint.route("/<int:unit_id>/rules")
class Rules(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, RulesAnswer)
    def get(self, unit_id: int) -> Any:
        """What holds for a unit, with its coming special days."""
        return _told(unit_id)

    @allow(KEEPERS)
    @blueprint.arguments(EverywhereQuery, location="query")
    @blueprint.arguments(SettingsSchema)
    @blueprint.response(200, RulesAnswer)
    def put(self, query: dict[str, Any], policy: Policy, unit_id: int) -> Any:
        """Set all rules; what is left out becomes ordinary."""
        unit_rules.set_policy(database(), current_actor(), now(), unit_id, policy, **query)
        return _told(unit_id)


@blueprint.route("/<int:unit_id>/hours")
class Hours(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(EverywhereQuery, location="query")
    @blueprint.arguments(HoursRequest)
    @blueprint.response(200, RulesAnswer)
    def put(self, query: dict[str, Any], wanted: dict[str, Any], unit_id: int) -> Any:
        """Set the hours of Monday to Sunday and the closing days; `days` null: what maps says holds again."""
        days, closures = wanted["days"], wanted["closures"]
        unit_rules.set_hours(database(), current_actor(), now(), unit_id, days, closures, **query)
        return _told(unit_id)


@blueprint.route("/<int:unit_id>/tariff")
class UnitTariff(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(EverywhereQuery, location="query")
    @blueprint.arguments(TariffSchema)
    @blueprint.response(200, RulesAnswer)
    def put(self, query: dict[str, Any], tariff: Tariff, unit_id: int) -> Any:
        """Set the tariff."""
        unit_rules.set_tariff(database(), current_actor(), now(), unit_id, tariff, **query)
        return _told(unit_id)

    @allow(KEEPERS)
    @blueprint.arguments(EverywhereQuery, location="query")
    @blueprint.response(200, RulesAnswer)
    def delete(self, query: dict[str, Any], unit_id: int) -> Any:
        """Take the tariff back: what maps says holds again."""
        unit_rules.set_tariff(database(), current_actor(), now(), unit_id, None, **query)
        return _told(unit_id)


@blueprint.route("/<int:unit_id>/special-days")
class SpecialDays(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(SpecialDayForm)
    @blueprint.response(200, RulesAnswer)
    def put(self, wanted: dict[str, Any], unit_id: int) -> Any:
        """Set the hours of one date; without times it is closed."""
        special_days.put(database(), current_actor(), now(), unit_id, **wanted)
        return _told(unit_id)


@blueprint.route("/<int:unit_id>/special-days/<string:day>")
class SpecialDay(MethodView):
    @allow(KEEPERS)
    @blueprint.arguments(EverywhereQuery, location="query")
    @blueprint.response(200, RulesAnswer)
    def delete(self, query: dict[str, Any], unit_id: int, day: str) -> Any:
        """Let the ordinary hours hold again."""
        special_days.remove(database(), current_actor(), now(), unit_id, _day(day), **query)
        return _told(unit_id)


@holidays.route("")
class Holidays(MethodView):
    @allow(ANYONE)
    @holidays.response(200, HolidaysAnswer)
    def get(self) -> Any:
        """The coming public holidays that were added by hand."""
        return {"holidays": special_days.holidays_from(database(), now().astimezone(KOREA).date())}

    @allow(CITY)
    @holidays.arguments(HolidayForm)
    @holidays.response(200, HolidayAnswer)
    def put(self, wanted: dict[str, Any]) -> Any:
        """Add a holiday, or rename it."""
        special_days.put_holiday(database(), current_actor(), now(), **wanted)
        return wanted


@holidays.route("/<string:day>")
class Holiday(MethodView):
    @allow(CITY)
    @holidays.response(204)
    def delete(self, day: str) -> None:
        """Take a holiday back."""
        special_days.remove_holiday(database(), current_actor(), now(), _day(day))
