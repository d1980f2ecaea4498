"""Why a file is not taken: what is the matter with it, and what to send instead."""

from flask_babel import lazy_gettext

SENTENCES = {
    "archive_bomb": lazy_gettext(
        "풀면 지나치게 커지는 압축 파일이라 받을 수 없습니다. 안에 든 파일을 하나씩 따로 붙여 주세요."
    ),
    "archive_paths": lazy_gettext(
        "안에 든 파일의 이름이 다른 폴더를 가리켜 받을 수 없습니다. 다시 압축하거나 하나씩 붙여 주세요."
    ),
    "file_damaged": lazy_gettext(
        "파일이 깨졌거나 끝까지 오지 않았습니다. 열리는지 확인하고 다시 저장한 뒤 붙여 주세요."
    ),
    "file_empty": lazy_gettext("내용이 없는 파일입니다. 파일을 확인하고 다시 골라 주세요."),
    "file_heic": lazy_gettext(
        "HEIC 사진은 받지 않습니다. 휴대전화의 카메라 설정에서 ‘호환성 우선’을 고르거나 JPEG로 바꾸어 붙여 주세요."
    ),
    "file_kind_not_taken": lazy_gettext(
        "%(file_is)s 파일은 여기에 붙일 수 없습니다. %(file_takes)s 가운데 하나로 저장해 붙여 주세요."
    ),
    "file_locked": lazy_gettext("암호가 걸린 파일입니다. 암호를 풀고 저장한 뒤 다시 붙여 주세요."),
    "file_macros": lazy_gettext(
        "매크로가 든 문서는 받지 않습니다. 매크로 없는 형식이나 PDF로 저장한 뒤 다시 붙여 주세요."
    ),
    "file_missing": lazy_gettext("파일을 골라 주세요."),
    "file_name_bad": lazy_gettext("파일 이름으로 쓸 수 있는 글자가 없습니다. 이름을 바꾸어 다시 붙여 주세요."),
    "file_too_large": lazy_gettext(
        "파일 하나는 %(file_limit)sMB까지 받습니다. 크기를 줄이거나 나누어 다시 붙여 주세요."
    ),
    "file_type_lies": lazy_gettext(
        "이름은 %(file_said)s인데 내용은 %(file_is)s 파일입니다. 원래 형식대로 저장해 다시 붙여 주세요."
    ),
    "file_type_unknown": lazy_gettext(
        "알 수 없거나 받지 않는 형식입니다. %(file_takes)s 가운데 하나로 저장해 붙여 주세요."
    ),
    "file_which": lazy_gettext("문제가 있는 파일: %(file_name)s"),
    "files_too_many": lazy_gettext("파일은 %(file_most)s개까지 붙일 수 있습니다. 필요한 것만 골라 주세요."),
    "image_bomb": lazy_gettext(
        "사진이 너무 큽니다. 가로와 세로를 곱해 %(file_pixels)s백만 화소까지 받습니다. 줄여서 다시 붙여 주세요."
    ),
}
