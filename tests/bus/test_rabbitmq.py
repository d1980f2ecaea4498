"""What only the broker can do: keep messages for services that do not run, let one consumer stand by, refuse."""

import json
from collections.abc import Iterator

import pytest
from kombu import Connection, Producer

from shared.bus.rabbitmq import RabbitTransport
from shared.bus.runner import health
from tests.bus.faults import drop_connections
from tests.bus.town import MADE, Town, eventually


@pytest.fixture
def broker(town: Town) -> Iterator[Connection]:
    """A connection that is not ours."""
    transport = town.transport()
    assert isinstance(transport, RabbitTransport)
    transport.connect().release()  # the queues exist from here on
    with Connection(town.broker) as connection:
        yield connection


def published(town: Town) -> bool:
    return health(town.databases["booking"]).unpublished == 0


def test_the_broker_keeps_events_for_a_service_that_never_ran(town: Town) -> None:
    with town.threads(only="booking"):
        town.reserve_many(30)
        assert eventually(lambda: published(town))
    assert town.heard("maps") == []
    with town.threads(only="maps"):
        assert eventually(lambda: len(town.heard("maps")) == 30)
    assert town.figures("maps") == {"events": 30, "lost": 0, "twice": 0, "out_of_order": 0}


def test_a_second_consumer_stands_by_and_takes_over(town: Town) -> None:
    first, second = town.threads(only="maps"), town.threads(only="maps")
    with second:
        with first, town.threads(only="booking"):
            town.reserve_many(60)
            assert eventually(lambda: len(town.heard("maps")) == 60)
        with town.threads(only="booking"):
            town.reserve_many(60, seed=2)
            assert eventually(lambda: len(town.heard("maps")) == 120)
    assert town.figures("maps") == {"events": 120, "lost": 0, "twice": 0, "out_of_order": 0}


def test_an_event_without_its_queue_is_not_called_published(town: Town, broker: Connection) -> None:
    with town.threads(only="booking"):
        town.reserve(1)
        assert eventually(lambda: published(town))
        for service in ("maps", "grants"):
            broker.default_channel.queue_delete(f"{town.prefix}.{service}")
        town.reserve(2)
        assert eventually(lambda: published(town))
    with town.threads(only="maps"):
        assert eventually(lambda: town.heard("maps") == [("reservation:2", 1)])


def test_a_foreign_message_goes_to_the_dead_letters_of_the_broker(town: Town, broker: Connection) -> None:
    producer = Producer(broker.default_channel)
    foreign = ("no json", "[1, 2]", '{"id": "1"}', json.dumps({"id": 1, "name": MADE}))
    for body in foreign:
        producer.publish(
            body,
            exchange=f"{town.prefix}.events",
            routing_key=MADE,
            content_type="application/json",
            content_encoding="utf-8",
        )
    town.reserve_many(5)
    town.pump()
    assert len(town.heard("maps")) == 5
    assert town.figures("maps")["lost"] == 0

    def dead() -> int:
        count: int = broker.default_channel.queue_declare(f"{town.prefix}.dead", passive=True).message_count
        return count

    assert eventually(lambda: dead() == 2 * len(foreign))


def test_broken_broker_connections_are_opened_again(town: Town) -> None:
    with town.threads() as threads:
        for seed in range(3):
            town.reserve_many(20, seed=seed)
            if seed == 1:
                drop_connections(town.prefix)
        assert eventually(lambda: len(town.heard("maps")) == len(town.heard("grants")) == 60)
        assert eventually(threads.ready)
    assert town.figures("maps") == {"events": 60, "lost": 0, "twice": 0, "out_of_order": 0}
