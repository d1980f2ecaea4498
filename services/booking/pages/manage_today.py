"""A space's day on one sheet, and what a keeper does there: check in, fee, no-show, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import sheet, sheet_acts
from services.booking.models import Reservation
from services.booking.schemas.managing import DayQuery, SheetAct
from services.booking.wording import reservation_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

DAY = timedelta(days=1)


def show(space_id: int) -> ResponseReturnValue:
    """The sheet of `?day=2026-11-23`; today unless given."""
    return _page(space_id, request.args)


def act(space_id: int, reservation_id: int) -> ResponseReturnValue:
    """Do something with one reservation of the sheet, and come back to it."""
    try:
        form = SheetAct().load(request.form)
        done = sheet_acts.act(database(), current_actor(), now(), space_id, reservation_id, **form)
    except ValidationError as error:
        return _page(space_id, request.form, refusal_of_validation(error), reservation_id)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(space_id, request.form, refusal, reservation_id)
    flash(_done_text(form["act"], done), "success")
    day = request.form.get("day", "")
    return redirect(service_url("booking", f"/manage/spaces/{space_id}/today?day={day}#r{reservation_id}"))


def _page(
    space_id: int, asked: Mapping[str, Any], refusal: Refusal | None = None, failed: int | None = None
) -> ResponseReturnValue:
    moment = now()
    try:
        day = DayQuery().load({"day": asked["day"]} if asked.get("day") else {})["day"]
        found = sheet.read(database(), current_actor(), moment, space_id, day)
    except (ValidationError, Refusal) as error:
        if isinstance(error, Refusal) and error.status != 422:
            raise
        refusal = refusal or Refusal("date_invalid", 422)  # today's sheet is shown instead
        found = sheet.read(database(), current_actor(), moment, space_id)
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_today.html",
        sheet=found,
        zone=found.zone,
        today=moment.astimezone(found.zone).date(),
        previous=found.day - DAY,
        next=found.day + DAY,
        acts={line.reservation.id: sheet_acts.possible(line.reservation, moment) for line in found.lines},
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        failed=failed,
        typed=request.form,
    )
    return page, refusal.status if refusal else 200


def _done_text(what: str, reservation: Reservation) -> str:
    when = reservation_text(reservation)
    return {
        "check_in": _("%(when)s 이용을 확인했습니다.", when=when),
        "paid": _("%(when)s 사용료를 받은 것으로 적었습니다.", when=when),
        "waived": _("%(when)s 사용료를 면제했습니다.", when=when),
        "due": _("%(when)s 사용료를 다시 받기로 했습니다.", when=when),
        "no_show": _("%(when)s 예약을 오지 않음으로 적었습니다.", when=when),
        "cancel": _("%(when)s 예약을 취소하고 알렸습니다.", when=when),
    }[what]
