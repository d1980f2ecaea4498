"""The application mounted once at /auth: wiring only."""

from flask import Flask

from shared.database import Database
from shared.identity import accounts, pages
from shared.identity.access import ANYONE, SIGNED_IN
from shared.settings import Settings
from shared.web.app import build_app
from shared.web.pages import Page

PAGES = (
    Page("/", pages.show, ANYONE),
    Page("/sign-in", pages.show, ANYONE),
    Page("/sign-in", pages.sign_in, ANYONE, methods=("POST",)),
    Page("/sign-out", pages.sign_out, SIGNED_IN, methods=("POST",)),
    Page("/language", pages.language, ANYONE),
    Page("/oidc", pages.oidc_start, ANYONE),
    Page("/oidc/callback", pages.oidc_callback, ANYONE),
)


def create_app(settings: Settings, database: Database) -> Flask:
    """Sign-in for all services."""
    app = build_app(
        "shared.identity",
        settings,
        database,
        pages=PAGES,
        api_title="Maru identity",
        sentences=accounts.SENTENCES,
    )
    pages.set_up_oidc(app, settings)
    return app
