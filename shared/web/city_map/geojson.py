"""A frame of districts to GeoJSON and back: whole for keeping, simplified for the web."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
from shapely import set_precision

from shared.web.city_map.grid import METRES, WGS84

GRID: Final = 1e-5  # degrees, about 1 m: what the coordinates of a page are rounded to
TOLERANCE: Final = 60.0  # metres; what a phone can't show at the zoom where all of Seoul is seen


def to_geojson(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """A GeoJSON FeatureCollection with ``id`` = code and the properties code and name; coordinates as they are."""
    return frame.set_index("code", drop=False).rename_axis(None).to_geo_dict(drop_id=False)


def from_geojson(collection: dict[str, Any]) -> gpd.GeoDataFrame:
    """The frame of districts that ``to_geojson`` wrote."""
    return gpd.GeoDataFrame.from_features(collection, crs=WGS84)[["code", "name", "geometry"]]


def for_web(frame: gpd.GeoDataFrame, tolerance: float = TOLERANCE) -> dict[str, Any]:
    """The same collection, small enough to be part of a page.

    Bends smaller than ``tolerance`` metres go. Neighbours keep one common border (the districts are simplified as a
    coverage, not one by one), and no district disappears.
    """
    shapes = frame.geometry.to_crs(METRES).simplify_coverage(tolerance).to_crs(WGS84)
    return to_geojson(frame.set_geometry(set_precision(shapes.array, GRID)).set_crs(WGS84, allow_override=True))
