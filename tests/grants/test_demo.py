"""The demonstration: applications in every state, once, by the rules; and what lists cost with it."""

import re
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select

from services.grants import demo, ledger
from services.grants.demo import course
from services.grants.models import Application, Base, Posting, Project
from services.grants.policy import SEOUL
from shared import clock
from shared.database import Database
from shared.identity.actor import Actor
from shared.identity.demo import ACCOUNTS

ACTORS = {
    login: Actor(account_id=number, name=name, roles=frozenset(roles), district=district, spaces=spaces)
    for number, (login, name, roles, district, spaces) in enumerate(ACCOUNTS, 1)
}
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=SEOUL)
STATES = {
    "draft", "submitted", "correcting", "eligible", "document_review", "deliberation", "reserve", "rejected",
    "selected", "withdrawn", "running", "settling", "settled", "terminated", "closed", "archived",
}  # fmt: skip
QUERIES = {
    "/grants/": 12,
    "/grants/projects": 10,
    "/grants/intermediaries": 3,
    "/grants/budget": 4,
    "/grants/manage": 20,
    "/grants/api/calls": 5,
    "/grants/api/projects": 6,
    "/grants/api/districts/figures": 3,
    "/grants/mine": 8,
}
"""A page of the city's staff -> the most queries that it may cost."""


def rows(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def test_the_demonstration(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One load for all of these: it tells the whole course through the use cases, which takes its time."""
    database: Database = house.databases["grants"]
    demo.load(database, NOW, ACTORS)
    before = rows(database)
    demo.load(database, NOW, ACTORS)
    assert rows(database) == before
    with database.read() as session:
        states = Counter(session.scalars(select(Application.state)))
        spent = session.scalar(select(func.sum(Project.awarded_won)))
        for application_id in session.scalars(select(Application.id).where(Application.awarded_won.is_not(None))):
            balance = ledger.of_application(session, application_id)
            assert 0 <= balance.expenditure_won <= balance.commitment_won
        assert session.scalar(select(func.count()).select_from(Posting)) > 100
    assert set(states) == STATES
    assert set(course.GOALS) >= {goal for plan in demo.calls.PLANS for goal in plan.goals}
    monkeypatch.setattr(clock, "now", lambda: NOW)
    facts_of_the_city(house, house.client("city"), spent)
    cost(house, house.client("city"))


def facts_of_the_city(house: Any, city: Any, awarded_won: int | None) -> None:
    """The figures of the city's report, and the register's own."""
    page = house.client().get("/grants/intermediaries").text
    assert re.search(r">24<span[^>]*>곳", page)
    assert "9,686,000,000원" in page  # 9,040 + 99 + 547 million
    budget = city.get("/grants/api/budget?year=2020&as_of=2020-09-30").json
    assert budget["total"]["adjusted_won"] == 63_871_753_000
    assert (budget["total"]["commitment_rate"], budget["total"]["expenditure_rate"]) == ("91.2", "88.9")
    rates = {each["name"]: each["total"]["commitment_rate"] for each in budget["divisions"]}
    assert list(rates.values()) == ["86.8", "90.2", "94.0", "89.3"]
    assert "63,871,753,000원" in city.get("/grants/budget?as_of=2020-09-30").text
    assert city.get("/grants/budget?as_of=2020-09-31").status_code == 422
    early = city.get("/grants/api/budget?year=2020&as_of=2020-01-01").json
    assert early["total"]["commitment_won"] == 0
    figures = house.client().get("/grants/api/districts/figures").json
    assert len(figures) == 25
    register = house.client().get("/grants/api/projects").json
    assert sum(row["projects"] for row in figures) == register["total"] >= 20
    assert sum(row["awarded_won"] for row in figures) == register["awarded_won"] == awarded_won


def cost(house: Any, city: Any) -> None:
    """What each list asks of the database."""
    counted: list[str] = []
    engine = house.databases["grants"].engine

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        for path, most in QUERIES.items():
            counted.clear()
            assert city.get(path).status_code == 200, path
            assert len(counted) <= most, (path, len(counted))
    finally:
        event.remove(engine, "before_cursor_execute", count)
