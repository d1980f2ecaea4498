"""Groups: made once, joined by an invitation, seen by their people and by whom they applied to."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from services.grants import applications, group_members, groups
from services.grants.group_members import Details as Somebody
from services.grants.groups import Details
from services.grants.models import AUDIT, ApplicantGroup, GroupMember
from services.grants.rules.people import person_key
from shared.identity.actor import NOBODY
from shared.refusal import Refusal
from tests.booking.racing import WON, race
from tests.grants.conftest import CITY, DONGJAK, DURING, SEONGBUK, answers, join_group, make_group, resident


def details(**changed):
    return Details(**({"name": "느티나무 이웃회", "district": "11590"} | changed))


def members(database, group_id):
    with database.read() as session:
        return list(groups.members_of(session, group_id))


def test_a_group_is_made_once_by_a_key(database):
    ends = race([lambda: groups.make(database, resident(1), DURING, details(), key="k") for _ in range(6)])
    with database.read() as session:
        made = session.scalars(select(ApplicantGroup)).all()
    assert len(made) == 1
    assert ends[WON] >= 1
    assert made[0].name_key == "느티나무이웃회"
    (leader,) = members(database, made[0].id)
    assert (leader.account_id, leader.role) == (1, "leader")


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"name": " "}, "name", "text_missing"),
        ({"name": "가" * 81}, "name", "text_too_long"),
        ({"district": "99999"}, "district", "district_unknown"),
        ({"kind": "gang"}, "kind", "group_kind_unknown"),
        ({"registration_number": "abc"}, "registration_number", "registration_unclear"),
        ({"founded_on": date(2027, 1, 1)}, "founded_on", "founded_in_future"),
        ({"bank": "마을은행"}, "bank_account", "account_incomplete"),
        ({"bank": "은행", "bank_holder": "모임", "bank_account": "１２３４５６"}, "bank_account", "account_unclear"),
        ({"about": "가\x00"}, "about", "text_unclear"),
    ],
)
def test_what_is_wrong_is_named(database, changed, field, code):
    with pytest.raises(Refusal) as refused:
        groups.make(database, resident(1), DURING, details(**changed), key="k")
    assert refused.value.fields[field] == [code]


def test_joining_by_invitation_and_leaving(database):
    group_id = make_group(database, 1)
    for _ in range(2):
        join_group(database, group_id, 2)
    assert [each.account_id for each in members(database, group_id)] == [1, 2]
    with pytest.raises(Refusal, match="group_needs_leader"):
        group_members.leave(database, resident(1), DURING, group_id)
    second = members(database, group_id)[1]
    group_members.appoint(database, resident(1), DURING, group_id, second.id)
    group_members.leave(database, resident(1), DURING, group_id)
    assert [each.account_id for each in members(database, group_id)] == [2]
    with pytest.raises(Refusal, match="not_found"):
        groups.read(database, resident(1), DURING, group_id)
    join_group(database, group_id, 1)
    assert {(each.account_id, each.role) for each in members(database, group_id)} == {(1, "member"), (2, "leader")}


def test_an_old_invitation_is_void(database):
    group_id = make_group(database, 1)
    with database.read() as session:
        code = session.get_one(ApplicantGroup, group_id).invite_code
    groups.renew_code(database, resident(1), DURING, group_id)
    with pytest.raises(Refusal, match="invitation_unknown"):
        group_members.join(database, resident(2), DURING, code)


def test_who_was_named_takes_that_place(database):
    group_id = make_group(database, 1)
    named = group_members.add(database, resident(1), DURING, group_id, Somebody("주민 2", 1980, "010-1", "상도동"))
    again = group_members.add(database, resident(1), DURING, group_id, Somebody("주민2", 1980))
    assert again.id == named.id
    join_group(database, group_id, 2)
    found = members(database, group_id)
    assert len(found) == 2
    assert found[1].id == named.id
    assert (found[1].account_id, found[1].person_key) == (2, person_key("주민 2", 1980))


def test_the_same_person_is_found_across_groups(database):
    for who in (1, 2):
        group_id = make_group(database, who)
        group_members.add(database, resident(who), DURING, group_id, Somebody("김 느티", 1980))
    with database.read() as session:
        found = session.scalars(
            select(GroupMember.group_id).where(GroupMember.person_key == person_key("김느티", 1980))
        ).all()
    assert len(set(found)) == 2


def test_members_change_themselves_and_leaders_everything(database):
    group_id = make_group(database, 1)
    for who in (2, 3):
        join_group(database, group_id, who)
    first, second, third = members(database, group_id)
    group_members.change(database, resident(2), DURING, group_id, second.id, Somebody("주민 2", 1979))
    group_members.change(database, resident(1), DURING, group_id, second.id, Somebody("주민 둘", 1979))
    with pytest.raises(Refusal, match="leaders_only"):
        group_members.change(database, resident(2), DURING, group_id, third.id, Somebody("다른 이름"))
    for act in (group_members.appoint, group_members.dismiss):
        with pytest.raises(Refusal, match="leaders_only"):
            act(database, resident(2), DURING, group_id, third.id)
    with pytest.raises(Refusal, match="leaders_only"):
        groups.change(database, resident(2), DURING, group_id, details())
    group_members.dismiss(database, resident(1), DURING, group_id, third.id)
    group_members.dismiss(database, resident(1), DURING, group_id, third.id)
    assert [each.id for each in members(database, group_id)] == [first.id, second.id]


def test_a_members_row_of_another_group_is_not_found(database):
    mine, other = make_group(database, 1), make_group(database, 2)
    stranger = members(database, other)[0]
    for act in (group_members.appoint, group_members.dismiss):
        with pytest.raises(Refusal, match="not_found"):
            act(database, resident(1), DURING, mine, stranger.id)
    with pytest.raises(Refusal, match="not_found"):
        group_members.change(database, resident(1), DURING, mine, stranger.id, Somebody("x"))


def test_who_may_read_a_group(database, publish):
    call, group_id = publish(), make_group(database, 1)
    for other in (resident(2), DONGJAK, SEONGBUK, CITY):
        with pytest.raises(Refusal, match="not_found"):
            groups.read(database, other, DURING, group_id)
    applications.begin(database, resident(1), DURING, call_id=call.id, group_id=group_id)
    with pytest.raises(Refusal, match="not_found"):  # a draft is nobody's business
        groups.read(database, DONGJAK, DURING, group_id)
    with database.read() as session:
        (draft,) = applications.mine(session, resident(1))
    applications.save(database, resident(1), DURING, application_id=draft.id, revision=1, values=answers())
    applications.submit(database, resident(1), DURING, application_id=draft.id, key="k")
    assert len(groups.read(database, DONGJAK, DURING, group_id).members) == 4
    groups.read(database, CITY, DURING, group_id)
    groups.read(database, resident(1), DURING, group_id)
    second = applications.begin(database, resident(1), DURING, call_id=publish().id, group_id=group_id)
    shown = {who: groups.read(database, who, DURING, group_id).applications for who in (DONGJAK, resident(1))}
    assert [each.id for each in shown[DONGJAK]] == [draft.id]  # nor is it beside what was filed
    assert [each.id for each in shown[resident(1)]] == [second.id, draft.id]
    with pytest.raises(Refusal, match="not_found"):
        groups.read(database, SEONGBUK, DURING, group_id)
    with database.read() as session:
        viewers = session.execute(text("SELECT account_id FROM audit WHERE action = 'group.viewed' ORDER BY id"))
        assert viewers.scalars().all() == [DONGJAK.account_id, CITY.account_id, DONGJAK.account_id]


def test_the_audit_names_fields_and_nobody(database):
    group_id = make_group(database, 1)
    groups.change(
        database,
        resident(1),
        DURING + timedelta(days=1),
        group_id,
        details(bank="마을은행", bank_account="100-200-300", bank_holder="김느티"),
    )
    with database.read() as session:
        (row,) = session.execute(select(AUDIT.c.details).where(AUDIT.c.action == "group.changed")).scalars()
    assert row == {"fields": ["bank", "bank_account", "bank_holder", "name", "name_key"]}


def test_anybody_must_sign_in():
    with pytest.raises(Refusal, match="sign_in_required"):
        groups.account_of(NOBODY)
