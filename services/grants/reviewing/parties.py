"""Who stands behind applications, as the rules of conflicts and of duplicates look at them: a bounded number of queries
for a whole call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.grants.models import Application, GroupMember, Reviewer
from services.grants.rules.conflicts import JOINT_YEARS, Person, normal_address
from services.grants.rules.people import person_key

AT_ONCE = 900
"""Values that one query takes in a list."""


@dataclass(frozen=True)
class People:
    """The people of applications: who is in the group (and who is named in the form), and who was."""

    now: dict[int, list[Person]]
    earlier: dict[int, list[Person]]


def of_reviewer(reviewer: Reviewer) -> Person:
    return Person(reviewer.account_id, reviewer.person_key, normal_address(reviewer.address))


def of_applications(session: Session, wanted: Any) -> People:
    """The people of the applications that meet the condition `wanted` (on Application)."""
    now: defaultdict[int, list[Person]] = defaultdict(list)
    earlier: defaultdict[int, list[Person]] = defaultdict(list)
    members = select(
        Application.id,
        GroupMember.account_id,
        GroupMember.person_key,
        GroupMember.address,
        GroupMember.left_at,
    ).join(GroupMember, GroupMember.group_id == Application.group_id)
    for application_id, account_id, key, address, left_at in session.execute(members.where(wanted)):
        person = Person(account_id, key, normal_address(address))
        (now if left_at is None else earlier)[application_id].append(person)
    filed = select(Application.id, Application.account_id, Application.answers["members"])
    for application_id, account_id, named in session.execute(filed.where(wanted)):
        now[application_id].append(Person(account_id))
        now[application_id].extend(_named(named))
    return People(dict(now), dict(earlier))


def partners(session: Session, reviewers: Iterable[Person], at: datetime) -> dict[int, list[Person]]:
    """For each reviewer (by account) those with whom they applied together in the JOINT_YEARS before `at`: who was in
    one group with them when that group filed an application."""
    known = [each for each in reviewers if each.account_id is not None]
    keys = {each.key: each for each in known if each.key}
    accounts = {each.account_id: each for each in known}
    if not known:
        return {}
    since = at - timedelta(days=365 * JOINT_YEARS)
    there = (
        Application.submitted_at >= since,
        GroupMember.joined_at <= Application.submitted_at,
        or_(GroupMember.left_at.is_(None), GroupMember.left_at >= Application.submitted_at),
    )
    joined = select(Application.id, GroupMember.account_id, GroupMember.person_key).join(
        GroupMember, GroupMember.group_id == Application.group_id
    )
    theirs: defaultdict[int, set[int]] = defaultdict(set)  # application -> reviewers who were in it
    own = joined.where(*there, or_(GroupMember.account_id.in_(accounts), GroupMember.person_key.in_(keys)))
    for application_id, account_id, key in session.execute(own):
        person = accounts.get(account_id) or keys.get(key)
        if person is not None and person.account_id is not None:
            theirs[application_id].add(person.account_id)
    found: defaultdict[int, list[Person]] = defaultdict(list)
    for some in chunks(theirs):
        for application_id, account_id, key in session.execute(joined.where(*there, Application.id.in_(some))):
            for reviewer in theirs[application_id]:
                found[reviewer].append(Person(account_id, key))
    return dict(found)


def chunks(values: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(values)
    return (ordered[at : at + AT_ONCE] for at in range(0, len(ordered), AT_ONCE))


def _named(members: Any) -> Iterable[Person]:
    """People whom the form names without an account of their own."""
    for each in members if isinstance(members, list) else ():
        if isinstance(each, Mapping):
            year = each.get("birth_year")
            key = str(each.get("person_key") or "") or person_key(
                str(each.get("name", "")), year if isinstance(year, int) else None, str(each.get("phone", ""))
            )
            yield Person(None, key, normal_address(str(each.get("address", ""))))
