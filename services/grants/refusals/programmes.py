"""What is wrong with a programme's rules, and why they are not changed; each says what to do."""

from flask_babel import lazy_gettext

ACTS = {
    "programme_inconsistent": lazy_gettext("규칙이 서로 맞지 않습니다. 아래에 적힌 곳을 고친 뒤 다시 해 주세요."),
    "programme_retired": lazy_gettext("더 쓰지 않는 사업입니다. 다른 사업을 고르거나 다시 쓰기로 바꾸어 주세요."),
    "rules_changed": lazy_gettext("방금 사업의 규칙이 바뀌었습니다. 신청서를 다시 확인하고 제출해 주세요."),
    "rules_changed_meanwhile": lazy_gettext(
        "보시는 동안 다른 사람이 이 규칙을 고쳤습니다. 새 내용을 확인하고 고칠 것을 다시 적어 주세요."
    ),
    "rules_frozen": lazy_gettext("이미 신청을 받은 규칙은 바꿀 수 없습니다. 다음 판을 만들어 고쳐 주세요."),
    "rules_in_use": lazy_gettext(
        "게시한 공고가 쓰는 규칙이라 그렇게 바꿀 수 없습니다. 공고의 한도와 분야를 확인하거나 다음 판을 만들어 주세요."
    ),
    "sandbox_nothing": lazy_gettext("바꾸어 볼 것을 하나 이상 적어 주세요."),
}

TYPED = {
    "number_out_of_range": lazy_gettext("적을 수 있는 범위를 벗어난 수입니다. 확인해 주세요."),
    "key_unclear": lazy_gettext("영어 소문자로 시작해 소문자, 숫자, 밑줄로 40자까지 적어 주세요. (예: site_review)"),
    "choice_unlisted": lazy_gettext("목록에 있는 것에서 골라 주세요."),
    "choice_line_unclear": lazy_gettext("한 줄에 하나씩 “영문 키 | 한국어 | English”로 적어 주세요."),
    "points_unclear": lazy_gettext("점수는 소수 한 자리까지 아라비아 숫자로 적어 주세요. (예: 60 또는 60.5)"),
    "rows_out_of_range": lazy_gettext("줄이 없거나 너무 많습니다. 더하거나 줄여 주세요."),
}

FORM = {
    "label_missing": lazy_gettext("이름을 한국어로 적어 주세요."),
    "key_repeated": lazy_gettext("같은 영문 키가 두 번 있습니다. 다른 키를 적어 주세요."),
    "no_strand_required": lazy_gettext("필수 분야가 없습니다. 공고마다 분야를 골라야 합니다."),
    "field_missing_title": lazy_gettext("신청서에 사업명(title)이 있어야 합니다."),
    "field_missing_requested_won": lazy_gettext("신청서에 신청 금액(requested_won)이 있어야 합니다."),
    "field_missing_self": lazy_gettext("자부담을 요구하면 신청서에 자부담(self_contribution_won)이 있어야 합니다."),
    "field_must_be_required": lazy_gettext("이 항목은 반드시 적는 항목이어야 합니다."),
    "field_kind_unfit": lazy_gettext("프로그램이 읽는 항목이라 종류가 정해져 있습니다. 종류를 되돌려 주세요."),
    "field_key_unfit": lazy_gettext("예산표, 사람, 장소의 영문 키는 budget, members, place로 적어 주세요."),
    "choices_missing": lazy_gettext("고를 수 있는 것을 한 줄 이상 적어 주세요."),
    "choices_unfit": lazy_gettext("고르는 항목이 아니면 선택지를 비워 주세요."),
    "least_over_most": lazy_gettext("최대가 최소보다 작습니다."),
    "least_over_project": lazy_gettext("신청 금액의 최소가 사업당 한도보다 큽니다."),
    "requirement_unlisted": lazy_gettext("알 수 없는 자격 조건입니다. 목록에서 골라 주세요."),
    "requirement_number": lazy_gettext("이 자격 조건에는 1 이상의 수를 적어 주세요."),
    "requirement_kinds": lazy_gettext("신청할 수 있는 모임의 종류를 하나 이상 골라 주세요."),
}

