"""The locks of applications, in the one order in which everyone takes them: the call's row, then the application's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import calls
from services.grants.models import Application, Call
from shared.refusal import Refusal


def locked(session: Session, application_id: int) -> tuple[Application, Call]:
    """An application and its call, both locked: for whatever is counted within the call, and for every step. Raises
    Refusal not_found."""
    call_id = session.scalar(select(Application.call_id).where(Application.id == application_id))
    if call_id is None:
        raise Refusal("not_found", 404)
    call = calls.locked(session, call_id)
    return session.get_one(Application, application_id, with_for_update=True, populate_existing=True), call


def locked_alone(session: Session, application_id: int) -> Application:
    """An application whose row alone is locked, for what concerns nothing else of the call: a draft's words, its files.
    Whoever holds this lock must not lock the call afterwards. Raises Refusal not_found."""
    application = session.get(Application, application_id, with_for_update=True, populate_existing=True)
    if application is None:
        raise Refusal("not_found", 404)
    return application
