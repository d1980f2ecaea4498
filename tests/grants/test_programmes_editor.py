"""The editor of a programme, part by part, as people meet it without any script."""

import re
from html import unescape

import pytest

from services.grants import programmes
from services.grants.programmes import building
from services.grants.wording.programmes import PARTS
from tests.grants.conftest import DONGJAK
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


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_saved_untouched_stays_what_it_was(database, dongjak, own, part):
    page = dongjak.get(path(own, f"/edit/{part}"))
    assert page.status_code == 200, page.text
    saved = dongjak.post_form(path(own, f"/edit/{part}"), fields_of(page.text) | {"do": "save"})
    assert saved.status_code == 302, re.findall(r'class="error-summary".*?</div>', saved.text, re.S)
    assert kept(database, own).definition == own.definition


def test_a_field_is_added_filled_in_moved_and_saved(database, dongjak, own):
    where = path(own, "/edit/form")
    sent = fields_of(dongjak.get(where).text)
    count = len(own.definition["form"]["fields"])
    sent["form.fields.0.label.ko"] = ["고친 이름"]
    added = dongjak.post_form(where, sent | {"do": "add:form.fields"})
    assert added.status_code == 200
    assert 'value="고친 이름"' in added.text
    sent = fields_of(added.text)
    assert f"form.fields.{count}.key" in sent
    sent |= {
        f"form.fields.{count}.key": ["kind_of_work"],
        f"form.fields.{count}.kind": ["choice"],
        f"form.fields.{count}.label.ko": ["일의 종류"],
        f"form.fields.{count}.choices": ["one | 하나 | One\ntwo | 둘"],
    }
    moved = dongjak.post_form(where, sent | {"do": f"up:form.fields.{count}"})
    sent = fields_of(moved.text)
    assert sent[f"form.fields.{count - 1}.key"] == ["kind_of_work"]
    removed = dongjak.post_form(where, sent | {"do": f"remove:form.fields.{count}"})
    sent = fields_of(removed.text)
    assert kept(database, own).definition == own.definition  # nothing was saved so far
    assert dongjak.post_form(where, sent | {"do": "save"}).status_code == 302
    form = kept(database, own).definition["form"]
    assert (form["version"], len(form["fields"])) == (2, count)
    assert form["fields"][0]["label"]["ko"] == "고친 이름"
    assert form["fields"][-1]["choices"] == [
        {"key": "one", "label": {"ko": "하나", "en": "One"}},
        {"key": "two", "label": {"ko": "둘", "en": ""}},
    ]


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(database, dongjak, own):
    where = path(own, "/edit/limits")
    sent = fields_of(dongjak.get(where).text)
    refused = dongjak.post_form(
        where, sent | {"do": "save", "limits.project_won": "５백만", "limits.group_awards": "2"}
    )
    assert refused.status_code == 422
    assert 'id="field-limits.project_won-error"' in refused.text
    assert 'value="５백만"' in refused.text
    assert fields_of(refused.text)["limits.group_awards"] == ["2"]
    where = path(own, "/edit/states")
    sent = fields_of(dongjak.get(where).text)
    refused = dongjak.post_form(where, sent | {"do": "save", "states.1.key": "Not A Key"})
    assert refused.status_code == 422
    assert 'id="field-states.1.key-error"' in refused.text
    assert kept(database, own).definition == own.definition


def test_a_draft_is_saved_with_its_contradictions_named(dongjak, own):
    where = path(own, "/edit/tranches")
    sent = fields_of(dongjak.get(where).text)
    sent |= {"tranches.0.percent": ["60"], "tranches.1.gates": ["agreement_signed"]}
    assert dongjak.post_form(where, sent | {"do": "save"}).status_code == 302
    page = dongjak.get(where).text
    assert "교부 비율을 모두 더해 100%가 되어야 합니다." in page
    assert "중간평가 없이 주지 않도록" in page
    whole = dongjak.get(path(own)).text
    assert "쓰기 전에 고칠 것" in whole
    assert f'action="{path(own, "/release")}"' not in whole


def test_a_released_version_is_saved_only_when_it_holds_together(database, house, own):
    building.release(database, DONGJAK, BEFORE, version_id=own.id, seen=own.definition_hash)
    browser = house.client("dongjak")
    where = path(own, "/edit/transitions")
    sent = fields_of(browser.get(where).text)
    index = [row["event"] for row in own.definition["transitions"]].index("select")
    sent.pop(f"transitions.{index}.guards")
    refused = browser.post_form(where, sent | {"do": "save"})
    assert refused.status_code == 422
    assert f'id="field-transitions.{index}.guards-error"' in refused.text
    assert "정족수 없이 결정하지 않도록" in refused.text


