"""What a page says, for tests that look at markup without a browser."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import get_locale

import shared.web
from shared.identity.actor import NOBODY
from shared.web.assets import Assets
from shared.web.design import design
from shared.web.i18n import PoBabel
from shared.web.navigation import service_url
from shared.web.security import csp_nonce, csrf, protect

WEB = Path(shared.web.__file__).parent
HOSTILE = "\"><script>alert('x')</script>"
VOID = {"input", "meta", "link", "path", "br", "hr", "img"}


def pages_app() -> Flask:
    """An application that has what every page needs, and no database. ACTOR in its config is who looks at it."""
    made = Flask("pages", template_folder=str(WEB / "templates"), static_folder=None)
    made.config.update(SECRET_KEY="only for this test")
    made.jinja_env.trim_blocks = made.jinja_env.lstrip_blocks = True
    made.jinja_env.globals.update(
        asset=Assets().url,
        csp_nonce=csp_nonce,
        csrf=csrf,
        current_actor=lambda: made.config.get("ACTOR", NOBODY),
        get_locale=get_locale,
        navigation=lambda: [{"label": "공간 지도", "href": "/", "current": True}],
        service_url=service_url,
    )
    PoBabel(made, [WEB / "translations"])
    protect(made)
    made.register_blueprint(design)
    return made


class Element(dict[str, Any]):
    """One element: its attributes, its tag and the text inside it."""

    def __init__(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        super().__init__((name, value or "") for name, value in attributes)
        self.tag, self.text, self.inside = tag, "", []


class Page(HTMLParser):
    """What a browser would make of the markup: elements in their order, each knowing what is inside it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.markup, self.elements, self.open = markup, [], []
        self.feed(markup)
        self.close()
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, attrs)
        self.elements.append(element)
        for around in self.open:
            around.inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for around in self.open:
            around.text += data

    def all(self, tag: str, **wanted: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [each for each in self.elements if each.tag == tag and wanted.items() <= each.items()]

    def one(self, tag: str, **wanted: str) -> Element:
        (found,) = self.all(tag, **wanted)
        return found

    def by_id(self, name: str) -> Element:
        (found,) = [each for each in self.elements if each.get("id") == name]
        return found


def macro_names() -> set[str]:
    """What maru/macros.html offers."""
    return set(re.findall(r"set (\w+) =", (WEB / "templates/maru/macros.html").read_text("utf-8")))
