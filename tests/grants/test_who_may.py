"""Every address of grants, asked by those who have nothing to do with what it names: nobody, people of another group,
a reviewer without an assignment, another district's staff, a keeper of a space. Made from the url map, so that a new
address is asked too; one whose numbers are unknown here fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from werkzeug.routing import Rule

from shared.identity.access import ANYONE, SIGNED_IN, declared
from tests.grants.full_world import ELSEWHERE, IDLE, KEEPER, SECRET, STRANGER, World, build, token
from tests.house import TestHouse

PRIVATE = {
    "application_id",
    "one",
    "other",
    "tranche_id",
    "change_id",
    "expense_id",
    "review_id",
    "order_id",
    "objection_id",
    "meeting_id",
    "item_id",
    "sanction_id",
    "appointment_id",
    "attachment_id",
    "group_id",
    "member_id",
}
"""The numbers of what is not everybody's."""
WHO = {"nobody": None, "another group": STRANGER, "idle reviewer": IDLE, "elsewhere": ELSEWHERE, "keeper": KEEPER}
OPEN: set[str] = set()
"""Addresses that anybody of their role may open, whatever they name."""
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
FORM = {
    "reason": "까닭이 있습니다.",
    "answer": "답입니다.",
    "words": "말입니다.",
    "note": "적습니다.",
    "key": "a-key",
    "decision": "accept",
    "event": "advance",
    "approve": "yes",
    "outcome": "select",
    "result": "passed",
    "findings": "보았습니다.",
    "checked_on": "2026-01-02",
    "done_on": "2026-01-02",
    "paid_on": "2026-01-02",
    "amount_won": "1000",
    "came_won": "1000",
    "accepted_won": "1000",
    "awarded_won": "1000",
    "interest_won": "0",
    "reference": "이체",
    "party": "group",
    "version": "1",
    "hash": "0" * 64,
    "body_hash": "0" * 64,
    "choice": "for",
    "there": "yes",
    "name": "새 사람",
    "title": "제목",
    "place": "회의실",
    "kind": "content",
    "category": "activity",
    "item": "materials",
    "payee": "가게",
    "purpose": "쓸 곳",
    "spent_on": "2026-01-02",
    "step": "withdraw",
    "upheld": "yes",
    "account_id": "9004",
    "starts_on": "2026-01-02",
    "ends_on": "2026-12-02",
    "held_on": "2027-01-02",
    "held_time": "10:00",
    "application": "1",
}


@pytest.fixture
def world(house: TestHouse) -> World:
    return build(house)


def routes(world: World) -> Iterator[tuple[Rule, str]]:
    for rule in world.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def path_of(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build(values)
    assert built
    return "/grants" + built[1]


def paths(world: World, rule: Rule, most: int, every: int = 1) -> list[str]:
    """The rule with real numbers in it: up to `most` of them, every so many."""
    unknown = rule.arguments - world.ids.keys()
    assert not unknown, f"{rule.rule}: say in tests/grants/full_world.py which {unknown} there are"
    longest = max((len(world.ids[name]) for name in rule.arguments), default=1)
    return [
        path_of(rule, {name: world.ids[name][index % len(world.ids[name])] for name in rule.arguments})
        for index in range(0, min(longest, most), every)
    ]


class Bodies:
    """JSON bodies that the API's own description says are right."""

    def __init__(self, world: World) -> None:
        self.described = world.browser(None).get("/grants/api/openapi.json").get_json()

    def of(self, rule: Rule, method: str) -> dict[str, Any]:
        name = "/grants" + "".join(f"{{{part}}}" if is_argument else part for is_argument, part in parts(rule))
        known = self.described["paths"]
        path = known.get(name) or known[name.removeprefix("/grants")]
        body = path[method.lower()].get("requestBody", {}).get("content", {}).get("application/json", {})
        return self.example(body.get("schema", {})) if body else {}

    def example(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self.example(self.described["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        if "allOf" in schema:
            return self.example(schema["allOf"][0])
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        kind = next((each for each in kind if each != "null"), None) if isinstance(kind, list) else kind
        if kind == "object" or "properties" in schema:
            return {key: self.example(each) for key, each in schema.get("properties", {}).items()}
        if kind == "string":
            days = {"date": "2026-01-02", "date-time": "2027-01-02T10:00:00+09:00"}
            return days.get(schema.get("format", ""), "까닭이 있습니다.")
        least = schema.get("minimum", 1)
        return {"integer": least, "number": least, "boolean": True, "array": []}.get(str(kind))


def parts(rule: Rule) -> Iterator[tuple[bool, str]]:
    for part in rule.rule.replace(">", "<").split("<"):
        yield (part.rpartition(":")[2] in rule.arguments and part != "", part.rpartition(":")[2])


def asks(world: World, browser: Any, csrf: str, rule: Rule, method: str, path: str, bodies: Bodies) -> tuple[int, str]:
    """Status and text of the answer; 599 for what came out of the program itself."""
    more: dict[str, Any] = {}
    if method in CHANGES:
        if "/api/" in path:
            more = {"json": bodies.of(rule, method), "headers": {"Idempotency-Key": "a-key"}}
        else:
            more = {"data": FORM | {"csrf_token": csrf}}
    try:
        answer = browser.open(path, method=method, **more)
    except Exception as error:  # the test's own client lets it through
        return 599, repr(error)
    return answer.status_code, text_of(answer)


def text_of(answer: Any) -> str:
    """What it says, also inside a workbook."""
    if "spreadsheet" not in (answer.mimetype or ""):
        return answer.get_data(as_text=True)
    with ZipFile(BytesIO(answer.get_data())) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


def test_who_has_nothing_to_do_with_it_reads_and_changes_nothing(world: World) -> None:
    bodies = Bodies(world)
    wrong: Counter[str] = Counter()
    asked = 0
    before = world.contents()
    for who, actor in WHO.items():
        browser = world.browser(actor)
        csrf = token(browser)
        for rule, method in routes(world):
            access = declared(world.app, rule.endpoint, method)
            assert access is not None
            staff = access not in (ANYONE, SIGNED_IN)
            private = bool(rule.arguments & PRIVATE) or bool(rule.arguments and staff)
            if not private and method in CHANGES:
                continue  # whoever may call it makes something of their own
            inside = access is ANYONE or (actor is not None and (not staff or actor.has(*access.any_of)))
            in_each_state = inside and private and who in ("another group", "elsewhere")
            for path in paths(world, rule, 99 if in_each_state else 1, 4 if method in CHANGES else 1):
                status, text = asks(world, browser, csrf, rule, method, path, bodies)
                asked += 1
                told = f"{method} {rule.rule} ({who}): {status}{text[:200] if status == 599 else ''}"
                if SECRET in text:
                    wrong[f"{told} with what is in it"] += 1
                elif (
                    status >= 500
                    or (not inside and status not in ((401, 302) if actor is None else (403,)))
                    or (private and inside and rule.rule not in OPEN and status not in (401, 403, 404))
                ):
                    wrong[told] += 1
    assert wrong == {}, "\n".join(f"{times} x {what}" for what, times in sorted(wrong.items()))
    after = world.contents()
    changed = [each for name in before for each in set(after[name]) ^ set(before[name])]
    assert [each for each in changed if ".exported" not in each] == []  # a list of one's own, with nothing in it
    assert asked > 1000
