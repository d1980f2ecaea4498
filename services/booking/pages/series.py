"""Reserving a series: the form, the preview of each date, the confirmation. Each step keeps everything typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import groups, series
from services.booking.models import Unit
from services.booking.pages.reserve import group_name_of
from services.booking.pages.times import choices, clock_times, today
from services.booking.rules.policy import last_day
from services.booking.schemas.series import SeriesForm
from services.booking.series.survey import Plan
from services.booking.units import get
from services.booking.wording.recurrence import weekday_names
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

TYPED = (
    "date", "start", "end", "people", "purpose", "group_name", "group_id", "every", "interval", "monthly", "ends",
    "until", "count", "on_closed",
)  # fmt: skip
"""The fields that a step hands on to the next; the weekdays besides."""
DEFAULTS = {"every": "week", "interval": "1", "monthly": "same_day", "ends": "until", "on_closed": "skip"}
KEEP_ASKING = {"series_not_free", "series_closed_days", "series_nothing_free", "slot_taken"}
"""What was free at the preview and is not any more: the dates are shown as they are now."""


def show(unit_id: int) -> ResponseReturnValue:
    """The form, filled with what the address says."""
    unit = _unit(unit_id)
    return _form(unit, DEFAULTS | {"date": today(unit)} | request.args.to_dict())


def save(unit_id: int) -> ResponseReturnValue:
    """The next step: `step` is edit (the form again), preview or confirm."""
    unit = _unit(unit_id)
    step = request.form.get("step", "preview")
    if step == "edit":
        return _form(unit, DEFAULTS | {name: value for name, value in request.form.items() if value})
    try:
        form = SeriesForm().load(request.form)
        plan = _plan(unit, form)
        if step != "confirm":
            return _preview(unit, plan, form)
        days = form["days"] or None
        made = series.make(
            database(), current_actor(), now(), plan, form["idempotency_key"], days=days, free_only=days is None
        )
    except ValidationError as error:
        return _form(unit, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        if step == "confirm" and refusal.code in KEEP_ASKING:
            return _preview(unit, plan, form, refusal)
        return _form(unit, request.form, refusal)
    count = len(made.whole.occurrences)
    if made.whole.occurrences[0].status == "requested":
        flash(_("%(n)s번을 신청했습니다. 운영자가 살펴보고 알려 드립니다.", n=count), "success")
    else:
        flash(_("%(n)s번을 예약했습니다. 첫날에 만나요.", n=count), "success")
    return redirect(service_url("booking", f"/series/{made.whole.series.id}"))


def _plan(unit: Unit, form: Mapping[str, Any]) -> Plan:
    return Plan(
        unit_id=unit.id,
        rule=form["rule"],
        opens=form["start"],
        closes=form["end"],
        people=form["people"],
        purpose=form["purpose"],
        group_name=group_name_of(form["group_id"]) or form["group_name"],
        group_id=form["group_id"],
        on_closed=form["on_closed"],
    )


def _form(unit: Unit, typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    times = clock_times(unit)
    errors = field_sentences(refusal) if refusal else {}
    if "unit_id" in errors:
        errors["form"] = errors.pop("unit_id")  # the form has no field for it
    weekdays = request.form.getlist("weekdays") or request.args.getlist("weekdays")
    page = render_template(
        "booking/series_form.html",
        unit=unit,
        typed=typed,
        weekdays=weekdays,
        weekday_names=weekday_names(),
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        starts=choices(times[:-1], typed.get("start")),
        ends=choices(times[1:], typed.get("end")),
        first_day=today(unit),
        last_day=last_day(unit.zone, now(), unit.policy),
        groups=[(each.group.id, each.group.name) for each in groups.mine(database(), current_actor())],
    )
    return page, refusal.status if refusal else 200


def _preview(unit: Unit, plan: Plan, form: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    found = series.preview(database(), current_actor(), now(), plan)
    chosen = set(form["days"])
    closed = [each for each in found.occurrences if each.state == "closed"]
    page = render_template(
        "booking/series_preview.html",
        unit=unit,
        plan=plan,
        survey=found,
        chosen={each.day for each in found.free if not chosen or each.day in chosen},
        refused_days=len(closed) if closed and plan.on_closed == "refuse" else 0,
        reasons={each.day: sentence(each.code, each.params) for each in found.occurrences if each.code},
        message=sentence(refusal.code, refusal.params) if refusal else None,
        fields=[(name, request.form.get(name, "")) for name in TYPED]
        + [("weekdays", each) for each in request.form.getlist("weekdays")],
        key=form["idempotency_key"] or str(uuid4()),
    )
    return page, refusal.status if refusal else 200


def _unit(unit_id: int) -> Unit:
    with database().read() as session:
        return get(session, unit_id)
