"""The pages of maps as people meet them."""

import io
import re
from datetime import timedelta

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from services.maps.models import ImportRun, Space
from services.maps.spaces import UnitFacts
from shared.clock import now
from tests.maps.facility_rows import file_of, row
from tests.maps.town import HOURS, ROOM, Queries, add_space, fund, reserve, rows

HOSTILE = "</script><script>alert(1)</script>{{ 7*7 }}`${alert(1)}`<img src=x onerror=alert(1)>"


def test_from_the_map_to_the_room(house):
    space_id = add_space(house.databases["maps"])
    browser = house.client()
    home = browser.get("/")
    assert home.status_code == 200
    assert "상도 마을활력소" in home.text
    assert f'href="/spaces/{space_id}"' in home.text
    page = browser.get(f"/spaces/{space_id}").text
    booking = re.search(r'href="(/booking/units/\d+)"', page)
    assert booking
    assert "09:00–21:00" in page


def test_the_list_can_be_narrowed(house):
    maps = house.databases["maps"]
    add_space(maps, "1", name="상도 마을활력소")
    add_space(maps, "2", name="정릉 모두의공간", kind="everyones", stage="design", district="11290", units=())
    browser = house.client()

    def listed(query):
        return set(re.findall(r'space-item__title"><a href="[^"]+">([^<]+)<', browser.get(f"/?{query}").text))

    assert listed("") == {"상도 마을활력소", "정릉 모두의공간"}
    assert listed("district=11290") == {"정릉 모두의공간"}
    assert listed("kind=community") == {"상도 마을활력소"}
    assert listed("q=모임방") == {"상도 마을활력소"}
    assert listed("q=%25") == set()
    assert listed("open=on") == {"상도 마을활력소"}
    assert "찾는 공간이 없습니다" in browser.get("/?q=없는곳").text


def test_a_query_that_makes_no_sense_is_answered_beside_its_field(house):
    page = house.client().get("/?district=99999&q=모임")
    assert page.status_code == 422
    assert "그런 자치구가 없습니다" in page.text
    assert 'value="모임"' in page.text


