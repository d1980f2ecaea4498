"""What is taken already of a call's budget and of its programme's ceilings; certain while the call's row is locked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.grants.calls import FUNDED, of_same_year
from services.grants.models import ApplicantGroup, Application, Call, Posting
from services.grants.rules.awards import Taken
from services.grants.rules.definition import Definition
from services.grants.rules.dongs import dong_name
from services.grants.selection import release


def remaining_won(session: Session, call: Call) -> int:
    """What the call's budget still holds: without what is awarded, announced or not, and with what was decommitted of
    it (an award that was given back before the present one counts in neither)."""
    awarded = session.scalar(
        select(func.coalesce(func.sum(Application.awarded_won), 0)).where(
            Application.call_id == call.id, Application.phase.in_(FUNDED)
        )
    )
    given_back = session.scalar(
        select(func.coalesce(func.sum(Posting.amount_won), 0))
        .join(Application, Application.id == Posting.application_id)
        .where(
            Application.call_id == call.id,
            Application.phase.in_(FUNDED),
            Posting.kind == "decommitment",
            ~Posting.idempotency_key.startswith(f"{release.KEY}:"),
        )
    )
    return call.budget_won - int(awarded or 0) + int(given_back or 0)


def taken(session: Session, application: Application, call: Call, rules: Definition, now: datetime) -> Taken:
    """What others, and the group itself, have of the ceilings that this application's award counts against.

    The year of a group's awards is the one in which a call opened, of any call of the same programme. The group's row
    is locked, for its awards are counted across calls.
    """
    group_won, group_awards = _of_group(session, application, call)
    limits = rules.limits
    here = (Application.call_id == call.id, Application.id != application.id)
    return Taken(
        remaining_won(session, call),
        group_won,
        group_awards,
        _awarded_in_dong(session, application.dong, *here, Application.district == application.district)
        if limits.dong_won is not None
        else 0,
        _awarded(session, *here, Application.district == application.district)
        if limits.district_won is not None
        else 0,
    )


def _awarded(session: Session, *wanted: ColumnElement[bool]) -> int:
    found = session.scalar(
        select(func.coalesce(func.sum(Application.awarded_won), 0)).where(Application.phase.in_(FUNDED), *wanted)
    )
    return int(found or 0)


def _awarded_in_dong(session: Session, dong: str, *wanted: ColumnElement[bool]) -> int:
    """Of one dong, whose name may have been stored before it was normalised. Those without any are counted as one: a
    programme that got its ceiling without asking is not to be gone round by leaving the dong out."""
    rows = session.execute(
        select(Application.dong, func.sum(Application.awarded_won))
        .where(Application.phase.in_(FUNDED), *wanted)
        .group_by(Application.dong)
    )
    return sum(int(won or 0) for other, won in rows if dong_name(other) == dong_name(dong))


def _of_group(session: Session, application: Application, call: Call) -> tuple[int, int]:
    if application.group_id is None:
        return 0, 0
    session.get_one(ApplicantGroup, application.group_id, with_for_update=True)
    row = session.execute(
        select(func.coalesce(func.sum(Application.awarded_won), 0), func.count())
        .join(Call, Call.id == Application.call_id)
        .where(
            Application.group_id == application.group_id,
            Application.id != application.id,
            *_same_year(call),
        )
    ).one()
    return int(row[0] or 0), int(row[1])


def groups_elsewhere(session: Session, call: Call) -> dict[int, int]:
    """Group -> what it has of its yearly ceiling from other calls, in won: one query for all groups."""
    rows = session.execute(
        select(Application.group_id, func.coalesce(func.sum(Application.awarded_won), 0))
        .join(Call, Call.id == Application.call_id)
        .where(Application.group_id.is_not(None), Application.call_id != call.id, *_same_year(call))
        .group_by(Application.group_id)
    )
    return {group_id: int(won) for group_id, won in rows if group_id is not None and won is not None}


def _same_year(call: Call) -> tuple[ColumnElement[bool], ...]:
    """The awards that count together for a group: of the programme's calls that opened in one year."""
    return Application.phase.in_(FUNDED), Call.programme == call.programme, *of_same_year(call)
