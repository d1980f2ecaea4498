"""The inbox."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking import inbox
from services.booking.schemas.units import row_id
from services.booking.wording.messages import word
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.navigation import service_url
from shared.web.pages import database


def index() -> ResponseReturnValue:
    """What I was told, newest first."""
    found = inbox.inbox(database(), current_actor(), request.args.get("page", 1, int))
    shown = [{"message": each, "words": word(each.kind, each.params)} for each in found.messages]
    return render_template("booking/messages.html", inbox=found, shown=shown)


def open_one(message_id: int) -> ResponseReturnValue:
    """Mark it as read, and go to what it is about."""
    message = inbox.read(database(), current_actor(), now(), message_id)
    return redirect(word(message.kind, message.params).address or service_url("booking", "/messages"))


def read_all() -> ResponseReturnValue:
    """Mark all that the page knew of as read."""
    up_to = request.form.get("up_to", type=row_id)
    count = inbox.read_all(database(), current_actor(), now(), up_to)
    flash(_("알림 %(n)s개를 읽음으로 표시했습니다.", n=count), "success")
    return redirect(service_url("booking", "/messages"))
