"""What the committee's meetings say no to."""

from flask_babel import lazy_gettext

SENTENCES = {
    "committee_too_small": lazy_gettext(
        "그날 위촉된 위원이 %(seats)s명뿐입니다. 이 사업은 %(least)s명 이상이어야 하니 위원을 더 위촉해 주세요."
    ),
    "held_in_past": lazy_gettext("회의는 지금보다 뒤여야 합니다. 날짜와 시각을 고쳐 주세요."),
    "item_done_here": lazy_gettext("이 회의에서 이미 결정했거나 보류한 안건입니다. 다음 회의의 안건에 올려 주세요."),
    "item_in_vote": lazy_gettext("표결을 시작했거나 결정한 안건은 뺄 수 없습니다. 다루지 못하면 보류해 주세요."),
    "meeting_not_open": lazy_gettext("회의 중에만 할 수 있습니다. 먼저 개회하거나 다음 회의를 잡아 주세요."),
    "meeting_not_planned": lazy_gettext("이미 열렸거나 끝났거나 취소된 회의입니다. 화면을 새로 열어 확인해 주세요."),
    "meeting_over": lazy_gettext("끝났거나 취소된 회의는 바꿀 수 없습니다. 새 회의를 잡아 주세요."),
    "minutes_held_back": lazy_gettext("회피·제척된 안건이 있어, 그 결과를 발표한 뒤에 회의록을 볼 수 있습니다."),
    "no_quorum": lazy_gettext(
        "정족수가 모자라 의결할 수 없습니다. 위원 %(seats)s명 가운데 회피·제척을 뺀 %(deciding)s명이 있고 "
        "%(quorum)s명이 필요합니다. 위원이 더 오면 하거나 보류해 주세요."
    ),
    "not_carried": lazy_gettext(
        "찬성 %(votes_for)s, 반대 %(votes_against)s로 의결되지 않았습니다. 제안을 고쳐 다시 표결하거나 보류해 주세요."
    ),
    "not_in_deliberation": lazy_gettext("심의를 기다리는 신청이 아니거나 다른 회의의 안건에 있습니다."),
    "not_there": lazy_gettext("출석한 위원만 표결할 수 있습니다. 먼저 출석을 눌러 주세요."),
    "not_voting": lazy_gettext("표결을 시작한 안건이 아닙니다. 표결이 시작되면 다시 해 주세요."),
    "recused": lazy_gettext("회피·제척된 안건이라 자료를 보거나 표결할 수 없습니다."),
    "vote_running": lazy_gettext("표결 중인 안건이 있습니다. 의결하거나 보류한 뒤 회의를 마쳐 주세요."),
    "votes_missing": lazy_gettext(
        "출석한 위원 가운데 %(missing)s명이 아직 표결하지 않았습니다. 기권도 표결해야 합니다."
    ),
    "vote_unknown": lazy_gettext("찬성, 반대, 기권 가운데 하나를 골라 주세요."),
}
