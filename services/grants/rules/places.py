"""Reading a place of a form: a space that is known, an address, or a point on the map. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.grants.rules.definition import Field
from services.grants.rules.form_values import Problems, Unread, clean_text, whole

COLUMNS = ("space_id", "address", "latitude", "longitude")
SOUTH, NORTH, WEST, EAST = 37.40, 37.72, 126.75, 127.20
"""A frame around Seoul, WGS84 degrees: a point outside it was not meant."""


@dataclass(frozen=True)
class KnownSpace:
    """A space that can be chosen; where it stands as far as it is known."""

    id: int
    name: str
    latitude: float | None
    longitude: float | None


def space_of(typed: Any) -> int | None:
    """The number of the space that was chosen, if any."""
    try:
        number = whole(typed.get("space_id")) if isinstance(typed, Mapping) else 0
    except Unread:
        return None
    return number if 0 < number < 2**31 else None


def read_place(question: Field, typed: Any, space: KnownSpace | None, errors: Problems) -> dict[str, Any]:
    """{space_id, space, address, latitude, longitude}. A chosen space gives its own point. Raises Unread: nothing,
    table_unclear, space_unknown, point_unclear, and what `clean_text` raises of the address."""
    if typed is None or typed == "":
        raise Unread("nothing")
    if not isinstance(typed, Mapping) or not set(typed) <= set(COLUMNS):
        raise Unread("table_unclear")
    address = ""
    try:
        address = clean_text(typed.get("address"), 200)
    except Unread as problem:
        if problem.code != "nothing":
            raise
    if typed.get("space_id") not in (None, ""):
        if space is None or space.id != space_of(typed):
            raise Unread("space_unknown")
        where = {"latitude": space.latitude, "longitude": space.longitude}
        return {"space_id": space.id, "space": space.name, "address": address, **where}
    latitude, longitude = (_degrees(typed.get(each)) for each in ("latitude", "longitude"))
    if (latitude is None) != (longitude is None):
        raise Unread("point_unclear")
    if (
        latitude is not None
        and longitude is not None
        and not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST)
    ):
        raise Unread("point_outside")
    if latitude is None and not address:
        raise Unread("nothing")
    return {"space_id": None, "space": "", "address": address, "latitude": latitude, "longitude": longitude}


def _degrees(typed: Any) -> float | None:
    if typed is None or typed == "":
        return None
    if isinstance(typed, int | float) and not isinstance(typed, bool):
        return float(typed) if -180 <= typed <= 180 else None
    if isinstance(typed, str) and re.fullmatch(r"\s*\d{1,3}(\.\d{1,15})?\s*", typed, re.ASCII):
        return round(float(typed), 6)
    raise Unread("point_unclear")
