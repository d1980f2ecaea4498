"""Every route of every service says who may call it, and nobody else gets in."""

import pytest
from flask import Flask

from shared.database import Database
from shared.identity.access import ANYONE, SIGNED_IN, declared, roles
from shared.identity.actor import NOBODY, Actor, Role
from shared.refusal import Refusal
from shared.settings import DATABASES, Settings
from shared.web.app import build_app
from shared.web.pages import Page


@pytest.mark.parametrize("service", DATABASES)
def test_every_route_declares_who_may_call_it(house, service):
    app: Flask = house.house.apps[service]
    undeclared = [
        f"{method} {rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if declared(app, rule.endpoint, method) is None
    ]
    assert undeclared == []
    assert len(list(app.url_map.iter_rules())) > 5


OPEN = {"identity": {"pages.sign_in"}, "booking": {"reserve.price"}}
"""Signing in; and asking for a price, which is a POST only to keep what was typed out of addresses and logs."""


@pytest.mark.parametrize("service", DATABASES)
def test_no_change_is_open_to_anyone_but_signing_in(house, service):
    app: Flask = house.house.apps[service]
    open_changes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        if declared(app, rule.endpoint, method) is ANYONE
    }
    assert open_changes == OPEN.get(service, set())


def test_a_route_without_a_declaration_answers_nobody(house):
    app = house.house.app("booking")
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_roles_open_only_what_they_should():
    staff_only = roles(Role.CITY_STAFF)
    resident = Actor(1, "r", frozenset({Role.RESIDENT}))
    with pytest.raises(Refusal) as nobody:
        SIGNED_IN.check(NOBODY)
    assert (nobody.value.code, nobody.value.status) == ("sign_in_required", 401)
    with pytest.raises(Refusal) as stranger:
        staff_only.check(resident)
    assert (stranger.value.code, stranger.value.status) == ("not_allowed", 403)
    staff_only.check(Actor(2, "c", frozenset({Role.CITY_STAFF})))
    staff_only.check(Actor(3, "a", frozenset({Role.ADMINISTRATOR})))


def test_a_district_is_run_by_its_own_staff_and_the_city():
    own = Actor(1, "d", frozenset({Role.DISTRICT_STAFF}), district="11590")
    assert own.runs_district("11590")
    assert not own.runs_district("11290")
    assert Actor(2, "c", frozenset({Role.CITY_STAFF})).runs_district("11290")
    assert not Actor(3, "r", frozenset({Role.RESIDENT}), district="11590").runs_district("11590")


def test_one_view_cannot_be_declared_for_two_audiences(tmp_path):
    def view() -> str:
        return ""

    settings = Settings(data=tmp_path, secret_key="x" * 32, database="sqlite:///{service}")
    pages = (Page("/a", view, ANYONE), Page("/b", view, SIGNED_IN))
    with pytest.raises(ValueError, match="declared for"):
        build_app("shared.identity", settings, Database(f"sqlite:///{tmp_path}/x.sqlite3"), pages=pages, api_title="t")
