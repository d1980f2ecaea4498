"""Who acts in the demonstration: staff, reviewers, the committee, and the groups' people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import product

from services.grants.demo.words import FAMILIES, GIVEN
from services.grants.models import Space
from services.grants.policy import SEOUL, city_date
from services.grants.ready.public_benefit import FIELDS
from services.grants.reviewing import reviewers
from services.grants.reviewing.reviewers import Profile
from shared.database import Database
from shared.districts import BY_CODE, BY_NAME
from shared.identity.actor import SYSTEM, Actor, Role

STAND_INS = tuple(range(-801, -807, -1))
"""Reviewers without an account, so that a committee has enough seats."""
RUN = ("성북구", "동작구", "금천구", "은평구", "마포구", "서대문구")
"""The districts whose calls go through review and committee."""
STRANDS = frozenset({"neighbourhood_alley", "group_space", "dong_plan", *(key for key, _ko, _en in FIELDS)})


@dataclass(frozen=True)
class Stage:
    """Where it plays: the database, the day, the accounts by login, and the spaces that projects happen at."""

    database: Database
    now: datetime
    people: Mapping[str, Actor]
    spaces: Sequence[Space]

    def at(self, days: int, hour: int = 10) -> datetime:
        """A moment so many days from today."""
        return datetime.combine(city_date(self.now) + timedelta(days=days), time(hour), SEOUL)

    def past(self, moment: datetime) -> datetime:
        """The moment, or now where it is still to come."""
        return min(moment, self.now)


def staff(stage: Stage, district: str | None) -> Actor:
    """Who runs the calls of a district (None: the city)."""
    if district is None:
        return stage.people.get("city", SYSTEM)
    known = {"11590": "dongjak", "11290": "seongbuk"}.get(district, "")
    return stage.people.get(known) or _clerk(district, 1)


def second(stage: Stage, district: str | None) -> Actor:
    """The second person, who approves payments."""
    if district is None:
        return Actor(account_id=-20_000, name="시 회계 담당", roles=frozenset({Role.CITY_STAFF}))
    return (stage.people.get("accounts") if district == "11590" else None) or _clerk(district, 2)


def reviewing(stage: Stage) -> list[Actor]:
    """Everybody who reviews: the accounts first."""
    named = [stage.people[login] for login in ("reviewer", "juror", "chair") if login in stage.people]
    return named + [_judge(account_id) for account_id in STAND_INS]


def appoint(stage: Stage) -> None:
    """Their profiles and their appointments, by each district that needs them and by the city."""
    then = stage.at(-400)
    for index, judge in enumerate(reviewing(stage)):
        profile = Profile(
            name=judge.name,
            affiliation="마을연구소" if index % 2 else "시민활동가",
            address=f"종로구 누리길 {index + 1}",
            birth_year=1961 + index,
            expertise=tuple(sorted(STRANDS))[index % 3 :: 3],
        )
        reviewers.save_profile(stage.database, judge, then, profile=profile, strands=STRANDS)
    starts_on, ends_on = city_date(then), city_date(stage.now) + timedelta(days=365)
    for district in (None, *(BY_NAME[name].code for name in RUN)):
        _appoint_in(stage, district, starts_on, ends_on)


def _appoint_in(stage: Stage, district: str | None, starts_on: date, ends_on: date) -> None:
    boss, judges = staff(stage, district), reviewing(stage)
    with stage.database.read() as session:
        there = {
            (each.appointment.account_id, each.appointment.kind)
            for each in reviewers.appointed(session, boss, district, stage.now)
        }
    for judge in judges[:5] if district else judges:
        for kind in ("reviewer", "committee"):
            if (judge.account_id, kind) not in there:
                reviewers.appoint(
                    stage.database,
                    boss,
                    stage.at(-399),
                    district=district,
                    account_id=judge.account_id,
                    kind=kind,
                    starts_on=starts_on,
                    ends_on=ends_on,
                    chair=kind == "committee" and judge is judges[min(2, len(judges) - 1)],
                )


def named(number: int, count: int, district: str) -> list[dict[str, str]]:
    """Invented people of a group, as its members' table takes them: nobody stands in two groups."""
    names = [f"{family}{given}" for given, family in product(GIVEN, FAMILIES)]
    where = BY_CODE[district].name
    return [
        {
            "name": names[(number * 7 + index) % len(names)],
            "birth_year": str(1948 + (number * 3 + index * 5) % 55),
            "address": f"{where} 마을길 {number * 10 + index}",
        }
        for index in range(count)
    ]


def _clerk(district: str, number: int) -> Actor:
    return Actor(
        account_id=-(int(district) * 10 + number),
        name=f"{BY_CODE[district].name} 마을센터 {number}",
        roles=frozenset({Role.DISTRICT_STAFF}),
        district=district,
    )


def _judge(account_id: int) -> Actor:
    return Actor(account_id=account_id, name=f"심사위원 {-account_id - 800}", roles=frozenset({Role.REVIEWER}))
