"""Why expenses, settlements, returns and exclusions are refused, and what to do next."""

from flask_babel import lazy_gettext

SENTENCES = {
    "accepted_over_amount": lazy_gettext("쓴 금액보다 많이 인정할 수 없습니다."),
    "clawback_over": lazy_gettext("돌려받을 수 있는 금액은 %(most_won)s까지입니다. 금액을 줄여 주세요."),
    "exclusion_ends_before": lazy_gettext("제한이 끝나는 날은 시작하는 날과 같거나 늦어야 합니다."),
    "exclusion_too_long": lazy_gettext("참여 제한은 %(most_years)s년까지 할 수 있습니다."),
    "expense_blocked": lazy_gettext(
        "지금 인정할 수 있는 금액은 %(most_won)s까지입니다. 아래의 까닭을 먼저 바로잡거나 금액을 줄여 주세요."
    ),
    "expense_decided": lazy_gettext("이미 결정했거나 거둔 지출입니다. 화면을 새로 열어 확인해 주세요."),
    "expense_not_clean": lazy_gettext("살펴볼 것이 있는 지출입니다. 열어 보고 따로 결정해 주세요."),
    "expense_reason_missing": lazy_gettext("인정하지 않는 이유를 적어 주세요. 모임이 그대로 읽습니다."),
    "expense_withdrawn": lazy_gettext("모임이 거둔 지출입니다. 결정할 것이 없습니다."),
    "group_unknown": lazy_gettext("없는 모임입니다. 목록에서 골라 주세요."),
    "interest_evidence_missing": lazy_gettext("이자가 있으면 통장의 이자 내역을 사진이나 PDF로 올려 주세요."),
    "expense_item_missing": lazy_gettext("무엇에 썼는지 비목과 세목을 골라 주세요."),
    "expense_item_unknown": lazy_gettext("이 사업에 없는 세목입니다. 목록에서 골라 주세요."),
    "method_unknown": lazy_gettext("어떻게 냈는지 목록에서 골라 주세요."),
    "nothing_ordered": lazy_gettext("이미 모두 들어왔거나 취소한 반납입니다. 화면을 새로 열어 확인해 주세요."),
    "order_not_cancellable": lazy_gettext("돈이 들어온 환수나 정산에 따른 반납은 취소할 수 없습니다."),
    "outcome_missing": lazy_gettext("무엇을 이루었는지 적어 주세요. 누구나 이 사업을 이해할 수 있게 적으면 됩니다."),
    "paid_before_order": lazy_gettext("반납을 알린 날보다 앞선 날짜입니다. 통장의 날짜를 확인해 주세요."),
    "paid_in_future": lazy_gettext("오늘 이후의 날짜로는 받았다고 남길 수 없습니다."),
    "payee_number_unclear": lazy_gettext("사업자번호는 숫자 10자리입니다. (예: 123-45-67890) 없으면 비워 두세요."),
    "reason_needed": lazy_gettext("이유를 적어 주세요. 모임이 그대로 읽습니다."),
    "receipts_missing": lazy_gettext(
        "증빙 없이 인정한 지출이 %(count)s건 있습니다. 결정을 되돌리고 증빙을 받은 뒤 확정해 주세요."
    ),
    "return_over": lazy_gettext("남은 금액은 %(most_won)s입니다. 들어온 금액을 다시 확인해 주세요."),
    "sanction_lifted": lazy_gettext("이미 푼 참여 제한입니다."),
    "settlement_final": lazy_gettext("정산 금액을 확정하여 지출의 결정을 바꿀 수 없습니다."),
    "source_unknown": lazy_gettext("보조금인지 자부담인지 골라 주세요."),
    "spending_over": lazy_gettext(
        "지금은 지출을 올리거나 고칠 수 없습니다. 사업 진행 중이고 정산을 내기 전이어야 합니다."
    ),
    "spent_in_future": lazy_gettext("아직 오지 않은 날짜입니다. 쓸 계획이라면 ‘미리 확인’에서 살펴보세요."),
}
