"""What a keeper sets in booking stands on the page of the space."""

from services.maps.models import Unit
from services.maps.status import map_status
from tests.maps.town import NOW, ROOM, add_space, rows, tell

DAYS = [["10:00", "18:00"]] * 5 + [["13:00", "17:00"], None]
OWN_HOURS = {"weekday": DAYS[0], "weekend": DAYS[5], "days": DAYS}
LINE = {"base_won": None, "days": [], "start": "00:00", "end": "24:00", "resident": None, "groups": [], "label": ""}
TARIFF = {
    "unit_minutes": 30,
    "base_minutes": 0,
    "supported_free": True,
    "lines": [{**LINE, "unit_won": 1500, "resident": True}, {**LINE, "unit_won": 3000}],
}


def ruled(house, space_id, **changes):
    unit = rows(house.databases["maps"], Unit)[0]
    facts = {"unit_id": unit["id"], "space_id": space_id, "district": "11590"}
    none = {"hours": None, "closures": None, "tariff": None}
    tell(house, "booking", "booking.unit.ruled", f"unit:{unit['id']}", {**facts, **none, **changes})


def test_own_hours_and_tariff_go_before_what_maps_knows(house):
    space_id = add_space(house.databases["maps"])
    ruled(house, space_id, hours=OWN_HOURS, closures={"weekdays": [], "holidays": False}, tariff=TARIFF)
    page = house.client().get(f"/spaces/{space_id}").text
    assert "월요일–금요일 10:00–18:00, 토요일 13:00–17:00, 일요일 휴관" in page
    assert "지원사업 모임은 무료 / 자치구 주민: 30분 1,500원 / 30분 3,000원" in page
    ruled(house, space_id)
    assert "월요일–금요일 10:00–18:00" not in house.client().get(f"/spaces/{space_id}").text


def test_a_unit_whose_hours_only_its_keeper_knows_can_be_reserved(house):
    space_id = add_space(house.databases["maps"], units=(ROOM.__class__(key="r", name="방"),))
    assert "예약하기" not in house.client().get(f"/spaces/{space_id}").text
    ruled(house, space_id, hours=OWN_HOURS, closures={"weekdays": [], "holidays": False})
    assert "예약하기" in house.client().get(f"/spaces/{space_id}").text
    with house.databases["maps"].read() as session:
        assert map_status(session, NOW)["spaces"][0]["state"] == "free"
