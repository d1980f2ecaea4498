"""The maps service: wiring only."""

from typing import Any

from flask import Flask, request

from services.maps import wording
from services.maps.api import APIS
from services.maps.refusals import SENTENCES
from services.maps.urls import PAGES
from shared.database import Database
from shared.settings import Settings
from shared.web.app import build_app
from shared.web.design import design

IMPORT_BYTES = 20 * 1024 * 1024


def create_app(settings: Settings, database: Database) -> Flask:
    """Spaces, districts, the map, and the imports that fill them."""
    app = build_app(
        "services.maps",
        settings,
        database,
        pages=PAGES,
        apis=APIS,
        api_title="Maru maps",
        sentences=SENTENCES,
    )
    app.jinja_env.globals.update(wording.GLOBALS)
    app.register_blueprint(design)

    @app.url_value_preprocessor
    def take_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
        # Before anything reads the form: the files of an import may be larger than any other form.
        if endpoint == "imports.save":
            request.max_content_length = IMPORT_BYTES

    return app
