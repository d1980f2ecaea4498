"""What a space lends, for its keepers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import equipment
from services.booking.schemas.equipment import facts_of_form
from services.booking.schemas.units import row_id
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database


def show(space_id: int) -> ResponseReturnValue:
    """All equipment of a space, and a form: for a new piece, or for the one of `?edit=`."""
    return _page(space_id, request.args.get("edit", type=row_id))


def save(space_id: int) -> ResponseReturnValue:
    """Add equipment, or change it."""
    edited = request.form.get("equipment_id", type=row_id)
    equipment.of_space(database(), current_actor(), space_id)
    try:
        facts = facts_of_form(request.form)
        made = equipment.put(database(), current_actor(), now(), space_id, facts, edited)
    except ValidationError as error:
        return _page(space_id, edited, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _page(space_id, edited, request.form, refusal)
    flash(_("저장했습니다: %(name)s", name=made.name), "success")
    return redirect(service_url("booking", f"/manage/spaces/{space_id}/equipment"))


def _page(
    space_id: int, edited: int | None, typed: Mapping[str, Any] | None = None, refusal: Refusal | None = None
) -> ResponseReturnValue:
    space, units, kept = equipment.of_space(database(), current_actor(), space_id)
    chosen = next((each for each in kept if each.id == edited), None)
    if typed is None:
        typed = {"active": "on", "count": 1, "fee_won": 0}
        if chosen:
            names = ("name", "count", "fee_won", "hourly", "note", "active", "unit_ids")
            typed = {name: getattr(chosen, name) for name in names}
    errors = field_sentences(refusal) if refusal else {}
    listed = typed.getlist("unit_ids") if hasattr(typed, "getlist") else typed.get("unit_ids") or []
    page = render_template(
        "booking/keep_equipment.html",
        space=space,
        units=[(unit.id, unit.name) for unit in units],
        names={unit.id: unit.name for unit in units},
        kept=kept,
        chosen=chosen,
        typed=typed,
        listed=listed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
    )
    return page, refusal.status if refusal else 200
