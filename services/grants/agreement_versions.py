"""The versions of the agreement on an application: which one stands, and which is in force."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from services.grants.models import Agreement


def read(session: Session, application_id: int) -> list[Agreement]:
    """All versions, the newest first; the words of each are read when they are asked for."""
    of = Agreement.application_id == application_id
    return list(
        session.scalars(select(Agreement).where(of).order_by(Agreement.version.desc()).options(defer(Agreement.body)))
    )


def standing(found: Iterable[Agreement]) -> Agreement | None:
    """The one that nothing replaced: to be signed, or signed and in force. None after an offer was taken back."""
    return next((each for each in found if each.replaced_at is None), None)


def in_force(found: Iterable[Agreement]) -> Agreement | None:
    """Of versions, the newest first: the newest that both signed; a newer one may wait for its signatures."""
    return next((each for each in found if each.signed_at is not None), None)
