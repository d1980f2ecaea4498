"""The product's main navigation: one list for all services, filtered by who looks at it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import lazy_gettext

from shared.database import DatabaseUnavailable
from shared.identity.access import ANYONE, SIGNED_IN, Access, current_actor, roles
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.settings import PREFIXES


def service_url(service: str, path: str = "/") -> str:
    """The address of a page of any service, as the gateway (or the standalone) places them."""
    return PREFIXES[service] + path


@dataclass(frozen=True)
class Entry:
    label: Any
    service: str
    path: str
    access: Access


ENTRIES = (
    Entry(lazy_gettext("공간 지도"), "maps", "/", ANYONE),
    Entry(lazy_gettext("공간 예약"), "booking", "/", ANYONE),
    Entry(lazy_gettext("내 예약"), "booking", "/mine", SIGNED_IN),
    Entry(lazy_gettext("알림"), "booking", "/messages", SIGNED_IN),
    Entry(lazy_gettext("공모"), "grants", "/", ANYONE),
    Entry(lazy_gettext("자치구 현황"), "maps", "/districts", ANYONE),
    Entry(
        lazy_gettext("공간 운영"),
        "booking",
        "/manage",
        roles(Role.SPACE_KEEPER, Role.DISTRICT_STAFF, Role.CITY_STAFF),
    ),
    Entry(lazy_gettext("공모 운영"), "grants", "/manage", roles(Role.DISTRICT_STAFF, Role.CITY_STAFF)),
    Entry(lazy_gettext("심사"), "grants", "/reviews", roles(Role.REVIEWER)),
)


def navigation() -> list[dict[str, object]]:
    """What the header shows: label, href, whether it is the page being read, and a number that waits there (None: not
    known to this service)."""
    here = request.script_root + request.path
    shown = []
    for entry in ENTRIES:
        try:
            entry.access.check(current_actor())
        except Refusal:
            continue
        href = service_url(entry.service, entry.path)
        shown.append({"label": str(entry.label), "href": href, "current": href == here, "count": _waiting(href)})
    return shown


def count_for(app: Flask, href: str, count: Callable[[], int]) -> None:
    """Let this service's pages show a number at the entry with this address: what waits there, cheaply counted."""
    app.extensions.setdefault("maru.counts", {})[href] = count


def _waiting(href: str) -> int | None:
    count = current_app.extensions.get("maru.counts", {}).get(href)
    if count is None:
        return None
    known: dict[str, int | None] = g.setdefault("navigation_counts", {})
    if href not in known:
        try:
            known[href] = count()
        except DatabaseUnavailable:  # the page may be the very one that says so
            known[href] = None
    return known[href]
