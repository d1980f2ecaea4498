"""Attached files: /api/files."""

from flask import Response
from flask.views import MethodView

from services.grants import files
from services.grants.models import Attachment
from services.grants.pages.files import served
from services.grants.readers import READERS
from services.grants.schemas.files import FileSchema
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-files", __name__, url_prefix="/api/files", description="Attached files")


@blueprint.route("/<int:attachment_id>")
class File(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, FileSchema)
    def get(self, attachment_id: int) -> Attachment:
        """What is known of a file"""
        with database().read() as session:
            return files.look(session, current_actor(), attachment_id, READERS)[0]


@blueprint.route("/<int:attachment_id>/content")
class Content(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
    def get(self, attachment_id: int) -> Response:
        """The file itself, with the type that was found in it; who read another side's is recorded"""
        return served(attachment_id)
