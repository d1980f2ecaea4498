"""Reservations that meet since rooms were divided or joined anew: the keeper moves or cancels one, or both stay."""

from __future__ import annotations

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import conflicts
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.navigation import service_url
from shared.web.pages import database


def show() -> ResponseReturnValue:
    """What is to be settled where I run the space, soonest first."""
    found = conflicts.of(database(), current_actor(), now())
    return render_template("booking/manage_conflicts.html", conflicts=found)


def settle(reservation_id: int, other_id: int) -> ResponseReturnValue:
    """Both stay."""
    conflicts.settle(database(), current_actor(), now(), reservation_id, other_id)
    flash(_("두 예약을 그대로 두었습니다."), "success")
    return redirect(service_url("booking", "/manage/conflicts"))
