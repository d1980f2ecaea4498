import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from services.maps.districts.locate import Locator
from shared.districts import DISTRICTS
from shared.web.city_map.schematic import schematic_districts

LOCATOR = Locator(schematic_districts())


@pytest.mark.parametrize("district", DISTRICTS, ids=lambda district: district.name)
def test_an_office_is_in_its_district(district) -> None:
    assert LOCATOR.locate(*district.office) == (district.code, None, None, None)


def test_a_point_outside_is_not_given_to_a_neighbour() -> None:
    found = LOCATOR.locate(37.27, 127.01)  # 수원
    assert (found.code, found.reason) == (None, "outside")
    assert found.nearest is not None
    assert 10_000 < (found.metres or 0) < 30_000


def test_a_point_on_a_border_is_in_neither() -> None:
    shapes = schematic_districts().geometry
    corner = shapes.iloc[0].exterior.coords[0]
    shared = [shape for shape in shapes if shape.touches(Point(corner)) or shape.intersects(Point(corner))]
    found = LOCATOR.locate(corner[1], corner[0])
    assert found.reason == ("on_border" if len(shared) > 1 else None)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(None, 127.0), (37.5, None), (math.nan, 127.0), (math.inf, 0.0), (127.0, 37.5), (37, 400)],
)
def test_what_is_no_position_is_said_so(latitude: float | None, longitude: float | None) -> None:
    assert LOCATOR.locate(latitude, longitude) == (None, "no_position", None, None)


@given(st.floats(37.3, 37.8), st.floats(126.6, 127.3))
def test_an_answer_is_true_of_the_polygon(latitude: float, longitude: float) -> None:
    found = LOCATOR.locate(latitude, longitude)
    frame = schematic_districts().set_index("code").geometry
    holding = [code for code, shape in frame.items() if shape.intersects(Point(longitude, latitude))]
    if found.code:
        assert holding == [found.code]
    else:
        assert len(holding) != 1
