"""Whatever people write, in every text that anybody may write: no page makes markup of it, no table a formula, no
calendar a line of its own. Every address that gives something is read by everybody whom it concerns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any
from zipfile import ZipFile

from sqlalchemy import select, update

from services.grants.models import Application, Base, Intermediary, ProgrammeVersion, Space
from tests.grants.full_world import BOSS, LEADER, OWN, REVIEWER, World, build
from tests.grants.test_who_may import paths, routes
from tests.house import TestHouse

HOSTILE = "=1+'\"></script><i xss>\r\nX-XSS:1"
WRITTEN = {
    "title",
    "body",
    "name",
    "plan",
    "group_name",
    "representative",
    "reason",
    "conditions",
    "about",
    "address",
    "bank",
    "bank_holder",
    "note",
    "words",
    "answer",
    "purpose",
    "payee",
    "reference",
    "comment",
    "place",
    "affiliation",
    "operator",
    "lift_reason",
    "minutes",
    "dong",
    "findings",
}
"""Columns that hold what people write."""
MACHINE = {("expense", "findings")}


class Markup(HTMLParser):
    """Notices what should never be markup, in pages and in drawings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if any(name == "xss" for name, _ in attrs):
            self.found.append(str(self.get_starttag_text())[:80])


def write_it_everywhere(world: World) -> None:
    with world.database.write() as session:
        session.add(Space(id=77, name=HOSTILE, district="11590", stage="open", latitude=37.5, longitude=126.9))
        session.add(Intermediary(district="11590", year=2026, mode="direct", operator=HOSTILE, funding_won=1))
        session.flush()
        for table in Base.metadata.sorted_tables:
            names = [each.name for each in table.columns if each.name in WRITTEN]
            names = [each for each in names if (table.name, each) not in MACHINE]
            if names and table.name not in ("posting", "filing", "budget_line"):
                text = HOSTILE.replace("\r\n", " ") if table.name == "attachment" else HOSTILE  # no file is called so
                session.execute(update(table).values(dict.fromkeys(names, text)))
        people = [{"name": HOSTILE, "address": HOSTILE, "birth_year": "1980"}]
        line = {"category": "activity", "item": "materials", "grant_won": 2_000_000, "self_won": 0, "note": HOSTILE}
        said = {"title": HOSTILE, "plan": HOSTILE, "members": people, "budget": [line]}
        session.execute(update(Application).values(answers=said, typed=said, space_id=77))
        for version in session.scalars(select(ProgrammeVersion)):
            version.definition = _hostile(version.definition)
            version.definition_hash = "f" * 64


def _hostile(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: each + HOSTILE if key in ("ko", "en") and isinstance(each, str) else _hostile(each)
            for key, each in value.items()
        }
    return [_hostile(each) for each in value] if isinstance(value, list) else value


def wrong_in(answer: Any) -> list[str]:
    kind = answer.mimetype or ""
    if "spreadsheet" in kind:
        with ZipFile(io.BytesIO(answer.get_data())) as packed:
            sheets = [packed.read(name).decode() for name in packed.namelist() if "sheet" in name]
        return ["a formula"] if any(re.search(r"<f[ >]", each) for each in sheets) else []
    text = answer.get_data(as_text=True)
    if kind == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]
        return [cell[:40] for cell in cells if re.match(r"[=+@\t\r]|-(?!\d)", cell)]
    if kind == "text/calendar":
        return [line for line in text.splitlines() if line.startswith(("X-XSS", "<i", "=1"))]
    if kind in ("text/html", "image/svg+xml"):
        inside = re.findall(r"<script[^>]*>(.*?)</script>", text, re.S)
        raw = [each[:80] for each in inside if "<i xss>" in each]
        return Markup(text).found + raw
    assert kind in ("application/json", "text/plain", "application/pdf"), kind
    return []


def test_nothing_that_people_write_becomes_markup(house: TestHouse) -> None:
    world = build(house)
    write_it_everywhere(world)
    wrong: Counter[str] = Counter()
    shown = read = 0
    for who, actor in {"city": BOSS, "own": OWN, "leader": LEADER, "reviewer": REVIEWER, "nobody": None}.items():
        browser = world.browser(actor)
        for rule, method in routes(world):
            if method != "GET" or (who == "nobody" and "application_id" in rule.arguments):
                continue
            for path in paths(world, rule, 99 if who == "city" else 12, 3 if who == "city" else 11):
                answer = browser.get(path)
                read += answer.status_code == 200
                if answer.status_code >= 500:
                    wrong[f"{rule.rule} ({who}): {answer.status_code}"] += 1
                for each in wrong_in(answer):
                    wrong[f"{rule.rule} ({who}): {each}"] += 1
                shown += "&lt;i xss&gt;" in answer.get_data(as_text=True) if answer.mimetype == "text/html" else 0
    assert wrong == {}, "\n".join(map(str, sorted(wrong.items())))
    assert read > 300
    assert shown > 150
