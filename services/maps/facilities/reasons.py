"""Every reason an import can give, as a sentence that says what was done and what the publisher can do."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _

#: Why a whole file cannot be read.
FILE_SENTENCES: Final = {
    "empty_file": _("파일이 비어 있습니다. 내용이 있는 CSV 파일을 골라 주세요."),
    "spreadsheet_file": _(
        "엑셀 파일은 읽을 수 없습니다. 엑셀에서 'CSV UTF-8' 형식으로 다른 이름으로 저장한 파일을 골라 주세요."
    ),
    "web_page": _("자료가 아니라 웹 페이지입니다. 공공데이터포털에서 CSV 파일을 다시 내려받아 주세요."),
    "not_text": _("CSV 파일이 아닙니다. 공공데이터포털에서 내려받은 CSV 파일을 골라 주세요."),
    "unknown_encoding": _(
        "글자를 읽을 수 없습니다. 파일을 'CSV UTF-8' 또는 '한국어(CP949)' 형식으로 다시 저장해 주세요."
    ),
    "not_this_data_set": _(
        "공공시설개방정보 표준데이터가 아닙니다. 첫 줄에 %(columns)s 같은 열 이름이 쉼표로 나뉘어 있어야 합니다."
    ),
    "missing_columns": _("표준데이터의 열이 빠져 있습니다: %(columns)s. 빠진 열을 넣어 다시 저장해 주세요."),
    "repeated_columns": _("같은 이름의 열이 두 번 있습니다: %(columns)s. 한 열만 남기고 다시 저장해 주세요."),
}

#: What became of a row, or of one field of it. ``%(line)s`` is the line of the row that it is compared with.
SENTENCES: Final = {
    # the row is not imported
    "broken_quotes": _("따옴표가 맞지 않아 행을 읽을 수 없습니다. 이 행을 가져오지 않았습니다."),
    "wrong_cell_count": _(
        "칸 수가 열 이름의 수와 다릅니다. 쉼표가 든 값을 따옴표로 묶었는지 확인해 주세요. 이 행을 가져오지 않았습니다."
    ),
    "cell_too_long": _("값이 지나치게 길어 이 행을 가져오지 않았습니다."),
    "unreadable_characters": _("읽을 수 없는 글자가 있어 이 행을 가져오지 않았습니다."),
    "name_missing": _("개방시설명이 비어 있어 이 행을 가져오지 않았습니다."),
    "place_missing": _("개방장소명과 주소가 모두 비어 있어 이 행을 가져오지 않았습니다."),
    "district_unknown": _("주소와 관리기관명에서 서울의 자치구를 찾을 수 없어 이 행을 가져오지 않았습니다."),
    "outside_seoul": _("서울 밖의 주소입니다. 이 행을 가져오지 않았습니다."),
    "district_contradiction": _("주소와 관리기관명의 자치구가 서로 다릅니다. 이 행을 가져오지 않았습니다."),
    "row_repeated": _("%(line)s행과 똑같은 행입니다. 한 번만 가져왔습니다."),
    "rows_contradict": _("%(line)s행과 같은 공간이지만 값이 서로 다릅니다. %(line)s행만 가져왔습니다."),
    "row_superseded": _("%(line)s행에 같은 이름의 더 새로운 자료가 있어 이 행을 가져오지 않았습니다."),
    # the row is imported, the field is not certain
    "names_swapped": _("개방시설명과 개방장소명이 바뀌어 있어 바로잡았습니다."),
    "place_named_by_facility": _("개방장소명이 비어 있어 개방시설명을 장소 이름으로 썼습니다."),
    "room_name_shared": _("같은 이름의 공간이 여럿이라 유형과 면적으로 구분했습니다."),
    "place_at_several_addresses": _(
        "%(line)s행과 장소 이름이 같지만 주소가 다릅니다. 따로 가져왔으니 주소를 확인해 주세요."
    ),
    "address_shared": _("%(line)s행과 주소가 같지만 장소 이름이 다릅니다. 다른 장소로 가져왔으니 확인해 주세요."),
    "differs_within_place": _("%(line)s행과 같은 장소이지만 값이 다릅니다. 장소에는 먼저 나온 값을 썼습니다."),
    "address_missing": _("주소가 비어 있습니다."),
    "coordinates_missing": _("좌표가 없어 지도에 표시하지 않습니다. 목록에서는 찾을 수 있습니다."),
    "coordinates_unreadable": _("좌표를 읽을 수 없어 지도에 표시하지 않습니다."),
    "coordinates_swapped": _("위도와 경도가 바뀐 듯하여 좌표를 쓰지 않았습니다. 자료를 바로잡아 주세요."),
    "coordinates_outside": _("좌표가 서울을 벗어나 쓰지 않았습니다."),
    "coordinates_shared": _("주소가 다른 %(line)s행과 좌표가 똑같습니다. 어느 쪽이 맞는지 확인해 주세요."),
    "hours_unknown": _("운영시간을 알 수 없어 온라인 예약을 받지 않습니다."),
    "hours_weekday_unknown": _("평일 운영시간을 알 수 없어 평일에는 예약을 받지 않습니다."),
    "hours_weekday_unreadable": _("평일 운영시간을 읽을 수 없어 평일에는 예약을 받지 않습니다."),
    "hours_weekday_reversed": _("평일 종료시각이 시작시각보다 늦지 않아 평일에는 예약을 받지 않습니다."),
    "hours_weekday_but_closed": _("평일 운영시간이 있지만 휴관일에는 평일이 모두 들어 있습니다. 휴관일을 따릅니다."),
    "hours_weekend_unknown": _("주말 운영시간을 알 수 없어 주말에는 예약을 받지 않습니다."),
    "hours_weekend_unreadable": _("주말 운영시간을 읽을 수 없어 주말에는 예약을 받지 않습니다."),
    "hours_weekend_reversed": _("주말 종료시각이 시작시각보다 늦지 않아 주말에는 예약을 받지 않습니다."),
    "hours_weekend_but_closed": _(
        "주말 운영시간이 있지만 휴관일에는 토요일과 일요일이 모두 들어 있습니다. 휴관일을 따릅니다."
    ),
    "closures_missing": _("휴관일이 비어 있습니다."),
    "closures_not_understood": _("휴관일의 뜻을 확실히 알 수 없어 원문만 보여 줍니다."),
    "closures_may_change": _("휴관일이 사정에 따라 바뀔 수 있다고 적혀 있습니다. 원문을 함께 보여 줍니다."),
    "closed_every_day": _("휴관일에 모든 요일이 들어 있습니다. 온라인 예약을 받지 않습니다."),
    "fee_missing": _("사용료가 비어 있습니다."),
    "fee_flag_missing": _("유료사용여부가 비어 있어 사용료의 원문만 보여 줍니다."),
    "fee_flag_unknown": _("유료사용여부를 읽을 수 없어 사용료의 원문만 보여 줍니다."),
    "fee_not_a_sum": _("사용료가 하나의 금액이 아니어서 원문만 보여 줍니다."),
    "fee_but_free": _("무료라고 하면서 사용료가 적혀 있어 원문만 보여 줍니다."),
    "fee_sum_missing": _("유료인데 사용료가 비어 있어 원문만 보여 줍니다."),
    "paid_but_zero": _("유료인데 사용료가 0원이어서 원문만 보여 줍니다."),
    "fee_time_unreadable": _("사용기준시간을 알 수 없어 사용료의 원문만 보여 줍니다."),
    "fee_extra_incomplete": _("초과사용단위시간과 초과사용료 가운데 하나를 알 수 없어 초과사용료를 정하지 않았습니다."),
    "capacity_unreadable": _("수용가능인원수를 알 수 없습니다."),
    "area_unreadable": _("면적을 알 수 없습니다."),
    "equipment_is_remark": _("부대시설정보에 시설이 아니라 안내문이 적혀 있습니다."),
    "phone_unreadable": _("하나의 전화번호가 아니어서 쓰지 않았습니다."),
    "homepage_dropped": _("올바른 홈페이지 주소(http 또는 https)가 아니어서 쓰지 않았습니다."),
    "date_missing": _("데이터기준일자가 비어 있습니다."),
    "date_unreadable": _("데이터기준일자를 읽을 수 없습니다."),
}

#: How a problem's severity is called.
SEVERITIES: Final = {
    "refused": _("가져오지 않음"),
    "repeated": _("중복"),
    "superseded": _("이전 자료"),
    "noted": _("확인 필요"),
}


def sentence(reason: str, other_line: int | None = None) -> str:
    """The sentence of ``reason`` in the current language."""
    return str(SENTENCES[reason]) % {"line": other_line}
