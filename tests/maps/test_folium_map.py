"""What the maps show: places, classes, legend; and that the drawing is the same for the same input."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given
from hypothesis import strategies as st

import services.maps
from services.maps.folium_map import Scale, choropleth, map_labels, space_map
from services.maps.folium_map.space_map import SPACE
from shared.districts import DISTRICTS
from shared.web.assets import Assets
from shared.web.city_map.geojson import for_web
from shared.web.city_map.ground import _ground
from shared.web.city_map.schematic import schematic_districts

SHAPES = for_web(schematic_districts())


def draw(*spaces: dict[str, Any], projects: tuple[dict[str, Any], ...] = (), **options: Any):
    return space_map(SHAPES, spaces, projects, labels=map_labels(), states={}, schematic=True, **options)


def space(space_id: int, latitude: float | None, longitude: float | None) -> dict[str, Any]:
    return dict.fromkeys(SPACE) | {"space_id": space_id, "latitude": latitude, "longitude": longitude}


def test_spaces_with_a_position_are_on_the_map_the_others_are_not() -> None:
    rendered = draw(space(1, 37.5, 127.0), space(2, None, 127.0), space(3, 37.5, None), space(4, None, None))
    assert [shown["space_id"] for shown in rendered.data["spaces"]] == [1]


def test_a_space_that_lacks_something_is_an_error_and_not_a_hole() -> None:
    incomplete = space(1, 37.5, 127.0)
    del incomplete["upcoming"]
    with pytest.raises(KeyError):
        draw(incomplete)


def test_projects_are_called_by_their_district_and_marked_when_they_have_no_place() -> None:
    project = {"title": "골목 정원", "group_name": "정원모임", "awarded": "1원", "url": "/districts/11380"}
    point = {"district": "11380", "latitude": 37.6, "longitude": 126.9, "whole_district": True, "projects": [project]}
    (shown,) = draw(projects=(point,)).data["projects"]
    assert (shown["district"], shown["whole_district"], shown["projects"]) == ("은평구", True, [project])


def test_the_same_input_gives_the_same_page_and_folium_draws_once() -> None:
    _ground.cache_clear()
    first, second = draw(space(1, 37.5, 127.0)), draw(space(2, 37.6, 127.0))
    assert first.script == second.script
    assert _ground.cache_info().misses == 1
    _ground.cache_clear()
    assert draw().script == first.script
    assert draw(name="other").html != first.html


def test_the_ground_carries_every_district_and_the_river() -> None:
    script = str(draw().script)
    for district in DISTRICTS:
        assert f'"id": "{district.code}"' in script
    assert "map-river" in script
    assert "tileLayer" not in script


def test_names_follow_the_language() -> None:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context(), force_locale("en"):
        english = draw()
    assert english.data["labels"]["locale"] == "en"
    assert english.data["districts"]["11110"]["name"] == "Jongno-gu"
    assert draw().data["districts"]["11110"]["name"] == "종로구"


def test_every_asset_of_a_map_is_served() -> None:
    assets = Assets(maps=Path(services.maps.__file__).with_name("static"))
    rendered = draw()
    for path in rendered.stylesheets + rendered.scripts:
        assert assets.url(path).startswith(f"/assets/{path}?v=")


def test_a_choropleth_shows_name_figure_and_class_of_each_district() -> None:
    values = {district.code: index * 1000 for index, district in enumerate(DISTRICTS)}
    del values["11740"]
    values["11710"] = None
    rendered, legend = choropleth(
        SHAPES,
        values,
        labels=map_labels(),
        label="공간",
        no_value="없음",
        schematic=True,
        links={"11110": "/districts/11110"},
    )
    shown = rendered.data["districts"]
    assert shown["11110"] == {"name": "종로구", "value": "0", "url": "/districts/11110"}
    assert shown["11140"] == {"name": "중구", "value": "1,000", "url": None}
    assert shown["11740"]["value"] == shown["11710"]["value"] == "없음"
    assert [item["tone"] for item in legend] == ["ramp-1", "ramp-2", "ramp-3", "ramp-4", "ramp-5", "ramp-0"]
    assert legend[0]["label"] == "0 – 4,000"
    assert legend[-1]["label"] == "없음"
    assert all(f'"map-district {item["tone"]}"' in rendered.script for item in legend)


def test_none_is_not_zero() -> None:
    scale = Scale.of([0, 0, None, 3])
    assert scale.tone(None) == "ramp-0"
    assert scale.tone(0) == "ramp-1"
    assert scale.tone(3) == "ramp-5"


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([], []),
        ([None], ["없음"]),
        ([7], ["7"]),
        ([1, 2], ["1", "2"]),
        ([1, 1, 1, 1, 1, 9], ["1", "9"]),
        ([0, 0, 0, 0, 1, 2, 3, 4, 5, 6], ["0", "1 – 2", "3 – 4", "5 – 6"]),
        (list(range(1, 11)), ["1 – 2", "3 – 4", "5 – 6", "7 – 8", "9 – 10"]),
    ],
)
def test_the_legend_says_what_is_in_each_class(values: list[int | None], labels: list[str]) -> None:
    assert [item["label"] for item in Scale.of(values).legend(values, "없음")] == labels


@given(st.lists(st.one_of(st.none(), st.integers(0, 50))))
def test_more_is_never_lighter_and_equal_is_never_different(values: list[int | None]) -> None:
    scale = Scale.of(values)
    known = sorted(value for value in values if value is not None)
    tones = [scale.tone(value) for value in known]
    assert tones == sorted(tones)
    assert len(set(tones)) <= 5
    assert "ramp-0" not in tones
    assert len(scale.legend(values, "-")) == len(set(tones)) + (None in values)


@pytest.mark.parametrize("schematic", [True, False])
def test_the_schematic_river_flows_between_schematic_districts_only(schematic: bool) -> None:
    drawn = space_map(SHAPES, (), (), labels=map_labels(), states={}, schematic=schematic)
    assert ("map-river" in str(drawn)) is schematic
