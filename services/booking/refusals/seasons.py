"""Why something about a season is refused: what groups and keepers read."""

from flask_babel import lazy_gettext

SENTENCES = {
    "season_not_found": lazy_gettext("찾는 정기 이용이 없습니다. 목록에서 다시 골라 주세요."),
    "season_changed": lazy_gettext(
        "보는 사이에 다른 사람이 바꾸었거나 신청이 달라졌습니다. 아래는 지금 모습이니 살펴보고 다시 해 주세요."
    ),
    "season_rules_frozen": lazy_gettext(
        "신청을 받기 시작한 뒤에는 이름과 안내만 고치고 마감을 늦출 수 있습니다. 다른 것은 처음대로 돌려 주세요."
    ),
    "season_is_published": lazy_gettext("배정이 이미 확정되어 바꿀 수 없습니다. 하나하나는 반복 예약에서 바꿔 주세요."),
    "season_is_cancelled": lazy_gettext(
        "취소된 정기 이용이라 신청하거나 바꿀 수 없습니다. 다른 정기 이용을 찾거나 빈 시간을 예약해 주세요."
    ),
    "season_is_draft": lazy_gettext("아직 공개하지 않은 정기 이용입니다. 필요 없으면 지워 주세요."),
    "season_not_draft": lazy_gettext("공개한 정기 이용은 지울 수 없습니다. 이유를 적어 취소해 주세요."),
    "season_name_needed": lazy_gettext("이름을 적어 주세요. 예: 2027년 봄 정기 이용"),
    "season_name_too_long": lazy_gettext("이름은 80자까지 적을 수 있습니다. 줄여 주세요."),
    "season_note_too_long": lazy_gettext("안내는 2,000자까지 적을 수 있습니다. 줄여 주세요."),
    "season_units_needed": lazy_gettext("나누어 쓸 공간을 하나 이상 골라 주세요."),
    "season_too_many_units": lazy_gettext("공간은 %(most_units)s개까지 고를 수 있습니다. 나누어 만들어 주세요."),
    "season_one_district": lazy_gettext("한 자치구의 공간만 함께 고를 수 있습니다. 자치구마다 따로 만들어 주세요."),
    "season_ends_before_start": lazy_gettext("마지막 날은 첫날보다 늦어야 합니다. 날짜를 다시 골라 주세요."),
    "season_too_long": lazy_gettext("기간은 1년까지 정할 수 있습니다. 마지막 날을 앞당겨 주세요."),
    "season_closes_before_opens": lazy_gettext("마감은 시작보다 늦어야 합니다. 마감을 다시 정해 주세요."),
    "season_closes_in_the_past": lazy_gettext("마감이 이미 지났습니다. 지금보다 뒤로 정해 주세요."),
    "season_starts_too_early": lazy_gettext("첫날은 신청 마감보다 뒤여야 합니다. 배정할 시간을 두고 정해 주세요."),
    "season_moment_invalid": lazy_gettext("날짜와 시간을 골라 주세요."),
    "season_not_open_yet": lazy_gettext("아직 신청을 받지 않습니다. %(opens)s부터 신청할 수 있습니다."),
    "season_closed": lazy_gettext(
        "신청이 %(closes)s에 끝났습니다. 다음 정기 이용을 기다리거나 빈 시간을 예약해 주세요."
    ),
    "season_application_not_found": lazy_gettext("이 정기 이용에 낸 신청이 없습니다."),
    "season_group_applied": lazy_gettext(
        "이 모임으로 다른 분이 이미 신청했습니다. 모임에서 상의하고, 바꾸려면 그분이 고치게 해 주세요."
    ),
    "season_group_needed": lazy_gettext("모임 이름을 적거나 내 모임에서 골라 주세요."),
    "season_times_range": lazy_gettext("한 주에 1번에서 %(most_times)s번까지 신청할 수 있습니다."),
    "season_minutes_range": lazy_gettext("한 번에 %(least_minutes)s분에서 %(most_minutes)s분까지 신청할 수 있습니다."),
    "season_number_invalid": lazy_gettext("숫자로 적어 주세요."),
    "season_option_needed": lazy_gettext("바라는 공간과 요일, 시간을 하나 이상 적어 주세요."),
    "season_choose": lazy_gettext("골라 주세요."),
    "season_too_many_options": lazy_gettext("희망은 %(most_options)s개까지 적을 수 있습니다."),
    "season_option_too_short": lazy_gettext("이 시간 안에는 한 번 쓰는 시간이 들어가지 않습니다. 더 넓게 적어 주세요."),
    "season_option_twice": lazy_gettext("위와 같은 희망입니다. 다른 시간이나 공간을 적어 주세요."),
    "season_too_few_options": lazy_gettext("희망 하나에 한 번씩 드립니다. 바라는 횟수만큼 희망을 더 적어 주세요."),
    "season_too_few_days": lazy_gettext("한 요일에 한 번씩만 드립니다. 다른 요일의 희망을 더 적어 주세요."),
    "season_no_such_day": lazy_gettext("기간 안에 이 요일이 없습니다. 다른 요일을 골라 주세요."),
    "season_unit_unknown": lazy_gettext("이 정기 이용에 없는 공간입니다. 다시 골라 주세요."),
    "season_not_closed": lazy_gettext("신청을 받는 동안에는 배정할 수 없습니다. 마감된 뒤에 해 주세요."),
    "season_nobody_applied": lazy_gettext("신청한 모임이 없어 배정할 것이 없습니다."),
    "season_not_proposed": lazy_gettext("아직 배정안이 없습니다. 먼저 제안을 받아 주세요."),
    "season_clashes": lazy_gettext(
        "함께 쓸 수 없는 시간이 %(count)s쌍 있습니다. 표시한 시간을 옮기거나 뺀 뒤 확정해 주세요."
    ),
    "season_times_full": lazy_gettext("이 모임은 바라는 만큼 받았습니다. 먼저 한 번을 빼거나 그 시간을 옮겨 주세요."),
    "season_time_gone": lazy_gettext("그 시간은 이제 배정안에 없습니다. 아래에서 다시 골라 주세요."),
    "season_time_invalid": lazy_gettext("그 시간에는 드릴 수 없습니다. 시작 시간을 다시 골라 주세요."),
    "season_application_unknown": lazy_gettext("신청한 모임을 다시 골라 주세요."),
    "season_act_unknown": lazy_gettext("할 수 없는 일입니다. 배정안에서 다시 골라 주세요."),
    "season_plan_unknown": lazy_gettext("그 배정안은 더 이상 남아 있지 않습니다. 목록에서 다시 골라 주세요."),
}
