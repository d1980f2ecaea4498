"""Who did what, when, on whose behalf: one row per state change, in the transaction that makes it (invariant 14)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Insert, Integer, MetaData, String, Table, insert
from sqlalchemy.orm import Session

from shared.database import UtcDateTime
from shared.identity.actor import Actor


def audit_table(metadata: MetaData) -> Table:
    """The table of this name in a service's own metadata; rows are only ever added."""
    return Table(
        "audit",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("at", UtcDateTime, nullable=False),
        Column("account_id", Integer, nullable=True),
        Column("on_behalf_of", Integer, nullable=True),
        Column("action", String(80), nullable=False),
        Column("subject", String(120), nullable=False, index=True),
        Column("details", JSON, nullable=False),
    )


def record(
    session: Session,
    table: Table,
    actor: Actor,
    now: datetime,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
    on_behalf_of: int | None = None,
) -> None:
    """Add one row. `subject` is `kind:id`; `details` hold no personal data."""
    session.connection().execute(
        _insert(table),
        {
            "at": now,
            "account_id": actor.account_id,
            "on_behalf_of": on_behalf_of,
            "action": action,
            "subject": subject,
            "details": dict(details or {}),
        },
    )


def record_all(
    session: Session,
    table: Table,
    actor: Actor,
    now: datetime,
    action: str,
    facts: Iterable[tuple[str, Mapping[str, Any]]],
    on_behalf_of: int | None = None,
) -> None:
    """As `record` for many subjects with their details, in one statement."""
    rows = [
        {
            "at": now,
            "account_id": actor.account_id,
            "on_behalf_of": on_behalf_of,
            "action": action,
            "subject": subject,
            "details": dict(details),
        }
        for subject, details in facts
    ]
    if rows:
        session.connection().execute(_insert(table), rows)


@cache
def _insert(table: Table) -> Insert:
    return insert(table).inline()  # nobody asks for the row's number
