"""Expenses and what they add up to: /api/applications/<id>/expenses, /api/expenses, …/settlement, …/returns."""

from typing import Any

from flask.views import MethodView

from services.grants import expenses, settlement
from services.grants.callers import STAFF
from services.grants.expenses import reading
from services.grants.models import Expense
from services.grants.returns import reading as returns
from services.grants.rules.expenses import Spent
from services.grants.schemas.applying import KeyHeader
from services.grants.schemas.expenses import (
    AccountSchema,
    CheckedSchema,
    DecisionSchema,
    ExpenseSchema,
    QueueQuery,
    QueueSchema,
    ReturnSchema,
    SpentSchema,
)
from services.grants.wording.expenses import told
from shared import clock
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-expenses", __name__, url_prefix="/api/expenses", description="Expenses")
projects = Blueprint(
    "api-spending", __name__, url_prefix="/api/applications", description="Expenses and settlement of a project"
)


@projects.route("/<int:application_id>/expenses")
class OfProject(MethodView):
    @allow(SIGNED_IN)
    @projects.response(200, ExpenseSchema(many=True))
    def get(self, application_id: int) -> list[dict[str, Any]]:
        """A project's expenses, the newest first"""
        account, _own = settlement.view(database(), current_actor(), clock.now(), application_id=application_id)
        return [_shown(each) for each in account.expenses]

    @allow(SIGNED_IN)
    @projects.arguments(KeyHeader, location="headers")
    @projects.arguments(SpentSchema)
    @projects.response(201, ExpenseSchema)
    def post(self, headers: dict[str, str], spent: dict[str, Any], application_id: int) -> dict[str, Any]:
        """Record an expense; the same Idempotency-Key gives the same one. Receipts are added on its page"""
        made = expenses.record(
            database(),
            current_actor(),
            clock.now(),
            application_id=application_id,
            spent=Spent(**spent),
            key=headers["idempotency_key"],
        )
        return _shown(made)


@projects.route("/<int:application_id>/expenses/check")
class Check(MethodView):
    @allow(SIGNED_IN)
    @projects.arguments(SpentSchema)
    @projects.response(200, CheckedSchema)
    def post(self, spent: dict[str, Any], application_id: int) -> dict[str, Any]:
        """What the rules would say of an expense before the money is spent; nothing is kept"""
        found = expenses.plan(
            database(), current_actor(), clock.now(), application_id=application_id, spent=Spent(**spent)
        )
        rows = [each.as_row() for each in found.findings]
        return {"worst": found.worst, "most_won": found.most_won, "findings": told(rows)}


@projects.route("/<int:application_id>/settlement")
class Settlement(MethodView):
    @allow(SIGNED_IN)
    @projects.response(200, AccountSchema)
    def get(self, application_id: int) -> dict[str, Any]:
        """Where the money of a project stands now"""
        account, _own = settlement.view(database(), current_actor(), clock.now(), application_id=application_id)
        names = ("agreed", "paid", "recorded", "accepted", "waiting", "refused", "unspent", "interest", "to_return")
        kept = account.settlement
        return {
            **{f"{name}_won": getattr(account.sums, f"{name}_won") for name in (*names, "own")},
            "final_won": kept.final_won if kept else None,
            "state": kept.state if kept else None,
            "report_hash": kept.report_hash if kept else None,
            "due_on": account.due_on,
            "lines": account.lines,
        }


@projects.route("/<int:application_id>/returns")
class Returns(MethodView):
    @allow(SIGNED_IN)
    @projects.response(200, ReturnSchema(many=True))
    def get(self, application_id: int) -> list[dict[str, Any]]:
        """What has to come back of a project, and what is open of it today"""
        found = returns.view(database(), current_actor(), clock.now(), application_id=application_id)
        names = ("id", "kind", "state", "amount_won", "interest_won", "due_on")
        return [
            {
                **{name: getattr(each.order, name) for name in names},
                "open_won": each.open.amount_won,
                "late_interest_won": each.open.late_won,
                "overdue_days": each.overdue_days,
            }
            for each in found.orders
        ]


@blueprint.route("")
class Queue(MethodView):
    @allow(STAFF)
    @blueprint.arguments(QueueQuery, location="query")
    @blueprint.response(200, QueueSchema)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """What waits for an answer in the calls that I run, 50 a page"""
        actor, offset = current_actor(), (query["page"] - 1) * reading.PAGE_SIZE
        with database().read() as session:
            found, counts = expenses.queue(session, actor, worst=query["worst"], offset=offset)
        reading.note_look(database(), actor, clock.now(), len(found))
        return {"expenses": [_shown(expense) for expense, *_rest in found], "total": counts[query["worst"] or ""]}


@blueprint.route("/<int:expense_id>")
class OneExpense(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, ExpenseSchema)
    def get(self, expense_id: int) -> dict[str, Any]:
        """One expense"""
        return _shown(expenses.view(database(), current_actor(), clock.now(), expense_id=expense_id).expense)

    @allow(SIGNED_IN)
    @blueprint.response(200, ExpenseSchema)
    def delete(self, expense_id: int) -> dict[str, Any]:
        """Take an expense back while nobody has decided"""
        return _shown(expenses.withdraw(database(), current_actor(), clock.now(), expense_id=expense_id))


@blueprint.route("/<int:expense_id>/decision")
class Decision(MethodView):
    @allow(STAFF)
    @blueprint.arguments(DecisionSchema)
    @blueprint.response(200, ExpenseSchema)
    def post(self, decision: dict[str, Any], expense_id: int) -> dict[str, Any]:
        """Recognise an expense wholly, in part or not at all; the same decision again changes nothing"""
        return _shown(expenses.decide(database(), current_actor(), clock.now(), expense_id=expense_id, **decision))


def _shown(expense: Expense) -> dict[str, Any]:
    columns = {column.key: getattr(expense, column.key) for column in Expense.__table__.columns}
    return columns | {"findings": told(expense.findings)}
