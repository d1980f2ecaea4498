"""A unit and its week."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.booking.lottery.results import held_for
from services.booking.rules.hours import clock_of
from services.booking.rules.interval import Interval
from services.booking.rules.policy import last_day
from services.booking.units import get
from services.booking.week import DAYS, REACH, Day, Slot, Week, week_of
from services.booking.wording import closed_text, column_text, week_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.navigation import service_url
from shared.web.pages import database


def show(unit_id: int) -> ResponseReturnValue:
    """The week of `?week=2026-W48` or of `?day=2026-11-23`; this week unless given. Free slots lead to the form,
    taken ones to its waitlist."""
    moment = now()
    with database().read() as session:
        unit = get(session, unit_id)
    today = moment.astimezone(unit.zone).date()
    chosen = _asked_day(today)
    week = week_of(database(), current_actor(), moment, unit_id, chosen or today)
    first, last = week.days[0].date, week.days[-1].date
    drawn = _drawn(week)
    return render_template(
        "booking/week.html",
        unit=week.unit,
        days=[_column(week, day, today, moment, drawn) for day in week.days],
        title=week_text(first, last),
        previous=_link(unit_id, first - timedelta(days=DAYS)) if first > today else None,
        next=_link(unit_id, first + timedelta(days=DAYS)) if last < last_day(unit.zone, moment, unit.policy) else None,
        this_week=_link(unit_id, today) if not first <= today <= last else None,
        chosen=chosen if "day" in request.args else _worth_a_look(week, today),
    )


def _worth_a_look(week: Week, today: date) -> date | None:
    """The day that the phone shows first when today, though open, has nothing left."""
    free = [day.date for day in week.days if any(slot.state == "free" for slot in day.slots)]
    return free[0] if free and today not in free else None


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


def _drawn(week: Week) -> list[tuple[Interval, int]]:
    """The times of this week that lotteries hold, with the lottery's id."""
    held = [slot.during for day in week.days for slot in day.slots if slot.state == "held"]
    if not held:
        return []
    return held_for(database(), week.unit.id, Interval(held[0].start, held[-1].end))


def _column(week: Week, day: Day, today: date, moment: datetime, drawn: list[tuple[Interval, int]]) -> dict[str, Any]:
    """A day as the calendar macro takes it."""
    return {
        "date": day.date,
        "label": column_text(day.date),
        "today": day.date == today,
        "closed_reason": closed_text(day.closed, day.date) if day.closed else None,
        "slots": [_cell(week, day, slot, moment, drawn) for slot in day.slots],
    }


def _cell(week: Week, day: Day, slot: Slot, moment: datetime, drawn: list[tuple[Interval, int]]) -> dict[str, Any]:
    zone, unit_id = week.unit.zone, week.unit.id
    start, end = (clock_of(moment, day.date, zone) for moment in slot.during)
    cell: dict[str, Any] = {"start": start, "end": end, "state": slot.state}
    if slot.state == "free":
        asked = f"start={day.date}T{start}&end={day.date}T{end}"
        cell["href"] = service_url("booking", f"/units/{unit_id}/reserve?{asked}")
    elif slot.state == "reserved" and week.unit.policy.waitlist and slot.during.start > moment:
        last = min(slot.during.end, slot.during.start + week.unit.policy.longest)  # no wish may be longer
        asked = f"start={day.date}T{start}&end={day.date}T{clock_of(last, day.date, zone)}"
        cell["href"] = service_url("booking", f"/units/{unit_id}/reserve?{asked}")
        cell["hint"] = _("대기 신청하기")
    elif slot.state == "held":
        lottery_id = next((each for during, each in drawn if during.contains(slot.during)), None)
        if lottery_id:
            cell["href"] = service_url("booking", f"/lotteries/{lottery_id}")
    elif slot.state == "mine":
        cell["href"] = service_url("booking", f"/reservations/{slot.reservation_id}")
    return cell
