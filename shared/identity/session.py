"""The session: a cookie signed with the key that all services share, so each verifies it alone.

It carries no personal data beyond the account's own name. It ends after `Settings.session_hours`, whatever a browser
keeps, because the time of the sign-in is signed with it.
"""

import time
from functools import lru_cache

from flask import Flask, Request, current_app, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature

from shared.identity.actor import NOBODY, Actor, Role

_ROLES = frozenset(role.value for role in Role)


class SignedCookies(SecureCookieSessionInterface):
    """Flask's signed cookie, of which what was found genuine is remembered: a visitor's next requests need no
    cryptography (a tenth of a small request's time). When it was signed is looked at each time."""

    def __init__(self, app: Flask) -> None:
        signer = self.get_signing_serializer(app)
        if signer is None:
            raise RuntimeError("the application has no key to sign sessions with")

        @lru_cache(maxsize=4096)
        def genuine(cookie: str) -> tuple[str, float]:
            content, signed = signer.loads(cookie, return_timestamp=True)
            return self.serializer.dumps(content), signed.timestamp()

        self._genuine = genuine

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """The session of a request's cookie; an empty one when it is none of ours or too old."""
        try:
            content, signed = self._genuine(request.cookies.get(self.get_cookie_name(app)) or "")
        except BadSignature:
            return self.session_class()
        fresh = 0 <= int(time.time()) - signed <= app.permanent_session_lifetime.total_seconds()
        return self.session_class(self.serializer.loads(content) if fresh else None)


def open_session(actor: Actor) -> None:
    """Sign an actor in. The old session goes whole, so that nobody can plant one (session fixation)."""
    language = session.get("language")
    session.clear()
    g.pop("actor", None)  # who this request knew until now: the page that answers it greets the new one
    session.permanent = True
    session["actor"] = {
        "id": actor.account_id,
        "name": actor.name,
        "roles": sorted(actor.roles),
        "district": actor.district,
        "spaces": list(actor.spaces),
        "since": int(time.time()),
    }
    if language:
        session["language"] = language


def close_session() -> None:
    """Sign out; the chosen language stays."""
    language = session.get("language")
    session.clear()
    g.pop("actor", None)
    if language:
        session["language"] = language


def actor_of_session() -> Actor:
    """Who the session says is acting; nobody when there is none or it has run out."""
    kept = session.get("actor")
    if not isinstance(kept, dict):
        return NOBODY
    if time.time() - kept["since"] > current_app.permanent_session_lifetime.total_seconds():
        return NOBODY
    return Actor(
        account_id=kept["id"],
        name=kept["name"],
        roles=frozenset(Role(role) for role in kept["roles"] if role in _ROLES),
        district=kept["district"],
        spaces=tuple(kept["spaces"]),
    )
