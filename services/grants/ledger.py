"""The ledger: budget lines, postings that are only ever added, and figures that are sums over them as of any date."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import Session

from services.grants import balance, calls, policy
from services.grants.balance import Balance
from services.grants.models import AUDIT, Application, BudgetLine, Call, Posting
from services.grants.won import MOST_WON
from shared.audit import record, record_all
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

MEMO = 200
AT_ONCE = 500
"""Values that one query takes in a list."""


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
    """Add postings of the city's own to a line, all or none; see `post_within`. City staff only."""
    _check_city(actor)
    with database.write() as session:
        return post_within(session, actor, now, line_id=line_id, application_id=None, entries=entries)


def post_within(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    line_id: int,
    application_id: int | None,
    entries: Sequence[tuple[Entry, str]],
) -> list[Posting]:
    """Add postings to a line within the caller's unit of work, each with its idempotency key; one that is there already
    is given back. The caller decided who may, and holds the application's lock where one is named.

    The line's row is locked from here on, the last in the order of locks. Raises Refusal: not_found, kind_unknown,
    won_not_positive, won_too_large, posted_in_future, key_missing, key_reused; budget_exceeded, commitment_exceeded,
    nothing_returned of the line or of the application's own postings, award_exceeded.
    """
    items = [(application_id, entry, key) for entry, key in entries]
    return post_many(session, actor, now, line_id=line_id, items=items)


def post_many(
    session: Session, actor: Actor, now: datetime, *, line_id: int, items: Sequence[tuple[int | None, Entry, str]]
) -> list[Posting]:
    """As `post_within` for the postings of many applications (application, entry, key) at once, checked together: a
    call's awards at their announcement."""
    for _, entry, key in items:
        _check_key(key)
        _check_entry(entry, now)
    if session.get(BudgetLine, line_id, with_for_update=True) is None:
        raise Refusal("not_found", 404)
    found = _there(session, [key for _, _, key in items])
    fresh: dict[str, Posting] = {}
    for application_id, entry, key in items:
        posting = found.get(key) or fresh.get(key)
        if posting is None:
            fresh[key] = Posting(
                line_id=line_id,
                application_id=application_id,
                kind=entry.kind,
                amount_won=entry.amount_won,
                posted_on=entry.posted_on,
                memo=entry.memo[:MEMO],
                idempotency_key=key,
                posted_at=now,
                posted_by=actor.account_id,
            )
        elif _content(posting) != (line_id, application_id, *_content_of(entry)):
            raise Refusal("key_reused")
    if fresh:
        balance.check([*_days(session, Posting.line_id == line_id), *fresh.values()])
        _check_applications(session, fresh.values())
        found |= _added(session, fresh.values())
        record_all(session, AUDIT, actor, now, "ledger.posted", [_told(found[key]) for key in fresh])
    return [found[key] for _, _, key in items]


def line_of(session: Session, call: Call, now: datetime) -> int:
    """The budget line that a call draws on; opened now for a call that was published before there were any. The caller
    holds the call's lock."""
    if call.line_id is None:
        call.line_id = calls.open_line(session, call, now)
    return call.line_id


def of_application(session: Session, application_id: int, as_of: date | None = None) -> Balance:
    """What an application's postings add up to at the end of `as_of`, or in all: its commitment and what it was paid
    (what it returned taken off)."""
    return of_applications(session, [application_id], as_of)[application_id]


def of_applications(
    session: Session, application_ids: Collection[int], as_of: date | None = None
) -> dict[int, Balance]:
    """As `of_application` for many, in one query."""
    wanted: list[ColumnElement[bool]] = [Posting.application_id.in_(application_ids)]
    if as_of is not None:
        wanted.append(Posting.posted_on <= as_of)
    sums: dict[int, dict[str, int]] = {}
    for application_id, kind, amount_won in session.execute(
        select(Posting.application_id, Posting.kind, func.sum(Posting.amount_won))
        .where(*wanted)
        .group_by(Posting.application_id, Posting.kind)
    ):
        sums.setdefault(application_id or 0, {})[kind] = int(amount_won)
    return {each: Balance.of(sums.get(each, {})) for each in application_ids}


def postings_of(session: Session, application_id: int) -> Sequence[Posting]:
    """An application's postings, in the order of their days."""
    return session.scalars(
        select(Posting).where(Posting.application_id == application_id).order_by(Posting.posted_on, Posting.id)
    ).all()


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


