"""Public holidays: what the calendar knows, and what city staff add by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import special_days
from services.booking.rules.hours import holiday
from services.booking.schemas.rules import HolidayForm
from services.booking.special_days import KOREA
from services.booking.wording import day_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

AHEAD = 400


def show() -> ResponseReturnValue:
    """The coming public holidays of a year."""
    return _page({})


def save() -> ResponseReturnValue:
    """Add a holiday for all spaces."""
    try:
        form = HolidayForm().load(request.form)
        special_days.put_holiday(database(), current_actor(), now(), **form)
    except ValidationError as error:
        return _page(request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _page(request.form, refusal)
    flash(_("공휴일로 넣었습니다: %(day)s", day=day_text(form["day"])), "success")
    return redirect(service_url("booking", "/manage/holidays"))


def remove() -> ResponseReturnValue:
    """Take a holiday back that was added by hand."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise Refusal("date_invalid", 422) from error
    special_days.remove_holiday(database(), current_actor(), now(), day)
    flash(_("공휴일에서 뺐습니다: %(day)s", day=day_text(day)), "success")
    return redirect(service_url("booking", "/manage/holidays"))


def _page(typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    today = now().astimezone(KOREA).date()
    english = str(get_locale() or "ko").startswith("en")
    added = special_days.holidays_from(database(), today)
    listed = [{"day": row.day, "name": (row.name_en if english else "") or row.name, "added": True} for row in added]
    by_hand = {row.day for row in added}
    for offset in range(AHEAD):
        day = today + timedelta(days=offset)
        name = holiday(day, "en" if english else "ko")
        if name and day not in by_hand:
            listed.append({"day": day, "name": name, "added": False})
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_holidays.html",
        days=sorted(listed, key=lambda each: str(each["day"])),
        first_day=today.isoformat(),
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
    )
    return page, refusal.status if refusal else 200
