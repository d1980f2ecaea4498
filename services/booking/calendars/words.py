"""Reservations as calendar entries, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from services.booking.calendars import Contents
from services.booking.calendars.file import Entry, SeriesEntry
from services.booking.models import Reservation, Series, Unit
from services.booking.rules.recurrence import Recurrence
from services.booking.wording import people_text
from shared.settings import PREFIXES

TAKEN = ("requested", "offered")
"""Not yet theirs for sure: tentative in a calendar."""


def entries_of(contents: Contents, base: str) -> list[Entry | SeriesEntry]:
    """Everything that stands in a feed; `base` is the address of the site ("https://maru.example")."""
    own = contents.feed.kind == "person"
    found: list[Entry | SeriesEntry] = []
    for series, occurrences in contents.series:
        if entry := series_entry(series, occurrences, base, own=own):
            found.append(entry)
    found += [entry_of(each, base, own=own, full=contents.full) for each in contents.single]
    return found


def entry_of(reservation: Reservation, base: str, own: bool = True, full: bool = True) -> Entry:
    """One reservation. Its `own`er reads what it is about first, a keeper which room; without `full`, only that the
    time is taken."""
    unit = reservation.unit
    space = unit.space
    if not full:
        summary = _("예약됨")
    elif own:
        summary = reservation.purpose
    else:
        summary = f"{unit.name} · {reservation.group_name or reservation.purpose}"
    if full and reservation.status in TAKEN:
        summary = _("[승인 대기] %(summary)s", summary=summary)
    geo = (space.latitude, space.longitude) if space.latitude is not None and space.longitude is not None else None
    return Entry(
        uid=f"reservation-{reservation.id}@booking.maru",
        during=reservation.during,
        zone=unit.zone,
        summary=summary,
        created_at=reservation.created_at,
        changed_at=reservation.changed_at or reservation.cancelled_at or reservation.created_at,
        sequence=reservation.sequence,
        status=_status(reservation.status),
        location=_location(unit),
        geo=geo,
        url=f"{base}{PREFIXES['booking']}/reservations/{reservation.id}" if full else "",
        description=_description(reservation, own) if full else "",
    )


def series_entry(series: Series, occurrences: Sequence[Reservation], base: str, own: bool = True) -> SeriesEntry | None:
    """A series as one entry; None for one of which nothing was ever reserved."""
    if not occurrences:
        return None
    uid = f"series-{series.id}@booking.maru"
    address = f"{base}{PREFIXES['booking']}/series/{series.id}"
    entries = [
        (each.series_day or each.start_at.astimezone(each.unit.zone).date(), _of_series(each, uid, address, base, own))
        for each in occurrences
    ]
    # The entry that says what most dates say: a live one of the last change, else the last one.
    living = [(day, entry) for day, entry in entries if entry.status != "CANCELLED"]
    _day, typical = (living or entries)[-1]
    main = Entry(
        **{
            **vars(typical),
            "created_at": series.created_at,
            "changed_at": max([series.changed_at, *(entry.changed_at for _day, entry in entries)]),
            "sequence": max([series.sequence, *(entry.sequence for _day, entry in entries)]),
        }
    )
    return SeriesEntry(main, Recurrence.from_json(series.rule), series.opens, series.closes, entries)


def _of_series(reservation: Reservation, uid: str, address: str, base: str, own: bool) -> Entry:
    entry = entry_of(reservation, base, own)
    return Entry(**{**vars(entry), "uid": uid, "url": address})


def _status(status: str) -> str:
    if status in TAKEN:
        return "TENTATIVE"
    return "CONFIRMED" if status in ("confirmed", "no_show") else "CANCELLED"


def _location(unit: Unit) -> str:
    return ", ".join(part for part in (f"{unit.space.name} {unit.name}", unit.space.address) if part)


def _description(reservation: Reservation, own: bool) -> str:
    lines = [] if own else [reservation.purpose]
    if reservation.group_name:
        lines.append(reservation.group_name)
    lines.append(people_text(reservation.people))
    if own and reservation.unit.space.phone:
        lines.append(_("공간 전화: %(phone)s", phone=reservation.unit.space.phone))
    return "\n".join(lines)
