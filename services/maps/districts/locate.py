"""Which district a point is in."""

from __future__ import annotations

import math
from typing import NamedTuple

import geopandas as gpd
from shapely import Point, STRtree

from shared.web.city_map.grid import METRES, in_metres


class Located(NamedTuple):
    """Where a point is: ``code`` of its district, or None and the ``reason`` why that can't be said.

    Reasons: ``no_position`` (not a position on earth), ``on_border`` (of two districts), ``outside`` (of all; then
    ``nearest`` is the closest district's code and ``metres`` how far it is: to tell a person, not to use).
    """

    code: str | None
    reason: str | None = None
    nearest: str | None = None
    metres: int | None = None


class Locator:
    """Answers for one frame of districts. Give it official boundaries: a schematic frame's answer would be a guess."""

    def __init__(self, districts: gpd.GeoDataFrame) -> None:
        self._codes = districts["code"].tolist()
        self._shapes = districts.geometry.tolist()
        self._tree = STRtree(self._shapes)
        self._in_metres = districts.geometry.to_crs(METRES)

    def locate(self, latitude: float | None, longitude: float | None) -> Located:
        """The district of a point in WGS84 degrees. A point that is in none is never given to a neighbour."""
        if latitude is None or longitude is None or not _on_earth(latitude, longitude):
            return Located(None, "no_position")
        hits = self._tree.query(Point(longitude, latitude), predicate="intersects")
        if len(hits) == 1:
            return Located(self._codes[hits[0]])
        if len(hits) > 1:
            return Located(None, "on_border")
        distances = self._in_metres.distance(in_metres([(latitude, longitude)])[0])
        closest = int(distances.to_numpy().argmin())
        return Located(None, "outside", self._codes[closest], round(distances.iloc[closest]))


def _on_earth(latitude: float, longitude: float) -> bool:
    return math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
