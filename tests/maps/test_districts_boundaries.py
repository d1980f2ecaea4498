import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shapely import Point, Polygon, box
from shapely.geometry import mapping

from services.maps.districts.boundaries import read_boundaries
from services.maps.districts.names import district_named
from services.maps.districts.sentences import FINDINGS, SENTENCES
from shared.districts import BY_NAME, DISTRICTS
from shared.refusal import Refusal
from shared.web.city_map.grid import METRES, offices
from shared.web.city_map.schematic import schematic_districts

KOSTAT_OF_DONGDAEMUN = "11060"  # and 11230, its MOIS code, is 강남구 there


def collection(rows: list[tuple[dict[str, Any], Any]], **members: Any) -> bytes:
    features = [
        {"type": "Feature", "properties": properties, "geometry": None if shape is None else mapping(shape)}
        for properties, shape in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def square(name: str, half: float = 0.008) -> Polygon:
    """A made-up district: a square around the office, in degrees."""
    latitude, longitude = BY_NAME[name].office
    return box(longitude - half, latitude - half, longitude + half, latitude + half)


def city(name_of: Callable[[str], dict[str, Any]] = lambda name: {"name": name}) -> list[tuple[dict[str, Any], Any]]:
    frame = schematic_districts()
    return [(name_of(name), shape) for name, shape in zip(frame["name"], frame.geometry, strict=True)]


def codes_of(report: Any) -> list[str]:
    return [finding.code for finding in report.findings]


def refusal(source: bytes | Path) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_boundaries(source)
    assert caught.value.status == 422
    assert caught.value.code in SENTENCES
    assert str(SENTENCES[caught.value.code]) % caught.value.params
    return caught.value


@pytest.mark.parametrize(
    "name_of",
    [
        lambda name: {"code": "x", "name": name},
        lambda name: {"SIG_CD": "0", "SIG_KOR_NM": name},
        lambda name: {"adm_nm": f"서울특별시 {name}", "adm_cd": 1},
        lambda name: {"A": None, "title": f"서울특별시{name}"},
        lambda name: {"sido": "서울", "SGG": f"  {name} "},
        lambda name: {"NAME_2": BY_NAME[name].english},
    ],
)
def test_names_are_found_whatever_the_column_is_called(name_of: Callable[[str], dict[str, Any]]) -> None:
    frame, report = read_boundaries(collection(city(name_of)))
    assert frame["code"].tolist() == [district.code for district in DISTRICTS]
    assert frame["name"].tolist() == [district.name for district in DISTRICTS]
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.geom_equals_exact(schematic_districts().geometry, 1e-6).all()
    assert (report.findings, report.missing, report.rows) == ([], [], 25)


def test_codes_are_never_trusted() -> None:
    rows = [
        ({"code": "11230", "name": "강남구"}, square("강남구")),
        ({"code": KOSTAT_OF_DONGDAEMUN, "name": "동대문구"}, square("동대문구")),
    ]
    frame, _ = read_boundaries(collection(rows))
    assert dict(zip(frame["code"], frame["name"], strict=True)) == {"11230": "동대문구", "11680": "강남구"}
    by_code = dict(zip(frame["code"], frame.geometry, strict=True))
    latitude, longitude = BY_NAME["동대문구"].office
    assert by_code["11230"].contains(Point(longitude, latitude))


def test_a_file_on_the_national_grid_comes_out_in_degrees() -> None:
    frame = schematic_districts()
    metres = frame.geometry.to_crs(METRES)
    rows = [({"name": name}, shape) for name, shape in zip(frame["name"], metres, strict=True)]
    content = collection(rows, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}})
    read, report = read_boundaries(content)
    assert report.crs == METRES
    assert read.geometry.geom_equals_exact(frame.geometry, 1e-6).all()


def test_metres_without_a_named_system_are_refused() -> None:
    office = offices()["11110"]
    rows = [({"name": "종로구"}, office.buffer(1000))]
    assert refusal(collection(rows)).code == "boundaries_not_degrees"
    unknown = {"type": "name", "properties": {"name": "EPSG:99999"}}
    assert refusal(collection(rows, crs=unknown)).code == "boundaries_not_degrees"


