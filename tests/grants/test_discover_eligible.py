"""What can we apply for? The same checks as at the submission, for a group and for what somebody tells."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from services.grants import applications, offers
from services.grants.models import Call, ReturnOrder, Sanction
from services.grants.offers import APPLIED, BLOCKED, LOOK, READY, Answers
from shared.identity.actor import NOBODY
from shared.refusal import Refusal
from tests.grants import stage
from tests.grants.conftest import BENEFIT, DURING, OPENS, answers, resident

THREE = ("김느티", "이나무")


def asked(database, group_id, who=1, now=DURING, **more):
    with database.read() as session:
        return offers.of_group(session, resident(who), group_id, now, **more)


def told(database, now=DURING, **values):
    with database.read() as session:
        return offers.of_answers(session, Answers(**({"district": "11590", "members": 5} | values)), now)


def states(offer):
    return {check.kind.key: check.state for check in offer.checks}


def test_what_is_met_and_what_is_not(database, publish):
    own, other = publish(), publish(district="11290")
    group = stage.group(database, DURING, names=THREE)
    found = asked(database, group)
    assert [(offer.call.id, offer.standing) for offer in found] == [(own.id, READY), (other.id, BLOCKED)]
    assert states(found[0]) == {"members_at_least": "met", "lives_in_district": "met", "not_sanctioned": "met"}
    assert states(found[1])["lives_in_district"] == "unmet"
    small = stage.group(database, DURING)
    assert [offer.standing for offer in asked(database, small)] == [BLOCKED, BLOCKED]
    assert states(asked(database, small)[0])["members_at_least"] == "unmet"


def test_drafts_and_past_calls_are_no_offers_and_upcoming_ones_come_after_the_open(database, publish):
    over = publish(opens_at=OPENS - timedelta(days=30), closes_at=OPENS)
    coming = publish(opens_at=DURING + timedelta(hours=1), closes_at=DURING + timedelta(days=1))
    now_open = publish()
    group = stage.group(database, DURING, names=THREE)
    found = asked(database, group)
    assert [offer.call.id for offer in found] == [now_open.id, coming.id]
    assert over.id not in [offer.call.id for offer in found]
    assert [offer.open for offer in found] == [True, False]
    assert [offer.call.id for offer in asked(database, group, call_id=coming.id)] == [coming.id]


def test_it_is_blocked_exactly_when_the_submission_is(database, publish):
    """A sanction that only the step's guard asks about, and a reached limit of the programme."""
    first, call = publish(), publish(title="두 번째")
    free, excluded, awarded = (stage.group(database, DURING, names=THREE) for _each in range(3))
    with database.write() as session:
        session.add(
            Sanction(
                group_id=excluded,
                district="11590",
                person_keys=[],
                reason="환수",
                starts_on=date(2026, 1, 1),
                ends_on=date(2028, 12, 31),
                imposed_by=501,
                imposed_at=DURING,
            )
        )
    stage.application(database, first, awarded, DURING, state="running")
    for group, expected in ((free, None), (excluded, "sanctioned"), (awarded, "group_awards_reached")):
        (offer,) = asked(database, group, call_id=call.id)
        if expected is None:
            assert offer.standing == READY
            applications.file(
                database, resident(), DURING, call_id=call.id, group_id=group, answers=answers(), key=f"k-{group}"
            )
            continue
        codes = [check.kind.code for check in offer.checks if check.blocks] + list(offer.limits)
        assert codes == [expected]
        with pytest.raises(Refusal) as refused:
            applications.file(
                database, resident(), DURING, call_id=call.id, group_id=group, answers=answers(), key=f"k-{group}"
            )
        codes = [refused.value.code, *(code for many in refused.value.fields.values() for code in many)]
        assert expected in codes


def test_a_sanction_follows_the_people_into_another_group(database, publish):
    publish()
    group = stage.group(database, DURING, names=THREE)
    elsewhere = stage.group(database, DURING, (7,))
    with database.write() as session:
        values = {"district": "11590", "reason": "환수", "imposed_by": 1, "imposed_at": DURING}
        days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
        session.add(Sanction(group_id=elsewhere, person_keys=["person-김느티"], **values, **days))
    (offer,) = asked(database, group)
    assert states(offer)["not_sanctioned"] == "unmet"
    (later,) = asked(database, group, now=DURING)
    assert later.standing == BLOCKED


def test_an_overdue_return_is_told_before_the_selection_asks(database, publish):
    old = publish(opens_at=OPENS - timedelta(days=400), closes_at=OPENS - timedelta(days=390))
    call = publish()
    group = stage.group(database, DURING, names=THREE)
    owing = stage.application(database, old, group, OPENS - timedelta(days=395), state="settled")
    with database.write() as session:
        session.add(
            ReturnOrder(
                application_id=owing,
                kind="clawback",
                amount_won=100_000,
                reason="불인정",
                ordered_by=501,
                ordered_at=OPENS - timedelta(days=60),
                due_on=date(2026, 2, 1),
                state="due",
                idempotency_key="owed",
            )
        )
    (offer,) = asked(database, group, call_id=call.id)
    assert [check.kind.key for check in offer.later] == ["no_overdue_return"]
    assert offer.standing == LOOK


