"""The line, for those who stand in it: join, see one's place, take what is offered, pass it on."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import waitlist
from services.booking.models import Waiting
from services.booking.pages.reserve import form_page, group_name_of, unit_of
from services.booking.pages.times import during_of
from services.booking.rules.interval import Interval
from services.booking.rules.policy import Wish
from services.booking.schemas.quotes import loans_of_form
from services.booking.schemas.reservations import ReserveForm
from services.booking.waitlist import lines
from services.booking.wording import during_text, reservation_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

WITHOUT = ("equipment_lent", "equipment_unknown", "equipment_count_invalid")
"""The refusals after which one may take the offer without what one wanted to borrow."""


def join(unit_id: int) -> ResponseReturnValue:
    """Stand in line with all that was typed into the form that reserves; a refusal shows that form again."""
    unit = unit_of(unit_id)
    wished: Interval | None = None
    people = 1
    try:
        form = ReserveForm().load(request.form)
        wished = during_of(unit, form)
        people = form["people"]
        group_name = group_name_of(form["group_id"]) or form["group_name"]
        loans = loans_of_form(request.form)
        wish = Wish(wished, people, form["purpose"], group_name, form["group_id"], loans)
        waiting = waitlist.join(database(), current_actor(), now(), unit_id=unit_id, wish=wish)
    except ValidationError as error:
        return form_page(unit, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return form_page(unit, request.form, refusal, wished, people)
    flash(_("대기를 신청했습니다. 자리가 나면 바로 알려 드려요. (%(when)s)", when=_when(waiting)), "success")
    return redirect(_at(waiting.id))


def index() -> ResponseReturnValue:
    """Where I stand: what is offered first, then my places, then what became of the others."""
    moment = now()
    standing, places, over = waitlist.mine(database(), current_actor())
    offers = [each for each in standing if lines.until(each, moment)]
    return render_template(
        "booking/waitlist.html",
        offers=sorted(offers, key=lambda each: lines.until(each, moment) or moment),
        standing=[each for each in standing if each not in offers],
        places=places,
        over=over,
        moment=moment,
    )


def show(waiting_id: int) -> ResponseReturnValue:
    """One wish: its place, and what is offered."""
    return _page(waiting_id)


def claim(waiting_id: int) -> ResponseReturnValue:
    """Take what is offered; a refusal stays here and says what can be done."""
    without = request.form.get("equipment") == "without"
    try:
        made = waitlist.claim(database(), current_actor(), now(), waiting_id, without_equipment=without)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(waiting_id, refusal)
    if made.status == "requested":
        flash(
            _("예약을 신청했습니다. 운영자가 승인하면 알려 드려요. (%(when)s)", when=reservation_text(made)), "success"
        )
    else:
        flash(_("예약했습니다. %(when)s에 만나요.", when=reservation_text(made)), "success")
    return redirect(service_url("booking", f"/reservations/{made.id}"))


def leave_form(waiting_id: int) -> ResponseReturnValue:
    """Ask whether it is really meant."""
    waiting, _place = waitlist.read(database(), current_actor(), waiting_id)
    if not waiting.in_line:
        return redirect(_at(waiting_id))
    return render_template("booking/waitlist_leave.html", waiting=waiting, moment=now())


def leave(waiting_id: int) -> ResponseReturnValue:
    """Leave the line, or pass on what is offered."""
    try:
        waiting = waitlist.decline(database(), current_actor(), now(), waiting_id)
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        flash(sentence(refusal.code, refusal.params), "error")
        return redirect(_at(waiting_id))
    if waiting.status == "declined":
        flash(_("다음 분에게 넘겼습니다. 고맙습니다. (%(when)s)", when=_when(waiting)), "success")
    else:
        flash(_("대기를 그만두었습니다. (%(when)s)", when=_when(waiting)), "success")
    return redirect(service_url("booking", "/waitlist"))


def _page(waiting_id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    moment = now()
    waiting, place = waitlist.read(database(), current_actor(), waiting_id)
    told = list(dict.fromkeys(each for field in field_sentences(refusal).values() for each in field)) if refusal else []
    page = render_template(
        "booking/waitlist_wish.html",
        waiting=waiting,
        unit=waiting.unit,
        place=place,
        until=lines.until(waiting, moment),
        equipment=lines.equipment_of(database(), waiting),
        moment=moment,
        message=sentence(refusal.code, refusal.params) if refusal else None,
        more=told if len(told) > 1 else [],
        without=bool(refusal and refusal.code in WITHOUT),
    )
    return page, refusal.status if refusal else 200


def _when(waiting: Waiting) -> str:
    return during_text(waiting.during, waiting.unit.zone)


def _at(waiting_id: int) -> str:
    return service_url("booking", f"/waitlist/{waiting_id}")
