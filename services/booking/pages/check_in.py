"""Checking in on the spot, with the code of the poster."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import check_in
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def ask() -> ResponseReturnValue:
    """For whom cannot scan: the code to type."""
    if code := request.args.get("code", "").strip():
        return redirect(service_url("booking", f"/check-in/{_plain(code)}"))
    return render_template("booking/check_in_ask.html", code="", message=None)


def show(code: str) -> ResponseReturnValue:
    """What I can do before this unit. Looking changes nothing: the button does."""
    return _page(code)


def save(code: str) -> ResponseReturnValue:
    """Check in."""
    try:
        check_in.check_in(database(), current_actor(), now(), code)
    except Refusal as refusal:
        if refusal.status != 409:
            return _unknown(code, refusal)
        return _page(code, refusal)
    flash(_("이용을 확인했습니다. 좋은 시간 보내세요."), "success")
    return redirect(service_url("booking", f"/check-in/{_plain(code)}"))


def _page(code: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    moment = now()
    try:
        found = check_in.here(database(), current_actor(), moment, code)
    except Refusal as unknown:
        return _unknown(code, unknown)
    page = render_template(
        "booking/check_in.html",
        code=_plain(code),
        here=found,
        moment=moment,
        message=sentence(refusal.code, refusal.params) if refusal else None,
    )
    return page, refusal.status if refusal else 200


def _unknown(code: str, refusal: Refusal) -> ResponseReturnValue:
    page = render_template("booking/check_in_ask.html", code=code, message=sentence(refusal.code, refusal.params))
    return page, refusal.status


def _plain(code: str) -> str:
    return "".join(each for each in code.lower() if each.isascii() and each.isalnum())[:40] or "0"
