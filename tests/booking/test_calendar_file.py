"""What a calendar program makes of our files, read by an independent reader."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Component

from services.booking.calendars.file import Entry, SeriesEntry, calendar_file
from services.booking.rules.interval import Interval
from services.booking.rules.recurrence import Recurrence, dates, spans
from tests.booking.conftest import SEOUL, at
from tests.booking.test_recurrence import BERLIN, NEW_YORK, rules

MADE = datetime(2026, 11, 1, 3, 4, 5, 678, tzinfo=UTC)


def entry(during: Interval, zone: ZoneInfo = SEOUL, **facts: Any) -> Entry:
    known = {"uid": "reservation-1@maru", "summary": "책 읽기 모임", "created_at": MADE, "changed_at": MADE}
    return Entry(during=during, zone=zone, **{**known, **facts})


def series(rule: Recurrence, opens: str, closes: str, zone: ZoneInfo, **main: Any) -> SeriesEntry:
    """A series just as its rule says."""
    held = [(day, entry(during, zone)) for day, during in spans(rule, opens, closes, zone) if during]
    return SeriesEntry(entry(Interval(MADE, MADE), zone, **main), rule, opens, closes, held)


def read(text: bytes, first: date, last: date) -> list[Component]:
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(first, last + timedelta(days=1))
    return sorted(found, key=lambda event: event.start)


def times(events: Sequence[Component]) -> list[Interval]:
    return [Interval(event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in events]


def test_one_reservation_with_all_that_a_calendar_shows() -> None:
    facts = {
        "sequence": 3,
        "status": "TENTATIVE",
        "location": "상도 마을활력소, 큰 회의실; 서울",
        "geo": (37.5, 126.95),
        "url": "https://maru.example/booking/reservations/1",
        "description": "1줄\n2줄",
    }
    text = calendar_file("내 예약", [entry(Interval(at(24, 14), at(24, 16)), **facts)], refresh_minutes=30)
    assert b"\r\n" in text
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    (event,) = read(text, date(2026, 11, 24), date(2026, 11, 24))
    assert times([event]) == [Interval(at(24, 14), at(24, 16))]
    told = {name: str(event[name]) for name in ("UID", "SUMMARY", "LOCATION", "URL", "DESCRIPTION", "STATUS")}
    assert told == {
        "UID": "reservation-1@maru",
        "SUMMARY": "책 읽기 모임",
        "LOCATION": facts["location"],
        "URL": facts["url"],
        "DESCRIPTION": "1줄\n2줄",
        "STATUS": "TENTATIVE",
    }
    assert (event["SEQUENCE"], event["GEO"].to_ical()) == (3, "37.5;126.95")
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == MADE.replace(microsecond=0)
    assert event["DTSTART"].params["TZID"] == "Asia/Seoul"
    calendar = Calendar.from_ical(text)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Seoul"]
    assert text == calendar_file("내 예약", [entry(Interval(at(24, 14), at(24, 16)), **facts)], refresh_minutes=30)


@pytest.mark.parametrize("zone", [SEOUL, BERLIN, NEW_YORK])
def test_the_zone_s_own_definition_is_right(zone: ZoneInfo) -> None:
    """A reader that does not know the zone by name takes the offsets from the file."""
    moments = [datetime(2026, 1, 15, 12, tzinfo=zone) + timedelta(days=7 * n) for n in range(52)]
    text = calendar_file("x", [entry(Interval(moments[0], moments[1]), zone)])
    (component,) = Calendar.from_ical(text).walk("VTIMEZONE")
    component["TZID"] = "Nowhere/Known"
    own = component.to_tz(lookup_tzid=False)
    changes = [datetime(2026, 3, 29, 0, 30, tzinfo=UTC) + timedelta(hours=n) for n in range(3)]
    for moment in [*moments, *changes]:
        assert moment.astimezone(UTC).astimezone(own).replace(tzinfo=None) == moment.astimezone(zone).replace(
            tzinfo=None
        )


@settings(max_examples=40, deadline=None)
@given(rules(), st.sampled_from([SEOUL, BERLIN, NEW_YORK]), st.sampled_from(["01:30", "02:30", "14:00"]))
def test_a_series_is_read_back_as_it_is(rule: Recurrence, zone: ZoneInfo, opens: str) -> None:
    made = series(rule, opens, f"{int(opens[:2]) + 2:02}:00", zone)
    if not made.occurrences:
        return
    text = calendar_file("x", [made])
    found = read(text, rule.first, rule.first + timedelta(days=740))
    assert times(found) == [each.during for _day, each in made.occurrences]


def test_a_night_that_has_no_such_time_is_left_out() -> None:
    rule = Recurrence(date(2023, 2, 7), "day", 3, count=13)
    made = series(rule, "02:30", "04:30", NEW_YORK)
    assert date(2023, 3, 12) in dates(rule)
    assert date(2023, 3, 12) not in dict(made.occurrences)
    found = read(calendar_file("x", [made]), rule.first, rule.first + timedelta(days=60))
    assert times(found) == [each.during for _day, each in made.occurrences]


def test_a_series_is_one_entry_with_its_exceptions() -> None:
    rule = Recurrence(date(2026, 11, 24), "week", count=8, except_dates=frozenset({date(2026, 12, 8)}))
    made = series(rule, "14:00", "16:00", SEOUL)
    held = dict(made.occurrences)
    held.pop(date(2026, 12, 15))  # was not free when the series was made
    moved = held[date(2026, 12, 1)]
    held[date(2026, 12, 1)] = replace(moved, during=Interval(at(2, 10, month=12), at(2, 12, month=12)), sequence=1)
    held[date(2026, 12, 22)] = replace(held[date(2026, 12, 22)], status="CANCELLED", sequence=1)
    text = calendar_file("x", [replace(made, occurrences=sorted(held.items()))])
    events = list(Calendar.from_ical(text).walk("VEVENT"))
    assert len(events) == 3
    assert len({str(event["UID"]) for event in events}) == 1
    assert [("RRULE" in event, "RECURRENCE-ID" in event) for event in events] == [(True, False)] + [(False, True)] * 2
    excepted = {value.dt.date().isoformat() for value in events[0]["EXDATE"].dts}
    assert excepted == {"2026-12-08", "2026-12-15"}
    assert events[1]["RECURRENCE-ID"].dt == at(1, 14, month=12)
    found = read(text, date(2026, 11, 1), date(2027, 3, 1))
    alive = [event for event in found if event["STATUS"] != "CANCELLED"]
    assert [event.start.strftime("%m-%d %H") for event in alive] == [
        "11-24 14", "12-02 10", "12-29 14", "01-05 14", "01-12 14",
    ]  # fmt: skip
    assert [event.start.strftime("%m-%d %H") for event in found if event not in alive] == ["12-22 14"]


def test_the_first_date_may_be_an_exception() -> None:
    rule = Recurrence(date(2026, 11, 24), "week", count=3)
    made = series(rule, "14:00", "16:00", SEOUL)
    text = calendar_file("x", [replace(made, occurrences=made.occurrences[1:])])
    assert [event.start.day for event in read(text, date(2026, 11, 1), date(2026, 12, 31))] == [1, 8]


def test_a_night_that_lasts_longer_is_told_exactly() -> None:
    rule = Recurrence(date(2026, 10, 18), "week", count=3)
    made = series(rule, "01:00", "04:00", BERLIN)
    found = times(read(calendar_file("x", [made]), date(2026, 10, 1), date(2026, 11, 30)))
    assert [each.length / timedelta(hours=1) for each in found] == [3, 4, 3]
    assert len(dates(rule)) == 3


def test_words_cannot_break_out_of_their_line() -> None:
    hostile = "모임\r\nATTENDEE:mailto:x@example.com\r\nEND:VEVENT;,\\n\r\x00\u2028" + "가" * 100
    text = calendar_file(hostile, [entry(Interval(at(24, 14), at(24, 16)), summary=hostile, location=hostile)])
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert "ATTENDEE" not in event
    assert str(event["SUMMARY"]).endswith("가" * 100)
