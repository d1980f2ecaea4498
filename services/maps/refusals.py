"""A sentence for each code of a refusal: what is wrong and what to do next."""

from flask_babel import lazy_gettext

from services.maps.districts.sentences import SENTENCES as BOUNDARIES
from services.maps.facilities import FILE_SENTENCES

SENTENCES = {
    **BOUNDARIES,
    **FILE_SENTENCES,
    "district_unknown": lazy_gettext("그런 자치구가 없습니다. 목록에서 골라 주세요."),
    "file_missing": lazy_gettext("파일을 골라 주세요."),
    "form_too_large": lazy_gettext("파일이 너무 큽니다. 20 MB까지 올릴 수 있습니다."),
    "kind_unknown": lazy_gettext("무엇을 가져올지 골라 주세요."),
    "not_your_district": lazy_gettext("다른 자치구의 공간입니다. 내 자치구의 공간만 고칠 수 있습니다."),
    "note_too_long": lazy_gettext("메모는 %(limit)s자까지 쓸 수 있습니다. 줄여서 다시 보내 주세요."),
    "stage_moved_meanwhile": lazy_gettext(
        "보고 계신 사이에 다른 담당자가 단계를 바꾸었습니다. 지금 단계를 확인하고 다시 골라 주세요."
    ),
    "stage_same": lazy_gettext("이미 그 단계입니다. 다른 단계를 골라 주세요."),
    "stage_unknown": lazy_gettext("단계를 목록에서 골라 주세요."),
}
