"""Reading what was typed into a programme's form: answers, or the codes of what is wrong with each field. Pure.

`typed` is {field: what was typed}: texts, and for tables lists of rows {column: text}. JSON may bring whole numbers
where a form brings digits. Errors are by the name of the control: "title", "budget", "budget-0-grant_won".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.grants.rules import dongs
from services.grants.rules.definition import Choice, Definition, Field, Words
from services.grants.rules.form_tables import read_budget, read_members
from services.grants.rules.form_values import Problems, Unread, clean_text, whole, won_of
from services.grants.rules.places import KnownSpace, read_place
from shared.districts import BY_CODE, DISTRICTS

SHORT, LONG, SHORTEST_TEXT = 200, 10_000, 1
MOST_TYPED = 400_000
"""The most characters of a draft's JSON."""


DONG = Field(
    "dong",
    "text",
    Words("사업을 할 행정동", "Dong of the project"),
    Words(
        "동마다 한도가 있습니다. ‘사당1동’처럼 한 동만 적어 주세요.",
        "Each dong has a ceiling. Write the name of one dong in Korean letters.",
    ),
    longest=dongs.LONGEST,
)
"""What a programme with a ceiling for each dong asks, whether its form has the question or not."""


@dataclass(frozen=True)
class Terms:
    """What the call adds to its programme's rules. `district` None: the applicant says where. `space`: the space that
    was chosen, as far as it is known. `files`: how many are attached to each field."""

    ceiling_won: int
    strands: tuple[str, ...]
    district: str | None
    space: KnownSpace | None = None
    files: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What was read: `answers` of what is right, `errors` of the rest; `params` fill the errors' sentences."""

    answers: dict[str, Any]
    errors: dict[str, list[str]]
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return not self.errors


def questions(rules: Definition, terms: Terms) -> tuple[Field, ...]:
    """All that is asked: the programme's form, after what the call leaves open (the district of a call of the city's,
    the strand where there are several) and what its ceilings are counted by (the dong)."""
    asked: list[Field] = []
    if terms.district is None and rules.form.field("district") is None:
        places = tuple(Choice(each.code, Words(each.name, each.english)) for each in DISTRICTS)
        asked.append(Field("district", "choice", Words("사업을 할 자치구", "District of the project"), choices=places))
    if len(terms.strands) > 1 and rules.form.field("strand") is None:
        strands = tuple(Choice(each.key, each.label) for each in rules.strands if each.key in terms.strands)
        asked.append(Field("strand", "choice", Words("분야", "Strand"), choices=strands))
    if rules.limits.dong_won is None:
        return (*asked, *rules.form.fields)
    if rules.form.field("dong") is None:
        asked.append(DONG)
    return (*asked, *(replace(each, required=True) if each.key == "dong" else each for each in rules.form.fields))


def read(rules: Definition, terms: Terms, typed: Mapping[str, Any]) -> Reading:
    """The answers in what was typed, checked by the form, the call's terms and the settlement's categories."""
    asked = questions(rules, terms)
    answers: dict[str, Any] = {}
    errors: Problems = {}
    params: dict[str, Any] = {}
    for unknown in sorted(set(typed) - {each.key for each in asked}):
        errors[str(unknown)[:60]] = ["field_unknown"]
    for question in asked:
        try:
            value = _KINDS[question.kind](question, typed.get(question.key), rules, terms, errors)
        except Unread as problem:
            if problem.code == "nothing":
                if question.required:
                    missing = "dong_missing" if question.key == "dong" else "text_missing"
                    errors[question.key] = [_MISSING.get(question.kind, missing)]
            else:
                errors[question.key] = [problem.code]
                params |= problem.params
            continue
        if value is not None:
            answers[question.key] = value
    _check_amounts(rules, terms, answers, errors, params)
    _check_sums(answers, errors, params)
    answers.setdefault("strand", terms.strands[0] if terms.strands else "")
    if terms.district is not None:
        answers.setdefault("district", terms.district)
    return Reading(answers, errors, params)


def district_of(terms: Terms, typed: Mapping[str, Any]) -> str | None:
    """Where the project would happen, from the call or from what was typed."""
    if terms.district is not None:
        return terms.district
    typed_code = typed.get("district")
    return typed_code if isinstance(typed_code, str) and typed_code in BY_CODE else None


