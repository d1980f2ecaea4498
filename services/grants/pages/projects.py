"""The public register of funded projects: list, one project, map, and the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from services.grants import giving, projects
from services.grants.models import Project
from services.grants.pages.reading import pages_of
from services.grants.pages.words import programme_choices, strand, told, won
from services.grants.policy import city_date
from services.grants.programmes.labels import strand_words
from services.grants.project_search import SORTS, STATUSES, Wanted
from services.grants.projects import Entry
from services.grants.schemas.projects import ProjectQuery
from services.grants.wording.register import SORT_WORDS, STATUS_WORDS
from shared import clock
from shared.districts import BY_CODE, name_of
from shared.export import XLSX, Sheet, csv_lines, xlsx
from shared.refusal import Refusal
from shared.web.city_map import map_labels, project_map, schematic_shapes
from shared.web.errors import field_sentences, refusal_of_validation
from shared.web.navigation import service_url
from shared.web.pages import database

FILTERS = ("q", "district", "strand", "programme", "year", "status", "least_won", "most_won", "sort")
GIVING = "application/json"
ON_MAP = 2_000
"""The most projects that one map draws; who looks for more is asked to look for less."""


def index() -> ResponseReturnValue:
    """What was funded, where, and how far it is."""
    page, wanted, errors = _asked()
    with database().read() as session:
        found = projects.find(session, wanted, clock.now(), page=page)
        years = projects.years(session)
    html = render_template(
        "grants/projects.html",
        found=found,
        page=page,
        pages=pages_of(found.total, projects.PAGE_SIZE),
        **_filter(years, errors),
    )
    return html, 422 if errors else 200


def on_map() -> ResponseReturnValue:
    """The same on a map, and the same as a list beside it."""
    page, wanted, errors = _asked()
    with database().read() as session:
        found = projects.find(session, wanted, clock.now(), page=page)
        years = projects.years(session)
        points = projects.on_map(session, wanted, ON_MAP)
    for point in points:
        for each in point["projects"]:
            each["awarded"] = won(each["awarded_won"])
            each["url"] = service_url("grants", f"/projects/{each['id']}")
    shown = sum(len(point["projects"]) for point in points)
    html = render_template(
        "grants/projects_map.html",
        map=project_map(schematic_shapes(), points, labels=map_labels()),
        found=found,
        shown=shown,
        page=page,
        pages=pages_of(found.total, projects.PAGE_SIZE),
        **_filter(years, errors),
    )
    return html, 422 if errors else 200


def show(project_id: int) -> ResponseReturnValue:
    """One project: what, who, where, how much, and what came of it."""
    with database().read() as session:
        whole = projects.one(session, project_id, clock.now())
    point = _point(whole.entry.project)
    return render_template(
        "grants/project.html",
        whole=whole,
        entry=whole.entry,
        project=whole.entry.project,
        map=project_map(schematic_shapes(), [point], labels=map_labels(), name="project"),
    )


def export_csv() -> ResponseReturnValue:
    """The register as csv, written while it is read."""
    wanted = _strict()
    return Response(csv_lines(_header(), _lines(wanted)), mimetype="text/csv", headers=_named(wanted, "csv"))


def export_xlsx() -> ResponseReturnValue:
    """The register as a spreadsheet."""
    wanted = _strict()
    book = xlsx([Sheet(_("선정 사업"), _header(), _lines(wanted))])
    return Response(book, mimetype=XLSX, headers=_named(wanted, "xlsx"))


def giving_all() -> ResponseReturnValue:
    """The register as 360Giving JSON, written while it is read."""
    wanted = _strict()
    with database().read() as session:
        if not projects.any_of(session, wanted):
            raise Refusal("register_empty", 404)
    pieces = giving.document(database(), wanted, clock.now(), base=_base(), describe=_describe(), **_about())
    return Response(pieces, mimetype=GIVING, headers=_named(wanted, "360giving.json"))


def giving_one(project_id: int) -> ResponseReturnValue:
    """One project as 360Giving JSON."""
    describe = _describe()
    with database().read() as session:
        file = giving.of_project(session, project_id, clock.now(), base=_base(), describe=describe, **_about())
    return jsonify(file)


def _asked() -> tuple[int, Wanted, dict[str, list[str]]]:
    """What the address asks for; what of it can't be read is told and left out."""
    given = {name: value for name in (*FILTERS, "page") if (value := request.args.get(name, "").strip())}
    try:
        query, errors = ProjectQuery().load(given), {}
    except ValidationError as error:
        errors = field_sentences(refusal_of_validation(error))
        query = ProjectQuery().load({name: value for name, value in given.items() if name not in errors})
    return query["page"], query["wanted"], errors


