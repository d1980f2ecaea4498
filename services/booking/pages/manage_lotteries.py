"""Lotteries of a space that I run: make, look who won, call off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import lottery
from services.booking.askers import runs_space
from services.booking.lottery import results
from services.booking.rules.lottery import (
    BASE,
    CONFIRM_HOURS,
    TICKET_RULES,
    TICKETS,
    USUAL_BASE,
    USUAL_TICKETS,
    WINS,
)
from services.booking.schemas.lottery_plan import MOST_TIMES, pair_numbers, plan_of_form
from services.booking.schemas.parts import list_of
from services.booking.wording import during_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import WEEKDAYS

ROWS = 2
"""Pairs of clock times that an empty form has."""


def index(space_id: int) -> ResponseReturnValue:
    """The lotteries of the space."""
    space, _units, found = results.of_space(database(), current_actor(), now(), space_id)
    return render_template("booking/manage_lotteries.html", space=space, found=found)


def new(space_id: int) -> ResponseReturnValue:
    """The form of a new lottery."""
    return _form(space_id, None)


def make(space_id: int) -> ResponseReturnValue:
    """Make it; "more" only adds a row of times."""
    if "more" in request.form:
        return _form(space_id, request.form)
    space = results.of_space(database(), current_actor(), now(), space_id)[0]
    try:
        plan = plan_of_form(request.form, ZoneInfo(space.zone))
        key = request.form.get("idempotency_key", "")
        made = lottery.make(database(), current_actor(), now(), space_id, plan, key)
    except ValidationError as error:
        return _form(space_id, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(space_id, request.form, refusal)
    flash(_("추첨을 만들었습니다. 고른 시간은 지금부터 추첨용으로 비워 둡니다."), "success")
    return redirect(service_url("booking", f"/manage/lotteries/{made.id}"))


def show(lottery_id: int) -> ResponseReturnValue:
    """How it stands; after the draw who won. Who looked at the winners is recorded."""
    return _show(lottery_id)


def cancel(lottery_id: int) -> ResponseReturnValue:
    """Call it off before the draw."""
    reason = request.form.get("reason", "")
    try:
        lottery.cancel(database(), current_actor(), now(), lottery_id, reason)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _show(lottery_id, reason, refusal)
    flash(_("추첨을 취소하고 참가한 모두에게 알렸습니다. 비워 둔 시간은 다시 예약할 수 있습니다."), "success")
    return redirect(service_url("booking", f"/manage/lotteries/{lottery_id}"))


def _show(lottery_id: int, reason: str = "", refusal: Refusal | None = None) -> ResponseReturnValue:
    actor, moment = current_actor(), now()
    shown = lottery.read(database(), actor, lottery_id)
    if not runs_space(actor, shown.lottery.space):
        raise Refusal("not_allowed", 403)
    stage = shown.lottery.stage(moment)
    winners = results.winners(database(), actor, moment, lottery_id) if stage == "drawn" else None
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_lottery.html",
        shown=shown,
        lottery=shown.lottery,
        stage=stage,
        winners=winners,
        reason=reason,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
    )
    return page, refusal.status if refusal else 200


def _form(space_id: int, typed: Any, refusal: Refusal | None = None) -> ResponseReturnValue:
    space, units, _found = results.of_space(database(), current_actor(), now(), space_id)
    zone = ZoneInfo(space.zone)
    errors = field_sentences(refusal) if refusal else {}
    taken: Any = refusal.params.get("taken", ()) if refusal else ()
    given = _usual(zone, [unit.id for unit in units]) if typed is None else typed
    rows = pair_numbers(given) or list(range(ROWS))
    if "more" in request.form and len(rows) < MOST_TIMES:
        rows.append(next(number for number in range(MOST_TIMES) if number not in rows))
    page = render_template(
        "booking/manage_lottery_form.html",
        space=space,
        units=[(str(unit.id), unit.name) for unit in units],
        weekdays=[(str(number), name) for number, name in enumerate(WEEKDAYS, 1)],
        typed=given,
        chosen={name: [str(each) for each in list_of(given, name)] for name in ("unit_ids", "weekdays")},
        rows=rows,
        full=len(rows) >= MOST_TIMES,
        rules=TICKET_RULES,
        limits={"base": BASE, "tickets": TICKETS, "wins": WINS, "confirm_hours": CONFIRM_HOURS},
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        taken=[f"{during_text(during, zone)} · {name}" for name, during in taken],
        key=given.get("idempotency_key") or str(uuid4()),
    )
    return page, refusal.status if refusal else 200


def _usual(zone: ZoneInfo, units: list[int]) -> Mapping[str, Any]:
    """What stands in an empty form: open from the next full hour for a week, the usual weights."""
    start = (now().astimezone(zone) + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return {
        "unit_ids": units if len(units) == 1 else [],
        "weekdays": [],
        "opens_at": start,
        "closes_at": start + timedelta(days=7),
        "base": USUAL_BASE,
        "wins": 1,
        "confirm_hours": 24,
        **{f"tickets.{code}": count for code, count in USUAL_TICKETS.items()},
        **{f"times.{number}.{end}": "" for number in range(ROWS) for end in ("start", "end")},
    }
