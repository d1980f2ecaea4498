"""Groups: /api/groups."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.grants import group_members, groups
from services.grants.schemas.applying import (
    GroupAnswer,
    GroupLine,
    GroupRequest,
    JoinRequest,
    KeyHeader,
    MemberAnswer,
    MemberRequest,
)
from shared.clock import now
from shared.identity.access import SIGNED_IN, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-groups", __name__, url_prefix="/api/groups", description="Groups that apply")


@blueprint.route("")
class Groups(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, GroupLine(many=True))
    def get(self) -> list[dict[str, Any]]:
        """The groups that I belong to"""
        with database().read() as session:
            mine = groups.mine(session, current_actor())
        return [
            {"id": each.id, "name": each.name, "district": each.district, "kind": each.kind, "role": role}
            for each, role in mine
        ]

    @allow(SIGNED_IN)
    @blueprint.arguments(KeyHeader, location="headers")
    @blueprint.arguments(GroupRequest)
    @blueprint.response(201, GroupAnswer)
    def post(self, headers: dict[str, str], details: groups.Details) -> dict[str, Any]:
        """Make a group, which I lead"""
        made = groups.make(database(), current_actor(), now(), details, key=headers["idempotency_key"])
        return _shown(made.id)


@blueprint.route("/join")
class Joining(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(JoinRequest)
    @blueprint.response(200, GroupAnswer)
    def post(self, wanted: dict[str, str]) -> dict[str, Any]:
        """Join by an invitation's code"""
        return _shown(group_members.join(database(), current_actor(), now(), wanted["code"]).id)


@blueprint.route("/<int:group_id>")
class OneGroup(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(200, GroupAnswer)
    def get(self, group_id: int) -> dict[str, Any]:
        """A group with its people: of mine, or one that applied in my district"""
        return _shown(group_id)

    @allow(SIGNED_IN)
    @blueprint.arguments(GroupRequest)
    @blueprint.response(200, GroupAnswer)
    def put(self, details: groups.Details, group_id: int) -> dict[str, Any]:
        """Change what a group that I lead says of itself"""
        groups.change(database(), current_actor(), now(), group_id, details)
        return _shown(group_id)


@blueprint.route("/<int:group_id>/membership")
class Membership(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(204)
    def delete(self, group_id: int) -> None:
        """Leave a group"""
        group_members.leave(database(), current_actor(), now(), group_id)


@blueprint.route("/<int:group_id>/members")
class Members(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(MemberRequest)
    @blueprint.response(201, MemberAnswer)
    def post(self, details: group_members.Details, group_id: int) -> Any:
        """Name somebody of a group that I lead; the same person again is the same one"""
        return group_members.add(database(), current_actor(), now(), group_id, details)


@blueprint.route("/<int:group_id>/members/<int:member_id>")
class OneMember(MethodView):
    @allow(SIGNED_IN)
    @blueprint.arguments(MemberRequest)
    @blueprint.response(200, MemberAnswer)
    def put(self, details: group_members.Details, group_id: int, member_id: int) -> Any:
        """Change what is known of somebody: of me, or of anybody in a group that I lead"""
        return group_members.change(database(), current_actor(), now(), group_id, member_id, details)

    @allow(SIGNED_IN)
    @blueprint.response(204)
    def delete(self, group_id: int, member_id: int) -> None:
        """Take somebody else out of a group that I lead"""
        group_members.dismiss(database(), current_actor(), now(), group_id, member_id)


@blueprint.route("/<int:group_id>/members/<int:member_id>/leader")
class Leader(MethodView):
    @allow(SIGNED_IN)
    @blueprint.response(204)
    def put(self, group_id: int, member_id: int) -> None:
        """Make somebody a leader too"""
        group_members.appoint(database(), current_actor(), now(), group_id, member_id)


def _shown(group_id: int) -> dict[str, Any]:
    view = groups.read(database(), current_actor(), now(), group_id)
    columns = {column.key: getattr(view.group, column.key) for column in view.group.__table__.columns}
    hidden = {} if view.leads else {"invite_code": None}
    return {**columns, **hidden, "members": view.members, "projects": view.projects}
