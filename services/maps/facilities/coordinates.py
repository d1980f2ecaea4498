"""Coordinates: 위도 and 경도, WGS84 degrees. A wrong point is worse than none: what does not fit is not used."""

from __future__ import annotations

from typing import Final

from services.maps.facilities.problems import Note

FIELD: Final = "위도"

#: (south, north, west, east) of Korea, and of Seoul with a margin of about 5 km around the city's border.
KOREA: Final = (33.0, 39.0, 124.0, 132.0)
SEOUL: Final = (37.38, 37.75, 126.71, 127.24)

#: Two points of one place may lie this far apart (degrees, about 150 m) before it is worth a note.
SAME_PLACE: Final = 0.0015


def read_coordinates(latitude: str, longitude: str) -> tuple[tuple[float, float] | None, list[Note]]:
    """((latitude, longitude), notes). Every row is a Seoul district's, so a point outside Seoul is refused too."""
    text = f"{latitude}, {longitude}".strip(", ")
    point = _number(latitude), _number(longitude)
    if point == (0.0, 0.0) or not text:
        return None, [Note(FIELD, text, "coordinates_missing")]
    if point[0] is None or point[1] is None:
        return None, [Note(FIELD, text, "coordinates_unreadable")]
    lat, lon = point[0], point[1]
    if within(KOREA, lon, lat):
        return None, [Note(FIELD, text, "coordinates_swapped")]
    if not within(SEOUL, lat, lon):
        return None, [Note(FIELD, text, "coordinates_outside")]
    return (lat, lon), []


def within(bounds: tuple[float, float, float, float], lat: float, lon: float) -> bool:
    """Whether the point lies in ``bounds`` (south, north, west, east)."""
    south, north, west, east = bounds
    return south <= lat <= north and west <= lon <= east


def far_apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two points are too far apart to be the same building."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) > SAME_PLACE


def _number(text: str) -> float | None:
    if not text.removeprefix("-").replace(".", "", 1).isdecimal() or not text.isascii():
        return None
    return float(text)
