"""A projection can be dropped and made again from the log of events, and comes out identical."""

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from shared.bus.dead_letters import dead_letters, replay
from shared.bus.events import Event
from shared.bus.outbox import publish
from shared.bus.rebuild import rebuild
from shared.bus.runner import health
from shared.database import Database
from tests.bus.test_dead_letters import Sour
from tests.bus.town import CANCELLED, HANDLERS, MADE, Town, eventually, guests, hear, heard, payload


def projection(db: Database) -> list[tuple[object, ...]]:
    """All that the handlers wrote, but for the numbers that the database gave."""
    with db.read() as session:
        rows = session.execute(select(heard.c.event_id, heard.c.aggregate, heard.c.sequence).order_by(heard.c.id))
        return [tuple(row) for row in rows]


def test_a_rebuilt_projection_is_identical(town: Town) -> None:
    town.reserve_many(620, together=155)
    town.pump()
    maps = town.databases["maps"]
    before = projection(maps)
    with maps.write() as session:
        session.execute(delete(heard).where(heard.c.id % 3 == 0))
        session.execute(insert(heard).values(event_id="?", aggregate="reservation:0", sequence=99))
    assert rebuild(maps, HANDLERS["maps"], [heard]) == 620
    assert projection(maps) == before


def test_a_replayed_event_is_rebuilt_where_it_took_effect(town: Town) -> None:
    sour = Sour()
    for number in (1, 13, 2):
        town.reserve(number)
    town.pump(sour.handlers)
    maps = town.databases["maps"]
    rebuild(maps, sour.handlers["maps"], [heard])
    assert town.heard("maps") == [("reservation:1", 1), ("reservation:2", 1)]
    sour.times = 0
    replay(maps, sour.handlers["maps"])
    town.reserve(3)
    town.pump()
    before = projection(maps)
    rebuild(maps, HANDLERS["maps"], [heard])
    assert projection(maps) == before
    assert dead_letters(maps) == []


def test_nothing_is_published_again(town: Town) -> None:
    def answer(session: Session, event: Event) -> None:
        hear(session, event)
        publish(session, CANCELLED, aggregate="reservation:900", payload=payload(900, name=CANCELLED))

    town.reserve_many(5)
    town.pump({"grants": {MADE: answer}})
    assert len(town.heard("maps")) == 10
    rebuild(town.databases["grants"], {MADE: answer}, [heard])
    assert health(town.databases["grants"]).unpublished == 0
    assert len(town.heard("grants")) == 5


def test_a_rebuild_that_fails_changes_nothing(town: Town) -> None:
    for number in (1, 13, 2):
        town.reserve(number)
    town.pump()
    before = projection(town.databases["maps"])
    with pytest.raises(ValueError, match="spoon"):
        rebuild(town.databases["maps"], Sour().handlers["maps"], [heard, guests])
    assert projection(town.databases["maps"]) == before
    assert town.guests("maps") == 3


def test_a_rebuild_beside_a_running_consumer_loses_and_repeats_nothing(town: Town) -> None:
    maps = town.databases["maps"]
    with town.threads():
        for seed in range(4):
            town.reserve_many(40, seed=seed)
            rebuild(maps, HANDLERS["maps"], [heard])
        assert eventually(lambda: len(town.heard("maps")) >= 160)
    figures = town.figures("maps")
    assert (figures["lost"], figures["out_of_order"], len(town.heard("maps"))) == (0, 0, 160)
