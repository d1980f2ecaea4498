"""The city on a map, made with folium and embedded in our own pages: no frame, no outside host, no text that could
execute.

folium draws the ground, which is the same for everyone: districts, the river, the marker cluster. Names and figures
never pass through it. They travel beside it as data and are shown by our own script through ``textContent``, for three
reasons: folium puts popup texts into JavaScript template literals, its tooltips into ``innerHTML``, and whatever it
renders it compiles once more as a Jinja template, in which a space called ``{{ … }}`` would run on the server.

What stands on the map is the services' own: `maps` draws spaces and figures on this ground, `grants` funded projects.
"""

from shared.web.city_map.figure import RefusedAsset, Rendered
from shared.web.city_map.ground import district_data, ground
from shared.web.city_map.labels import map_labels
from shared.web.city_map.project_map import ProjectPoint, project_data, project_map
from shared.web.city_map.schematic import schematic_shapes

__all__ = [
    "ProjectPoint",
    "RefusedAsset",
    "Rendered",
    "district_data",
    "ground",
    "map_labels",
    "project_data",
    "project_map",
    "schematic_shapes",
]
