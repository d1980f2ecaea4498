"""A page of grants costs as many queries in a city of many applications as in a village. Rooms count their own lists
more closely; this walks all of them at once."""

from __future__ import annotations

from typing import Any

from services.grants.models import Call
from services.grants.reviewing import assigning
from shared.clock import now
from shared.database import Database
from shared.identity.actor import Actor
from tests.grants import meeting_room, review_room, stage
from tests.grants.conftest import AFTER, DONGJAK
from tests.grants.review_room import counting
from tests.grants.spending import OVER, running

STATES = ("submitted", "eligible", "document_review", "deliberation", "reserve", "selected", "rejected")
PAGES = {
    None: ("/", "/calls/calendar", "/calls/map", "/calls/1", "/calls/1/results", "/projects", "/refuses"),
    "resident": ("/mine", "/groups", "/eligible", "/applications/{running}/expenses", "/applications/{running}"),
    "dongjak": (
        *(f"/manage{rest}" for rest in (
            "", "/objections", "/payments", "/changes", "/expenses", "/settlements", "/returns", "/reviewers",
        )),
        *(f"/calls/1{rest}" for rest in (
            "/applications", "/duplicates", "/review/document_review", "/review/document_review/reviewers", "/ranking",
            "/meetings", "/announcement", "/sandbox",
        )),
        "/meetings", "/meetings/{meeting}", "/applications/{running}/audit",
    ),
    "reviewer": ("/reviews", "/meetings"),
    "city": ("/manage", "/manage/payments", "/budget"),
}  # fmt: skip
ROW_BY_ROW = {"resident /mine", "dongjak /manage/payments", "city /manage/payments"}
"""Each row asks the guards that block it, a few queries each: bounded by the rows that a page shows."""


def test_a_city_costs_as_many_queries_as_a_village(house: Any, database: Database, publish: Any) -> None:
    call, browsers = publish(budget_won=900_000_000), {login: house.client(login) for login in PAGES}
    group, judge = house.actor("resident"), house.actor("reviewer")
    review_room.appoint(database, (judge.account_id, 702, 703, 704))
    meeting_room.appoint(database)

    def costs(**ids: int) -> dict[str, int]:
        """The second visit of each page; the first fills what is kept."""
        found = {}
        for _ in range(2):
            for login, paths in PAGES.items():
                for path in paths:
                    with counting(database) as statements:
                        page = browsers[login].get("/grants" + path.format(**ids))
                    assert page.status_code == 200, (login, path, page.status_code)
                    found[f"{login} {path}"] = len(statements)
        return found

    few = costs(**fill(database, call, group, 2))
    many = costs(**fill(database, call, group, 15))
    grown = {page: (few[page], many[page]) for page in many if many[page] > few[page]}
    assert grown.keys() <= ROW_BY_ROW
    assert {page: number for page, number in many.items() if number > (120 if page in ROW_BY_ROW else 45)} == {}


def fill(database: Database, call: Call, group: Actor, number: int) -> dict[str, int]:
    """So many applications of one person's groups in each state, with reviews, a meeting, expenses and settlements."""
    account_id = group.account_id or 0
    for _ in range(number):
        for state in STATES:
            group_id = stage.group(database, AFTER, (account_id,))
            stage.application(database, call, group_id, AFTER, state=state, account_id=account_id)
        project = running(database, call, accounts=(account_id,), paid_won=1_400_000)
        for index in range(number):
            project.record(payee=f"가게 {project.id}-{index}")
        settled = running(database, call, accounts=(account_id,), paid_won=1_400_000)
        settled.record(payee=f"가게 {settled.id}")
        settled.file(at=OVER)
    assigning.assign_stage(database, DONGJAK, AFTER, call_id=call.id, stage_key=review_room.STAGE)
    meeting = meeting_room.planned(database, call, key=f"m{number}", at=now())
    return {"running": project.id, "meeting": meeting.id}
