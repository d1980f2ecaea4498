"""Why managing a space is refused: what a keeper reads."""

from flask_babel import lazy_gettext

SENTENCES = {
    "conflict_not_found": lazy_gettext("찾는 겹침이 없습니다. 겹친 예약에서 다시 골라 주세요."),
    "closure_not_found": lazy_gettext("찾는 휴관이 없습니다. 임시 휴관 목록에서 다시 골라 주세요."),
    "closure_not_draft": lazy_gettext("이미 정해진 휴관입니다. 바꾸려면 되돌린 뒤 새로 준비해 주세요."),
    "closure_not_applied": lazy_gettext("아직 적용하지 않은 휴관입니다. 미리 보기에서 먼저 적용해 주세요."),
    "closure_changed": lazy_gettext(
        "보는 사이에 다른 사람이 이 휴관을 고쳤습니다. 아래는 지금 모습이니 다시 살펴보고 적용해 주세요."
    ),
    "closure_new_reservations": lazy_gettext(
        "보는 사이에 예약 %(count)s건이 새로 들어오거나 바뀌었습니다. 표시한 예약을 살펴보고 다시 적용해 주세요."
    ),
    "closure_choice_needed": lazy_gettext("방금 들어오거나 바뀐 예약입니다. 어떻게 할지 골라 주세요."),
    "closure_choice_invalid": lazy_gettext("옮기기, 취소, 그대로 두기 가운데 하나를 골라 주세요."),
    "closure_move_refused": lazy_gettext("옮길 수 없게 된 예약이 있습니다. 표시한 예약에 다른 곳을 골라 주세요."),
    "closure_move_elsewhere": lazy_gettext("그곳으로는 옮길 수 없습니다. 다른 곳을 골라 주세요."),
    "closure_units_needed": lazy_gettext("닫을 공간을 하나 이상 골라 주세요."),
    "closure_too_long": lazy_gettext("휴관 한 번은 400일까지 정할 수 있습니다. 나누어 정해 주세요."),
    "text_needed": lazy_gettext("알릴 글을 적어 주세요."),
    "text_too_long": lazy_gettext("알릴 글은 1,000자까지 적을 수 있습니다. 줄여 주세요."),
    "nothing_chosen": lazy_gettext("답할 신청을 하나 이상 골라 주세요."),
    "decision_unknown": lazy_gettext("승인이나 거절 가운데 하나를 골라 주세요."),
    "act_unknown": lazy_gettext("할 수 없는 일입니다. 하루 현황에서 다시 골라 주세요."),
    "block_times_taken": lazy_gettext(
        "이미 예약된 날이 %(count)s번 있습니다. 비어 있는 날만 잡거나 날짜를 바꿔 주세요."
    ),
    "block_nothing_free": lazy_gettext("비어 있는 날이 없습니다. 다른 날이나 다른 공간을 골라 주세요."),
    "block_too_long": lazy_gettext("한 번에 14일까지 비워 둘 수 있습니다. 나누어 잡아 주세요."),
    "until_needed": lazy_gettext("언제까지 되풀이할지 날짜를 골라 주세요."),
    "repeat_unknown": lazy_gettext("되풀이하는 방법을 골라 주세요."),
    "not_a_block": lazy_gettext("자체 행사로 잡은 시간이 아닙니다. 주민 예약은 하루 현황에서 취소해 주세요."),
}
