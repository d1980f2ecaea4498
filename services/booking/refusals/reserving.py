"""Why reserving is refused: what a resident reads."""

from flask_babel import lazy_gettext

SENTENCES = {
    "slot_taken": lazy_gettext("이 시간은 이미 예약되었습니다. 비어 있는 다른 시간이나 공간을 골라 주세요."),
    "unit_not_found": lazy_gettext("찾는 공간이 없습니다. 공간 목록에서 다시 골라 주세요."),
    "space_not_found": lazy_gettext("찾는 장소가 없습니다. 공간 목록에서 다시 골라 주세요."),
    "reservation_not_found": lazy_gettext("찾는 예약이 없습니다. 내 예약에서 다시 골라 주세요."),
    "unit_inactive": lazy_gettext(
        "지금은 예약을 받지 않는 공간입니다. 같은 건물이나 자치구의 다른 공간을 골라 주세요."
    ),
    "space_not_open": lazy_gettext("아직 문을 열지 않았거나 문을 닫은 곳입니다. 운영 중인 다른 공간을 골라 주세요."),
    "hours_unknown": lazy_gettext(
        "운영시간이 확인되지 않아 온라인으로 예약할 수 없습니다. 공간에 전화로 문의해 주세요."
    ),
    "end_before_start": lazy_gettext("끝나는 시간은 시작 시간보다 늦어야 합니다. 끝나는 시간을 다시 골라 주세요."),
    "off_grid": lazy_gettext("예약은 %(grid)s분 단위로 받습니다. 정각이나 30분으로 골라 주세요."),
    "too_short": lazy_gettext("예약은 %(shortest)s분부터 할 수 있습니다. 끝나는 시간을 늦춰 주세요."),
    "too_long": lazy_gettext("한 번에 %(longest)s시간까지 예약할 수 있습니다. 시간을 줄이거나 나누어 예약해 주세요."),
    "in_the_past": lazy_gettext("이미 지난 시간입니다. 지금보다 뒤의 시간을 골라 주세요."),
    "too_far_ahead": lazy_gettext("오늘부터 %(days)s일 뒤까지만 예약할 수 있습니다. 더 가까운 날을 골라 주세요."),
    "closed_weekday": lazy_gettext("매주 쉬는 요일입니다. 다른 날을 골라 주세요."),
    "closed_monthly": lazy_gettext("매월 정해진 휴관일입니다. 다른 날을 골라 주세요."),
    "closed_holiday": lazy_gettext("공휴일 휴관일입니다. 다른 날을 골라 주세요."),
    "outside_hours": lazy_gettext("운영시간을 벗어났습니다. 운영시간 안에서 다시 골라 주세요."),
    "people_too_few": lazy_gettext("사람 수는 1명 이상이어야 합니다."),
    "people_too_many": lazy_gettext(
        "이 공간에는 %(capacity)s명까지 들어갈 수 있습니다. 사람 수를 줄이거나 더 넓은 공간을 골라 주세요."
    ),
    "purpose_needed": lazy_gettext("어떤 모임인지 짧게 적어 주세요."),
    "purpose_too_long": lazy_gettext("모임 내용은 200자까지 적을 수 있습니다. 줄여 주세요."),
    "group_name_too_long": lazy_gettext("모임 이름은 80자까지 적을 수 있습니다. 줄여 주세요."),
    "idempotency_key_needed": lazy_gettext("요청마다 다른 Idempotency-Key를 80자 안으로 붙여 주세요."),
    "idempotency_key_reused": lazy_gettext(
        "같은 신청서로 이미 다른 예약을 했습니다. 내 예약을 확인하고, 더 필요하면 한 번 더 보내 주세요."
    ),
    "already_started": lazy_gettext("이미 시작한 예약은 취소할 수 없습니다. 공간에 전화로 알려 주세요."),
    "already_over": lazy_gettext("이미 끝난 예약은 취소할 수 없습니다."),
    "date_invalid": lazy_gettext("날짜를 골라 주세요."),
    "time_invalid": lazy_gettext("시간을 골라 주세요."),
    "people_invalid": lazy_gettext("사람 수를 숫자로 적어 주세요."),
    "too_soon": lazy_gettext("시작하기 %(notice)s시간 전까지 예약할 수 있습니다. 더 늦은 시간을 골라 주세요."),
    "closed_special": lazy_gettext("이날은 쉽니다. 다른 날을 골라 주세요."),
    "closed_closure": lazy_gettext("임시 휴관 중입니다. 다른 날이나 다른 공간을 골라 주세요."),
    "district_only": lazy_gettext(
        "이 자치구 주민만 예약할 수 있는 공간입니다. 내 정보에서 사는 곳을 알려 주시거나 다른 공간을 골라 주세요."
    ),
    "district_first": lazy_gettext(
        "이 기간은 자치구 주민이 먼저 예약합니다. 오늘부터 %(first_days)s일 안의 날을 골라 주세요."
    ),
    "group_only": lazy_gettext("모임으로만 예약할 수 있는 공간입니다. 내 모임을 만들거나 골라 주세요."),
    "group_not_yours": lazy_gettext("이 모임의 구성원이 아닙니다. 내 모임에서 다시 골라 주세요."),
    "blocked_for_no_shows": lazy_gettext(
        "오지 않은 예약이 여러 번 있어 %(until)s까지 예약할 수 없습니다. "
        "사정이 있었다면 내 정보에서 이의를 신청해 주세요."
    ),
    "quota_person_day": lazy_gettext(
        "한 사람이 하루에 %(limit_person_day)s번까지 예약할 수 있습니다. 다른 날을 골라 주세요."
    ),
    "quota_person_week": lazy_gettext(
        "한 사람이 한 주에 %(limit_person_week)s번까지 예약할 수 있습니다. 다른 주를 골라 주세요."
    ),
    "quota_person_month": lazy_gettext(
        "한 사람이 한 달에 %(limit_person_month)s번까지 예약할 수 있습니다. 다른 달을 골라 주세요."
    ),
    "quota_group_day": lazy_gettext(
        "한 모임이 하루에 %(limit_group_day)s번까지 예약할 수 있습니다. 다른 날을 골라 주세요."
    ),
    "quota_group_week": lazy_gettext(
        "한 모임이 한 주에 %(limit_group_week)s번까지 예약할 수 있습니다. 다른 주를 골라 주세요."
    ),
    "quota_group_month": lazy_gettext(
        "한 모임이 한 달에 %(limit_group_month)s번까지 예약할 수 있습니다. 다른 달을 골라 주세요."
    ),
    "too_late_to_cancel": lazy_gettext(
        "시작하기 %(hours)s시간 전까지만 취소할 수 있습니다. 공간에 전화로 알려 주세요."
    ),
    "not_changeable": lazy_gettext("이 예약은 바꿀 수 없습니다. 내 예약에서 상태를 확인해 주세요."),
    "not_requested": lazy_gettext("승인을 기다리는 예약이 아닙니다. 목록을 새로 고쳐 주세요."),
    "reason_needed": lazy_gettext("이유를 적어 주세요. 신청한 분에게 그대로 전합니다."),
    "reason_too_long": lazy_gettext("이유는 %(length)s자까지 적을 수 있습니다. 줄여 주세요."),
}
