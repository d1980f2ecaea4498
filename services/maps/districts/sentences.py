"""What the codes of ``boundaries.py`` mean, for the person who brought the file: what is wrong and what to do."""

from __future__ import annotations

from flask_babel import lazy_gettext

# Refusals: the file can't be used.
SENTENCES = {
    "boundaries_no_file": lazy_gettext("경계 파일 %(file)s을(를) 열 수 없습니다(%(reason)s). 경로를 확인해 주세요."),
    "boundaries_not_geojson": lazy_gettext(
        "GeoJSON이나 TopoJSON 파일이 아닙니다. 둘 중 하나로 저장해 다시 가져와 주세요."
    ),
    "boundaries_unreadable": lazy_gettext("경계 파일을 읽을 수 없습니다(%(reason)s). 파일이 온전한지 확인해 주세요."),
    "boundaries_empty": lazy_gettext("경계가 하나도 없는 파일입니다. 다른 파일을 골라 주세요."),
    "boundaries_no_names": lazy_gettext(
        "자치구 이름이 있는 열을 찾지 못했습니다(열: %(columns)s). '종로구'처럼 이름이 있는 자치구 경계 파일을 "
        "골라 주세요."
    ),
    "boundaries_are_dongs": lazy_gettext(
        "행정동 경계 파일입니다(%(example)s …). 자치구 이름이 없어 구별로 합칠 수 없습니다. "
        "자치구 경계 파일이나, '서울특별시 종로구 사직동'처럼 구 이름이 함께 있는 파일을 골라 주세요."
    ),
    "boundaries_not_degrees": lazy_gettext(
        "좌표가 경위도가 아닌데 좌표계가 적혀 있지 않습니다. 좌표계(crs)를 적거나 WGS84로 바꾼 파일을 골라 주세요."
    ),
    "boundaries_not_seoul": lazy_gettext("서울의 자치구 자리에 있는 경계가 없습니다. 파일과 좌표계를 확인해 주세요."),
}

# Findings: what happened to a row or a district.
FINDINGS = {
    "file_remark": lazy_gettext("파일을 읽으며: %(detail)s"),
    "name_unknown": lazy_gettext("서울의 자치구 이름이 아니어서 쓰지 않았습니다."),
    "shape_absent": lazy_gettext("도형이 없어 쓰지 않았습니다."),
    "shape_not_polygon": lazy_gettext("면이 아니어서 쓰지 않았습니다(%(detail)s)."),
    "shape_repaired": lazy_gettext("잘못된 면을 고쳤습니다(%(detail)s)."),
    "district_elsewhere": lazy_gettext("이름은 같지만 서울의 그 자치구 자리가 아니어서 쓰지 않았습니다."),
    "district_twice": lazy_gettext("같은 자치구의 서로 겹치는 면이 여럿이라 어느 것도 쓰지 않았습니다(행 %(detail)s)."),
    "district_merged": lazy_gettext("면 %(detail)s개를 합쳤습니다."),
    "office_outside": lazy_gettext("구청이 경계 밖에 있습니다. 경계가 어긋나지 않았는지 확인해 주세요."),
    "district_missing": lazy_gettext("파일에 쓸 수 있는 경계가 없습니다."),
}
