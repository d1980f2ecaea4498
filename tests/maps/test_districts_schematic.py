import json

from shapely import Point
from shapely.geometry import shape

from shared.districts import BY_CODE, BY_NAME, DISTRICTS, name_of
from shared.web.city_map.geojson import for_web, from_geojson, to_geojson
from shared.web.city_map.grid import METRES
from shared.web.city_map.schematic import schematic_districts, schematic_river


def test_the_25_districts_are_each_there_once() -> None:
    assert len(DISTRICTS) == len(BY_CODE) == len(BY_NAME) == 25
    assert [district.code for district in DISTRICTS] == sorted(BY_CODE)
    assert BY_CODE["11230"].name == "동대문구"  # in KOSTAT's numbering the same digits are 강남구
    assert (name_of("11110", "ko"), name_of("11110", "en_US")) == ("종로구", "Jongno-gu")


def test_each_district_is_one_polygon_around_its_own_office() -> None:
    frame = schematic_districts()
    assert frame["code"].tolist() == [district.code for district in DISTRICTS]
    assert frame.crs.to_epsg() == 4326
    assert set(frame.geom_type) == {"Polygon"}
    assert frame.is_valid.all()
    for district, polygon in zip(DISTRICTS, frame.geometry, strict=True):
        latitude, longitude = district.office
        assert polygon.contains(Point(longitude, latitude)), district.name


def test_the_districts_fill_the_city_without_overlap() -> None:
    shapes = schematic_districts().geometry.to_crs(METRES)
    city = shapes.union_all()
    assert city.geom_type == "Polygon"
    assert abs(shapes.area.sum() - city.area) < city.area * 1e-4
    assert 500e6 < city.area < 750e6  # m²; Seoul has 605 km²


def test_neighbours_are_parted_by_the_river() -> None:
    river = schematic_river()
    assert river.is_valid
    middle = {code: geometry.representative_point().y for code, geometry in _by_code().items()}
    north, south = ("11170", "11200", "11215", "11440"), ("11560", "11590", "11650", "11680")
    assert min(middle[code] for code in north) > max(middle[code] for code in south)


def test_the_drawing_is_the_same_every_time() -> None:
    first = json.dumps(for_web(schematic_districts()))
    schematic_districts.cache_clear()
    assert json.dumps(for_web(schematic_districts())) == first
    assert len(first) < 30_000


def test_a_frame_survives_geojson() -> None:
    frame = schematic_districts()
    again = from_geojson(json.loads(json.dumps(to_geojson(frame))))
    assert again["code"].tolist() == frame["code"].tolist()
    assert again.geometry.geom_equals(frame.geometry).all()


def test_the_web_version_is_small_and_its_neighbours_still_meet() -> None:
    detailed = schematic_districts().copy()
    metres = detailed.geometry.to_crs(METRES)
    detailed["geometry"] = metres.segmentize(20).to_crs(4326)  # as many points as an official file has
    slim = for_web(detailed)
    assert len(json.dumps(slim)) < len(json.dumps(to_geojson(detailed))) / 10
    assert [feature["id"] for feature in slim["features"]] == detailed["code"].tolist()
    assert slim["features"][0]["properties"] == {"code": "11110", "name": "종로구"}
    polygons = from_geojson(slim).geometry.to_crs(METRES)
    assert polygons.is_valid.all()
    assert abs(polygons.area.sum() - polygons.union_all().area) < 1e-3 * metres.area.sum()
    assert polygons.symmetric_difference(metres).area.max() < 0.03 * metres.area.min()


def _by_code() -> dict:
    return {feature["id"]: shape(feature["geometry"]) for feature in to_geojson(schematic_districts())["features"]}