def _strict() -> Wanted:
    """For a file: a filter that can't be read is refused, or the file would hold more than somebody asked for."""
    _page, wanted, errors = _asked()
    if errors:
        raise Refusal("invalid_input", 422, fields=errors)
    return wanted


def _filter(years: list[int], errors: dict[str, list[str]]) -> dict[str, Any]:
    kept = {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}
    return {
        "typed": request.args,
        "kept": kept,
        "errors": errors,
        "years": [(year, _("%(year)s년", year=year)) for year in years],
        "strands": _strands(),
        "programmes": programme_choices(),
        "statuses": [(key, str(STATUS_WORDS[key])) for key in STATUSES],
        "sorts": [(key, str(SORT_WORDS[key])) for key in SORTS],
    }


def _strands() -> list[tuple[str, str]]:
    strand("")  # has all of them read, once a request
    return [(key, told(label)) for key, label in g.strand_words.items()]


def _header() -> tuple[str, ...]:
    return (
        _("번호"),
        _("자치구"),
        _("동"),
        _("사업명"),
        _("모임·단체"),
        _("사업"),
        _("분야"),
        _("상태"),
        _("선정 금액(원)"),
        _("지금 약정한 금액(원)"),
        _("교부한 금액(원)"),
        _("반납한 금액(원)"),
        _("결정일"),
        _("위도"),
        _("경도"),
    )


def _lines(wanted: Wanted) -> Iterator[tuple[object, ...]]:
    """The rows of a file. What they need of this request is taken from it now: they may be read after it."""
    source, now, language = database(), clock.now(), str(get_locale() or "ko")
    with source.look() as session:
        strands = strand_words(session)

    def lines() -> Iterator[tuple[object, ...]]:
        for entries in projects.batches(source, wanted, now):
            for each in entries:
                project = each.project
                yield (
                    project.id,
                    BY_CODE[project.district].name,
                    each.dong,
                    project.title,
                    project.group_name,
                    each.programme.in_language(language),
                    strands[project.strand].in_language(language) if project.strand in strands else project.strand,
                    each.state.public.in_language(language),
                    project.awarded_won,
                    each.money.committed_won,
                    each.money.paid_won,
                    each.money.returned_won,
                    city_date(project.decided_at).isoformat(),
                    project.latitude,
                    project.longitude,
                )

    return lines()


def _named(wanted: Wanted, ending: str) -> dict[str, str]:
    place = f"-{wanted.district}" if wanted.district else ""
    return {"Content-Disposition": f'attachment; filename="maru-projects{place}.{ending}"'}


def _point(project: Project) -> dict[str, Any]:
    there = project.latitude is not None and project.longitude is not None
    latitude, longitude = (project.latitude, project.longitude) if there else BY_CODE[project.district].office
    one = {
        "title": project.title,
        "group_name": project.group_name,
        "awarded": won(project.awarded_won),
        "url": None,
    }
    return {
        "district": project.district,
        "latitude": latitude,
        "longitude": longitude,
        "whole_district": not there,
        "projects": [one],
    }


def _base() -> str:
    """The address of grants that everyone reaches."""
    settings = current_app.extensions["maru.settings"]
    return (settings.public_url or request.host_url.rstrip("/")) + service_url("grants", "")


def _about() -> dict[str, str]:
    return {
        "title": _("마을마루 선정 사업"),
        "about": _("서울시와 자치구가 공모로 지원한 마을 사업의 선정, 교부, 반납 내역입니다."),
    }


def _describe() -> Callable[[Entry, str], str]:
    """A project in a sentence or two: its strand and programme, and what came of it. As with `_lines`, nothing is asked
    of the request later."""
    language = str(get_locale() or "ko")
    sentence = _("%(district)s에서 %(group)s이(가) 하는 %(strand)s 사업입니다. %(programme)s, %(day)s 선정.")
    with database().look() as session:
        strands = strand_words(session)

    def describe(entry: Entry, outcome: str) -> str:
        found = strands.get(entry.project.strand)
        said = sentence % {
            "district": name_of(entry.project.district, language),
            "group": entry.project.group_name,
            "strand": found.in_language(language) if found else entry.project.strand,
            "programme": entry.programme.in_language(language),
            "day": city_date(entry.project.decided_at).isoformat(),
        }
        return f"{said} {outcome}".strip()

    return describe
