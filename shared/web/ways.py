"""The way round a service: its pages by what one wants to do there, drawn by `maru/macros/ways.html`.

A service keeps its table of ways in its own `ways.py`; who builds such a page adds its line there, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.identity.access import Access
from shared.identity.actor import Actor
from shared.refusal import Refusal
from shared.web.navigation import service_url


@dataclass(frozen=True)
class Way:
    """A link: where to (`{space_id}` and the like are filled in), what one can do there, for whom."""

    label: Any
    about: Any
    path: str
    access: Access


@dataclass(frozen=True)
class Group:
    """What belongs together; `ways` are {"label", "about", "href"}."""

    key: str
    label: Any
    ways: Sequence[Mapping[str, Any]]


def groups(
    service: str, labels: Mapping[str, Any], ways: Mapping[str, Sequence[Way]], actor: Actor, **ids: int
) -> list[Group]:
    """What the actor may see of these, group by group; a group with nothing in it is left out."""
    found = [Group(key, labels[key], links(service, of_group, actor, **ids)) for key, of_group in ways.items()]
    return [group for group in found if group.ways]


def links(service: str, ways: Sequence[Way], actor: Actor, **ids: int) -> list[Mapping[str, Any]]:
    """{"label", "about", "href"} of those that the actor may call."""
    return [
        {"label": way.label, "about": way.about, "href": service_url(service, way.path.format(**ids))}
        for way in ways
        if _may(actor, way.access)
    ]


def _may(actor: Actor, access: Access) -> bool:
    try:
        access.check(actor)
    except Refusal:
        return False
    return True
