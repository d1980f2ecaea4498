"""Eligibility: what a programme may require of who applies. Pure: a requirement is checked over facts.

Three answers: met, not met, or to be looked at by a person (what the facts do not tell for certain). At the submission
only what is certainly not met blocks; what is to be looked at is told to the group and stands before the staff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext

from services.grants.rules.definition import Limits, Requirement
from shared.bus.catalogue import GROUP_KINDS
from shared.districts import BY_CODE, DISTRICTS

MET, UNMET, UNSURE = "met", "unmet", "unsure"


@dataclass(frozen=True)
class Person:
    """Somebody who takes part, as the application or the group names them."""

    name: str
    address: str = ""
    person_key: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of who applies. `district` is where the project would happen; awards are those of this year that
    were announced: all of them, and within the same programme with their won; `today` is the city's day."""

    group_district: str
    district: str | None
    kind: str
    today: date
    members: tuple[Person, ...] = ()
    registration_number: str = ""
    account_known: bool = False
    founded_on: date | None = None
    awards: int = 0
    programme_awards: int = 0
    programme_won: int = 0
    sanctioned_until: date | None = None
    returns_overdue: int = 0


@dataclass(frozen=True)
class Kind:
    """A requirement that programmes name by `key`. `label` is what is asked, `code` the refusal where it is not met;
    `value` says what a programme gives with it: "number", "kinds" or nothing. `blocks`: whether what is not met keeps a
    group from submitting; otherwise it is told. `figures`: what the refusal's sentence names."""

    key: str
    label: Any
    code: str
    check: Callable[[Facts, Any], str]
    value: str = ""
    blocks: bool = True
    needs: str = ""
    figures: Callable[[Facts, Any], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Check:
    """A requirement and how it stands; `params` fill its label and the sentence of its refusal."""

    kind: Kind
    value: Any
    state: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return self.state == MET

    @property
    def blocks(self) -> bool:
        """Whether it keeps from submitting."""
        return self.state == UNMET and self.kind.blocks

    @property
    def label(self) -> str:
        """What is asked, with its number."""
        text = str(self.kind.label)
        return text % self.params if self.params else text


def _told(met: bool) -> str:
    return MET if met else UNMET


def _people(facts: Facts, value: Any) -> dict[str, Any]:
    return {"members_too_few_least": value, "members_too_few_there": len(facts.members)}


def _members(facts: Facts, value: Any) -> str:
    return _told(len(facts.members) >= int(value or 0))


def _district(facts: Facts, value: Any) -> str:
    """The group is of the district; where a member's address names another one, the staff look."""
    if facts.district is None:
        return UNSURE
    if facts.group_district != facts.district:
        return UNMET
    own = BY_CODE[facts.district].name
    elsewhere = [each for each in facts.members if _district_named(each.address) not in (None, own)]
    return UNSURE if elsewhere else MET


def _district_named(address: str) -> str | None:
    words = address.replace(",", " ").split()
    return next((each.name for each in DISTRICTS if each.name in words), None)


def _kind(facts: Facts, value: Any) -> str:
    return _told(facts.kind in (value or GROUP_KINDS))


def _registration(facts: Facts, value: Any) -> str:
    return _told(bool(facts.registration_number))


def _no_award(facts: Facts, value: Any) -> str:
    return _told(facts.awards == 0)


def _not_sanctioned(facts: Facts, value: Any) -> str:
    return _told(facts.sanctioned_until is None)


def _founded(facts: Facts, value: Any) -> str:
    if facts.founded_on is None:
        return UNMET
    years = int(value or 0)
    founded = facts.founded_on
    full = facts.today.year - founded.year - ((facts.today.month, facts.today.day) < (founded.month, founded.day))
    return _told(full >= years)


def _account(facts: Facts, value: Any) -> str:
    return _told(facts.account_known)


def _returns(facts: Facts, value: Any) -> str:
    return _told(facts.returns_overdue == 0)


REQUIREMENTS: dict[str, Kind] = {
    each.key: each
    for each in (
        Kind(
            "members_at_least",
            lazy_gettext("함께하는 사람이 %(value)s명 이상"),
            "members_too_few",
            _members,
            "number",
            figures=_people,
        ),
        Kind("lives_in_district", lazy_gettext("사업을 하는 자치구에서 활동하는 모임"), "outside_district", _district),
        Kind("kind_in", lazy_gettext("신청할 수 있는 종류의 모임·단체"), "kind_not_allowed", _kind, "kinds"),
        Kind(
            "registration_required",
            lazy_gettext("고유번호(사업자등록번호)가 있는 단체"),
            "registration_missing",
            _registration,
        ),
        Kind(
            "active_years_at_least",
            lazy_gettext("만든 지 %(value)s년이 지난 모임·단체"),
            "group_too_young",
            _founded,
            "number",
        ),
        Kind(
            "no_award_this_year",
            lazy_gettext("올해 다른 사업에 선정되지 않은 모임"),
            "awarded_this_year",
            _no_award,
            needs="awards",
        ),
        Kind(
            "not_sanctioned",
            lazy_gettext("참여 제한을 받지 않는 모임과 사람"),
            "sanctioned",
            _not_sanctioned,
            needs="sanctions",
        ),
        Kind(
            "no_overdue_return",
            lazy_gettext("기한을 넘긴 반납금이 없는 모임"),
            "return_overdue",
            _returns,
            needs="returns",
        ),
        Kind(
            "account_known",
            lazy_gettext("보조금을 받을 계좌가 있는 모임"),
            "account_missing",
            _account,
            blocks=False,
        ),
    )
}
"""The requirements by their keys; `needs` names the facts that cost a query of their own."""

UNKNOWN = Kind("unknown", lazy_gettext("알 수 없는 자격 조건"), "requirement_unknown", lambda facts, value: UNSURE)


def check(requirements: Iterable[Requirement], facts: Facts) -> list[Check]:
    """How each requirement stands, in their order. One that nobody knows is for the staff to look at."""
    found = []
    for each in requirements:
        kind = REQUIREMENTS.get(each.rule, UNKNOWN)
        figures = kind.figures(facts, each.value) if kind.figures else {}
        found.append(Check(kind, each.value, kind.check(facts, each.value), {"value": each.value, **figures}))
    return found


def limits(rules: Limits, facts: Facts, requested_won: int | None) -> list[str]:
    """The codes of the ceilings that this request would break by itself: the awards of a group in a year, their won,
    and what a dong or a district may get in one call. What is left of those is counted when it is selected."""
    found = []
    if rules.group_awards is not None and facts.programme_awards >= rules.group_awards:
        found.append("group_awards_reached")
    if requested_won is not None:
        if rules.group_won is not None and facts.programme_won + requested_won > rules.group_won:
            found.append("group_over_ceiling")
        if rules.dong_won is not None and requested_won > rules.dong_won:
            found.append("dong_over_ceiling")
        if rules.district_won is not None and requested_won > rules.district_won:
            found.append("district_over_ceiling")
    return found


def needs(requirements: Iterable[Requirement], rules: Limits) -> frozenset[str]:
    """Which facts have to be looked up: awards, sanctions, returns."""
    asked = {REQUIREMENTS[each.rule].needs for each in requirements if each.rule in REQUIREMENTS}
    if rules.group_awards is not None or rules.group_won is not None:
        asked.add("awards")
    return frozenset(asked - {""})
