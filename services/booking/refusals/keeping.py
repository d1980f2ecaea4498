"""Why booking says no to what keepers set, to groups, equipment and payment."""

from flask_babel import lazy_gettext

SENTENCES = {
    "figure_invalid": lazy_gettext("숫자로 적어 주세요."),
    "choice_invalid": lazy_gettext("목록에서 골라 주세요."),
    "grid_unknown": lazy_gettext("예약 단위는 5, 10, 15, 20, 30, 60분 가운데 골라 주세요."),
    "setting_out_of_range": lazy_gettext("정할 수 있는 범위를 벗어났습니다. 값을 다시 골라 주세요."),
    "length_off_grid": lazy_gettext("예약 단위로 나누어떨어지는 시간이어야 합니다. 예약 단위나 이 시간을 바꿔 주세요."),
    "longest_below_shortest": lazy_gettext("가장 긴 시간은 가장 짧은 시간보다 길거나 같아야 합니다."),
    "residents_first_too_long": lazy_gettext(
        "주민 우선 기간은 예약을 여는 기간보다 짧아야 합니다. 자치구 주민만 받으려면 예약할 수 있는 사람을 바꿔 주세요."
    ),
    "no_shows_need_check_in": lazy_gettext(
        "이용 확인을 켜야 오지 않은 예약을 셀 수 있습니다. 이용 확인을 켜거나 이 칸을 비워 주세요."
    ),
    "rules_changed_meanwhile": lazy_gettext(
        "그사이 다른 사람이 이 공간의 설정을 바꿨습니다. 아래 내용을 확인하고 다시 저장해 주세요."
    ),
    "hours_end_before_start": lazy_gettext("닫는 시간은 여는 시간보다 늦어야 합니다. 밤 12시는 24:00으로 골라 주세요."),
    "hours_always_closed": lazy_gettext("여는 요일이 하나는 있어야 합니다. 잠시 닫으려면 휴관을 정해 주세요."),
    "special_hours_incomplete": lazy_gettext("여는 시간과 닫는 시간을 모두 고르거나, 쉬는 날이면 모두 비워 주세요."),
    "day_over": lazy_gettext("이미 지난 날입니다. 오늘이나 오늘 뒤의 날을 골라 주세요."),
    "note_too_long": lazy_gettext("200자까지 적을 수 있습니다. 줄여 주세요."),
    "name_needed": lazy_gettext("이름을 적어 주세요."),
    "name_too_long": lazy_gettext("이름은 80자까지 적을 수 있습니다. 줄여 주세요."),
    "tariff_unit_unknown": lazy_gettext("요금을 세는 단위를 목록에서 골라 주세요."),
    "tariff_base_out_of_range": lazy_gettext("기본 시간은 0분부터 24시간까지 정할 수 있습니다."),
    "tariff_incomplete": lazy_gettext(
        "마지막 줄은 언제 누구에게나 맞아야 합니다. 조건을 모두 비운 줄을 맨 아래에 하나 넣어 주세요."
    ),
    "tariff_too_many_lines": lazy_gettext("요금표는 20줄까지 만들 수 있습니다. 비슷한 줄을 합쳐 주세요."),
    "tariff_line_hides_others": lazy_gettext(
        "조건이 없는 줄이라 아래 줄이 쓰이지 않습니다. 이 줄을 맨 아래로 옮기거나 조건을 골라 주세요."
    ),
    "tariff_won_out_of_range": lazy_gettext("요금은 0원부터 1천만 원까지 숫자로 적어 주세요."),
    "tariff_day_unknown": lazy_gettext("요일 종류를 목록에서 골라 주세요."),
    "tariff_group_unknown": lazy_gettext("모임 종류를 목록에서 골라 주세요."),
    "tariff_band_empty": lazy_gettext("시작과 끝이 같은 시간대입니다. 다른 시간을 골라 주세요."),
    "tariff_label_too_long": lazy_gettext("요금 이름은 40자까지 적을 수 있습니다. 줄여 주세요."),
    "quote_too_long": lazy_gettext("7일이 넘는 시간의 사용료는 미리 셀 수 없습니다. 시간을 줄여 주세요."),
    "equipment_unknown": lazy_gettext("이 공간에서 빌려주지 않는 비품입니다. 비품을 다시 골라 주세요."),
    "equipment_count_invalid": lazy_gettext("비품 수는 0개부터 1,000개까지 숫자로 적어 주세요."),
    "equipment_lent": lazy_gettext("그 시간에 남은 %(name)s: %(free)s개. 개수를 줄이거나 다른 시간을 골라 주세요."),
    "equipment_not_found": lazy_gettext("찾는 비품이 없습니다. 비품 목록에서 다시 골라 주세요."),
    "group_not_found": lazy_gettext("찾는 모임이 없습니다. 내 모임에서 다시 골라 주세요."),
    "leaders_only": lazy_gettext("모임의 대표만 할 수 있습니다. 대표에게 부탁해 주세요."),
    "invitation_unknown": lazy_gettext("쓸 수 없는 초대입니다. 모임 대표에게 새 초대 주소를 받아 주세요."),
    "group_needs_leader": lazy_gettext("다른 대표를 먼저 정해 주세요. 그 뒤에 모임에서 나갈 수 있습니다."),
    "member_not_found": lazy_gettext("이 모임에 없는 사람입니다. 화면을 새로 열어 확인해 주세요."),
    "too_many_groups": lazy_gettext("모임은 %(most)s개까지 함께할 수 있습니다. 쓰지 않는 모임에서 나가 주세요."),
    "payment_state_unknown": lazy_gettext("받음, 면제, 받을 것 가운데 골라 주세요."),
    "nothing_to_pay": lazy_gettext("받을 사용료가 없는 예약입니다. 화면을 새로 열어 확인해 주세요."),
}
