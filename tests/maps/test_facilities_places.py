"""Rows to places: districts, which column is the place, rooms of one building, repeats and contradictions."""

from __future__ import annotations

import pytest

from services.maps.facilities import FacilityImport, read_facilities
from services.maps.facilities.addresses import address_key
from tests.maps.facility_rows import file_of, row


def read(*rows: dict[str, str]) -> FacilityImport:
    result = read_facilities(file_of(*rows))
    report = result.report
    assert report.rows_read == len(rows)
    assert report.rows_read == report.imported + report.repeated + report.superseded + report.refused
    return result


def findings(result: FacilityImport) -> list[tuple[int, str, str, int | None]]:
    return [(found.line, found.severity, found.reason, found.other_line) for found in result.report.problems]


def shape(result: FacilityImport) -> dict[str, list[str]]:
    return {place.name: [unit.name for unit in place.units] for place in result.places}


def test_rooms_of_one_place_are_units_of_one_space() -> None:
    result = read(
        row(),
        row(개방장소명="솔밭 도서관", 개방시설명="열람실", 소재지도로명주소="서울특별시 은평구 솔밭길 3", 위도="37.61"),
        row(개방시설명="느티나무마을회관 3층 강당", 소재지도로명주소="서울 은평구 느티나무로12 (녹번동)"),
    )
    assert shape(result) == {"느티나무 마을회관": ["2층 회의실", "3층 강당"], "솔밭 도서관": ["열람실"]}
    assert findings(result) == []
    place = result.places[0]
    assert (place.district, place.address) == ("11380", "서울특별시 은평구 느티나무로 12")
    assert (place.phone, place.homepage) == ("02-123-4567", "https://example.kr/")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("서울특별시 은평구 진흥로 123길 11", "서울시 은평구 진흥로123길 11"),
        ("서울특별시 은평구 진흥로67 가길 63", "은평구 진흥로67가길 63 3층"),
        ("서울특별시 은평구 녹번동 솔밭길 1", "서울특별시 은평구 솔밭길 1 (녹번동)"),
        ("서울특별시 은평구 솔밭14길 19, 2층", "서울특별시 은평구 솔밭14길 19, 3층"),
        ("03384 서울특별시 은평구 솔밭로 62-7", "(03384) 서울특별시 은평구 솔밭로62-7 솔밭회관"),
    ],
)
def test_spellings_of_one_address(one: str, other: str) -> None:
    assert address_key(one, "") == address_key(other, "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("서울특별시 은평구 솔밭로 1", "서울특별시 은평구 솔밭로 12"),
        ("서울특별시 은평구 솔밭로1길 2", "서울특별시 은평구 솔밭로 12"),
        ("서울특별시 은평구 솔밭로 6-2", "서울특별시 은평구 솔밭로 6"),
        ("서울특별시 은평구 솔밭로 지하 6", "서울특별시 은평구 솔밭로 6"),
        ("서울특별시 은평구 목동동로 37", "서울특별시 은평구 동로 37"),
        ("서울특별시 은평구 솔밭역 1번출구", "서울특별시 은평구 솔밭역 2번출구"),
    ],
)
def test_addresses_that_are_not_one(one: str, other: str) -> None:
    assert address_key(one, "") != address_key(other, "")


def test_without_road_address_the_lot_number_counts() -> None:
    assert address_key("", "서울특별시 은평구 녹번동 산26-155") == "녹번동산26-155"
    result = read(row(소재지도로명주소=""), row(개방시설명="강당", 소재지도로명주소=""))
    assert shape(result) == {"느티나무 마을회관": ["2층 회의실", "강당"]}
    assert result.places[0].address == "서울특별시 은평구 녹번동 1-2"


def test_one_name_at_two_addresses_is_two_places_and_noted() -> None:
    result = read(
        row(),
        row(개방시설명="강당", 소재지도로명주소="서울특별시 은평구 솔밭길 3", 소재지지번주소="", 위도="37.61"),
    )
    assert [place.name for place in result.places] == ["느티나무 마을회관"] * 2
    assert result.places[0].source_key != result.places[1].source_key
    assert findings(result) == [(3, "noted", "place_at_several_addresses", 2)]


def test_two_names_at_one_address_are_two_places_and_noted() -> None:
    result = read(row(), row(개방장소명="솔밭 경로당"))
    assert len(result.places) == 2
    assert findings(result) == [(3, "noted", "address_shared", 2)]


def test_one_point_for_two_addresses_is_noted() -> None:
    result = read(row(), row(개방장소명="솔밭 경로당", 소재지도로명주소="서울특별시 은평구 솔밭길 3"))
    assert findings(result) == [(3, "noted", "coordinates_shared", 2)]