COURSE = {
    "draft_missing": lazy_gettext("절차가 시작될 상태(draft)가 있어야 합니다."),
    "draft_elsewhere": lazy_gettext("처음 상태(draft)만 작성 중 단계이고, 다른 상태는 그 단계에 둘 수 없습니다."),
    "stage_unknown": lazy_gettext("없는 심사입니다. 심사표에 있는 심사를 골라 주세요."),
    "stage_twice": lazy_gettext("한 심사는 한 상태에서만 할 수 있습니다."),
    "stage_outside_review": lazy_gettext("심사를 하는 상태는 심사 단계여야 합니다."),
    "stage_unused": lazy_gettext("이 심사를 하는 상태가 없습니다. 상태에 넣거나 심사를 빼 주세요."),
    "embargo_unknown": lazy_gettext("발표 전에 보여 줄 상태가 절차에 없습니다."),
    "embargo_tells": lazy_gettext("발표 전에 보여 줄 상태가 결과를 드러냅니다. 심의 같은 상태를 골라 주세요."),
    "embargo_missing": lazy_gettext(
        "선정과 예비는 발표 전에 드러나면 안 됩니다. 발표 전에 보여 줄 상태를 정해 주세요."
    ),
    "state_unknown": lazy_gettext("절차에 없는 상태입니다. 상태를 더하거나 다른 상태를 골라 주세요."),
    "state_unreachable": lazy_gettext("처음 상태에서 이 상태로 올 길이 없습니다."),
    "state_dead_end": lazy_gettext("이 상태에서 끝까지 갈 길이 없습니다. 다음 일을 더해 주세요."),
    "step_unclear": lazy_gettext("한 상태에서 같은 일이 두 곳으로 이어집니다. 하나만 남겨 주세요."),
    "event_leads_elsewhere": lazy_gettext("이 일이 이어질 수 없는 단계입니다. 끝 상태를 확인해 주세요."),
    "role_unfit": lazy_gettext("신청자가 하는 일은 제출, 철회, 보완 제출, 정산 보고뿐이고, 이것은 신청자만 합니다."),
    "guard_unknown": lazy_gettext("알 수 없는 조건이 있습니다. 목록에서 골라 주세요."),
    "submit_not_from_draft": lazy_gettext("작성 중(draft)에서 제출(submit)로 가는 길이 있어야 합니다."),
    "no_submit": lazy_gettext("제출(submit)하는 줄이 있어야 합니다."),
    "no_select": lazy_gettext("선정(select)하는 줄이 있어야 합니다."),
    "no_reject": lazy_gettext("떨어뜨리는(reject) 줄이 있어야 합니다."),
    "no_agree": lazy_gettext("협약(agree)하는 줄이 있어야 합니다."),
    "no_file_settlement": lazy_gettext("정산을 보고하는(file_settlement) 줄이 있어야 합니다."),
    "no_finalize": lazy_gettext("금액을 확정하는(finalize) 줄이 있어야 합니다."),
    "no_close": lazy_gettext("종료(close)하는 줄이 있어야 합니다."),
    "no_withdraw": lazy_gettext("신청자가 철회(withdraw)할 길이 없습니다."),
    "needs_intake_open": lazy_gettext("접수 기간 안에만 제출할 수 있도록 “접수 기간 안에 있음”을 넣어 주세요."),
    "needs_intake_over": lazy_gettext("마감 전에 심사가 시작되지 않도록 “접수가 마감됨”을 넣어 주세요."),
    "needs_not_sanctioned": lazy_gettext("제한 중인 모임을 받지 않도록 “참여 제한을 받지 않음”을 넣어 주세요."),
    "needs_reviews_in": lazy_gettext("심사를 마치지 않고 넘기지 않도록 “심사표가 모두 들어옴”을 넣어 주세요."),
    "needs_committee_decided": lazy_gettext(
        "정족수 없이 결정하지 않도록 “정족수를 갖춘 위원회가 의결함”을 넣어 주세요."
    ),
    "needs_agreement_signed": lazy_gettext("협약 전에 주지 않도록 “협약에 두 쪽이 서명함”을 넣어 주세요."),
    "needs_tranches_settled": lazy_gettext("교부가 남은 채 정산하지 않도록 “진행 중인 교부가 없음”을 넣어 주세요."),
    "needs_settlement_filed": lazy_gettext("정산보고서 없이 확정하지 않도록 “정산보고서를 냄”을 넣어 주세요."),
    "needs_expenses_decided": lazy_gettext("증빙을 보지 않고 확정하지 않도록 “지출 확인이 끝남”을 넣어 주세요."),
    "needs_returns_paid": lazy_gettext("돌려받을 돈을 남기고 닫지 않도록 “반납·환수가 끝남”을 넣어 주세요."),
}

