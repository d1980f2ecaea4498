"""The map of the spaces and the funded projects, which keeps itself up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict

from shared.web.city_map import Rendered, district_data, ground, project_data


class SpacePoint(TypedDict):
    """A space as the map shows it; texts are plain, labels already in the reader's language.

    ``stage`` is the glossary's identifier and gives the pin its colour. ``url`` is a path on this site. The last four
    are those that ``/api/map/status`` tells anew: ``next_start`` and ``free_at`` are ISO 8601 with an offset.
    """

    space_id: int
    name: str
    kind_label: str
    stage: str
    stage_label: str
    address: str
    latitude: float | None
    longitude: float | None
    url: str
    state: str
    upcoming: int
    next_start: str | None
    free_at: str | None


LIVE: Final = "maps/live.js"  # keeps the map up to date
SPACE: Final = tuple(SpacePoint.__annotations__)


def space_map(
    districts: Mapping[str, Any],
    spaces: Iterable[Mapping[str, Any]],
    projects: Iterable[Mapping[str, Any]] = (),
    *,
    labels: Mapping[str, str],
    states: Mapping[str, str],
    schematic: bool,
    status_url: str | None = None,
    name: str = "spaces",
) -> Rendered:
    """The map of ``spaces`` (as ``SpacePoint``) and ``projects`` (as ``ProjectPoint``).

    Only the keys named there are sent to the browser. A space without a position is left to the list beside the map.
    ``states`` are the words for a space's ``state``. ``status_url`` is polled for changes while the page is seen.
    Raises ``KeyError`` for a missing key or an unknown district.
    """
    styles, scripts, html, script = ground(name, districts, {}, markers=True, schematic=schematic)
    data = {
        "labels": dict(labels),
        "states": {state: str(text) for state, text in states.items()},
        "schematic": schematic,
        "status_url": status_url,
        "districts": district_data(districts, labels["locale"]),
        "spaces": [
            {key: space[key] for key in SPACE}
            for space in spaces
            if space["latitude"] is not None and space["longitude"] is not None
        ],
        "projects": project_data(projects, labels["locale"]),
    }
    return Rendered(name, styles, (*scripts, LIVE), html, script, data)
