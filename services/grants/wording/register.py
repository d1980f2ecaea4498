"""Words of the register's filters."""

from flask_babel import lazy_gettext

STATUS_WORDS = {
    "selected": lazy_gettext("협약 준비 중"),
    "running": lazy_gettext("사업 진행 중"),
    "settling": lazy_gettext("정산 중이거나 마침"),
    "closed": lazy_gettext("종료"),
}
"""Phases as one looks for them (`project_search.STATUSES`)."""
SORT_WORDS = {
    "newest": lazy_gettext("새로 선정된 것부터"),
    "oldest": lazy_gettext("오래된 것부터"),
    "most": lazy_gettext("금액이 큰 것부터"),
    "least": lazy_gettext("금액이 작은 것부터"),
    "title": lazy_gettext("이름 순서"),
}
"""Orders of the list (`project_search.SORTS`)."""
