"""Importing files: each row once, again without effect, and a report that hides nothing."""

import csv
import io
import json

import pytest
from sqlalchemy import select

from services.maps.district_boundaries import district_shapes, import_districts
from services.maps.import_report import Report
from services.maps.imports import import_spaces
from services.maps.models import DistrictBoundary, ImportRun, Space, Unit
from services.maps.spaces import change_stage
from shared.identity.actor import SYSTEM
from shared.refusal import Refusal
from shared.web.city_map.geojson import to_geojson
from shared.web.city_map.schematic import schematic_districts
from tests.maps.facility_rows import file_of, row
from tests.maps.town import NOW, Queries, rows, told

HALL, KITCHEN = row(), row(개방시설명="1층 조리실", 사용료="협의", 휴관일="둘째주 월요일")


def imported(house, *facilities):
    return import_spaces(house.databases["maps"], SYSTEM, NOW, "은평구.csv", file_of(*facilities))


def state(maps):
    return rows(maps, Space), rows(maps, Unit), told(maps)


def test_a_place_with_two_rooms_is_one_space_with_two_units(house):
    maps = house.databases["maps"]
    report = imported(house, HALL, KITCHEN, HALL)
    (space,), units, (event,) = state(maps)
    assert (space["kind"], space["stage"], space["district"]) == ("public_facility", "open", "11380")
    assert [unit["name"] for unit in units] == ["2층 회의실", "1층 조리실"]
    assert units[0]["fee"] == {
        "free": False,
        "base_minutes": 120,
        "base_won": 10000,
        "extra_minutes": 60,
        "extra_won": 5000,
    }
    assert units[1]["fee"] is None
    assert "협의" in units[1]["fee_text"]
    assert units[1]["closures"]["monthly"] == [[2, 1]]
    assert [unit["atoms"] for unit in event["payload"]["units"]] == [[f"unit:{unit['id']}"] for unit in units]
    counts = report.run.counts
    assert (
        counts["rows_read"] == 3 == counts["imported"] + counts["repeated"] + counts["superseded"] + counts["refused"]
    )
    assert (counts["added"], counts["repeated"]) == (1, 1)


def test_a_unit_whose_closing_days_are_uncertain_is_not_opened_by_guess(house):
    maps = house.databases["maps"]
    imported(house, row(휴관일="매주 툐요일, 일요일"))
    (unit,) = rows(maps, Unit)
    assert unit["closure_text"] == "매주 툐요일, 일요일"
    assert unit["hours"] is None


def test_the_same_file_again_changes_and_tells_nothing(house):
    maps = house.databases["maps"]
    imported(house, HALL, KITCHEN)
    before = state(maps)
    counts = imported(house, HALL, KITCHEN).run.counts
    assert state(maps) == before
    assert (counts["added"], counts["changed"], counts["unchanged"]) == (0, 0, 1)
    assert len(rows(maps, ImportRun)) == 2


def test_a_file_published_again_changes_the_same_space(house):
    maps = house.databases["maps"]
    imported(house, HALL, KITCHEN)
    (space,), units, _ = state(maps)
    change_stage(maps, SYSTEM, NOW, space_id=space["id"], stage="retired")
    report = imported(house, row(수용가능인원수="45", 데이터기준일자="2025-03-01"))
    (again,), units_again, events = state(maps)
    assert again["id"] == space["id"]
    assert again["stage"] == "retired"
    assert [unit["id"] for unit in units_again] == [unit["id"] for unit in units]
    assert units_again[0]["capacity"] == 45
    assert units_again[1] == units[1]
    assert len(events) == 3
    assert report.run.counts["missing"] == 1
    missing = [found for found in report.rows() if found.code == "unit_missing"]
    assert [found.value for found in missing] == ["느티나무 마을회관 / 1층 조리실"]


def test_every_row_is_accounted_for_in_the_stored_report(house):
    bad = row(소재지도로명주소="부산광역시 중구 느티나무로 1", 소재지지번주소="", 관리기관명="부산광역시 중구청")
    report = imported(house, HALL, HALL, KITCHEN, bad)
    (run,) = rows(house.databases["maps"], ImportRun)
    counts = run["counts"]
    assert counts["rows_read"] == 4
    assert counts["rows_read"] == counts["imported"] + counts["repeated"] + counts["superseded"] + counts["refused"]
    assert {problem["line"] for problem in run["problems"] if problem["severity"] == "refused"} == {5}
    assert all(
        problem["reason"] and found.sentence for problem, found in zip(run["problems"], report.rows(), strict=True)
    )
    assert any("5" in line and "서울" in line for line in report.lines())


