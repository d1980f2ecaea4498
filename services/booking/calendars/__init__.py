"""Calendars to subscribe to: private addresses, and what stands in each."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.booking.askers import runs_space
from services.booking.models import AUDIT, CalendarFeed, Reservation, Series, Space, Unit, unit_atom
from services.booking.models.calendars import TOKEN_LENGTH
from shared.audit import record
from shared.database import Database
from shared.identity.actor import Actor, Role
from shared.refusal import Refusal

PAST = timedelta(days=90)
"""How far back a feed goes."""
TRUSTED = timedelta(days=90)
"""How long after a keeper's last visit a feed still tells them more than anybody may know."""
MOST_FEEDS = 50
MOST_ENTRIES = 3000
DAY = timedelta(days=1)
_FORM = 1  # of the entries that are made of the rows: a new one lets every subscriber load again


@dataclass(frozen=True)
class Offer:
    """A calendar that one may subscribe to; `feed` once there is an address. `place` is its space or unit."""

    kind: str
    subject_id: int
    place: Space | Unit | None
    feed: CalendarFeed | None


@dataclass(frozen=True)
class Contents:
    """What stands in a feed: single reservations, and series with all their occurrences. `full`: with what was
    written by whoever reserved; else only that the time is taken."""

    feed: CalendarFeed
    place: Space | Unit | None
    full: bool
    single: Sequence[Reservation]
    series: Sequence[tuple[Series, Sequence[Reservation]]]


def offers(
    database: Database, actor: Actor, now: datetime, unit_id: int | None = None, space_id: int | None = None
) -> list[Offer]:
    """One's own calendar, those one has, those of the spaces that one keeps, and the one asked for.

    Looking at them renews what a keeper's feeds may tell; one who no longer runs a space loses that at once.
    Raises Refusal: unit_not_found, space_not_found (404).
    """
    with database.write() as session:
        own = select(CalendarFeed).where(CalendarFeed.account_id == actor.account_id).order_by(CalendarFeed.id)
        feeds = {(feed.kind, feed.subject_id): feed for feed in session.scalars(own)}
        person = ("person", actor.account_id or 0)
        asked = [("unit", unit_id)] if unit_id else []
        asked += [("space", each) for each in (*([space_id] if space_id else []), *_kept(actor))]
        wanted = dict.fromkeys([person, *asked, *feeds])
        found: list[Offer] = []
        for kind, subject_id in wanted:
            feed = feeds.get((kind, subject_id))
            place = _place(session, kind, subject_id)
            if feed is not None:
                keeper = kind != "person" and _runs(actor, place)
                if feed.keeper != keeper or feed.seen_at < now - DAY:
                    feed.keeper, feed.seen_at = keeper, now
            elif place is None and kind != "person" and (kind, subject_id) in asked[:1]:
                raise Refusal(f"{kind}_not_found", 404)
            if kind == "person" or feed is not None or _runs(actor, place) or (kind == "unit" and place):
                found.append(Offer(kind, subject_id, place, feed))
        return found


def subscribe(
    database: Database, actor: Actor, now: datetime, kind: str, subject_id: int | None, language: str
) -> CalendarFeed:
    """The private address of a calendar; asked again, the same. A space's is for who runs it, a unit's for anyone.

    Raises Refusal: unit_not_found, space_not_found (404), not_allowed (403), too_many_calendars (409).
    """
    if actor.account_id is None:
        raise Refusal("sign_in_required", 401)
    if kind not in ("person", "unit", "space"):
        raise Refusal("calendar_not_found", 404)
    subject = actor.account_id if kind == "person" else subject_id or 0
    with database.write() as session:
        place = _place(session, kind, subject)
        if kind != "person" and place is None:
            raise Refusal(f"{kind}_not_found", 404)
        keeper = kind != "person" and _runs(actor, place)
        if kind == "space" and not keeper:
            raise Refusal("not_allowed", 403)
        own = list(session.scalars(select(CalendarFeed).where(CalendarFeed.account_id == actor.account_id)))
        for feed in own:
            if (feed.kind, feed.subject_id) == (kind, subject):
                return feed
        if len(own) >= MOST_FEEDS:
            raise Refusal("too_many_calendars", 409)
        feed = CalendarFeed(
            account_id=actor.account_id,
            kind=kind,
            subject_id=subject,
            token=_token(),
            language=language,
            keeper=keeper,
            seen_at=now,
            created_at=now,
        )
        session.add(feed)
        session.flush()
        record(session, AUDIT, actor, now, "calendar.subscribed", f"calendar:{feed.id}", {"kind": kind})
        return feed


def renew(database: Database, actor: Actor, now: datetime, feed_id: int) -> CalendarFeed:
    """A new address; who knew the old one reads nothing any more. Raises Refusal calendar_not_found (404)."""
    with database.write() as session:
        feed = _own(session, actor, feed_id)
        feed.token = _token()
        record(session, AUDIT, actor, now, "calendar.renewed", f"calendar:{feed.id}")
        return feed


def unsubscribe(database: Database, actor: Actor, now: datetime, feed_id: int) -> None:
    """Take the address away. Raises Refusal calendar_not_found (404)."""
    with database.write() as session:
        session.delete(_own(session, actor, feed_id))
        record(session, AUDIT, actor, now, "calendar.removed", f"calendar:{feed_id}")


