"""What agreements, changes and payments say when they say no."""

from flask_babel import lazy_gettext

SENTENCES = {
    "agreement_changed": lazy_gettext("협약서가 그사이 바뀌었습니다. 다시 읽고 서명해 주세요."),
    "agreement_exceeded": lazy_gettext("약정한 금액보다 많이 지급할 수 없습니다. 협약과 앞선 교부를 확인해 주세요."),
    "agreement_over_award": lazy_gettext("선정 금액보다 많이 약정할 수 없습니다."),
    "already_paid": lazy_gettext("이미 지급한 교부입니다. 교부 화면을 새로 열어 확인해 주세요."),
    "award_exceeded": lazy_gettext("선정 금액을 넘게 됩니다. 선정 금액과 원장을 확인해 주세요."),
    "below_paid": lazy_gettext("이미 지급한 금액보다 적게 줄일 수 없습니다."),
    "body_differs": lazy_gettext(
        "협약서의 글에 위의 금액이나 기간이 없습니다. 협약서를 새로 만들거나 글을 고쳐 주세요."
    ),
    "change_decided": lazy_gettext("이미 답했거나 거둔 변경 신청입니다. 화면을 새로 열어 확인해 주세요."),
    "change_decision_missing": lazy_gettext("승인할지 불승인할지 골라 주세요."),
    "change_kind_unknown": lazy_gettext("무엇을 바꾸는지 골라 주세요."),
    "cost_item_unknown": lazy_gettext("이 사업에 없는 비목입니다."),
    "done_in_future": lazy_gettext("오늘이거나 지난 날짜를 적어 주세요."),
    "ends_before_start": lazy_gettext("끝나는 날은 시작하는 날과 같거나 늦어야 합니다."),
    "grant_cannot_grow": lazy_gettext("보조금은 약정한 금액보다 늘릴 수 없습니다."),
    "grant_does_not_add_up": lazy_gettext("비목별 보조금의 합이 보조금과 같지 않습니다."),
    "group_signs_first": lazy_gettext("모임이 먼저 서명해야 합니다."),
    "milestone_confirmed": lazy_gettext("이미 확인한 일이라 고칠 수 없습니다. 담당자에게 알려 주세요."),
    "not_leader": lazy_gettext("모임의 대표만 서명할 수 있습니다. 대표에게 서명을 부탁해 주세요."),
    "not_running": lazy_gettext("사업이 진행 중일 때만 할 수 있습니다."),
    "not_selected": lazy_gettext("선정되어 협약을 기다리는 신청에만 쓸 수 있습니다."),
    "nothing_changed": lazy_gettext("지금과 같습니다. 바꿀 것을 고쳐 주세요."),
    "over_category_ceiling": lazy_gettext("한 비목이 사업 규칙의 한도를 넘습니다. 나누어 적어 주세요."),
    "over_item_ceiling": lazy_gettext("사업 규칙이 정한 이 항목의 한도를 넘습니다."),
    "paid_before_approval": lazy_gettext("승인한 날보다 앞서 지급할 수 없습니다. 지급한 날을 확인해 주세요."),
    "party_unknown": lazy_gettext("모임이나 자치구로 서명해 주세요."),
    "result_missing": lazy_gettext("결과를 골라 주세요."),
    "same_person_approves": lazy_gettext("한 사람이 혼자 할 수 없습니다. 다른 담당자가 승인해야 합니다."),
    "second_person_needed": lazy_gettext("한 사람이 두 쪽에 모두 서명할 수 없습니다. 다른 담당자가 서명해야 합니다."),
    "self_does_not_add_up": lazy_gettext("비목별 자부담의 합이 자부담과 같지 않습니다."),
}