def test_the_second_of_two_editors_is_told_and_keeps_what_they_typed(database, dongjak, own):
    where = path(own, "/edit/basics")
    sent = fields_of(dongjak.get(where).text)
    assert dongjak.post_form(where, sent | {"do": "save", "objection_days": "14"}).status_code == 302
    late = dongjak.post_form(where, sent | {"do": "save", "objection_days": "7"})
    assert late.status_code == 409
    assert fields_of(late.text)["objection_days"] == ["7"]
    assert kept(database, own).definition["objection_days"] == 14


def test_requirements_and_effects_keep_their_values(database, dongjak, own):
    where = path(own, "/edit/eligibility")
    sent = fields_of(dongjak.get(where).text)
    added = fields_of(dongjak.post_form(where, sent | {"do": "add:requirements"}).text)
    count = len(own.definition["requirements"])
    added |= {f"requirements.{count}.rule": ["kind_in"], f"requirements.{count}.kinds": ["residents", "council"]}
    assert dongjak.post_form(where, added | {"do": "save"}).status_code == 302
    assert kept(database, own).definition["requirements"][-1] == {"rule": "kind_in", "value": ["residents", "council"]}
    where = path(own, "/edit/findings")
    sent = fields_of(dongjak.get(where).text)
    sent |= {"settlement.findings.photo_reused": ["flag"], "settlement.findings.photo_alike": ["block"]}
    assert dongjak.post_form(where, sent | {"do": "save"}).status_code == 302
    chosen = {"photo_reused": "flag", "photo_alike": "block"}
    assert kept(database, own).definition["settlement"]["findings"] == chosen
    assert "비슷한 사진: 막음" in dongjak.get(path(own)).text


def test_a_choice_that_is_not_there_any_more_is_not_changed_unseen(database, dongjak, own):
    where = path(own, "/edit/states")
    sent = fields_of(dongjak.get(where).text)
    keys = [row["key"] for row in own.definition["states"]]
    sent[f"states.{keys.index('reserve')}.key"] = ["waiting"]
    assert dongjak.post_form(where, sent | {"do": "save"}).status_code == 302
    before = kept(database, own).definition["transitions"]
    where = path(own, "/edit/transitions")
    page = dongjak.get(where).text
    assert "reserve (목록에 없음)" in page
    assert dongjak.post_form(where, fields_of(page) | {"do": "save"}).status_code == 302
    assert kept(database, own).definition["transitions"] == before


def test_rows_are_named_in_the_readers_language(database, dongjak, own):
    """What somebody wrote in Korean only stays as they wrote it."""
    where = path(own, "/edit/states")
    sent = fields_of(dongjak.get(where).text)
    sent |= {"states.1.label.ko": ["들어온 것"], "states.1.label.en": [""]}
    assert dongjak.post_form(where, sent | {"do": "save"}).status_code == 302
    for part in ("states", "transitions", "basics", "eligibility", "costs"):
        page = unescape(dongjak.get(path(own, f"/edit/{part}"), headers={"Accept-Language": "en"}).text)
        names = re.findall(r"<summary[^>]*>(\d+\. .*?)</summary>", page)
        assert names
        assert "%(" not in page
        assert [each for each in names if re.search("[가-힣]", each.replace("들어온 것", ""))] == []


def test_others_do_not_come_in(house, own):
    for login, status in ((None, 401), ("resident", 403), ("seongbuk", 404)):
        browser = house.client(login)
        assert browser.get(path(own, "/edit/basics")).status_code == status
        assert browser.post_form(path(own, "/edit/basics"), {"do": "save"}).status_code == status
        assert browser.post_form(path(own, "/release"), {"seen": ""}).status_code in (status, 404)
        assert browser.post_form(f"/grants/programmes/{own.programme_id}/retire", {}).status_code in (status, 403)
        if login:
            assert browser.get(path(own)).status_code == 404
    page = house.client("city").get(path(own)).text
    assert "우리 &lt;b&gt;동네&lt;/b&gt; 사업" in page
    assert house.client("dongjak").get(path(own, "/edit/moon")).status_code == 404


def test_orders_that_mean_nothing_lose_nothing(dongjak, own):
    where = path(own, "/edit/transitions")
    sent = fields_of(dongjak.get(where).text)
    for order in ("remove:transitions.999", "up:transitions.x", "add:moon", "remove:", "dance:transitions.1", "down:"):
        answer = dongjak.post_form(where, sent | {"do": order})
        assert answer.status_code == 200
        assert fields_of(answer.text) == sent
