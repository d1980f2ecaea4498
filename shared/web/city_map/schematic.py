"""Schematic districts, drawn by Maru itself for a house that has no official boundaries yet.

Each bank of the Han river is divided among the district offices on it: a place belongs to the nearest office (Voronoi
cells), and the outline of the city is a smooth hull around all 25. The shapes show where districts lie towards each
other and nothing more; pages that draw them say so.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import geopandas as gpd
from shapely import LineString, MultiPoint, Point, Polygon, set_precision, voronoi_polygons
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from shared.districts import DISTRICTS
from shared.web.city_map.geojson import GRID, for_web
from shared.web.city_map.grid import METRES, WGS84, in_metres, offices

# The middle of the Han, from 팔당 in the east to 일산 in the west, as (latitude, longitude) to about 300 m: mostly at
# its bridges. It runs well past the city on both ends, so that it cuts the hull in two.
RIVER = (
    (37.500, 127.380),
    (37.522, 127.290),
    (37.548, 127.240),
    (37.574, 127.205),
    (37.580, 127.170),
    (37.570, 127.135),
    (37.552, 127.115),
    (37.533, 127.103),
    (37.522, 127.085),
    (37.523, 127.068),
    (37.536, 127.050),
    (37.539, 127.030),
    (37.529, 127.012),
    (37.514, 126.997),
    (37.510, 126.980),
    (37.517, 126.960),
    (37.530, 126.943),
    (37.540, 126.926),
    (37.545, 126.906),
    (37.557, 126.886),
    (37.574, 126.862),
    (37.589, 126.830),
    (37.601, 126.795),
    (37.628, 126.745),
    (37.665, 126.690),
    (37.730, 126.650),
)
REACH = 4_000.0  # metres from an office to the edge of the city, where nothing nearer is known
SMOOTHING = 4_000.0  # metres: the hull has no bend sharper than this radius
RIVER_WIDTH = 800.0  # metres; the real one is 600 to 1,200


@cache
def schematic_districts() -> gpd.GeoDataFrame:
    """The 25 schematic districts as a frame of districts. The same every time; do not change the frame returned."""
    places = list(offices().values())
    banks = split(_hull(), _river()).geoms
    cells = [_cell_of(office, places, next(bank for bank in banks if bank.contains(office))) for office in places]
    return gpd.GeoDataFrame(
        {"code": [district.code for district in DISTRICTS], "name": [district.name for district in DISTRICTS]},
        geometry=_rounded(cells),
        crs=WGS84,
    )


@cache
def schematic_shapes() -> dict[str, Any]:
    """The schematic districts for drawing: a GeoJSON FeatureCollection, `id` = MOIS code, with the properties code,
    name and schematic (true)."""
    drawn = for_web(schematic_districts())
    for feature in drawn["features"]:
        feature["properties"]["schematic"] = True
    return drawn


@cache
def schematic_river() -> BaseGeometry:
    """The Han through and past the city, a polygon in WGS84 of the same width everywhere: for the eye only."""
    return _rounded([_river().buffer(RIVER_WIDTH / 2)])[0]


def _cell_of(office: Point, places: list[Point], bank: Polygon) -> BaseGeometry:
    """What lies on the office's own bank and nearer to it than to any other office of that bank."""
    neighbours = MultiPoint([other for other in places if bank.contains(other)])
    cells = voronoi_polygons(neighbours, extend_to=bank).geoms
    return next(cell for cell in cells if cell.contains(office)).intersection(bank)


def _rounded(shapes: list[BaseGeometry]) -> list[BaseGeometry]:
    return list(set_precision(gpd.GeoSeries(shapes, crs=METRES).to_crs(WGS84).array, GRID))


def _river() -> LineString:
    """The river's middle in metres, its corners rounded by two rounds of corner cutting (Chaikin)."""
    line = [(p.x, p.y) for p in in_metres(RIVER)]
    for _ in range(2):
        cut = [line[0]]
        for (x0, y0), (x1, y1) in pairwise(line):
            cut += [(0.75 * x0 + 0.25 * x1, 0.75 * y0 + 0.25 * y1), (0.25 * x0 + 0.75 * x1, 0.25 * y0 + 0.75 * y1)]
        line = [*cut, line[-1]]
    return LineString(line)


def _hull() -> Polygon:
    """The outline of the city: everything within reach of an office, bays filled and corners rounded."""
    return (
        MultiPoint(list(offices().values()))
        .buffer(REACH)
        .buffer(SMOOTHING)
        .buffer(-1.5 * SMOOTHING)
        .buffer(SMOOTHING / 2)
    )
