"""Tables for spreadsheets, read back."""

import csv
import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook

from shared.export import SHEET_NAME, Sheet, csv_lines, harmless, xlsx

NASTY = ("=1+1", "+82", "-1", "@cmd", "\t=1", "\r=1", "  =1", "＝1")


def test_nothing_becomes_a_formula() -> None:
    safe = [f"'{text}" for text in NASTY]
    assert [harmless(text) for text in NASTY] == safe
    assert (harmless(-5), harmless("그냥 글"), harmless(None)) == (-5, "그냥 글", None)
    written = "".join(csv_lines(["제목"] * len(NASTY), [NASTY]))
    assert written.startswith("\ufeff")
    assert next(iter(list(csv.reader(io.StringIO(written[1:], newline="")))[1:])) == safe


def test_a_workbook_reads_back() -> None:
    when = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    long = "공간/사용 [" + "가" * 40
    rows = [(*NASTY[:4], -5, 2.5, None), ("벨\x07 울림", when, date(2026, 11, 23), "", 0, 1, "끝")]
    book = load_workbook(io.BytesIO(xlsx([Sheet(long, ["=머리"] * 7, rows), Sheet(long, ["하나"], [])])))
    first, second = book.worksheets
    assert len(first.title) <= SHEET_NAME
    assert first.title != second.title
    cells = list(first.iter_rows())
    assert "f" not in {cell.data_type for row in cells for cell in row}, "a formula"
    values = [[cell.value for cell in row] for row in cells]
    assert values[0] == ["'=머리"] * 7
    assert values[1] == ["'=1+1", "'+82", "'-1", "'@cmd", -5, 2.5, None]
    assert values[2][:3] == ["벨 울림", when.isoformat(), datetime(2026, 11, 23)]  # noqa: DTZ001  as cells tell a date
