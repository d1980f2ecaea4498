"""The codes of a service's refusals as its source has them, held against the sentences that it keeps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from shared.web.i18n import catalogues, read_catalogues

CODE = re.compile(r"[a-z]+(_[a-z]+)+")
FIELDS = {"fields", "found", "wrong", "errors", "unread", "problems"}
"""What maps from fields to codes are called."""
PART = re.compile(r"[a-z_]*[a-z]_|_[a-z][a-z_]*|[a-z_]*_[a-z_]+")
"""What a part of a code that is put together looks like."""
HANGUL = re.compile(r"[가-힣]")


class Source:
    """The modules of a service, but for those in some folders or of some names."""

    def __init__(self, package: Path, *without: str) -> None:
        self.package = package
        self.without = {"migrations", *without}

    @cached_property
    def trees(self) -> list[tuple[Path, ast.Module]]:
        found = sorted(self.package.rglob("*.py"))
        parts = [(each, each.relative_to(self.package)) for each in found]
        return [(of, ast.parse(each.read_text("utf-8"))) for each, of in parts if not self.without & set(of.parts)]

    def raised(self) -> dict[str, str]:
        """Each code with a place where it is raised."""
        found: dict[str, str] = {}
        for source, tree in self.trees:
            for code, line in codes_of(tree):
                found.setdefault(code, f"{source}:{line}")
        return found

    def said(self) -> re.Pattern[str]:
        """Every text that could be a code, whatever is done with it, also those that are put together
        (`f"no_{event}"`)."""
        found = set()
        for _source, tree in self.trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                    found.add(node.value)
                elif isinstance(node, ast.JoinedStr):
                    parts = [each.value if isinstance(each, ast.Constant) else None for each in node.values]
                    if any(isinstance(each, str) and PART.fullmatch(each) for each in parts):
                        found.add("".join(re.escape(each) if isinstance(each, str) else "[a-z_]+" for each in parts))
        return re.compile("|".join(sorted(found)))


def codes_of(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """(code, line) of each `Refusal("code", …)`, of its `fields={"name": ["code"]}`, of `unread["name"] = ["code"]`
    or `unread.setdefault("name", []).append("code")`, and of each `yield "field", "code"` of the rules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
            yield from _texts(node.args[:1])
            for keyword in node.keywords:
                if keyword.arg == "fields":
                    yield from _lists(keyword.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append":
            of = getattr(node.func, "value", None)
            if isinstance(of, ast.Call) and getattr(getattr(of.func, "value", None), "id", "") in FIELDS:
                yield from _texts(node.args[:1])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            if getattr(node.targets[0].value, "id", "") in FIELDS:
                yield from _lists(node.value)
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
            yield from _texts(node.value.elts[1:])


def untold(sentences: Mapping[str, Any], translations: Path) -> dict[str, list[str]]:
    """The codes whose sentence is not Korean, and those whose English is missing or has Korean in it."""
    english = read_catalogues(catalogues(translations, "en"))
    told = {code: (str(text), english.gettext(str(text))) for code, text in sentences.items()}
    return {
        "ko": [code for code, (korean, _english) in told.items() if not HANGUL.search(korean)],
        "en": [code for code, (_korean, words) in told.items() if HANGUL.search(words.replace("한국어", ""))],
    }


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
