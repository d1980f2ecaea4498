"""An event that cannot be applied is set aside with its reason; it blocks nothing and can be replayed."""

import subprocess
import sys

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.bus.dead_letters import dead_letters, replay
from shared.bus.events import Event, Handlers
from shared.bus.runner import health
from shared.bus.tables import event_attempt, outbox
from tests.bus.faults import ROOT
from tests.bus.town import HANDLERS, MADE, Town, eventually, hear

POISON = "reservation:13"


class Sour:
    """A handler that fails on one aggregate, after having done half of its work, the first `times` times."""

    def __init__(self, times: int = 1_000_000) -> None:
        self.times = times
        self.handlers: dict[str, Handlers] = {"maps": {MADE: self.hear}}

    def hear(self, session: Session, event: Event) -> None:
        hear(session, event)
        if event.aggregate == POISON and self.times:
            self.times -= 1
            raise ValueError("the spoon is bent")


def test_a_poisoned_event_does_not_block_its_queue(town: Town) -> None:
    for number in (1, 13, 2, 13, 3):
        town.reserve(number, people=number)
    town.pump(Sour().handlers)
    assert town.heard("maps") == [("reservation:1", 1), ("reservation:2", 1), ("reservation:3", 1)]
    assert town.guests("maps") == 6
    assert len(town.heard("grants")) == 5
    letters = dead_letters(town.databases["maps"])
    assert [(letter.event.aggregate, letter.event.sequence) for letter in letters] == [(POISON, 1), (POISON, 2)]
    assert all(letter.attempts == 5 for letter in letters)
    assert all(letter.reason == "ValueError: the spoon is bent" for letter in letters)
    assert health(town.databases["maps"]).dead == 2


def test_an_event_that_fails_a_few_times_is_applied_once_in_its_place(town: Town) -> None:
    for number in (1, 13, 2, 13, 3):
        town.reserve(number)
    town.pump(Sour(times=4).handlers)
    assert town.figures("maps") == {"events": 5, "lost": 0, "twice": 0, "out_of_order": 0}
    assert dead_letters(town.databases["maps"]) == []
    with town.databases["maps"].read() as session:
        assert session.scalar(select(func.count()).select_from(event_attempt)) == 0


def test_a_replay_does_not_bring_an_old_state_back(town: Town) -> None:
    sour = Sour()
    town.reserve(13, people=5)
    town.pump(sour.handlers)
    town.reserve(13, people=7)
    sour.times = 0
    town.pump(sour.handlers)
    maps = town.databases["maps"]
    assert town.heard("maps") == [(POISON, 2)]
    (late,) = replay(maps, sour.handlers["maps"])
    assert (late.event.sequence, late.reason, late.replaced) == (1, "", True)
    assert town.heard("maps") == [(POISON, 2)]
    assert dead_letters(maps) == []


def test_replay_applies_what_was_set_aside_once(town: Town) -> None:
    sour = Sour()
    town.reserve(13, people=5)
    town.reserve(1, people=1)
    town.pump(sour.handlers)
    maps = town.databases["maps"]
    (failed,) = replay(maps, sour.handlers["maps"])
    assert failed.reason == "ValueError: the spoon is bent"
    assert dead_letters(maps)[0].attempts == 6
    sour.times = 0
    assert [each.reason for each in replay(maps, sour.handlers["maps"], failed.event.id)] == [""]
    assert town.heard("maps") == [("reservation:1", 1), (POISON, 1)]
    assert town.guests("maps") == 6
    assert dead_letters(maps) == []
    assert replay(maps, sour.handlers["maps"]) == []
    with pytest.raises(LookupError):
        replay(maps, sour.handlers["maps"], failed.event.id)
    assert town.guests("maps") == 6


def test_an_event_that_was_set_aside_stays_there_when_it_comes_again(town: Town) -> None:
    town.reserve(13)
    town.pump(Sour().handlers)
    with town.databases["booking"].write() as session:
        session.execute(update(outbox).values(published_at=None))
    town.pump()
    assert town.heard("maps") == []
    assert len(dead_letters(town.databases["maps"])) == 1


def test_the_reason_names_the_constraint_but_not_the_values(town: Town) -> None:
    def clash(session: Session, event: Event) -> None:
        session.connection().exec_driver_sql("INSERT INTO written (event_id, people) VALUES ('secret', 4711)")
        session.connection().exec_driver_sql("INSERT INTO written (event_id, people) VALUES ('secret', 4711)")

    town.reserve(1)
    town.pump({"maps": {MADE: clash}})
    (letter,) = dead_letters(town.databases["maps"])
    assert "written" in letter.reason
    assert "4711" not in letter.reason


def test_an_event_that_kills_the_process_is_set_aside_too(town: Town) -> None:
    for number in (1, 2, 13, 3, 4):
        town.reserve(number)
    arguments = (town.database, town.broker, town.prefix, "0")
    deaths = 0
    while True:
        process = subprocess.Popen([sys.executable, "-m", "tests.bus.fault_worker", "deadly", *arguments], cwd=ROOT)
        alive = eventually(lambda: bool(dead_letters(town.databases["maps"])) or process.poll() is not None)  # noqa: B023
        if process.poll() is None:
            assert eventually(lambda: len(town.heard("maps")) == 4)
            process.terminate()
            process.wait()
            break
        assert alive
        deaths += 1
        assert deaths < 10
    assert deaths >= 3
    (letter,) = dead_letters(town.databases["maps"])
    assert letter.event.aggregate == POISON
    assert letter.reason == "the process died each time it was handled"
    assert sorted(town.heard("maps")) == [
        ("reservation:1", 1),
        ("reservation:2", 1),
        ("reservation:3", 1),
        ("reservation:4", 1),
    ]
    assert replay(town.databases["maps"], HANDLERS["maps"])[0].reason == ""
