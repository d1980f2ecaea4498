"""Closures: prepare, look who it meets, apply, undo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import closures
from services.booking.closures import acts, simulation
from services.booking.closures.simulation import Affected, Choice, Simulation
from services.booking.closures.words import LANGUAGES
from services.booking.models import Person, Reservation
from services.booking.models.closures import ACTIONS
from services.booking.repeats import rule_of
from services.booking.rules.displacement import Place
from services.booking.rules.interval import Interval
from services.booking.schemas.managing import ClosureForm
from services.booking.wording import during_text
from services.booking.wording.manage import REPEAT_WORDS, span_text
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def index(space_id: int) -> ResponseReturnValue:
    """A space's closures: being prepared, to come, over or undone."""
    space, names, found = closures.of_space(database(), current_actor(), space_id)
    zone, moment = ZoneInfo(space.zone), now()
    listed: dict[str, list[dict[str, Any]]] = {"drafts": [], "coming": [], "past": []}
    for closure in found:
        times = closures.times_of(closure, zone)
        over = closure.status == "undone" or not times or times[-1].end <= moment
        units = ", ".join(names.get(unit_id, "") for unit_id in closure.unit_ids)
        kind = "drafts" if closure.status == "draft" else "past" if over else "coming"
        told = {"closure": closure, "when": span_text(closure.during, zone), "units": units, "times": len(times)}
        listed[kind].append(told)
    return render_template("booking/manage_closures.html", space=space, closures=listed)


def new(space_id: int) -> ResponseReturnValue:
    """The form of a new closure."""
    return _form(space_id, {})


