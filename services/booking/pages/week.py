"""A unit and its week."""

from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.booking.rules.hours import clock_of
from services.booking.rules.policy import last_day
from services.booking.units import get
from services.booking.week import DAYS, REACH, Day, Slot, Week, week_of
from services.booking.wording import closed_text, column_text, week_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.navigation import service_url
from shared.web.pages import database


def show(unit_id: int) -> ResponseReturnValue:
    """The week of `?week=2026-W48` or of `?day=2026-11-23`; this week unless given. Free slots lead to the form."""
    moment = now()
    with database().read() as session:
        unit = get(session, unit_id)
    today = moment.astimezone(unit.zone).date()
    chosen = _asked_day(today)
    week = week_of(database(), current_actor(), moment, unit_id, chosen or today)
    first, last = week.days[0].date, week.days[-1].date
    return render_template(
        "booking/week.html",
        unit=week.unit,
        days=[_column(week, day, today) for day in week.days],
        title=week_text(first, last),
        previous=_link(unit_id, first - timedelta(days=DAYS)) if first > today else None,
        next=_link(unit_id, first + timedelta(days=DAYS)) if last < last_day(unit.zone, moment) else None,
        this_week=_link(unit_id, today) if not first <= today <= last else None,
        chosen=chosen if "day" in request.args else None,
    )


def _asked_day(today: date) -> date | None:
    """The day that the address names; None when it can't be read or lies years away."""
    try:
        if "day" in request.args:
            day = date.fromisoformat(request.args["day"])
        else:
            year, week = request.args.get("week", "").split("-W")
            day = date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        return None
    return day if abs(day - today) < REACH else None


def _link(unit_id: int, day: date) -> str:
    year, week, _weekday = day.isocalendar()
    return service_url("booking", f"/units/{unit_id}?week={year}-W{week:02}")


def _column(week: Week, day: Day, today: date) -> dict[str, Any]:
    """A day as the calendar macro takes it."""
    return {
        "date": day.date,
        "label": column_text(day.date),
        "today": day.date == today,
        "closed_reason": closed_text(day.closed, day.date) if day.closed else None,
        "slots": [_cell(week, day, slot) for slot in day.slots],
    }


def _cell(week: Week, day: Day, slot: Slot) -> dict[str, Any]:
    zone, unit_id = week.unit.zone, week.unit.id
    start, end = (clock_of(moment, day.date, zone) for moment in slot.during)
    cell: dict[str, Any] = {"start": start, "end": end, "state": slot.state}
    if slot.state == "free":
        asked = f"start={day.date}T{start}&end={day.date}T{end}"
        cell["href"] = service_url("booking", f"/units/{unit_id}/reserve?{asked}")
    elif slot.state == "mine":
        cell["href"] = service_url("booking", f"/reservations/{slot.reservation_id}")
    return cell