def test_values_that_differ_within_a_place_are_noted_and_the_first_counts() -> None:
    result = read(
        row(사용안내전화번호=""),
        row(개방시설명="강당"),
        row(개방시설명="음악실", 사용안내전화번호="02-123-9999", 위도="37.6127", 홈페이지주소="https://example.com"),
        row(개방시설명="미술실", 위도="37.6028"),
    )
    place = result.places[0]
    assert (place.phone, place.lat, place.homepage) == ("02-123-4567", 37.6027, "https://example.kr/")
    noted = [(found.line, found.field) for found in result.report.problems]
    assert noted == [(4, "위도"), (4, "사용안내전화번호"), (4, "홈페이지주소")]


@pytest.mark.parametrize(
    ("facility", "place", "expected"),
    [
        # published the other way round
        ("느티나무동주민센터", "2층 컴퓨터실", ("느티나무동주민센터", "2층 컴퓨터실")),
        ("느티나무동 주민센터", "은평구 느티나무동주민센터 나눔마당", ("느티나무동 주민센터", "나눔마당")),
        ("느티나무동주민센터", "느티나무동주민센터(2층 누리방)", ("느티나무동주민센터", "2층 누리방")),
        ("은평구청", "청소년휴카페", ("은평구청", "청소년휴카페")),
        ("솔밭 구민회관", "대체육관", ("솔밭 구민회관", "대체육관")),
        ("느티나무동주민센터", "3층 자치회관", ("느티나무동주민센터", "3층 자치회관")),
    ],
)
def test_place_and_room_published_the_other_way_round(facility: str, place: str, expected: tuple[str, str]) -> None:
    result = read(row(개방시설명=facility, 개방장소명=place))
    assert (result.places[0].name, result.places[0].units[0].name) == expected
    assert findings(result) == [(2, "noted", "names_swapped", None)]


@pytest.mark.parametrize(
    ("facility", "place", "expected"),
    [
        ("은평구 느티나무동 자치회관 - 5층 강당", "느티나무동자치회관", ("느티나무동자치회관", "5층 강당")),
        ("강당", "강당동주민센터", ("강당동주민센터", "강당")),
        ("강의실1", "강의실", ("강의실", "강의실1")),
        ("이야기방", "솔밭역 북카페 (이야기방)", ("솔밭역 북카페 (이야기방)", "이야기방")),
        ("청년지원센터", "솔밭빌딩 2층", ("솔밭빌딩 2층", "청년지원센터")),
        ("작은도서관", "2층 다목적실", ("2층 다목적실", "작은도서관")),
        ("느티나무동주민센터", "느티나무동주민센터 별관", ("느티나무동주민센터 별관", "느티나무동주민센터")),
        ("느티나무동 작은도서관", "느티나무동주민센터", ("느티나무동주민센터", "느티나무동 작은도서관")),
    ],
)
def test_names_that_are_left_as_published(facility: str, place: str, expected: tuple[str, str]) -> None:
    result = read(row(개방시설명=facility, 개방장소명=place))
    assert (result.places[0].name, result.places[0].units[0].name) == expected
    assert findings(result) == []


def test_a_room_without_a_name_of_its_own_is_named_by_its_kind() -> None:
    same = {"개방시설명": "솔밭동주민센터", "개방장소명": "솔밭동주민센터"}
    result = read(
        row(**same, 개방시설유형구분="강의실", 면적="32"),
        row(**same, 개방시설유형구분="회의실", 면적="35"),
        row(**same, 개방시설유형구분="강의실", 면적="37"),
    )
    assert shape(result) == {"솔밭동주민센터": ["강의실 (32㎡)", "회의실", "강의실 (37㎡)"]}
    assert findings(result) == [(2, "noted", "room_name_shared", None), (4, "noted", "room_name_shared", None)]


def test_rooms_that_share_a_name_are_told_apart_by_kind_and_area() -> None:
    result = read(
        row(개방시설명="사랑방", 개방시설유형구분="다목적실", 면적="109.5"),
        row(개방시설명="사랑방", 개방시설유형구분="강의실", 면적="35"),
        row(개방시설명="사 랑 방", 개방시설유형구분="강의실", 면적="40"),
    )
    assert shape(result) == {
        "느티나무 마을회관": ["사랑방 (다목적실)", "사랑방 (강의실, 35㎡)", "사 랑 방 (강의실, 40㎡)"]
    }


def test_unit_names_are_unique_within_a_space_whatever_is_published() -> None:
    result = read(
        row(개방시설명="사랑방", 면적="35"),
        row(개방시설명="사랑방", 면적="40"),
        row(개방시설명="사랑방 (35㎡)", 면적="41"),
    )
    assert shape(result) == {"느티나무 마을회관": ["사랑방 (35㎡)", "사랑방 (40㎡)"]}
    assert (4, "refused", "rows_contradict", 2) in findings(result)


def test_an_exact_repeat_is_reported_with_the_line_of_the_first() -> None:
    result = read(row(), row(개방시설명="강당"), row(), row())
    assert result.report.units == 2
    assert findings(result) == [(4, "repeated", "row_repeated", 2), (5, "repeated", "row_repeated", 2)]