def draft(space_id: int) -> ResponseReturnValue:
    """Prepare it, and go on to whom it meets."""
    try:
        form = ClosureForm().load(_given())
        zone = closures.zone_of(database(), current_actor(), space_id)
        start, end = closures.span(form["first_day"], form["from_"], form["last_day"], form["to"], zone)
        made = closures.draft(
            database(),
            current_actor(),
            now(),
            space_id=space_id,
            unit_ids=form["units"],
            start=start,
            end=end,
            reason=form["reason"],
            rule=rule_of(form["repeat"], form["first_day"], form["until"]),
        )
    except ValidationError as error:
        return _form(space_id, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _form(space_id, request.form, refusal)
    return redirect(service_url("booking", f"/manage/closures/{made.id}"))


def show(closure_id: int) -> ResponseReturnValue:
    """A draft as it would work out now; an applied or undone closure with what it did."""
    closure = closures.read(database(), current_actor(), closure_id)
    return _simulation(closure_id) if closure.status == "draft" else _done(closure_id)


def save(closure_id: int) -> ResponseReturnValue:
    """Keep the choices and look again, apply, or forget the draft."""
    actor, moment, what = current_actor(), now(), request.form.get("do", "save")
    try:
        if what == "drop":
            closure = closures.drop(database(), actor, moment, closure_id)
            flash(_("준비하던 휴관을 지웠습니다."), "success")
            return redirect(service_url("booking", f"/manage/spaces/{closure.space_id}/closures"))
        version = request.form.get("version", 0, type=int)
        closure = simulation.choose(database(), actor, moment, closure_id, version, _choices(), _texts())
        if what == "apply":
            acts.apply(database(), actor, moment, closure_id, closure.version)
            flash(_("휴관을 적용하고 모두에게 알렸습니다."), "success")
        else:
            flash(_("저장했습니다. 아직 아무것도 바뀌지 않았습니다."), "success")
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        closure = closures.read(database(), actor, closure_id)
        if closure.status != "draft":
            if what != "apply" or closure.status != "applied":
                flash(sentence(refusal.code, refusal.params), "error")
            return redirect(service_url("booking", f"/manage/closures/{closure_id}"))
        return _simulation(closure_id, refusal)
    return redirect(service_url("booking", f"/manage/closures/{closure_id}"))


def undo(closure_id: int) -> ResponseReturnValue:
    """Open again, and put back what can be."""
    try:
        acts.undo(database(), current_actor(), now(), closure_id)
        flash(_("휴관을 되돌렸습니다. 되돌리지 못한 예약은 아래에 표시했습니다."), "success")
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        flash(sentence(refusal.code, refusal.params), "error")
    return redirect(service_url("booking", f"/manage/closures/{closure_id}"))


def _given() -> dict[str, Any]:
    plain = {name: value for name, value in request.form.items() if value != "" and name != "units"}
    return {**plain, "units": request.form.getlist("units")}


def _form(space_id: int, typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    space, units = closures.form_of(database(), current_actor(), space_id)
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_closure_form.html",
        space=space,
        units=[(unit.id, unit.name) for unit in units],
        typed=typed or {"units": [unit.id for unit in units]},
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        repeats=list(REPEAT_WORDS.items()),
    )
    return page, refusal.status if refusal else 200


def _simulation(closure_id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    found = simulation.simulate(database(), current_actor(), now(), closure_id)
    typed = request.form if refusal else {}
    affected = [_row(found, each, typed) for each in found.affected]
    chosen = [row["chosen"].partition(":")[0] for row in affected]
    texts = found.closure.texts
    if refusal and refusal.status == 422:
        texts = _texts() or texts
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/manage_closure.html",
        space=found.space,
        closure=found.closure,
        zone=found.zone,
        times=found.times,
        units=[unit.name for unit in found.units],
        affected=affected,
        texts=texts,
        counts={action: chosen.count(action) for action in ACTIONS},
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and (refusal.status == 409 or not errors) else None,
    )
    return page, refusal.status if refusal else 200


def _row(found: Simulation, each: Affected, typed: Mapping[str, str]) -> dict[str, Any]:
    """A reservation with what can be chosen for it; what was typed goes before what is kept."""
    reservation = each.reservation
    options = [(_value(Choice("move", place)), _place_text(found, reservation, place)) for place in each.places]
    options += [("cancel", _("취소하고 알리기")), ("keep", _("그대로 두기 (휴관이지만 쓰게 함)"))]
    chosen = typed.get(f"choice-{reservation.id}") or _value(each.choice)
    if chosen not in {value for value, _label in options}:
        chosen = _value(each.choice)
    choice = _choice(chosen) or each.choice
    target = found.targets.get(choice.place.unit_id) if choice.place else None
    hint = None
    if each.started:
        hint = _("이미 시작한 예약이라 옮길 수 없습니다.")
    elif reservation.kind == "block":
        hint = _("공간의 자체 행사입니다.")
    elif reservation.kind == "lottery":
        hint = _("추첨으로 비워 둔 시간입니다.")
    elif not each.places:
        hint = _("가까운 곳에 비어 있는 시간이 없습니다.")
    return {
        "reservation": reservation,
        "who": who_text(reservation, found.people.get(reservation.account_id)),
        "options": options,
        "chosen": chosen,
        "new": each.new and found.chosen_before,
        "hint": hint,
        "told": acts.texts_of(found.closure, reservation.unit, reservation.during, choice, target, found.zone)
        if reservation.kind == "visit"
        else None,
    }


def _done(closure_id: int) -> ResponseReturnValue:
    found = acts.done(database(), current_actor(), now(), closure_id)
    results = [
        {
            "reservation": each.reservation,
            "who": who_text(each.reservation, found.people.get(each.reservation.account_id)),
            "was": f"{during_text(each.was, found.zone)} {each.was_unit.name}",
            "action": each.choice.action,
            "to": _target_text(each, found.zone),
            "restored": each.choice.restored,
        }
        for each in found.outcomes
    ]
    return render_template(
        "booking/manage_closure_done.html",
        space=found.space,
        closure=found.closure,
        zone=found.zone,
        times=found.times,
        units=[unit.name for unit in found.units],
        results=results,
    )


def who_text(reservation: Reservation, person: Person | None) -> str:
    """Who reserved, in as few words as booking knows."""
    if reservation.kind != "visit":
        return reservation.purpose
    return reservation.group_name or (person.name if person else "") or _("주민 %(id)s", id=reservation.account_id)


def _target_text(outcome: acts.Outcome, zone: ZoneInfo) -> str | None:
    target = outcome.choice.target
    if outcome.to_unit is None or target is None:
        return None
    return f"{during_text(target, zone)} {acts.place_text(outcome.to_unit)}"


def _place_text(found: Simulation, reservation: Reservation, place: Place) -> str:
    unit = found.targets[place.unit_id]
    where = unit.name if unit.space_id == reservation.space_id else acts.place_text(unit)
    if place.during == reservation.during:
        return _("옮기기: 같은 시간 %(where)s", where=where)
    return _("옮기기: %(when)s %(where)s", when=during_text(place.during, unit.zone), where=where)


def _value(choice: Choice) -> str:
    """A choice as the form sends it."""
    if choice.place is None:
        return choice.action
    start, end = (moment.astimezone(UTC).strftime("%Y%m%dT%H%M") for moment in choice.place.during)
    return f"move:{choice.place.unit_id}:{start}:{end}"


def _choice(value: str) -> Choice | None:
    """The choice that the form sent; None when it can't be read."""
    action, *rest = value.split(":")
    if action != "move":
        return Choice(action) if action in ACTIONS and not rest else None
    try:
        unit_id, start, end = rest
        times = [datetime.strptime(each, "%Y%m%dT%H%M").replace(tzinfo=UTC) for each in (start, end)]
        return Choice("move", Place(int(unit_id), Interval(*times))) if timedelta(0) < times[1] - times[0] else None
    except ValueError:
        return None


def _choices() -> dict[int, Choice]:
    found = {}
    for name, value in request.form.items():
        number = name.removeprefix("choice-")
        if name != number and number.isdecimal() and len(number) < 10:
            found[int(number)] = _choice(value) or Choice("")
    return found


def _texts() -> dict[str, dict[str, str]] | None:
    """The edited messages; None when the page had none to edit."""
    if "ko-move" not in request.form:
        return None
    return {
        action: {language: request.form.get(f"{language}-{action}", "") for language in LANGUAGES} for action in ACTIONS
    }
