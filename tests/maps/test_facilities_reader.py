"""The file as a whole: encodings, headers, broken records, and files that are something else."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import asdict

import pytest

from services.maps.facilities import FacilityImport, UnreadableFile, read_facilities
from tests.maps.facility_rows import HEADER, file_of, row, text_of

ROWS = [
    row(),
    row(개방시설명="3층 강당", 부대시설정보="무대,조명"),
    row(개방장소명="솔밭 도서관", 소재지도로명주소="서울특별시 은평구 솔밭길 3"),
]


def places(result: FacilityImport) -> list[dict[str, object]]:
    """The places without what depends on how the file was written."""
    found = asdict(result)["places"]
    for place in found:
        for unit in place["units"]:
            del unit["raw"], unit["line"]
    return found


def refusals(data: bytes) -> list[tuple[int, str]]:
    """(line, reason) of the refused rows, after checking that nothing else was lost."""
    report = read_facilities(data).report
    found = [(found.line, found.reason) for found in report.problems if found.severity == "refused"]
    assert report.rows_read == report.imported + len(found)
    return found


@pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(encoding: str, newline: str) -> None:
    expected = places(read_facilities(file_of(*ROWS)))
    assert len(expected) == 2
    assert places(read_facilities(text_of(ROWS).replace("\n", newline).encode(encoding))) == expected


def test_order_of_columns_quotes_blanks_and_further_columns_make_no_difference() -> None:
    expected = places(read_facilities(file_of(*ROWS)))
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    columns = ["비고", *reversed(HEADER)]
    writer.writerow([f' "{column}" ' for column in columns])
    writer.writerows([["적을 것 없음", *(cells[column] for column in reversed(HEADER))] for cells in ROWS])
    result = read_facilities(stream.getvalue().encode())
    assert places(result) == expected
    assert result.places[0].units[0].raw["비고"] == "적을 것 없음"


def test_columns_that_are_not_read_may_be_missing() -> None:
    columns = [column for column in HEADER if column not in ("시설사진정보", "담당부서명")]
    assert places(read_facilities(text_of(ROWS, columns).encode())) == places(read_facilities(file_of(*ROWS)))


def test_missing_columns_are_named() -> None:
    columns = [column for column in HEADER if column not in ("휴관일", "위도")]
    with pytest.raises(UnreadableFile) as error:
        read_facilities(text_of(ROWS, columns).encode())
    assert error.value.code == "missing_columns"
    assert error.value.params == {"columns": "휴관일, 위도"}
    assert "휴관일, 위도" in str(error.value)


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(UnreadableFile) as error:
        read_facilities((",".join([*HEADER, "휴관일"]) + "\n").encode())
    assert (error.value.code, error.value.params) == ("repeated_columns", {"columns": "휴관일"})


def spreadsheet() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n", "empty_file"),
        (b",,,\n,,\n", "empty_file"),
        (spreadsheet(), "spreadsheet_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "spreadsheet_file"),
        (b"\n<!DOCTYPE html><html>", "web_page"),
        (b'{"data": []}', "not_text"),
        (b"%PDF-1.7", "not_text"),
        (text_of(ROWS).encode("utf-16"), "not_text"),
        (b"\xff\xfe\xfa\xfb\xff\xff", "unknown_encoding"),
        ("이름,주소\n하나,둘\n".encode(), "not_this_data_set"),
        (b'"' * 50, "not_this_data_set"),
        (b'"never closed\n' * 3, "not_text"),
    ],
)
def test_another_kind_of_file_is_named_for_what_it_is(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_facilities(data)
    assert error.value.code == code
    assert "%(" not in str(error.value)


def test_a_header_alone_is_a_file_without_rows() -> None:
    result = read_facilities(file_of())
    assert (result.places, result.report.rows_read, result.report.problems) == ([], 0, [])


def test_blank_lines_are_no_rows_and_lines_count_as_in_an_editor() -> None:
    lines = text_of([row(부대시설정보="책상\n의자"), row(개방시설명="")]).splitlines(keepends=True)
    data = "".join([lines[0], "\n", *lines[1:], ",,,\n", "\n"]).encode()
    result = read_facilities(data)
    assert result.report.rows_read == 2
    assert result.places[0].units[0].line == 3  # its quoted cell spans lines 3 and 4
    assert [(found.line, found.reason) for found in result.report.problems] == [(5, "name_missing")]


def test_a_row_with_an_unquoted_comma_is_refused_and_never_guessed() -> None:
    lines = text_of(ROWS).splitlines()
    lines[2] = lines[2].replace("책상", "책상,걸상").replace('"', "")
    assert refusals("\n".join(lines).encode()) == [(3, "wrong_cell_count")]


def test_a_last_line_that_was_cut_off_is_refused() -> None:
    whole = file_of(*ROWS).rstrip()
    assert refusals(whole[: whole.rindex(b",")]) == [(4, "wrong_cell_count")]


def test_a_character_that_was_cut_off_refuses_its_row_only() -> None:
    data = text_of([*ROWS, row(개방시설명="음악실", 데이터기준일자="삼월")]).encode().rstrip()[:-1]
    assert refusals(data) == [(5, "unreadable_characters")]


def test_a_damaged_byte_refuses_its_row_only() -> None:
    lines = file_of(*ROWS).split(b"\n")
    lines[2] = lines[2].replace("강당".encode("cp949"), b"\xff\xff")
    assert refusals(b"\n".join(lines)) == [(3, "unreadable_characters")]


def test_a_quote_left_open_costs_its_row_and_not_the_file() -> None:
    rows = [row(개방시설명=f"{number}층 회의실") for number in range(1, 121)]
    lines = text_of(rows).splitlines()
    lines[10] = '"' + lines[10]
    assert refusals("\n".join(lines).encode()) == [(11, "broken_quotes")]


@pytest.mark.parametrize("size", [20_000, 300_000])
def test_a_gigantic_cell_is_refused_and_not_repeated_in_the_report(size: int) -> None:
    data = file_of(row(), row(개방시설명="강당", 부대시설정보="가" * size), row(개방시설명="음악실"))
    assert refusals(data) == [(3, "cell_too_long")]
    assert all(len(found.value) <= 201 for found in read_facilities(data).report.problems)


def test_a_name_longer_than_any_name_is_refused() -> None:
    assert refusals(file_of(row(), row(개방시설명="강당" * 100))) == [(3, "cell_too_long")]


def test_invisible_characters_and_null_markers_are_no_text() -> None:
    result = read_facilities(
        text_of(
            [row(개방시설명="2층\u200b \u00a0회의실\u202e", 수용가능인원수="NULL", 사용안내전화번호="nan")]
        ).encode()
    )
    unit = result.places[0].units[0]
    assert (unit.name, unit.capacity, result.places[0].phone) == ("2층 회의실", None, None)
    assert result.report.problems == []
