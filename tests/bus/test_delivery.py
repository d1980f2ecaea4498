"""Events reach their subscribers: all of them, once, in order."""

import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.bus.events import Event, Handlers
from shared.bus.outbox import publish
from shared.bus.relay import claimed
from shared.bus.runner import BusThreads, health
from shared.bus.tables import inbox, outbox
from shared.bus.transport import open_transport
from tests.bus.town import CANCELLED, HANDLERS, Town, eventually, hear, payload, reserve


def test_every_subscriber_hears_every_event_once_and_in_order(town: Town) -> None:
    town.reserve_many(230, together=46)
    assert town.pump() == 230
    for service in ("maps", "grants"):
        assert town.figures(service) == {"events": 230, "lost": 0, "twice": 0, "out_of_order": 0}


def test_a_service_hears_only_what_it_handles(town: Town) -> None:
    town.reserve(1)
    town.reserve(1, name=CANCELLED)
    town.pump()
    assert town.heard("maps") == [("reservation:1", 1), ("reservation:1", 2)]
    assert town.heard("grants") == [("reservation:1", 1)]


def test_the_threads_carry_what_is_there_and_what_comes(town: Town) -> None:
    town.reserve_many(60)
    with town.threads() as threads:
        assert eventually(lambda: len(town.heard("maps")) == 60)
        town.reserve_many(60, seed=2)
        assert eventually(lambda: len(town.heard("maps")) == len(town.heard("grants")) == 120)
        assert eventually(lambda: health(town.databases["booking"]).unpublished == 0)
        assert threads.ready()
    for service in ("maps", "grants"):
        assert town.figures(service) == {"events": 120, "lost": 0, "twice": 0, "out_of_order": 0}


def test_what_was_published_but_not_marked_comes_again_and_changes_nothing(town: Town) -> None:
    town.reserve_many(90, together=30)
    town.pump()
    with town.databases["booking"].write() as session:
        session.execute(outbox.update().values(published_at=None))
    assert town.pump() == 90
    assert town.figures("maps") == {"events": 90, "lost": 0, "twice": 0, "out_of_order": 0}
    assert town.figures("grants") == {"events": 90, "lost": 0, "twice": 0, "out_of_order": 0}


def test_an_event_that_was_rolled_back_never_happened(town: Town) -> None:
    def change_my_mind() -> None:
        with town.databases["booking"].write() as session:
            reserve(session, 1, 1)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        change_my_mind()
    town.reserve(1)
    assert town.pump() == 1
    assert town.heard("maps") == [("reservation:1", 1)]


def test_sequences_have_no_gap_under_concurrent_publishers(town: Town) -> None:
    writers = [threading.Thread(target=town.reserve_many, args=(40, 2, seed)) for seed in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with town.databases["booking"].read() as session:
        rows = session.execute(select(outbox.c.aggregate, outbox.c.sequence).order_by(outbox.c.id)).all()
    seen: Counter[str] = Counter()
    for aggregate, sequence in rows:
        seen[aggregate] += 1
        assert sequence == seen[aggregate]
    assert sum(seen.values()) == 160
    town.pump()
    assert town.figures("maps")["out_of_order"] == 0


def test_handlers_may_publish_and_the_pump_carries_that_too(town: Town) -> None:
    def answer(session: Session, event: Event) -> None:
        hear(session, event)
        publish(session, CANCELLED, aggregate="reservation:900", payload=payload(900, name=CANCELLED))

    handlers: dict[str, Handlers] = {"grants": {"booking.reservation.made": answer}}
    town.reserve(1)
    assert town.pump(handlers) == 2
    assert town.heard("maps") == [("reservation:1", 1), ("reservation:900", 1)]


def test_a_handler_gets_the_event_as_the_publisher_meant_it(town: Town) -> None:
    received: list[Event] = []

    def keep(session: Session, event: Event) -> None:
        received.append(event)

    event_id = town.reserve(12, people=4)
    town.pump({"grants": {"booking.reservation.made": keep}})
    (event,) = received
    assert (event.id, event.source, event.version, event.aggregate, event.sequence) == (
        event_id,
        "booking",
        1,
        "reservation:12",
        1,
    )
    assert event.payload == payload(12, 4)
    assert event.occurred_at.tzinfo is not None
    with town.databases["grants"].read() as session:
        row: Any = session.execute(select(inbox)).one()
    assert row.payload["people"] == 4
    assert row.applied_at is not None


def test_only_one_relay_of_a_service_is_active_and_another_takes_over(town: Town) -> None:
    with claimed(town.databases["booking"]) as first:
        assert first is not None
        with claimed(town.databases["booking"]) as second:
            assert second is None
        with claimed(town.databases["maps"]) as other_service:
            assert other_service is not None
        with town.threads():
            town.reserve(1)
            assert not eventually(lambda: bool(town.heard("maps")), seconds=1)
            first_is_active = health(town.databases["booking"]).unpublished
    assert first_is_active == 1
    with town.threads():
        assert eventually(lambda: bool(town.heard("maps")))


def test_broken_database_connections_are_opened_again(town: Town) -> None:
    booking = town.databases["booking"]
    with town.threads() as threads:
        for seed in range(3):
            town.reserve_many(20, seed=seed)
            if not booking.is_sqlite:
                with booking.read() as session:
                    others = "datname = current_database() AND pid <> pg_backend_pid()"
                    session.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608
            booking.dispose()
        assert eventually(lambda: len(town.heard("maps")) == len(town.heard("grants")) == 60)
        assert eventually(threads.ready)
    assert town.figures("maps") == {"events": 60, "lost": 0, "twice": 0, "out_of_order": 0}


def test_health_counts_what_waits(town: Town) -> None:
    booking = town.databases["booking"]
    assert health(booking) == (0, 0.0, 0)
    town.reserve_many(3)
    before = health(booking)
    assert (before.unpublished, before.dead) == (3, 0)
    assert 0 <= before.lag < 60
    town.pump()
    assert health(booking).unpublished == 0


def test_a_broker_that_is_away_is_told_and_does_not_hang(town: Town) -> None:
    away = open_transport("amqp://guest:guest@127.0.0.1:1//", {"maps": HANDLERS["maps"]})
    threads = BusThreads(town.members(), away)
    threads.start()
    assert eventually(lambda: len(threads.failures()) == 6)
    assert not threads.ready()
    sentence = threads.failures()["relay-booking"]
    threads.stop()
    assert "check that it runs and that MARU_BROKER is right" in sentence
    assert "guest:guest" not in sentence
