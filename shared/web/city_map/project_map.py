"""Funded projects on the map: on a map of their own, and beside the spaces on that of `maps`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict

from shared.districts import name_of
from shared.web.city_map.figure import Rendered
from shared.web.city_map.ground import district_data, ground


class ProjectPoint(TypedDict):
    """The funded projects of one place. ``whole_district``: they have none, and stand at the district's office.

    ``projects`` are mappings with ``title``, ``group_name``, ``awarded`` (a written sum) and ``url`` (or None).
    """

    district: str
    latitude: float
    longitude: float
    whole_district: bool
    projects: list[Mapping[str, Any]]


PROJECT: Final = ("title", "group_name", "awarded", "url")


def project_map(
    districts: Mapping[str, Any],
    projects: Iterable[Mapping[str, Any]],
    *,
    labels: Mapping[str, str],
    name: str = "projects",
) -> Rendered:
    """The map of ``projects`` (as ``ProjectPoint``) on ``districts``, a GeoJSON collection as `schematic_shapes` gives.

    Only the keys named there are sent to the browser. Raises ``KeyError`` for a missing key or an unknown district.
    """
    schematic = any(feature["properties"]["schematic"] for feature in districts["features"])
    styles, scripts, html, script = ground(name, districts, {}, markers=True, schematic=schematic)
    data = {
        "labels": dict(labels),
        "schematic": schematic,
        "districts": district_data(districts, labels["locale"]),
        "spaces": [],
        "projects": project_data(projects, labels["locale"]),
    }
    return Rendered(name, styles, scripts, html, script, data)


def project_data(projects: Iterable[Mapping[str, Any]], locale: str) -> list[dict[str, Any]]:
    """What the script is told of them."""
    return [
        {
            "district": name_of(point["district"], locale),
            "latitude": point["latitude"],
            "longitude": point["longitude"],
            "whole_district": point["whole_district"],
            "projects": [{key: project[key] for key in PROJECT} for project in point["projects"]],
        }
        for point in projects
    ]
