"""The two ways an event travels: kombu's memory transport inside one process, or RabbitMQ between processes.

A transport knows every service's subscription (service -> event names), because whoever sends must know who receives:
in memory an event is confirmed when all of them have applied it, on RabbitMQ the sender declares all of their queues.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.bus.events import Event

Subscriptions = Mapping[str, Iterable[str]]
"""Service -> names of the events it handles."""


ENCODING = {"content_type": "application/json", "content_encoding": "utf-8"}
"""Given to kombu with an encoded body: its own JSON writer and reader, made for more types, take twice as long."""


def encoded(event: Event) -> str:
    """The body of an event's message."""
    return json.dumps(event.to_wire(), ensure_ascii=False)


class BrokerUnavailableError(Exception):
    """The broker cannot be reached, or did not confirm. The message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it arrived. `redelivered`: a process may have died over it before."""

    body: Any
    redelivered: bool
    message: Any


class Publisher(Protocol):
    """One relay's side of a transport."""

    def send(self, events: Sequence[Event], again: bool) -> None:
        """Hand the events over, in order. `again`: an earlier process may already have sent them."""

    def confirm(self, timeout: float) -> bool:
        """Whether all that was sent is safe, after at most `timeout` seconds. BrokerUnavailableError on a refusal."""

    def idle(self) -> None:
        """Called about once a second while there is nothing to send."""

    def close(self) -> None:
        """Let go; never raises."""


class Receiver(Protocol):
    """One service's side of a transport."""

    def receive(self, limit: int, timeout: float) -> list[Delivery]:
        """Up to `limit` deliveries; waits at most `timeout` seconds for the first. Empty when none came."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """All of `deliveries`, as they were received together, are applied and committed."""

    def reject(self, delivery: Delivery) -> None:
        """Not an event at all: give it to the broker's own dead-letter queue."""

    def close(self) -> None:
        """Let go; what is not acknowledged comes again. Never raises."""


class Transport(Protocol):
    """Opens the two sides. `patience`: seconds a relay waits for confirmation before it starts afresh."""

    patience: float

    def publisher(self) -> Publisher:
        """Raises BrokerUnavailableError."""

    def receiver(self, service: str) -> Receiver:
        """Raises BrokerUnavailableError."""

    def close(self) -> None:
        """Let go of everything; never raises."""


def open_transport(broker: str, subscriptions: Subscriptions, prefix: str = "maru") -> Transport:
    """The transport of a broker URL, `memory://` or `amqp://user:password@host//`.

    `prefix` begins the names of everything at the broker. In memory, relays and consumers meet only when they share the
    object that this returns.
    """
    if broker.startswith("memory:"):
        from shared.bus.memory import MemoryTransport

        return MemoryTransport(subscriptions)
    from shared.bus.rabbitmq import RabbitTransport

    return RabbitTransport(broker, subscriptions, prefix)