def _text(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> str:
    text = clean_text(typed, question.longest or SHORT)
    if question.key != "dong":
        return text
    if rules.limits.dong_won is not None and not dongs.is_dong(text):
        raise Unread("dong_unclear")
    return dongs.dong_name(text)


def _long_text(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> str:
    return clean_text(typed, question.longest or LONG)


def _number(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> int:
    return _bounded(question, whole(typed))


def _won(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> int:
    return _bounded(question, won_of(typed), "won_too_small", "won_over_most")


def _bounded(question: Field, value: int, small: str = "number_too_small", large: str = "number_too_large") -> int:
    if question.least is not None and value < question.least:
        raise Unread(small)
    if question.most is not None and value > question.most:
        raise Unread(large)
    return value


def _date(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> str:
    text = clean_text(typed, 40)
    if not re.fullmatch(r"(19|20)\d\d-\d\d-\d\d", text, re.ASCII):
        raise Unread("date_unclear")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unread("date_unclear") from None


def _choice(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> str:
    text = clean_text(typed, SHORT)
    if text not in {each.key for each in question.choices}:
        raise Unread("choice_unknown")
    return text


def _files(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> None:
    """Files are attached, not typed."""
    if typed not in (None, "", []):
        raise Unread("field_unknown")
    number = terms.files.get(question.key, 0)
    if number == 0:
        raise Unread("nothing")
    if question.least is not None and number < question.least:
        raise Unread("files_too_few")
    if question.most is not None and number > question.most:
        raise Unread("files_too_many")


def _budget(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> list[dict[str, Any]]:
    return read_budget(question, typed, rules.settlement, errors)


def _members(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> list[dict[str, Any]]:
    return read_members(question, typed, errors)


def _place(question: Field, typed: Any, rules: Definition, terms: Terms, errors: Problems) -> dict[str, Any]:
    return read_place(question, typed, terms.space, errors)


_KINDS: dict[str, Callable[[Field, Any, Definition, Terms, Problems], Any]] = {
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "won": _won,
    "date": _date,
    "choice": _choice,
    "files": _files,
    "budget": _budget,
    "members": _members,
    "place": _place,
}
_MISSING = {
    "number": "number_missing",
    "won": "won_missing",
    "date": "date_missing",
    "choice": "choice_missing",
    "files": "files_missing",
    "budget": "budget_missing",
    "members": "members_missing",
    "place": "place_missing",
}


def _check_amounts(
    rules: Definition, terms: Terms, answers: Mapping[str, Any], errors: Problems, params: dict[str, Any]
) -> None:
    requested = answers.get("requested_won")
    if requested is None:
        return
    if requested <= 0:
        errors["requested_won"] = ["won_not_positive"]
    elif requested > terms.ceiling_won:
        errors["requested_won"] = ["requested_over_ceiling"]
        params["requested_over_ceiling_most"] = f"{terms.ceiling_won:,}"
    elif rules.limits.project_won is not None and requested > rules.limits.project_won:
        errors["requested_won"] = ["requested_over_programme"]
        params["requested_over_programme_most"] = f"{rules.limits.project_won:,}"
    own = answers.get("self_contribution_won")
    if own is not None and own * 100 < requested * rules.settlement.self_percent:
        errors["self_contribution_won"] = ["self_contribution_too_small"]
    for index, line in enumerate(answers.get("budget", ())):
        item = rules.settlement.item(line["category"], line["item"])
        if (
            item
            and item.ceiling_percent is not None
            and _over(_of_item(answers, line), requested, item.ceiling_percent)
        ):
            errors[f"budget-{index}-grant_won"] = ["item_over_ceiling"]
    for category in rules.settlement.categories:
        lines = [(i, each) for i, each in enumerate(answers.get("budget", ())) if each["category"] == category.key]
        granted = sum(each["grant_won"] for _, each in lines)
        if category.ceiling_percent is not None and _over(granted, requested, category.ceiling_percent):
            errors.setdefault(f"budget-{lines[-1][0]}-grant_won", ["category_over_ceiling"])


def _of_item(answers: Mapping[str, Any], line: Mapping[str, Any]) -> int:
    same = (line["category"], line["item"])
    return sum(each["grant_won"] for each in answers["budget"] if (each["category"], each["item"]) == same)


def _over(part: int, whole_won: int, percent: int) -> bool:
    return part * 100 > whole_won * percent


def _check_sums(answers: Mapping[str, Any], errors: Problems, params: dict[str, Any]) -> None:
    """The budget's columns add up to what is asked for and to the own money, to the won."""
    if "budget" not in answers or any(name.startswith("budget-") for name in errors):
        return
    sums = {name: sum(line[name] for line in answers["budget"]) for name in ("grant_won", "self_won")}
    wrong = []
    for column, total, code in (
        ("grant_won", "requested_won", "budget_grant_differs"),
        ("self_won", "self_contribution_won", "budget_self_differs"),
    ):
        wanted = answers.get(total, 0 if total not in errors else None)
        if wanted is not None and sums[column] != wanted:
            wrong.append(code)
            params |= {f"{code}_sum": f"{sums[column]:,}", f"{code}_wanted": f"{wanted:,}"}
    if wrong:
        errors["budget"] = wrong
