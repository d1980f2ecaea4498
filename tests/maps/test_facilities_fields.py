"""One field at a time: structured when it can be read with certainty, otherwise left as published and noted."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from services.maps.facilities import UnitFacts, contact, fees, hours, read_facilities, text
from tests.maps.facility_rows import file_of, row, text_of

NONE = {"weekdays": [], "holidays": False, "monthly": [], "named": []}


def read(**cells: str) -> tuple[UnitFacts, list[str]]:
    """The only unit of a file of one row, and the reasons noted."""
    result = read_facilities(text_of([row(**cells)]).encode())
    assert result.report.imported == 1
    assert {found.severity for found in result.report.problems} <= {"noted"}
    return result.places[0].units[0], [found.reason for found in result.report.problems]


@pytest.mark.parametrize("module", [fees, hours, text])
def test_the_examples_in_the_docstrings_hold(module: Any) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("공휴일", {"holidays": True}),
        ("법정 공휴일", {"holidays": True}),
        ("공휴일(대체공휴일 포함)", {"holidays": True}),
        ("토+일", {"weekdays": [6, 7]}),
        ("토.일요일", {"weekdays": [6, 7]}),
        ("토일", {"weekdays": [6, 7]}),
        ("주말 및 공휴일", {"weekdays": [6, 7], "holidays": True}),
        ("매주 화,목,토,일요일+공휴일", {"weekdays": [2, 4, 6, 7], "holidays": True}),
        ("매주화요일/법정공휴일", {"weekdays": [2], "holidays": True}),
        ("일요일과 공휴일 휴관", {"weekdays": [7], "holidays": True}),
        ("월요일~수요일", {"weekdays": [1, 2, 3]}),
        ("연중무휴", {}),
        ("없음", {}),
        ("첫째주 월요일", {"monthly": [[1, 1]]}),
        ("매월 둘째·넷째 주 일요일", {"monthly": [[2, 7], [4, 7]]}),
        ("제1,3주 일요일 및 법정공휴일", {"monthly": [[1, 7], [3, 7]], "holidays": True}),
        ("수요일, 매월 마지막 주 월요일", {"weekdays": [3], "monthly": [[-1, 1]]}),
        ("설,추석 당일", {"named": ["seollal_day", "chuseok_day"]}),
        ("1월 1일, 명절 연휴", {"named": ["new_year_day", "seollal_holidays", "chuseok_holidays"]}),
        ("월요일, 신정, 근로자의 날", {"weekdays": [1], "named": ["new_year_day", "labour_day"]}),
        ("공휴일, 설날", {"holidays": True}),
    ],
)
def test_closures_that_are_wholly_understood(published: str, expected: dict[str, Any]) -> None:
    unit, reasons = read(휴관일=published)
    assert unit.closures == NONE | expected
    assert unit.closure_text == published
    assert "closures_not_understood" not in reasons


@pytest.mark.parametrize(
    "published",
    [
        "매주 툐요일, 일요일",
        "격주 월요일",
        "토요일(격주)",
        "토요일 오후",
        "월요일(공휴일인 경우 다음날)",
        "연중무휴(명절 제외)",
        "설날, 추석",
        "명절",
        "국경일",
        "대체공휴일",
        "매월 1일",
        "1,3일",
        "매월 15일",
        "2,4주 토,일요일",
        "일~월",
        "매주",
        "당일",
        "-",
    ],
)
def test_closures_that_are_not_certain_stay_a_text(published: str) -> None:
    unit, reasons = read(휴관일=published)
    assert (unit.closures, unit.closure_text) == (None, published)
    assert "closures_not_understood" in reasons


def test_a_known_remark_on_closures_is_kept_and_noted() -> None:
    unit, reasons = read(휴관일="일(시설 사정에 따라 변경가능)")
    assert unit.closures == NONE | {"weekdays": [7]}
    assert unit.closure_text == "일(시설 사정에 따라 변경가능)"
    assert reasons == ["closures_may_change"]


def test_units_do_not_share_the_lists_of_equal_closures() -> None:
    result = read_facilities(file_of(row(), row(개방시설명="강당")))
    one, other = result.places[0].units
    assert one.closures is not None
    assert other.closures is not None
    one.closures["weekdays"].append(1)
    assert other.closures["weekdays"] == [7]


def read_hours(weekday: str, weekend: str, closed: str = "공휴일") -> tuple[Any, list[str]]:
    start, end = weekday.split("~")
    weekend_start, weekend_end = weekend.split("~")
    unit, reasons = read(
        휴관일=closed,
        평일운영시작시각=start,
        평일운영종료시각=end,
        주말운영시작시각=weekend_start,
        주말운영종료시각=weekend_end,
    )
    return unit.hours, [reason for reason in reasons if reason.startswith("hours")]


@pytest.mark.parametrize(
    "weekday",
    ["09:00~18:30", "9:00~18:30:00", "0900~1830", "9시~18시 30분", "오전 9:00~오후 6:30", "0.375~.7708333333"],
)
def test_spellings_of_a_time(weekday: str) -> None:
    assert read_hours(weekday, "10:00~24:00") == (
        {"weekday": ["09:00", "18:30"], "weekend": ["10:00", "24:00"]},
        [],
    )


@pytest.mark.parametrize(
    ("weekday", "weekend", "closed", "expected", "reasons"),
    [
        # no hours on days that are closed: closed, and nothing to note
        ("09:00~18:00", "00:00~00:00", "토+일", {"weekday": ["09:00", "18:00"], "weekend": None}, []),
        ("00:00~00:00", "10:00~14:00", "월~금", {"weekday": None, "weekend": ["10:00", "14:00"]}, []),
        ("09:00~18:00", "휴관~휴관", "", {"weekday": ["09:00", "18:00"], "weekend": None}, []),
        # no hours on other days: not known, not reservable, noted
        (
            "09:00~18:00",
            "00:00~00:00",
            "일",
            {"weekday": ["09:00", "18:00"], "weekend": None},
            ["hours_weekend_unknown"],
        ),
        (
            "00:00~00:00",
            "10:00~14:00",
            "일",
            {"weekday": None, "weekend": ["10:00", "14:00"]},
            ["hours_weekday_unknown"],
        ),
        ("00:00~00:00", "~", "공휴일", None, ["hours_unknown"]),
        ("~", "~", "토+일", None, ["hours_unknown"]),
        # hours that cannot be
        (
            "09:00~18:00",
            "09:00~00:00",
            "일",
            {"weekday": ["09:00", "18:00"], "weekend": None},
            ["hours_weekend_reversed"],
        ),
        (
            "18:00~18:00",
            "10:00~12:00",
            "일",
            {"weekday": None, "weekend": ["10:00", "12:00"]},
            ["hours_weekday_reversed"],
        ),
        ("9~18", "10:00~12:00", "일", {"weekday": None, "weekend": ["10:00", "12:00"]}, ["hours_weekday_unreadable"]),
        (
            "09:00~",
            "25:00~26:00",
            "일",
            None,
            ["hours_unknown", "hours_weekday_unreadable", "hours_weekend_unreadable"],
        ),
        # hours on days that are closed
        (
            "09:00~18:00",
            "10:00~12:00",
            "토, 일, 공휴일",
            {"weekday": ["09:00", "18:00"], "weekend": ["10:00", "12:00"]},
            ["hours_weekend_but_closed"],
        ),
    ],
)
def test_hours_are_decided_with_the_closures(
    weekday: str, weekend: str, closed: str, expected: Any, reasons: list[str]
) -> None:
    assert read_hours(weekday, weekend, closed) == (expected, reasons)


def test_closed_every_day_is_said() -> None:
    unit, reasons = read(휴관일="월+화+수+목+금+토+일", 평일운영시작시각="00:00", 평일운영종료시각="00:00",
                         주말운영시작시각="00:00", 주말운영종료시각="00:00")  # fmt: skip
    assert unit.hours is None
    assert unit.closures == NONE | {"weekdays": [1, 2, 3, 4, 5, 6, 7]}
    assert reasons == ["closed_every_day", "hours_unknown"]


def read_fee(*cells: str) -> tuple[Any, str | None, list[str]]:
    unit, reasons = read(**dict(zip(fees.COLUMNS, cells, strict=True)))
    return unit.fee, unit.fee_text, reasons


FREE = {"free": True, "base_minutes": 0, "base_won": 0, "extra_minutes": None, "extra_won": None}
PAID = {"free": False, "base_minutes": 120, "base_won": 10000, "extra_minutes": None, "extra_won": None}


@pytest.mark.parametrize(
    ("cells", "fee"),
    [
        (("N", "", "", "", ""), FREE),
        (("N", "", "무료", "", ""), FREE),
        (("", "", "무료", "", ""), FREE),
        (("N", "1", "0원", "1", "0"), FREE | {"base_minutes": 60}),
        (("Y", "2", "10000", "", ""), PAID),
        (("유료", "2시간", "10,000원", "0", "0"), PAID),
        (("y", "120분", "1만원", "30분", "2천원"), PAID | {"extra_minutes": 30, "extra_won": 2000}),
        (("Y", "2.0", "₩10,000", "0.5", "5000.0"), PAID | {"extra_minutes": 30, "extra_won": 5000}),
    ],
)
def test_fees_that_are_certain(cells: tuple[str, ...], fee: dict[str, Any]) -> None:
    assert read_fee(*cells)[::2] == (fee, [])


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("Y", "2", "10000원(구로구민5000원)", "", ""), "fee_not_a_sum"),
        (("Y", "2", "60,000원(부가세별도)", "1", "30000"), "fee_not_a_sum"),
        (("Y", "", "협의후 결정", "0", "0"), "fee_not_a_sum"),
        (("Y", "1", "15,000~", "", ""), "fee_not_a_sum"),
        (("Y", "1", "10,00", "", ""), "fee_not_a_sum"),
        (("Y", "1", "-5000", "", ""), "fee_not_a_sum"),
        (("N", "2", "10000", "1", "5000"), "fee_but_free"),
        (("N", "", "", "1", "5000"), "fee_but_free"),
        (("Y", "2", "0", "0", "0"), "paid_but_zero"),
        (("Y", "2", "무료", "", ""), "paid_but_zero"),
        (("Y", "2", "", "1", ""), "fee_sum_missing"),
        (("Y", "", "5000", "", ""), "fee_time_unreadable"),
        (("Y", "1회", "5000", "", ""), "fee_time_unreadable"),
        (("Y", "60", "5000", "", ""), "fee_time_unreadable"),
        (("", "1", "5000", "", ""), "fee_flag_missing"),
        (("O", "1", "5000", "", ""), "fee_flag_unknown"),
    ],
)
def test_fees_that_are_not_certain_stay_a_text_with_every_cell(cells: tuple[str, ...], reason: str) -> None:
    fee, fee_text, reasons = read_fee(*cells)
    assert (fee, reasons) == (None, [reason])
    assert fee_text is not None
    assert all(cell in fee_text for cell in cells)


@pytest.mark.parametrize("extra", [("1", ""), ("", "5000"), ("1", "0"), ("1", "협의")])
def test_half_an_extra_fee_is_none_and_noted(extra: tuple[str, str]) -> None:
    fee, fee_text, reasons = read_fee("Y", "2", "10000", *extra)
    assert (fee, reasons) == (PAID, ["fee_extra_incomplete"])
    assert fee_text is not None
    assert all(cell in fee_text for cell in extra)


def test_no_word_on_fees_is_not_free() -> None:
    assert read_fee("", "", "", "", "") == (None, None, ["fee_missing"])


@pytest.mark.parametrize(
    ("published", "capacity"), [("30", 30), ("1,200명", 1200), ("20.0", 20), ("50석", 50), ("", None)]
)
def test_capacities(published: str, capacity: int | None) -> None:
    unit, reasons = read(수용가능인원수=published)
    assert (unit.capacity, reasons) == (capacity, [])


@pytest.mark.parametrize("published", ["0", "약 50명", "20~30", "-5", "12.5", "많음", "99999999", "10,0"])
def test_capacities_that_are_not_certain(published: str) -> None:
    unit, reasons = read(수용가능인원수=published)
    assert (unit.capacity, reasons) == (None, ["capacity_unreadable"])
    assert unit.raw["수용가능인원수"] == published


@pytest.mark.parametrize(
    ("published", "area"),
    [("66.50", "66.5"), ("100", "100"), ("1,171.11㎡", "1171.11"), ("50 m2", "50"), ("120.0", "120"), ("", None)],
)
def test_areas(published: str, area: str | None) -> None:
    unit, reasons = read(면적=published)
    assert (unit.area_m2, reasons) == (area, [])


@pytest.mark.parametrize("published", ["0", "약 50㎡", "30평", "66.5.1", "넓음", "-3"])
def test_areas_that_are_not_certain(published: str) -> None:
    unit, reasons = read(면적=published)
    assert (unit.area_m2, reasons) == (None, ["area_unreadable"])


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"),
    [
        ("", "", "coordinates_missing"),
        ("0", "0.0", "coordinates_missing"),
        ("37.6", "", "coordinates_unreadable"),
        ("37,6", "126,9", "coordinates_unreadable"),
        ("37°36'", "126°55'", "coordinates_unreadable"),
        ("126.9291", "37.6027", "coordinates_swapped"),
        ("35.1796", "129.0756", "coordinates_outside"),
        ("451234.5", "198765.4", "coordinates_outside"),
        ("inf", "1e2", "coordinates_unreadable"),
    ],
)
def test_a_point_that_is_not_certain_is_not_used(latitude: str, longitude: str, reason: str) -> None:
    result = read_facilities(text_with_point(latitude, longitude))
    assert (result.places[0].lat, result.places[0].lon) == (None, None)
    assert [found.reason for found in result.report.problems] == [reason]


def text_with_point(latitude: str, longitude: str) -> bytes:
    return file_of(row(위도=latitude, 경도=longitude))


def test_a_point_in_seoul_is_used() -> None:
    place = read_facilities(text_with_point("37.6027", "126.9291")).places[0]
    assert (place.lat, place.lon) == (37.6027, 126.9291)


@pytest.mark.parametrize(
    ("published", "items"),
    [
        ("책상+의자", ["책상", "의자"]),
        ("책상, 의자 등", ["책상", "의자"]),
        ("칠판/빔프로젝터·마이크", ["칠판", "빔프로젝터", "마이크"]),
        ("보유장서 6,000여권+북카페", ["보유장서 6,000여권", "북카페"]),
        ("마이크(유선, 무선), 의자, 의자", ["마이크(유선, 무선)", "의자"]),
        ("", []),
    ],
)
def test_equipment(published: str, items: list[str]) -> None:
    unit, reasons = read(부대시설정보=published)
    assert (unit.equipment, reasons) == (items, [])


def test_a_remark_is_no_equipment() -> None:
    unit, reasons = read(부대시설정보="개방 시간은 행사에 따라 다를 수 있음")
    assert (unit.equipment, reasons) == ([], ["equipment_is_remark"])
    assert unit.raw["부대시설정보"] == "개방 시간은 행사에 따라 다를 수 있음"


@pytest.mark.parametrize(
    ("published", "ways"),
    [
        ("인터넷. 전화, 방문접수", ["인터넷", "전화", "방문"]),
        ("유선 + App+방문", ["전화", "앱", "방문"]),
        ("전화 확인 후 예약", ["전화 확인 후 예약"]),
        ("", []),
    ],
)
def test_ways_to_apply(published: str, ways: list[str]) -> None:
    assert read(신청방법구분=published)[0].apply_by == ways


@pytest.mark.parametrize(
    ("published", "phone"),
    [
        ("02)123-4567", "02-123-4567"),
        ("0212345678", "02-1234-5678"),
        ("031.123.4567", "031-123-4567"),
        ("15881234", "1588-1234"),
        ("120", "120"),
        ("", None),
    ],
)
def test_phones(published: str, phone: str | None) -> None:
    assert contact.read_phone(published) == (phone, [])


@pytest.mark.parametrize("published", ["212345678", "02-123-4567, 02-123-4568", "02-123-4567~8", "없음", "문의"])
def test_phones_that_are_not_one_number(published: str) -> None:
    phone, notes = contact.read_phone(published)
    assert (phone, [note.reason for note in notes]) == (None, ["phone_unreadable"])


@pytest.mark.parametrize(
    ("published", "homepage"),
    [
        ("https://example.kr/a?b=1", "https://example.kr/a?b=1"),
        ("www.example.kr", "http://www.example.kr"),
        ("example.go.kr/room", "http://example.go.kr/room"),
        ("", None),
    ],
)
def test_homepages(published: str, homepage: str | None) -> None:
    assert contact.read_homepage(published) == (homepage, [])


@pytest.mark.parametrize(
    "published",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//example.kr",
        "data:text/html,hello",
        "http://",
        "http://[",
        "http:/www.example.kr",
        "https://user:secret@example.kr",
        "http://example.kr:99999/",
        'http://example.kr/"onclick="x',
        "http://example.kr/<b>",
        "없음",
        "http://example.kr/" + "a" * 500,
    ],
)
def test_homepages_that_are_dropped(published: str) -> None:
    homepage, notes = contact.read_homepage(published)
    assert (homepage, [note.reason for note in notes]) == (None, ["homepage_dropped"])


@pytest.mark.parametrize(
    "published",
    ["2024-03-01", "2024.03.01", "2024. 3. 1.", "20240301", "2024/3/1", "2024년 3월 1일", "2024-03-01 00:00:00"],
)
def test_dates(published: str) -> None:
    assert contact.read_date(published) == ("2024-03-01", [])


@pytest.mark.parametrize("published", ["2024-02-30", "2024-03-1", "24-03-01", "45352", "2024", "삼월"])
def test_dates_that_are_not_certain(published: str) -> None:
    date, notes = contact.read_date(published)
    assert (date, [note.reason for note in notes]) == (None, ["date_unreadable"])
