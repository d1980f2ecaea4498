"""The sentence of each refusal: what happened, and what one can do next."""

from flask_babel import lazy_gettext

SENTENCES = {
    "already_applied": lazy_gettext(
        "이 공고에 이미 신청하셨습니다. 내 신청에서 확인하거나, 철회한 뒤 다시 신청해 주세요."
    ),
    "already_decided": lazy_gettext("이미 결정되었거나 철회된 신청입니다. 신청 화면을 다시 열어 확인해 주세요."),
    "budget_exceeded": lazy_gettext("원인행위액이 예산현액을 넘게 됩니다. 예산현액을 먼저 확인해 주세요."),
    "call_closed": lazy_gettext("접수가 마감되어 신청할 수 없습니다. 다른 접수 중인 공고를 찾아보세요."),
    "call_not_closed_yet": lazy_gettext("접수가 마감된 뒤에 결정할 수 있습니다."),
    "call_not_open_yet": lazy_gettext("아직 접수를 시작하지 않았습니다. 접수 시작일 이후에 신청해 주세요."),
    "call_published": lazy_gettext("이미 게시한 공고는 고칠 수 없습니다."),
    "ceiling_over_budget": lazy_gettext("사업당 한도가 총예산보다 클 수 없습니다."),
    "ceiling_over_programme": lazy_gettext(
        "사업의 규칙이 정한 한도 %(ceiling_over_programme_most)s원보다 클 수 없습니다."
    ),
    "closes_before_opening": lazy_gettext("마감은 시작보다 늦어야 합니다."),
    "closes_in_past": lazy_gettext("마감 시각이 이미 지났습니다. 마감을 고친 뒤 게시해 주세요."),
    "commitment_exceeded": lazy_gettext("지출액이 원인행위액을 넘게 됩니다. 원인행위를 먼저 확인해 주세요."),
    "date_missing": lazy_gettext("날짜를 입력해 주세요."),
    "date_unclear": lazy_gettext("날짜를 바르게 입력해 주세요."),
    "decision_missing": lazy_gettext("선정할지 선정하지 않을지 골라 주세요."),
    "district_unknown": lazy_gettext("없는 자치구입니다. 목록에서 골라 주세요."),
    "key_missing": lazy_gettext("요청을 구별할 키(Idempotency-Key)를 영문자·숫자·기호 1~64자로 보내 주세요."),
    "key_reused": lazy_gettext("같은 키로 다른 내용이 이미 처리되었습니다. 화면을 새로 열어 다시 시도해 주세요."),
    "kind_unknown": lazy_gettext("없는 거래 종류입니다."),
    "mode_unknown": lazy_gettext("운영 방식을 목록에서 골라 주세요."),
    "nothing_returned": lazy_gettext("지출한 금액보다 많이 반납할 수 없습니다."),
    "number_missing": lazy_gettext("수를 입력해 주세요."),
    "number_unclear": lazy_gettext("아라비아 숫자로만 적어 주세요. (예: 12)"),
    "operator_needed": lazy_gettext("민간위탁이면 수탁기관을 적어 주세요."),
    "operator_unwanted": lazy_gettext("중간지원조직이 없으면 기관과 금액을 비워 주세요."),
    "other_district": lazy_gettext("다른 자치구의 일은 보거나 처리할 수 없습니다."),
    "own_application": lazy_gettext("본인이 낸 신청은 본인이 결정할 수 없습니다. 다른 담당자에게 맡겨 주세요."),
    "posted_in_future": lazy_gettext("오늘 이후의 날짜로는 기록할 수 없습니다."),
    "programme_unknown": lazy_gettext("사업을 목록에서 골라 주세요."),
    "reason_missing": lazy_gettext("이유를 적어 주세요. 모임이 그대로 읽습니다."),
    "requested_over_ceiling": lazy_gettext(
        "사업당 한도 %(requested_over_ceiling_most)s원을 넘는 금액입니다. 한도 안에서 적어 주세요."
    ),
    "results_before_close": lazy_gettext("결과 발표일은 마감일과 같거나 늦어야 합니다."),
    "space_unknown": lazy_gettext("사업을 할 자치구의 공간 가운데에서 골라 주세요."),
    "strand_required": lazy_gettext("이 사업의 필수 분야가 빠졌습니다. 필수 분야를 함께 골라 주세요."),
    "strand_unknown": lazy_gettext("이 사업에 없는 분야입니다."),
    "text_missing": lazy_gettext("꼭 적어 주세요."),
    "text_too_long": lazy_gettext("너무 깁니다. 줄여 주세요."),
    "text_unclear": lazy_gettext("쓸 수 없는 글자가 들어 있습니다. 지우고 다시 적어 주세요."),
    "won_missing": lazy_gettext("금액을 적어 주세요."),
    "won_negative": lazy_gettext("0원보다 적을 수 없습니다."),
    "won_not_positive": lazy_gettext("1원 이상 적어 주세요."),
    "won_too_large": lazy_gettext("너무 큰 금액입니다. 0의 개수를 확인해 주세요."),
    "won_unclear": lazy_gettext("금액은 아라비아 숫자로 적어 주세요. (예: 1000000 또는 1,000,000)"),
    "year_out_of_range": lazy_gettext("연도를 2000부터 2100 사이로 적어 주세요."),
}
