"""What differs between two programmes' rules, place by place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PARTS = (
    "label",
    "about",
    "strands",
    "form",
    "requirements",
    "states",
    "transitions",
    "stages",
    "committee",
    "limits",
    "tranches",
    "settlement",
    "objection_days",
    "correction_days",
)


@dataclass(frozen=True)
class Difference:
    """`part` of the rules; `where` are the keys and names that lead to the place; what stood there before and stands
    there now, None where there was or is nothing."""

    part: str
    where: tuple[str, ...]
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What differs between two documents. Rows are matched by their keys, not by their places; where only the order
    of rows differs, that is told once."""
    return [
        Difference(part, where, old, new)
        for part in PARTS
        for where, old, new in _compare(before.get(part), after.get(part), ())
    ]


def _compare(old: Any, new: Any, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and "ko" not in old:
        for name in dict.fromkeys((*old, *new)):
            yield from _compare(old.get(name), new.get(name), (*where, name))
    elif _rows(old) and _rows(new):
        before, after = _by_key(old), _by_key(new)
        for key in dict.fromkeys((*before, *after)):
            yield from _compare(before.get(key), after.get(key), (*where, key))
        kept = [key for key in before if key in after]
        if kept != [key for key in after if key in before]:
            yield (*where, "order"), list(before), list(after)
    else:
        yield where, old, new


def _rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _by_key(rows: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Rows by what names them; equal names are told apart by their number."""
    found: dict[str, Mapping[str, Any]] = {}
    for number, row in enumerate(rows, 1):
        if "event" in row:
            name = f"{row['event']}: {', '.join(row['start'])} → {row['end']}"
        else:
            name = str(row.get("key") or row.get("rule") or number)
        while name in found:
            name = f"{name} "
        found[name] = row
    return found
