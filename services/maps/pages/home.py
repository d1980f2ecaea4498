"""The first page: the map of Seoul, and beside it the same spaces as a list."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from marshmallow import ValidationError

from services.maps.district_boundaries import district_shapes
from services.maps.folium_map import map_labels, space_map
from services.maps.layers import project_points, space_rows
from services.maps.schemas.queries import SpaceQuery
from services.maps.search import find_spaces, summary
from services.maps.status import space_states
from services.maps.wording import ACCESSIBILITY, KINDS, STAGES, STATES
from shared.clock import now
from shared.districts import DISTRICTS, name_of
from shared.web.errors import flat_messages
from shared.web.navigation import service_url
from shared.web.pages import database
from shared.web.wording import won


def show() -> ResponseReturnValue:
    """What is wanted, on the map and in the list."""
    errors: dict[str, list[str]] = {}
    try:
        query = SpaceQuery().load({**request.args.to_dict(), "access": request.args.getlist("access")})
    except ValidationError as error:
        errors = flat_messages(error.normalized_messages())
        query = SpaceQuery().load({})
    wanted = query["wanted"]
    with database().read() as session:
        found = find_spaces(session, wanted, query["page"])
        states = space_states(session, now())
        shapes = district_shapes(session)
        spaces = space_rows(session, wanted)
        projects = project_points(session, wanted.district)
    schematic = any(feature["properties"]["schematic"] for feature in shapes["features"])
    figure = space_map(
        shapes,
        [_on_map(row, states) for row in spaces],
        [_projects_on_map(point) for point in projects],
        labels=map_labels(),
        states=STATES,
        schematic=schematic,
        status_url=service_url("maps", "/api/map/status"),
    )
    page = render_template(
        "maps/home.html",
        map=figure,
        schematic=schematic,
        found=found,
        summaries=[summary(space, states.get(space.id)) for space in found.spaces],
        projects=sum(len(point["projects"]) for point in projects),
        wanted=wanted,
        typed=request.args,
        accessibility=list(ACCESSIBILITY.items()),
        errors=errors,
        districts=[(district.code, name_of(district.code, get_locale())) for district in DISTRICTS],
    )
    return page, 422 if errors else 200


def _on_map(row: Mapping[str, Any], states: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    state = states[row["space_id"]]
    instants = {name: state[name].isoformat() if state[name] else None for name in ("next_start", "free_at")}
    return {
        **row,
        **state,
        **instants,
        "kind_label": str(KINDS[row["kind"]]),
        "stage_label": str(STAGES[row["stage"]]),
        "url": url_for("space.show", space_id=row["space_id"]),
    }


def _projects_on_map(point: Mapping[str, Any]) -> dict[str, Any]:
    """A project is told of at its space, else among its district's."""
    of_district = url_for("districts.one", code=point["district"])
    projects = [
        {
            **project,
            "awarded": won(project["awarded_won"]),
            "url": f"{url_for('space.show', space_id=project['space_id'])}#projects"
            if project["space_id"] is not None
            else f"{of_district}#projects",
        }
        for project in point["projects"]
    ]
    return {**point, "projects": projects}
