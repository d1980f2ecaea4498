"""The one place through which everything that folium wants to load or write has to pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from branca.element import CssLink, Element, Figure, JavascriptLink
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

# The files folium asks for, by the last part of their address, and the asset we serve for it. None: we do without it
# (our pins and pages need no Bootstrap, icon font or jQuery). Any other file is refused.
ASSETS: Final[Mapping[str, str | None]] = {
    "leaflet.js": "leaflet/leaflet.js",
    "leaflet.css": "leaflet/leaflet.css",
    "leaflet.markercluster.js": "markercluster/leaflet.markercluster.js",
    "MarkerCluster.css": "markercluster/MarkerCluster.css",
    "MarkerCluster.Default.css": None,
    "jquery-3.7.1.min.js": None,
    "bootstrap.bundle.min.js": None,
    "bootstrap.min.css": None,
    "bootstrap-glyphicons.css": None,
    "all.min.css": None,
    "leaflet.awesome-markers.js": None,
    "leaflet.awesome-markers.css": None,
    "leaflet.awesome.rotate.min.css": None,
}
OWN_STYLES: Final = ("maru/map.css", "maru/city_map.css")  # after leaflet.css, whose colours they replace
OWN_SCRIPTS: Final = ("maru/city_map.js",)
_DIV: Final = re.compile(r'\s*<div class="folium-map" id="(\w+)"\s*></div>\s*')
# A host, a page address or a template left over: none of them can be in a script made of coordinates and codes.
_SUSPECT: Final = re.compile(r"https?:|//[\w{]|\{\{|\{%|<|`|\beval\b|\$\(|\$\.ajax")


class RefusedAsset(Exception):  # noqa: N818 - it is a refusal
    """folium wanted to load or to write something that is not known to be ours and safe."""


@dataclass(frozen=True)
class Rendered:
    """A map ready to be placed in a page.

    ``stylesheets`` and ``scripts`` are asset paths in the order of loading, ``html`` the place of the map, ``script``
    the JavaScript that folium wrote, ``data`` what the map shows: the only part that holds anybody's text.
    """

    name: str
    stylesheets: tuple[str, ...]
    scripts: tuple[str, ...]
    html: Markup
    script: Markup
    data: Mapping[str, Any]

    def head(self, asset: Callable[[str], str]) -> Markup:
        """The links for the page's head; ``asset`` turns an asset path into its address."""
        links = (Markup('<link rel="stylesheet" href="{}">').format(asset(path)) for path in self.stylesheets)
        return Markup("\n").join(links)

    def body(self, asset: Callable[[str], str], nonce: str) -> Markup:
        """The data and the scripts, for the end of the page's body; ``nonce`` is the answer's own (CSP)."""
        data = Markup('<script type="application/json" id="data-{}" nonce="{}">{}</script>').format(
            self.name, nonce, htmlsafe_json_dumps(self.data)
        )
        links = [Markup('<script src="{}" nonce="{}"></script>').format(asset(path), nonce) for path in self.scripts]
        return Markup("\n").join([data, *links, Markup('<script nonce="{}">{}</script>').format(nonce, self.script)])


class SafeFigure(Figure):
    """A branca figure that yields its parts instead of a whole page, and lets nothing unknown through.

    It fails closed: a file it does not know, markup other than the map's own place, or a script with a host in it
    raise ``RefusedAsset``. So a new version of folium shows itself in a test and not in a city's network.
    """

    def parts(self) -> tuple[tuple[str, ...], tuple[str, ...], Markup, Markup]:
        """Render the children; the asset paths of the stylesheets and of the scripts, the HTML, the JavaScript."""
        for child in self._children.values():
            child.render()
        links = list(self._links())
        html = "".join(self._places())
        script = self.script.render()
        if found := _SUSPECT.search(script):
            raise RefusedAsset(f"in a map's script: {script[max(0, found.start() - 40) : found.end() + 40]!r}")
        styles = tuple(path for kind, path in links if kind is CssLink)
        scripts = tuple(path for kind, path in links if kind is JavascriptLink)
        return styles + OWN_STYLES, scripts + OWN_SCRIPTS, Markup(html), Markup(script)  # noqa: S704 - checked above

    def _links(self) -> list[tuple[type[Element], str]]:
        """What the header wants to load, as assets of ours. The styles a folium map writes itself are in map.css."""
        links: list[tuple[type[Element], str]] = []
        for name, child in self.header._children.items():
            if isinstance(child, CssLink | JavascriptLink):
                file = child.url.rpartition("/")[2]
                if file not in ASSETS:
                    raise RefusedAsset(f"not an asset of ours: {child.url}")
                if (path := ASSETS[file]) is not None:
                    links.append((type(child), path))
            elif name != "meta_http" and name not in self._children:
                raise RefusedAsset(f"not known in a map's header: {name}")
        return links

    def _places(self) -> list[str]:
        places = []
        for name, child in self.html._children.items():
            text = child.render()
            if not _DIV.fullmatch(text):
                raise RefusedAsset(f"not known in a map's body: {name}")
            places.append(text.strip())
        return places
