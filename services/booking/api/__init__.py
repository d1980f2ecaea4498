"""The JSON API of booking."""

from services.booking.api import reservations, units

APIS = (units.blueprint, reservations.blueprint)
