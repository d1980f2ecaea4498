"""What an import says about the rows it read: notes of a field's reader, and problems with line and severity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Severity = Literal["refused", "repeated", "superseded", "noted"]

#: Stands in place of a column where a problem is the whole row's.
WHOLE_ROW: Final = "행 전체"

#: Longest part of a published cell that a report repeats.
VALUE_LIMIT: Final = 200


class Note(NamedTuple):
    """A field that could not be read with certainty: the column, the published text, the code of the reason."""

    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one record of the file.

    ``line`` is the physical line at which the record starts (the header is usually line 1). ``severity`` says what
    became of the row: "refused", "repeated" and "superseded" rows are not imported, a "noted" row is, with this one
    field left as published. ``other_line`` is the line of the row that this one is compared with, where there is one.
    """

    line: int
    field: str
    value: str
    reason: str
    severity: Severity
    other_line: int | None = None


def problem(line: int, note: Note, severity: Severity, other_line: int | None = None) -> Problem:
    """The problem that ``note`` means for the record at ``line``; a long value is cut to ``VALUE_LIMIT`` characters."""
    value = note.value if len(note.value) <= VALUE_LIMIT else note.value[:VALUE_LIMIT] + "…"
    return Problem(line, note.field, value, note.reason, severity, other_line)
