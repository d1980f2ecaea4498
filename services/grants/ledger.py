"""The ledger: budget lines, postings that are only ever added, and figures that are sums over them as of any date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.grants import balance, policy
from services.grants.balance import Balance
from services.grants.calls import check_key
from services.grants.models import AUDIT, BudgetLine, Posting
from services.grants.won import MOST_WON
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal


@dataclass(frozen=True)
class Entry:
    """A posting to be: `amount_won` is positive, but negative for a transfer out of the line."""

    kind: str
    amount_won: int
    posted_on: date
    memo: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the table: a line and what it adds up to."""

    line: BudgetLine
    balance: Balance


@dataclass(frozen=True)
class Division:
    """A division's lines and their total."""

    name: str
    lines: Sequence[Line]
    total: Balance


def open_line(
    database: Database, actor: Actor, now: datetime, *, year: int, position: int, division: str, programme: str
) -> BudgetLine:
    """A line of a year's budget; the one that is there already, if so. City staff only."""
    _check_city(actor)
    with database.write() as session:
        same = (BudgetLine.year == year, BudgetLine.division == division, BudgetLine.programme == programme)
        line = session.scalar(select(BudgetLine).where(*same))
        if line is None:
            line = BudgetLine(year=year, position=position, division=division, programme=programme)
            session.add(line)
            session.flush()
            record(session, AUDIT, actor, now, "budget_line.opened", f"budget_line:{line.id}")
        return line


def post(database: Database, actor: Actor, now: datetime, *, line_id: int, entry: Entry, key: str) -> Posting:
    """Add one posting; see `post_all`."""
    return post_all(database, actor, now, line_id=line_id, entries=[(entry, key)])[0]


def post_all(
    database: Database, actor: Actor, now: datetime, *, line_id: int, entries: Sequence[tuple[Entry, str]]
) -> list[Posting]:
    """Add postings to a line, all or none, each with its idempotency key; one that is there already is given back.

    The line's row is locked while the rule of `balance.check` is. City staff only. Raises Refusal: not_found,
    kind_unknown, won_not_positive, posted_in_future, budget_exceeded, commitment_exceeded, nothing_returned,
    key_missing, key_reused.
    """
    _check_city(actor)
    for entry, key in entries:
        check_key(key)
        _check_entry(entry, now)
    with database.write() as session:
        if session.get(BudgetLine, line_id, with_for_update=True) is None:
            raise Refusal("not_found", 404)
        keys = [key for _, key in entries]
        found = {
            each.idempotency_key: each
            for each in session.scalars(select(Posting).where(Posting.idempotency_key.in_(keys)))
        }
        fresh = []
        for entry, key in entries:
            posting = found.get(key)
            if posting is None:
                posting = found[key] = Posting(
                    line_id=line_id,
                    kind=entry.kind,
                    amount_won=entry.amount_won,
                    posted_on=entry.posted_on,
                    memo=entry.memo,
                    idempotency_key=key,
                    posted_at=now,
                    posted_by=actor.account_id,
                )
                fresh.append(posting)
            elif _content(posting) != (line_id, entry.kind, entry.amount_won, entry.posted_on, entry.memo):
                raise Refusal("key_reused")
        if fresh:
            there = session.scalars(select(Posting).where(Posting.line_id == line_id)).all()
            balance.check([*there, *fresh])
            session.add_all(fresh)
            session.flush()
            for posting in fresh:
                details = {"kind": posting.kind, "amount_won": posting.amount_won, "posting": posting.id}
                record(session, AUDIT, actor, now, "ledger.posted", f"budget_line:{line_id}", details)
        return [found[key] for key in keys]


def table(session: Session, *, year: int, as_of: date) -> list[Division]:
    """A year's lines by division with what they add up to at the end of `as_of`: two queries, however many lines."""
    lines = session.scalars(select(BudgetLine).where(BudgetLine.year == year).order_by(BudgetLine.position)).all()
    sums: dict[int, dict[str, int]] = {}
    for line_id, kind, amount_won in session.execute(
        select(Posting.line_id, Posting.kind, func.sum(Posting.amount_won))
        .join(BudgetLine, BudgetLine.id == Posting.line_id)
        .where(BudgetLine.year == year, Posting.posted_on <= as_of)
        .group_by(Posting.line_id, Posting.kind)
    ):
        sums.setdefault(line_id, {})[kind] = int(amount_won)
    divisions: dict[str, list[Line]] = {}
    for line in lines:
        divisions.setdefault(line.division, []).append(Line(line, Balance.of(sums.get(line.id, {}))))
    return [Division(name, rows, total(row.balance for row in rows)) for name, rows in divisions.items()]


def total(balances: Iterable[Balance]) -> Balance:
    """The sum of balances."""
    return sum(balances, Balance())


def years(session: Session) -> Sequence[int]:
    """The years that have budget lines, the newest first."""
    return session.scalars(select(BudgetLine.year).distinct().order_by(BudgetLine.year.desc())).all()


def _content(posting: Posting) -> tuple[object, ...]:
    return posting.line_id, posting.kind, posting.amount_won, posting.posted_on, posting.memo


def _check_city(actor: Actor) -> None:
    if not actor.has(Role.CITY_STAFF):
        raise Refusal("not_allowed", 403)


def _check_entry(entry: Entry, now: datetime) -> None:
    if entry.kind not in balance.KINDS:
        raise Refusal("invalid_input", 422, fields={"kind": ["kind_unknown"]})
    if entry.amount_won == 0 or (entry.amount_won < 0 and entry.kind != "transfer"):
        raise Refusal("invalid_input", 422, fields={"amount_won": ["won_not_positive"]})
    if abs(entry.amount_won) > MOST_WON:
        raise Refusal("invalid_input", 422, fields={"amount_won": ["won_too_large"]})
    if entry.posted_on > policy.city_date(now):
        raise Refusal("invalid_input", 422, fields={"posted_on": ["posted_in_future"]})
