"""Messages on their way to people: a real SMTP server, the person's language, a file for the calendar, each once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar
from sqlalchemy import func, select

from services.booking import deliveries, people, reminders, reservations, series
from services.booking.models import Delivery, Message, Reservation
from services.booking.rules.recurrence import Recurrence
from services.booking.series.survey import Plan
from shared.settings import Settings
from tests.booking.conftest import BIG, NOW, Town, at, resident

ADDRESS = "jumin@example.org"


class Box:
    """A mail server's inside: keeps what comes, and answers as it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 kept"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return self.answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[Controller]:
    made = Controller(box, hostname="127.0.0.1", port=free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def settings(house: Any, server: Controller) -> Settings:
    """A city that sends e-mail."""
    way = f"smtp://127.0.0.1:{server.port}"
    return replace(house.settings, smtp=way, mail_from="maru@city.example", public_url="https://maru.example")


def tell(town: Town, account_id: int = 1, language: str = "ko", channels: tuple[str, ...] = ("email",)) -> None:
    told = {"email": ADDRESS, "language": language, "channels": channels}
    people.tell_about_me(town.database, resident(account_id), NOW, **told)


def states(town: Town) -> list[tuple[str, str]]:
    with town.database.read() as session:
        rows = session.execute(select(Delivery.channel, Delivery.state).order_by(Delivery.id))
        return [(channel, state) for channel, state in rows]


def calendar_of(mail: EmailMessage) -> Calendar:
    (file,) = mail.iter_attachments()
    assert (file.get_content_type(), file.get_filename(), True) == ("text/calendar", file.get_filename(), True)
    return Calendar.from_ical(file.get_payload(decode=True))


def test_a_reservation_reaches_the_mailbox_with_its_calendar_file(town: Town, box: Box, settings: Settings) -> None:
    tell(town)
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    deliveries.tick(town.database, settings, NOW)
    (mail,) = box.mails
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "예약했습니다: 큰 회의실"
    body = mail.get_body(("plain",))
    assert body
    assert "14:00" in body.get_content()
    assert f"https://maru.example/booking/reservations/{made.id}" in body.get_content()
    (event,) = calendar_of(mail).walk("VEVENT")
    assert (event["UID"], event["STATUS"], int(event["SEQUENCE"])) == (
        f"reservation-{made.id}@booking.maru",
        "CONFIRMED",
        0,
    )
    assert event["DTSTART"].dt == made.start_at
    deliveries.tick(town.database, settings, NOW)
    assert len(box.mails) == 1
    assert states(town) == [("email", "sent")]


def test_in_the_language_that_the_person_chose(town: Town, box: Box, settings: Settings) -> None:
    tell(town, language="en")
    town.reserve(resident(1), BIG, at(24, 14), 2)
    deliveries.tick(town.database, settings, NOW)
    subject = box.mails[0]["Subject"].replace("큰 회의실", "")
    assert not [letter for letter in subject if "가" <= letter <= "힣"]


def test_a_cancellation_takes_the_entry_out_of_the_calendar(town: Town, box: Box, settings: Settings) -> None:
    tell(town)
    made = town.reserve(resident(1), BIG, at(24, 14), 2)
    reservations.cancel(town.database, resident(1), NOW, made.id, reason="모임을 미룹니다")
    deliveries.tick(town.database, settings, NOW)
    last = box.mails[-1]
    (event,) = calendar_of(last).walk("VEVENT")
    assert (event["UID"], event["STATUS"]) == (f"reservation-{made.id}@booking.maru", "CANCELLED")
    assert int(event["SEQUENCE"]) > 0


def test_a_series_is_one_mail_and_one_entry(town: Town, box: Box, settings: Settings) -> None:
    tell(town)
    rule = Recurrence(at(24, 0).date(), "week", count=4)
    plan = Plan(BIG, rule, opens="14:00", closes="16:00", people=4, purpose="책 읽기 모임")
    series.make(town.database, resident(1), NOW, plan, "key")
    deliveries.tick(town.database, settings, NOW)
    (mail,) = box.mails
    (event,) = calendar_of(mail).walk("VEVENT")
    assert event["RRULE"]["FREQ"] == ["WEEKLY"]


def test_who_wants_none_gets_none_and_finds_it_in_the_inbox(town: Town, box: Box, settings: Settings) -> None:
    tell(town, channels=())
    town.reserve(resident(1), BIG, at(24, 14), 2)
    town.reserve(resident(2), BIG, at(25, 14), 2)
    deliveries.tick(town.database, settings, NOW)
    assert box.mails == []
    assert states(town) == []
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 2


def test_a_server_that_is_away_loses_nothing(town: Town, box: Box, settings: Settings) -> None:
    tell(town)
    town.reserve(resident(1), BIG, at(24, 14), 2)
    port = free_port()
    there = replace(settings, smtp=f"smtp://127.0.0.1:{port}")
    deliveries.tick(town.database, there, NOW)
    assert states(town) == [("email", "waiting")]
    again = Controller(box, hostname="127.0.0.1", port=port)
    again.start()
    try:
        deliveries.tick(town.database, there, NOW)
        assert box.mails == []  # not before its pause is over
        deliveries.tick(town.database, there, NOW + timedelta(minutes=2))
    finally:
        again.stop()
    assert len(box.mails) == 1
    assert states(town) == [("email", "sent")]


def test_what_is_refused_for_good_is_not_tried_again(town: Town, box: Box, settings: Settings) -> None:
    tell(town)
    town.reserve(resident(1), BIG, at(24, 14), 2)
    box.answer = "550 no such person"
    deliveries.tick(town.database, settings, NOW)
    assert states(town) == [("email", "failed")]
    box.answer = "250 kept"
    deliveries.tick(town.database, settings, NOW + timedelta(days=1))
    assert box.mails == []


def test_several_senders_send_each_mail_once(town: Town, box: Box, settings: Settings) -> None:
    tell(town)
    for hour in range(10, 18):
        town.reserve(resident(1), BIG, at(24, hour), 1)
    wrong: list[Exception] = []

    def work() -> None:
        try:
            for _round in range(3):
                deliveries.tick(town.database, settings, NOW)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(box.mails) == len({mail["Message-ID"] for mail in box.mails}) == 8
    assert states(town) == [("email", "sent")] * 8


def test_a_claim_of_a_sender_that_died_runs_out(town: Town, box: Box, settings: Settings) -> None:
    tell(town)
    town.reserve(resident(1), BIG, at(24, 14), 2)
    deliveries.dispatch(town.database, NOW, ["email"])
    with town.database.write() as session:
        assert len(deliveries._claim(session, NOW)) == 1  # and its process is gone
    deliveries.tick(town.database, settings, NOW + timedelta(minutes=1))
    assert box.mails == []
    deliveries.tick(town.database, settings, NOW + deliveries.CLAIM)
    assert len(box.mails) == 1


def reminded(town: Town, *moments: Any) -> list[dict[str, Any]]:
    """The facts of each reminder once the clock has passed these moments."""
    for moment in moments:
        reminders.tick(town.database, None, moment)  # type: ignore[arg-type]
    with town.database.read() as session:
        wanted = select(Message.params).where(Message.kind == "reservation_reminder").order_by(Message.id)
        return list(session.scalars(wanted))


def test_a_day_before_there_is_one_reminder(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(26, 14), 2)
    assert reminded(town, at(25, 13)) == []
    (told,) = reminded(town, at(25, 14), at(25, 15), at(26, 13))
    assert told["reservation_id"] == made.id


def test_what_was_made_within_that_day_or_is_cancelled_needs_none(town: Town) -> None:
    town.reserve(resident(1), BIG, at(24, 9), 1)
    gone = town.reserve(resident(1), BIG, at(26, 14), 2)
    reservations.cancel(town.database, resident(1), NOW, gone.id)
    assert reminded(town, at(24, 8), at(25, 15)) == []


def test_moved_to_another_day_it_is_reminded_of_again(town: Town) -> None:
    made = town.reserve(resident(1), BIG, at(26, 14), 2)
    assert len(reminded(town, at(25, 14))) == 1
    moved = {"unit_id": BIG, "start": at(28, 14), "end": at(28, 16), "people": 2, "purpose": "책 읽기 모임"}
    reservations.change(town.database, resident(1), at(25, 15), made.id, **moved)
    assert len(reminded(town, at(26, 13))) == 1
    told = reminded(town, at(27, 14), at(27, 15))
    assert len(told) == 2
    assert told[1]["start"] != told[0]["start"]
    with town.database.read() as session:
        assert session.get_one(Reservation, made.id).reminded_of == at(28, 14)
