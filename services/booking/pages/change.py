"""Changing a reservation: another time, another room of the same place, more people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import reservations
from services.booking.models import Reservation, Unit
from services.booking.pages.times import choices, clock_times, during_of, today
from services.booking.rules.hours import clock_of
from services.booking.rules.policy import last_day
from services.booking.schemas.reservations import ChangeForm
from services.booking.units import get, get_space
from services.booking.wording import reservation_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(reservation_id: int) -> ResponseReturnValue:
    """The form with what is reserved now."""
    reservation = reservations.read(database(), current_actor(), now(), reservation_id)
    day = reservation.start_at.astimezone(reservation.unit.zone).date()
    typed = {
        "unit_id": reservation.unit_id,
        "date": day.isoformat(),
        "start": clock_of(reservation.start_at, day, reservation.unit.zone),
        "end": clock_of(reservation.end_at, day, reservation.unit.zone),
        "people": reservation.people,
        "purpose": reservation.purpose,
    }
    return _form(reservation, reservation.unit, typed)


def save(reservation_id: int) -> ResponseReturnValue:
    """Change it; refused, the reservation stays and the form keeps what was typed."""
    reservation = reservations.read(database(), current_actor(), now(), reservation_id)
    unit = reservation.unit
    try:
        form = ChangeForm().load(request.form)
        with database().read() as session:
            unit = get(session, form["unit_id"])
        wished = during_of(unit, form)
        changed = reservations.change(
            database(),
            current_actor(),
            now(),
            reservation_id,
            unit_id=unit.id,
            start=wished.start,
            end=wished.end,
            people=form["people"],
            purpose=form["purpose"],
        )
    except ValidationError as error:
        return _form(reservation, unit, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _form(reservation, unit, request.form, refusal)
    if changed.status == "requested":
        flash(
            _("바꾸었습니다. 운영자가 다시 승인하면 알려 드려요. (%(when)s)", when=reservation_text(changed)), "success"
        )
    else:
        flash(_("예약을 바꾸었습니다. %(when)s에 만나요.", when=reservation_text(changed)), "success")
    return redirect(service_url("booking", f"/reservations/{reservation_id}"))


def _form(
    reservation: Reservation, unit: Unit, typed: Mapping[str, Any], refusal: Refusal | None = None
) -> ResponseReturnValue:
    times = clock_times(unit)
    with database().read() as session:
        units = [each for each in get_space(session, reservation.space_id)[1] if each.opening]
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/change.html",
        reservation=reservation,
        units=[(each.id, each.name) for each in units],
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        starts=choices(times[:-1], typed.get("start")),
        ends=choices(times[1:], typed.get("end")),
        first_day=today(unit),
        last_day=last_day(unit.zone, now(), unit.policy).isoformat(),
    )
    return page, refusal.status if refusal else 200
