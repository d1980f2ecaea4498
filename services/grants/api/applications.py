"""One's own applications: /api/applications."""

from typing import Any

from flask.views import MethodView

from services.grants import applications
from services.grants.api.calls import shown_application
from services.grants.schemas.calls import ApplicationSchema
from shared import clock
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-applications", __name__, url_prefix="/api/applications", description="My applications")


@blueprint.route("")
class Mine(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, ApplicationSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """My applications, the newest first"""
        now = clock.now()
        with database().read() as session:
            return [shown_application(each, each.call, now) for each in applications.mine(session, current_actor())]
