"""Seasons for those who run the spaces: the list, making and changing one, announcing or dropping it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import seasons
from services.booking.models import Season, Unit
from services.booking.rules.seasons import EXTRA, NAME_LENGTH, NOTE_LENGTH, USABLE, Wanted
from services.booking.schemas.seasons import SeasonForm, wanted_of
from services.booking.seasons import ending
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.i18n import SEOUL
from shared.web.navigation import service_url
from shared.web.pages import database

USUAL = {"usable": 75, "one_a_day": "on", "district_weight": 0, "new_weight": 0}


def index() -> ResponseReturnValue:
    """The seasons that I run."""
    moment = now()
    found = [
        {"season": season, "stage": season.stage(moment), "spaces": spaces, "count": count}
        for season, spaces, count in seasons.managed_by(database(), current_actor())
    ]
    return render_template("booking/manage_seasons.html", found=found)


def new() -> ResponseReturnValue:
    """The form of a new season."""
    return _form(None, USUAL, str(uuid4()))


def make() -> ResponseReturnValue:
    """Make it; nobody else sees it yet."""
    key = request.form.get("idempotency_key") or str(uuid4())
    try:
        wanted, _version = _wanted()
        made = seasons.make(database(), current_actor(), now(), wanted, key)
    except ValidationError as error:
        return _form(None, request.form, key, refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(None, request.form, key, refusal)
    flash(_("정기 이용을 만들었습니다. 공개하기 전까지 주민에게 보이지 않습니다."), "success")
    return redirect(service_url("booking", f"/manage/seasons/{made.id}"))


def edit(season_id: int) -> ResponseReturnValue:
    """The form of a season that can still change."""
    season, typed = _own(season_id)
    try:
        seasons.refuse_ended(season)
    except Refusal as refusal:
        flash(sentence(refusal.code, refusal.params), "error")
        return redirect(service_url("booking", f"/manage/seasons/{season_id}"))
    return _form(season, typed, "")


def save(season_id: int) -> ResponseReturnValue:
    """Change it."""
    season, _typed = _own(season_id)
    try:
        wanted, version = _wanted(season)
        seasons.edit(database(), current_actor(), now(), season_id, version, wanted)
    except ValidationError as error:
        return _form(season, request.form, "", refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(season, request.form, "", refusal)
    flash(_("저장했습니다."), "success")
    return redirect(service_url("booking", f"/manage/seasons/{season_id}"))


def announce(season_id: int) -> ResponseReturnValue:
    """Let everybody see it."""
    version = request.form.get("version", 0, type=int)
    try:
        seasons.announce(database(), current_actor(), now(), season_id, version)
        flash(_("공개했습니다. 신청이 열리면 모임이 신청할 수 있습니다."), "success")
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        flash(sentence(refusal.code, refusal.params), "error")
    return redirect(service_url("booking", f"/manage/seasons/{season_id}"))


def drop(season_id: int) -> ResponseReturnValue:
    """Delete a draft."""
    version = request.form.get("version", 0, type=int)
    try:
        ending.drop(database(), current_actor(), now(), season_id, version)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        flash(sentence(refusal.code, refusal.params), "error")
        return redirect(service_url("booking", f"/manage/seasons/{season_id}"))
    flash(_("준비하던 정기 이용을 지웠습니다."), "success")
    return redirect(service_url("booking", "/manage/seasons"))


def _own(season_id: int) -> tuple[Season, dict[str, Any]]:
    found = seasons.read(database(), current_actor(), season_id)
    if not found.runs:
        raise Refusal("not_allowed", 403)
    season, zone = found.season, ZoneInfo(found.season.zone)
    told = vars(seasons.told(season, [unit.id for unit in found.units]))
    moments = {name: f"{told[name].astimezone(zone):%Y-%m-%dT%H:%M}" for name in ("opens_at", "closes_at")}
    ids = [str(unit_id) for unit_id in told["unit_ids"]]
    return season, {**told, **moments, "unit_ids": ids, "one_a_day": "on" if told["one_a_day"] else ""}


def _wanted(season: Season | None = None) -> tuple[Wanted, int]:
    """The form, its moments read in the zone of the chosen spaces. Raises ValidationError, Refusal."""
    form = SeasonForm().load(_given(season))
    zone = ZoneInfo(season.zone) if season else _zone(form["unit_ids"])
    for name in ("opens_at", "closes_at"):
        form[name] = form[name].replace(tzinfo=zone).astimezone(UTC)
    return wanted_of(form), form["version"]


def _given(season: Season | None) -> dict[str, Any]:
    """What was typed; what the page shows as fixed, because groups apply already, is as it was."""
    plain: dict[str, Any] = {name: value for name, value in request.form.items() if value and name != "unit_ids"}
    plain["unit_ids"] = request.form.getlist("unit_ids")
    if season is not None and frozen(season, now()):
        _season, known = _own(season.id)
        fixed = {name: known[name] for name in seasons.FROZEN}
        plain |= {name: str(value) if name.endswith("_day") else value for name, value in fixed.items()}
    return plain


def frozen(season: Season, moment: datetime) -> bool:
    """Whether groups rely on it already."""
    return season.stage(moment) not in ("draft", "soon")


def _zone(unit_ids: Sequence[int]) -> ZoneInfo:
    known = {unit.id: unit for unit in seasons.possible_units(database(), current_actor())}
    found = next((known[unit_id] for unit_id in unit_ids if unit_id in known), None)
    return found.zone if found else ZoneInfo(SEOUL)


def _form(
    season: Season | None, typed: Mapping[str, Any], key: str, refusal: Refusal | None = None
) -> ResponseReturnValue:
    units = seasons.possible_units(database(), current_actor())
    fixed = season is not None and frozen(season, now())
    if season is not None:
        units = _with(units, seasons.read(database(), current_actor(), season.id).units)
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_season_form.html",
        season=season,
        fixed=fixed,
        typed=typed,
        key=key,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and (not errors or refusal.status == 409) else None,
        units=[(unit.id, f"{unit.space.name} · {unit.name}") for unit in units],
        extras=[(number, extra_text(number)) for number in range(EXTRA[0], EXTRA[1] + 1)],
        usable=USABLE,
        lengths={"name": NAME_LENGTH, "note": NOTE_LENGTH},
    )
    return page, refusal.status if refusal else 200


def _with(units: Sequence[Unit], own: Sequence[Unit]) -> list[Unit]:
    known = {unit.id for unit in units}
    return [*units, *(unit for unit in own if unit.id not in known)]


def extra_text(number: int) -> str:
    """How much more a group counts."""
    return _("똑같이 봅니다") if not number else _("한 모임을 %(n)s모임으로 셉니다", n=number + 1)
