"""The pages that every service shares, their languages and their colours: nothing is lost, nothing is unreadable."""

import re
from typing import Any

import pytest
from flask import Flask, render_template
from flask_babel import force_locale

from shared.identity.actor import Actor
from shared.web.design import COLOURS
from tests.shared.markup import HOSTILE, WEB, Page, macro_names, pages_app


@pytest.fixture
def app():
    return pages_app()


# Whole pages


def render_page(app: Flask, template: str, language: str = "ko", **values: Any) -> Page:
    with app.test_request_context("/booking/units/1?a=1"), force_locale(language):
        return Page(render_template(template, **values))


@pytest.mark.parametrize(("language", "heading"), [("ko", "화면 부품"), ("en", "Building blocks")])
def test_the_living_page_shows_every_part_in_both_languages(app, language, heading):
    answer = app.test_client().get("/design", headers={"Accept-Language": language})
    page = Page(answer.text)
    assert page.one("html")["lang"] == language
    assert page.one("h1").text == heading
    ids = [each["id"] for each in page.elements if each.get("id")]
    assert len(ids) == len(set(ids))
    assert not [each for each in page.elements if "style" in each or any(name.startswith("on") for name in each)]
    used = " ".join((WEB / "templates/maru" / name).read_text("utf-8") for name in DESIGN_PAGES)
    assert {name for name in macro_names() if f"{name}(" not in used} == set()


DESIGN_PAGES = ["design.html", *(f"design/{part}.html" for part in ("tokens", "forms", "data", "week"))]


def test_the_frame_offers_the_other_language_and_comes_back(app):
    page = render_page(app, "maru/error.html", code=404, message="없습니다.")
    assert "to=en&next=%2Fbooking%2Funits%2F1%3Fa%3D1" in page.one("a", hreflang="en")["href"]
    assert page.one("a", class_="skip-link")["href"] == "#main"
    assert page.by_id("main").tag == "main"
    assert "ko" in [each["lang"] for each in page.all("html")]


def test_who_is_signed_in_can_sign_out(app):
    app.config["ACTOR"] = Actor(1, HOSTILE)
    page = render_page(app, "maru/error.html", code=404, message="없습니다.")
    form = page.one("form", action="/auth/sign-out")
    assert form["method"] == "post"
    assert [each for each in form.inside if each.get("name") == "csrf_token"]
    assert HOSTILE in page.one("header", class_="site-header").text


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 418, 422, 500, 503])
def test_an_error_says_what_happened_and_where_to_go(app, code):
    page = render_page(
        app, "maru/error.html", code=code, reason="x", message="설명입니다.", fields={"a": ["틀립니다."]}
    )
    main = page.by_id("main")
    assert "설명입니다." in main.text
    assert "틀립니다." in main.text
    assert str(code) in main.text
    assert [each for each in main.inside if each.tag == "a"]


def test_a_form_whose_token_ran_out_can_be_sent_again(app):
    typed = [("title", HOSTILE), ("people", "12")]
    page = render_page(app, "maru/error.html", code=400, reason="csrf_failed", message="다시.", resume=typed)
    form = page.one("form", method="post")
    carried = [(each["name"], each["value"]) for each in form.inside if each.tag == "input"]
    assert [pair for pair in carried if pair[0] != "csrf_token"] == typed
    assert len(carried) == 3


def test_signing_in_keeps_the_way_back_and_the_interrupted_form(app):
    page = render_page(
        app,
        "maru/sign_in.html",
        action="/auth/sign-in",
        next="/booking/mine",
        login=HOSTILE,
        message="맞지 않습니다.",
        resume=[("title", "모임")],
        oidc_href="/auth/oidc",
        demo_accounts=[{"login": "resident", "password": "p", "name": "주민"}],
    )
    first, demo = page.all("form", action="/auth/sign-in")
    sent = {each["name"]: each.get("value", "") for each in first.inside if each.tag == "input"}
    assert sent | {"csrf_token": ""} == {
        "csrf_token": "",
        "next": "/booking/mine",
        "carried.title": "모임",
        "login": HOSTILE,
        "password": "",
    }
    assert {each["name"] for each in demo.inside if each.tag == "input"} >= {"login", "password", "next", "csrf_token"}
    assert "맞지 않습니다." in page.one("div", role="alert").text
    assert page.one("a", href="/auth/oidc?next=%2Fbooking%2Fmine")


