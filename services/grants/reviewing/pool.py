"""Who may be asked to review, or sits on the committee, today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import policy
from services.grants.models import Appointment, Reviewer


def appointed(session: Session, district: str | None, now: datetime, kind: str = "reviewer") -> Sequence[Reviewer]:
    """Who is appointed today by the district (None: the city) for reviewing or for the committee."""
    today = policy.city_date(now)
    where = Appointment.district == district if district else Appointment.district.is_(None)
    current = select(Appointment.account_id).where(
        where, Appointment.kind == kind, Appointment.starts_on <= today, Appointment.ends_on >= today
    )
    return session.scalars(select(Reviewer).where(Reviewer.account_id.in_(current)).order_by(Reviewer.account_id)).all()
