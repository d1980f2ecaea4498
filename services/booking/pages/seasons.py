"""Seasons for groups: what there is, the application with its draft, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import groups, seasons
from services.booking.models import SeasonApplication, Unit
from services.booking.rules.policy import MINUTE
from services.booking.rules.seasons import MOST_OPTIONS, clock, grid_of
from services.booking.rules.weekly import MOST_TIMES
from services.booking.schemas.seasons import SeasonApplicationRequest
from services.booking.seasons import Shown, applications, publishing
from services.booking.wording.recurrence import weekday_names
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database

PLAIN = ("group_id", "group_name", "purpose", "people", "times", "minutes")
OPTION = ("unit_id", "weekday", "start", "end")
ROWS = range(1, MOST_OPTIONS + 1)
_OF_OPTION = re.compile(r"^options\.(\d+)(?:\.(\w+))?$")


def index() -> ResponseReturnValue:
    """The seasons: those that take applications, those that will, and the others."""
    moment = now()
    listed: dict[str, list[Any]] = {"open": [], "soon": [], "past": []}
    for season, spaces, mine in seasons.announced(database(), current_actor()):
        stage = season.stage(moment)
        told = {"season": season, "stage": stage, "spaces": spaces, "mine": mine}
        listed[stage if stage in listed else "past"].append(told)
    listed["soon"].reverse()
    return render_template("booking/seasons.html", listed=listed)


def show(season_id: int) -> ResponseReturnValue:
    """A season, its rules in plain words, and how my application stands."""
    found = seasons.read(database(), current_actor(), season_id)
    return render_template(
        "booking/season.html",
        found=found,
        season=found.season,
        stage=found.season.stage(now()),
        units={unit.id: unit for unit in found.units},
        carried=publishing.progress(database(), season_id) if found.season.status == "published" else None,
    )


def apply_form(season_id: int) -> ResponseReturnValue:
    """The form: my draft, or what I applied with."""
    found = seasons.read(database(), current_actor(), season_id)
    mine = found.mine
    if mine and mine.typed:
        return _form(found, mine.typed, missing=_missing(season_id, mine.typed))
    return _form(found, _typed_of(mine) if mine and mine.status == "submitted" else {"times": "1", "minutes": "120"})


def apply(season_id: int) -> ResponseReturnValue:
    """Keep the draft as it was typed, or apply."""
    actor, moment = current_actor(), now()
    typed = {name: value for name, value in request.form.items() if name in _FIELDS}
    here = service_url("booking", f"/seasons/{season_id}")
    try:
        if request.form.get("do") == "draft":
            applications.save_draft(database(), actor, moment, season_id, typed)
            flash(_("적은 그대로 저장했습니다. 아직 신청한 것은 아닙니다."), "success")
            return redirect(f"{here}/apply")
        applications.submit(database(), actor, moment, season_id, _asked(typed))
    except ValidationError as error:
        return _form(_kept(season_id, typed), typed, refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (401, 403, 404):
            raise
        return _form(_kept(season_id, typed), typed, refusal)
    flash(_("신청했습니다. 마감까지 고칠 수 있고, 배정이 확정되면 알림으로 알려 드립니다."), "success")
    return redirect(here)


def withdraw(season_id: int) -> ResponseReturnValue:
    """Take my application back."""
    try:
        applications.withdraw(database(), current_actor(), now(), season_id)
        flash(_("신청을 취소했습니다."), "success")
    except Refusal as refusal:
        if refusal.status in (401, 403, 404):
            raise
        flash(sentence(refusal.code, refusal.params), "error")
    return redirect(service_url("booking", f"/seasons/{season_id}"))


def _kept(season_id: int, typed: Mapping[str, str]) -> Shown:
    """What was refused is not lost either: it is the draft now, where there can be one."""
    try:
        applications.save_draft(database(), current_actor(), now(), season_id, typed)
    except Refusal as refusal:
        if refusal.status in (401, 403, 404):
            raise
    return seasons.read(database(), current_actor(), season_id)


def _form(
    found: Shown,
    typed: Mapping[str, str],
    refusal: Refusal | None = None,
    missing: Sequence[str] = (),
) -> ResponseReturnValue:
    errors = _at_rows(field_sentences(refusal), typed) if refusal else {}
    page = render_template(
        "booking/season_apply.html",
        found=found,
        season=found.season,
        stage=found.season.stage(now()),
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        missing=missing,
        labels=_labels(),
        groups=[(each.group.id, each.group.name) for each in groups.mine(database(), current_actor())],
        units=[(unit.id, f"{unit.space.name} {unit.name}") for unit in found.units],
        weekdays=weekday_names(),
        times=clock_choices(found.units),
        lengths=_lengths(found.units),
        rows=ROWS,
        filled={row for row in ROWS if any(typed.get(f"{name}-{row}") for name in OPTION)},
        most_times=MOST_TIMES,
    )
    return page, refusal.status if refusal else 200


def _missing(season_id: int, typed: Mapping[str, str]) -> list[str]:
    """What a draft still lacks, as sentences."""
    try:
        applications.check(database(), current_actor(), now(), season_id, _asked(typed))
    except ValidationError as error:
        told = field_sentences(refusal_of_validation(error))
    except Refusal as refusal:
        told = field_sentences(refusal) or {"form": [sentence(refusal.code, refusal.params)]}
    else:
        return []
    labels = _labels()
    found = []
    for name, sentences in _at_rows(told, typed).items():
        label = labels.get(name, "").rstrip("? ")  # as in the summary of a form: no two marks in a row
        found += [f"{label}: {each}" if label else each for each in sentences]
    return list(dict.fromkeys(found))


def _labels() -> dict[str, str]:
    parts = {"unit_id": _("공간"), "weekday": _("요일"), "start": _("몇 시부터"), "end": _("몇 시까지")}
    of_rows = {f"{name}-{row}": f"{_('희망 %(n)s', n=row)} {part}" for row in ROWS for name, part in parts.items()}
    return of_rows | {
        "group_id": _("내 모임"),
        "group_name": _("모임 이름"),
        "purpose": _("무엇을 하나요?"),
        "people": _("사람 수"),
        "times": _("한 주에 몇 번"),
        "minutes": _("한 번에 얼마나"),
        "options": _("희망"),
    }


def _asked(typed: Mapping[str, str]) -> Any:
    """The form as an application. Raises ValidationError."""
    plain = {name: typed[name].strip() for name in PLAIN if typed.get(name, "").strip()}
    options = [
        {name: typed[f"{name}-{row}"] for name in OPTION if typed.get(f"{name}-{row}")} for row in _rows_of(typed)
    ]
    return SeasonApplicationRequest().load({**plain, "options": options})


def _rows_of(typed: Mapping[str, str]) -> list[int]:
    """The rows of the form that have something in them, in order: the first is the first option."""
    return [row for row in ROWS if any(typed.get(f"{name}-{row}") for name in OPTION)]


def _at_rows(errors: Mapping[str, list[str]], typed: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong with options, at the fields of their rows."""
    rows = _rows_of(typed)
    told: dict[str, list[str]] = {}
    for name, sentences in errors.items():
        match = _OF_OPTION.match(name)
        if match and int(match[1]) < len(rows):
            name = f"{match[2] or 'unit_id'}-{rows[int(match[1])]}"
        told.setdefault(name, []).extend(each for each in sentences if each not in told.get(name, ()))
    return told


