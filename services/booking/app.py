"""The booking service: wiring only."""

from flask import Flask

from services.booking import inbox, wording
from services.booking.api import APIS
from services.booking.refusals import SENTENCES
from services.booking.urls import PAGES
from services.booking.wording import lottery, manage, messages, recurrence, rules, seasons, waitlist
from shared.database import Database
from shared.identity.access import current_actor
from shared.settings import Settings
from shared.web import pages
from shared.web.app import build_app
from shared.web.navigation import count_for, service_url


def create_app(settings: Settings, database: Database) -> Flask:
    """When spaces are used: weeks, reservations and what is free instead."""
    app = build_app(
        "services.booking",
        settings,
        database,
        pages=PAGES,
        apis=APIS,
        api_title="Maru booking",
        sentences=SENTENCES,
    )
    for words in (
        wording,
        rules,
        manage,
        messages,
        recurrence,
        waitlist,
        seasons,
        lottery,
    ):
        app.jinja_env.globals.update(words.GLOBALS)
    count_for(app, service_url("booking", "/messages"), lambda: inbox.unread(pages.database(), current_actor()))
    return app
