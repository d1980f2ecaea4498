"""Reading the audit rows of one thing: which rows are its own, a page of them at a time, and whose names they bear.

Audit rows name their subject as `kind:id`. What hangs on a thing has subjects of its own; a service says which tables
hold them. Pages go by the row's number (rows are only ever added), so that they stay while new ones come.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    RowMapping,
    Select,
    String,
    Table,
    cast,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

PER_PAGE = 50

Owned = Mapping[str, tuple[Any, Any]]
"""Kind of a subject -> (the column of its number, the column that tells to what it belongs)."""


@dataclass(frozen=True)
class Line:
    """One row; `who` and `for_whom` are names where the service knows them."""

    id: int
    at: datetime
    account_id: int | None
    who: str | None
    on_behalf_of: int | None
    for_whom: str | None
    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Some rows, newest first; `older` is what `before` must be to see on."""

    rows: list[RowMapping]
    older: int | None

    def accounts(self) -> set[int]:
        """Who acts in these rows, or for whom."""
        found = {row[name] for row in self.rows for name in ("account_id", "on_behalf_of")}
        return found - {None}

    def lines(self, names: Mapping[int, str]) -> list[Line]:
        """The rows with the names that are known."""
        return [
            Line(**row, who=names.get(row["account_id"]), for_whom=names.get(row["on_behalf_of"])) for row in self.rows
        ]


def subjects(own: Collection[str], owned: Owned, owner_id: int) -> CompoundSelect[tuple[str]]:
    """A thing's own subjects and those of the rows that belong to it, as a subquery."""
    found = [
        select(literal(f"{kind}:") + cast(number, String)).where(owner == owner_id)
        for kind, (number, owner) in owned.items()
    ]
    return union_all(*(select(literal(subject)) for subject in own), *found)


def of_kind(table: Table, patterns: Collection[str]) -> ColumnElement[bool]:
    """Rows whose action is like one of the patterns."""
    return or_(*(table.c.action.like(pattern) for pattern in patterns))


def page(session: Session, table: Table, query: Select[Any], before: int | None) -> Page:
    """The newest rows of the query, or those older than the row `before`."""
    if before is not None:
        query = query.where(table.c.id < before)
    rows = session.execute(query.order_by(table.c.id.desc()).limit(PER_PAGE + 1)).mappings().all()
    shown = list(rows[:PER_PAGE])
    return Page(shown, shown[-1]["id"] if len(rows) > PER_PAGE else None)
