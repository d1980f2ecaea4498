"""The readable table of a service's pages: address, view, who may call it."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from shared.database import Database
from shared.identity.access import Access, allow


@dataclass(frozen=True)
class Page:
    """One line of the table. The endpoint is named after the view: `module.function`."""

    rule: str
    view: Callable[..., Any]
    access: Access
    methods: tuple[str, ...] = ("GET",)

    @property
    def endpoint(self) -> str:
        return f"{self.view.__module__.rpartition('.')[2]}.{self.view.__name__}"


def register_pages(app: Flask, pages: Iterable[Page]) -> None:
    """Add the table to the application; each view carries its declaration, the same one wherever it stands."""
    views: dict[str, tuple[Access, Callable[..., Any]]] = {}
    for page in pages:
        access, view = views.setdefault(page.endpoint, (page.access, _declared(page)))
        if access is not page.access:
            raise ValueError(f"{page.endpoint} is declared for {access.name} and for {page.access.name}")
        app.add_url_rule(page.rule, page.endpoint, view, methods=list(page.methods))


def _declared(page: Page) -> Callable[..., Any]:
    @functools.wraps(page.view)
    def view(*args: Any, **kwargs: Any) -> Any:
        return page.view(*args, **kwargs)

    return allow(page.access)(view)


def database() -> Database:
    """The database of the service that answers this request."""
    return current_app.extensions["maru.database"]
