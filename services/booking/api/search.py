"""The search and the day's timeline as JSON. Both are asked often and answer much, so they write their JSON themselves:
a schema would take longer over twenty hits than the database needs to find them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from services.booking.schemas.search import SearchAnswer, SearchQuery, TimelineAnswer, TimelineQuery, as_search
from services.booking.search import find, nearest, timeline, unmet
from services.booking.search.terms import SEOUL, Hit
from shared.clock import now
from shared.identity.access import ANYONE, allow
from shared.web.api import Blueprint
from shared.web.pages import database

blueprint = Blueprint("api-search", __name__, url_prefix="/api", description="What is free, and the day of many units")


def parameters_of(schema: type[Schema]) -> list[dict[str, Any]]:
    """A query's fields as OpenAPI parameters."""
    kinds = {fields.Integer: "integer", fields.List: "array"}
    return [
        {
            "in": "query",
            "name": name,
            "required": field.required,
            "description": field.metadata.get("description", ""),
            "schema": {"type": kinds.get(type(field), "string")},
        }
        for name, field in schema().fields.items()
    ]


@lru_cache(maxsize=4096)
def _asked(schema: type[Schema], query: bytes) -> Mapping[str, Any]:
    """The parameters of an address, loaded once: what is asked is mostly asked again. Raises ValidationError."""
    return dict(_made(schema).load(MultiDict(parse_qsl(query.decode("utf-8", "replace")))))


@cache
def _made(schema: type[Schema]) -> Schema:
    """One for all requests: making one takes longer than loading by it."""
    return schema()


@blueprint.route("/search")
class SearchView(MethodView):
    @allow(ANYONE)
    @blueprint.doc(parameters=parameters_of(SearchQuery))
    @blueprint.response(200, SearchAnswer)
    def get(self) -> Response:
        """What is free. Without a time: what there is. Times are local to the space; `starts` are instants."""
        moment = now()
        asked = _asked(SearchQuery, request.query_string)
        wanted = as_search(asked, moment.astimezone(SEOUL).date())
        found = find(database(), moment, wanted)
        told = {
            "hits": _hits(found.hits),
            "page": found.page,
            "more": found.more,
            "total": found.total,
            "minutes": wanted.minutes,
        }
        if not found.hits and wanted.page == 1:
            unmet.note(database(), moment, wanted, visit="")
            wider = nearest(database(), moment, wanted)
            told["nearest"] = [{"given_up": what, "hits": _hits(hits)} for what, _search, hits in wider]
        return _json(json.dumps(told, ensure_ascii=False))


@blueprint.route("/timeline")
class TimelineView(MethodView):
    @allow(ANYONE)
    @blueprint.doc(parameters=parameters_of(TimelineQuery))
    @blueprint.response(200, TimelineAnswer)
    def get(self) -> Response:
        """A day of many units: when each is open, when it is taken. Nobody's name is in it."""
        asked = _asked(TimelineQuery, request.query_string)
        return _json(timeline.of_day(database(), asked["day"], asked["district"], asked["space_id"]))


def _hits(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    return [
        {
            "unit_id": hit.unit_id,
            "name": hit.name,
            "space_id": hit.space_id,
            "space": hit.space_name,
            "district": hit.district,
            "capacity": hit.capacity,
            "latitude": hit.latitude,
            "longitude": hit.longitude,
            "meters": hit.meters,
            "won": hit.won,
            "starts": [start.isoformat() for start in hit.starts],
        }
        for hit in hits
    ]


def _json(body: str) -> Response:
    return Response(body, mimetype="application/json")
