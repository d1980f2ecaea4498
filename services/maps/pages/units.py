"""The people of a place see and change its units: `/spaces/<id>/units` and below, and the place's own facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.maps.models import Space, Unit
from services.maps.schemas.editing import DivideForm, NewUnitForm, SpaceForm, UnitForm
from services.maps.space_editing import edit_space, fingerprint, follow_source, space_to_edit
from services.maps.status import coming_of_units
from services.maps.unit_editing import MOST_PARTS, add_unit, divide_unit, edit_unit, join_units, put_in_service
from services.maps.unit_sets import exclusions
from services.maps.wording import ACCESSIBILITY
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.pages import database

UNIT_FACTS = ("name", "capacity", "area_m2")


def index(space_id: int) -> ResponseReturnValue:
    """All units: what each is made of, which it excludes, how many reservations are to come."""
    with database().read() as session:
        space = space_to_edit(session, current_actor(), space_id)
        coming = coming_of_units(session, now(), space_id)
    names = {unit.id: unit.name for unit in space.units}
    excluded = exclusions({unit.id: unit.atoms for unit in space.units if unit.active})
    return render_template(
        "maps/units.html",
        space=space,
        coming=coming,
        parts=part_names(space),
        excluded={unit_id: [names[other] for other in others] for unit_id, others in excluded.items()},
        edited=_follows(space) or any(map(_follows, space.units)),
        seen=fingerprint(space),
    )


def facts(space_id: int) -> ResponseReturnValue:
    """The form of the space's own facts."""
    return _facts_form(space_id)


def save_facts(space_id: int) -> ResponseReturnValue:
    """Change them, or show the form again."""

    def change() -> None:
        edit_space(database(), current_actor(), now(), space_id=space_id, **SpaceForm().load(request.form))

    if refusal := _refused(change):
        return _facts_form(space_id, refusal)
    flash(_("공간 정보를 고쳤습니다."), "success")
    return redirect(url_for("units.index", space_id=space_id))


def new(space_id: int) -> ResponseReturnValue:
    """The form of a new room."""
    return _unit_form(space_id)


def add(space_id: int) -> ResponseReturnValue:
    """Add it, or show the form again."""

    def change() -> None:
        add_unit(database(), current_actor(), now(), space_id=space_id, **NewUnitForm().load(request.form))

    if refusal := _refused(change):
        return _unit_form(space_id, refusal=refusal)
    flash(_("공간 단위를 더했습니다."), "success")
    return redirect(url_for("units.index", space_id=space_id))


def one(space_id: int, unit_id: int) -> ResponseReturnValue:
    """The form of a unit's facts."""
    return _unit_form(space_id, unit_id)


def save(space_id: int, unit_id: int) -> ResponseReturnValue:
    """Change them, or show the form again."""

    def change() -> None:
        loaded = UnitForm().load(request.form)
        edit_unit(database(), current_actor(), now(), space_id=space_id, unit_id=unit_id, **loaded)

    if refusal := _refused(change):
        return _unit_form(space_id, unit_id, refusal)
    flash(_("공간 단위를 고쳤습니다."), "success")
    return redirect(url_for("units.index", space_id=space_id))


def division(space_id: int, unit_id: int) -> ResponseReturnValue:
    """The form that divides a hall."""
    return _division_form(space_id, unit_id)


def divide(space_id: int, unit_id: int) -> ResponseReturnValue:
    """Divide it, or show the form again."""

    def change() -> None:
        loaded = DivideForm.of_page(request.form)
        divide_unit(database(), current_actor(), now(), space_id=space_id, unit_id=unit_id, **loaded)

    if refusal := _refused(change):
        return _division_form(space_id, unit_id, refusal)
    flash(_("공간을 나누었습니다. 이미 들어온 예약은 그대로입니다."), "success")
    return redirect(url_for("units.index", space_id=space_id))


def joining(space_id: int) -> ResponseReturnValue:
    """The form that makes one unit of several."""
    return _joining_form(space_id)


def join(space_id: int) -> ResponseReturnValue:
    """Make it, or show the form again."""

    def change() -> None:
        join_units(database(), current_actor(), now(), space_id=space_id, **UnitForm().load(request.form))

    if refusal := _refused(change):
        return _joining_form(space_id, refusal)
    flash(_("공간을 묶었습니다. 이미 들어온 예약은 그대로입니다."), "success")
    return redirect(url_for("units.index", space_id=space_id))