def test_a_form_that_needs_a_sign_in_is_carried_through_it(app):
    page = render_page(app, "maru/sign_in_needed.html", target="/x", message="로그인하세요.", resume=[("a", "1")])
    assert page.one("input", name="carried.a")["value"] == "1"
    again = render_page(app, "maru/resume.html", target="/x", resume=[("a", "1")])
    assert again.one("form", action="/x")["method"] == "post"
    assert again.one("input", name="a")["value"] == "1"


# Colours


def themes() -> dict[str, dict[str, str]]:
    """The tokens of tokens.css in each theme; the dark one changes what it names."""
    light, dark = (WEB / "static/tokens.css").read_text("utf-8").split("@media screen and (prefers-color-scheme: dark)")
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": found[0], "dark": found[0] | found[1]}


def contrast(one: str, other: str) -> float:
    """WCAG 2: the ratio of relative luminances, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "pine", "wood", "danger-ink") for ground in ("paper", "surface")),
    *((ink, "sunken") for ink in ("ink", "ink-soft")),
    *((f"{tone}-ink", f"{tone}-tint") for tone in ("neutral", "info", "success", "warning", "danger")),
    *(("on-pine", ground) for ground in ("pine", "pine-strong")),
    *(("on-danger", ground) for ground in ("danger", "danger-strong")),
    *(("on-beam", ground) for ground in ("beam", "beam-press")),
    *(
        ("ink", "pine-tint"),
        ("pine-tint-ink", "pine-tint"),
        ("wood", "wood-tint"),
        ("ink", "wood-tint"),
        ("on-beam-soft", "beam"),
    ),
]
SHAPES = [
    *((shape, "paper") for shape in ("line-strong", "focus", "pine", "wood", "danger")),
    *((shape, "surface") for shape in ("line-strong", "focus", "pine", "wood", "danger")),
    *(
        (f"stage-{stage}", "surface")
        for stage in ("selected", "budgeted", "workshop", "design", "construction", "open")
    ),
    *(("stage-retired", "surface"), ("on-beam-focus", "beam")),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_and_shapes_seen(theme):
    tokens = themes()[theme]
    weak = {(a, b): round(contrast(tokens[a], tokens[b]), 2) for a, b in TEXT if contrast(tokens[a], tokens[b]) < 4.5}
    faint = {(a, b): round(contrast(tokens[a], tokens[b]), 2) for a, b in SHAPES if contrast(tokens[a], tokens[b]) < 3}
    assert (weak, faint) == ({}, {})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_steps_of_a_choropleth_go_one_way(theme):
    tokens = themes()[theme]
    steps = [contrast(tokens[f"ramp-{number}"], tokens["paper"]) for number in range(1, 6)]
    assert steps == sorted(steps)


def test_every_colour_of_the_living_page_and_of_the_sheets_is_a_token():
    declared = set(re.findall(r"--([\w-]+):", (WEB / "static/tokens.css").read_text("utf-8")))
    assert {name for row in COLOURS for name in row} <= declared
    sheets = {file.name: file.read_text("utf-8") for file in (WEB / "static").glob("*.css")}
    together = "".join(sheets.values())
    assert set(re.findall(r"var\(--([\w-]+)", together)) <= set(re.findall(r"--([\w-]+):", together))
    literal = {name for name, text in sheets.items() if re.search(r"#[0-9a-f]{3,8}\b|rgb\(", text)}
    assert literal == {"tokens.css", "print.css"}


def test_sheets_and_scripts_fetch_nothing():
    for file in (WEB / "static").iterdir():
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"https?://|@import|url\(", text) == [], file.name
