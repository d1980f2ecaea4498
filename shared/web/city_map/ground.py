"""The ground that all maps lie on, drawn by folium: the city's own shapes, for a closed network has no tile server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import folium
from branca.element import MacroElement
from folium.plugins import MarkerCluster
from folium.template import Template
from folium.utilities import JsCode
from markupsafe import Markup
from shapely import maximum_inscribed_circle
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from shared.districts import BY_CODE, name_of
from shared.web.city_map.figure import SafeFigure
from shared.web.city_map.schematic import schematic_river

Parts = tuple[tuple[str, ...], tuple[str, ...], Markup, Markup]
CENTRE: Final = (37.56, 126.99)  # of Seoul; the script fits the map to the districts as soon as it knows its size


class _Start(MacroElement):
    """Hands what folium made over to our script, after everything else."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        MaruMap.start({{ this.name|tojson }}, {
            map: {{ this.map.get_name() }},
            districts: {{ this.districts.get_name() }},
            cluster: {{ this.cluster.get_name() if this.cluster else "null" }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, name: str, map_: folium.Map, districts: folium.GeoJson, cluster: MarkerCluster | None) -> None:
        super().__init__()
        self.name, self.map, self.districts, self.cluster = name, map_, districts, cluster


def ground(
    name: str, districts: Mapping[str, Any], classes: Mapping[str, str], *, markers: bool, schematic: bool
) -> Parts:
    """The parts of a map called ``name``: districts with the CSS class of each code, room for markers, and among
    ``schematic`` districts the schematic river (it would not lie between real ones).

    ``districts`` is a GeoJSON collection whose features have the property ``code``; of the rest only the geometry is
    used. Raises ``KeyError`` for a code that is none of the 25.
    """
    shapes = {BY_CODE[feature["properties"]["code"]].code: feature["geometry"] for feature in districts["features"]}
    drawn = tuple((code, classes.get(code, "map-district")) for code in shapes)
    return _ground(name, json.dumps(shapes), drawn, markers, schematic)


def district_data(districts: Mapping[str, Any], locale: str) -> dict[str, dict[str, Any]]:
    """What the script calls each district of the collection."""
    codes = [feature["properties"]["code"] for feature in districts["features"]]
    return {code: {"name": name_of(code, locale)} for code in codes}


@lru_cache(maxsize=32)
def _ground(name: str, shapes: str, classes: tuple[tuple[str, str], ...], markers: bool, schematic: bool) -> Parts:
    """Kept for the next request: folium takes some 30 ms for what changes only when somebody imports boundaries."""
    css = dict(classes)
    figure = SafeFigure()
    map_ = folium.Map(
        location=CENTRE,
        tiles=None,
        zoom_start=11,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.1,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=120,
        scroll_wheel_zoom=False,
    )
    # folium's own arguments are for tiles only. Whole numbers, since the clusters are built between them.
    map_.options |= {"min_zoom": 9, "max_zoom": 16}
    # Through shapely, so that a geometry is numbers whatever the file behind it said.
    features = [_feature(code, shape(geometry)) for code, geometry in json.loads(shapes).items()]
    layer = folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda feature: {"className": css[feature["id"]]},
        smooth_factor=0.5,
    )
    river = folium.GeoJson(
        {"type": "Feature", "properties": {}, "geometry": mapping(schematic_river())},
        style_function=lambda feature: {"className": "map-river"},
        interactive=False,
    )
    cluster = MarkerCluster(**_CLUSTER) if markers else None
    parts = ((map_, ""), (layer, "_districts"), (river if schematic else None, "_river"), (cluster, "_points"))
    for part, suffix in parts:
        if part is not None:
            part._id = name + suffix  # folium would take a random one, and no two answers would be the same
            part.add_to(figure if part is map_ else map_)
    map_.add_child(_Start(name, map_, layer, cluster))
    return figure.parts()


def _feature(code: str, district: BaseGeometry) -> dict[str, Any]:
    """A district for folium: its code, its shape, and where its name stands: the middle of its widest part."""
    longitude, latitude = maximum_inscribed_circle(district, tolerance=0.001).coords[0]
    properties = {"code": code, "label": [round(latitude, 4), round(longitude, 4)]}
    return {"type": "Feature", "id": code, "properties": properties, "geometry": mapping(district)}


_CLUSTER: Final = {
    "icon_create_function": "MaruMap.clusterIcon",
    "show_coverage_on_hover": False,
    "max_cluster_radius": 38,
    "spiderfy_on_max_zoom": True,
    "polygon_options": {"className": "map-cluster-area"},
    "animate": JsCode("!matchMedia('(prefers-reduced-motion: reduce)').matches"),
}
