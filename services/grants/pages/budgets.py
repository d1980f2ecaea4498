"""Reading an agreed budget out of a form, and what its tables show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from services.grants.pages.reading import Reader
from services.grants.pages.words import told, won
from services.grants.rules.agreed_budget import Line
from services.grants.rules.definition import Definition, SettlementRules


def read(typed: Reader, rules: Definition) -> tuple[Line, ...]:
    """The lines that were typed; an empty field is nothing."""
    found = []
    for category in rules.settlement.categories:
        for item in category.items:
            key = f"{category.key}.{item.key}"
            line = Line(
                category.key,
                item.key,
                _won(typed, f"grant.{key}"),
                _won(typed, f"self.{key}"),
                typed.text(f"note.{key}"),
            )
            if line.grant_won or line.self_won:
                found.append(line)
    return tuple(found)


def by_item(lines: Iterable[Line]) -> dict[str, Line]:
    """The lines by "category.item", for the fields of a form."""
    return {f"{line.category}.{line.item}": line for line in lines}


def rows(lines: Iterable[Line], rules: SettlementRules) -> list[dict[str, Any]]:
    """What the table of a budget shows of each line."""
    return [{**names(line, rules), "grant": won(line.grant_won), "own": won(line.self_won)} for line in lines]


def total(lines: Iterable[Line]) -> dict[str, Any]:
    """The table's last row."""
    every = list(lines)
    grant_won, self_won = sum(line.grant_won for line in every), sum(line.self_won for line in every)
    return {"category": _("합계"), "item": "", "grant": won(grant_won), "own": won(self_won)}


def compared(before: Iterable[Line], after: Iterable[Line], rules: SettlementRules) -> list[dict[str, Any]]:
    """What a change does to each line of the grant."""
    old, new = by_item(before), by_item(after)
    found = []
    for key in dict.fromkeys((*old, *new)):
        line = old.get(key) or new[key]
        was = old[key].grant_won if key in old else 0
        becomes = new[key].grant_won if key in new else 0
        if was != becomes or (key in old and key in new and old[key].self_won != new[key].self_won):
            found.append({**names(line, rules), "before": won(was), "after": won(becomes)})
    return found


def names(line: Line, rules: SettlementRules) -> dict[str, Any]:
    """The words of a line's category and item."""
    category = next((each for each in rules.categories if each.key == line.category), None)
    item = rules.item(line.category, line.item)
    return {
        "category": told(category.label) if category else line.category,
        "item": told(item.label) if item else line.item,
    }


def _won(typed: Reader, name: str) -> int:
    return (typed.won(name) or 0) if typed.text(name) else 0
