"""Every script, stylesheet and image a page loads, served by Maru itself: city networks are closed, the CSP is 'self'.

``maru/…`` is shared/web/static; ``leaflet/…``, ``markercluster/…`` and ``jquery/…`` are the installed XStatic packages'
own files; a service adds its folder by name, ``Assets(maps=path)`` gives ``maps/…`` (shared never imports a service).
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.security import safe_join
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX: Final = "/assets"
LIBRARIES: Final = {"leaflet": "leaflet", "markercluster": "leaflet_markercluster", "jquery": "jquery"}
# What may be served, by ending; everything else in those folders (Python, source maps, licences) is not found.
TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
COMPRESSED: Final = frozenset({".js", ".css", ".svg", ".webmanifest"})
FOR_EVER: Final = "public, max-age=31536000, immutable"
ONE_HOUR: Final = "public, max-age=3600"


@dataclass(frozen=True)
class _File:
    """A file as it stood at ``stamp``, so that an edit shows without a restart."""

    place: Path
    content: bytes
    stamp: tuple[int, ...]

    @cached_property
    def version(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, mtime=0)


class Assets:
    """A WSGI application for ``/assets`` and the helper that writes its addresses.

    It is mounted by path: ``DispatcherMiddleware(app, {PREFIX: assets})``.
    """

    def __init__(self, **folders: Path) -> None:
        self._folders = {"maru": Path(__file__).with_name("static"), **folders}
        for name, package in LIBRARIES.items():
            self._folders[name] = Path(str(files(f"xstatic.pkg.{package}") / "data"))
        self._read: dict[str, _File] = {}

    def url(self, path: str) -> str:
        """The address of an asset with its version, ``leaflet/leaflet.js`` to ``/assets/leaflet/leaflet.js?v=1f0c…``.

        Raises ``FileNotFoundError`` for a file that would not be served, so that a typing error fails in a test.
        """
        file = self._find(path)
        if file is None:
            raise FileNotFoundError(f"no such asset: {path}")
        return f"{PREFIX}/{path}?v={file.version}"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return MethodNotAllowed(["GET", "HEAD"]).get_response()
        path = request.path.lstrip("/")
        file = self._find(path)
        if file is None:
            return NotFound().get_response()
        ending = Path(path).suffix
        response = Response(content_type=TYPES[ending])
        response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == file.version else ONE_HOUR
        response.headers["X-Content-Type-Options"] = "nosniff"
        if ending in COMPRESSED:
            response.vary.add("Accept-Encoding")
        if ending in COMPRESSED and request.accept_encodings["gzip"] > 0:
            response.headers["Content-Encoding"] = "gzip"
            response.set_etag(f"{file.version}-gzip")
            response.data = file.compressed
        else:
            response.set_etag(file.version)
            response.data = file.content
        return response.make_conditional(request)

    def _find(self, path: str) -> _File | None:
        """The file behind ``folder/rest``, or None when it is absent, not of an allowed kind, or outside its folder.

        Every page asks for a dozen: what was found before and has not changed costs one look at the disk.
        """
        known = self._read.get(path)
        if known and known.stamp == _stamp(known.place):
            return known
        name, _, rest = path.partition("/")
        folder = self._folders.get(name)
        joined = safe_join(str(folder), rest) if folder and not rest.endswith("/") else None
        if joined is None or Path(joined).suffix not in TYPES:
            return None
        place = Path(joined)
        # A link inside the folder must not lead out of it either.
        if not place.is_file() or not place.resolve().is_relative_to(folder.resolve()):  # type: ignore[union-attr]
            return None
        stamp = _stamp(place)
        self._read[path] = found = _File(place, place.read_bytes(), stamp)
        return found


def _stamp(place: Path) -> tuple[int, ...]:
    """What changes with a file: which it is, when it was written, its size; nothing where there is none."""
    try:
        status = os.stat(place)
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size
