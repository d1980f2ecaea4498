"""Reading the tables of a form: the budget's lines and the members. Pure. Empty rows count as not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.grants.rules.definition import Field, SettlementRules
from services.grants.rules.form_values import Problems, Unread, clean_text, whole, won_of
from services.grants.rules.people import EARLIEST_BIRTH, LATEST_BIRTH

MOST_ROWS = 200
BUDGET_COLUMNS = ("category", "item", "grant_won", "self_won", "note")
MEMBER_COLUMNS = ("name", "birth_year", "phone", "address")


def read_budget(question: Field, typed: Any, rules: SettlementRules, errors: Problems) -> list[dict[str, Any]]:
    """The lines [{category, item, grant_won, self_won, note}]. Raises Unread: nothing, table_unclear, too_many_rows."""
    lines = []
    for index, row in _rows(typed, BUDGET_COLUMNS):
        name = f"{question.key}-{index}"
        line = {
            "category": _cell(row, "category", errors, f"{name}-line", lambda each: clean_text(each, 40), None),
            "item": _cell(row, "item", errors, f"{name}-line", lambda each: clean_text(each, 40), None),
            "grant_won": _cell(row, "grant_won", errors, f"{name}-grant_won", won_of, 0),
            "self_won": _cell(row, "self_won", errors, f"{name}-self_won", won_of, 0),
            "note": _cell(row, "note", errors, f"{name}-note", lambda each: clean_text(each, 200), ""),
        }
        if f"{name}-line" not in errors:
            if line["category"] is None or line["item"] is None:
                errors[f"{name}-line"] = ["item_missing"]
            elif rules.item(line["category"], line["item"]) is None:
                errors[f"{name}-line"] = ["item_unknown"]
        if not {f"{name}-grant_won", f"{name}-self_won"} & set(errors) and not line["grant_won"] + line["self_won"]:
            errors[f"{name}-grant_won"] = ["line_without_amount"]
        lines.append(line)
    if any(each.startswith(f"{question.key}-") for each in errors):
        return _nothing_read()
    if not lines:
        raise Unread("nothing")
    return lines


def read_members(question: Field, typed: Any, errors: Problems) -> list[dict[str, Any]]:
    """The people [{name, birth_year, phone, address}], each once, with the year of birth: what they are known again by
    in other groups and among reviewers, for a name alone is many people's. Raises Unread: nothing, table_unclear,
    too_many_rows, members_too_few, members_too_many, member_twice."""
    people: list[dict[str, Any]] = []
    for index, row in _rows(typed, MEMBER_COLUMNS):
        name = f"{question.key}-{index}"
        person = {
            "name": _cell(row, "name", errors, f"{name}-name", lambda each: clean_text(each, 80), None),
            "birth_year": _cell(row, "birth_year", errors, f"{name}-birth_year", birth_year, None),
            "phone": _cell(row, "phone", errors, f"{name}-phone", lambda each: clean_text(each, 30), ""),
            "address": _cell(row, "address", errors, f"{name}-address", lambda each: clean_text(each, 200), ""),
        }
        if person["name"] is None and f"{name}-name" not in errors:
            errors[f"{name}-name"] = ["text_missing"]
        if person["birth_year"] is None and f"{name}-birth_year" not in errors:
            errors[f"{name}-birth_year"] = ["birth_year_missing"]
        people.append(person)
    if any(each.startswith(f"{question.key}-") for each in errors):
        return _nothing_read()
    if not people:
        raise Unread("nothing")
    if len({(each["name"], each["birth_year"], each["phone"], each["address"]) for each in people}) < len(people):
        raise Unread("member_twice")
    if question.least is not None and len(people) < question.least:
        raise Unread("members_too_few", members_too_few_least=question.least, members_too_few_there=len(people))
    if question.most is not None and len(people) > question.most:
        raise Unread("members_too_many")
    return people


def birth_year(typed: Any) -> int:
    """A year of birth. Raises Unread: nothing, year_unclear."""
    try:
        year = whole(typed)
    except Unread as problem:
        raise Unread("nothing" if problem.code == "nothing" else "year_unclear") from problem
    if not EARLIEST_BIRTH <= year <= LATEST_BIRTH:
        raise Unread("year_unclear")
    return year


def _nothing_read() -> Any:
    """The cells say what is wrong; there is no value."""
    return None


def _rows(typed: Any, columns: tuple[str, ...]) -> list[tuple[int, Mapping[str, Any]]]:
    if typed is None or typed == "":
        return []
    if not isinstance(typed, list) or not all(isinstance(row, Mapping) and set(row) <= set(columns) for row in typed):
        raise Unread("table_unclear")
    if len(typed) > MOST_ROWS:
        raise Unread("too_many_rows")
    return [(index, row) for index, row in enumerate(typed) if any(_filled(row.get(column)) for column in columns)]


def _filled(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _cell(
    row: Mapping[str, Any], column: str, errors: Problems, name: str, read: Callable[[Any], Any], nothing: Any
) -> Any:
    try:
        return read(row.get(column))
    except Unread as problem:
        if problem.code != "nothing":
            errors[name] = [problem.code]
        return nothing
