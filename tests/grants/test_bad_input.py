"""Every form and every JSON body of grants, brought wrong: what is no amount, no number, no day and no text, far too
much of it, or of another type. The answer says what is wrong (4xx); nothing fails, and nothing that is refused is
kept."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, event
from werkzeug.exceptions import HTTPException

from shared.identity.access import declared
from tests.grants.full_world import BOSS, LEADER, OWN, REVIEWER, World, build, token
from tests.grants.test_who_may import CHANGES, Bodies, path_of, paths, routes
from tests.house import TestHouse

TYPED = (
    "1000000000",
    "-1",
    "１２３",
    "1" + "0" * 30,
    "NaN",
    "1e9",
    "\x01\x02",
    "9" * 5_000,
    "가" * 100_000,
    "",
    "2026-02-31",
    "9999-12-31T23:59",
    "2147483648",
    "0",
    "../../etc/passwd",
)
GIVEN: tuple[Any, ...] = (
    None,
    -1,
    10**30,
    2**63,
    1e9,
    float("nan"),
    "NaN",
    "１２３",
    [],
    {},
    [[]],
    {"a": None},
    True,
    "\x01",
    "가" * 50_000,
    0,
    "",
)
DEEP: list[Any] = []
for _ in range(900):
    DEEP = [DEEP]
NUMBERS = (0, 2**31, 2**63, 10**30)
WHO = {"city": BOSS, "own": OWN, "leader": LEADER, "reviewer": REVIEWER}


@pytest.fixture
def world(house: TestHouse) -> World:
    return build(house)


@contextmanager
def writes(engine: Engine) -> Iterator[list[str]]:
    """The tables that committed units of work wrote to, but for the audit."""
    kept: list[str] = []
    open_ones: dict[Any, list[str]] = {}

    def noted(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found = re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', statement)
        if found and found[1] != "audit":
            open_ones.setdefault(connection, []).append(found[1])

    def committed(connection: Any) -> None:
        kept.extend(open_ones.pop(connection, []))

    def undone(connection: Any) -> None:
        open_ones.pop(connection, None)

    hooks: dict[str, Any] = {"before_cursor_execute": noted, "commit": committed, "rollback": undone}
    for name, hook in hooks.items():
        event.listen(engine, name, hook)
    try:
        yield kept
    finally:
        for name, hook in hooks.items():
            event.remove(engine, name, hook)


class Sweep:
    """Asks, and notes what should not be."""

    def __init__(self, world: World) -> None:
        self.world, self.wrong, self.asked = world, Counter[str](), 0

    def ask(self, browser: Any, path: str, what: str, **how: Any) -> int:
        with writes(self.world.database.engine) as kept:
            try:
                status = browser.open(path, **how).status_code
            except HTTPException as error:
                status = error.code or 500
            except Exception as error:
                self.wrong[f"{what}: {type(error).__name__} {str(error)[:160]}"] += 1
                return 599
        self.asked += 1
        if status >= 500:
            self.wrong[f"{what}: {status}"] += 1
        elif status >= 400 and kept and not what.startswith(KEEPS):
            self.wrong[f"{what}: {status} and wrote {sorted(set(kept))}"] += 1
        return status


KEEPS = ("POST /applications/<int:application_id>/draft",)
"""What is typed into a draft is kept, whatever is wrong with it."""


def forms(world: World, browser: Any) -> dict[tuple[str, frozenset[str]], tuple[str, dict[str, str]]]:
    """Every form that somebody finds on their pages: by its address and its fields, where it goes and what it says."""
    found: dict[tuple[str, frozenset[str]], tuple[str, dict[str, str]]] = {}
    adapter = world.app.url_map.bind("x")
    for rule, method in routes(world):
        if method != "GET" or "/api" in rule.rule or "." in rule.rule.rpartition("/")[2]:
            continue
        for path in paths(world, rule, 30, 2):
            answer = browser.get(path)
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            for form in re.findall(r"<form\b.*?</form>", answer.text, re.S):
                head = re.match(r"<form\b[^>]*>", form)
                assert head
                if 'method="post"' not in head[0].lower():
                    continue
                action = re.search(r'action="([^"]*)"', head[0])
                to = (action[1] if action else path).partition("?")[0]
                fields = dict.fromkeys(re.findall(r'<(?:input|select|textarea)\b[^>]*?name="([^"]+)"', form), "")
                for name, value in re.findall(r'name="([^"]+)"[^>]*?value="([^"]*)"', form):
                    fields[name] = value
                fields.pop("csrf_token", None)
                if not to.startswith("/grants"):
                    continue
                target, _ = adapter.match(to.removeprefix("/grants"), method="POST", return_rule=True)
                found.setdefault((target.rule, frozenset(fields)), (to, fields))
    return found


def test_every_form_says_what_is_wrong(world: World) -> None:
    sweep, turn = Sweep(world), count()
    seen = set()
    for who, actor in WHO.items():
        browser = world.browser(actor)
        csrf = token(browser)
        for (rule, names), (path, fields) in forms(world, browser).items():
            if (rule, names) in seen:
                continue
            seen.add((rule, names))
            what = f"POST {rule} ({who})"
            if sweep.ask(browser, path, what, method="POST", data=fields) != 400:
                sweep.wrong[f"{what} took a form without its token"] += 1
            for name in sorted(fields)[:14]:
                value = TYPED[next(turn) % len(TYPED)]
                data: dict[str, Any] = {
                    **fields,
                    "csrf_token": csrf,
                    name: [value, "twice"] if next(turn) % 5 == 0 else value,
                }
                sweep.ask(browser, path, f"{what} {name}={value[:20]!r}", method="POST", data=data)
            for value in (TYPED[next(turn) % len(TYPED)], TYPED[next(turn) % len(TYPED)]):
                data = dict.fromkeys(fields, value) | {"csrf_token": csrf}
                sweep.ask(browser, path, f"{what} all={value[:20]!r}", method="POST", data=data)
    assert sweep.wrong == {}, "\n".join(sorted(sweep.wrong))
    assert len(seen) > 40
    assert sweep.asked > 300


def test_every_body_says_what_is_wrong(world: World) -> None:
    sweep, turn, bodies = Sweep(world), count(), Bodies(world)
    for who, actor in WHO.items():
        browser = world.browser(actor)
        for rule, method in routes(world):
            access = declared(world.app, rule.endpoint, method)
            if (
                "/api/" not in rule.rule
                or method not in CHANGES
                or access is None
                or not (not access.any_of or actor.has(*access.any_of))
            ):
                continue
            path, right = paths(world, rule, 1)[0], bodies.of(rule, method)
            what = f"{method} {rule.rule} ({who})"
            keyed = {"Idempotency-Key": "k"}
            for body in (b"", b"{", b"[]", b'"x"', b"null", b"5", b"\xff", b'{"a": "\\ud800"}', b"[" * 50_000):
                more = {"data": body, "content_type": "application/json", "headers": keyed}
                sweep.ask(browser, path, f"{what} {body[:12]!r}", method=method, **more)
            for key in ("", "가", "x" * 500, " "):
                if key.isascii():
                    more = {"json": right, "headers": {"Idempotency-Key": key}}
                    sweep.ask(browser, path, f"{what} key {key[:9]!r}", method=method, **more)
            for name in list(right)[:1]:
                deep = json.dumps({**right, name: {"title": DEEP}})
                more = {"data": deep, "content_type": "application/json", "headers": keyed}
                sweep.ask(browser, path, f"{what} deep", method=method, **more)
            for name in right:
                for _ in range(4):
                    value = GIVEN[next(turn) % len(GIVEN)]
                    more = {"data": json.dumps({**right, name: value}), "content_type": "application/json"}
                    sweep.ask(browser, path, f"{what} {name}={str(value)[:20]!r}", method=method, headers=keyed, **more)
    assert sweep.wrong == {}, "\n".join(sorted(sweep.wrong))
    assert sweep.asked > 200


def test_every_address_knows_numbers_that_are_none(world: World) -> None:
    sweep, turn = Sweep(world), count()
    browser = world.browser(BOSS)
    csrf = token(browser)
    asked = [
        "page",
        "year",
        "as_of",
        "district",
        "state",
        "phase",
        "q",
        "sort",
        "month",
        "cut",
        "quota",
        "strand",
        "call",
        "only",
        "text",
        "before",
        "worst",
        "kind",
    ]
    for rule, method in routes(world):
        numbers = [name for name in rule.arguments if isinstance(world.ids[name][0], int)]
        what = f"{method} {rule.rule}"
        for number in NUMBERS if numbers else ():
            values = {name: world.ids[name][0] for name in rule.arguments} | dict.fromkeys(numbers, number)
            more: dict[str, Any] = {"data": {"csrf_token": csrf}} if method in CHANGES else {}
            status = sweep.ask(browser, path_of(rule, values), f"{what} {number}", method=method, **more)
            if 200 <= status < 300 and method == "GET":
                sweep.wrong[f"{what} {number} is there"] += 1
        if method == "GET":
            for _ in range(3):
                query = {name: TYPED[next(turn) % len(TYPED)][:300] for name in asked}
                sweep.ask(browser, paths(world, rule, 1)[0], f"{what} {query}"[:300], query_string=query)
    assert sweep.wrong == {}, "\n".join(sorted(sweep.wrong))
    assert sweep.asked > 300
