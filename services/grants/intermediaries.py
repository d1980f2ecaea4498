"""Intermediaries (중간지원조직): how each district's is run and funded, by year."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import policy
from services.grants.models import AUDIT, Intermediary
from services.grants.once import once
from shared.audit import record
from shared.bus.catalogue import MODES
from shared.bus.outbox import publish
from shared.database import Database
from shared.districts import BY_CODE
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal


def put(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    district: str,
    year: int | None,
    mode: str,
    operator: str,
    funding_won: int | None,
    unread: dict[str, list[str]] | None = None,
) -> Intermediary:
    """Set a district's intermediary of a year; setting what it is already changes nothing. City staff only.

    Everyone is told when it is the district's newest year. Raises Refusal: not_allowed, not_found, invalid_input.
    """
    if not actor.has(Role.CITY_STAFF):
        raise Refusal("not_allowed", 403)
    if district not in BY_CODE:
        raise Refusal("not_found", 404)
    policy.refuse_problems(_problems(year, mode, operator, funding_won), unread)
    return once(lambda: _put(database, actor, now, district, year, (mode, operator.strip() or None, funding_won)))


def _put(
    database: Database,
    actor: Actor,
    now: datetime,
    district: str,
    year: int | None,
    wanted: tuple[str, str | None, int | None],
) -> Intermediary:
    with database.write() as session:
        row = session.get(Intermediary, (district, year), with_for_update=True)
        if row is not None and (row.mode, row.operator, row.funding_won) == wanted:
            return row
        if row is None:
            row = Intermediary(district=district, year=year)
            session.add(row)
        row.mode, row.operator, row.funding_won = wanted  # type: ignore[assignment]
        session.flush()
        details = {"year": year, "mode": row.mode, "funding_won": row.funding_won}
        record(session, AUDIT, actor, now, "intermediary.changed", f"intermediary:{district}", details)
        newest = session.scalar(select(func.max(Intermediary.year)).where(Intermediary.district == district))
        if newest == year:
            publish(
                session,
                "grants.intermediary.changed",
                aggregate=f"intermediary:{district}",
                occurred_at=now,
                payload={
                    "district": district,
                    "mode": row.mode,
                    "operator": row.operator,
                    "funding_won": row.funding_won,
                    "year": row.year,
                },
            )
        return row


def of_year(session: Session, year: int) -> dict[str, Intermediary]:
    """The intermediaries of a year by district."""
    return {row.district: row for row in session.scalars(select(Intermediary).where(Intermediary.year == year))}


def years(session: Session) -> Sequence[int]:
    """The years that are known, the newest first."""
    return session.scalars(select(Intermediary.year).distinct().order_by(Intermediary.year.desc())).all()


def _problems(year: int | None, mode: str, operator: str, funding_won: int | None) -> policy.Problems:
    if year is None or not 2000 <= year <= 2100:
        yield "year", "year_out_of_range"
    if mode not in MODES:
        yield "mode", "mode_unknown"
    yield from policy.text_problems("operator", operator, policy.GROUP, required=False)
    if mode == "commissioned" and not operator.strip():
        yield "operator", "operator_needed"
    if funding_won is None:
        yield "funding_won", "won_missing"
    elif funding_won < 0:
        yield "funding_won", "won_negative"
    if mode == "none" and (operator.strip() or funding_won):
        yield "mode", "operator_unwanted"
