"""The application that every service is: one place that puts the common parts in, in one order."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_babel import get_locale
from flask_smorest import Blueprint
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.routing import IntegerConverter, Map

from shared.database import Database
from shared.districts import name_of
from shared.identity.access import current_actor, enforce
from shared.identity.session import SignedCookies
from shared.settings import PREFIXES, Settings
from shared.web import wording
from shared.web.api import serve_api
from shared.web.assets import Assets
from shared.web.errors import handle_errors
from shared.web.health import Check, database_answers, watch
from shared.web.i18n import PoBabel
from shared.web.navigation import navigation, service_url
from shared.web.pages import FORM_BYTES, Page, admit_files, register_pages
from shared.web.security import csp_nonce, csrf, protect, refuse_other_sites

HERE = Path(__file__).parent
log = structlog.get_logger(__name__)


class RowNumber(IntegerConverter):
    """`<int:…>` of an address: no more than a row's number can be, so that a longer one is simply not found."""

    def __init__(self, map: Map, **options: Any) -> None:  # noqa: A002 - werkzeug names it so
        super().__init__(map, **{"max": 2**31 - 1, **options})


class Application(Flask):
    """Flask that does not look, at each call of a function of ours, whether it is a coroutine: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def build_app(
    package: str,
    settings: Settings,
    database: Database,
    *,
    pages: Iterable[Page],
    apis: Iterable[Blueprint] = (),
    api_title: str,
    sentences: Mapping[str, Any] | None = None,
    checks: Mapping[str, Check] | None = None,
) -> Flask:
    """A Flask application for the service in `package` (its templates/ and translations/ are found there).

    `pages` is the service's URL table, `apis` its flask-smorest blueprints, `sentences` the texts of its refusals,
    `checks` what /ready looks at beside the database.
    """
    folder = Path(next(iter(import_module(package).__path__)))
    app = Application(package, root_path=str(folder), static_folder=None, template_folder="templates")
    app.url_map.converters["int"] = RowNumber
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="maru",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=FORM_BYTES,
    )
    app.session_interface = SignedCookies(app)
    app.extensions["maru.database"] = database
    app.extensions["maru.settings"] = settings
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder / "templates"), FileSystemLoader(HERE / "templates")])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=own_assets(folder).url,
        csp_nonce=csp_nonce,
        csrf=csrf,
        current_actor=current_actor,
        district_name=lambda code: name_of(code, str(get_locale())),
        get_locale=get_locale,
        navigation=navigation,
        service_url=service_url,
        **wording.GLOBALS,
    )
    PoBabel(app, [HERE / "translations", folder / "translations"])
    _log_requests(app)
    handle_errors(app, sentences or {})
    app.before_request(admit_files)
    app.before_request(refuse_other_sites)
    app.before_request(enforce)
    protect(app)
    register_pages(app, pages)
    serve_api(app, api_title, PREFIXES["auth" if folder.name == "identity" else folder.name], apis)
    watch(app, {"database": database_answers, **(checks or {})})
    return app


def own_assets(folder: Path) -> Assets:
    """The shared assets and, under the service's name, those in its own static/ folder."""
    static = folder / "static"
    return Assets(**({folder.name: static} if static.is_dir() else {}))


def _log_requests(app: Flask) -> None:
    """One line a request: the route (never the address typed, which may hold a name), status, milliseconds."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        took = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
        log.debug(
            "request",
            service=app.name.rpartition(".")[2],
            method=request.method,
            route=request.endpoint,
            status=response.status_code,
            milliseconds=round(took, 1),
        )
        return response
