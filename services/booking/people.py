"""What people tell booking of themselves: how to reach them, in which language, where they live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.booking.models import AUDIT, Person
from services.booking.models.deliveries import CHANNELS
from shared.audit import record
from shared.database import Database
from shared.districts import BY_CODE
from shared.identity.actor import Actor
from shared.mail import is_address
from shared.refusal import Refusal
from shared.sms import phone_number
from shared.web.i18n import LANGUAGES


def about_me(database: Database, actor: Actor) -> Person:
    """What the actor told; what is ordinary where they told nothing."""
    with database.read() as session:
        known = session.get(Person, actor.account_id)
    return known or Person(account_id=actor.account_id, name=actor.name, language="ko", channels=[])


def tell_about_me(
    database: Database,
    actor: Actor,
    now: datetime,
    *,
    email: str = "",
    phone: str = "",
    language: str = "ko",
    district: str | None = None,
    channels: Sequence[str] = (),
) -> Person:
    """Keep it. The name is the account's.

    Raises Refusal 422 with the codes email_invalid, phone_invalid, language_unknown, district_unknown,
    channel_unknown, channel_needs_email, channel_needs_phone at their fields.
    """
    email, number = email.strip(), phone_number(phone) if phone.strip() else ""
    wrong: dict[str, list[str]] = {}
    if email and not is_address(email):
        wrong["email"] = ["email_invalid"]
    if number is None:
        wrong["phone"] = ["phone_invalid"]
    if language not in LANGUAGES:
        wrong["language"] = ["language_unknown"]
    if district and district not in BY_CODE:
        wrong["district"] = ["district_unknown"]
    if set(channels) - set(CHANNELS):
        wrong["channels"] = ["channel_unknown"]
    if "email" in channels and not email:
        wrong["email"] = ["channel_needs_email"]
    if "sms" in channels and number == "":
        wrong["phone"] = ["channel_needs_phone"]
    if wrong:
        raise Refusal(next(iter(wrong.values()))[0], 422, fields=wrong)
    with database.write() as session:
        person = session.get(Person, actor.account_id, with_for_update=True)
        if person is None:
            person = Person(account_id=actor.account_id, channels=[])
            session.add(person)
        before = person.district
        person.name, person.email, person.phone = actor.name[:80], email or None, number or None
        person.language, person.district = language, district or None
        person.channels = [each for each in CHANNELS if each in channels]
        person.told_at = now
        # Which district decides on fees and turns: its change is worth a trace; addresses are nobody's business.
        details = {"district": [before, person.district]} if before != person.district else {}
        record(session, AUDIT, actor, now, "person.told", f"account:{actor.account_id}", details)
        return person