def test_hostile_names_do_nothing(house):
    maps = house.databases["maps"]
    unit = UnitFacts(key="u", name=HOSTILE, hours=HOURS, closure_text=HOSTILE, fee_text=HOSTILE, equipment=(HOSTILE,))
    space_id = add_space(maps, name=HOSTILE[:150], address=HOSTILE, homepage="javascript:alert(1)", units=(unit,))
    fund(house, 1, title=HOSTILE, group_name=HOSTILE, space_id=space_id)
    browser = house.client()
    for path in ("/", f"/spaces/{space_id}", "/districts", "/districts/11590"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "<script>alert(1)" not in page.text
        assert "<img src=x" not in page.text
        assert "javascript:alert" not in re.sub(r"<script.*?</script>", "", page.text, flags=re.S)
        assert "49" not in re.findall(r"</script>(\d+)", page.text)


def test_taken_times_show_without_anybody_s_name(house):
    maps = house.databases["maps"]
    beside, whole = (
        UnitFacts(key="b", name="강당", hours=HOURS),
        UnitFacts(key="w", name="전체", hours=HOURS, whole=True),
    )
    space_id = add_space(maps, units=(ROOM, beside, whole))
    with maps.read() as session:
        unit_id = session.get(Space, space_id).units[0].id
    reserve(house, 1, space_id, now().replace(minute=0) + timedelta(days=1), unit_id=unit_id)
    page = house.client().get(f"/spaces/{space_id}").text
    # The room itself and the whole building, but not the room beside it.
    assert page.count('<ul class="taken"') == 2
    assert "5명" not in page


def test_the_districts_page_shows_each_figure(house):
    add_space(house.databases["maps"])
    fund(house, 1)
    browser = house.client()
    for figure in ("spaces", "reservations", "projects", "funding"):
        page = browser.get(f"/districts?figure={figure}")
        assert page.status_code == 200
        assert page.text.count('href="/districts/11') >= 25
    assert "3,000,000원" in browser.get("/districts").text
    assert browser.get("/districts?figure=luck").status_code == 422
    assert browser.get("/districts/99999").status_code == 404


def test_staff_change_the_stage_of_their_own_district_only(house):
    maps = house.databases["maps"]
    space_id = add_space(maps, stage="construction")
    path = f"/spaces/{space_id}/stage"
    assert house.client().get(path).status_code == 401
    assert house.client("resident").get(path).status_code == 403
    foreign = house.client("seongbuk")
    assert foreign.get(path).status_code == 403
    assert foreign.post_form(path, {"stage": "open"}).status_code == 403
    assert rows(maps, Space)[0]["stage"] == "construction"
    own = house.client("dongjak")
    assert own.get(path).status_code == 200
    refused = own.post_form(path, {"stage": "construction", "note": "마무리 중", "seen_stage": "construction"})
    assert refused.status_code == 409
    assert "마무리 중" in refused.text
    assert own.post_form(path, {"stage": "open", "seen_stage": "construction"}).status_code == 302
    assert rows(maps, Space)[0]["stage"] == "open"


def upload(browser, data, name="은평구.csv", kind="spaces"):
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/imports").text)[1]
    file = FileStorage(io.BytesIO(data), name)
    # Encoded here: werkzeug's client would leave a temporary file open behind a large one.
    boundary, body = encode_multipart({"csrf_token": token, "kind": kind, "file": file})
    return browser.post("/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_city_staff_import_a_file_and_read_its_report(house):
    assert house.client("dongjak").get("/imports").status_code == 403
    browser = house.client("city")
    answer = upload(browser, file_of(row(), row(), row(사용료="협의후 결정", 개방시설명="강당")))
    assert answer.status_code == 302
    page = browser.get(answer.location).text
    assert "협의후 결정" in page
    assert "중복" in page
    download = browser.get(f"{answer.location}/report.csv")
    assert download.mimetype == "text/csv"
    assert "협의후 결정" in download.data.decode("utf-8-sig")
    assert "은평구.csv" in browser.get("/imports").text
    again = upload(browser, file_of(row(), row(), row(사용료="협의후 결정", 개방시설명="강당")))
    assert "바뀐 것이 없습니다" in browser.get(again.location).text


def test_a_published_facility_is_told_no_history_that_nobody_recorded(house):
    upload(house.client("city"), file_of(row()))
    (space,) = rows(house.databases["maps"], Space)
    page = house.client().get(f"/spaces/{space['id']}").text
    assert "운영 중" in page
    assert "걸어온 길" not in page
    assert "공감워크숍" not in page


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"PK\x03\x04", "spaces", "엑셀"),
        (b"not json", "districts", "GeoJSON"),
        (b"x", "nothing", "골라 주세요"),
    ],
)
def test_a_file_that_cant_be_used_is_refused_on_the_page(house, data, kind, sentence):
    page = upload(house.client("city"), data, kind=kind)
    assert page.status_code == 422
    assert sentence in page.text
    assert rows(house.databases["maps"], ImportRun) == []


def test_a_large_file_is_taken_and_a_huge_one_refused(house):
    browser = house.client("city")
    large = file_of(*[row(개방장소명=f"마을회관 {n}", 부대시설정보="책상 " * 300) for n in range(2500)])
    assert len(large) > 2 * 1024 * 1024
    assert upload(browser, large).status_code == 302
    assert upload(browser, bytes(21 * 1024 * 1024)).status_code == 413


def test_pages_cost_a_bounded_number_of_queries(house):
    maps = house.databases["maps"]
    browser = house.client()
    counts = []
    for number in (5, 60):
        for each in range(number):
            add_space(maps, f"{number}-{each}", units=(ROOM, UnitFacts(key="b", name="강당", hours=HOURS)))
        counts.append({})
        for path in ("/", "/districts", "/districts/11590", "/api/map/status", "/api/spaces"):
            with Queries(maps) as queries:
                assert browser.get(path).status_code == 200
            counts[-1][path] = len(queries.statements)
    assert counts[0] == counts[1]
    assert max(counts[1].values()) <= 11
    assert counts[1]["/api/map/status"] <= 4
