"""The booking service: wiring only."""

from flask import Flask

from services.booking import wording
from services.booking.api import APIS
from services.booking.refusals import SENTENCES
from services.booking.urls import PAGES
from shared.database import Database
from shared.settings import Settings
from shared.web.app import build_app


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
    app.jinja_env.globals.update(wording.GLOBALS)
    return app
