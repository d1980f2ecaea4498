"""The people of a place edit it: units as sets, who may, what imports leave alone, what the others are told."""

import re
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.maps.imports import import_spaces
from services.maps.models import AUDIT, Space, Unit
from services.maps.space_editing import SpaceEdit, edit_space, fingerprint, follow_source, space_to_edit
from services.maps.spaces import UnitFacts, known_spaces, save_space
from services.maps.unit_editing import Part, UnitEdit, add_unit, divide_unit, edit_unit, join_units, put_in_service
from services.maps.unit_sets import Piece, atoms_of, common_hours, exclusions, joined_closures
from shared.identity.actor import SYSTEM, Actor, Role
from shared.refusal import Refusal
from tests.maps.facility_rows import file_of, row
from tests.maps.town import HOURS, NOW, ROOM, add_space, facts, told

KITCHEN = UnitFacts(key="kitchen", name="공유부엌", hours=HOURS, equipment=("오븐",))
WHOLE = UnitFacts(key="whole", name="전체 대관", hours=HOURS, whole=True)


@pytest.fixture
def maps(house):
    return house.databases["maps"]


@pytest.fixture
def keeper(house):
    """Runs the spaces 1 and 2."""
    return house.actor("keeper")


def names_of(maps, space_id=1):
    """{name: the names of the rooms whose atoms the unit has}."""
    with maps.read() as session:
        units = list(session.scalars(select(Unit).where(Unit.space_id == space_id).order_by(Unit.id)))
    names = {f"unit:{unit.id}": unit.name for unit in units}
    return {unit.name: [names[atom] for atom in unit.atoms] for unit in units}


def ids_of(maps, space_id=1):
    with maps.read() as session:
        return {unit.name: unit.id for unit in session.scalars(select(Unit).where(Unit.space_id == space_id))}


def actions(maps):
    with maps.read() as session:
        return [row.action for row in session.execute(select(AUDIT).order_by(AUDIT.c.id))]


def test_a_hall_is_divided_and_joined_again_with_its_neighbour(maps, keeper):
    add_space(maps, units=(replace(ROOM, name="강당", capacity=40), KITCHEN, WHOLE))
    hall, kitchen = (ids_of(maps)[name] for name in ("강당", "공유부엌"))
    halves = divide_unit(
        maps, keeper, NOW, space_id=1, unit_id=hall, parts=[Part("강당 A", 20, "30.5"), Part("강당 B", 18)]
    )
    assert names_of(maps) == {
        "강당": ["강당 A", "강당 B"],
        "공유부엌": ["공유부엌"],
        "전체 대관": ["공유부엌", "강당 A", "강당 B"],
        "강당 A": ["강당 A"],
        "강당 B": ["강당 B"],
    }
    with maps.read() as session:
        half = session.get_one(Unit, halves[0])
        assert (half.hours, half.capacity, half.area_m2, half.active) == (HOURS, 20, "30.5", True)
    join_units(maps, keeper, NOW, space_id=1, facts=UnitEdit("B와 부엌", parts=(halves[1], kitchen)))
    assert names_of(maps)["B와 부엌"] == ["공유부엌", "강당 B"]
    payload = told(maps)[-1]["payload"]
    assert {unit["name"]: unit["equipment"] for unit in payload["units"]}["B와 부엌"] == ["오븐"]
    assert actions(maps)[-2:] == ["unit.divided", "unit.joined"]


def test_what_is_already_divided_is_not_divided_again(maps, keeper):
    add_space(maps, units=(ROOM, KITCHEN, WHOLE))
    ids = ids_of(maps)
    parts = [Part("가"), Part("나")]
    for name in ("모임방", "전체 대관"):
        if name == "모임방":
            divide_unit(maps, keeper, NOW, space_id=1, unit_id=ids[name], parts=parts)
        with pytest.raises(Refusal, match="unit_divided_already"):
            divide_unit(maps, keeper, NOW, space_id=1, unit_id=ids[name], parts=[Part("다"), Part("라")])


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([Part("가")], "parts_too_few"),
        ([Part(str(n)) for n in range(7)], "parts_too_many"),
        ([Part("가"), Part("가")], "unit_name_taken"),
        ([Part("가"), Part("공유부엌")], "unit_name_taken"),
    ],
)
def test_a_refused_division_changes_nothing(maps, keeper, parts, code):
    add_space(maps, units=(ROOM, KITCHEN))
    before = names_of(maps), told(maps)
    with pytest.raises(Refusal) as refused:
        divide_unit(maps, keeper, NOW, space_id=1, unit_id=ids_of(maps)["모임방"], parts=parts)
    assert refused.value.code == code
    assert (names_of(maps), told(maps)) == before


