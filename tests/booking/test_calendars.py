"""Calendars that people subscribe to: what stands in them, for whom, and that a change is seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from services.booking import reservations
from services.booking.models import AUDIT, CalendarFeed
from tests.booking.conftest import BIG, SMALL, WHOLE, Town, at, resident


@pytest.fixture
def me(house: Any) -> Any:
    return house.client("resident")


def subscribe(town: Town, browser: Any, kind: str = "person", subject_id: int | None = None) -> str:
    """The private address, as the page gives it."""
    made = browser.post_form("/booking/calendar", {"kind": kind, "subject_id": subject_id or ""})
    assert made.status_code == 302, made.text
    page = browser.get(made.headers["Location"].partition("#")[0] + (f"?{kind}={subject_id}" if subject_id else ""))
    with town.database.read() as session:
        token = session.scalars(select(CalendarFeed.token).order_by(CalendarFeed.id.desc())).first()
    assert re.search(rf"https?://[^\"<\s]+/booking/calendar/{token}\.ics", page.text)
    return f"/booking/calendar/{token}.ics"


def events(house: Any, address: str) -> dict[str, Any]:
    """The feed as a program reads it, which cannot sign in: its entries by UID."""
    answer = house.client().get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    return {str(each["UID"]): each for each in Calendar.from_ical(answer.data).walk("VEVENT")}


def test_a_person_s_feed_follows_changes_and_cancellations(house: Any, town: Town, clock: Any, me: Any) -> None:
    clock(town.now)
    actor = house.actor("resident")
    made = town.reserve(actor, BIG, at(24, 14), 2, purpose="책 읽기 모임")
    town.reserve(resident(2), BIG, at(24, 18), 1)
    address = subscribe(town, me)
    (entry,) = events(house, address).values()
    assert (entry["UID"], entry["STATUS"], entry["SUMMARY"]) == (
        f"reservation-{made.id}@booking.maru",
        "CONFIRMED",
        "책 읽기 모임",
    )
    assert entry["DTSTART"].dt == at(24, 14)
    moved = {"unit_id": BIG, "start": at(25, 9), "end": at(25, 11), "people": 2, "purpose": "책 읽기 모임"}
    reservations.change(town.database, actor, town.now, made.id, **moved)
    (later,) = events(house, address).values()
    assert (later["UID"], later["DTSTART"].dt) == (entry["UID"], at(25, 9))
    assert int(later["SEQUENCE"]) > int(entry["SEQUENCE"])
    reservations.cancel(town.database, actor, town.now, made.id)
    (gone,) = events(house, address).values()
    assert gone["STATUS"] == "CANCELLED"
    assert int(gone["SEQUENCE"]) > int(later["SEQUENCE"])


def test_whoever_has_the_newest_is_told_so(house: Any, town: Town, clock: Any, me: Any) -> None:
    clock(town.now)
    actor = house.actor("resident")
    made = town.reserve(actor, BIG, at(24, 14), 2)
    address = subscribe(town, me)
    program = house.client()
    first = program.get(address)
    again = program.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    reservations.cancel(town.database, actor, town.now, made.id)
    changed = program.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_unit_s_feed_tells_a_resident_only_that_it_is_taken(house: Any, town: Town, clock: Any, me: Any) -> None:
    clock(town.now)
    town.reserve(resident(2), BIG, at(24, 14), 2, purpose="비밀 모임", group_name="비밀 모임")
    town.reserve(resident(2), WHOLE, at(24, 18), 1, purpose="비밀 모임")  # takes the room with it
    town.reserve(resident(2), SMALL, at(24, 9), 1, purpose="비밀 모임")
    address = subscribe(town, me, "unit", BIG)
    shown = events(house, address)
    assert sorted(each["DTSTART"].dt for each in shown.values()) == [at(24, 14), at(24, 18)]
    assert "비밀" not in house.client().get(address).text


def test_a_keeper_s_feed_names_the_groups_and_that_is_on_record(house: Any, town: Town, clock: Any) -> None:
    clock(town.now)
    town.reserve(resident(2), BIG, at(24, 14), 2, group_name="느린 독서회")
    keeper = house.client("keeper")
    address = subscribe(town, keeper, "space", 1)
    for _time in range(2):
        (entry,) = events(house, address).values()
        assert "느린 독서회" in entry["SUMMARY"]
    with town.database.read() as session:
        seen = session.scalars(select(AUDIT.c.account_id).where(AUDIT.c.action == "calendar.viewed")).all()
    assert seen == [house.actor("keeper").account_id]


def test_a_space_s_feed_is_for_who_runs_it(house: Any, town: Town, clock: Any, me: Any) -> None:
    clock(town.now)
    for browser in (me, house.client("seongbuk")):
        assert browser.post_form("/booking/calendar", {"kind": "space", "subject_id": 1}).status_code == 403
    assert me.post_form("/booking/calendar", {"kind": "unit", "subject_id": 999}).status_code == 404
    assert me.post_form("/booking/calendar", {"kind": "everybody", "subject_id": 1}).status_code == 404


def test_a_new_address_closes_the_old_one_and_nobody_else_may(house: Any, town: Town, clock: Any, me: Any) -> None:
    clock(town.now)
    old = subscribe(town, me)
    assert subscribe(town, me) == old  # asked again, the same
    with town.database.read() as session:
        feed_id = session.scalars(select(CalendarFeed.id)).one()
    other = house.client("neighbor")
    assert other.post_form(f"/booking/calendar/{feed_id}/renew", {}).status_code == 404
    assert other.post_form(f"/booking/calendar/{feed_id}/remove", {}).status_code == 404
    assert me.post_form(f"/booking/calendar/{feed_id}/renew", {}).status_code == 302
    assert house.client().get(old).status_code == 404
    assert me.post_form(f"/booking/calendar/{feed_id}/remove", {}).status_code == 302
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(CalendarFeed)) == 0


def test_one_reservation_as_a_file_is_its_owner_s(house: Any, town: Town, clock: Any, me: Any) -> None:
    clock(town.now)
    made = town.reserve(house.actor("resident"), BIG, at(24, 14), 2)
    path = f"/booking/reservations/{made.id}/calendar.ics"
    answer = me.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert f"reservation-{made.id}.ics" in answer.headers["Content-Disposition"]
    (entry,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert entry["DTEND"].dt == at(24, 16)
    assert house.client("neighbor").get(path).status_code == 403
