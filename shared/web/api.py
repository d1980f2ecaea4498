"""The JSON API of a service: flask-smorest with our one error form, and a page that shows it without a script."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask, render_template
from flask_smorest import Api
from webargs.flaskparser import FlaskParser

from shared.identity.access import ANYONE, allow
from shared.refusal import Refusal

MOST_DEEP = 64
"""The deepest that a JSON body may be nested."""

# Made from a mapping because the form has a member called "fields", which a schema's class body cannot say.
ErrorSchema = ma.Schema.from_dict(
    {
        "status": ma.fields.Integer(metadata={"description": "HTTP status"}),
        "code": ma.fields.String(metadata={"description": "stable code of the refusal"}),
        "message": ma.fields.String(metadata={"description": "a sentence for people, in the language of the request"}),
        "fields": ma.fields.Dict(
            keys=ma.fields.String(),
            values=ma.fields.List(ma.fields.String()),
            metadata={"description": "what is wrong with each field"},
        ),
    },
    name="Error",
)


class _Parser(FlaskParser):
    """webargs that makes each schema once instead of for every request (a sixth of a small request's time)."""

    _once = staticmethod(lru_cache(maxsize=None)(lambda schema: schema()))

    def _get_schema(self, argmap: Any, req: Any) -> ma.Schema:
        if isinstance(argmap, type):
            return self._once(argmap)
        return super()._get_schema(argmap, req)

    def _raw_load_json(self, req: Any) -> Any:
        """Raises Refusal bad_request for what is nested deeper than anything here can be: it could be read, but at the
        next step it would exhaust the stack."""
        try:
            found = super()._raw_load_json(req)
        except RecursionError as error:
            raise Refusal("bad_request", 400) from error
        data = req.get_data(cache=True)
        if data.count(b"[") + data.count(b"{") > MOST_DEEP and _too_deep(found):
            raise Refusal("bad_request", 400)
        return found


def _too_deep(found: Any) -> bool:
    level = [found]
    for _ in range(MOST_DEEP):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


class Blueprint(flask_smorest.Blueprint):
    """What each module of an `api/` makes: flask-smorest's, with the parser above."""

    ARGUMENTS_PARSER = _Parser()


class MaruApi(Api):
    """flask-smorest that leaves errors to `shared.web.errors`."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        return


def serve_api(app: Flask, title: str, prefix: str, blueprints: Iterable[Blueprint]) -> None:
    """Register the blueprints below /api, their OpenAPI at /api/openapi.json and the readable page at /api."""
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"servers": [{"url": prefix}]} if prefix else {},
    )
    api = MaruApi(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api-docs."):
            app.view_functions[endpoint] = allow(ANYONE)(lambda *args, _view=view, **kw: _view(*args, **kw))

    @allow(ANYONE)
    def show() -> str:
        return render_template("maru/api.html", title=title, operations=list(_operations(api.spec.to_dict())))

    app.add_url_rule("/api", "api.show", show)


def _operations(spec: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """One flat record per operation, with the schemas that it takes and gives resolved to field lists."""
    schemas = spec.get("components", {}).get("schemas", {})
    server = spec.get("servers", [{}])[0].get("url", "")
    for path, item in spec.get("paths", {}).items():
        for method, operation in item.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            content = operation.get("requestBody", {}).get("content", {})
            yield {
                "method": method.upper(),
                "path": server + path,
                "summary": operation.get("summary", ""),
                "description": operation.get("description", ""),
                "parameters": [*item.get("parameters", []), *operation.get("parameters", [])],
                "takes": _fields(content, schemas),
                "gives": {
                    status: _fields(response.get("content", {}), schemas)
                    for status, response in operation.get("responses", {}).items()
                    if status != "default" and isinstance(response, dict)
                },
            }


def _fields(content: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = content.get("application/json", {}).get("schema", {})
    schema = schema.get("items", schema)
    found = schemas.get(str(schema.get("$ref", "")).rpartition("/")[2], schema)
    required = found.get("required", [])
    return [
        {
            "name": name,
            "type": _type(field),
            "required": name in required,
            "description": field.get("description", ""),
        }
        for name, field in found.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    kind = field.get("type") or str(field.get("$ref", "")).rpartition("/")[2] or "object"
    if isinstance(kind, list):
        kind = " | ".join(kind)
    if kind == "array":
        return f"[{_type(field.get('items', {}))}]"
    return f"{kind} ({field['format']})" if field.get("format") else kind
