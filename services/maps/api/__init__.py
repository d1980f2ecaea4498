"""The JSON API of maps: one module per resource; parse, call, dump."""

from services.maps.api import districts, spaces, status

APIS = (spaces.blueprint, districts.blueprint, status.blueprint)
