"""Messages on their way out: which channels a message takes, and each delivery sent once, as far as SMTP allows.

A message is written in the transaction that makes it true (`messages.tell`, one insert). The clockwork gives it a
delivery per channel that its person wanted, and sends those: it claims some in a transaction of its own (moving
`next_at` on, so that nobody else takes them), talks to the server without any transaction, and then notes the outcome
of each. Who dies in between has lost nothing: the claim runs out. Only a server that took a mail without our hearing
of it gets it twice, under the same Message-ID or Idempotency-Key.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from services.booking.calendars.mail import attachments
from services.booking.models import Delivery, Message, Person
from services.booking.wording.messages import Worded, word
from shared.database import Database
from shared.delivery import TryLater, Undeliverable
from shared.mail import Mail, Mailer, Post, open_mailer
from shared.settings import Settings
from shared.sms import Sms, SmsSender, open_sms
from shared.web.i18n import speaking
from shared.web.navigation import service_url

BATCH = 20
GIVE_UP_AFTER = 8
"""How often a server may put one delivery off; a server that is away is not counted."""
CLAIM = timedelta(minutes=10)
"""How long a sender has for what it claimed; longer than a batch can take."""
STALE = timedelta(days=2)
"""News this old is no news any more: it stays in the inbox only."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=3)
_TRANSLATIONS = Path(__file__).parent / "translations"


@dataclass(frozen=True)
class Outgoing:
    """A claimed delivery with all that sending needs, read before the transaction ended."""

    id: int
    account_id: int
    channel: str
    attempts: int
    to: str
    language: str
    kind: str
    params: dict


def tick(database: Database, settings: Settings, now: datetime) -> bool:
    """Dispatch what is new and send what is due. Without SMTP and SMS there is nothing to do."""
    mailer, sms = open_mailer(settings), open_sms(settings)
    channels = [name for name, way in (("email", mailer), ("sms", sms)) if way]
    if not channels:
        return False
    more = dispatch(database, now, channels)
    return send(database, settings, now, mailer, sms) or more


def dispatch(database: Database, now: datetime, channels: Sequence[str]) -> bool:
    """Give each new message a delivery per channel that its person wanted and the city has. True when more waits."""
    new = select(Message.id).where(Message.dispatched_at.is_(None), Message.created_at > now - STALE).limit(BATCH * 10)
    with database.read() as session:
        if session.scalar(new.limit(1)) is None:
            return False
    with database.write() as session:
        query = new.with_for_update(skip_locked=True, of=Message).order_by(Message.created_at)
        ids = list(session.scalars(query))
        people = select(Message.id, Person).join(Person, Person.account_id == Message.account_id)
        rows = [
            {"message_id": message_id, "channel": channel, "state": "waiting", "attempts": 0, "next_at": now}
            for message_id, person in session.execute(people.where(Message.id.in_(ids)))
            for channel in person.channels
            if channel in channels and _address(person, channel)
        ]
        if rows:
            session.execute(insert(Delivery), rows)
        session.execute(update(Message).where(Message.id.in_(ids)).values(dispatched_at=now))
    return len(ids) == BATCH * 10


def send(database: Database, settings: Settings, now: datetime, mailer: Mailer | None, sms: SmsSender | None) -> bool:
    """Send what is due; True when more waits."""
    due = _due(now).limit(1)
    with database.read() as session:
        if session.scalar(due) is None:
            return False
    with database.write() as session:
        claimed = _claim(session, now)
    away: dict[str, str] = {}
    with ExitStack() as stack:
        post = stack.enter_context(mailer.open()) if mailer else None
        for each in claimed:
            if each.channel in away:
                _put_off(database, now, each, away[each.channel], counted=False)
                continue
            try:
                _send(database, settings, each, post, sms)
            except Undeliverable as error:
                _finish(database, each, state="failed", reason=str(error))
            except TryLater as error:
                if error.everybody:
                    away[each.channel] = str(error)
                _put_off(database, now, each, str(error), counted=not error.everybody)
            else:
                _finish(database, each, state="sent", reason=None, sent_at=now)
    return len(claimed) == BATCH and not away


def _due(now: datetime) -> Select[int]:
    return select(Delivery.id).where(Delivery.state == "waiting", Delivery.next_at <= now).order_by(Delivery.next_at)


def _claim(session: Session, now: datetime) -> list[Outgoing]:
    ids = list(session.scalars(_due(now).limit(BATCH).with_for_update(skip_locked=True, of=Delivery)))
    rows = session.execute(
        select(Delivery, Message, Person)
        .join(Message, Message.id == Delivery.message_id)
        .outerjoin(Person, Person.account_id == Message.account_id)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.next_at, Delivery.id)
    ).all()
    claimed = []
    for delivery, message, person in rows:
        address = _address(person, delivery.channel) if person else None
        if address is None:  # taken back meanwhile
            delivery.state, delivery.reason = "failed", "no address"
        elif message.created_at <= now - STALE:
            delivery.state, delivery.reason = "failed", f"too old: {delivery.reason or ''}"[:80].rstrip(": ")
        else:
            delivery.next_at, delivery.attempts = now + CLAIM, delivery.attempts + 1
            claimed.append(
                Outgoing(
                    delivery.id,
                    message.account_id,
                    delivery.channel,
                    delivery.attempts,
                    address,
                    person.language,
                    message.kind,
                    message.params,
                )
            )
    return claimed


def _send(database: Database, settings: Settings, each: Outgoing, post: Post | None, sms: SmsSender | None) -> None:
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    with speaking(each.language, _TRANSLATIONS):
        worded = word(each.kind, each.params)
        text = _letter(worded, base)
        files = attachments(database, each.account_id, each.kind, each.params, base) if each.channel == "email" else ()
    key = f"booking-message-{each.id}"
    if each.channel == "email" and post:
        post.send(Mail(key, each.to, worded.title, text, each.language, files))
    elif each.channel == "sms" and sms:
        sms.send(Sms(key, each.to, "\n".join([worded.title, *worded.lines])))
    else:
        raise TryLater("no way out")


def _letter(worded: Worded, base: str) -> str:
    parts = list(worded.lines)
    if worded.address:
        parts.append(_("자세히 보기: %(address)s", address=base + worded.address))
    parts.append(_("알림을 받는 방법 바꾸기: %(address)s", address=base + service_url("booking", "/me")))
    return "\n\n".join([*parts, "-- ", _("마을마루")]) + "\n"


def _finish(database: Database, each: Outgoing, **values: object) -> None:
    """Note the outcome, unless somebody else has (a claim that ran out while its sender still lived)."""
    own = update(Delivery).where(
        Delivery.id == each.id, Delivery.state == "waiting", Delivery.attempts == each.attempts
    )
    with database.write() as session:
        session.execute(own.values(**values))


def _put_off(database: Database, now: datetime, each: Outgoing, reason: str, counted: bool) -> None:
    if counted and each.attempts >= GIVE_UP_AFTER:
        _finish(database, each, state="failed", reason=reason[:80])
        return
    pause = min(_FIRST_PAUSE * 2 ** (each.attempts - 1), _LONGEST_PAUSE) if counted else _FIRST_PAUSE
    attempts = each.attempts if counted else each.attempts - 1
    _finish(database, each, next_at=now + pause, attempts=attempts, reason=reason[:80])


def _address(person: Person, channel: str) -> str | None:
    return person.email if channel == "email" else person.phone
