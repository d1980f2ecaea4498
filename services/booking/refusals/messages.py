"""Why something about messages and one's own facts is refused."""

from flask_babel import lazy_gettext

SENTENCES = {
    "message_not_found": lazy_gettext("찾는 알림이 없습니다. 알림함에서 다시 골라 주세요."),
    "email_invalid": lazy_gettext("이메일 주소를 확인해 주세요. 예: jumin@example.com"),
    "phone_invalid": lazy_gettext("전화번호를 확인해 주세요. 예: 010-1234-5678"),
    "language_unknown": lazy_gettext("한국어와 영어 가운데 골라 주세요."),
    "district_unknown": lazy_gettext("자치구를 목록에서 골라 주세요."),
    "channel_unknown": lazy_gettext("이메일과 문자 가운데 골라 주세요."),
    "channel_needs_email": lazy_gettext("이메일로 받으려면 이메일 주소를 적어 주세요."),
    "channel_needs_phone": lazy_gettext("문자로 받으려면 전화번호를 적어 주세요."),
}
