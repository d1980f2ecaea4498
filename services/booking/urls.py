"""The pages of booking: address, view, who may call it."""

from services.booking.pages import cancel, mine, reservation, reserve, space, units, week
from shared.identity.access import ANYONE, SIGNED_IN
from shared.web.pages import Page

PAGES = (
    Page("/", units.index, ANYONE),
    Page("/spaces/<int:space_id>", space.show, ANYONE),
    Page("/units/<int:unit_id>", week.show, ANYONE),
    Page("/units/<int:unit_id>/reserve", reserve.show, ANYONE),
    Page("/units/<int:unit_id>/reserve", reserve.save, SIGNED_IN, methods=("POST",)),
    Page("/mine", mine.show, SIGNED_IN),
    Page("/reservations/<int:reservation_id>", reservation.show, SIGNED_IN),
    Page("/reservations/<int:reservation_id>/cancel", cancel.show, SIGNED_IN),
    Page("/reservations/<int:reservation_id>/cancel", cancel.save, SIGNED_IN, methods=("POST",)),
)