def test_what_the_group_has_in_the_call_already_is_told(database, publish):
    call = publish()
    group = stage.group(database, DURING, names=THREE)
    draft = stage.application(database, call, group, DURING, state="draft")
    (offer,) = asked(database, group)
    assert offer.application is not None
    assert (offer.application.id, offer.standing) == (draft, READY)
    other = publish(title="다른 공고")
    stage.application(database, other, group, DURING)
    assert {each.call.id: each.standing for each in asked(database, group)} == {call.id: READY, other.id: APPLIED}


def test_nobody_asks_for_a_group_of_others(database, house, publish, at):
    publish()
    group = stage.group(database, DURING, (9_001,))
    for who in (resident(2), NOBODY):
        with database.read() as session, pytest.raises(Refusal, match="not_found"):
            offers.of_group(session, who, group, DURING)
    at(DURING)
    assert house.client("resident").get(f"/grants/eligible?group={group}").status_code == 404


def test_a_few_answers_tell_what_can_be_told(database, publish):
    publish()
    publish(
        title="공익", district=None, programme="public_benefit", strands=BENEFIT,
        budget_won=100_000_000, ceiling_won=30_000_000,
    )  # fmt: skip
    by_title = lambda found: {offer.call.title: offer for offer in found}  # noqa: E731
    residents = by_title(told(database))
    assert residents["동작구 통합공모"].standing == LOOK  # whether one is excluded is not asked
    assert states(residents["동작구 통합공모"])["not_sanctioned"] == "unsure"
    assert residents["공익"].standing == BLOCKED
    ngo = by_title(told(database, kind="nonprofit", registered=True, founded_on=date(2015, 5, 1), members=120))
    assert ngo["공익"].standing == LOOK, states(ngo["공익"])
    awarded = by_title(told(database, awarded="integrated_call"))
    assert awarded["동작구 통합공모"].limits == ["group_awards_reached"]
    assert by_title(told(database, awarded="dong_plan"))["동작구 통합공모"].limits == []
    assert by_title(told(database, members=2))["동작구 통합공모"].standing == BLOCKED


def test_the_page_asks_and_keeps_what_was_answered(house, publish, at):
    call = publish()
    at(DURING)
    client = house.client()
    empty = client.get("/grants/eligible").text
    assert 'name="members"' in empty
    assert "건을 신청할 수 있습니다" not in empty
    wrong = client.get("/grants/eligible?members=３&kind=guild&founded_on=2026-02-30")
    assert wrong.status_code == 422
    for name in ("kind", "founded_on"):
        assert f'id="field-{name}-error"' in wrong.text
    more = client.get("/grants/eligible?as=answers&members=0&kind=council")
    assert more.status_code == 422
    for name in ("district", "members"):
        assert f'id="field-{name}-error"' in more.text
    assert 'value="0"' in more.text
    page = client.get("/grants/eligible?district=11590&members=2&show=cannot&_external=1&_scheme=javascript")
    assert page.status_code == 200
    assert "함께하는 사람이 3명 이상" in page.text
    assert "3명 이상이어야 하는데 2명입니다." in page.text
    assert "javascript:" not in page.text
    enough = client.get("/grants/eligible?district=11590&members=3").text
    assert "공고 1건 가운데 1건을 신청할 수 있습니다." in enough
    assert f"/grants/calls/{call.id}/apply" in enough


def test_a_member_sees_the_groups_own_answer_and_where_to_put_it_right(house, database, publish, at):
    publish()
    me = house.actor("resident").account_id
    small = stage.group(database, DURING, (me,), name="작은 모임")
    big = stage.group(database, DURING, (me,), names=THREE, name="큰 모임")
    at(DURING)
    client = house.client("resident")
    page = client.get(f"/grants/eligible?group={small}").text
    assert "작은 모임" in page
    assert "큰 모임" in page
    assert f'href="/grants/groups/{small}"' in page
    assert "공고 1건 가운데 0건을 신청할 수 있습니다." in page
    page = client.get(f"/grants/eligible?group={big}").text
    assert "공고 1건 가운데 1건을 신청할 수 있습니다." in page
    assert "신청할 수 있음" in page
    assert 'name="members"' in client.get("/grants/eligible?as=answers").text


def test_it_costs_the_same_with_three_hundred_calls(house, database, publish, at):
    me = house.actor("resident").account_id
    group = stage.group(database, DURING, (me,), names=THREE)
    like = publish()
    at(DURING)
    client = house.client("resident")
    client.get("/grants/eligible")
    counted = []
    for more in (0, 300):
        with database.write() as session:
            columns = {column.key: getattr(like, column.key) for column in Call.__table__.columns if column.key != "id"}
            columns["line_id"] = None
            for each in range(more):
                session.add(Call(**(columns | {"idempotency_key": f"like-{each}"})))
        seen: list[str] = []
        listener = lambda *args, seen=seen: seen.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        page = client.get(f"/grants/eligible?group={group}")
        event.remove(database.engine, "before_cursor_execute", listener)
        assert page.status_code == 200
        counted.append(len([one for one in seen if one.lstrip().upper().startswith("SELECT")]))
    assert "공고 301건 가운데 301건" in page.text
    assert "16쪽 중 1쪽" in page.text
    assert counted[0] == counted[1]
    assert counted[1] <= 16, counted
