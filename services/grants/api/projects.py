"""Funded projects and figures: /api/projects, /api/districts/figures."""

from typing import Any

from flask.views import MethodView

from services.grants import projects
from services.grants.schemas.projects import FiguresSchema, ProjectList, ProjectQuery
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
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """The register, the newest decision first, 50 a page"""
        with database().read() as session:
            found, total, awarded_won = projects.listed(
                session, district=query["district"], offset=(query["page"] - 1) * projects.PAGE_SIZE
            )
            return {"projects": found, "total": total, "awarded_won": awarded_won}


@districts.route("/figures")
class Figures(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, FiguresSchema(many=True))
    def get(self) -> list[projects.Figures]:
        """Calls, projects and awards of each of the 25 districts"""
        with database().read() as session:
            return projects.figures(session)
