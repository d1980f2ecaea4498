"""What the staff's check, the assignment of reviewers and the reviews themselves refuse."""

from flask_babel import lazy_gettext

SENTENCES = {
    "accept_reason_missing": lazy_gettext(
        "맞지 않거나 확인할 것이 있는 신청입니다. 그래도 자격이 있다고 보는 까닭을 적어 주세요."
    ),
    "applied_twice": lazy_gettext(
        "같은 사람들이 같은 해 다른 공모에 비슷한 사업을 냈습니다. 어느 공모에서 지원할지 정한 뒤 확인해 주세요."
    ),
    "appointment_kind": lazy_gettext("맡는 일을 골라 주세요."),
    "appointment_over": lazy_gettext("이미 끝난 위촉입니다."),
    "birth_year_unclear": lazy_gettext("태어난 해를 네 자리 숫자로 적어 주세요. (예: 1970)"),
    "ceiling_split": lazy_gettext(
        "같은 사람들이 비슷한 사업을 둘로 나누어 한도를 넘깁니다. 나란히 보고 하나만 자격을 확인해 주세요."
    ),
    "cut_missing": lazy_gettext("합격 점수를 적어 주세요. (예: 60 또는 72.5)"),
    "date_past": lazy_gettext("지금보다 늦은 때로 정해 주세요."),
    "decision_needed": lazy_gettext("어떻게 결정할지 골라 주세요."),
    "term_ends_early": lazy_gettext("끝나는 날이 시작하는 날보다 빠릅니다."),
    "needs_look": lazy_gettext("조건이 맞지 않거나 확인할 것이 있습니다. 하나씩 열어 결정해 주세요."),
    "person_behind_groups": lazy_gettext(
        "같은 사람이 여러 모임의 이름으로 신청했습니다. 나란히 보고 하나만 자격을 확인해 주세요."
    ),
    "review_closed": lazy_gettext("이 단계의 심사가 끝났거나 다른 사람이 맡은 심사입니다. 내 심사를 다시 열어 주세요."),
    "review_handed_in": lazy_gettext("이미 낸 심사표는 고칠 수 없습니다. 잘못 냈다면 담당자에게 알려 주세요."),
    "review_running": lazy_gettext("아직 심사가 진행 중입니다. 모두 들어온 뒤에 재심사를 부탁할 수 있습니다."),
    "reviewer_conflicted": lazy_gettext("이 신청과 이해관계가 있는 사람입니다. 다른 사람을 골라 주세요."),
    "reviewer_has_it": lazy_gettext("이미 이 신청을 맡았거나 회피한 사람입니다. 다른 사람을 골라 주세요."),
    "reviewer_unknown": lazy_gettext("위촉한 심사위원 가운데에서 골라 주세요."),
    "reviewers_none": lazy_gettext("맡길 수 있는 심사위원이 없습니다. 심사위원을 먼저 위촉해 주세요."),
    "score_missing": lazy_gettext("점수를 적어 주세요."),
    "score_out_of_range": lazy_gettext("이 항목의 가장 높은 점수를 넘습니다."),
    "score_unclear": lazy_gettext("점수는 소수점 없이 아라비아 숫자로 적어 주세요. (예: 18)"),
    "too_many": lazy_gettext("한 번에 %(most)s건까지 할 수 있습니다. 나누어 해 주세요."),
}
