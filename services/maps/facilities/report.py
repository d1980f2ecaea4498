"""The report of one import: what became of every row. `services.maps.import_report` shows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from services.maps.facilities.problems import Problem


@dataclass(slots=True)
class ImportReport:
    """Counts of rows; always ``rows_read == imported + repeated + superseded + refused``.

    ``units`` equals ``imported`` (a row is a room). ``noted`` counts the imported rows with at least one note.
    ``problems`` are in the order of the file.
    """

    rows_read: int = 0
    imported: int = 0
    spaces: int = 0
    units: int = 0
    repeated: int = 0
    superseded: int = 0
    refused: int = 0
    noted: int = 0
    problems: list[Problem] = field(default_factory=list)

    def reasons(self) -> dict[str, int]:
        """How often each reason occurs, the most frequent first."""
        return dict(Counter(problem.reason for problem in self.problems).most_common())
