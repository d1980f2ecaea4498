"""The pages of identity: signing in and out, the language, the city's own sign-in."""

from typing import Any

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import current_app, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests import RequestException

from shared.clock import now
from shared.identity import accounts
from shared.identity.demo import hints
from shared.identity.session import close_session, open_session
from shared.refusal import Refusal
from shared.settings import Settings
from shared.web.errors import sentence
from shared.web.i18n import LANGUAGES
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.security import safe_next

log = structlog.get_logger(__name__)


def show() -> ResponseReturnValue:
    """The sign-in page."""
    return _sign_in_page(safe_next(request.args.get("next")))


def sign_in() -> ResponseReturnValue:
    """Check the password; then go on, or offer again the form that was interrupted by signing in."""
    target = safe_next(request.form.get("next"))
    carried = [
        (key.removeprefix("carried."), value)
        for key, value in request.form.items(multi=True)
        if key.startswith("carried.")
    ]
    login = request.form.get("login", "")
    if not settings().local_sign_in:
        raise Refusal("not_allowed", 403)
    try:
        actor = accounts.sign_in(database(), now(), login, request.form.get("password", ""))
    except Refusal as refusal:
        page = _sign_in_page(target, login, sentence(refusal.code, refusal.params), carried)
        return page, refusal.status
    open_session(actor)
    if carried:
        return render_template("maru/resume.html", target=target, resume=carried)
    flash(_("%(name)s님, 반갑습니다.", name=actor.name), "success")
    return redirect(target)


def sign_out() -> ResponseReturnValue:
    """Leave; the language stays."""
    close_session()
    flash(_("로그아웃했습니다."), "success")
    return redirect(service_url("maps"))


def language() -> ResponseReturnValue:
    """Read in another language from here on."""
    wanted = request.args.get("to")
    if wanted in LANGUAGES:
        session.permanent = True
        session["language"] = wanted
    return redirect(safe_next(request.args.get("next")))


def oidc_start() -> ResponseReturnValue:
    """Send somebody to the city's own sign-in."""
    session["oidc_next"] = safe_next(request.args.get("next"))
    base = settings().public_url or request.host_url.rstrip("/")
    try:
        return provider().authorize_redirect(base + service_url("auth", "/oidc/callback"))
    except RequestException as error:
        log.error("oidc_unreachable", issuer=settings().oidc_issuer, reason=type(error).__name__)
        raise Refusal("unavailable", 503) from error


def oidc_callback() -> ResponseReturnValue:
    """Come back from the city's sign-in with a token that Authlib has checked (state, nonce, signature)."""
    target = safe_next(session.get("oidc_next"))
    try:
        token = provider().authorize_access_token()
        user = token["userinfo"]
    except (OAuthError, JoseError, RequestException, KeyError) as error:
        log.warning("oidc_failed", reason=type(error).__name__)
        raise Refusal("oidc_failed", 401) from error
    open_session(accounts.sign_in_through_oidc(database(), now(), user["sub"], user.get("name", "")))
    return redirect(target)


def settings() -> Settings:
    return current_app.extensions["maru.settings"]


def provider() -> Any:
    """The OpenID Connect client; 404 where none is set up."""
    client = current_app.extensions["maru.oauth"].create_client("city")
    if client is None:
        raise Refusal("not_found", 404)
    return client


def set_up_oidc(app: Any, chosen: Settings) -> None:
    """Register the provider that `MARU_OIDC_ISSUER` names; its addresses come from its discovery document."""
    app.extensions["maru.oauth"] = oauth = OAuth(app)
    if chosen.oidc_issuer:
        oauth.register(
            "city",
            client_id=chosen.oidc_client_id,
            client_secret=chosen.oidc_client_secret,
            server_metadata_url=f"{chosen.oidc_issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": 10},
        )


def _sign_in_page(target: str, login: str = "", message: str = "", carried: Any = ()) -> str:
    return render_template(
        "maru/sign_in.html",
        action=service_url("auth", "/sign-in"),
        next=target,
        login=login,
        message=message,
        resume=carried,
        local=settings().local_sign_in,
        oidc_href=service_url("auth", "/oidc") if settings().oidc_issuer else None,
        demo_accounts=hints(database()),
    )
