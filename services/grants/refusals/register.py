"""Why the register, its filters and its files say no."""

from flask_babel import lazy_gettext

SENTENCES = {
    "filter_unknown": lazy_gettext("목록에 없는 것입니다. 목록에서 골라 주세요."),
    "register_empty": lazy_gettext("찾는 선정 사업이 없어 파일을 만들지 않았습니다. 조건을 넓혀 다시 찾아 주세요."),
    "search_too_long": lazy_gettext("찾는 말이 너무 깁니다. 줄여서 다시 찾아 주세요."),
    "amounts_crossed": lazy_gettext("가장 적은 금액이 가장 많은 금액보다 큽니다. 두 금액을 확인해 주세요."),
}
