"""The pages of programmes and of the calls that run them."""

import re

import pytest
from sqlalchemy import event, select

from services.grants import programmes
from services.grants.models import Call, Programme, ProgrammeVersion
from services.grants.programmes import building
from services.grants.ready import READY
from tests.grants.conftest import CITY, DONGJAK
from tests.grants.own_programme import BEFORE, copied, kept, path
from tests.grants.sent import fields_of


@pytest.fixture(autouse=True)
def ready(database, at):
    at(BEFORE)
    programmes.ensure(database, BEFORE)


@pytest.fixture
def own(database):
    return copied(database)


@pytest.fixture
def dongjak(house):
    return house.client("dongjak")


def test_everyone_reads_a_programme_with_its_diagram_and_the_table_that_says_the_same(house):
    browser = house.client()
    listed = browser.get("/grants/programmes").text
    assert "비영리민간단체 공익활동 지원" in listed
    number = re.search(r'href="/grants/programmes/(\d+)"[^>]*>비영리', listed)[1]
    page = browser.get(f"/grants/programmes/{number}").text
    assert '<svg width="' in page
    assert 'role="img" aria-labelledby="process-title process-about"' in page
    assert page.count('class="process__box ') == len(READY["public_benefit"]().states)
    for words in (
        "정족수를 갖춘 위원회가 의결함",
        "30,000,000원",
        "중간평가를 통과함",
        "70%",
        "현장심사",
        "단체 등록번호",
    ):
        assert words in page, words
    assert "style=" not in page
    assert "담당자 메뉴" not in page
    english = browser.get(f"/grants/programmes/{number}", headers={"Accept-Language": "en"}).text
    assert "Site visit" in english
    assert browser.get(f"/grants/programmes/{number}/1/form").status_code == 200
    assert browser.get(f"/grants/programmes/{number}/9").status_code == 404
    assert browser.get("/grants/programmes/999").status_code == 404


def test_a_page_of_a_programme_costs_few_queries(house, database):
    browser = house.client("city")
    counted = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: counted.append(told[2]))
    assert browser.get("/grants/programmes/1").status_code == 200
    assert len([each for each in counted if each.startswith("SELECT")]) <= 3


def test_a_district_copies_changes_and_releases(house, database, dongjak):
    form = dongjak.get("/grants/programmes/new").text
    assert "서울시 전체" not in form
    sent = {"version_id": "1", "district": "11590", "name": "", "key": "k-1"}
    refused = dongjak.post_form("/grants/programmes/new", sent | {"name_en": "Kept"})
    assert refused.status_code == 422
    assert 'value="Kept"' in refused.text
    made = dongjak.post_form("/grants/programmes/new", sent | {"name": "동작 사업"})
    assert made.status_code == 302, made.text
    again = dongjak.post_form("/grants/programmes/new", sent | {"name": "동작 사업"})
    assert again.location == made.location
    page = dongjak.get(made.location).text
    assert "초안" in page
    assert "쓰기 시작하기" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    for sent, status, words in (
        ({"seen": "0" * 64, "note": "적은 말"}, 409, "다른 사람이 이 규칙을 고쳤습니다"),
        ({"seen": seen, "note": "적은 말" * 67}, 422, "너무 깁니다"),
    ):
        refused = dongjak.post_form(f"{made.location}/release", sent)
        assert refused.status_code == status
        assert words in refused.text
        assert f'value="{sent["note"]}"' in refused.text
        assert f'name="seen" value="{seen}"' in refused.text
    assert dongjak.post_form(f"{made.location}/release", {"seen": seen, "note": "첫 판"}).status_code == 302
    assert "쓰는 중" in dongjak.get(made.location).text
    assert "동작 사업" in dongjak.get("/grants/calls/new").text
    assert "동작 사업" not in house.client("seongbuk").get("/grants/calls/new").text


def test_frozen_rules_have_no_editor_but_a_next_version(database, house, own):
    building.release(database, DONGJAK, BEFORE, version_id=own.id, seen=own.definition_hash)
    with database.write() as session:
        programmes.freeze(session, session.get_one(ProgrammeVersion, own.id), BEFORE)
    browser = house.client("dongjak")
    assert browser.get(path(own, "/edit/basics")).status_code == 409
    page = browser.get(path(own)).text
    assert "규칙이 고정되었습니다" in page
    assert "규칙 고치기" not in page
    made = browser.post_form(f"/grants/programmes/{own.programme_id}/next", {})
    assert made.location.endswith("/2")
    assert "규칙 고치기" in browser.get(made.location).text
    compared = browser.get(f"/grants/programmes/{own.programme_id}/compare").text
    assert "두 판이 똑같습니다" in compared
    browser.post_form(f"/grants/programmes/{own.programme_id}/2/edit/basics", {"do": "save"})
    sent = fields_of(browser.get(f"{made.location}/edit/limits").text) | {"limits.project_won": "4,000,000"}
    assert browser.post_form(f"{made.location}/edit/limits", sent | {"do": "save"}).status_code == 302
    compared = browser.get(f"/grants/programmes/{own.programme_id}/compare").text
    assert "5,000,000" in compared
    assert "4,000,000" in compared


