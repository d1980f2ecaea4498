"""Why a lottery, an entry or a win is refused."""

from flask_babel import lazy_gettext

SENTENCES = {
    "lottery_not_found": lazy_gettext("찾는 추첨이 없습니다. 추첨 목록에서 다시 골라 주세요."),
    "lottery_drawn": lazy_gettext(
        "이미 추첨이 끝나 취소할 수 없습니다. 당첨된 예약을 바꾸려면 하루 현황에서 한 건씩 알려 주세요."
    ),
    "lottery_not_drawn": lazy_gettext(
        "아직 추첨하지 않아 추첨 기록이 없습니다. 참가 마감 뒤에 바로 추첨하니 그때 다시 열어 주세요."
    ),
    "lottery_not_open": lazy_gettext(
        "지금은 참가를 받는 기간이 아닙니다. 참가 기간을 확인하고, 다른 추첨이나 비어 있는 시간도 찾아 보세요."
    ),
    "lottery_entry_not_found": lazy_gettext("참가한 적이 없는 추첨입니다. 참가 기간이라면 지금 참가할 수 있습니다."),
    "award_not_found": lazy_gettext("찾는 당첨이 없습니다. 추첨 화면에서 다시 골라 주세요."),
    "award_over": lazy_gettext(
        "확인할 시간이 지났거나 이미 답한 당첨입니다. 지금 상태를 확인하고, 필요하면 비어 있는 다른 시간을 찾아 보세요."
    ),
    "lottery_name_needed": lazy_gettext("추첨 이름을 적어 주세요. 예: 12월 토요일 강당"),
    "lottery_about_too_long": lazy_gettext("안내는 2,000자까지 적을 수 있습니다. 줄여 주세요."),
    "lottery_units_needed": lazy_gettext("추첨할 공간을 하나 이상 골라 주세요."),
    "lottery_weekdays_needed": lazy_gettext("요일을 하나 이상 골라 주세요."),
    "lottery_times_needed": lazy_gettext("추첨할 시간을 하나 이상 적어 주세요."),
    "lottery_moment_invalid": lazy_gettext("날짜와 시간을 모두 골라 주세요."),
    "lottery_last_before_first": lazy_gettext("마지막 날은 첫날과 같거나 늦어야 합니다. 날짜를 다시 골라 주세요."),
    "lottery_too_many_days": lazy_gettext("추첨 하나에 92일까지 담을 수 있습니다. 기간을 나누어 만들어 주세요."),
    "lottery_closes_before_opens": lazy_gettext("마감은 시작보다 늦어야 합니다. 마감을 다시 골라 주세요."),
    "lottery_closes_in_the_past": lazy_gettext("마감이 이미 지났습니다. 지금보다 뒤로 정해 주세요."),
    "lottery_no_slots": lazy_gettext("고른 기간에 맞는 날이 하루도 없습니다. 기간이나 요일을 바꿔 주세요."),
    "lottery_too_many_slots": lazy_gettext(
        "추첨 하나에 시간을 200개까지 담을 수 있습니다. 기간이나 공간을 나누어 만들어 주세요."
    ),
    "lottery_slots_too_early": lazy_gettext(
        "첫 시간은 마감하고 당첨을 확인할 시간이 다 지난 뒤여야 합니다. 첫날을 늦추거나 마감을 앞당겨 주세요."
    ),
    "lottery_slots_taken": lazy_gettext(
        "이미 예약되었거나 열지 않는 시간이 %(count)s개 있습니다. 그 시간을 빼고 만들거나 때를 바꿔 주세요."
    ),
    "lottery_wish_needed": lazy_gettext("바라는 시간을 하나 이상 골라 주세요."),
    "lottery_too_many_wishes": lazy_gettext("바라는 시간은 5개까지 고를 수 있습니다. 꼭 필요한 것만 남겨 주세요."),
    "lottery_wish_twice": lazy_gettext("같은 시간을 두 번 골랐습니다. 하나만 남겨 주세요."),
    "lottery_wish_unknown": lazy_gettext("이 추첨에 없는 시간입니다. 목록에서 다시 골라 주세요."),
    "lottery_too_many_people": lazy_gettext(
        "고른 공간 가운데 이 인원이 들어갈 수 없는 곳이 있습니다. 사람 수를 줄이거나 더 넓은 공간만 골라 주세요."
    ),
    "lottery_words_too_long": lazy_gettext("추첨에 넣을 말은 100자까지 적을 수 있습니다. 줄여 주세요."),
}
