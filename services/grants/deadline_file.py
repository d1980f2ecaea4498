"""The deadlines of calls as an iCalendar file (RFC 5545), to open once or to subscribe to.

A deadline is the hour before the close, so that it stands on the day on which one can still apply, also where a call
closes at midnight. Times are in UTC. The same calls give the same bytes: what a published call says does not change,
and its stamp is the moment of its publishing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vDuration, vText, vUri

from services.grants.models import Call

PRODUCT = "-//Maru//grants//KO"
HOUR = timedelta(hours=1)
REFRESH = timedelta(hours=6)
"""How often subscribers are asked to look again."""


@dataclass(frozen=True)
class Deadline:
    """A call with what its entry says; `url` is the call's page."""

    call: Call
    summary: str
    description: str
    url: str


def calendar_file(name: str, deadlines: Iterable[Deadline]) -> bytes:
    """The file, in UTF-8."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar["x-wr-calname"] = _text(name)
    calendar["x-published-ttl"] = vDuration(REFRESH)
    calendar["refresh-interval"] = vDuration(REFRESH, params={"VALUE": "DURATION"})
    for each in deadlines:
        calendar.add_component(_event(each))
    return calendar.to_ical()


def _event(deadline: Deadline) -> Event:
    call = deadline.call
    stamp = _second(call.published_at or call.created_at)
    event = Event()
    event.add("uid", f"call-{call.id}-deadline@grants.maru")
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("dtstart", max(_second(call.opens_at), _second(call.closes_at) - HOUR))
    event.add("dtend", _second(call.closes_at))
    event.add("transp", "TRANSPARENT")  # a deadline keeps nobody busy
    event["summary"] = _text(deadline.summary)
    event["description"] = _text(deadline.description)
    event["url"] = vUri(deadline.url)
    return event


def _text(words: str) -> vText:
    """What people typed, without the characters that could end a line or break a reader."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return vText("".join(each for each in lines if each == "\n" or each.isprintable()))


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