def report_of(*values, line=2):
    """The report of a run that found something about each value."""
    problem = {"line": line, "field": "휴관일", "reason": "closures_not_understood", "severity": "noted"}
    problems = [problem | {"value": value, "other_line": None} for value in values]
    return Report(ImportRun(kind="spaces", file_name="x\x1b.csv", counts={"rows_read": 1}, problems=problems))


def test_lines_say_what_where_and_why():
    heading, line = report_of("격주 월요일").lines()
    assert heading == "x .csv: 읽은 행 1"
    assert line.startswith('2행 [확인 필요] 휴관일 "격주 월요일": 휴관일의 뜻을')


def test_lines_hold_nothing_that_moves_a_terminal():
    assert all(line.isprintable() for line in report_of("\x1b[2J\r\n\u202e토", line=None).lines())


def test_a_report_for_a_spreadsheet_holds_no_formula():
    values = ["=HYPERLINK(1)", "+1", "-1", "@A", "\t=1", "\r=1", "평범", "＝1"]
    data = report_of(*values).csv()
    assert data.startswith(b"\xef\xbb\xbf")
    header, *cells = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert header == ["행", "구분", "항목", "값", "이유", "이유 코드"]
    assert [row[3] for row in cells] == [value if value == "평범" else f"'{value}" for value in values]


def test_the_longest_names_fit_on_every_database(house):
    long = row(
        개방시설명="가" * 120, 개방장소명="나" * 120, 소재지도로명주소="서울특별시 은평구 느티나무로 1 " + "다" * 180
    )
    for _ in range(2):
        imported(house, long)
    (space,), (unit,) = (rows(house.databases["maps"], model) for model in (Space, Unit))
    assert (len(space["name"]), len(unit["name"])) == (120, 120)
    assert len(rows(house.databases["maps"], ImportRun)) == 2


@pytest.mark.parametrize(("data", "code"), [(b"", "empty_file"), (b"PK\x03\x04", "spreadsheet_file")])
def test_a_file_of_another_kind_is_refused_and_leaves_nothing(house, data, code):
    with pytest.raises(Refusal) as refused:
        import_spaces(house.databases["maps"], SYSTEM, NOW, "x.csv", data)
    assert (refused.value.code, refused.value.status) == (code, 422)
    assert rows(house.databases["maps"], ImportRun) == []


def test_an_unchanged_import_reads_in_a_bounded_number_of_queries(house):
    many = [
        row(개방장소명=f"마을회관 {number}", 소재지도로명주소=f"서울특별시 은평구 느티나무로 {number}")
        for number in range(1, 40)
    ]
    imported(house, *many)
    with Queries(house.databases["maps"]) as queries:
        imported(house, *many)
    assert len(queries.statements) <= 8


def shapes(house):
    with house.databases["maps"].read() as session:
        return {feature["id"]: feature for feature in district_shapes(session)["features"]}


def boundaries(count=25):
    collection = to_geojson(schematic_districts())
    return json.dumps({**collection, "features": list(collection["features"])[:count]}).encode()


def test_districts_are_schematic_until_boundaries_are_imported(house):
    maps = house.databases["maps"]
    assert [feature["properties"]["schematic"] for feature in shapes(house).values()] == [True] * 25
    counts = import_districts(maps, SYSTEM, NOW, "districts.geojson", boundaries(24)).run.counts
    assert (counts["rows"], counts["added"], counts["missing"]) == (24, 24, 1)
    assert sorted(code for code, feature in shapes(house).items() if feature["properties"]["schematic"]) == ["11740"]
    assert all(feature["geometry"]["coordinates"] for feature in shapes(house).values())


def test_the_same_boundaries_again_change_nothing(house):
    maps = house.databases["maps"]
    import_districts(maps, SYSTEM, NOW, "districts.geojson", boundaries())
    before = rows(maps, DistrictBoundary)
    counts = import_districts(maps, SYSTEM, NOW, "districts.geojson", boundaries()).run.counts
    assert (counts["added"], counts["changed"], counts["unchanged"]) == (0, 0, 25)
    assert rows(maps, DistrictBoundary) == before


def test_boundaries_that_cant_be_used_are_refused(house):
    with pytest.raises(Refusal) as refused:
        import_districts(house.databases["maps"], SYSTEM, NOW, "x.json", b"{}")
    assert refused.value.status == 422
    with house.databases["maps"].read() as session:
        assert session.scalar(select(DistrictBoundary.code)) is None
