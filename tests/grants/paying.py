"""Funded applications for the tests of agreements and payments: brought on their way by the use cases themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from services.grants import agreements, award, funded, interim, ledger, milestones, payments
from services.grants.award import Terms
from services.grants.ledger import Entry
from services.grants.milestones import Said
from services.grants.models import Agreement, Application, Call, Tranche
from services.grants.policy import city_date
from services.grants.rules import agreed_budget
from shared.database import Database
from shared.identity.actor import Actor, Role
from tests.grants import stage
from tests.grants.conftest import AFTER, DONGJAK, resident

LEADER = resident(1)
MEMBER = resident(2)
SECOND = Actor(account_id=504, name="동작 둘째", roles=frozenset({Role.DISTRICT_STAFF}), district="11590")
THIRD = Actor(account_id=505, name="동작 셋째", roles=frozenset({Role.DISTRICT_STAFF}), district="11590")
SIGNED = AFTER + timedelta(days=1)
LATER = AFTER + timedelta(days=30)
BUDGET = [
    {"category": "running", "item": "venue", "grant_won": 500_000, "self_won": 0, "note": "마을회관"},
    {"category": "activity", "item": "materials", "grant_won": 1_500_000, "self_won": 0, "note": ""},
]
ENDS = date(2026, 12, 31)


@dataclass
class Project:
    """An application on its way, with the moves that lead on."""

    database: Database
    id: int
    leader: Actor = LEADER

    def application(self) -> Application:
        with self.database.read() as session:
            return session.get_one(Application, self.id)

    def tranches(self) -> list[Tranche]:
        with self.database.read() as session:
            return award.tranches_of(session, self.id)

    def tranche(self, number: int = 1) -> int:
        with self.database.read() as session:
            return payments.number_of(session, self.id, number)

    def terms(self, **changed: Any) -> Terms:
        with self.database.read() as session:
            it = funded.opened(session, DONGJAK, self.id)
            return replace(agreements.suggested(it, SIGNED), **changed)

    def prepare(self, actor: Actor = DONGJAK, now: datetime = SIGNED, **changed: Any) -> Agreement:
        terms = self.terms(**changed)
        return agreements.prepare(self.database, actor, now, application_id=self.id, terms=terms)

    def sign(self, actor: Actor, party: str, agreement: Agreement, now: datetime = SIGNED) -> Agreement:
        return agreements.sign(
            self.database,
            actor,
            now,
            application_id=self.id,
            party=party,
            version=agreement.version,
            body_hash=agreement.body_hash,
        )

    def agree(self, amount_won: int | None = None, now: datetime = SIGNED) -> Agreement:
        """Prepared, and signed by both."""
        changed: dict[str, Any] = {}
        if amount_won is not None:
            own = self.application().self_contribution_won
            lines = tuple(agreed_budget.scaled(self.terms().lines, amount_won, own))
            changed = {"amount_won": amount_won, "lines": lines}
        agreement = self.prepare(**changed)
        self.sign(self.leader, "group", agreement, now)
        return self.sign(DONGJAK, "district", agreement, now)

    def reach(self, *keys: str, now: datetime = SIGNED, amount_won: int = 10**7) -> None:
        """Milestones that the staff records."""
        for key in keys:
            said = Said(city_date(now), amount_won, "확인했습니다.")
            milestones.say(self.database, DONGJAK, now, application_id=self.id, key=key, said=said, upload_key="k")

    def ready(self, number: int = 1, now: datetime = SIGNED) -> None:
        """All gates of a tranche green."""
        if number == 1:
            self.reach("training_done", "self_contribution_deposited", now=now)
        else:
            self.reach("report_filed", now=now)
            interim.check(
                self.database,
                DONGJAK,
                now,
                application_id=self.id,
                checked_on=city_date(now),
                result="passed",
                findings="계획대로 하고 있습니다.",
                key=f"interim-{self.id}",
            )

    def approved(self, number: int = 1, now: datetime = SIGNED) -> int:
        """A tranche up to its approval."""
        tranche_id = self.tranche(number)
        payments.request(self.database, self.leader, now, tranche_id=tranche_id)
        payments.prepare(self.database, DONGJAK, now, tranche_id=tranche_id)
        payments.approve(self.database, SECOND, now, tranche_id=tranche_id)
        return tranche_id

    def pay(self, number: int = 1, now: datetime = SIGNED, reference: str = "이체 1") -> Tranche:
        """A tranche all the way."""
        tranche_id = self.approved(number, now)
        return payments.pay(
            self.database, DONGJAK, now, tranche_id=tranche_id, reference=reference, paid_on=city_date(now)
        )


def selected(
    database: Database,
    call: Call,
    *,
    accounts: Sequence[int] = (1, 2),
    awarded_won: int | None = 2_000_000,
    state: str = "selected",
    at: datetime = AFTER,
    commit: bool = True,
    **columns: Any,
) -> Project:
    """A selected application with its award committed, as the announcement leaves it."""
    group_id = stage.group(database, at, accounts)
    columns = {"answers": {"budget": BUDGET}, "awarded_won": awarded_won} | columns
    made = stage.application(database, call, group_id, at, state=state, account_id=accounts[0], **columns)
    if commit and awarded_won is not None:
        with database.write() as session:
            it = funded.held(session, made)
            entries = [(Entry("commitment", awarded_won, city_date(at)), f"award:{made}")]
            line_id = ledger.line_of(session, it.call, at)
            ledger.post_within(session, DONGJAK, at, line_id=line_id, application_id=made, entries=entries)
    return Project(database, made, resident(accounts[0]))
