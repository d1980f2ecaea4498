"""Doing at once, in the calling thread, what relays and consumers do in theirs."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack

from sqlalchemy import select

from shared.bus.consumer import Consumer
from shared.bus.relay import Relay, claimed
from shared.bus.runner import Member, health, subscriptions
from shared.bus.tables import inbox
from shared.bus.transport import Transport, open_transport
from shared.database import Database

_OTHERS = 0.05  # seconds between two looks at what another process's relay has done


def pump(members: Sequence[Member], transport: Transport | None = None, timeout: float = 60.0) -> int:
    """Relay and consume until nothing is left, also of what the handlers publish; how many events were relayed.

    Without `transport` the events go through this process's memory. Where another process has the active relay, its
    work is waited for. Raises TimeoutError after `timeout` seconds, DatabaseUnavailable, BrokerUnavailableError.
    """
    with ExitStack() as stack:
        if transport is None:
            transport = open_transport("memory://", subscriptions(members))
            stack.callback(transport.close)
        relays, consumers = [], []
        for member in members:
            receiver = transport.receiver(member.service)
            stack.callback(receiver.close)
            consumers.append((member, Consumer(member.db, member.service, member.handlers, transport), receiver))
            publisher = transport.publisher()
            stack.callback(publisher.close)
            if source := stack.enter_context(claimed(member.db)):
                relays.append((Relay(member.db, member.service, transport), source, publisher))
        relayed = 0
        deadline = time.monotonic() + timeout
        while True:
            sent = [(source, publisher, relay.send(source, publisher)) for relay, source, publisher in relays]
            rows = [row for _, _, batch in sent for row in batch]
            for member, consumer, receiver in consumers:
                missing = {row.event_id for row in rows if row.name in member.handlers}
                while consumer.step(receiver, 0.0) or missing:
                    missing -= _known(member.db, missing)
                    _check(deadline, len(missing))
            for source, publisher, batch in sent:
                while batch and not publisher.confirm(0.1):
                    _check(deadline, len(batch))
                if batch:
                    source.mark([row.id for row in batch])
            relayed += len(rows)
            if not rows and not sum(health(member.db).unpublished for member in members):
                return relayed
            if not rows:
                time.sleep(_OTHERS)
            _check(deadline, len(rows))


def _known(db: Database, ids: Collection[str]) -> set[str]:
    with db.read() as session:
        return set(session.scalars(select(inbox.c.event_id).where(inbox.c.event_id.in_(ids))))


def _check(deadline: float, left: int) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError(f"{left} events are still on their way")
