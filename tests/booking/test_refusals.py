"""Every refusal of booking has its sentence, in Korean and in English; the codes are read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import services.booking
from services.booking.refusals import CONSTRAINTS, SENTENCES
from shared.web.errors import SENTENCES as SHARED
from shared.web.i18n import catalogues, read_catalogues

PACKAGE = Path(services.booking.__file__).parent
SOURCES = sorted(each for each in PACKAGE.rglob("*.py") if "migrations" not in each.parts)
CODE = re.compile(r"[a-z]+(_[a-z]+)+")
FIELDS = {"fields", "found", "wrong", "errors"}
"""What maps from fields to codes are called in this service."""


def codes_of(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(code, line) of each `Refusal("code", …)`, of its `fields={"name": ["code"]}`, of `found["name"] = ["code"]`,
    and of each `yield "field", "code"` of the rules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
            yield from _texts(node.args[:1])
            for keyword in node.keywords:
                if keyword.arg == "fields":
                    yield from _lists(keyword.value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            if getattr(node.targets[0].value, "id", "") in FIELDS:
                yield from _lists(node.value)
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
            yield from _texts(node.value.elts[1:])


def _lists(node: ast.AST) -> Iterator[tuple[str, int]]:
    for each in ast.walk(node):
        if isinstance(each, ast.List):
            yield from _texts(each.elts)


def _texts(nodes: list[ast.expr]) -> Iterator[tuple[str, int]]:
    """The texts among these, both of an `a if b else c`, that look like a code."""
    for node in nodes:
        both = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
        for each in both:
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and CODE.fullmatch(each.value):
                yield each.value, each.lineno


def raised() -> dict[str, str]:
    """Each code with a place where it is raised."""
    found: dict[str, str] = {}
    for source in SOURCES:
        for code, line in codes_of(ast.parse(source.read_text("utf-8"))):
            found.setdefault(code, f"{source.relative_to(PACKAGE)}:{line}")
    return found


def test_the_reader_of_the_source_finds_codes_in_each_of_their_forms() -> None:
    source = """
def rule():
    yield "wishes", "wish_needed"
    found["words"] = ["words_too_long"]
    raise Refusal("slot_taken" if taken else "slot_gone", 409, fields={"times": ["times_taken"]})
"""
    assert {code for code, _line in codes_of(ast.parse(source))} == {
        "wish_needed", "words_too_long", "slot_taken", "slot_gone", "times_taken",
    }  # fmt: skip
    known = raised()
    assert len(known) > 120
    for code in ("lottery_not_found", "award_over", "lottery_wish_needed", "lottery_words_too_long", "slot_taken"):
        assert code in known


def test_every_code_has_a_sentence() -> None:
    kept = {*SENTENCES, *SHARED}
    assert {code: place for code, place in raised().items() if code not in kept} == {}
    assert set(CONSTRAINTS.values()) <= kept


def test_every_sentence_is_told_in_both_languages() -> None:
    english = read_catalogues(catalogues(PACKAGE / "translations", "en"))
    hangul = re.compile(r"[가-힣]")
    told = {code: (str(text), english.gettext(str(text))) for code, text in SENTENCES.items()}
    assert [code for code, (korean, _english) in told.items() if not hangul.search(korean)] == []
    assert [code for code, (_korean, words) in told.items() if hangul.search(words)] == []
