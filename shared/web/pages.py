"""The readable table of a service's pages: address, view, who may call it."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request

from shared.database import Database
from shared.identity.access import Access, allow

FORM_BYTES = 2 * 1024 * 1024
"""The most that a request may bring."""
UPLOAD_BYTES = 64 * 1024 * 1024
"""The most that a form with files may bring. It is more than a file may have, so that one which is too large is told
beside its field and nothing typed is lost; what is even larger nobody reads (413). Files wait on the disk meanwhile."""


@dataclass(frozen=True)
class Page:
    """One line of the table. The endpoint is named after the view: `module.function`. `takes_files`: its form may
    bring UPLOAD_BYTES."""

    rule: str
    view: Callable[..., Any]
    access: Access
    methods: tuple[str, ...] = ("GET",)
    takes_files: bool = False

    @property
    def endpoint(self) -> str:
        return f"{self.view.__module__.rpartition('.')[2]}.{self.view.__name__}"


def register_pages(app: Flask, pages: Iterable[Page]) -> None:
    """Add the table to the application; each view carries its declaration, the same one wherever it stands."""
    views: dict[str, tuple[Access, Callable[..., Any]]] = {}
    for page in pages:
        access, view = views.setdefault(page.endpoint, (page.access, _declared(page)))
        if page.takes_files:
            view.takes_files = True  # type: ignore[attr-defined]
        if access is not page.access:
            raise ValueError(f"{page.endpoint} is declared for {access.name} and for {page.access.name}")
        app.add_url_rule(page.rule, page.endpoint, view, methods=list(page.methods))


def admit_files() -> None:
    """Before each request, and before anything reads it: a page that takes files may be brought more."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_files", False):
        request.max_content_length = UPLOAD_BYTES


def _declared(page: Page) -> Callable[..., Any]:
    @functools.wraps(page.view)
    def view(*args: Any, **kwargs: Any) -> Any:
        return page.view(*args, **kwargs)

    return allow(page.access)(view)


def database() -> Database:
    """The database of the service that answers this request."""
    return current_app.extensions["maru.database"]
