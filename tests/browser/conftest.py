"""A real standalone with the demonstration, and a headless Chromium that fails on whatever a person should never meet:
a script error, a violation of the content policy, or a request to any other host."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from shared.identity.demo import PASSWORD
from shared.settings import Settings
from tests.deploy.product import environment

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

Visit = Callable[..., Page]
SIGNED_IN: dict[tuple[str, str], Any] = {}
"""The cookies of whoever has signed in on a site: the next one of this login comes with them."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a standalone that was started as a newcomer starts it."""
    settings = Settings.from_environment({"MARU_DATA": str(tmp_path_factory.mktemp("site"))})
    with started(settings) as address:
        yield address


@contextmanager
def started(settings: Settings, *options: str) -> Iterator[str]:
    """A standalone of this house, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.cli", "standalone", *options],
        env=environment(settings, MARU_PORT="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout
        for line in process.stdout:
            if found := re.search(r"listens on (http://localhost:\d+)", line):
                break
        else:
            raise AssertionError("the standalone did not start")
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def visit(site: str, chromium: Browser) -> Iterator[Visit]:
    """Open a page as somebody, at a width, in a language; at the end nothing may have gone wrong in any of them."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def refuse_outside(address: str) -> None:
        if urlsplit(address).netloc != urlsplit(site).netloc and not address.startswith(("data:", "blob:")):
            wrong.append(f"a request to another host: {address}")

    def open_as(login: str | None = None, size=DESKTOP, language: str = "ko", javascript: bool = True) -> Page:
        context = chromium.new_context(
            base_url=site, viewport=size, locale=language, java_script_enabled=javascript, timezone_id="Asia/Seoul"
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: refuse_outside(request.url))
        page.on("websocket", lambda socket: refuse_outside(socket.url))
        page.on("pageerror", lambda error: wrong.append(f"script error on {page.url}: {error}"))
        page.on("dialog", lambda dialog: (wrong.append(f"a dialog on {page.url}: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: note(page, said))
        if login and (site, login) in SIGNED_IN:
            context.add_cookies(SIGNED_IN[site, login])
            page.goto("/")
        elif login:
            page.goto("/auth/sign-in")
            page.locator("#field-login").fill(login)
            page.locator("#field-password").fill(PASSWORD)
            page.locator("#field-password").press("Enter")
            page.wait_for_url("/")
            SIGNED_IN[site, login] = context.cookies()
        return page

    def note(page: Page, said) -> None:
        if said.type in ("error", "warning") and not _expected(said.text):
            wrong.append(f"console {said.type} on {page.url}: {said.text}")

    yield open_as
    for context in contexts:
        context.close()
    assert wrong == []


def _expected(text: str) -> bool:
    """Chromium writes every 4xx answer to the console; those that a test asks for are no fault of the page."""
    return bool(re.search(r"the server responded with a status of (401|403|404|409|422)", text))


def local_day(days: int) -> datetime:
    """A day in Seoul, so many days from today."""
    return datetime.now(ZoneInfo("Asia/Seoul")) + timedelta(days=days)