def test_a_unit_cannot_contain_itself(maps, keeper):
    add_space(maps, units=(ROOM, KITCHEN, replace(KITCHEN, key="third", name="마당")))
    room, kitchen, yard = (ids_of(maps)[name] for name in ("모임방", "공유부엌", "마당"))
    pair = join_units(maps, keeper, NOW, space_id=1, facts=UnitEdit("둘", parts=(room, kitchen)))
    with pytest.raises(Refusal, match="unit_contains_itself"):
        edit_unit(maps, keeper, NOW, space_id=1, unit_id=room, facts=UnitEdit("모임방", parts=(pair, yard)))
    with pytest.raises(Refusal, match="part_unknown"):
        edit_unit(maps, keeper, NOW, space_id=1, unit_id=room, facts=UnitEdit("모임방", parts=(999, yard)))


def test_only_its_people_edit_a_space(maps, house):
    add_space(maps)
    add_space(maps, "two", district="11290")
    add_space(maps, "three")
    kept = SpaceEdit("새 이름", "서울특별시 어딘가", None, None, None, None)

    def may(login, space_id):
        try:
            edit_space(maps, house.actor(login), NOW, space_id=space_id, facts=kept)
        except Refusal as refusal:
            return (refusal.code, refusal.status) != ("not_your_space", 403)
        return True

    assert [may("keeper", space_id) for space_id in (1, 2, 3)] == [True, True, False]
    assert [may("dongjak", space_id) for space_id in (1, 2, 3)] == [True, False, True]
    assert [may("city", space_id) for space_id in (1, 2, 3)] == [True] * 3
    assert [may("resident", space_id) for space_id in (1, 2, 3)] == [False] * 3


def test_the_second_of_two_editors_is_told(maps, keeper):
    add_space(maps)
    with maps.read() as session:
        seen = fingerprint(space_to_edit(session, keeper, 1))
    add_unit(maps, keeper, NOW, space_id=1, facts=UnitEdit("사랑방"), like=ids_of(maps)["모임방"], seen=seen)
    with pytest.raises(Refusal, match="edited_meanwhile"):
        add_unit(maps, keeper, NOW, space_id=1, facts=UnitEdit("다락방"), seen=seen)
    with maps.read() as session:
        assert session.scalar(select(Unit.hours).where(Unit.name == "사랑방")) == HOURS


def test_editors_at_the_same_moment_lose_nothing(maps, keeper):
    """Eight people add a room each: all are there, each in the whole building, each told."""
    add_space(maps, units=(ROOM, WHOLE))
    start = threading.Barrier(8)

    def add(number):
        start.wait()
        add_unit(maps, keeper, NOW, space_id=1, facts=UnitEdit(f"방 {number}"))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names_of(maps)["전체 대관"]) == 9
    last = max(told(maps), key=lambda event: event["sequence"])["payload"]["units"]
    assert len(last) == 10


