"""The national standard data set 공공시설개방정보 (facilities opened to the public): from a district's file to places.

Pure rules: no Flask request, no database. ``read_facilities`` is the one way in.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.maps.facilities.grouping import Place, UnitFacts, group
from services.maps.facilities.problems import WHOLE_ROW, Note, Problem, problem
from services.maps.facilities.reader import BrokenRecord, UnreadableFile, read_records
from services.maps.facilities.reasons import FILE_SENTENCES
from services.maps.facilities.records import FacilityRow, read_row
from services.maps.facilities.report import ImportReport

__all__ = [
    "FILE_SENTENCES",
    "FacilityImport",
    "ImportReport",
    "Place",
    "Problem",
    "UnitFacts",
    "UnreadableFile",
    "read_facilities",
]


@dataclass(slots=True)
class FacilityImport:
    """What a file says: its places with their units, and the report on every row. ``dataclasses.asdict`` gives JSON."""

    places: list[Place]
    report: ImportReport


def read_facilities(data: bytes) -> FacilityImport:
    """The places of one published file. Raises ``UnreadableFile`` when ``data`` is not such a file at all.

    The same bytes always give the same result, and a file published again with other values keeps the source keys.
    """
    report = ImportReport()
    rows: list[FacilityRow] = []
    problems: list[Problem] = []
    for record in read_records(data):
        report.rows_read += 1
        if isinstance(record, BrokenRecord):
            problems.append(problem(record.line, Note(WHOLE_ROW, record.text, record.reason), "refused"))
            continue
        row = read_row(record)
        if isinstance(row, Note):
            problems.append(problem(record.line, row, "refused"))
        else:
            rows.append(row)
    places, grouping_problems = group(rows)
    problems += grouping_problems
    problems.sort(key=lambda found: found.line)  # stable: several problems of one line keep their order
    report.problems = problems
    report.spaces = len(places)
    report.imported = report.units = sum(len(place.units) for place in places)
    report.repeated = sum(found.severity == "repeated" for found in problems)
    report.superseded = sum(found.severity == "superseded" for found in problems)
    report.refused = sum(found.severity == "refused" for found in problems)
    report.noted = len({found.line for found in problems if found.severity == "noted"})
    return FacilityImport(places, report)
