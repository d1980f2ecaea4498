"""Why a series or a calendar is refused: what a resident reads."""

from flask_babel import lazy_gettext

SENTENCES = {
    "recurrence_unknown": lazy_gettext("얼마나 자주 반복할지 다시 골라 주세요."),
    "recurrence_interval": lazy_gettext("반복 간격은 1에서 99 사이의 숫자로 적어 주세요."),
    "recurrence_end_needed": lazy_gettext("언제까지 반복할지, 아니면 몇 번 반복할지 알려 주세요."),
    "recurrence_end_twice": lazy_gettext("끝나는 날과 횟수 가운데 하나만 골라 주세요."),
    "recurrence_end_before_first": lazy_gettext("끝나는 날은 첫날보다 빠를 수 없습니다. 끝나는 날을 다시 골라 주세요."),
    "recurrence_too_long": lazy_gettext("반복은 2년까지 할 수 있습니다. 끝나는 날을 앞당겨 주세요."),
    "recurrence_too_many": lazy_gettext("반복은 200번까지 할 수 있습니다. 기간을 줄여 주세요."),
    "recurrence_count": lazy_gettext("횟수는 1에서 200 사이의 숫자로 적어 주세요."),
    "recurrence_empty": lazy_gettext("이 반복에 맞는 날이 하루도 없습니다. 날짜와 반복을 다시 골라 주세요."),
    "series_not_found": lazy_gettext("찾는 반복 예약이 없습니다. 내 예약에서 다시 골라 주세요."),
    "series_too_many": lazy_gettext("이 공간은 반복 예약을 %(limit)s번까지 받습니다. 기간이나 횟수를 줄여 주세요."),
    "series_closed_days": lazy_gettext(
        "쉬는 날이 %(count)s일 끼어 있어 예약하지 않았습니다. 쉬는 날을 건너뛰도록 고르거나 날짜를 바꿔 주세요."
    ),
    "series_not_free": lazy_gettext(
        "%(count)s일은 예약할 수 없습니다. 가능한 날만 예약하거나 시간이나 공간을 바꿔 주세요."
    ),
    "series_nothing_free": lazy_gettext("예약할 수 있는 날이 하루도 없습니다. 다른 시간이나 공간을 골라 주세요."),
    "nothing_to_cancel": lazy_gettext("취소할 예약이 남아 있지 않습니다. 예약 상태를 확인해 주세요."),
    "nothing_to_change": lazy_gettext("바꿀 수 있는 예약이 남아 있지 않습니다. 예약 상태를 확인해 주세요."),
    "scope_unknown": lazy_gettext("이번만, 이번부터, 전체 가운데 하나를 골라 주세요."),
    "clock_change": lazy_gettext("이날 밤은 시계가 바뀌어 이 시간이 없습니다. 이날만 따로 예약해 주세요."),
    "calendar_not_found": lazy_gettext("찾는 달력이 없습니다. 내 달력에서 주소를 다시 확인해 주세요."),
    "too_many_calendars": lazy_gettext("달력 주소는 50개까지 만들 수 있습니다. 쓰지 않는 주소를 없애 주세요."),
}
