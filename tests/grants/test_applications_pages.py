"""Applying as people meet it: groups, the draft, the receipt."""

import io
import re
from datetime import timedelta

from sqlalchemy import event, select, update

from services.grants import applications, process
from services.grants.models import Application, Call, Filing
from tests.grants import file_makers
from tests.grants.conftest import AFTER, CLOSES, DONGJAK, DURING, told
from tests.grants.writing import FILLED, GROUP, begun, controls, invite, send


def test_from_the_group_to_the_receipt(people, at, publish, house):
    draft = begun(people, at, publish)
    resident = people("resident")
    page = resident.get(draft).text
    assert "느티나무 &lt;b&gt;이웃회&lt;/b&gt;" in page
    assert "마을은행 100-200-300 김느티" in page
    assert "예산표를 한 줄 이상 적어 주세요." in page
    saved = send(resident, draft, "save", **FILLED)
    assert saved.status_code == 302, saved.text
    page = resident.get(draft).text
    assert "모두 채웠습니다" in page
    assert 'value="골목 &lt;i&gt;화단&lt;/i&gt;"' in page
    filed = send(resident, draft, "submit")
    assert filed.status_code == 302, filed.text
    shown = resident.get(filed.location).text
    assert re.search(r"2026-\d{4}-0001", shown)
    assert "골목 &lt;i&gt;화단&lt;/i&gt;" in shown
    assert "봄에 심고<br>가을에 거둡니다." in shown
    assert "활동비 · 재료비" in shown
    assert "접수 인쇄" not in shown
    receipt = resident.get(f"{filed.location}/receipt").text
    with house.databases["grants"].read() as session:
        assert session.scalar(select(Application.filed_hash)) in receipt
    assert resident.get(draft).location == filed.location  # what was filed is not written on
    assert "접수번호 2026-" in resident.get("/grants/mine").text
    staff = people("dongjak").get(filed.location).text
    assert "신청 자격" in staff
    assert "상도동" in people("dongjak").get("/grants/groups/1").text
    assert people("seongbuk").get("/grants/groups/1").status_code == 404
    assert people("seongbuk").get(filed.location).status_code == 403
    assert people("neighbor").get(filed.location).status_code == 403


def test_a_refused_draft_keeps_all_that_was_typed(people, at, publish):
    draft = begun(people, at, publish)
    resident = people("resident")
    wrong = FILLED | {"requested_won": "1e9", "budget-0-grant_won": "３", "members-0-birth_year": "팔십"}
    wrong |= {"members-1-birth_year": "", "members-1-phone": "1234"}  # a name alone is many people's
    assert send(resident, draft, "save", **wrong).status_code == 302
    page = send(resident, draft, "submit", **wrong)
    assert page.status_code == 422
    for kept in ('value="1e9"', 'value="３"', 'value="팔십"', 'value="이나무"', 'value="1234"', "가을에 거둡니다."):
        assert kept in page.text
    people_of = ("members-0-birth_year", "members-1-birth_year")
    for field in ("requested_won", "budget-0-grant_won", *people_of):
        assert f'href="#field-{field}"' in page.text
        assert f'id="field-{field}-error"' in page.text
    assert 'value="1e9"' in resident.get(draft).text  # it is in the draft as well


def test_more_rows_without_a_script(people, at, publish):
    draft = begun(people, at, publish)
    resident = people("resident")
    before = resident.get(draft).text.count('-grant_won"')
    more = send(resident, draft, "more-budget", **FILLED)
    assert more.status_code == 302
    page = resident.get(more.location).text
    assert page.count('-grant_won"') > before
    assert 'value="2,000,000"' in page


def test_two_who_write_at_once(people, at, publish, house):
    draft = begun(people, at, publish)
    invite(people, house)
    one, other = people("resident"), people("neighbor")
    seen_by_one, seen_by_other = (controls(each.get(draft).text) for each in (one, other))
    assert one.post_form(draft, seen_by_one | {"title": "골목 화단", "act": "save"}).status_code == 302
    both = other.post_form(draft, seen_by_other | {"title": "골목 텃밭", "plan": "상추", "act": "save"})
    assert both.status_code == 409
    assert 'value="골목 텃밭"' in both.text
    assert "<p>골목 화단</p>" in both.text
    with house.databases["grants"].read() as session:
        typed = session.scalar(select(Application.typed))
    assert (typed["title"], typed["plan"]) == ("골목 화단", "상추")
    decided = other.post_form(draft, controls(both.text) | {"title": "골목 텃밭과 화단", "act": "save"})
    assert decided.status_code == 302
    assert 'value="골목 텃밭과 화단"' in one.get(draft).text


