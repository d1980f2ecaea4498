"""What may be said on the bus, and what a consumer does with what it does not understand."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from shared.bus.catalogue import EVENTS, InvalidEventError
from shared.bus.dead_letters import dead_letters, replay
from shared.bus.outbox import publish
from shared.bus.tables import aggregate_version, outbox
from tests.bus.town import HANDLERS, MADE, Town, payload

WRONG: dict[str, dict[str, Any]] = {
    "a field is missing": {"people": None},
    "nobody comes": {"people": 0},
    "text for a number": {"people": "3"},
    "no such district": {"district": "11999"},
    "a time without a zone": {"start": datetime(2026, 5, 1, 14)},  # noqa: DTZ001
    "no time at all": {"start": "tomorrow"},
    "what nobody may hear": {"phone": "02-000-0000"},
    "no JSON": {"people": {1, 2}},
}


def test_a_payload_that_does_not_fit_takes_its_transaction_with_it(town: Town, subtests: pytest.Subtests) -> None:
    booking = town.databases["booking"]
    for what, wrong in WRONG.items():
        with subtests.test(what), pytest.raises(InvalidEventError), booking.write() as session:
            publish(session, MADE, aggregate="reservation:1", payload={**payload(1), **wrong})
    with booking.read() as session:
        assert session.scalar(select(func.count()).select_from(outbox)) == 0
        assert session.scalar(select(func.count()).select_from(aggregate_version)) == 0


def test_an_event_that_is_not_in_the_catalogue_is_refused(town: Town) -> None:
    with pytest.raises(InvalidEventError, match="catalogue"), town.databases["booking"].write() as session:
        publish(session, "booking.door.opened", aggregate="reservation:1", payload={})


def test_a_unit_inside_a_space_is_checked_too(town: Town) -> None:
    space = {
        "space_id": 1,
        "name": "새싹 마을활력소",
        "kind": "community",
        "stage": "open",
        "district": "11110",
        "address": "종로구",
        "latitude": None,
        "longitude": None,
        "zone": "Asia/Seoul",
        "phone": None,
        "homepage": None,
        "units": [{"unit_id": 1, "name": "회의실"}],
    }
    with pytest.raises(InvalidEventError, match="atoms"), town.databases["maps"].write() as session:
        publish(session, "maps.space.changed", aggregate="space:1", payload=space)
    unit = {
        "unit_id": 1,
        "name": "회의실",
        "capacity": 10,
        "area_m2": "33.5",
        "equipment": [],
        "active": True,
        "atoms": ["unit:1"],
        "hours": {"weekday": ["09:00", "21:00"], "weekend": None},
        "closures": {"weekdays": [1], "holidays": True, "monthly": [[-1, 7]], "named": ["seollal_day"]},
        "closure_text": None,
        "fee": None,
        "fee_text": None,
    }
    closures = ({"monthly": [[6, 1]]}, {"monthly": [[1, 8]]}, {"named": ["some_day"]}, {"weekdays": [0]})
    for wrong in closures:
        bad = {**unit, "closures": {"weekdays": [], "holidays": True, **wrong}}
        with pytest.raises(InvalidEventError, match="closures"), town.databases["maps"].write() as session:
            publish(session, "maps.space.changed", aggregate="space:1", payload={**space, "units": [bad]})
    with town.databases["maps"].write() as session:
        publish(session, "maps.space.changed", aggregate="space:1", payload={**space, "units": [unit]})


def test_an_event_of_a_newer_program_is_set_aside_and_applied_after_the_update(town: Town) -> None:
    town.reserve(1)
    town.reserve(2)
    with town.databases["booking"].write() as session:
        session.execute(update(outbox).where(outbox.c.aggregate == "reservation:1").values(version=2))
    town.pump()
    assert town.heard("maps") == [("reservation:2", 1)]
    (letter,) = dead_letters(town.databases["maps"])
    assert "version 2 was published, this program knows only version 1" in letter.reason
    (again,) = replay(town.databases["maps"], HANDLERS["maps"])
    assert "version 2" in again.reason
    EVENTS[MADE] = EVENTS[MADE]._replace(version=2)
    try:
        assert [each.reason for each in replay(town.databases["maps"], HANDLERS["maps"])] == [""]
    finally:
        EVENTS[MADE] = EVENTS[MADE]._replace(version=1)
    assert town.heard("maps") == [("reservation:2", 1), ("reservation:1", 1)]


def test_every_event_of_the_catalogue_is_named_by_its_service(town: Town) -> None:
    for name, kind in EVENTS.items():
        assert name.split(".")[0] in ("maps", "booking", "grants")
        assert kind.version >= 1
