"""What the tests of grants share: people, a call and an application, made through the use cases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.grants import applications, calls
from services.grants.models import Application, Call
from services.grants.policy import SEOUL, CallTerms, Filing
from shared.database import Database
from shared.identity.actor import Actor, Role

OPENS = datetime(2026, 3, 2, 9, 0, tzinfo=SEOUL)
CLOSES = datetime(2026, 3, 20, 18, 0, tzinfo=SEOUL)
DURING = datetime(2026, 3, 10, 12, 0, tzinfo=SEOUL)
AFTER = CLOSES + timedelta(days=3)

DONGJAK = Actor(account_id=501, name="동작", roles=frozenset({Role.DISTRICT_STAFF}), district="11590")
SEONGBUK = Actor(account_id=502, name="성북", roles=frozenset({Role.DISTRICT_STAFF}), district="11290")
CITY = Actor(account_id=503, name="시", roles=frozenset({Role.CITY_STAFF}))


def resident(number: int = 1) -> Actor:
    return Actor(account_id=number, name=f"주민 {number}", roles=frozenset({Role.RESIDENT}))


def terms(**changed: Any) -> CallTerms:
    values: dict[str, Any] = {
        "district": "11590",
        "programme": "integrated_call",
        "title": "동작구 통합공모",
        "body": "세 사람 이상이면 신청할 수 있습니다.",
        "strands": ("neighbourhood_alley", "group_space"),
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "results_on": date(2026, 4, 3),
        "budget_won": 10_000_000,
        "ceiling_won": 3_000_000,
    }
    return CallTerms(**(values | changed))


def filing(**changed: Any) -> Filing:
    values: dict[str, Any] = {
        "group_name": "느티나무 이웃회",
        "members": 7,
        "title": "골목 화단 가꾸기",
        "strand": "neighbourhood_alley",
        "plan": "봄마다 꽃을 심습니다.",
        "requested_won": 2_000_000,
        "self_contribution_won": 0,
    }
    return Filing(**(values | changed))


@pytest.fixture
def database(house: Any) -> Database:
    """The database of grants, empty and migrated."""
    return house.databases["grants"]


@pytest.fixture
def publish(database: Database) -> Callable[..., Call]:
    """Makes a published call of 동작구 with the given terms changed."""
    made = iter(range(1000))

    def make(**changed: Any) -> Call:
        wanted = terms(**changed)
        before = wanted.opens_at - timedelta(days=1)
        call = calls.create(database, CITY, before, terms=wanted, key=f"call-{next(made)}")
        return calls.publish(database, CITY, before, call_id=call.id)

    return make


@pytest.fixture
def apply(database: Database) -> Callable[..., Application]:
    """Files an application of resident number `who` during the intake."""

    def make(call: Call, who: int = 1, at: datetime = DURING, **changed: Any) -> Application:
        return applications.submit(
            database, resident(who), at, call_id=call.id, filing=filing(**changed), key=f"apply-{who}"
        )

    return make