def _typed_of(application: SeasonApplication) -> dict[str, str]:
    """What was applied with, as the form sends it."""
    typed = {name: str(value) for name in PLAIN if (value := getattr(application, name)) is not None}
    for row, (unit_id, weekday, start, end) in enumerate(application.options, 1):
        values = zip(OPTION, (unit_id, weekday, clock(start), clock(end)), strict=True)
        typed |= {f"{name}-{row}": str(value) for name, value in values}
    return typed


def clock_choices(units: Sequence[Unit]) -> list[str]:
    """The times to choose from: the grid from the first opening to the last closing of any unit."""
    pairs = [
        pair
        for unit in units
        if (opening := unit.opening)
        for pair in opening.days or (opening.weekday, opening.weekend)
        if pair
    ]
    if not pairs:
        return []
    first, last = min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    grid = grid_of({unit.policy.grid // MINUTE for unit in units})
    return [told for each in range(0, 24 * 60 + 1, grid) if first <= (told := clock(each)) <= last]


def _lengths(units: Sequence[Unit]) -> list[tuple[int, str]]:
    """How long a time may be: what at least one unit allows."""
    shortest = min((unit.policy.shortest // MINUTE for unit in units), default=30)
    longest = max((unit.policy.longest // MINUTE for unit in units), default=240)
    grid = grid_of({unit.policy.grid // MINUTE for unit in units})
    found = [each for each in range(grid, min(longest, 480) + 1, grid) if each >= shortest]
    return [(each, length_text(each)) for each in found]


def length_text(minutes: int) -> str:
    """90 as "1시간 30분"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)s분", n=rest)
    return _("%(hours)s시간 %(rest)s분", hours=hours, rest=rest) if rest else _("%(n)s시간", n=hours)


_FIELDS = {*PLAIN, *(f"{name}-{row}" for name in OPTION for row in ROWS)}
