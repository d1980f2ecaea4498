"""My messages, and what booking knows of me, as JSON."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.booking import inbox, people
from services.booking.schemas.people import (
    InboxAnswer,
    MeAnswer,
    MeRequest,
    MessageAnswer,
    MessagesQuery,
    ReadAnswer,
)
from shared.clock import now
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

messages = Blueprint("api-messages", __name__, url_prefix="/api/messages", description="What I was told")
me = Blueprint("api-me", __name__, url_prefix="/api/me", description="What booking knows of me")


@messages.route("")
class Messages(MethodView):
    @allow(SIGNED_IN)
    @messages.arguments(MessagesQuery, location="query")
    @messages.response(200, InboxAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """One page of my messages."""
        return inbox.inbox(database(), current_actor(), query["page"])


@messages.route("/read")
class AllRead(MethodView):
    @allow(SIGNED_IN)
    @messages.response(200, ReadAnswer)
    def post(self) -> Any:
        """Mark all as read."""
        return {"read": inbox.read_all(database(), current_actor(), now())}


@messages.route("/<int:message_id>/read")
class OneRead(MethodView):
    @allow(SIGNED_IN)
    @messages.response(200, MessageAnswer)
    def post(self, message_id: int) -> Any:
        """Mark one as read."""
        return inbox.read(database(), current_actor(), now(), message_id)


@me.route("")
class Me(MethodView):
    @allow(SIGNED_IN)
    @me.response(200, MeAnswer)
    def get(self) -> Any:
        """How to reach me, in which language, and where I live."""
        return people.about_me(database(), current_actor())

    @allow(SIGNED_IN)
    @me.arguments(MeRequest)
    @me.response(200, MeAnswer)
    def put(self, told: dict[str, Any]) -> Any:
        """Say it anew, as a whole."""
        return people.tell_about_me(database(), current_actor(), now(), **told)
