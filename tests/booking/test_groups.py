"""Groups: who may join, lead and leave, what staff confirm, whom a space trusts."""

from typing import Any

import pytest
from sqlalchemy import select

from services.booking import group_standing, groups, unit_rules
from services.booking.models import Membership
from services.booking.rules.policy import Policy, Quota
from tests.booking.conftest import BIG, NOW, Town, at, resident
from tests.booking.racing import race
from tests.booking.test_unit_rules import CITY, DISTRICT, ELSEWHERE, KEEPER, OTHER_DISTRICT, audit, refused

ONE, TWO, THREE = resident(1), resident(2), resident(3)


@pytest.fixture
def readers(town: Town) -> int:
    """A group of 동작구 that resident 1 leads and resident 2 has joined; it says that it is a non-profit."""
    made = groups.make(town.database, ONE, NOW, " 느린 독서회 ", "nonprofit", "11590")
    groups.join(town.database, TWO, NOW, made.invite_code.upper())
    return made.id


def test_made_joined_and_left(town: Town, readers: int) -> None:
    own = groups.read(town.database, ONE, readers)
    assert (own.group.name, own.role) == ("느린 독서회", "leader")
    assert {(each.account_id, each.role) for each in own.members} == {(1, "leader"), (2, "member")}
    refused("not_allowed", groups.read, town.database, THREE, readers)
    refused("leaders_only", groups.renew_code, town.database, TWO, NOW, readers)
    refused("group_needs_leader", groups.leave, town.database, ONE, NOW, readers)
    groups.appoint(town.database, ONE, NOW, readers, 2)
    groups.leave(town.database, ONE, NOW, readers)
    assert [each.group.id for each in groups.mine(town.database, TWO)] == [readers]
    assert groups.mine(town.database, ONE) == []


def test_a_renewed_invitation_voids_the_old_one(town: Town, readers: int) -> None:
    old = groups.read(town.database, ONE, readers).group.invite_code
    new = groups.renew_code(town.database, ONE, NOW, readers).invite_code
    refused("invitation_unknown", groups.join, town.database, THREE, NOW, old)
    groups.join(town.database, THREE, NOW, new)
    groups.dismiss(town.database, ONE, NOW, readers, 3)
    refused("member_not_found", groups.dismiss, town.database, ONE, NOW, readers, 3)


def test_joining_twice_at_once_is_joining_once(town: Town, readers: int) -> None:
    code = groups.read(town.database, ONE, readers).group.invite_code
    assert race([lambda: groups.join(town.database, THREE, NOW, code) for _ in range(6)]) == {"won": 6}
    with town.database.read() as session:
        members = session.scalars(select(Membership).where(Membership.group_id == readers)).all()
    assert len(members) == 3


def test_the_last_two_leaders_do_not_both_leave(town: Town, readers: int) -> None:
    code = groups.read(town.database, ONE, readers).group.invite_code
    groups.join(town.database, THREE, NOW, code)
    groups.appoint(town.database, ONE, NOW, readers, 2)
    ends = race([lambda who=who: groups.leave(town.database, who, NOW, readers) for who in (ONE, TWO)])  # type: ignore[misc]
    assert ends == {"won": 1, "group_needs_leader": 1}


def test_staff_confirm_the_kind_in_their_district(town: Town, readers: int) -> None:
    assert [each.id for each in group_standing.find(town.database, DISTRICT, waiting=True).groups] == [readers]
    assert group_standing.find(town.database, OTHER_DISTRICT).groups == []
    for actor in (ONE, KEEPER, OTHER_DISTRICT):
        refused("not_allowed", group_standing.confirm_kind, town.database, actor, NOW, readers, "council")
    group_standing.confirm_kind(town.database, DISTRICT, NOW, readers, "council")
    assert group_standing.find(town.database, CITY, "독서", waiting=True).groups == []
    groups.change(town.database, ONE, NOW, readers, "느린 독서회", "supported", "11590")
    assert groups.read(town.database, ONE, readers).group.kind_confirmed_at is None  # asked for anew
    [row] = audit(town, "group.kind_confirmed")
    assert row.details["after"] == {"kind": "council", "confirmed": True}
    refused("choice_invalid", group_standing.confirm_kind, town.database, DISTRICT, NOW, readers, "cats")


def test_a_trusted_group_needs_no_approval(town: Town, readers: int) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(approval="trusted"))
    assert town.reserve(TWO, BIG, at(24, 10), group_id=readers).status == "requested"
    kept = group_standing.trusted(town.database, KEEPER, 1)
    assert ([each.id for each in kept.groups], [each.id for each in kept.others]) == ([], [readers])
    refused("not_allowed", group_standing.trust, town.database, ELSEWHERE, NOW, 1, readers)
    refused("group_not_found", group_standing.trust, town.database, ELSEWHERE, NOW, 2, readers)
    group_standing.trust(town.database, KEEPER, NOW, 1, readers)
    assert town.reserve(TWO, BIG, at(24, 12), group_id=readers).status == "confirmed"
    group_standing.distrust(town.database, KEEPER, NOW, 1, readers)
    assert town.reserve(TWO, BIG, at(24, 14), group_id=readers).status == "requested"
    code = groups.read(town.database, ONE, readers).group.invite_code
    group_standing.trust(town.database, ELSEWHERE, NOW, 2, code=code)
    assert [row.action for row in [*audit(town, "group.trusted"), *audit(town, "group.distrusted")]]


def test_a_group_s_quota_holds_for_all_its_members_at_once(town: Town, readers: int) -> None:
    unit_rules.set_policy(town.database, KEEPER, NOW, BIG, Policy(quotas=(Quota("group", "week", 2),)))
    runners: list[Any] = [
        lambda hour=hour: town.reserve((ONE, TWO)[hour % 2], BIG, at(24, hour), group_id=readers)  # type: ignore[misc]
        for hour in range(10, 18)
    ]
    assert race(runners) == {"won": 2, "quota_group_week": 6}


def test_groups_by_page_and_api(house: Any, town: Town) -> None:
    leader, friend = house.client("resident"), house.client("neighbor")
    refused_page = leader.post_form("/booking/groups", {"name": "", "kind": "council", "district": "11590"})
    assert refused_page.status_code == 422
    assert "이름을 적어 주세요." in refused_page.text
    made = leader.post_form("/booking/groups", {"name": "골목 합창단", "kind": "council", "district": "11590"})
    page = leader.get(made.location).text
    told = leader.get("/booking/api/groups").json["groups"][0]
    invitation = f"/booking/groups/join/{told['invite_code']}"
    assert invitation in page
    assert "확인 기다림" in page
    assert "골목 합창단" in friend.get(invitation).text
    friend.post_form(invitation, {})
    seen = friend.get(f"/booking/api/groups/{told['id']}").json
    assert (seen["role"], seen["invite_code"], len(seen["members"])) == ("member", None, 2)
    assert invitation not in friend.get(made.location).text
    staff = house.client("dongjak")
    assert "골목 합창단" in staff.get("/booking/manage/groups?waiting=on").text
    staff.post_form(f"/booking/manage/groups/{told['id']}", {"kind": "council"})
    assert "확인됨" in leader.get(made.location).text
    assert house.client("neighbor").get("/booking/manage/groups").status_code == 403
