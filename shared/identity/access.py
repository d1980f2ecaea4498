"""Who may call a route. Every route declares it; a route that doesn't is answered by nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from shared.identity.actor import Actor, Role
from shared.identity.session import actor_of_session
from shared.refusal import Refusal

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """A declaration: anyone, anyone who signed in, or the holders of one of `roles`."""

    name: str
    sign_in: bool = True
    any_of: frozenset[Role] = frozenset()

    def check(self, actor: Actor) -> None:
        """Raises Refusal: sign_in_required (401) or not_allowed (403)."""
        if not self.sign_in:
            return
        if not actor.signed_in:
            raise Refusal("sign_in_required", 401)
        if self.any_of and not actor.has(*self.any_of):
            raise Refusal("not_allowed", 403)


ANYONE = Access("anyone", sign_in=False)
SIGNED_IN = Access("signed in")


def roles(*wanted: Role) -> Access:
    """The holders of one of these roles."""
    return Access(" or ".join(wanted), any_of=frozenset(wanted))


def allow(access: Access) -> Callable[[View], View]:
    """Declare who may call a view function or one method of a MethodView."""

    def declare(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask, endpoint: str, method: str) -> Access | None:
    """What a route declares for a method: HEAD as GET, OPTIONS as anyone (it answers with the methods only)."""
    if method == "OPTIONS":
        return ANYONE
    view: Any = app.view_functions[endpoint]
    if hasattr(view, "view_class"):
        name = "get" if method == "HEAD" and not hasattr(view.view_class, "head") else method.lower()
        view = getattr(view.view_class, name, None)
    access = getattr(view, "access", None)
    return access if isinstance(access, Access) else None


def current_actor() -> Actor:
    """The actor of this request, from the signed session alone: no service is asked."""
    if "actor" not in g:
        g.actor = actor_of_session()
    return g.actor


def enforce() -> None:
    """Before each request: the route's declaration decides; a missing one refuses (it fails closed)."""
    if request.endpoint is None:
        return
    access = declared(current_app, request.endpoint, request.method)
    if access is None:
        raise Refusal("not_allowed", 403)
    access.check(current_actor())
