"""What eligibility is checked over, looked up: a group's awards, sanctions and returns.

`of_application` is for the staff, `of_group` for what a group may apply for; a submission asks for what its programme
needs only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.grants import groups, programmes
from services.grants.calls import FUNDED
from services.grants.models import ApplicantGroup, Application, Call, GroupMember, Sanction
from services.grants.policy import city_date
from services.grants.returns.overdue import overdue
from services.grants.rules import eligibility
from services.grants.rules.definition import Definition
from services.grants.rules.eligibility import Check, Facts, Person

ALL = frozenset({"awards", "sanctions", "returns"})


@dataclass(frozen=True)
class Known:
    """What the records hold of a group: its announced awards [(programme, year, won, application)], until when it is
    excluded, and how many returns are overdue."""

    awards: tuple[tuple[str, int, int, int], ...] = ()
    sanctioned_until: date | None = None
    returns_overdue: int = 0


def known(
    session: Session, group_id: int, person_keys: Collection[str], now: datetime, needs: Collection[str] = ALL
) -> Known:
    """Look it up; a query for each of the `needs`."""
    today = city_date(now)
    return Known(
        _awards(session, group_id) if "awards" in needs else (),
        _sanctioned_until(session, group_id, person_keys, today) if "sanctions" in needs else None,
        len(overdue(session, group_id, person_keys, today)) if "returns" in needs else 0,
    )


def facts(
    known: Known,
    group: ApplicantGroup,
    people: Iterable[Person],
    call: Call,
    district: str | None,
    now: datetime,
    *,
    but: int | None = None,
) -> Facts:
    """The facts for one call; its year is the one that awards count in. `but`: the application that is asked about is
    no award beside itself."""
    year = city_date(call.opens_at).year
    awards = [each for each in known.awards if each[1] == year and each[3] != but]
    same = [won for programme, _year, won, _id in awards if programme == call.programme]
    return Facts(
        group_district=group.district,
        district=district,
        kind=group.kind,
        today=city_date(now),
        members=tuple(people),
        registration_number=group.registration_number,
        account_known=bool(group.bank_account),
        founded_on=group.founded_on,
        awards=len(awards),
        programme_awards=len(same),
        programme_won=sum(same),
        sanctioned_until=known.sanctioned_until,
        returns_overdue=known.returns_overdue,
    )


def people(members: Sequence[GroupMember]) -> tuple[Person, ...]:
    """The people of a group."""
    return tuple(Person(each.name, each.address, each.person_key) for each in members)


def of_group(session: Session, group_id: int, now: datetime) -> tuple[ApplicantGroup, tuple[Person, ...], Known]:
    """What is known of a group, to ask about many calls with `facts`: five queries, whatever the number of calls.
    Raises NoResultFound."""
    group = session.get_one(ApplicantGroup, group_id)
    there = people(groups.members_of(session, group_id))
    return group, there, known(session, group_id, {each.person_key for each in there}, now)


def for_call(
    rules: Definition, group: ApplicantGroup, there: Iterable[Person], found: Known, call: Call, now: datetime
) -> tuple[list[Check], list[str]]:
    """How a group stands to a call before it has written anything: its requirements, and the codes of the limits that
    are reached."""
    told = facts(found, group, there, call, call.district or group.district, now)
    return eligibility.check(rules.requirements, told), eligibility.limits(rules.limits, told, None)


def of_application(
    session: Session, application: Application, call: Call, now: datetime
) -> tuple[list[Check], list[str]]:
    """How a filed application stands to its programme's requirements and limits, for the staff's check."""
    rules = programmes.rules_of_application(session, application)
    if application.group_id is None:
        return [], []
    group, there, found = of_group(session, application.group_id, now)
    named = application.answers.get("members")
    if isinstance(named, list) and named:
        there = tuple(Person(each["name"], each.get("address", "")) for each in named)
    told = facts(found, group, there, call, application.district, now, but=application.id)
    checks = eligibility.check(rules.requirements, told)
    return checks, eligibility.limits(rules.limits, replace(told), application.requested_won)


def _awards(session: Session, group_id: int) -> tuple[tuple[str, int, int, int], ...]:
    rows = session.execute(
        select(Call.programme, Call.opens_at, Application.awarded_won, Application.id)
        .join(Call, Call.id == Application.call_id)
        .where(
            Application.group_id == group_id,
            Application.phase.in_(FUNDED),
            Application.announced_at.is_not(None),
        )
    )
    return tuple((programme, city_date(opens).year, won or 0, number) for programme, opens, won, number in rows)


def _sanctioned_until(session: Session, group_id: int, person_keys: Collection[str], today: date) -> date | None:
    rows = session.execute(
        select(Sanction.group_id, Sanction.person_keys, Sanction.ends_on).where(
            Sanction.lifted_at.is_(None), Sanction.starts_on <= today, Sanction.ends_on >= today
        )
    )
    named = set(person_keys) - {""}
    return max((ends for group, keys, ends in rows if group == group_id or named & set(keys)), default=None)