def service(space_id: int, unit_id: int) -> ResponseReturnValue:
    """Take a unit out of service or back in."""
    active = request.form.get("active") == "on"
    put_in_service(database(), current_actor(), now(), space_id=space_id, unit_id=unit_id, active=active)
    flash(
        _("다시 예약을 받습니다.") if active else _("이제 새 예약을 받지 않습니다. 이미 들어온 예약은 그대로입니다."),
        "success",
    )
    return redirect(url_for("units.index", space_id=space_id))


def follow(space_id: int) -> ResponseReturnValue:
    """Let imports set the facts again."""
    follow_source(database(), current_actor(), now(), space_id=space_id)
    flash(_("다음에 자료를 가져올 때부터 자료의 내용을 따릅니다."), "success")
    return redirect(url_for("units.index", space_id=space_id))


def part_names(space: Space) -> dict[int, list[str]]:
    """{unit id: the names of the units that it is made of}."""
    names = {unit.id: unit.name for unit in space.units}
    return {unit.id: [names[part] for part in unit.parts if part in names] for unit in space.units}


def _refused(change: Callable[[], None]) -> Refusal | None:
    """Do it; the refusal to show beside the fields. One that no form can put right goes on to the error page."""
    try:
        change()
    except ValidationError as error:
        return refusal_of_validation(error)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return refusal
    return None


def _facts_form(space_id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    space = _space(space_id)
    names = ("name", "address", "phone", "homepage", "latitude", "longitude", "accessibility")
    return _page("maps/space_facts.html", space, refusal, {name: getattr(space, name) for name in names})


def _unit_form(space_id: int, unit_id: int | None = None, refusal: Refusal | None = None) -> ResponseReturnValue:
    space = _space(space_id)
    unit = None if unit_id is None else _unit(space, unit_id)
    models = [each for each in space.units if each.hours is not None]
    typed: dict[str, Any] = {"like": models[0].id if models else ""}
    if unit is not None:
        typed = {name: getattr(unit, name) for name in (*UNIT_FACTS, "accessibility", "parts", "whole")}
        typed["equipment"] = ", ".join(unit.equipment)
    return _page("maps/unit_form.html", space, refusal, typed, unit=unit, models=models)


def _division_form(space_id: int, unit_id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    space = _space(space_id)
    unit = _unit(space, unit_id)
    if (unit.parts or unit.whole) and refusal is None:
        return redirect(url_for("units.one", space_id=space_id, unit_id=unit_id))
    typed = {f"name_{number}": f"{unit.name} {letter}" for number, letter in ((1, "A"), (2, "B"))}
    with database().read() as session:
        coming = coming_of_units(session, now(), space_id).get(unit_id, 0)
    return _page("maps/unit_division.html", space, refusal, typed, unit=unit, coming=coming, most=MOST_PARTS)


def _joining_form(space_id: int, refusal: Refusal | None = None) -> ResponseReturnValue:
    return _page("maps/unit_joining.html", _space(space_id), refusal, {})


def _page(
    template: str, space: Space, refusal: Refusal | None, typed: Mapping[str, Any], **more: Any
) -> ResponseReturnValue:
    errors = field_sentences(refusal) if refusal else {}
    stale = refusal is not None and refusal.code == "edited_meanwhile"
    page = render_template(
        template,
        space=space,
        typed=request.form or typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        accessibility=list(ACCESSIBILITY.items()),
        # Who was told that somebody else was quicker, and sends again, means it.
        seen=request.form.get("seen") if refusal and not stale else fingerprint(space),
        **more,
    )
    return page, refusal.status if refusal else 200


def _space(space_id: int) -> Space:
    with database().read() as session:
        return space_to_edit(session, current_actor(), space_id)


def _unit(space: Space, unit_id: int) -> Unit:
    unit = next((each for each in space.units if each.id == unit_id), None)
    if unit is None:
        raise Refusal("not_found", 404)
    return unit


def _follows(row: Space | Unit) -> bool:
    return bool(set(row.edited) - {"active", "parts"})
