"""The production transport: one durable topic exchange, a quorum queue per service with a single active consumer.

Everything here was chosen by fault runs: without confirms a quorum queue loses tail messages; an unroutable message
counts as confirmed unless it is mandatory; a small delivery limit dead-letters healthy messages after a few killed
consumers; two consumers at once break the order.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from kombu import Connection, Consumer, Exchange, Producer, Queue

from shared.bus.events import Event
from shared.bus.transport import ENCODING, BrokerUnavailableError, Delivery, Subscriptions, encoded

HEARTBEAT = 30
PREFETCH = 200


class RabbitTransport:
    """Opens a connection of its own for each publisher and receiver: they live in different threads."""

    patience = 15.0

    def __init__(self, url: str, subscriptions: Subscriptions, prefix: str) -> None:
        self._url = url
        self._options = {"client_properties": {"connection_name": f"{prefix} pid {os.getpid()}"}}
        about = Connection(url)
        self._broker = about.as_uri()  # without the password
        self._errors = (*about.connection_errors, *about.channel_errors)
        self.exchange = Exchange(f"{prefix}.events", type="topic", durable=True)
        self._dead = Queue(
            f"{prefix}.dead",
            Exchange(f"{prefix}.dead", type="fanout", durable=True),
            durable=True,
            queue_arguments={"x-queue-type": "quorum"},
        )
        self.queues = {
            service: Queue(
                f"{prefix}.{service}",
                durable=True,
                queue_arguments={
                    "x-queue-type": "quorum",
                    "x-single-active-consumer": True,
                    "x-overflow": "reject-publish",
                    "x-dead-letter-exchange": f"{prefix}.dead",
                    "x-delivery-limit": 1_000_000,
                },
            )
            for service in subscriptions
        }
        self._bindings = [(service, name) for service, names in subscriptions.items() for name in names]
        self.subscribed = {name for _, name in self._bindings}

    def publisher(self) -> RabbitPublisher:
        """Declares the queues of all subscribers first: nothing is lost before a consumer's first start."""
        with self.told():
            return RabbitPublisher(self)

    def receiver(self, service: str) -> RabbitReceiver:
        """A second receiver of a service waits at the broker until the first is gone."""
        with self.told():
            return RabbitReceiver(self, service)

    def close(self) -> None:
        """Nothing is kept here."""

    def connect(self) -> Connection:
        """A connection whose queues and bindings exist."""
        connection = Connection(self._url, heartbeat=HEARTBEAT, connect_timeout=5, transport_options=self._options)
        try:
            channel = connection.channel()
            self.exchange(channel).declare()
            self._dead(channel).declare()
            for queue in self.queues.values():
                queue(channel).declare()
            for service, name in self._bindings:
                self.queues[service](channel).bind_to(self.exchange.name, routing_key=name)
            channel.close()
        except BaseException:
            connection.collect()
            raise
        return connection

    def remove(self) -> None:
        """Delete the exchange and the queues with all they hold. Raises BrokerUnavailableError."""
        with self.told(), Connection(self._url, connect_timeout=5) as connection:
            channel = connection.channel()
            for queue in (*self.queues.values(), self._dead):
                queue(channel).delete()
            for exchange in (self.exchange, self._dead.exchange):
                exchange(channel).delete()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turns every way a connection breaks into one exception with one sentence."""
        try:
            yield
        except self._errors as error:
            reason = str(error) or type(error).__name__
            raise BrokerUnavailableError(
                f"The broker {self._broker} failed ({reason}); check that it runs and that MARU_BROKER is right."
            ) from error


class RabbitPublisher:
    """Sends a batch without waiting, then waits once for all its confirms."""

    def __init__(self, transport: RabbitTransport) -> None:
        self._transport = transport
        self._connection = transport.connect()
        self._channel: Any = self._connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirmed)
        self._channel.events["basic_nack"].add(self._refused)
        self._channel.events["basic_return"].add(self._returned)
        self._producer = Producer(self._channel, transport.exchange, auto_declare=False)
        self._last = 0  # delivery tags count from 1 on a channel
        self._open: set[int] = set()
        self._failure = ""

    def send(self, events: Sequence[Event], again: bool) -> None:
        """Mandatory where somebody subscribes; an event that nobody handles is legitimate."""
        with self._transport.told():
            for event in events:
                self._last += 1
                self._open.add(self._last)
                self._producer.publish(
                    encoded(event),
                    routing_key=event.name,
                    mandatory=event.name in self._transport.subscribed,
                    delivery_mode="persistent",
                    message_id=event.id,
                    headers={"again": again},
                    **ENCODING,
                )

    def confirm(self, timeout: float) -> bool:
        """One wait for the whole batch."""
        deadline = monotonic() + timeout
        with self._transport.told():
            while self._open and not self._failure:
                try:
                    self._connection.drain_events(timeout=max(deadline - monotonic(), 0.001))
                except TimeoutError:
                    if monotonic() >= deadline:
                        return False
        if self._failure:
            raise BrokerUnavailableError(f"The broker did not take an event ({self._failure}); it will be sent again.")
        return True

    def idle(self) -> None:
        """heartbeat_check() does not read the socket by itself: read it first."""
        with self._transport.told():
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.01)
            self._connection.heartbeat_check()

    def close(self) -> None:
        """Let go."""
        _close(self._connection)

    def _confirmed(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._open = {each for each in self._open if each > tag}
        else:
            self._open.discard(tag)

    def _refused(self, tag: int, multiple: bool) -> None:
        self._failure = "it refused the message, its queue may be full"

    def _returned(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        self._failure = f"no queue for {routing_key}"


class RabbitReceiver:
    """Buffers what the broker pushes, up to the prefetch."""

    def __init__(self, transport: RabbitTransport, service: str) -> None:
        self._transport = transport
        self._connection = transport.connect()
        self._buffer: list[Any] = []
        channel = self._connection.channel()
        channel.basic_qos(0, PREFETCH, False)
        consumer = Consumer(channel, [transport.queues[service]], on_message=self._buffer.append, auto_declare=False)
        consumer.consume()
        self._checked = monotonic()

    def receive(self, limit: int, timeout: float) -> list[Delivery]:
        """Waits for the first message only; then takes what is already there."""
        with self._transport.told():
            with suppress(TimeoutError):
                while len(self._buffer) < limit:
                    self._connection.drain_events(timeout=0.001 if self._buffer else max(timeout, 0.001))
            if monotonic() - self._checked > 1:
                self._connection.heartbeat_check()
                self._checked = monotonic()
        taken, self._buffer[:] = self._buffer[:limit], self._buffer[limit:]
        return [_delivery(message) for message in taken]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """One acknowledgement up to and including the last."""
        with self._transport.told():
            if deliveries:
                deliveries[-1].message.ack(multiple=True)

    def reject(self, delivery: Delivery) -> None:
        """To the dead-letter exchange."""
        with self._transport.told():
            delivery.message.reject()

    def close(self) -> None:
        """Let go; the broker gives what is not acknowledged to the next receiver."""
        _close(self._connection)


def _delivery(message: Any) -> Delivery:
    try:
        body = json.loads(message.body)
    except ValueError:  # a foreign message
        body = None
    again = bool(message.delivery_info.get("redelivered") or message.headers.get("again"))
    return Delivery(body, again, message)


def _close(connection: Connection) -> None:
    try:
        connection.release()
    except Exception:  # it is broken already: drop it
        connection.collect()
