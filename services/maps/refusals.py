"""A sentence for each code of a refusal: what is wrong and what to do next."""

from flask_babel import lazy_gettext

from services.maps.districts.sentences import SENTENCES as BOUNDARIES
from services.maps.facilities import FILE_SENTENCES

SENTENCES = {
    **BOUNDARIES,
    **FILE_SENTENCES,
    "edited_meanwhile": lazy_gettext(
        "보고 계신 사이에 다른 담당자가 이 공간을 고쳤습니다. 적은 내용은 그대로이니, "
        "바뀐 것을 확인하고 다시 보내 주세요."
    ),
    "not_your_space": lazy_gettext("맡고 계신 공간이 아닙니다. 내가 운영하는 공간만 고칠 수 있습니다."),
    "part_unknown": lazy_gettext("이 공간에 없는 단위입니다. 목록에서 골라 주세요."),
    "parts_too_few": lazy_gettext("두 곳 이상이어야 합니다. 더 고르거나 적어 주세요."),
    "parts_too_many": lazy_gettext("한 번에 %(most)s곳까지 나눌 수 있습니다. 줄여서 다시 보내 주세요."),
    "too_many_units": lazy_gettext(
        "한 공간에 %(most)s곳까지 둘 수 있습니다. 쓰지 않는 단위의 이름을 바꾸어 다시 써 주세요."
    ),
    "unit_contains_itself": lazy_gettext("자기 자신이 들어 있는 묶음은 만들 수 없습니다. 고른 곳을 확인해 주세요."),
    "unit_divided_already": lazy_gettext("이미 여러 곳으로 이루어진 단위입니다. 고치기에서 이루는 곳을 바꾸어 주세요."),
    "unit_name_taken": lazy_gettext("이 공간에 같은 이름의 단위가 있습니다. 다른 이름을 적어 주세요."),
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
