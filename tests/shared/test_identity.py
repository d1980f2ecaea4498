"""Signing in, staying signed in across services, and not getting in."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from shared.identity import accounts
from shared.identity.actor import SYSTEM, Role
from shared.identity.demo import PASSWORD
from shared.identity.models import AUDIT, Account
from shared.refusal import Refusal
from tests.deploy.product import free_port
from tests.shared.oidc_provider import Provider

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def refused(call, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value


def test_a_session_is_verified_by_every_service_alone(house):
    browser = house.client("resident")
    house.databases["identity"].engine.dispose()
    assert browser.get("/booking/mine").status_code == 200
    assert browser.get("/grants/mine").status_code == 200
    assert "주민 가온" in browser.get("/").text


def test_signing_out_ends_it(house):
    browser = house.client("resident")
    assert browser.post_form("/auth/sign-out", {}).status_code == 302
    assert browser.get("/booking/mine").status_code == 401


def test_a_changed_cookie_is_nobody(house):
    browser = house.client("resident")
    value = browser.get_cookie("maru").value
    browser.set_cookie("maru", value[:-4] + "AAAA")
    assert browser.get("/booking/mine").status_code == 401


def test_a_session_ends_after_its_hours(house, monkeypatch):
    browser = house.client("resident")
    later = datetime.now().timestamp() + house.settings.session_hours * 3600 + 60  # noqa: DTZ005
    monkeypatch.setattr("shared.identity.session.time.time", lambda: later)
    assert browser.get("/booking/mine").status_code == 401


def test_the_password_is_kept_as_argon2_and_never_logged(house, capfd):
    house.client().post_form("/auth/sign-in", {"login": "resident", "password": PASSWORD})
    with house.databases["identity"].read() as session:
        account = session.scalars(select(Account).where(Account.login == "resident")).one()
        actions = session.scalars(select(AUDIT.c.action).where(AUDIT.c.subject == f"account:{account.id}")).all()
    assert account.password_hash.startswith("$argon2id$")
    assert actions == ["account.created", "account.signed_in"]
    assert PASSWORD not in "".join(capfd.readouterr())


def test_an_unknown_login_and_a_wrong_password_look_the_same(house):
    browser = house.client()
    wrong = browser.post_form("/auth/sign-in", {"login": "resident", "password": "not this one"})
    unknown = browser.post_form("/auth/sign-in", {"login": "nobody-here", "password": "not this one"})
    assert wrong.status_code == unknown.status_code == 401
    assert "아이디나 비밀번호가 맞지 않습니다" in wrong.text
    assert "아이디나 비밀번호가 맞지 않습니다" in unknown.text
    assert 'value="resident"' in wrong.text


def test_five_wrong_passwords_lock_for_five_minutes(house):
    database = house.databases["identity"]
    for _ in range(accounts.ATTEMPTS):
        assert refused(accounts.sign_in, database, NOW, "resident", "wrong").code == "wrong_login"
    locked = refused(accounts.sign_in, database, NOW, "resident", PASSWORD)
    assert (locked.code, locked.status) == ("wrong_login", 401)
    later = NOW + accounts.LOCK + timedelta(seconds=1)
    assert accounts.sign_in(database, later, "resident", PASSWORD).has(Role.RESIDENT)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"login": "ab"}, "login"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
        ({"roles": [Role.DISTRICT_STAFF]}, "district"),
        ({"login": "resident"}, "login"),
    ],
)
def test_an_account_that_cannot_be_is_refused_by_field(house, given, field):
    whole = {"login": "new-one", "name": "새 사람", "password": "long enough 1", "roles": [Role.RESIDENT], **given}
    refusal = refused(accounts.create, house.databases["identity"], SYSTEM, NOW, **whole)
    assert field in refusal.fields


def test_next_never_leads_to_another_site(house):
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        form = {"login": "resident", "password": PASSWORD, "next": target}
        assert house.client().post_form("/auth/sign-in", form).location == "/"


def test_a_form_without_its_token_is_not_taken_and_not_lost(house):
    browser = house.client("resident")
    answer = browser.post("/auth/sign-out", data={"note": "typed before"})
    assert answer.status_code == 400
    assert "typed before" in answer.text
    assert browser.get("/booking/mine").status_code == 200


def test_what_was_typed_before_signing_in_is_offered_again(house):
    browser = house.client()
    page = browser.post_form("/grants/calls/1/apply", {"title": "<b>골목 정원</b>"})
    assert page.status_code == 401
    assert "&lt;b&gt;골목 정원&lt;/b&gt;" in page.text
    carried = {"login": "resident", "password": PASSWORD, "next": "/grants/calls/1/apply", "carried.title": "골목 정원"}
    resumed = browser.post_form("/auth/sign-in", carried)
    assert resumed.status_code == 200
    assert 'action="/grants/calls/1/apply"' in resumed.text
    assert "로그아웃" in resumed.text
    assert 'value="골목 정원"' in resumed.text


def test_the_language_stays_chosen(house):
    browser = house.client()
    assert '<html lang="ko"' in browser.get("/").text
    assert browser.get("/auth/language?to=en&next=/districts").location == "/districts"
    assert '<html lang="en"' in browser.get("/").text


@pytest.fixture
def provider():
    with Provider("maru-client") as running:
        yield running


@pytest.fixture
def oidc_house(house, provider):
    house.house.settings = dataclasses.replace(
        house.settings,
        oidc_issuer=provider.issuer,
        oidc_client_id="maru-client",
        oidc_client_secret="a secret",
        local_sign_in=False,
    )
    return house


def test_openid_connect_signs_in_a_resident(oidc_house, provider):
    browser = oidc_house.client()
    asked = browser.get("/auth/oidc?next=/booking/mine")
    assert asked.location.startswith(f"{provider.issuer}/authorize?")
    back = browser.get("/auth/oidc/callback?" + provider.authorize(asked.location))
    assert back.location == "/booking/mine"
    page = browser.get("/booking/mine")
    assert page.status_code == 200
    assert "시민 하나" in page.text
    with oidc_house.databases["identity"].read() as session:
        account = session.scalars(select(Account).where(Account.oidc_subject == "citizen-1")).one()
    assert account.roles == ["resident"]


def test_a_forged_token_or_state_does_not_sign_in(oidc_house, provider):
    browser = oidc_house.client()
    provider.forge = True
    asked = browser.get("/auth/oidc")
    assert browser.get("/auth/oidc/callback?" + provider.authorize(asked.location)).status_code == 401
    provider.forge = False
    asked = browser.get("/auth/oidc")
    provider.authorize(asked.location)
    assert browser.get("/auth/oidc/callback?code=code-1&state=another").status_code == 401
    assert browser.get("/booking/mine").status_code == 401


def test_a_failed_return_is_an_error_and_no_invitation_to_return_again(oidc_house):
    answer = oidc_house.client().get("/auth/oidc/callback?code=code-1&state=unknown")
    assert answer.status_code == 401
    assert "통합 로그인을 마치지 못했습니다" in answer.text
    assert "next=/auth/oidc/callback" not in answer.text.replace("%2F", "/").split("<main")[1]


def test_a_provider_that_does_not_answer_is_told(house):
    away = f"http://127.0.0.1:{free_port()}"
    house.house.settings = dataclasses.replace(
        house.settings, oidc_issuer=away, oidc_client_id="maru-client", oidc_client_secret="a secret"
    )
    answer = house.client().get("/auth/oidc?next=/booking/mine")
    assert answer.status_code == 503
    assert away not in answer.text


def test_the_password_form_is_closed_where_the_city_signs_in(oidc_house):
    form = {"login": "resident", "password": PASSWORD}
    assert oidc_house.client().post_form("/auth/sign-in", form).status_code == 403
