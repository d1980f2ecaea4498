"""The logs say what happened to the program, and nothing about people."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr

import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from shared import logs
from shared.identity.access import ANYONE
from shared.identity.models import Account
from shared.web.app import build_app
from shared.web.pages import Page

WORDS = "홍길동 010-1234-5678"


def logged(do: Callable[[], object], level: str = "debug", form: str = "json") -> str:
    """What is written to standard error meanwhile."""
    stream = io.StringIO()
    with redirect_stderr(stream):
        logs.configure(level, form)
        try:
            do()
        finally:
            written = stream.getvalue()
    logs.configure("warning")
    return written


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_stands_for_personal_data_is_not_written(form):
    personal = dict.fromkeys(logs.PERSONAL, WORDS)
    written = logged(lambda: structlog.get_logger().warning("something", subject="account:7", **personal), form=form)
    assert "account:7" in written
    assert WORDS not in written
    assert all(key in written for key in logs.PERSONAL)


def test_json_is_one_object_a_line():
    def say() -> None:
        structlog.get_logger().info("first", number=1)
        structlog.get_logger().error("둘째", number=2)

    lines = [json.loads(line) for line in logged(say).splitlines()]
    assert [(line["level"], line["event"], line["number"]) for line in lines] == [
        ("info", "first", 1),
        ("error", "둘째", 2),
    ]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_only_what_the_level_asks_for_is_written(house):
    browser = house.client()
    assert logged(lambda: browser.get("/"), level="info") == ""
    assert "home.show" in logged(lambda: browser.get("/"), level="debug")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_request_with_a_name_in_its_address_logs_only_the_route(house, form):
    browser = house.client("resident")

    def ask() -> None:
        browser.get("/", query_string={"q": WORDS})
        browser.get(f"/districts/{WORDS}")
        browser.get(f"/nowhere/{WORDS}", headers={"User-Agent": WORDS.encode().decode("latin-1"), "Referer": "/secret"})

    written = logged(ask, form=form)
    for route in ("home.show", "districts.one"):
        assert route in written
    assert written.count("milliseconds") == 3
    for leak in ("홍길동", "%ED%99%8D", "010-1234", "/nowhere", "secret", "가온"):
        assert leak not in written


def test_signing_in_logs_neither_login_nor_password(house):
    browser = house.client()
    form = {"login": "resident", "password": "a wrong password"}
    written = logged(lambda: browser.post_form("/auth/sign-in", form))
    assert "pages.sign_in" in written
    assert "401" in written
    assert "resident" not in written
    assert "a wrong password" not in written


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_unexpected_error_is_logged_by_kind_and_line_without_its_words(house, form):
    database = house.databases["identity"]

    def quoting() -> str:
        return str(int(WORDS))

    def storing() -> str:
        row = {"login": "resident", "name": WORDS, "roles": [], "spaces": []}
        with database.write() as session:
            session.execute(insert(Account).values(row))
        return ""

    pages = (Page("/quoting", quoting, ANYONE), Page("/storing", storing, ANYONE))
    app = build_app("shared.identity", house.settings, database, pages=pages, api_title="Logs")
    browser = app.test_client()

    quoted = logged(lambda: browser.get("/quoting"), form=form)
    assert "ValueError" in quoted
    assert "in quoting" in quoted
    stored = logged(lambda: browser.get("/storing"), form=form)
    assert IntegrityError.__name__ in stored
    assert "in storing" in stored
    for written in (quoted, stored):
        assert "홍길동" not in written
        assert "010-1234" not in written


def test_a_cause_is_told_before_its_effect():
    def fail() -> None:
        try:
            try:
                int(WORDS)
            except ValueError as error:
                raise LookupError(WORDS) from error
        except LookupError:
            structlog.get_logger().exception("failed")

    told = json.loads(logged(fail))["exception"]
    assert told.index("ValueError") < told.index("LookupError")
    assert "홍길동" not in told
