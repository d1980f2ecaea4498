"""The report: nothing is lost, every reason has its sentence in both languages, and the CSV is safe to open."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

import services.maps
from services.maps.facilities import UnreadableFile, read_facilities
from services.maps.facilities.reasons import FILE_SENTENCES, SENTENCES, SEVERITIES
from tests.maps.facility_rows import HEADER, file_of, row, text_of

DIRT = st.sampled_from(
    ["", "0", "00:00", "24:00", "Y", "N", "토+일", "1,3주 일요일", "10,000원", "-", "=1+1", "2층 강당", "강당", "없음"]
)
CELL = st.one_of(DIRT, st.text(max_size=12))
ROW = st.builds(row, **dict.fromkeys(HEADER, st.one_of(DIRT, st.text(max_size=8))))
NEAR = st.builds(
    row,
    개방시설명=st.sampled_from(["강당", "강 당", "사랑방", "사랑방 (35㎡)", "느티나무 마을회관"]),
    개방시설유형구분=st.sampled_from(["회의실", "강의실", ""]),
    면적=st.sampled_from(["35", "40", ""]),
    데이터기준일자=st.sampled_from(["2024-03-01", "2025-03-01", ""]),
    사용료=st.sampled_from(["10000", "20000"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(ROW, NEAR, st.just(row())), max_size=12))
def test_every_row_is_imported_or_reported_once(rows: list[dict[str, str]]) -> None:
    data = text_of(rows).encode("utf-8", errors="replace").replace(b"\x00", b" ")
    result = read_facilities(data)
    report = result.report
    assert report.rows_read == report.imported + report.repeated + report.superseded + report.refused
    units = [unit for place in result.places for unit in place.units]
    assert (report.units, report.spaces) == (len(units), len(result.places))
    fates = [found.line for found in report.problems if found.severity != "noted"] + [unit.line for unit in units]
    assert len(fates) == len(set(fates)) == report.rows_read
    assert all(len({unit.name for unit in place.units}) == len(place.units) for place in result.places)
    assert len({unit.source_key for unit in units}) == len(units)
    assert len({place.source_key for place in result.places}) == len(result.places)
    noted = {found.line for found in report.problems if found.severity == "noted"}
    assert report.noted == len(noted)
    assert noted <= {unit.line for unit in units}
    json.dumps(asdict(result), allow_nan=False)
    assert read_facilities(data) == result


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_damage_ends_in_a_report_or_in_one_clear_error(damage: bytes, position: int) -> None:
    whole = file_of(row(), row(개방시설명="강당"))
    assert is_accounted_for(whole[:position] + damage + whole[position:])


def is_accounted_for(data: bytes) -> bool:
    """Whether the report balances, or the error says something."""
    try:
        report = read_facilities(data).report
    except UnreadableFile as error:
        return str(error) != ""
    return report.rows_read == report.imported + report.repeated + report.superseded + report.refused


@settings(max_examples=60, deadline=None)
@given(st.permutations([row(개방시설명=f"{floor}층 강당", 면적=str(floor)) for floor in range(1, 6)]))
def test_the_order_of_the_rows_does_not_change_the_keys(rows: list[dict[str, str]]) -> None:
    keys = {unit.source_key for place in read_facilities(file_of(*rows)).places for unit in place.units}
    assert keys == {f"11380 / 느티나무마을회관 / 느티나무로12 / {floor}층강당" for floor in range(1, 6)}


def test_reasons_are_counted() -> None:
    report = read_facilities(file_of(row(휴관일="?"), row(개방시설명="강당", 휴관일="??", 면적="넓음"))).report
    assert report.reasons() == {"closures_not_understood": 2, "area_unreadable": 1}


def test_every_sentence_has_its_english() -> None:
    path = Path(services.maps.__path__[0]) / "translations" / "en.po"
    with path.open("rb") as stream:
        english = {message.id: message.string for message in read_po(stream, locale="en")}
    for texts in (FILE_SENTENCES, SENTENCES, SEVERITIES):
        for text in texts.values():
            korean = str(text)
            assert english.get(korean), korean
            assert ("%(line)s" in korean) == ("%(line)s" in english[korean]), korean
            assert ("%(columns)s" in korean) == ("%(columns)s" in english[korean]), korean
