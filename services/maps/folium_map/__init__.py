"""What maps draws on the city's map (`shared.web.city_map`): spaces with funded projects, and a figure by district."""

from services.maps.folium_map.choropleth import choropleth
from services.maps.folium_map.labels import map_labels
from services.maps.folium_map.scale import LegendItem, Scale
from services.maps.folium_map.space_map import SpacePoint, space_map
from shared.web.city_map import ProjectPoint, RefusedAsset, Rendered

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
