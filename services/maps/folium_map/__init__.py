"""The maps, made with folium and embedded in our own pages: no frame, no outside host, no text that could execute.

folium draws the ground, which is the same for everyone: districts, the river, the marker cluster. Names and figures
never pass through it. They travel beside it as data and are shown by our own script through ``textContent``, for three
reasons: folium puts popup texts into JavaScript template literals, its tooltips into ``innerHTML``, and whatever it
renders it compiles once more as a Jinja template, in which a space called ``{{ … }}`` would run on the server.
"""

from services.maps.folium_map.choropleth import choropleth
from services.maps.folium_map.figure import RefusedAsset, Rendered
from services.maps.folium_map.labels import map_labels
from services.maps.folium_map.scale import LegendItem, Scale
from services.maps.folium_map.space_map import ProjectPoint, SpacePoint, space_map

__all__ = [
    "LegendItem",
    "ProjectPoint",
    "RefusedAsset",
    "Rendered",
    "Scale",
    "SpacePoint",
    "choropleth",
    "map_labels",
    "space_map",
]
