"""Forms over a document: which of its places are shown, how each is typed, and the way from what was typed to the
document and back. Knows nothing of what the document is about.

A place's name in the form is its path in the document ("form.fields.0.label.ko"), so that what is wrong with a place
stands beside its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.grants.won import UnclearWon, read_won

MOST_ROWS = 150
Options = Sequence[tuple[str, Any]]
Typed = dict[str, Any]


@dataclass(frozen=True)
class Leaf:
    """One place. `kind`: text, area, words, words_area, number, won, tenths, tick, select, many or lines. What is
    `optional` may be empty: the document then leaves it out."""

    path: str
    kind: str
    label: Any
    hint: Any = ""
    options: Options = ()
    optional: bool = False


@dataclass(frozen=True)
class Rows:
    """A list of rows, each of the same places; `title` are the paths whose texts name a row, the first that says
    something; `more` are added to it. `empty` is a new row of the document."""

    path: str
    label: Any
    one: Any
    row: tuple[Leaf | Rows, ...]
    empty: Mapping[str, Any] = field(default_factory=dict)
    title: tuple[str, ...] = ("label", "key")
    more: tuple[str, ...] = ()


Shape = tuple[Leaf | Rows, ...]


def typed_of(shape: Shape, document: Mapping[str, Any]) -> Typed:
    """What a form shows for a document."""
    return {each.path: _typed(each, _get(document, each.path)) for each in shape}


def read(shape: Shape, form: Any, prefix: str = "") -> Typed:
    """What was typed, whatever it is. `form` has `get`, `getlist` and its names."""
    found: Typed = {}
    for each in shape:
        name = f"{prefix}{each.path}"
        if isinstance(each, Rows):
            start = re.compile(re.escape(name) + r"\.(\d{1,4})\.", re.ASCII)
            numbers = {int(hit[1]) for key in form if (hit := start.match(key))}
            found[each.path] = [read(each.row, form, f"{name}.{number}.") for number in sorted(numbers)[:MOST_ROWS]]
        elif each.kind in ("words", "words_area"):
            found[each.path] = {language: _text(form, f"{name}.{language}") for language in ("ko", "en")}
        elif each.kind == "many":
            found[each.path] = form.getlist(name)
        else:
            found[each.path] = _text(form, name)
    return found


def document_of(shape: Shape, typed: Typed, document: dict[str, Any]) -> dict[str, list[str]]:
    """Put what was typed into the document; the codes of what could not be read, by its name in the form."""
    unread: dict[str, list[str]] = {}
    _write(shape, typed, document, "", unread)
    return unread


def names(shape: Shape, typed: Typed, prefix: str = "") -> set[str]:
    """The names of all fields of the form."""
    found = set()
    for each in shape:
        name = f"{prefix}{each.path}"
        if isinstance(each, Rows):
            for number, row in enumerate(typed[each.path]):
                found |= names(each.row, row, f"{name}.{number}.")
        elif each.kind in ("words", "words_area"):
            found |= {f"{name}.ko", f"{name}.en"}
        else:
            found.add(name)
    return found


def rearrange(shape: Shape, typed: Typed, order: str) -> str | None:
    """Do what a button of the rows says: "add:states", "remove:states.3", "up:states.3", "down:states.3". Gives the
    name of the row that was added or moved; None where the order means nothing."""
    act, _, path = order.partition(":")
    found = _rows(shape, typed, path if act == "add" else path.rpartition(".")[0])
    if found is None:
        return None
    rows, own = found
    if act == "add":
        if len(rows) < MOST_ROWS:
            rows.append({each.path: _typed(each, _get(own.empty, each.path)) for each in own.row})
        return f"{path}.{len(rows) - 1}"
    last = path.rpartition(".")[2]
    place = int(last) if re.fullmatch(r"\d{1,4}", last, re.ASCII) else len(rows)
    if place >= len(rows):
        return None
    base = path.rpartition(".")[0]
    if act == "remove":
        del rows[place]
        return f"{base}.{min(place, len(rows) - 1)}" if rows else None
    other = place + {"up": -1, "down": 1}.get(act, 0)
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
        place = other
    return f"{base}.{place}"


def _rows(shape: Shape, typed: Typed, path: str) -> tuple[list[Typed], Rows] | None:
    """The rows at this path, also of rows within a row ("stages.0.rubric")."""
    for each in shape:
        if not isinstance(each, Rows):
            continue
        if path == each.path:
            return typed[each.path], each
        hit = re.match(re.escape(each.path) + r"\.(\d{1,4})\.", path, re.ASCII)
        if hit and int(hit[1]) < len(typed[each.path]):
            return _rows(each.row, typed[each.path][int(hit[1])], path[hit.end() :])
    return None


def _typed(each: Leaf | Rows, value: Any) -> Any:
    if isinstance(each, Rows):
        return [typed_of(each.row, row) for row in value or ()]
    if each.kind in ("words", "words_area"):
        kept = value or {}
        return {language: kept.get(language, "") for language in ("ko", "en")}
    if each.kind == "many":
        return list(value or ())
    if each.kind == "tick":
        return "on" if value else ""
    if each.kind == "lines":
        lines = [(row["key"], row["label"]["ko"], row["label"].get("en", "")) for row in value or ()]
        return "\n".join(" | ".join(line).removesuffix(" | ") for line in lines)
    if value is None:
        return ""
    if each.kind == "tenths":
        return f"{value // 10}.{value % 10}".removesuffix(".0")
    return str(value)


def _write(shape: Shape, typed: Typed, into: dict[str, Any], prefix: str, unread: dict[str, list[str]]) -> None:
    for each in shape:
        name, value = f"{prefix}{each.path}", typed[each.path]
        if isinstance(each, Rows):
            rows: list[dict[str, Any]] = []
            for number, row in enumerate(value):
                made: dict[str, Any] = {}
                _write(each.row, row, made, f"{name}.{number}.", unread)
                rows.append(made)
            _set(into, each.path, rows)
            continue
        try:
            _set(into, each.path, _value(each, value))
        except _UnclearError as error:
            unread[name] = [error.code]


class _UnclearError(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _value(each: Leaf, text: Any) -> Any:
    if each.kind in ("words", "words_area"):
        return None if each.optional and not any(text.values()) else text
    if each.kind == "many":
        return text
    if each.kind == "tick":
        return bool(text)
    if each.kind == "lines":
        return [_line(line) for line in text.splitlines() if line.strip()] or None
    if not text and each.optional:
        return None
    if each.kind == "won":
        try:
            return read_won(text)
        except UnclearWon as error:
            raise _UnclearError(error.code) from error
    if each.kind == "number":
        if not text:
            raise _UnclearError("number_missing")
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
            raise _UnclearError("number_unclear")
        return int(text)
    if each.kind == "tenths":
        hit = re.fullmatch(r"(\d{1,5})(?:\.(\d))?", text, re.ASCII)
        if hit is None:
            raise _UnclearError("points_unclear")
        return int(hit[1]) * 10 + int(hit[2] or 0)
    return text


def _line(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) not in (2, 3) or not all(parts[:2]):
        raise _UnclearError("choice_line_unclear")
    return {"key": parts[0], "label": {"ko": parts[1], "en": parts[2] if len(parts) == 3 else ""}}


def _text(form: Any, name: str) -> str:
    return str(form.get(name, "")).strip().replace("\r\n", "\n")


def _get(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _set(document: dict[str, Any], path: str, value: Any) -> None:
    """Put a value in its place; None takes the place out."""
    *way, last = path.split(".")
    for name in way:
        document = document.setdefault(name, {})
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value
