"""The inbox of a person: what they were told, newest first, and what they have not read yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from services.booking.models import Message
from shared.database import Database
from shared.identity.actor import Actor
from shared.refusal import Refusal

PER_PAGE = 20


@dataclass(frozen=True)
class Inbox:
    """One page of messages; `unread` counts those of all pages."""

    messages: list[Message]
    page: int
    pages: int
    total: int
    unread: int


def inbox(database: Database, actor: Actor, page: int = 1) -> Inbox:
    """The actor's messages."""
    own = Message.account_id == actor.account_id
    with database.read() as session:
        total, unread = session.execute(
            select(func.count(), func.count().filter(Message.read_at.is_(None))).where(own)
        ).one()
        pages = max(1, -(-total // PER_PAGE))
        page = min(max(1, page), pages)
        listed = select(Message).where(own).order_by(Message.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        return Inbox(list(session.scalars(listed)), page, pages, total, unread)


def unread(database: Database, actor: Actor) -> int:
    """How many the actor has not read: one look at an index that holds unread messages only."""
    waiting = select(func.count()).where(Message.account_id == actor.account_id, Message.read_at.is_(None))
    with database.read() as session:
        return session.scalar(waiting) or 0


def read(database: Database, actor: Actor, now: datetime, message_id: int) -> Message:
    """Mark one message as read. Raises Refusal message_not_found (404), also for somebody else's."""
    with database.write() as session:
        message = session.get(Message, message_id)
        if message is None or message.account_id != actor.account_id:
            raise Refusal("message_not_found", 404)
        message.read_at = message.read_at or now
        return message


def read_all(database: Database, actor: Actor, now: datetime, up_to: int | None = None) -> int:
    """Mark all as read, or those up to the id that the reader saw; how many there were."""
    waiting = update(Message).where(Message.account_id == actor.account_id, Message.read_at.is_(None))
    if up_to is not None:
        waiting = waiting.where(Message.id <= up_to)
    with database.write() as session:
        return session.execute(waiting.values(read_at=now)).rowcount  # type: ignore[attr-defined]
