"""A programme's form as a browser sends it: what was typed into each question, and what its reader had before them.

Controls are named after the question: "title", "budget-0-grant_won", "members-2-name", "place-address"; beside each
question stands "base-<question>", a digest of what its reader saw, so that only what somebody changed is saved.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.grants.rules.definition import Field
from services.grants.rules.form_tables import BUDGET_COLUMNS, MEMBER_COLUMNS
from services.grants.rules.places import COLUMNS as PLACE_COLUMNS

_COLUMNS = {"budget": BUDGET_COLUMNS, "members": MEMBER_COLUMNS}
_MOST_INDEX = 400


def typed_of(form: Mapping[str, Any], questions: Iterable[Field]) -> dict[str, Any]:
    """What was typed, by question; what the form does not hold is left out. Rows that are empty are no rows."""
    typed: dict[str, Any] = {}
    for question in questions:
        if question.kind in _COLUMNS:
            if any(name.startswith(f"{question.key}-") for name in form) or f"base-{question.key}" in form:
                typed[question.key] = _rows(form, question)
        elif question.kind == "place":
            place = {column: _text(form, f"{question.key}-{column}") for column in PLACE_COLUMNS}
            if any(f"{question.key}-{column}" in form for column in PLACE_COLUMNS):
                typed[question.key] = place if any(place.values()) else {}
        elif question.kind != "files" and question.key in form:
            typed[question.key] = _text(form, question.key)
    return typed


def changed(form: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was typed, what differs from what stood there when the form was opened."""
    return {
        key: value for key, value in typed.items() if f"base-{key}" not in form or form[f"base-{key}"] != digest(value)
    }


def digest(value: Any) -> str:
    """A short mark of what stands in a question; equal for what looks the same in the form."""
    text = json.dumps(as_shown(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def as_shown(value: Any) -> Any:
    """What was typed as a form shows it: texts only, without what is empty."""
    if isinstance(value, list):
        rows = [as_shown(each) for each in value if isinstance(each, Mapping)]
        return [row for row in rows if row]
    if isinstance(value, Mapping):
        cells = {str(key): as_shown(each) for key, each in value.items()}
        return {key: each for key, each in cells.items() if each}
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _rows(form: Mapping[str, Any], question: Field) -> list[dict[str, str]]:
    pattern = re.compile(rf"{re.escape(question.key)}-(\d{{1,3}})-[a-z_]+")
    indexes = {int(found[1]) for name in form if (found := pattern.fullmatch(name))}
    rows = []
    for index in sorted(each for each in indexes if each < _MOST_INDEX):
        row = {column: _text(form, f"{question.key}-{index}-{column}") for column in _COLUMNS[question.kind]}
        if question.kind == "budget":
            row["category"], _, row["item"] = _text(form, f"{question.key}-{index}-line").partition("/")
        if any(each.strip() for each in row.values()):
            rows.append({column: each for column, each in row.items() if each.strip()})
    return rows


def _text(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name, "")).replace("\r\n", "\n")
