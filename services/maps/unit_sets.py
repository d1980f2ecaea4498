"""Units as sets of atoms: what each is made of, and which exclude one another. No Flask, no database.

A room is its own atom. A unit made of others (a hall of its halves, two rooms in one) has the atoms of its parts, and
the whole building those of every room. Two units that share an atom can't be used at the same time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Piece:
    """A unit as its set says it: `parts` are ids of units; `whole`: made of every room, whichever there are."""

    id: int
    parts: tuple[int, ...] = ()
    whole: bool = False


def atoms_of(pieces: Iterable[Piece]) -> dict[int, list[str]]:
    """{unit id: its atoms ("unit:12") in the order of the ids}. Raises ValueError for a unit that contains itself."""
    by_id = {piece.id: piece for piece in pieces}
    rooms = [piece.id for piece in by_id.values() if not piece.whole and not piece.parts]
    sets = {piece.id: rooms_of(by_id, piece.id, rooms) for piece in by_id.values()}
    return {unit_id: [f"unit:{room}" for room in sorted(found)] for unit_id, found in sets.items()}


def rooms_of(
    by_id: Mapping[int, Piece], unit_id: int, rooms: Iterable[int], above: frozenset[int] = frozenset()
) -> set[int]:
    """The rooms that a unit is made of; itself when it is made of nothing else. Raises ValueError as above."""
    if unit_id in above:
        raise ValueError(f"unit {unit_id} contains itself")
    piece = by_id[unit_id]
    if piece.whole:
        return set(rooms) or {unit_id}
    if not piece.parts:
        return {unit_id}
    return set().union(*(rooms_of(by_id, part, rooms, above | {unit_id}) for part in piece.parts))


def exclusions(atoms: Mapping[int, Iterable[str]]) -> dict[int, list[int]]:
    """{unit id: the other units that can't be used while it is}, in the order given."""
    sets = {unit_id: set(each) for unit_id, each in atoms.items()}
    return {
        unit_id: [other for other, theirs in sets.items() if other != unit_id and own & theirs]
        for unit_id, own in sets.items()
    }


def common_hours(hours: Sequence[Mapping[str, Any] | None]) -> dict[str, Any] | None:
    """When all of several units are open; None where one's hours are unknown. Shapes as in the event catalogue."""
    known = [each for each in hours if each is not None]
    if not known or len(known) < len(hours):
        return None
    joined: dict[str, Any] = {}
    for kind in ("weekday", "weekend"):
        days = [each[kind] for each in known]
        opens = max((day[0] for day in days if day), default="")
        closes = min((day[1] for day in days if day), default="")
        joined[kind] = [opens, closes] if all(days) and opens < closes else None
    return joined


def joined_closures(closures: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Closed whenever one of several units is."""
    every = list(closures)

    def union(name: str) -> list[Any]:
        found: list[Any] = []
        for each in every:
            found += [value for value in each.get(name) or [] if value not in found]
        return sorted(found)

    joined: dict[str, Any] = {"weekdays": union("weekdays"), "holidays": any(each.get("holidays") for each in every)}
    return joined | {name: found for name in ("monthly", "named") if (found := union(name))}