def test_autosave(people, at, publish, house):
    draft = begun(people, at, publish)
    invite(people, house)
    one, other = people("resident"), people("neighbor")
    seen = controls(one.get(draft).text)
    told = one.post_form(draft, seen | {"title": "골목", "act": "autosave"}).json
    assert told["revision"] == int(seen["revision"]) + 1
    assert told["conflicts"] == []
    assert any("예산표" in each for each in told["missing"])
    again = seen | {f"base-{key}": mark for key, mark in told["bases"].items()} | {"title": "골목", "act": "autosave"}
    assert one.post_form(draft, again | {"revision": told["revision"]}).json["revision"] == told["revision"]
    clash = other.post_form(draft, seen | {"title": "다른 이름", "act": "autosave"}).json
    assert clash["conflicts"] == ["title"]
    assert "title" not in clash["bases"]


def test_files_come_with_the_form_and_what_was_typed_stays(people, at, publish):
    draft = begun(people, at, publish)
    resident = people("resident")
    form = controls(resident.get(draft).text) | FILLED
    lie = {"files-files": (io.BytesIO(b"<html><script>"), "plan.pdf"), "act": "attach"}
    refused = resident.post_form(draft, form | lie)
    assert refused.status_code == 422
    assert "가을에 거둡니다." in refused.text
    form = controls(resident.get(draft).text)
    good = {"files-files": (io.BytesIO(file_makers.pdf()), "../plan.pdf"), "act": "attach"}
    taken = resident.post_form(draft, form | good)
    assert taken.status_code == 302, taken.text
    page = resident.get(draft).text
    assert "plan.pdf" in page
    assert "../plan.pdf" not in page
    number = re.search(r'value="remove-(\d+)"', page)[1]
    assert send(resident, draft, f"remove-{number}").status_code == 302
    assert "plan.pdf" not in resident.get(draft).text


def test_files_chosen_last_are_filed_and_survive_a_conflict(people, at, publish, house):
    draft = begun(people, at, publish)
    invite(people, house)
    one, other = people("resident"), people("neighbor")
    seen = controls(other.get(draft).text)
    assert send(one, draft, "save", **FILLED).status_code == 302
    late = {"title": "다른 이름", "files-files": (io.BytesIO(file_makers.pdf("map")), "약도.pdf"), "act": "submit"}
    clash = other.post_form(draft, seen | late)
    assert clash.status_code == 409
    assert "약도.pdf" in clash.text
    last = controls(one.get(draft).text) | {"files-files": (io.BytesIO(file_makers.pdf()), "plan.pdf"), "act": "submit"}
    wrong = one.post_form(draft, last | {"files-files": (io.BytesIO(b"<html><script>"), "plan.pdf")})
    assert wrong.status_code == 422  # nothing is filed without what was to come with it
    last["files-files"] = (io.BytesIO(file_makers.pdf()), "plan.pdf")
    filed = one.post_form(draft, last)
    assert filed.status_code == 302, filed.text
    page = one.get(filed.location).text
    assert "plan.pdf" in page
    assert "약도.pdf" in page
    with house.databases["grants"].read() as session:
        (filing,) = session.scalars(select(Filing))
    assert [each["name"] for each in filing.files] == ["약도.pdf", "plan.pdf"]


def test_after_the_close(people, at, publish):
    draft = begun(people, at, publish)
    resident = people("resident")
    assert send(resident, draft, "save", **FILLED).status_code == 302
    open_page = controls(resident.get(draft).text)
    at(CLOSES + timedelta(seconds=1))
    late = resident.post_form(draft, open_page | {"plan": "마지막 글", "act": "submit"})
    assert late.status_code == 409
    assert "접수가 마감되어" in late.text
    page = resident.get(draft).text
    assert "마지막 글" in page
    assert 'value="submit"' not in page
    assert "다음 공고에 옮겨 쓸 수 있습니다" in resident.get("/grants/mine").text
    assert resident.get(draft.replace("/draft", "")).status_code == 200


def test_a_correction(people, at, publish, house):
    draft = begun(people, at, publish)
    resident = people("resident")
    filed = send(resident, draft, "submit", **FILLED).location
    with house.databases["grants"].write() as session:
        application, call = applications.locked(session, int(filed.rpartition("/")[2]))
        process.move(session, application, call, "request_correction", DONGJAK, DURING, reason="계획을 더 적어 주세요.")
        application.correct_by = DURING + timedelta(days=5)
    shown = resident.get(filed).text
    assert "계획을 더 적어 주세요." in shown
    assert "신청서 고치기" in shown
    assert "고쳐서 다시 내 주세요" in resident.get("/grants/mine").text
    again = send(resident, draft, "submit", plan="여름에도 돌봅니다.")
    assert again.status_code == 302, again.text
    received = told(house.databases["grants"], "application_submitted")
    assert len(received) == 2  # the second filing has its receipt too
    shown = resident.get(filed).text
    assert "여름에도 돌봅니다." in shown
    assert "2번째" in shown
    first = resident.get(f"{filed}?filing=1").text
    assert "봄에 심고<br>가을에 거둡니다." in first
    assert "여름에도 돌봅니다." not in first


