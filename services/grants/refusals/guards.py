"""What a red guard says, and a step that does not lead on from here."""

from flask_babel import lazy_gettext

SENTENCES = {
    "account_missing": lazy_gettext("보조금을 받을 계좌가 없습니다. 모임 정보에 은행, 계좌번호, 예금주를 적어 주세요."),
    "agreement_unsigned": lazy_gettext("협약에 두 쪽이 모두 서명해야 합니다. 협약 화면에서 서명해 주세요."),
    "change_open": lazy_gettext("답을 기다리는 변경 신청이 있습니다. 먼저 승인하거나 거두어 주세요."),
    "committee_undecided": lazy_gettext("정족수를 갖춘 위원회의 의결이 있어야 합니다. 회의 안건에 올려 의결해 주세요."),
    "correction_late": lazy_gettext("보완 기한이 지났습니다. 담당자에게 연락해 주세요."),
    "earlier_tranche_unpaid": lazy_gettext("앞선 교부를 먼저 마쳐야 합니다."),
    "expenses_undecided": lazy_gettext("아직 확인하지 않은 지출이 있습니다. 지출마다 인정하거나 불인정해 주세요."),
    "gate_unknown": lazy_gettext("이 사업의 규칙에 알 수 없는 조건이 있습니다. 사업 규칙을 고쳐 주세요."),
    "interim_missing": lazy_gettext("중간평가를 통과해야 합니다. 중간평가 결과를 먼저 남겨 주세요."),
    "not_announced": lazy_gettext("선정 결과를 발표한 뒤에 할 수 있습니다."),
    "report_missing": lazy_gettext("중간보고서를 내야 합니다."),
    "return_overdue": lazy_gettext("모임이나 그 구성원이 내지 않은 반납금이 기한을 넘겼습니다. 먼저 반납해 주세요."),
    "returns_unpaid": lazy_gettext("반납·환수할 금액이 남아 있습니다. 모두 받은 뒤에 종료해 주세요."),
    "reviews_missing": lazy_gettext("심사표가 모두 들어와야 합니다. 심사 현황에서 남은 심사를 확인해 주세요."),
    "sanctioned": lazy_gettext("참여 제한 기간입니다. 제한이 끝난 뒤에 신청해 주세요."),
    "self_contribution_missing": lazy_gettext("자부담을 모두 입금해야 합니다. 입금한 뒤 증빙과 함께 알려 주세요."),
    "settlement_missing": lazy_gettext("정산보고서를 먼저 내야 합니다."),
    "step_not_possible": lazy_gettext(
        "지금 상태에서는 할 수 없는 일입니다. 화면을 새로 열어 지금 상태를 확인해 주세요."
    ),
    "training_missing": lazy_gettext("회계 교육을 마쳐야 합니다. 교육을 마친 날을 남겨 주세요."),
    "tranche_moving": lazy_gettext("진행 중인 교부가 있습니다. 교부를 마치거나 거둔 뒤에 해 주세요."),
}
