"""The reader of the source that the services' tests of their refusals stand on."""

import ast

from tests.refusal_codes import codes_of


def test_codes_are_found_in_each_of_their_forms() -> None:
    source = """
def rule():
    yield "wishes", "wish_needed"
    unread["words"] = ["words_too_long"]
    found.setdefault("day", []).append("day_missing")
    raise Refusal("slot_taken" if taken else "slot_gone", 409, fields={"times": ["times_taken"]})
"""
    assert {code for code, _line in codes_of(ast.parse(source))} == {
        "wish_needed", "words_too_long", "day_missing", "slot_taken", "slot_gone", "times_taken",
    }  # fmt: skip