def test_topojson_and_its_layer_of_districts() -> None:
    ring = [[1269500, 375500], [600, 0], [0, 600], [-600, 0], [0, -600]]
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.0001, 0.0001], "translate": [0, 0]},
        "arcs": [ring],
        "objects": {
            "points": {"type": "Point", "coordinates": [1269500, 375500], "properties": {"name": "시청"}},
            "districts": {
                "type": "GeometryCollection",
                "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": {"name": "종로구"}}],
            },
        },
    }
    frame, report = read_boundaries(json.dumps(topology).encode())
    assert frame["code"].tolist() == ["11110"]
    assert frame.geometry.iloc[0].bounds == pytest.approx((126.95, 37.55, 127.01, 37.61))
    assert len(report.missing) == 24


def test_an_invalid_polygon_is_repaired_and_told() -> None:
    latitude, longitude = BY_NAME["종로구"].office
    bow = Polygon(
        [
            (longitude - 0.01, latitude - 0.01),
            (longitude + 0.01, latitude + 0.01),
            (longitude + 0.01, latitude - 0.01),
            (longitude - 0.01, latitude + 0.01),
        ]
    )
    frame, report = read_boundaries(collection([({"name": "종로구"}, bow)]))
    repaired = frame.geometry.iloc[0]
    assert repaired.is_valid
    assert repaired.geom_type == "MultiPolygon"
    told = report.findings[0]
    assert (told.code, told.name, told.row) == ("shape_repaired", "종로구", 1)
    assert "Self-intersection" in told.detail


def test_a_repair_leaves_areas_only() -> None:
    latitude, longitude = BY_NAME["종로구"].office
    spike = [(-0.01, -0.01), (0.01, -0.01), (0.01, 0.01), (0.03, 0.03), (0.01, 0.01), (-0.01, 0.01)]
    frame, report = read_boundaries(
        collection([({"name": "종로구"}, Polygon([(longitude + x, latitude + y) for x, y in spike]))])
    )
    assert frame.geometry.iloc[0].geom_type == "Polygon"
    assert frame.geometry.iloc[0].bounds[2] == pytest.approx(longitude + 0.01)
    assert "shape_repaired" in codes_of(report)


