"""A project that owes something back, and what comes in of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from services.grants.models import Call, ReturnPayment
from services.grants.policy import city_date
from services.grants.returns import payments
from shared.database import Database
from shared.identity.actor import Actor
from tests.grants.conftest import DONGJAK
from tests.grants.spending import OVER, Project, running

LATER = OVER + timedelta(days=10)
DUE = city_date(OVER) + timedelta(days=30)


def owing(database: Database, publish: Callable[..., Call]) -> Project:
    """900,000 of 2,000,000 won recognised; 1,100,000 and 1,000 of interest are to come back by DUE."""
    project = running(database, publish())
    project.accepted(amount_won=900_000)
    project.file(interest_won=1_000)
    project.finalize()
    return project


def pay(
    project: Project,
    came_won: int | None,
    on: date | None = None,
    key: str = "p1",
    at: datetime = LATER,
    by: Actor = DONGJAK,
) -> ReturnPayment:
    (order, *_) = project.orders()
    return payments.pay(
        project.database, by, at, order_id=order.id, came_won=came_won, paid_on=on or city_date(at), key=key
    )
