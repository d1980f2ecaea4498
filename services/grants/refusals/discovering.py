"""Why a question about what one can apply for can't be answered."""

from flask_babel import lazy_gettext

SENTENCES = {
    "district_missing": lazy_gettext("어느 자치구에서 활동하는지 골라 주세요."),
    "people_out_of_range": lazy_gettext("함께하는 사람을 1명 이상 300명 이하로 적어 주세요."),
}