def _there(session: Session, keys: Sequence[str]) -> dict[str, Posting]:
    """The postings that are there of these keys."""
    found: dict[str, Posting] = {}
    for at in range(0, len(keys), AT_ONCE):
        part = select(Posting).where(Posting.idempotency_key.in_(keys[at : at + AT_ONCE]))
        found |= {each.idempotency_key: each for each in session.scalars(part)}
    return found


def _added(session: Session, fresh: Iterable[Posting]) -> dict[str, Posting]:
    """Write these postings, by their keys: many in one statement, whatever the database."""
    rows = [
        {
            column: getattr(each, column)
            for column in Posting.__table__.c.keys()  # noqa: SIM118 - a collection of columns is no mapping
            if column != "id"
        }
        for each in fresh
    ]
    written = session.scalars(insert(Posting).returning(Posting), rows)
    return {each.idempotency_key: each for each in written}


def _told(posting: Posting) -> tuple[str, dict[str, object]]:
    """What the audit tells of a posting."""
    of, line_id = posting.application_id, posting.line_id
    details = {"kind": posting.kind, "amount_won": posting.amount_won, "posting": posting.id, "line": line_id}
    return f"application:{of}" if of else f"budget_line:{line_id}", details


def _days(session: Session, of: ColumnElement[bool]) -> list[Entry]:
    """Postings as one entry for each day and kind: what the rule needs to know, however many there are."""
    rows = session.execute(
        select(Posting.posted_on, Posting.kind, func.sum(Posting.amount_won))
        .where(of)
        .group_by(Posting.posted_on, Posting.kind)
    )
    return [Entry(kind, int(won), on) for on, kind, won in rows]


def _check_applications(session: Session, fresh: Iterable[Posting]) -> None:
    """Each application's own postings keep the rule too: paid ≤ committed ≤ awarded, and no more came back than was
    paid, at the end of every day. Whatever is returned, what was ever paid stays within the award."""
    added: dict[int, list[Posting]] = {}
    for posting in fresh:
        if posting.application_id is not None:
            added.setdefault(posting.application_id, []).append(posting)
    there, awards = _days_of(session, list(added)), _awards_of(session, list(added))
    for application_id, postings in added.items():
        days: list[balance.Entry] = [*there.get(application_id, ()), *postings]
        awarded = awards.get(application_id, 0)
        sums = {kind: sum(each.amount_won for each in days if each.kind == kind) for kind in balance.KINDS}
        committed_won = sums["commitment"] - sums["decommitment"]
        if any(each.kind in ("commitment", "expenditure") for each in postings) and (
            sums["expenditure"] > awarded or committed_won > awarded
        ):
            raise Refusal("award_exceeded", fields={"amount_won": ["award_exceeded"]})
        ample = Entry("appropriation", MOST_WON, date.min)  # the ceiling of the budget is the line's
        balance.check([ample, *days])


def _days_of(session: Session, application_ids: Sequence[int]) -> dict[int, list[Entry]]:
    """As `_days` for applications."""
    found: dict[int, list[Entry]] = {}
    for at in range(0, len(application_ids), AT_ONCE):
        rows = session.execute(
            select(Posting.application_id, Posting.posted_on, Posting.kind, func.sum(Posting.amount_won))
            .where(Posting.application_id.in_(application_ids[at : at + AT_ONCE]))
            .group_by(Posting.application_id, Posting.posted_on, Posting.kind)
        )
        for application_id, on, kind, won in rows:
            found.setdefault(application_id or 0, []).append(Entry(kind, int(won), on))
    return found


def _awards_of(session: Session, application_ids: Sequence[int]) -> dict[int, int]:
    """Application -> what it was awarded, in won."""
    found: dict[int, int] = {}
    for at in range(0, len(application_ids), AT_ONCE):
        some = Application.id.in_(application_ids[at : at + AT_ONCE])
        for application_id, awarded in session.execute(select(Application.id, Application.awarded_won).where(some)):
            found[application_id] = awarded or 0
    return found


def _content(posting: Posting) -> tuple[object, ...]:
    return posting.line_id, posting.application_id, posting.kind, posting.amount_won, posting.posted_on, posting.memo


def _content_of(entry: Entry) -> tuple[object, ...]:
    return entry.kind, entry.amount_won, entry.posted_on, entry.memo[:MEMO]


def _check_key(key: str) -> None:
    if not re.fullmatch(r"[!-~]{1,120}", key):
        raise Refusal("key_missing", 400)


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
