"""Groups as JSON: make, join, leave; their standing with staff and spaces."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.booking import group_standing, groups
from services.booking.managing import KEEPERS
from services.booking.schemas.equipment import (
    GroupAnswer,
    GroupRequest,
    GroupsAnswer,
    JoinRequest,
    KindRequest,
    TrustedAnswer,
    TrustRequest,
)
from shared.clock import now
from shared.identity.access import SIGNED_IN, allow, current_actor, roles
from shared.identity.actor import Role
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-groups", __name__, url_prefix="/api/groups", description="My groups: make, join, leave")
trusting = Blueprint("api-trust", __name__, url_prefix="/api/spaces", description="The groups that a space trusts")
STAFF = roles(Role.DISTRICT_STAFF, Role.CITY_STAFF)


@blueprint.route("")
class Groups(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, GroupsAnswer)
    def get(self) -> Any:
        """The groups that I belong to."""
        return {"groups": groups.mine(database(), current_actor())}

    @allow(SIGNED_IN)
    @blueprint.arguments(GroupRequest)
    @blueprint.response(201, GroupAnswer)
    def post(self, wanted: dict[str, Any]) -> Any:
        """Make a group; I lead it."""
        made = groups.make(database(), current_actor(), now(), **wanted)
        return groups.read(database(), current_actor(), made.id)


@blueprint.route("/join")
class Joining(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(JoinRequest)
    @blueprint.response(200, GroupAnswer)
    def post(self, wanted: dict[str, Any]) -> Any:
        """Join by an invitation code."""
        joined = groups.join(database(), current_actor(), now(), wanted["code"])
        return groups.read(database(), current_actor(), joined.id)


@blueprint.route("/<int:group_id>")
class OneGroup(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, GroupAnswer)
    def get(self, group_id: int) -> Any:
        """A group of mine with its members."""
        return groups.read(database(), current_actor(), group_id)

    @allow(SIGNED_IN)
    @blueprint.arguments(GroupRequest)
    @blueprint.response(200, GroupAnswer)
    def put(self, wanted: dict[str, Any], group_id: int) -> Any:
        """Rename a group that I lead, or ask for another kind."""
        groups.change(database(), current_actor(), now(), group_id, **wanted)
        return groups.read(database(), current_actor(), group_id)


@blueprint.route("/<int:group_id>/membership")
class MyMembership(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(204)
    def delete(self, group_id: int) -> None:
        """Leave a group."""
        groups.leave(database(), current_actor(), now(), group_id)


@blueprint.route("/<int:group_id>/kind")
class Kind(MethodView):
    @allow(STAFF)
    @blueprint.arguments(KindRequest)
    @blueprint.response(204)
    def put(self, wanted: dict[str, Any], group_id: int) -> None:
        """Confirm what kind of group it is."""
        group_standing.confirm_kind(database(), current_actor(), now(), group_id, wanted["kind"])


@trusting.route("/<int:space_id>/trusted-groups")
class TrustedGroups(MethodView):
    @allow(KEEPERS)
    @trusting.response(200, TrustedAnswer)
    def get(self, space_id: int) -> Any:
        """The groups that need no approval, and others that have reserved here."""
        return group_standing.trusted(database(), current_actor(), space_id)

    @allow(KEEPERS)
    @trusting.arguments(TrustRequest)
    @trusting.response(200, TrustedAnswer)
    def post(self, wanted: dict[str, Any], space_id: int) -> Any:
        """Trust a group that has reserved here, or one by its invitation code."""
        group_standing.trust(database(), current_actor(), now(), space_id, **wanted)
        return group_standing.trusted(database(), current_actor(), space_id)


@trusting.route("/<int:space_id>/trusted-groups/<int:group_id>")
class TrustedGroup(MethodView):
    @allow(KEEPERS)
    @trusting.response(204)
    def delete(self, space_id: int, group_id: int) -> None:
        """Ask a group for approval again."""
        group_standing.distrust(database(), current_actor(), now(), space_id, group_id)
