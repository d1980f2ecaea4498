"""The session: a cookie signed with the key that all services share, so each verifies it alone.

It carries no personal data beyond the account's own name. It ends after `Settings.session_hours`, whatever a browser
keeps, because the time of the sign-in is signed with it.
"""

import time

from flask import current_app, g, session

from shared.identity.actor import NOBODY, Actor, Role


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
    known = {role.value for role in Role}
    return Actor(
        account_id=kept["id"],
        name=kept["name"],
        roles=frozenset(Role(role) for role in kept["roles"] if role in known),
        district=kept["district"],
        spaces=tuple(kept["spaces"]),
    )
