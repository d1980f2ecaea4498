"""Many events at once are as good as each by itself: numbered, in order, heard once, and taken back together."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.bus.catalogue import InvalidEventError
from shared.bus.outbox import REBUILDING, publish, publish_all, together
from shared.bus.tables import aggregate_version, outbox
from shared.database import Database
from tests.bus.town import MADE, Town, payload


def facts(*numbers: int) -> list[tuple[str, dict[str, object]]]:
    return [(f"reservation:{number}", payload(number)) for number in numbers]


def logged(db: Database) -> list[tuple[str, int, str]]:
    with db.read() as session:
        rows = session.execute(select(outbox).order_by(outbox.c.id))
        return [(row.aggregate, row.sequence, row.event_id) for row in rows]


def test_numbers_go_on_from_what_each_aggregate_has(town: Town) -> None:
    booking = town.databases["booking"]
    town.reserve(2)
    with booking.write() as session:
        ids = publish_all(session, MADE, facts(3, 2, 1, 2))
        last = publish(session, MADE, aggregate="reservation:2", payload=payload(2))
    expected = [("reservation:3", 1), ("reservation:2", 2), ("reservation:1", 1), ("reservation:2", 3)]
    rows = logged(booking)
    assert [row[:2] for row in rows[1:]] == [*expected, ("reservation:2", 4)]
    assert [row[2] for row in rows[1:]] == [*ids, last]
    town.pump()
    assert town.heard("maps") == [("reservation:2", 1), *expected, ("reservation:2", 4)]


def test_a_thousand_and_more_keep_their_order(town: Town) -> None:
    with town.databases["booking"].write() as session:
        publish_all(session, MADE, facts(*range(2500, 0, -1)))
    town.pump()
    assert town.heard("maps") == [(f"reservation:{number}", 1) for number in range(2500, 0, -1)]


def test_none_at_all(town: Town) -> None:
    with town.databases["booking"].write() as session:
        assert publish_all(session, MADE, []) == []
        session.info[REBUILDING] = True
        assert len(publish_all(session, MADE, facts(1, 2))) == 2
    assert logged(town.databases["booking"]) == []


def test_one_that_does_not_fit_takes_all_with_it(town: Town) -> None:
    booking = town.databases["booking"]
    wrong = ("reservation:9", {**payload(9), "people": 0})
    with pytest.raises(InvalidEventError), booking.write() as session:
        publish_all(session, MADE, [*facts(1, 2), wrong])
    assert logged(booking) == []
    with booking.read() as session:
        assert session.scalar(select(func.count()).select_from(aggregate_version)) == 0


def test_what_is_published_together_is_written_at_the_end_in_its_order(town: Town) -> None:
    booking = town.databases["booking"]
    with booking.write() as session:
        with together(session):
            first = publish(session, MADE, aggregate="reservation:2", payload=payload(2))
            with together(session):  # within another it is one with it
                rest = publish_all(session, MADE, facts(1, 2))
            assert session.scalar(select(func.count()).select_from(outbox)) == 0
        after = publish(session, MADE, aggregate="reservation:2", payload=payload(2))
    assert logged(booking) == [
        ("reservation:2", 1, first),
        ("reservation:1", 1, rest[0]),
        ("reservation:2", 2, rest[1]),
        ("reservation:2", 3, after),
    ]

    def fail(session: Session) -> None:
        with together(session):
            publish(session, MADE, aggregate="reservation:3", payload=payload(3))
            raise ZeroDivisionError

    with booking.write() as session:
        with pytest.raises(ZeroDivisionError):
            fail(session)
        publish(session, MADE, aggregate="reservation:4", payload=payload(4))
    assert [each[0] for each in logged(booking)][4:] == ["reservation:4"]


def test_many_beside_each_other_neither_block_nor_skip(town: Town) -> None:
    """The same aggregates in opposite orders: no deadlock, no gap, the log in the order of the numbers."""
    booking = town.databases["booking"]
    wrong: list[BaseException] = []

    def work(numbers: list[int]) -> None:
        try:
            for _round in range(5):
                with booking.write() as session:
                    publish_all(session, MADE, facts(*numbers))
        except BaseException as error:
            wrong.append(error)

    numbers = list(range(40))
    threads = [threading.Thread(target=work, args=(each,)) for each in (numbers, numbers[::-1]) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    rows = logged(booking)
    for number in numbers:
        assert [row[1] for row in rows if row[0] == f"reservation:{number}"] == list(range(1, 21))


def test_the_relay_is_woken_at_once(town: Town) -> None:
    with town.threads():
        with town.databases["booking"].write() as session:
            publish_all(session, MADE, facts(1, 2, 3))
        waited = threading.Event()
        for _look in range(100):
            if len(town.heard("maps")) == 3:
                break
            waited.wait(0.05)
    assert len(town.heard("maps")) == 3