def test_a_ring_that_is_not_closed_is_closed_and_told() -> None:
    shape = mapping(square("종로구"))
    ring = [list(point) for point in shape["coordinates"][0][:-1]]
    feature = {
        "type": "Feature",
        "properties": {"name": "종로구"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    frame, report = read_boundaries(json.dumps({"type": "FeatureCollection", "features": [feature]}).encode())
    assert frame.geometry.iloc[0].is_valid
    assert "file_remark" in codes_of(report)


def test_every_row_that_is_not_used_is_told_with_its_reason() -> None:
    rows = [
        ({"name": "종로구"}, square("종로구")),
        ({"name": "한라구"}, square("중구")),
        ({"name": "용산구"}, None),
        ({"name": "성동구"}, Point(127.037, 37.563)),
        ({"name": None}, square("강남구")),
        ({"name": "중구"}, box(129.0, 35.0, 129.1, 35.2)),  # another city has a 중구 too
        ({"name": "부산광역시 강서구"}, box(128.8, 35.0, 129.0, 35.2)),
    ]
    frame, report = read_boundaries(collection(rows))
    assert frame["name"].tolist() == ["종로구"]
    told = {(finding.row, finding.code) for finding in report.findings if finding.row}
    assert told == {
        (2, "name_unknown"),
        (3, "shape_absent"),
        (4, "shape_not_polygon"),
        (5, "name_unknown"),
        (6, "district_elsewhere"),
        (7, "name_unknown"),
    }
    assert sorted(report.missing) == sorted(set(BY_NAME) - {"종로구"})


def test_a_district_given_twice_is_not_chosen_from() -> None:
    rows = [
        ({"name": "종로구"}, square("종로구")),
        ({"name": "종로구"}, square("종로구", 0.009)),
        ({"name": "중구"}, square("중구")),
    ]
    frame, report = read_boundaries(collection(rows))
    assert frame["name"].tolist() == ["중구"]
    twice = next(finding for finding in report.findings if finding.code == "district_twice")
    assert (twice.name, twice.detail) == ("종로구", "1, 2")
    assert "종로구" in report.missing


def test_parts_of_a_district_are_put_together() -> None:
    west, south, east, north = square("종로구").bounds
    middle = (west + east) / 2
    rows = [
        ({"adm_nm": "서울특별시 종로구 사직동"}, box(west, south, middle, north)),
        ({"adm_nm": "서울특별시 종로구 삼청동"}, box(middle, south, east, north)),
    ]
    frame, report = read_boundaries(collection(rows))
    assert frame["code"].tolist() == ["11110"]
    assert frame.geometry.iloc[0].area == pytest.approx(square("종로구").area, rel=1e-4)
    merged = next(finding for finding in report.findings if finding.code == "district_merged")
    assert (merged.name, merged.detail) == ("종로구", "2")


def test_dongs_that_do_not_tell_their_district_are_refused_with_the_way_out() -> None:
    rows = [({"code": "1101053", "name": name}, square("종로구")) for name in ("사직동", "삼청동", "종로1·2·3·4가동")]
    refused = refusal(collection(rows))
    assert (refused.code, refused.params) == ("boundaries_are_dongs", {"example": "사직동"})


def test_a_boundary_that_is_displaced_is_told() -> None:
    latitude, longitude = BY_NAME["종로구"].office
    rows = [({"name": "종로구"}, box(longitude + 0.01, latitude, longitude + 0.02, latitude + 0.01))]
    _, report = read_boundaries(collection(rows))
    assert ("office_outside", "종로구") in [(finding.code, finding.name) for finding in report.findings]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "boundaries_not_geojson"),
        (b"hello", "boundaries_not_geojson"),
        (b"\x00\xff\xfe", "boundaries_not_geojson"),
        (b"[]", "boundaries_not_geojson"),
        (b'{"type": "Feature"}', "boundaries_not_geojson"),
        (b'<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "boundaries_not_geojson"),
        (b'{"type": "FeatureCollection", "features": [', "boundaries_not_geojson"),
        (b'{"type": "FeatureCollection", "features": []}', "boundaries_empty"),
        (b'{"type": "FeatureCollection"}', "boundaries_unreadable"),
        (b'{"type": "Topology"}', "boundaries_unreadable"),
        (collection([({"name": "한라구"}, box(127, 37, 127.1, 37.1))]), "boundaries_no_names"),
        (collection([({}, box(127, 37, 127.1, 37.1))]), "boundaries_no_names"),
        (collection([({"name": "중구"}, box(129, 35, 129.1, 35.1))]), "boundaries_not_seoul"),
    ],
)
def test_a_wrong_file_is_one_clear_refusal(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_a_file_is_read_by_path_and_a_missing_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "경계.geojson"
    path.write_bytes("\ufeff".encode() + collection(city()))
    assert len(read_boundaries(path)[0]) == 25
    path.write_bytes(collection(city()).decode("unicode_escape").encode("cp949"))
    assert len(read_boundaries(str(path))[0]) == 25
    refused = refusal(tmp_path / "absent.geojson")
    assert refused.code == "boundaries_no_file"
    assert "absent.geojson" in str(refused.params["file"])


def test_every_finding_has_a_sentence() -> None:
    rows = [
        ({"name": "종로구"}, square("종로구")),
        ({"name": "종로구"}, square("종로구")),
        ({"name": "모름"}, None),
        ({"name": "중구"}, None),
        ({"name": "중구"}, square("중구")),
    ]
    _, report = read_boundaries(collection(rows))
    for finding in report.findings:
        assert str(FINDINGS[finding.code]) % {"detail": finding.detail}


@pytest.mark.parametrize(
    "text", ["중앙구", "부산광역시 중구", "사직동", "", None, 5, "종로구 사직동 1 2", "서울특별시"]
)
def test_other_names_are_no_district(text: object) -> None:
    assert district_named(text) is None
