"""The JSON API of maps: one module per resource; parse, call, dump."""

from services.maps.api import districts, spaces, status, units

APIS = (spaces.blueprint, units.blueprint, districts.blueprint, status.blueprint)
