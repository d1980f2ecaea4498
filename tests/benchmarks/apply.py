"""Applications submitted a second at concurrency 8, all to one call in its last hour, with every rule, receipt, audit
and notice on: as a ratio to the bare Flask endpoint that does one INSERT, in one run.

python -m tests.benchmarks.apply [--server URL] [--rounds 5] [--seconds 4]

Rounds alternate, and the median of their ratios counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import text

from deploy.house import PACKAGES
from services.grants import applications, calls, groups
from services.grants.models import Call
from services.grants.policy import CallTerms, city_date
from shared.clock import now
from shared.database import Database
from shared.identity.actor import SYSTEM, Actor, Role
from shared.migrations import upgrade
from tests.benchmarks.bare import TABLE
from tests.benchmarks.city import RESIDENTS, SERVER, City, _administer, cookies, served
from tests.benchmarks.load import Answers, Connections, percentile, request
from tests.benchmarks.reserve import wishes

CLIENTS = 8
GROUPS = 40_000
"""Each group applies once, so there have to be more of them than applications in a run."""
DISTRICT = "11590"
ANSWERS: dict[str, Any] = {
    "title": "골목 화단 가꾸기",
    "strand": "neighbourhood_alley",
    "plan": "봄마다 이웃과 꽃을 심고, 여름에는 물을 주고, 가을에는 씨앗을 나눕니다. " * 10,
    "members": [
        {"name": name, "birth_year": year, "address": "동작구 상도동"}
        for name, year in (("김느티", 1980), ("이나무", 1975), ("박골목", 1990))
    ],
    "place": {"address": "상도동 놀이터"},
    "requested_won": 2_000_000,
    "self_contribution_won": 200_000,
    "budget": [
        {"category": "activity", "item": "materials", "grant_won": 1_500_000, "self_won": 200_000, "note": "모종과 흙"},
        {"category": "people", "item": "instructor", "grant_won": 500_000, "self_won": 0, "note": "강사 두 번"},
    ],
}


@contextmanager
def town(server: str) -> Iterator[tuple[City, int]]:
    """A database of grants with a call and its groups, and one for the bare endpoint; the call's number."""
    made = City(server, f"maru_bench_{uuid4().hex[:8]}", 200)
    database = Database(made.url.replace("{service}", "grants"))
    for service in ("booking", "grants"):
        _administer(server, f'CREATE DATABASE "{made.name}_{service}"')
    try:
        with psycopg.connect(made.plain, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
            connection.execute(TABLE)
        upgrade(database, PACKAGES["grants"])
        call = _call(database)
        _groups(database, call)
        database.dispose()
        yield made, call.id
    finally:
        database.dispose()
        for service in ("booking", "grants"):
            _administer(server, f'DROP DATABASE "{made.name}_{service}" WITH (FORCE)')


def _call(database: Database) -> Call:
    """A call that closes in an hour."""
    moment = now()
    terms = CallTerms(
        district=DISTRICT,
        programme="integrated_call",
        title="동작구 통합공모",
        body="세 사람 이상이면 신청할 수 있습니다.",
        strands=("neighbourhood_alley", "group_space"),
        opens_at=moment - timedelta(days=20),
        closes_at=moment + timedelta(hours=1),
        results_on=city_date(moment) + timedelta(days=30),
        budget_won=10**12,
        ceiling_won=4_000_000,
    )
    call = calls.create(database, SYSTEM, moment, terms=terms, key="call")
    return calls.publish(database, SYSTEM, moment, call_id=call.id)


def _groups(database: Database, call: Call) -> None:
    """One group by the use cases, which also applies; the others copied from its rows, so that they hold whatever a
    group holds. Each resident leads a part of them."""
    leader = Actor(account_id=1, name="주민 대표", roles=frozenset({Role.RESIDENT}))
    details = groups.Details(name="느티나무 이웃회", district=DISTRICT, dong="상도동")
    one = groups.make(database, leader, now(), details, key="group")
    applications.file(database, leader, call_id=call.id, group_id=one.id, answers=ANSWERS, key="first")
    columns = (
        "name, name_key, district, dong, address, kind, registration_number, about, bank, bank_account, bank_holder"
    )
    people = "name, phone, address, birth_year, person_key, role, joined_at"
    with database.write() as session:
        session.execute(
            text(
                f"INSERT INTO applicant_group (id, {columns}, invite_code, created_by, created_at) "  # noqa: S608
                f"SELECT :one + number, {columns}, 'code-' || number, created_by, created_at "
                "FROM applicant_group, generate_series(1, :groups) AS number WHERE applicant_group.id = :one"
            ),
            {"one": one.id, "groups": GROUPS},
        )
        session.execute(
            text(
                f"INSERT INTO group_member (group_id, account_id, {people}) "  # noqa: S608
                "SELECT :one + number, CASE WHEN account_id IS NULL THEN NULL ELSE 1 + number % :residents END, "
                f"{people} FROM group_member, generate_series(1, :groups) AS number WHERE group_id = :one"
            ),
            {"one": one.id, "groups": GROUPS, "residents": RESIDENTS},
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def submissions(call_id: int) -> Iterator[bytes]:
    """Applications, each of another group by its leader."""
    signed_in = cookies()
    for number in range(1, GROUPS + 1):
        body = {"group_id": 1 + number, "answers": ANSWERS}
        headers = {"Cookie": signed_in[number % RESIDENTS], "Idempotency-Key": uuid4().hex}
        yield request("POST", f"/grants/api/calls/{call_id}/applications", body, headers)


def run(made: City, call_id: int, rounds: int, seconds: int) -> tuple[list[Answers], list[Answers]]:
    """The bare endpoint's answers and those of grants, of each round."""
    ours, bares = submissions(call_id), wishes(made, "/reserve")
    told: tuple[list[Answers], list[Answers]] = ([], [])
    with (
        served(made, ("-m", "deploy.cli", "serve", "grants"), "/grants/ready") as grants,
        served(made, ("-m", "tests.benchmarks.bare"), "/ready") as bare,
        Connections(grants, CLIENTS) as to_grants,
        Connections(bare, CLIENTS) as to_bare,
    ):
        to_bare.run(bares, 1)
        to_grants.run(ours, 2)
        for _ in range(rounds):
            told[0].append(to_bare.run(bares, seconds).expect(201))
            told[1].append(to_grants.run(ours, seconds).expect(201))
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=SERVER)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    with town(options.server) as (made, call_id):
        bares, ours = run(made, call_id, options.rounds, options.seconds)
    ratio = statistics.median(our.rate / bare.rate for our, bare in zip(ours, bares, strict=True))
    waits = sorted(wait for each in ours for wait in each.waits)
    sys.stdout.write(
        f"bare Flask {statistics.median(each.rate for each in bares):.0f}/s, "
        f"applications submitted {statistics.median(each.rate for each in ours):.0f}/s "
        f"(p50 {percentile(waits, 0.5) * 1000:.0f} ms, p99 {percentile(waits, 0.99) * 1000:.0f} ms)\n"
        f"applications to bare Flask {ratio:.2f}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