def test_an_import_leaves_what_people_edited_and_says_so(maps, house):
    city = house.actor("city")
    import_spaces(maps, SYSTEM, NOW, "a.csv", file_of(row()))
    with maps.read() as session:
        space = session.scalars(select(Space)).one()
        space_id, name, address = space.id, space.name, space.address
        (unit,) = space.units
        unit_id, unit_name, capacity = unit.id, unit.name, unit.capacity
    edit = SpaceEdit("주민이 부르는 이름", address, "02-111-2222", None, None, None, ("elevator",))
    edit_space(maps, city, NOW, space_id=space_id, facts=edit)
    edit_unit(maps, city, NOW, space_id=space_id, unit_id=unit_id, facts=UnitEdit(unit_name, 7))
    put_in_service(maps, city, NOW, space_id=space_id, unit_id=unit_id, active=False)
    add_unit(maps, city, NOW, space_id=space_id, facts=UnitEdit("우리가 더한 방"))
    report = import_spaces(maps, SYSTEM, NOW, "b.csv", file_of(row()))
    with maps.read() as session:
        space = session.get_one(Space, space_id)
        assert (space.name, space.phone, space.accessibility) == ("주민이 부르는 이름", "02-111-2222", ["elevator"])
        kept = session.get_one(Unit, unit_id)
        assert (kept.capacity, kept.active) == (7, False)
    found = {(problem["field"], problem["value"]) for problem in report.run.problems if problem["severity"] == "kept"}
    assert ("name", f"주민이 부르는 이름: {name}") in found
    assert ("capacity", f"주민이 부르는 이름 / {unit_name}: {capacity}") in found
    assert report.run.counts["kept"] == len(found)
    assert (report.run.counts["unchanged"], report.run.counts["missing"]) == (1, 0)
    assert follow_source(maps, city, NOW, space_id=space_id) > 0
    again = import_spaces(maps, SYSTEM, NOW, "c.csv", file_of(row()))
    with maps.read() as session:
        assert session.get_one(Space, space_id).name == name
        back = session.get_one(Unit, unit_id)
        assert (back.capacity, back.active) == (capacity, False)  # whether it is in service is never the file's to say
    assert {problem["field"] for problem in again.run.problems if problem["severity"] == "kept"} == {"active"}


def test_a_whole_building_taken_apart_by_people_stays_so(maps, keeper):
    add_space(maps, units=(ROOM, KITCHEN, WHOLE))
    ids = ids_of(maps)
    third = add_unit(maps, keeper, NOW, space_id=1, facts=UnitEdit("다락방"))
    two = UnitEdit("전체 대관", parts=(ids["모임방"], ids["공유부엌"]))
    edit_unit(maps, keeper, NOW, space_id=1, unit_id=ids["전체 대관"], facts=two)
    with maps.write() as session:
        same = facts(units=(ROOM, KITCHEN, WHOLE))
        save_space(session, SYSTEM, NOW, same, known_spaces(session, [same.key])[same.key])
    assert names_of(maps)["전체 대관"] == ["모임방", "공유부엌"]
    assert third in ids_of(maps).values()


@given(st.data())
def test_sets_of_atoms_agree_with_a_naive_model(data):
    """Any composition without a circle: who shares a room excludes one another, and nobody else."""
    count = data.draw(st.integers(1, 7))
    pieces = [Piece(1)]
    for number in range(2, count + 1):
        parts = data.draw(st.sets(st.integers(1, number - 1), max_size=3))
        pieces.append(Piece(number, tuple(sorted(parts)), whole=not parts and data.draw(st.booleans())))
    leaves = {piece.id for piece in pieces if not piece.parts and not piece.whole}

    def uses(number):
        piece = pieces[number - 1]
        if piece.whole:
            return leaves
        return {number} if not piece.parts else {room for part in piece.parts for room in uses(part)}

    atoms = atoms_of(pieces)
    assert atoms == {number: [f"unit:{room}" for room in sorted(uses(number))] for number in range(1, count + 1)}
    for number, others in exclusions(atoms).items():
        assert set(others) == {other for other in range(1, count + 1) if other != number and uses(number) & uses(other)}


def test_a_joined_unit_is_open_when_all_are():
    late = {"weekday": ["10:00", "22:00"], "weekend": None}
    assert common_hours([HOURS, late]) == {"weekday": ["10:00", "21:00"], "weekend": None}
    assert common_hours([HOURS, None]) is None
    closures = [{"weekdays": [1], "holidays": False}, {"weekdays": [2], "holidays": True, "monthly": [[2, 3]]}]
    assert joined_closures(closures) == {"weekdays": [1, 2], "holidays": True, "monthly": [[2, 3]]}


