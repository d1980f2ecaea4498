"""One look, under the lock, at everything that may stand in a reservation's way: in the ordinary case nothing does, and
this one statement has shown it. Whatever it finds is then read in full by whoever owns it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Boolean, Date, Integer, String, bindparam, text
from sqlalchemy.orm import Session

from services.booking.occupancy import Locked
from services.booking.rules.interval import Interval
from shared.database import UtcDateTime

DAY = timedelta(days=1)

_GLANCE = (
    text("""SELECT
    (SELECT r.id FROM reservation r WHERE r.account_id = :account AND r.idempotency_key = :key) AS made,
    p.district AS district,
    EXISTS (SELECT 1 FROM special_day d WHERE d.unit_id = :unit AND d.day BETWEEN :first AND :last)
      OR EXISTS (SELECT 1 FROM closed_time c WHERE c.unit_id = :unit AND c.end_at > :earlier AND c.start_at < :later)
      OR EXISTS (SELECT 1 FROM extra_holiday h WHERE h.day BETWEEN :first AND :last) AS special,
    EXISTS (SELECT 1 FROM unit_atom a WHERE a.unit_id = :unit AND (
      coalesce((SELECT o.end_at > :before OR o.guard_end > :start FROM occupancy o
        WHERE o.atom_id = a.atom_id AND o.start_at < :after ORDER BY o.start_at DESC LIMIT 1), false)
      OR coalesce((SELECT o.guard_start < :end FROM occupancy o
        WHERE o.atom_id = a.atom_id AND o.start_at >= :after ORDER BY o.start_at LIMIT 1), false))) AS taken
    FROM (SELECT 1 AS one) AS always LEFT JOIN person p ON p.account_id = :account""")
    .bindparams(
        bindparam("account", type_=Integer()),
        bindparam("key", type_=String()),
        bindparam("unit", type_=Integer()),
        *(bindparam(name, type_=Date()) for name in ("first", "last")),
        *(bindparam(name, type_=UtcDateTime()) for name in ("earlier", "later", "before", "after", "start", "end")),
    )
    .columns(made=Integer(), district=String(), special=Boolean(), taken=Boolean())
)


@dataclass(frozen=True)
class Glance:
    """`made`: the id of what this key has made already; `district` of the person, as told; `special`: there are special
    days, closures or added holidays around that time; `taken`: somebody's time or buffer is in the way."""

    made: int | None
    district: str | None
    special: bool
    taken: bool


def glance(session: Session, account_id: int, key: str, locked: Locked, during: Interval) -> Glance:
    """What there is around that time of a locked unit.

    Of an atom the last reservation that starts before the end and the next one are all that can be in the way, since
    reservations of an atom never overlap (invariant 1): the primary key of `occupancy` finds each of them at once.
    """
    unit = locked.unit
    policy = unit.policy
    days = sorted(moment.astimezone(unit.zone).date() for moment in during)
    row = session.connection().execute(
        _GLANCE,
        {
            "account": account_id,
            "key": key,
            "unit": unit.id,
            "first": days[0],
            "last": days[1],
            "earlier": during.start - DAY,
            "later": during.end + DAY,
            "before": during.start - policy.buffer_before,
            "after": during.end + policy.buffer_after,
            "start": during.start,
            "end": during.end,
        },
    )
    return Glance(*row.one())
