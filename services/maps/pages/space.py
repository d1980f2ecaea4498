"""The page of one space."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.maps.details import space_details
from services.maps.models import Space
from services.maps.pages.units import part_names
from services.maps.search import is_reservable
from services.maps.space_editing import may_edit
from services.maps.wording import STAGES, date_text
from shared.bus.catalogue import STAGES as ORDER
from shared.clock import now
from shared.identity.access import current_actor
from shared.web.pages import database


def show(space_id: int) -> ResponseReturnValue:
    """What it is, how far along it is, what can be reserved in it and when it is taken."""
    with database().read() as session:
        details = space_details(session, now(), space_id)
    space = details.space
    return render_template(
        "maps/space.html",
        space=space,
        state=details.state,
        taken=details.taken,
        projects=details.projects,
        steps=stage_steps(space),
        reservable=[unit for unit in space.units if is_reservable(space, unit, details.ruled.get(unit.id))],
        ruled=details.ruled,
        parts=part_names(space),
        may_move=current_actor().runs_district(space.district),
        may_edit=may_edit(current_actor(), space),
    )


def stage_steps(space: Space) -> list[dict[str, str | None]]:
    """The life of a space for the timeline: what is on record behind it, where it is, what is to come.

    A stage that nobody recorded is left out: a published facility was open before it came here.
    """
    entered = {change.to_stage: change for change in space.stages}
    at = ORDER.index(space.stage)
    steps: list[dict[str, str | None]] = []
    for index, stage in enumerate(ORDER):
        if stage == "retired" and space.stage != "retired":
            continue
        change = entered.get(stage)
        if index < at and change is None:
            continue
        steps.append(
            {
                "label": str(STAGES[stage]),
                "state": "current" if index == at else "done" if index < at else "next",
                "date": date_text(change.at, space.zone) if change and index <= at else None,
                "note": change.note if change and index <= at else None,
            }
        )
    return steps
