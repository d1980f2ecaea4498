"""Why statistics are refused."""

from flask_babel import lazy_gettext

SENTENCES = {
    "period_reversed": lazy_gettext("끝나는 날이 시작하는 날보다 빠릅니다. 기간을 다시 골라 주세요."),
    "period_too_long": lazy_gettext("한 번에 %(days)s일까지 볼 수 있습니다. 기간을 나누어 골라 주세요."),
}
