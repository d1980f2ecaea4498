"""How the services are put together: the only place that knows all three of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import Table
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from shared.bus.events import Handlers
from shared.database import Database
from shared.migrations import upgrade
from shared.settings import DATABASES, PREFIXES, SERVICES, Settings
from shared.ticker import Task
from shared.web.assets import Assets

PACKAGES = {**{name: f"services.{name}" for name in SERVICES}, "identity": "shared.identity"}


@dataclass(frozen=True)
class Reactions:
    """What one service does with events: its handlers and the tables that they fill."""

    handlers: Handlers
    projections: tuple[Table, ...]


def reactions(service: str) -> Reactions:
    """The event side of a service; importing it brings no web side in."""
    events = import_module(f"services.{service}.events")
    return Reactions(events.HANDLERS, tuple(events.PROJECTIONS))


def tasks(service: str) -> tuple[Task, ...]:
    """What a service does when its time comes; nothing where it has no clockwork."""
    name = f"services.{service}.clockwork"
    return tuple(import_module(name).TASKS) if find_spec(name) else ()


class House:
    """The services with their databases, under one settings object."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._databases: dict[str, Database] = {}

    def database(self, name: str) -> Database:
        """The database of maps, booking, grants or identity."""
        if name not in self._databases:
            if self.settings.database.startswith("sqlite:"):
                Path(self.settings.database_url(name).removeprefix("sqlite:///")).parent.mkdir(
                    parents=True, exist_ok=True
                )
            self._databases[name] = Database(self.settings.database_url(name))
        return self._databases[name]

    def migrate(self, names: Iterable[str] = DATABASES) -> list[str]:
        """Bring the databases to their newest revision; the names of those that changed."""
        return [name for name in names if upgrade(self.database(name), PACKAGES[name])]

    def app(self, name: str) -> Flask:
        """The Flask application of a service or of identity."""
        create: Callable[[Settings, Database], Flask] = import_module(f"{PACKAGES[name]}.app").create_app
        return create(self.settings, self.database(name))

    @cached_property
    def apps(self) -> dict[str, Flask]:
        """All applications, each made once."""
        return {name: self.app(name) for name in DATABASES}

    def wsgi(self, names: Iterable[str] = DATABASES) -> Any:
        """The named applications at their addresses, with the assets: what a server serves."""
        mounted = {name: self.apps[name] if set(names) == set(DATABASES) else self.app(name) for name in names}
        mounts: dict[str, Any] = {PREFIXES["assets"]: _assets()}
        for name, app in mounted.items():
            mounts[PREFIXES["auth" if name == "identity" else name]] = app
        site = DispatcherMiddleware(mounts.pop("", _nothing_here), mounts)
        return _addressed(site, self.settings.public_url) if self.settings.public_url else site

    def close(self) -> None:
        """Close every connection."""
        for database in self._databases.values():
            database.dispose()


def _addressed(site: Any, public_url: str) -> Any:
    """The site at the address that people use, whatever a gateway or anybody else writes into the headers."""
    address = urlsplit(public_url)

    def addressed(environ: Any, start_response: Any) -> Any:
        environ |= {"wsgi.url_scheme": address.scheme, "HTTP_HOST": address.netloc}
        return site(environ, start_response)

    return addressed


def _assets() -> Assets:
    """The shared assets and those of every service, whichever of them this process serves."""
    services = Path(__file__).parent.parent / "services"
    return Assets(**{name: services / name / "static" for name in SERVICES if (services / name / "static").is_dir()})


def _nothing_here(environ: Any, start_response: Any) -> Any:
    return Response("404: the gateway sends this address to another service.", 404)(environ, start_response)
