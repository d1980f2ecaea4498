"""Why the line says no."""

from flask_babel import lazy_gettext

SENTENCES = {
    "slot_free": lazy_gettext("이 시간은 지금 비어 있습니다. 기다리지 말고 바로 예약해 주세요."),
    "waitlist_off": lazy_gettext("이 공간은 대기를 받지 않습니다. 비어 있는 다른 시간이나 공간을 골라 주세요."),
    "waitlist_too_many": lazy_gettext(
        "대기는 한 사람이 %(most)s건까지 할 수 있습니다. 필요 없는 대기를 빼고 다시 신청해 주세요."
    ),
    "already_yours": lazy_gettext("이미 내가 예약한 시간입니다. 내 예약에서 확인해 주세요."),
    "waiting_not_found": lazy_gettext("찾는 대기가 없습니다. 내 대기에서 다시 골라 주세요."),
    "not_your_turn": lazy_gettext("아직 차례가 아닙니다. 차례가 오면 알려 드립니다."),
    "offer_over": lazy_gettext("받아 둔 시간이 지나 다음 분에게 차례가 넘어갔습니다. 필요하면 다시 대기해 주세요."),
    "already_claimed": lazy_gettext("이미 예약으로 바뀌었습니다. 필요 없어졌다면 내 예약에서 취소해 주세요."),
}
