"""Blocking a time for an event of the space's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import blocks
from services.booking.repeats import rule_of
from services.booking.schemas.managing import BlockForm
from services.booking.wording.manage import REPEAT_WORDS
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(space_id: int) -> ResponseReturnValue:
    """The form, and what is blocked already."""
    return _page(space_id, {})


def save(space_id: int) -> ResponseReturnValue:
    """Block; when some times are taken, show which."""
    times: Sequence[blocks.Time] = ()
    try:
        form = BlockForm().load(_given())
        rule = rule_of(form["repeat"], form["date"], form["until"])
        wish = {
            "unit_id": form["unit_id"],
            "day": form["date"],
            "opens": form["start"],
            "closes": form["end"],
            "rule": rule,
        }
        try:
            made = blocks.block(
                database(),
                current_actor(),
                now(),
                purpose=form["purpose"],
                key=form["idempotency_key"],
                free_only=form["free_only"],
                **wish,
            )
        except Refusal as refusal:
            if refusal.code in ("block_times_taken", "slot_taken", "block_nothing_free"):
                times = blocks.preview(database(), current_actor(), **wish)
            raise
    except ValidationError as error:
        return _page(space_id, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _page(space_id, request.form, refusal, times)
    flash(_("%(n)s번을 비워 두었습니다.", n=len(made.made)), "success")
    return redirect(service_url("booking", f"/manage/spaces/{space_id}/blocks"))


def release(space_id: int, reservation_id: int) -> ResponseReturnValue:
    """Give a blocked time back."""
    try:
        blocks.release(database(), current_actor(), now(), reservation_id, following="following" in request.form)
        flash(_("비워 둔 시간을 풀었습니다."), "success")
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        flash(sentence(refusal.code, refusal.params), "error")
    return redirect(service_url("booking", f"/manage/spaces/{space_id}/blocks"))


def _given() -> dict[str, Any]:
    return {name: value for name, value in request.form.items() if value != ""}


def _page(
    space_id: int, typed: Mapping[str, Any], refusal: Refusal | None = None, times: Sequence[blocks.Time] = ()
) -> ResponseReturnValue:
    space, units, coming = blocks.coming(database(), current_actor(), now(), space_id)
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_block.html",
        space=space,
        zone=ZoneInfo(space.zone),
        units=[(unit.id, unit.name) for unit in units],
        typed=typed or {"date": now().astimezone(ZoneInfo(space.zone)).date().isoformat()},
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        preview=times,
        blocks=coming,
        repeats=list(REPEAT_WORDS.items()),
        key=typed.get("idempotency_key") or str(uuid4()),
    )
    return page, refusal.status if refusal else 200
