"""A space's settings at a glance, and the form of a unit's rules, for keepers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.booking import unit_rules
from services.booking.rules.settings import GRIDS
from services.booking.schemas.rules import RulesForm, typed_rules
from services.booking.unit_rules import Ruled
from services.booking.wording.rules import APPROVAL_WORDS, AUDIENCE_WORDS
from shared.clock import now
from shared.identity.access import current_actor
from shared.refusal import Refusal
from shared.web.errors import field_sentences, refusal_of_validation, sentence
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import length_text

HOUR, DAY = 60, 24 * 60
CHOICES: Mapping[str, Iterable[int]] = {
    "grid": GRIDS,
    "shortest": (10, 15, 20, 30, 60, 90, 120, 180, 240),
    "longest": (60, 90, 120, 180, 240, 300, 360, 480, 600, 720, 1440),
    "notice": (0, 30, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY),
    "cancel_notice": (0, 30, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY),
    "buffer_before": (0, 5, 10, 15, 20, 30, 45, 60, 90, 120),
    "buffer_after": (0, 5, 10, 15, 20, 30, 45, 60, 90, 120),
    "offer": (10, 15, 30, 60, 120, 180, 360, 720, 1440),
    "early": (0, 5, 10, 15, 20, 30, 60),
    "grace": (5, 10, 15, 20, 30, 45, 60),
}
"""What the form offers, in minutes; a value that was set otherwise stays among them."""


def overview(space_id: int) -> ResponseReturnValue:
    """What holds for each unit of a space, each with the way to change it."""
    space, units = unit_rules.read_space(database(), current_actor(), space_id)
    return render_template("booking/keep_overview.html", space=space, units=units)


def show(unit_id: int) -> ResponseReturnValue:
    """A unit's rules as they are."""
    ruled = unit_rules.read(database(), current_actor(), unit_id)
    return _form(ruled, typed_rules(ruled.unit.policy))


def save(unit_id: int) -> ResponseReturnValue:
    """Set the rules of a unit, or of all units of its space."""
    ruled = unit_rules.read(database(), current_actor(), unit_id)
    try:
        form = RulesForm().load(request.form)
        changed = unit_rules.set_policy(database(), current_actor(), now(), unit_id, **form)
    except ValidationError as error:
        return _form(ruled, request.form, refusal_of_validation(error))
    except Refusal as refusal:
        return _form(ruled, request.form, refusal)
    flash(saved_text(changed), "success")
    return redirect(service_url("booking", f"/manage/units/{unit_id}/rules"))


def saved_text(changed: int) -> str:
    """What saving has done."""
    return _("저장했습니다. 바뀐 공간 %(n)s곳.", n=changed) if changed else _("이미 그렇게 정해져 있습니다.")


def lengths(minutes: Iterable[int], typed: object = None) -> list[tuple[int, str]]:
    """Lengths to choose from; what was typed is never dropped."""
    own = {int(str(typed))} if str(typed or "").isdecimal() and len(str(typed)) < 7 else set()
    return [(each, length_text(timedelta(minutes=each)) if each else _("없음")) for each in sorted({*minutes, *own})]


def _form(ruled: Ruled, typed: Mapping[str, Any], refusal: Refusal | None = None) -> ResponseReturnValue:
    errors = field_sentences(refusal) if refusal else {}
    page = render_template(
        "booking/keep_rules.html",
        unit=ruled.unit,
        seen=ruled.seen,
        typed=typed,
        errors=errors,
        message=sentence(refusal.code, refusal.params) if refusal and not errors else None,
        choices={name: lengths(each, typed.get(name)) for name, each in CHOICES.items()},
        audiences=list(AUDIENCE_WORDS.items()),
        approvals=list(APPROVAL_WORDS.items()),
    )
    return page, refusal.status if refusal else 200
