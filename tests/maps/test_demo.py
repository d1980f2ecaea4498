"""The demonstration's spaces."""

from collections import Counter

from services.maps import demo
from services.maps.districts.locate import Locator
from services.maps.models import Space, SpaceStageChange, Unit
from shared.districts import DISTRICTS
from shared.web.city_map.schematic import schematic_districts
from tests.maps.town import NOW, rows, told


def test_the_demonstration_is_the_report_s_and_ours(house):
    maps = house.databases["maps"]
    demo.load(maps, NOW)
    spaces, units = rows(maps, Space), rows(maps, Unit)
    assert 55 <= len(spaces) <= 65
    assert len(units) > 100
    assert {space["district"] for space in spaces} == {district.code for district in DISTRICTS}
    opened = Counter(space["district"] for space in spaces if space["name"].endswith("동 마을활력소"))
    assert opened == {"11260": 2, "11320": 1, "11350": 1, "11545": 1, "11590": 2, "11680": 1}
    stages = {
        (space["district"], space["provision"]): space["stage"] for space in spaces if space["kind"] == "everyones"
    }
    assert stages == {
        ("11215", "purchase"): "design",
        ("11290", "remodel"): "workshop",
        ("11500", "remodel"): "workshop",
        ("11545", "purchase"): "selected",
        ("11650", "purchase"): "selected",
    }
    assert {space["district"] for space in spaces if space["kind"] == "hub"} == {"11530", "11290"}
    first, second = spaces[:2]
    assert (first["id"], second["id"]) == (1, 2)
    assert {first["district"], second["district"]} == {"11590"}
    assert (first["stage"], second["stage"]) == ("open", "open")
    wholes = [unit for unit in units if unit["name"] == "전체 대관"]
    assert len(wholes) >= 5
    assert all(len(unit["atoms"]) >= 2 for unit in wholes)


def test_every_space_lies_in_its_district_and_its_life_in_the_past(house):
    maps = house.databases["maps"]
    demo.load(maps, NOW)
    locator = Locator(schematic_districts())
    for space in rows(maps, Space):
        assert locator.locate(space["latitude"], space["longitude"]).code == space["district"], space["name"]
    changes = rows(maps, SpaceStageChange)
    assert all(change["at"] < NOW for change in changes)
    stages = {space["id"]: space["stage"] for space in rows(maps, Space)}
    assert {change["space_id"]: change["to_stage"] for change in changes} == stages


def test_loading_again_changes_nothing(house):
    maps = house.databases["maps"]
    demo.load(maps, NOW)
    before = rows(maps, Space), rows(maps, Unit), told(maps)
    demo.load(maps, NOW)
    assert (rows(maps, Space), rows(maps, Unit), told(maps)) == before
