"""The words of the phases of an application, for lists over several programmes."""

from typing import Any

from flask_babel import lazy_gettext

PHASE_LABELS: dict[str, Any] = {
    "draft": lazy_gettext("작성 중"),
    "intake": lazy_gettext("접수"),
    "review": lazy_gettext("심사"),
    "decision": lazy_gettext("심의"),
    "selected": lazy_gettext("선정"),
    "rejected": lazy_gettext("미선정"),
    "running": lazy_gettext("진행"),
    "settling": lazy_gettext("정산"),
    "closed": lazy_gettext("종료"),
    "withdrawn": lazy_gettext("철회"),
}
CHECK_WORDS: dict[str, Any] = {
    "met": lazy_gettext("갖춤"),
    "unmet": lazy_gettext("갖추지 못함"),
    "unsure": lazy_gettext("확인 필요"),
}
CHECK_TONES = {"met": "success", "unmet": "danger", "unsure": "warning"}