def find(database: Database, token: str) -> CalendarFeed:
    """The feed of an address. Raises Refusal calendar_not_found (404)."""
    with database.read() as session:
        feed = session.scalar(select(CalendarFeed).where(CalendarFeed.token == token)) if token else None
    if feed is None:
        raise Refusal("calendar_not_found", 404)
    return feed


def version(database: Database, feed: CalendarFeed, now: datetime) -> tuple[str, datetime]:
    """A digest of what stands in the feed, and when it last changed: two small queries, no entry is made."""
    moved = func.coalesce(Reservation.changed_at, Reservation.created_at)
    changed = func.max(func.coalesce(Reservation.cancelled_at, moved))
    figures = select(
        func.count(), func.sum(Reservation.sequence), func.max(moved), changed, func.max(Reservation.id)
    ).where(*_in_window(feed, now))
    by_status = select(Reservation.status, func.count()).where(*_in_window(feed, now)).group_by(Reservation.status)
    places = (
        select(Unit.id, Unit.name, Space.name, Space.address, Space.zone, Space.latitude, Space.longitude)
        .join(Space, Space.id == Unit.space_id)
        .where(Unit.id.in_(select(Reservation.unit_id).where(*_in_window(feed, now))))
        .order_by(Unit.id)
    )
    with database.read() as session:
        count, sequences, latest, cancelled, last = session.execute(figures).one()
        statuses = sorted((status, number) for status, number in session.execute(by_status))
        known = [list(row) for row in session.execute(places)]
    told = [_FORM, feed.id, feed.token, feed.language, _full(feed, now), count, sequences, last, statuses, known]
    moments = [moment for moment in (latest, cancelled) if moment]
    digest = hashlib.sha256(json.dumps([*told, *map(str, moments)], default=str).encode()).hexdigest()[:32]
    return digest, max([feed.created_at, *moments])


def contents(database: Database, feed: CalendarFeed, now: datetime) -> Contents:
    """What stands in the feed, four queries. Who reads others' words is recorded, once a day (invariant 14)."""
    full = _full(feed, now)
    with database.read() as session:
        place = _place(session, feed.kind, feed.subject_id)
        soonest = select(Reservation).where(*_in_window(feed, now)).order_by(Reservation.start_at.desc())
        found = list(session.scalars(soonest.limit(MOST_ENTRIES)))
        of_series = {each.series_id for each in found if each.series_id} if full else set()
        series = list(session.scalars(select(Series).where(Series.id.in_(of_series)).order_by(Series.id)))
        parts = select(Reservation).where(Reservation.series_id.in_(of_series)).order_by(Reservation.series_day)
        occurrences: dict[int, list[Reservation]] = {each.id: [] for each in series}
        for each in session.scalars(parts):
            occurrences[each.series_id or 0].append(each)
    others = full and feed.kind != "person" and any(each.account_id != feed.account_id for each in found)
    if others and feed.told_on != now.date():
        _record_view(database, feed, now)
    single = sorted((each for each in found if each.series_id not in of_series), key=lambda each: each.start_at)
    return Contents(feed, place, full, single, [(each, occurrences[each.id]) for each in series])


def _record_view(database: Database, feed: CalendarFeed, now: datetime) -> None:
    with database.write() as session:
        row = session.get(CalendarFeed, feed.id, with_for_update=True)
        if row is None or row.told_on == now.date():
            return
        row.told_on = now.date()
        reader = Actor(feed.account_id)
        record(session, AUDIT, reader, now, "calendar.viewed", f"{feed.kind}:{feed.subject_id}", {"feed": feed.id})


def _in_window(feed: CalendarFeed, now: datetime) -> list[ColumnElement[bool]]:
    """The feed's reservations; the window moves at midnight, so that a day's feed stays the same."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - PAST
    if feed.kind == "person":
        return [
            Reservation.account_id == feed.subject_id, Reservation.kind == "visit", Reservation.start_at >= since,
        ]  # fmt: skip
    if feed.kind == "space":
        return [Reservation.space_id == feed.subject_id, Reservation.start_at >= since]
    other = unit_atom.alias()
    sharing = select(other.c.unit_id).join(unit_atom, unit_atom.c.atom_id == other.c.atom_id)
    held = (Reservation.unit_id == feed.subject_id) | Reservation.unit_id.in_(
        sharing.where(unit_atom.c.unit_id == feed.subject_id)  # a room is taken with its house, too
    )
    return [held, Reservation.start_at >= since]


def _full(feed: CalendarFeed, now: datetime) -> bool:
    return feed.kind == "person" or (feed.keeper and feed.seen_at > now - TRUSTED)


def _own(session: Session, actor: Actor, feed_id: int) -> CalendarFeed:
    feed = session.get(CalendarFeed, feed_id, with_for_update=True)
    if feed is None or actor.account_id is None or feed.account_id != actor.account_id:
        raise Refusal("calendar_not_found", 404)
    return feed


def _place(session: Session, kind: str, subject_id: int) -> Space | Unit | None:
    if kind == "person":
        return None
    return session.get(Unit, subject_id) if kind == "unit" else session.get(Space, subject_id)


def _runs(actor: Actor, place: Space | Unit | None) -> bool:
    if place is None:
        return False
    return runs_space(actor, place.space if isinstance(place, Unit) else place)


def _kept(actor: Actor) -> tuple[int, ...]:
    return actor.spaces if Role.SPACE_KEEPER in actor.roles else ()


def _token() -> str:
    return secrets.token_urlsafe(32)[:TOKEN_LENGTH]
