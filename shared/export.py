"""Tables for spreadsheets: csv in UTF-8 with a byte order mark, and xlsx; no text in them can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_NAME = 31
"""The longest name of a sheet that spreadsheets take."""
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True)
class Sheet:
    """A table with its name."""

    name: str
    header: Sequence[object]
    rows: Iterable[Sequence[object]]


def harmless(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_STARTS) else value


def csv_lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a csv file, one text per row."""
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line(row)


def xlsx(sheets: Iterable[Sheet]) -> bytes:
    """A workbook with these sheets (at least one); the header row stays in sight. Moments are written as ISO texts."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    for each in sheets:
        sheet = book.create_sheet(_unused(each.name, book.sheetnames))
        sheet.freeze_panes = "A2"
        bold = []
        for cell in each.header:
            title = WriteOnlyCell(sheet, value=_plain(cell))
            title.font = Font(bold=True)
            bold.append(title)
        sheet.append(bold)
        for row in each.rows:
            sheet.append([_plain(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _plain(value: object) -> object:
    """A value as a cell takes it: without control characters, an aware moment as text (a cell has no zone)."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        kept = "".join(letter for letter in value if letter >= " " or letter in "\t\n\r")
        return harmless(kept)
    return value


def _unused(name: str, used: Sequence[str]) -> str:
    kept = name.translate(_NOT_IN_NAMES).strip()[:SHEET_NAME] or "1"
    number = 2
    wanted = kept
    while wanted.casefold() in {each.casefold() for each in used}:
        ending = f" {number}"
        wanted, number = kept[: SHEET_NAME - len(ending)] + ending, number + 1
    return wanted


def _line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([harmless(cell) for cell in cells])
    return line.getvalue()
