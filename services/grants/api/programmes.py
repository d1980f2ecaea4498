"""Programmes and their versions: /api/programmes."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from services.grants.callers import STAFF
from services.grants.models import Programme, ProgrammeVersion
from services.grants.programmes import building, reading, rules_of
from services.grants.programmes.checking import problems_of
from services.grants.rules.definition import Words
from services.grants.schemas.applying import KeyHeader
from services.grants.schemas.programmes import (
    CopyRequest,
    OneProgrammeSchema,
    ProgrammeList,
    ProgrammeQuery,
    ReleaseRequest,
    RetireRequest,
    RulesRequest,
    RulesSchema,
)
from shared import clock
from shared.identity.access import ANYONE, allow, current_actor
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint(
    "api-programmes",
    __name__,
    url_prefix="/api/programmes",
    description="Programmes: the rules that calls run, as data",
)


@blueprint.route("")
class Programmes(MethodView):
    @allow(ANYONE)
    @blueprint.arguments(ProgrammeQuery, location="query")
    @blueprint.response(200, ProgrammeList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Programmes, the city's first, 50 a page"""
        with database().read() as session:
            found, total = reading.listed(
                session,
                current_actor(),
                district=query["district"],
                offset=(query["page"] - 1) * reading.PAGE_SIZE,
            )
        return {"programmes": [_programme(each.programme, each.version) for each in found], "total": total}

    @allow(STAFF)
    @blueprint.arguments(KeyHeader, location="headers")
    @blueprint.arguments(CopyRequest)
    @blueprint.response(201, RulesSchema)
    def post(self, headers: dict[str, str], asked: dict[str, Any]) -> dict[str, Any]:
        """Copy a version into a programme of one's own; the same Idempotency-Key makes one"""
        made = building.copy(
            database(),
            current_actor(),
            clock.now(),
            version_id=asked["version_id"],
            district=asked["district"],
            name=Words(asked["name"], asked["name_en"]),
            key=headers["idempotency_key"],
        )
        return _version(made)


@blueprint.route("/<int:programme_id>")
class OneProgramme(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, OneProgrammeSchema)
    def get(self, programme_id: int) -> dict[str, Any]:
        """A programme with its versions"""
        with database().read() as session:
            found = reading.shown(session, current_actor(), programme_id)
        return _programme(found.programme, found.versions[0]) | {"versions": found.versions}

    @allow(STAFF)
    @blueprint.arguments(RetireRequest)
    @blueprint.response(204)
    def patch(self, asked: dict[str, Any], programme_id: int) -> None:
        """Give a programme up for new calls, or take it up again"""
        building.retire(database(), current_actor(), clock.now(), programme_id=programme_id, back=not asked["retired"])


@blueprint.route("/<int:programme_id>/versions")
class Versions(MethodView):
    @allow(STAFF)
    @blueprint.response(201, RulesSchema)
    def post(self, programme_id: int) -> dict[str, Any]:
        """The draft of the next version; the one that is there already"""
        return _version(building.next_version(database(), current_actor(), clock.now(), programme_id=programme_id))


@blueprint.route("/<int:programme_id>/versions/<int:number>")
class OneVersion(MethodView):
    @allow(ANYONE)
    @blueprint.response(200, RulesSchema)
    def get(self, programme_id: int, number: int) -> dict[str, Any]:
        """A version with its rules"""
        return _version(_found(programme_id, number))

    @allow(STAFF)
    @blueprint.arguments(RulesRequest)
    @blueprint.response(200, RulesSchema)
    def put(self, asked: dict[str, Any], programme_id: int, number: int) -> dict[str, Any]:
        """Replace the rules of a version that nobody applied under yet"""
        changed = building.change(
            database(),
            current_actor(),
            clock.now(),
            version_id=_found(programme_id, number).id,
            seen=asked["seen"],
            document=asked["definition"],
        )
        return _version(changed)


@blueprint.route("/<int:programme_id>/versions/<int:number>/release")
class Release(MethodView):
    @allow(STAFF)
    @blueprint.arguments(ReleaseRequest)
    @blueprint.response(200, RulesSchema)
    def post(self, asked: dict[str, Any], programme_id: int, number: int) -> dict[str, Any]:
        """Let calls run a version"""
        version_id = _found(programme_id, number).id
        released = building.release(database(), current_actor(), clock.now(), version_id=version_id, **asked)
        return _version(released)


def _found(programme_id: int, number: int) -> ProgrammeVersion:
    with database().read() as session:
        return reading.shown(session, current_actor(), programme_id, number).version


def _programme(programme: Programme, version: ProgrammeVersion) -> dict[str, Any]:
    columns = {column.key: getattr(programme, column.key) for column in Programme.__table__.columns}
    return columns | {"label": version.definition["label"], "version": version.number}


def _version(version: ProgrammeVersion) -> dict[str, Any]:
    columns = {column.key: getattr(version, column.key) for column in ProgrammeVersion.__table__.columns}
    problems = [
        {"path": each.path, "code": each.code, "blocks": each.blocks} for each in problems_of(rules_of(version))
    ]
    return columns | {"problems": problems}
