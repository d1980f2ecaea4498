"""Why checking in is refused, and what stands about no-shows."""

from flask_babel import lazy_gettext

SENTENCES = {
    "check_in_code_unknown": lazy_gettext(
        "쓸 수 없는 코드입니다. 안내문의 코드를 다시 찍거나 적어 주세요. 그래도 안 되면 운영자에게 알려 주세요."
    ),
    "nothing_to_check_in": lazy_gettext("지금 여기에서 확인할 예약이 없습니다. 내 예약에서 때와 장소를 확인해 주세요."),
    "too_early_to_check_in": lazy_gettext("%(opens)s부터 이용을 확인할 수 있습니다. 조금만 기다려 주세요."),
    "check_in_missed": lazy_gettext(
        "기다리는 시간이 지나 예약이 끝났습니다. 운영자에게 말하거나 오지 않은 기록에서 사정을 알려 주세요."
    ),
    "already_checked_in": lazy_gettext("이미 이용을 확인한 예약입니다. 화면을 새로 열어 확인해 주세요."),
    "not_started": lazy_gettext("아직 시작하지 않은 예약입니다. 시작한 뒤에 표시해 주세요."),
    "no_show_too_late": lazy_gettext(
        "끝난 지 하루가 지나 오지 않음으로 표시할 수 없습니다. 그날 현황을 그대로 두어 주세요."
    ),
    "no_show_not_found": lazy_gettext("찾는 기록이 없습니다. 목록에서 다시 골라 주세요."),
    "appeal_needed": lazy_gettext("어떤 사정이 있었는지 적어 주세요."),
    "appeal_too_long": lazy_gettext("%(most)s자까지 적을 수 있습니다. 줄여 주세요."),
    "already_appealed": lazy_gettext("이미 알려 주신 기록입니다. 운영자가 살펴보고 답해 드립니다."),
    "already_decided": lazy_gettext("이미 답이 나온 기록입니다. 화면을 새로 열어 확인해 주세요."),
}
