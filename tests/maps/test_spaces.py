"""Saving spaces, telling the others, and moving them from stage to stage."""

from dataclasses import replace

import pytest

from services.maps.models import AUDIT, Base, Space, SpaceStageChange, Unit
from services.maps.spaces import UnitFacts, change_stage, known_spaces, save_space
from shared.identity.actor import SYSTEM
from shared.migrations import check
from shared.refusal import Refusal
from tests.maps.town import HOURS, NOW, ROOM, add_space, facts, rows, told

WHOLE = UnitFacts(key="whole", name="전체 대관", hours=HOURS, whole=True)
KITCHEN = UnitFacts(key="kitchen", name="공유부엌", hours=HOURS)


def test_the_migrations_make_what_the_models_say(house):
    assert check(house.databases["maps"], "services.maps", Base.metadata) == []


def test_a_new_space_is_told_with_its_whole_state(house):
    maps = house.databases["maps"]
    space_id = add_space(maps, units=(ROOM, KITCHEN, WHOLE))
    (event,) = told(maps)
    assert (event["name"], event["aggregate"]) == ("maps.space.changed", f"space:{space_id}")
    payload = event["payload"]
    assert payload["stage"] == "open"
    atoms = {unit["name"]: unit["atoms"] for unit in payload["units"]}
    assert atoms["모임방"] == [f"unit:{payload['units'][0]['unit_id']}"]
    assert atoms["전체 대관"] == sorted(atoms["모임방"] + atoms["공유부엌"])
    assert rows(maps, SpaceStageChange)[0]["to_stage"] == "open"


def test_saving_the_same_again_changes_and_tells_nothing(house):
    maps = house.databases["maps"]
    add_space(maps, units=(ROOM, WHOLE))
    before = rows(maps, Space), rows(maps, Unit), told(maps)
    with maps.write() as session:
        same = facts(units=(ROOM, WHOLE))
        known = known_spaces(session, [same.key])
        assert save_space(session, SYSTEM, NOW, same, known[same.key])[1] == "unchanged"
    assert (rows(maps, Space), rows(maps, Unit), told(maps)) == before


def test_a_room_more_becomes_part_of_the_whole_building(house):
    maps = house.databases["maps"]
    add_space(maps, units=(ROOM, WHOLE))
    with maps.write() as session:
        more = facts(units=(replace(ROOM, capacity=12), KITCHEN))
        space, outcome = save_space(session, SYSTEM, NOW, more, known_spaces(session, [more.key])[more.key])
    assert outcome == "changed"
    room, whole, kitchen = space.units
    assert room.capacity == 12
    assert whole.atoms == [f"unit:{room.id}", f"unit:{kitchen.id}"]
    assert len(told(maps)) == 2


def test_a_stage_change_is_recorded_and_told(house):
    maps = house.databases["maps"]
    space_id = add_space(maps, stage="construction")
    change_stage(maps, house.actor("dongjak"), NOW, space_id=space_id, stage="open", note=" 개소식 ")
    assert rows(maps, Space)[0]["stage"] == "open"
    change = rows(maps, SpaceStageChange)[-1]
    assert (change["from_stage"], change["to_stage"], change["note"], change["at"]) == (
        "construction",
        "open",
        "개소식",
        NOW,
    )
    assert told(maps)[-1]["payload"]["stage"] == "open"
    with maps.read() as session:
        audit = session.execute(AUDIT.select().order_by(AUDIT.c.id.desc())).mappings().first()
    assert audit["action"] == "space.stage_changed"
    assert audit["account_id"] == house.actor("dongjak").account_id
    assert audit["details"] == {"from": "construction", "to": "open"}


@pytest.mark.parametrize(
    ("login", "changes", "code"),
    [
        ("seongbuk", {}, "not_your_district"),
        ("resident", {}, "not_your_district"),
        ("dongjak", {"space_id": 99}, "not_found"),
        ("dongjak", {"stage": "heaven"}, "stage_unknown"),
        ("dongjak", {"stage": "construction"}, "stage_same"),
        ("dongjak", {"note": "가" * 301}, "note_too_long"),
        ("dongjak", {"seen_stage": "design"}, "stage_moved_meanwhile"),
    ],
)
def test_a_stage_change_is_refused(house, login, changes, code):
    maps = house.databases["maps"]
    space_id = add_space(maps, stage="construction")
    before = rows(maps, Space), told(maps)
    with pytest.raises(Refusal) as refused:
        change_stage(maps, house.actor(login), NOW, **{"space_id": space_id, "stage": "open", **changes})
    assert refused.value.code == code
    assert (rows(maps, Space), told(maps)) == before
