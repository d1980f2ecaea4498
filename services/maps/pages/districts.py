"""The 25 districts as a coloured map and as a table, and each on a page of its own."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_number
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.maps.details import open_calls, projects_where
from services.maps.district_boundaries import district_shapes
from services.maps.district_figures import FIGURES, DistrictFigures, district_figures
from services.maps.folium_map import choropleth, map_labels
from services.maps.models import FundedProject
from services.maps.schemas.queries import FigureQuery
from services.maps.search import SpaceFilter, find_spaces, summary
from services.maps.status import space_states
from services.maps.wording import FIGURES as LABELS
from shared.clock import now
from shared.districts import BY_CODE, DISTRICTS
from shared.identity.access import current_actor
from shared.identity.actor import Role
from shared.refusal import Refusal
from shared.web.errors import flat_messages
from shared.web.pages import database
from shared.web.wording import won

UNITS: dict[str, Callable[[Any], str]] = {
    "spaces": lambda value: _("%(n)s곳", n=format_number(value)),
    "reservations": lambda value: _("%(n)s건", n=format_number(value)),
    "projects": lambda value: _("%(n)s건", n=format_number(value)),
    "funding": lambda value: million_won(value),
}


def show() -> ResponseReturnValue:
    """One figure on the map, all of them in the table."""
    errors: dict[str, list[str]] = {}
    try:
        figure = FigureQuery().load(request.args.to_dict())["figure"]
    except ValidationError as error:
        errors, figure = flat_messages(error.normalized_messages()), FIGURES[0]
    moment = now()
    with database().read() as session:
        rows, total = district_figures(session, moment)
        shapes = district_shapes(session)
    schematic = any(feature["properties"]["schematic"] for feature in shapes["features"])
    drawn, legend = choropleth(
        shapes,
        {row.code: _value(row, figure) for row in rows},
        labels=map_labels(),
        label=str(LABELS[figure]),
        no_value=_("없음"),
        schematic=schematic,
        write=UNITS[figure],
        links={district.code: url_for("districts.one", code=district.code) for district in DISTRICTS},
    )
    page = render_template(
        "maps/districts.html",
        map=drawn,
        legend_items=legend,
        figure=figure,
        rows=rows,
        total=total,
        moment=moment,
        schematic=schematic,
        errors=errors,
        million_won=million_won,
        may_import=current_actor().has(Role.CITY_STAFF),
        operated=sum(row.mode not in (None, "none") for row in rows),
    )
    return page, 422 if errors else 200


def one(code: str) -> ResponseReturnValue:
    """One district: its figures, spaces, projects and calls."""
    if code not in BY_CODE:
        raise Refusal("not_found", 404)
    moment = now()
    page = request.args.get("page", 1, type=int)
    with database().read() as session:
        rows, _total = district_figures(session, moment)
        found = find_spaces(session, SpaceFilter(district=code), page, per_page=12)
        states = space_states(session, moment, [space.id for space in found.spaces])
        projects = projects_where(session, FundedProject.district == code)
        calls = open_calls(session, moment, code)
    return render_template(
        "maps/district.html",
        code=code,
        row=next(row for row in rows if row.code == code),
        found=found,
        summaries=[summary(space, states.get(space.id)) for space in found.spaces],
        projects=projects,
        calls=calls,
        moment=moment,
        million_won=million_won,
    )


def million_won(amount: int) -> str:
    """An amount of a budget as the city's report writes it: in millions, or in won when it is no whole million."""
    if amount and amount % 1_000_000:
        return won(amount)
    return _("%(amount)s백만 원", amount=format_number(amount // 1_000_000))


def _value(row: DistrictFigures, figure: str) -> int | None:
    """What is coloured; None where a district has no intermediary that could be funded."""
    if figure == "funding" and row.mode in (None, "none"):
        return None
    value: int = getattr(row, figure)
    return value
