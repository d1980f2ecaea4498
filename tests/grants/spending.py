"""Funded projects for the tests of expenses, settlement and returns: an agreement that is signed and tranches that are
paid, written directly, with the postings that go with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from services.grants import applications, expenses, ledger, settlement
from services.grants.ledger import Entry
from services.grants.models import Agreement, Application, Call, Expense, ReturnOrder, Settlement, Tranche
from services.grants.policy import SEOUL, city_date
from services.grants.rules.expenses import Spent
from services.grants.rules.file_kinds import EVIDENCE
from services.grants.rules.files import Examined, examine
from shared.database import Database
from shared.identity.actor import Actor, Role
from tests.grants import stage
from tests.grants.conftest import DONGJAK, resident
from tests.grants.file_makers import pdf, photo, saved

STARTS, ENDS = date(2026, 4, 10), date(2026, 10, 31)
SIGNED = datetime(2026, 4, 9, 10, 0, tzinfo=SEOUL)
PAID = datetime(2026, 4, 15, 10, 0, tzinfo=SEOUL)
SPENDING = datetime(2026, 6, 1, 12, 0, tzinfo=SEOUL)
OVER = datetime(2026, 11, 2, 12, 0, tzinfo=SEOUL)
SECOND = Actor(account_id=504, name="동작 둘째", roles=frozenset({Role.DISTRICT_STAFF}), district="11590")
BUDGET = [
    {"category": "activity", "item": "materials", "grant_won": 1_200_000, "self_won": 0, "note": ""},
    {"category": "activity", "item": "refreshments", "grant_won": 200_000, "self_won": 0, "note": ""},
    {"category": "running", "item": "printing", "grant_won": 600_000, "self_won": 100_000, "note": ""},
]
_numbers = count(1)


def codes(expense: Expense) -> list[str]:
    return [each["code"] for each in expense.findings]


def again(database: Database, expense_id: int) -> Expense:
    with database.read() as session:
        return session.get_one(Expense, expense_id)


def picture(seed: int = 1, size: tuple[int, int] = (1200, 900)) -> Examined:
    """A photo, saved in this size."""
    return examine("영수증.jpg", saved(photo(seed).resize(size)), EVIDENCE)


def spent(**changed: Any) -> Spent:
    values: dict[str, Any] = {
        "category": "activity",
        "item": "materials",
        "spent_on": date(2026, 5, 30),
        "payee": "초록 꽃집",
        "amount_won": 100_000,
        "purpose": "화단에 심을 모종",
    }
    return Spent(**(values | changed))


def receipt(text: str | None = None) -> Examined:
    """A receipt that nobody else has."""
    return examine("영수증.pdf", pdf(text or f"receipt {next(_numbers)}"), EVIDENCE)


@dataclass
class Project:
    """A running project."""

    database: Database
    id: int
    group_id: int
    leader: Actor

    def record(
        self, *, proved: bool = True, at: datetime = SPENDING, key: str | None = None, **changed: Any
    ) -> Expense:
        evidence = [receipt()] if proved else []
        return expenses.record(
            self.database,
            self.leader,
            at,
            application_id=self.id,
            spent=spent(**changed),
            key=key or f"e-{next(_numbers)}",
            evidence=evidence,
        )

    def decide(
        self, expense: Expense, accepted_won: int | None = None, reason: str = "", by: Actor = DONGJAK
    ) -> Expense:
        won = expense.amount_won if accepted_won is None else accepted_won
        return expenses.decide(
            self.database,
            by,
            SPENDING,
            expense_id=expense.id,
            accepted_won=won,
            reason=reason or ("까닭" if won < expense.amount_won else ""),
        )

    def accepted(self, **changed: Any) -> Expense:
        return self.decide(self.record(**changed))

    def file(self, *, interest_won: int = 0, at: datetime = OVER, outcome: str = "화단을 가꾸었습니다.") -> Settlement:
        statement = [receipt()] if interest_won else []
        return settlement.file_report(
            self.database,
            self.leader,
            at,
            application_id=self.id,
            outcome=outcome,
            interest_won=interest_won,
            statement=statement,
            key=f"s-{next(_numbers)}",
        )

    def finalize(self, at: datetime = OVER, by: Actor = DONGJAK) -> Settlement:
        return settlement.finalize(self.database, by, at, application_id=self.id)

    def application(self) -> Application:
        with self.database.read() as session:
            return session.get_one(Application, self.id)

    def orders(self) -> Sequence[ReturnOrder]:
        with self.database.read() as session:
            return session.query(ReturnOrder).filter_by(application_id=self.id).order_by(ReturnOrder.id).all()

    def balance(self) -> ledger.Balance:
        with self.database.read() as session:
            return ledger.of_application(session, self.id)


def running(
    database: Database,
    call: Call,
    *,
    accounts: Sequence[int] = (1, 2),
    names: Sequence[str] = (),
    grant_won: int = 2_000_000,
    paid_won: int | None = None,
    budget: Any = None,
    state: str = "running",
    starts_on: date = STARTS,
    ends_on: date = ENDS,
    signed_at: datetime | None = SIGNED,
    **columns: Any,
) -> Project:
    """A project with a signed agreement over `grant_won`, of which `paid_won` (all unless said) is paid."""
    group_id = stage.group(database, SIGNED, accounts, names=names)
    columns = {"awarded_won": grant_won, "requested_won": grant_won, "account_id": accounts[0]} | columns
    application_id = stage.application(database, call, group_id, SIGNED, state=state, **columns)
    paid = grant_won if paid_won is None else paid_won
    with database.write() as session:
        _, call = applications.locked(session, application_id)
        session.add(
            Agreement(
                application_id=application_id,
                version=1,
                amount_won=grant_won,
                self_contribution_won=0,
                starts_on=starts_on,
                ends_on=ends_on,
                body="협약합니다.",
                body_hash="0" * 64,
                budget=BUDGET if budget is None else budget,
                prepared_by=DONGJAK.account_id,
                prepared_at=SIGNED,
                signed_at=signed_at,
            )
        )
        parts = [(1, paid, "paid"), (2, grant_won - paid, "planned")]
        paying = 0
        for number, won, of in parts:
            if won:
                tranche = Tranche(
                    application_id=application_id,
                    number=number,
                    amount_won=won,
                    gates=[],
                    state=of,
                    paid_at=PAID + timedelta(days=2) if of == "paid" else None,  # recorded later
                )
                session.add(tranche)
                session.flush()
                paying = tranche.id if of == "paid" else paying
        entries = [(Entry("commitment", grant_won, city_date(SIGNED)), f"award:{application_id}")]
        if paid:
            entries.append((Entry("expenditure", paid, city_date(PAID)), f"tranche:{paying}"))
        ledger.post_within(
            session,
            DONGJAK,
            PAID,
            line_id=ledger.line_of(session, call, PAID),
            application_id=application_id,
            entries=entries,
        )
    return Project(database, application_id, group_id, resident(accounts[0]))


Start = Callable[..., Project]
