"""The budget: /api/budget."""

from typing import Any

from flask.views import MethodView

from services.grants import ledger
from services.grants.policy import city_date
from services.grants.schemas.budget import BudgetQuery, BudgetSchema
from shared import clock
from shared.identity.access import allow, roles
from shared.identity.actor import Role
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-budget", __name__, url_prefix="/api/budget", description="The budget")


@blueprint.route("")
class Budget(MethodView):
    @allow(roles(Role.CITY_STAFF))
    @blueprint.arguments(BudgetQuery, location="query")
    @blueprint.response(200, BudgetSchema)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """A year's lines by division, as of a day"""
        today = city_date(clock.now())
        as_of = query["as_of"] or today
        with database().read() as session:
            year = query["year"] or next(iter(ledger.years(session)), today.year)
            divisions = ledger.table(session, year=year, as_of=as_of)
        total = ledger.total(division.total for division in divisions)
        return {"year": year, "as_of": as_of, "total": total, "divisions": divisions}
