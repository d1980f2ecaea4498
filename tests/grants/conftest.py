"""What the tests of grants share: people, a call and an application, made through the use cases."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.grants import applications, calls, group_members, groups
from services.grants.models import ApplicantGroup, Application, Call
from services.grants.policy import SEOUL, CallTerms
from services.grants.ready import READY
from shared import clock
from shared.bus.tables import outbox
from shared.database import Database
from shared.identity.actor import Actor, Role
from tests.house import Browser

OPENS = datetime(2026, 3, 2, 9, 0, tzinfo=SEOUL)
CLOSES = datetime(2026, 3, 20, 18, 0, tzinfo=SEOUL)
DURING = datetime(2026, 3, 10, 12, 0, tzinfo=SEOUL)
AFTER = CLOSES + timedelta(days=3)

BENEFIT = tuple(each.key for each in READY["public_benefit"]().strands)
"""The strands of the NGO programme, which its calls take all of."""

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


def answers(**changed: Any) -> dict[str, Any]:
    """What a group answers to the form of the integrated call; the budget follows the two amounts."""
    values: dict[str, Any] = {
        "title": "골목 화단 가꾸기",
        "strand": "neighbourhood_alley",
        "plan": "봄마다 꽃을 심습니다.",
        "members": [
            {"name": "김느티", "birth_year": "1980", "address": "동작구 상도동"},
            {"name": "이나무", "birth_year": "1975", "address": "동작구 상도동"},
            {"name": "박골목", "birth_year": "1990", "address": "동작구 노량진동"},
        ],
        "requested_won": 2_000_000,
        "self_contribution_won": 0,
    }
    values |= changed
    line = {
        "category": "activity",
        "item": "materials",
        "grant_won": values["requested_won"],
        "self_won": values["self_contribution_won"],
        "note": "모종과 흙",
    }
    return {"budget": [line]} | values


def make_group(database: Database, who: int = 1, district: str = "11590", key: str = "", **details: Any) -> int:
    """The number of a group that resident number `who` leads; the same one again unless there is another `key`."""
    wanted = {"name": f"느티나무 이웃회 {who}", "district": district} | details
    before = OPENS - timedelta(days=9)
    return groups.make(database, resident(who), before, groups.Details(**wanted), key=key or f"group-{who}").id


def join_group(database: Database, group_id: int, who: int) -> None:
    """Let resident number `who` into a group."""
    with database.read() as session:
        code = session.get_one(ApplicantGroup, group_id).invite_code
    group_members.join(database, resident(who), OPENS - timedelta(days=8), code)


def told(database: Database, kind: str | None = None) -> list[dict[str, Any]]:
    """The notices that went out, in their order; of one kind."""
    with database.read() as session:
        rows = session.scalars(
            select(outbox.c.payload).where(outbox.c.name == "grants.notice.told").order_by(outbox.c.id)
        )
        return [each for each in rows if kind in (None, each["kind"])]


def moved(database: Database) -> list[tuple[int, int, str, str]]:
    """The steps of applications that were published, in their order: application, sequence, from, to."""
    with database.read() as session:
        rows = session.execute(select(outbox).where(outbox.c.name == "grants.application.moved").order_by(outbox.c.id))
        return [
            (each.payload["application_id"], each.sequence, each.payload["from_state"], each.payload["to_state"])
            for each in rows
            if each.aggregate == f"application:{each.payload['application_id']}"
        ]


@pytest.fixture
def database(house: Any) -> Database:
    """The database of grants, empty and migrated."""
    return house.databases["grants"]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock of the views and the database's."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(Database, "clock", lambda self: moment.astimezone(UTC))

    return put


@pytest.fixture
def people(house: Any) -> Callable[[str], Browser]:
    """Browsers by login, signed in once each."""
    made: dict[str, Browser] = {}

    def one(login: str) -> Browser:
        if login not in made:
            made[login] = house.client(login)
        return made[login]

    return one


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
    """Files an application of resident number `who`, by a group of theirs, during the intake; the answers changed."""

    def make(call: Call, who: int = 1, at: datetime = DURING, key: str = "", **changed: Any) -> Application:
        return applications.file(
            database,
            resident(who),
            at,
            call_id=call.id,
            group_id=make_group(database, who, call.district or changed.get("district", "11590")),
            answers=answers(**changed),
            key=key or f"apply-{who}",
        )

    return make
