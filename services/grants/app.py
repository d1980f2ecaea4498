"""The grants application: wiring only."""

from flask import Flask

from services.grants.api import APIS
from services.grants.pages import files, words
from services.grants.refusals import SENTENCES
from services.grants.urls import PAGES
from shared.database import Database
from shared.settings import Settings
from shared.web.app import build_app


def create_app(settings: Settings, database: Database) -> Flask:
    """Calls, applications, decisions, projects, intermediaries and the budget."""
    app = build_app(
        "services.grants",
        settings,
        database,
        pages=PAGES,
        apis=APIS,
        api_title="Maru grants",
        sentences=SENTENCES,
    )
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(words.GLOBALS, **files.UPLOADS)
    return app
