"""The embedded transport: kombu's `memory://` in one process, with the confirmation that memory alone cannot give.

A message in memory is gone with the process, so an event counts as safe only when every subscriber has committed it.
Until then its outbox row stays unpublished and the next start sends it again; the inboxes drop what they had.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu import Connection, Exchange, Producer, Queue

from shared.bus.events import Event
from shared.bus.transport import ENCODING, Delivery, Subscriptions, encoded


class MemoryTransport:
    """Shared by the relays and consumers of one process; thread-safe."""

    patience = float("inf")  # a slow subscriber is waited for: sending again would not make it faster

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._prefix = f"maru.{uuid4().hex}"  # kombu's memory is one per process; keep ours apart
        self.exchange = Exchange(f"{self._prefix}.events", type="topic", durable=False)
        self.subscribers: defaultdict[str, list[str]] = defaultdict(list)
        for service, names in subscriptions.items():
            for name in names:
                self.subscribers[name].append(service)
        self._connection = Connection("memory://")
        self._channel = self._connection.channel()
        self.exchange(self._channel).declare()
        for service in subscriptions:
            self.queue(service)(self._channel).queue_declare()
        for name, services in self.subscribers.items():
            for service in services:
                self.queue(service)(self._channel).bind_to(self.exchange(self._channel), routing_key=name)
        self.arrived = {service: threading.Event() for service in subscriptions}
        self.unacknowledged: dict[str, list[Delivery]] = {service: [] for service in subscriptions}
        self._applied = threading.Condition()
        self._missing: dict[str, set[str]] = {}  # event id -> services that have not committed it

    def queue(self, service: str) -> Queue:
        """The queue of a service, not yet bound to a channel."""
        return Queue(f"{self._prefix}.{service}", self.exchange, durable=False)

    def publisher(self) -> MemoryPublisher:
        """One per relay."""
        return MemoryPublisher(self)

    def receiver(self, service: str) -> MemoryReceiver:
        """One per service at a time."""
        return MemoryReceiver(self, service)

    def close(self) -> None:
        """Forget everything; the outboxes still have it."""
        for service in self.arrived:
            self.queue(service)(self._channel).delete()
        self.exchange(self._channel).delete()
        self._connection.close()

    def expect(self, events: Sequence[Event]) -> None:
        """From now on these are waited for."""
        with self._applied:
            for event in events:
                if services := self.subscribers.get(event.name):
                    self._missing[event.id] = set(services)

    def applied(self, service: str, ids: Sequence[str]) -> None:
        """The service has committed these events."""
        with self._applied:
            for event_id in ids:
                services = self._missing.get(event_id, set())
                services.discard(service)
                if not services:
                    self._missing.pop(event_id, None)
            self._applied.notify_all()

    def wait(self, ids: Sequence[str], timeout: float) -> bool:
        """Whether every subscriber has committed these events, after at most `timeout` seconds."""
        with self._applied:
            return self._applied.wait_for(lambda: not any(event_id in self._missing for event_id in ids), timeout)


class MemoryPublisher:
    """Sends to the queues of this process."""

    def __init__(self, transport: MemoryTransport) -> None:
        self._transport = transport
        self._connection = Connection("memory://")
        self._producer = Producer(self._connection.channel(), transport.exchange, auto_declare=False)
        self._sent: list[str] = []

    def send(self, events: Sequence[Event], again: bool) -> None:
        """Put the events into every subscriber's queue and wake the subscribers."""
        self._transport.expect(events)
        self._sent = [event.id for event in events]
        woken = set()
        for event in events:
            if services := self._transport.subscribers.get(event.name):
                self._producer.publish(encoded(event), routing_key=event.name, headers={"again": again}, **ENCODING)
                woken.update(services)
        for service in woken:
            self._transport.arrived[service].set()

    def confirm(self, timeout: float) -> bool:
        """Whether every subscriber has committed what was sent last."""
        return self._transport.wait(self._sent, timeout)

    def idle(self) -> None:
        """Memory needs no care."""

    def close(self) -> None:
        """Let go."""
        self._connection.close()


class MemoryReceiver:
    """Takes from a service's queue. What a receiver took and did not acknowledge is the next one's first."""

    def __init__(self, transport: MemoryTransport, service: str) -> None:
        self._transport = transport
        self._service = service
        self._connection = Connection("memory://")
        self._queue = transport.queue(service)(self._connection.channel())
        self._arrived = transport.arrived[service]
        self._open = transport.unacknowledged[service]
        self._again = [Delivery(each.body, True, each.message) for each in self._open]
        self._open.clear()

    def receive(self, limit: int, timeout: float) -> list[Delivery]:
        """Take what is there; sleep on the relay's call rather than on kombu's polling interval."""
        deadline = monotonic() + timeout
        while True:
            self._arrived.clear()
            taken = self._take(limit)
            left = deadline - monotonic()
            if taken or left <= 0 or not self._arrived.wait(left):
                self._open.extend(taken)
                return taken

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the relays that these are committed."""
        del self._open[: len(deliveries)]
        self._transport.applied(self._service, [delivery.body["id"] for delivery in deliveries])

    def reject(self, delivery: Delivery) -> None:
        """Drop it: nothing foreign gets into this process's memory."""
        self._open.remove(delivery)

    def close(self) -> None:
        """Let go; keep the order for the next receiver."""
        self._open.extend(self._again)
        self._connection.close()

    def _take(self, limit: int) -> list[Delivery]:
        taken, self._again = self._again[:limit], self._again[limit:]
        while len(taken) < limit:
            message: Any = self._queue.get(no_ack=True)
            if message is None:
                break
            taken.append(Delivery(json.loads(message.body), message.headers["again"], message))
        return taken
