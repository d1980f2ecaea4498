"""A season's applications and plan for those who run it: propose, edit, go back, publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking.approvals import REASON_LENGTH
from services.booking.pages.seasons import clock_choices, length_text
from services.booking.rules.weekly import Option, Placement
from services.booking.schemas.seasons import SeasonActRequest
from services.booking.seasons import ending, plan, publishing
from services.booking.seasons.plan import Board
from services.booking.seasons.rooms import options_of
from services.booking.wording.recurrence import weekday_names
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(season_id: int) -> ResponseReturnValue:
    """The applications, and the plan with its fairness and its reasons. Who looked is recorded."""
    return _show(season_id)


def cancel(season_id: int) -> ResponseReturnValue:
    """Call it off; everybody who applied is told why."""
    reason = request.form.get("reason", "")
    try:
        ending.cancel(database(), current_actor(), now(), season_id, reason)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _show(season_id, reason, refusal)
    flash(_("정기 이용을 취소하고 신청한 모두에게 이유를 알렸습니다."), "success")
    return _back(season_id)


def _show(season_id: int, reason: str = "", refusal: Refusal | None = None) -> ResponseReturnValue:
    found = plan.read(database(), current_actor(), now(), season_id)
    if found.applications:
        plan.viewed(database(), current_actor(), now(), season_id)
    season = found.season
    published = season.status == "published"
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_season.html",
        board=found,
        season=season,
        zone=ZoneInfo(season.zone),
        stage=season.stage(now()),
        units=found.rooms.units,
        by_unit=_by_unit(found),
        applications=[_application(found, each) for each in found.applications.values()],
        clashing={placement for pair in found.clashes for placement in pair},
        history=list(enumerate(season.history)),
        unproven=[name for name, proven in (found.plan.about.get("proven") or {}).items() if not proven],
        carried=publishing.progress(database(), season_id) if published else None,
        length_text=length_text,
        reason=reason,
        reason_length=REASON_LENGTH,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
    )
    return page, refusal.status if refusal else 200


def propose(season_id: int) -> ResponseReturnValue:
    """Let the system propose."""
    version = request.form.get("version", 0, type=int)
    try:
        plan.propose_plan(database(), current_actor(), now(), season_id, version)
        flash(_("배정안을 새로 받았습니다. 손으로 정한 것은 그대로 두었습니다."), "success")
    except Refusal as refusal:
        _say(refusal)
    return _back(season_id)


def act(season_id: int) -> ResponseReturnValue:
    """Pin, unpin, take away or allow a time again; a move comes from its own form."""
    moving = request.form.get("do") == "move" or "by_hand" in request.form
    try:
        told = SeasonActRequest().load({name: value for name, value in request.form.items() if value})
        placement, to = plan.placements_of(database(), season_id, told)
        plan.act(database(), current_actor(), now(), season_id, told["version"], told["do"], placement, to)
        flash(_("바꾸었습니다. 겹침과 공정함과 이유를 다시 셈했습니다."), "success")
    except ValidationError as error:
        if moving:
            return _place(season_id, request.form, refusal_of_validation(error))
        _say(refusal_of_validation(error))
    except Refusal as refusal:
        if moving and refusal.status in (409, 422) and refusal.code != "season_changed":
            return _place(season_id, request.form, refusal)
        _say(refusal)
    return _back(season_id)


def place(season_id: int) -> ResponseReturnValue:
    """The form that moves a time, or gives one by hand."""
    return _ended(season_id) or _place(season_id, request.args)


def go_back(season_id: int) -> ResponseReturnValue:
    """Take up an earlier plan."""
    version, index = (request.form.get(name, -1, type=int) for name in ("version", "index"))
    try:
        plan.go_back(database(), current_actor(), now(), season_id, version, index)
        flash(_("이전 배정안으로 돌아갔습니다. 방금 것도 기록에 남아 있습니다."), "success")
    except Refusal as refusal:
        _say(refusal)
    return _back(season_id)


def confirm(season_id: int) -> ResponseReturnValue:
    """What publishing would reserve, and what it can't."""
    return _ended(season_id) or _confirm(season_id)


