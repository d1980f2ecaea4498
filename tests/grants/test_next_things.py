"""What is next: a project's page and the group's list say it, to each side its own; and what a count of the staff's
desk leads to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.grants import payments
from services.grants.models import Call, GroupMember, Objection
from services.grants.reviewing import stages
from tests.grants.conftest import DONGJAK, told
from tests.grants.paying import SIGNED, Project, selected
from tests.grants.review_room import LATER, NOW, POOL, STAGE, appoint, assign, in_review

NEXT = re.compile(r"<strong>(?:다음에 할 일|지금)</strong>.*?<p>(.*?)</p>(?:\s*<p><a [^>]*href=\"([^\"]*)\")?", re.S)


@pytest.fixture
def project(house: Any, database: Any, publish: Callable[..., Call], at: Callable[[datetime], None]) -> Project:
    """Selected, of the demonstration's resident and neighbour."""
    at(SIGNED)
    accounts = [house.actor(login).account_id for login in ("resident", "neighbor")]
    made = selected(database, publish(), accounts=accounts)
    made.leader = house.actor("resident")
    return made


def following(people: Callable[[str], Any], project: Project, login: str) -> tuple[str, str]:
    """The sentence and the address of what is next, as somebody sees it."""
    page = people(login).get(f"/grants/applications/{project.id}")
    assert page.status_code == 200, page.text
    found = NEXT.search(page.text)
    assert found, page.text
    return found[1], (found[2] or "").removeprefix(f"/grants/applications/{project.id}/")


def test_each_side_is_told_what_to_do_from_the_award_to_the_settlement(
    people: Callable[[str], Any], project: Project, at: Callable[[datetime], None]
) -> None:
    assert following(people, project, "resident") == ("선정되었습니다. 담당자가 협약서를 준비하면 알려 드립니다.", "")
    assert following(people, project, "dongjak") == ("협약서를 써 주세요.", "agreement/edit")
    agreement = project.prepare()
    assert following(people, project, "resident") == (
        "대표가 협약서를 읽고 서명해 주세요. 사업 기간은 2026년 3월 24일 (화)부터 2026년 12월 31일 (목)까지입니다.",
        "agreement",
    )
    assert following(people, project, "dongjak") == ("모임의 서명을 기다립니다.", "agreement")
    project.sign(project.leader, "group", agreement)
    with project.database.write() as session:  # as of a cut that the group objects to: nobody signs before the answer
        open_one = Objection(application_id=project.id, filed_by=1, words="깎인 까닭을 알려 주세요.", filed_at=SIGNED)
        session.add(open_one)
    sentence, where = following(people, project, "resident")
    assert sentence.startswith("이의신청에 대한 답을 기다리고 있습니다.")
    assert where == "objection"
    with project.database.write() as session:
        session.delete(session.get_one(Objection, open_one.id))
    assert following(people, project, "dongjak") == ("모임이 서명했습니다. 담당자도 서명해 주세요.", "agreement")
    project.sign(DONGJAK, "district", agreement)
    sentence, where = following(people, project, "resident")
    assert "회계 교육을 마쳐야 합니다." in sentence
    assert where == "milestones#training_done"
    assert "조건을 모임이 갖추고 있습니다." in following(people, project, "dongjak")[0]
    project.ready()
    assert "교부를 신청해 주세요." in following(people, project, "resident")[0]
    payments.request(project.database, project.leader, SIGNED, tranche_id=project.tranche())
    assert "처리하고 있습니다." in following(people, project, "resident")[0]
    sentence, where = following(people, project, "dongjak")
    assert "지급을 준비해 주세요." in sentence
    assert where == "payment#tranche-1"


def test_a_group_learns_when_and_where_it_is_heard(
    people: Callable[[str], Any],
    house: Any,
    database: Any,
    publish: Callable[..., Call],
    at: Callable[[datetime], None],
) -> None:
    at(NOW)
    call, account = publish(), house.actor("resident").account_id
    appoint(database, POOL[:3])
    (one,) = in_review(database, call)
    with database.write() as session:
        session.execute(update(GroupMember).where(GroupMember.account_id == 1000).values(account_id=account))
    assign(database, call)
    stages.set_date(
        database,
        DONGJAK,
        NOW,
        application_id=one,
        stage_key=STAGE,
        held_at=LATER,
        place="마을센터 <2층>",
        note="신분증",
    )
    assert [each["account_id"] for each in told(database, "stage_dated")] == [account, *POOL[:3]]
    first = told(database, "stage_dated")[0]
    assert "서류심사: 2026년 3월 25일 (수) 18:00, 마을센터 <2층>" in first["body_ko"]
    assert "Document review: Wed 25 Mar 2026, 18:00" in first["body_en"]
    page = people("resident").get(f"/grants/applications/{one}").text
    assert "서류심사: 2026년 3월 25일 (수) 18:00, 마을센터 &lt;2층&gt;. 시간이 맞지 않으면" in page
    assert "신분증" in page
    assert page.count("마을센터 &lt;2층&gt;") == 2  # the sentence, and the timeline
    assert "마을센터 &lt;2층&gt;" in people("resident").get("/grants/mine").text
    at(LATER)
    assert "마을센터" not in people("resident").get(f"/grants/applications/{one}").text


def test_the_list_of_ones_own_begins_with_what_waits_for_the_group(
    people: Callable[[str], Any], project: Project
) -> None:
    page = people("resident").get("/grants/mine").text
    assert "지금 할 일" not in page
    assert "담당자가 협약서를 준비하면 알려 드립니다." in page
    project.prepare()
    page = people("resident").get("/grants/mine").text
    assert "지금 할 일" in page
    assert f'href="/grants/applications/{project.id}/agreement"' in page


def test_after_the_period_the_settlement_is_due(
    people: Callable[[str], Any], project: Project, at: Callable[[datetime], None]
) -> None:
    project.agree()
    project.ready()
    project.pay()
    sentence, where = following(people, project, "resident")
    assert "쓸 때마다 지출과 증빙을 올려 두면" in sentence
    assert where == "expenses/new"
    at(SIGNED + timedelta(days=400))
    sentence, where = following(people, project, "resident")
    assert re.search("정산 보고서 기한이 .*에 지났습니다. 바로 내 주세요.", sentence)
    assert where == "settlement"


def test_a_count_of_the_desk_leads_to_exactly_what_it_counts(people: Callable[[str], Any], project: Project) -> None:
    desk = people("dongjak").get("/grants/manage").text
    found = re.search(r'href="(/grants/manage/applications\?which=selected)"', desk)
    assert found
    page = people("dongjak").get(found[1]).text
    assert "맡은 공고에서 기다리는 신청 1건입니다." in page
    assert f'href="/grants/applications/{project.id}"' in page
    assert "기다리는 신청이 없습니다." in people("dongjak").get("/grants/manage/applications?which=decision").text
    assert "기다리는 신청이 없습니다." in people("seongbuk").get(found[1]).text
    assert people("resident").get(found[1]).status_code == 403
    for path in ("/grants/manage/payments?state=moving", "/grants/meetings?which=coming"):
        assert people("dongjak").get(path).status_code == 200
