"""The two coordinate systems in use, and the district offices in the second."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

import geopandas as gpd
from shapely import Point

from shared.districts import DISTRICTS

WGS84: Final = "EPSG:4326"
METRES: Final = "EPSG:5179"  # Korea 2000 / Unified CS: distances and areas are taken in it, x east and y north


def in_metres(places: Iterable[tuple[float, float]]) -> list[Point]:
    """Places as (latitude, longitude) to points on the metric grid."""
    return list(gpd.GeoSeries([Point(longitude, latitude) for latitude, longitude in places], crs=WGS84).to_crs(METRES))


@cache
def offices() -> dict[str, Point]:
    """Where each district's office stands on the metric grid, by MOIS code."""
    points = in_metres(district.office for district in DISTRICTS)
    return {district.code: point for district, point in zip(DISTRICTS, points, strict=True)}