def test_a_retired_programme_is_taken_up_again(database, house, own):
    browser = house.client("dongjak")
    where = f"/grants/programmes/{own.programme_id}"
    assert browser.post_form(f"{where}/retire", {}).status_code == 302
    with database.read() as session:
        assert session.get_one(Programme, own.programme_id).retired_at == BEFORE
    assert "더 쓰지 않는 사업입니다" in browser.get(where).text
    assert browser.get(path(own, "/edit/basics")).status_code == 409
    assert browser.post_form(f"{where}/retire", {"back": "on"}).status_code == 302
    with database.read() as session:
        assert session.get_one(Programme, own.programme_id).retired_at is None


def test_the_city_changes_its_own(house, database):
    browser = house.client("city")
    with database.read() as session:
        version = programmes.newest(session, "dong_plan")
    sent = fields_of(browser.get(path(version, "/edit/limits")).text)
    saved = browser.post_form(path(version, "/edit/limits"), sent | {"do": "save", "limits.dong_won": "20,000,000"})
    assert saved.status_code == 422  # the project's ceiling is higher
    assert 'id="field-limits.dong_won-error"' in saved.text
    sent |= {"limits.dong_won": ["20,000,000"], "limits.project_won": ["20,000,000"]}
    assert browser.post_form(path(version, "/edit/limits"), sent | {"do": "save"}).status_code == 302
    assert kept(database, version).definition["limits"] == {"project_won": 20_000_000, "dong_won": 20_000_000}


CALL = {
    "district": "11590",
    "title": "동작구 공고",
    "body": "누구나 신청할 수 있습니다.",
    "opens_at": "2026-03-02T09:00",
    "closes_at": "2026-03-20T18:00",
    "results_on": "2026-04-03",
    "budget_won": "10,000,000",
    "ceiling_won": "3,000,000",
}


def test_a_call_takes_the_strands_of_its_own_programme(house, database, dongjak):
    sent = CALL | {"programme": "dong_plan", "strands-integrated_call": "group_space", "key": "call-1"}
    made = dongjak.post_form("/grants/calls/new", sent)
    assert made.status_code == 302, made.text
    with database.read() as session:
        assert session.scalars(select(Call)).one().strands == ["dong_plan"]
    page = dongjak.get(made.location).text
    assert "서류심사 → 위원회 심의" in page
    assert "한 동에 모두" in page
    diagram = re.search(r'href="(/grants/programmes/\d+/\d+)#process"', page)[1]
    assert "동단위 계획형" in dongjak.get(diagram).text
    sent = CALL | {"programme": "integrated_call", "strands-integrated_call": "group_space", "key": "call-1"}
    assert dongjak.post_form(f"{made.location}/edit", sent).status_code == 302
    with database.read() as session:
        assert session.scalars(select(Call)).one().strands == ["neighbourhood_alley", "group_space"]
    form = fields_of(dongjak.get(f"{made.location}/edit").text)
    assert form["strands-integrated_call"] == ["group_space"]
    assert form["programme"] == ["integrated_call"]
    refused = dongjak.post_form("/grants/calls/new", sent | {"programme": "", "key": "call-2"})
    assert refused.status_code == 422
    assert 'id="field-programme-error"' in refused.text


def test_a_call_that_no_longer_fits_its_rules_leads_back_to_its_form(house, database, dongjak):
    made = dongjak.post_form("/grants/calls/new", CALL | {"programme": "dong_plan", "key": "call-1"})
    with database.read() as session:
        version = programmes.newest(session, "dong_plan")
        document = version.definition | {"limits": {"project_won": 1_000_000}}
    building.change(database, CITY, BEFORE, version_id=version.id, seen=version.definition_hash, document=document)
    answer = dongjak.post_form(f"{made.location}/publish", {})
    assert answer.location == f"{made.location}/edit"
    assert "사업의 규칙이 정한 한도 1,000,000원보다 클 수 없습니다." in dongjak.get(answer.location).text
