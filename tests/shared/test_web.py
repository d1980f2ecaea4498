"""What every answer has in common: the one error form, the headers, who is let in with a change, health."""

import dataclasses
import re
from urllib.parse import quote, unquote

import marshmallow as ma
import pytest
from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.test import Client

from deploy.house import House
from shared.identity.access import ANYONE, allow
from shared.refusal import Refusal
from shared.settings import PREFIXES, SERVICES
from shared.web.app import build_app
from shared.web.pages import Page
from tests.deploy.product import free_port
from tests.house import Browser

PAGE_OF = {"maps": "/", "booking": "/booking/", "grants": "/grants/", "auth": "/auth/sign-in"}


class Form(ma.Schema):
    people = ma.fields.Integer(required=True)


blueprint = Blueprint("things", __name__, url_prefix="/api/things")


@blueprint.route("")
class Things(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(Form)
    def post(self, form):
        return {"people": form["people"]}

    @allow(ANYONE)
    def get(self):
        raise KeyError("a fault of the program")

    def delete(self):
        return {"forgotten": "to declare who may"}


def broken() -> str:
    raise KeyError("a fault of the program")


def refused() -> str:
    raise Refusal("invalid_input", 422, fields={"people": ["bad_request"]})


def taken() -> str:
    return request.form["text"]


PAGES = (
    Page("/broken", broken, ANYONE),
    Page("/refused", refused, ANYONE),
    Page("/taken", taken, ANYONE, methods=("POST",)),
)


@pytest.fixture
def small(house):
    """A small application of the same make, with faults of its own."""
    database = house.databases["identity"]
    return build_app("shared.identity", house.settings, database, pages=PAGES, apis=[blueprint], api_title="Things")


def form_of(answer, status: int, code: str) -> dict:
    """The one form of an error in JSON."""
    assert answer.status_code == status, answer.text
    assert answer.is_json
    form = answer.get_json()
    assert set(form) == {"status", "code", "message", "fields"}
    assert (form["status"], form["code"]) == (status, code)
    assert re.search("[가-힣]", form["message"])
    return form


def page_of(answer, status: int, *texts: str) -> str:
    """The one form of an error as a page."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "text/html"
    assert '<html lang="ko"' in answer.text
    assert '<main id="main"' in answer.text
    for text in texts:
        assert text in answer.text
    return answer.text


# The one error form


@pytest.mark.parametrize("prefix", ["", "/booking", "/grants", "/auth"])
def test_an_unknown_address_is_not_found_by_any_method(house, prefix):
    browser = house.client()
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        page_of(browser.open(f"{prefix}/nowhere", method=method), 404, "오류 404", "찾는 화면이 없습니다")
        form_of(browser.open(f"{prefix}/api/nowhere", method=method), 404, "not_found")


def test_a_method_that_is_not_there_is_told(house):
    browser = house.client()
    page_of(browser.get("/auth/sign-out"), 405, "오류 405")
    page_of(browser.post("/districts"), 405, "오류 405")
    form_of(browser.delete("/api/spaces"), 405, "method_not_allowed")
    assert set(browser.options("/booking/mine").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_signing_in_is_asked_for(house):
    browser = house.client()
    page = page_of(browser.get("/booking/mine?day=2026-11-22"), 401, "로그인")
    targets = re.findall(r'href="/auth/sign-in\?next=([^"]+)"', page)
    assert {unquote(target) for target in targets} == {"/booking/mine?day=2026-11-22"}
    form_of(browser.get("/grants/api/budget"), 401, "sign_in_required")


def test_others_are_not_let_in(house):
    browser = house.client("resident")
    page_of(browser.get("/grants/budget"), 403, "오류 403", "권한")
    form_of(browser.get("/grants/api/budget"), 403, "not_allowed")
    assert browser.head("/grants/budget").status_code == 403
    assert browser.head("/grants/api/budget").status_code == 403


def test_wrong_input_is_told_by_field(house, small):
    form = form_of(house.client().get("/api/spaces?page=many"), 422, "invalid_input")
    assert set(form["fields"]) == {"page"}
    page_of(small.test_client().get("/refused"), 422, "오류 422", "요청을 읽을 수 없습니다")
    form = form_of(small.test_client().post("/api/things", json={}), 422, "invalid_input")
    assert form["fields"] == {"people": ["꼭 입력해 주세요."]}
    form_of(small.test_client().post("/api/things", data="{", content_type="application/json"), 400, "invalid_input")


def test_a_fault_of_the_program_says_nothing_about_it(small):
    browser = small.test_client()
    page = page_of(browser.get("/broken"), 500, "오류 500", "처리하지 못했습니다")
    form = form_of(browser.get("/api/things"), 500, "internal_error")
    for text in (page, str(form)):
        assert "KeyError" not in text
        assert "fault of the program" not in text
        assert "Traceback" not in text


def test_a_method_of_the_api_that_declares_nobody_answers_nobody(small):
    form_of(small.test_client().delete("/api/things"), 403, "not_allowed")


def test_an_error_speaks_the_language_of_the_reader(house):
    english = {"Accept-Language": "en"}
    assert '<html lang="en"' in house.client().get("/nowhere", headers=english).text
    assert house.client().get("/api/nowhere", headers=english).get_json()["message"].startswith("There is no")


# Headers


@pytest.mark.parametrize("service", PAGE_OF)
def test_the_policy_allows_our_own_and_a_fresh_nonce(house, service):
    browser = house.client()
    first, second = (browser.get(PAGE_OF[service]) for _ in range(2))
    nonces = []
    for answer in (first, second):
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert policy["form-action"] == "'self'"
        assert [policy[name] for name in ("object-src", "base-uri", "frame-ancestors")] == ["'none'"] * 3
        nonce = re.fullmatch(r"'self' 'nonce-([\w-]{20,})'", policy["script-src"])
        assert nonce
        assert policy["style-src"] == policy["script-src"]
        assert set(re.findall(r'nonce="([^"]+)"', answer.text)) <= {nonce[1]}
        nonces.append(nonce[1])
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("path", [*PAGE_OF.values(), "/booking/mine", "/nowhere", "/api/spaces", "/api", "/health"])
def test_answers_are_private_and_typed(house, path):
    for browser in (house.client(), house.client("resident")):
        answer = browser.get(path)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in answer.headers


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(house):
    browser = house.client()
    cookie = browser.get("/auth/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("maru=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_head_is_get_without_the_body(house):
    for path in ("/", "/api/spaces", "/booking/api/units", "/health", "/assets/maru/tokens.css"):
        browser = house.client()
        got, head = browser.get(path), browser.head(path)
        assert (head.status_code, head.content_type) == (got.status_code, got.content_type), path
        assert head.data == b""


# Changes


def test_the_api_takes_json_of_its_own_pages_only(small):
    browser = small.test_client()
    good = {"people": 3}
    assert browser.post("/api/things", json=good).get_json() == good
    assert browser.post("/api/things", json=good, headers={"Origin": "http://localhost"}).get_json() == good
    for origin in ("https://evil.example", "http://localhost.evil.example", "null", "http://localhost:81", "http://["):
        answer = browser.post("/api/things", json=good, headers={"Origin": origin})
        form_of(answer, 403, "cross_origin")
    form_of(browser.post("/api/things", data={"people": "3"}), 415, "json_only")
    plain = browser.post("/api/things", data='{"people": 3}', content_type="text/plain")
    form_of(plain, 415, "json_only")


def test_a_form_of_another_site_is_not_taken_nor_offered_again(house):
    for browser in (house.client(), house.client("resident")):
        form = {"purpose": "planted by another site"}
        answer = browser.post_form("/booking/units/1/reserve", form, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
        assert 'value="planted by another site"' not in answer.text
    own = house.client().post_form("/booking/units/1/reserve", form, headers={"Origin": "http://localhost"})
    assert own.status_code == 401
    assert 'value="planted by another site"' in own.text


def test_a_token_belongs_to_one_session(house, small):
    browser, other = small.test_client(), house.client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/auth/sign-in").text)
    assert token
    page_of(browser.post("/taken", data={"text": "typed", "csrf_token": token[1]}), 400, 'value="typed"')
    page_of(browser.post("/taken", data={"text": "typed"}), 400, 'value="typed"')


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_text_that_no_database_holds_is_refused(house, text):
    browser = house.client("resident")
    page_of(browser.get("/", query_string={"q": text}), 400)
    form_of(browser.get("/api/spaces", query_string={"q": text}), 400, "bad_request")
    page_of(browser.get(f"/districts/{quote(text)}"), 400)
    page_of(browser.post_form("/auth/sign-in", {"login": text, "password": "x"}), 400)
    form_of(browser.post("/booking/api/reservations", json={"nested": [{"deep": text}]}), 400, "bad_request")


def test_half_a_surrogate_pair_is_refused_and_a_whole_one_taken(house, small):
    for body in ('{"purpose": "\\ud800"}', '{"\\udfff": 1}'):
        answer = small.test_client().post("/api/things", data=body, content_type="application/json")
        form_of(answer, 400, "bad_request")
    whole = '{"people": 3, "smile": "\\ud83d\\ude00"}'
    answer = small.test_client().post("/api/things", data=whole, content_type="application/json")
    assert set(form_of(answer, 422, "invalid_input")["fields"]) == {"smile"}


# Behind a gateway


def test_the_public_address_is_the_setting_whatever_the_headers_say(house):
    public = House(dataclasses.replace(house.settings, public_url="https://maru.example"))
    try:
        browser = Browser(public.wsgi())
        said = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
        assert browser.get("/booking", headers=said).location == "https://maru.example/booking/"
        answer = browser.get("/auth/sign-in", headers=said)
        assert "Secure" in answer.headers["Set-Cookie"]
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "evil.example" not in answer.text
        own, other = ({"Origin": f"https://{name}.example", **said} for name in ("maru", "evil"))
        form_of(browser.post("/booking/api/reservations", json={}, headers=own), 401, "sign_in_required")
        form_of(browser.post("/booking/api/reservations", json={}, headers=other), 403, "cross_origin")
    finally:
        public.close()


# Health


def test_health_and_readiness(house):
    browser = house.client()
    for prefix in ("", "/booking", "/grants", "/auth"):
        assert browser.get(f"{prefix}/health").get_json() == {"status": "ok"}
        ready = browser.get(f"{prefix}/ready")
        assert ready.status_code == 200
        assert ready.get_json() == {"status": "ok", "failing": []}


@pytest.mark.parametrize("service", SERVICES)
def test_without_its_database_a_service_is_up_but_not_ready(house, service):
    port = free_port()
    away = House(
        dataclasses.replace(house.settings, database=f"postgresql+psycopg://clerk:secret@127.0.0.1:{port}/{{service}}")
    )
    try:
        browser = Client(away.wsgi([service]))
        prefix = PREFIXES[service]
        assert browser.get(f"{prefix}/health").status_code == 200
        ready = browser.get(f"{prefix}/ready")
        assert ready.status_code == 503
        assert ready.get_json() == {"status": "unavailable", "failing": ["database"]}
        page_of(browser.get(PAGE_OF[service]), 503, "오류 503", "잠시")
        api = {"maps": "/api/spaces", "booking": "/booking/api/units", "grants": "/grants/api/calls"}[service]
        answer = browser.get(api)
        form_of(answer, 503, "unavailable")
        assert str(port) not in answer.text + ready.text
    finally:
        away.close()