def publish(season_id: int) -> ResponseReturnValue:
    """Make it final and reserve."""
    version = request.form.get("version", 0, type=int)
    try:
        publishing.publish(database(), current_actor(), now(), season_id, version)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _confirm(season_id, refusal)
    done, of_all = publishing.progress(database(), season_id)
    if done < of_all:
        flash(_("배정을 확정했습니다. 예약은 %(done)s/%(all)s까지 했고 나머지는 곧 이어집니다.", done=done, all=of_all))
    else:
        flash(_("배정을 확정하고 예약을 마쳤습니다. 모임마다 알림을 보냈습니다."), "success")
    return _back(season_id)


def _ended(season_id: int) -> ResponseReturnValue | None:
    """Where to look instead, when the season was called off since the link was shown."""
    season = plan.read(database(), current_actor(), now(), season_id).season
    if season.status != "cancelled":
        return None
    flash(sentence("season_is_cancelled", {}), "error")
    return _back(season_id)


def _confirm(season_id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    board, outlooks = publishing.preview(database(), current_actor(), now(), season_id)
    page = render_template(
        "booking/manage_season_publish.html",
        board=board,
        season=board.season,
        units=board.rooms.units,
        outlooks=outlooks,
        reserved=sum(len(each.free) for each in outlooks),
        left_out=sum(len(each.closed) + len(each.taken) for each in outlooks),
        ready=board.season.stage(now()) == "closed" and not board.plan.empty and not board.clashes,
        message=sentence(refusal.code, refusal.params) if refusal else None,
    )
    return page, refusal.status if refusal else 200


def _place(season_id: int, typed: Mapping[str, str], refusal: Refusal | None = None) -> ResponseReturnValue:
    board = plan.read(database(), current_actor(), now(), season_id)
    moving = bool(typed.get("start")) and typed.get("do", "move") == "move"
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_season_place.html",
        board=board,
        season=board.season,
        typed=typed,
        moving=moving,
        version=typed.get("version") or board.season.version,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        application=next((a for a in board.applications.values() if str(a.id) == typed.get("application_id")), None),
        applications=[(each.id, each.group_name) for each in board.applications.values()],
        units=[(unit.id, f"{unit.space.name} {unit.name}") for unit in board.rooms.units.values()],
        unit_names={str(unit.id): unit.name for unit in board.rooms.units.values()},
        weekdays=weekday_names(),
        times=clock_choices(list(board.rooms.units.values())),
        length_text=length_text,
    )
    return page, refusal.status if refusal else 200


def _by_unit(board: Board) -> list[tuple[Any, list[Placement]]]:
    """Each unit with the weekly times given there, through the week."""
    found = []
    for unit in board.rooms.units.values():
        own = [each for each in board.plan.placements if each.unit_id == unit.id]
        found.append((unit, sorted(own, key=lambda each: (each.time, each.wish_id))))
    return found


def _application(board: Board, application: Any) -> dict[str, Any]:
    """An application with what came of each option; `pin` is what the button would give."""
    wish = next(each for each in board.wishes if each.id == application.id)
    reasons = board.reasons.get(application.id, ())
    return {
        "application": application,
        "weight": wish.weight,
        "given": len(board.plan.of(application.id)),
        "options": [
            {
                "option": option,
                "reason": {"code": reason.code, "why": reason.why},
                "lost_to": sorted({each.wish_id for each in reason.lost_to}),
                "start": _earliest(board, option, application.minutes),
            }
            for option, reason in zip(options_of(application), reasons, strict=False)
        ],
        "forbidden": sorted(each for each in board.plan.forbidden if each.wish_id == application.id),
    }


def _earliest(board: Board, option: Option, minutes: int) -> int | None:
    """The earliest start within an option at which nobody else has the unit; else its own start."""
    taken = [each.time for each in board.plan.placements if each.unit_id == option.unit_id]
    for start in range(option.start, option.end - minutes + 1, board.rooms.rules.grid):
        if not any(t.weekday == option.weekday and t.start < start + minutes and start < t.end for t in taken):
            return start
    return option.start if option.start + minutes <= option.end else None


def _say(refusal: Refusal) -> None:
    if refusal.status in (403, 404):
        raise refusal
    fields = field_sentences(refusal)
    flash(next(iter(fields.values()))[0] if fields else sentence(refusal.code, refusal.params), "error")


def _back(season_id: int) -> ResponseReturnValue:
    return redirect(service_url("booking", f"/manage/seasons/{season_id}"))