def test_the_later_date_counts_wherever_it_stands() -> None:
    result = read(
        row(사용료="20000", 데이터기준일자="2024-05-01"),
        row(사용료="10000", 데이터기준일자="2024-03-01"),
        row(개방시설명="강당", 사용료="10000", 데이터기준일자="2024-03-01"),
        row(개방시설명="강당", 사용료="30000", 데이터기준일자="2024.05.01"),
    )
    sums = {unit.name: unit.fee["base_won"] for unit in result.places[0].units if unit.fee}
    assert sums == {"2층 회의실": 20000, "강당": 30000}
    assert findings(result) == [(3, "superseded", "row_superseded", 2), (4, "superseded", "row_superseded", 5)]


@pytest.mark.parametrize(
    "change", [{"사용료": "20000"}, {"수용가능인원수": "40"}, {"면적": "", "사용료": "1"}, {"개방시설유형구분": ""}]
)
@pytest.mark.parametrize("date", ["2024-03-01", ""])
def test_rows_of_one_date_that_contradict_are_refused_but_the_first(change: dict[str, str], date: str) -> None:
    result = read(row(), row(**change, 데이터기준일자=date))
    assert result.report.units == 1
    assert result.places[0].units[0].line == 2
    assert findings(result) == [(3, "refused", "rows_contradict", 2)]


@pytest.mark.parametrize(
    ("road", "lot", "office", "district"),
    [
        ("서울특별시 은평구 솔밭길 3", "", "", "11380"),
        ("서울 은평구 솔밭길 3", "", "솔밭동주민센터", "11380"),
        ("03384 서울시은평구 솔밭길 3", "", "", "11380"),
        ("은평구 솔밭길 3", "", "", "11380"),
        ("", "서울특별시 은평구 녹번동 1", "", "11380"),
        ("솔밭길 3", "", "은평구시설관리공단", "11380"),
        ("중구 솔밭길 3", "", "서울특별시 중구청", "11140"),
        ("서울특별시 송파구 솔밭길 3", "", "성동구치소", "11710"),
    ],
)
def test_districts(road: str, lot: str, office: str, district: str) -> None:
    result = read(row(소재지도로명주소=road, 소재지지번주소=lot, 관리기관명=office))
    assert [place.district for place in result.places] == [district]


@pytest.mark.parametrize(
    ("road", "lot", "office", "reason"),
    [
        ("솔밭길 3", "", "솔밭동주민센터", "district_unknown"),
        ("강서구 솔밭길 3", "", "", "district_unknown"),  # Busan has one too
        ("중구 솔밭길 3", "", "중구청", "district_unknown"),
        ("부산광역시 강서구 솔밭길 3", "", "서울특별시 강서구청", "outside_seoul"),
        ("경기도 고양시 솔밭길 3", "", "서울특별시 은평구청", "outside_seoul"),
        ("서울특별시 은평구 솔밭길 3", "서울특별시 마포구 상암동 1", "", "district_contradiction"),
        ("서울특별시 은평구 솔밭길 3", "", "서울특별시 마포구청", "district_contradiction"),
    ],
)
def test_rows_without_a_certain_district_are_refused(road: str, lot: str, office: str, reason: str) -> None:
    result = read(row(소재지도로명주소=road, 소재지지번주소=lot, 관리기관명=office))
    assert result.places == []
    assert findings(result) == [(2, "refused", reason, None)]


def test_rows_without_name_or_place_are_refused() -> None:
    result = read(
        row(개방시설명=" "),
        row(개방장소명="", 소재지도로명주소="", 소재지지번주소=""),
    )
    assert findings(result) == [(2, "refused", "name_missing", None), (3, "refused", "place_missing", None)]


def test_a_missing_place_or_address_is_noted() -> None:
    result = read(row(개방장소명="", 개방시설명="솔밭 다락방"), row(소재지도로명주소="", 소재지지번주소=""))
    assert [place.name for place in result.places] == ["솔밭 다락방", "느티나무 마을회관"]
    assert (2, "noted", "place_named_by_facility", None) in findings(result)
    assert (3, "noted", "address_missing", None) in findings(result)


def test_published_again_with_other_values_the_keys_stay() -> None:
    before = read(row(), row(개방시설명="강당"))
    after = read(
        row(개방시설명="강 당", 사용료="9000", 데이터기준일자="2025-01-01"),
        row(
            개방장소명="느티나무마을회관",
            소재지도로명주소="서울시 은평구 느티나무로12",
            휴관일="월",
            수용가능인원수="99",
            면적="70",
            위도="37.6030",
            데이터기준일자="2025-01-01",
        ),
    )
    assert [place.source_key for place in before.places] == [place.source_key for place in after.places]
    keys = [{unit.source_key for unit in found.places[0].units} for found in (before, after)]
    assert keys[0] == keys[1]
