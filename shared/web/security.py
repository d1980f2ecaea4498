"""What a browser is told about safety: content policy with a nonce, forms that can't be forged."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup

from shared.refusal import Refusal

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
NOT_TEXT = re.compile("[\0\ud800-\udfff]")
"""What no database holds in a text: NUL, and half of a surrogate pair."""
MAY_BE_NOT_TEXT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]|\0")
"""How it gets into JSON: escaped, or as the very bytes (Python's reader is lenient); UTF-16 and -32 are full of NUL."""

JSON_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""JSON that somebody opens as a page loads and runs nothing."""


def csp_nonce() -> str:
    """The one-time word that allows this answer's own inline script and style."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def csrf() -> Markup:
    """The hidden field that each POST form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def is_api() -> bool:
    """Whether the request speaks to the JSON API, where a form can't be posted at all."""
    return request.path == "/api" or request.path.startswith("/api/")


def refuse_other_sites() -> None:
    """Before each request: a change is asked for by our own pages, or by a program that is no browser (no Origin).

    This comes before anything else looks at a form: what another site posts is not even offered again after sign-in.
    """
    origin = request.headers.get("Origin")
    if request.method in UNSAFE and origin is not None and origin.partition("://")[2] != request.host:
        raise Refusal("cross_origin", 403)


def protect(app: Flask) -> None:
    """Set policy headers on every answer and check every change: forms by token, the API by type.

    A browser sends JSON across origins only after a preflight, which is never granted; together with the origin
    and the SameSite cookie that makes a token in the API unnecessary.
    """
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = False
    forms = CSRFProtect(app)

    @app.before_request
    def check_content() -> None:
        if request.endpoint is None:
            return  # not found, or not by this method: that is the answer
        if request.method in UNSAFE and not is_api():
            forms.protect()
        elif request.method in UNSAFE and request.content_length and not request.is_json:
            raise Refusal("json_only", 415)
        if any(NOT_TEXT.search(text) for text in _texts()):
            raise Refusal("bad_request", 400)

    @app.after_request
    def tell(response: Response) -> Response:
        policy = JSON_POLICY
        if response.mimetype != "application/json":
            nonce = csp_nonce()
            policy = (
                f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
                "img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
            )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def _texts() -> Iterator[str]:
    """Every text of the request that may come to stand in a database."""
    yield request.path
    given: list[Any] = []
    if request.query_string:
        given.append(request.args.to_dict(flat=False))
    if request.is_json:
        if MAY_BE_NOT_TEXT.search(request.get_data()):
            try:
                given.append(request.get_json(silent=True))
            except RecursionError as error:
                raise Refusal("bad_request", 400) from error
    elif request.content_length or request.method in UNSAFE:
        given.append(request.form.to_dict(flat=False))
    while given:
        value = given.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            given += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            given += value


def safe_next(target: str | None, default: str = "/") -> str:
    """A place on this site to go on to; anything that could leave it becomes the default."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\") or any(c < " " for c in target):
        return default
    return target
