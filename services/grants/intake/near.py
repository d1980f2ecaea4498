"""Who shares people, the address or the account with applications: looked up for many at once, in a bounded number of
queries, among the live applications of their call and of the other calls of its year.

Across calls it is people and accounts only: they are found by indexes. An address is compared as it is normalised, so
those of the call's own applications are read, once for all that are asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from services.grants import calls
from services.grants.models import ApplicantGroup, Application, Call, GroupMember
from services.grants.rules.conflicts import Person, normal_address

OUT = ("draft", "withdrawn", "rejected")
"""Phases of what competes with nobody (any more)."""
LIVE = (Application.number.is_not(None), Application.phase.not_in(OUT))
"""The applications that compete."""
Found = dict[int, set[int]]


def near(session: Session, applications: Sequence[Application], call: Call) -> Found:
    """Application (of this call) -> the other live applications, of this call and of others of its year, that share
    somebody or the account with it, or of this call the address: five queries, however many there are."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for each in applications:
        if each.group_id is not None:
            groups[each.group_id].append(each.id)
    found: Found = {each.id: set() for each in applications}
    if not groups:
        return found
    year = _year(call)
    by_mark = _marks(session, groups)
    for other, mark in _people(session, by_mark, year):
        for one in by_mark[mark]:
            found[one].add(other)
    by_address, by_account = _places(session, groups)
    account = _digits_of(ApplicantGroup.bank_account)
    if by_account:
        rows = session.execute(_of_groups(Application.id, account).where(*year, account.in_(by_account)))
        for other, digits in rows:
            for one in by_account[digits]:
                found[one].add(other)
    if by_address:
        here = _of_groups(Application.id, ApplicantGroup.address)
        for other, address in session.execute(
            here.where(Application.call_id == call.id, ApplicantGroup.address != "", *LIVE)
        ):
            for one in by_address.get(normal_address(address), ()):
                found[one].add(other)
    return {one: others - {one} for one, others in found.items()}


def account_digits(text: str) -> str:
    """A bank account as one compares it; empty for what is too short to be one."""
    digits = "".join(letter for letter in text if letter.isdecimal())
    return digits if len(digits) >= 6 else ""


def _digits_of(column: Any) -> ColumnElement[str]:
    """As `account_digits`, in the database: an account is of digits, hyphens and blanks (`groups.problems`)."""
    return func.replace(func.replace(column, "-", ""), " ", "")


def _year(call: Call) -> tuple[ColumnElement[bool], ...]:
    """Live applications of the calls that opened in the same year of the city's calendar."""
    return *calls.of_same_year(call), *LIVE


def _of_groups(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(ApplicantGroup, ApplicantGroup.id == Application.group_id)
        .join(Call, Call.id == Application.call_id)
    )


def _marks(session: Session, groups: dict[int, list[int]]) -> defaultdict[str, set[int]]:
    """What the groups' people are known by -> the applications that were asked about."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for group_id, account_id, key in session.execute(
        select(GroupMember.group_id, GroupMember.account_id, GroupMember.person_key).where(
            GroupMember.group_id.in_(groups), GroupMember.left_at.is_(None)
        )
    ):
        for mark in Person(account_id, key).marks:
            found[mark].update(groups[group_id])
    return found


def _people(
    session: Session, by_mark: dict[str, set[int]], year: tuple[ColumnElement[bool], ...]
) -> list[tuple[int, str]]:
    """The applications of the year that somebody with one of these marks belongs to, each with the mark."""
    accounts = {int(each.removeprefix("account:")) for each in by_mark if each.startswith("account:")}
    keys = {each.removeprefix("person:") for each in by_mark if each.startswith("person:")}
    rows = session.execute(
        select(Application.id, GroupMember.account_id, GroupMember.person_key)
        .join(GroupMember, GroupMember.group_id == Application.group_id)
        .join(Call, Call.id == Application.call_id)
        .where(
            *year,
            GroupMember.left_at.is_(None),
            or_(GroupMember.account_id.in_(accounts), GroupMember.person_key.in_(keys)),
        )
    )
    return [
        (number, mark) for number, account_id, key in rows for mark in Person(account_id, key).marks if mark in by_mark
    ]


def _places(session: Session, groups: dict[int, list[int]]) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """Address and account of the groups -> the applications that were asked about."""
    by_address: defaultdict[str, set[int]] = defaultdict(set)
    by_account: defaultdict[str, set[int]] = defaultdict(set)
    for group_id, address, account in session.execute(
        select(ApplicantGroup.id, ApplicantGroup.address, ApplicantGroup.bank_account).where(
            ApplicantGroup.id.in_(groups)
        )
    ):
        if kept := normal_address(address):
            by_address[kept].update(groups[group_id])
        if digits := account_digits(account):
            by_account[digits].update(groups[group_id])
    return dict(by_address), dict(by_account)