def test_the_pages_from_adding_to_dividing(house, maps):
    add_space(maps, units=(ROOM, KITCHEN))
    browser = house.client("keeper")
    page = browser.get("/spaces/1/units")
    assert page.status_code == 200
    assert "없음: 다른 곳과 따로 예약됩니다." in page.text
    added = browser.post_form(
        "/spaces/1/units/new", {"name": "강당", "capacity": "40", "like": "1", "accessibility": "step_free"}
    )
    assert added.status_code == 302, added.text
    hall = ids_of(maps)["강당"]
    wrong = browser.post_form(
        f"/spaces/1/units/{hall}/divide",
        {"name_1": "강당 A", "capacity_1": "많이", "name_2": "공유부엌", "name_3": " "},
    )
    assert wrong.status_code == 422
    assert 'value="많이"' in wrong.text
    assert "1 이상의 숫자로" in wrong.text
    browser.post_form(f"/spaces/1/units/{hall}/divide", {"name_1": "강당 A", "capacity_1": "20", "name_2": "강당 B"})
    assert names_of(maps)["강당"] == ["강당 A", "강당 B"]
    page = browser.get("/spaces/1/units").text
    assert "강당 A + 강당 B" in page
    assert "강당 A, 강당 B: 둘 중 하나를 예약하면" in page
    browser.post_form(f"/spaces/1/units/{hall}/service", {"active": "off"})
    assert "예약 받지 않음" in browser.get("/spaces/1/units").text
    assert f'id="unit-{hall}"' not in browser.get("/spaces/1").text
    assert house.client("seongbuk").get("/spaces/1/units").status_code == 403
    assert house.client("resident").get("/spaces/1/units").status_code == 403


def test_the_facts_form_keeps_what_was_typed_and_says_what_is_wrong(house, maps):
    add_space(maps)
    browser = house.client("keeper")
    typed = {"name": "", "address": "서울", "homepage": "javascript:alert(1)", "latitude": "126.9", "longitude": "37.5"}
    page = browser.post_form("/spaces/1/facts", typed)
    assert page.status_code == 422
    for said in ("이름을 적어 주세요", "https://로 시작하는", "서울을 벗어난 좌표"):
        assert said in page.text
    assert 'value="126.9"' in page.text
    good = {
        "name": "새 이름",
        "address": "서울특별시 동작구 1",
        "homepage": "https://maru.example",
        "accessibility": ["elevator"],
    }
    assert browser.post_form("/spaces/1/facts", good).status_code == 302
    page = browser.get("/spaces/1").text
    assert "새 이름" in page
    assert "엘리베이터" in page
    assert told(maps)[-1]["payload"]["units"][0]["accessibility"] == ["elevator"]


def test_the_map_finds_what_is_accessible(house, maps):
    add_space(maps)
    add_space(maps, "two", name="문턱 있는 집")
    city = Actor(1, "city", frozenset({Role.CITY_STAFF}))
    edit_unit(maps, city, NOW, space_id=1, unit_id=1, facts=UnitEdit("모임방", 10, accessibility=("step_free",)))
    browser = house.client()

    def listed(query):
        return set(re.findall(r'space-item__title"><a href="[^"]+">([^<]+)<', browser.get(f"/?{query}").text))

    assert listed("access=step_free") == {"상도 마을활력소"}
    assert listed("access=step_free&access=elevator") == set()
    assert browser.get("/api/spaces?access=step_free").get_json()["total"] == 1
    assert browser.get("/?access=wings").status_code == 422


def test_the_api_does_the_same(house, maps):
    add_space(maps)
    browser = house.client("keeper")
    seen = browser.get("/api/spaces/1/facts").get_json()["seen"]
    made = browser.post("/api/spaces/1/units", json={"name": "강당", "equipment": ["무대"], "seen": seen})
    assert made.status_code == 201, made.text
    assert (
        browser.post("/api/spaces/1/units", json={"name": "마당", "seen": seen}).get_json()["code"]
        == "edited_meanwhile"
    )
    hall = ids_of(maps)["강당"]
    divided = browser.post(
        f"/api/spaces/1/units/{hall}/divide", json={"parts": [{"name": "가"}, {"name": "나", "capacity": 3}]}
    )
    assert divided.status_code == 201, divided.text
    (unit,) = [unit for unit in divided.get_json()["space"]["units"] if unit["name"] == "강당"]
    assert (unit["equipment"], len(unit["parts"])) == (["무대"], 2)
    assert browser.put(f"/api/spaces/1/units/{hall}/service", json={"active": False}).status_code == 200
    assert house.client("resident").post("/api/spaces/1/units", json={"name": "x"}).status_code == 403
