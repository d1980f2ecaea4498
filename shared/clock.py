"""The clock, read at the edge only: use cases receive `now` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)
