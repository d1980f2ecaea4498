"""iCalendar files (RFC 5545): entries with their zone, and a series as one entry with its exceptions.

The same facts give the same bytes: the stamps are those of the last change, so that a feed has a stable ETag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vDuration,
    vGeo,
    vRecur,
    vText,
    vUri,
)

from services.booking.rules.interval import Interval
from services.booking.rules.recurrence import Recurrence, dates, rrule_text, span_of

PRODUCT = "-//Maru//booking//KO"
ZONE_FROM, ZONE_UNTIL = date(2019, 1, 1), date(2038, 1, 1)
SECOND = timedelta(seconds=1)
STATUSES = ("TENTATIVE", "CONFIRMED", "CANCELLED")


@dataclass(frozen=True)
class Entry:
    """One event. `status` is one of STATUSES; `sequence` counts its changes; `geo` is (latitude, longitude)."""

    uid: str
    during: Interval
    zone: ZoneInfo
    summary: str
    created_at: datetime
    changed_at: datetime
    sequence: int = 0
    status: str = "CONFIRMED"
    location: str = ""
    geo: tuple[float, float] | None = None
    url: str = ""
    description: str = ""


@dataclass(frozen=True)
class SeriesEntry:
    """A series: its rule with the wall times that it has now, and what really became of each date.

    `occurrences` are (date of the rule, entry); a date of the rule without an entry is an exception (EXDATE), an entry
    that is not as the rule says gets its own component with the RECURRENCE-ID of its date. `main` describes the rest:
    its `during` is not used.
    """

    main: Entry
    rule: Recurrence
    opens: str
    closes: str
    occurrences: Sequence[tuple[date, Entry]]


def calendar_file(
    name: str, entries: Iterable[Entry | SeriesEntry], refresh_minutes: int | None = None, description: str = ""
) -> bytes:
    """The file, in UTF-8; `refresh_minutes` tells subscribers how often to look again."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar["x-wr-calname"] = _text(name)
    if description:
        calendar["x-wr-caldesc"] = _text(description)
    if refresh_minutes:
        often = vDuration(timedelta(minutes=refresh_minutes))
        calendar["x-published-ttl"] = often
        calendar["refresh-interval"] = vDuration(often.td, params={"VALUE": "DURATION"})
    zones: set[str] = set()
    events: list[Event] = []
    for entry in entries:
        zones.add((entry.main if isinstance(entry, SeriesEntry) else entry).zone.key)
        events += _series(entry) if isinstance(entry, SeriesEntry) else [_event(entry)]
    for zone in sorted(zones - {"UTC"}):
        calendar.add_component(_timezone(zone))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical()


def _event(entry: Entry, recurrence_id: datetime | None = None) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    event.add("dtstamp", _stamp(entry.changed_at))
    event.add("created", _stamp(entry.created_at))
    event.add("last-modified", _stamp(entry.changed_at))
    if recurrence_id:
        event.add("recurrence-id", recurrence_id)
    event.add("dtstart", entry.during.start.astimezone(entry.zone))
    event.add("dtend", entry.during.end.astimezone(entry.zone))
    event["summary"] = _text(entry.summary)
    if entry.location:
        event["location"] = _text(entry.location)
    if entry.geo:
        event["geo"] = vGeo(entry.geo)
    if entry.url:
        event["url"] = vUri(entry.url)
    if entry.description:
        event["description"] = _text(entry.description)
    return event


def _series(series: SeriesEntry) -> list[Event]:
    zone = series.main.zone
    spans = {day: span_of(day, series.opens, series.closes, zone) for day in dates(series.rule)}
    ruled = {day: during for day, during in spans.items() if during is not None}
    if not ruled or not series.occurrences:
        return [_event(entry) for _day, entry in series.occurrences]
    first = min(ruled)
    master = _event(_like(series.main, ruled[first]))
    everyday = ruled[first].length
    master.add("rrule", vRecur.from_ical(rrule_text(series.rule, until=ruled[max(ruled)].start)))
    kept = {day: entry for day, entry in series.occurrences if day in ruled}
    away = sorted(
        {ruled[day].start.astimezone(zone) for day in ruled if day not in kept}
        | {
            during.start.astimezone(zone)
            for day in series.rule.except_dates
            if (during := span_of(day, series.opens, series.closes, zone))
        }
    )
    # A night that has no such time: readers ought to leave it out by themselves, and some don't.
    opens = time.fromisoformat(series.opens)
    away += [datetime.combine(day, opens, zone) for day, during in spans.items() if during is None]
    if away:
        master.add("exdate", sorted(away))
    # What a reader makes of the rule: the master's words, for its exact length from that day's start on.
    expected = {
        day: _like(series.main, Interval(during.start, during.start + everyday)) for day, during in ruled.items()
    }
    exceptions = [
        _event(entry, recurrence_id=ruled[day].start.astimezone(zone))
        for day, entry in sorted(kept.items())
        if _differs(entry, expected[day])
    ]
    strangers = [_event(entry) for day, entry in series.occurrences if day not in ruled]
    return [master, *exceptions, *strangers]


def _like(entry: Entry, during: Interval) -> Entry:
    return Entry(**{**vars(entry), "during": during})


def _differs(entry: Entry, expected: Entry) -> bool:
    """Whether a reader of the rule alone would be told something wrong."""
    told = ("during", "status", "summary", "location", "description", "url")
    return any(getattr(entry, name) != getattr(expected, name) for name in told)


def _text(words: str) -> vText:
    """What people typed, without the characters that could end a line or break a reader."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return vText("".join(each for each in lines if each == "\n" or each.isprintable()))


def _stamp(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


@lru_cache(maxsize=16)
def _timezone(key: str) -> Timezone:
    """The VTIMEZONE of a zone. (The library's own puts the change to summer time an hour late.)"""
    component = Timezone()
    component.add("tzid", key)
    zone = ZoneInfo(key)
    start = datetime.combine(ZONE_FROM, time(0), UTC)
    changes: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for moment in [start, *_changes(zone, start, datetime.combine(ZONE_UNTIL, time(0), UTC))]:
        local = moment.astimezone(zone)
        before = (local if moment == start else (moment - SECOND).astimezone(zone)).utcoffset() or timedelta(0)
        after = local.utcoffset() or timedelta(0)
        onset = (moment + before).replace(tzinfo=None)  # told by the clock that is about to change
        changes.setdefault((before, after, local.tzname() or key, bool(local.dst())), []).append(onset)
    for (before, after, name, summer), onsets in changes.items():
        part = TimezoneDaylight() if summer else TimezoneStandard()
        part.add("dtstart", onsets[0])
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("tzname", name)
        if onsets[1:]:
            part.add("rdate", onsets[1:])
        component.add_component(part)
    return component


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants, to the second, at which the zone's clock changes."""
    while start < end:
        after = start + timedelta(days=1)
        if start.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            low, high = start, after
            while high - low > SECOND:
                middle = low + (high - low) // 2 // SECOND * SECOND
                if middle.astimezone(zone).utcoffset() == start.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            yield high
        start = after
