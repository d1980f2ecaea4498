"""What grants tells people arrives where their reservations do: one inbox, their language, their mailbox, once."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from services.booking import deliveries, messages, people, retention
from services.booking.events import HANDLERS, PROJECTIONS
from services.booking.models import Delivery, Message, Person
from services.grants.notices import Notice, tell_all
from services.grants.notices import tell as tell_by_grants
from shared.bus.dead_letters import dead_letters, replay
from shared.bus.rebuild import rebuild
from shared.bus.tables import inbox, outbox
from shared.database import Database
from shared.settings import Settings
from tests.booking.conftest import NOW, Town, resident
from tests.booking.test_deliveries import ADDRESS, Box, box, server, settings

__all__ = ["box", "server", "settings"]  # the mail server of the deliveries

SELECTED = {"title": "골목 화단 <b>가꾸기</b>", "call": "동작구 통합공모", "awarded_won": 2_000_000}
KIND = "grants.notice.told"


def tell(house: Any, *account_ids: int, now: datetime = NOW, path: str = "/applications/12") -> None:
    """Grants tells that a project was selected, and the bus carries it."""
    with house.databases["grants"].write() as session:
        tell_by_grants(session, account_ids, "results_announced_selected", now, path=path, **SELECTED)
    house.pump()


def told(database: Database) -> list[Message]:
    with database.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def reach(town: Town, account_id: int = 1, language: str = "ko") -> None:
    people.tell_about_me(
        town.database, resident(account_id), NOW, email=ADDRESS, language=language, channels=("email",)
    )


@pytest.mark.parametrize(
    ("language", "subject", "link"),
    [
        ("ko", "선정되었습니다: 골목 화단 <b>가꾸기</b>", "자세히 보기: https://maru.example/grants/applications/12"),
        ("en", "Selected: 골목 화단 <b>가꾸기</b>", "Details: https://maru.example/grants/applications/12"),
    ],
)
def test_from_grants_to_the_mailbox(
    house: Any, town: Town, box: Box, settings: Settings, language: str, subject: str, link: str
) -> None:
    reach(town, language=language)
    tell(house, 1)
    deliveries.tick(town.database, settings, NOW)
    deliveries.tick(town.database, settings, NOW)
    (mail,) = box.mails
    assert (mail["To"], mail["Subject"]) == (ADDRESS, subject)
    body = mail.get_body(("plain",))
    assert body
    lines = body.get_content().splitlines()
    assert link in lines
    assert ("2,000,000원" if language == "ko" else "₩2,000,000") in body.get_content()
    assert list(mail.iter_attachments()) == []


def test_who_wants_no_mail_finds_it_in_the_inbox(house: Any, town: Town, box: Box, settings: Settings) -> None:
    tell(house, 1, 2)
    deliveries.tick(town.database, settings, NOW)
    assert box.mails == []
    assert [(each.account_id, each.kind, each.created_at) for each in told(town.database)] == [
        (1, "grants_notice", NOW), (2, "grants_notice", NOW),
    ]  # fmt: skip


def test_however_often_it_comes_it_is_told_once(house: Any, town: Town) -> None:
    tell(house, 1)
    with house.databases["grants"].write() as session:
        session.execute(update(outbox).values(published_at=None))  # as after a crash between broker and mark
    house.pump()
    assert len(told(town.database)) == 1


def test_a_persons_notices_come_in_their_order(house: Any, town: Town) -> None:
    with house.databases["grants"].write() as session:
        tell_all(session, [Notice([1], "gate_due", "/", {"title": str(n), "gate": "협약"}) for n in range(250)], NOW)
    house.pump()
    assert [each.params["subject_en"].split(": ")[1] for each in told(town.database)] == [str(n) for n in range(250)]


def test_a_rebuild_neither_repeats_nor_drops_what_was_told(house: Any, town: Town) -> None:
    tell(house, 1, 2)
    before = [(each.id, each.params) for each in told(town.database)]
    assert rebuild(town.database, HANDLERS, PROJECTIONS) == 2
    assert [(each.id, each.params) for each in told(town.database)] == before


def test_a_notice_that_was_set_aside_is_told_by_a_replay_though_later_ones_came(house: Any, town: Town) -> None:
    """Each is an aggregate of its own: a later one does not stand in for it."""
    with house.databases["grants"].write() as session:
        tell_by_grants(session, [1], "results_announced_selected", NOW, path="/applications/12", **SELECTED)
        session.execute(update(outbox).values(version=2))  # of a newer program
    tell(house, 1, path="/applications/13")
    assert [each.params["path"] for each in told(town.database)] == ["/applications/13"]
    (letter,) = dead_letters(town.database)
    with town.database.write() as session:
        session.execute(update(inbox).where(inbox.c.event_id == letter.event.id).values(version=1))
    for _again in range(2):
        replay(town.database, HANDLERS)
    assert [each.params["path"] for each in told(town.database)] == ["/applications/13", "/applications/12"]


def test_the_inbox_shows_it_and_leads_to_grants(house: Any, town: Town, clock: Any) -> None:
    who = house.actor("resident").account_id
    tell(house, who)
    with town.database.write() as session:
        messages.tell(session, who, "reservation_cancelled", NOW, reservation_id=1, unit="큰 회의실")
    browser = house.client("resident")
    shown = browser.get("/booking/messages").text
    assert "선정되었습니다: 골목 화단 &lt;b&gt;가꾸기&lt;/b&gt;" in shown
    assert "읽지 않은 알림 2개" in shown
    assert len(re.findall(r"\d\d:\d\d · 공모", shown)) == 1  # whose it is, at the notice only
    english = browser.get("/booking/messages", headers={"Accept-Language": "en"}).text
    assert "Selected: 골목 화단" in english
    assert "₩2,000,000" in english
    notice, other = told(town.database)
    opened = browser.post_form(f"/booking/messages/{notice.id}", {})
    assert (opened.status_code, opened.location) == (302, "/grants/applications/12")
    assert browser.post_form(f"/booking/messages/{other.id}", {}).location == "/booking/reservations/1"
    assert house.client("neighbor").post_form(f"/booking/messages/{notice.id}", {}).status_code == 404


def test_by_api(house: Any, town: Town, clock: Any) -> None:
    tell(house, house.actor("resident").account_id)
    (found,) = house.client("resident").get("/booking/api/messages").json["messages"]
    assert (found["kind"], found["service"], found["path"]) == ("grants_notice", "grants", "/applications/12")
    assert found["title"] == "선정되었습니다: 골목 화단 <b>가꾸기</b>"
    assert "2,000,000원" in found["text"]


def test_retention_forgets_it_with_its_event_and_once_it_is_forgotten_it_stays_so(house: Any, town: Town) -> None:
    tell(house, 1)
    later = NOW + timedelta(days=400)
    tell(house, 1, now=later, path="/applications/99")
    with house.databases["grants"].write() as session:
        session.execute(update(outbox).values(published_at=None))
    retention.forget(town.database, later, later - timedelta(days=365))
    with town.database.read() as session:
        logged = list(session.scalars(select(inbox.c.payload).where(inbox.c.name == KIND).order_by(inbox.c.id)))
    assert [each["account_id"] for each in logged] == [0, 1]
    assert "화단" not in json.dumps(logged[0], ensure_ascii=False)
    rebuild(town.database, HANDLERS, PROJECTIONS)
    house.pump()  # the very event again
    assert [each.params["path"] for each in told(town.database)] == ["/applications/99"]


def test_who_is_still_told_things_keeps_the_address(house: Any, town: Town) -> None:
    """An applicant who never reserves has a grant for years."""
    later = NOW + timedelta(days=400)
    reach(town, 1)
    reach(town, 2)
    tell(house, 1, now=later - timedelta(days=30))
    retention.forget(town.database, later, later - timedelta(days=365))
    with town.database.read() as session:
        people_now = session.execute(select(Person.account_id, Person.email))
        addresses = {account_id: email for account_id, email in people_now}  # noqa: C416 - rows are no pairs to mypy
    assert addresses == {1: ADDRESS, 2: None}


def test_mail_to_many_is_sent_once_to_each(house: Any, town: Town, box: Box, settings: Settings) -> None:
    for account_id in range(1, 31):
        reach(town, account_id)
    tell(house, *range(1, 31))
    while deliveries.tick(town.database, replace(settings), NOW):
        pass
    with town.database.read() as session:
        assert session.scalar(select(func.count()).where(Delivery.state == "sent")) == 30
    assert len({mail["Message-ID"] for mail in box.mails}) == len(box.mails) == 30


def test_a_forgotten_notice_tells_nobody(town: Town) -> None:
    """One that was set aside may be replayed after its time."""
    from shared.bus.catalogue import FORGOTTEN_NOTICE, from_json, to_json
    from shared.bus.events import Event

    facts = {**FORGOTTEN_NOTICE, "notice_id": str(uuid4()), "kind": "gate_due", "told_at": NOW}
    version, plain = to_json(KIND, facts)
    event = Event(str(uuid4()), "grants", KIND, version, "notice:1", 1, NOW, from_json(KIND, version, plain))
    with town.database.write() as session:
        HANDLERS[KIND](session, event)
    assert told(town.database) == []
