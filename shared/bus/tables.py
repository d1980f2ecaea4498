"""The bus's tables, the same in every service's database. Their migrations are shared/bus/migrations.

A service's models.py says `bus_tables(Base.metadata)`, so that its metadata describes its whole database.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from shared.database import UtcDateTime, metadata

_METADATA = metadata()
_ID = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY counts by itself on SQLite


def _content() -> tuple[Column, ...]:
    return (
        Column("event_id", String(36), nullable=False, unique=True),
        Column("name", String(100), nullable=False),
        Column("version", Integer, nullable=False),
        Column("aggregate", String(200), nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("payload", JSON, nullable=False),
        Column("occurred_at", UtcDateTime, nullable=False),
    )


# How many events an aggregate has published; its row lock gives them their order.
aggregate_version = Table(
    "aggregate_version",
    _METADATA,
    Column("aggregate", String(200), primary_key=True),
    Column("version", BigInteger, nullable=False),
)

# What this service tells the others.
outbox = Table(
    "outbox",
    _METADATA,
    Column("id", _ID, Identity(), primary_key=True),
    *_content(),
    Column("published_at", UtcDateTime),  # when every subscriber was known to have it, or the broker to keep it
    UniqueConstraint("aggregate", "sequence"),
)
Index(
    "ix_outbox_unpublished",
    outbox.c.id,
    postgresql_where=text("published_at IS NULL"),
    sqlite_where=text("published_at IS NULL"),
)

# What the others told this service: drops repeats, and is the log that projections are rebuilt from.
inbox = Table(
    "inbox",
    _METADATA,
    Column("id", _ID, Identity(), primary_key=True),  # the order in which events were applied
    Column("source", String(50), nullable=False),
    *_content(),
    Column("applied_at", UtcDateTime),  # empty: set aside, see dead_event
)

# Events that failed or were under way when the process died.
event_attempt = Table(
    "event_attempt",
    _METADATA,
    Column("event_id", String(36), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
)

# Events that were set aside; their content is in inbox.
dead_event = Table(
    "dead_event",
    _METADATA,
    Column("event_id", String(36), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("last_failed_at", UtcDateTime, nullable=False),
    Column("replayed_at", UtcDateTime),
)


def bus_tables(into: MetaData) -> None:
    """Describe the bus's tables in a service's own metadata."""
    for table in _METADATA.sorted_tables:
        table.to_metadata(into)