def test_withdrawing_and_giving_up(people, at, publish):
    draft = begun(people, at, publish)
    resident = people("resident")
    assert send(resident, draft, "save", title="처음").status_code == 302
    gone = resident.post_form(draft.replace("/draft", "/withdraw"), {})
    assert gone.location == "/grants/mine"
    assert resident.get(draft).status_code == 302
    page = resident.get("/grants/calls/1/apply").text
    assert "전에 쓴 것에서 옮겨 쓰기" in page
    copy_from = re.search(r'<option value="(\d+)">[^<]*처음', page)[1]
    copied = resident.post_form("/grants/calls/1/apply", {"group_id": "1", "copy_from": copy_from}).location
    assert 'value="처음"' in resident.get(copied).text
    filed = send(resident, copied, "submit", **FILLED).location
    assert resident.post_form(f"{filed}/withdraw", {}).status_code == 302
    assert "철회함" in resident.get(filed).text


def test_the_pages_of_a_group(people, at, publish, house):
    begun(people, at, publish)
    invite(people, house)
    resident, neighbor = people("resident"), people("neighbor")
    page = resident.get("/grants/groups/1").text
    assert "/grants/groups/join/" in page
    assert "/grants/groups/join/" not in neighbor.get("/grants/groups/1").text
    wrong = resident.post_form("/grants/groups/1/members", {"name": "", "birth_year": "팔십"})
    assert wrong.status_code == 422
    assert 'value="팔십"' in wrong.text
    assert resident.post_form("/grants/groups/1/members", {"name": "이나무", "birth_year": "1975"}).status_code == 302
    assert neighbor.post_form("/grants/groups/1/members", {"name": "박"}).status_code == 403
    assert "1975" in resident.get("/grants/groups/1/members/3").text
    assert resident.post_form("/grants/groups/1/members/3", {"name": "이나무", "birth_year": "1976"}).status_code == 302
    assert neighbor.get("/grants/groups/1/members/3").status_code == 404
    assert resident.post_form("/grants/groups/1/members/2/leader", {}).status_code == 302
    assert neighbor.post_form("/grants/groups/1/members/3/dismiss", {}).status_code == 302
    assert resident.post_form("/grants/groups/1", GROUP | {"district": "x"}).status_code == 422
    assert resident.post_form("/grants/groups/1", GROUP | {"dong": "흑석동"}).status_code == 302
    assert resident.post_form("/grants/groups/1/code", {}).status_code == 302
    assert resident.post_form("/grants/groups/1/leave", {}).status_code == 302
    assert resident.get("/grants/groups/1").status_code == 404
    alone = neighbor.post_form("/grants/groups/1/leave", {})
    assert alone.status_code == 302


def test_a_decision_is_not_seen_before_it_is_announced(people, at, publish, house):
    draft = begun(people, at, publish)
    resident = people("resident")
    filed = send(resident, draft, "submit", **FILLED).location
    number = int(filed.rpartition("/")[2])
    with house.databases["grants"].write() as session:
        session.execute(
            update(Application)
            .where(Application.id == number)
            .values(state="rejected", phase="rejected", reason="예산이 모자랐습니다.", decided_at=AFTER)
        )
    at(AFTER)
    for path in (filed, "/grants/mine"):
        page = resident.get(path).text
        assert "심사 중" in page
        assert "모자랐습니다" not in page
    told = resident.get(f"/grants/api/applications/{number}").json
    assert (told["state"], told["reason"]) == ("deliberation", "")
    with house.databases["grants"].write() as session:
        session.execute(update(Application).where(Application.id == number).values(announced_at=AFTER))
    assert "예산이 모자랐습니다." in resident.get(filed).text


def test_english(people, at, publish):
    draft = begun(people, at, publish)
    page = people("resident").get(draft, headers={"Accept-Language": "en"}).text
    assert "Project title" in page
    assert not re.search(r">[^<]*저장[^<]*<", page)


def test_ones_applications_cost_few_queries(house, people, at, publish):
    begun(people, at, publish)
    with house.databases["grants"].write() as session:
        one = session.scalars(select(Application)).one()
        call = session.get_one(Call, one.call_id)
        for number in range(12):
            columns = {each.key: getattr(call, each.key) for each in Call.__table__.columns if each.key != "id"}
            made = Call(**(columns | {"idempotency_key": f"c{number}"}))
            session.add(made)
            session.flush()
            values = {each.key: getattr(one, each.key) for each in Application.__table__.columns if each.key != "id"}
            session.add(Application(**(values | {"call_id": made.id, "idempotency_key": f"a{number}"})))
    counted = []

    def count(connection, cursor, statement, *rest):
        if statement.startswith("SELECT"):
            counted.append(statement)

    engine = house.databases["grants"].engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert people("resident").get("/grants/mine").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(counted) <= 4, counted
