"""A map of the 25 districts by one figure. folium's own choropleth loads d3 from a CDN for its legend; ours is HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.maps.folium_map.scale import LegendItem, Number, Scale
from shared.web.city_map import Rendered, district_data, ground


def choropleth(
    districts: Mapping[str, Any],
    values: Mapping[str, Number | None],
    *,
    labels: Mapping[str, str],
    label: str,
    no_value: str,
    schematic: bool,
    write: Callable[[Number], str] = "{:,}".format,
    links: Mapping[str, str] | None = None,
    name: str = "choropleth",
) -> tuple[Rendered, list[LegendItem]]:
    """The map, and its legend for the ``legend`` macro.

    ``values`` by MOIS code; a district without one, or with None, is drawn as "no value", which is not zero. ``label``
    says what the figure is, ``write`` how it is written, ``no_value`` what stands in its place. The name and the
    written figure stand in each district, so that colour is not the only way to read the map. ``links`` by code are
    paths on this site, opened by choosing the district.
    """
    described = district_data(districts, labels["locale"])
    listed = {code: values.get(code) for code in described}
    scale = Scale.of(listed.values())
    classes = {code: f"map-district {scale.tone(value)}" for code, value in listed.items()}
    styles, scripts, html, script = ground(name, districts, classes, markers=False, schematic=schematic)
    for code, value in listed.items():
        described[code]["value"] = no_value if value is None else write(value)
        described[code]["url"] = (links or {}).get(code)
    data = {"labels": dict(labels), "schematic": schematic, "label": label, "districts": described}
    return Rendered(name, styles, scripts, html, script, data), scale.legend(listed.values(), no_value, write)