MONEY = {
    "pass_over_most": lazy_gettext("통과 점수가 만점보다 높습니다."),
    "committee_small": lazy_gettext("위원이 세 사람보다 적습니다. 회피하면 정족수를 채우기 어렵습니다."),
    "limit_under_project": lazy_gettext("사업당 한도보다 작습니다. 한도를 확인해 주세요."),
    "limit_under_dong": lazy_gettext("자치구의 한도가 동의 한도보다 작습니다."),
    "no_project_limit": lazy_gettext("사업당 한도가 없습니다. 공고의 한도만으로 막습니다."),
    "tranche_twice": lazy_gettext("비율과 금액 가운데 하나만 적어 주세요."),
    "tranche_empty": lazy_gettext("비율이나 금액을 적어 주세요. 비워 두는 것은 나머지를 주는 마지막 교부뿐입니다."),
    "tranche_over_project": lazy_gettext("사업당 한도보다 큰 교부입니다."),
    "last_tranche_not_rest": lazy_gettext("금액으로 나누면 마지막 교부는 나머지를 줍니다. 비율과 금액을 비워 주세요."),
    "tranches_not_hundred": lazy_gettext("교부 비율을 모두 더해 100%가 되어야 합니다."),
    "tranche_alone": lazy_gettext("한 번에 모두 줍니다. 중간평가로 거를 교부가 없습니다."),
    "gate_never_green": lazy_gettext("교부하는 동안에는 채워질 수 없는 조건이 있습니다. 빼 주세요."),
    "needs_no_overdue_return": lazy_gettext("반납이 밀린 모임에 주지 않도록 “기한을 넘긴 반납이 없음”을 넣어 주세요."),
    "needs_account_known": lazy_gettext("받을 계좌 없이 주지 않도록 “보조금을 받을 계좌가 있음”을 넣어 주세요."),
    "needs_self_contribution_deposited": lazy_gettext("자부담을 먼저 넣도록 “자부담을 입금함”을 넣어 주세요."),
    "needs_earlier_tranches_paid": lazy_gettext("순서대로 주도록 “앞선 교부가 끝남”을 넣어 주세요."),
    "needs_interim_passed": lazy_gettext("중간평가 없이 주지 않도록 “중간평가를 통과함”을 넣어 주세요."),
    "item_over_category": lazy_gettext("세목의 비율이 비목의 비율보다 큽니다."),
    "ceilings_under_hundred": lazy_gettext("비목의 한도를 모두 더해도 100%가 되지 않아 보조금을 다 쓸 수 없습니다."),
    "finding_unknown": lazy_gettext("알 수 없는 점검 항목입니다."),
    "finding_fixed": lazy_gettext("이 점검은 그렇게 바꿀 수 없습니다."),
}

SENTENCES = {**ACTS, **TYPED, **FORM, **COURSE, **MONEY}
