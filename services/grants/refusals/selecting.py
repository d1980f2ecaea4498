"""What selection, announcement and objections say no to."""

from flask_babel import lazy_gettext

SENTENCES = {
    "already_announced": lazy_gettext("결과를 이미 발표했습니다."),
    "announce_in_past": lazy_gettext("발표 시각은 지금보다 뒤여야 합니다."),
    "announcement_begun": lazy_gettext("발표가 시작되어 시각을 바꿀 수 없습니다."),
    "answer_missing": lazy_gettext("답과 이유를 적어 주세요. 이의를 낸 모임이 그대로 읽습니다."),
    "award_over_district": lazy_gettext(
        "이 공고에서 한 자치구에 줄 수 있는 %(limit_won)s원을 넘습니다. 남은 한도는 %(left_won)s원입니다."
    ),
    "award_over_dong": lazy_gettext(
        "이 공고에서 한 동에 줄 수 있는 %(limit_won)s원을 넘습니다. 남은 한도는 %(left_won)s원입니다."
    ),
    "award_over_group": lazy_gettext(
        "한 모임이 한 해에 받을 수 있는 %(limit_won)s원을 넘습니다. 남은 한도는 %(left_won)s원입니다."
    ),
    "award_over_group_awards": lazy_gettext(
        "한 모임은 한 해에 %(limit)s번까지 선정될 수 있습니다. 이 모임은 이미 %(taken)s번 선정되었습니다."
    ),
    "award_over_project": lazy_gettext("한 사업에 줄 수 있는 %(limit_won)s원을 넘습니다. 금액을 줄여 주세요."),
    "award_over_remaining": lazy_gettext(
        "공고에 남은 예산보다 많습니다. 남은 예산은 %(remaining_won)s원입니다. 금액을 줄여 주세요."
    ),
    "award_over_request": lazy_gettext("신청한 금액(%(requested_won)s원)보다 많이 선정할 수 없습니다."),
    "award_over_reserve": lazy_gettext(
        "위원회가 예비로 정한 금액(%(limit_won)s원)보다 많이 선정할 수 없습니다. 금액을 줄여 주세요."
    ),
    "award_waits": lazy_gettext(
        "이의신청을 받아들여 선정을 다시 정하고 있는 신청(%(title)s)이 있습니다. 그 결정이 난 뒤에 선정해 주세요."
    ),
    "objection_answered": lazy_gettext("이미 답한 이의신청입니다."),
    "objection_exists": lazy_gettext(
        "한 결과에 이의는 한 번만 신청할 수 있습니다. 낸 이의신청과 답은 신청 화면에 있습니다."
    ),
    "objection_late": lazy_gettext("이의신청 기한(%(until)s)이 지났습니다."),
    "objection_not_possible": lazy_gettext("발표된 결과가 미선정, 예비, 줄어든 금액일 때만 이의를 신청할 수 있습니다."),
    "objection_outdated": lazy_gettext(
        "이의를 신청한 결정이 그 뒤에 바뀌어 받아들일 수 없습니다. 바뀐 결정을 이유로 적어 답해 주세요."
    ),
    "objection_waits": lazy_gettext("답을 기다리는 이의신청이 있습니다. 담당자가 이의신청에 답한 뒤에 할 수 있습니다."),
    "rank_taken": lazy_gettext("예비 %(rank)s번은 이미 있습니다. 다른 순위를 적거나 비워 주세요."),
    "rank_unclear": lazy_gettext("예비 순위는 1 이상의 수로 적어 주세요."),
    "reserve_only": lazy_gettext("예비로 뽑힌 신청이 아닙니다. 신청 화면을 새로 열어 확인해 주세요."),
    "reserve_order": lazy_gettext("예비 %(rank)s번이 먼저입니다. 앞선 순위부터 선정하거나 예비에서 빼 주세요."),
    "undecided_left": lazy_gettext(
        "아직 결정하지 않은 신청이 %(number)s건 있습니다. 모두 결정하거나, 남겨 두고 발표하겠다고 표시해 주세요."
    ),
    "verdict_missing": lazy_gettext("받아들일지 받아들이지 않을지 골라 주세요."),
    "words_missing": lazy_gettext("이의를 신청하는 이유를 적어 주세요."),
}
