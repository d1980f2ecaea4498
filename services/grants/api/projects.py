"""Funded projects and figures: /api/projects, /api/districts/figures."""

from typing import Any

from flask.views import MethodView

from services.grants import projects
from services.grants.schemas.projects import FiguresSchema, PaidSchema, ProjectList, ProjectQuery, WholeSchema
from shared import clock
from shared.identity.access import ANYONE, allow
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-projects", __name__, url_prefix="/api/projects", description="Funded projects")
districts = Blueprint("api-districts", __name__, url_prefix="/api/districts", description="Figures of the districts")


@blueprint.route("")
class Register(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(ProjectQuery, location="query")
    @blueprint.response(200, ProjectList)
    def get(self, query: dict[str, Any]) -> projects.Listing:
        """The register, the newest decision first unless sorted otherwise, 50 a page"""
        with database().read() as session:
            return projects.find(session, query["wanted"], clock.now(), page=query["page"])


@blueprint.route("/<int:project_id>")
class Project(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, WholeSchema)
    def get(self, project_id: int) -> dict[str, Any]:
        """One project with its payments and what came of it"""
        with database().read() as session:
            whole = projects.one(session, project_id, clock.now())
        names = tuple(PaidSchema().fields)
        tranches = [dict(zip(names, paid, strict=True)) for paid in whole.tranches]
        return {**vars(whole), "tranches": tranches}


@districts.route("/figures")
class Figures(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, FiguresSchema(many=True))
    def get(self) -> list[projects.Figures]:
        """Calls, projects and awards of each of the 25 districts"""
        with database().read() as session:
            return projects.figures(session)
