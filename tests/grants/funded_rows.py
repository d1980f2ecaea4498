"""Funded projects with their postings for tests of what is public: rows as the announcement and the payments leave
them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from services.grants import programmes
from services.grants.models import Agreement, BudgetLine, Call, Posting, Project, Settlement, Tranche
from services.grants.policy import SEOUL, city_date
from shared.database import Database
from tests.grants import stage

DECIDED = datetime(2026, 4, 3, 10, 0, tzinfo=SEOUL)


def call(database: Database, **columns: Any) -> Call:
    """A published call of 동작구 that is over, on a line of its own."""
    programmes.ensure(database, DECIDED)
    with database.write() as session:
        values: dict[str, Any] = {
            "district": "11590",
            "programme": "integrated_call",
            "title": "동작구 통합공모",
            "body": "함께해요.",
            "strands": ["neighbourhood_alley", "group_space"],
            "opens_at": DECIDED - timedelta(days=30),
            "closes_at": DECIDED - timedelta(days=10),
            "results_on": city_date(DECIDED),
            "budget_won": 10**9,
            "ceiling_won": 10**8,
            "created_by": 503,
            "created_at": DECIDED - timedelta(days=40),
            "idempotency_key": f"call-{columns.get('title', '')}",
            "published_at": DECIDED - timedelta(days=39),
        }
        made = Call(**(values | columns))
        made.version_id = programmes.newest(session, made.programme).id
        session.add(made)
        session.flush()
        line = BudgetLine(
            year=2026,
            position=made.id,
            division="동작구",
            programme=f"공모 {made.id}",
            district="11590",
            call_id=made.id,
        )
        session.add(line)
        session.flush()
        made.line_id = line.id
        session.add(_posting(made, None, "appropriation", made.budget_won, DECIDED, f"budget:{made.id}"))
    return made


def project(
    database: Database,
    of: Call,
    *,
    state: str = "running",
    awarded_won: int = 2_000_000,
    decided_at: datetime = DECIDED,
    paid: Sequence[int] = (),
    returned: Sequence[int] = (),
    released: int = 0,
    place: tuple[float, float] | None = None,
    period: tuple[date, date] | None = None,
    outcome: str | None = None,
    **columns: Any,
) -> int:
    """A project in the register; its number. `paid`, `returned` and `released` (decommitted) are in won."""
    group_id = stage.group(database, decided_at)
    application_id = stage.application(
        database,
        of,
        group_id,
        decided_at,
        state=state,
        awarded_won=awarded_won,
        requested_won=max(awarded_won, 2_000_000),
        dong=columns.pop("dong", ""),
    )
    with database.write() as session:
        values: dict[str, Any] = {
            "application_id": application_id,
            "group_id": group_id,
            "call_id": of.id,
            "district": of.district or "11590",
            "title": "골목 화단 가꾸기",
            "group_name": "느티나무 이웃회",
            "strand": "neighbourhood_alley",
            "awarded_won": awarded_won,
            "decided_at": decided_at,
            "latitude": place[0] if place else None,
            "longitude": place[1] if place else None,
        }
        made = Project(**(values | columns))
        session.add(made)
        session.add(_posting(of, application_id, "commitment", awarded_won, decided_at, f"award:{application_id}"))
        for number, won in enumerate(paid, start=1):
            at = decided_at + timedelta(days=10 * number)
            tranche = Tranche(
                application_id=application_id,
                number=number,
                amount_won=won,
                gates=[],
                state="paid",
                paid_by=502,
                paid_at=at + timedelta(days=3),  # recorded later
            )
            session.add(tranche)
            session.flush()
            session.add(_posting(of, application_id, "expenditure", won, at, f"tranche:{tranche.id}"))
        for number, won in enumerate(returned, start=1):
            at = decided_at + timedelta(days=100 + number)
            session.add(_posting(of, application_id, "return", won, at, f"return:{application_id}:{number}"))
        if released:
            at = decided_at + timedelta(days=110)
            session.add(_posting(of, application_id, "decommitment", released, at, f"final:{application_id}"))
        if period:
            session.add(
                Agreement(
                    application_id=application_id,
                    version=1,
                    amount_won=awarded_won,
                    self_contribution_won=0,
                    starts_on=period[0],
                    ends_on=period[1],
                    body="협약",
                    body_hash="0" * 64,
                    budget=[],
                    prepared_by=501,
                    prepared_at=decided_at,
                    signed_at=decided_at,
                )
            )
        if outcome is not None:
            session.add(
                Settlement(
                    application_id=application_id,
                    paid_won=sum(paid),
                    spent_won=sum(paid) - sum(returned),
                    refused_won=0,
                    unspent_won=sum(returned),
                    interest_won=0,
                    to_return_won=sum(returned),
                    outcome=outcome,
                    report_hash="0" * 64,
                    state="finalized",
                    filed_by=1,
                    filed_at=decided_at + timedelta(days=90),
                    final_won=sum(paid) - sum(returned),
                    finalized_by=501,
                    finalized_at=decided_at + timedelta(days=95),
                )
            )
        session.flush()
        return made.id


def _posting(of: Call, application_id: int | None, kind: str, won: int, at: datetime, key: str) -> Posting:
    return Posting(
        line_id=of.line_id,
        application_id=application_id,
        kind=kind,
        amount_won=won,
        posted_on=city_date(at),
        idempotency_key=key,
        posted_at=at,
    )
