"""Why a group, a draft or a submission is refused."""

from flask_babel import lazy_gettext

SENTENCES = {
    "account_incomplete": lazy_gettext("계좌는 은행, 계좌번호, 예금주를 함께 적어 주세요."),
    "account_unclear": lazy_gettext("계좌번호는 숫자와 - 로만 적어 주세요."),
    "already_submitted": lazy_gettext("이미 낸 신청서입니다. 신청 화면에서 지금 상태를 확인해 주세요."),
    "awarded_this_year": lazy_gettext(
        "올해 이미 선정된 사업이 있는 모임은 신청할 수 없습니다. 내년 공고에 신청해 주세요."
    ),
    "birth_year_missing": lazy_gettext(
        "이 사람의 태어난 해를 네 자리로 적어 주세요. 이름만으로는 누구인지 알 수 없습니다. (예: 1980)"
    ),
    "budget_grant_differs": lazy_gettext(
        "예산표의 보조금 합계 %(budget_grant_differs_sum)s원이 신청 금액 %(budget_grant_differs_wanted)s원과 다릅니다. "
        "둘을 같게 맞춰 주세요."
    ),
    "budget_missing": lazy_gettext("예산표를 한 줄 이상 적어 주세요."),
    "budget_self_differs": lazy_gettext(
        "예산표의 자부담 합계 %(budget_self_differs_sum)s원이 자부담 %(budget_self_differs_wanted)s원과 다릅니다. "
        "둘을 같게 맞춰 주세요."
    ),
    "category_over_ceiling": lazy_gettext("이 비목은 보조금의 정해진 비율까지만 쓸 수 있습니다. 금액을 줄여 주세요."),
    "choice_missing": lazy_gettext("하나를 골라 주세요."),
    "choice_unknown": lazy_gettext("목록에 있는 것 가운데에서 골라 주세요."),
    "district_over_ceiling": lazy_gettext("자치구 한 곳이 받을 수 있는 금액을 넘습니다. 신청 금액을 줄여 주세요."),
    "dong_missing": lazy_gettext("이 사업은 동마다 한도가 있습니다. 사업을 할 행정동을 적어 주세요. (예: 사당1동)"),
    "dong_over_ceiling": lazy_gettext("행정동 한 곳이 받을 수 있는 금액을 넘습니다. 신청 금액을 줄여 주세요."),
    "dong_unclear": lazy_gettext("행정동 하나의 이름을 한글로 적어 주세요. (예: 사당1동)"),
    "draft_exists": lazy_gettext(
        "이 모임이 쓰고 있는 신청서가 있습니다. 내 신청에서 이어 쓰거나 그만둔 뒤 다시 내 주세요."
    ),
    "draft_too_long": lazy_gettext("신청서가 너무 깁니다. 긴 자료는 파일로 붙이고 글을 줄여 주세요."),
    "field_unknown": lazy_gettext("이 신청서에 없는 항목입니다. 빼고 다시 보내 주세요."),
    "files_missing": lazy_gettext("파일을 붙여 주세요."),
    "files_too_few": lazy_gettext("파일이 모자랍니다. 더 붙여 주세요."),
    "founded_in_future": lazy_gettext("만든 날은 오늘보다 늦을 수 없습니다."),
    "group_awards_reached": lazy_gettext(
        "이 모임은 올해 이 사업에 선정될 수 있는 횟수를 채웠습니다. 내년 공고에 신청해 주세요."
    ),
    "group_kind_unknown": lazy_gettext("모임의 종류를 목록에서 골라 주세요."),
    "group_needs_leader": lazy_gettext("대표가 없어집니다. 나가기 전에 다른 사람을 대표로 정해 주세요."),
    "group_over_ceiling": lazy_gettext("이 모임이 한 해에 받을 수 있는 금액을 넘습니다. 신청 금액을 줄여 주세요."),
    "group_too_young": lazy_gettext(
        "모임이 활동한 기간이 모자라거나 만든 날을 적지 않았습니다. 모임 정보를 확인해 주세요."
    ),
    "invitation_unknown": lazy_gettext("쓸 수 없는 초대 주소입니다. 초대한 사람에게 새 주소를 받아 주세요."),
    "item_missing": lazy_gettext("비목을 골라 주세요."),
    "item_over_ceiling": lazy_gettext("이 세목은 보조금의 정해진 비율까지만 쓸 수 있습니다. 금액을 줄여 주세요."),
    "item_unknown": lazy_gettext("이 사업에 없는 비목입니다. 목록에서 골라 주세요."),
    "kind_not_allowed": lazy_gettext("이 사업에 신청할 수 없는 종류의 모임입니다. 공고의 신청 자격을 확인해 주세요."),
    "leaders_only": lazy_gettext("모임의 대표만 할 수 있습니다. 대표에게 부탁해 주세요."),
    "line_without_amount": lazy_gettext("보조금이나 자부담 가운데 하나는 1원 이상 적어 주세요."),
    "member_twice": lazy_gettext("같은 사람이 두 번 있습니다. 한 줄을 지워 주세요."),
    "member_without_account": lazy_gettext("초대 주소로 들어온 사람만 대표가 될 수 있습니다. 먼저 초대해 주세요."),
    "members_missing": lazy_gettext("함께하는 사람을 적어 주세요."),
    "members_too_few": lazy_gettext(
        "함께하는 사람이 %(members_too_few_least)s명 이상이어야 하는데 %(members_too_few_there)s명입니다. "
        "더 적어 주세요."
    ),
    "members_too_many": lazy_gettext("함께하는 사람이 너무 많습니다. 대표하는 사람들만 적어 주세요."),
    "number_too_large": lazy_gettext("정해진 것보다 큽니다. 줄여서 적어 주세요."),
    "number_too_small": lazy_gettext("정해진 것보다 작습니다. 늘려서 적어 주세요."),
    "outside_district": lazy_gettext(
        "사업을 하는 자치구의 모임이 아닙니다. 모임 정보의 자치구를 확인하거나 그 자치구의 공고를 찾아 주세요."
    ),
    "place_missing": lazy_gettext("공간을 고르거나 주소를 적거나 지도에서 짚어 주세요."),
    "point_outside": lazy_gettext("지도에서 짚은 곳이 서울이 아닙니다. 다시 짚어 주세요."),
    "point_unclear": lazy_gettext("지도에서 짚은 곳을 읽을 수 없습니다. 다시 짚거나 주소를 적어 주세요."),
    "registration_missing": lazy_gettext(
        "고유번호가 있는 단체만 신청할 수 있습니다. 모임 정보에 고유번호를 적어 주세요."
    ),
    "registration_unclear": lazy_gettext("고유번호는 숫자와 - 로만 적어 주세요. (예: 123-45-67890)"),
    "requested_over_programme": lazy_gettext(
        "사업의 규칙이 정한 사업당 한도 %(requested_over_programme_most)s원을 넘는 금액입니다. 한도 안에서 적어 주세요."
    ),
    "requirement_unknown": lazy_gettext("이 사업의 자격 조건에 알 수 없는 것이 있습니다. 담당자에게 알려 주세요."),
    "self_contribution_too_small": lazy_gettext("자부담이 모자랍니다. 공고가 정한 비율 이상을 적어 주세요."),
    "table_unclear": lazy_gettext("표를 읽을 수 없습니다. 화면을 새로 열어 다시 적어 주세요."),
    "too_many_groups": lazy_gettext(
        "한 사람이 함께할 수 있는 모임의 수를 넘었습니다. 쓰지 않는 모임에서 나온 뒤 만들어 주세요."
    ),
    "too_many_members": lazy_gettext("한 모임에 적을 수 있는 사람의 수를 넘었습니다. 함께하지 않는 사람을 빼 주세요."),
    "too_many_rows": lazy_gettext("줄이 너무 많습니다. 비슷한 것을 합쳐 주세요."),
    "won_over_most": lazy_gettext("정해진 금액보다 많습니다. 줄여서 적어 주세요."),
    "won_too_small": lazy_gettext("정해진 금액보다 적습니다. 늘려서 적어 주세요."),
    "year_unclear": lazy_gettext("태어난 해를 네 자리로 적어 주세요. (예: 1980)"),
}
