"""Ranking, announcement, results and objections as pages and API: nothing shows before the hour, on any route."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, select

from services.grants.models import Application, Interest, Objection
from services.grants.selection import announcement
from shared.bus.tables import outbox
from tests.grants import stage
from tests.grants.conftest import AFTER, DONGJAK
from tests.grants.meeting_room import HELD, appoint, decide, opened, waiting

HOUR = HELD + timedelta(hours=2)  # within one session of a browser
BEFORE = HOUR - timedelta(seconds=1)
SECRET = "아주 비밀스러운 이유"


@pytest.fixture
def at(at):
    at(HELD)
    return at


@pytest.fixture
def decided(house, database, publish, at):
    """A call; the resident's application selected, the neighbour's refused, a third in reserve; the hour is set."""
    appoint(database)
    call = publish()
    resident, neighbor, third = (house.actor(login).account_id for login in ("resident", "neighbor", "reviewer"))
    found = {
        "resident": waiting(database, call, resident, title="골목 도서관"),
        "neighbor": waiting(database, call, neighbor, title="옥상 텃밭"),
        "third": waiting(database, call, third, title="마을 잔치"),
    }
    meeting = opened(database, call)
    decide(database, meeting, found["resident"], proposed_won=1_234_000, reason=SECRET, conditions="비밀 조건")
    decide(database, meeting, found["neighbor"], "reject", reason=SECRET)
    decide(database, meeting, found["third"], "reserve")
    announcement.set_hour(database, DONGJAK, HELD, call_id=call.id, announce_at=HOUR)
    return call, found


def public_paths(call):
    return (
        "/grants/",
        f"/grants/calls/{call.id}",
        f"/grants/calls/{call.id}/results",
        "/grants/projects",
        "/grants/projects.csv",
        "/grants/projects.360giving.json",
        f"/grants/api/calls/{call.id}",
        f"/grants/api/calls/{call.id}/results",
        "/grants/api/projects",
        "/grants/api/districts/figures",
        "/grants/intermediaries",
    )


def test_before_the_hour_no_route_tells_anything(house, database, decided, at):
    call, found = decided
    browsers = {login: house.client(login) for login in ("resident", "neighbor")}
    for moment in (HELD, BEFORE):
        at(moment)
        announcement.tick(database, house.settings, moment)
        own = [(login, f"/grants/applications/{found[login]}") for login in ("resident", "neighbor")]
        own += [
            (login, path) for login in ("resident", "neighbor") for path in ("/grants/mine", "/grants/api/applications")
        ]
        pages = {path: house.client().get(path) for path in public_paths(call)}
        pages |= {f"{login} {path}": browsers[login].get(path) for login, path in own}
        for path, page in pages.items():
            assert page.status_code == (404 if "360giving" in path else 200), (moment, path)
            for told in (SECRET, "비밀 조건", "1,234,000", "1234000", "선정되었습니다", "선정되지 않았습니다", "예비 "):
                assert told not in page.text, (path, told)
        mine = {login: browsers[login].get("/grants/api/applications").json[0] for login in ("resident", "neighbor")}
        assert mine["resident"]["state"] == mine["neighbor"]["state"]
        assert [each.get("decided_at") for each in mine.values()] == [None, None]
        assert house.client().get(f"/grants/api/calls/{call.id}/results").json == {
            "announced_at": None,
            "selected": [],
            "reserve": [],
            "total": 0,
            "awarded_won": 0,
            "rejected": 0,
        }
        # what may be pressed is the same for both: no missing button tells
        own_pages = [
            browsers[login].get(f"/grants/applications/{found[login]}").text for login in ("resident", "neighbor")
        ]
        assert len({("withdraw" in page, "objection" in page) for page in own_pages}) == 1
        assert browsers["neighbor"].get(f"/grants/applications/{found['neighbor']}/objection").status_code == 200
        late = browsers["neighbor"].post_form(f"/grants/applications/{found['neighbor']}/objection", {"words": "왜요"})
        assert late.status_code == 409
    with database.read() as session:
        names = set(session.scalars(select(outbox.c.name)))
        kinds = {
            row.payload["kind"]
            for row in session.execute(select(outbox.c.payload).where(outbox.c.name == "grants.notice.told"))
        }
    assert "grants.project.funded" not in names
    assert not [kind for kind in kinds if kind.startswith("results_")]


def test_at_the_hour_everyone_reads_it(house, database, decided, people, at):
    call, found = decided
    at(HOUR)
    announcement.tick(database, house.settings, HOUR)
    page = house.client().get(f"/grants/calls/{call.id}/results").text
    for told in ("골목 도서관", "1,234,000원", "마을 잔치"):
        assert told in page
    assert "옥상 텃밭" not in page  # who was refused is nobody else's business
    assert SECRET in people("neighbor").get(f"/grants/applications/{found['neighbor']}").text
    reduced = people("resident").get(f"/grants/applications/{found['resident']}").text
    reserve = people("reviewer").get(f"/grants/applications/{found['third']}").text
    for page, parts in ((reduced, ("1,234,000원", SECRET)), (reserve, ("예비 1번입니다", "예산이 모자랍니다."))):
        for told in (*parts, "이의신청하기"):  # why it is less, and the way to object
            assert told in page
    answer = house.client().get(f"/grants/api/calls/{call.id}/results").json
    assert (answer["total"], answer["awarded_won"], answer["rejected"]) == (1, 1_234_000, 1)
    assert [each["title"] for each in answer["reserve"]] == ["마을 잔치"]
    rows = list(csv.reader(io.StringIO(house.client().get("/grants/projects.csv").text.removeprefix("\ufeff"))))
    assert any("골목 도서관" in row for row in rows)


def test_the_hour_is_set_on_its_page(house, database, publish, people, at):
    appoint(database)
    call = publish()
    waiting(database, call)
    staff, path = people("dongjak"), f"/grants/calls/{call.id}/announcement"
    assert people("seongbuk").get(path).status_code == 403
    wrong = staff.post_form(path, {"announce_at": "2026-03-24T1800"})
    assert wrong.status_code == 422
    assert 'href="#field-announce_at"' in wrong.text
    left = staff.post_form(path, {"announce_at": "2026-04-03T14:00"})
    assert left.status_code == 409
    assert "아직 결정하지 않은 신청이 1건 있습니다" in left.text
    assert 'value="2026-04-03T14:00"' in left.text
    assert staff.post_form(path, {"announce_at": "2026-04-03T14:00", "leave": "on"}).status_code == 302
    assert "2026년 4월 3일" in staff.get(path).text
    assert staff.post_form(path, {"what": "cancel"}).status_code == 302


def test_the_ranking_and_the_reserve_list(house, database, decided, people, at):
    call, found = decided
    staff, path = people("dongjak"), f"/grants/calls/{call.id}/ranking"
    assert people("seongbuk").get(path).status_code == 403
    page = staff.get(path).text
    assert "골목 도서관" in page
    assert "마을 잔치" in page
    boss = house.actor("dongjak").account_id
    filed = f"/calls/{call.id}/applications"
    lists = (path, f"/grants{filed}", f"/grants{filed}.csv", f"/grants/api/intake{filed}")
    assert "1,234,000" in page
    assert "골목 도서관" in staff.get(f"{lists[-1]}?state=selected").text
    with database.write() as session:
        session.add(Interest(account_id=boss, application_id=found["resident"], kind="declared", at=HELD))
    for one in lists:  # who has an interest in it waits for the hour, like its group
        text = staff.get(one).text
        assert "골목 도서관" in text
        assert "1,234,000" not in text
        assert "1234000" not in text
        assert one == path or "골목 도서관" not in staff.get(f"{one}?state=selected").text
    assert "골목 도서관" not in staff.get("/grants/manage/applications?which=selected").text
    row = next(each for each in staff.get(lists[-1]).json["applications"] if each["title"] == "골목 도서관")
    assert (row["state"], row["phase"], row["awarded_won"]) == ("deliberation", "decision", None)
    assert staff.get(lists[-1]).json["counts"] == {"deliberation": 1, "rejected": 1, "reserve": 1}
    with database.write() as session:  # nor is the second of the reserve list offered as if it were the first
        session.add(Interest(account_id=boss, application_id=found["third"], kind="declared", at=HELD))
        second = session.get_one(Application, found["neighbor"])
        before = second.state, second.phase
        second.state, second.phase, second.reserve_rank = "reserve", "decision", 2
    assert "2번" in staff.get(path).text
    assert "/promote" not in staff.get(path).text
    with database.write() as session:
        second = session.get_one(Application, found["neighbor"])
        (second.state, second.phase), second.reserve_rank = before, None
        session.execute(delete(Interest).where(Interest.application_id == found["third"]))
    at(HOUR)
    announcement.tick(database, house.settings, HOUR)
    promoted = staff.post_form(
        f"/grants/applications/{found['third']}/promote", {"awarded_won": "9,999,999"}, follow_redirects=True
    )
    assert "신청한 금액(2,000,000원)보다 많이 선정할 수 없습니다" in promoted.text
    staff.post_form(f"/grants/applications/{found['third']}/promote", {"awarded_won": "2,000,000"})
    with database.read() as session:
        assert session.get_one(Application, found["third"]).announced_at == HOUR
    assert "마을 잔치" in house.client().get("/grants/projects").text
    closed = staff.post_form(
        f"/grants/applications/{found['third']}/reserve/close", {"reason": "x"}, follow_redirects=True
    )
    assert "예비로 뽑힌 신청이 아닙니다" in closed.text


def test_an_objection_from_the_page_to_its_answer(house, database, decided, people, at):
    call, found = decided
    at(HOUR)
    announcement.tick(database, house.settings, HOUR)
    group, staff, path = people("neighbor"), people("dongjak"), f"/grants/applications/{found['neighbor']}"
    assert f"{path}/objection" in group.get(path).text
    assert people("resident").get(f"{path}/objection").status_code == 404
    empty = group.post_form(f"{path}/objection", {"words": " "})
    assert empty.status_code == 422
    assert 'href="#field-words"' in empty.text
    assert group.post_form(f"{path}/objection", {"words": "점수를 다시 봐 주세요."}).status_code == 302
    assert "점수를 다시 봐 주세요." in group.get(path).text
    assert "옥상 텃밭" in staff.get("/grants/manage/objections").text
    assert "옥상 텃밭" not in people("seongbuk").get("/grants/manage/objections").text
    with database.read() as session:
        objection_id = session.scalars(select(Objection.id)).one()
    answer = f"/grants/objections/{objection_id}"
    assert people("seongbuk").get(answer).status_code == 403
    assert SECRET in staff.get(answer).text
    missing = staff.post_form(answer, {"answer": "다시 세었습니다."})
    assert missing.status_code == 422
    assert "다시 세었습니다." in missing.text
    assert staff.post_form(answer, {"verdict": "dismiss", "answer": "다시 세어도 같습니다."}).status_code == 302
    assert "다시 세어도 같습니다." in group.get(path).text
    reduced = people("resident").post_form(
        f"/grants/applications/{found['resident']}/objection", {"words": "적습니다."}
    )
    assert reduced.status_code == 302
    with database.read() as session:
        answer = f"/grants/objections/{session.scalars(select(Objection.id).where(Objection.state == 'open')).one()}"
    assert "그동안 이 공고의 예비를 선정할 수 없습니다" in staff.get(answer).text
    assert staff.post_form(answer, {"verdict": "uphold", "answer": "다시 봅니다."}).status_code == 302
    ranking, waits = staff.get(f"/grants/calls/{call.id}/ranking").text, "다시 정하고 있는 신청(골목 도서관)"
    assert waits in ranking
    assert "/promote" not in ranking
    promoted = staff.post_form(f"/grants/applications/{found['third']}/promote", {"awarded_won": "1,999,999"})
    assert promoted.status_code == 409
    assert waits in promoted.text
    assert 'value="1,999,999"' in promoted.text


def test_results_cost_a_bounded_number_of_queries(house, database, decided, at):
    call = decided[0]
    for who in range(10, 40):
        group_id = stage.group(database, AFTER, (who,))
        stage.application(database, call, group_id, AFTER, state="selected", account_id=who)
    counted = []
    listener = lambda *args: counted.append(args[2]) if args[2].startswith("SELECT") else None  # noqa: E731
    event.listen(database.engine, "before_cursor_execute", listener)
    try:
        assert house.client().get(f"/grants/calls/{call.id}/results").status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", listener)
    assert len(counted) <= 6, counted
