"""Calendars to subscribe to, and files of single entries."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from werkzeug.http import http_date

from services.booking import calendars
from services.booking.calendars import Contents, Offer
from services.booking.calendars.file import Entry, SeriesEntry, calendar_file
from services.booking.calendars.words import entries_of, entry_of
from services.booking.models import Unit
from services.booking.reservations import read
from services.booking.schemas.units import row_id
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import sentence
from shared.web.navigation import service_url
from shared.web.pages import database

REFRESH = 30
"""How often subscribers are asked to look again, minutes."""
TYPE = "text/calendar; charset=utf-8"


def index() -> ResponseReturnValue:
    """How to subscribe; `?unit=12` or `?space=3` offers that one too."""
    asked = {f"{name}_id": request.args.get(name, type=row_id) for name in ("unit", "space")}
    found = calendars.offers(database(), current_actor(), now(), **asked)
    return render_template(
        "booking/calendars.html", offers=[{**vars(each), **_addresses(each)} for each in found], asked=asked
    )


def subscribe() -> ResponseReturnValue:
    """Make the private address."""
    kind, subject = request.form.get("kind", ""), request.form.get("subject_id", type=row_id)
    try:
        feed = calendars.subscribe(database(), current_actor(), now(), kind, subject, str(get_locale() or "ko"))
    except Refusal as refusal:
        if refusal.code != "too_many_calendars":
            raise
        flash(sentence(refusal.code, refusal.params), "error")
        return redirect(service_url("booking", "/calendar"))
    return redirect(service_url("booking", f"/calendar#calendar-{feed.id}"))


def renew(feed_id: int) -> ResponseReturnValue:
    """Give a new address."""
    calendars.renew(database(), current_actor(), now(), feed_id)
    flash(_("새 주소를 만들었습니다. 쓰던 달력에서 예전 구독을 지우고 새 주소로 다시 구독해 주세요."), "success")
    return redirect(service_url("booking", f"/calendar#calendar-{feed_id}"))


def remove(feed_id: int) -> ResponseReturnValue:
    """Take the address away."""
    calendars.unsubscribe(database(), current_actor(), now(), feed_id)
    flash(_("달력 주소를 없앴습니다."), "success")
    return redirect(service_url("booking", "/calendar"))


def feed(token: str) -> ResponseReturnValue:
    """The calendar itself: nothing is made when the subscriber has the newest already."""
    found = calendars.find(database(), token)
    moment = now()
    digest, changed = calendars.version(database(), found, moment)
    base = site()
    headers = {
        "ETag": f'"{digest}"',
        "Last-Modified": http_date(changed),
        "Cache-Control": "private, max-age=300",
        "X-Robots-Tag": "noindex",
    }
    if _has_newest(digest, changed.timestamp()):
        return Response(status=304, headers=headers)
    with force_locale(found.language):
        held = calendars.contents(database(), found, moment)
        text = calendar_file(_name(held), entries_of(held, base), REFRESH)
    return Response(text, headers={**headers, "Content-Type": TYPE})


def reservation(reservation_id: int) -> ResponseReturnValue:
    """One reservation as a file."""
    found = read(database(), current_actor(), now(), reservation_id)
    own = found.account_id == current_actor().account_id
    return attachment([entry_of(found, site(), own=own)], f"reservation-{reservation_id}", found.purpose)


def attachment(entries: list[Entry | SeriesEntry], file_name: str, name: str) -> Response:
    """A file to open in one's calendar."""
    disposition = f"attachment; filename={file_name}.ics; filename*=UTF-8''{quote(file_name)}.ics"
    headers = {"Content-Type": TYPE, "Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return Response(calendar_file(name, entries), headers=headers)


def _has_newest(digest: str, changed: float) -> bool:
    if request.if_none_match:
        return request.if_none_match.contains_weak(digest)
    since = request.if_modified_since
    return since is not None and int(changed) <= int(since.timestamp())


def _name(held: Contents) -> str:
    if held.place is None:
        return _("마을마루 내 예약")
    return f"{held.place.space.name} {held.place.name}" if isinstance(held.place, Unit) else held.place.name


def _addresses(offer: Offer) -> dict[str, str]:
    if offer.feed is None:
        return {}
    address = site() + service_url("booking", f"/calendar/{offer.feed.token}.ics")
    webcal = "webcal:" + address.partition(":")[2]
    return {
        "address": address,
        "webcal": webcal,
        "google": "https://calendar.google.com/calendar/r?cid=" + quote(webcal),
    }


def site() -> str:
    """The address of the site as people reach it."""
    return request.host_url.rstrip("/")
